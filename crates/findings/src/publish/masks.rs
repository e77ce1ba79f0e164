//! Texts of a campaign with everything hidden that may be about one reader.
//!
//! What many readers got is the sender's; what few got may be a reader's own.
//! So a word is shown only if mails to at least three different recipients
//! hold it and, where it has a capital, a digit, or a script without cases, at
//! least a fifth of all recipients: given names, streets and numbers stay
//! below that, an organisation or a deadline does not. What follows a label, as
//! in `Licence: Y`, is shown only where nine in ten with that label got the same:
//! a yes or a party is common, and still a reader's own. What looks like an
//! address, and the parts of the name in the address that a mail went to, are
//! never shown. A mail whose recipient is not known vouches for nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::defang;
use crate::dossier::Wording;

/// Recipients that a shown word must have gone to.
const READERS: usize = 3;

/// The share of them for words that may be names or numbers: one in so many.
const SHARE: usize = 5;

/// Readers of a label that must have got the same value, in tenths.
const SAME: usize = 9;

/// What stands between a label and its value.
const SEPARATORS: &[&str] = &[": ", " = ", " - ", " – ", "\t"];

/// Letters of a part of an address that is taken for a name.
const NAME: usize = 3;

/// How often each word of a campaign was sent to somebody else.
#[derive(Debug, Default)]
pub struct Masks {
    readers: usize,
    heard: BTreeMap<String, usize>,
    /// Labels, and whole lines that have one, with the readers that got them.
    lines: BTreeMap<String, usize>,
}

/// A word as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// As it stands, defanged.
    Shown(String),
    /// What kind of thing stands there.
    Hidden(&'static str),
    /// The end of a line.
    Break,
}

impl Masks {
    /// Counts the words of these texts.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a Wording>) -> Self {
        let (mut readers, mut heard) = (BTreeSet::new(), BTreeMap::<String, BTreeSet<usize>>::new());
        let mut lines: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        for text in texts {
            let Some(reader) = text.recipients.first().map(|reader| reader.to_lowercase()) else { continue };
            let next = numbers.len();
            let number = *numbers.entry(reader).or_insert(next);
            readers.insert(number);
            let plain = plain(&text.kind, &text.text);
            for token in plain.split_whitespace() {
                heard.entry(core(token).to_lowercase()).or_default().insert(number);
            }
            for line in plain.lines().map(|line| line.trim().to_lowercase()) {
                if let Some(value) = value_of(&line) {
                    lines.entry(line[..value].to_owned()).or_default().insert(number);
                    lines.entry(line).or_default().insert(number);
                }
            }
        }
        let counted =
            |sets: BTreeMap<String, BTreeSet<usize>>| sets.into_iter().map(|(key, by)| (key, by.len())).collect();
        Self { readers: readers.len(), heard: counted(heard), lines: counted(lines) }
    }

    /// Whether enough recipients are known for any word to be shown.
    pub fn can_tell(&self) -> bool {
        self.readers >= READERS
    }

    /// The words of a text as they may be shown.
    pub fn words(&self, text: &Wording) -> Vec<Word> {
        let mut words = Vec::new();
        self.walk(text, &mut |token, show| match (token, show) {
            (None, _) => words.push(Word::Break),
            (Some(token), true) => {
                let shown = defang::without_query(token_kind(core(token)), token);
                words.push(Word::Shown(defang::text(&shown)));
            }
            (Some(token), false) if words.last() == Some(&Word::Hidden(kind(core(token)))) => {}
            (Some(token), false) => words.push(Word::Hidden(kind(core(token)))),
        });
        words
    }

    /// How many different values each kind of mask stands for in these texts.
    pub fn hidden<'a>(&self, texts: impl IntoIterator<Item = &'a Wording>) -> BTreeMap<&'static str, usize> {
        let mut hidden: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
        for text in texts {
            self.walk(text, &mut |token, show| {
                if let (Some(token), false) = (token, show) {
                    hidden.entry(kind(core(token))).or_default().insert(core(token).to_lowercase());
                }
            });
        }
        hidden.into_iter().map(|(kind, values)| (kind, values.len())).collect()
    }

    /// Gives each word with whether it may be shown, and nothing at the end of each line that has words.
    fn walk(&self, text: &Wording, each: &mut dyn FnMut(Option<&str>, bool)) {
        let names = names(&text.recipients);
        for line in plain(&text.kind, &text.text).lines().map(str::trim).filter(|line| !line.is_empty()) {
            let label = if self.varies(line) { label_words(line) } else { usize::MAX };
            for (index, token) in line.split_whitespace().enumerate() {
                let shown = self.may_show(core(token), &names) && (index < label || core(token).is_empty());
                each(Some(token), shown);
            }
            each(None, true);
        }
    }

    /// Whether a line has a label, and readers of that label got different values.
    fn varies(&self, line: &str) -> bool {
        let line = line.to_lowercase();
        let readers = |key: &str| self.lines.get(key).copied().unwrap_or(0);
        value_of(&line).is_some_and(|value| readers(&line) * 10 < readers(&line[..value]) * SAME)
    }

    fn may_show(&self, core: &str, names: &BTreeSet<String>) -> bool {
        let lower = core.to_lowercase();
        if core.is_empty() {
            return true;
        }
        if core.contains('@') || lower.split(|c: char| !c.is_alphanumeric()).any(|part| names.contains(part)) {
            return false;
        }
        let heard = self.heard.get(&lower).copied().unwrap_or(0);
        heard >= READERS && (core.chars().all(is_common) || heard * SHARE >= self.readers)
    }
}

