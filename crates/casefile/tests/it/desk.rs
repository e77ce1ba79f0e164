//! A case in a temporary folder, with rows to put into it.

use std::path::{Path, PathBuf};

use casefile::{Case, Limits, Result, Session, Settings, SourceRole, Stored};
use model::{Batch, Stage, Table, tables};

/// A folder for one test, with a place for keys and one for evidence.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("case")
    }

    pub fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    pub fn open(&self) -> Case {
        self.try_open().unwrap()
    }

    pub fn try_open(&self) -> Result<Case> {
        Case::open_or_create(&self.root(), &Settings::new("north"), &self.keys())
    }

    /// A file outside the case.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// Takes a file in, as the program does, custody included.
pub fn take_in(case: &Case, path: &Path, by_reference: bool) -> Stored {
    let stored = case.add(path, SourceRole::Evidence, by_reference, &|_| {}).unwrap();
    let file = serde_json::json!({"role": "evidence", "name": "a", "sha256": stored.digest.to_hex()});
    case.custody().append("take in", serde_json::json!({"files": [file]})).unwrap();
    stored
}

/// Writes a split with rows for `losses` and for a private table.
pub fn write_split(case: &Case, stage: Stage, split: &str, rows: u64) {
    let mut writer = case.split_writer(stage, split).unwrap();
    let mut losses = Batch::new(&tables::LOSSES);
    let mut contexts = Batch::new(&tables::CONTEXTS);
    for row in 0..rows {
        let hex = "ab".repeat(32);
        let locator = [hex.as_str().into(), "line:1".into(), row.into(), 7.into()];
        let reason = format!("reason {}", row % 3);
        losses.push(&locator, &[stage.word().into(), reason.as_str().into(), 1.into(), "größe".into()]);
        contexts.push(&locator, &["before".into(), "after".into()]);
    }
    writer.write(&tables::LOSSES, losses.take().unwrap()).unwrap();
    writer.write(&tables::CONTEXTS, contexts.take().unwrap()).unwrap();
    writer.finish().unwrap();
}

pub fn session(case: &Case, private: bool) -> Session {
    case.session(Limits { memory_bytes: Some(64 << 20), threads: 2, private }).unwrap()
}

/// The single number that a query gives.
pub fn number(case: &Case, sql: &str) -> u64 {
    let rows = session(case, true).rows(sql).unwrap();
    rows[0].values().next().unwrap().as_u64().unwrap()
}

/// Files of a table in the case.
pub fn files(case: &Case, table: &Table) -> Vec<PathBuf> {
    let place = if table.private { "private" } else { "tables" };
    let folder = case.root().join(place).join(table.name);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
