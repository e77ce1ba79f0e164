//! Zone files, the master files of RFC 1035, section 5, as a name server keeps or `dig axfr` prints them.
//!
//! A zone file is the whole truth about its zone: a name that it does not hold did
//! not exist. The SOA record says which zone that is, so its row is marked, and
//! where a mail is checked against it the answer can be "none" and not "not asked".

use std::io::{self, Read};
use std::ops::Range;

use model::{At, Cell, Entry, Format, Loss, Out, Reading, tables};

use super::{instant, whole};

/// Zone files.
pub struct ZoneFile;

impl Format for ZoneFile {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "zone-file",
            summary: "a zone file (RFC 1035 master file), or the output of a zone transfer",
            doc: "What it reads: records of one zone as a name server keeps them, with $ORIGIN and $TTL, names \
                  relative to it, owners left out, parentheses, quoted strings and comments.\n\nWhat it gives: one \
                  observation for each record, marked as asked; the SOA record says that the zone is whole. A zone \
                  whose serial is written as a day (RFC 1912, section 2.2) is dated by it.\n\nLimits: 256 MiB. \
                  $INCLUDE and $GENERATE are not followed; they, and lines that are no record, are losses.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let text = whole::head_text(head);
        let mut records = Records::new(&text);
        let Some(first) = records.next() else { return false };
        matches!(&*first.word(0).to_ascii_uppercase(), "$ORIGIN" | "$TTL")
            || first.kind().is_some_and(|kind| first.word(kind).eq_ignore_ascii_case("SOA") && kind >= 1)
                && first.words.iter().any(|word| word.text.eq_ignore_ascii_case("IN"))
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_rows() {
            rows(&whole, out);
        }
        Ok(())
    }
}

/// Names that later lines are relative to, and the day of the zone.
#[derive(Default)]
struct State {
    origin: String,
    owner: String,
    dated: Option<i64>,
    /// Whether all of the file was understood: of a file with gaps nothing is known not to exist.
    complete: bool,
}

fn rows(whole: &whole::Whole, out: &mut dyn Out) {
    let complete = Records::new(&whole.text).all(|record| record.is_understood());
    let mut state = State { complete, ..State::default() };
    for record in Records::new(&whole.text) {
        let at = whole.place(record.span.start, record.span.end);
        let directive = record.word(0).to_ascii_uppercase();
        match &*directive {
            "$ORIGIN" => state.origin = absolute(record.word(1), &state.origin),
            "$TTL" => {}
            "$INCLUDE" | "$GENERATE" => lose("zone file directive is not followed", &directive, at, out),
            _ => {
                if put(&record, &mut state, at, out).is_none() {
                    lose("line of a zone file is no record", "", at, out);
                }
            }
        }
    }
}

fn put(record: &Record, state: &mut State, at: At<'_>, out: &mut dyn Out) -> Option<()> {
    let kind = record.kind().filter(|_| record.closed)?;
    if !record.owner_left_out {
        state.owner = absolute(record.word(0), &state.origin);
    }
    let name = Some(&state.owner).filter(|owner| !owner.is_empty())?;
    let upper = record.word(kind).to_ascii_uppercase();
    let data = data(&upper, record.words.get(kind + 1..).filter(|data| !data.is_empty())?, &state.origin);
    if upper == "SOA" {
        state.dated = record.words.get(kind + 3).and_then(|serial| day_of(&serial.text));
        if state.origin.is_empty() {
            state.origin.clone_from(&state.owner);
        }
    }
    let seen = state.dated.map_or(Cell::Null, Cell::Time);
    let cells = [
        name.into(),
        (&upper).into(),
        (&data).into(),
        seen,
        seen,
        Cell::Null,
        Cell::Null,
        true.into(),
        (upper == "SOA" && state.complete).into(),
    ];
    out.row(&tables::DNS_OBSERVATIONS, at, &cells);
    Some(())
}

/// The data as the snapshot writes it: strings joined, names in full.
fn data(kind: &str, words: &[Word], origin: &str) -> String {
    let names = match kind {
        "CNAME" | "DNAME" | "NS" | "PTR" => 0..1,
        "MX" => 1..2,
        "SRV" => 3..4,
        "SOA" => 0..2,
        _ => 0..0,
    };
    let separator = if matches!(kind, "TXT" | "SPF") { "" } else { " " };
    let word = |(n, word): (usize, &Word)| {
        if names.contains(&n) { absolute(&word.text, origin) } else { word.text.clone() }
    };
    words.iter().enumerate().map(word).collect::<Vec<_>>().join(separator)
}

