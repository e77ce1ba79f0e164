//! Delimited tables and JSON lines: corpus, and what no input may do.

use evidence::Pass;
use evidence::ingest::delimited::{self, Delimited};
use evidence::ingest::json_lines::JsonLines;
use proptest::prelude::*;

use crate::check;

#[test]
fn delimited_corpus() {
    check::check("delimited");
}

#[test]
fn json_lines_corpus() {
    check::check("json_lines");
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"a,b,c\n".to_vec()),
        Just(b"1,2,3\r\n".to_vec()),
        Just(b"\"x\",\"y \"\"z\"\"\",\"w\"\n".to_vec()),
        Just(b"\"open,2,3\n".to_vec()),
        Just(b"1\t2|3;4\n".to_vec()),
        Just(b"# note\n".to_vec()),
        Just(b"{\"a\":\"b\"}\n".to_vec()),
        Just(b"\xff\xfe".to_vec()),
        Just(b"\xc3,\xa9\0\r".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ]
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(piece(), 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn records_lie_side_by_side_and_leave_out_only_line_ends(bytes in pieces()) {
        prop_assume!(!bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff"));
        let rows = check::rows_of_pass(Pass::Ingest, Some(&Delimited), "x.csv", &bytes);
        let set = rows.iter().find(|row| row.table == "record_sets").unwrap();
        let records = rows.iter().filter(|row| row.table.ends_with("records")).count();
        prop_assert_eq!(set.get("records"), records.to_string());
        let mut at = None;
        for row in rows.iter().filter(|row| row.table.ends_with("records")) {
            let start: usize = row.get("start").parse().unwrap();
            let length: usize = row.get("length").parse().unwrap();
            let gap = &bytes[at.unwrap_or(start)..start];
            prop_assert!(gap.iter().all(|byte| matches!(byte, b'\n' | b'\r')));
            at = Some(start + length);
        }
        let rest = &bytes[at.unwrap_or(bytes.len())..];
        prop_assert!(rest.iter().all(|byte| matches!(byte, b'\n' | b'\r')));
    }

    #[test]
    fn cells_are_json_and_open_again(bytes in pieces()) {
        prop_assume!(!bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff"));
        for row in check::rows_of_pass(Pass::Ingest, Some(&Delimited), "x.csv", &bytes) {
            if !row.table.ends_with("records") {
                continue;
            }
            let cells: serde_json::Map<String, serde_json::Value> = serde_json::from_str(row.get("cells")).unwrap();
            let number = row.get("row").parse().unwrap();
            for (column, value) in &cells {
                let opened = delimited::cell(bytes.as_slice(), number, Some(column)).unwrap();
                prop_assert_eq!(opened.as_deref(), value.as_str().map(str::as_bytes));
            }
        }
    }

    #[test]
    fn any_bytes_go_through_both_passes(bytes in pieces()) {
        for pass in [Pass::Ingest, Pass::Extract] {
            let tables = check::rows_of_pass(pass, Some(&Delimited), "x.csv", &bytes);
            let lines = check::rows_of_pass(pass, Some(&JsonLines), "x.jsonl", &bytes);
            for row in tables.iter().chain(&lines) {
                prop_assert!(row.get("reason") != "the reader of this format failed");
            }
        }
    }
}
