//! Characters cut from the picture of a row, and how sharp they are.

use crate::{Char, Grid, Row};

/// A drawn stroke bends at least by this share of its height; below a blur
/// nothing does.
pub(crate) const SHARP: f32 = 0.6;

/// Lines of a cell that the picture of a row may lack.
const BEYOND: i64 = 4;

/// Where a character's cell lies in the picture of its row; up or down it may
/// reach a little beyond, where there is only ground.
pub(crate) fn corner(grid: &Grid, cell: (usize, usize), row: &Row, column: u32) -> Option<(usize, i64)> {
    let middle = row.place.y as f32 + row.place.height as f32 / 2.0;
    let line = ((middle - grid.origin_y) / grid.cell_height).floor();
    let x = (grid.origin_x + column as f32 * grid.cell_width).round() as i64 - i64::from(row.place.x);
    let y = (grid.origin_y + line * grid.cell_height).round() as i64 - i64::from(row.place.y);
    let x = usize::try_from(x).ok()?;
    let (above, below) = (-y, y + cell.1 as i64 - row.pixels.height as i64);
    (x + cell.0 <= row.pixels.width && above <= BEYOND && below <= BEYOND).then_some((x, y))
}

/// The commonest level of a row.
pub(crate) fn ground(row: &Row) -> f32 {
    let mut counts = [0usize; 256];
    row.pixels.pixels.iter().for_each(|pixel| counts[usize::from(*pixel)] += 1);
    let most = (0..256).max_by_key(|level| (counts[*level], *level)).unwrap_or(0);
    most as f32
}

/// The picture of a cell less the ground.
pub(crate) fn cut(row: &Row, corner: (usize, i64), cell: (usize, usize), ground: f32) -> Vec<f32> {
    let mut picture = vec![0.0; cell.0 * cell.1];
    for (line, to) in picture.chunks_exact_mut(cell.0).enumerate() {
        let Ok(from) = usize::try_from(corner.1 + line as i64) else { continue };
        if from < row.pixels.height {
            let pixels = &row.pixels.pixels[from * row.pixels.width + corner.0..];
            to.iter_mut().zip(pixels).for_each(|(to, pixel)| *to = f32::from(*pixel) - ground);
        }
    }
    picture
}

/// Whether a character of a row, on a ground of this level, was drawn and not blurred, by its
/// picture; true where its picture is not whole.
pub(crate) fn is_sharp(grid: &Grid, (row, ground): (&Row, f32), letter: &Char) -> bool {
    let cell = (grid.cell_width.round() as usize, grid.cell_height.round() as usize);
    let Some(corner) = corner(grid, cell, row, letter.column) else { return true };
    let picture = cut(row, corner, cell, ground);
    let extreme = picture.iter().fold(0.0f32, |most, level| most.max(level.abs()));
    sharpness(&picture, cell.0) >= SHARP * extreme
}

/// The sharpest bend in a picture.
pub(crate) fn sharpness(picture: &[f32], width: usize) -> f32 {
    let across =
        picture.chunks_exact(width).flat_map(|line| line.windows(3)).map(|three| 2.0 * three[1] - three[0] - three[2]);
    let down = picture.windows(2 * width + 1).map(|span| 2.0 * span[width] - span[0] - span[2 * width]);
    across.chain(down).fold(0.0, |most, bend| most.max(bend.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stroke of one pixel bends sharply; the same below a blur does not.
    #[test]
    fn strokes_are_sharp_and_blurs_are_not() {
        let stroke: Vec<f32> = (0..99).map(|at| if at % 9 == 4 { 100.0 } else { 0.0 }).collect();
        let soft: Vec<f32> = (0..99).map(|at| 40.0 * (-((at % 9) as f32 - 4.0).powi(2) / 8.0).exp()).collect();
        assert!(sharpness(&stroke, 9) >= SHARP * 100.0);
        assert!(sharpness(&soft, 9) < SHARP * 40.0);
        assert!(sharpness(&[], 9) == 0.0);
    }
}
