//! What the cells of a row hold, and which glyphs they look like.
//!
//! Rows that were just drawn teach no glyphs. They are looked at side by side,
//! which is most of the work where a screen scrolls; what was learned before
//! the picture decides, so that it is the same on any number of threads.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::Pane;
use super::reverse::{reversed, shade};
use crate::Luma;
use crate::read::cells::{self, Cell, Content, Room};
use crate::read::glyphs::Match;
use crate::read::track::{EMPTY, FIRST_GLYPH, Line, Seen, UNKNOWN};

/// Rows from which on a second thread is worth waking.
const SIDE_BY_SIDE: usize = 4;
/// Cells that are remembered at most.
const SAID_AT_MOST: usize = 20_000;

/// Columns on either side that show how dim a word is, and a share of the contrast
/// below which they show nothing.
const WORD: usize = 3;
const DIM: f32 = 0.35;

/// What is known of a sight of a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// Just drawn: coding may not be done with it.
    Fresh,
    /// Drawn long enough ago; new glyphs are learned from it.
    Settled,
    /// The picture kept of an earlier sight.
    Again { settled: bool },
}

impl Sight {
    fn is_new(self) -> bool {
        !matches!(self, Self::Again { .. })
    }

    fn is_settled(self) -> bool {
        matches!(self, Self::Settled | Self::Again { settled: true })
    }
}

/// What one look at a cell says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Glance {
    Empty,
    Covered,
    Ink {
        nearest: Option<Match>,
        /// Of the cell: [`Cell::edge`] and [`Cell::range`].
        edge: f32,
        range: f32,
    },
}

/// What cells said that are the same to the pixel: where a screen scrolls, seven in
/// ten are. Forgotten when there is a new glyph or cells are judged otherwise.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    /// Number of glyphs, and what is faint, as bits.
    of: (usize, u32),
    glances: HashMap<u64, Glance, FixedState>,
}

/// A cell as it was sampled.
struct Sampled<'a> {
    column: usize,
    /// All of its row.
    row: &'a [f32],
    levels: &'a [f32],
    ground: f32,
    is_reversed: bool,
    dim: f32,
}

impl Sampled<'_> {
    /// Of all that a glance depends on and that is not the same for all cells.
    fn key(&self) -> u64 {
        let mut hasher = FixedState::default().build_hasher();
        let rest = [self.ground, self.dim, if self.is_reversed { 1.0 } else { 0.0 }];
        let levels = self.levels.iter().chain(&rest).map(|level| u64::from(level.to_bits()));
        levels.for_each(|level| hasher.write_u64(level));
        hasher.finish()
    }
}

const NOTHING: Seen = Seen { code: EMPTY, score: 1.0, lead: 9.0, step: 0.0 };
const UNREADABLE: Seen = Seen { code: UNKNOWN, score: 0.0, lead: 0.0, step: 0.0 };

impl Pane {
    /// Looks at rows that were just drawn.
    pub(super) fn glances(&mut self, luma: &Luma, rows: &[usize]) -> Vec<Vec<Glance>> {
        let of = (self.glyphs.len(), self.faint().to_bits());
        if self.said.of != of || self.said.glances.len() > SAID_AT_MOST {
            self.said.glances.clear();
            self.said.of = of;
        }
        let glance = |room: &mut Room, row: &usize| self.glance(luma, self.top(*row), room);
        let (glances, new): (Vec<_>, Vec<_>) = if rows.len() < SIDE_BY_SIDE {
            let mut room = Room::default();
            rows.iter().map(|row| glance(&mut room, row)).unzip()
        } else {
            rows.par_iter().map_init(Room::default, glance).unzip()
        };
        self.said.glances.extend(new.into_iter().flatten());
        glances
    }

