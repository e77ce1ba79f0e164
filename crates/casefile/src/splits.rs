//! Splits: the parts in which a stage writes its rows.
//!
//! A split has one Parquet file for each table it has rows for, and a manifest
//! that names them. The manifest comes last; files without one are leftovers
//! that nobody reads and the next attempt overwrites.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::parquet::arrow::ArrowWriter;
use model::{Stage, Table};
use serde::{Deserialize, Serialize};

use crate::hash::HashingWriter;
use crate::{Case, Error, Result, durable, parquet};

/// What a finished split consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitManifest {
    /// Word of the stage.
    pub stage: String,
    /// Id of the split.
    pub split: String,
    /// Its files, by table.
    pub tables: Vec<TableFile>,
}

/// One Parquet file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    /// Table that the rows belong to.
    pub table: String,
    /// Path below the case folder.
    pub file: String,
    /// Rows in it.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// Writes the rows of one split. Dropped before it is finished, it leaves
/// nothing behind.
pub struct SplitWriter<'a> {
    case: &'a Case,
    stage: Stage,
    split: String,
    open: BTreeMap<&'static str, OpenFile>,
}

struct OpenFile {
    table: &'static Table,
    schema: SchemaRef,
    temporary: PathBuf,
    rows: u64,
    writer: Option<ArrowWriter<BufWriter<HashingWriter<File>>>>,
}

impl Case {
    /// Begins a split. Its id is made of letters, digits, `-` and `_`.
    pub fn split_writer(&self, stage: Stage, split: &str) -> Result<SplitWriter<'_>> {
        self.writing()?;
        check_id(split)?;
        Ok(SplitWriter { case: self, stage, split: split.to_owned(), open: BTreeMap::new() })
    }

    /// Ids of the splits of a stage that are finished and whole.
    pub fn finished_splits(&self, stage: Stage) -> Result<BTreeSet<String>> {
        let mut finished = BTreeSet::new();
        for split in self.split_names(stage)? {
            if self.is_whole(&self.manifest(stage, &split)?) {
                finished.insert(split);
            }
        }
        Ok(finished)
    }

    /// Ids of the splits that have a manifest, sorted.
    pub(crate) fn split_names(&self, stage: Stage) -> Result<Vec<String>> {
        let names = durable::names(&self.manifests(stage))?;
        Ok(names.iter().filter_map(|name| name.strip_suffix(".json")).map(str::to_owned).collect())
    }

    /// The manifest of a split.
    pub(crate) fn manifest(&self, stage: Stage, split: &str) -> Result<SplitManifest> {
        read_json(&self.manifest_path(stage, split))
    }

    pub(crate) fn manifest_path(&self, stage: Stage, split: &str) -> PathBuf {
        self.manifests(stage).join(format!("{split}.json"))
    }

    pub(crate) fn manifests(&self, stage: Stage) -> PathBuf {
        self.root().join("tables/_manifest").join(stage.word())
    }

    /// Whether every file is there at its full length; `verify` looks inside.
    pub(crate) fn is_whole(&self, manifest: &SplitManifest) -> bool {
        manifest
            .tables
            .iter()
            .all(|entry| self.root().join(&entry.file).metadata().is_ok_and(|metadata| metadata.len() == entry.bytes))
    }

    /// Makes a split unfinished: first its manifest goes, then its files.
    pub(crate) fn remove_split(&self, stage: Stage, split: &str) -> Result<()> {
        let manifest = self.manifest(stage, split);
        durable::remove(&self.manifest_path(stage, split))?;
        for entry in manifest.map(|manifest| manifest.tables).unwrap_or_default() {
            durable::remove(&self.root().join(entry.file))?;
        }
        Ok(())
    }
}

impl SplitWriter<'_> {
    /// Appends rows. Columns must be those of the table, in order; text of
    /// another layout is converted.
    pub fn write(&mut self, table: &'static Table, batch: RecordBatch) -> Result<()> {
        if !self.open.contains_key(table.name) {
            let file = OpenFile::create(self.case, table)?;
            self.open.insert(table.name, file);
        }
        match self.open.get_mut(table.name) {
            Some(file) => file.write(batch),
            None => Ok(()),
        }
    }

    /// Syncs and names the files, then the manifest.
    pub fn finish(mut self) -> Result<SplitManifest> {
        let mut tables = Vec::new();
        for (_, mut file) in std::mem::take(&mut self.open) {
            tables.push(file.finish(self.case, self.stage, &self.split)?);
        }
        let manifest = SplitManifest { stage: self.stage.word().to_owned(), split: self.split.clone(), tables };
        durable::folder(&self.case.manifests(self.stage))?;
        write_json(&self.case.manifest_path(self.stage, &self.split), &manifest)?;
        Ok(manifest)
    }
}

