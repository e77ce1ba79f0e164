//! A table that is sorted by a 64-bit key, looked up without the SQL engine.
//!
//! Keys alone are read first: sorted keys that are asked for are merged with
//! the sorted column, row group by row group, and groups whose smallest and
//! largest key exclude all of them are not touched. The rows themselves are
//! read afterwards, page by page, and only those that were found.

use std::fs::File;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use datafusion::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use datafusion::parquet::data_type::Int64Type;
use datafusion::parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use datafusion::parquet::file::reader::{FileReader, SerializedFileReader};
use model::{Stage, Table};

use crate::scan::viewed;
use crate::{Case, Error, Result};

/// Keys that are read at once.
const BATCH: usize = 16_384;

/// Rows that are read at once; far apart, each costs a page of every column.
const ROWS: usize = 512;

/// One table whose first column is a sorted key, open for look-ups.
pub struct Keyed {
    file: Option<KeyedFile>,
}

struct KeyedFile {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
}

impl Case {
    /// Opens a table that a stage has written in one part and in order of its key.
    pub fn keyed(&self, table: &Table, stage: Stage) -> Result<Keyed> {
        for split in self.split_names(stage)? {
            let manifest = self.manifest(stage, &split)?;
            if let Some(entry) = manifest.tables.iter().find(|entry| entry.table == table.name) {
                let path = self.root().join(&entry.file);
                let file = File::open(&path).map_err(Error::io("open", &path))?;
                // Texts stay where their page was unpacked; what is wanted of them is copied once.
                let options = ArrowReaderOptions::new()
                    .with_page_index_policy(PageIndexPolicy::Optional)
                    .with_schema(Arc::new(viewed(table)));
                let metadata = ArrowReaderMetadata::load(&file, options)?;
                return Ok(Keyed { file: Some(KeyedFile { path, metadata }) });
            }
        }
        Ok(Keyed { file: None })
    }
}

impl Keyed {
    /// Rows of the table.
    pub fn rows(&self) -> u64 {
        let rows = |file: &KeyedFile| file.metadata.metadata().file_metadata().num_rows();
        self.file.as_ref().map_or(0, rows).try_into().unwrap_or(0)
    }

    /// Hands runs of keys from `from` on to `each`, in order, with the number of
    /// their first row; the first run may begin before `from`.
    pub fn keys(&self, from: u64, each: &mut dyn FnMut(u64, &[u64])) -> Result<()> {
        self.runs(&|_, last| last >= from, each)
    }

    /// Tells which of the keys are there: `each` gets the index of a key in
    /// `asked`, which must be sorted, and the number of each row that has it.
    pub fn find(&self, asked: &[u64], each: &mut dyn FnMut(usize, u64)) -> Result<()> {
        let mut next = 0;
        let wanted = |first: u64, last: u64| {
            let at = asked.partition_point(|key| *key < first);
            asked.get(at).is_some_and(|key| *key <= last)
        };
        self.runs(&wanted, &mut |first_row, keys| {
            let Some(last) = keys.last() else { return };
            let mut at = 0;
            while next < asked.len() && at < keys.len() {
                at = gallop(keys, at, asked[next]);
                while keys.get(at) == Some(&asked[next]) {
                    each(next, first_row + at as u64);
                    at += 1;
                }
                // A key may go on in the next run.
                if asked[next] >= *last {
                    break;
                }
                next += 1;
            }
        })
    }

    /// Hands the rows of these numbers, which must be sorted, to `each` in their
    /// order and a few at a time: texts are views, which hold the page of each row.
    pub fn rows_at<E: From<Error>>(
        &self,
        rows: &[u64],
        each: &mut dyn FnMut(&RecordBatch) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let Some(file) = self.file.as_ref().filter(|_| !rows.is_empty()) else { return Ok(()) };
        file.reader(rows)?.try_for_each(|batch| each(&batch.map_err(Error::from)?))
    }

