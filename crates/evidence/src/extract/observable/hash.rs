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
    let kind = match digits.len() {
        32 => Kind::Md5,
        40 => Kind::Sha1,
        64 => Kind::Sha256,
        _ => Kind::Sha512,
    };
    if !digits.iter().all(u8::is_ascii_hexdigit) || is_wordy(scene.before(start)) || is_wordy(scene.at(end)) {
        return false;
    }
    match unlikely(scene, start, digits) {
        Some(reason) => scene.reject(kind, start, end, reason),
        None => {
            let lower = lossy(digits);
            let upper = digits.iter().any(u8::is_ascii_uppercase);
            let value = if upper { Cow::Owned(lower.to_ascii_lowercase()) } else { lower };
            scene.put(kind, start, end, value);
        }
    }
    true
}

fn unlikely(scene: &Scene<'_>, start: usize, digits: &[u8]) -> Option<&'static str> {
    let seen = digits.iter().fold(0u16, |seen, &byte| seen | 1 << nibble(byte));
    if seen.count_ones() < 6 {
        return Some("too few different digits");
    }
    if digits.iter().all(u8::is_ascii_digit) {
        return Some("decimal digits alone");
    }
    let floor = start.saturating_sub(12);
    let gap = stretch_back(scene.text, floor, start, |byte| matches!(byte, b' ' | b'/' | b':'));
    let follows_commit = gap < start && scene.text[floor..gap].to_ascii_lowercase().ends_with(b"commit");
    follows_commit.then_some("a revision of source code")
}

/// The value of a hexadecimal digit, and anything below 16 for other bytes.
fn nibble(byte: u8) -> u8 {
    (byte & 15).wrapping_add(9 * (byte >> 6)) & 15
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