impl OpenFile {
    fn create(case: &Case, table: &'static Table) -> Result<Self> {
        let folder = table_folder(case.root(), table);
        if table.private {
            durable::private_folder(&folder)?;
        } else {
            durable::folder(&folder)?;
        }
        let temporary = durable::temporary(&folder);
        let file = File::create_new(&temporary).map_err(Error::io("write", &temporary))?;
        let buffered = BufWriter::with_capacity(256 << 10, HashingWriter::new(file));
        let schema = table.schema();
        let writer = ArrowWriter::try_new(buffered, schema.clone(), Some(parquet::properties(table)))
            .map_err(|error| failed(table, error))?;
        Ok(Self { table, schema, temporary, rows: 0, writer: Some(writer) })
    }

    fn write(&mut self, batch: RecordBatch) -> Result<()> {
        let batch = fit(self.table, &self.schema, batch)?;
        self.rows += batch.num_rows() as u64;
        match &mut self.writer {
            Some(writer) => writer.write(&batch).map_err(|error| failed(self.table, error)),
            None => Ok(()),
        }
    }

    fn finish(&mut self, case: &Case, stage: Stage, split: &str) -> Result<TableFile> {
        let writer = self.writer.take().ok_or_else(|| failed(self.table, "it is closed already"))?;
        let buffered = writer.into_inner().map_err(|error| failed(self.table, error))?;
        let hashing = buffered.into_inner().map_err(|error| failed(self.table, error))?;
        hashing.inner.sync_data().map_err(Error::io("sync", &self.temporary))?;
        let (sha256, bytes) = hashing.tell();
        let file = relative_path(self.table, stage, split);
        let path = case.root().join(&file);
        fs::rename(&self.temporary, &path).map_err(Error::io("rename to", &path))?;
        Ok(TableFile { table: self.table.name.to_owned(), file, rows: self.rows, bytes, sha256: sha256.to_hex() })
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            // What cannot be removed now is removed at the next opening.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// The stage that wrote a file of a table: its owner unless the name says
/// another, as with losses, which every stage may have.
pub(crate) fn writer_of(table: &Table, file: &str) -> Stage {
    let mut parts = file.trim_end_matches(".parquet").splitn(2, '.');
    parts.nth(1).and_then(Stage::from_word).unwrap_or(table.stage)
}

/// Folder of a table in the case.
pub(crate) fn table_folder(root: &Path, table: &Table) -> PathBuf {
    root.join(if table.private { "private" } else { "tables" }).join(table.name)
}

fn relative_path(table: &Table, stage: Stage, split: &str) -> String {
    let place = if table.private { "private" } else { "tables" };
    match table.stage == stage {
        true => format!("{place}/{}/{split}.parquet", table.name),
        false => format!("{place}/{}/{split}.{}.parquet", table.name, stage.word()),
    }
}

fn check_id(split: &str) -> Result<()> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    match !split.is_empty() && split.len() <= 200 && split.bytes().all(fits) {
        true => Ok(()),
        false => Err(Error::Name(split.to_owned())),
    }
}

/// The batch in the columns of the table. Dictionaries of what a column holds stay:
/// Parquet writes them as it writes their values.
fn fit(table: &Table, schema: &SchemaRef, batch: RecordBatch) -> Result<RecordBatch> {
    if batch.schema() == *schema {
        return Ok(batch);
    }
    let given = batch.schema();
    let names = |schema: &SchemaRef| schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    if names(&given) != names(schema) {
        return Err(failed(table, format!("columns are {:?}, not {:?}", names(&given), names(schema))));
    }
    let columns = batch.columns().iter().zip(schema.fields());
    let columns: std::result::Result<Vec<_>, _> = columns
        .map(|(column, field)| match column.data_type() {
            DataType::Dictionary(_, value) if **value == *field.data_type() => Ok(Arc::clone(column)),
            _ => cast(column, field.data_type()),
        })
        .collect();
    let columns = columns.map_err(|error| failed(table, error))?;
    let fields = columns.iter().zip(schema.fields());
    let fields: Vec<_> =
        fields.map(|(column, field)| Field::new(field.name(), column.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|error| failed(table, error))
}

fn failed(table: &Table, why: impl std::fmt::Display) -> Error {
    Error::Table { table: table.name.to_owned(), why: why.to_string() }
}

pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Error::Integrity(format!("{} cannot be read: {error}", path.display())))
}

pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let bytes = serde_json::to_vec(value).map_err(|error| Error::io("write", path)(error.into()))?;
    durable::write(path, &bytes)
}
