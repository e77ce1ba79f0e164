//! The observable scanner: one pass over a text, all kinds at once.
//!
//! The text is cut into words at white space, quotes, angle brackets and
//! pipes. A table of byte classes tells in one look whether a word can hold
//! anything at all; most cannot, and cost nothing more. In the others the
//! marks that need the most room are read first (URL, mail address, Windows
//! path), and what lies between them is read run by run. Defanged spellings
//! are undone beforehand in a copy that remembers where each byte came from,
//! so that every hit names its place in the original.

use std::borrow::Cow;

use model::ObservableKind;

use crate::ingest::whole::lossy;

pub mod account;
mod domain;
mod email;
mod file_name;
mod hash;
mod identifier;
mod ip;
mod mac;
mod phone;
mod refang;
mod run;
pub mod unix_path;
mod url;
mod wallet;
pub mod windows_path;

use refang::Refanged;

/// One observable found in a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// First byte in the text as given.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
    /// Its kind.
    pub kind: ObservableKind,
    /// The value after the cleaning rule of its kind.
    pub value: String,
    /// Why it is not taken for what it looks like; `None` if it is.
    pub rejected: Option<&'static str>,
}

/// Which kinds a text may hold; the role of the text decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    kinds: u32,
    /// Whether rejected candidates are worth a row.
    pub rejects: bool,
    /// Whether defanged spellings are undone.
    pub refangs: bool,
}

impl Policy {
    /// All kinds.
    pub const ALL: Self = Self { kinds: u32::MAX, rejects: true, refangs: true };
    /// No kind; a start for [`Policy::with`].
    pub const NONE: Self = Self { kinds: 0, rejects: false, refangs: false };

    /// The same, with these kinds too.
    pub const fn with(mut self, kinds: &[ObservableKind]) -> Self {
        let mut i = 0;
        while i < kinds.len() {
            self.kinds |= 1 << kinds[i] as u32;
            i += 1;
        }
        self
    }

    /// The same, without these kinds.
    pub const fn without(mut self, kinds: &[ObservableKind]) -> Self {
        let mut i = 0;
        while i < kinds.len() {
            self.kinds &= !(1 << kinds[i] as u32);
            i += 1;
        }
        self
    }

    /// Whether any kind that `other` wants is wanted.
    pub const fn wants_any(self, other: Self) -> bool {
        self.kinds & other.kinds != 0
    }

    /// Whether that kind is wanted.
    pub const fn wants(self, kind: ObservableKind) -> bool {
        self.kinds & (1 << kind as u32) != 0
    }
}

/// All observables of `text`, by place, each once.
pub fn scan(text: &[u8], policy: Policy) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut sorted = true;
    scan_each(text, policy, &mut |found| {
        let hit = Hit {
            start: found.start,
            end: found.end,
            kind: found.kind,
            value: found.value.into_owned(),
            rejected: found.rejected,
        };
        sorted &= hits.last().is_none_or(|last| *last < hit);
        hits.push(hit);
    });
    if !sorted {
        hits.sort_unstable();
        hits.dedup();
    }
    hits
}

/// One observable, while the text it was read from is still at hand.
pub(crate) struct Seen<'v> {
    pub start: usize,
    pub end: usize,
    pub kind: ObservableKind,
    pub value: Cow<'v, str>,
    pub rejected: Option<&'static str>,
}

/// Hands every observable of `text` to `take`, in reading order of words.
pub(crate) fn scan_each(text: &[u8], policy: Policy, take: &mut dyn FnMut(Seen<'_>)) {
    let refanged = if policy.refangs { Refanged::of(text) } else { Refanged::unchanged(text) };
    run::words(&mut Scene { text: &refanged.text, refanged: &refanged, policy, take });
}

/// What the readers of single kinds work on.
pub(crate) struct Scene<'t> {
    /// The text with defanged spellings undone.
    text: &'t [u8],
    refanged: &'t Refanged<'t>,
    policy: Policy,
    take: &'t mut dyn FnMut(Seen<'_>),
}

