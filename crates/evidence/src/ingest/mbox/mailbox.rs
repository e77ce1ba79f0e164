//! Finds the messages of a mailbox in a stream.
//!
//! The unread part of the stream lies in one growing buffer, so every question
//! about what follows is asked of the bytes themselves. Offsets within a
//! function count from the first unread byte.

use std::borrow::Cow;
use std::io::{self, Read};

use memchr::{memchr, memmem};

use crate::ingest::mail::{MESSAGE_BYTES, grammar};

const CHUNK_BYTES: usize = 256 << 10;
/// Bytes that a From_ line or the header after it may have.
const LINE_BYTES: usize = 1_000;

/// One message found.
pub struct Found<'b> {
    /// Offset of its From_ line in the stream.
    pub start: u64,
    /// The message without its From_ line, unquoted; `None` if it is over the limit.
    pub message: Option<Cow<'b, [u8]>>,
}

/// A stream of messages.
pub struct Mailbox<R> {
    reader: R,
    buffer: Vec<u8>,
    unread: usize,
    offset: u64,
    at_end: bool,
    begun: bool,
    limit: usize,
    /// Bytes, other than blank lines, before the first From_ line.
    pub skipped_bytes: u64,
}

impl<R: Read> Mailbox<R> {
    /// A mailbox that starts where `reader` stands.
    pub fn new(reader: R) -> Self {
        Self::with_limit(reader, usize::try_from(MESSAGE_BYTES).unwrap_or(usize::MAX))
    }

    /// A mailbox whose messages may have `limit` bytes each.
    pub fn with_limit(reader: R, limit: usize) -> Self {
        let buffer = Vec::new();
        Self { reader, buffer, unread: 0, offset: 0, at_end: false, begun: false, limit, skipped_bytes: 0 }
    }

    /// The next message; `None` at the end.
    pub fn next_message(&mut self) -> io::Result<Option<Found<'_>>> {
        if !self.begun {
            self.begun = true;
            self.skip_to_first()?;
        }
        if self.data().is_empty() && !self.fill()? {
            return Ok(None);
        }
        let start = self.offset;
        let (end, is_over) = self.end_of_message(LINE_BYTES)?;
        let first = self.line_end(0)?.min(end);
        let (body, next, is_unquoted) = match self.declared_end(first, end)? {
            Some((body, next)) if !is_over => (body, next, has_bare_from(&self.data()[first..body])),
            _ => (without_blank_line(&self.data()[..end]).max(first), end, false),
        };
        let message = self.unread + first..self.unread + body;
        self.consume(next);
        let raw = &self.buffer[message];
        let message = if is_unquoted { raw.into() } else { unquote(raw) };
        Ok(Some(Found { start, message: (!is_over).then_some(message) }))
    }

    fn data(&self) -> &[u8] {
        &self.buffer[self.unread..]
    }

    fn consume(&mut self, bytes: usize) {
        self.unread += bytes;
        self.offset += bytes as u64;
    }

    /// Reads one chunk more; false at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        if self.unread > 0 {
            self.buffer.drain(..self.unread);
            self.unread = 0;
        }
        let read = (&mut self.reader).take(CHUNK_BYTES as u64).read_to_end(&mut self.buffer)?;
        self.at_end = read == 0;
        Ok(read > 0)
    }

    /// Reads until `bytes` are there or the stream ends.
    fn fill_to(&mut self, bytes: usize) -> io::Result<()> {
        while self.data().len() < bytes && self.fill()? {}
        Ok(())
    }

    /// Offset after the line that starts at `at`, as far as it is looked at.
    fn line_end(&mut self, at: usize) -> io::Result<usize> {
        self.fill_to(at.saturating_add(LINE_BYTES))?;
        let rest = self.data().get(at..).unwrap_or_default();
        Ok(at + memchr(b'\n', rest).map_or(rest.len(), |end| end + 1))
    }

    fn skip_to_first(&mut self) -> io::Result<()> {
        self.fill_to(LINE_BYTES)?;
        let blank = self.data().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.consume(blank);
        if !self.is_separator(0)? {
            let before = self.offset;
            let (first, _) = self.end_of_message(0)?;
            self.consume(first);
            self.skipped_bytes = self.offset - before;
        }
        Ok(())
    }

    /// Offset of the next From_ line after `from` or of the end of the stream,
    /// and whether more than the limit was passed over on the way.
    fn end_of_message(&mut self, from: usize) -> io::Result<(usize, bool)> {
        let finder = memmem::Finder::new(b"\nFrom ");
        let (mut at, mut is_over) = (self.line_end(0)?.saturating_sub(1).min(from), false);
        loop {
            while let Some(hit) = finder.find(self.data().get(at..).unwrap_or_default()) {
                at += hit + 1;
                if self.is_separator(at)? {
                    return Ok((at, is_over));
                }
            }
            at = at.max(self.data().len().saturating_sub(b"\nFrom ".len()));
            if at > self.limit {
                let passed = at - LINE_BYTES.min(at);
                self.consume(passed);
                (at, is_over) = (at - passed, true);
            }
            if !self.fill()? {
                return Ok((self.data().len(), is_over));
            }
        }
    }

    /// Whether a From_ line that divides messages stands at `at`.
    fn is_separator(&mut self, at: usize) -> io::Result<bool> {
        let end = self.line_end(at)?;
        if !is_from_line(&self.data()[at..end]) {
            return Ok(false);
        }
        let before = &self.data()[..at];
        if before.is_empty() || before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n") {
            return Ok(true);
        }
        let next_end = self.line_end(end)?;
        let next = &self.data()[end..next_end];
        Ok(grammar::header_name(next.trim_ascii_end()).is_some() || next.starts_with(b">From "))
    }

    /// Ends of body and of message after `Content-Length`, if that lands on a
    /// From_ line or the end of the stream.
    fn declared_end(&mut self, first: usize, end: usize) -> io::Result<Option<(usize, usize)>> {
        let message = &self.data()[first..end];
        let Some((length, header_bytes)) = content_length(message) else { return Ok(None) };
        let Some(body) = (first + header_bytes).checked_add(length).filter(|body| *body < self.limit) else {
            return Ok(None);
        };
        self.fill_to(body + LINE_BYTES)?;
        let Some(rest) = self.data().get(body..) else { return Ok(None) };
        let blank = if rest.starts_with(b"\r\n") { 2 } else { usize::from(rest.starts_with(b"\n")) };
        let line_end = self.line_end(body + blank)?;
        let line = &self.data()[body + blank..line_end];
        Ok((line.is_empty() || is_from_line(line)).then_some((body, body + blank)))
    }
}

