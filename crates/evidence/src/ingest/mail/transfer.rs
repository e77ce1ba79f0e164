//! Transfer encodings and charsets, decoded as `mail-parser` does.
//!
//! Where that gives up on a stray byte, the bytes around it are still worth
//! having: an operator's broken mailer must not hide its mail. Ingest and
//! `resolve` call the same functions, so offsets agree.

use std::borrow::Cow;

use super::shifted;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::parsers::MessageStream;

/// Decodes base64; what is no base64 is skipped.
pub fn base64(raw: &[u8]) -> Vec<u8> {
    match MessageStream::new(raw).decode_base64_mime(b"") {
        (usize::MAX, _) => base64_leniently(raw),
        (_, bytes) => bytes.into_owned(),
    }
}

fn base64_leniently(raw: &[u8]) -> Vec<u8> {
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

fn sextet(byte: u8) -> Option<u32> {
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
    shifted::base(label).is_some()
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
    if let Some(base) = shifted::base(label) {
        return shifted::decode(base, bytes).into();
    }
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes());
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
    }
}
