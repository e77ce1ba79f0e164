//! Pixelation: brightness changes only at every n-th column.
//!
//! Drawn text cannot look like that, because both sides of a stroke are
//! closer together than a block is wide.

use super::tiles::{Look, TILE, Tiles};
use crate::Luma;

/// Width and height of the window that is judged at once.
const WINDOW: usize = 48;
const BAND: usize = 16;
const HALF: usize = BAND / 2;

/// Change in a window that is enough to judge it by: of all, and of steps above
/// what coding leaves, of which large blocks in pale text have few.
const ENOUGH: u32 = (BAND * WINDOW) as u32;
const ENOUGH_STEPS: u32 = (6 * BAND) as u32;

/// Share of it that lies on the grid.
const ON_GRID: f64 = 0.74;
const STEPS_ON_GRID: f64 = 0.92;

/// Sides of blocks looked for.
pub(super) const SIDES: std::ops::RangeInclusive<usize> = 4..=24;

/// Marks the tiles of windows whose changes keep to a grid of columns.
pub(crate) fn mark(luma: &Luma, tiles: &mut Tiles) {
    if luma.width < WINDOW || luma.height < BAND {
        return;
    }
    let mut upper = Changes::of(luma, 0);
    for top in (0..=luma.height - BAND).step_by(HALF) {
        let lower = Changes::of(luma, top + HALF);
        let band = upper.and(&lower);
        for left in (0..=luma.width - WINDOW).step_by(8) {
            let window = left..left + WINDOW;
            let side = judge(&band.all[window.clone()], ENOUGH, ON_GRID);
            if let Some(side) = side.or_else(|| judge(&band.steps[window], ENOUGH_STEPS, STEPS_ON_GRID)) {
                paint(tiles, left, top, side);
            }
        }
        upper = lower;
    }
}

/// Sums of the changes to the right, by column, and of those above three
/// levels; a level up or down is coding or rounding.
struct Changes {
    all: Vec<u16>,
    steps: Vec<u16>,
}

impl Changes {
    /// Over half a band from a line on.
    fn of(luma: &Luma, top: usize) -> Self {
        let (mut all, mut steps) = (vec![0u16; luma.width], vec![0u16; luma.width]);
        for row in top..top + HALF {
            let line = &luma.pixels[row * luma.width..(row + 1) * luma.width];
            for (((change, step), own), next) in all.iter_mut().zip(&mut steps).zip(line).zip(&line[1..]) {
                let difference = own.abs_diff(*next);
                *change += u16::from(difference.saturating_sub(1).min(40));
                *step += u16::from(difference.saturating_sub(3).min(40));
            }
        }
        Self { all, steps }
    }

    fn and(&self, other: &Self) -> Self {
        let sum = |one: &[u16], other: &[u16]| one.iter().zip(other).map(|(one, other)| one + other).collect();
        Self { all: sum(&self.all, &other.all), steps: sum(&self.steps, &other.steps) }
    }
}

/// The side of the blocks, if nearly all change lies on a regular grid with
/// at least three lines, none of them alone. Only where strong lines stand can
/// such a grid be, and text has few of them.
fn judge(changes: &[u16], enough: u32, share: f64) -> Option<u8> {
    let all: u32 = changes.iter().map(|change| u32::from(*change)).sum();
    if all < enough {
        return None;
    }
    // At most eleven can have more than a twelfth.
    let (mut strong, mut count) = ([0usize; 12], 0);
    for (at, _) in changes.iter().enumerate().filter(|(_, line)| u32::from(**line) * 12 > all) {
        strong[count] = at;
        count += 1;
    }
    let strong = &strong[..count];
    if strong.len() < 2 {
        return None;
    }
    let is_grid = |side: usize, phase: usize| {
        let on_lines = strong.iter().filter(|at| **at % side == phase).count();
        on_lines >= 3.min(WINDOW / side) && {
            let on_grid: u32 = changes[phase..].iter().step_by(side).map(|change| u32::from(*change)).sum();
            f64::from(on_grid) > share * f64::from(all)
        }
    };
    let mut sides = SIDES.rev().filter(|side| strong.iter().any(|at| is_grid(*side, at % side)));
    sides.next().map(|side| side as u8)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As `judge` says, by trying every grid.
    fn by_trying(changes: &[u16], enough: u32, share: f64) -> Option<u8> {
        let all: u32 = changes.iter().map(|change| u32::from(*change)).sum();
        let is_grid = |side: usize, phase: usize| {
            let lines: Vec<u32> = changes[phase..].iter().step_by(side).map(|change| u32::from(*change)).collect();
            let strong = lines.iter().filter(|line| **line * 12 > all).count();
            f64::from(lines.iter().sum::<u32>()) > share * f64::from(all) && strong >= 3.min(WINDOW / side)
        };
        let mut sides = SIDES.rev().filter(|side| (0..*side).any(|phase| is_grid(*side, phase)));
        sides.next().filter(|_| all >= enough).map(|side| side as u8)
    }

    proptest! {
        #[test]
        fn strong_lines_tell_the_grid(
            side in 4usize..26,
            phase in 0usize..26,
            line in 0u16..640,
            noise in prop::collection::vec(0u16..40, WINDOW),
        ) {
            let on_grid = |at: usize| at % side == phase % side;
            let changes: Vec<u16> =
                noise.iter().enumerate().map(|(at, noise)| noise + if on_grid(at) { line } else { 0 }).collect();
            for (enough, share) in [(ENOUGH, ON_GRID), (ENOUGH_STEPS, STEPS_ON_GRID)] {
                prop_assert_eq!(judge(&changes, enough, share), by_trying(&changes, enough, share));
            }
        }
    }
}
