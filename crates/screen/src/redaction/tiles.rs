//! A frame in tiles of four pixels: which are soft (blurred), which belong to
//! a regular grid of blocks, which are flat but not ground.

use std::ops::Range;

use crate::{Luma, Rect};

/// Side of a tile in pixels.
pub(crate) const TILE: usize = 4;

/// Side of a neighbourhood with a ground of its own.
const AREA: usize = 160;

/// A flat tile this many levels from the ground is not the ground's: coding
/// leaves even places within two levels, and white on cream is seven away.
const OFF_GROUND: u8 = 5;

/// Steps over flat tiles from one that is soft: what lies farther off is a
/// margin or a desktop beside the cover.
const FLATS: usize = 2;

/// Share of its height by which a tile bends at most if it is soft. Of tiles
/// below a blur of sigma 2 four in five do, and of clear text, in poor video
/// too, fewer than one in a thousand.
const SOFT: f32 = 0.5;

/// Soft tiles in a line one tile wide, so many down or across, are an edge: what
/// a blur leaves of a stroke is wider, and of an underscore no longer than a word.
const LINE_DOWN: usize = 4;
const LINE_ACROSS: usize = 24;

/// What a tile looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    /// Ground, sharp text, or anything else that is no cover.
    #[default]
    Plain,
    /// Varies, but bends nowhere as sharply as drawn text does.
    Soft,
    /// Constant within blocks of this side.
    Blocks(u8),
    /// One level (in steps of four) that is not the ground's.
    Flat(u8),
}

/// The tiles of a frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tiles {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    pub(crate) looks: Vec<Look>,
    /// The commonest level of the frame and of each neighbourhood.
    ground: u8,
    grounds: Vec<u8>,
}

/// Tiles of one look that hang together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Patch {
    pub(crate) look: Look,
    pub(crate) rect: Rect,
}

/// What is measured of one tile.
#[derive(Clone, Copy, Default)]
struct Measure {
    low: u8,
    high: u8,
    bend: u8,
}

impl Tiles {
    /// Measures a frame.
    pub(crate) fn new(luma: &Luma) -> Self {
        let (columns, rows) = (luma.width / TILE, luma.height / TILE);
        let (ground, grounds) = grounds(luma);
        let mut tiles = Self { columns, rows, looks: vec![Look::Plain; columns * rows], ground, grounds };
        let mut lines = Lines::new(luma.width);
        let mut measures = Vec::with_capacity(columns * rows);
        (0..rows).for_each(|row| lines.measure(luma, row * TILE, &mut measures));
        for at in 0..columns * rows {
            tiles.looks[at] = tiles.judge(&measures, at, luma.width);
        }
        tiles.leave_out_lines();
        super::blocks::mark(luma, &mut tiles);
        tiles
    }

    /// The edge of a window is soft in coded video, and would join all that is
    /// covered along it to one patch.
    fn leave_out_lines(&mut self) {
        let is_soft = |column: Option<usize>, row: Option<usize>| match (column, row) {
            (Some(column), Some(row)) if column < self.columns && row < self.rows => {
                self.looks[row * self.columns + column] == Look::Soft
            }
            _ => false,
        };
        let thin_down = |column: usize, row: usize| {
            let beside = || is_soft(column.checked_sub(1), Some(row)) || is_soft(Some(column + 1), Some(row));
            is_soft(Some(column), Some(row)) && !beside()
        };
        let thin_across = |column: usize, row: usize| {
            let beside = || is_soft(Some(column), row.checked_sub(1)) || is_soft(Some(column), Some(row + 1));
            is_soft(Some(column), Some(row)) && !beside()
        };
        let mut lines = Vec::new();
        for column in 0..self.columns {
            let run = runs(self.rows, LINE_DOWN, |row| thin_down(column, row));
            lines.extend(run.into_iter().flatten().map(|row| row * self.columns + column));
        }
        for row in 0..self.rows {
            let run = runs(self.columns, LINE_ACROSS, |column| thin_across(column, row));
            lines.extend(run.into_iter().flatten().map(|column| row * self.columns + column));
        }
        lines.into_iter().for_each(|at| self.looks[at] = Look::Plain);
    }

