//! Finding fixed-pitch areas: panes of one ground, and in them the spacing at
//! which ink leaves gaps, across and down.

use crate::{Grid, Luma, Rect};

/// Tile of the search for panes.
const TILE: usize = 8;
/// Brightness around the ground that still is ground.
const NEAR: u8 = 8;
/// Brightness off the ground that is ink.
const INK: u8 = 20;
/// Widths of a cell that are looked for, in pixels.
const WIDTHS: (f32, f32) = (5.0, 26.0);
/// Heights of a cell for one of its widths.
const HEIGHTS_PER_WIDTH: (f32, f32) = (1.55, 3.2);
/// Ink in the gaps over mean ink, at most.
const GAP_ACROSS: f32 = 0.75;
const GAP_DOWN: f32 = 0.68;

/// A grid with the amount of text that speaks for it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub grid: Grid,
    /// Rows with ink.
    pub rows: usize,
    /// Cells with ink, roughly.
    pub cells: usize,
}

impl Found {
    /// Enough text for the grid to be relied on.
    pub fn is_sure(&self) -> bool {
        self.rows >= 6 && self.cells >= 120
    }
}

/// All fixed-pitch areas in a picture, largest first.
pub(crate) fn find(luma: &Luma) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for ground in grounds(luma) {
        for area in panes(luma, ground) {
            if let Some(new) = lattice(luma, area, ground) {
                found.push(new);
            }
        }
    }
    found.sort_by_key(|found| (std::cmp::Reverse(found.cells), found.grid.area));
    let mut kept: Vec<Found> = Vec::new();
    for new in found {
        if !kept.iter().any(|old| overlap(old.grid.area, new.grid.area) > 0.3) {
            kept.push(new);
        }
    }
    kept
}

/// True if two grids cut their area alike: no cell of one lies more than a
/// pixel and a half beside the other's.
pub(crate) fn same_cut(one: &Grid, other: &Grid) -> bool {
    let off = |a: f32, a_step: f32, b: f32, b_step: f32, at: f32| {
        let (a_cell, b_cell) = ((at - a) / a_step, (at - b) / b_step);
        let apart = (a_cell - b_cell - (a_cell - b_cell).round()).abs() * a_step;
        apart > 1.5
    };
    let area = one.area;
    let wide = [area.x as f32, (area.x + area.width) as f32];
    let high = [area.y as f32, (area.y + area.height) as f32];
    let across = wide.iter().any(|at| off(one.origin_x, one.cell_width, other.origin_x, other.cell_width, *at));
    let down = high.iter().any(|at| off(one.origin_y, one.cell_height, other.origin_y, other.cell_height, *at));
    !across && !down
}

/// Shared part of two areas, as a share of the smaller.
pub(crate) fn overlap(one: Rect, other: Rect) -> f32 {
    let side = |a: u32, a_length: u32, b: u32, b_length: u32| (a + a_length).min(b + b_length).saturating_sub(a.max(b));
    let shared =
        side(one.x, one.width, other.x, other.width) as f32 * side(one.y, one.height, other.y, other.height) as f32;
    let smaller = (one.width * one.height).min(other.width * other.height).max(1);
    shared / smaller as f32
}

/// Levels of brightness that large flat parts have.
fn grounds(luma: &Luma) -> Vec<u8> {
    // Four counts by turns: pixels side by side are mostly equal, and would wait for each other.
    let mut lanes = [[0u64; 256]; 4];
    for (at, pixel) in luma.pixels.iter().enumerate() {
        lanes[at % 4][usize::from(*pixel)] += 1;
    }
    let mut histogram: [u64; 256] = std::array::from_fn(|level| lanes.iter().map(|lane| lane[level]).sum());
    let mut grounds = Vec::new();
    let least = luma.pixels.len() as u64 / 40;
    for _ in 0..5 {
        let smooth = |at: usize| histogram[at.saturating_sub(2)..=(at + 2).min(255)].iter().sum::<u64>();
        let Some(best) = (0..256).max_by_key(|at| (smooth(*at), std::cmp::Reverse(*at))) else { break };
        if smooth(best) < least.max(1) {
            break;
        }
        grounds.push(best as u8);
        histogram[best.saturating_sub(6)..=(best + 6).min(255)].fill(0);
    }
    grounds
}