/// Letters of running text: a word of them alone is seldom anybody's name.
fn is_common(c: char) -> bool {
    c.is_lowercase() || !c.is_alphanumeric()
}

/// Where the value begins in a line that has a label.
fn value_of(line: &str) -> Option<usize> {
    SEPARATORS.iter().filter_map(|mark| line.find(mark).map(|at| at + mark.len())).min()
}

/// Words of the label of a line.
fn label_words(line: &str) -> usize {
    value_of(line).map_or(usize::MAX, |value| line[..value].split_whitespace().count())
}

/// A word without the marks around it.
fn core(token: &str) -> &str {
    token.trim_matches(|c: char| !c.is_alphanumeric())
}

fn token_kind(core: &str) -> &'static str {
    if core.contains("://") { "url" } else { "text" }
}

fn kind(core: &str) -> &'static str {
    match core {
        _ if core.contains("://") => "link",
        _ if core.contains('@') => "address",
        _ if core.chars().any(|c| c.is_numeric()) => "number",
        _ if core.chars().all(is_common) => "word",
        _ => "name",
    }
}

/// The parts of the names in these addresses.
pub fn names(recipients: &[String]) -> BTreeSet<String> {
    let locals =
        recipients.iter().filter_map(|address| address.rsplit_once('@')).map(|(local, _)| local.to_lowercase());
    let parts = |local: String| {
        let parts = local.split(|c: char| !c.is_alphabetic()).map(str::to_owned).collect::<Vec<_>>();
        parts.into_iter().chain([local])
    };
    locals.flat_map(parts).filter(|part| part.chars().count() >= NAME).collect()
}

/// The text that a reader sees: marked-up text without its marks.
fn plain(kind: &str, text: &str) -> String {
    if !kind.eq_ignore_ascii_case("text/html") {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        shown.push_str(before);
        let lower: String = after.chars().take(8).collect::<String>().to_ascii_lowercase();
        let end = ["!--", "style", "script", "title"].into_iter().zip(["-->", "</style>", "</script>", "</title>"]);
        let end = end.filter(|(open, _)| lower.starts_with(open)).map(|(_, end)| end).next().unwrap_or(">");
        rest = after.to_ascii_lowercase().find(end).map_or("", |at| &after[at + end.len()..]);
        shown.push_str(if ["p", "br", "div", "/p", "tr", "li", "h"].iter().any(|tag| lower.starts_with(tag)) {
            "\n"
        } else {
            " "
        });
    }
    shown.push_str(rest);
    [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(shown, |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(n: usize, text: &str) -> Wording {
        let recipients = vec![format!("reader.number{n}@post.test")];
        Wording { kind: "text/plain".to_owned(), text: text.to_owned(), recipients, ..Wording::default() }
    }

    fn shown(words: &[Word]) -> String {
        let text = |word: &Word| match word {
            Word::Shown(word) => word.clone(),
            Word::Hidden(kind) => format!("[{kind}]"),
            Word::Break => "|".to_owned(),
        };
        words.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_one_reader_got_alone_is_hidden() {
        let names = ["Mary Ash", "John Birch", "Ann Cedar", "Lee Dogwood", "Sue Elm", "Tom Fir"];
        let streets = [11, 12, 13, 14, 15, 16, 17, 18];
        let mails: Vec<Wording> = (0..16)
            .map(|n| {
                mail(n, &format!("Dear {} Q{n},\nvote until 18 March. You live at {}.", names[n % 6], streets[n % 8]))
            })
            .collect();
        let masks = Masks::new(&mails);
        assert_eq!(
            shown(&masks.words(&mails[1])),
            "Dear [name] [number] | vote until 18 March. You live at [number] |"
        );
        assert_eq!(masks.hidden(&mails).get("name"), Some(&12));
    }

    #[test]
    fn what_follows_a_label_is_a_readers_own_however_common() {
        let mails: Vec<Wording> = (0..10)
            .map(|n| {
                mail(
                    n,
                    &format!("Licence: {}\nParty = {}\nUntil: 18 March", ["Y", "N"][n % 2], ["Oak Tree", "Elm"][n / 5]),
                )
            })
            .collect();
        assert_eq!(shown(&Masks::new(&mails).words(&mails[0])), "Licence: [name] | Party = [name] | Until: 18 March |");
    }

    #[test]
    fn two_recipients_vouch_for_nothing() {
        let mails = [mail(1, "the same words"), mail(2, "the same words"), mail(2, "the same words")];
        assert_eq!(shown(&Masks::new(&mails).words(&mails[0])), "[word] |");
        let mut nobody = mails.clone();
        nobody.iter_mut().for_each(|mail| mail.recipients.clear());
        assert_eq!(shown(&Masks::new(&nobody).words(&nobody[0])), "[word] |");
    }

    #[test]
    fn the_name_in_the_address_is_hidden_however_common() {
        let mails: Vec<Wording> = (0..9).map(|n| mail(n, "hello reader a@b.test of https://x.test/?id=7")).collect();
        assert_eq!(shown(&Masks::new(&mails).words(&mails[0])), "hello [word] [address] of hxxps[:]//x.test/ |");
    }

    #[test]
    fn markup_is_no_text() {
        assert_eq!(plain("text/html", "<p>a<!-- b --><b>c</b>&amp;<style>d</style><br"), "\na  c & ".to_owned() + "\n");
    }
}
