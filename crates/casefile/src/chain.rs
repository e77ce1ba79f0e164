//! Whether the custody chain holds: numbers, hashes and signatures.

use std::fs;
use std::path::Path;

use ed25519_dalek::Signature;
use model::Digest;

use crate::custody::{self, Entry, Head};
use crate::verify::broken;
use crate::{Error, Result, hash, key};

/// A chain that holds.
pub(crate) struct Chain {
    pub entries: Vec<Entry>,
    hashes: Vec<String>,
}

impl Chain {
    /// Reads all entries; the first that does not hold is the error.
    pub fn check(root: &Path) -> Result<Self> {
        let mut chain = Self { entries: Vec::new(), hashes: Vec::new() };
        for (number, expected) in custody::numbers(root)?.into_iter().zip(1..) {
            if number != expected {
                return broken(format!("custody entry {expected} is missing"));
            }
            let (entry, hash) = check_entry(root, expected, &chain.head())?;
            chain.entries.push(entry);
            chain.hashes.push(hash);
        }
        if chain.entries.is_empty() {
            return broken("the custody chain is empty".to_owned());
        }
        Ok(chain)
    }

    /// The end of the chain.
    pub fn head(&self) -> Head {
        Head { hash: self.hashes.last().cloned().unwrap_or_else(|| "0".repeat(64)), entries: self.hashes.len() as u64 }
    }

    /// Whether the entry of that hash is still there.
    pub fn check_expected(&self, expected: Option<&str>) -> Result<()> {
        match expected.map(|hash| hash.trim().to_ascii_lowercase()) {
            Some(hash) if !self.hashes.contains(&hash) => {
                let Head { hash: head, entries: count } = self.head();
                broken(format!(
                    "no custody entry has the hash {hash}: the chain was cut or made anew (it has {count} entries and ends with {head})"
                ))
            }
            _ => Ok(()),
        }
    }
}

/// Checks one entry; gives it with the hash of its file.
fn check_entry(root: &Path, seq: u64, before: &Head) -> Result<(Entry, String)> {
    let path = custody::entry_path(root, seq);
    let (entry, bytes) = custody::read(&path)?;
    if entry.seq != seq {
        return broken(format!("custody entry {seq} says that it is entry {}", entry.seq));
    }
    if entry.prev != before.hash {
        return broken(format!("custody entry {seq} does not follow the one before: either was changed"));
    }
    match signature_holds(root, &entry, &bytes)? {
        true => Ok((entry, hash::of(&bytes).to_hex())),
        false => broken(format!("the signature of custody entry {seq} does not hold: the entry was changed")),
    }
}

fn signature_holds(root: &Path, entry: &Entry, bytes: &[u8]) -> Result<bool> {
    // The name of the key becomes a path, so it is checked like one.
    let name: String = entry.key.chars().filter(char::is_ascii_hexdigit).collect();
    let path = root.join(format!("custody/keys/{name}.pub"));
    let text = fs::read(&path).map_err(|error| {
        Error::Integrity(format!("the key of custody entry {} cannot be read ({}: {error})", entry.seq, path.display()))
    })?;
    let Some(public) = key::read_public(&String::from_utf8_lossy(&text), &entry.key) else {
        return broken(format!("{} is not the key that its name says", path.display()));
    };
    let signature = unhex(&entry.signature).map(|bytes| Signature::from_bytes(&bytes));
    let signed = custody::signed_part(bytes, &entry.signature);
    Ok(signature.zip(signed).is_some_and(|(signature, signed)| public.verify_strict(&signed, &signature).is_ok()))
}

fn unhex(text: &str) -> Option<[u8; 64]> {
    let (first, second) = text.split_at_checked(64)?;
    let halves = [Digest::from_hex(first)?.0, Digest::from_hex(second)?.0].concat();
    halves.try_into().ok()
}