fn is_ground(pixel: u8, ground: u8) -> bool {
    pixel.abs_diff(ground) <= NEAR
}

/// Connected parts of a ground, as boxes.
fn panes(luma: &Luma, ground: u8) -> Vec<Rect> {
    let (columns, rows) = (luma.width / TILE, luma.height / TILE);
    let mut open: Vec<bool> = (0..columns * rows)
        .map(|tile| {
            let (left, top) = (tile % columns * TILE, tile / columns * TILE);
            let line = |y: usize| &luma.pixels[y * luma.width + left..][..TILE];
            (top..top + TILE).flat_map(line).filter(|pixel| is_ground(**pixel, ground)).count() >= 20
        })
        .collect();
    let mut panes = Vec::new();
    for start in 0..open.len() {
        if open[start] {
            panes.extend(flood(&mut open, columns, start).and_then(|pane| trim(luma, pane, ground)));
        }
    }
    panes
}

/// Takes a connected part out of the mask; its box in pixels if large and full enough.
fn flood(open: &mut [bool], columns: usize, start: usize) -> Option<(usize, usize, usize, usize)> {
    let mut stack = vec![start];
    open[start] = false;
    let (mut left, mut right, mut top, mut bottom, mut count) = (usize::MAX, 0, usize::MAX, 0, 0);
    while let Some(tile) = stack.pop() {
        let (x, y) = (tile % columns, tile / columns);
        (left, right, top, bottom) = (left.min(x), right.max(x), top.min(y), bottom.max(y));
        count += 1;
        let next = [
            (x > 0).then(|| tile - 1),
            (x + 1 < columns).then_some(tile + 1),
            tile.checked_sub(columns),
            Some(tile + columns).filter(|next| *next < open.len()),
        ];
        for next in next.into_iter().flatten() {
            if open[next] {
                open[next] = false;
                stack.push(next);
            }
        }
    }
    let (wide, high) = (right + 1 - left, bottom + 1 - top);
    let large = wide * TILE >= 120 && high * TILE >= 32;
    (large && count * 10 >= wide * high * 5).then_some((
        left * TILE,
        top * TILE,
        (right + 1) * TILE,
        (bottom + 1) * TILE,
    ))
}

/// The box to the pixel: edges moved to where the ground really ends.
fn trim(luma: &Luma, (left, top, right, bottom): (usize, usize, usize, usize), ground: u8) -> Option<Rect> {
    let (mut left, mut top) = (left.saturating_sub(TILE), top.saturating_sub(TILE));
    let (mut right, mut bottom) = ((right + TILE).min(luma.width), (bottom + TILE).min(luma.height));
    let column = |x: usize, top: usize, bottom: usize| {
        (top..bottom).filter(|y| is_ground(luma.pixels[y * luma.width + x], ground)).count() * 10 >= (bottom - top) * 4
    };
    let row = |y: usize, left: usize, right: usize| {
        let line = &luma.pixels[y * luma.width + left..y * luma.width + right];
        line.iter().filter(|pixel| is_ground(**pixel, ground)).count() * 10 >= line.len() * 4
    };
    let (inner_top, inner_bottom) = (top + (bottom - top) / 8, bottom - (bottom - top) / 8);
    while left < right && !column(left, inner_top, inner_bottom) {
        left += 1;
    }
    while right > left && !column(right - 1, inner_top, inner_bottom) {
        right -= 1;
    }
    while top < bottom && !row(top, left, right) {
        top += 1;
    }
    while bottom > top && !row(bottom - 1, left, right) {
        bottom -= 1;
    }
    let (width, height) = (right.checked_sub(left)?, bottom.checked_sub(top)?);
    (width >= 100 && height >= 24).then_some(Rect {
        x: left as u32,
        y: top as u32,
        width: width as u32,
        height: height as u32,
    })
}

