//! Reads one clip and says how long that took: for `./x bench screen`.
//!
//! `cargo run --release -p screen --example screen_rate -- CLIP MODELS`
//!
//! Prints a name and a figure a line: seconds of the clip, seconds of reading,
//! seconds of processor that reading took and that the decoder took, pictures
//! in which something changed, strips that the network read, bytes resident at
//! most.

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
    let (began, loaded) = (Instant::now(), processor_seconds());
    let file = File::open(clip).expect("the clip opens");
    let mut decoder = Decoder::open(&file, &limits).expect("a decoder starts");
    let pipe = decoder.pipe().expect("it has a pipe");
    let (reading, effort, _) = read(&mut Frames::new(pipe, &limits), Some(&models));
    decoder.finish();
    println!("seconds {:.1}", reading.rows.iter().map(|row| row.last_ms).max().unwrap_or(0) as f64 / 1e3);
    println!("reading {:.2}", began.elapsed().as_secs_f64());
    let [own, decoder] = processor_seconds();
    println!("processor {:.2}", own - loaded[0]);
    println!("decoder {decoder:.2}");
    println!("asked {}", effort.network_rows);
    println!("changed {}", effort.frames - effort.still_frames);
    println!("peak {}", peak_bytes());
}

/// Seconds of processor of this process, and of its children that have ended.
fn processor_seconds() -> [f64; 2] {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> = after_name.split_whitespace().skip(11).take(4).flat_map(str::parse).collect();
    // A tick is a hundredth of a second on every Linux.
    let [user, system, childs_user, childs_system] = ticks[..] else { return [0.0; 2] };
    [(user + system) / 100.0, (childs_user + childs_system) / 100.0]
}

fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0) * 1024
}
