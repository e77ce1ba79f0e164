//! Cells in reverse: bars of editors and pagers, selected text.

use crate::read::cells::Sampler;

/// A cell stands in reverse if its corners are off the ground by this share of
/// the contrast, and differ by no more than the other.
const FILLED: f32 = 0.5;
const UNEVEN: f32 = 0.2;

/// The ground of cells in reverse: at least three side by side with evenly
/// filled corners, as bars of editors and selected text are, cells beside them
/// in which a character reaches one corner, and single ones between them.
pub(super) fn reversed(sampler: &Sampler, picture: &[f32], ground: f32, contrast: f32) -> Vec<Option<f32>> {
    let columns = sampler.columns();
    let corners: Vec<[f32; 4]> = (0..columns).map(|column| sampler.corners(picture, column)).collect();
    let of = |column: usize, level: f32| {
        corners[column].iter().filter(|corner| (**corner - level).abs() <= UNEVEN * contrast).count()
    };
    let mut reversed = vec![None; columns];
    for start in 0..columns.saturating_sub(2) {
        let level = corners[start].iter().sum::<f32>() / 4.0;
        let is_filled = (level - ground).abs() >= FILLED * contrast;
        if is_filled && (start..start + 3).all(|column| of(column, level) == 4) {
            reversed[start..start + 3].fill(Some(level));
        }
    }
    let mut beside = |column: usize, known: usize| {
        if let (None, Some(level)) = (reversed[column], reversed[known]) {
            reversed[column] = (of(column, level) >= 3).then_some(level);
        }
    };
    (1..columns).for_each(|column| beside(column, column - 1));
    (1..columns).rev().for_each(|column| beside(column - 1, column));
    for column in 1..columns.saturating_sub(1) {
        if let (Some(before), None, Some(_)) = (reversed[column - 1], reversed[column], reversed[column + 1]) {
            reversed[column] = Some(before);
        }
    }
    reversed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::cells::Shape;
    use crate::{Grid, Rect};

    /// A bar with a letter that reaches two corners of its cell; a filled cell apart from it is a cursor.
    #[test]
    fn a_bar_is_in_reverse_and_a_cursor_is_not() {
        let area = Rect { x: 0, y: 0, width: 96, height: 16 };
        let grid = Grid { area, origin_x: 0.0, origin_y: 0.0, cell_width: 8.0, cell_height: 16.0, ground: 20 };
        let sampler = Sampler::new(&grid, Shape::of(&grid), 12);
        let filled = |x: usize| x < 64 || (80..88).contains(&x);
        let mut row: Vec<f32> = (0..96 * 16).map(|at| if filled(at / 128 * 8) { 200.0 } else { 20.0 }).collect();
        (1..15).for_each(|y| row[4 * 128 + y * 8 + 1] = 20.0);
        let found = reversed(&sampler, &row, 20.0, 180.0);
        assert!(found[..8].iter().all(|ground| *ground == Some(200.0)));
        assert!(found[8..].iter().all(Option::is_none));
    }
}
