//! Records of a small delimited table with their places, for formats that know
//! what the columns mean.
//!
//! A record's place is its bytes in the text, and a cell's place is where its
//! value first stands within the record, so that the place holds the value
//! whatever dialect a later reader takes the file for.

use std::ops::Range;

use super::whole;

/// Longest quoted cell, in bytes.
const LONGEST: usize = 64 << 10;

/// One record.
pub struct Row {
    /// Its bytes in the text, without the line end.
    pub place: Range<usize>,
    /// Its cells, trimmed.
    pub cells: Vec<String>,
}

impl Row {
    /// The cell of a column, `None` if it is absent or empty.
    pub fn cell(&self, column: Option<usize>) -> Option<&str> {
        self.cells.get(column?).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    /// Where a cell's value stands in `text`; the whole record if it is quoted
    /// in a way that changes it.
    pub fn place_of(&self, text: &str, value: &str) -> Range<usize> {
        let record = text.get(self.place.clone()).unwrap_or("");
        match record.find(value).filter(|_| !value.is_empty()) {
            Some(at) => self.place.start + at..self.place.start + at + value.len(),
            None => self.place.clone(),
        }
    }
}

/// A header row that was found, and how the table is written.
pub struct Header {
    /// Column names in lower case, spaces and hyphens as underscores.
    pub columns: Vec<String>,
    /// The byte between cells.
    pub delimiter: u8,
    /// First byte after the header's line.
    pub end: usize,
}

impl Header {
    /// The first column that has one of the names.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.columns.iter().position(|column| column == name))
    }
}

/// The first line of `text` as a header; comment lines before it are passed
/// over, and a header may itself be written as a comment, as several feeds do.
pub fn header(text: &str, fits: &dyn Fn(&Header) -> bool) -> Option<Header> {
    header_among(text.split_inclusive('\n'), fits)
}

/// Whether the head of a source has such a header; no more of it is read than
/// the lines before the verdict.
pub fn opens_with_header(head: &[u8], fits: &dyn Fn(&Header) -> bool) -> bool {
    header_among(whole::head_lines(head), fits).is_some()
}

fn header_among<L: AsRef<str>>(lines: impl Iterator<Item = L>, fits: &dyn Fn(&Header) -> bool) -> Option<Header> {
    let mut end = 0;
    for line in lines.take(60) {
        let line = line.as_ref();
        end += line.len();
        let trimmed = line.trim().trim_start_matches('\u{feff}');
        let comment = trimmed.starts_with('#') || trimmed.starts_with("//");
        let names = trimmed.trim_start_matches(['#', '/', ' ']);
        let delimiters = [b',', b'\t', b';', b'|'].into_iter().filter(|byte| names.as_bytes().contains(byte));
        let found = delimiters.into_iter().find_map(|delimiter| {
            let columns: Vec<String> = cells(names, delimiter).iter().map(|cell| name(cell)).collect();
            let header = Header { columns, delimiter, end };
            (header.columns.len() > 1 && fits(&header)).then_some(header)
        });
        if found.is_some() {
            return found;
        }
        if !comment && !trimmed.is_empty() {
            return None;
        }
    }
    None
}

fn name(cell: &str) -> String {
    cell.trim().to_lowercase().replace([' ', '-', '.'], "_")
}

fn cells(line: &str, delimiter: u8) -> Vec<String> {
    let mut first = None;
    each_record(line, 0, delimiter, &mut |row| {
        first.get_or_insert(row.cells);
    });
    first.unwrap_or_default()
}

/// The records after the header; comment lines and empty ones are left out.
pub fn rows(text: &str, header: &Header, give: &mut dyn FnMut(Row)) {
    each_record(text, header.end, header.delimiter, give);
}

fn each_record(text: &str, from: usize, delimiter: u8, give: &mut dyn FnMut(Row)) {
    let mut at = from;
    loop {
        at = past_comments(text, at);
        let Some((cells, end)) = record(text, at, delimiter) else { return };
        let place = at..at + text.get(at..end).unwrap_or("").trim_end().len();
        if cells.iter().any(|cell| !cell.is_empty()) {
            give(Row { place, cells });
        }
        at = end;
    }
}

