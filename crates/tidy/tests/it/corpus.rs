//! The corpus of the formats and the seeds of the fuzz targets: nothing in
//! them lies about unread.

use std::collections::BTreeSet;
use std::path::Path;

use crate::checkout::{files_below, none, root, text, toml};

/// How a corpus file behaves; the third folder of its path.
const MANNERS: &[&str] = &["standard", "legacy", "malformed", "thirdparty"];

#[test]
fn every_corpus_file_is_expected_and_every_expectation_has_its_file() {
    let files: BTreeSet<String> =
        files_below("crates/evidence/tests/corpus").iter().map(|path| path.display().to_string()).collect();
    let complaint = |file: &String| match file.strip_suffix(".expected") {
        Some(input) => (!files.contains(input)).then(|| format!("{file} expects a file that is not there")),
        None => (!files.contains(&format!("{file}.expected"))).then(|| format!("{file} has no .expected beside it")),
    };
    none(files.iter().filter_map(complaint).collect());
}

#[test]
fn every_corpus_folder_is_sorted_by_manners_and_read_by_a_test() {
    let tests: String = files_below("crates/evidence/tests/it").iter().map(text).collect();
    let mut complaints = BTreeSet::new();
    for path in files_below("crates/evidence/tests/corpus") {
        let below: Vec<_> = path.iter().skip(4).map(|part| part.to_string_lossy().into_owned()).collect();
        let [format, manner, ..] = below.as_slice() else {
            complaints.insert(format!("{} lies in no folder of a format", path.display()));
            continue;
        };
        if !MANNERS.contains(&manner.as_str()) {
            complaints.insert(format!("{}: the folder below {format} should be one of {MANNERS:?}", path.display()));
        }
        if !tests.contains(&format!("\"{format}\"")) {
            complaints.insert(format!("no test reads the corpus of {format}"));
        }
    }
    none(complaints.into_iter().collect());
}

#[test]
fn every_fuzz_target_has_seeds_and_every_folder_of_seeds_a_target() {
    let manifest = toml("fuzz/Cargo.toml");
    let bins = manifest.get("bin").and_then(toml::Value::as_array).unwrap();
    let targets: BTreeSet<String> =
        bins.iter().filter_map(|bin| bin.get("name")?.as_str()).map(str::to_owned).collect();
    let seeded: BTreeSet<String> = files_below("fuzz/seeds")
        .iter()
        .filter_map(|path| path.iter().nth(2))
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    assert_eq!(targets, seeded, "targets of fuzz/Cargo.toml and folders of fuzz/seeds");
    let absent = |name: &&String| !root().join("fuzz/fuzz_targets").join(Path::new(name).with_extension("rs")).exists();
    none(targets.iter().filter(absent).map(|name| format!("fuzz/fuzz_targets/{name}.rs is missing")).collect());
}
