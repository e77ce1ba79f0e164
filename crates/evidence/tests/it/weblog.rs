//! Web logs: corpus, splits, and what no input may do.

use std::io::{Cursor, Write};

use evidence::ingest::weblog;
use evidence::{Pass, ingest};
use flate2::Compression;
use flate2::write::GzEncoder;
use model::{Format, Split};
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
        Just(b"Feb 14 00:03:07 lb haproxy[1]: 192.0.2.1:9 [14/Feb/2025:00:03:07.655] i v/w 1/0/0/9/-1 200 +5 - - ---- 1 0 {a|b} \"GET /a\"\n".to_vec()),
        Just(b"<13>1 2025-02-14T00:00:00Z w i 1 - [x y=\"]\"] #Fields: time c-ip cs-method\n".to_vec()),
        Just(b"LogFormat \"%a|%t|%r|%>s\" x\n".to_vec()),
        Just(b"log_format x '$remote_addr [$time_local] \"$request\"';\n".to_vec()),
        Just(b"192.0.2.1|[21/Feb/2025:16:03:07 -0800]|GET /\\\"|200\n".to_vec()),
        Just(b"{\"reqTimeSec\":\"1739667600\",\"reqMethod\":\"GET\",\"UA\":\"%C3%2+\",\"referer\":[\"a\"]}\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"{\"a\":[{\"b\":\"".to_vec()),
        Just(b"\xff\0\\\"[".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ]
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(piece(), 0..30).prop_map(|pieces| pieces.concat())
}

fn logs() -> [&'static dyn Format; 6] {
    [&weblog::JSON, &weblog::IIS, &weblog::ALB, &weblog::COMBINED, &weblog::HAPROXY, &weblog::DECLARED]
}

fn sum(rows: &[Row], table: &str, column: &str) -> u64 {
    let rows = rows.iter().filter(|row| row.table == table);
    rows.map(|row| if column.is_empty() { 1 } else { row.get(column).parse().unwrap() }).sum()
}

/// Lines that say something and are no directive of the format.
fn lines_of(bytes: &[u8], format: &str) -> u64 {
    let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let says = |line: &&[u8]| {
        let text = String::from_utf8_lossy(&line[line.iter().take_while(|byte| **byte == 0).count()..]);
        let message = weblog::message(&text);
        let is_directive = match format {
            "weblog-w3c" | "weblog-combined" => message.starts_with('#'),
            "weblog-declared" => message.starts_with("LogFormat ") || message.starts_with("log_format "),
            _ => false,
        };
        !line.is_empty() && !is_directive
    };
    lines.filter(says).count() as u64
}

#[test]
fn a_declared_form_reaches_logs_in_containers() {
    let log = b"192.0.2.1|[21/Feb/2025:16:03:07 -0800]|GET|/a|200\n".repeat(3);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&log).unwrap();
    let packed = packed.finish().unwrap();
    let declared = weblog::declared::declarations("- Form: `LogFormat \"%h|%t|%m|%U|%s\" bars`\n");
    for (bytes, name, wanted) in [(&packed, "a.log.gz", "compressed"), (&log, "a.log", "weblog-declared")] {
        let (format, state) = ingest::sniff_declared(bytes, name, &declared).unwrap();
        assert_eq!(format.entry().name, wanted);
        let split = Split { state, ..Split::whole(bytes.len() as u64) };
        let rows = check::rows_of_splits(Pass::Ingest, Some(format), name, bytes, &[split]);
        assert_eq!(sum(&rows, "web_requests", ""), 3, "{name}");
        assert!(sum(&rows, "losses", "count") == 0, "{name}");
    }
    // Without the declaration the lines are nobody's.
    assert!(ingest::sniff(&log, "a.log").is_none_or(|format| !format.entry().name.starts_with("weblog")));
}

proptest! {
    #[test]
    fn every_line_becomes_a_request_or_a_loss(bytes in pieces()) {
        for format in logs() {
            let rows = check::rows_of_pass(Pass::Ingest, Some(format), "x", &bytes);
            let seen = sum(&rows, "web_requests", "") + sum(&rows, "losses", "count");
            prop_assert_eq!(seen, lines_of(&bytes, format.entry().name), "{}", format.entry().name);
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
