//! Where a feed came from, in a file beside it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::feeds::Files;
use crate::error::Trouble;

/// What is known of a frozen feed besides its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// SHA-256 of the frozen file.
    pub sha256: Option<String>,
    /// Who publishes it.
    pub source: Option<String>,
    /// When it was fetched, RFC 3339.
    pub date: Option<String>,
    /// Terms under which it may be used.
    pub licence: Option<String>,
    /// Sharing mark (TLP 2.0).
    pub tlp: Option<String>,
    /// Permissible actions (PAP).
    pub pap: Option<String>,
    /// Every address that was asked, without credentials.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
}

/// The file beside a feed.
pub fn path_of(feed: &Path) -> PathBuf {
    let mut name = feed.as_os_str().to_owned();
    name.push(".provenance.json");
    name.into()
}

/// What stands beside a feed; nothing if it was not fetched.
pub fn beside(feed: &Path) -> Result<Provenance, Trouble> {
    let path = path_of(feed);
    if !path.is_file() {
        return Ok(Provenance::default());
    }
    let text = std::fs::read(&path).map_err(Trouble::at(path.display()))?;
    serde_json::from_slice(&text).map_err(|error| Trouble::Failed(format!("{}: {error}", path.display())))
}

/// Puts the files of a feed below `folder`, under their hash and read-only, with
/// their provenance beside them; gives where the feed lies. One file lies by
/// itself, several lie in a folder of that name.
pub fn freeze(folder: &Path, name: &str, files: &Files, about: Provenance) -> Result<PathBuf, Trouble> {
    let mut hash = Sha256::new();
    match files.values().next() {
        Some(only) if files.len() == 1 => hash.update(only),
        _ => files.iter().for_each(|(name, bytes)| hash.update(format!("{name}\0{:x?}\0", Sha256::digest(bytes)))),
    }
    let sha256 = model::Digest(hash.finalize().into()).to_hex();
    let place = folder.join(&sha256);
    let feed =
        if files.len() == 1 { place.join(files.keys().next().map_or(name, |only| only)) } else { place.join(name) };
    for (file, bytes) in files {
        let path = if files.len() == 1 { feed.clone() } else { feed.join(file) };
        keep(&path, bytes)?;
    }
    let about = serde_json::to_string_pretty(&Provenance { sha256: Some(sha256), ..about });
    let about = about.map_err(|error| Trouble::Failed(error.to_string()))?;
    let beside = path_of(&feed);
    std::fs::write(&beside, format!("{about}\n")).map_err(Trouble::at(beside.display()))?;
    Ok(feed)
}

/// Writes a file that is there whole or not at all; one of that name has the same bytes.
fn keep(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    use std::os::unix::fs::PermissionsExt;
    let failed = || Trouble::at(path.display());
    if std::fs::read(path).is_ok_and(|held| held == bytes) {
        return Ok(());
    }
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(failed())?;
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let temporary = PathBuf::from(name);
    std::fs::write(&temporary, bytes).map_err(failed())?;
    std::fs::set_permissions(&temporary, std::fs::Permissions::from_mode(0o444)).map_err(failed())?;
    std::fs::rename(&temporary, path).map_err(failed())
}
