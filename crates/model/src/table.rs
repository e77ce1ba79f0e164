//! Tables: named lists of typed columns, and the batches that fill them.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::Stage;

/// One table of a case.
#[derive(Debug)]
pub struct Table {
    /// Folder under `tables/` or `private/`, and name in SQL.
    pub name: &'static str,
    /// The stage that owns and writes it.
    pub stage: Stage,
    /// Whether it holds person data and so lies in `private/`.
    pub private: bool,
    /// Whether each row starts with the four locator columns.
    pub located: bool,
    /// What one row is, in one sentence.
    pub summary: &'static str,
    /// The columns after the locator.
    pub columns: &'static [Column],
}

/// One column of a table.
#[derive(Debug)]
pub struct Column {
    /// Name in SQL.
    pub name: &'static str,
    /// Type of its values; every column may be null.
    pub kind: ColumnType,
    /// What it holds, with unit or grammar.
    pub doc: &'static str,
}

/// Types that columns have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// Unsigned 64-bit number.
    U64,
    /// Signed 64-bit number.
    I64,
    /// Double-precision number, quantised by its writer.
    F64,
    /// Truth value.
    Bool,
    /// Microseconds since 1970-01-01T00:00:00Z.
    Time,
}

/// One value on its way into a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Absent.
    Null,
    /// Text.
    Text(&'a str),
    /// Unsigned number.
    U64(u64),
    /// Signed number.
    I64(i64),
    /// Double-precision number.
    F64(f64),
    /// Truth value.
    Bool(bool),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Time(i64),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Cell<'_> {
    fn from(number: u64) -> Self {
        Self::U64(number)
    }
}

impl From<bool> for Cell<'_> {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The four columns that every located table starts with.
pub const LOCATOR_COLUMNS: [Column; 4] = [
    Column { name: "evidence", kind: ColumnType::Text, doc: "SHA-256 of the evidence file, hexadecimal" },
    Column {
        name: "chain",
        kind: ColumnType::Text,
        doc: "steps of decoding from the file to the bytes, see `Locator`",
    },
    Column { name: "start", kind: ColumnType::U64, doc: "first byte within what `chain` gives" },
    Column { name: "length", kind: ColumnType::U64, doc: "bytes; 0 stands for the whole of what `chain` gives" },
];

impl Table {
    /// All columns, the locator's included.
    pub fn all_columns(&self) -> impl Iterator<Item = &Column> {
        let locator = if self.located { &LOCATOR_COLUMNS[..] } else { &[] };
        locator.iter().chain(self.columns)
    }

    /// The Arrow schema of the table.
    pub fn schema(&self) -> SchemaRef {
        let fields: Vec<Field> =
            self.all_columns().map(|column| Field::new(column.name, column.kind.arrow(), true)).collect();
        Arc::new(Schema::new(fields))
    }
}

impl ColumnType {
    /// The Arrow type that holds it.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::U64 => DataType::UInt64,
            Self::I64 => DataType::Int64,
            Self::F64 => DataType::Float64,
            Self::Bool => DataType::Boolean,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }

    /// The word for it in documentation.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::U64 => "unsigned integer",
            Self::I64 => "integer",
            Self::F64 => "float",
            Self::Bool => "boolean",
            Self::Time => "timestamp (µs, UTC)",
        }
    }
}

/// Rows that a batch has room for at first: most files give few, and room for
/// many costs more than their rows.
const FEW_ROWS: usize = 8;

enum Builder {
    Text(StringBuilder),
    U64(UInt64Builder),
    I64(Int64Builder),
    F64(Float64Builder),
    Bool(BooleanBuilder),
    Time(TimestampMicrosecondBuilder),
}

impl Builder {
    /// With room for so many rows, and for so many bytes of text in all.
    fn new(kind: ColumnType, rows: usize, bytes: usize) -> Self {
        match kind {
            ColumnType::Text => Self::Text(StringBuilder::with_capacity(rows, bytes)),
            ColumnType::U64 => Self::U64(UInt64Builder::with_capacity(rows)),
            ColumnType::I64 => Self::I64(Int64Builder::with_capacity(rows)),
            ColumnType::F64 => Self::F64(Float64Builder::with_capacity(rows)),
            ColumnType::Bool => Self::Bool(BooleanBuilder::with_capacity(rows)),
            ColumnType::Time => Self::Time(TimestampMicrosecondBuilder::with_capacity(rows).with_timezone("UTC")),
        }
    }

    /// Bytes of text gathered.
    fn text_bytes(&self) -> usize {
        if let Self::Text(builder) = self { builder.values_slice().len() } else { 0 }
    }

