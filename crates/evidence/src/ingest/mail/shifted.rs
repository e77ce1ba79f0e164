//! Charsets of seven bits that shift: ISO-2022-KR and -CN (RFC 1557 and 1922),
//! and UTF-7 (RFC 2152).
//!
//! Browsers refuse all three, and so do the libraries that follow them. In the
//! first two, control bytes shift between ASCII and a set of two-byte
//! characters: those of EUC-KR and of GBK without their high bits.

use encoding_rs::{EUC_KR, Encoding, GBK, UTF_16BE};

use super::transfer;

const SHIFT_OUT: u8 = 0x0e;
const SHIFT_IN: u8 = 0x0f;
const ESCAPE: u8 = 0x1b;

/// Decodes one of these charsets; `None` for any other.
pub fn charset(label: &str, bytes: &[u8]) -> Option<String> {
    if is_utf_7(label) {
        return Some(utf_7(bytes));
    }
    base(label).map(|base| decode(base, bytes))
}

/// Whether the charset is one of these.
pub fn is_known(label: &str) -> bool {
    is_utf_7(label) || base(label).is_some()
}

fn is_utf_7(label: &str) -> bool {
    ["utf-7", "utf7", "unicode-1-1-utf-7", "csunicode11utf7"].iter().any(|name| label.eq_ignore_ascii_case(name))
}

/// UTF-16 in base64 between `+` and the first byte that is none of its digits,
/// which goes with it only if it is `-`.
fn utf_7(bytes: &[u8]) -> String {
    let (mut text, mut rest) = (String::with_capacity(bytes.len()), bytes);
    while let Some(plus) = memchr::memchr(b'+', rest) {
        text.push_str(&String::from_utf8_lossy(&rest[..plus]));
        rest = &rest[plus + 1..];
        let digits = rest.iter().take_while(|byte| transfer::sextet(**byte).is_some()).count();
        if digits == 0 {
            text.push('+');
        } else {
            let units = transfer::base64_leniently(&rest[..digits]);
            text.push_str(&UTF_16BE.decode_without_bom_handling(&units[..units.len() & !1]).0);
        }
        rest = &rest[digits..];
        rest = rest.strip_prefix(b"-").unwrap_or(rest);
    }
    text.push_str(&String::from_utf8_lossy(rest));
    text
}

/// What the two-byte characters of a charset are; `None` for any other charset.
fn base(label: &str) -> Option<&'static Encoding> {
    let is = |names: &[&str]| names.iter().any(|name| label.eq_ignore_ascii_case(name));
    if is(&["iso-2022-kr", "csiso2022kr"]) {
        Some(EUC_KR)
    } else if is(&["iso-2022-cn", "iso-2022-cn-ext"]) {
        Some(GBK)
    } else {
        None
    }
}

/// Decodes; characters of sets other than the base become U+FFFD.
fn decode(base: &'static Encoding, bytes: &[u8]) -> String {
    let mut plain = Vec::with_capacity(bytes.len());
    let (mut shifted, mut foreign, mut rest) = (false, false, bytes);
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match *first {
            SHIFT_OUT => shifted = true,
            SHIFT_IN => shifted = false,
            ESCAPE => {
                // `$)A` and `$)C` name the base; `$)G` and `$*H` are sets of Taiwan.
                let length = after.iter().position(u8::is_ascii_alphabetic).map_or(after.len(), |end| end + 1).min(4);
                foreign = base == GBK && matches!(after.get(..length), Some(b"$)G" | b"$)E"));
                rest = &after[length..];
            }
            // A line end takes back the shift.
            b'\n' => {
                shifted = false;
                plain.push(b'\n');
            }
            byte if shifted && byte > b' ' => plain.push(if foreign { 0xff } else { byte | 0x80 }),
            byte => plain.push(byte),
        }
    }
    base.decode_without_bom_handling(&plain).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_shift_of_utf_7_stays_unless_it_is_a_hyphen() {
        assert_eq!(utf_7(b"Gr+APw-e +IBM a +- b+2D3eAA-"), "Grüe – a + b😀");
        assert_eq!(utf_7(b"+A"), "");
    }

    #[test]
    fn two_byte_characters_are_read() {
        assert_eq!(decode(EUC_KR, b"\x1b$)C\x0eGQ1[\x0f a"), "한글 a");
        assert_eq!(decode(GBK, b"\x1b$)A\x0eVPND\x0f a\n"), "中文 a\n");
        assert!(decode(GBK, b"\x1b$)G\x0eVP").contains('\u{fffd}'));
        assert_eq!(decode(GBK, b"\x1b$"), "");
        assert!(!is_known("iso-2022-jp"));
    }
}
