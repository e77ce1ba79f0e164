//! The rectangle of a pixelation to the pixel: where its grid lies, and how
//! far it reaches.

use std::collections::{BTreeMap, BTreeSet};

use super::{Look, Redaction};
use crate::{Grid, Rect};

/// Mean and largest change inside a block, in levels, that coding leaves; of
/// high blocks the mean is a share of their height, and more beside an edge.
const CALM: f32 = 3.5;
const CALM_SHARE: f32 = 0.12;
const EDGE: f32 = 2.0;
const CALM_AT_MOST: f32 = 26.0;

/// Mean change from a column to the next that coding leaves on even ground.
const NOISE: f32 = 1.2;

/// A line of blocks no further from the ground than this is no cover.
const INK: f32 = 2.5;

/// A block of a line no further from the ground than this may be a blank.
const BLOCK_INK: f32 = 6.0;

/// How far beyond the region found its blocks are followed: windows that hold
/// clear text as well are not told for blocks.
const BEYOND: u32 = 64;

/// Side and first line (modulo the side) of a regular grid.
#[derive(Clone, Copy, Debug)]
struct Lines {
    side: u32,
    phase: u32,
}

/// The parts of a region within one line of text: rectangle, with the grid's
/// lines at its upper left corner, and side of the blocks.
pub(super) fn parts(look: &Look, whole: &Redaction, grid: &Grid, top: u32, bottom: u32) -> Vec<(Rect, f32)> {
    let rows = middle((top, bottom));
    let area = (whole.rect.x, whole.rect.x + whole.rect.width);
    let mut found: Vec<((u32, u32), Lines)> = Vec::new();
    let changes: Vec<f32> = (area.0..area.1).map(|x| across(look, x, rows)).collect();
    for lines in all_lines(&|x| changes[(x - area.0) as usize], area, whole.strength as u32) {
        found.extend(spans(look, grid, lines, area, rows).into_iter().map(|span| (span, lines)));
    }
    let mut parts = Vec::new();
    let by_column = |x: u32| changes.get((x.saturating_sub(area.0)) as usize).copied().unwrap_or(0.0);
    for (span, lines) in longest(found, &by_column) {
        let down = |y: u32| change(&look.line(y, span), &look.line(y + 1, span));
        let upright = best_phase(&down, (top.saturating_sub(4), bottom + 4), lines.side);
        let span = trimmed(look, span, upright, rows, grid.ground);
        if span.1 - span.0 >= (1.6 * grid.cell_width) as u32 {
            parts.extend(rect(look, grid, span, upright, (top, bottom)).map(|rect| (rect, lines.side as f32)));
        }
    }
    parts.sort_by_key(|(rect, _)| *rect);
    parts
}

/// The one of some sides of blocks that the looks at a line keep to, each
/// between columns of its own.
pub(super) fn side(looks: &[(&Look, (u32, u32))], text: (u32, u32), sides: &BTreeSet<u32>) -> Option<u32> {
    let rows = middle(text);
    let mut shares: BTreeMap<u32, f32> = BTreeMap::new();
    for (look, columns) in looks {
        let changes: Vec<f32> = (columns.0..columns.1).map(|x| across(look, x, rows)).collect();
        let weight = (columns.1 - columns.0) as f32;
        for side in sides {
            let change = |x: u32| changes[(x - columns.0) as usize];
            let sum = shares.entry(*side).or_default();
            *sum += weight * share(&change, *columns, best_phase(&change, *columns, *side));
        }
    }
    largest(shares.iter().map(|(side, share)| (*share, *side)))
}

