//! Plain text: whatever is neither markup nor a table, mail or log.
//!
//! UTF-8 is read as a stream in runs of whole lines, so that size does not
//! matter; other encodings are converted in one piece.

use std::io::{self, Read};

use model::{Entry, Format, Out, Reading, Role, Text};

pub mod html;

use super::lines::{Lines, Piece, Unfit};
use super::whole;

/// Plain text in any encoding.
pub struct PlainText;

impl Format for PlainText {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "text",
            summary: "plain text in any encoding",
            doc: "What it reads: bytes of which at most one in ten is a control byte, in UTF-8, UTF-16 or a legacy \
                  encoding that is guessed (chardetng).\n\nWhat it gives: the text, in runs of whole lines. \
                  Mail addresses and telephone numbers in it may be a victim's, so they go to `private/`.\n\n\
                  Tie-break by name: a text in a folder called `notes` is the investigator's own.\n\nLimits: lines \
                  over 1 MiB are losses; text that is not UTF-8 is read up to 256 MiB.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        is_text(head)
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut head = Vec::new();
        (&mut *bytes).take(crate::drive::HEAD_BYTES as u64).read_to_end(&mut head)?;
        let streamed = is_cut_utf8(&head);
        let mut bytes = head.as_slice().chain(bytes);
        if streamed { runs(reading, &mut bytes, out) } else { converted(reading, &mut bytes, out) }
    }
}

/// The part that a file's text plays.
fn role(name: &str) -> Role<'static> {
    let of_notes = name.split('/').rev().skip(1).any(|folder| folder.eq_ignore_ascii_case("notes"));
    if of_notes { Role::Note } else { Role::Document }
}

fn runs(reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
    let mut lines = Lines::new(bytes, reading.split);
    let mut unfit = Unfit::new(reading.chain, "line");
    let mut number = reading.split.items_before;
    while let Some(piece) = lines.next_piece()? {
        match piece {
            Piece::Run { start, bytes } => {
                if out.begin(number) && out.wants_texts() {
                    let chain = reading.chain;
                    out.text(&Text { role: role(reading.name), chain, start, bytes, personal: true });
                }
                number += memchr::memchr_iter(b'\n', bytes).count() as u64;
            }
            Piece::Overlong { start, length } => {
                number += 1;
                unfit.note("line is too long", start, start + length, number, out);
            }
        }
    }
    unfit.close(out);
    Ok(())
}

fn converted(reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
    let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
    if out.wants_texts() {
        let bytes = whole.text.as_bytes();
        out.text(&Text { role: role(reading.name), chain: &whole.chain, start: 0, bytes, personal: true });
    }
    Ok(())
}

/// Whether the bytes are UTF-8, but for a character that their end cuts.
fn is_cut_utf8(head: &[u8]) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

/// Whether at most one byte in ten is a control byte that text does not use.
pub fn is_text(head: &[u8]) -> bool {
    if head.is_empty() {
        return false;
    }
    if let Some(encoding) = whole::utf16_of(head) {
        let (text, ..) = encoding.decode(head);
        let controls = text.chars().filter(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')).count();
        return controls * 10 <= text.chars().count();
    }
    let is_odd = |byte: &&u8| matches!(**byte, 0..=8 | 11 | 14..=26 | 28..=31 | 127);
    let zeros = memchr::memchr_iter(0, head).count();
    zeros * 100 <= head.len() && head.iter().filter(is_odd).count() * 10 <= head.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_other_bytes() {
        assert!(is_text(b"plain\n"));
        assert!(is_text("слово".as_bytes()));
        assert!(is_text(b"\xff\xfea\0b\0"));
        assert!(!is_text(b""));
        assert!(!is_text(&[0, 1, 2, 3, 4, 5]));
        assert!(!is_text(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01"));
    }
}
