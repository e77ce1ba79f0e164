//! What the cells of a row hold, and which glyphs they look like.
//!
//! Rows that were just drawn teach no glyphs. They are looked at side by side,
//! which is most of the work where a screen scrolls; what was learned before
//! the picture decides, so that it is the same on any number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Pane;
use super::reverse::{reversed, shade};
use crate::Luma;
use crate::read::cells::{self, Cell, Content, Room};
use crate::read::glyphs::Match;
use crate::read::track::{EMPTY, FIRST_GLYPH, Line, Seen, UNKNOWN};

/// Rows from which on a second thread is worth its start.
const SIDE_BY_SIDE: usize = 4;

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

const NOTHING: Seen = Seen { code: EMPTY, score: 1.0, lead: 9.0, step: 0.0 };
const UNREADABLE: Seen = Seen { code: UNKNOWN, score: 0.0, lead: 0.0, step: 0.0 };

impl Pane {
    /// Looks at rows that were just drawn.
    pub(super) fn glances(&mut self, luma: &Luma, rows: &[usize]) -> Vec<Vec<Glance>> {
        let next = AtomicUsize::new(0);
        let mut own_room = std::mem::take(&mut self.room);
        let work = |room: &mut Room| {
            let taken = std::iter::from_fn(|| {
                let at = next.fetch_add(1, Ordering::Relaxed);
                rows.get(at).map(|row| (at, *row))
            });
            taken.map(|(at, row)| (at, self.glance(luma, self.top(row), room))).collect::<Vec<_>>()
        };
        let mut glances = if rows.len() < SIDE_BY_SIDE {
            work(&mut own_room)
        } else {
            std::thread::scope(|scope| {
                let other = scope.spawn(|| work(&mut Room::default()));
                let mut own = work(&mut own_room);
                own.append(&mut other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
                own
            })
        };
        self.room = own_room;
        glances.sort_unstable_by_key(|(at, _)| *at);
        glances.into_iter().map(|(_, glance)| glance).collect()
    }

    fn glance(&self, luma: &Luma, top: f32, room: &mut Room) -> Vec<Glance> {
        let glance = |content| match content {
            Content::Empty | Content::Cursor => Glance::Empty,
            Content::Covered => Glance::Covered,
            Content::Ink(cell) => {
                Glance::Ink { nearest: self.glyphs.nearest(&cell), edge: cell.edge, range: cell.range }
            }
        };
        self.contents_with(luma, top, room, glance)
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
        self.contents_with(luma, top, room, |content| content)
    }

    fn contents_with<T>(&self, luma: &Luma, top: f32, room: &mut Room, each: impl Fn(Content) -> T) -> Vec<T> {
        self.sampler.row(luma, top, room);
        let picture = &room.row;
        let mut sampled = Vec::with_capacity(self.shape.len());
        let own_ground = f32::from(self.grid.ground);
        let reversed = reversed(&self.sampler, picture, own_ground, self.contrast);
        let shade = shade(&self.sampler, picture, &reversed, self.shape);
        let faint = 0.12 + 0.16 * self.glyphs.loose();
        let ranges: Vec<f32> =
            (0..reversed.len()).map(|column| cells::range(self.sampler.cell(picture, column))).collect();
        let content = |(column, reverse): (usize, Option<f32>)| {
            sampled.clear();
            sampled.extend_from_slice(self.sampler.cell(picture, column));
            let ground = reverse.unwrap_or(own_ground);
            if reverse.is_some() {
                let lines = sampled.chunks_exact_mut(self.shape.width).zip(&shade);
                lines.for_each(|(line, shade)| line.iter_mut().for_each(|level| *level += shade));
                cells::trim(&mut sampled, self.shape, ground, own_ground);
            } else {
                self.trim(luma, column, top, &mut sampled);
            }
            let dim = self.dimness(&ranges, column);
            each(match cells::content(&sampled, self.shape, ground, self.contrast, dim, faint) {
                Content::Ink(_) if reverse.is_none() && self.is_spill(luma, column, top, &sampled) => Content::Empty,
                Content::Ink(_) if self.sampler.is_overhang(picture, column, ground) => Content::Empty,
                Content::Ink(cell) if reverse.is_some() => Content::Ink(cell.inverted()),
                content => content,
            })
        };
        reversed.into_iter().enumerate().map(content).collect()
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
