//! Reads files as the worker does and prints, for each, its format, its rows by
//! table and its losses: `survey FOLDER...`.

#![allow(clippy::print_stdout, reason = "a survey prints")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use evidence::{Drive, Limits, Pass, Sink, ingest};
use model::{Digest, Split, Table};

#[derive(Default)]
struct Counts {
    rows: BTreeMap<&'static str, usize>,
    losses: BTreeMap<String, u64>,
}

impl Sink for Counts {
    fn batch(&mut self, table: &'static Table, batch: RecordBatch) {
        *self.rows.entry(table.name).or_default() += batch.num_rows();
        let column = |name: &str| batch.column_by_name(name).map(|column| column.as_string::<i32>().clone());
        if let (true, Some(reasons), Some(details)) = (table.name == "losses", column("reason"), column("detail")) {
            for row in 0..batch.num_rows() {
                let loss = format!("{} ({})", reasons.value(row), details.value(row));
                *self.losses.entry(loss).or_default() += 1;
            }
        }
    }

    fn begin(&mut self, _offset: u64) -> bool {
        true
    }
}

fn main() {
    let mut files = Vec::new();
    for argument in std::env::args().skip(1) {
        gather(Path::new(&argument), &mut files);
    }
    files.sort();
    for file in files {
        survey(&file);
    }
}

fn gather(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            gather(&entry.path(), files);
        }
    } else {
        files.push(path.to_owned());
    }
}

fn survey(path: &Path) {
    let Ok(mut file) = fs::File::open(path) else { return };
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let mut head = Vec::new();
    let _ = (&mut file).take(evidence::drive::HEAD_BYTES as u64).read_to_end(&mut head);
    let name = path.to_string_lossy();
    let format = ingest::sniff(&head, &name);
    let mut counts = Counts::default();
    let start = std::time::Instant::now();
    for pass in [Pass::Ingest, Pass::Extract] {
        let Ok(mut file) = fs::File::open(path) else { return };
        let drive = Drive::new(pass, Digest([0; 32]), length, Limits::default(), &mut counts);
        drive.read(format, &name, &Split::whole(length), &mut file);
    }
    let format = format.map_or("none", |format| format.entry().name);
    println!("{name}: {format} {:?} {:?} {} ms", counts.rows, counts.losses, start.elapsed().as_millis());
}
