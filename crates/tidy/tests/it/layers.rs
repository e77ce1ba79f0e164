//! Who may lean on whom: the picture in ARCHITECTURE.md, as a table.

use crate::checkout::{crates, named_in, none, toml};

/// Each crate and those of ours that it may name.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("authentication", &[]),
    ("coordination", &["model"]),
    ("knowledge", &["model"]),
    ("traffic", &["model"]),
    ("evidence", &["authentication", "coordination", "knowledge", "model"]),
    ("findings", &["knowledge", "model"]),
    ("screen", &["model"]),
    ("casefile", &["model"]),
    ("linkage", &["authentication", "casefile", "coordination", "knowledge", "model", "traffic"]),
    ("workbench", &["casefile", "evidence", "findings", "knowledge", "linkage", "model", "screen", "traffic"]),
    ("tidy", &["model"]),
];

/// Crates of others that only some of ours may name: each is a fence around
/// compile time, the network or the disk.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("datafusion", &["casefile"]),
    ("parquet", &["casefile"]),
    ("object_store", &["casefile"]),
    // Keys of custody in one, of signed mail in the other.
    ("ed25519-dalek", &["authentication", "casefile"]),
    ("tokio", &["casefile"]),
    ("mail-parser", &["evidence"]),
    ("rten", &["screen"]),
    ("clap", &["workbench"]),
    ("indicatif", &["workbench"]),
    ("landlock", &["workbench"]),
    ("seccompiler", &["workbench"]),
];

#[test]
fn nothing_points_up() {
    let mut complaints = Vec::new();
    let ours = crates();
    for name in &ours {
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(known, _)| known == name) else {
            complaints.push(format!("crates/{name} has no place in MAY_KNOW of crates/tidy/tests/it/layers.rs"));
            continue;
        };
        let manifest = toml(format!("crates/{name}/Cargo.toml"));
        let named = ["dependencies", "dev-dependencies", "build-dependencies"].map(|kind| named_in(&manifest, kind));
        for other in named.iter().flatten().filter(|other| ours.contains(other)) {
            if !allowed.contains(&other.as_str()) {
                complaints.push(format!("crates/{name} may not know {other}"));
            }
        }
    }
    none(complaints);
}

#[test]
fn fences_hold() {
    let mut complaints = Vec::new();
    for name in crates() {
        let manifest = toml(format!("crates/{name}/Cargo.toml"));
        for (fenced, allowed) in ONLY_IN {
            if named_in(&manifest, "dependencies").iter().any(|named| named == fenced)
                && !allowed.contains(&name.as_str())
            {
                complaints.push(format!("crates/{name} may not name {fenced}; only {allowed:?} may"));
            }
        }
    }
    none(complaints);
}

#[test]
fn every_crate_takes_the_lints_and_versions_of_the_workspace() {
    let mut complaints = Vec::new();
    for name in crates() {
        let manifest = toml(format!("crates/{name}/Cargo.toml"));
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        if lints != Some(true) {
            complaints.push(format!("crates/{name}/Cargo.toml lacks `[lints] workspace = true`"));
        }
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let section = manifest.get(kind).and_then(toml::Value::as_table);
            for (dependency, wanted) in section.into_iter().flatten() {
                if wanted.get("workspace").is_none() {
                    complaints.push(format!("crates/{name}: the version of {dependency} belongs in the root's list"));
                }
            }
        }
    }
    none(complaints);
}