impl<'t> Scene<'t> {
    /// Takes `start..end` of the text as an observable.
    fn put(&mut self, kind: ObservableKind, start: usize, end: usize, value: Cow<'_, str>) {
        if self.policy.wants(kind) {
            let (start, end) = self.refanged.original(start, end);
            (self.take)(Seen { start, end, kind, value, rejected: None });
        }
    }

    /// The same, the value being the text itself.
    fn put_as_is(&mut self, kind: ObservableKind, start: usize, end: usize) {
        let text: &'t [u8] = self.text;
        self.put(kind, start, end, lossy(&text[start..end]));
    }

    /// Keeps a candidate that is not what it looks like.
    fn reject(&mut self, kind: ObservableKind, start: usize, end: usize, reason: &'static str) {
        if self.policy.rejects && self.policy.wants(kind) {
            let value = lossy(&self.text[start..end]);
            let (start, end) = self.refanged.original(start, end);
            (self.take)(Seen { start, end, kind, value, rejected: Some(reason) });
        }
    }

    /// The byte at `index`, or a space outside the text.
    fn at(&self, index: usize) -> u8 {
        self.text.get(index).copied().unwrap_or(b' ')
    }

    /// The byte before `index`, or a space at the start of the text.
    fn before(&self, index: usize) -> u8 {
        index.checked_sub(1).map_or(b' ', |index| self.at(index))
    }

    /// Whether somebody took the trouble to defang something in the range.
    fn defanged(&self, start: usize, end: usize) -> bool {
        self.refanged.touches(start, end)
    }
}

/// Whether the byte continues a word in any script.
fn is_wordy(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// End of the longest stretch from `start` whose bytes all satisfy `keep`.
fn stretch(text: &[u8], start: usize, keep: impl Fn(u8) -> bool) -> usize {
    text[start..].iter().position(|&byte| !keep(byte)).map_or(text.len(), |length| start + length)
}

/// Start of the longest stretch before `end`, not before `floor`.
fn stretch_back(text: &[u8], floor: usize, end: usize, keep: impl Fn(u8) -> bool) -> usize {
    text[floor..end].iter().rposition(|&byte| !keep(byte)).map_or(floor, |index| floor + index + 1)
}

/// Accepted finds of `text` as lines for tests: kind, value, and what stands there.
#[cfg(test)]
pub(crate) fn lines(text: &str) -> Vec<String> {
    scan(text.as_bytes(), Policy::ALL)
        .into_iter()
        .map(|hit| match hit.rejected {
            None => format!("{} {}", hit.kind.word(), hit.value),
            Some(reason) => format!("not {} {}: {reason}", hit.kind.word(), hit.value),
        })
        .collect()
}

/// Checks `(text, finds)` pairs, the finds written as [`lines`] gives them and
/// joined by semicolons.
#[cfg(test)]
pub(crate) fn check(pairs: &[(&str, &str)]) {
    for (text, expected) in pairs {
        assert_eq!(lines(text).join("; "), *expected, "in {text:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holds(text: &[u8]) {
        for hit in scan(text, Policy::ALL) {
            assert!(hit.start < hit.end && hit.end <= text.len(), "{hit:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic_and_places_lie_inside(text in prop::collection::vec(any::<u8>(), 0..400)) {
            holds(&text);
        }

        #[test]
        fn marks_thrown_together_are_read_too(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
            holds(pieces.concat().as_bytes());
        }
    }

    const PIECES: &[&str] = &[
        "[.]",
        "hxxp",
        "://",
        "@",
        "(at)",
        " dot ",
        " at ",
        "192.0.2.1",
        "a",
        "example",
        ".test",
        ".com",
        "/",
        "\\",
        "C:\\",
        "\\\\",
        "Users",
        "/home/",
        " ",
        "\n",
        "[",
        "]",
        "(",
        ")",
        "::",
        ":",
        "2001:db8",
        "é",
        "日本",
        "рф",
        "%",
        "-",
        "+",
        "1",
        "255",
        "T1059",
        ".001",
        "CVE-2020-1234",
        "AS64500",
        "bc1",
        "0x",
        "deadbeef",
        "\"",
        "'",
        "<",
        ">",
        "|",
        ",",
        ";",
        "&quot;",
        "fbq(",
        "UA-",
        "$",
        "#",
        "\u{200b}",
        "~",
    ];
}
