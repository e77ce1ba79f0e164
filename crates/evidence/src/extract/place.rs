//! From offsets in a text to places in the evidence and the words around them.

use std::borrow::Cow;

use model::{At, Role, Text};

use crate::ingest::whole::lossy;

/// Bytes of context kept on each side.
const CONTEXT_BYTES: usize = 48;

/// The place of `start..end` of the text. A name stands beside the bytes that
/// it names, so its place is the whole of them.
pub(super) fn of<'t>(text: &Text<'t>, start: usize, end: usize) -> At<'t> {
    if text.role == Role::Name {
        return At::whole(text.chain);
    }
    let length = end.saturating_sub(start) as u64;
    At { chain: text.chain, start: text.start.saturating_add(start as u64), length }
}

/// What stands at `start..end`.
pub(super) fn raw<'t>(text: &Text<'t>, start: usize, end: usize) -> Cow<'t, str> {
    let bytes: &'t [u8] = text.bytes;
    let found = bytes.get(start..end).unwrap_or_default();
    lossy(found)
}

/// Up to 48 bytes before and after `start..end`, on the same line, cut between
/// characters.
pub(super) fn around(bytes: &[u8], start: usize, end: usize) -> (Cow<'_, str>, Cow<'_, str>) {
    let (start, end) = (start.min(bytes.len()), end.min(bytes.len()));
    let head = &bytes[start.saturating_sub(CONTEXT_BYTES)..start];
    let head = &head[memchr::memrchr2(b'\n', b'\r', head).map_or(0, |index| index + 1)..];
    let whole = head.iter().position(|&byte| !is_continuation(byte)).unwrap_or(head.len());
    let tail = &bytes[end..bytes.len().min(end + CONTEXT_BYTES)];
    let tail = &tail[..memchr::memchr2(b'\n', b'\r', tail).unwrap_or(tail.len())];
    (lossy(&head[whole..]), lossy_but_cut(tail))
}

fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

/// The bytes as text, without a character that is cut off at their end.
fn lossy_but_cut(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) if error.error_len().is_none() => lossy(&bytes[..error.valid_up_to()]),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn context_stays_on_its_line_and_between_characters() {
        let text = "above\nleft é192.0.2.1é right\nbelow".as_bytes();
        let start = "above\nleft é".len();
        let (before, after) = around(text, start, start + "192.0.2.1".len());
        assert_eq!((&*before, &*after), ("left é", "é right"));
        let wide = "é".repeat(100);
        let (before, after) = around(wide.as_bytes(), 100, 102);
        assert_eq!((before.len(), after.len()), (48, 48));
        assert!(!before.contains('\u{fffd}') && !after.contains('\u{fffd}'));
    }
}
