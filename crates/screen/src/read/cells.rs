//! Cutting the cells of a row, and telling empty, covered and clear ones apart.

use crate::{Grid, Luma};

/// Range of brightness in a cell below which it is empty whatever the rest shows.
const EMPTY_RANGE: u8 = 18;

/// Range up to which a cell is of one level: ground, or a cursor.
pub(crate) const EVEN: f32 = 8.0;

/// Shape of the cells of one grid: whole pixels to which each cell is sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shape {
    pub width: usize,
    pub height: usize,
}

impl Shape {
    pub fn of(grid: &Grid) -> Self {
        let whole = |length: f32| (length - 0.02).ceil().max(3.0) as usize;
        Self { width: whole(grid.cell_width), height: whole(grid.cell_height) }
    }

    pub fn len(&self) -> usize {
        self.width * self.height
    }

    /// Lines above and below that may be the next row's, where the grid is off by a pixel.
    pub fn margin(&self) -> usize {
        (self.height / 7).max(2)
    }
}

/// A cell with ink, brightness about its mean.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// Brightness less its mean, row by row.
    pub ink: Vec<f32>,
    /// Length of `ink` as a vector.
    pub norm: f32,
    /// Brightest less darkest.
    pub range: f32,
    /// Steepest step between neighbours, as a share of the range.
    pub edge: f32,
}

impl Cell {
    /// The same in reverse.
    pub fn inverted(mut self) -> Self {
        self.ink.iter_mut().for_each(|ink| *ink = -*ink);
        self
    }
}

/// Ink that came over from next door leaves less than this share of it elsewhere in the cell.
const OVERHANG: f32 = 0.35;

/// What a cell holds before anyone asks which character.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Empty,
    /// Something without the edges of a character: blurred or washed out.
    Covered,
    /// A cursor: the whole cell or its frame inked.
    Cursor,
    Ink(Cell),
}

/// A line from side to side is ink from this share of the contrast on, in video so
/// poor that what is faint begins higher: elsewhere it is the edge of a cover.
const POOR: f32 = 0.25;
const STROKE: f32 = 0.16;

/// Interpolation makes differences larger by so much at most, across and down.
const OVERSHOOT: f32 = 1.6;

/// Taps of the interpolation on either side.
const REACH: i64 = 3;

/// Samples all cells of a row, `columns` cells of `shape`, one after another. Whole cells are copied; others are interpolated with a kernel
/// that keeps fine strokes whatever part of a pixel they begin at.
#[derive(Clone, Debug)]
pub(crate) struct Sampler {
    shape: Shape,
    columns: usize,
    left: f32,
    across: Vec<(i64, [f32; 6])>,
    scale_y: f32,
    is_whole: bool,
}

/// Room for a sampled row and for what leads to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room {
    /// The cells of the row, one after another.
    pub row: Vec<f32>,
    lines: Vec<f32>,
    mixed: Vec<f32>,
}

impl Sampler {
    pub fn new(grid: &Grid, shape: Shape, columns: usize) -> Self {
        let whole_cells = shape.width as f32 == grid.cell_width && shape.height as f32 == grid.cell_height;
        let scale = grid.cell_width / shape.width as f32;
        let across = (0..columns * shape.width).map(|x| taps(grid.origin_x + (x as f32 + 0.5) * scale - 0.5)).collect();
        Self {
            shape,
            columns,
            left: grid.origin_x,
            across,
            scale_y: grid.cell_height / shape.height as f32,
            is_whole: whole_cells && grid.origin_x.fract() == 0.0 && grid.origin_y.fract() == 0.0,
        }
    }

