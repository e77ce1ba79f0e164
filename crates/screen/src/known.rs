//! Pictures and clips known again: 256-bit fingerprints in the manner of PDQ,
//! the signs of the low frequencies of a small picture about their median.
//! They outlast re-encoding and scaling, not a crop of more than a few pixels.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use crate::Luma;
use crate::read::scaled;

/// Side of the small picture, and number of frequencies a side.
const SMALL: usize = 64;
const WAVES: usize = 16;
/// Bits that may differ between two copies of a picture.
pub const SAME_AT_MOST: u32 = 40;
/// Contrast below which a picture is too plain to be known again.
const PLAIN: f32 = 4.0;

/// The fingerprint of one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u64; 4]);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|part| write!(f, "{part:016x}"))
    }
}

impl FromStr for Fingerprint {
    type Err = std::num::ParseIntError;

    fn from_str(hex: &str) -> Result<Self, Self::Err> {
        let part = |at: usize| {
            u64::from_str_radix(hex.get(at * 16..at * 16 + 16).filter(|_| hex.len() == 64).unwrap_or(""), 16)
        };
        Ok(Self([part(0)?, part(1)?, part(2)?, part(3)?]))
    }
}

impl Fingerprint {
    /// Of a picture; none if it is too plain.
    pub fn of(luma: &Luma) -> Option<Self> {
        if luma.width < 8 || luma.height < 8 {
            return None;
        }
        let small = scaled(luma, SMALL, SMALL);
        let mean = small.iter().sum::<f32>() / small.len() as f32;
        let spread = small.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / small.len() as f32;
        if spread.sqrt() < PLAIN {
            return None;
        }
        let waves = waves(&small);
        let mut sorted = waves.clone();
        sorted.sort_by(f32::total_cmp);
        let median = sorted[sorted.len() / 2];
        let mut bits = [0u64; 4];
        for (at, _) in waves.iter().enumerate().filter(|(_, wave)| **wave > median) {
            bits[at / 64] |= 1 << (at % 64);
        }
        Some(Self(bits))
    }

    /// Bits that differ, 0 to 256; unrelated pictures are near 128.
    pub fn distance(&self, other: &Self) -> u32 {
        self.0.iter().zip(other.0).map(|(one, other)| (one ^ other).count_ones()).sum()
    }
}

/// Strength of each of the low frequencies but the mean.
fn waves(small: &[f32]) -> Vec<f32> {
    let cos = |wave: usize, at: usize| (std::f32::consts::PI * wave as f32 * (at as f32 + 0.5) / SMALL as f32).cos();
    let table: Vec<Vec<f32>> = (1..=WAVES).map(|wave| (0..SMALL).map(|at| cos(wave, at)).collect()).collect();
    let dot = |wave: &[f32], line: &[f32]| wave.iter().zip(line).map(|(one, other)| one * other).sum::<f32>();
    let across: Vec<Vec<f32>> =
        table.iter().map(|wave| small.chunks_exact(SMALL).map(|line| dot(wave, line)).collect()).collect();
    table.iter().flat_map(|wave| across.iter().map(|column| dot(wave, column)).collect::<Vec<_>>()).collect()
}

/// Pictures of a clip, with their times in milliseconds.
pub type Prints = [(u64, Fingerprint)];

/// How much of a clip came back in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    /// Pictures unlike each other that both show, at the same distance in time.
    pub pictures: usize,
    /// Pictures unlike each other that the clip has.
    pub of: usize,
    /// Milliseconds by which they come later in the other; earlier if negative.
    pub shift_ms: i64,
}

/// Bits below which two pictures of one clip are one: a screen on which little moves.
const ALIKE: u32 = 8;
/// Pictures unlike each other that are compared at most.
const COMPARED: usize = 2_000;
/// Milliseconds by which the distances in time may differ, since pictures are taken once a second.
const ABOUT_MS: i64 = 1_000;
/// Pictures unlike each other by which a video is known again. Of terminals, which
/// all look alike, one may match by chance; three in the same order do not.
const PICTURES: usize = 3;

