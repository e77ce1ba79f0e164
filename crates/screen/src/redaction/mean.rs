//! The picture of a look as it is on average over the time that it stands.
//!
//! What a cover shows stays the same; what coding gets wrong of it does not, since
//! frames are coded one by one. The mean of a second is wrong by a fifth to a third
//! less than one frame is (docs/decisions/0032), and below a weak cover that is what
//! parts one string from another. What changes, though only a little, is no error of
//! coding: there the mean begins anew.

use super::track::overlap;
use crate::{Frame, Luma, Rect};

/// Frames taken of one look, so many milliseconds apart at least: those in between
/// are hardly coded anew.
const APART_MS: u64 = 160;

/// Frames of the mean; what was before fades.
const FRAMES: u32 = 8;

/// Frames after a change that the encoder codes coarsely, and which do not count.
const COARSE: u32 = 2;

/// A pixel that differs by more has changed, in levels, and so has the picture of
/// a region of which one pixel in so many has.
const CODING: i32 = 6;
const CHANGED: usize = 50;

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
    levels: Vec<u16>,
}

impl Mean {
    /// Begins with the first picture of a place.
    pub(super) fn new(place: Rect, frame: &Frame) -> Self {
        let levels = lines(place, frame.luma).flatten().map(|level| scaled(*level) as u16).collect();
        Self { place, next_ms: frame.at_ms + APART_MS, frames: 1, levels }
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
        if self.has_changed(frame.luma, region) {
            *self = Self::new(self.place, frame);
            return;
        }
        (self.next_ms, self.frames) = (frame.at_ms + APART_MS, self.frames + 1);
        let share = PARTS / self.frames.saturating_sub(COARSE).clamp(1, FRAMES) as i32;
        let width = self.place.width as usize;
        for (line, levels) in lines(self.place, frame.luma).zip(self.levels.chunks_exact_mut(width)) {
            for (level, now) in levels.iter_mut().zip(line) {
                let by = scaled(*now) - i32::from(*level);
                let by = if by.abs() > CODING * PARTS { by } else { by * share / PARTS };
                *level = (i32::from(*level) + by) as u16;
            }
        }
    }

    fn has_changed(&self, luma: &Luma, region: Rect) -> bool {
        let Some(region) = overlap(region, self.place) else { return true };
        let differ = |(line, levels): (&[u8], &[u16])| {
            let pairs = line.iter().zip(levels);
            pairs.filter(|(now, level)| (scaled(**now) - i32::from(**level)).abs() > CODING * PARTS).count()
        };
        let changed: usize = lines(region, luma).zip(self.lines(region)).map(differ).sum();
        changed * CHANGED > (region.width * region.height) as usize
    }

    /// The mean of another place of the same region; what was not in the first
    /// begins with this frame.
    pub(super) fn moved(self, place: Rect, frame: &Frame) -> Self {
        if place == self.place {
            return self;
        }
        let mut next = Self { next_ms: self.next_ms, frames: self.frames, ..Self::new(place, frame) };
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

fn scaled(level: u8) -> i32 {
    i32::from(level) * PARTS
}

/// The lines of a place that lies inside a picture.
fn lines(place: Rect, luma: &Luma) -> impl Iterator<Item = &[u8]> {
    let (x, width) = (place.x as usize, place.width as usize);
    (place.y as usize..(place.y + place.height) as usize).map(move |y| &luma.pixels[y * luma.width + x..][..width])
}
