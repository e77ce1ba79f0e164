//! File digests, by their exact length in hexadecimal digits.
//!
//! Cleaning rule: lower case. Runs of one digit, of two, or of decimal digits
//! alone are counters and fill; what follows the word `commit` is a revision.

use std::borrow::Cow;

use model::ObservableKind as Kind;

use super::{Scene, is_wordy, lossy, stretch_back};

/// Reads the run as a digest; says whether it is one.
pub(super) fn read(scene: &mut Scene<'_>, start: usize, end: usize) -> bool {
    let digits = &scene.text[start..end];
    let Some(facts) = Facts::of(digits) else { return false };
    if is_wordy(scene.before(start)) || is_wordy(scene.at(end)) {
        return false;
    }
    let kind = match digits.len() {
        32 => Kind::Md5,
        40 => Kind::Sha1,
        64 => Kind::Sha256,
        _ => Kind::Sha512,
    };
    match unlikely(scene, start, &facts) {
        Some(reason) => scene.reject(kind, start, end, reason),
        None => {
            let found = lossy(digits);
            let value = if facts.capitals { Cow::Owned(found.to_ascii_lowercase()) } else { found };
            scene.put(kind, start, end, value);
        }
    }
    true
}

/// What one pass over hexadecimal digits tells.
struct Facts {
    /// One bit for each digit that occurs.
    seen: u16,
    letters: bool,
    capitals: bool,
}

impl Facts {
    /// `None` if a byte is no hexadecimal digit.
    fn of(digits: &[u8]) -> Option<Self> {
        const SMALL: u8 = 1;
        const CAPITAL: u8 = 2;
        let (mut seen, mut cases) = (0u16, 0u8);
        for &byte in digits {
            let (digit, case) = match byte {
                b'0'..=b'9' => (byte - b'0', 0),
                b'a'..=b'f' => (byte - b'a' + 10, SMALL),
                b'A'..=b'F' => (byte - b'A' + 10, CAPITAL),
                _ => return None,
            };
            seen |= 1 << digit;
            cases |= case;
        }
        Some(Self { seen, letters: cases != 0, capitals: cases & CAPITAL != 0 })
    }
}

fn unlikely(scene: &Scene<'_>, start: usize, facts: &Facts) -> Option<&'static str> {
    if facts.seen.count_ones() < 6 {
        return Some("too few different digits");
    }
    if !facts.letters {
        return Some("decimal digits alone");
    }
    let floor = start.saturating_sub(12);
    let gap = stretch_back(scene.text, floor, start, |byte| matches!(byte, b' ' | b'/' | b':'));
    let follows_commit = gap < start && scene.text[floor..gap].to_ascii_lowercase().ends_with(b"commit");
    follows_commit.then_some("a revision of source code")
}

#[cfg(test)]
mod tests {
    use super::super::check;

    #[test]
    fn digests_by_length_and_what_is_none() {
        check(&[
            ("(0123456789ABCDEF0123456789abcdef)", "md5 0123456789abcdef0123456789abcdef"),
            ("0123456789abcdef0123456789abcdef01234567.", "sha1 0123456789abcdef0123456789abcdef01234567"),
            (
                "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            ),
            (
                "commit 0123456789abcdef0123456789abcdef01234567",
                "not sha1 0123456789abcdef0123456789abcdef01234567: a revision of source code",
            ),
            ("00000000000000000000000000000000", "not md5 00000000000000000000000000000000: too few different digits"),
            ("x0123456789abcdef0123456789abcdef 01234567-89ab-cdef-0123-456789abcdef", ""),
            ("0123456789abcdef0123456789abcdef0", ""),
        ]);
    }
}