/// Ink by column and by row of a pane. Pixels in large blocks of something
/// else than ground (pictures, other windows) do not count.
fn ink(luma: &Luma, area: Rect, ground: u8) -> (Vec<f32>, Vec<f32>) {
    let (width, height) = (area.width as usize, area.height as usize);
    let (mut across, mut down) = (vec![0f32; width], vec![0f32; height]);
    for (y, down) in down.iter_mut().enumerate() {
        let start = (area.y as usize + y) * luma.width + area.x as usize;
        let line = &luma.pixels[start..start + width];
        let mut run = 0;
        for (x, pixel) in line.iter().enumerate() {
            let off = pixel.abs_diff(ground);
            run = if off > INK { run + 1 } else { 0 };
            // A stroke ends within a few cells; a longer run is a bar or a picture.
            if off > INK && run < 40 {
                let weight = f32::from(off.min(80));
                across[x] += weight;
                *down += weight;
            }
        }
    }
    (across, down)
}

/// The spacing of ink in a pane, if it has one.
fn lattice(luma: &Luma, area: Rect, ground: u8) -> Option<Found> {
    let (across, down) = ink(luma, area, ground);
    let across: Vec<f32> = across.iter().map(|ink| ink.sqrt()).collect();
    let x = spacing(&across, WIDTHS, GAP_ACROSS)?;
    let heights = (x.period * HEIGHTS_PER_WIDTH.0, x.period * HEIGHTS_PER_WIDTH.1);
    let down: Vec<f32> = down.iter().map(|ink| ink.sqrt()).collect();
    let y = spacing(&down, heights, GAP_DOWN)?;
    let rows = inked(&down, y.period, y.phase);
    let origin = |phase: f32, period: f32| {
        let before = (phase / period + 0.3).floor();
        phase - before * period
    };
    let grid = Grid {
        area,
        origin_x: area.x as f32 + origin(x.phase, x.period),
        origin_y: area.y as f32 + origin(y.phase, y.period),
        cell_width: x.period,
        cell_height: y.period,
        ground,
    };
    let total: f32 = ink(luma, area, ground).1.iter().sum();
    // A character has some 15 % of its cell inked.
    let cells = total / 80.0 / (0.15 * x.period * y.period);
    Some(Found { grid, rows, cells: cells as usize })
}

/// Periods of a profile with ink in them.
fn inked(profile: &[f32], period: f32, phase: f32) -> usize {
    let mut at = phase - (phase / period).floor() * period - period;
    let mut count = 0;
    while at < profile.len() as f32 {
        let (from, to) = (at.max(0.0) as usize, ((at + period).max(0.0) as usize).min(profile.len()));
        count += usize::from(profile[from.min(to)..to].iter().any(|ink| *ink > 8.0));
        at += period;
    }
    count
}

struct Spacing {
    period: f32,
    /// Position of a gap, below one period.
    phase: f32,
}

/// The period at which a profile falls into gaps.
fn spacing(profile: &[f32], (least, most): (f32, f32), gap_at_most: f32) -> Option<Spacing> {
    let first = profile.iter().position(|ink| *ink > 4.0)?;
    let last = profile.iter().rposition(|ink| *ink > 4.0)?;
    if ((last - first) as f32) < 2.2 * least {
        return None;
    }
    let from = first.saturating_sub(most as usize);
    let to = (last + most as usize).min(profile.len());
    let inner = &profile[first..=last];
    let mean = inner.iter().sum::<f32>() / inner.len() as f32;
    let capped: Vec<f32> = profile[from..to].iter().map(|ink| ink.min(2.0 * mean) / mean).collect();
    let span = (last - first) as f32;
    let mut best: Option<(f32, Spacing)> = None;
    for period in candidates(&capped, least, most, span) {
        let (gap, spacing) = refine(&capped, period, span);
        // A multiple of the true period is no better, so the smaller must be clearly worse to lose.
        let better = best.as_ref().is_none_or(|(old, kept)| {
            if spacing.period < kept.period { gap < old * 1.1 + 0.02 } else { gap < old * 0.85 - 0.02 }
        });
        if better {
            best = Some((gap, spacing));
        }
    }
    let (mut gap, mut spacing) = best?;
    // Gaps at every second or third place only are gaps of a smaller period.
    for part in [4.0, 3.0, 2.0] {
        if spacing.period / part >= least {
            let (finer_gap, finer) = refine(&capped, spacing.period / part, span);
            if finer_gap < gap + 0.4 * (1.0 - gap) {
                (gap, spacing) = (finer_gap, finer);
                break;
            }
        }
    }
    if gap > gap_at_most {
        return None;
    }
    // From the middle of the gap's pixels to an edge between pixels.
    let edge = spacing.phase + 0.5;
    let edge = if spacing.period.fract() == 0.0 { edge.floor() } else { edge };
    spacing.phase = (edge + from as f32).rem_euclid(spacing.period);
    Some(spacing)
}

