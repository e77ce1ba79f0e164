//! What a base says of the values of a case, as a frozen feed of the case.
//!
//! The statements that were found are written as lines of knowledge into the
//! case's `intel/`, under their hash, and a worker reads them like any feed, so
//! that every sentence that rests on them is opened within the case. A case
//! never corroborates itself: a closed case that shares evidence with this one
//! is not asked, nor is a feed that copies it, nor what this case exported.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};

use casefile::{Case, Limits, SourceRole};
use knowledge::{Statement, Told, key};
use model::{Batch, Cell, Digest, Stage, tables};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::lookup::{Asked, Lookup};
use super::media::Match;
use super::{Base, actors, closed, media};
use crate::error::Trouble;
use crate::packs::{self, Pack};
use crate::plan::{self, Source};

/// Parts of stage enrich: what was found, and that it was looked for.
const PART: &str = "knowledge";
const PLAN: &str = "knowledge-plan";

/// The extract among the sources of a case.
const NAME: &str = "knowledge/statements.jsonl";

/// Values that are asked for at once.
const VALUES: usize = 1 << 20;

/// Inputs of stage enrich with a base: the same entries give the same tables.
pub fn inputs(inputs: &str, base: &Base) -> Result<String, Trouble> {
    let mut hash = Sha256::new();
    hash.update(inputs);
    for held in &base.entries {
        hash.update(format!("\0{} {}", held.about.id, held.case.custody().head()?.0));
    }
    Ok(Digest(hash.finalize().into()).to_hex())
}

/// Looks the values of a case up and reads what was found into its tables;
/// gives the parts that hold it.
pub fn join(case: &Case, limits: &Limits, base: &Base) -> Result<Vec<String>, Trouble> {
    let parts = vec![PLAN.to_owned(), PART.to_owned()];
    let finished = case.finished_splits(Stage::Enrich)?;
    if parts.iter().all(|part| finished.contains(part)) {
        return Ok(parts);
    }
    let mut left_out = LeftOut::default();
    let dependent = dependent(case, limits, base)?;
    left_out.entries = dependent.len() as u64;
    let matches = media::matches(case, limits, base, &dependent)?;
    let source = extract(case, limits, base, &dependent, &matches, &mut left_out)?;
    write_plan(case, source.as_ref(), &matches, &left_out)?;
    let splits = source.as_ref().map(|source| plan::plan_one(case, source)).transpose()?.unwrap_or_default();
    packs::read_within(case, Stage::Enrich, &Pack { id: PART.to_owned(), splits })?;
    Ok(parts)
}

/// What was not taken over, and why.
#[derive(Default)]
struct LeftOut {
    entries: u64,
    own_exports: u64,
    shared: u64,
}

/// Ids of closed cases that share evidence with this one, and of what copies them.
fn dependent(case: &Case, limits: &Limits, base: &Base) -> Result<BTreeSet<String>, Trouble> {
    let mut keys: Vec<u64> = Vec::new();
    let query = "SELECT DISTINCT evidence FROM sources WHERE role = 'evidence'";
    for row in case.session(limits.clone())?.rows(query)? {
        keys.extend(row.get("evidence").and_then(|hex| hex.as_str()).map(|hex| key::of(closed::FILE_KIND, hex)));
    }
    keys.sort_unstable();
    let mut dependent = BTreeSet::new();
    for held in base.entries.iter().filter(|held| held.about.case.is_some()) {
        let mut shares = false;
        held.case.keyed(&tables::KNOWN_VALUES, Stage::Enrich)?.find(&keys, &mut |_, _| shares = true)?;
        dependent.extend(shares.then(|| held.about.id.clone()));
    }
    let copies = base.provenance().into_iter().filter(|entry| !entry.copies.is_disjoint(&dependent));
    let copies: Vec<String> = copies.map(|entry| entry.id).collect();
    dependent.extend(copies);
    Ok(dependent)
}

/// Writes and freezes what is told of the values of the case, if anything is.
fn extract(
    case: &Case,
    limits: &Limits,
    base: &Base,
    dependent: &BTreeSet<String>,
    matches: &[Match],
    left_out: &mut LeftOut,
) -> Result<Option<Source>, Trouble> {
    let lookup = Lookup::new(base, dependent)?;
    // A name that the next opening removes if this process is killed.
    let path = case.root().join("intel/.tmp-knowledge");
    let mut lines = Lines {
        out: BufWriter::new(File::create(&path).map_err(Trouble::at(path.display()))?),
        name: case.settings().name.clone(),
        ranges: BTreeSet::new(),
        actors: BTreeSet::new(),
        written: 0,
        left_out,
    };
    // First, so that their places are known before the rest is.
    matches.iter().try_for_each(|found| lines.write(&found.line))?;
    let mut asked: Vec<Asked> = Vec::new();
    let mut found = 0;
    each_value(case, limits, &mut |kind, value| {
        asked.push(Asked { kind: kind.to_owned(), value: value.to_owned() });
        if asked.len() >= VALUES {
            found += lookup.ask(&asked, &|told| told, &mut |told| lines.told(&told, &lookup))?;
            asked.clear();
        }
        Ok(())
    })?;
    found += lookup.ask(&asked, &|told| told, &mut |told| lines.told(&told, &lookup))?;
    let names = actors::lines(base, &lookup.entries, &lines.actors)?;
    names.iter().try_for_each(|line| lines.write(line))?;
    lines.out.flush()?;
    let written = lines.written;
    if written == 0 {
        std::fs::remove_file(&path)?;
        return Ok(None);
    }
    let stored = case.add(&path, SourceRole::Intel, false, &|_| {})?;
    std::fs::remove_file(&path)?;
    let source = Source {
        role: SourceRole::Intel,
        name: NAME.to_owned(),
        digest: stored.digest,
        bytes: stored.bytes,
        by_reference: false,
    };
    let file = json!({"role": "intel", "name": NAME, "sha256": source.digest.to_hex(), "bytes": source.bytes});
    let entries: Vec<&str> = base.entries.iter().map(|held| &*held.about.id).collect();
    let what = json!({"entries": entries, "not_asked": dependent, "found": found, "lines": written, "files": [file]});
    case.custody().append("knowledge joined", what)?;
    Ok(Some(source))
}