/// Whether a line divides messages: `From `, who, and a time with its year.
pub fn is_from_line(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let words = || rest[..rest.len().min(LINE_BYTES)].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words().count() >= 4 && words().skip(1).any(is_time_of_day) && words().skip(1).any(is_year)
}

fn is_time_of_day(word: &[u8]) -> bool {
    let numbers = word.split(|byte| *byte == b':');
    let count = numbers.clone().count();
    let fits = |number: &[u8]| (1..=2).contains(&number.len()) && number.iter().all(u8::is_ascii_digit);
    (2..=3).contains(&count) && numbers.clone().all(fits)
}

fn is_year(word: &[u8]) -> bool {
    word.len() == 4 && word.iter().all(u8::is_ascii_digit) && (word.starts_with(b"19") || word.starts_with(b"20"))
}

/// Value of `Content-Length` and bytes of the header section, blank line included.
fn content_length(message: &[u8]) -> Option<(usize, usize)> {
    let (mut at, mut length) = (0, None);
    loop {
        let end = at + memchr(b'\n', &message[at..])? + 1;
        let line = message[at..end].trim_ascii_end();
        at = end;
        if line.is_empty() {
            return length.map(|length| (length, at));
        }
        if grammar::header_name(line).is_some_and(|name| name.eq_ignore_ascii_case(b"content-length")) {
            let value = line.split(|byte| *byte == b':').nth(1)?;
            length = std::str::from_utf8(value.trim_ascii()).ok()?.parse().ok();
        }
    }
}

/// mboxcl2 does not quote, which shows in a line that others would have quoted.
fn has_bare_from(message: &[u8]) -> bool {
    memmem::find(message, b"\nFrom ").is_some()
}

/// Bytes of a message without the blank line that sets off the next.
fn without_blank_line(message: &[u8]) -> usize {
    let blank = [b"\n\r\n".as_slice(), b"\n\n"].into_iter().find(|end| message.ends_with(end));
    message.len() - blank.map_or(0, |end| end.len() - 1)
}

/// Takes one `>` off lines like `>>From `.
fn unquote(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut unquoted: Option<Vec<u8>> = None;
    let mut copied = 0;
    for hit in memmem::find_iter(raw, b">From ") {
        let quotes = raw[..hit].iter().rev().take_while(|byte| **byte == b'>').count();
        let line = hit - quotes;
        if line == 0 || raw[line - 1] == b'\n' {
            unquoted.get_or_insert_with(|| Vec::with_capacity(raw.len())).extend_from_slice(&raw[copied..line]);
            copied = line + 1;
        }
    }
    match unquoted {
        Some(mut unquoted) => {
            unquoted.extend_from_slice(&raw[copied..]);
            unquoted.into()
        }
        None => raw.into(),
    }
}
