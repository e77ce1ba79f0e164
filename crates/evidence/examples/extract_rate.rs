//! Measures how fast texts turn into observables, in MB/s on one core.
//!
//! `cargo run --release --example extract_rate -- FILE...`: per file the rate
//! of the scanner alone, of scanner, detectors and rows as a document, and of
//! the same bytes as log lines; the best of five rounds each.
#![allow(clippy::print_stdout)]

use evidence::extract::Extractor;
use evidence::extract::observable::{Policy, scan};
use model::{Role, Text};

/// Bytes per text, as formats hand them over.
const CHUNK_BYTES: usize = 64 << 10;

/// Bytes per round, many times what the clock of the kernel can tell apart.
const LEAST_BYTES: usize = 32 << 20;

fn main() -> std::io::Result<()> {
    for path in std::env::args_os().skip(1) {
        let bytes = std::fs::read(&path)?;
        let mut found = 0;
        let scanner =
            best_rate(&bytes, || found = bytes.chunks(CHUNK_BYTES).map(|text| scan(text, Policy::ALL).len()).sum());
        let mut rows = 0;
        let document = best_rate(&bytes, || rows = extract(&bytes, Role::Document));
        let log = best_rate(&bytes, || {
            extract(&bytes, Role::Log);
        });
        println!(
            "{}: {:.1} MB, {found} observables, {rows} rows; scanner {scanner:.0} MB/s, document {document:.0} MB/s, log {log:.0} MB/s",
            path.to_string_lossy(),
            bytes.len() as f64 / 1e6,
        );
    }
    Ok(())
}

fn extract(bytes: &[u8], role: Role<'_>) -> usize {
    let mut extractor = Extractor::default();
    let mut rows = 0;
    let mut start = 0;
    for chunk in bytes.chunks(CHUNK_BYTES) {
        let text = Text { role, chain: "", start, bytes: chunk, personal: false };
        extractor.text(&text, &mut |_, _, _| rows += 1);
        start += chunk.len() as u64;
    }
    extractor.finish(&mut |_, _, _| rows += 1);
    rows
}

/// Best of five rounds by the time the thread was on a core, so that other
/// work on the machine does not count.
fn best_rate(bytes: &[u8], mut work: impl FnMut()) -> f64 {
    let times = LEAST_BYTES / bytes.len().max(1) + 1;
    let round = |_| {
        let begun = nanos_on_core();
        (0..times).for_each(|_| work());
        (times * bytes.len()) as f64 * 1e3 / (nanos_on_core() - begun).max(1) as f64
    };
    (0..5).map(round).fold(0.0, f64::max)
}

fn nanos_on_core() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}
