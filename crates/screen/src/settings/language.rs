//! The language of a machine's programs: variables of the environment,
//! messages of shells, dates and sums of `ls -l`, menus.
//!
//! English messages are left out: what is not set speaks English. Languages in
//! other than Latin letters are not here because the readers do not read them.

use super::{Find, Form, Setting, date, words};
use crate::Row;

/// Languages that a word may be of and still tell something.
const TELLING: usize = 3;

/// Messages of the C library, of bash and of Windows. `?` is any one letter,
/// since accents are read badly.
const MESSAGES: &[(&str, &str)] = &[
    ("cs", "Adres?? nebo soubor neexistuje"),
    ("cs", "p??kaz nenalezen"),
    ("de", "Datei oder Verzeichnis nicht gefunden"),
    ("de", "Kommando nicht gefunden"),
    ("de", "Befehl nicht gefunden"),
    ("de", "Keine Berechtigung"),
    ("de", "Das System kann die angegebene Datei nicht finden"),
    ("de", "ist entweder falsch geschrieben oder"),
    ("es", "No existe el fichero o el directorio"),
    ("es", "No existe el archivo o el directorio"),
    ("es", "orden no encontrada"),
    ("es", "Permiso denegado"),
    ("es", "no se reconoce como un comando interno o externo"),
    ("fr", "Aucun fichier ou dossier de ce type"),
    ("fr", "commande introuvable"),
    ("fr", "Permission non accord?e"),
    ("fr", "pas reconnu en tant que commande interne"),
    ("hu", "Nincs ilyen f?jl vagy k?nyvt?r"),
    ("id", "Berkas atau direktori tidak ditemukan"),
    ("id", "perintah tidak ditemukan"),
    ("it", "File o directory non esistente"),
    ("it", "comando non trovato"),
    ("it", "Permesso negato"),
    ("it", "riconosciuto come comando interno o esterno"),
    ("nl", "Bestand of map bestaat niet"),
    ("nl", "opdracht niet gevonden"),
    ("nl", "Toegang geweigerd"),
    ("pl", "Nie ma takiego pliku ani katalogu"),
    ("pl", "nie znaleziono polecenia"),
    ("pl", "nie jest rozpoznawana jako polecenie wewn?trzne"),
    ("pt", "Arquivo ou diret?rio inexistente"),
    ("pt", "Ficheiro ou direct?rio inexistente"),
    ("pt", "comando n?o encontrado"),
    ("pt", "reconhecido como um comando interno"),
    ("ro", "Nu exist? niciun fi?ier sau director"),
    ("sv", "Filen eller katalogen finns inte"),
    ("sv", "kommandot finns inte"),
    ("tr", "B?yle bir dosya ya da dizin yok"),
    ("tr", "komut bulunamad?"),
];

/// The word before the number in the first line of `ls -l`.
const SUMS: &[(&str, &str)] = &[
    ("celkem", "cs"),
    ("insgesamt", "de"),
    ("totale", "it"),
    ("totaal", "nl"),
    ("razem", "pl"),
    ("totalt", "sv"),
    ("toplam", "tr"),
];

/// Words of menu bars, the first entry first.
const MENUS: &[(&str, &[&str])] = &[
    ("cs", &["Soubor", "?pravy", "Upravit", "Zobrazit", "N?pov?da"]),
    ("de", &["Datei", "Bearbeiten", "Ansicht", "Reiter", "Hilfe"]),
    ("en", &["File", "Edit", "View", "Search", "Terminal", "Tabs", "Help"]),
    ("es", &["Archivo", "Editar", "Ver", "Buscar", "Pesta?as", "Ayuda"]),
    ("fr", &["Fichier", "?dition", "?diter", "Affichage", "Rechercher", "Onglets", "Aide"]),
    ("id", &["Berkas", "Sunting", "Tampilan", "Cari", "Bantuan"]),
    ("it", &["File", "Modifica", "Visualizza", "Cerca", "Schede", "Aiuto"]),
    ("nl", &["Bestand", "Bewerken", "Beeld", "Zoeken", "Tabbladen", "Hulp"]),
    ("pl", &["Plik", "Edycja", "Edytuj", "Widok", "Wyszukiwanie", "Karty", "Pomoc"]),
    ("pt", &["Arquivo", "Ficheiro", "Editar", "Exibir", "Ver", "Pesquisar", "Abas", "Ajuda"]),
    ("sv", &["Arkiv", "Redigera", "Visa", "S?k", "Flikar", "Hj?lp"]),
    ("tr", &["Dosya", "D?zenle", "G?r?n?m", "Ara", "Sekmeler", "Yard?m"]),
];