    /// A row's cells, and what they say that were not seen before.
    fn glance(&self, luma: &Luma, top: f32, room: &mut Room) -> (Vec<Glance>, Vec<(u64, Glance)>) {
        let mut new = Vec::new();
        let look = |sampled: &Sampled<'_>| match self.content(sampled) {
            Content::Empty | Content::Cursor => Glance::Empty,
            Content::Covered => Glance::Covered,
            Content::Ink(cell) => {
                Glance::Ink { nearest: self.glyphs.nearest(&cell), edge: cell.edge, range: cell.range }
            }
        };
        let glances = self.cells_of(
            luma,
            top,
            room,
            || Glance::Empty,
            |sampled| {
                let key = sampled.key();
                let glance = self.said.glances.get(&key).copied().unwrap_or_else(|| {
                    let glance = look(sampled);
                    new.push((key, glance));
                    glance
                });
                let is_ink = matches!(glance, Glance::Ink { .. });
                if is_ink && self.came_over(luma, top, sampled) { Glance::Empty } else { glance }
            },
        );
        (glances, new)
    }

    /// The cells of a row by a glance at them.
    pub(super) fn line_of(&mut self, glances: Vec<Glance>) -> Line {
        let seen = |glance| match glance {
            Glance::Empty => NOTHING,
            Glance::Covered => UNREADABLE,
            Glance::Ink { nearest, edge, range } => {
                self.gauge_sight(nearest, edge, Sight::Fresh);
                self.seen(nearest, edge, range, false)
            }
        };
        glances.into_iter().map(seen).collect()
    }

    /// The cells of a row whose upper edge is at `top`. A settled row may teach new glyphs.
    pub(super) fn line_at(&mut self, luma: &Luma, top: f32, sight: Sight) -> Line {
        let mut room = std::mem::take(&mut self.room);
        let contents = self.contents(luma, top, &mut room);
        self.room = room;
        let seen = |content| match content {
            Content::Empty | Content::Cursor => NOTHING,
            Content::Covered => UNREADABLE,
            Content::Ink(cell) => self.judge(&cell, sight),
        };
        contents.into_iter().map(seen).collect()
    }

    /// What the cells of a row hold, ink brighter than its ground or darker as
    /// everywhere in this area; ink that came over from next door is none.
    pub(super) fn contents(&self, luma: &Luma, top: f32, room: &mut Room) -> Vec<Content> {
        self.cells_of(
            luma,
            top,
            room,
            || Content::Empty,
            |sampled| match self.content(sampled) {
                Content::Ink(_) if self.came_over(luma, top, sampled) => Content::Empty,
                content => content,
            },
        )
    }

    /// Has each cell of a row looked at; those that are even hold nothing.
    fn cells_of<T>(
        &self,
        luma: &Luma,
        top: f32,
        room: &mut Room,
        nothing: impl Fn() -> T,
        mut each: impl FnMut(&Sampled<'_>) -> T,
    ) -> Vec<T> {
        self.sampler.row(luma, top, room);
        let row = &room.row;
        let mut levels = Vec::with_capacity(self.shape.len());
        let own_ground = f32::from(self.grid.ground);
        let reversed = reversed(&self.sampler, row, own_ground, self.contrast);
        let shade = shade(&self.sampler, row, &reversed, self.shape);
        let even = self.sampler.even(luma, top);
        let range =
            |(column, even): (usize, bool)| if even { 0.0 } else { cells::range(self.sampler.cell(row, column)) };
        let ranges: Vec<f32> = even.into_iter().enumerate().map(range).collect();
        let cell = |(column, reverse): (usize, Option<f32>)| {
            if ranges[column] <= cells::EVEN {
                return nothing();
            }
            levels.clear();
            levels.extend_from_slice(self.sampler.cell(row, column));
            let ground = reverse.unwrap_or(own_ground);
            if reverse.is_some() {
                let lines = levels.chunks_exact_mut(self.shape.width).zip(&shade);
                lines.for_each(|(line, shade)| line.iter_mut().for_each(|level| *level += shade));
                cells::trim(&mut levels, self.shape, ground, own_ground);
            } else {
                self.trim(luma, row, column, top, &mut levels);
            }
            let dim = self.dimness(&ranges, column);
            each(&Sampled { column, row, levels: &levels, ground, is_reversed: reverse.is_some(), dim })
        };
        reversed.into_iter().enumerate().map(cell).collect()
    }

    fn content(&self, sampled: &Sampled<'_>) -> Content {
        let Sampled { levels, ground, dim, .. } = *sampled;
        match cells::content(levels, self.shape, ground, self.contrast, dim, self.faint()) {
            Content::Ink(cell) if sampled.is_reversed => Content::Ink(cell.inverted()),
            content => content,
        }
    }

    /// Whether all ink of a cell is that of one beside, above or below it.
    fn came_over(&self, luma: &Luma, top: f32, sampled: &Sampled<'_>) -> bool {
        let Sampled { column, row, levels, ground, is_reversed, .. } = *sampled;
        !is_reversed && self.is_spill(luma, row, column, top, levels) || self.sampler.is_overhang(row, column, ground)
    }

    /// A share of the contrast below which nothing is ink.
    fn faint(&self) -> f32 {
        0.12 + 0.16 * self.glyphs.loose()
    }

    /// How dim a word is, as a share of the area's contrast: a point in it is as dim.
    fn dimness(&self, ranges: &[f32], column: usize) -> f32 {
        let beside = &ranges[column.saturating_sub(WORD)..(column + WORD + 1).min(ranges.len())];
        let dim = beside.iter().copied().fold(0.0, f32::max) / self.contrast;
        if dim < DIM { 1.0 } else { dim.min(1.0) }
    }

    fn judge(&mut self, cell: &Cell, sight: Sight) -> Seen {
        let nearest = self.glyphs.nearest(cell);
        self.gauge_sight(nearest, cell.edge, sight);
        if sight == Sight::Settled && self.is_clear(cell.edge) {
            match nearest {
                Some(found) if self.glyphs.is_same(&found) => self.glyphs.join(found.glyph, cell),
                Some(found) if self.glyphs.is_alone(&found) => {}
                _ => {
                    if let Some(glyph) = self.glyphs.begin(cell, nearest) {
                        let step = self.step(cell.edge, cell.range);
                        return Seen { code: glyph + FIRST_GLYPH, score: 0.9, lead: 0.0, step };
                    }
                }
            }
        }
        self.seen(nearest, cell.edge, cell.range, sight.is_settled())
    }

    /// Notes how far a clear cell of a new picture is from its glyph.
    fn gauge_sight(&mut self, nearest: Option<Match>, edge: f32, sight: Sight) {
        if let Some(found) = nearest.filter(|_| self.is_clear(edge) && sight.is_new()) {
            self.glyphs.gauge(&found, sight.is_settled());
        }
    }

    fn is_clear(&self, edge: f32) -> bool {
        edge >= 0.6 * self.edge
    }

    fn step(&self, edge: f32, range: f32) -> f32 {
        edge * range / (self.edge * self.contrast)
    }

    fn seen(&self, nearest: Option<Match>, edge: f32, range: f32, settled: bool) -> Seen {
        let step = self.step(edge, range);
        match nearest {
            Some(found) if found.is_readable() || self.glyphs.is_alone(&found) => {
                let score = ((found.likeness - 0.8) / 0.2).min(1.0) * 0.5 + (1.0 - found.spot / 0.42).max(0.0) * 0.5;
                let score = if self.glyphs.is_same(&found) || self.glyphs.is_alone(&found) {
                    score.max(0.55)
                } else {
                    score.min(0.45)
                };
                let lead = self.glyphs.lead(&found, settled);
                Seen { code: found.glyph + FIRST_GLYPH, score, lead, step }
            }
            _ => Seen { code: UNKNOWN, score: 0.0, lead: 0.0, step },
        }
    }
}