    /// A cell of another type than the column's becomes null: the column lists
    /// are constants, and the unit tests of every writer read its rows back.
    #[inline]
    fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Self::U64(builder), Cell::U64(number)) => builder.append_value(number),
            (Self::I64(builder), Cell::I64(number)) => builder.append_value(number),
            (Self::F64(builder), Cell::F64(number)) => builder.append_value(number),
            (Self::Bool(builder), Cell::Bool(truth)) => builder.append_value(truth),
            (Self::Time(builder), Cell::Time(micros)) => builder.append_value(micros),
            (builder, cell) => {
                debug_assert!(matches!(cell, Cell::Null), "{cell:?} does not fit its column");
                builder.push_null();
            }
        }
    }

    fn push_null(&mut self) {
        match self {
            Self::Text(builder) => builder.append_null(),
            Self::U64(builder) => builder.append_null(),
            Self::I64(builder) => builder.append_null(),
            Self::F64(builder) => builder.append_null(),
            Self::Bool(builder) => builder.append_null(),
            Self::Time(builder) => builder.append_null(),
        }
    }

    fn finish(mut self) -> ArrayRef {
        match &mut self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::U64(builder) => Arc::new(builder.finish()),
            Self::I64(builder) => Arc::new(builder.finish()),
            Self::F64(builder) => Arc::new(builder.finish()),
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
        }
    }
}

/// Rows of one table, gathered until they are worth an Arrow batch.
pub struct Batch {
    table: &'static Table,
    schema: SchemaRef,
    builders: Vec<Builder>,
    rows: usize,
    text_bytes: usize,
}

impl Batch {
    /// Rows after which a batch is full: those of a log then fit into a core's own cache.
    pub const FULL_ROWS: usize = 4_096;
    /// Bytes of text after which a batch is full, so that rows with long texts stay bounded.
    pub const FULL_BYTES: usize = 8 << 20;

    /// An empty batch of `table`.
    pub fn new(table: &'static Table) -> Self {
        let builders = table.all_columns().map(|column| Builder::new(column.kind, FEW_ROWS, 0)).collect();
        Self { table, schema: table.schema(), builders, rows: 0, text_bytes: 0 }
    }

    /// The table that the rows belong to.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// Rows gathered since the last [`Batch::take`].
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Appends one row: `locator` for located tables (else empty), then the
    /// table's own columns in order. Cells that are missing become null.
    #[inline]
    pub fn push(&mut self, locator: &[Cell<'_>], cells: &[Cell<'_>]) {
        debug_assert_eq!(locator.len(), if self.table.located { 4 } else { 0 }, "{}", self.table.name);
        debug_assert_eq!(cells.len(), self.table.columns.len(), "{}", self.table.name);
        let mut row = locator.iter().chain(cells);
        for builder in &mut self.builders {
            let cell = row.next().copied().unwrap_or(Cell::Null);
            if let Cell::Text(text) = cell {
                self.text_bytes += text.len();
            }
            builder.push(cell);
        }
        self.rows += 1;
    }

    /// Whether the batch should be taken now.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.rows >= Self::FULL_ROWS || self.text_bytes >= Self::FULL_BYTES
    }

    /// Hands the gathered rows over as an Arrow batch and starts afresh.
    pub fn take(&mut self) -> Result<RecordBatch, arrow_schema::ArrowError> {
        // After one full batch another is likely, and as large.
        let rows = if self.is_full() { self.rows } else { FEW_ROWS };
        let kinds = self.table.all_columns().map(|column| column.kind);
        let columns = self.builders.iter_mut().zip(kinds).map(|(builder, kind)| {
            let bytes = if rows > FEW_ROWS { builder.text_bytes() } else { 0 };
            std::mem::replace(builder, Builder::new(kind, rows, bytes + bytes / 8)).finish()
        });
        let columns = columns.collect();
        (self.rows, self.text_bytes) = (0, 0);
        RecordBatch::try_new(self.schema.clone(), columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables;

    #[test]
    fn names_are_unique_and_every_table_and_column_is_documented() {
        let mut seen = std::collections::BTreeSet::new();
        for table in tables::TABLES {
            assert!(seen.insert(table.name), "{} twice", table.name);
            assert!(table.summary.len() > 10, "{}", table.name);
            let mut columns = std::collections::BTreeSet::new();
            for column in table.all_columns() {
                assert!(columns.insert(column.name), "{}.{} twice", table.name, column.name);
                assert!(!column.doc.is_empty(), "{}.{}", table.name, column.name);
            }
        }
    }

    #[test]
    fn a_batch_gives_back_what_was_pushed() {
        let mut batch = Batch::new(&tables::LOSSES);
        batch.push(
            &["ab".into(), "gzip".into(), 3.into(), 4.into()],
            &["ingest".into(), "cut".into(), Cell::U64(2), Cell::Null],
        );
        let taken = batch.take().expect("the schema fits");
        assert_eq!((taken.num_rows(), taken.num_columns(), batch.rows()), (1, 8, 0));
    }
}
