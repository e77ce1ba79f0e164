//! The picture of a look as it is on average over the time that it stands.
//!
//! What a cover shows stays the same; what coding gets wrong of it does not, since
//! frames are coded one by one. The mean of a second is wrong by an eighth to a
//! third less than one frame is (docs/decisions/0032), and below a weak cover that is what
//! parts one string from another. What changes, though only a little, is no error of
//! coding: there the mean begins anew.

use super::lines;
use super::track::{CODING, overlap};
use crate::{Frame, Luma, Rect};

/// Frames taken of one look, so many milliseconds apart at least: those in between
/// are hardly coded anew.
const APART_MS: u64 = 160;

/// Frames of the mean; what was before fades.
const FRAMES: u32 = 8;

/// Frames after a change that the encoder codes coarsely, and which do not count.
const COARSE: u32 = 2;

/// The picture of a region has changed if one pixel in so many has.
const CHANGED: usize = 50;

/// Where one in so many has, something else may have come over its edge, as the cover
/// of the next line does: what stood for more frames than these is kept, until that has
/// stood for so many, too.
const TOUCHED: usize = 400;
const TOUCHED_FOR: u32 = 8;

/// Parts of a level that the mean is kept in.
const PARTS: i32 = 128;

/// The mean of one look.
#[derive(Clone, Debug)]
pub(super) struct Mean {
    place: Rect,
    /// When the next frame is taken, in milliseconds.
    next_ms: u64,
    /// Frames taken since the picture changed.
    frames: u32,
    /// Frames not taken since something came over the edge of the region.
    touched: u32,
    levels: Vec<u16>,
}

impl Mean {
    /// Begins with the first picture of a place.
    pub(super) fn new(place: Rect, frame: &Frame) -> Self {
        let levels = lines(place, frame.luma).flatten().map(|level| scaled(*level) as u16).collect();
        Self { place, next_ms: frame.at_ms + APART_MS, frames: 1, touched: 0, levels }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.levels.len() * size_of::<u16>()
    }

    /// Takes a frame in which the region still looks as it did.
    pub(super) fn add(&mut self, frame: &Frame, region: Rect) {
        if frame.at_ms < self.next_ms {
            return;
        }
        let changed = self.changed(frame.luma, region);
        self.next_ms = frame.at_ms + APART_MS;
        self.touched = if changed * TOUCHED > area(region) { self.touched + 1 } else { 0 };
        if (1..TOUCHED_FOR).contains(&self.touched) && self.frames > TOUCHED_FOR {
            return;
        }
        if changed * CHANGED > area(region) {
            *self = Self::new(self.place, frame);
            return;
        }
        self.frames += 1;
        let share = PARTS / self.frames.saturating_sub(COARSE).clamp(1, FRAMES) as i32;
        let width = self.place.width as usize;
        for (line, levels) in lines(self.place, frame.luma).zip(self.levels.chunks_exact_mut(width)) {
            for (level, now) in levels.iter_mut().zip(line) {
                let by = scaled(*now) - i32::from(*level);
                let by = if has_changed(by) { by } else { by * share / PARTS };
                *level = (i32::from(*level) + by) as u16;
            }
        }
    }

    /// How many pixels of the region have changed; all if it lies elsewhere.
    fn changed(&self, luma: &Luma, region: Rect) -> usize {
        let Some(common) = overlap(region, self.place) else { return area(region) };
        let differ = |(line, levels): (&[u8], &[u16])| {
            let pairs = line.iter().zip(levels);
            pairs.filter(|(now, level)| has_changed(scaled(**now) - i32::from(**level))).count()
        };
        lines(common, luma).zip(self.lines(common)).map(differ).sum()
    }

    /// The mean of another place of the same region; what was not in the first
    /// begins with this frame.
    pub(super) fn moved(self, place: Rect, frame: &Frame) -> Self {
        if place == self.place {
            return self;
        }
        let (next_ms, frames, touched) = (self.next_ms, self.frames, self.touched);
        let mut next = Self { next_ms, frames, touched, ..Self::new(place, frame) };
        if let Some(common) = overlap(place, self.place) {
            let to = next.start(common);
            let rows = next.levels[to..].chunks_mut(place.width as usize);
            rows.zip(self.lines(common)).for_each(|(to, from)| to[..from.len()].copy_from_slice(from));
        }
        next
    }

    /// Index of the first pixel of a part.
    fn start(&self, part: Rect) -> usize {
        ((part.y - self.place.y) * self.place.width + part.x - self.place.x) as usize
    }

    /// The lines of a part.
    fn lines(&self, part: Rect) -> impl Iterator<Item = &[u16]> {
        let rows = self.levels[self.start(part)..].chunks(self.place.width as usize);
        rows.take(part.height as usize).map(move |row| &row[..part.width as usize])
    }

    /// The mean in whole levels, if it says more than the last frame; what rounding
    /// leaves of a pixel goes to the next, so that the mean of many is right.
    pub(super) fn picture(&self) -> Option<Luma> {
        if self.frames < COARSE + 2 {
            return None;
        }
        let mut rest = 0;
        let rounded = |level: &u16| {
            let exact = i32::from(*level) + rest;
            let whole = ((exact + PARTS / 2).div_euclid(PARTS)).clamp(0, 255);
            rest = exact - whole * PARTS;
            whole as u8
        };
        let pixels = self.levels.iter().map(rounded).collect();
        Some(Luma { width: self.place.width as usize, height: self.place.height as usize, pixels })
    }
}

