//! The signing key of a user, made at first use.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ed25519_dalek::{SigningKey, VerifyingKey};
use model::Digest;

use crate::{Error, Result, durable, hash};

/// Reads the key, or makes one that only its user may read.
pub fn read_or_make(folder: &Path) -> Result<SigningKey> {
    let path = &folder.join("signing.key");
    if !path.exists() {
        make(path)?;
    }
    let text = fs::read_to_string(path).map_err(Error::io("read the signing key", path))?;
    let broken = || Error::Key { path: path.to_owned(), why: "is not 64 hexadecimal digits".to_owned() };
    let seed = Digest::from_hex(text.trim_end()).ok_or_else(broken)?;
    Ok(SigningKey::from_bytes(&seed.0))
}

fn make(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    durable::private_folder(folder)?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| Error::Key { path: path.to_owned(), why: format!("no randomness to be had ({error})") })?;
    let temporary = durable::temporary(folder);
    let written = write_secret(&temporary, &format!("{}\n", Digest(seed)));
    // Whoever links first has made the key; a second process uses that one.
    let linked = written.and_then(|()| match fs::hard_link(&temporary, path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let _ = fs::remove_file(&temporary);
    linked.map_err(Error::io("make the signing key", path))
}

fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    // The mode given at opening is cut by the umask; what is left may be too little.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Name of a public key: the first 32 hexadecimal digits of its SHA-256.
pub fn id(key: &VerifyingKey) -> String {
    let mut hex = hash::of(key.as_bytes()).to_hex();
    hex.truncate(32);
    hex
}

/// The text of a `.pub` file.
pub fn public_text(key: &VerifyingKey) -> String {
    format!("{}\n", Digest(key.to_bytes()))
}

/// Reads the text of a `.pub` file whose name is `id`.
pub fn read_public(text: &str, name: &str) -> Option<VerifyingKey> {
    let bytes = Digest::from_hex(text.trim_end())?;
    VerifyingKey::from_bytes(&bytes.0).ok().filter(|key| id(key) == name)
}
