//! Intel, hosting records, notes and plain documents.

use proptest::prelude::*;

use crate::check::{check, rows_of};

#[test]
fn intel() {
    check("intel");
}

#[test]
fn hosting() {
    check("hosting");
}

#[test]
fn notes() {
    check("note");
}

#[test]
fn texts() {
    check("text");
}

/// Letters are read for statements only where they are filed as such.
#[test]
fn letters_of_providers() {
    let read = |folder: &str, file: &str| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/hosting/standard/");
        let bytes = std::fs::read(format!("{path}{file}")).unwrap();
        let rows = rows_of(&format!("evidence/{folder}/{file}"), &bytes);
        let told = rows.into_iter().filter(|row| ["tenancies", "shared_ranges"].contains(&row.table));
        told.map(|row| format!("{} {} {}", row.get("value"), row.get("holder"), row.get("class"))).collect::<Vec<_>>()
    };
    assert_eq!(read("hosting", "letter.eml"), ["192.0.2.7 customer C-7 "]);
    assert_eq!(read("hosting", "letter_vpn.eml"), ["  vpn-exit"]);
    assert!(read("mail", "letter.eml").is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, name in "[a-z/.]{0,12}") {
        rows_of(&name, &bytes);
    }

    #[test]
    fn a_document_cut_anywhere_is_read_or_lost(n in 0usize..10, at in 0usize..4000, noise: u8) {
        let files = ["intel/standard/bundle.json", "intel/standard/misp_event.json", "hosting/standard/rdap_network.json",
            "hosting/standard/passive_dns.jsonl", "intel/standard/list.csv", "note/standard/collection.md", "intel/standard/sdn.xml", "intel/standard/sdn_advanced.xml",
            "intel/standard/entities.ftm.json", "intel/standard/anonymous.mmdb"];
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(files[n]);
        let mut bytes = std::fs::read(path).unwrap();
        bytes.truncate(at);
        bytes.push(noise);
        let rows = rows_of(files[n], &bytes);
        prop_assert!(!rows.is_empty());
    }
}
