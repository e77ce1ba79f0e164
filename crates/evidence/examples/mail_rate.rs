//! Mails per second through parse and extract, beside `mail-parser` alone.
//!
//! `cargo run --release -p evidence --example mail_rate -- FOLDER [SECONDS]`
//! reads every file below the folder into memory (an mbox is cut into its
//! messages), then does each kind of work over and over for the time given.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints, and may end on bad arguments")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use evidence::{Drive, Limits, Pass, Sink, ingest};
use model::{Digest, Split, Table};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap();
    let seconds = arguments.next().map_or(3, |seconds| seconds.parse().unwrap());
    let mut mails = Vec::new();
    gather(Path::new(&folder), &mut mails);
    let bytes: usize = mails.iter().map(Vec::len).sum();
    println!("mails {} bytes {bytes}", mails.len());
    let parser = mail_parser::MessageParser::default();
    let alone = rate(&mails, seconds, |mail| {
        std::hint::black_box(parser.parse(mail));
    });
    println!("mail-parser {alone:.0} mails/s");
    for (name, passes) in
        [("parse", &[Pass::Ingest][..]), ("extract", &[Pass::Extract]), ("both", &[Pass::Ingest, Pass::Extract])]
    {
        let ours = rate(&mails, seconds, |mail| passes.iter().for_each(|pass| drive(*pass, mail)));
        println!("{name} {ours:.0} mails/s, {:.2} of mail-parser", ours / alone);
    }
}

/// Rows are built and dropped: writing Parquet is not what is measured.
struct Dropped;

impl Sink for Dropped {
    fn batch(&mut self, _table: &'static Table, batch: RecordBatch) {
        std::hint::black_box(batch);
    }

    fn begin(&mut self, _ordinal: u64) -> bool {
        true
    }
}

fn drive(pass: Pass, mail: &[u8]) {
    let format = ingest::sniff(&mail[..mail.len().min(64 << 10)], "mail.eml");
    let length = mail.len() as u64;
    let mut sink = Dropped;
    let drive = Drive::new(pass, Digest([0; 32]), length, Limits::default(), &mut sink);
    drive.read(format, "mail.eml", &Split::whole(length), &mut std::io::Cursor::new(mail));
}

fn rate(mails: &[Vec<u8>], seconds: u64, mut work: impl FnMut(&[u8])) -> f64 {
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(seconds) {
        mails.iter().for_each(|mail| work(mail));
        done += mails.len();
    }
    done as f64 / begun.elapsed().as_secs_f64()
}

fn gather(folder: &Path, mails: &mut Vec<Vec<u8>>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            gather(&path, mails);
        } else {
            mails.extend(cut(fs::read(path).unwrap()));
        }
    }
}

/// The messages of an mbox, or the one message that the file is.
fn cut(bytes: Vec<u8>) -> Vec<Vec<u8>> {
    if !bytes.starts_with(b"From ") {
        return vec![bytes];
    }
    let mut starts: Vec<usize> = memchr::memmem::find_iter(&bytes, b"\nFrom ").map(|at| at + 1).collect();
    starts.insert(0, 0);
    starts.push(bytes.len());
    let message = |range: &[usize]| {
        let message = &bytes[range[0]..range[1]];
        let envelope_line = memchr::memchr(b'\n', message).map_or(0, |end| end + 1);
        message[envelope_line..].to_vec()
    };
    starts.windows(2).map(message).collect()
}