    /// Runs of keys of the row groups that are wanted by their smallest and largest key.
    fn runs(&self, wanted: &dyn Fn(u64, u64) -> bool, each: &mut dyn FnMut(u64, &[u64])) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let input = File::open(&file.path).map_err(Error::io("open", &file.path))?;
        let reader = SerializedFileReader::new(input)?;
        let mut first_row = 0;
        for (number, group) in reader.metadata().row_groups().iter().enumerate() {
            let rows = usize::try_from(group.num_rows()).unwrap_or(0);
            let bounds = group.column(0).statistics();
            let first = bounds.and_then(|bounds| key_of(bounds.min_bytes_opt()?)).unwrap_or(0);
            let last = bounds.and_then(|bounds| key_of(bounds.max_bytes_opt()?)).unwrap_or(u64::MAX);
            if wanted(first, last) {
                match reader.get_row_group(number)?.get_column_reader(0)? {
                    ColumnReader::Int64ColumnReader(mut keys) => group_keys(&mut keys, rows, first_row, each)?,
                    _ => return Err(Error::Integrity(format!("{} has no key", file.path.display()))),
                }
            }
            first_row += rows as u64;
        }
        Ok(())
    }
}

impl KeyedFile {
    fn reader(&self, rows: &[u64]) -> Result<ParquetRecordBatchReader> {
        let (groups, ranges, total) = chosen(self.metadata.metadata(), rows);
        let input = File::open(&self.path).map_err(Error::io("open", &self.path))?;
        Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(input, self.metadata.clone())
            .with_row_groups(groups)
            .with_row_selection(RowSelection::from_consecutive_ranges(ranges.into_iter(), total))
            .with_batch_size(ROWS)
            .build()?)
    }
}

fn key_of(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_le_bytes)
}

fn group_keys(
    column: &mut ColumnReaderImpl<Int64Type>,
    rows: usize,
    first_row: u64,
    each: &mut dyn FnMut(u64, &[u64]),
) -> Result<()> {
    let (mut values, mut present, mut keys) = (Vec::new(), Vec::new(), Vec::with_capacity(BATCH));
    let mut read = 0;
    while read < rows {
        values.clear();
        present.clear();
        let (records, ..) = column.read_records(BATCH, Some(&mut present), None, &mut values)?;
        if records == 0 {
            break;
        }
        keys.clear();
        keys.extend(values.iter().map(|key| key.cast_unsigned()));
        each(first_row + read as u64, &keys);
        read += records;
    }
    Ok(())
}

/// Where the first key not below `wanted` stands, from `at` on; near ones are found fastest.
fn gallop(keys: &[u64], at: usize, wanted: u64) -> usize {
    let (mut low, mut step) = (at, 1);
    while keys.get(low + step).is_some_and(|key| *key < wanted) {
        low += step;
        step *= 2;
    }
    let high = (low + step).min(keys.len());
    low + keys[low..high].partition_point(|key| *key < wanted)
}

/// Row groups that hold any of the rows, where the rows stand among those of
/// these groups, and how many these are.
fn chosen(metadata: &ParquetMetaData, rows: &[u64]) -> (Vec<usize>, Vec<Range<usize>>, usize) {
    let (mut groups, mut ranges, mut total) = (Vec::new(), Vec::new(), 0);
    let (mut first, mut rest) = (0u64, rows);
    for (number, group) in metadata.row_groups().iter().enumerate() {
        let length = u64::try_from(group.num_rows()).unwrap_or(0);
        let within = rest.partition_point(|row| *row < first + length);
        let (these, others) = rest.split_at(within);
        if !these.is_empty() {
            groups.push(number);
            // In a group of 131,072 rows every number fits.
            let place = |row: &u64| total + usize::try_from(row - first).unwrap_or(0);
            ranges.extend(these.iter().map(|row| place(row)..place(row) + 1));
            total += usize::try_from(length).unwrap_or(0);
        }
        (first, rest) = (first + length, others);
    }
    (groups, ranges, total)
}
