//! Telephone numbers.
//!
//! Cleaning rule: E.164, a plus sign and digits. National forms are read for
//! the North American plan alone, and only with separators: `(212) 555-0142`,
//! `212-555-0142`, `212.555.0142`; elsewhere they cannot be told from other
//! numbers.

use std::borrow::Cow;

use model::ObservableKind as Kind;

use super::{Scene, ip, is_wordy, stretch};

/// Country codes of one and two digits (ITU-T E.164); all others have three.
const SHORT_CODES: &[&str] = &[
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
    "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
    "86", "90", "91", "92", "93", "94", "95", "98",
];
/// First two digits of the codes of three.
const LONG_CODES: &[&str] = &[
    "21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "67", "68", "69", "80", "85", "87",
    "88", "96", "97", "99",
];

/// Reads a number that starts with the plus sign at `start`.
pub(super) fn international(scene: &mut Scene<'_>, start: usize) -> Option<usize> {
    if !scene.policy.wants(Kind::Phone)
        || is_wordy(scene.before(start))
        || scene.before(start) == b'+'
        || !scene.at(start + 1).is_ascii_digit()
    {
        return None;
    }
    // Light markup writes `+192.0.2.1+`.
    let run_end = stretch(scene.text, start + 1, |byte| byte.is_ascii_digit() || byte == b'.');
    if ip::quad(&scene.text[start + 1..run_end]).is_some_and(|quad| quad.is_ok()) {
        return None;
    }
    let (digits, end) = grouped(scene.text, start + 1);
    let known = SHORT_CODES.iter().chain(LONG_CODES).any(|code| digits.starts_with(code));
    let varied = digits.bytes().any(|digit| Some(digit) != digits.as_bytes().get(1).copied());
    if !(8..=15).contains(&digits.len()) || !known || !varied || is_wordy(scene.at(end)) {
        return None;
    }
    scene.put(Kind::Phone, start, end, Cow::Owned(format!("+{digits}")));
    Some(end)
}

/// Digits from `start` with single separators between groups, and their end.
fn grouped(text: &[u8], start: usize) -> (String, usize) {
    let mut digits = String::new();
    let (mut here, mut end) = (start, start);
    let mut gap = 0;
    while let Some(&byte) = text.get(here) {
        match byte {
            b'0'..=b'9' if digits.len() < 16 => {
                digits.push(byte as char);
                (end, gap) = (here + 1, 0);
            }
            b' ' | b'-' | b'.' | b'/' | b'(' | b')' if gap < 2 && text.get(here + 1) != Some(&b'+') => gap += 1,
            _ => break,
        }
        here += 1;
    }
    (digits, end)
}

/// Reads a number of the North American plan from a bracket or digit.
pub(super) fn national(scene: &mut Scene<'_>, start: usize) -> Option<usize> {
    if !scene.policy.wants(Kind::Phone)
        || is_wordy(scene.before(start))
        || matches!(scene.before(start), b'-' | b'.' | b'/' | b'(')
    {
        return None;
    }
    let open = scene.at(start) == b'(';
    let area = start + usize::from(open);
    let (exchange, mark) = match (open, scene.at(area + 3), scene.at(area + 4)) {
        (true, b')', b' ') => (area + 5, b'-'),
        (true, b')', _) => (area + 4, b'-'),
        (false, mark @ (b'-' | b'.'), _) => (area + 4, mark),
        _ => return None,
    };
    let end = exchange + 8;
    let (area, number) = (scene.text.get(area..area + 3)?, scene.text.get(exchange..end)?);
    let fits =
        is_code(area) && is_code(&number[..3]) && number[3] == mark && number[4..].iter().all(u8::is_ascii_digit);
    let goes_on =
        is_wordy(scene.at(end)) || (matches!(scene.at(end), b'-' | b'.') && scene.at(end + 1).is_ascii_digit());
    if !fits || goes_on {
        return None;
    }
    let digits: String = [area, &number[..3], &number[4..]].concat().into_iter().map(char::from).collect();
    scene.put(Kind::Phone, start, end, Cow::Owned(format!("+1{digits}")));
    Some(end)
}

/// Area codes and exchanges start with 2 to 9.
fn is_code(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_digit) && digits[0] >= b'2'
}

#[cfg(test)]
mod tests {
    use super::super::check;

    // 555-01xx and +44 20 7946 0xxx are kept for fiction by their regulators.
    #[test]
    fn forms_that_are_read_and_numbers_that_are_not() {
        check(&[
            ("Call +44 20 7946 0123.", "phone +442079460123"),
            ("+1 (212) 555-0142, now", "phone +12125550142"),
            ("(212) 555-0142", "phone +12125550142"),
            ("212-555-0142; 212.555.0143", "phone +12125550142; phone +12125550143"),
            ("+0330 +1 +12 2020-10-12 123-45-6789 112-555-0142", ""),
            ("+198.51.100.108+", "ip 198.51.100.108"),
            ("a+442079460123 +000000000 1212-555-0142", ""),
        ]);
    }
}
