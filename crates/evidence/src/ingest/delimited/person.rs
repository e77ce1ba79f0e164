//! Which columns hold person data, told by their names or, without names, by
//! what stands in them.
//!
//! One such column proves little: `name` may be a network's. Two kinds of them
//! together name people, and the whole source is then kept private.

use std::collections::BTreeSet;

/// What a column says about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Family name.
    Surname,
    /// First or middle name.
    GivenName,
    /// Name in one piece.
    FullName,
    /// Date or year of birth, or age.
    Birth,
    /// Street and house number, or the whole postal address.
    Street,
    /// Postcode alone.
    Postcode,
    /// Mail address.
    Mail,
    /// Telephone number.
    Phone,
    /// Number by which an office knows the person.
    Number,
}

impl Kind {
    /// The kind as tables write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Surname | Self::GivenName | Self::FullName => "name",
            Self::Birth => "birth-date",
            Self::Street => "address",
            Self::Postcode => "postcode",
            Self::Mail => "email",
            Self::Phone => "telephone",
            Self::Number => "number",
        }
    }
}

/// The columns with person data, by name; empty if the source names nobody.
pub fn by_name(columns: &[String]) -> Vec<String> {
    let kinds: Vec<Option<Kind>> = columns.iter().map(|column| kind_of(column)).collect();
    let distinct: BTreeSet<Kind> = kinds.iter().flatten().copied().collect();
    if distinct.len() < 2 {
        return Vec::new();
    }
    columns.iter().zip(kinds).filter(|(_, kind)| kind.is_some()).map(|(column, _)| column.clone()).collect()
}

/// The same by content, for sources without column names that tell.
/// `least` is how many kinds of content it takes.
pub fn by_content(columns: &[String], records: &[Vec<String>], least: usize) -> Vec<String> {
    let kinds: Vec<Option<Content>> = (0..columns.len()).map(|index| content_of(records, index)).collect();
    let distinct: BTreeSet<Content> = kinds.iter().flatten().copied().collect();
    if distinct.len() < least {
        return Vec::new();
    }
    columns.iter().zip(kinds).filter(|(_, kind)| kind.is_some()).map(|(column, _)| column.clone()).collect()
}

/// Words of a column name, in lower case: `RES_ZIP5` and `ResZip5` alike.
fn words(column: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in column.chars() {
        let starts = c.is_uppercase() && before.is_lowercase() || c.is_numeric() && before.is_alphabetic();
        if starts || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What a column or a label of this name says about a person.
pub fn kind_of(column: &str) -> Option<Kind> {
    let words = words(column);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let is_only = |list: &[&str]| words.len() == 1 && has(list);
    if has(&["ip", "mac", "host", "server", "file", "domain", "user", "product", "network", "asn", "wallet", "county"])
    {
        return None;
    }
    if has(&["surname", "lastname", "lname", "familyname", "nachname", "apellido", "apellidos"])
        || has(&["last", "family", "sur", "maiden"]) && has(&["name"])
        || is_only(&["last", "nom"])
    {
        return Some(Kind::Surname);
    }
    if has(&["firstname", "fname", "forename", "givenname", "givennames", "vorname", "prenom", "prénom", "middlename"])
        || has(&["first", "given", "middle", "fore"]) && has(&["name", "names"])
        || is_only(&["first", "given", "middle", "nombre"])
    {
        return Some(Kind::GivenName);
    }
    if has(&["fullname", "nome"])
        || is_only(&["name"])
        || has(&["full", "voter", "person", "customer"]) && has(&["name"])
    {
        return Some(Kind::FullName);
    }
    if has(&["dob", "birth", "birthdate", "birthday", "birthyear", "born", "yob", "geburtsdatum", "nacimiento", "age"])
        || words.iter().any(|word| word.starts_with("birth"))
    {
        return Some(Kind::Birth);
    }
    if has(&["email", "emails", "correo", "courriel"]) || is_only(&["mail"]) || has(&["mail"]) && has(&["e"]) {
        return Some(Kind::Mail);
    }
    if has(&["zip", "zipcode", "postcode", "postal", "postalcode", "plz", "mailzip"]) {
        return Some(Kind::Postcode);
    }
    if has(&["addr", "address", "street", "strasse", "straße", "direccion", "adresse", "residence", "residential"])
        || has(&["house", "mailing"])
    {
        return Some(Kind::Street);
    }
    if has(&["phone", "telephone", "tel", "mobile", "telefono", "telefon", "phonenum"]) {
        return Some(Kind::Phone);
    }
    let numbered = has(&["id", "no", "num", "number", "reg", "registration"]);
    if has(&["voterid", "ncid", "ssn", "license", "licence", "lic", "drivers", "passport", "dl", "regnum", "voternum"])
        || has(&["voter"]) && numbered
        || has(&["registration"]) && has(&["number", "no", "num", "id"])
        || has(&["last"]) && has(&["four"])
        || matches!(column.to_ascii_lowercase().as_str(), "last4" | "l4" | "last_4")
    {
        return Some(Kind::Number);
    }
    None
}

/// What a cell looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// A day, without a time.
    Date,
    /// House number and street.
    Street,
    /// A mail address.
    Mail,
    /// A word with a capital, or in capitals, with no digits.
    Name,
    /// Five digits, or five and four.
    Postcode,
    /// Any other number.
    Number,
    /// Nothing of these.
    Other,
}

impl Content {
    /// What one cell looks like.
    pub fn of(cell: &str) -> Self {
        let cell = cell.trim();
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        let bytes = cell.as_bytes();
        if digits == 0 {
            return Self::of_words(cell);
        }
        if digits == 8 && is_date(bytes) {
            return Self::Date;
        }
        let number_like = cell
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b',' | b'+' | b' ' | b'(' | b')'));
        if number_like {
            let postcode = matches!((digits, bytes.len()), (5, 5) | (9, 10));
            return if postcode { Self::Postcode } else { Self::Number };
        }
        if is_mail(cell) {
            return Self::Mail;
        }
        let (number, rest) = cell.split_once(' ').unwrap_or((cell, ""));
        let street = number.len() <= 6
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && rest.trim_start().starts_with(|c: char| c.is_uppercase())
            && rest.len() >= 3;
        if street { Self::Street } else { Self::Other }
    }

    fn of_words(cell: &str) -> Self {
        if is_mail(cell) {
            return Self::Mail;
        }
        let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
        let plain = cell.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '.' | ',' | '’'));
        let name = plain && letters >= 3 && cell.chars().count() <= 40 && cell.starts_with(|c: char| c.is_uppercase());
        if name { Self::Name } else { Self::Other }
    }
}

