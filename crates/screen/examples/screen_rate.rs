//! Reads one clip and says how long that took: for `./x bench screen`.
//!
//! `cargo run --release -p screen --example screen_rate -- CLIP MODELS`
//!
//! Prints a name and a figure a line: seconds of the clip, seconds of reading,
//! pictures in which something changed, bytes resident at most.

#![allow(clippy::print_stdout, reason = "an example prints its figures")]

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use screen::media::{Decoder, Frames, Limits};
use screen::read::{Models, read};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [clip, models] = arguments.as_slice() else { panic!("a clip and a folder of models are wanted") };
    let limits = Limits::default();
    let folder = Path::new(models);
    let models = Models::load(&folder.join("PP-OCRv6_det_small.onnx"), &folder.join("PP-OCRv6_rec_small.onnx"))
        .expect("the networks load");
    let began = Instant::now();
    let file = File::open(clip).expect("the clip opens");
    let mut decoder = Decoder::open(&file, &limits).expect("a decoder starts");
    let pipe = decoder.pipe().expect("it has a pipe");
    let (reading, effort, _) = read(&mut Frames::new(pipe, &limits), Some(&models));
    decoder.finish();
    println!("seconds {:.1}", reading.rows.iter().map(|row| row.last_ms).max().unwrap_or(0) as f64 / 1e3);
    println!("reading {:.2}", began.elapsed().as_secs_f64());
    println!("changed {}", effort.frames - effort.still_frames);
    println!("peak {}", peak_bytes());
}

fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0) * 1024
}
