//! Whole lines from a stream, in bounded memory.
//!
//! [`Lines`] gives runs of whole lines of about 256 KiB, cut at the same places
//! however the stream delivers its bytes, so that texts and losses come out the
//! same every time. A line over 1 MiB is passed over and said so. An error of
//! reading is kept back until what was read before it has been given.
//! [`splits`] cuts a large file at line ends for [`model::Format::plan`].

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};
use model::{At, Loss, Out, Reading, Split};

/// Bytes that a run of lines is filled to before it is given.
const RUN_BYTES: usize = 256 << 10;

/// Bytes that one line may have, its newline included.
pub const LINE_BYTES: usize = 1 << 20;

/// What [`Lines::next_piece`] gives.
pub enum Piece<'b> {
    /// One or more whole lines; only the last of the stream may lack its newline.
    Run {
        /// Offset of the first byte in the stream.
        start: u64,
        /// The lines, newlines included.
        bytes: &'b [u8],
    },
    /// A line that is too long, and is not given.
    Overlong {
        /// Offset of its first byte.
        start: u64,
        /// Bytes up to and with its newline.
        length: u64,
    },
}

/// Reads whole lines.
pub struct Lines<'r> {
    source: io::Take<&'r mut dyn Read>,
    buffer: Vec<u8>,
    filled: usize,
    given: usize,
    start: u64,
    ended: bool,
    failure: Option<io::Error>,
}

impl<'r> Lines<'r> {
    /// Lines of the bytes of `split`, at whose start `bytes` stands.
    pub fn new(bytes: &'r mut dyn Read, split: &Split) -> Self {
        let length = if split.end == u64::MAX { u64::MAX } else { split.end.saturating_sub(split.start) };
        Self {
            source: bytes.take(length),
            buffer: vec![0; RUN_BYTES],
            filled: 0,
            given: 0,
            start: split.start,
            ended: false,
            failure: None,
        }
    }

    /// The next piece, or `None` at the end.
    pub fn next_piece(&mut self) -> io::Result<Option<Piece<'_>>> {
        self.drop_given();
        self.fill(RUN_BYTES);
        if memrchr(b'\n', &self.buffer[..self.filled]).is_none() {
            self.fill(LINE_BYTES);
        }
        let end = match memrchr(b'\n', &self.buffer[..self.filled]) {
            Some(newline) => newline + 1,
            None if self.ended => self.filled,
            None => return self.pass_over().map(Some),
        };
        if end == 0 {
            return self.failure.take().map_or(Ok(None), Err);
        }
        self.given = end;
        Ok(Some(Piece::Run { start: self.start, bytes: &self.buffer[..end] }))
    }

    /// Whether the stream ended before or with the piece given last.
    pub fn at_end(&self) -> bool {
        self.ended && self.given == self.filled
    }

    fn drop_given(&mut self) {
        self.buffer.copy_within(self.given..self.filled, 0);
        self.filled -= self.given;
        self.start += self.given as u64;
        self.given = 0;
    }

    fn fill(&mut self, target: usize) {
        if self.buffer.len() < target {
            self.buffer.resize(target, 0);
        }
        while self.filled < target && !self.ended {
            match self.source.read(&mut self.buffer[self.filled..target]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    self.ended = true;
                }
            }
        }
    }

    /// Reads on to the end of a line that does not fit the buffer.
    fn pass_over(&mut self) -> io::Result<Piece<'_>> {
        let start = self.start;
        let mut length = 0;
        loop {
            match memchr(b'\n', &self.buffer[..self.filled]) {
                Some(newline) => self.given = newline + 1,
                None => self.given = self.filled,
            }
            length += self.given as u64;
            let whole = self.given > 0 && self.buffer[self.given - 1] == b'\n';
            self.drop_given();
            if whole || self.ended {
                return Ok(Piece::Overlong { start, length });
            }
            self.fill(RUN_BYTES);
        }
    }
}

/// The lines of a run with their offsets in it, without newline and carriage return.
pub fn each_line(run: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut start = 0;
    let last = (!run.ends_with(b"\n") && !run.is_empty()).then_some(run.len());
    memchr_iter(b'\n', run).chain(last).map(move |end| {
        let line = &run[start..end];
        let at = std::mem::replace(&mut start, end + 1);
        (at, line.strip_suffix(b"\r").unwrap_or(line))
    })
}

