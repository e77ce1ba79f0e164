//! How a delimited source is written: told from its first records.

use memchr::memchr;

use super::records::sample;

/// Records that are looked at.
pub const SAMPLE: usize = 200;

/// Delimiter, quoting, header and where the records start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dialect {
    /// The byte between cells; `None` for fixed-width lines.
    pub delimiter: Option<u8>,
    /// Whether quotes group.
    pub quoting: bool,
    /// Whether spaces stand around the delimiter for looks, and are taken off.
    pub padded: bool,
    /// Whether the first record names the columns.
    pub header: bool,
    /// Usual number of cells.
    pub columns: usize,
    /// Bytes before the first record: byte order mark and comment lines.
    pub body_start: usize,
    /// Records that the opinion rests on.
    pub sampled: usize,
}

impl Dialect {
    /// The dialect of a source with this head, or `None` if it is no table.
    pub fn of(head: &[u8]) -> Option<Self> {
        let body_start = preamble(head);
        let whole = whole_lines(head);
        if whole.len() <= body_start || is_binary(whole) {
            return None;
        }
        let best =
            [b'\t', b'|', b';', b','].into_iter().filter_map(|delimiter| Self::with(delimiter, whole, body_start));
        // Of equal scores the first in the list wins: commas also stand in text.
        let best = best.reduce(|best, next| if next.1 > best.1 { next } else { best });
        let mut dialect = match best {
            Some((dialect, _)) => dialect,
            None => fixed_width(whole, body_start)?,
        };
        dialect.header = dialect.delimiter.is_some() && super::header::is_header(&sample(whole, &dialect, SAMPLE));
        Some(dialect)
    }

    /// The word for it in `record_sets`.
    pub fn word(&self) -> &'static str {
        match self.delimiter {
            Some(b'\t') => "tsv",
            Some(b'|') => "pipe",
            Some(b';') => "semicolon",
            Some(_) => "csv",
            None => "fixed",
        }
    }

    /// The dialect with this delimiter and how well it fits, if it does. A quote
    /// that is never closed spoils the sample, so it is also read without quoting.
    fn with(delimiter: u8, whole: &[u8], body_start: usize) -> Option<(Self, usize)> {
        let body = &whole[body_start..];
        memchr(delimiter, body)?;
        let quoting = delimiter == b',' || has_quoted_cell(body, delimiter);
        let plain = Self { delimiter: Some(delimiter), body_start, ..Self::default() };
        if !quoting {
            return plain.judged(whole);
        }
        Self { quoting, ..plain.clone() }.judged(whole).or_else(|| {
            let (judged, score) = plain.judged(whole)?;
            Some((Self { quoting, ..judged }, score))
        })
    }

    fn judged(mut self, whole: &[u8]) -> Option<(Self, usize)> {
        let records = sample(whole, &self, SAMPLE);
        let columns = usual(records.iter().map(Vec::len))?;
        let fitting: Vec<&Vec<String>> = records.iter().filter(|record| record.len() == columns).collect();
        // Two columns are easily had by chance; of more, some may be ragged.
        let enough =
            if columns > 2 { fitting.len() * 3 >= records.len() * 2 } else { fitting.len() * 5 >= records.len() * 4 };
        if columns < 2 || !enough {
            return None;
        }
        let later = || fitting.iter().flat_map(|record| &record[1..]).filter(|cell| !cell.is_empty());
        let spaced = later().filter(|cell| cell.starts_with(' ')).count();
        let mostly_spaced = spaced > 0 && spaced * 10 >= later().count() * 9;
        // `word, word` is prose unless there is much of it.
        if mostly_spaced && matches!(self.delimiter, Some(b',' | b';')) && columns < 4 {
            return None;
        }
        (self.columns, self.padded, self.sampled) = (columns, mostly_spaced, records.len());
        let score = if mostly_spaced && self.delimiter == Some(b'|') { columns * 2 } else { columns };
        Some((self, score))
    }
}

/// Bytes of byte order mark and leading comment lines.
fn preamble(head: &[u8]) -> usize {
    let mut at = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    while head.get(at) == Some(&b'#') {
        match memchr(b'\n', &head[at..]) {
            Some(newline) => at += newline + 1,
            None => return head.len(),
        }
    }
    at
}

/// The head up to its last line end, unless it is all of one line or the whole
/// source fits: a head that is not full was not cut.
pub fn whole_lines(head: &[u8]) -> &[u8] {
    if head.len() < crate::drive::HEAD_BYTES {
        return head;
    }
    memchr::memrchr(b'\n', head).map_or(head, |newline| &head[..=newline])
}

fn is_binary(head: &[u8]) -> bool {
    let control = head.iter().filter(|byte| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')).count();
    control * 20 > head.len()
}

fn has_quoted_cell(body: &[u8], delimiter: u8) -> bool {
    body.starts_with(b"\"")
        || body.windows(2).any(|pair| pair == [delimiter, b'"'])
        || body.windows(2).any(|pair| pair == *b"\n\"")
}

/// The number that comes up most, the larger one if two do.
fn usual(numbers: impl Iterator<Item = usize>) -> Option<usize> {
    let mut counts = std::collections::BTreeMap::new();
    numbers.for_each(|number| *counts.entry(number).or_insert(0_usize) += 1);
    counts.into_iter().max_by_key(|(number, count)| (*count, *number)).map(|(number, _)| number)
}

/// Long lines of one length with gaps: a fixed-width extract.
fn fixed_width(whole: &[u8], body_start: usize) -> Option<Dialect> {
    let lines: Vec<&[u8]> = super::super::lines::each_line(&whole[body_start..])
        .map(|(_, line)| line)
        .filter(|line| !line.is_empty())
        .take(SAMPLE)
        .collect();
    let length = usual(lines.iter().map(|line| line.len()))?;
    let alike = |line: &&&[u8]| {
        let lower = line.iter().filter(|byte| byte.is_ascii_lowercase()).count();
        line.len() == length && line.windows(3).any(|three| three == b"   ") && lower * 20 <= line.len()
    };
    let fits = lines.len() >= 3 && length >= 40 && lines.iter().filter(alike).count() * 10 >= lines.len() * 9;
    fits.then(|| Dialect { columns: 1, body_start, sampled: lines.len(), ..Dialect::default() })
}
