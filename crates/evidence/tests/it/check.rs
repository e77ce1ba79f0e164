//! The one runner of corpus tests.
//!
//! `check("mail")` reads every file under `tests/corpus/mail` as the worker
//! would, once per pass, and compares the rows, written as compact lines, with
//! the file beside it that ends in `.expected`. With `UPDATE_EXPECTED=1` in the
//! environment it writes that file instead. Every place is opened again.

use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use evidence::{Drive, Limits, Pass, Sink, ingest, resolve};
use model::{Digest, Format, Table};

/// One row: its table and its columns that are not null, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Name of the table.
    pub table: &'static str,
    /// Column and value as text.
    pub cells: Vec<(String, String)>,
}

impl Row {
    /// The value of a column; the empty text where it is null.
    pub fn get(&self, column: &str) -> &str {
        self.cells.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value)
    }
}

/// A sink that keeps everything.
#[derive(Default)]
struct Kept(Vec<Row>);

impl Sink for Kept {
    fn batch(&mut self, table: &'static Table, batch: RecordBatch) {
        for row in 0..batch.num_rows() {
            let cells = batch
                .schema()
                .fields()
                .iter()
                .zip(batch.columns())
                .filter(|(_, column)| column.is_valid(row))
                .map(|(field, column)| (field.name().clone(), cell(column, row)))
                .collect();
            self.0.push(Row { table: table.name, cells });
        }
    }

    fn begin(&mut self, _offset: u64) -> bool {
        true
    }
}

fn cell(column: &dyn Array, row: usize) -> String {
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Timestamp(..) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            jiff::Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |time| time.to_string())
        }
        other => format!("<{other}>"),
    }
}

/// All rows of one file in both passes; splits are planned as the worker does.
pub fn rows_of(name: &str, bytes: &[u8]) -> Vec<Row> {
    let head = &bytes[..bytes.len().min(64 << 10)];
    let format = ingest::sniff(head, name);
    let mut rows = Vec::new();
    for pass in [Pass::Ingest, Pass::Extract] {
        rows.extend(rows_of_pass(pass, format, name, bytes));
    }
    rows
}

/// The rows of one pass over one file.
pub fn rows_of_pass(pass: Pass, format: Option<&'static dyn Format>, name: &str, bytes: &[u8]) -> Vec<Row> {
    let length = bytes.len() as u64;
    let whole = vec![model::Split::whole(length)];
    let splits = format.map_or(whole, |format| format.plan(&mut Cursor::new(bytes), length).unwrap());
    rows_of_splits(pass, format, name, bytes, &splits)
}

/// The rows of one pass over the splits of one file.
pub fn rows_of_splits(
    pass: Pass,
    format: Option<&'static dyn Format>,
    name: &str,
    bytes: &[u8],
    splits: &[model::Split],
) -> Vec<Row> {
    let length = bytes.len() as u64;
    let mut kept = Kept::default();
    for split in splits {
        let drive = Drive::new(pass, Digest([0; 32]), length, Limits::default(), &mut kept);
        drive.read(format, name, split, &mut Cursor::new(bytes));
    }
    kept.0
}

/// Reads every corpus file under `tests/corpus/<format>` and compares.
pub fn check(format: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(format);
    let inputs = inputs_under(&folder);
    assert!(!inputs.is_empty(), "no corpus in {}", folder.display());
    for input in inputs {
        check_file(&input);
    }
}

fn check_file(path: &Path) {
    let bytes = fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let rows = rows_of(&name, &bytes);
    let printed = print(&name, &bytes, &rows);
    assert_eq!(printed, print(&name, &bytes, &rows_of(&name, &bytes)), "{} differs when read again", path.display());
    assert_all_open(&rows, &name, &bytes);
    let expected_path = PathBuf::from(format!("{}.expected", path.display()));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&expected_path, &printed).unwrap();
    }
    let expected = fs::read_to_string(&expected_path).unwrap_or_default();
    assert!(
        expected == printed,
        "{} gives other rows than {}\n{}",
        path.display(),
        expected_path.display(),
        first_difference(&expected, &printed)
    );
}

/// The files of a corpus folder and below, sorted, without the `.expected` ones.
fn inputs_under(folder: &Path) -> Vec<PathBuf> {
    let mut inputs = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|extension| extension != "expected") {
                inputs.push(path);
            }
        }
    }
    inputs.sort();
    inputs
}

/// The rows as lines `table: column=value ...`; the digest is left out.
fn print(name: &str, bytes: &[u8], rows: &[Row]) -> String {
    let head = &bytes[..bytes.len().min(64 << 10)];
    let format = ingest::sniff(head, name).map_or("none", |format| format.entry().name);
    let mut printed = format!("format: {format}\n");
    for row in rows {
        let _ = write!(printed, "{}:", row.table);
        for (column, value) in row.cells.iter().filter(|(column, _)| column != "evidence") {
            let _ = write!(printed, " {column}={}", value.escape_debug());
        }
        printed.push('\n');
    }
    printed
}

fn first_difference(expected: &str, printed: &str) -> String {
    let (mut expected, mut printed) = (expected.lines(), printed.lines());
    let mut line = 0;
    loop {
        line += 1;
        match (expected.next(), printed.next()) {
            (None, None) => return "only the line ends differ".to_owned(),
            (wanted, got) if wanted != got => {
                return format!("line {line}\n  expected: {wanted:?}\n  got:      {got:?}");
            }
            _ => {}
        }
    }
}

/// Opens the place of every row. The text of a name is a label of its source
/// and stands at no place, so what is found in it is left out.
pub fn assert_all_open(rows: &[Row], name: &str, bytes: &[u8]) {
    let place = |row: &Row| (row.get("chain").to_owned(), row.get("start").to_owned(), row.get("length").to_owned());
    let names: std::collections::BTreeSet<_> = rows.iter().filter(|row| row.get("role") == "name").map(place).collect();
    for row in rows.iter().filter(|row| row.table != "losses" && !row.get("evidence").is_empty()) {
        if !names.contains(&place(row)) {
            assert_opens(row, name, bytes);
        }
    }
}

/// Opens the row's place and, where the row holds a raw value, looks for it there.
fn assert_opens(row: &Row, name: &str, bytes: &[u8]) {
    let chain = row.get("chain");
    let start: u64 = row.get("start").parse().unwrap();
    let length: u64 = row.get("length").parse().unwrap();
    let locator = model::Locator::from_columns(row.get("evidence"), chain, start, length).unwrap();
    let opened = resolve::open(&mut Cursor::new(bytes), &locator.chain);
    let opened = opened.unwrap_or_else(|error| panic!("{name}: {row:?} does not open: {error}"));
    let raw = row.get("raw");
    if !raw.is_empty() && !opened.cut {
        let shown = String::from_utf8_lossy(&opened.bytes);
        assert!(shown.contains(raw), "{name}: {raw:?} is not at {locator}, which shows {shown:?}");
    }
}
