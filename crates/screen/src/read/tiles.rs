//! What changed since it was last looked at, in tiles of 8 by 8 pixels.

use std::ops::Range;

use crate::Luma;

/// Side of a tile in pixels.
pub(crate) const TILE: usize = 8;

/// Brightness by which one pixel must differ for its tile to count as changed.
/// Codecs go on refining still pictures by less.
const CHANGED_BY: u8 = 26;

/// Tiles of one frame, true where changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changed {
    pub columns: usize,
    pub rows: usize,
    pub flags: Vec<bool>,
    pub count: usize,
}

impl Changed {
    pub fn everything(luma: &Luma) -> Self {
        let (columns, rows) = (luma.width.div_ceil(TILE), luma.height.div_ceil(TILE));
        Self { columns, rows, flags: vec![true; columns * rows], count: columns * rows }
    }

    /// True if a tile that touches the box changed.
    pub fn touches(&self, left: usize, top: usize, right: usize, bottom: usize) -> bool {
        let last_row = bottom.saturating_sub(1).min((self.rows * TILE).saturating_sub(1)) / TILE;
        let last_column = right.saturating_sub(1).min((self.columns * TILE).saturating_sub(1)) / TILE;
        (top / TILE..=last_row).any(|row| {
            let line = &self.flags[row * self.columns..(row + 1) * self.columns];
            line.get(left / TILE..=last_column).is_some_and(|part| part.contains(&true))
        })
    }
}

impl Changed {
    /// Visits the pixels of changed tiles, line by line of each run of tiles side by side.
    fn each_line(&self, width: usize, height: usize, mut visit: impl FnMut(Range<usize>)) {
        (0..self.rows).for_each(|row| self.each_line_of(row, width, height, &mut visit));
    }

    fn each_line_of(&self, row: usize, width: usize, height: usize, mut visit: impl FnMut(Range<usize>)) {
        let flags = &self.flags[row * self.columns..(row + 1) * self.columns];
        let mut column = 0;
        for run in flags.chunk_by(|one, other| one == other) {
            let (left, right) = (column * TILE, ((column + run.len()) * TILE).min(width));
            column += run.len();
            if run.first() == Some(&true) {
                (row * TILE..((row + 1) * TILE).min(height)).for_each(|y| visit(y * width + left..y * width + right));
            }
        }
    }
}

/// The picture as it was when each tile last changed.
#[derive(Clone, Debug)]
pub(crate) struct Canvas {
    pub luma: Luma,
    line: Vec<u8>,
    /// Brightness by which one pixel must differ.
    by: u8,
}

impl Default for Canvas {
    fn default() -> Self {
        Self { luma: Luma::default(), line: Vec::new(), by: CHANGED_BY }
    }
}

impl Canvas {
    /// One for which every difference is a change.
    pub fn exact(luma: &Luma) -> Self {
        Self { luma: luma.clone(), by: 1, ..Self::default() }
    }

    /// Compares with the next picture and takes over the tiles that changed.
    pub fn update(&mut self, next: &Luma) -> Changed {
        if (self.luma.width, self.luma.height) != (next.width, next.height) {
            self.luma = next.clone();
            return Changed::everything(next);
        }
        let mut changed = Changed::everything(next);
        changed.flags.fill(false);
        changed.count = 0;
        for row in 0..changed.rows {
            self.compare_row(next, row, &mut changed);
        }
        changed
    }

    fn compare_row(&mut self, next: &Luma, row: usize, changed: &mut Changed) {
        let width = next.width;
        let (first, last) = (row * TILE, ((row + 1) * TILE).min(next.height));
        let all = first * width..last * width;
        if self.luma.pixels[all.clone()] == next.pixels[all] {
            return;
        }
        self.line.clear();
        self.line.resize(width, 0);
        for y in first..last {
            let (old, new) = (&self.luma.pixels[y * width..(y + 1) * width], &next.pixels[y * width..(y + 1) * width]);
            for ((most, old), new) in self.line.iter_mut().zip(old).zip(new) {
                *most = (*most).max(old.abs_diff(*new));
            }
        }
        for column in 0..changed.columns {
            let (left, right) = (column * TILE, ((column + 1) * TILE).min(width));
            if self.line[left..right].iter().all(|most| *most < self.by) {
                continue;
            }
            changed.flags[row * changed.columns + column] = true;
            changed.count += 1;
        }
        changed.each_line_of(row, width, next.height, |span| {
            self.luma.pixels[span.clone()].copy_from_slice(&next.pixels[span]);
        });
    }
}

/// The tiles that changed in one frame, with their pixels, to be seen again later.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub index: u64,
    pub at_ms: u64,
    pub changed: Changed,
    pixels: Vec<u8>,
}

impl Event {
    pub fn of(index: u64, at_ms: u64, changed: &Changed, frame: &Luma) -> Self {
        let mut pixels = Vec::with_capacity(changed.count * TILE * TILE);
        changed.each_line(frame.width, frame.height, |span| pixels.extend_from_slice(&frame.pixels[span]));
        Self { index, at_ms, changed: changed.clone(), pixels }
    }

    pub fn bytes(&self) -> usize {
        self.pixels.len() + self.changed.flags.len()
    }

    /// Puts the changed tiles into a picture of the same size.
    pub fn apply(&self, to: &mut Luma) {
        let (width, height) = (to.width, to.height);
        let mut at = 0;
        self.changed.each_line(width, height, |span| {
            let length = span.len();
            to.pixels[span].copy_from_slice(&self.pixels[at..at + length]);
            at += length;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Changes kept and put back give the picture as it was, at sides that are no whole tiles too.
    #[test]
    fn what_changed_is_put_back() {
        let mut luma = Luma { width: 45, height: 27, pixels: vec![40; 45 * 27] };
        let mut canvas = Canvas::default();
        assert_eq!(canvas.update(&luma).count, 6 * 4);
        let mut again = luma.clone();
        let changes: [&[(usize, usize)]; 4] = [&[(0, 0)], &[(9, 9), (17, 9), (40, 9)], &[(44, 26)], &[]];
        for (index, places) in changes.into_iter().enumerate() {
            places.iter().for_each(|(x, y)| luma.pixels[y * 45 + x] = 200);
            let changed = canvas.update(&luma);
            assert_eq!(changed.count, places.len());
            Event::of(index as u64, 0, &changed, &luma).apply(&mut again);
            assert_eq!((&again, &canvas.luma), (&luma, &luma));
        }
    }
}
