//! Taking files in and planning how they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use casefile::{Case, Limits, SourceRole};
use model::{Batch, Digest, Stage, tables};
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::error::Trouble;
use crate::forms::Forms;
use crate::intake::{self, Found};
use crate::packs::PlannedSplit;
use crate::progress::{StageBar, Unit};
use crate::worker::parent::{JobError, Worker};
use crate::worker::protocol::{Job, Plan, SplitText, Task};

/// What the user hands in.
pub struct Intake {
    pub evidence: Vec<PathBuf>,
    pub intel: Vec<PathBuf>,
    pub by_reference: bool,
}

/// One file that was taken in, under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub role: SourceRole,
    pub name: String,
    pub digest: Digest,
    pub bytes: u64,
    pub by_reference: bool,
}

impl Source {
    /// A job about it.
    pub fn job(&self, task: Task) -> Job {
        Job { evidence: self.digest.to_hex(), name: self.name.clone(), bytes: self.bytes, task }
    }

    /// Its folder as laid out.
    pub fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// All sources of a case, and what was handed in but is no file.
pub struct Sources {
    pub files: Vec<Source>,
    pub not_files: Vec<String>,
}

/// Hashes and stores every file, on all threads, and writes the act down.
pub fn take_in(case: &Case, intake: &Intake, threads: usize) -> Result<Sources, Trouble> {
    let mut found = Vec::new();
    let mut not_files = Vec::new();
    for (role, arguments) in [(SourceRole::Evidence, &intake.evidence), (SourceRole::Intel, &intake.intel)] {
        let (files, others) = intake::gather(arguments).map_err(Trouble::at("what was handed in cannot be listed"))?;
        found.extend(files.into_iter().map(|file| (role, file)));
        not_files.extend(others);
    }
    let total = found.iter().filter_map(|(_, file)| file.path.metadata().ok()).map(|meta| meta.len()).sum();
    let bar = StageBar::new(Stage::Ingest, "taking in", total, Unit::Bytes);
    let mut files = in_parallel(&found, threads, |(role, file)| store(case, *role, file, intake.by_reference, &bar))?;
    // The order of the arguments must leave no trace.
    files.sort_by(|a, b| (a.role.word(), &a.name, a.digest).cmp(&(b.role.word(), &b.name, b.digest)));
    let listed: Vec<_> = files
        .iter()
        .map(|file| json!({"role": file.role.word(), "name": file.name, "sha256": file.digest.to_hex(), "bytes": file.bytes}))
        .collect();
    case.custody().append("take in", json!({"by_reference": intake.by_reference, "files": listed}))?;
    bar.done(&format!("{} files, {total} bytes", files.len()));
    Ok(Sources { files, not_files })
}

fn store(case: &Case, role: SourceRole, file: &Found, by_reference: bool, bar: &StageBar) -> Result<Source, Trouble> {
    let stored = case.add(&file.path, role, by_reference, &|bytes| bar.add(bytes))?;
    Ok(Source { role, name: file.name.clone(), digest: stored.digest, bytes: stored.bytes, by_reference })
}

/// Does `work` on every item, on `threads` threads; results keep the order of the items.
fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> Result<R, Trouble> + Sync,
) -> Result<Vec<R>, Trouble> {
    let next = AtomicUsize::new(0);
    let results: Mutex<BTreeMap<usize, Result<R, Trouble>>> = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some((index, item)) = take(items, &next) {
                    let result = work(item);
                    results.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(index, result);
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()).into_values().collect()
}

fn take<'a, T>(items: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    items.get(index).map(|item| (index, item))
}

/// A digest of everything that the tables depend on: the sources under their
/// names, the settings, the program itself, and what reads pictures.
pub fn inputs(case: &Case, sources: &Sources, screens: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(case.settings().fingerprint());
    hash.update(screens);
    for file in &sources.files {
        hash.update(format!("{}\0{}\0{}\0", file.role.word(), file.name, file.digest));
    }
    for name in &sources.not_files {
        hash.update(format!("{name}\0"));
    }
    Digest(hash.finalize().into()).to_hex()
}

