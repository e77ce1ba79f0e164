//! Whether a case is still what it was when written.
//!
//! The order is that of trust: the custody chain and its signatures first,
//! then what the chain vouches for: originals, stages with their tables,
//! products. The first thing that does not hold is named.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::{Digest, Stage};

use crate::chain::Chain;
use crate::custody::{self, Entry, Head};
use crate::splits::read_json;
use crate::stages::StageManifest;
use crate::store::{SourceRole, read_chunks, read_pointer};
use crate::{CHUNK_BYTES, Case, Error, Result, hash};

/// What was found to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The end of the chain; keep it elsewhere.
    pub head: Head,
    /// Ids of the keys that signed.
    pub keys: Vec<String>,
    /// Originals that were hashed.
    pub originals: u64,
    /// Their bytes.
    pub original_bytes: u64,
    /// Table files that were hashed.
    pub table_files: u64,
    /// Products that custody vouches for.
    pub products: u64,
    /// What is odd but breaks nothing.
    pub notes: Vec<String>,
}

impl Case {
    /// Re-hashes everything and checks the chain. `expected_head` is the hash
    /// of an entry, noted down elsewhere: the chain may have grown since, but
    /// must still hold that entry.
    pub fn verify(&self, expected_head: Option<&str>) -> Result<Verification> {
        let chain = Chain::check(self.root())?;
        chain.check_expected(expected_head)?;
        let (originals, original_bytes) = check_originals(self, &chain.entries)?;
        let table_files = check_tables(self, &chain.entries)?;
        let (products, mut notes) = check_products(self, &chain.entries)?;
        let settings = serde_json::to_value(self.settings()).ok();
        if custody::recorded_settings(&chain.entries) != settings {
            notes.push("case.toml was edited after custody last recorded it".to_owned());
        }
        let keys: BTreeSet<_> = chain.entries.iter().map(|entry| entry.key.clone()).collect();
        let keys = keys.into_iter().collect();
        Ok(Verification { head: chain.head(), keys, originals, original_bytes, table_files, products, notes })
    }
}

/// The error that says what does not hold.
pub(crate) fn broken<T>(what: String) -> Result<T> {
    Err(Error::Integrity(what))
}

/// Hashes all originals on all cores; those that custody names must be there.
fn check_originals(case: &Case, entries: &[Entry]) -> Result<(u64, u64)> {
    let originals = originals(case, entries)?;
    let next = AtomicUsize::new(0);
    // Of several that do not hold, the first in order is named.
    let failed: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    let bytes = std::sync::atomic::AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, (role, digest))) = take(&originals, &next) {
                    match check_original(case, *role, digest) {
                        Ok(length) => {
                            bytes.fetch_add(length, Ordering::Relaxed);
                        }
                        Err(error) => keep_first(&failed, index, error),
                    }
                }
            });
        }
    });
    match failed.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        Some((_, error)) => Err(error),
        None => Ok((originals.len() as u64, bytes.into_inner())),
    }
}

fn take<'a, T>(items: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    items.get(index).map(|item| (index, item))
}

fn keep_first(failed: &Mutex<Option<(usize, Error)>>, index: usize, error: Error) {
    let mut failed = failed.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if failed.as_ref().is_none_or(|(first, _)| index < *first) {
        *failed = Some((index, error));
    }
}

/// Those on disk and those that custody names, sorted.
fn originals(case: &Case, entries: &[Entry]) -> Result<Vec<(SourceRole, Digest)>> {
    let mut all = BTreeSet::new();
    for (role, name) in case.stored_names()? {
        let hex = name.split_once('.').map_or(name.as_str(), |(hex, _)| hex);
        match Digest::from_hex(hex) {
            Some(digest) => all.insert((role, digest)),
            None => return broken(format!("{}/{name} is not an original: its name is no SHA-256", role.word())),
        };
    }
    for entry in entries {
        for file in entry.what.get("files").and_then(|files| files.as_array()).into_iter().flatten() {
            let word = |key: &str| file.get(key).and_then(|value| value.as_str());
            let role = SourceRole::ALL.into_iter().find(|role| Some(role.word()) == word("role"));
            all.extend(role.zip(word("sha256").and_then(Digest::from_hex)));
        }
    }
    Ok(all.into_iter().collect())
}

fn check_original(case: &Case, role: SourceRole, digest: &Digest) -> Result<u64> {
    let object = case.object(role, digest);
    let path = match read_pointer(&object)? {
        Some(pointer) if !object.exists() => pointer.path,
        _ => object.clone(),
    };
    let shown = path.display();
    let mut file = File::open(&path)
        .map_err(|error| Error::Integrity(format!("{} sha256:{digest} is missing ({shown}: {error})", role.word())))?;
    let hashed = hash::read_through(&mut file, &mut |_| Ok(())).map_err(Error::io("read", &path))?;
    let expected = read_chunks(&object);
    let damaged = hashed.chunks.iter().zip(&expected).position(|(found, expected)| Some(*found) != *expected);
    if hashed.digest != *digest {
        let place = damaged.map_or_else(String::new, |chunk| {
            format!("; the first damage lies within 64 MiB after byte {}", chunk as u64 * CHUNK_BYTES)
        });
        return broken(format!("{} {shown} was changed: its SHA-256 is {} now{place}", role.word(), hashed.digest));
    }
    match damaged.is_some() || (!expected.is_empty() && expected.len() != hashed.chunks.len()) {
        true => broken(format!("the chunk digests beside {shown} were changed; the original itself holds")),
        false => Ok(hashed.bytes),
    }
}