/// The mean of pictures of one thing that were coded one after the other; the last if
/// they are too few.
pub(crate) fn mean(coded: &[Luma]) -> Luma {
    let mut frames = coded.iter().zip(0..).map(|(luma, at)| Frame { index: at, at_ms: at * APART_MS, luma });
    let Some(first) = frames.next() else { return Luma::default() };
    let place = Rect { x: 0, y: 0, width: first.luma.width as u32, height: first.luma.height as u32 };
    let mut mean = Mean::new(place, &first);
    frames.for_each(|frame| mean.add(&frame, place));
    mean.picture().or_else(|| coded.last().cloned()).unwrap_or_default()
}

fn area(region: Rect) -> usize {
    (region.width * region.height) as usize
}

/// Whether a pixel differs by more than coding does.
fn has_changed(by: i32) -> bool {
    by.abs() > scaled(CODING)
}

fn scaled(level: u8) -> i32 {
    i32::from(level) * PARTS
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Rect = Rect { x: 1, y: 1, width: 12, height: 8 };

    fn frame(luma: &Luma, at: u64) -> Frame<'_> {
        Frame { index: at, at_ms: at * APART_MS, luma }
    }

    fn picture(level: impl Fn(usize) -> u8) -> Luma {
        Luma { width: 16, height: 10, pixels: (0..160).map(level).collect() }
    }

    /// The mean over all levels of a place.
    fn level(luma: &Luma) -> f32 {
        luma.pixels.iter().map(|level| f32::from(*level)).sum::<f32>() / luma.pixels.len() as f32
    }

    /// What coding gets wrong otherwise in each frame goes, also by less than a level;
    /// coarse frames after a change count for nothing.
    #[test]
    fn errors_of_coding_cancel() {
        let shown: Vec<Luma> = [5, 4, 2, 0, 1, 1, 0, 0, 1, 1].map(|wrong| picture(|_| 100 + wrong)).into();
        let mut mean = Mean::new(PLACE, &frame(&shown[0], 0));
        shown.iter().zip(0..).skip(1).for_each(|(luma, at)| mean.add(&frame(luma, at), PLACE));
        let picture = mean.picture().expect("enough frames");
        assert_eq!((picture.width, picture.height), (12, 8));
        assert!((level(&picture) - 100.75).abs() < 0.15, "{}", level(&picture));
        // Of too few frames there is none.
        assert!(Mean::new(PLACE, &frame(&shown[0], 0)).picture().is_none());
    }

    /// A cover that is moved by a pixel is another picture, and text that comes beside
    /// one is shown as it is.
    #[test]
    fn what_changes_is_not_mixed() {
        let (before, after) = (picture(|at| 100 + (at % 4) as u8 * 10), picture(|at| 100 + ((at + 1) % 4) as u8 * 10));
        let mut mean = Mean::new(PLACE, &frame(&before, 0));
        (1..6).for_each(|at| mean.add(&frame(&before, at), PLACE));
        (6..7).for_each(|at| mean.add(&frame(&after, at), PLACE));
        assert!(mean.picture().is_none());
        (7..10).for_each(|at| mean.add(&frame(&after, at), PLACE));
        let lines: Vec<u8> = lines(PLACE, &after).flatten().copied().collect();
        assert_eq!(mean.picture().map(|picture| picture.pixels), Some(lines));
        let typed = picture(|at| if at % 16 == 12 { 220 } else { after.pixels[at] });
        mean.add(&frame(&typed, 10), Rect { width: 6, ..PLACE });
        assert_eq!(mean.picture().map(|picture| picture.pixels[11]), Some(220));
    }

    /// What comes over the edge of a region for a moment is not its picture; what stays is.
    #[test]
    fn what_only_touches_a_region_is_not_taken() {
        let before = picture(|_| 100);
        for most in [17, 22] {
            let touched = picture(|at| if (17..=most).contains(&at) { 220 } else { 100 });
            let mut mean = Mean::new(PLACE, &frame(&before, 0));
            (1..12).for_each(|at| mean.add(&frame(&before, at), PLACE));
            (12..15).for_each(|at| mean.add(&frame(&touched, at), PLACE));
            assert_eq!(mean.picture().map(|picture| picture.pixels[0]), Some(100));
            (15..25).for_each(|at| mean.add(&frame(&touched, at), PLACE));
            assert_eq!(mean.picture().map(|picture| picture.pixels[0]), Some(220));
        }
    }

    /// A place that grows keeps the mean of what was in it.
    #[test]
    fn a_place_that_moves_keeps_its_mean() {
        let shown = [picture(|_| 100), picture(|_| 101)];
        let mut mean = Mean::new(PLACE, &frame(&shown[0], 0));
        (1..9).for_each(|at| mean.add(&frame(&shown[at as usize % 2], at), PLACE));
        let before = mean.picture().map(|picture| level(&picture));
        let next = Rect { x: 0, width: 10, ..PLACE };
        let moved = mean.moved(next, &frame(&picture(|_| 90), 9)).picture().expect("enough frames");
        assert_eq!((moved.width, moved.pixels[0]), (10, 90));
        let kept: Vec<u8> = moved.pixels.chunks(10).flat_map(|line| line[1..].to_vec()).collect();
        let kept = level(&Luma { width: 9, height: 8, pixels: kept });
        assert!(before.is_some_and(|before| (before - kept).abs() < 0.1), "{before:?} {kept}");
    }

    /// Few copies are no mean: the last is coded best.
    #[test]
    fn copies_of_a_picture_have_one_mean() {
        let copies: Vec<Luma> = (0..6).map(|at| picture(|_| 100 + at % 2)).collect();
        assert!((level(&mean(&copies)) - 100.5).abs() < 0.2);
        assert_eq!(mean(&copies[..2]), copies[1]);
        assert_eq!(mean(&[]), Luma::default());
    }
}
