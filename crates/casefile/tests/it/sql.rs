//! Queries: what they see, what they may, and our functions.

use std::sync::Arc;

use casefile::{FUNCTIONS, Form, Limits};
use model::{Stage, tables};
use serde_json::Value;

use crate::desk::{Desk, session, write_split};

#[test]
fn every_table_can_be_asked_before_it_has_rows() {
    let desk = Desk::new();
    let case = desk.open();
    let session = session(&case, true);
    for table in tables::TABLES {
        let schema = session.stream(&format!("SELECT * FROM \"{}\"", table.name), &mut |_| Ok(())).unwrap();
        assert_eq!(schema, table.schema(), "{}", table.name);
    }
}

#[test]
fn private_tables_need_to_be_asked_for() {
    let desk = Desk::new();
    let case = desk.open();
    write_split(&case, Stage::Extract, "p", 2);
    assert!(session(&case, false).query("SELECT * FROM contexts").is_err());
    assert_eq!(session(&case, true).rows("SELECT * FROM contexts").unwrap().len(), 2);
}

#[test]
fn queries_only_read() {
    let desk = Desk::new();
    let case = desk.open();
    let session = session(&case, true);
    for sql in [
        "CREATE TABLE t AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/never.csv'",
        "INSERT INTO losses SELECT * FROM losses",
        "SET datafusion.execution.target_partitions = 9",
        "SELECT * FROM '/etc/passwd'",
    ] {
        assert!(session.query(sql).is_err(), "{sql}");
    }
}

#[test]
fn rows_come_as_json_with_times_as_text() {
    let desk = Desk::new();
    let case = desk.open();
    let rows = session(&case, false)
        .rows("SELECT arrow_cast(1600000000000000, 'Timestamp(Microsecond, Some(\"UTC\"))') AS t, NULL AS n, 7 AS i, [1, 2] AS l")
        .unwrap();
    let text = serde_json::to_string(&rows).unwrap();
    assert!(text.contains("\"2020-09-13T12:26:40Z\""), "{text}");
    assert_eq!(rows[0]["n"], Value::Null);
    assert_eq!(rows[0]["l"], serde_json::json!([1, 2]));
}

#[test]
fn batches_can_be_asked_like_a_table() {
    let desk = Desk::new();
    let case = desk.open();
    let session = session(&case, false);
    let batches = session.query("SELECT 'a' AS x UNION ALL SELECT 'b' AS x").unwrap();
    let schema = batches[0].schema();
    for _ in 0..2 {
        session.register_batches("given", Arc::clone(&schema), batches.clone()).unwrap();
    }
    assert_eq!(session.rows("SELECT * FROM given").unwrap().len(), 2);
}

#[test]
fn answers_come_in_every_form_also_when_empty() {
    let desk = Desk::new();
    let case = desk.open();
    let session = session(&case, false);
    let export = |sql: &str, form| {
        let mut out = Vec::new();
        session.export(sql, form, &mut out).unwrap();
        out
    };
    assert_eq!(export("SELECT 1 AS a, 'x' AS b", Form::Csv), b"a,b\n1,x\n");
    assert_eq!(export("SELECT 1 AS a, NULL AS b", Form::Json), b"[{\"a\":1,\"b\":null}]\n");
    assert!(export("SELECT 1 AS a", Form::Table).starts_with(b"+---+\n| a |"));
    let none = "SELECT reason FROM losses";
    assert_eq!(export(none, Form::Csv), b"reason\n");
    assert_eq!(export(none, Form::Json), b"[]\n");
    assert!(export(none, Form::Parquet).ends_with(b"PAR1"));
}

#[test]
fn functions_do_what_their_list_says() {
    let desk = Desk::new();
    let case = desk.open();
    let session = session(&case, false);
    let hex = "ab".repeat(32);
    for (call, expected) in [
        (format!("locator('{hex}', 'gzip', 3, 4)"), Some(format!("sha256:{hex}/gzip/bytes:3-7"))),
        (format!("locator('{hex}', '', 0, 0)"), Some(format!("sha256:{hex}"))),
        (format!("locator('{hex}', 'nonsense', 0, 0)"), None),
        (format!("locator('{hex}', '', 18446744073709551615, 2)"), None),
        ("ip_key('192.0.2.1')".to_owned(), Some(format!("{}ffffc0000201", "0".repeat(20)))),
        ("ip_key('x')".to_owned(), None),
        ("range_first('192.0.2.0/24')".to_owned(), Some(format!("{}ffffc0000200", "0".repeat(20)))),
        ("range_last('192.0.2.0/24')".to_owned(), Some(format!("{}ffffc00002ff", "0".repeat(20)))),
        ("range_last('x/y')".to_owned(), None),
        ("registered_domain('Mail.Post.example.co.uk.')".to_owned(), Some("example.co.uk".to_owned())),
        ("registered_domain('a.b.com.test')".to_owned(), Some("b.com.test".to_owned())),
        ("registered_domain('a.b.test')".to_owned(), Some("b.test".to_owned())),
        ("registered_domain('com.test')".to_owned(), None),
        ("registered_domain('192.0.2.1')".to_owned(), None),
        ("registered_domain('a..b')".to_owned(), None),
        ("registered_domain('größe.b.example')".to_owned(), Some("b.example".to_owned())),
        ("hash_id('abc')".to_owned(), Some("dc1114cd074914bd".to_owned())),
        ("hash_id('abc', NULL) = hash_id('abc', '')".to_owned(), Some("false".to_owned())),
    ] {
        let rows = session.rows(&format!("SELECT {call} AS x")).unwrap();
        let found = match &rows[0]["x"] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        assert_eq!(found, expected, "{call}");
    }
    assert!(FUNCTIONS.iter().all(|function| !function.doc.is_empty() && !function.summary.is_empty()));
}

#[test]
fn a_sort_larger_than_its_memory_spills_into_the_case_and_leaves_nothing() {
    let desk = Desk::new();
    let case = desk.open();
    let session = case.session(Limits { memory_bytes: Some(24 << 20), threads: 2, private: false }).unwrap();
    let sql = "SELECT value, hash_id(value) AS h FROM generate_series(1, 1000000) ORDER BY h, value";
    let mut rows = 0;
    session
        .stream(sql, &mut |batch| {
            rows += batch.num_rows();
            Ok(())
        })
        .unwrap();
    assert_eq!(rows, 1_000_000);
    drop(session);
    let left = std::fs::read_dir(case.root().join("tables/_tmp")).map_or(0, Iterator::count);
    assert_eq!(left, 0);
}
