//! What the pictures of a self-test go through: the coding of their video, or without
//! an encoder plain noise.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use crate::Luma;
use crate::redaction;

/// Codes pictures as the video was coded and decodes them again, one for one.
pub type Reencode<'a> = &'a dyn Fn(&[Luma]) -> io::Result<Vec<Luma>>;

/// Self-tests whose coded pictures are kept: the same strings are read freely, held to
/// a form and by habits.
const KEPT: usize = 3;

/// What pictures of a self-test go through.
pub(crate) struct Coder<'a> {
    reencode: Option<Reencode<'a>>,
    /// Pictures that came back last, by what went in.
    kept: RefCell<Vec<(u64, Vec<Luma>)>>,
}

impl<'a> Coder<'a> {
    pub(crate) fn new(reencode: Option<Reencode<'a>>) -> Self {
        Self { reencode, kept: RefCell::default() }
    }

    /// The mean of what comes back of each picture, shown so many times; none
    /// without an encoder.
    pub(super) fn coded(&self, canvases: &[(Luma, usize)]) -> Option<Vec<Luma>> {
        let reencode = self.reencode?;
        let mut hasher = DefaultHasher::new();
        canvases.iter().for_each(|(canvas, shown)| (canvas.width, shown, &canvas.pixels).hash(&mut hasher));
        let key = hasher.finish();
        if let Some((_, decoded)) = self.kept.borrow().iter().find(|(known, _)| *known == key) {
            return Some(decoded.clone());
        }
        let pictures: Vec<Luma> =
            canvases.iter().flat_map(|(canvas, shown)| std::iter::repeat_n(canvas, *shown).cloned()).collect();
        let decoded = reencode(&pictures).ok().filter(|decoded| decoded.len() == pictures.len())?;
        let mut left = decoded.as_slice();
        let means = canvases.iter().map(|(_, shown)| redaction::mean(left.split_off(..*shown).unwrap_or_default()));
        let means: Vec<Luma> = means.collect();
        let mut kept = self.kept.borrow_mut();
        kept.truncate(KEPT - 1);
        kept.insert(0, (key, means.clone()));
        Some(means)
    }
}

/// A picture shown so many times, each with the noise that coding would leave.
pub(super) fn plain(canvases: &[(Luma, usize)]) -> Vec<Luma> {
    let mut seeds = 0..;
    let shown = |(canvas, shown): &(Luma, usize)| {
        let noisy: Vec<Luma> = (0..*shown).zip(&mut seeds).map(|(_, seed)| noisy(canvas, seed)).collect();
        redaction::mean(&noisy)
    };
    canvases.iter().map(shown).collect()
}

/// Adds noise of about two levels, the same for the same seed.
fn noisy(picture: &Luma, seed: u64) -> Luma {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % 7) as i16 - 3
    };
    let pixels = picture.pixels.iter().map(|pixel| (i16::from(*pixel) + next()).clamp(0, 255) as u8).collect();
    Luma { pixels, ..*picture }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// The same pictures are coded once, also where other self-tests come between, and
    /// what comes back is the mean of all times that a picture was shown.
    #[test]
    fn the_same_pictures_are_coded_once() {
        let calls = Cell::new(0);
        let darker = |pictures: &[Luma]| {
            calls.set(calls.get() + 1);
            let darken = |luma: &Luma| Luma { pixels: luma.pixels.iter().map(|level| level - 10).collect(), ..*luma };
            Ok(pictures.iter().map(darken).collect())
        };
        let coder = Coder::new(Some(&darker));
        let shown = |level: u8, times: usize| [(Luma { width: 4, height: 4, pixels: vec![level; 16] }, times)];
        let levels = |coded: Option<Vec<Luma>>| coded.map(|coded| coded[0].pixels[0]);
        assert_eq!(levels(coder.coded(&shown(90, 3))), Some(80));
        assert_eq!(levels(coder.coded(&shown(60, 3))), Some(50));
        assert_eq!((levels(coder.coded(&shown(90, 3))), calls.get()), (Some(80), 2));
        assert_eq!((levels(coder.coded(&shown(90, 2))), calls.get()), (Some(80), 3));
        let short = |_: &[Luma]| Ok(Vec::new());
        assert!(Coder::new(Some(&short)).coded(&shown(90, 3)).is_none(), "an encoder that died");
        assert!(Coder::new(None).coded(&shown(90, 3)).is_none());
    }
}
