//! Pictures through the encoder that a video went through, and back.
//!
//! What a cover hides is measured on pictures that suffered as the video did.
//! The encoder and its quality are taken from the file; where it does not tell,
//! a poorer quality is assumed, so that the measure errs on the safe side.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::process::{Child, Command, Stdio};

use super::{About, Limits};
use crate::Luma;

/// Frames for which each picture stands still: by then an encoder has done what it does to a still picture.
const HELD_FRAMES: usize = 12;

/// Bytes of a file in which an encoder's note is looked for.
const HEAD_BYTES: usize = 256 << 10;

/// Quality assumed where a file does not tell (x264's scale, where 23 is usual and more is worse).
const ASSUMED_QUALITY: u32 = 28;

/// How a video was coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding {
    /// Whether by VP8 or VP9; else as H.264.
    pub vpx: bool,
    /// Constant rate factor.
    pub quality: u32,
}

impl Coding {
    /// The coding of an open file. x264 writes its settings into the stream.
    pub fn of(file: &File, about: &About) -> Self {
        let mut head = vec![0; HEAD_BYTES];
        let length = file.read_at(&mut head, 0).unwrap_or(0);
        let vpx = about.video().is_some_and(|track| track.codec.starts_with("vp"));
        Self { vpx, quality: told(&head[..length]).unwrap_or(ASSUMED_QUALITY) }
    }
}

/// The factor that x264's note states, as in `rc=crf mbtree=1 crf=23.0`.
fn told(head: &[u8]) -> Option<u32> {
    let text = String::from_utf8_lossy(head);
    let note = &text[text.find("x264 - core")?..];
    let number = note[note.find(" crf=")? + 5..].split(['.', ' ', '\0']).next()?;
    number.parse().ok().filter(|quality| *quality <= 51)
}

/// Codes pictures of one size and decodes them again, one for one.
pub fn recode(pictures: &[Luma], coding: Coding, limits: &Limits) -> io::Result<Vec<Luma>> {
    let Some(first) = pictures.first() else { return Ok(Vec::new()) };
    let (width, height) = (first.width, first.height);
    let odd = width % 2 + height % 2 > 0 || width == 0 || height == 0;
    if odd || pictures.iter().any(|picture| (picture.width, picture.height) != (width, height)) {
        return Err(io::Error::other("pictures of one even size are wanted"));
    }
    let mut encoder = encoder(width, height, coding, limits).spawn()?;
    let coded = encoder.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
    let mut decoder = decoder(limits).stdin(coded).spawn()?;
    let mut pipe = encoder.stdin.take().ok_or_else(|| io::Error::other("no pipe"))?;
    let mut back = decoder.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
    let decoded = std::thread::scope(|scope| {
        scope.spawn(move || feed(&mut pipe, pictures));
        take(&mut back, pictures.len(), width, height)
    });
    end(encoder);
    end(decoder);
    decoded
}

fn encoder(width: usize, height: usize, coding: Coding, limits: &Limits) -> Command {
    let mut command = quiet(limits);
    command.args([
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
        "-s",
        &format!("{width}x{height}"),
        "-r",
        "30",
        "-i",
        "pipe:0",
    ]);
    let quality = coding.quality.to_string();
    if coding.vpx {
        command.args(["-c:v", "libvpx-vp9", "-crf", &quality, "-b:v", "0", "-cpu-used", "4", "-row-mt", "0"]);
    } else {
        command.args(["-c:v", "libx264", "-preset", "medium", "-crf", &quality]);
    }
    // As many on every machine: what an encoder does depends on their number.
    command.args(["-threads", "2", "-f", "matroska", "pipe:1"]).stdin(Stdio::piped());
    command
}

fn decoder(limits: &Limits) -> Command {
    let mut command = quiet(limits);
    command.args(["-f", "matroska", "-i", "pipe:0", "-fps_mode", "passthrough", "-vf", "extractplanes=y"]);
    command.args(["-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"]);
    command
}

fn quiet(limits: &Limits) -> Command {
    let mut command = Command::new(&limits.ffmpeg);
    command.args(["-nostdin", "-hide_banner", "-v", "error", "-threads", "1"]).env_clear();
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// Each picture for a while, its chroma gray. A broken pipe shows when too little comes back.
fn feed(pipe: &mut impl Write, pictures: &[Luma]) {
    for picture in pictures {
        let gray = vec![128; picture.pixels.len() / 2];
        for _ in 0..HELD_FRAMES {
            if pipe.write_all(&picture.pixels).and_then(|()| pipe.write_all(&gray)).is_err() {
                return;
            }
        }
    }
}

/// The last of the frames of each picture.
fn take(back: &mut impl Read, count: usize, width: usize, height: usize) -> io::Result<Vec<Luma>> {
    let mut pictures = Vec::with_capacity(count);
    let mut pixels = vec![0; width * height];
    for frame in 0..count * HELD_FRAMES {
        back.read_exact(&mut pixels)?;
        if (frame + 1) % HELD_FRAMES == 0 {
            pictures.push(Luma { width, height, pixels: pixels.clone() });
        }
    }
    Ok(pictures)
}

/// What is wanted has been read, or never will be.
fn end(mut child: Child) {
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_s_note_tells_the_quality() {
        assert_eq!(told(b"\0\0x264 - core 164 r3095 - options: cabac=1 rc=crf mbtree=1 crf=31.0 qcomp=0.60"), Some(31));
        assert_eq!(told(b"x264 - core 164 - options: rc=abr bitrate=800"), None);
        assert_eq!(told(b" crf=23.0"), None);
    }

    #[test]
    fn pictures_come_back_one_for_one() {
        let limits = Limits::default();
        if !limits.ffmpeg.exists() {
            println!("skipped: no ffmpeg");
            return;
        }
        let shade = |level| Luma { width: 64, height: 32, pixels: vec![level; 64 * 32] };
        let pictures: Vec<Luma> = [40, 200, 90].map(shade).into();
        for vpx in [false, true] {
            let back = recode(&pictures, Coding { vpx, quality: 23 }, &limits).unwrap();
            assert_eq!(back.len(), 3);
            for (before, after) in pictures.iter().zip(&back) {
                assert!(before.pixels[0].abs_diff(after.pixels[70]) <= 2, "{} {}", before.pixels[0], after.pixels[70]);
            }
        }
    }
}
