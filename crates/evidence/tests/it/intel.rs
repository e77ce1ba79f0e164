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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, name in "[a-z/.]{0,12}") {
        rows_of(&name, &bytes);
    }

    #[test]
    fn a_document_cut_anywhere_is_read_or_lost(n in 0usize..6, at in 0usize..4000, noise: u8) {
        let files = ["intel/standard/bundle.json", "intel/standard/misp_event.json", "hosting/standard/rdap_network.json",
            "hosting/standard/passive_dns.jsonl", "intel/standard/list.csv", "note/standard/collection.md"];
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(files[n]);
        let mut bytes = std::fs::read(path).unwrap();
        bytes.truncate(at);
        bytes.push(noise);
        let rows = rows_of(files[n], &bytes);
        prop_assert!(!rows.is_empty());
    }
}
