//! Transfer encodings and charsets, decoded as `mail-parser` does.
//!
//! Where that gives up on a stray byte, the bytes around it are still worth
//! having: an operator's broken mailer must not hide its mail. Ingest and
//! `resolve` call the same functions, so offsets agree.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::parsers::MessageStream;

use super::shifted;

/// Decodes base64; what is no base64 is skipped.
pub fn base64(raw: &[u8]) -> Vec<u8> {
    match MessageStream::new(raw).decode_base64_mime(b"") {
        (usize::MAX, _) => base64_leniently(raw),
        (_, bytes) => bytes.into_owned(),
    }
}

pub(super) fn base64_leniently(raw: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(raw.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in raw {
        let Some(value) = sextet(*byte) else {
            if *byte == b'=' {
                (bits, count) = (0, 0);
            }
            continue;
        };
        bits = (bits << 6 | value) & 0x00ff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

pub(super) fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

/// Decodes quoted-printable; what is no escape stays as it is.
pub fn quoted_printable(raw: &[u8]) -> Vec<u8> {
    match MessageStream::new(raw).decode_quoted_printable_mime(b"") {
        (usize::MAX, _) => quoted_printable_leniently(raw),
        (_, bytes) => bytes.into_owned(),
    }
}

fn quoted_printable_leniently(raw: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((first, after)) = rest.split_first() {
        rest = match (*first, after) {
            (b'=', [b'\r', b'\n', after @ ..] | [b'\n', after @ ..]) => after,
            (b'=', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push((hex(*high) << 4) | hex(*low));
                after
            }
            (other, after) => {
                bytes.push(other);
                after
            }
        };
    }
    bytes
}

fn hex(digit: u8) -> u8 {
    (digit as char).to_digit(16).unwrap_or(0) as u8
}

/// Whether anybody knows the charset of that name.
pub fn is_known_charset(label: &str) -> bool {
    shifted::is_known(label)
        || charset_decoder(label.as_bytes()).is_some()
        || encoding_rs::Encoding::for_label(label.as_bytes()).is_some()
}

/// Decodes from a charset; an unknown one is taken for UTF-8, and what does
/// not decode becomes U+FFFD. What declares ASCII and holds more is UTF-8 where
/// it reads as such.
pub fn charset<'a>(label: &str, bytes: &'a [u8]) -> Cow<'a, str> {
    if let (true, Ok(text)) = (is_ascii(label), std::str::from_utf8(bytes)) {
        return text.into();
    }
    if let Some(text) = shifted::charset(label, bytes) {
        return text.into();
    }
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes());
    // A mark of byte order stays, as it does in text that needs no decoding.
    if encoding == Some(encoding_rs::UTF_8) {
        return String::from_utf8_lossy(bytes);
    }
    if let Some(utf_16) = encoding.filter(|_| is_utf_16(label)) {
        return utf_16.decode_with_bom_removal(bytes).0;
    }
    let read = charset_decoder(label.as_bytes()).map(|decode| decode(bytes)).filter(|text| !text.contains('\u{fffd}'));
    match (read, encoding) {
        (Some(text), _) => text.into(),
        (None, Some(encoding)) => encoding.decode(bytes).0,
        (None, None) => match charset_decoder(label.as_bytes()) {
            Some(decode) => decode(bytes).into(),
            None => String::from_utf8_lossy(bytes),
        },
    }
}

/// The charset that bytes are in whose label does not hold: labels of ASCII and
/// UTF-8, and none at all, are what software writes without looking. Bytes of
/// which most read as UTF-8 are damaged UTF-8; Latin-1 hardly ever reads as such
/// throughout. `None` where the label is as good as any guess.
pub fn other_charset(label: Option<&str>, bytes: &[u8]) -> Option<&'static str> {
    let is_utf_8 = std::str::from_utf8(bytes).is_ok();
    match label {
        Some(label) if is_latin_1(label) => (is_utf_8 && !bytes.is_ascii()).then_some("utf-8"),
        Some(label) if !is_ascii(label) && !["utf-8", "utf8"].contains(&label) => None,
        _ if is_utf_8 || is_mostly_utf_8(bytes) => None,
        _ => {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(bytes, true);
            Some(detector.guess(None, Utf8Detection::Deny).name())
        }
    }
}

fn is_mostly_utf_8(bytes: &[u8]) -> bool {
    let (mut sound, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    sound >= broken
}

fn is_latin_1(label: &str) -> bool {
    ["iso-8859-1", "latin1", "windows-1252", "cp1252"].iter().any(|name| label.eq_ignore_ascii_case(name))
}

/// Whether what declares base64 is text all the same: words with spaces between.
pub fn is_no_base64(raw: &[u8]) -> bool {
    let lines = || raw.iter().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    let foreign = lines().filter(|byte| **byte != b'=' && sextet(**byte).is_none()).count();
    let spaces = lines().filter(|byte| **byte == b' ').count();
    spaces >= 2 && foreign * 20 > lines().count()
}

/// Whether a mark of byte order may open text in the charset of that name.
pub fn is_utf_16(label: &str) -> bool {
    label.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("utf-16"))
}

/// Whether the charset of that name is ASCII.
pub fn is_ascii(label: &str) -> bool {
    ["us-ascii", "ascii", "ansi_x3.4-1968"].iter().any(|name| label.eq_ignore_ascii_case(name))
}

/// Whether ASCII bytes of that charset may stand for something else.
pub fn shifts_ascii(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    ["utf-7", "utf7", "utf-16", "utf16", "utf-32", "ucs", "iso-2022", "hz-", "csunicode", "csutf", "iso-10646"]
        .iter()
        .any(|start| label.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_bytes_do_not_hide_the_rest() {
        assert_eq!(base64(b"aGVs\r\nbG8="), b"hello");
        assert_eq!(base64(b"aGV!sbG8=\r\n_"), b"hello");
        assert_eq!(quoted_printable(b"a=3Db =\r\nc"), b"a=b c");
        assert_eq!(quoted_printable(b"a==3D=\nb=G1"), b"a==b=G1");
        assert_eq!(charset("windows-1251", b"\xcf"), "П");
        assert_eq!(charset("us-ascii", "–".as_bytes()), "–");
        assert_eq!(charset("iso-8859-1", b"\x9d"), "\u{9d}");
        assert_eq!(charset("utf-16le", b"\xff\xfea\0"), "a");
        assert_eq!(charset("x-nobody-knows", b"a\xff"), "a\u{fffd}");
        assert!(is_no_base64(b"This is a plain sentence.") && !is_no_base64(b"aGV!sbG8= \r\n"));
    }

    #[test]
    fn labels_that_do_not_hold_are_told() {
        let russian = encoding_rs::WINDOWS_1251.encode("Простой текст, по которому видно, чей он").0;
        assert_eq!(other_charset(Some("utf-8"), &russian), Some("windows-1251"));
        assert_eq!(other_charset(None, &russian), Some("windows-1251"));
        assert_eq!(other_charset(Some("koi8-r"), &russian), None);
        assert_eq!(other_charset(Some("iso-8859-1"), "Grüße".as_bytes()), Some("utf-8"));
        assert_eq!(other_charset(Some("iso-8859-1"), b"Gr\xfc\xdfe"), None);
        assert_eq!(other_charset(Some("utf-8"), &"Grüße, cut –".as_bytes()[..15]), None);
    }
}