    fn judge(&self, measures: &[Measure], at: usize, width: usize) -> Look {
        let own = measures[at];
        let (x, y) = (at % self.columns * TILE, at / self.columns * TILE);
        let nearby = self.grounds[y / AREA * width.div_ceil(AREA) + x / AREA];
        let over = |ground: u8| own.high.abs_diff(ground).max(own.low.abs_diff(ground));
        let height = over(nearby).min(over(self.ground));
        let range = own.high - own.low;
        if range <= 2 && height >= OFF_GROUND {
            return Look::Flat(own.low.midpoint(own.high) / 4);
        }
        let bends_little = height >= 7 && f32::from(own.bend) <= SOFT * f32::from(height) + 3.0;
        // Most tiles are ground; those around need not be looked at.
        let is_soft = bends_little && {
            let (low, high) = self.around(measures, at);
            high - low >= 6
        };
        if is_soft { Look::Soft } else { Look::Plain }
    }

    /// Lowest and highest level of a tile and its neighbours.
    fn around(&self, measures: &[Measure], at: usize) -> (u8, u8) {
        let (column, row) = (at % self.columns, at / self.columns);
        let mut range = (255, 0);
        for row in row.saturating_sub(1)..(row + 2).min(self.rows) {
            for column in column.saturating_sub(1)..(column + 2).min(self.columns) {
                let other = measures[row * self.columns + column];
                range = (range.0.min(other.low), range.1.max(other.high));
            }
        }
        range
    }

    /// Covers of at least the size of two characters, by look, then place.
    pub(crate) fn patches(&self) -> Vec<Patch> {
        let mut taken = vec![false; self.looks.len()];
        let mut patches = Vec::new();
        for flat in [false, true] {
            for at in 0..self.looks.len() {
                let look = self.looks[at];
                if look != Look::Plain && matches!(look, Look::Flat(_)) == flat && !taken[at] {
                    patches.extend(self.grow(at, &mut taken));
                }
            }
        }
        patches.sort_by_key(|patch| (patch.look, patch.rect.y, patch.rect.x));
        patches
    }

    /// Whether soft tiles are the edge of a solid cover: most tiles that hang
    /// together with them are flat, all of one level.
    fn is_edge(&self, mine: &[usize], soft: usize) -> bool {
        let levels =
            mine.iter().filter_map(|at| if let Look::Flat(level) = self.looks[*at] { Some(level) } else { None });
        let (low, high) = levels.fold((u8::MAX, 0), |(low, high), level| (low.min(level), high.max(level)));
        high >= low && high - low <= 1 && soft * 3 < mine.len()
    }

