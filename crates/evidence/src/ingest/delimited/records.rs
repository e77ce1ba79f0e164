//! Records of a delimited stream, one after another, in bounded memory.
//!
//! `csv-core` splits cells. What it cannot know is when a quote was never
//! meant to open anything: it would then swallow line after line. A record of
//! several lines that has not the usual number of cells, or is over 1 MiB, or
//! runs into the end, is therefore taken back and its first line read without
//! quoting, which is noted.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use encoding_rs::WINDOWS_1252;
use memchr::{memchr, memchr2};

use super::dialect::Dialect;

/// Bytes that one record may have.
const RECORD_BYTES: usize = 1 << 20;
/// Bytes that are read at a time.
const READ_BYTES: usize = 256 << 10;
/// Bytes that may be read twice before quotes are given up for the source.
const TAKEN_BACK_BYTES: usize = 64 << 20;

/// One record.
pub struct Record<'b> {
    /// Number from 1; a header counts, blank lines and leading comments do not.
    pub row: u64,
    /// Offset of its first byte in the stream.
    pub start: u64,
    /// As it stands, without the line end.
    pub raw: &'b [u8],
    /// What is wrong with it.
    pub trouble: Option<&'static str>,
    cells: &'b [u8],
    text: Option<&'b str>,
    spans: &'b [Range<usize>],
    padded: bool,
}

impl<'b> Record<'b> {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// One cell as text: UTF-8, or Windows-1252 where it is none; empty where
    /// there is no such cell.
    #[inline]
    pub fn cell(&self, index: usize) -> Cow<'b, str> {
        let Some(span) = self.spans.get(index) else { return Cow::Borrowed("") };
        let cell = match self.text.and_then(|text| text.get(span.clone())) {
            Some(text) => Cow::Borrowed(text),
            None => decode(self.cells.get(span.clone()).unwrap_or_default()),
        };
        match cell {
            cell if !self.padded => cell,
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
            Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
        }
    }
}

/// Text of bytes that are UTF-8 or, if not that, Windows-1252, which takes any byte.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Reads records.
pub struct Records<'r> {
    /// How the source is written.
    pub dialect: Dialect,
    /// The first records, as text.
    pub sample: Vec<Vec<String>>,
    source: &'r mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    filled: usize,
    offset: u64,
    ended: bool,
    failure: Option<io::Error>,
    splitter: Splitter,
    row: u64,
    taken_back: usize,
}

/// The end of one record within the buffer.
struct Span {
    bytes: usize,
    trouble: Option<&'static str>,
}

impl<'r> Records<'r> {
    /// Looks at the first 64 KiB and stands before the first record.
    pub fn open(source: &'r mut dyn Read) -> io::Result<Self> {
        let mut head = Vec::new();
        source.take(crate::drive::HEAD_BYTES as u64).read_to_end(&mut head)?;
        let dialect = Dialect::of(&head).unwrap_or_default();
        let (at, filled) = (dialect.body_start, head.len());
        Ok(Self {
            splitter: Splitter::new(&dialect),
            sample: sample(super::dialect::whole_lines(&head), &dialect, super::dialect::SAMPLE),
            dialect,
            source,
            buffer: head,
            at,
            filled,
            offset: 0,
            ended: false,
            failure: None,
            row: 0,
            taken_back: 0,
        })
    }

    /// The bytes before the first record: byte order mark and leading comments.
    /// Only what the buffer still holds, so this is asked first.
    pub fn preamble(&self) -> &[u8] {
        self.buffer.get(..self.dialect.body_start).unwrap_or_default()
    }

