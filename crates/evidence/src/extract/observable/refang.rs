//! Undoes defanged spellings in a copy that remembers where each byte stood.
//!
//! `hxxp`, `[.]`, `(dot)`, `{.}`, `[at]`, `[:]//` and their like become what
//! they stand for. Spelt-out ` dot ` and ` at ` are undone only where both
//! make a mail address or a common top-level domain follows, because prose is
//! full of these words.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, MatchKind, StartKind};

/// A text with its defanged spellings undone.
pub(super) struct Refanged<'t> {
    /// The text to read.
    pub text: Cow<'t, [u8]>,
    edits: Vec<Edit>,
}

/// One replacement: `new..new + new_len` stands for `old..old + old_len`.
#[derive(Clone, Copy, Debug)]
struct Edit {
    new: usize,
    new_len: usize,
    old: usize,
    old_len: usize,
}

/// When a spelling counts as defanged.
#[derive(Clone, Copy)]
enum When {
    /// Always: nobody writes it for another reason that matters here.
    Always,
    /// Between letters or digits only.
    Inside,
    /// As above, in a word without a backslash before anything but a dot.
    Escape,
    /// As the start of a scheme.
    Scheme,
    /// As the spelt-out dot of a domain.
    SpeltDot,
    /// As the spelt-out at sign before a spelt-out dot.
    SpeltAt,
}

use When::{Always, Escape, Inside, Scheme, SpeltAt, SpeltDot};

const SPELLINGS: &[(&str, &str, When)] = &[
    ("[.]", ".", Always),
    ("(.)", ".", Always),
    ("{.}", ".", Always),
    ("[dot]", ".", Always),
    ("(dot)", ".", Always),
    ("{dot}", ".", Always),
    (" [.] ", ".", Inside),
    (" (.) ", ".", Inside),
    (" {.} ", ".", Inside),
    (" [dot] ", ".", Inside),
    (" (dot) ", ".", Inside),
    (" {dot} ", ".", Inside),
    ("[at]", "@", Always),
    ("(at)", "@", Always),
    ("{at}", "@", Always),
    ("[@]", "@", Always),
    ("(@)", "@", Always),
    ("{@}", "@", Always),
    (" [at] ", "@", Inside),
    (" (at) ", "@", Inside),
    (" {at} ", "@", Inside),
    ("[:]", ":", Always),
    ("(:)", ":", Always),
    ("{:}", ":", Always),
    ("[://]", "://", Always),
    ("[:/]/", "://", Always),
    (":[//]", "://", Always),
    ("[/]", "/", Inside),
    ("[.", ".", Inside),
    (".]", ".", Inside),
    ("\\.", ".", Escape),
    ("hxxp", "http", Scheme),
    ("hxtp", "http", Scheme),
    ("htxp", "http", Scheme),
    ("h**p", "http", Scheme),
    ("h__p", "http", Scheme),
    ("hp://", "http://", Scheme),
    ("meow://", "http://", Scheme),
    ("fxp", "ftp", Scheme),
    (" dot ", ".", SpeltDot),
    (" at ", "@", SpeltAt),
];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    // A build of constant patterns fails only if they are too large, and then
    // texts are read as they stand.
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .start_kind(StartKind::Anchored)
        .build(SPELLINGS.iter().map(|(spelling, ..)| spelling))
        .ok()
});

/// The first and second bytes of the spellings, in either case. A pair can open
/// a spelling if both bytes have a bit in common. Hardly any pair of a text
/// does, so that the automaton is asked at few places.
const OPENINGS: &[(&[u8], &[u8])] = &[
    (b"[({", b".@:/dDaA"),
    (b" ", b"[({dDaA"),
    (b":", b"["),
    (b".", b"]"),
    (b"\\", b"."),
    (b"hH", b"xXtT*_pP"),
    (b"mM", b"eE"),
    (b"fF", b"xX"),
];

static FIRST: [u8; 256] = opening_bits(true);
static SECOND: [u8; 256] = opening_bits(false);

const fn opening_bits(first: bool) -> [u8; 256] {
    let mut bits = [0; 256];
    let mut n = 0;
    while n < OPENINGS.len() {
        let bytes = if first { OPENINGS[n].0 } else { OPENINGS[n].1 };
        let mut i = 0;
        while i < bytes.len() {
            bits[bytes[i] as usize] |= 1 << n;
            i += 1;
        }
        n += 1;
    }
    bits
}

