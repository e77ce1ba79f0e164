//! Originals, by content.
//!
//! An original lies under its SHA-256 and is never written again. One that is
//! too large to copy is a pointer, `<sha256>.ref`, to where it lies. A file of
//! several chunks has their digests beside it, `<sha256>.chunks`, so that
//! damage can be placed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use model::Digest;
use serde::{Deserialize, Serialize};

use crate::hash::{self, Hashed};
use crate::{Case, Error, Result, durable};

/// What a source is to the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceRole {
    /// Left behind by the operation.
    Evidence,
    /// Known from elsewhere.
    Intel,
}

impl SourceRole {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::Evidence, Self::Intel];

    /// Word in tables, and folder of the case.
    pub fn word(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Intel => "intel",
        }
    }
}

/// An original that the case now holds or points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// SHA-256 of the whole.
    pub digest: Digest,
    /// Size.
    pub bytes: u64,
    /// SHA-256 of each chunk of [`crate::CHUNK_BYTES`].
    pub chunks: Vec<Digest>,
}

/// Where an original lies that was not copied.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Pointer {
    pub path: PathBuf,
    pub bytes: u64,
}

/// Sizes of the originals that were there when the first one was added.
pub(crate) type Sizes = BTreeSet<u64>;

impl Case {
    /// Takes a file in: hashes it in one pass and stores it under its digest,
    /// or, by reference, stores where it lies. `progress` hears of bytes read.
    pub fn add(
        &self,
        path: &Path,
        role: SourceRole,
        by_reference: bool,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Stored> {
        self.writing()?;
        let length = fs::metadata(path).map_err(Error::io("read", path))?.len();
        let hashed = if by_reference {
            let hashed = hash_only(path, progress)?;
            self.point_to(path, role, &hashed)?;
            hashed
        } else if self.sizes()?.contains(&length) {
            self.copy_unless_held(path, role, progress)?
        } else {
            self.copy(path, role, progress)?
        };
        Ok(Stored { digest: hashed.digest, bytes: hashed.bytes, chunks: hashed.chunks })
    }

    /// Opens an original, wherever it lies.
    pub fn open_source(&self, digest: &Digest) -> Result<File> {
        for role in SourceRole::ALL {
            let object = self.object(role, digest);
            if object.is_file() {
                return File::open(&object).map_err(Error::io("open", &object));
            }
            if let Some(pointer) = read_pointer(&object)? {
                return open_pointed(&pointer, digest);
            }
        }
        Err(Error::NoSuchSource(digest.to_hex()))
    }

    /// Where the original of that digest lies, or would.
    pub(crate) fn object(&self, role: SourceRole, digest: &Digest) -> PathBuf {
        let hex = digest.to_hex();
        self.root().join(role.word()).join(&hex[..2]).join(hex)
    }

    /// A file that is probably held already is read before it is copied, so
    /// that a second run over the same evidence writes nothing.
    fn copy_unless_held(&self, path: &Path, role: SourceRole, progress: &(dyn Fn(u64) + Sync)) -> Result<Hashed> {
        let hashed = hash_only(path, progress)?;
        if self.holds(role, &hashed) { Ok(hashed) } else { self.copy(path, role, &|_| {}) }
    }

    /// A stored file of another length was cut by a loss of power.
    fn holds(&self, role: SourceRole, hashed: &Hashed) -> bool {
        let object = self.object(role, &hashed.digest);
        object.metadata().is_ok_and(|metadata| metadata.len() == hashed.bytes)
    }

    fn copy(&self, path: &Path, role: SourceRole, progress: &(dyn Fn(u64) + Sync)) -> Result<Hashed> {
        let temporary = durable::temporary(&self.root().join(role.word()));
        let mut input = File::open(path).map_err(Error::io("open", path))?;
        let mut output = File::create_new(&temporary).map_err(Error::io("write", &temporary))?;
        let hashed = hash::read_through(&mut input, &mut |block| {
            progress(block.len() as u64);
            output.write_all(block)
        });
        let hashed = hashed.map_err(Error::io("copy", path))?;
        self.keep(&temporary, role, &hashed)?;
        Ok(hashed)
    }

    /// Gives the copy its name. Thousands of small originals are not synced
    /// one by one: the next custody entry syncs them all before it names them.
    fn keep(&self, temporary: &Path, role: SourceRole, hashed: &Hashed) -> Result<()> {
        if self.holds(role, hashed) {
            return durable::remove(temporary);
        }
        let object = self.object(role, &hashed.digest);
        durable::folder(object.parent().unwrap_or(self.root()))?;
        write_chunks(&object, hashed)?;
        let read_only = fs::Permissions::from_mode(0o444);
        fs::set_permissions(temporary, read_only).map_err(Error::io("protect", temporary))?;
        fs::rename(temporary, &object).map_err(Error::io("rename to", &object))?;
        self.unsynced.store(true, Ordering::Release);
        Ok(())
    }

    fn point_to(&self, path: &Path, role: SourceRole, hashed: &Hashed) -> Result<()> {
        let object = self.object(role, &hashed.digest);
        if self.holds(role, hashed) {
            return Ok(());
        }
        let path = fs::canonicalize(path).map_err(Error::io("find", path))?;
        let pointer = Pointer { path, bytes: hashed.bytes };
        let text = serde_json::to_vec(&pointer).map_err(|error| Error::io("write", &object)(error.into()))?;
        durable::folder(object.parent().unwrap_or(self.root()))?;
        write_chunks(&object, hashed)?;
        durable::write(&object.with_extension("ref"), &text)
    }

    fn sizes(&self) -> Result<&Sizes> {
        if let Some(sizes) = self.sizes.get() {
            return Ok(sizes);
        }
        let mut sizes = Sizes::new();
        for (role, name) in self.stored_names()? {
            let object = role_folder(self, role, &name).join(&name);
            sizes.extend(object.metadata().ok().map(|metadata| metadata.len()));
        }
        Ok(self.sizes.get_or_init(|| sizes))
    }

    /// Names of all files among the originals, pointers and chunk lists included.
    pub(crate) fn stored_names(&self) -> Result<Vec<(SourceRole, String)>> {
        let mut all = Vec::new();
        for role in SourceRole::ALL {
            let folder = self.root().join(role.word());
            for prefix in durable::names(&folder)? {
                let below = folder.join(&prefix);
                if below.is_dir() {
                    all.extend(durable::names(&below)?.into_iter().map(|name| (role, name)));
                } else {
                    all.push((role, prefix));
                }
            }
        }
        Ok(all)
    }
}

fn role_folder(case: &Case, role: SourceRole, name: &str) -> PathBuf {
    case.root().join(role.word()).join(name.chars().take(2).collect::<String>())
}

fn hash_only(path: &Path, progress: &(dyn Fn(u64) + Sync)) -> Result<Hashed> {
    let mut input = File::open(path).map_err(Error::io("open", path))?;
    let hashed = hash::read_through(&mut input, &mut |block| {
        progress(block.len() as u64);
        Ok(())
    });
    hashed.map_err(Error::io("read", path))
}

fn write_chunks(object: &Path, hashed: &Hashed) -> Result<()> {
    if hashed.chunks.len() < 2 {
        return Ok(());
    }
    let lines: String = hashed.chunks.iter().map(|chunk| format!("{chunk}\n")).collect();
    durable::write(&object.with_extension("chunks"), lines.as_bytes())
}

/// The digests beside an object of several chunks.
pub(crate) fn read_chunks(object: &Path) -> Vec<Option<Digest>> {
    let text = fs::read_to_string(object.with_extension("chunks")).unwrap_or_default();
    text.lines().map(Digest::from_hex).collect()
}

/// The pointer beside where the object would lie, if there is one.
pub(crate) fn read_pointer(object: &Path) -> Result<Option<Pointer>> {
    let path = object.with_extension("ref");
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
    let pointer = serde_json::from_slice(&bytes)
        .map_err(|error| Error::Integrity(format!("{} is no pointer to an original: {error}", path.display())))?;
    Ok(Some(pointer))
}

fn open_pointed(pointer: &Pointer, digest: &Digest) -> Result<File> {
    let shown = pointer.path.display();
    let gone = |why: String| {
        Error::Integrity(format!("sha256:{digest} was added by reference to {shown}, which {why}; bring it back there"))
    };
    let file = File::open(&pointer.path).map_err(|error| gone(format!("cannot be opened ({error})")))?;
    let length = file.metadata().map_err(Error::io("read", &pointer.path))?.len();
    if length != pointer.bytes {
        return Err(gone(format!("has {length} bytes now, not {}", pointer.bytes)));
    }
    Ok(file)
}
