//! Prints which of the given videos and images are known again in which others.
//!
//! `known_again FILE...`: one line for each pair that is told as one, and the
//! nearest pair of pictures for each that is not.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::fs::File;
use std::os::fd::OwnedFd;

use screen::known::{Fingerprint, again};
use screen::media::{Decoder, Frames, Limits, OwnedFrame};

fn prints(path: &str) -> std::io::Result<Vec<(u64, Fingerprint)>> {
    let limits = Limits::default();
    let file = File::open(path)?;
    let mut decoder = Decoder::open(&file, &limits).map_err(|loss| std::io::Error::other(loss.to_string()))?;
    let pipe = decoder.pipe().ok_or_else(|| std::io::Error::other("no pipe"))?;
    let mut frames = Frames::new(File::from(OwnedFd::from(pipe)), &limits);
    let (mut frame, mut prints) = (OwnedFrame::default(), Vec::<(u64, Fingerprint)>::new());
    while let Ok(true) = frames.next_into(&mut frame) {
        if prints.last().is_none_or(|(at, _)| frame.at_ms >= at + 1000) {
            prints.extend(Fingerprint::of(&frame.luma).map(|print| (frame.at_ms, print)));
        }
    }
    Ok(prints)
}

fn main() -> std::io::Result<()> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let clips = files.iter().map(|file| prints(file)).collect::<Result<Vec<_>, _>>()?;
    for (at, clip) in clips.iter().enumerate() {
        for (other_at, other) in clips.iter().enumerate().skip(at + 1) {
            let nearest = clip.iter().flat_map(|(_, one)| other.iter().map(|(_, two)| one.distance(two))).min();
            let told = again(clip, other)
                .map_or_else(|| format!("strangers, nearest {nearest:?}"), |again| format!("{again:?}"));
            println!("{} {}: {told}", files[at], files[other_at]);
        }
    }
    Ok(())
}