/// The next place at or after `from` where a spelling can start.
fn next_opening(text: &[u8], from: usize) -> Option<usize> {
    const BLOCK: usize = 16;
    let opens = |pair: &[u8]| FIRST[pair[0] as usize] & SECOND[pair[1] as usize] != 0;
    let mut start = from;
    // Whole blocks are passed over without a branch for each byte.
    while let Some(block) = text.get(start..).and_then(<[u8]>::first_chunk::<{ BLOCK + 1 }>) {
        let bits = (0..BLOCK).fold(0, |bits, n| bits | FIRST[block[n] as usize] & SECOND[block[n + 1] as usize]);
        if bits != 0 {
            break;
        }
        start += BLOCK;
    }
    text.get(start..)?.windows(2).position(opens).map(|index| start + index)
}

impl<'t> Refanged<'t> {
    /// The text as it stands.
    pub fn unchanged(text: &'t [u8]) -> Self {
        Self { text: Cow::Borrowed(text), edits: Vec::new() }
    }

    /// The text with every defanged spelling undone.
    pub fn of(text: &'t [u8]) -> Self {
        let Some(finder) = &*FINDER else { return Self::unchanged(text) };
        let mut refanged = Vec::new();
        let mut edits: Vec<Edit> = Vec::new();
        let mut copied = 0;
        let mut look = 0;
        while let Some(start) = next_opening(text, look) {
            let Some(found) = finder.find(Input::new(text).span(start..text.len()).anchored(Anchored::Yes)) else {
                look = start + 1;
                continue;
            };
            let (_, meant, when) = SPELLINGS[found.pattern().as_usize()];
            let end = found.end();
            look = end;
            if !when.holds(text, start, end) {
                look = start + 1;
                continue;
            }
            refanged.extend_from_slice(&text[copied..start]);
            edits.push(Edit { new: refanged.len(), new_len: meant.len(), old: start, old_len: end - start });
            refanged.extend_from_slice(meant.as_bytes());
            copied = end;
        }
        if edits.is_empty() {
            return Self::unchanged(text);
        }
        refanged.extend_from_slice(&text[copied..]);
        Self { text: Cow::Owned(refanged), edits }
    }

    /// Where `start..end` of the copy stands in the original.
    pub fn original(&self, start: usize, end: usize) -> (usize, usize) {
        if self.edits.is_empty() {
            return (start, end);
        }
        let start = match self.edit_before(start) {
            None => start,
            Some(edit) if start < edit.new + edit.new_len => edit.old + (start - edit.new).min(edit.old_len - 1),
            Some(edit) => edit.old + edit.old_len + (start - edit.new - edit.new_len),
        };
        let end = match self.edit_before(end.saturating_sub(1)) {
            None => end,
            Some(edit) if end <= edit.new + edit.new_len => edit.old + edit.old_len,
            Some(edit) => edit.old + edit.old_len + (end - edit.new - edit.new_len),
        };
        (start, end.max(start))
    }

    /// Whether a replacement lies in `start..end` of the copy.
    pub fn touches(&self, start: usize, end: usize) -> bool {
        let first = self.edits.partition_point(|edit| edit.new + edit.new_len <= start);
        self.edits.get(first).is_some_and(|edit| edit.new < end)
    }

    /// The last replacement that starts at or before `index`.
    fn edit_before(&self, index: usize) -> Option<&Edit> {
        let after = self.edits.partition_point(|edit| edit.new <= index);
        after.checked_sub(1).and_then(|last| self.edits.get(last))
    }
}

impl When {
    fn holds(self, text: &[u8], start: usize, end: usize) -> bool {
        let inside = || is_name(before(text, start)) && is_name(at(text, end));
        match self {
            Always => true,
            Inside => inside(),
            Escape => inside() && escapes_only_dots(text, start),
            Scheme => !before(text, start).is_ascii_alphanumeric() && leads_to_scheme(text, end),
            SpeltDot => inside() && (spelt_domain(text, start, end) || spelt_address_before(text, start)),
            SpeltAt => inside() && spelt_dot_follows(text, end),
        }
    }
}

fn at(text: &[u8], index: usize) -> u8 {
    text.get(index).copied().unwrap_or(b' ')
}

fn before(text: &[u8], index: usize) -> u8 {
    index.checked_sub(1).map_or(b' ', |index| at(text, index))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Whether all backslashes of the word around `middle` stand before dots, as
/// in a regular expression and never in a Windows path.
fn escapes_only_dots(text: &[u8], middle: usize) -> bool {
    const REACH: usize = 128;
    let is_gap = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'|' | b'`');
    let floor = middle.saturating_sub(REACH);
    let start = text[floor..middle].iter().rposition(is_gap).map_or(floor, |index| floor + index + 1);
    let roof = text.len().min(middle + REACH);
    let end = text[middle..roof].iter().position(is_gap).map_or(roof, |index| middle + index);
    let word = &text[start..end];
    memchr::memchr_iter(b'\\', word).all(|index| matches!(word.get(index + 1), Some(b'.' | b'-' | b'/')))
}