    /// Pixels in a line of a sampled row.
    pub fn width(&self) -> usize {
        self.columns * self.shape.width
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Four pixels near the corners of a cell of a sampled row, so far inside
    /// that they are the cell's though the grid is off by a pixel.
    pub fn corners(&self, row: &[f32], column: usize) -> [f32; 4] {
        let (inset, first) = ((self.shape.height / 8).max(1), column * self.shape.width);
        let (top, bottom) = (inset, self.shape.height - 1 - inset);
        let (left, right) = (first + 1, first + self.shape.width - 2);
        [(left, top), (right, top), (left, bottom), (right, bottom)].map(|(x, y)| self.level(row, x, y))
    }

    /// A level of a sampled row, by column and line of pixels.
    fn level(&self, row: &[f32], x: usize, y: usize) -> f32 {
        row[x / self.shape.width * self.shape.len() + y * self.shape.width + x % self.shape.width]
    }

    /// True if all ink of a cell came over from the character before or after:
    /// it fills a fifth of the cell at that side, and goes on there as strong.
    pub fn is_overhang(&self, row: &[f32], column: usize, ground: f32) -> bool {
        let width = self.shape.width;
        let most = |columns: &[f32]| columns.iter().copied().fold(0.0, f32::max);
        let margin = (width / 5).max(1);
        let own = self.strongest(row, column, ground);
        let (left, right) = (most(&own[..margin]), most(&own[width - margin..]));
        let strongest = most(&own);
        let is_before = column > 0 && strongest == left && most(&own[margin..]) < OVERHANG * left;
        let is_after =
            column + 1 < self.columns && strongest == right && most(&own[..width - margin]) < OVERHANG * right;
        is_before && self.strongest(row, column - 1, ground)[width - 1] >= left
            || is_after && self.strongest(row, column + 1, ground)[0] >= right
    }

    /// By column of pixels of a cell the most that stands off the ground.
    fn strongest(&self, row: &[f32], column: usize, ground: f32) -> Vec<f32> {
        let mut strongest = vec![0f32; self.shape.width];
        for line in self.cell(row, column).chunks_exact(self.shape.width) {
            for (most, level) in strongest.iter_mut().zip(line) {
                *most = most.max((level - ground).abs());
            }
        }
        strongest
    }

    /// Which cells of a row are even before they are sampled; sampling may make more of little.
    pub fn even(&self, luma: &Luma, top: f32) -> Vec<bool> {
        let most = luma.height.saturating_sub(1) as f32;
        let reach = if self.is_whole { 0.0 } else { REACH as f32 };
        let first = (top - reach).floor().clamp(0.0, most) as usize;
        let last = (top + self.shape.height as f32 * self.scale_y + reach).ceil().clamp(0.0, most + 1.0) as usize;
        let (mut darkest, mut brightest) = (vec![u8::MAX; luma.width], vec![0; luma.width]);
        for line in luma.pixels.chunks_exact(luma.width.max(1)).take(last).skip(first) {
            darkest.iter_mut().zip(line).for_each(|(darkest, pixel)| *darkest = (*darkest).min(*pixel));
            brightest.iter_mut().zip(line).for_each(|(brightest, pixel)| *brightest = (*brightest).max(*pixel));
        }
        let even = |column: usize| {
            let taps = &self.across[column * self.shape.width..(column + 1) * self.shape.width];
            let (Some((start, _)), Some((end, _))) = (taps.first(), taps.last()) else { return true };
            let inside = |x: i64| x.clamp(0, luma.width as i64) as usize;
            let pixels = inside(*start)..inside(end + 2 * REACH);
            let least = darkest[pixels.clone()].iter().min().copied().unwrap_or(0);
            let most = brightest[pixels].iter().max().copied().unwrap_or(0);
            f32::from(most.saturating_sub(least)) * OVERSHOOT <= EVEN
        };
        (0..self.columns).map(even).collect()
    }

    /// Samples the row whose upper edge is at `top`.
    pub fn row(&self, luma: &Luma, top: f32, room: &mut Room) {
        let Room { row, lines, mixed } = room;
        row.clear();
        if self.is_whole && top.fract() == 0.0 {
            self.copy(luma, top as i64, row);
            return;
        }
        let width = self.width();
        let downs: Vec<(i64, [f32; 6])> =
            (0..self.shape.height).map(|y| taps(top + (y as f32 + 0.5) * self.scale_y - 0.5)).collect();
        let (Some(first), Some(last)) = (downs.first(), downs.last()) else { return };
        let (first, last) = (first.0, last.0 + 2 * REACH);
        lines.clear();
        for y in first..last {
            self.line(luma, y, lines);
        }
        row.resize(width * self.shape.height, 0.0);
        for (y, (start, shares)) in downs.iter().enumerate() {
            mixed.clear();
            mixed.resize(width, 0.0);
            for (tap, share) in shares.iter().enumerate() {
                let from = &lines[(start - first) as usize * width + tap * width..][..width];
                for (to, from) in mixed.iter_mut().zip(from) {
                    *to += share * from;
                }
            }
            self.spread(y, mixed, |value| *value, row);
        }
    }

    fn line(&self, luma: &Luma, y: i64, to: &mut Vec<f32>) {
        let line = &luma.pixels[y.clamp(0, luma.height as i64 - 1) as usize * luma.width..][..luma.width];
        let most = luma.width as i64 - 1;
        for (start, shares) in &self.across {
            let inside = *start >= 0 && start + 2 * REACH <= luma.width as i64;
            let sum: f32 = if inside {
                let pixels = &line[*start as usize..*start as usize + 2 * REACH as usize];
                pixels.iter().zip(shares).map(|(pixel, share)| f32::from(*pixel) * share).sum()
            } else {
                let pixel = |tap: usize| f32::from(line[(start + tap as i64).clamp(0, most) as usize]);
                shares.iter().enumerate().map(|(tap, share)| pixel(tap) * share).sum()
            };
            to.push(sum);
        }
    }

    fn copy(&self, luma: &Luma, top: i64, into: &mut Vec<f32>) {
        let (left, width) = (self.left as i64, self.width());
        into.resize(width * self.shape.height, 0.0);
        let mut edge = Vec::new();
        for y in 0..self.shape.height {
            let line = (top + y as i64).clamp(0, luma.height as i64 - 1) as usize;
            let line = &luma.pixels[line * luma.width..][..luma.width];
            let inside = usize::try_from(left).ok().and_then(|left| line.get(left..left + width));
            let pixel = |x: usize| line[(left + x as i64).clamp(0, luma.width as i64 - 1) as usize];
            let pixels = inside.unwrap_or_else(|| {
                edge = (0..width).map(pixel).collect();
                &edge
            });
            self.spread(y, pixels, |pixel| f32::from(*pixel), into);
        }
    }

    /// Gives each cell its part of a line.
    fn spread<T>(&self, y: usize, line: &[T], value: impl Fn(&T) -> f32, into: &mut [f32]) {
        let wide = self.shape.width;
        for (from, to) in line.chunks_exact(wide).zip(into.chunks_exact_mut(self.shape.len())) {
            for (to, from) in to[y * wide..][..wide].iter_mut().zip(from) {
                *to = value(from);
            }
        }
    }

    /// A line of pixels of one cell out of a sampled row.
    pub fn line_of<'r>(&self, row: &'r [f32], column: usize, y: usize) -> &'r [f32] {
        &self.cell(row, column)[y * self.shape.width..][..self.shape.width]
    }

    /// One cell out of a sampled row.
    pub fn cell<'r>(&self, row: &'r [f32], column: usize) -> &'r [f32] {
        &row[column * self.shape.len()..][..self.shape.len()]
    }
}