/// The values of the case in order.
fn each_value(
    case: &Case,
    limits: &Limits,
    each: &mut dyn FnMut(&str, &str) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    use arrow_array::cast::AsArray;
    let session = case.session(limits.clone())?;
    let mut trouble = Ok(());
    session.stream("SELECT kind, value FROM \"values\" ORDER BY kind, value", &mut |batch| {
        let (kinds, values) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
        for (kind, value) in kinds.iter().zip(values).filter_map(|(kind, value)| kind.zip(value)) {
            if trouble.is_ok() {
                trouble = each(kind, value);
            }
        }
        Ok(())
    })?;
    trouble
}

/// Lines of the extract in the making.
struct Lines<'a> {
    out: BufWriter<File>,
    /// Name of this case.
    name: String,
    /// Ranges that were told already: many addresses lie in one.
    ranges: BTreeSet<(String, String)>,
    /// Whom the lines name.
    actors: BTreeSet<String>,
    written: u64,
    left_out: &'a mut LeftOut,
}

impl Lines<'_> {
    fn told(&mut self, told: &Told, lookup: &Lookup) -> Result<(), Trouble> {
        let Some((first, _)) = told.roots.first() else { return Ok(()) };
        if first.kind == "cidr" && !self.ranges.insert((first.what.clone(), first.value.clone())) {
            return Ok(());
        }
        let before = told.roots.len();
        let roots = told.roots.iter().filter(|(root, _)| !self.is_own_export(root)).cloned().collect();
        let told = Told { roots, ..told.clone() };
        self.left_out.own_exports += (before - told.roots.len()) as u64;
        self.left_out.shared += u64::from(told.is_shared());
        if first.what == "indicators" && !told.is_shared() {
            self.actors.extend(told.roots.iter().filter_map(|(root, _)| root.actor.clone()));
        }
        told.lines(&lookup.entries).iter().try_for_each(|line| self.write(line))
    }

    fn write(&mut self, line: &str) -> Result<(), Trouble> {
        self.written += 1;
        Ok(writeln!(self.out, "{line}")?)
    }

    fn is_own_export(&self, statement: &Statement) -> bool {
        let refs = || knowledge::export::refs(&self.name, &statement.kind, &statement.value);
        statement.reference.as_ref().is_some_and(|reference| refs().contains(reference))
    }
}

/// The source and the losses of looking up.
fn write_plan(case: &Case, source: Option<&Source>, matches: &[Match], left_out: &LeftOut) -> Result<(), Trouble> {
    let mut writer = case.split_writer(Stage::Enrich, PLAN)?;
    let (mut sources, mut losses) = (Batch::new(&tables::SOURCES), Batch::new(&tables::LOSSES));
    if let Some(source) = source {
        plan::push_source(&mut sources, source, Some("knowledge"));
    }
    let reasons = [
        ("entry of the knowledge base rests on this case's own evidence, so it was not asked", left_out.entries),
        ("statement of the knowledge base is this case's own export", left_out.own_exports),
        ("value of which too many entries of the knowledge base speak: one line for all", left_out.shared),
    ];
    for (reason, count) in reasons.into_iter().filter(|(_, count)| *count > 0) {
        let cells = [Stage::Enrich.word().into(), reason.into(), count.into(), Cell::Null];
        losses.push(&[Cell::Null; 4], &cells);
    }
    let mut media = media_rows(source, matches);
    for batch in [&mut sources, &mut losses, &mut media] {
        if batch.rows() > 0 {
            let rows = batch.take().map_err(|error| Trouble::Failed(error.to_string()))?;
            writer.write(batch.table(), rows)?;
        }
    }
    writer.finish()?;
    Ok(())
}

/// Matches of media, which stand at the beginning of the extract.
fn media_rows(source: Option<&Source>, matches: &[Match]) -> Batch {
    let mut batch = Batch::new(&tables::MEDIA_MATCHES);
    let (Some(source), mut start) = (source, 0) else { return batch };
    for found in matches {
        let length = found.line.len() as u64;
        let at = model::Locator::from_columns(&source.digest.to_hex(), "", start, length);
        let at = at.map(|at| at.to_string()).unwrap_or_default();
        let cells = [
            (&found.source).into(),
            (&found.medium).into(),
            Cell::U64(found.again.pictures as u64),
            Cell::U64(found.again.of as u64),
            Cell::I64(found.again.shift_ms),
            (&at).into(),
        ];
        batch.push(&[(&found.evidence).into(), (&found.chain).into(), 0.into(), 0.into()], &cells);
        start += length + 1;
    }
    batch
}
