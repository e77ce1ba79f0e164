//! What a container says of itself, by `ffprobe`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde::Deserialize;

use super::{Limits, Loss, Watch, first_bytes, input, spawn};

/// Bytes of the answer at most; a container can hold any number of tags.
const ANSWER_AT_MOST: u64 = 4 << 20;

/// A container's account of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// Names of the format, as ffmpeg calls it.
    pub format: String,
    /// Length in milliseconds, where stated.
    pub duration_ms: Option<u64>,
    /// All tags of the container: `creation_time`, `encoder`, `location`, `com.apple.quicktime.model` and so on.
    pub tags: BTreeMap<String, String>,
    /// Its tracks.
    pub tracks: Vec<Track>,
}

/// One track of a container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// `video`, `audio`, `subtitle`, `data`.
    pub kind: String,
    /// The codec's short name.
    pub codec: String,
    /// Pixels in a row, of a video.
    pub width: u32,
    /// Rows, of a video.
    pub height: u32,
    /// Frames a second as a fraction, `30/1`.
    pub rate: String,
    /// All tags of the track: `handler_name`, `vendor_id`, `language`, `creation_time`.
    pub tags: BTreeMap<String, String>,
}

impl About {
    /// The first tag of that name, of the container before its tracks, whatever the case.
    pub fn tag(&self, name: &str) -> Option<&str> {
        let all = std::iter::once(&self.tags).chain(self.tracks.iter().map(|track| &track.tags));
        all.flatten().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first picture track.
    pub fn video(&self) -> Option<&Track> {
        self.tracks.iter().find(|track| track.kind == "video")
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    format: Format,
    #[serde(default)]
    streams: Vec<Stream>,
}

#[derive(Deserialize, Default)]
struct Format {
    #[serde(default)]
    format_name: String,
    duration: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Stream {
    #[serde(default)]
    codec_type: String,
    #[serde(default)]
    codec_name: String,
    #[serde(default)]
    width: u32,
    #[serde(default)]
    height: u32,
    #[serde(default)]
    r_frame_rate: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// Asks `ffprobe` about an open file.
pub fn about(file: &File, limits: &Limits) -> Result<About, Loss> {
    if file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0) {
        return Err(Loss::Empty);
    }
    let mut command = Command::new(&limits.ffprobe);
    command.args(["-hide_banner", "-v", "error", "-of", "json", "-show_format", "-show_streams"]);
    input(&mut command);
    let mut child = spawn(&mut command, file, limits)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let complaints = stderr.map(|from| std::thread::spawn(move || first_bytes(from)));
    let child = Arc::new(Mutex::new(child));
    let watch = Watch::over(&child, limits.wall);
    let mut answer = Vec::new();
    if let Some(stdout) = stdout {
        let _ = stdout.take(ANSWER_AT_MOST).read_to_end(&mut answer);
    }
    let time_up = watch.end();
    if let Ok(mut child) = child.lock() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let complaint = complaints.and_then(|thread| thread.join().ok()).unwrap_or_default();
    if time_up {
        return Err(Loss::TimeUp(limits.wall.as_secs()));
    }
    told(&answer, limits).ok_or_else(|| Loss::NoPicture(complaint.lines().next().unwrap_or_default().to_owned()))?
}

fn told(answer: &[u8], limits: &Limits) -> Option<Result<About, Loss>> {
    let answer: Answer = serde_json::from_slice(answer).ok()?;
    let tracks = answer.streams.into_iter().map(|stream| Track {
        kind: stream.codec_type,
        codec: stream.codec_name,
        width: stream.width,
        height: stream.height,
        rate: stream.r_frame_rate,
        tags: stream.tags,
    });
    let duration = answer.format.duration.and_then(|text| text.parse::<f64>().ok());
    let about = About {
        format: answer.format.format_name,
        duration_ms: duration.map(|seconds| (seconds.max(0.0) * 1000.0) as u64),
        tags: answer.format.tags,
        tracks: tracks.collect(),
    };
    let video = about.video()?;
    let (width, height) = (u64::from(video.width), u64::from(video.height));
    if width * height > limits.pixels || width.max(height) > u64::from(limits.side) {
        return Some(Err(Loss::TooLarge { width, height }));
    }
    Some(Ok(about))
}
