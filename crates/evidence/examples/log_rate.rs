//! Prints how many megabytes a second a file goes through one pass at:
//! `log_rate FILE [ingest|extract] [TIMES]`. Rows are counted and dropped.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::time::Instant;

use arrow_array::RecordBatch;
use evidence::{Drive, Limits, Pass, Sink, ingest};
use model::{Digest, Table};

#[derive(Default)]
struct Counting(BTreeMap<&'static str, usize>);

impl Sink for Counting {
    fn batch(&mut self, table: &'static Table, batch: RecordBatch) {
        *self.0.entry(table.name).or_default() += batch.num_rows();
    }

    fn begin(&mut self, _ordinal: u64) -> bool {
        true
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (path, pass) = (&arguments[0], arguments.get(1).map_or("ingest", String::as_str));
    let pass = if pass == "extract" { Pass::Extract } else { Pass::Ingest };
    let times = arguments.get(2).map_or(3, |times| times.parse().unwrap());
    let bytes = std::fs::read(path).unwrap();
    let format = ingest::sniff(&bytes[..bytes.len().min(64 << 10)], path);
    println!("format {}", format.map_or("none", |format| format.entry().name));
    for _ in 0..times {
        let mut counting = Counting::default();
        let started = Instant::now();
        let length = bytes.len() as u64;
        let split = model::Split::whole(length);
        Drive::new(pass, Digest([0; 32]), length, Limits::default(), &mut counting).read(
            format,
            path,
            &split,
            &mut std::io::Cursor::new(&bytes),
        );
        let seconds = started.elapsed().as_secs_f64();
        println!("{:.0} MB/s {:?}", bytes.len() as f64 / 1e6 / seconds, counting.0);
    }
}