/// A name in full and lower case, without the closing dot.
fn absolute(name: &str, origin: &str) -> String {
    let lower = name.to_ascii_lowercase();
    match (lower.strip_suffix('.'), &*lower, origin) {
        (Some(full), ..) => full.to_owned(),
        (None, "@", _) => origin.to_owned(),
        (None, _, "") => lower,
        (None, ..) => format!("{lower}.{origin}"),
    }
}

/// YYYYMMDDnn as the day that it names.
fn day_of(serial: &str) -> Option<i64> {
    let day = serial.get(..8).filter(|_| serial.len() == 10)?;
    let day = format!("{}-{}-{}", day.get(..4)?, day.get(4..6)?, day.get(6..)?);
    // Serials that merely count pass for days of other centuries.
    instant::micros(&day).filter(|_| day.starts_with("19") || day.starts_with("20"))
}

fn lose(reason: &'static str, detail: &str, at: At<'_>, out: &mut dyn Out) {
    out.loss(at, Loss { reason, count: 1, detail });
}

/// One logical line: parentheses joined, comments left out.
struct Record {
    words: Vec<Word>,
    /// Whether the line begins with space, so that it is about the owner before.
    owner_left_out: bool,
    /// Whether every parenthesis was closed before the text ended.
    closed: bool,
    span: Range<usize>,
}

struct Word {
    text: String,
    quoted: bool,
}

impl Record {
    fn word(&self, n: usize) -> &str {
        self.words.get(n).map_or("", |word| &word.text)
    }

    fn is_understood(&self) -> bool {
        let directive = matches!(&*self.word(0).to_ascii_uppercase(), "$ORIGIN" | "$TTL");
        directive || self.closed && self.kind().is_some_and(|kind| self.words.len() > kind + 1)
    }

    /// Which word is the type: the first after the owner that is neither time to live nor class.
    fn kind(&self) -> Option<usize> {
        let after_owner = usize::from(!self.owner_left_out);
        let passed = |word: &Word| {
            let upper = word.text.to_ascii_uppercase();
            !word.quoted && (matches!(&*upper, "IN" | "CH" | "HS") || is_time_to_live(&upper))
        };
        let kind = (after_owner..self.words.len()).find(|n| !self.words.get(*n).is_some_and(passed))?;
        let word = self.words.get(kind)?;
        let letters = word.text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (letters && !word.quoted && word.text.starts_with(|first: char| first.is_ascii_alphabetic())).then_some(kind)
    }
}

/// Seconds, or `1h30m` as BIND writes it.
fn is_time_to_live(upper: &str) -> bool {
    upper.starts_with(|first: char| first.is_ascii_digit())
        && upper.bytes().all(|byte| byte.is_ascii_digit() || b"SMHDW".contains(&byte))
}

struct Records<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Records<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: text.len() - text.trim_start_matches('\u{feff}').len() }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// What follows a backslash: three digits are a byte, anything else is itself (RFC 1035, 5.1).
    fn escaped(&mut self) -> Option<char> {
        let digits =
            self.text.get(self.at..self.at + 3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        if let Some(byte) = digits.and_then(|digits| digits.parse::<u8>().ok()) {
            self.at += 3;
            return Some(char::from(byte));
        }
        self.bump()
    }

    fn word(&mut self) -> Word {
        let mut text = String::new();
        let quoted = self.peek() == Some('"');
        if quoted {
            self.bump();
        }
        while let Some(next) = self.peek() {
            match next {
                '"' if quoted => {
                    self.bump();
                    break;
                }
                '\n' => break,
                ' ' | '\t' | '\r' | ';' | '(' | ')' | '"' if !quoted => break,
                '\\' => {
                    self.bump();
                    text.extend(self.escaped());
                }
                _ => text.extend(self.bump()),
            }
        }
        Word { text, quoted }
    }

    fn comment(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or("");
        self.at += rest.find('\n').unwrap_or(rest.len());
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut words, mut depth, mut line) = (Vec::new(), 0_u32, self.at);
        let (mut start, mut end, mut owner_left_out) = (self.at, self.at, false);
        while let Some(next) = self.peek() {
            match next {
                '\n' => {
                    self.bump();
                    if depth == 0 && !words.is_empty() {
                        break;
                    }
                    line = self.at;
                }
                ';' => self.comment(),
                '(' | ')' | ' ' | '\t' | '\r' => {
                    depth = match next {
                        '(' => depth.saturating_add(1),
                        ')' => depth.saturating_sub(1),
                        _ => depth,
                    };
                    self.bump();
                }
                _ => {
                    if words.is_empty() {
                        (start, owner_left_out) = (self.at, self.at > line);
                    }
                    words.push(self.word());
                    end = self.at;
                }
            }
        }
        (!words.is_empty()).then_some(Record { words, owner_left_out, closed: depth == 0, span: start..end })
    }
}
