//! The last look: a range or a line of a stream, with what stands around it.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use memchr::{memchr, memchr_iter, memrchr};

use super::{Opened, SHOWN_BYTES};

/// Bytes shown on either side.
const CONTEXT_BYTES: usize = 120;

/// What is asked of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// All of it.
    Whole,
    /// A half-open range.
    Range(u64, u64),
    /// A line, counted from 1.
    Line(u64),
}

/// Looks; the error text says what is there instead.
pub fn look(bytes: impl Read, view: View) -> io::Result<Result<Opened, String>> {
    let mut bytes = BufReader::with_capacity(64 << 10, bytes);
    match view {
        View::Whole => range(&mut bytes, 0, None),
        View::Range(start, end) => range(&mut bytes, start, Some(end.saturating_sub(start))),
        View::Line(number) => line(&mut bytes, number),
    }
}

fn range(bytes: &mut impl BufRead, start: u64, length: Option<u64>) -> io::Result<Result<Opened, String>> {
    let passed = pass(bytes, start)?;
    if passed.count < start {
        return Ok(Err(format!("there are only {} bytes", passed.count)));
    }
    let mut opened = Opened { before: passed.last_line(), line: Some(passed.lines + 1), ..Opened::default() };
    let wanted = length.unwrap_or(u64::MAX);
    bytes.by_ref().take(wanted.min(SHOWN_BYTES)).read_to_end(&mut opened.bytes)?;
    let read = opened.bytes.len() as u64;
    opened.cut = read == SHOWN_BYTES && wanted > SHOWN_BYTES;
    if length.is_some() && read < wanted && !opened.cut {
        return Ok(Err(format!("there are only {} bytes", start + read)));
    }
    if length.is_some() && !opened.cut && !opened.bytes.ends_with(b"\n") {
        bytes.by_ref().take(CONTEXT_BYTES as u64).read_to_end(&mut opened.after)?;
        let end = memchr(b'\n', &opened.after).unwrap_or(opened.after.len());
        opened.after.truncate(end);
    }
    Ok(Ok(opened))
}

struct Passed {
    count: u64,
    lines: u64,
    last: VecDeque<u8>,
}

impl Passed {
    fn last_line(&self) -> Vec<u8> {
        let last: Vec<u8> = self.last.iter().copied().collect();
        last[memrchr(b'\n', &last).map_or(0, |end| end + 1)..].to_vec()
    }
}

/// Passes over `wanted` bytes, counting lines and keeping the last few bytes.
fn pass(bytes: &mut impl BufRead, wanted: u64) -> io::Result<Passed> {
    let mut passed = Passed { count: 0, lines: 0, last: VecDeque::with_capacity(CONTEXT_BYTES) };
    while passed.count < wanted {
        let chunk = bytes.fill_buf()?;
        let room = usize::try_from(wanted - passed.count).unwrap_or(usize::MAX);
        let chunk = &chunk[..chunk.len().min(room)];
        if chunk.is_empty() {
            break;
        }
        passed.lines += memchr_iter(b'\n', chunk).count() as u64;
        let tail = &chunk[chunk.len().saturating_sub(CONTEXT_BYTES)..];
        passed.last.extend(tail);
        passed.last.drain(..passed.last.len().saturating_sub(CONTEXT_BYTES));
        let count = chunk.len();
        bytes.consume(count);
        passed.count += count as u64;
    }
    Ok(passed)
}

fn line(bytes: &mut impl BufRead, number: u64) -> io::Result<Result<Opened, String>> {
    let (mut at, mut ended_early) = (1, number == 0);
    while at < number && !ended_early {
        ended_early = bytes.skip_until(b'\n')? == 0;
        at += u64::from(!ended_early);
    }
    let mut opened = Opened { line: Some(number), ..Opened::default() };
    bytes.by_ref().take(SHOWN_BYTES).read_until(b'\n', &mut opened.bytes)?;
    if ended_early || opened.bytes.is_empty() {
        return Ok(Err(format!("there are only {} lines", at - 1)));
    }
    opened.cut = opened.bytes.len() as u64 == SHOWN_BYTES && !opened.bytes.ends_with(b"\n");
    while matches!(opened.bytes.last(), Some(b'\n' | b'\r')) && !opened.cut {
        opened.bytes.pop();
    }
    Ok(Ok(opened))
}