    /// Takes all tiles that hang together with one, over gaps of up to three
    /// tiles (a blank below a weak blur is ground again; among blocks it leaves
    /// a window with too little change). Below a wide blur some tiles are flat;
    /// a patch that is flat nearly throughout is solid. Windows of one
    /// pixelation may differ in the side they tell; most of them are right.
    fn grow(&self, start: usize, taken: &mut [bool]) -> Option<Patch> {
        let look = self.looks[start];
        let gap: isize = match look {
            Look::Flat(_) => 1,
            Look::Blocks(_) => 12,
            Look::Soft | Look::Plain => 3,
        };
        let (mut queue, mut count, mut soft) = (vec![(start, 0)], 0, 0);
        let (mut sides, mut mine) = ([0usize; 256], Vec::new());
        let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
        taken[start] = true;
        while let Some((at, flats)) = queue.pop() {
            let (column, row) = (at % self.columns, at / self.columns);
            count += 1;
            mine.push(at);
            soft += usize::from(self.looks[at] == Look::Soft);
            if let Look::Blocks(side) = self.looks[at] {
                sides[usize::from(side)] += 1;
            }
            (left, right) = (left.min(column), right.max(column));
            (top, bottom) = (top.min(row), bottom.max(row));
            for (dx, dy) in (-gap..=gap).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))) {
                let (Some(column), Some(row)) = (column.checked_add_signed(dx), row.checked_add_signed(dy)) else {
                    continue;
                };
                let next = row * self.columns + column;
                if column >= self.columns || row >= self.rows || taken[next] || !alike(look, self.looks[next]) {
                    continue;
                }
                let flats = if self.looks[next] == Look::Soft || look != Look::Soft { 0 } else { flats + 1 };
                if flats <= FLATS {
                    taken[next] = true;
                    queue.push((next, flats));
                }
            }
        }
        let (width, height) = (right - left + 1, bottom - top + 1);
        let fill = count as f32 / (width * height) as f32;
        let look = match look {
            Look::Soft | Look::Flat(_) if soft * 8 >= count => Look::Soft,
            Look::Soft => Look::Flat(0),
            Look::Blocks(own) => {
                Look::Blocks((0..=255u8).max_by_key(|side| (sides[usize::from(*side)], *side)).unwrap_or(own))
            }
            other => other,
        };
        let enough = match look {
            Look::Flat(_) => width >= 4 && height >= 3 && fill > 0.9,
            _ => width >= 5 && height >= 2 && fill > 0.4,
        };
        let rect = Rect {
            x: (left * TILE) as u32,
            y: (top * TILE) as u32,
            width: (width * TILE) as u32,
            height: (height * TILE) as u32,
        };
        let enough = enough && !(self.looks[start] == Look::Soft && self.is_edge(&mine, soft));
        if !enough && self.looks[start] == Look::Soft {
            // A few soft tiles at the edge of a solid cover must not cost it those beside them.
            let flat = |at: &&usize| matches!(self.looks[**at], Look::Flat(_));
            mine.iter().filter(flat).for_each(|at| taken[*at] = false);
        }
        enough.then_some(Patch { look, rect })
    }
}

/// Runs of at least so many places in a row of which something holds.
fn runs(places: usize, least: usize, holds: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for at in 0..=places {
        if at == places || !holds(at) {
            found.extend((at - start >= least).then_some(start..at));
            start = at + 1;
        }
    }
    found
}

fn alike(left: Look, right: Look) -> bool {
    match (left, right) {
        (Look::Flat(left), Look::Flat(right)) => left.abs_diff(right) <= 1,
        (Look::Soft, Look::Flat(_)) | (Look::Blocks(_), Look::Blocks(_)) => true,
        _ => left == right,
    }
}

/// The commonest level of the frame, and of each square of it; windows differ.
fn grounds(luma: &Luma) -> (u8, Vec<u8>) {
    let (across, down) = (luma.width.div_ceil(AREA), luma.height.div_ceil(AREA));
    let mut all = [0usize; 256];
    let square = |at: usize| {
        let counts = levels(luma, (at % across * AREA, at / across * AREA), AREA);
        all.iter_mut().zip(&counts).for_each(|(all, count)| *all += count);
        commonest(&counts)
    };
    let grounds = (0..across * down).map(square).collect();
    (commonest(&all), grounds)
}

/// How often each level stands in every second line of a square.
fn levels(luma: &Luma, corner: (usize, usize), side: usize) -> [usize; 256] {
    let mut counts = [0usize; 256];
    for row in (corner.1..(corner.1 + side).min(luma.height)).step_by(2) {
        let line = &luma.pixels[row * luma.width..(row + 1) * luma.width];
        let part = &line[corner.0..(corner.0 + side).min(luma.width)];
        part.iter().for_each(|level| counts[usize::from(*level)] += 1);
    }
    counts
}

fn commonest(counts: &[usize; 256]) -> u8 {
    (0..=255u8).max_by_key(|level| counts[usize::from(*level)]).unwrap_or(0)
}