fn is_mail(cell: &str) -> bool {
    let Some((local, domain)) = cell.split_once('@') else { return false };
    !local.is_empty() && domain.contains('.') && !domain.contains('@') && !cell.contains([' ', '/'])
}

/// `1980-07-21`, `07/21/1980`, `21.07.1980`, `19800721`, with a year a person may have.
fn is_date(bytes: &[u8]) -> bool {
    let year = |at: usize| {
        let year = bytes.get(at..at + 4).and_then(super::super::weblog::digits);
        year.is_some_and(|year| (1880..=2100).contains(&year))
    };
    match bytes {
        [_, _, _, _, b'-' | b'/' | b'.', _, _, b'-' | b'/' | b'.', _, _] => year(0),
        [_, _, b'-' | b'/' | b'.', _, _, b'-' | b'/' | b'.', ..] if bytes.len() == 10 => year(6),
        _ if bytes.len() == 8 => year(0),
        _ => false,
    }
}

/// What most of a column's cells look like, as far as it tells of people.
/// Names have to differ much, or they are a list of parties or counties.
fn content_of(records: &[Vec<String>], index: usize) -> Option<Content> {
    let cells: Vec<&str> = records
        .iter()
        .filter_map(|record| record.get(index))
        .map(|cell| cell.trim())
        .filter(|cell| !cell.is_empty())
        .collect();
    let contents: Vec<Content> = cells.iter().map(|cell| Content::of(cell)).collect();
    let most = |wanted: Content| {
        let count = contents.iter().filter(|content| **content == wanted).count();
        count > 0 && count * 10 >= contents.len() * 8
    };
    let distinct: BTreeSet<&str> = cells.iter().copied().collect();
    if most(Content::Name) {
        return (distinct.len() * 2 > cells.len()).then_some(Content::Name);
    }
    if most(Content::Date) {
        return cells.iter().any(|cell| born(cell)).then_some(Content::Date);
    }
    [Content::Street, Content::Mail, Content::Postcode].into_iter().find(|content| most(*content))
}

/// Whether a date is of a year in which an adult may have been born.
fn born(date: &str) -> bool {
    let parts = date.split(['-', '/', '.']);
    let year = parts.filter(|part| part.len() == 4).find_map(|part| part.parse::<u32>().ok());
    let year = year.or_else(|| date.get(..4)?.parse().ok());
    year.is_some_and(|year| (1900..=2005).contains(&year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(columns: &str, expected: &str) {
        let columns: Vec<String> = columns.split(',').map(str::to_owned).collect();
        assert_eq!(by_name(&columns).join(","), expected);
    }

    #[test]
    fn two_kinds_of_person_column_name_people() {
        check("voter_id,surname,given,dob,party", "voter_id,surname,given,dob");
        check("VoterId,LastName,FirstName,ResZip5,CountyName", "VoterId,LastName,FirstName,ResZip5");
        check("source_id,identifier,last,first,note", "last,first");
        check("HouseholdRef,Telephone,EstAge,Interest", "Telephone,EstAge");
        check("Name Last,Birth Date,Precinct", "Name Last,Birth Date");
    }

    #[test]
    fn one_kind_or_none_does_not() {
        check("prefix,asn,name,country,first_seen", "");
        check("account,created_at,posted_at,text,url,shares", "");
        check("indicator,type,actor,first_seen,last_seen,source,confidence", "");
        check("host_name,ip_address,user_name,mac_address", "");
    }

    #[test]
    fn without_names_the_content_tells() {
        let row = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
        let people = [row("7|Ashvale|1980-07-21|12 Elm St|Oak"), row("8|Birch|1955-01-02|9 Ash Rd|Oak")];
        let columns: Vec<String> = (1..=5).map(|n| format!("c{n}")).collect();
        assert_eq!(by_content(&columns, &people, 2), ["c2", "c3", "c4"]);
        let counts = [row("north|12|2025-01-02|4|x"), row("south|15|2025-01-03|5|y")];
        assert!(by_content(&columns, &counts, 2).is_empty());
    }
}
