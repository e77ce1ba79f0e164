//! The grid to the pixel, measured again from all clear rows together.
//!
//! A reader needs its lines only to within a pixel; a decoder does not survive
//! half of one. Folding the ink of all rows at the right pitch leaves clean
//! gaps between the lines, at a wrong one it smears.

use crate::{Grid, Reading, Row};

/// A pitch that is not whole must fold this much better to be believed.
const WHOLE_IS_LIKELIER: f32 = 1.03;

/// The grid with pitch and phase measured again.
pub(crate) fn refined(reading: &Reading, index: usize) -> Option<Grid> {
    let grid = *reading.grids.get(index)?;
    let rows: Vec<&Row> = reading.rows.iter().filter(|row| row.grid == Some(index) && row.chars.len() >= 3).collect();
    if rows.is_empty() {
        return Some(grid);
    }
    let whole = grid.cell_height.round();
    let mut best = (fold(&rows, whole, grid.ground).0 * WHOLE_IS_LIKELIER, whole);
    for step in -6i16..=6 {
        let pitch = grid.cell_height + f32::from(step) / 12.0;
        let sharpness = fold(&rows, pitch, grid.ground).0;
        if sharpness > best.0 {
            best = (sharpness, pitch);
        }
    }
    let profile = fold(&rows, best.1, grid.ground).1;
    let origin_y = origin(&profile, best.1, grid.origin_y);
    Some(Grid { cell_height: best.1, origin_y, ..grid })
}

/// Ink by place in the line, and how unevenly it is spread.
fn fold(rows: &[&Row], pitch: f32, ground: u8) -> (f32, Vec<f32>) {
    let size = pitch.round() as usize;
    let mut profile = vec![0.0f32; size];
    for row in rows {
        for (line, pixels) in row.pixels.pixels.chunks_exact(row.pixels.width.max(1)).enumerate() {
            let ink: u32 = pixels.iter().map(|pixel| u32::from(pixel.abs_diff(ground)).saturating_sub(8)).sum();
            let place = (row.place.y as f32 + line as f32 + 0.5).rem_euclid(pitch) / pitch * size as f32;
            profile[(place as usize).min(size - 1)] += ink as f32;
        }
    }
    let sum: f32 = profile.iter().sum::<f32>().max(1.0);
    let squares: f32 = profile.iter().map(|ink| (ink / sum).powi(2)).sum();
    (squares, profile)
}

/// The upper edge of the first line: in the emptiest gap, nearest to where the
/// reader saw it.
fn origin(profile: &[f32], pitch: f32, before: f32) -> f32 {
    let size = profile.len();
    let least = profile.iter().copied().fold(f32::MAX, f32::min);
    let most = profile.iter().copied().fold(0.0, f32::max);
    let empty = |place: usize| profile[place] <= least + 0.01 * most;
    let own = before.rem_euclid(pitch);
    let distance = |place: usize| {
        let apart = (place as f32 * pitch / size as f32 - own).rem_euclid(pitch);
        apart.min(pitch - apart)
    };
    let nearest =
        (0..size).filter(|place| empty(*place)).min_by(|left, right| distance(*left).total_cmp(&distance(*right)));
    let phase = nearest.unwrap_or(0) as f32 * pitch / size as f32;
    phase + ((before - phase) / pitch).round() * pitch
}