fn past_comments(text: &str, mut at: usize) -> usize {
    loop {
        let rest = text.get(at..).unwrap_or("");
        let line = rest.split_inclusive('\n').next().unwrap_or("");
        let trimmed = line.trim();
        if line.is_empty() || !(trimmed.is_empty() || trimmed.starts_with('#')) {
            return at;
        }
        at += line.len();
    }
}

/// The cells of the record at `start`, and the first byte after it. A quote
/// that is never closed ends with its line, so that it costs one record.
fn record(text: &str, start: usize, delimiter: u8) -> Option<(Vec<String>, usize)> {
    let mut cells = Vec::new();
    let mut at = start;
    if text.len() <= start {
        return None;
    }
    loop {
        let (cell, end) = cell(text, at, delimiter);
        cells.push(cell);
        match text.as_bytes().get(end) {
            Some(&byte) if byte == delimiter => at = end + 1,
            Some(_) => return Some((cells, end + 1)),
            None => return Some((cells, text.len())),
        }
    }
}

/// One cell, trimmed, and where the delimiter, line end or text end after it is.
/// A quote may stand after spaces, which the csv crates do not allow.
fn cell(text: &str, at: usize, delimiter: u8) -> (String, usize) {
    let rest = text.get(at..).unwrap_or("");
    let lead = rest.len() - rest.trim_start_matches(' ').len();
    if let Some(quoted) = rest.get(lead..).and_then(|rest| rest.strip_prefix('"'))
        && let Some((cell, used)) = unquote(quoted)
    {
        let after = at + lead + 1 + used;
        return (cell.trim().to_owned(), bare_end(text, after, delimiter));
    }
    let end = bare_end(text, at, delimiter);
    (text.get(at..end).unwrap_or("").trim().to_owned(), end)
}

fn bare_end(text: &str, at: usize, delimiter: u8) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    memchr::memchr2(delimiter, b'\n', rest).map_or(text.len(), |end| at + end)
}

/// The text up to the closing quote, doubled quotes undone, and the bytes used.
fn unquote(text: &str) -> Option<(String, usize)> {
    let mut cell = String::new();
    let mut from = 0;
    loop {
        let quote = from + memchr::memchr(b'"', text.as_bytes().get(from..)?.get(..LONGEST.min(text.len() - from))?)?;
        cell.push_str(text.get(from..quote)?);
        if text.as_bytes().get(quote + 1) != Some(&b'"') {
            return Some((cell, quote + 1));
        }
        cell.push('"');
        from = quote + 2;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<String> {
        let header = header(text, &|header| header.column(&["a"]).is_some()).unwrap();
        let mut seen = Vec::new();
        rows(text, &header, &mut |row| {
            for cell in row.cells.iter().filter(|cell| !cell.contains('"')) {
                assert!(text.get(row.place_of(text, cell)).unwrap().contains(cell.as_str()));
            }
            seen.push(row.cells.join("|"));
        });
        seen
    }

    #[test]
    fn records_keep_their_places() {
        assert_eq!(read("a,b\n1,2\n\n# note\n3,\"x, \"\"y\"\"\"\r\n4,5"), ["1|2", "3|x, \"y\"", "4|5"]);
        assert_eq!(read("# free text\n# \"A\",\"b c\"\n\"1\",\"2\"\n"), ["1|2"]);
        assert_eq!(read("a,b\n\"1\", \"x, y\"\n\"open,2\n3,4"), ["1|x, y", "\"open|2", "3|4"]);
        assert_eq!(read("a;b\n1;\"over\ntwo lines\"\n2;3\n"), ["1|over\ntwo lines", "2|3"]);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a,\"\n#;é ]{0,60}") {
            if let Some(header) = header(&text, &|_| true) {
                rows(&text, &header, &mut |row| { let _ = row.place_of(&text, "a"); });
            }
        }
    }
}
