//! Delimited tables of unknown meaning: CSV, TSV and their kin, fixed width too.
//!
//! `dialect` tells how a source is written, `records` splits it, `header` names
//! its columns and `person` says which of them hold person data. A source with
//! such columns goes to `person_records`, which lie in `private/`, and only its
//! column names and leading comments are given to the detectors.

mod dialect;
mod header;
pub mod json_cells;
pub mod person;
mod records;

use std::collections::BTreeSet;
use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Cell, Entry, Format, Out, Reading, Role, Step, Table, Text, tables};

use self::dialect::Dialect;
use self::json_cells::Cells;
pub use self::records::decode;
use self::records::{Record, Records};
use super::lines::Unfit;
use super::posts::Posts;
use super::utf16::{self, Utf16};

/// Records between two news of progress, which are also what is left out when
/// reading one of them ended a worker.
const RECORDS_PER_ITEM: u64 = 1024;

/// Delimited text.
pub struct Delimited;

const ENTRY: Entry = Entry {
    name: "delimited",
    summary: "delimited tables (CSV, TSV, pipe, semicolon) and fixed-width extracts",
    doc: "\
# What it reads
Text whose lines mostly split into the same number of cells, with or without a
header, after comment lines that start with `#`; lines of one length with gaps
are taken as fixed width, one cell a line. UTF-8, UTF-16 with a byte order mark,
and Windows-1252 for what is neither.

# Which tables
`person_records` if two kinds of column name people (names, birth dates,
addresses, telephone, mail, voter and licence numbers), `posts` if they are those
of an export of posts, else `records`; one row of `record_sets` for the source.

# What is lost
Nothing of a ragged record: cells beyond the header are called `c<N>`. A quote
that is never closed is noted, and its line read without quoting; so are
NUL bytes.",
};

impl Format for Delimited {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn sniff(&self, head: &[u8], name: &str) -> bool {
        let decoded = utf16::decode_head(head);
        let Some(dialect) = Dialect::of(decoded.as_deref().unwrap_or(head)) else { return false };
        dialect.sampled >= 2 || named_as_table(name)
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let length = reading.split.end.saturating_sub(reading.split.start);
        let mut bytes = bytes.take(if reading.split.end == u64::MAX { u64::MAX } else { length });
        let mut mark = [0; 2];
        let filled = utf16::read_up_to(&mut bytes, &mut mark)?;
        let mut whole = mark[..filled].chain(&mut bytes);
        let Some(encoding) = utf16::marked(&mark[..filled]) else {
            return read_table(reading.chain, None, &mut whole, out);
        };
        let chain = extend_chain(reading.chain, &Step::Charset(encoding.name().to_ascii_lowercase()));
        let mut decoded = Utf16::new(encoding, &mut whole);
        let outcome = read_table(&chain, Some(encoding.name()), &mut decoded, out);
        decoded.report(reading.chain, out);
        outcome
    }
}