/// Words of one language that make a menu bar.
const MENU_WORDS: usize = 2;

/// Languages in a line of a terminal.
pub(super) fn terminal(text: &str) -> Vec<Find> {
    let find = |(tags, form, span): (Vec<&str>, Form, (usize, usize))| {
        (Setting::Language(tags.into_iter().map(str::to_owned).collect()), form, span)
    };
    let found = sum(text).or_else(|| listing(text)).or_else(|| message(text));
    environment(text).into_iter().chain(found.map(find)).collect()
}

/// `LANG=de_DE.UTF-8`, also behind `export` and in what `locale` and `localectl` print.
fn environment(text: &str) -> Option<Find> {
    const NAMES: [&str; 5] = ["LANG=", "LC_ALL=", "LC_MESSAGES=", "LC_TIME=", "LANGUAGE="];
    words(text).into_iter().find_map(|(word, (start, _))| {
        let name = NAMES.iter().find(|name| word.starts_with(**name))?;
        let quoted = usize::from(word[name.len()..].starts_with('"'));
        let value = word[name.len()..].trim_matches(['"', ';']);
        let locale = value.split(['.', '@', ':']).next()?;
        let (language, land) = locale.split_once('_').unwrap_or((locale, ""));
        let is = |part: &str, sizes: &[usize], upper: bool| {
            sizes.contains(&part.len())
                && part.chars().all(|c| if upper { c.is_ascii_uppercase() } else { c.is_ascii_lowercase() })
        };
        let well = is(language, &[2, 3], false) && is(land, &[0, 2], true);
        let tag = if land.is_empty() { language.to_owned() } else { format!("{language}-{land}") };
        let start = start + name.len() + quoted;
        well.then(|| (Setting::Language(vec![tag]), Form::Environment, (start, start + value.chars().count())))
    })
}

/// `insgesamt 40`
fn sum(text: &str) -> Option<(Vec<&'static str>, Form, (usize, usize))> {
    let (word, number) = text.split_once(' ')?;
    let is_size = number.starts_with(|c: char| c.is_ascii_digit()) && number.len() <= 8 && !number.contains(' ');
    let (_, tag) = SUMS.iter().find(|(sum, _)| *sum == word && is_size)?;
    Some((vec![tag], Form::Listing, (0, word.chars().count())))
}

/// The month of a line of `ls -l`, beside the number of a day.
fn listing(text: &str) -> Option<(Vec<&'static str>, Form, (usize, usize))> {
    let words = words(text);
    let first = words.first()?.0;
    let is_mode = |mode: &str| mode.chars().all(|c| "-rwxsStT".contains(c));
    let (kind, mode) = (first.get(..1)?, first.get(1..10)?);
    if !"-dlcbps".contains(kind) || !is_mode(mode) {
        return None;
    }
    let is_day = |word: &str| word.trim_end_matches('.').parse::<u32>().is_ok_and(|day| (1..=31).contains(&day));
    let is_end = |word: &str| word.contains(':') || word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    words.windows(3).skip(4).find_map(|three| {
        let [one, two, end] = three else { return None };
        let month = if is_day(two.0) { one } else { two };
        let beside = is_end(end.0) && (is_day(one.0) || is_day(two.0));
        let (_, tags) = date::month(month.0).filter(|_| beside)?;
        let telling = tags.len() <= TELLING && !tags.contains(&"en");
        telling.then_some((tags, Form::Listing, month.1))
    })
}

