//! Which record a request asks for, and where its identifier lies among others.

use crate::declared::Declared;
use crate::request::Request;
use crate::token;

/// One record asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked<'a> {
    /// The page, with `{}` where the path holds the identifier.
    pub page: String,
    /// The identifier exactly as in the request; several parameters are joined as in a query.
    pub record: std::borrow::Cow<'a, str>,
    /// Whether the investigator declared the page.
    pub declared: bool,
}

/// Parts of names that speak of people's records. Without a declaration only
/// such a parameter is taken for a record's, since most numbers in queries are
/// pages of news.
const WORDS: [&str; 15] = [
    "voter", "regis", "regnum", "elector", "citizen", "person", "member", "record", "ssn", "dob", "birth", "lastname",
    "surname", "licen", "passport",
];

/// The record that a request asks for, if it does.
pub fn asked<'a>(request: &Request<'a>, declared: &Declared) -> Option<Asked<'a>> {
    if let Some(asked) = declared.pages(request.site).find_map(|page| on_page(request, page, declared)) {
        return Some(asked);
    }
    if request.query.is_empty() || declared.pages(request.site).next().is_some() {
        return None;
    }
    let record = named(request.query, &|name| speaks_of_people(name))?;
    Some(Asked { page: request.path.to_ascii_lowercase(), record, declared: false })
}

/// Whether a request touches a look-up: its page, or its parameter on any page.
pub fn touches(request: &Request<'_>, declared: &Declared) -> bool {
    let page = declared.pages(request.site).any(|page| in_path(request.path, page).is_some());
    page || request.query.split('&').any(|pair| {
        let name = pair.split(['=', '[', '%']).next().unwrap_or(pair);
        declared.names_record(request.site, name).unwrap_or_else(|| speaks_of_people(name))
    })
}

fn on_page<'a>(request: &Request<'a>, page: &str, declared: &Declared) -> Option<Asked<'a>> {
    let inside = in_path(request.path, page)?;
    let wanted = |name: &str| declared.names_record(request.site, name).unwrap_or(!token::names_session(name));
    let record = match inside {
        "" => named(request.query, &wanted)?,
        inside => inside.into(),
    };
    Some(Asked { page: page.to_owned(), record, declared: true })
}

/// The identifier within a path, empty where the page has none in it.
fn in_path<'a>(path: &'a str, page: &str) -> Option<&'a str> {
    let Some((before, after)) = page.split_once('{') else {
        return path.eq_ignore_ascii_case(page).then_some("");
    };
    let after = after.split_once('}').map_or(after, |(_, after)| after);
    let inside = path.get(before.len()..path.len().checked_sub(after.len())?)?;
    let fits = path.get(..before.len())?.eq_ignore_ascii_case(before) && path.ends_with(after);
    (fits && !inside.is_empty() && !inside.contains('/')).then_some(inside)
}

fn named<'a>(query: &'a str, wanted: &dyn Fn(&str) -> bool) -> Option<std::borrow::Cow<'a, str>> {
    let mut pairs = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, value)| wanted(name) && !value.is_empty());
    let (name, value) = pairs.next()?;
    let Some((second, other)) = pairs.next() else { return Some(value.into()) };
    let mut joined = format!("{name}={value}&{second}={other}");
    for (name, value) in pairs {
        joined.extend(["&", name, "=", value]);
    }
    Some(joined.into())
}

fn speaks_of_people(name: &str) -> bool {
    WORDS.iter().any(|word| token::speaks_of(name, word))
}

/// Where an identifier lies among others of its kind: numbers by value, words
/// as a dictionary sorts them.
pub fn rank(record: &str) -> u64 {
    let digits = record.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 3 && digits * 2 >= record.len() {
        let number = record.bytes().filter(u8::is_ascii_digit).take(18);
        return number.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    }
    let value = record.split('&').next().and_then(|pair| pair.rsplit('=').next()).unwrap_or(record);
    let letters = value.bytes().filter(u8::is_ascii_alphanumeric).chain(std::iter::repeat(b'`')).take(12);
    letters.fold(0, |sum, letter| sum * 37 + letter_rank(letter))
}

fn letter_rank(letter: u8) -> u64 {
    match letter {
        b'0'..=b'9' => u64::from(letter - b'0') + 1,
        b'`' => 0,
        _ => u64::from(letter.to_ascii_lowercase() - b'a') + 11,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> Declared {
        let mut declared = Declared::default();
        declared.lookup("north", "/find.php");
        declared.lookup("north", "/voter/{id}/card");
        declared.parameter("north", "no");
        declared
    }

    #[test]
    fn records_are_found_in_queries_and_paths() {
        let declared = declared();
        let of = |site: &'static str, path: &'static str, query: &'static str| {
            asked(&Request { site, path, query, ..Request::default() }, &declared)
                .map(|asked| asked.record.into_owned())
        };
        assert_eq!(of("north", "/Find.php", "lang=en&no=0017").as_deref(), Some("0017"));
        assert_eq!(of("north", "/voter/A-17/card", "").as_deref(), Some("A-17"));
        assert_eq!(of("north", "/news", "no=17"), None);
        assert_eq!(of("south", "/q", "lastname=Moor&dob=1980-02-03").as_deref(), Some("lastname=Moor&dob=1980-02-03"));
        assert_eq!(of("south", "/news", "page=17"), None);
    }

    #[test]
    fn ranks_keep_the_order() {
        assert!(rank("000120") < rank("000121"));
        assert!(rank("1980-02-03") < rank("1980-02-04"));
        assert!(rank("abel") < rank("abelard") && rank("abelard") < rank("Baker"));
        assert_eq!(rank("last=Moor&first=Ann"), rank("last=moor&first=Zoe"));
    }
}
