//! Prints the observables of files as JSON lines, for `benches/ioc_recall.py`.
//!
//! `cargo run --release --example observables -- FILE...`
#![allow(clippy::print_stdout)]

use std::io::Write;

use evidence::extract::observable::{Policy, scan};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for path in std::env::args_os().skip(1) {
        let text = std::fs::read(&path)?;
        for hit in scan(&text, Policy::ALL) {
            let row = serde_json::json!({
                "file": path.to_string_lossy(),
                "kind": hit.kind.word(),
                "value": hit.value,
                "raw": String::from_utf8_lossy(&text[hit.start..hit.end]),
                "start": hit.start,
                "rejected": hit.rejected,
            });
            writeln!(out, "{row}")?;
        }
    }
    out.flush()
}
