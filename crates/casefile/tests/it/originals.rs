//! Originals: stored once, read-only, found again, or pointed to.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicU64, Ordering};

use casefile::{CHUNK_BYTES, Error, SourceRole};
use model::Digest;

use crate::desk::{Desk, take_in};

#[test]
fn the_same_bytes_are_stored_once_and_read_only() {
    let desk = Desk::new();
    let case = desk.open();
    let (a, b) = (desk.file("a", b"abc"), desk.file("b", b"abc"));
    let heard = AtomicU64::new(0);
    let count = |bytes: u64| {
        heard.fetch_add(bytes, Ordering::Relaxed);
    };
    let first = case.add(&a, SourceRole::Evidence, false, &count).unwrap();
    let second = case.add(&b, SourceRole::Evidence, false, &count).unwrap();
    assert_eq!(first, second);
    assert_eq!(heard.into_inner(), 6);
    let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(first.digest.to_hex(), hex);
    let object = case.root().join("evidence/ba").join(hex);
    assert_eq!(fs::metadata(&object).unwrap().permissions().mode() & 0o777, 0o444);
    let mut text = String::new();
    case.open_source(&first.digest).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "abc");
    assert!(matches!(case.open_source(&Digest([0; 32])), Err(Error::NoSuchSource(_))));
}

#[test]
fn a_second_run_over_the_same_files_writes_nothing() {
    let desk = Desk::new();
    let path = desk.file("a", b"abc");
    let digest = take_in(&desk.open(), &path, false).digest;
    let object = desk.root().join("evidence/ba").join(digest.to_hex());
    let before = fs::metadata(&object).unwrap().modified().unwrap();
    let case = desk.open();
    assert_eq!(take_in(&case, &path, false).digest, digest);
    assert_eq!(fs::metadata(&object).unwrap().modified().unwrap(), before);
}

#[test]
fn an_original_by_reference_stays_where_it_is() {
    let desk = Desk::new();
    let case = desk.open();
    let path = desk.file("large", b"large");
    let stored = take_in(&case, &path, true);
    assert!(case.open_source(&stored.digest).is_ok());
    case.verify(None).unwrap();
    fs::write(&path, "larger").unwrap();
    assert!(case.open_source(&stored.digest).unwrap_err().is_integrity());
    fs::remove_file(&path).unwrap();
    assert!(case.verify(None).unwrap_err().is_integrity());
}

#[test]
fn damage_in_a_large_file_is_placed_by_its_chunk() {
    let desk = Desk::new();
    let case = desk.open();
    let length = CHUNK_BYTES as usize + 3;
    let stored = take_in(&case, &desk.file("large", &vec![7; length]), false);
    assert_eq!(stored.chunks.len(), 2);
    case.verify(None).unwrap();
    let hex = stored.digest.to_hex();
    let object = case.root().join("evidence").join(&hex[..2]).join(&hex);
    let mut bytes = fs::read(&object).unwrap();
    bytes[length - 1] = 8;
    fs::remove_file(&object).unwrap();
    fs::write(&object, bytes).unwrap();
    let said = case.verify(None).unwrap_err().to_string();
    assert!(said.contains(&hex) && said.contains(&format!("after byte {CHUNK_BYTES}")), "{said}");
}