/// Room for what is measured of four lines of pixels: by column the range and
/// the sharpest bend (second difference), across a line or down.
struct Lines {
    low: Vec<u8>,
    high: Vec<u8>,
    bend: Vec<u8>,
}

impl Lines {
    fn new(width: usize) -> Self {
        Self { low: vec![0; width], high: vec![0; width], bend: vec![0; width] }
    }

    /// Measures a row of tiles. An even tile bends nowhere, whatever is beside it.
    fn measure(&mut self, luma: &Luma, top: usize, into: &mut Vec<Measure>) {
        self.low.fill(255);
        self.high.fill(0);
        self.bend.fill(0);
        (top..top + TILE).for_each(|row| self.line(luma, row));
        let tiles = self.low.chunks_exact(TILE).zip(self.high.chunks_exact(TILE)).zip(self.bend.chunks_exact(TILE));
        into.extend(tiles.map(|((low, high), bend)| {
            let most = |levels: &[u8]| levels.iter().copied().fold(0, u8::max);
            let (low, high) = (low.iter().copied().fold(255, u8::min), most(high));
            Measure { low, high, bend: if low == high { 0 } else { most(bend) } }
        }));
    }

    fn line(&mut self, luma: &Luma, row: usize) {
        let width = luma.width;
        let line = |row: usize| &luma.pixels[row * width..(row + 1) * width];
        let (own, above, below) = (line(row), line(row.saturating_sub(1)), line((row + 1).min(luma.height - 1)));
        for ((low, high), level) in self.low.iter_mut().zip(&mut self.high).zip(own) {
            (*low, *high) = ((*low).min(*level), (*high).max(*level));
        }
        for (((bend, level), above), below) in self.bend.iter_mut().zip(own).zip(above).zip(below) {
            *bend = (*bend).max(bent(*above, *level, *below));
        }
        let Some(inner) = width.checked_sub(2) else { return };
        let (before, after) = (&own[..inner], &own[2..]);
        for (((bend, level), before), after) in self.bend[1..=inner].iter_mut().zip(&own[1..]).zip(before).zip(after) {
            *bend = (*bend).max(bent(*before, *level, *after));
        }
        // Beyond the edges the picture goes on as it ends.
        self.bend[0] = self.bend[0].max(own[0].abs_diff(own[1]));
        self.bend[width - 1] = self.bend[width - 1].max(own[width - 1].abs_diff(own[inner]));
    }
}

/// The second difference of three levels, 255 at most.
fn bent(before: u8, level: u8, after: u8) -> u8 {
    (2 * i16::from(level) - i16::from(before) - i16::from(after)).unsigned_abs().min(255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two covers along a window's edge that coding left soft are two patches.
    #[test]
    fn an_edge_does_not_join_covers() {
        let level = |x: usize, y: usize| -> f32 {
            let ground = [10.0, 14.0, 18.0, 22.0, 24.0][(x.clamp(17, 21)) - 17];
            let covered = (24..140).contains(&x) && [60..84, 130..154].iter().any(|lines| lines.contains(&y));
            let wave = |at: usize, period: f32| 0.5 - 0.5 * (at as f32 * std::f32::consts::TAU / period).cos();
            ground
                + if covered { 90.0 * wave(x - 24, 11.6) * wave(y - if y < 100 { 60 } else { 130 }, 24.0) } else { 0.0 }
        };
        let (width, height) = (320, 240);
        let pixels = (0..width * height).map(|at| level(at % width, at / width).round() as u8).collect();
        let tiles = Tiles::new(&Luma { width, height, pixels });
        let soft: Vec<Rect> =
            tiles.patches().into_iter().filter(|patch| patch.look == Look::Soft).map(|patch| patch.rect).collect();
        assert!(matches!(soft[..], [one, two] if one.y + one.height < two.y), "{soft:?}");
    }
}
