//! Real recordings of terminals, with the models, where both are at hand.

use std::path::Path;

use screen::Reading;
use screen::media::{Decoder, Frames, Limits};
use screen::read::{Models, read};

use crate::material::{has_ffmpeg, models, open, shared};

fn reading(path: &Path, models: Option<&Models>) -> Reading {
    let limits = Limits::default();
    let mut decoder = Decoder::open(&open(path), &limits).unwrap();
    let (reading, _, loss) = read(&mut Frames::new(decoder.pipe().unwrap(), &limits), models);
    assert_eq!(loss.or(decoder.finish()), None);
    reading
}

fn has(reading: &Reading, text: &str) -> bool {
    reading.rows.iter().any(|row| row.text == text)
}

#[test]
fn a_terminal_is_read_to_the_letter() {
    let (true, Some(path), Some(models)) = (has_ffmpeg(), shared("c3_mate720_15fps.mp4"), models()) else { return };
    let once = reading(&path, Some(&models));
    for text in [
        r#""exit": ["203.0.113.12", "203.0.113.77"],"#,
        "-rw-r--r-- 1 root root    0 Nov 22 01:20 voice_take2.wav",
        "[hadi@DESKTOP-R71 ~]$ curl -x socks5://192.0.2.201:9050 https://files.example/upload",
        "6:  \"mail\": \"h.rostami@mailbox.example\"",
    ] {
        assert!(has(&once, text), "{text}");
    }
    let other = reading(&path, Some(&models.with_lanes(1)));
    assert_eq!(once, other, "the number of threads must not matter");
}

#[test]
fn nothing_is_read_where_all_is_covered() {
    let (true, Some(path), Some(models)) = (has_ffmpeg(), shared("b10_control_solid_all.mp4"), models()) else {
        return;
    };
    assert_eq!(reading(&path, Some(&models)).rows, []);
}

#[test]
fn the_grid_is_found_without_models() {
    let (true, Some(path)) = (has_ffmpeg(), shared("c3_mate720_15fps.mp4")) else { return };
    let reading = reading(&path, None);
    assert_eq!(reading.grids.len(), 1);
    assert_eq!((reading.grids[0].cell_width, reading.grids[0].cell_height), (8.0, 19.0));
}
