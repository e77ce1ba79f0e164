//! How tables are written: one fixed set of Parquet settings.
//!
//! Equal batches in equal order give equal bytes: nothing here depends on
//! time, machine or memory, and row groups end at fixed counts. Everything is
//! chosen for speed of writing, since logs are large and disks are fast: Snappy
//! is as fast as LZ4 here and read by everything.

use datafusion::parquet::basic::{Compression, Encoding};
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use datafusion::parquet::schema::types::ColumnPath;
use model::{ColumnType, Table};

/// Rows after which a row group is written out and its memory freed.
const ROW_GROUP_ROWS: usize = 131_072;
/// Encoded bytes after which it is written out even if it has fewer rows.
const ROW_GROUP_BYTES: usize = 32 << 20;

/// Rows to a page of a table that is looked up by key: a row costs one page to read.
const KEYED_PAGE_ROWS: usize = 512;

/// The settings for one table.
pub fn properties(table: &Table) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by("handprint".to_owned())
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_dictionary_enabled(true);
    let keyed = table.columns.first().is_some_and(|column| column.name == "key");
    if keyed {
        builder = builder.set_data_page_row_count_limit(KEYED_PAGE_ROWS).set_write_batch_size(KEYED_PAGE_ROWS);
    }
    for column in table.all_columns() {
        // Numbers and times rarely repeat exactly but lie close together:
        // differences are small, and a dictionary would be built to be thrown away.
        if matches!(column.kind, ColumnType::U64 | ColumnType::I64 | ColumnType::Time) {
            let path = ColumnPath::from(column.name);
            builder = builder
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        }
        // Places and times are asked for by range. Smallest and largest of
        // every text would take as long as everything else together.
        if column.name == "start" || column.name == "key" || column.kind == ColumnType::Time {
            let path = ColumnPath::from(column.name);
            builder = builder.set_column_statistics_enabled(path, EnabledStatistics::Chunk);
        }
    }
    builder.build()
}
