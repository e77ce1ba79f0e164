//! Hostile media: each ends as a stated loss within its limits.

use std::path::Path;
use std::time::Duration;

use screen::media::{Decoder, Frames, Limits, Loss, OwnedFrame, about};

use crate::material::{has_ffmpeg, made, open};

/// Times of the pictures of a file, and what was lost.
fn decoded(path: &Path, limits: &Limits) -> (Vec<OwnedFrame>, Vec<Loss>) {
    let mut losses = Vec::new();
    let mut decoder = match Decoder::open(&open(path), limits) {
        Ok(decoder) => decoder,
        Err(loss) => return (Vec::new(), vec![loss]),
    };
    let mut frames = Vec::new();
    for frame in Frames::new(decoder.pipe().unwrap(), limits) {
        match frame {
            Ok(frame) => frames.push(frame),
            Err(loss) => {
                losses.push(loss);
                break;
            }
        }
    }
    losses.extend(decoder.finish());
    (frames, losses)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn frames_keep_their_times() {
    if !has_ffmpeg() {
        return;
    }
    let folder = folder();
    let steady = made(folder.path(), "a.mp4", "-f lavfi -i testsrc=s=64x48:r=10:d=1 -pix_fmt yuv420p");
    let (frames, losses) = decoded(&steady, &Limits::default());
    let times: Vec<u64> = frames.iter().map(|frame| frame.at_ms).collect();
    assert_eq!(times, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    assert_eq!(losses, []);
    assert!(frames.iter().all(|frame| (frame.luma.width, frame.luma.height) == (64, 48)));
}

#[test]
fn a_variable_rate_stays_variable() {
    if !has_ffmpeg() {
        return;
    }
    let folder = folder();
    let words =
        "-f lavfi -i testsrc=s=64x48:r=20:d=2 -vf select=lt(n\\,5)+not(mod(n\\,10)) -vsync vfr -pix_fmt yuv420p";
    let (frames, losses) = decoded(&made(folder.path(), "a.mkv", words), &Limits::default());
    let times: Vec<u64> = frames.iter().map(|frame| frame.at_ms).collect();
    assert_eq!(times, [0, 50, 100, 150, 200, 500, 1000, 1500]);
    assert_eq!(losses, []);
}

#[test]
fn images_are_videos_of_one_picture() {
    if !has_ffmpeg() {
        return;
    }
    let folder = folder();
    for (name, more) in [("a.png", ""), ("a.jpg", ""), ("a.gif", ""), ("one.png", ",scale=1:1")] {
        let words = format!("-f lavfi -i testsrc=s=64x48,format=rgb24{more} -frames:v 1");
        let (frames, losses) = decoded(&made(folder.path(), name, &words), &Limits::default());
        assert_eq!((frames.len(), losses), (1, vec![]), "{name}");
        assert_eq!(frames[0].at_ms, 0);
    }
}

#[test]
fn a_name_does_not_matter() {
    if !has_ffmpeg() {
        return;
    }
    let folder = folder();
    let video = made(folder.path(), "a.mp4", "-f lavfi -i testsrc=s=64x48:r=10:d=1 -pix_fmt yuv420p");
    for name in ["concat:a|b.txt", "-i.png", "http:evil.mp4", "%03d.jpg"] {
        let other = folder.path().join(name);
        std::fs::copy(&video, &other).unwrap();
        assert_eq!(decoded(&other, &Limits::default()).0.len(), 10, "{name}");
    }
}

#[test]
fn lists_of_other_files_are_not_followed() {
    if !has_ffmpeg() {
        return;
    }
    let folder = folder();
    let video = made(folder.path(), "a.ts", "-f lavfi -i testsrc=s=64x48:r=10:d=1 -pix_fmt yuv420p");
    let lists = [
        format!("ffconcat version 1.0\nfile '{}'\n", video.display()),
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n", video.display()),
    ];
    for list in lists {
        let path = folder.path().join("list");
        std::fs::write(&path, list).unwrap();
        let (frames, losses) = decoded(&path, &Limits::default());
        assert!(frames.is_empty() && !losses.is_empty(), "{losses:?}");
    }
}

#[test]
fn broken_files_are_losses() {
    if !has_ffmpeg() {
        return;
    }
    let folder = folder();
    let path = folder.path().join("broken");
    std::fs::write(&path, "").unwrap();
    assert_eq!(decoded(&path, &Limits::default()).1, [Loss::Empty]);
    std::fs::write(&path, "not a video at all, just words\n".repeat(100)).unwrap();
    let (frames, losses) = decoded(&path, &Limits::default());
    assert!(frames.is_empty() && !losses.is_empty());
    assert!(about(&open(&path), &Limits::default()).is_err());
    let sound = made(folder.path(), "a.wav", "-f lavfi -i sine=d=1");
    let (frames, losses) = decoded(&sound, &Limits::default());
    assert!(frames.is_empty() && !losses.is_empty());
    assert!(about(&open(&sound), &Limits::default()).is_err());
}

#[test]
fn a_cut_file_gives_what_there_is() {
    if !has_ffmpeg() {
        return;
    }
    let folder = folder();
    let whole = made(folder.path(), "a.mkv", "-f lavfi -i testsrc=s=320x240:r=10:d=4 -c:v libx264 -pix_fmt yuv420p");
    let bytes = std::fs::read(&whole).unwrap();
    let cut = folder.path().join("cut.mkv");
    std::fs::write(&cut, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let (frames, losses) = decoded(&cut, &Limits::default());
    assert!(!frames.is_empty() && frames.len() < 40, "{} {losses:?}", frames.len());
    assert!(!losses.is_empty());
}

#[test]
fn limits_hold() {
    if !has_ffmpeg() {
        return;
    }
    let folder = folder();
    let wide = made(folder.path(), "wide.png", "-f lavfi -i color=s=16384x16 -frames:v 1");
    let (frames, losses) = decoded(&wide, &Limits::default());
    assert!(frames.is_empty());
    assert_eq!(losses[0], Loss::TooLarge { width: 16384, height: 16 });
    assert_eq!(about(&open(&wide), &Limits::default()), Err(Loss::TooLarge { width: 16384, height: 16 }));
    let many = made(folder.path(), "many.mkv", "-f lavfi -i color=s=2x2:r=1000:d=10 -c:v ffv1");
    let limits = Limits { frames: 9000, ..Limits::default() };
    let (frames, losses) = decoded(&many, &limits);
    assert_eq!((frames.len(), &losses[0]), (9000, &Loss::TooManyFrames(9000)));
    assert_eq!(decoded(&many, &Limits::default()).0.len(), 10_000);
}

#[test]
fn time_runs_out() {
    if !has_ffmpeg() {
        return;
    }
    let folder = folder();
    let long = made(folder.path(), "a.mkv", "-f lavfi -i testsrc=s=640x480:r=30:d=20 -c:v libx264 -preset ultrafast");
    let limits = Limits { wall: Duration::from_millis(30), ..Limits::default() };
    let (_, losses) = decoded(&long, &limits);
    assert!(losses.contains(&Loss::TimeUp(0)), "{losses:?}");
    let limits = Limits { memory_bytes: 20 << 20, ..Limits::default() };
    let (frames, losses) = decoded(&long, &limits);
    assert!(frames.len() < 600 && !losses.is_empty(), "{} {losses:?}", frames.len());
}

#[test]
fn a_killed_decoder_is_a_loss() {
    if !has_ffmpeg() {
        return;
    }
    let folder = folder();
    let long = made(folder.path(), "a.mkv", "-f lavfi -i testsrc=s=640x480:r=30:d=20 -c:v libx264 -preset ultrafast");
    let limits = Limits::default();
    let mut decoder = Decoder::open(&open(&long), &limits).unwrap();
    let mut frames = Frames::new(decoder.pipe().unwrap(), &limits);
    assert!(frames.next().unwrap().is_ok());
    let pid = rustix::process::Pid::from_raw(decoder.id() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    assert!(frames.take(1000).take_while(Result::is_ok).count() < 590);
    assert_eq!(decoder.finish(), Some(Loss::Killed(9)));
}

#[test]
fn containers_tell_of_themselves() {
    if !has_ffmpeg() {
        return;
    }
    let folder = folder();
    let words = "-f lavfi -i testsrc=s=64x48:r=10:d=1 -pix_fmt yuv420p -metadata creation_time=2024-03-12T21:47:09Z -metadata comment=draft -movflags use_metadata_tags -metadata location=+52.5-013.4/";
    let about = about(&open(&made(folder.path(), "a.mp4", words)), &Limits::default()).unwrap();
    assert_eq!(about.tag("creation_time"), Some("2024-03-12T21:47:09Z"));
    assert_eq!(about.tag("comment"), Some("draft"));
    assert!(about.tag("encoder").unwrap().starts_with("Lavf"));
    assert_eq!(about.duration_ms, Some(1000));
    let video = about.video().unwrap();
    assert_eq!((video.codec.as_str(), video.width, video.height), ("h264", 64, 48));
}
