//! Every seed of the fuzz targets, replayed on the stable compiler.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../../../fuzz/src/lib.rs"]
mod targets;

/// The seeds, each with the target whose folder it lies in.
fn seeds() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let mut seeds = Vec::new();
    for folder in fs::read_dir(&root).unwrap().flatten() {
        let target = folder.file_name().to_string_lossy().into_owned();
        seeds.extend(fs::read_dir(folder.path()).unwrap().flatten().map(|seed| (target.clone(), seed.path())));
    }
    seeds.sort();
    seeds
}

#[test]
fn every_seed_keeps_the_promises_of_its_target() {
    for (target, path) in seeds() {
        let seed = fs::read(&path).unwrap();
        let outcome = std::panic::catch_unwind(|| targets::run(&target, &seed));
        assert!(outcome.is_ok(), "{} breaks a promise of {target}", path.display());
    }
}

#[test]
fn every_format_has_a_target() {
    let targets: BTreeSet<String> = seeds().into_iter().map(|(target, _)| target).collect();
    for format in evidence::FORMATS {
        let target = format!("format_{}", format.entry().name.replace('-', "_"));
        assert!(targets.contains(&target), "fuzz/seeds/{target} is missing; see fuzz/seeds.py");
        assert!(targets::format_of(&target).is_some(), "{target} finds no format");
    }
}
