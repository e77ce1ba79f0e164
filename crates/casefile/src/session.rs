//! SQL over the tables of a case.
//!
//! Only files that a manifest names are read, from the case folder mounted as
//! an object store, so nothing else on the machine can be reached by a query.
//! The functions here block; they must not be called from asynchronous code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::json::WriterBuilder;
use datafusion::arrow::json::writer::JsonArray;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::datasource::{MemTable, TableProvider};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use futures::StreamExt;
use model::{Stage, Table, tables};
use object_store::local::LocalFileSystem;
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use crate::{Case, Error, Result, durable, functions};

/// Where the case folder is mounted for the engine.
const MOUNT: &str = "case://local";

/// What a session may use and see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that sorts, joins and groupings may hold before they spill to
    /// disk; none for no limit.
    pub memory_bytes: Option<usize>,
    /// Threads, and partitions of every plan.
    pub threads: usize,
    /// Whether tables of person data are registered; the caller records such
    /// access in custody.
    pub private: bool,
}

/// SQL over the tables as they were when the session began.
pub struct Session {
    context: SessionContext,
    runtime: Runtime,
    suffixes: Vec<String>,
    case_name: String,
    root: PathBuf,
    files: BTreeMap<String, Vec<String>>,
    /// Tables of the model that somebody replaced for this session.
    replaced: Mutex<BTreeMap<String, Vec<RecordBatch>>>,
}

impl Case {
    /// Begins a session over all finished splits.
    pub fn session(&self, limits: Limits) -> Result<Session> {
        let threads = limits.threads.max(1);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("sql")
            // Plans of deeply nested queries are walked by recursion.
            .thread_stack_size(8 << 20)
            .build()
            .map_err(Error::io("start threads for", self.root()))?;
        let environment = environment(self, &limits)?;
        let mut context =
            SessionContext::new_with_config_rt(config(threads, limits.memory_bytes), Arc::new(environment));
        mount(&context, self.root())?;
        functions::register(&mut context, &self.settings().extra_suffixes)?;
        let mut files = self.table_files()?;
        files.retain(|name, _| tables::by_name(name).is_some_and(|table| limits.private || !table.private));
        for table in tables::TABLES.iter().filter(|table| limits.private || !table.private) {
            let provider = provider(table, files.get(table.name).map_or(&[], Vec::as_slice))?;
            context.register_table(table.name, provider)?;
        }
        Ok(Session {
            context,
            runtime,
            suffixes: self.settings().extra_suffixes.clone(),
            case_name: self.settings().name.clone(),
            root: self.root().to_owned(),
            files,
            replaced: Mutex::default(),
        })
    }

    /// Files of all finished splits, by table, in order of stage and split.
    fn table_files(&self) -> Result<BTreeMap<String, Vec<String>>> {
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for stage in Stage::ALL {
            for split in self.split_names(*stage)? {
                let manifest = self.manifest(*stage, &split)?;
                if !self.is_whole(&manifest) {
                    return Err(self.not_whole(*stage, &split));
                }
                for entry in manifest.tables.into_iter().filter(|entry| entry.rows > 0) {
                    files.entry(entry.table).or_default().push(entry.file);
                }
            }
        }
        Ok(files)
    }

    fn not_whole(&self, stage: Stage, split: &str) -> Error {
        let (root, word) = (self.root().display(), stage.word());
        Error::Integrity(format!(
            "{root}: a table file of stage {word}, part {split}, is missing or cut; run the stage again"
        ))
    }
}

impl Session {
    /// All rows of a query.
    pub fn query(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        self.runtime.block_on(async { self.plan(sql).await?.collect().await.map_err(Error::from) })
    }

    /// The rows of a query as they come, for results that do not fit into
    /// memory. Gives the schema, also where there are no rows.
    pub fn stream(&self, sql: &str, each: &mut dyn FnMut(RecordBatch) -> Result<()>) -> Result<SchemaRef> {
        self.runtime.block_on(async {
            let mut stream = self.plan(sql).await?.execute_stream().await?;
            let schema = stream.schema();
            while let Some(batch) = stream.next().await {
                each(batch?)?;
            }
            Ok(schema)
        })
    }

