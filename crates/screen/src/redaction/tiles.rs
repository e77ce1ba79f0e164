//! A frame in tiles of four pixels: which are soft (blurred), which belong to
//! a regular grid of blocks, which are flat but not ground.

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
        let (ground, grounds) = (commonest(luma, (0, 0), luma.width.max(luma.height)), grounds(luma));
        let mut tiles = Self { columns, rows, looks: vec![Look::Plain; columns * rows], ground, grounds };
        let measures: Vec<Measure> =
            (0..columns * rows).map(|at| measure(luma, at % columns * TILE, at / columns * TILE)).collect();
        for at in 0..columns * rows {
            tiles.looks[at] = tiles.judge(&measures, at, luma.width);
        }
        super::blocks::mark(luma, &mut tiles);
        tiles
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
        let (low, high) = self.around(measures, at);
        let soft = height >= 7 && f32::from(own.bend) <= SOFT * f32::from(height) + 3.0 && high - low >= 6;
        if soft { Look::Soft } else { Look::Plain }
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

fn alike(left: Look, right: Look) -> bool {
    match (left, right) {
        (Look::Flat(left), Look::Flat(right)) => left.abs_diff(right) <= 1,
        (Look::Soft, Look::Flat(_)) | (Look::Blocks(_), Look::Blocks(_)) => true,
        _ => left == right,
    }
}

/// The commonest level of each square of the frame; windows differ.
fn grounds(luma: &Luma) -> Vec<u8> {
    let (across, down) = (luma.width.div_ceil(AREA), luma.height.div_ceil(AREA));
    (0..across * down).map(|at| commonest(luma, (at % across * AREA, at / across * AREA), AREA)).collect()
}

fn commonest(luma: &Luma, corner: (usize, usize), side: usize) -> u8 {
    let mut counts = [0usize; 256];
    for row in (corner.1..(corner.1 + side).min(luma.height)).step_by(2) {
        let line = &luma.pixels[row * luma.width..(row + 1) * luma.width];
        let part = &line[corner.0..(corner.0 + side).min(luma.width)];
        part.iter().for_each(|level| counts[usize::from(*level)] += 1);
    }
    (0..=255u8).max_by_key(|level| counts[usize::from(*level)]).unwrap_or(0)
}

/// Range and sharpest bend (second difference) of a tile.
fn measure(luma: &Luma, left: usize, top: usize) -> Measure {
    let mut measure = Measure { low: 255, high: 0, bend: 0 };
    let width = luma.width;
    let first = luma.pixels[top * width + left];
    // Most tiles are one level throughout; those need no second look.
    let even =
        (top..top + TILE).all(|row| luma.pixels[row * width + left..][..TILE].iter().all(|level| *level == first));
    if even {
        return Measure { low: first, high: first, bend: 0 };
    }
    for row in top..top + TILE {
        let line = &luma.pixels[row * width..(row + 1) * width];
        let above = &luma.pixels[row.saturating_sub(1) * width..][..width];
        let below = &luma.pixels[(row + 1).min(luma.height - 1) * width..][..width];
        for column in left..left + TILE {
            let own = line[column];
            let level = i16::from(own);
            let across = i16::from(line[column.saturating_sub(1)]) + i16::from(line[(column + 1).min(width - 1)]);
            let down = i16::from(above[column]) + i16::from(below[column]);
            let bend = (2 * level - across).abs().max((2 * level - down).abs());
            measure.low = measure.low.min(own);
            measure.high = measure.high.max(own);
            measure.bend = measure.bend.max(bend.min(255) as u8);
        }
    }
    measure
}
