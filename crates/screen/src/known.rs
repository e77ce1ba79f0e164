//! Pictures and clips known again: 256-bit fingerprints in the manner of PDQ,
//! the signs of the low frequencies of a small picture about their median.
//! They outlast re-encoding and scaling, not a crop of more than a few pixels.

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

/// Share of a clip's key pictures that another clip holds too, at about the
/// same distance in time. Both are times in milliseconds with fingerprints.
pub fn shared(clip: &[(u64, Fingerprint)], other: &[(u64, Fingerprint)]) -> f32 {
    let mut best = 0;
    for shift in clip.iter().flat_map(|(at, _)| other.iter().map(|(then, _)| *then as i64 - *at as i64)) {
        let found = clip.iter().filter(|(at, print)| {
            let near = other.iter().filter(|(then, _)| (*then as i64 - *at as i64 - shift).abs() <= 1000);
            near.into_iter().any(|(_, candidate)| print.distance(candidate) <= SAME_AT_MOST)
        });
        best = best.max(found.count());
    }
    if clip.is_empty() { 0.0 } else { best as f32 / clip.len() as f32 }
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
        let clip: Vec<_> =
            (1..5).map(|at| (u64::from(at) * 1000, Fingerprint::of(&picture(at, 320, 180)).unwrap())).collect();
        let later: Vec<_> = clip.iter().map(|(at, print)| (at + 7300, *print)).collect();
        assert_eq!(shared(&clip, &later), 1.0);
        assert_eq!(shared(&clip, &[]), 0.0);
    }
}
