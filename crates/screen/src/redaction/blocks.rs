//! Pixelation: brightness changes only at every n-th column.
//!
//! Drawn text cannot look like that, because both sides of a stroke are
//! closer together than a block is wide.

use super::tiles::{Look, TILE, Tiles};
use crate::Luma;

/// Width and height of the window that is judged at once.
const WINDOW: usize = 48;
const BAND: usize = 16;

/// Change in a window that is enough to judge it by: of all, and of steps above
/// what coding leaves, of which large blocks in pale text have few.
const ENOUGH: u32 = (BAND * WINDOW) as u32;
const ENOUGH_STEPS: u32 = (6 * BAND) as u32;

/// Share of it that lies on the grid.
const ON_GRID: f64 = 0.74;
const STEPS_ON_GRID: f64 = 0.92;

/// Sides of blocks looked for.
const SIDES: std::ops::RangeInclusive<usize> = 4..=24;

/// Marks the tiles of windows whose changes keep to a grid of columns.
pub(crate) fn mark(luma: &Luma, tiles: &mut Tiles) {
    if luma.width < WINDOW || luma.height < BAND {
        return;
    }
    for top in (0..=luma.height - BAND).step_by(8) {
        let (changes, steps) = changes(luma, top);
        let mut left = 0;
        while left + WINDOW <= luma.width {
            let window = left..left + WINDOW;
            let side = judge(&changes[window.clone()], ENOUGH, ON_GRID);
            if let Some(side) = side.or_else(|| judge(&steps[window], ENOUGH_STEPS, STEPS_ON_GRID)) {
                paint(tiles, left, top, side);
            }
            left += 8;
        }
    }
}

/// Sum of the changes to the right, by column, over a band, and of those above
/// three levels; a level up or down is coding or rounding.
fn changes(luma: &Luma, top: usize) -> (Vec<u32>, Vec<u32>) {
    let (mut changes, mut steps) = (vec![0; luma.width], vec![0; luma.width]);
    for row in top..top + BAND {
        let line = &luma.pixels[row * luma.width..(row + 1) * luma.width];
        for ((change, step), pair) in changes.iter_mut().zip(&mut steps).zip(line.windows(2)) {
            let difference = pair[0].abs_diff(pair[1]);
            *change += u32::from(difference.saturating_sub(1).min(40));
            *step += u32::from(difference.saturating_sub(3).min(40));
        }
    }
    (changes, steps)
}

/// The side of the blocks, if nearly all change lies on a regular grid with
/// at least three lines, none of them alone.
fn judge(changes: &[u32], enough: u32, share: f64) -> Option<u8> {
    let all: u32 = changes.iter().sum();
    if all < enough {
        return None;
    }
    for side in SIDES.rev() {
        for phase in 0..side {
            let lines = || changes[phase..].iter().step_by(side);
            let on_grid: u32 = lines().sum();
            let strong = lines().filter(|line| **line * 12 > all).count();
            if f64::from(on_grid) > share * f64::from(all) && strong >= 3.min(WINDOW / side) && strong >= 2 {
                return Some(side as u8);
            }
        }
    }
    None
}

fn paint(tiles: &mut Tiles, left: usize, top: usize, side: u8) {
    for row in top / TILE..(top + BAND) / TILE {
        for column in left / TILE..(left + WINDOW) / TILE {
            if row < tiles.rows && column < tiles.columns {
                tiles.looks[row * tiles.columns + column] = Look::Blocks(side);
            }
        }
    }
}