/// Stage manifests must be those that custody names; splits must be
/// those that the stage names; files must be those that the split names.
fn check_tables(case: &Case, entries: &[Entry]) -> Result<u64> {
    let mut files = 0;
    for stage in Stage::ALL {
        let path = case.stage_path(*stage);
        let committed = if path.is_file() { check_stage(case, *stage, &path, entries)? } else { Vec::new() };
        let on_disk = case.split_names(*stage)?;
        if let Some(missing) = committed.iter().find(|split| !on_disk.contains(split)) {
            return broken(format!("stage {}: the manifest of part {missing} is missing", stage.word()));
        }
        for split in on_disk {
            files += check_split(case, *stage, &split)?;
        }
    }
    Ok(files)
}

fn check_stage(case: &Case, stage: Stage, path: &Path, entries: &[Entry]) -> Result<Vec<String>> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    let names_stage = |entry: &&Entry| {
        entry.act == "complete stage" && entry.what.get("stage").and_then(|word| word.as_str()) == Some(stage.word())
    };
    let found = hash::of(&bytes).to_hex();
    let named = entries
        .iter()
        .rev()
        .filter(names_stage)
        .any(|entry| entry.what.get("sha256").and_then(|hash| hash.as_str()) == Some(found.as_str()));
    if !named {
        return broken(format!("{} was changed: custody does not vouch for it", path.display()));
    }
    let manifest: StageManifest = read_json(path)?;
    for split in &manifest.splits {
        let path = case.manifest_path(stage, &split.split);
        let same = fs::read(&path).is_ok_and(|bytes| hash::of(&bytes).to_hex() == split.sha256);
        if !same {
            return broken(format!("{} is missing or was changed", path.display()));
        }
    }
    Ok(manifest.splits.into_iter().map(|split| split.split).collect())
}

fn check_split(case: &Case, stage: Stage, split: &str) -> Result<u64> {
    let manifest = case.manifest(stage, split)?;
    for entry in &manifest.tables {
        let path = case.root().join(&entry.file);
        let mut file = File::open(&path)
            .map_err(|error| Error::Integrity(format!("table file {} is missing ({error})", path.display())))?;
        let hashed = hash::read_through(&mut file, &mut |_| Ok(())).map_err(Error::io("read", &path))?;
        if hashed.digest.to_hex() != entry.sha256 {
            return broken(format!("table file {} was changed", path.display()));
        }
    }
    Ok(manifest.tables.len() as u64)
}

/// Every product must be one that custody names. An older one than the last
/// is what a kill during publication leaves.
fn check_products(case: &Case, entries: &[Entry]) -> Result<(u64, Vec<String>)> {
    let folder = case.root().join("products");
    let mut checked = 0;
    let mut notes = Vec::new();
    let names = crate::durable::names(&folder)?;
    for name in &names {
        let path = folder.join(name);
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        let found = hash::of(&bytes).to_hex();
        let published = published(entries, name);
        match published.iter().position(|hash| *hash == found) {
            None if published.is_empty() => notes.push(format!("products/{name} was put there by somebody else")),
            None => return broken(format!("products/{name} was changed: custody does not vouch for it")),
            Some(0) => checked += 1,
            Some(_) => notes.push(format!("products/{name} is not the one published last; publish again")),
        }
    }
    if let Some(entry) = entries.iter().rev().find(|entry| entry.act == "publish") {
        let missing = listed(entry).filter(|(name, _)| !names.iter().any(|there| there == name));
        notes.extend(missing.map(|(name, _)| format!("products/{name} is missing; publish again")));
    }
    Ok((checked, notes))
}

/// Digests under which a product was published, the last first.
fn published<'a>(entries: &'a [Entry], name: &'a str) -> Vec<&'a str> {
    let publications = entries.iter().rev().filter(|entry| entry.act == "publish");
    publications.flat_map(listed).filter(|(listed, _)| *listed == name).map(|(_, hash)| hash).collect()
}

fn listed(entry: &Entry) -> impl Iterator<Item = (&str, &str)> {
    let products = entry.what.get("products").and_then(|products| products.as_array());
    products.into_iter().flatten().filter_map(|product| {
        product.get("name").and_then(|name| name.as_str()).zip(product.get("sha256").and_then(|hash| hash.as_str()))
    })
}
