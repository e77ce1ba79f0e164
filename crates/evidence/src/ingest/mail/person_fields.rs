//! Personal data that a mail quotes: lines such as `Address: 12 Sample Rd, Oldtown, ZZ 12345`,
//! and postal addresses within sentences.
//!
//! A threat that says "we know you" shows what it knows. Which fields it shows tells
//! which list it was written from; the state in an address tells whom it was sent to.
//! Labels are known by the words that columns of lists are known by. One labelled line
//! may be a signature's; two kinds of them close together are about a person.

use crate::ingest::delimited::person::{self, Kind};

/// Fields of one mail that are listed.
const FIELDS: usize = 24;

/// Characters of a label.
const LABEL: usize = 40;

/// Words of a label.
const WORDS: usize = 5;

/// Bytes of a value.
const VALUE: usize = 200;

/// Lines from one labelled line of a block to the next, blank ones not counted.
const APART: usize = 3;

/// Bytes before a postcode in which its house number stands.
const ADDRESS: usize = 100;

/// One field, by its place in the text.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// What it says about the person.
    pub kind: &'static str,
    /// Offset and end of the value, in bytes.
    pub place: (usize, usize),
    /// Two letters before a postcode of five digits, as in addresses of the United States.
    pub state: Option<(usize, usize)>,
}

/// The fields of a text in the order of their places; also tells how many more there are.
pub fn find(text: &str) -> (Vec<Field>, u64) {
    let mut fields = labelled(text);
    for address in addresses(text) {
        let is_within = |field: &Field| field.place.0 <= address.place.1 && address.place.0 <= field.place.1;
        match fields.iter_mut().find(|field| is_within(field)) {
            Some(field) => field.state = address.state,
            None => fields.push(address),
        }
    }
    fields.sort_by_key(|field| field.place);
    let left_out = fields.len().saturating_sub(FIELDS);
    fields.truncate(FIELDS);
    (fields, left_out as u64)
}

/// A labelled line.
struct Line {
    number: usize,
    kind: Kind,
    place: (usize, usize),
}

/// Fields of labelled lines that stand near one of another kind.
fn labelled(text: &str) -> Vec<Field> {
    let mut lines = Vec::new();
    let (mut start, mut number) = (0, 0);
    for line in text.split_inclusive('\n') {
        number += usize::from(!line.trim().is_empty());
        if let Some((kind, from, to)) = labelled_line(line) {
            lines.push(Line { number, kind, place: (start + from, start + to) });
        }
        start += line.len();
    }
    let near = |a: &Line, b: &Line| b.number - a.number <= APART;
    let blocks = lines.chunk_by(near).filter(|block| block.iter().any(|line| line.kind != block[0].kind));
    blocks.flatten().map(|line| Field { kind: line.kind.word(), place: line.place, state: None }).collect()
}

/// Kind, and place of the value within the line.
fn labelled_line(line: &str) -> Option<(Kind, usize, usize)> {
    let (label, from) = [": ", " - ", " \u{2013} ", " \u{2014} ", " = ", ":\t", "\t"]
        .iter()
        .filter_map(|mark| line.find(mark).map(|at| (&line[..at], at + mark.len())))
        .min_by_key(|(_, from)| *from)?;
    let label = label.trim_start_matches(|c: char| !c.is_alphanumeric()).trim();
    let words = label.split_whitespace().count();
    if label.len() > LABEL || !(1..=WORDS).contains(&words) {
        return None;
    }
    let kind = person::kind_of(label)?;
    let value = line[from..].trim();
    let from = from + (line[from..].len() - line[from..].trim_start().len());
    (!value.is_empty() && value.len() <= VALUE).then_some((kind, from, from + value.len()))
}

/// Addresses that end in two capital letters and a postcode, on one line from the house number on.
fn addresses(text: &str) -> Vec<Field> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for comma in memchr::memchr_iter(b',', bytes) {
        let Some((state, end)) = state_and_postcode(&bytes[comma + 1..]) else { continue };
        let near = text.floor_char_boundary(comma.saturating_sub(ADDRESS));
        let line = text[near..comma].rfind('\n').map_or(near, |at| near + at + 1);
        let Some(start) = house_number(&text[line..comma]) else { continue };
        let at = comma + 1;
        found.push(Field {
            kind: Kind::Street.word(),
            place: (line + start, at + end),
            state: Some((at + state, at + state + 2)),
        });
    }
    found
}

/// Where the state begins and the postcode ends: ` ZZ 12345`, or with four digits more.
fn state_and_postcode(rest: &[u8]) -> Option<(usize, usize)> {
    let blank = rest.iter().take_while(|byte| **byte == b' ').count();
    let digits = |from: usize, count: usize| rest.get(from..from + count)?.iter().all(u8::is_ascii_digit).then_some(());
    rest.get(blank..blank + 2)?.iter().all(u8::is_ascii_uppercase).then_some(())?;
    (rest.get(blank + 2) == Some(&b' ')).then_some(())?;
    digits(blank + 3, 5)?;
    let long = rest.get(blank + 8) == Some(&b'-') && digits(blank + 9, 4).is_some();
    let end = if long { blank + 13 } else { blank + 8 };
    let goes_on = rest.get(end).is_some_and(u8::is_ascii_alphanumeric);
    (!goes_on).then_some((blank, end))
}

/// Where the last number that is followed by a word with a capital begins.
fn house_number(before: &str) -> Option<usize> {
    let mut at = before.len();
    for word in before.rsplit(' ') {
        at -= word.len();
        let next = before[at + word.len()..].trim_start();
        let is_number = (1..=6).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && next.starts_with(char::is_uppercase) {
            return Some(at);
        }
        at = at.saturating_sub(1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, Option<&str>)]) {
        let (fields, left_out) = find(text);
        let shown: Vec<_> = fields
            .iter()
            .map(|field| {
                (field.kind, &text[field.place.0..field.place.1], field.state.map(|(from, to)| &text[from..to]))
            })
            .collect();
        assert_eq!((shown.as_slice(), left_out), (expected, 0));
    }

    #[test]
    fn labelled_lines_about_one_person() {
        check(
            "We know you.\n\nName - Ada Muster\nAddress: 12 Sample Rd, Oldtown, ZZ 12345\nBirth date = 1970-01-02\n> Voter ID:\t0012\n",
            &[
                ("name", "Ada Muster", None),
                ("address", "12 Sample Rd, Oldtown, ZZ 12345", Some("ZZ")),
                ("birth-date", "1970-01-02", None),
                ("number", "0012", None),
            ],
        );
    }

    #[test]
    fn an_address_within_a_sentence() {
        check(
            "We know that you live at 12 Sample Road Apt 4, Oldtown, ZZ 12345-6789, and more.",
            &[("address", "12 Sample Road Apt 4, Oldtown, ZZ 12345-6789", Some("ZZ"))],
        );
    }

    #[test]
    fn one_label_alone_and_other_talk_are_no_person() {
        check("Name: the list\nSubject: Hello\nDate: today\n", &[]);
        check("Yours, A\nTel: 555 0100\nFax: 555 0101\n", &[]);
        check("In 2020, AB 12345678 was sold; see items 3, 4, OK 1.", &[]);
        check("", &[]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_searched(text: String, tail in "[0-9 ,A-Z\n:-]{0,60}") {
            let text = format!("{text}{tail}, ZZ 12345");
            for field in find(&text).0 {
                proptest::prop_assert!(text.get(field.place.0..field.place.1).is_some());
            }
        }
    }
}
