//! Web logs: corpus, splits, and what no input may do.

use std::io::Cursor;

use evidence::ingest::weblog;
use evidence::{Pass, ingest};
use model::Format;
use proptest::prelude::*;

use crate::check::{self, Row};

#[test]
fn weblog_corpus() {
    check::check("weblog");
}

/// Lines of all kinds of log and of none.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"192.0.2.1 - - [21/Feb/2025:16:03:07 -0800] \"GET /a?b HTTP/1.1\" 200 5 \"-\" \"x\"\n".to_vec()),
        Just(b"{\"time\":\"2025-02-15T17:00:00Z\",\"method\":\"GET\",\"uri\":\"/\",\"status\":200}\n".to_vec()),
        Just(b"{\"time\":\"2025-02-15T17:00:00Z\",\"method\":\"GE\\u00e9\\xC3\",\"uri\":\"/\\\\\"}\n".to_vec()),
        Just(b"#Fields: date time c-ip cs-method cs-uri-stem\n".to_vec()),
        Just(b"#Fields: time c-ip cs-method\n".to_vec()),
        Just(b"#Date: 2025-01-02 00:00:00\n".to_vec()),
        Just(b"2025-02-14 00:03:07 192.0.2.1 GET /a\n".to_vec()),
        Just(b"00:03:07 192.0.2.1 GET\r\n".to_vec()),
        Just(
            b"http 2025-02-02T00:00:00Z e 192.0.2.1:9 - 0.1 0.1 0 200 - 1 2 \"GET http://x.test/ HTTP/1.1\" \"y\"\n"
                .to_vec()
        ),
        Just(b"\n".to_vec()),
        Just(b"{\"a\":[{\"b\":\"".to_vec()),
        Just(b"\xff\0\\\"[".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ]
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(piece(), 0..30).prop_map(|pieces| pieces.concat())
}

fn logs() -> [&'static dyn Format; 4] {
    [&weblog::JSON, &weblog::IIS, &weblog::ALB, &weblog::COMBINED]
}

fn sum(rows: &[Row], table: &str, column: &str) -> u64 {
    let rows = rows.iter().filter(|row| row.table == table);
    rows.map(|row| if column.is_empty() { 1 } else { row.get(column).parse().unwrap() }).sum()
}

/// Lines that say something and are no directive.
fn lines_of(bytes: &[u8], comments: bool) -> u64 {
    let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let says = |line: &&[u8]| {
        let text: &[u8] = &line[line.iter().take_while(|byte| **byte == 0).count()..];
        let is_comment = comments && text.starts_with(b"#");
        !line.is_empty() && !is_comment
    };
    lines.filter(says).count() as u64
}

proptest! {
    #[test]
    fn every_line_becomes_a_request_or_a_loss(bytes in pieces()) {
        for format in logs() {
            let comments = matches!(format.entry().name, "weblog-w3c" | "weblog-combined");
            let rows = check::rows_of_pass(Pass::Ingest, Some(format), "x", &bytes);
            let seen = sum(&rows, "web_requests", "") + sum(&rows, "losses", "count");
            prop_assert_eq!(seen, lines_of(&bytes, comments), "{}", format.entry().name);
        }
    }

    #[test]
    fn splits_together_give_the_rows_of_one_read(bytes in pieces(), split_bytes in 1_u64..200) {
        let length = bytes.len() as u64;
        let w3c = |split_bytes| {
            let splits = weblog::IIS.plan_by(&mut Cursor::new(&bytes), length, split_bytes).unwrap();
            check::rows_of_splits(Pass::Ingest, Some(&weblog::IIS), "x", &bytes, &splits)
        };
        let (cut, whole) = (w3c(split_bytes), w3c(u64::MAX));
        let requests = |rows: &[Row]| rows.iter().filter(|row| row.table == "web_requests").cloned().collect::<Vec<_>>();
        prop_assert_eq!(requests(&cut), requests(&whole));
        prop_assert_eq!(sum(&cut, "losses", "count"), sum(&whole, "losses", "count"));
    }

    #[test]
    fn sniffing_never_panics(bytes in pieces()) {
        let _ = ingest::sniff(&bytes, "x.log").map(|format| format.entry().name);
    }
}