/// A single record is a table only if its file is called one.
fn named_as_table(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["csv", "tsv", "tab", "psv"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// The cell at `row` and `col`, or the whole record where `col` is absent, as
/// text; `None` if there is none. What ingest calls a row is the same row here.
pub fn cell(mut bytes: impl Read, row: u64, col: Option<&str>) -> io::Result<Option<Vec<u8>>> {
    let mut records = Records::open(&mut bytes)?;
    let names = column_names(&records);
    let mut table = Columns::new(names);
    while let Some(record) = records.next_record()? {
        table.widen(record.len());
        if record.row == row {
            let Some(col) = col else { return Ok(Some(record.raw.to_vec())) };
            let index = table.names.iter().position(|name| name == col).filter(|index| *index < record.len());
            return Ok(index.map(|index| record.cell(index).into_owned().into_bytes()));
        }
    }
    Ok(None)
}

fn column_names(records: &Records<'_>) -> Vec<String> {
    let header = records.sample.first().filter(|_| records.dialect.header);
    header::names(header.map(Vec::as_slice), records.dialect.columns)
}

/// Column names so far; they grow where a record is wider than all before it.
struct Columns {
    names: Vec<String>,
    taken: BTreeSet<String>,
}

/// Columns that are told apart; cells beyond them are in the evidence only.
const COLUMNS: usize = 16_384;

impl Columns {
    fn new(names: Vec<String>) -> Self {
        let taken = names.iter().cloned().collect();
        Self { names, taken }
    }

    fn widen(&mut self, columns: usize) {
        while self.names.len() < columns.min(COLUMNS) {
            let name = header::name(None, self.names.len(), &mut self.taken);
            self.names.push(name);
        }
    }
}

fn read_table(chain: &str, encoding: Option<&str>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
    let mut records = Records::open(bytes)?;
    let names = column_names(&records);
    let posts = if records.dialect.header { Posts::of(&names) } else { None };
    let person = posts.as_ref().map_or_else(|| person_columns(&records, &names), Posts::person_columns);
    let mut rows = Rows {
        chain,
        personal: posts.is_none() && !person.is_empty(),
        posts,
        cells: Cells::new(&names),
        columns: Columns::new(names),
        unfit: Unfit::new(chain, "record"),
        records: 0,
        utf8: true,
        skipping: false,
    };
    rows.comments(records.preamble(), out);
    let header = records.dialect.header;
    let outcome = loop {
        match records.next_record() {
            Ok(Some(record)) => rows.record(&record, header && record.row == 1, out),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    rows.unfit.close(out);
    let encoding = encoding.unwrap_or(if rows.utf8 { "UTF-8" } else { "windows-1252" });
    let (columns, person) = (json_cells::array(&rows.columns.names), json_cells::array(&person));
    let set = [
        records.dialect.word().into(),
        encoding.into(),
        header.into(),
        (&columns).into(),
        (&person).into(),
        rows.records.into(),
    ];
    out.row(&tables::RECORD_SETS, At::whole(chain), &set);
    outcome
}

/// By name where there are names; by content where they tell nothing.
fn person_columns(records: &Records<'_>, names: &[String]) -> Vec<String> {
    if records.dialect.delimiter.is_none() {
        // A fixed-width extract has no columns without its layout; what such
        // extracts are made for is lists of people.
        return names.to_vec();
    }
    let header = records.dialect.header;
    let told = if header { person::by_name(names) } else { Vec::new() };
    if !told.is_empty() {
        return told;
    }
    let body = records.sample.get(usize::from(header)..).unwrap_or_default();
    // Names that mean something else outweigh one kind of content more.
    person::by_content(names, body, if header { 3 } else { 2 })
}

/// Rows of one source in the making.
struct Rows<'c> {
    chain: &'c str,
    personal: bool,
    posts: Option<Posts>,
    cells: Cells,
    columns: Columns,
    unfit: Unfit<'c>,
    records: u64,
    utf8: bool,
    skipping: bool,
}

impl Rows<'_> {
    fn comments(&self, preamble: &[u8], out: &mut dyn Out) {
        let start = if preamble.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        if preamble.len() > start {
            self.document(start as u64, &preamble[start..], out);
        }
    }

    fn document(&self, start: u64, bytes: &[u8], out: &mut dyn Out) {
        out.text(&Text { role: Role::Document, chain: self.chain, start, bytes, personal: false });
    }

    fn record(&mut self, record: &Record<'_>, is_header: bool, out: &mut dyn Out) {
        if record.row % RECORDS_PER_ITEM == 1 {
            self.skipping = !out.begin(record.start);
        }
        if self.skipping {
            return;
        }
        let place = (record.start, record.raw.len() as u64);
        match record.trouble {
            Some(reason) => self.unfit.note(reason, place.0, place.0 + place.1, record.row, out),
            None => self.unfit.close(out),
        }
        if is_header {
            self.document(record.start, record.raw, out);
            return;
        }
        self.records += 1;
        self.columns.widen(record.len());
        if out.wants_rows() {
            self.row(record, place, out);
        }
        if out.wants_texts() && !self.personal {
            self.texts(record, out);
        }
    }

    fn row(&mut self, record: &Record<'_>, (start, length): (u64, u64), out: &mut dyn Out) {
        self.utf8 = self.utf8 && std::str::from_utf8(record.raw).is_ok();
        if let Some(posts) = &self.posts {
            let position = |column: &str| self.columns.names.iter().position(|name| name == column);
            let cell = |column: &str| Some(record.cell(position(column)?));
            return posts.row(&cell, At { chain: self.chain, start, length }, out);
        }
        let table: &'static Table = if self.personal { &tables::PERSON_RECORDS } else { &tables::RECORDS };
        let cells = self.cells.write(&self.columns.names, (0..record.len()).map(|index| record.cell(index)));
        out.row(table, At { chain: self.chain, start, length }, &[record.row.into(), Cell::Text(cells)]);
    }

    fn texts(&self, record: &Record<'_>, out: &mut dyn Out) {
        for (index, name) in self.columns.names.iter().enumerate().take(record.len()) {
            let cell = record.cell(index);
            let names_account = self.posts.as_ref().is_some_and(|posts| posts.names_account(name));
            if !cell.is_empty() && !names_account {
                let chain = extend_chain(self.chain, &Step::Csv(record.row, Some(name.clone())));
                let role = Role::Cell(name);
                out.text(&Text {
                    role,
                    chain: &chain,
                    start: 0,
                    bytes: cell.as_bytes(),
                    personal: self.posts.is_some(),
                });
            }
        }
    }
}