fn message(text: &str) -> Option<(Vec<&'static str>, Form, (usize, usize))> {
    let chars: Vec<char> = text.chars().collect();
    MESSAGES.iter().find_map(|(tag, words)| {
        let words: Vec<char> = words.chars().collect();
        let at = chars.windows(words.len()).position(|part| alike(part, &words))?;
        Some((vec![*tag], Form::Message, (at, at + words.len())))
    })
}

fn alike(read: &[char], words: &[char]) -> bool {
    let fits = |(read, word): (&char, &char)| match word {
        '?' => read.is_alphanumeric() || *read == '\u{FFFD}',
        _ => read == word,
    };
    read.len() == words.len() && read.iter().zip(words).all(fits)
}

/// The languages of a menu bar whose first entry this row holds. A bar may be
/// read as one box or as one for each entry.
pub(super) fn menu_line(rows: &[Row], at: usize) -> Option<Vec<String>> {
    let row = &rows[at];
    let head = row.text.split_whitespace().next().filter(|_| row.grid.is_none())?;
    let is_head = |word: &str, entries: &[&str]| entries.first().is_some_and(|first| *first == word);
    if !MENUS.iter().any(|(_, entries)| is_head(head, entries) || head == "Ficheiro") {
        return None;
    }
    let beside = rows.iter().filter(|other| other.grid.is_none() && super::is_beside(row, other));
    let bar: Vec<&str> = beside.flat_map(|row| row.text.split_whitespace()).collect();
    let known = |word: &&str, entries: &[&str]| entries.iter().any(|entry| is_entry(word, entry));
    let counted = MENUS.iter().map(|(tag, entries)| (bar.iter().filter(|word| known(word, entries)).count(), *tag));
    let counted: Vec<(usize, &str)> = counted.collect();
    let most = counted.iter().map(|(count, _)| *count).max().filter(|most| *most >= MENU_WORDS)?;
    Some(counted.into_iter().filter(|(count, _)| *count == most).map(|(_, tag)| tag.to_owned()).collect())
}

fn is_entry(word: &str, entry: &str) -> bool {
    alike(&word.chars().collect::<Vec<_>>(), &entry.chars().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_terminals() {
        for (text, expected) in [
            ("LANG=de_DE.UTF-8", "environment de-DE"),
            ("   System Locale: LANG=ro_RO.UTF-8", "environment ro-RO"),
            ("mary@desk:~$ export LC_ALL=\"fa_IR\"", "environment fa-IR"),
            ("LANG=C.UTF-8", ""),
            ("LC_TIME=\"en_GB.UTF-8\"", "environment en-GB"),
            ("ls: cannot access 'x': No such file or directory", ""),
            ("ls: Zugriff auf 'x': Datei oder Verzeichnis nicht gefunden", "message de"),
            ("bash: foo: comando n\u{FFFD}o encontrado", "message pt"),
            ("bash: foo: commande introuvable", "message fr"),
            ("insgesamt 40", "listing de"),
            ("total 40", ""),
            ("razem 4,0K", "listing pl"),
            ("insgesamt gut", ""),
            ("-rw-r--r-- 1 mary mary 2 ene 22 01:20 a.csv", "listing es"),
            ("-rw-r--r-- 1 mary mary 2 22. Okt 01:20 a.csv", "listing de id"),
            ("drwxr-xr-x 2 mary mary 4096 lip  3  2023 a", "listing pl"),
            ("-rw-r--r-- 1 mary mary 2 Nov 22 01:20 mai", ""),
            ("-rw-r--r-- 1 mary mary 2 nov 22 01:20 a", ""),
        ] {
            let shown = terminal(text).into_iter().map(|(setting, form, _)| match setting {
                Setting::Language(tags) => format!("{} {}", form.word(), tags.join(" ")),
                other => format!("{other:?}"),
            });
            assert_eq!(shown.collect::<Vec<_>>().join("; "), expected, "{text}");
        }
    }
}
