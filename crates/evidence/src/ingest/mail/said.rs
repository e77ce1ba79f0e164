//! What a mail demands, by when, with what threat, and what it claims to have.
//!
//! A sentence is taken for one of these by a phrase in it. Phrases are a first
//! sorting for a reader, no understanding: each row is the place of a sentence, so
//! that the reader sees at once whether it says what it is listed for.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Sentences of one mail that are listed.
const SENTENCES: usize = 12;

/// Bytes of a sentence to each side of its phrase.
const REACH: usize = 240;

/// Phrases by kind; of several in one place the longest counts.
const PHRASES: &[(&str, &[&str])] = &[
    (
        "demand",
        &[
            "you must",
            "you have to",
            "you will vote",
            "vote for",
            "do not vote",
            "don't vote",
            "stay home",
            "stay at home",
            "change your party",
            "change your registration",
            "change your vote",
            "send us",
            "pay us",
            "transfer the",
            "log in to",
            "sign in to",
            "click here",
            "click the link",
            "click on the link",
            "follow the link",
            "confirm your",
            "verify your",
            "update your",
            "reply with your",
            "debe votar",
            "haga clic",
            "sie m\u{fc}ssen",
            "klicken sie",
            "vous devez",
            "cliquez",
            "\u{432}\u{44b} \u{434}\u{43e}\u{43b}\u{436}\u{43d}\u{44b}",
        ],
    ),
    (
        "deadline",
        &[
            "on election day",
            "before election day",
            "before the election",
            "by election day",
            "within 24 hours",
            "within 48 hours",
            "within the next",
            "hours left",
            "days left",
            "no later than",
            "deadline",
            "at once",
            "immediately",
            "by the end of",
            "last chance",
            "antes del",
            "innerhalb von",
            "sp\u{e4}testens",
            "avant le",
        ],
    ),
    (
        "threat",
        &[
            "or else",
            "or we will",
            "or we shall",
            "we will come",
            "we shall come",
            "come after you",
            "you will regret",
            "take it seriously",
            "take this seriously",
            "we are watching",
            "know where you live",
            "consequences",
            "will be published",
            "will be leaked",
            "will be closed",
            "will be suspended",
            "will be removed from",
            "o de lo contrario",
            "sonst werden",
            "sinon nous",
        ],
    ),
    (
        "claim",
        &[
            "we have all",
            "we have your",
            "we hold",
            "in possession of",
            "we have gained access",
            "gained access to",
            "we have access",
            "we hacked",
            "was hacked",
            "has been hacked",
            "have been hacked",
            "we know who",
            "we know which",
            "we know how",
            "we know that you",
            "we will know",
            "will know which candidate",
            "tenemos sus",
            "wir haben ihre",
            "nous avons vos",
        ],
    ),
];

/// One sentence, by its place in the text.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    /// demand, deadline, threat or claim.
    pub kind: &'static str,
    /// The phrase that it is listed for.
    pub phrase: &'static str,
    /// Offset and end of the sentence, in bytes.
    pub place: (usize, usize),
}

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let phrases = PHRASES.iter().flat_map(|(_, phrases)| phrases.iter());
    AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest).build(phrases).ok()
});

/// The sentences of a text that say one of these, each once for a kind; also tells
/// how many more there are.
pub fn find(text: &str) -> (Vec<Said>, u64) {
    let (mut said, mut left_out) = (Vec::<Said>::new(), 0);
    for found in FINDER.iter().flat_map(|finder| finder.find_iter(text)) {
        let Some((kind, phrase)) = phrase(found.pattern().as_usize()) else { continue };
        if !stands_alone(text, found.start(), found.end()) {
            continue;
        }
        let place = sentence(text, found.start(), found.end());
        if said.iter().any(|other| other.kind == kind && other.place == place) {
            continue;
        }
        match said.len() < SENTENCES {
            true => said.push(Said { kind, phrase, place }),
            false => left_out += 1,
        }
    }
    (said, left_out)
}

fn phrase(mut n: usize) -> Option<(&'static str, &'static str)> {
    for (kind, phrases) in PHRASES {
        match phrases.get(n) {
            Some(phrase) => return Some((kind, phrase)),
            None => n -= phrases.len(),
        }
    }
    None
}

/// Whether no letter goes on before or behind.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !letter(text[..start].chars().next_back()) && !letter(text[end..].chars().next())
}

/// The sentence around a place: to the next full stop or blank line, at most [`REACH`] bytes away.
fn sentence(text: &str, start: usize, end: usize) -> (usize, usize) {
    let near = text.floor_char_boundary(start.saturating_sub(REACH));
    let far = text.ceil_char_boundary((end + REACH).min(text.len()));
    let before = &text[near..start];
    let ends = |at: usize, c: char| {
        let next = text[at + c.len_utf8()..].chars().next();
        matches!(c, '.' | '!' | '?') && next.is_none_or(char::is_whitespace)
            || c == '\n' && next.is_none_or(|c| c.is_whitespace())
    };
    let from = before
        .char_indices()
        .rev()
        .find(|(at, c)| ends(near + at, *c))
        .map_or(near, |(at, c)| near + at + c.len_utf8());
    let to =
        text[end..far].char_indices().find(|(at, c)| ends(end + at, *c)).map_or(far, |(at, c)| end + at + c.len_utf8());
    let whole = &text[from..to];
    (from + (whole.len() - whole.trim_start().len()), from + whole.trim_end().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "Dear Ada,\n\nwe have all your information. You will vote for our friends on election day, or we \
        will come after you! Thanks.\n\nHave you voted forthwith?";

    #[test]
    fn sentences_with_their_kinds() {
        let (said, left_out) = find(LETTER);
        let shown: Vec<_> = said.iter().map(|one| (one.kind, &LETTER[one.place.0..one.place.1])).collect();
        let second = "You will vote for our friends on election day, or we will come after you!";
        assert_eq!(
            (shown, left_out),
            (
                vec![
                    ("claim", "we have all your information."),
                    ("demand", second),
                    ("deadline", second),
                    ("threat", second)
                ],
                0
            )
        );
    }

    #[test]
    fn more_than_a_page_of_demands_is_counted() {
        let text = (0..30).map(|n| format!("Number {n}: you must act. ")).collect::<String>();
        let (said, left_out) = find(&text);
        assert_eq!((said.len() as u64 + left_out, said.len()), (30, SENTENCES));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_searched(before: String, after: String) {
            let text = format!("{before}you must{after}");
            for one in find(&text).0 {
                proptest::prop_assert!(text.get(one.place.0..one.place.1).is_some());
            }
        }
    }
}
