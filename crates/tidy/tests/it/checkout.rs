//! The checkout as the rules see it: its files, its crates, its lock file.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every file below `folder`, sorted, given relative to the root.
pub fn files_below(folder: &str) -> Vec<PathBuf> {
    let root = root();
    let (mut files, mut folders) = (Vec::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                if !["target", "corpus-work", ".git"].contains(&entry.file_name().to_string_lossy().as_ref()) {
                    folders.push(path);
                }
            } else {
                files.push(path.strip_prefix(&root).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

/// Every Rust file of the workspace's crates.
pub fn rust_files() -> Vec<PathBuf> {
    files_below("crates").into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs")).collect()
}

/// The text of a file, by its path relative to the root.
pub fn text(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A TOML file, by its path relative to the root.
pub fn toml(path: impl AsRef<Path>) -> toml::Table {
    let path = path.as_ref();
    text(path).parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of the crates, which are those of their folders.
pub fn crates() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The crates that a manifest names in its sections of this kind, those for
/// single platforms included.
pub fn named_in(manifest: &toml::Table, section: &str) -> Vec<String> {
    let platforms = manifest.get("target").and_then(toml::Value::as_table).into_iter().flatten();
    let sections = platforms.filter_map(|(_, platform)| platform.get(section)).chain(manifest.get(section));
    sections.filter_map(toml::Value::as_table).flat_map(|section| section.keys().cloned()).collect()
}

/// Fails with one line per complaint.
pub fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