/// Whether a clip, or a part of it, came back in another. A single picture is
/// known by itself, a video by several pictures at the same distance in time.
pub fn again(clip: &Prints, other: &Prints) -> Option<Again> {
    let (clip, other) = (unlike(clip), unlike(other));
    let mut shifts: BTreeMap<i64, BTreeSet<usize>> = BTreeMap::new();
    for (at, (time, print)) in clip.iter().enumerate() {
        for (then, _) in other.iter().filter(|(_, candidate)| print.distance(candidate) <= SAME_AT_MOST) {
            let shift = (*then as i64 - *time as i64).div_euclid(ABOUT_MS);
            // On the edge of two spans of time a shift belongs to both.
            shifts.entry(shift).or_default().insert(at);
            shifts.entry(shift + 1).or_default().insert(at);
        }
    }
    let (shift, pictures) = shifts.into_iter().max_by_key(|(shift, found)| (found.len(), std::cmp::Reverse(*shift)))?;
    let enough = PICTURES.min(clip.len()).min(other.len());
    let again = Again { pictures: pictures.len(), of: clip.len(), shift_ms: shift * ABOUT_MS };
    let single = clip.len() == 1 || other.len() == 1;
    // A still within a video, or a video that is one still, is one picture: both must be no more.
    (again.pictures >= enough && (!single || clip.len() == other.len())).then_some(again)
}

/// The pictures that differ from the one kept before.
fn unlike(prints: &Prints) -> Vec<(u64, Fingerprint)> {
    let mut kept: Vec<(u64, Fingerprint)> = Vec::new();
    for (at, print) in prints {
        let same = kept.last().is_some_and(|(_, last)| last.distance(print) <= ALIKE);
        if !same && kept.len() < COMPARED {
            kept.push((*at, *print));
        }
    }
    kept
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn picture(seed: u32, width: usize, height: usize) -> Luma {
        let value = |x: usize, y: usize| {
            let (x, y) = (x as f32 / width as f32, y as f32 / height as f32);
            let wave = |k: u32| ((x * (k % 7 + 1) as f32 + y * (k % 5 + 2) as f32 + k as f32) * 3.0).sin();
            (128.0 + 30.0 * (wave(seed) + wave(seed * 3 + 1) + wave(seed * 5 + 2))).clamp(0.0, 255.0) as u8
        };
        let pixels = (0..width * height).map(|at| value(at % width, at / width)).collect();
        Luma { width, height, pixels }
    }

    #[test]
    fn scaled_copies_are_known_and_others_are_not() {
        let print = |seed, width, height| Fingerprint::of(&picture(seed, width, height)).unwrap();
        assert!(print(1, 640, 360).distance(&print(1, 320, 180)) <= SAME_AT_MOST);
        assert!(print(1, 640, 360).distance(&print(4, 640, 360)) > SAME_AT_MOST);
        assert_eq!(Fingerprint::of(&Luma { width: 64, height: 64, pixels: vec![9; 64 * 64] }), None);
    }

    #[test]
    fn a_clip_is_known_in_a_later_one() {
        let print = |at, width, height| Fingerprint::of(&picture(at, width, height)).unwrap();
        let clip: Vec<_> = (1..5).map(|at| (u64::from(at) * 1000, print(at, 320, 180))).collect();
        let later: Vec<_> = (1..5).map(|at| (u64::from(at) * 1000 + 7300, print(at, 640, 360))).collect();
        let found = again(&clip, &later).unwrap();
        assert_eq!((found.pictures, found.of), (4, 4));
        assert!((6_000..=9_000).contains(&found.shift_ms));
        assert_eq!(again(&clip[..2], &later).map(|found| found.pictures), Some(2), "all of a short clip");
        assert_eq!(again(&clip, &[]), None);
        let strangers: Vec<_> = (11..15).map(|at| (u64::from(at) * 1000, print(at, 320, 180))).collect();
        assert_eq!(again(&clip, &strangers), None);
        let turned: Vec<_> = clip.iter().rev().zip(&clip).map(|((_, print), (at, _))| (*at, *print)).collect();
        assert_eq!(again(&clip, &turned), None, "the order in time is part of a clip");
    }

    #[test]
    fn a_still_is_known_by_itself() {
        let print = |seed| [(0, Fingerprint::of(&picture(seed, 320, 180)).unwrap())];
        assert_eq!(again(&print(1), &print(1)).map(|found| found.pictures), Some(1));
        assert_eq!(again(&print(1), &print(4)), None);
    }

    #[test]
    fn prints_are_read_as_they_are_written() {
        let print = Fingerprint::of(&picture(3, 64, 64)).unwrap();
        assert_eq!(print.to_string().parse(), Ok(print));
        assert!("5a".repeat(31).parse::<Fingerprint>().is_err() && "é".repeat(32).parse::<Fingerprint>().is_err());
    }
}