    /// The next record, or `None` at the end.
    pub fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        self.skip_line_ends();
        let Some(span) = self.span() else {
            return self.failure.take().map_or(Ok(None), Err);
        };
        let from = self.at;
        self.at += span.bytes;
        self.row += 1;
        let raw = trim_line_end(&self.buffer[from..self.at]);
        let nul = memchr(0, raw).map(|_| "record holds NUL bytes");
        let record = self.splitter.record(raw, self.dialect.padded);
        let start = self.offset + from as u64;
        Ok(Some(Record { row: self.row, start, trouble: span.trouble.or(nul), ..record }))
    }

    fn skip_line_ends(&mut self) {
        loop {
            self.at = self.filled - without_line_ends(&self.buffer[self.at..self.filled]).len();
            if self.at < self.filled || !self.fill() {
                return;
            }
        }
    }

    /// Splits the record that starts at `at`; `None` at the end.
    fn span(&mut self) -> Option<Span> {
        if self.at == self.filled {
            return None;
        }
        self.splitter.start(self.dialect.quoting);
        if let Some(bytes) = self.splitter.plain_line(&self.buffer[self.at..self.filled]) {
            return Some(Span { bytes, trouble: None });
        }
        self.splitter.start(self.dialect.quoting);
        let mut used = 0;
        loop {
            let (done, read) = self.splitter.feed(&self.buffer[self.at + used..self.filled]);
            used += read;
            if done {
                break;
            }
            if used > RECORD_BYTES {
                return Some(self.take_back(used, "record is longer than 1 MiB"));
            }
            if self.at + used == self.filled && !self.fill() {
                return Some(self.last(used));
            }
        }
        let lines = memchr(b'\n', trim_line_end(&self.buffer[self.at..self.at + used])).is_some();
        if lines && self.splitter.columns() != self.dialect.columns {
            return Some(self.take_back(used, "quote is never closed"));
        }
        Some(Span { bytes: used, trouble: None })
    }

    /// The record that the end of the stream ends.
    fn last(&mut self, used: usize) -> Span {
        self.splitter.feed(&[]);
        let raw = &self.buffer[self.at..self.at + used];
        let quotes = memchr::memchr_iter(b'"', raw).count();
        if self.dialect.quoting && quotes % 2 == 1 {
            return self.take_back(used, "quote is never closed");
        }
        Span { bytes: used, trouble: None }
    }

    /// Reads the first line again, without quoting. A line that is itself too
    /// long is kept up to the limit, its rest being the next record.
    fn take_back(&mut self, used: usize, trouble: &'static str) -> Span {
        self.taken_back += used;
        if self.taken_back > TAKEN_BACK_BYTES {
            self.dialect.quoting = false;
        }
        let raw = &self.buffer[self.at..self.at + used];
        let line = memchr(b'\n', raw).map_or(raw.len(), |newline| newline + 1).min(RECORD_BYTES);
        self.splitter.start(false);
        if !self.splitter.feed(&raw[..line]).0 {
            self.splitter.feed(&[]);
        }
        Span { bytes: line, trouble: Some(trouble) }
    }

    /// Reads on; false at the end.
    fn fill(&mut self) -> bool {
        self.buffer.copy_within(self.at..self.filled, 0);
        self.offset += self.at as u64;
        self.filled -= self.at;
        self.at = 0;
        self.buffer.resize(self.filled + READ_BYTES, 0);
        while !self.ended {
            match self.source.read(&mut self.buffer[self.filled..]) {
                Ok(0) => self.ended = true,
                Ok(read) => {
                    self.filled += read;
                    return true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    self.ended = true;
                }
            }
        }
        false
    }
}

fn trim_line_end(raw: &[u8]) -> &[u8] {
    let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
    raw.strip_suffix(b"\r").unwrap_or(raw)
}

/// Splits one record into cells, in buffers that are used again.
struct Splitter {
    delimiter: u8,
    quoting: Reader,
    plain: Reader,
    quotes: bool,
    /// Cells that `csv-core` has put together, and where each ends.
    cells: Vec<u8>,
    cells_used: usize,
    ends: Vec<usize>,
    ends_used: usize,
    /// Where the cells lie: in the line itself if that was plain, else in `cells`.
    spans: Vec<Range<usize>>,
    is_plain: bool,
}

impl Splitter {
    fn new(dialect: &Dialect) -> Self {
        // The unit separator splits nothing: a fixed-width line is one cell.
        let delimiter = dialect.delimiter.unwrap_or(0x1f);
        let reader = |quoting| ReaderBuilder::new().delimiter(delimiter).quoting(quoting).build();
        Self {
            delimiter,
            quoting: reader(true),
            plain: reader(false),
            quotes: true,
            cells: vec![0; 4096],
            cells_used: 0,
            ends: vec![0; 64],
            ends_used: 0,
            spans: Vec::new(),
            is_plain: false,
        }
    }