/// First pixel and shares of six, for a place between pixels (Lanczos).
fn taps(at: f32) -> (i64, [f32; 6]) {
    let first = at.floor() as i64 - REACH + 1;
    let mut shares = [0f32; 6];
    for (tap, share) in shares.iter_mut().enumerate() {
        let off = (at - (first + tap as i64) as f32) * std::f32::consts::PI;
        *share = if off.abs() < 1e-4 { 1.0 } else { 3.0 * off.sin() * (off / 3.0).sin() / (off * off) };
    }
    let sum: f32 = shares.iter().sum();
    (first, shares.map(|share| share / sum))
}

/// Looks at a sampled cell. `contrast` is how far ink usually stands off the
/// ground, `dim` the share of it that ink near here has, and `faint` the share of
/// that below which nothing is ink.
pub(crate) fn content(sampled: &[f32], shape: Shape, ground: f32, contrast: f32, dim: f32, faint: f32) -> Content {
    let (least, most) = extremes(sampled);
    let range = most - least;
    let strongest = (most - ground).abs().max((least - ground).abs());
    let usual = dim * contrast;
    let is_faint = range < faint * usual || strongest < 0.8 * faint * usual;
    if range < f32::from(EMPTY_RANGE) || is_faint && !(faint >= POOR && is_stroke(sampled, shape, ground, usual)) {
        let mean = sum(sampled) / sampled.len() as f32;
        let washed = range > EVEN && (mean - ground).abs() > (0.06 * contrast).max(5.0);
        return match strongest > 0.5 * contrast.max(40.0) {
            true if range < 12.0 => Content::Cursor,
            _ if washed => Content::Covered,
            _ => Content::Empty,
        };
    }
    if is_cursor(sampled, shape, ground, strongest) {
        return Content::Cursor;
    }
    let mean = sum(sampled) / sampled.len() as f32;
    let ink: Vec<f32> = sampled.iter().map(|value| value - mean).collect();
    let norm = ink.iter().map(|value| value * value).sum::<f32>().sqrt();
    // A few faint pixels are what a codec spills over from next door.
    if norm < 1.25 * faint * usual {
        return Content::Empty;
    }
    if is_blocky(sampled, shape, ground, range) {
        return Content::Covered;
    }
    let edge = steepest(sampled, shape) / range;
    Content::Ink(Cell { ink, norm, range, edge })
}