/// The rectangle of a pixelation with blocks of a known side in one line, wherever
/// they go on from the columns where they are known.
pub(super) fn laid(look: &Look, grid: &Grid, text: (u32, u32), side: u32, mut area: (u32, u32)) -> Option<Rect> {
    let mut laid = laid_from(look, grid, text, side, area)?;
    loop {
        let reached = (area.0.min(laid.x), area.1.max(laid.x + laid.width));
        if reached == area {
            return Some(laid);
        }
        area = reached;
        let longer = laid_from(look, grid, text, side, area).filter(|longer| differ(look, text, side, laid, *longer));
        let Some(longer) = longer else { return Some(laid) };
        laid = longer;
    }
}

/// Whether at least half of the blocks by which a rectangle is longer than another
/// differ from the next: a solid cover beside a pixelation is calm, too.
fn differ(look: &Look, text: (u32, u32), side: u32, known: Rect, longer: Rect) -> bool {
    let edges = (longer.x + side..longer.x + longer.width).step_by(side as usize);
    let beyond: Vec<u32> = edges.filter(|x| *x <= known.x || *x >= known.x + known.width).collect();
    let changed = beyond.iter().filter(|x| across(look, **x - 1, middle(text)) > INK).count();
    changed * 2 >= beyond.len()
}

/// The same, as far as it can be followed from the columns given.
fn laid_from(look: &Look, grid: &Grid, text: (u32, u32), side: u32, area: (u32, u32)) -> Option<Rect> {
    let rows = middle(text);
    let lines = best_phase(&|x| across(look, x, rows), area, side);
    let spans = spans(look, grid, lines, area, rows);
    let span = run(&spans, 2 * side + grid.cell_width as u32)?;
    let down = |y: u32| change(&look.line(y, span), &look.line(y + 1, span));
    let upright = best_phase(&down, (text.0.saturating_sub(4), text.1 + 4), side);
    rect(look, grid, trimmed(look, span, upright, rows, grid.ground), upright, text)
}

/// The longest run of spans that are no further apart than blanks are wide.
fn run(spans: &[(u32, u32)], gap: u32) -> Option<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for span in spans {
        match runs.last_mut() {
            Some(run) if span.0 <= run.1 + gap => run.1 = span.1,
            _ => runs.push(*span),
        }
    }
    runs.into_iter().max_by_key(|run| (run.1 - run.0, u32::MAX - run.0))
}

/// The rows of a line that most characters reach.
pub(super) fn middle((top, bottom): (u32, u32)) -> (u32, u32) {
    (top + (bottom - top) / 5, bottom - (bottom - top) / 6)
}

/// Drops the outer blocks that change from row to row inside: an equals sign
/// beside the cover is calm from left to right.
fn trimmed(look: &Look, mut span: (u32, u32), upright: Lines, rows: (u32, u32), ground: u8) -> (u32, u32) {
    let (side, level) = (upright.side, f32::from(ground));
    let inside = |y: &u32| (y + 1) % side != upright.phase;
    let calm = |left: u32, right: u32| {
        let calm = |y: u32| is_calm(&look.line(y, (left, right)), &look.line(y + 1, (left, right)), level);
        let ground = vec![level; (rows.1 - rows.0) as usize];
        let inked = (left..right).any(|x| change(&look.column(x, rows), &ground) > INK);
        inked && (rows.0..rows.1).filter(inside).all(calm)
    };
    while span.0 + side < span.1 && !calm(span.0, span.0 + side) {
        span.0 += side;
    }
    while span.0 + side < span.1 {
        let last = span.0 + (span.1 - span.0 - 1) / side * side;
        if calm(last, span.1) {
            break;
        }
        span.1 = last;
    }
    span
}

/// The grids of all windows of a region, each once.
fn all_lines(change: &dyn Fn(u32) -> f32, area: (u32, u32), guess: u32) -> Vec<Lines> {
    let width = (4 * guess).max(36);
    let mut found: Vec<Lines> = Vec::new();
    let mut left = area.0;
    while left + width / 2 < area.1 {
        if let Some(lines) = lines(change, (left, (left + width).min(area.1))) {
            let known = found.iter().any(|other| (other.side, other.phase) == (lines.side, lines.phase));
            found.extend((!known).then_some(lines));
        }
        left += width / 3;
    }
    found
}