    fn start(&mut self, quotes: bool) {
        self.quotes = quotes;
        self.is_plain = false;
        self.quoting.reset();
        self.plain.reset();
        self.spans.clear();
        (self.cells_used, self.ends_used) = (0, 0);
    }

    fn columns(&self) -> usize {
        if self.is_plain { self.spans.len() } else { self.ends_used }
    }

    /// The record as split, of which row and place are still to be said.
    fn record<'b>(&'b mut self, raw: &'b [u8], padded: bool) -> Record<'b> {
        if !self.is_plain {
            let mut from = 0;
            let ends = self.ends[..self.ends_used].iter();
            self.spans.extend(ends.map(|end| std::mem::replace(&mut from, *end)..*end));
        }
        let cells = if self.is_plain { raw } else { &self.cells[..self.cells_used] };
        let text = std::str::from_utf8(cells).ok();
        Record { row: 0, start: 0, raw, trouble: None, cells, text, spans: &self.spans, padded }
    }

    /// Splits a line in which quotes, if any, open and close cells and nothing
    /// else, which most lines are; `csv-core` would give the same cells.
    /// Returns the bytes up to and with the line end.
    fn plain_line(&mut self, bytes: &[u8]) -> Option<usize> {
        let end = memchr2(b'\n', b'\r', bytes)?;
        let after = match bytes[end..] {
            [b'\n', ..] => end + 1,
            [_, b'\n', ..] => end + 2,
            _ => return None,
        };
        let line = &bytes[..end];
        let mut at = 0;
        self.is_plain = true;
        loop {
            let quoted = self.quotes && line.get(at) == Some(&b'"');
            let stop = if quoted {
                let close = at + 1 + memchr(b'"', &line[at + 1..])?;
                self.spans.push(at + 1..close);
                close + 1
            } else {
                let stop = memchr(self.delimiter, &line[at..]).map_or(end, |length| at + length);
                self.spans.push(at..stop);
                stop
            };
            match line.get(stop) {
                None => return Some(after),
                Some(byte) if *byte == self.delimiter => at = stop + 1,
                Some(_) => return None,
            }
        }
    }

    /// Whether the record ended, and how many bytes were taken in. No bytes
    /// stand for the end of the stream.
    fn feed(&mut self, mut input: &[u8]) -> (bool, usize) {
        let mut taken = 0;
        let at_end = input.is_empty();
        let core = if self.quotes { &mut self.quoting } else { &mut self.plain };
        loop {
            let (result, read, cells, ends) =
                core.read_record(input, &mut self.cells[self.cells_used..], &mut self.ends[self.ends_used..]);
            input = &input[read..];
            taken += read;
            self.cells_used += cells;
            self.ends_used += ends;
            match result {
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record | ReadRecordResult::End => return (true, taken),
                ReadRecordResult::InputEmpty if at_end || input.is_empty() => return (false, taken),
                ReadRecordResult::InputEmpty => {}
            }
        }
    }
}

/// All records of a sample that is in memory, as text.
pub fn sample(bytes: &[u8], dialect: &Dialect, limit: usize) -> Vec<Vec<String>> {
    let mut splitter = Splitter::new(dialect);
    let mut rest = bytes.get(dialect.body_start..).unwrap_or_default();
    let mut records = Vec::new();
    while records.len() < limit {
        rest = without_line_ends(rest);
        if rest.is_empty() {
            break;
        }
        splitter.start(dialect.quoting);
        let (_, read) = splitter.feed(rest);
        if read == rest.len() {
            splitter.feed(&[]);
        }
        let record = splitter.record(&rest[..read], dialect.padded);
        records.push((0..record.len()).map(|index| record.cell(index).into_owned()).collect());
        rest = &rest[read..];
    }
    records
}

fn without_line_ends(bytes: &[u8]) -> &[u8] {
    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    &bytes[blank..]
}
