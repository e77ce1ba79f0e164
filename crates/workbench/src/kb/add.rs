//! Taking a feed or the knowledge of a closed case into a base.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use casefile::{Case, Keyed, Limits, Settings};
use knowledge::key;
use model::{Stage, tables};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::base::{ACT, About, Base, Held};
use crate::commands::stage::today;
use crate::error::Trouble;
use crate::pipeline::Pipeline;
use crate::plan::Intake;
use crate::screens::{ModelFolder, Watching};
use crate::summary::Summary;

/// Part of the stage that sorts.
const PART: &str = "known_values";

/// Memory for sorting, in one thread, so that nobody else has a share in it;
/// what does not fit goes to disk.
const SORT_BYTES: usize = 1 << 30;

/// What was done with something that was to be added.
pub enum Added {
    New(Box<About>),
    /// The same bytes under the same names are in already.
    Known(String),
}

/// Reads a file or folder as an entry of its own. Leftovers and entries past
/// their day are removed first.
pub fn add(root: &Path, feed: &Path, about: About, threads: usize, key_folder: &Path) -> Result<Added, Trouble> {
    let _lock = Base::lock(root)?;
    let base = Base::open(root, &today())?;
    sweep(root, &base)?;
    let id = id_of(feed)?;
    if base.entries.iter().any(|held| held.about.id == id) {
        return Ok(Added::Known(id));
    }
    let place = root.join("entries").join(format!(".new-{id}"));
    let about = build(&place, feed, About { id: id.clone(), ..about }, &base.entries, threads, key_folder)?;
    fs::rename(&place, Base::place(root, &id)).map_err(Trouble::at(place.display()))?;
    Ok(Added::New(Box::new(about)))
}

/// Removes what was never completed, and what was to be kept until a day that is past.
fn sweep(root: &Path, base: &Base) -> Result<(), Trouble> {
    for held in &base.expired {
        let path = Base::place(root, &held.about.id);
        fs::remove_dir_all(&path).map_err(Trouble::at(path.display()))?;
    }
    let ours = staging(root);
    for folder in [root, &root.join("entries")] {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(".new-") && path != ours {
                fs::remove_dir_all(&path).map_err(Trouble::at(path.display()))?;
            }
        }
    }
    Ok(())
}

/// The same files under the same names have the same id.
fn id_of(feed: &Path) -> Result<String, Trouble> {
    let (files, _) = crate::intake::gather(&[feed.to_owned()]).map_err(Trouble::at(feed.display()))?;
    let mut whole = Sha256::new();
    for file in files {
        whole.update(format!("{}\0", file.name));
        whole.update(digest_of(&file.path).map_err(Trouble::at(file.path.display()))?);
    }
    Ok(whole.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

fn digest_of(path: &Path) -> std::io::Result<[u8; 32]> {
    let (mut hash, mut file, mut block) = (Sha256::new(), fs::File::open(path)?, vec![0; 1 << 20]);
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hash.finalize().into()),
            read => hash.update(&block[..read]),
        }
    }
}

fn build(
    place: &Path,
    feed: &Path,
    about: About,
    others: &[Held],
    threads: usize,
    key_folder: &Path,
) -> Result<About, Trouble> {
    let case = Case::open_or_create(place, &Settings::new(&about.name), key_folder)?;
    let limits = Limits { memory_bytes: None, threads, private: false };
    let watching = Watching { models: ModelFolder::none(), uncover: None };
    let summary = Summary::new(place.to_owned());
    let mut pipeline =
        Pipeline { case: &case, limits, mark: model::Mark::Amber, summary, watching, imported: false, knowledge: None };
    pipeline.ingest(&Intake { evidence: Vec::new(), intel: vec![feed.to_owned()], by_reference: false })?;
    sort(&case)?;
    let mut about = about;
    count(&case, others, &mut about)?;
    case.custody().append(ACT, json!(about))?;
    Ok(about)
}