/// Spans first whose grid holds the change of the most columns; of overlapping
/// ones only the first, and a grid that holds all lines of a wider one only
/// where that does not reach.
fn longest(mut found: Vec<((u32, u32), Lines)>, change: &dyn Fn(u32) -> f32) -> Vec<((u32, u32), Lines)> {
    let wider: Vec<_> = found.clone();
    found.retain(|(span, lines)| {
        !wider.iter().any(|(other, wide)| {
            let common = span.1.min(other.1).saturating_sub(span.0.max(other.0));
            let holds = wide.side > lines.side && wide.side % lines.side == 0 && wide.phase % lines.side == lines.phase;
            holds && common * 10 >= (span.1 - span.0) * 9
        })
    });
    let held = |(span, lines): &((u32, u32), Lines)| share(change, *span, *lines) * (span.1 - span.0) as f32;
    found.sort_by_key(|((left, _), lines)| (*left, lines.side, lines.phase));
    found.sort_by(|one, other| held(other).total_cmp(&held(one)));
    let mut kept: Vec<((u32, u32), Lines)> = Vec::new();
    for (span, lines) in found {
        if kept.iter().all(|(other, _)| span.1 <= other.0 || span.0 >= other.1) {
            kept.push((span, lines));
        }
    }
    kept
}

fn change(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).sum::<f32>() / left.len().max(1) as f32
}

fn is_calm(left: &[f32], right: &[f32], ground: f32) -> bool {
    unrest(left, right, ground) <= 1.0
}

/// Change as a share of what a block may have inside.
fn unrest(left: &[f32], right: &[f32], ground: f32) -> f32 {
    let largest = left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max);
    let height = change(left, &vec![ground; left.len()]).max(change(right, &vec![ground; right.len()]));
    (change(left, right) / CALM.max(CALM_SHARE * height)).max(largest / CALM_AT_MOST)
}

/// Change from a column to the next.
fn across(look: &Look, x: u32, rows: (u32, u32)) -> f32 {
    change(&look.column(x, rows), &look.column(x + 1, rows))
}

/// The grid that holds the most change; of equally good ones the largest.
fn lines(change: &dyn Fn(u32) -> f32, area: (u32, u32)) -> Option<Lines> {
    let sides = 3..=24.min((area.1 - area.0) / 3);
    let scored = sides.map(|side| best_phase(change, area, side)).map(|lines| (share(change, area, lines), lines));
    let scored: Vec<(f32, Lines)> = scored.filter(|(share, _)| *share > 0.75).collect();
    let side = largest(scored.iter().map(|(share, lines)| (*share, lines.side)))?;
    scored.into_iter().map(|(_, lines)| lines).find(|lines| lines.side == side)
}

/// The largest side whose grid holds nearly as much of the change as any: half
/// of it holds all its lines, and what coding adds between them.
fn largest(sides: impl Iterator<Item = (f32, u32)> + Clone) -> Option<u32> {
    let most = sides.clone().map(|(share, _)| share).fold(0.0, f32::max);
    sides.filter(|(share, _)| *share >= 0.85 * most).map(|(_, side)| side).max()
}

/// Where blocks of a side begin: change lies before the first pixel of a block.
fn best_phase(change: &dyn Fn(u32) -> f32, area: (u32, u32), side: u32) -> Lines {
    let candidates = (0..side).map(|phase| Lines { side, phase });
    let scored = candidates.map(|lines| (share(change, area, lines), lines));
    let best = scored.max_by(|left, right| left.0.total_cmp(&right.0).then(right.1.phase.cmp(&left.1.phase)));
    best.map_or(Lines { side, phase: 0 }, |(_, lines)| lines)
}

