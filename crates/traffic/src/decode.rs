//! What a server may have made of a request target: escapes undone until
//! nothing changes.
//!
//! Attackers write `%2527` where one decoder is followed by another, `%u0027`
//! for IIS, and overlong UTF-8 such as `%c0%ae` for parsers that did not check.
//! All are undone, three times at most: what needs a fourth is found by its
//! escapes. Decoding is lenient and never fails; it serves matching alone, and
//! places in the evidence always name the raw bytes.

use std::borrow::Cow;

/// Rounds of escapes that are undone.
const ROUNDS: usize = 3;

/// The text with its escapes undone; `plus` says that `+` stands for a space.
pub fn decoded(text: &str, plus: bool) -> Cow<'_, str> {
    let escaped = |byte: u8| byte == b'%' || (plus && byte == b'+');
    if !text.bytes().any(escaped) {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    for round in 0..ROUNDS {
        let next = once(&bytes, plus && round == 0);
        if next == bytes {
            break;
        }
        bytes = next;
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// How many rounds of escapes change the text: two or more hide something.
pub fn depth(text: &str) -> usize {
    let mut bytes = text.as_bytes().to_vec();
    for round in 0..ROUNDS {
        let next = once(&bytes, false);
        if next == bytes {
            return round;
        }
        bytes = next;
    }
    ROUNDS
}

fn once(bytes: &[u8], plus: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'+' if plus => out.push(b' '),
            b'%' => {
                let (used, given) = escape(&bytes[at..]);
                match given {
                    Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                    None => out.extend_from_slice(&raw(&bytes[at..at + used])),
                }
                at += used;
                continue;
            }
            _ => out.push(byte),
        }
        at += 1;
    }
    out
}

/// Bytes that the escape at the start takes up, and the character where it is one
/// that has to be spelled anew.
fn escape(bytes: &[u8]) -> (usize, Option<char>) {
    if matches!(bytes.get(1), Some(b'u' | b'U')) {
        let unit = bytes.get(2..6).and_then(|digits| std::str::from_utf8(digits).ok());
        let unit = unit.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        return match unit.and_then(char::from_u32) {
            // Full-width forms are what IIS once folded to ASCII.
            Some(c @ '\u{ff01}'..='\u{ff5e}') => (6, char::from_u32(c as u32 - 0xfee0)),
            Some(c) => (6, Some(c)),
            None => (1, None),
        };
    }
    let Some(first) = hex(bytes) else { return (1, None) };
    let following = |skip: usize| hex(bytes.get(skip..)?).filter(|byte| (0x80..0xc0).contains(byte));
    let overlong = match first {
        0xc0 | 0xc1 => following(3).map(|next| (6, u32::from(first & 0x1f) << 6 | u32::from(next & 0x3f))),
        0xe0 => following(3)
            .filter(|next| *next < 0xa0)
            .zip(following(6))
            .map(|(middle, last)| (9, u32::from(middle & 0x3f) << 6 | u32::from(last & 0x3f))),
        _ => None,
    };
    match overlong {
        Some((used, code)) => (used, char::from_u32(code)),
        None => (3, None),
    }
}

/// The byte that `%XY` stands for, or the text as it is where it is no escape.
fn raw(bytes: &[u8]) -> Cow<'_, [u8]> {
    match hex(bytes) {
        Some(byte) if bytes.len() == 3 => Cow::Owned(vec![byte]),
        _ => Cow::Borrowed(bytes),
    }
}

fn hex(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_undone() {
        let cases = [
            ("plain/text-1", "plain/text-1"),
            ("a+b%20c", "a b c"),
            ("%2e%2e%2f", "../"),
            ("%252e%252e%255c", "..\\"),
            ("%25252e", "."),
            ("%u0027%u002e", "'."),
            ("%uff07", "'"),
            ("%c0%ae%c0%ae%c0%af", "../"),
            ("%e0%80%af", "/"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("caf%c3%a9", "caf\u{e9}"),
            ("%ff", "\u{fffd}"),
        ];
        for (text, expected) in cases {
            assert_eq!(decoded(text, true), expected, "{text}");
        }
        assert_eq!((depth("a"), depth("%2e"), depth("%252e")), (0, 1, 2));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(%[0-9a-f]{0,3}|%u[0-9a-f]{0,4}|\\+|[a-z./]|\u{e9}){0,24}", any: String) {
            decoded(&text, true);
            decoded(&any, false);
            prop_assert!(depth(&any) <= ROUNDS);
        }
    }
}
