//! The folder of a base, and what its entries say of themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use casefile::Case;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::Trouble;

/// Tells the folder of a base from others.
const MARK: &str = "knowledge.json";

/// Act of custody that completes an entry; what has none is a leftover.
pub const ACT: &str = "knowledge entry";

/// What an entry is, as its custody has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Made of the names and digests of its files.
    pub id: String,
    /// Name of the file, folder or case that was added.
    pub name: String,
    /// Who publishes it.
    pub source: String,
    /// When it was published, else added.
    pub date: String,
    pub licence: Option<String>,
    pub tlp: Option<String>,
    pub pap: Option<String>,
    /// Name of the closed case, if it is one.
    pub case: Option<String>,
    /// Day from which on it is no longer told.
    pub expires: Option<String>,
    /// Why it holds what is only in by decision.
    pub reason: Option<String>,
    /// Statements, and distinct keys among them.
    pub statements: u64,
    pub values: u64,
    /// Lengths of the prefixes in it, for IPv4 and IPv6.
    pub lengths_v4: BTreeSet<u8>,
    pub lengths_v6: BTreeSet<u8>,
    /// Losses of reading it.
    pub losses: u64,
    /// Distinct keys that it has in common with entries that were there before.
    pub common: BTreeMap<String, u64>,
}

/// One entry, open for look-ups.
pub struct Held {
    pub about: About,
    pub case: Case,
}

/// A base and the entries in force, by date, then id.
pub struct Base {
    root: PathBuf,
    pub entries: Vec<Held>,
    /// Entries that are past their day.
    pub expired: Vec<Held>,
}

/// Keeps other writers out while it lives.
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Base {
    /// Opens a base for reading; `today` decides what has expired.
    pub fn open(root: &Path, today: &str) -> Result<Self, Trouble> {
        if !root.join(MARK).is_file() {
            let root = root.display();
            return Err(Trouble::Failed(format!(
                "{root} is no knowledge base; `handprint kb add {root} FEED` makes one"
            )));
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(root.join("entries"))? {
            let path = entry?.path();
            let whole = path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'));
            if let Some(held) = whole.then(|| held(&path)).transpose()?.flatten() {
                entries.push(held);
            }
        }
        entries.sort_by(|a, b| (&a.about.date, &a.about.id).cmp(&(&b.about.date, &b.about.id)));
        let (expired, entries) = entries.into_iter().partition(|held| held.about.is_past(today));
        Ok(Self { root: root.to_owned(), entries, expired })
    }

    /// Makes a base if there is none, and locks it for writing.
    pub fn lock(root: &Path) -> Result<Lock, Trouble> {
        let failed = || Trouble::at(root.display());
        let empty = || fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_none());
        if root.exists() && !root.join(MARK).is_file() && !empty() {
            return Err(Trouble::Failed(format!("{} is not empty and no knowledge base", root.display())));
        }
        fs::create_dir_all(root.join("entries")).map_err(failed())?;
        fs::write(root.join(MARK), format!("{}\n", json!({"knowledge_base": 1}))).map_err(failed())?;
        let file = File::create(root.join(".lock")).map_err(failed())?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => {
                Err(Trouble::Failed(format!("{} is open for writing in another process", root.display())))
            }
            Err(TryLockError::Error(error)) => Err(failed()(error)),
        }
    }

    /// Where an entry of that id lies, or will.
    pub fn place(root: &Path, id: &str) -> PathBuf {
        root.join("entries").join(id)
    }

    /// The entry that a word means: the beginning of an id, or a name or source that one entry alone has.
    pub fn named(&self, word: &str) -> Result<&Held, Trouble> {
        let by_id = |held: &&Held| word.len() >= 4 && held.about.id.starts_with(word);
        let by_name = |held: &&Held| held.about.name == word || held.about.source == word;
        for rule in [&by_id as &dyn Fn(&&Held) -> bool, &by_name] {
            let found: Vec<&Held> = self.entries.iter().filter(|held| rule(held)).collect();
            match found.as_slice() {
                [] => {}
                [one] => return Ok(one),
                _ => {
                    return Err(Trouble::Usage(format!(
                        "{word} means {} entries; give an id of `kb list`",
                        found.len()
                    )));
                }
            }
        }
        Err(Trouble::Usage(format!("{}: no entry {word}; see `handprint kb list`", self.root.display())))
    }

    /// The entries as statements refer to them.
    pub fn provenance(&self) -> Vec<knowledge::Entry> {
        self.entries.iter().map(|held| held.about.provenance(self.copies_of(&held.about))).collect()
    }

    /// Entries with which another has half of its values, or of those of the smaller, in common.
    fn copies_of(&self, about: &About) -> BTreeSet<String> {
        let others = self.entries.iter().map(|held| &held.about).filter(|other| other.id != about.id);
        let copies = others.filter(|other| {
            let common = about.common.get(&other.id).or_else(|| other.common.get(&about.id)).copied().unwrap_or(0);
            common >= ENOUGH && common * 2 >= about.values.min(other.values)
        });
        copies.map(|other| other.id.clone()).collect()
    }
}

/// Values below which having half in common may be chance.
const ENOUGH: u64 = 3;

impl About {
    fn is_past(&self, today: &str) -> bool {
        self.expires.as_deref().is_some_and(|day| day <= today)
    }

    fn provenance(&self, copies: BTreeSet<String>) -> knowledge::Entry {
        knowledge::Entry {
            id: self.id.clone(),
            source: self.source.clone(),
            date: self.date.clone(),
            licence: self.licence.clone(),
            tlp: self.tlp.clone(),
            pap: self.pap.clone(),
            case: self.case.clone(),
            copies,
        }
    }
}

/// An entry that is complete.
fn held(path: &Path) -> Result<Option<Held>, Trouble> {
    let case = Case::open(path)?;
    let last = case.custody().entries()?.into_iter().rev().find(|entry| entry.act == ACT);
    let about = last.map(|entry| serde_json::from_value(entry.what)).transpose();
    let about: Option<About> = about.map_err(|error| Trouble::Integrity(format!("{}: {error}", path.display())))?;
    Ok(about.map(|about| Held { about, case }))
}