/// Peaks of the spectrum within the range of periods, at most eight, longest period first.
fn candidates(profile: &[f32], least: f32, most: f32, span: f32) -> Vec<f32> {
    let step = 0.25 / span.max(1.0);
    let count = ((1.0 / least - 1.0 / most) / step) as usize + 2;
    let power: Vec<f32> = (0..count).map(|at| strength(profile, 1.0 / most + at as f32 * step)).collect();
    let mut peaks: Vec<(f32, f32)> = (0..count)
        .filter(|at| {
            let near = |other: usize| power.get(other).copied().unwrap_or(0.0);
            power[*at] >= near(at.wrapping_sub(1)) && power[*at] >= near(at + 1)
        })
        .map(|at| (power[at], 1.0 / (1.0 / most + at as f32 * step)))
        .collect();
    peaks.sort_by(|one, other| other.0.total_cmp(&one.0));
    peaks.truncate(8);
    let mut periods: Vec<f32> = peaks.into_iter().map(|(_, period)| summit(profile, 1.0 / period, step)).collect();
    periods.sort_by(|one, other| other.total_cmp(one));
    periods
}

/// The period at the very top of a peak of the spectrum.
fn summit(profile: &[f32], frequency: f32, step: f32) -> f32 {
    let near = (-16..=16).map(|part| frequency + step * part as f32 / 16.0);
    let best =
        near.map(|frequency| (strength(profile, frequency), frequency)).max_by(|one, other| one.0.total_cmp(&other.0));
    1.0 / best.map_or(frequency, |(_, frequency)| frequency)
}

fn strength(profile: &[f32], frequency: f32) -> f32 {
    let (mut real, mut imaginary) = (0f32, 0f32);
    let turn = std::f32::consts::TAU * frequency;
    let (step_cos, step_sin) = (turn.cos(), turn.sin());
    let (mut cos, mut sin) = (1f32, 0f32);
    for ink in profile {
        real += ink * cos;
        imaginary += ink * sin;
        (cos, sin) = (cos * step_cos - sin * step_sin, sin * step_cos + cos * step_sin);
    }
    real * real + imaginary * imaginary
}

/// Mean ink at the gaps, per mean ink, for the best period and phase near a guess.
///
/// A whole number of pixels is likeliest, and after it a number of twelfths:
/// that is what whole cells become when a video is scaled by 2/3, 3/4 or 1/2.
/// They are kept unless another period does clearly better.
fn refine(profile: &[f32], guess: f32, span: f32) -> (f32, Spacing) {
    let reach = guess * guess * 0.35 / span.max(guess);
    let whole = guess.round();
    let twelfths = ((guess - reach) * 12.0).ceil() as i64..=((guess + reach) * 12.0).floor() as i64;
    let wholes = Some(whole).filter(|whole| (whole - guess).abs() <= reach).into_iter();
    let mut twelfths: Vec<f32> = twelfths.map(|count| count as f32 / 12.0).filter(|period| *period != whole).collect();
    // Of equals the one nearest to the peak of the spectrum.
    twelfths.sort_by(|one, other| (one - guess).abs().total_cmp(&(other - guess).abs()));
    let others = (-12..=12).map(|step| guess + reach * step as f32 / 12.0);
    let mut best = (f32::MAX, Spacing { period: guess, phase: 0.0 });
    let tiers = wholes
        .map(|period| (period, 1.0))
        .chain(twelfths.into_iter().map(|period| (period, 0.85)))
        .chain(others.map(|period| (period, 0.7)));
    let mut tier = 1.0;
    for (period, margin) in tiers {
        // Too little text to tell two periods apart: the likelier stays.
        let drift = (period - best.1.period).abs() * span / guess;
        if best.0 < f32::MAX && margin < tier && drift < 1.2 {
            continue;
        }
        let (gap, phase) = deepest(profile, period);
        let needed = if margin == tier { 0.97 } else { margin / tier };
        if best.0 == f32::MAX || gap < best.0 * needed - 0.004 {
            best = (gap, Spacing { period, phase });
            tier = margin;
        }
    }
    best
}