/// How much of the change lies on the grid.
fn share(change: &dyn Fn(u32) -> f32, area: (u32, u32), lines: Lines) -> f32 {
    let (mut on_grid, mut all) = (0.0, 1e-3);
    for x in area.0..area.1 {
        let size = (change(x) - NOISE).clamp(0.0, 30.0);
        all += size;
        on_grid += if (x + 1) % lines.side == lines.phase { size } else { 0.0 };
    }
    on_grid / all
}

/// Columns that are covered: whole blocks without change inside, up to the
/// last pixel with ink.
fn spans(look: &Look, grid: &Grid, lines: Lines, area: (u32, u32), rows: (u32, u32)) -> Vec<(u32, u32)> {
    let gap = (1.8 * grid.cell_width) as u32;
    let ground = f32::from(grid.ground);
    let mut spans: Vec<(u32, u32)> = Vec::new();
    // Beside the area lies another window or a desktop, calm throughout.
    let within = (grid.area.x.saturating_sub(lines.side), grid.area.x + grid.area.width + lines.side);
    let before = area.0.saturating_sub(BEYOND).max(look.place.x + lines.side).max(within.0);
    let after = (area.1 + BEYOND).min((look.place.x + look.place.width).saturating_sub(lines.side)).min(within.1);
    let mut x = before + (lines.phase + lines.side - before % lines.side) % lines.side;
    while x < after {
        let (first, last) = (x, x + lines.side - 2);
        let calm_at = |x: &u32| {
            let limit = if lines.side > 5 && (*x == first || *x == last) { EDGE } else { 1.0 };
            unrest(&look.column(*x, rows), &look.column(x + 1, rows), ground) <= limit
        };
        let calm = (first..=last).filter(calm_at).count() as u32;
        let height = |x: u32| change(&look.column(x, rows), &vec![ground; (rows.1 - rows.0) as usize]);
        let inked = (x..x + lines.side).rev().find(|x| height(*x) > INK);
        // The last block, cut off by the rectangle's edge, changes once inside.
        let (whole, cut_off) = (calm + 1 >= lines.side, calm + 2 >= lines.side && lines.side > 3);
        match (inked, spans.last_mut()) {
            (Some(last), Some(span)) if whole && x <= span.1 + gap => span.1 = last + 1,
            (Some(last), Some(span)) if cut_off && x <= span.1 + 1 => span.1 = last + 1,
            (Some(last), _) if whole => spans.push((x, last + 1)),
            _ => {}
        }
        x += lines.side;
    }
    spans.retain(|span| span.1 - span.0 >= (1.6 * grid.cell_width) as u32 && span.0 < area.1 && span.1 > area.0);
    spans
}

/// Up and down from the middle of the line, block by block.
fn rect(look: &Look, grid: &Grid, span: (u32, u32), lines: Lines, text: (u32, u32)) -> Option<Rect> {
    let level = f32::from(grid.ground);
    // By block: in a line of descenders alone few have ink.
    let inked = |y: u32| {
        let levels = look.line(y, span);
        levels.chunks(lines.side as usize).any(|block| change(block, &vec![level; block.len()]) > BLOCK_INK)
    };
    let calm = |y: u32| is_calm(&look.line(y, span), &look.line(y + 1, span), level);
    let middle = text.0.midpoint(text.1);
    let mut top = middle - (middle + lines.side - lines.phase) % lines.side;
    let lowest = text.0.saturating_sub(lines.side.max(4));
    while top >= lowest + lines.side {
        let above = top - lines.side;
        let whole = (above..top - 1).filter(|y| calm(*y)).count() as u32 + 1 >= lines.side;
        if !(whole && (above..top).any(&inked)) {
            break;
        }
        top = above;
    }
    let mut bottom = middle;
    while bottom < text.1 + lines.side.min(5)
        && inked(bottom)
        && (calm(bottom - 1) || (bottom - top).is_multiple_of(lines.side))
    {
        bottom += 1;
    }
    (bottom > top + 3).then_some(Rect { x: span.0, y: top, width: span.1 - span.0, height: bottom - top })
}
