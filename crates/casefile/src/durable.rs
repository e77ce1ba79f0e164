//! Files that appear whole or not at all.
//!
//! A temporary name in the same folder is written and synced, then renamed or
//! linked. Temporary names share one prefix, so that what a killed process
//! left behind is known for what it is.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Error, Result};

/// What all temporary names start with.
const PREFIX: &str = ".tmp-";

/// A name in `folder` that no other thread or process uses.
pub fn temporary(folder: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("{PREFIX}{}-{next}", std::process::id()))
}

/// Whether a name is one that [`temporary`] gives.
pub fn is_temporary(name: &std::ffi::OsStr) -> bool {
    name.to_string_lossy().starts_with(PREFIX)
}

/// Makes a folder and those above it.
pub fn folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(Error::io("make the folder", path))
}

/// Writes a file that replaces any of that name.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = staged(path, bytes)?;
    fs::rename(&temporary, path).map_err(Error::io("rename to", path))?;
    sync_folder_of(path)
}

/// Writes a file that must not exist yet. A link, unlike a rename, fails if
/// the name is taken, and unlike exclusive creation never shows half a file.
pub fn create(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = staged(path, bytes)?;
    let linked = fs::hard_link(&temporary, path).map_err(Error::io("create", path));
    fs::remove_file(&temporary).map_err(Error::io("remove", &temporary))?;
    linked?;
    sync_folder_of(path)
}

fn staged(path: &Path, bytes: &[u8]) -> Result<PathBuf> {
    let temporary = temporary(path.parent().unwrap_or(Path::new(".")));
    let written = File::create_new(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_data()
    });
    written.map_err(Error::io("write", &temporary))?;
    Ok(temporary)
}

/// Makes renames in the folder of `path` survive a loss of power.
pub fn sync_folder_of(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", folder))
}

/// Names in a folder, sorted; none if the folder is missing.
pub fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::io("list", folder))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(Error::io("list", folder))?.file_name();
        if !is_temporary(&name) {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Removes what a killed process left in a folder.
pub fn clean(folder: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten().filter(|entry| is_temporary(&entry.file_name())) {
        remove(&entry.path())?;
    }
    Ok(())
}

/// Removes a file; one that is gone already is no error.
pub fn remove(path: &Path) -> Result<()> {
    absent_is_fine(fs::remove_file(path)).map_err(Error::io("remove", path))
}

/// Removes a folder with all that is in it; one that is gone already is no error.
pub fn remove_folder(path: &Path) -> Result<()> {
    absent_is_fine(fs::remove_dir_all(path)).map_err(Error::io("remove", path))
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Makes a folder that only its user may enter.
pub fn private_folder(path: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(Error::io("make the folder", path))
}