fn leads_to_scheme(text: &[u8], end: usize) -> bool {
    let rest = &text[end..];
    let rest = rest.strip_prefix(b"s").or_else(|| rest.strip_prefix(b"S")).unwrap_or(rest);
    before(text, end) == b'/' || matches!(rest.first(), Some(b':' | b'[' | b'(' | b'{'))
}

fn word_before(text: &[u8], end: usize) -> &[u8] {
    let floor = end.saturating_sub(64);
    let word = &text[floor..end];
    let start = word.iter().rposition(|&byte| !super::run::is_host_byte(byte)).map_or(0, |index| index + 1);
    &word[start..]
}

fn word_after(text: &[u8], start: usize) -> &[u8] {
    let word = &text[start..text.len().min(start + 64)];
    let end = word.iter().position(|&byte| !super::run::is_host_byte(byte)).unwrap_or(word.len());
    &word[..end]
}

/// `example dot com`, and not `the dot com years`.
fn spelt_domain(text: &[u8], start: usize, end: usize) -> bool {
    const COMMON: &[&[u8]] = &[b"com", b"net", b"org", b"info", b"biz", b"gov", b"edu"];
    const PROSE: &[&[u8]] = &[
        b"the", b"a", b"an", b"of", b"any", b"every", b"this", b"that", b"and", b"or", b"first", b"big", b"old", b"new",
    ];
    let is_in = |list: &[&[u8]], word: &[u8]| list.iter().any(|entry| entry.eq_ignore_ascii_case(word));
    let (left, right) = (word_before(text, start), word_after(text, end));
    is_in(COMMON, right.strip_suffix(b".").unwrap_or(right)) && !is_in(PROSE, left)
}

/// `name at example dot test`: the dot, seen from its left.
fn spelt_address_before(text: &[u8], start: usize) -> bool {
    let domain = word_before(text, start);
    let rest = &text[..start - domain.len()];
    let tail = rest.split_at(rest.len().saturating_sub(4)).1;
    tail.eq_ignore_ascii_case(b" at ") || matches!(tail.last(), Some(b'@' | b']' | b')'))
}

/// `name at example dot test`: the at sign, seen from its right.
fn spelt_dot_follows(text: &[u8], end: usize) -> bool {
    const DOTS: &[&[u8]] = &[b" dot ", b"[dot]", b"(dot)", b"{dot}", b"[.]", b" [dot] ", b" (dot) "];
    let rest = &text[end + word_after(text, end).len()..];
    DOTS.iter().any(|dot| rest.get(..dot.len()).is_some_and(|head| head.eq_ignore_ascii_case(dot)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_starts_with_a_pair_that_opens_one() {
        for (spelling, ..) in SPELLINGS {
            for spelling in [spelling.to_uppercase(), spelling.to_lowercase()] {
                assert_eq!(next_opening(spelling.as_bytes(), 0), Some(0), "{spelling:?}");
            }
        }
    }

    fn undone(text: &str) -> String {
        String::from_utf8_lossy(&Refanged::of(text.as_bytes()).text).into_owned()
    }

    #[test]
    fn spellings_are_undone_and_prose_is_left_alone() {
        for (text, expected) in [
            ("hxxps[:]//www[.]example(.)test/a", "https://www.example.test/a"),
            ("meow://192[.]0[.]2[.]1", "http://192.0.2.1"),
            ("fxp://example{.}test", "ftp://example.test"),
            ("192.0.2[.1", "192.0.2.1"),
            ("name[at]example[dot]test", "name@example.test"),
            ("name at example dot test", "name@example.test"),
            ("write to example dot com today", "write to example.com today"),
            ("the dot com years", "the dot com years"),
            ("connect dot to dot", "connect dot to dot"),
            (r"www\.example\.test", "www.example.test"),
            (r"C:\tools\.git", r"C:\tools\.git"),
            ("hxxp is a word", "hxxp is a word"),
            ("see [.profile]", "see [.profile]"),
        ] {
            assert_eq!(undone(text), expected);
        }
    }

    #[test]
    fn places_lead_back() {
        let text = "x 192[.]0[.]2[.]1 y";
        let refanged = Refanged::of(text.as_bytes());
        let (start, end) = refanged.original(2, 11);
        assert_eq!(&text[start..end], "192[.]0[.]2[.]1");
        assert!(refanged.touches(2, 11) && !refanged.touches(0, 2) && !refanged.touches(11, 13));
    }
}