/// Cuts a stream of lines into splits of `split_bytes`, each starting after a
/// newline. `directive` is shown each line with a `#` at its start or after a
/// blank, and keeps in the state what later splits have to know of it.
pub fn splits(
    input: &mut dyn Read,
    length: u64,
    split_bytes: u64,
    directive: &dyn Fn(&[u8], &mut String),
) -> io::Result<Vec<Split>> {
    let mut cut = Cutting { splits: vec![Split::whole(length)], lines: 0, state: String::new(), directive };
    let mut lines = Lines::new(input, &Split::whole(length));
    let mut target = split_bytes.max(1);
    while let Some(piece) = lines.next_piece()? {
        let (start, bytes) = match piece {
            Piece::Run { start, bytes } => (start, bytes),
            Piece::Overlong { start, length: bytes } => {
                cut.lines += 1;
                // The line may reach past the target; the next line starts the split.
                if start + bytes >= target {
                    cut.at(start + bytes, length);
                    target = next_target(start + bytes, split_bytes);
                }
                continue;
            }
        };
        let mut from = 0;
        while target <= start + bytes.len() as u64 {
            let offset = usize::try_from((target - 1).saturating_sub(start)).unwrap_or(usize::MAX).max(from);
            let Some(newline) = bytes.get(offset..).and_then(|rest| memchr(b'\n', rest)) else { break };
            let to = offset + newline + 1;
            cut.pass(&bytes[from..to]);
            cut.at(start + to as u64, length);
            target = next_target(start + to as u64, split_bytes);
            from = to;
        }
        cut.pass(&bytes[from..]);
    }
    Ok(cut.splits)
}

/// The first multiple of the split size after `offset`, so that cuts depend on
/// the file alone.
fn next_target(offset: u64, split_bytes: u64) -> u64 {
    let split_bytes = split_bytes.max(1);
    (offset / split_bytes + 1).saturating_mul(split_bytes)
}

struct Cutting<'d> {
    splits: Vec<Split>,
    lines: u64,
    state: String,
    directive: &'d dyn Fn(&[u8], &mut String),
}

impl Cutting<'_> {
    fn pass(&mut self, bytes: &[u8]) {
        self.lines += memchr_iter(b'\n', bytes).count() as u64;
        // A syslog header may stand before the mark.
        for mark in memchr_iter(b'#', bytes).filter(|mark| matches!(bytes[..*mark].last(), None | Some(b'\n' | b' '))) {
            let start = memrchr(b'\n', &bytes[..mark]).map_or(0, |newline| newline + 1);
            let line = &bytes[start..];
            let end = memchr(b'\n', line).unwrap_or(line.len());
            (self.directive)(&line[..end], &mut self.state);
        }
    }

    fn at(&mut self, offset: u64, length: u64) {
        if offset >= length {
            return;
        }
        if let Some(last) = self.splits.last_mut() {
            last.end = offset;
        }
        let state = self.state.clone();
        self.splits.push(Split { start: offset, end: length, items_before: self.lines, state });
    }
}

/// What is done with one line and its place; the error is the reason of a loss.
type Put<'p> = dyn FnMut(&[u8], At<'_>, &mut dyn Out) -> Result<(), &'static str> + 'p;

/// Reads lines of which each is a statement of its own. Empty ones are passed
/// over, and what does not fit is a loss.
pub fn each_statement(
    reading: &Reading<'_>,
    bytes: &mut dyn Read,
    out: &mut dyn Out,
    put: &mut Put<'_>,
) -> io::Result<()> {
    let mut lines = Lines::new(bytes, reading.split);
    let mut unfit = Unfit::new(reading.chain, "line");
    let mut number = reading.split.items_before;
    while let Some(piece) = lines.next_piece()? {
        match piece {
            Piece::Run { start, bytes } if out.begin(number) => {
                for (offset, line) in each_line(bytes) {
                    number += 1;
                    if line.trim_ascii().is_empty() {
                        continue;
                    }
                    let (begin, length) = (start + offset as u64, line.len() as u64);
                    match put(line, At { chain: reading.chain, start: begin, length }, out) {
                        Ok(()) => unfit.close(out),
                        Err(reason) => unfit.note(reason, begin, begin + length, number, out),
                    }
                }
            }
            Piece::Run { bytes, .. } => number += memchr_iter(b'\n', bytes).count() as u64,
            Piece::Overlong { start, length } => {
                number += 1;
                unfit.note("line is too long", start, start + length, number, out);
            }
        }
    }
    unfit.close(out);
    Ok(())
}

