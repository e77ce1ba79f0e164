//! Cells in reverse: bars of editors and pagers, selected text.

use crate::read::cells::{Sampler, Shape};

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

/// By line of a cell, what the edges of a bar take off its ground where it is scaled
/// or the grid is off: the middle one of what all cells in reverse lack there.
pub(super) fn shade(sampler: &Sampler, picture: &[f32], reversed: &[Option<f32>], shape: Shape) -> Vec<f32> {
    let margin = shape.margin();
    let mut shade = vec![0.0; shape.height];
    for y in (0..margin).chain(shape.height - margin..shape.height) {
        let lacks = |(column, ground): (usize, &Option<f32>)| {
            ground.map(|ground| sampler.line_of(picture, column, y).iter().map(move |level| ground - level))
        };
        let mut lacking: Vec<f32> = reversed.iter().enumerate().filter_map(lacks).flatten().collect();
        lacking.sort_by(f32::total_cmp);
        shade[y] = lacking.get(lacking.len() / 2).copied().unwrap_or(0.0);
    }
    shade
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::cells::Shape;
    use crate::{Grid, Rect};

    /// A bar that scaling left soft above and below is as even as if it were not.
    #[test]
    fn soft_edges_of_a_bar_are_no_ink() {
        let area = Rect { x: 0, y: 0, width: 64, height: 16 };
        let grid = Grid { area, origin_x: 0.0, origin_y: 0.0, cell_width: 8.0, cell_height: 16.0, ground: 20 };
        let shape = Shape::of(&grid);
        let sampler = Sampler::new(&grid, shape, 8);
        let level = |y: usize| [150.0, 190.0, 200.0][y.min(15 - y).min(2)];
        let mut row: Vec<f32> = (0..64 * 16).map(|at| level(at % 128 / 8)).collect();
        (0..16).for_each(|y| row[3 * 128 + y * 8 + 4] = 20.0);
        let found = reversed(&sampler, &row, 20.0, 180.0);
        assert!(found.iter().all(|ground| *ground == Some(200.0)), "{found:?}");
        let shade = shade(&sampler, &row, &found, shape);
        assert_eq!((&shade[..3], &shade[13..]), (&[50.0, 10.0, 0.0][..], &[0.0, 10.0, 50.0][..]));
    }

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
