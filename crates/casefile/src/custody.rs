//! The chain of custody: one file per act, each with the hash of the one
//! before and a signature.
//!
//! An entry is created only if its number is free, so two writers cannot both
//! append. The chain shows any change within it; that its tail was cut shows
//! only against a head hash kept elsewhere, since the key is the user's own.
//! This is the one place where a clock is read.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use ed25519_dalek::Signer;
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Case, Error, Result, durable, hash, key};

/// One act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Number, from 1.
    pub seq: u64,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// What was done.
    pub act: String,
    /// Version of Handprint that did it.
    pub version: String,
    /// Settings and digests.
    pub what: Value,
    /// SHA-256 of the file of the entry before; zeros for the first.
    pub prev: String,
    /// Id of the public key that verifies the signature.
    pub key: String,
    /// Ed25519 signature, hexadecimal, over the file with this field empty.
    pub signature: String,
}

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// SHA-256 of the file of the last entry; zeros for an empty chain.
    pub hash: String,
    /// Number of entries.
    pub entries: u64,
}

/// The chain of one case.
pub struct Custody<'a> {
    case: &'a Case,
}

impl Case {
    /// The chain of custody.
    pub fn custody(&self) -> Custody<'_> {
        Custody { case: self }
    }
}

impl Custody<'_> {
    /// Appends an act. It is on disk when this returns.
    pub fn append(&self, act: &str, what: Value) -> Result<Entry> {
        let writing = self.case.writing()?;
        let _one_at_a_time = writing.appending.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        self.sync_originals()?;
        let (prev, count) = self.head()?;
        let mut entry = Entry {
            seq: count + 1,
            at: now(),
            act: act.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            what,
            prev,
            key: key::id(&writing.key.verifying_key()),
            signature: String::new(),
        };
        let path = entry_path(self.case.root(), entry.seq);
        let signature = writing.key.sign(&to_bytes(&entry, &path)?);
        entry.signature = signature.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        durable::create(&path, &to_bytes(&entry, &path)?)?;
        Ok(entry)
    }

    /// All entries, as they are; `Case::verify` tells whether they hold.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let root = self.case.root();
        numbers(root)?.into_iter().map(|seq| read(&entry_path(root, seq)).map(|(entry, _)| entry)).collect()
    }

    /// The end of the chain: hash of the last entry and number of entries.
    pub fn head(&self) -> Result<(String, u64)> {
        let root = self.case.root();
        let Some(last) = numbers(root)?.pop() else { return Ok(("0".repeat(64), 0)) };
        let path = entry_path(root, last);
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        Ok((hash::of(&bytes).to_hex(), last))
    }

    /// Originals are copied without a sync each; they must be on disk before
    /// an entry speaks of them.
    fn sync_originals(&self) -> Result<()> {
        if self.case.unsynced.swap(false, Ordering::AcqRel) {
            let root = self.case.root();
            let folder = File::open(root).map_err(Error::io("open", root))?;
            sync_file_system(&folder).map_err(Error::io("sync", root))?;
        }
        Ok(())
    }
}

/// One sync of the file system stands for thousands of syncs of small files.
#[cfg(target_os = "linux")]
fn sync_file_system(folder: &File) -> std::io::Result<()> {
    rustix::fs::syncfs(folder).map_err(Into::into)
}

#[cfg(not(target_os = "linux"))]
fn sync_file_system(_: &File) -> std::io::Result<()> {
    rustix::fs::sync();
    Ok(())
}

/// Numbers of the entries that are there, sorted.
pub(crate) fn numbers(root: &Path) -> Result<Vec<u64>> {
    let names = durable::names(&root.join("custody"))?;
    let mut numbers: Vec<u64> = names.iter().filter_map(|name| name.strip_suffix(".json")?.parse().ok()).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Where an entry lies.
pub(crate) fn entry_path(root: &Path, seq: u64) -> PathBuf {
    root.join(format!("custody/{seq:08}.json"))
}

/// An entry with the bytes of its file.
pub(crate) fn read(path: &Path) -> Result<(Entry, Vec<u8>)> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    let entry = serde_json::from_slice(&bytes)
        .map_err(|error| Error::Integrity(format!("custody entry {} cannot be read: {error}", path.display())))?;
    Ok((entry, bytes))
}

/// The bytes that were signed: those of the file with the signature taken out.
/// None if the signature does not stand in them exactly once, as its own field.
pub(crate) fn signed_part(bytes: &[u8], signature: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (before, after) = text.rsplit_once(&format!("\"signature\": \"{signature}\""))?;
    Some(format!("{before}\"signature\": \"\"{after}").into_bytes())
}

/// The settings of the case as custody recorded them last.
pub(crate) fn recorded_settings(entries: &[Entry]) -> Option<Value> {
    entries.iter().rev().find_map(|entry| entry.what.get("case").cloned())
}

fn to_bytes(entry: &Entry, path: &Path) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(entry).map_err(|error| Error::io("write", path)(error.into()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The time of an act, to the second.
pub(crate) fn now() -> String {
    let now = Timestamp::now();
    now.round(Unit::Second).unwrap_or(now).to_string()
}
