//! Making, opening, locking, and what custody writes down.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use casefile::{Case, Error};

use crate::desk::{Desk, take_in};

#[test]
fn a_new_case_records_its_making_and_opens_again_without_a_new_entry() {
    let desk = Desk::new();
    let first = desk.open();
    assert_eq!(first.custody().entries().unwrap().len(), 1);
    assert!(!first.settings().clock_start.is_empty() && !first.settings().made_with.target.is_empty());
    let made = first.settings().clone();
    drop(first);
    let again = desk.open();
    assert_eq!(again.settings(), &made);
    assert_eq!(again.custody().head().unwrap().1, 1);
}

#[test]
fn an_edited_case_toml_is_read_and_recorded() {
    let desk = Desk::new();
    drop(desk.open());
    let path = desk.root().join("case.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"amber\"", "\"red\"")).unwrap();
    let case = desk.open();
    assert_eq!(case.settings().mark, model::Mark::Red);
    assert_eq!(case.custody().entries().unwrap().len(), 2);
    drop(case);
    fs::write(&path, "name = 3").unwrap();
    assert!(matches!(desk.try_open(), Err(Error::Settings { .. })));
}

#[test]
fn a_folder_with_other_things_is_left_alone() {
    let desk = Desk::new();
    fs::create_dir(desk.root()).unwrap();
    fs::write(desk.root().join("letter.txt"), "mine").unwrap();
    assert!(desk.try_open().is_err());
    assert!(Case::open(&desk.root()).is_err());
    assert_eq!(fs::read_dir(desk.root()).unwrap().count(), 1);
}

#[test]
fn a_second_writer_is_refused_while_readers_are_not() {
    let desk = Desk::new();
    let case = desk.open();
    assert!(matches!(desk.try_open(), Err(Error::Busy(_))));
    let reader = Case::open(&desk.root()).unwrap();
    assert!(matches!(reader.custody().append("act", serde_json::Value::Null), Err(Error::ReadOnly(_))));
    drop(case);
    assert!(desk.try_open().is_ok());
}

#[test]
fn keys_and_private_rows_are_for_their_user_alone() {
    let desk = Desk::new();
    let _case = desk.open();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&desk.keys().join("signing.key")), 0o600);
    assert_eq!(mode(&desk.root().join("private")), 0o700);
}

#[test]
fn what_a_killed_process_left_is_removed() {
    let desk = Desk::new();
    let path = desk.file("a.txt", b"a line");
    take_in(&desk.open(), &path, false);
    let left = [
        ".tmp-1-0",
        "evidence/.tmp-1-1",
        "custody/.tmp-1-2",
        "tables/losses/.tmp-1-3",
        "tables/_tmp/spill",
        "tables/_manifest/ingest/.tmp-1-4",
        "private/contexts/.tmp-1-5",
        "products/.tmp-1-6",
    ];
    for name in left {
        let path = desk.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "half").unwrap();
    }
    let case = desk.open();
    for name in left {
        assert!(!desk.root().join(name).exists(), "{name}");
    }
    case.verify(None).unwrap();
}
