//! Prints what Handprint reads in each mail of a folder, one JSON line per
//! file, for `benches/compare_mail.py`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, RecordBatch};
use evidence::{Drive, Limits, Pass, Sink, ingest};
use model::{Digest, Split, Table};
use serde_json::{Value, json};

#[derive(Default)]
struct Kept(BTreeMap<&'static str, Vec<Value>>);

impl Sink for Kept {
    fn batch(&mut self, table: &'static Table, batch: RecordBatch) {
        let schema = batch.schema();
        for row in 0..batch.num_rows() {
            let cells = schema.fields().iter().zip(batch.columns()).filter(|(_, column)| column.is_valid(row));
            let cells = cells.map(|(field, column)| (field.name().clone(), cell(column, row)));
            self.0.entry(table.name).or_default().push(cells.collect::<serde_json::Map<_, _>>().into());
        }
    }

    fn begin(&mut self, _ordinal: u64) -> bool {
        true
    }
}

fn cell(column: &dyn Array, row: usize) -> Value {
    if let Some(text) = column.as_string_opt::<i32>() {
        text.value(row).into()
    } else if let Some(time) = column.as_primitive_opt::<TimestampMicrosecondType>() {
        time.value(row).into()
    } else {
        Value::Null
    }
}

#[allow(clippy::print_stdout)]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: mail_json FOLDER")?;
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    for path in paths {
        let bytes = std::fs::read(&path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut kept = Kept::default();
        let format = ingest::sniff(&bytes[..bytes.len().min(64 << 10)], &name);
        let length = bytes.len() as u64;
        let drive = Drive::new(Pass::Ingest, Digest([0; 32]), length, Limits::default(), &mut kept);
        drive.read(format, &name, &Split::whole(length), &mut std::io::Cursor::new(&bytes));
        println!("{}", json!({ "file": name, "tables": kept.0 }));
    }
    Ok(())
}
