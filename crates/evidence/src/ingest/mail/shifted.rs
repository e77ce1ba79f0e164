//! ISO-2022-KR and ISO-2022-CN (RFC 1557 and 1922).
//!
//! Browsers refuse both, and so do the libraries that follow them. Two control
//! bytes shift between ASCII and a set of two-byte characters; those are the
//! characters of EUC-KR and of GBK without their high bits.

use encoding_rs::{EUC_KR, Encoding, GBK};

const SHIFT_OUT: u8 = 0x0e;
const SHIFT_IN: u8 = 0x0f;
const ESCAPE: u8 = 0x1b;

/// What the two-byte characters of a charset are; `None` for any other charset.
pub fn base(label: &str) -> Option<&'static Encoding> {
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
pub fn decode(base: &'static Encoding, bytes: &[u8]) -> String {
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
    fn two_byte_characters_are_read() {
        assert_eq!(decode(EUC_KR, b"\x1b$)C\x0eGQ1[\x0f a"), "한글 a");
        assert_eq!(decode(GBK, b"\x1b$)A\x0eVPND\x0f a\n"), "中文 a\n");
        assert!(decode(GBK, b"\x1b$)G\x0eVP").contains('\u{fffd}'));
        assert_eq!(decode(GBK, b"\x1b$"), "");
        assert!(base("iso-2022-jp").is_none());
    }
}