    /// All rows of a query as JSON objects: times are RFC 3339 texts, nulls
    /// are there as nulls.
    pub fn rows(&self, sql: &str) -> Result<Vec<Map<String, Value>>> {
        let mut rows = Vec::new();
        self.stream(sql, &mut |batch| {
            rows.append(&mut json_rows(&batch)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Makes batches queryable as a table, for rules that need more than SQL.
    /// A table of that name is replaced for this session.
    pub fn register_batches(&self, name: &str, schema: SchemaRef, batches: Vec<RecordBatch>) -> Result<()> {
        self.context.deregister_table(name)?;
        if tables::by_name(name).is_some() {
            let mut replaced = self.replaced.lock().unwrap_or_else(PoisonError::into_inner);
            replaced.insert(name.to_owned(), batches.clone());
        }
        self.context.register_table(name, Arc::new(MemTable::try_new(schema, vec![batches])?))?;
        Ok(())
    }

    /// Makes a function callable in this session, for rules whose answer needs
    /// a library and tables of the case. It takes `arity` texts; a function of
    /// that name is replaced.
    pub fn register_function(&self, name: &str, arity: usize, body: functions::FunctionBody) -> Result<()> {
        let state = self.context.state_ref();
        functions::add(&mut *state.write(), name, Some(arity), body)?;
        Ok(())
    }

    /// Public suffixes that the case declares beside those of the public list.
    pub fn suffixes(&self) -> &[String] {
        &self.suffixes
    }

    /// Files of a table in the order of its rows; none of a table that may not be seen.
    pub(crate) fn files_of(&self, table: &Table) -> Vec<PathBuf> {
        self.files.get(table.name).into_iter().flatten().map(|file| self.root.join(file)).collect()
    }

    /// Rows of a table that was replaced for this session.
    pub(crate) fn replaced(&self, table: &Table) -> Option<Vec<RecordBatch>> {
        self.replaced.lock().unwrap_or_else(PoisonError::into_inner).get(table.name).cloned()
    }

    /// What people call the case.
    pub fn case_name(&self) -> &str {
        &self.case_name
    }

    /// Queries read. They neither define nor write anything, nor change settings.
    async fn plan(&self, sql: &str) -> Result<DataFrame> {
        let only_read = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        Ok(self.context.sql_with_options(sql, only_read).await?)
    }
}

/// Rows of a batch as JSON objects.
pub(crate) fn json_rows(batch: &RecordBatch) -> Result<Vec<Map<String, Value>>> {
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(Vec::new());
    writer.write(batch)?;
    writer.finish()?;
    let text = writer.into_inner();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&text).map_err(|error| Error::Sql(error.to_string()))
}

/// Partitions follow the threads; results that must not depend on them are
/// sorted by their rule. Joins sort rather than hash, since only sorting spills.
/// The engine keeps memory back for merging, in every partition; of a small
/// limit it would keep back more than there is.
fn config(threads: usize, memory_bytes: Option<usize>) -> SessionConfig {
    let kept_back = memory_bytes.map_or(10 << 20, |bytes| (bytes / threads / 8).min(10 << 20));
    SessionConfig::new()
        .with_sort_spill_reservation_bytes(kept_back)
        .with_target_partitions(threads)
        .with_information_schema(true)
        .set_bool("datafusion.optimizer.prefer_hash_join", false)
        .set_bool("datafusion.sql_parser.map_string_types_to_utf8view", false)
        .set_bool("datafusion.execution.parquet.schema_force_view_types", false)
}

fn environment(case: &Case, limits: &Limits) -> Result<RuntimeEnv> {
    let mut builder = RuntimeEnvBuilder::new().with_disk_manager_builder(spilling(case)?);
    if let Some(bytes) = limits.memory_bytes {
        // Equal shares, so that one large operator cannot starve another that
        // is about to spill. The longest rule has some hundred operators, and a
        // share must hold one batch of each: below 2 GiB it does not.
        let named = std::num::NonZeroUsize::MIN.saturating_add(4);
        builder = builder.with_memory_pool(Arc::new(TrackConsumersPool::new(FairSpillPool::new(bytes), named)));
    }
    Ok(builder.build()?)
}

/// Spilled rows may be person data, so they stay in the case. The engine
/// removes them when the session ends; what a killed process left goes at the
/// next opening for writing. Where the case cannot be written, nothing spills.
fn spilling(case: &Case) -> Result<DiskManagerBuilder> {
    let folder = case.root().join("tables/_tmp");
    let mode = match durable::private_folder(&folder) {
        Ok(()) => DiskManagerMode::Directories(vec![folder]),
        Err(error) if case.writing().is_ok() => return Err(error),
        Err(_) => DiskManagerMode::Disabled,
    };
    Ok(DiskManagerBuilder::default().with_mode(mode).with_max_temp_directory_size(u64::MAX >> 1))
}

fn mount(context: &SessionContext, root: &Path) -> Result<()> {
    let url = ObjectStoreUrl::parse(MOUNT)?;
    let store = LocalFileSystem::new_with_prefix(root).map_err(|error| Error::Sql(error.to_string()))?;
    context.register_object_store(url.as_ref(), Arc::new(store));
    Ok(())
}

/// A table without files is empty, yet has its columns.
fn provider(table: &Table, files: &[String]) -> Result<Arc<dyn TableProvider>> {
    if files.is_empty() {
        return Ok(Arc::new(EmptyTable::new(table.schema())));
    }
    let urls: datafusion::error::Result<Vec<_>> =
        files.iter().map(|file| ListingTableUrl::parse(format!("{MOUNT}/{file}"))).collect();
    let options = ListingOptions::new(Arc::new(ParquetFormat::default()));
    let config =
        ListingTableConfig::new_with_multi_paths(urls?).with_listing_options(options).with_schema(table.schema());
    Ok(Arc::new(ListingTable::try_new(config)?))
}
