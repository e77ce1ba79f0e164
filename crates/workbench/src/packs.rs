//! Packs: the units in which the two passes over the evidence are done, kept
//! and done again.
//!
//! A large file is cut into splits by its format; small files are packed
//! together, so that a Maildir of a million messages does not become a million
//! Parquet files. Packs depend on the list of sources alone.

use std::sync::atomic::{AtomicUsize, Ordering};

use casefile::{Case, SplitWriter};
use evidence::Pass;
use model::{Digest, Split, Stage, tables};
use serde::Deserialize;

use crate::error::Trouble;
use crate::progress::{StageBar, Unit};
use crate::worker::parent::{JobError, Worker};
use crate::worker::protocol::{Job, Task};

/// Bytes after which a pack of small files is closed. Smaller than a split, so
/// that a case of a hundred megabytes still keeps several cores busy and a kill
/// costs little.
const PACK_BYTES: u64 = 8 << 20;

/// One row of the table `splits`.
#[derive(Clone, Debug, Deserialize)]
pub struct PlannedSplit {
    pub evidence: String,
    pub name: String,
    pub format: Option<String>,
    pub bytes: u64,
    pub start: u64,
    pub end: u64,
    pub items_before: u64,
    #[serde(default)]
    pub state: Option<String>,
}

impl PlannedSplit {
    fn size(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    fn split(&self) -> Split {
        let state = self.state.clone().unwrap_or_default();
        Split { start: self.start, end: self.end, items_before: self.items_before, state }
    }
}

/// A run of splits that is read and committed as one.
#[derive(Clone, Debug)]
pub struct Pack {
    pub id: String,
    pub splits: Vec<PlannedSplit>,
}

impl Pack {
    /// Bytes of evidence in it.
    pub fn size(&self) -> u64 {
        self.splits.iter().map(PlannedSplit::size).sum()
    }
}

/// Cuts the splits, in their order, into packs. `prefix` tells one set of
/// inputs from another.
pub fn pack(splits: Vec<PlannedSplit>, prefix: &str) -> Vec<Pack> {
    let mut packs: Vec<Pack> = Vec::new();
    let (mut bytes, mut open) = (0, false);
    for split in splits {
        let size = split.size();
        let fits = open && bytes + size <= PACK_BYTES && (packs.last()).is_some_and(|pack| pack.splits.len() < 4096);
        if !fits {
            packs.push(Pack { id: format!("{prefix}-{:06}", packs.len()), splits: Vec::new() });
            bytes = 0;
        }
        bytes += size;
        open = true;
        if let Some(pack) = packs.last_mut() {
            pack.splits.push(split);
        }
    }
    packs
}

/// Stands for all items of a split among deaths.
const WHOLE_SPLIT: u64 = u64::MAX;

/// What the worker children of a pass were like.
#[derive(Clone, Debug, Default)]
pub struct Workers {
    pub peak_bytes: u64,
    pub confinement: Option<String>,
}

/// Reads all packs that are not finished, one worker child to each thread.
pub fn run_all(case: &Case, pass: Pass, packs: &[Pack], threads: usize) -> Result<Workers, Trouble> {
    let finished = case.finished_splits(pass.stage())?;
    let total = packs.iter().map(Pack::size).sum();
    let bar = StageBar::new(pass.stage(), "reading", total, Unit::Bytes);
    let (open, kept): (Vec<&Pack>, Vec<&Pack>) = packs.iter().partition(|pack| !finished.contains(&pack.id));
    bar.add(kept.iter().map(|pack| pack.size()).sum());
    let next = AtomicUsize::new(0);
    let outcomes: Vec<Result<Workers, Trouble>> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..threads.max(1)).map(|_| scope.spawn(|| run_some(case, pass, &open, &next, &bar))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(died()))).collect()
    });
    let mut workers = Workers::default();
    for outcome in outcomes {
        let outcome = outcome?;
        workers.peak_bytes = workers.peak_bytes.max(outcome.peak_bytes);
        workers.confinement = workers.confinement.or(outcome.confinement);
    }
    bar.done(&format!("{} packs read, {} kept from before", open.len(), kept.len()));
    Ok(workers)
}

fn died() -> Trouble {
    Trouble::Failed("a thread of the pipeline failed; this is a defect, please report it".to_owned())
}

/// Takes packs until none is left.
fn run_some(case: &Case, pass: Pass, packs: &[&Pack], next: &AtomicUsize, bar: &StageBar) -> Result<Workers, Trouble> {
    let mut worker = Worker::default();
    while let Some(pack) = packs.get(next.fetch_add(1, Ordering::Relaxed)) {
        run(case, pass, pass.stage(), pack, &mut worker)?;
        bar.add(pack.size());
    }
    let confinement = worker.confinement().map(str::to_owned);
    Ok(Workers { peak_bytes: worker.peak_bytes(), confinement })
}

