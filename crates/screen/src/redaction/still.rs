//! Since when each place of the picture looks as it does.

use super::tiles::TILE;
use crate::{Frame, Luma, Rect};

/// A pixel that differs by more from what stood there has changed: coding
/// refines by less.
const CHANGED: u8 = 24;

/// What stood where, and since when.
#[derive(Clone, Debug, Default)]
pub(super) struct Stillness {
    /// Each tile as it was when it last changed.
    picture: Luma,
    /// When that was, in milliseconds.
    since_ms: Vec<u64>,
}

impl Stillness {
    /// Takes the next picture.
    pub(super) fn frame(&mut self, frame: &Frame) {
        let (luma, columns) = (frame.luma, frame.luma.width.div_ceil(TILE));
        if (luma.width, luma.height) != (self.picture.width, self.picture.height) {
            self.picture.clone_from(luma);
            self.since_ms = vec![frame.at_ms; columns * luma.height.div_ceil(TILE)];
            return;
        }
        for row in 0..luma.height.div_ceil(TILE) {
            let lines = row * TILE..((row + 1) * TILE).min(luma.height);
            let span = lines.start * luma.width..lines.end * luma.width;
            // Most lines have not changed; those need no second look.
            if luma.pixels[span.clone()] != self.picture.pixels[span] {
                (0..columns).for_each(|column| self.tile(luma, column, lines.clone(), row * columns, frame.at_ms));
            }
        }
    }

    fn tile(&mut self, luma: &Luma, column: usize, lines: std::ops::Range<usize>, first: usize, at_ms: u64) {
        let (left, right) = (column * TILE, ((column + 1) * TILE).min(luma.width));
        let spans = || lines.clone().map(|y| y * luma.width + left..y * luma.width + right);
        let differs = |span: std::ops::Range<usize>| {
            let mut pairs = luma.pixels[span.clone()].iter().zip(&self.picture.pixels[span]);
            pairs.any(|(now, before)| now.abs_diff(*before) > CHANGED)
        };
        if spans().any(differs) {
            spans().for_each(|span| self.picture.pixels[span.clone()].copy_from_slice(&luma.pixels[span]));
            self.since_ms[first + column] = at_ms;
        }
    }

    /// When each tile of a place last changed, row by row, in milliseconds.
    pub(super) fn times(&self, rect: Rect) -> Vec<u64> {
        let columns = self.picture.width.div_ceil(TILE);
        let (rows, across) = tiles(rect);
        let tiles = rows.flat_map(|row| across.clone().map(move |column| row * columns + column));
        tiles.filter_map(|tile| self.since_ms.get(tile)).copied().collect()
    }
}

/// The rows and columns of the tiles of a place.
fn tiles(rect: Rect) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let span = |start: u32, size: u32| start as usize / TILE..(start + size) as usize / TILE;
    (span(rect.y, rect.height), span(rect.x, rect.width))
}

/// Since when a place looks as it does, in milliseconds, by the times of its tiles:
/// all but the fifth that changed last, which a key frame may have coded anew.
pub(super) fn since(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    times.get((times.len() * 4 / 5).min(times.len().saturating_sub(1))).copied().unwrap_or(0)
}

/// The times of those tiles of a place that lie in a part, which may reach beyond.
pub(super) fn of_part(times: &[u64], place: Rect, part: Rect) -> Vec<u64> {
    let ((rows, columns), (own_rows, own_columns)) = (tiles(place), tiles(part));
    let within = own_columns.start.max(columns.start)..own_columns.end.min(columns.end);
    let lines = own_rows.start.max(rows.start)..own_rows.end.min(rows.end);
    let at = |row: usize, column: usize| (row - rows.start) * columns.len() + column - columns.start;
    let tiles = lines.flat_map(|row| within.clone().map(move |column| (row, column)));
    tiles.filter_map(|(row, column)| times.get(at(row, column))).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is drawn counts from then on; what coding refines does not.
    #[test]
    fn a_place_is_still_since_it_was_drawn() {
        let mut still = Stillness::default();
        let mut luma = Luma { width: 64, height: 32, pixels: vec![30; 64 * 32] };
        let at = |still: &mut Stillness, luma: &Luma, at_ms: u64| still.frame(&Frame { index: at_ms, at_ms, luma });
        at(&mut still, &luma, 100);
        (8..16).for_each(|x| luma.pixels[9 * 64 + x] = 200);
        at(&mut still, &luma, 200);
        (0..64).for_each(|x| luma.pixels[9 * 64 + x] += 20);
        at(&mut still, &luma, 300);
        let rect = |x: u32| Rect { x, y: 8, width: 8, height: 8 };
        let since_at = |x| since(still.times(rect(x)));
        assert_eq!((since_at(8), since_at(32)), (200, 100));
        let place = Rect { x: 0, width: 64, ..rect(0) };
        let part_since = |x| since(of_part(&still.times(place), place, rect(x)));
        assert_eq!((part_since(8), part_since(32)), (200, 100));
        assert_eq!(of_part(&still.times(rect(8)), rect(8), place), still.times(rect(8)));
        assert!(of_part(&still.times(rect(8)), rect(8), rect(32)).is_empty());
    }
}
