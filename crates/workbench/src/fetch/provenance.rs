//! Where a feed came from, in a file beside it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

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
