//! Opening and making a case.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, OnceLock};

use ed25519_dalek::SigningKey;
use model::{Digest, tables};
use serde::Deserialize;
use serde_json::json;

use crate::settings::{MadeWith, Settings};
use crate::splits::table_folder;
use crate::store::Sizes;
use crate::{Error, Limits, Result, custody, durable, key};

/// Folders that every case has.
const FOLDERS: [&str; 8] =
    ["custody", "custody/keys", "evidence", "intel", "tables", "tables/_manifest", "decisions", "products"];

/// A case that is open.
pub struct Case {
    root: PathBuf,
    settings: Settings,
    writing: Option<Writing>,
    /// Originals were copied that are perhaps not on disk yet.
    pub(crate) unsynced: AtomicBool,
    pub(crate) sizes: OnceLock<Sizes>,
}

/// What a case that is open for writing needs besides.
pub(crate) struct Writing {
    pub key: SigningKey,
    /// Threads append one after the other; the lock keeps other processes out.
    pub appending: Mutex<()>,
    _lock: File,
}

impl Case {
    /// Opens a case for writing, or makes one with `settings`; one that exists
    /// keeps its own. `key_folder` holds the user's signing key, made at first
    /// use. Other writers are locked out until the case is dropped.
    pub fn open_or_create(root: &Path, settings: &Settings, key_folder: &Path) -> Result<Self> {
        let is_case = |root: &Path| root.join("case.toml").is_file();
        if !is_case(root) && has_other_things(root)? {
            return Err(Error::NotACase(root.to_owned()));
        }
        durable::folder(root)?;
        let root = root.canonicalize().map_err(Error::io("find", root))?;
        let lock = lock(&root)?;
        make_folders(&root)?;
        clean(&root)?;
        // Asked again under the lock: another process may have made it meanwhile.
        if !is_case(&root) {
            let made = Settings { clock_start: custody::now(), made_with: MadeWith::here(), ..settings.clone() };
            made.write(&root.join("case.toml"))?;
        }
        let settings = Settings::read(&root.join("case.toml"))?;
        let writing = Writing { key: key::read_or_make(key_folder)?, appending: Mutex::new(()), _lock: lock };
        let case = Self { writing: Some(writing), ..Self::new(root, settings) };
        case.publish_key()?;
        case.record_settings()?;
        Ok(case)
    }

    /// Opens a case for reading.
    pub fn open(root: &Path) -> Result<Self> {
        if !root.join("case.toml").is_file() {
            return Err(Error::NoCase(root.to_owned()));
        }
        let root = root.canonicalize().map_err(Error::io("find", root))?;
        let settings = Settings::read(&root.join("case.toml"))?;
        Ok(Self::new(root, settings))
    }

    /// The folder of the case.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What `case.toml` says.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Names under which an original was handed in, sorted.
    pub fn source_names(&self, digest: &Digest) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Named {
            name: String,
        }
        let session = self.session(Limits { memory_bytes: None, threads: 1, private: false })?;
        let rows = session.rows(&format!("SELECT name FROM sources WHERE evidence = '{digest}' ORDER BY name"))?;
        let named = |row: serde_json::Map<_, _>| serde_json::from_value::<Named>(row.into());
        Ok(rows.into_iter().filter_map(|row| named(row).ok()).map(|named| named.name).collect())
    }

    pub(crate) fn writing(&self) -> Result<&Writing> {
        self.writing.as_ref().ok_or_else(|| Error::ReadOnly(self.root.clone()))
    }

    fn new(root: PathBuf, settings: Settings) -> Self {
        Self { root, settings, writing: None, unsynced: AtomicBool::new(false), sizes: OnceLock::new() }
    }

    /// Copies the public key into the case, so that others can check signatures.
    fn publish_key(&self) -> Result<()> {
        let public = self.writing()?.key.verifying_key();
        let path = self.root.join(format!("custody/keys/{}.pub", key::id(&public)));
        if path.is_file() { Ok(()) } else { durable::write(&path, key::public_text(&public).as_bytes()) }
    }

    /// Writes the settings into custody if they are not those recorded last.
    fn record_settings(&self) -> Result<()> {
        let entries = self.custody().entries()?;
        let now = serde_json::to_value(&self.settings).ok();
        if now.is_some() && custody::recorded_settings(&entries) != now {
            let act = if entries.is_empty() { "create case" } else { "settings changed" };
            self.custody().append(act, json!({"case": now}))?;
        }
        Ok(())
    }
}

/// Whether a folder holds anything but what an interrupted creation leaves.
fn has_other_things(root: &Path) -> Result<bool> {
    let ours = |name: &String| name == ".lock" || name == "private" || FOLDERS.contains(&name.as_str());
    Ok(!durable::names(root)?.iter().all(ours))
}

fn make_folders(root: &Path) -> Result<()> {
    FOLDERS.iter().try_for_each(|folder| durable::folder(&root.join(folder)))?;
    durable::private_folder(&root.join("private"))
}

/// Removes what a killed process left half-written.
fn clean(root: &Path) -> Result<()> {
    durable::clean(root)?;
    FOLDERS.iter().try_for_each(|folder| durable::clean(&root.join(folder)))?;
    tables::TABLES.iter().try_for_each(|table| durable::clean(&table_folder(root, table)))?;
    for stage in model::Stage::ALL {
        durable::clean(&root.join("tables/_manifest").join(stage.word()))?;
    }
    durable::remove_folder(&root.join("tables/_tmp"))
}

fn lock(root: &Path) -> Result<File> {
    let path = root.join(".lock");
    let file = File::create(&path).map_err(Error::io("lock", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy(root.to_owned())),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
    }
}
