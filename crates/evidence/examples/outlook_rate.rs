//! Mails per second of an Outlook file, rows and texts.
//!
//!     cargo run --release -p evidence --example outlook_rate -- FILE [TIMES]

use std::error::Error;
use std::io::Cursor;
use std::time::Instant;

use arrow_array::RecordBatch;
use evidence::{Drive, Limits, Pass, Sink, ingest};
use model::{Digest, Table};

/// Counts rows of messages.
#[derive(Default)]
struct Messages(usize);

impl Sink for Messages {
    fn batch(&mut self, table: &'static Table, batch: RecordBatch) {
        self.0 += if table.name == "messages" { batch.num_rows() } else { 0 };
    }

    fn begin(&mut self, _ordinal: u64) -> bool {
        true
    }
}

#[allow(clippy::print_stdout)]
fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: outlook_rate FILE [TIMES]")?;
    let times: usize = std::env::args().nth(2).map_or(Ok(1), |times| times.parse())?;
    let bytes = std::fs::read(&path)?;
    let length = bytes.len() as u64;
    let format = ingest::sniff(&bytes[..bytes.len().min(evidence::drive::HEAD_BYTES)], &path).ok_or("no format")?;
    for pass in [Pass::Ingest, Pass::Extract] {
        let (mut messages, started) = (Messages::default(), Instant::now());
        for _ in 0..times {
            for split in format.plan(&mut Cursor::new(&bytes), length)? {
                let drive = Drive::new(pass, Digest([0; 32]), length, Limits::default(), &mut messages);
                drive.read(Some(format), &path, &split, &mut Cursor::new(&bytes));
            }
        }
        let seconds = started.elapsed().as_secs_f64();
        println!("{pass:?}: {} messages, {seconds:.3} s, {:.1} MB", messages.0, (length as usize * times) as f64 / 1e6);
    }
    Ok(())
}