/// The phase with the least ink at the gaps: the middle of the deepest part.
fn deepest(profile: &[f32], period: f32) -> (f32, f32) {
    let bins = (period * 2.0).ceil() as usize;
    let gaps: Vec<f32> = (0..bins).map(|bin| comb(profile, period, bin as f32 * period / bins as f32)).collect();
    let least = gaps.iter().copied().fold(f32::MAX, f32::min);
    let deep = |bin: usize| gaps[bin % bins] <= least + 0.06;
    let start = (0..bins).find(|bin| gaps[*bin] == least).unwrap_or(0);
    let after = (0..bins).take_while(|step| deep(start + step)).count();
    let before = (0..bins).take_while(|step| deep(start + bins - step)).count();
    let middle = start as f32 + (after as f32 - before as f32) / 2.0;
    (least, (middle * period / bins as f32).rem_euclid(period))
}

fn comb(profile: &[f32], period: f32, phase: f32) -> f32 {
    let (mut sum, mut count, mut at) = (0f32, 0f32, phase);
    while (at as usize) + 1 < profile.len() {
        let (left, share) = (at as usize, at.fract());
        sum += profile[left] * (1.0 - share) + profile[left + 1] * share;
        count += 1.0;
        at += period;
    }
    if count > 0.0 { sum / count } else { f32::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::drawn::{drawn, resized};

    const LINES: &[&str] = &[
        "total forty",
        "drwxr-xr-x three root root",
        "host = two.zero",
        "user = svc lists",
        "proxy",
        "written to out",
        "inbox = home vtr projects",
        "archive",
        "fetch rows",
        "connecting as lists",
    ];

    fn check(luma: &Luma, cell: (f32, f32)) {
        let found = find(luma);
        assert_eq!(found.len(), 1);
        let grid = &found[0].grid;
        assert!((grid.cell_width - cell.0).abs() < 0.02, "{grid:?}");
        // Ten lines are too few for more; the grid is found again when there are more.
        assert!((grid.cell_height - cell.1).abs() < 0.2, "{grid:?}");
    }

    #[test]
    fn whole_cells() {
        for cell in [(8, 16), (9, 18), (10, 22)] {
            check(&drawn(640, 400, (23, 31), cell, LINES, 30, 210), (cell.0 as f32, cell.1 as f32));
            check(&drawn(640, 400, (23, 31), cell, LINES, 250, 20), (cell.0 as f32, cell.1 as f32));
        }
    }

    #[test]
    fn scaled_cells() {
        let luma = drawn(960, 600, (24, 30), (10, 22), LINES, 30, 210);
        check(&resized(&luma, 640, 400), (6.6667, 14.6667));
        check(&resized(&luma, 720, 450), (7.5, 16.5));
    }

    #[test]
    fn no_text_no_grid() {
        assert!(find(&Luma { width: 640, height: 400, pixels: vec![80; 640 * 400] }).is_empty());
        let noise = (0..640u32 * 400).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(find(&Luma { width: 640, height: 400, pixels: noise }).is_empty());
        assert!(find(&Luma { width: 1, height: 1, pixels: vec![0] }).is_empty());
        assert!(find(&Luma::default()).is_empty());
    }
}
