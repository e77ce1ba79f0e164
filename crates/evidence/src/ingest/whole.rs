//! A document that is read in one piece, as UTF-8.
//!
//! Intel documents are small beside logs, and a reader of STIX has to know the
//! last object before it understands the first, so they are held in memory up
//! to [`WHOLE_BYTES`]. What is not UTF-8 is converted, and the chain says so
//! with a `charset:` step; offsets then count the converted text.

use std::borrow::Cow;
use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use model::locator::extend_chain;
use model::{At, Loss, Out, Reading, Step};

/// Bytes that a document read in one piece may have.
pub const WHOLE_BYTES: u64 = 256 << 20;

/// A document and the chain that leads to its text.
pub struct Whole {
    /// Steps from the file to the text, a `charset:` step included where one was needed.
    pub chain: String,
    /// The text; a byte order mark at its start is kept, since offsets count it.
    pub text: String,
}

impl Whole {
    /// The place of a slice of the text.
    pub fn place(&self, start: usize, end: usize) -> At<'_> {
        At { chain: &self.chain, start: start as u64, length: end.saturating_sub(start) as u64 }
    }
}

/// Reads the split as one document. `None` if it is left out or too large,
/// which is noted.
pub fn read(reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<Option<Whole>> {
    if !out.begin(reading.split.items_before) {
        return Ok(None);
    }
    let length = if reading.split.end == u64::MAX { u64::MAX } else { reading.split.end - reading.split.start };
    let mut raw = Vec::new();
    bytes.take(length.min(WHOLE_BYTES + 1)).read_to_end(&mut raw)?;
    if raw.len() as u64 > WHOLE_BYTES {
        let loss = Loss { reason: "too large to be read in one piece", count: 1, detail: "" };
        out.loss(At::whole(reading.chain), loss);
        return Ok(None);
    }
    Ok(Some(decode(reading.chain, raw)))
}

/// The bytes as UTF-8, with the step that converts them added where needed.
pub fn decode(chain: &str, raw: Vec<u8>) -> Whole {
    let Some(encoding) = encoding_of(&raw) else {
        return Whole { chain: chain.to_owned(), text: into_text(raw) };
    };
    let label = encoding.name().to_ascii_lowercase();
    // The decoder is the one that opens the place again, so that offsets agree.
    let text = super::mail::transfer::charset(&label, &raw).into_owned();
    Whole { chain: extend_chain(chain, &Step::Charset(label)), text }
}

fn into_text(raw: Vec<u8>) -> String {
    String::from_utf8(raw).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The encoding to convert from; `None` for UTF-8.
fn encoding_of(raw: &[u8]) -> Option<&'static Encoding> {
    if let Some(encoding) = utf16_of(raw) {
        return Some(encoding);
    }
    if std::str::from_utf8(raw).is_ok() {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(raw, true);
    Some(detector.guess(None, Utf8Detection::Deny))
}

/// The start of a source as text, for sniffing: UTF-16 is converted, and no
/// other encoding is guessed, since guessing is slow and grammars are ASCII.
pub fn head_text(head: &[u8]) -> Cow<'_, str> {
    match utf16_of(head) {
        Some(encoding) => encoding.decode(head).0,
        None => lossy(head),
    }
}

/// The lines of a head as text with their line ends, one by one: most formats
/// have seen enough after a few.
pub fn head_lines(head: &[u8]) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
    match utf16_of(head) {
        Some(encoding) => {
            let text = encoding.decode(head).0.into_owned();
            let lines: Vec<_> = text.split_inclusive('\n').map(|line| Cow::Owned(line.to_owned())).collect();
            Box::new(lines.into_iter())
        }
        None => Box::new(head.split_inclusive(|byte| *byte == b'\n').map(lossy)),
    }
}

/// Whether a head can be JSON; it costs a few bytes, where reading it as text
/// costs them all.
pub fn opens_as_json(head: &[u8]) -> bool {
    let bare = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    bare.starts_with(b"{") || bare.starts_with(b"[") || utf16_of(head).is_some()
}

/// The bytes as text; the check for UTF-8 alone is several times as fast as
/// the repair, which is hardly ever needed.
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// UTF-16, by its mark or by its zero bytes.
pub fn utf16_of(raw: &[u8]) -> Option<&'static Encoding> {
    match Encoding::for_bom(raw) {
        Some((encoding, _)) if encoding != encoding_rs::UTF_8 => Some(encoding),
        Some(_) => None,
        None => bare_utf16(raw),
    }
}

/// UTF-16 without a mark: every other byte of Latin text is zero.
fn bare_utf16(raw: &[u8]) -> Option<&'static Encoding> {
    let head = raw.get(..raw.len().min(512)).unwrap_or(raw);
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), head.len() / 2);
    if pairs < 2 {
        return None;
    }
    match (even * 10 > pairs * 7, odd * 10 > pairs * 7) {
        (false, true) if even == 0 => Some(UTF_16LE),
        (true, false) if odd == 0 => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_converted_only_where_needed() {
        let whole = decode("gzip", "plain – text".into());
        assert_eq!((whole.chain.as_str(), whole.text.as_str()), ("gzip", "plain – text"));
        let utf16: Vec<u8> = "a b c".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let whole = decode("", utf16);
        assert_eq!((whole.chain.as_str(), whole.text.as_str()), ("charset:utf-16le", "a b c"));
        let (cyrillic, _, _) = encoding_rs::WINDOWS_1251.encode("Привет, это простой русский текст для проверки");
        let whole = decode("", cyrillic.into_owned());
        assert_eq!(whole.chain, "charset:windows-1251");
        assert!(whole.text.starts_with("Привет"));
    }
}