/// True for one thin line from side to side and nothing else: an underscore that
/// scaling has left faint. What a codec spills over has no such form.
fn is_stroke(sampled: &[f32], shape: Shape, ground: f32, contrast: f32) -> bool {
    let mean = |line: &[f32]| sum(line) / line.len() as f32 - ground;
    let lines = || sampled.chunks_exact(shape.width).enumerate();
    let Some((at, line)) = lines().max_by(|one, other| mean(one.1).abs().total_cmp(&mean(other.1).abs())) else {
        return false;
    };
    let level = mean(line);
    let whole = line[1..shape.width - 1].iter().all(|ink| (ink - ground) / level >= 0.5);
    let mut elsewhere = lines().filter(|(y, _)| y.abs_diff(at) > 1);
    level.abs() >= STROKE * contrast && whole && elsewhere.all(|(_, line)| mean(line).abs() <= 0.4 * level.abs())
}

/// Brightest less darkest.
pub(crate) fn range(sampled: &[f32]) -> f32 {
    let (least, most) = extremes(sampled);
    most - least
}

/// The sum, in eight parts side by side.
fn sum(values: &[f32]) -> f32 {
    let chunks = values.chunks_exact(8);
    let rest: f32 = chunks.remainder().iter().sum();
    let mut sums = [0f32; 8];
    for chunk in chunks {
        for lane in 0..8 {
            sums[lane] += chunk[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Least and most, eight lanes side by side.
fn extremes(values: &[f32]) -> (f32, f32) {
    let (mut least, mut most) = ([f32::MAX; 8], [f32::MIN; 8]);
    let chunks = values.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for lane in 0..8 {
            least[lane] = if chunk[lane] < least[lane] { chunk[lane] } else { least[lane] };
            most[lane] = if chunk[lane] > most[lane] { chunk[lane] } else { most[lane] };
        }
    }
    let least = least.iter().chain(rest).copied().fold(f32::MAX, f32::min);
    (least, most.iter().chain(rest).copied().fold(f32::MIN, f32::max))
}

/// The side at which all ink stands, in the two lowest or two highest lines, most of
/// it in the outermost; the third may hold what coding smeared. Says also
/// whether the second is about as strong.
pub(crate) fn is_at_edge(sampled: &[f32], shape: Shape, ground: f32) -> Option<(Edge, bool)> {
    let off = |value: &f32| (value - ground).abs();
    let line = |y: usize| sampled[y * shape.width..(y + 1) * shape.width].iter().map(off).fold(0.0, f32::max);
    let mut lines: Vec<f32> = (0..shape.height).map(line).collect();
    let strongest = lines.iter().copied().fold(0.0, f32::max);
    let fades = |lines: &[f32]| {
        lines[0] >= 0.8 * strongest
            && lines[2] <= (0.45 * strongest).min(lines[1].max(0.2 * strongest))
            && lines[3..].iter().all(|line| *line <= 0.3 * strongest)
    };
    if fades(&lines) {
        return Some((Edge::Above, lines[1] > 0.6 * strongest));
    }
    lines.reverse();
    fades(&lines).then(|| (Edge::Below, lines[1] > 0.6 * strongest))
}

/// Fills the outermost line at one side of a cell with its ground.
pub(crate) fn without_line(sampled: &mut [f32], shape: Shape, edge: Edge, ground: f32) {
    outermost(shape, edge).for_each(|at| sampled[at] = ground);
}

/// Whether the outermost line at one side is inked from end to end.
pub(crate) fn is_line_full(sampled: &[f32], shape: Shape, edge: Edge, ground: f32, contrast: f32) -> bool {
    outermost(shape, edge).all(|at| (sampled[at] - ground).abs() > 0.5 * contrast)
}

fn outermost(shape: Shape, edge: Edge) -> std::ops::Range<usize> {
    match edge {
        Edge::Above => 0..shape.width,
        Edge::Below => shape.len() - shape.width..shape.len(),
    }
}

/// Fills lines at the upper and lower end of a cell in reverse that are the
/// next row's, where the grid is off by a pixel.
pub(crate) fn trim(sampled: &mut [f32], shape: Shape, ground: f32, beyond: f32) {
    let margin = shape.margin();
    for y in (0..margin).chain(shape.height - margin..shape.height) {
        let line = &mut sampled[y * shape.width..(y + 1) * shape.width];
        let outside = line.iter().filter(|value| (**value - beyond).abs() < (**value - ground).abs()).count();
        if outside * 4 >= shape.width * 3 {
            line.fill(ground);
        }
    }
}

/// From which neighbour ink may have come over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    Above,
    Below,
}

/// True for much ink with few edges: blocks of a pixelation, not strokes.
fn is_blocky(sampled: &[f32], shape: Shape, ground: f32, range: f32) -> bool {
    let at = |x: usize, y: usize| sampled[y * shape.width + x];
    let inked = sampled.iter().filter(|value| (*value - ground).abs() > 0.2 * range).count();
    if inked * 100 < shape.len() * 38 {
        return false;
    }
    let across =
        (1..shape.width).filter(|x| (0..shape.height).any(|y| (at(*x, y) - at(x - 1, y)).abs() > 0.22 * range));
    let down = (1..shape.height).filter(|y| (0..shape.width).any(|x| (at(x, *y) - at(x, y - 1)).abs() > 0.22 * range));
    across.count() * 10 <= shape.width * 4 && down.count() * 10 <= shape.height * 4
}

fn steepest(sampled: &[f32], shape: Shape) -> f32 {
    let below = &sampled[shape.width.min(sampled.len())..];
    let lines = sampled.chunks_exact(shape.width);
    lines.map(|line| apart(line, &line[1..])).fold(apart(sampled, below), f32::max)
}

/// The most by which two values of one place differ, eight lanes side by side.
fn apart(one: &[f32], other: &[f32]) -> f32 {
    let length = one.len().min(other.len());
    let (one, other) = (&one[..length], &other[..length]);
    let mut most = [0f32; 8];
    let (ones, others) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    for (a, b) in ones.zip(others) {
        for lane in 0..8 {
            let apart = (a[lane] - b[lane]).abs();
            most[lane] = if apart > most[lane] { apart } else { most[lane] };
        }
    }
    most.into_iter().fold(rest, f32::max)
}

/// True if what is inked is a full rectangle, as a cursor is where the grid is off by a pixel.
fn is_block(shape: Shape, inked: &impl Fn(usize, usize) -> bool) -> bool {
    let columns: Vec<usize> = (0..shape.width).filter(|x| (0..shape.height).any(|y| inked(*x, y))).collect();
    let lines: Vec<usize> = (0..shape.height).filter(|y| (0..shape.width).any(|x| inked(x, *y))).collect();
    lines.iter().all(|y| columns.iter().all(|x| inked(*x, *y)))
}

/// True for a block over the cell, the frame of one, or a bar at its left edge.
fn is_cursor(sampled: &[f32], shape: Shape, ground: f32, strongest: f32) -> bool {
    let inked = |x: usize, y: usize| (sampled[y * shape.width + x] - ground).abs() > 0.6 * strongest;
    let total = sampled.iter().filter(|value| (*value - ground).abs() > 0.6 * strongest).count();
    if total * 100 >= shape.len() * 85 || total * 100 >= shape.len() * 70 && is_block(shape, &inked) {
        return true;
    }
    let (right, bottom) = (shape.width - 1, shape.height - 1);
    let column = |x: usize| (0..shape.height).filter(|y| inked(x, *y)).count() * 10 >= shape.height * 9;
    let row = |y: usize| (0..shape.width).filter(|x| inked(*x, y)).count() * 10 >= shape.width * 9;
    let frame = (column(0) || column(1))
        && (column(right) || column(right - 1))
        && (row(0) || row(1))
        && (row(bottom) || row(bottom - 1));
    let bar =
        column(0) && total <= 2 * shape.height && (0..shape.height).all(|y| (2..shape.width).all(|x| !inked(x, y)));
    frame || bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rect;

    const SHAPE: Shape = Shape { width: 8, height: 16 };

    /// A cell of ground with the given lines inked from end to end.
    fn inked(lines: &[(usize, f32)]) -> Vec<f32> {
        let mut cell = vec![20.0; SHAPE.len()];
        lines.iter().for_each(|(y, level)| cell[y * SHAPE.width..][..SHAPE.width].fill(*level));
        cell
    }

    #[test]
    fn ink_from_the_next_row_fades_inwards() {
        let at = |lines: &[(usize, f32)]| is_at_edge(&inked(lines), SHAPE, 20.0);
        assert_eq!(at(&[(15, 220.0), (14, 80.0), (13, 60.0)]), Some((Edge::Below, false)));
        assert_eq!(at(&[(0, 220.0), (1, 200.0)]), Some((Edge::Above, true)));
        // An underscore, with a gap to the bar below it.
        assert_eq!(at(&[(15, 220.0), (13, 110.0)]), None);
        assert_eq!(at(&[(8, 220.0)]), None);
    }

    #[test]
    fn ink_from_the_next_character_stands_at_that_side_only() {
        let area = Rect { x: 0, y: 0, width: 16, height: 16 };
        let grid = Grid { area, origin_x: 0.0, origin_y: 0.0, cell_width: 8.0, cell_height: 16.0, ground: 20 };
        let sampler = Sampler::new(&grid, SHAPE, 2);
        let mut row = vec![20.0; 2 * SHAPE.len()];
        for y in 4..12 {
            [y * 8 + 6, y * 8 + 7, SHAPE.len() + y * 8].into_iter().for_each(|at| row[at] = 200.0);
        }
        assert!(sampler.is_overhang(&row, 1, 20.0) && !sampler.is_overhang(&row, 0, 20.0));
        row[SHAPE.len() + 4 * 8 + 4] = 200.0;
        assert!(!sampler.is_overhang(&row, 1, 20.0));
    }

    /// In poor video only: elsewhere so faint a line is the edge of a cover beside the row.
    #[test]
    fn a_faint_underscore_is_ink_and_faint_specks_are_not() {
        let line = inked(&[(14, 60.0), (13, 35.0)]);
        assert!(matches!(content(&line, SHAPE, 20.0, 180.0, 1.0, 0.3), Content::Ink(_)));
        assert!(matches!(content(&line, SHAPE, 20.0, 220.0, 1.0, 0.2), Content::Empty));
        let mut specks = inked(&[]);
        (0..4).for_each(|x| specks[14 * SHAPE.width + x] = 60.0);
        assert!(matches!(content(&specks, SHAPE, 20.0, 180.0, 1.0, 0.3), Content::Empty));
    }

    #[test]
    fn a_cursor_off_the_grid_is_one() {
        let block: Vec<(usize, f32)> = (2..16).map(|y| (y, 220.0)).collect();
        assert!(matches!(content(&inked(&block), SHAPE, 20.0, 180.0, 1.0, 0.16), Content::Cursor));
    }
}
