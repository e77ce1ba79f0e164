//! Rows as they lie in the files of a table, past the engine.
//!
//! For the one rule that reads every request of a case twice. The engine spells
//! out each repeated text for each row and joins what its partitions give in any
//! order; here texts stay views into the dictionary of their page, and rows come
//! in the order of the table's files.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::{cast, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimestampMicrosecondType};
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowFilter,
};
use datafusion::parquet::file::metadata::RowGroupMetaData;
use datafusion::parquet::file::statistics::Statistics;
use model::{Column, ColumnType, Table};

use crate::{Error, Result, Session};

/// Rows that are given at a time.
const BATCH_ROWS: usize = 8_192;

/// Microseconds within which a column of times has to lie.
pub type Within<'a> = Option<(&'a str, Range<i64>)>;

impl Session {
    /// Gives these columns of a table, in its own order of columns, texts as views; of
    /// the rows those alone whose time lies within. Row groups that lie elsewhere are not
    /// read, and of the others the times first.
    pub fn scan(
        &self,
        table: &Table,
        columns: &[&str],
        within: Within<'_>,
        each: &mut dyn FnMut(RecordBatch) -> Result<()>,
    ) -> Result<()> {
        let failed = |why: &dyn std::fmt::Display| Error::Table { table: table.name.to_owned(), why: why.to_string() };
        let schema = Arc::new(viewed(table));
        if let Some(batches) = self.replaced(table) {
            let asked = |at: &usize| columns.contains(&schema.field(*at).name().as_str());
            let asked: Vec<usize> = (0..schema.fields().len()).filter(asked).collect();
            return batches.iter().try_for_each(|batch| {
                let cells = batch.columns().iter().zip(schema.fields());
                let cells: std::result::Result<Vec<_>, _> =
                    cells.map(|(column, field)| cast(column, field.data_type())).collect();
                let whole = cells.and_then(|cells| RecordBatch::try_new(schema.clone(), cells));
                let whole = whole.map_err(|error| failed(&error))?;
                let rows =
                    match within.as_ref().and_then(|(column, times)| Some((whole.column_by_name(column)?, times))) {
                        Some((time, times)) => lies(time, times).and_then(|mask| filter_record_batch(&whole, &mask)),
                        None => Ok(whole),
                    };
                each(rows.and_then(|rows| rows.project(&asked)).map_err(|error| failed(&error))?)
            });
        }
        for path in self.files_of(table) {
            let file = File::open(&path).map_err(Error::io("open", &path))?;
            let options = ArrowReaderOptions::new().with_schema(schema.clone());
            let mut reader =
                ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(|error| failed(&error))?;
            let groups = reader.metadata().row_groups().iter().enumerate();
            let wanted =
                groups.filter(|(_, group)| within.as_ref().is_none_or(|(column, times)| meets(group, column, times)));
            let wanted: Vec<usize> = wanted.map(|(at, _)| at).collect();
            if wanted.is_empty() {
                continue;
            }
            let mask = ProjectionMask::columns(reader.parquet_schema(), columns.iter().copied());
            if let Some((column, times)) = within.clone() {
                let time = ProjectionMask::columns(reader.parquet_schema(), [column]);
                let filter = ArrowPredicateFn::new(time, move |batch| lies(batch.column(0).as_ref(), &times));
                reader = reader.with_row_filter(RowFilter::new(vec![Box::new(filter)]));
            }
            reader = reader.with_projection(mask).with_row_groups(wanted).with_batch_size(BATCH_ROWS);
            for batch in reader.build().map_err(|error| failed(&error))? {
                each(compact(batch.map_err(|error| failed(&error))?).map_err(|error| failed(&error))?)?;
            }
        }
        Ok(())
    }
}

/// The table's schema with texts as views.
pub(crate) fn viewed(table: &Table) -> Schema {
    let kind = |column: &Column| match column.kind {
        ColumnType::Text => DataType::Utf8View,
        kind => kind.arrow(),
    };
    Schema::new(table.all_columns().map(|column| Field::new(column.name, kind(column), true)).collect::<Vec<_>>())
}

/// Whether a row group may hold times within; one without statistics may.
fn meets(group: &RowGroupMetaData, column: &str, times: &Range<i64>) -> bool {
    let chunk = group.columns().iter().find(|chunk| chunk.column_path().string() == column);
    match chunk.and_then(|chunk| chunk.statistics()) {
        Some(Statistics::Int64(known)) => {
            known.min_opt().is_none_or(|min| *min < times.end) && known.max_opt().is_none_or(|max| *max >= times.start)
        }
        _ => true,
    }
}

/// Which times lie within; none of those that are absent.
fn lies(time: &dyn Array, times: &Range<i64>) -> std::result::Result<BooleanArray, ArrowError> {
    let time = time
        .as_primitive_opt::<TimestampMicrosecondType>()
        .ok_or_else(|| ArrowError::SchemaError("a column of times holds something else".to_owned()))?;
    Ok(time.iter().map(|time| Some(time.is_some_and(|time| times.contains(&time)))).collect())
}

/// Lets go of pages of which only few rows are left: views hold them whole.
fn compact(batch: RecordBatch) -> std::result::Result<RecordBatch, ArrowError> {
    const ROW_BYTES: usize = 1_024;
    if batch.get_array_memory_size() < batch.num_rows().max(BATCH_ROWS / 8) * ROW_BYTES {
        return Ok(batch);
    }
    let own = |column: &ArrayRef| match column.as_string_view_opt() {
        Some(texts) => Arc::new(texts.gc()) as ArrayRef,
        None => Arc::clone(column),
    };
    RecordBatch::try_new(batch.schema(), batch.columns().iter().map(own).collect())
}
