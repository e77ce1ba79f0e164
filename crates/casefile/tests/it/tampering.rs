//! One change to each kind of thing, and what `verify` says of it.

use std::fs;
use std::path::Path;

use casefile::Case;
use model::{Stage, tables};

use crate::desk::{Desk, files, take_in, write_split};

fn full_case(desk: &Desk) -> Case {
    let case = desk.open();
    take_in(&case, &desk.file("a.eml", b"Subject: quiet"), false);
    case.prepare_stage(Stage::Ingest, "one").unwrap();
    write_split(&case, Stage::Ingest, "p", 3);
    case.commit_stage(Stage::Ingest, "one", &["p".to_owned()]).unwrap();
    case.publish(
        vec![("report.html".to_owned(), casefile::Content::Bytes(b"<p>".to_vec()))],
        serde_json::json!({"tlp": "amber"}),
    )
    .unwrap();
    case
}

/// Flips the lowest bit of the byte in the middle.
fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// What `verify` says after `change`; the second part must be in it.
fn check(change: impl Fn(&Case), named: &str) {
    let desk = Desk::new();
    let case = full_case(&desk);
    case.verify(None).unwrap();
    change(&case);
    let error = case.verify(None).unwrap_err();
    assert!(error.is_integrity() && error.to_string().contains(named), "{error}");
}

fn original(case: &Case) -> std::path::PathBuf {
    let folder = fs::read_dir(case.root().join("evidence")).unwrap().next().unwrap().unwrap().path();
    fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
}

#[test]
fn an_untouched_case_holds() {
    let desk = Desk::new();
    let case = full_case(&desk);
    let found = case.verify(None).unwrap();
    assert_eq!((found.originals, found.original_bytes, found.table_files, found.products), (1, 14, 2, 1));
    assert!(found.notes.is_empty(), "{:?}", found.notes);
    assert_eq!((found.head.hash, found.head.entries), case.custody().head().unwrap());
}

#[test]
fn a_changed_or_missing_original_is_named() {
    check(|case| flip(&original(case)), "evidence");
    check(|case| fs::remove_file(original(case)).unwrap(), "missing");
}

#[test]
fn a_changed_custody_entry_is_named() {
    for entry in 1..=4 {
        let name = format!("custody/{entry:08}.json");
        check(|case| flip(&case.root().join(&name)), &format!("{entry}"));
    }
    check(|case| fs::remove_file(case.root().join("custody/00000002.json")).unwrap(), "entry 2 is missing");
}

#[test]
fn every_single_byte_of_an_entry_matters() {
    let desk = Desk::new();
    let case = full_case(&desk);
    let path = case.root().join("custody/00000004.json");
    let bytes = fs::read(&path).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        assert!(case.verify(None).is_err_and(|error| error.is_integrity()), "byte {at}");
    }
}

#[test]
fn a_changed_key_is_named() {
    let key = |case: &Case| {
        let keys = fs::read_dir(case.root().join("custody/keys")).unwrap();
        keys.map(|entry| entry.unwrap().path()).next().unwrap()
    };
    check(|case| flip(&key(case)), ".pub");
    check(|case| fs::remove_file(key(case)).unwrap(), ".pub");
}

#[test]
fn changed_tables_and_manifests_are_named() {
    check(|case| flip(&files(case, &tables::LOSSES)[0]), "losses/p.parquet");
    check(|case| flip(&files(case, &tables::CONTEXTS)[0]), "contexts/p.ingest.parquet");
    check(|case| fs::remove_file(&files(case, &tables::LOSSES)[0]).unwrap(), "losses/p.parquet");
    check(|case| flip(&case.root().join("tables/_manifest/ingest.json")), "ingest.json");
    check(|case| flip(&case.root().join("tables/_manifest/ingest/p.json")), "ingest/p.json");
}

#[test]
fn a_changed_product_is_named() {
    check(|case| flip(&case.root().join("products/report.html")), "report.html");
}

#[test]
fn a_cut_tail_shows_against_a_head_kept_elsewhere() {
    let desk = Desk::new();
    let case = full_case(&desk);
    let (early, count) = case.custody().head().unwrap();
    case.custody().append("note", serde_json::Value::Null).unwrap();
    case.verify(Some(&early)).unwrap();
    let (head, _) = case.custody().head().unwrap();
    fs::remove_file(case.root().join(format!("custody/{:08}.json", count + 1))).unwrap();
    case.verify(None).unwrap();
    assert!(case.verify(Some(&head)).unwrap_err().to_string().contains(&head));
}