/// Lines or records that did not fit, those in a row and of one reason as one loss.
pub struct Unfit<'c> {
    chain: &'c str,
    item: &'static str,
    open: Option<(&'static str, u64, u64, u64, u64)>,
}

impl<'c> Unfit<'c> {
    /// None so far, in the source of that chain; `item` is the word for one of them.
    pub fn new(chain: &'c str, item: &'static str) -> Self {
        Self { chain, item, open: None }
    }

    /// Notes the item with that number, from 1, at `start` up to `end`.
    pub fn note(&mut self, reason: &'static str, start: u64, end: u64, line: u64, out: &mut dyn Out) {
        match &mut self.open {
            Some((same, _, last, count, _)) if *same == reason => (*last, *count) = (end, *count + 1),
            _ => {
                self.close(out);
                self.open = Some((reason, start, end, 1, line));
            }
        }
    }

    /// Gives the loss that is open; called when a line fits, and at the end.
    #[inline]
    pub fn close(&mut self, out: &mut dyn Out) {
        if let Some((reason, start, end, count, line)) = self.open.take() {
            let at = At { chain: self.chain, start, length: end - start };
            out.loss(at, Loss { reason, count, detail: &format!("from {} {line}", self.item) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte per call, and fails at the end if told to.
    struct Slow<'a>(&'a [u8], bool);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match (self.0.split_first(), self.1) {
                (None, true) => Err(io::ErrorKind::UnexpectedEof.into()),
                (None, false) => Ok(0),
                (Some((first, rest)), _) => {
                    buffer[0] = *first;
                    self.0 = rest;
                    Ok(1)
                }
            }
        }
    }

    #[test]
    fn what_was_read_before_an_error_is_given_first() {
        let mut slow = Slow(b"one\ntwo", true);
        let mut lines = Lines::new(&mut slow, &Split::whole(u64::MAX));
        let mut given = Vec::new();
        let failed = loop {
            match lines.next_piece() {
                Ok(Some(Piece::Run { bytes, .. })) => given.extend_from_slice(bytes),
                Ok(_) => break false,
                Err(_) => break true,
            }
        };
        assert!(failed);
        assert_eq!(given, b"one\ntwo");
    }

    #[test]
    fn a_line_over_the_limit_is_passed_over_with_its_place() {
        let mut bytes = b"a\n".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', LINE_BYTES + 10));
        bytes.extend(b"\nb\n");
        let mut source = bytes.as_slice();
        let mut lines = Lines::new(&mut source, &Split::whole(bytes.len() as u64));
        let mut seen = Vec::new();
        while let Ok(Some(piece)) = lines.next_piece() {
            seen.push(match piece {
                Piece::Run { start, bytes } => (start, bytes.len() as u64, true),
                Piece::Overlong { start, length } => (start, length, false),
            });
        }
        let long = LINE_BYTES as u64 + 11;
        assert_eq!(seen, [(0, 2, true), (2, long, false), (2 + long, 2, true)]);
    }

    #[test]
    fn splits_start_after_newlines_and_know_what_came_before() {
        let bytes = b"#F 1\naa\nbb\n#F 2\ncc\ndd";
        let keep = |line: &[u8], state: &mut String| *state = String::from_utf8_lossy(line).into_owned();
        for split_bytes in 1..30 {
            let splits = splits(&mut bytes.as_slice(), bytes.len() as u64, split_bytes, &keep).unwrap_or_default();
            assert_eq!((splits[0].start, splits[splits.len() - 1].end), (0, bytes.len() as u64));
            for pair in splits.windows(2) {
                let start = usize::try_from(pair[1].start).unwrap_or(0);
                assert!(pair[0].end == pair[1].start && bytes[start - 1] == b'\n');
                let before = &bytes[..start];
                assert_eq!(pair[1].items_before, memchr_iter(b'\n', before).count() as u64);
                assert_eq!(pair[1].state, if start > 11 { "#F 2" } else { "#F 1" });
            }
        }
    }
}