/// Writes `known_values` as stage enrich of the entry.
fn sort(case: &Case) -> Result<(), Trouble> {
    let inputs = case.stage_inputs(Stage::Ingest)?.unwrap_or_default();
    case.prepare_stage(Stage::Enrich, &inputs)?;
    let mut writer = case.split_writer(Stage::Enrich, PART)?;
    let session = case.session(Limits { memory_bytes: Some(SORT_BYTES), threads: 1, private: false })?;
    linkage::known::known_values(&session, &mut |batch| writer.write(&tables::KNOWN_VALUES, batch))?;
    writer.finish()?;
    Ok(case.commit_stage(Stage::Enrich, &inputs, &[PART.to_owned()])?)
}

fn count(case: &Case, others: &[Held], about: &mut About) -> Result<(), Trouble> {
    let keyed = case.keyed(&tables::KNOWN_VALUES, Stage::Enrich)?;
    about.statements = keyed.rows();
    let mut last: Option<u64> = None;
    keyed.keys(0, &mut |_, keys| {
        for key in keys {
            about.values += u64::from(last.replace(*key) != Some(*key));
        }
    })?;
    (about.lengths_v4, about.lengths_v6) = lengths(case)?;
    let losses = case.session(one_thread())?.rows("SELECT coalesce(sum(count), 0) AS n FROM losses")?;
    about.losses = losses.first().and_then(|row| row.get("n")?.as_u64()).unwrap_or(0);
    let mut common = BTreeMap::new();
    for other in others {
        let shared = shared(&keyed, &other.case.keyed(&tables::KNOWN_VALUES, Stage::Enrich)?)?;
        if shared > 0 {
            common.insert(other.about.id.clone(), shared);
        }
    }
    about.common = common;
    Ok(())
}

/// For sessions that answer one small question.
pub fn one_thread() -> Limits {
    Limits { memory_bytes: None, threads: 1, private: false }
}

/// Prefix lengths in use, IPv4 first.
fn lengths(case: &Case) -> Result<(BTreeSet<u8>, BTreeSet<u8>), Trouble> {
    let query = "SELECT DISTINCT split_part(value, '/', 2) AS length, strpos(value, ':') > 0 AS v6 FROM known_values \
                 WHERE kind = 'cidr'";
    let mut lengths = (BTreeSet::new(), BTreeSet::new());
    for row in case.session(one_thread())?.rows(query)? {
        let length: Option<u8> = row.get("length").and_then(|length| length.as_str()?.parse().ok());
        let v6 = row.get("v6").and_then(serde_json::Value::as_bool).unwrap_or(false);
        if v6 { &mut lengths.1 } else { &mut lengths.0 }.extend(length);
    }
    Ok(lengths)
}

/// Distinct keys of single values in both: those of the smaller are asked for in the larger.
fn shared(one: &Keyed, other: &Keyed) -> Result<u64, Trouble> {
    let (smaller, larger) = if one.rows() <= other.rows() { (one, other) } else { (other, one) };
    let mut asked: Vec<u64> = Vec::new();
    smaller.keys(0, &mut |_, keys| asked.extend(keys.iter().filter(|key| !key::is_range(**key))))?;
    asked.dedup();
    let (mut count, mut last): (u64, Option<usize>) = (0, None);
    larger.find(&asked, &mut |at, _| count += u64::from(last.replace(at) != Some(at)))?;
    Ok(count)
}

/// Where this process puts what it makes for a base.
pub fn staging(root: &Path) -> PathBuf {
    root.join(format!(".new-{}", std::process::id()))
}

/// A file that stands for a closed case until it is added.
pub fn staged(root: &Path, name: &str, lines: &[u8]) -> Result<PathBuf, Trouble> {
    let folder = staging(root);
    fs::create_dir_all(&folder).map_err(Trouble::at(folder.display()))?;
    let path = folder.join(name);
    fs::write(&path, lines).map_err(Trouble::at(path.display()))?;
    Ok(path)
}