/// Reads a pack into tables as a part of another stage than that of its pass.
pub fn read_within(case: &Case, stage: Stage, pack: &Pack) -> Result<(), Trouble> {
    run(case, Pass::Ingest, stage, pack, &mut Worker::default())
}

/// Reads a pack to its end and commits it as a part of `stage`.
///
/// If the worker dies, the pack is done again from its beginning. An item on
/// which it has died twice is left out from then on: once may have been
/// somebody else's doing, such as a system short of memory.
fn run(case: &Case, pass: Pass, stage: Stage, pack: &Pack, worker: &mut Worker) -> Result<(), Trouble> {
    let mut deaths: Vec<(usize, u64)> = Vec::new();
    loop {
        match attempt(case, pass, stage, pack, worker, &deaths)? {
            None => return Ok(()),
            Some(death) => deaths.push(death),
        }
    }
}

/// One attempt; the split and the item on which the worker died, if it did.
fn attempt(
    case: &Case,
    pass: Pass,
    stage: Stage,
    pack: &Pack,
    worker: &mut Worker,
    deaths: &[(usize, u64)],
) -> Result<Option<(usize, u64)>, Trouble> {
    let mut writer = case.split_writer(stage, &pack.id)?;
    for (index, split) in pack.splits.iter().enumerate() {
        if deaths.contains(&(index, WHOLE_SPLIT)) {
            let error = JobError::Failed("the worker died on it again and again".to_owned());
            note_failure(pass, split, &error, &mut writer)?;
            continue;
        }
        let left_out = guilty(deaths, index);
        match read(case, pass, split, worker, &left_out, &mut writer) {
            Ok(()) => {}
            // Leaving the item out did not help, so the whole split goes.
            Err(JobError::Died { item, .. }) if left_out.contains(&item) => return Ok(Some((index, WHOLE_SPLIT))),
            Err(JobError::Died { item, .. }) => return Ok(Some((index, item))),
            Err(error) => note_failure(pass, split, &error, &mut writer)?,
        }
    }
    writer.finish()?;
    Ok(None)
}

/// Items of the split on which workers died twice.
fn guilty(deaths: &[(usize, u64)], index: usize) -> Vec<u64> {
    let mut items: Vec<u64> = deaths.iter().filter(|(split, _)| *split == index).map(|(_, item)| *item).collect();
    items.sort_unstable();
    let mut twice: Vec<u64> = items.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    twice.dedup();
    twice
}

fn read(
    case: &Case,
    pass: Pass,
    split: &PlannedSplit,
    worker: &mut Worker,
    left_out: &[u64],
    writer: &mut SplitWriter<'_>,
) -> Result<(), JobError> {
    let digest = Digest::from_hex(&split.evidence).ok_or_else(|| JobError::Failed("no digest".to_owned()))?;
    let file = case.open_source(&digest).map_err(|error| JobError::Failed(error.to_string()))?;
    let task = Task::Read {
        extract: pass == Pass::Extract,
        format: split.format.clone(),
        split: split.split().into(),
        left_out: left_out.to_vec(),
    };
    let job = Job { evidence: split.evidence.clone(), name: split.name.clone(), bytes: split.bytes, task };
    worker.read(&job, &file, &mut |table, batch| writer.write(table, batch).map_err(Into::into))
}

/// A split that could not be read at all is a loss, not an end; failing to
/// write what was read is an end.
fn note_failure(
    pass: Pass,
    split: &PlannedSplit,
    error: &JobError,
    writer: &mut SplitWriter<'_>,
) -> Result<(), Trouble> {
    if let JobError::Consumer(error) = error {
        return Err(Trouble::Failed(error.to_string()));
    }
    let mut losses = model::Batch::new(&tables::LOSSES);
    losses.push(
        &[split.evidence.as_str().into(), "".into(), split.start.into(), split.size().into()],
        &[pass.stage().word().into(), "could not be read".into(), 1.into(), error.to_string().as_str().into()],
    );
    let batch = losses.take().map_err(|error| Trouble::Failed(error.to_string()))?;
    Ok(writer.write(&tables::LOSSES, batch)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(size: u64) -> PlannedSplit {
        PlannedSplit {
            evidence: String::new(),
            name: String::new(),
            format: None,
            bytes: size,
            start: 0,
            end: size,
            items_before: 0,
            state: None,
        }
    }

    #[test]
    fn small_files_share_a_pack_and_large_ones_do_not() {
        let sizes = [1 << 20, 7 << 20, 1, 64 << 20, 5];
        let packs = pack(sizes.into_iter().map(split).collect(), "x");
        let counts: Vec<usize> = packs.iter().map(|pack| pack.splits.len()).collect();
        assert_eq!(counts, [2, 1, 1, 1]);
        assert_eq!(packs[3].id, "x-000003");
    }

    #[test]
    fn an_item_is_guilty_after_two_deaths() {
        let deaths = [(0, 7), (1, 7), (0, 9), (0, 7)];
        assert_eq!(guilty(&deaths, 0), [7]);
        assert!(guilty(&deaths, 1).is_empty());
    }
}