/// Asks a worker for format and splits of every file, and writes the tables
/// `sources` and `splits`. Gives the id of the part that holds them.
pub fn plan(case: &Case, sources: &Sources, inputs: &str, threads: usize) -> Result<String, Trouble> {
    let id = format!("{}-plan", &inputs[..8]);
    if case.finished_splits(Stage::Ingest)?.contains(&id) {
        return Ok(id);
    }
    let bar = StageBar::new(Stage::Ingest, "planning", sources.files.len() as u64, Unit::Steps);
    let workers: Mutex<Vec<Worker>> = Mutex::new(Vec::new());
    let forms = Forms::declared(case, &sources.files)?;
    let mut plans = in_parallel(&sources.files, threads, |source| {
        let mut worker = lock(&workers).pop().unwrap_or_default();
        let plan = ask(case, source, forms.beside(source), &mut worker);
        lock(&workers).push(worker);
        bar.add(1);
        plan
    })?;
    lend(case, sources, &forms, &mut plans)?;
    write_plan(case, sources, &plans, &id)?;
    bar.done(&format!("{} splits", plans.iter().map(|asked| asked.plan.splits.len()).sum::<usize>()));
    Ok(id)
}

/// Asks again about files that are no logs by themselves and lie beside W3C logs, which
/// may lend them their header: a log that was cut when it was rotated has none.
fn lend(case: &Case, sources: &Sources, forms: &Forms, plans: &mut [Asked]) -> Result<(), Trouble> {
    let mut folders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, source) in sources.files.iter().enumerate().filter(|(_, source)| source.role == SourceRole::Evidence) {
        folders.entry(source.folder()).or_default().push(at);
    }
    for members in folders.values() {
        let formats: Vec<Option<String>> = members.iter().map(|at| plans[*at].plan.format.clone()).collect();
        let folder: Vec<(&Source, Option<&str>)> =
            members.iter().zip(&formats).map(|(at, format)| (&sources.files[*at], format.as_deref())).collect();
        if !folder.iter().any(|(source, format)| *format == Some("weblog-w3c") || source.name.contains(".log")) {
            continue;
        }
        let shared = Forms::lent(case, &folder)?;
        for (at, (source, format)) in members.iter().zip(&folder) {
            let own = match format {
                None | Some("text") => Forms::own(case, source)?,
                Some("compressed") => Vec::new(),
                Some(_) => continue,
            };
            if !shared.is_empty() || !own.is_empty() {
                let lines = [forms.beside(source), shared.clone(), own].concat();
                plans[*at] = ask(case, source, lines, &mut Worker::default())?;
            }
        }
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// What came of asking about one file.
struct Asked {
    plan: Plan,
    /// Why no worker could tell, where none could.
    trouble: Option<String>,
}

/// Format and splits of one file of intel, as a worker tells them.
pub fn plan_one(case: &Case, source: &Source) -> Result<Vec<PlannedSplit>, Trouble> {
    let asked = ask(case, source, Vec::new(), &mut Worker::default())?;
    let hex = source.digest.to_hex();
    let split = |split: SplitText| PlannedSplit {
        evidence: hex.clone(),
        name: source.name.clone(),
        format: asked.plan.format.clone(),
        bytes: source.bytes,
        start: split.start,
        end: split.end,
        items_before: split.items_before,
        state: Some(split.state),
    };
    Ok(asked.plan.splits.into_iter().map(split).collect())
}

/// A worker's first death may be somebody else's doing; a file on which a second
/// dies is stored, hashed, and a loss.
fn ask(case: &Case, source: &Source, declared: Vec<String>, worker: &mut Worker) -> Result<Asked, Trouble> {
    let file = case.open_source(&source.digest)?;
    let job = source.job(Task::Plan { declared });
    let mut answer = worker.ask(&job, &file);
    if matches!(answer, Err(JobError::Died { .. })) {
        answer = worker.ask(&job, &file);
    }
    Ok(match answer {
        Ok(plan) => Asked { plan, trouble: None },
        Err(error) => Asked { plan: Plan { format: None, splits: Vec::new() }, trouble: Some(error.to_string()) },
    })
}

fn write_plan(case: &Case, sources: &Sources, plans: &[Asked], id: &str) -> Result<(), Trouble> {
    let mut writer = case.split_writer(Stage::Ingest, id)?;
    let (mut files, mut splits) = (Batch::new(&tables::SOURCES), Batch::new(&tables::SPLITS));
    let mut losses = Batch::new(&tables::LOSSES);
    let mut planned = BTreeSet::new();
    let nowhere = [model::Cell::Null; 4];
    for (source, Asked { plan, trouble }) in sources.files.iter().zip(plans) {
        push_source(&mut files, source, plan.format.as_deref());
        // The same bytes under a second name are read once.
        if planned.insert(source.digest) {
            push_splits(&mut splits, source, plan);
            if let Some(trouble) = trouble {
                let hex = source.digest.to_hex();
                let place = [(&hex).into(), "".into(), 0.into(), source.bytes.into()];
                losses.push(&place, &["ingest".into(), "could not be read".into(), 1.into(), trouble.into()]);
            }
        }
    }
    let mut facts = Batch::new(&tables::CONTEXT_FACTS);
    for fact in &case.settings().facts {
        let (from, until) = (fact.valid_from.as_ref().into(), fact.valid_until.as_ref().into());
        facts.push(&nowhere, &[(&fact.fact).into(), fact.subject.as_ref().into(), (&fact.value).into(), from, until]);
    }
    for name in &sources.not_files {
        losses.push(&nowhere, &["ingest".into(), "not a regular file".into(), 1.into(), name.into()]);
    }
    for batch in [&mut files, &mut splits, &mut facts, &mut losses] {
        if batch.rows() > 0 {
            let rows = batch.take().map_err(|error| Trouble::Failed(error.to_string()))?;
            writer.write(batch.table(), rows)?;
        }
    }
    writer.finish()?;
    Ok(())
}

pub fn push_source(batch: &mut Batch, source: &Source, format: Option<&str>) {
    let hex = source.digest.to_hex();
    batch.push(
        &[],
        &[
            (&source.name).into(),
            (&hex).into(),
            source.role.word().into(),
            intake::topic(source.role, format, &source.name).into(),
            format.into(),
            source.bytes.into(),
            source.by_reference.into(),
        ],
    );
}

fn push_splits(batch: &mut Batch, source: &Source, plan: &Plan) {
    let hex = source.digest.to_hex();
    for split in &plan.splits {
        batch.push(
            &[],
            &[
                (&hex).into(),
                (&source.name).into(),
                plan.format.as_deref().into(),
                source.bytes.into(),
                split.start.into(),
                split.end.into(),
                split.items_before.into(),
                (&split.state).into(),
            ],
        );
    }
}

/// The splits in the order in which they were planned.
pub fn planned_splits(case: &Case, limits: &Limits) -> Result<Vec<PlannedSplit>, Trouble> {
    listed(
        case,
        limits,
        "SELECT s.* FROM splits s JOIN (SELECT evidence, min(role) AS role FROM sources GROUP BY evidence) r \
         ON r.evidence = s.evidence ORDER BY r.role, s.name, s.evidence, s.start",
    )
}

/// The rows of a query as values of their own type.
pub fn listed<T: DeserializeOwned>(case: &Case, limits: &Limits, query: &str) -> Result<Vec<T>, Trouble> {
    let rows = case.session(limits.clone())?.rows(query)?;
    rows.into_iter()
        .map(|row| serde_json::from_value(row.into()).map_err(|error| Trouble::Failed(error.to_string())))
        .collect()
}
