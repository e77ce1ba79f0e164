//! Which covers hide the same text, and all looks at it together.
//!
//! A text that scrolls below its cover gives the same picture again, which says
//! nothing new. But where the grid of a pixelation lies otherwise over the same
//! text, since the cover was moved or the text was, its blocks take in other
//! pixels, and each look rules out strings that the ones before left open.

use std::cmp::Reverse;

use super::canvas::inside;
use super::ends::{self, Ends};
use super::glyphs::Glyphs;
use super::operator::Kernel;
use super::place;
use super::recover::Worker;
use super::scene::without_frame;
use super::settle::{Settled, Stretch, decode, fitted};
use crate::redaction::{Cover, Look, Redaction, longest_look, track};
use crate::{Rect, Row};

/// Looks read together at most.
pub(super) const LOOKS: usize = 4;

/// A cover seen for less than this is a moment of a change, in milliseconds.
const SHORTEST_MS: u64 = 150;

/// A cover that grew begins no more than so many pixels further right, or a cell and
/// so many further left, and goes on after so many milliseconds.
const GROWN: u32 = 6;
const NEXT_MS: u64 = 300;

/// How often looks are added and edges fitted again.
const ROUNDS: usize = 3;

/// A look may add so much to what the others leave.
const WORSE: f32 = 1.12;

/// Alone, a look below large blocks is explained better than it ought to be:
/// with another one, it may leave so much more than clear text does.
const OWN_NOISE: f32 = 1.15;

/// One look at a covered text.
pub(super) struct Sight {
    /// Index of its cover among the redactions.
    pub(super) redaction: usize,
    /// Index among the looks of that.
    look: usize,
    /// The cover in this look, as first guessed.
    rect: Rect,
}

/// A picture is shown to an encoder once for so many milliseconds that it stood,
/// and no oftener: by then an encoder has done what it looks ahead for.
const SHOWN_MS: u64 = 400;
const SHOWN_AT_MOST: u64 = 6;

/// How a cover lies over its text, against the first look, whole cells apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pose {
    /// Pixels by which the rectangle lies further right and down.
    pub(super) moved: (i32, i32),
    /// Pixels by which it is wider: an outer block may be missed in one of them.
    pub(super) wider: i32,
    /// Where its blocks begin, if elsewhere than the cover's.
    pub(super) phase: Option<(u32, u32)>,
    /// How often an encoder is shown it: the longer a picture stands, the better
    /// it codes it.
    pub(super) shown: usize,
}

/// The poses of looks that were read together.
pub(super) fn poses(used: &[Stretch]) -> Vec<Pose> {
    let pose = |stretch: &Stretch| {
        let cell = (stretch.grid.cell_width, stretch.grid.cell_height);
        let aligned = aligned(stretch.shift, used[0].rect, cell);
        let shown = (stretch.look.lasted() / SHOWN_MS).clamp(1, SHOWN_AT_MOST) as usize;
        let wider = stretch.rect.width as i32 - used[0].rect.width as i32;
        Pose { moved: apart(aligned, stretch.rect), wider, phase: stretch.phase, shown }
    };
    used.iter().map(pose).collect()
}

impl Worker<'_> {
    /// Redactions that look the same, or hide the same place of the same row,
    /// belong together.
    pub(super) fn groups(&self, indexes: &[usize]) -> Vec<Vec<usize>> {
        let mut order = indexes.to_vec();
        order.retain(|at| {
            let redaction = &self.redactions[*at];
            redaction.cover != Cover::Solid && (self.is_still || redaction.last_ms >= redaction.first_ms + SHORTEST_MS)
        });
        order.sort_by_key(|at| (Reverse(crate::redaction::lasting(&self.redactions[*at])), *at));
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for at in order {
            match groups.iter_mut().find(|group| self.alike(group[0], at) || self.same_row(group[0], at)) {
                Some(group) => group.push(at),
                None => groups.push(vec![at]),
            }
        }
        groups
    }

    /// Whether a cover grew into another while text was typed below it: what it
    /// hid is the beginning of what that hides.
    pub(super) fn grew(&self, at: usize) -> bool {
        let own = &self.redactions[at];
        let holds = |other: &Redaction| {
            let right = other.rect.x + other.rect.width;
            // On a screen that scrolls, a longer cover of another text comes to lie there.
            let left = other.rect.x <= own.rect.x + GROWN
                && other.rect.x as f32 + self.lattice.cell_width + GROWN as f32 >= own.rect.x as f32;
            let longer = right as f32 >= (own.rect.x + own.rect.width) as f32 + 0.5 * self.lattice.cell_width;
            let same_line = (other.rect.y.abs_diff(own.rect.y) as f32) < 0.5 * self.lattice.cell_height;
            left && longer && same_line
        };
        self.redactions.iter().any(|other| {
            let next = other.first_ms > own.first_ms && other.first_ms <= own.last_ms + NEXT_MS;
            next && other.last_ms >= own.last_ms && (other.cover, other.grid) == (own.cover, own.grid) && holds(other)
        })
    }

    /// Whether two covers show the same picture, shifted by whole cells.
    fn alike(&self, first: usize, second: usize) -> bool {
        let (left, right) = (&self.redactions[first], &self.redactions[second]);
        let grid = &self.lattice;
        let shift = |from: u32, to: u32, cell: f32| {
            let shift = to as f32 - from as f32;
            ((shift / cell).round() * cell, (shift - (shift / cell).round() * cell).abs())
        };
        let (dx, rest_x) = shift(left.rect.x, right.rect.x, grid.cell_width);
        let (dy, rest_y) = shift(left.rect.y, right.rect.y, grid.cell_height);
        let same_size = left.rect.width.abs_diff(right.rect.width) <= 4;
        if left.cover != right.cover || rest_x > 2.0 || rest_y > 5.0 || !same_size {
            return false;
        }
        match (longest_look(&left.looks), longest_look(&right.looks)) {
            (Some(one), Some(other)) => {
                same_picture(one, other, left.rect, (dx as i64, dy as i64), self.glyphs.cell.0 as u32)
            }
            _ => false,
        }
    }

    /// Whether two pixelations of one size hide the same columns of one row.
    fn same_row(&self, first: usize, second: usize) -> bool {
        let (left, right) = (&self.redactions[first], &self.redactions[second]);
        let side = left.strength.round() as u32;
        let both = left.cover == Cover::Blocks && right.cover == Cover::Blocks;
        let same_size = left.strength == right.strength && left.rect.width.abs_diff(right.rect.width) <= side;
        let same_columns = left.rect.x.abs_diff(right.rect.x) <= side;
        both && same_size && same_columns && self.row(left).is_some_and(|row| self.row(right) == Some(row))
    }

    /// The row that a cover lies in.
    fn row(&self, redaction: &Redaction) -> Option<usize> {
        let look = longest_look(&redaction.looks)?;
        let line = redaction.rect.y as f32 + 0.5 * (redaction.rect.height as f32 - self.lattice.cell_height);
        let rows = self.reading.rows.iter().enumerate();
        let below = rows.filter(|(_, row)| {
            row.grid == redaction.grid && place::stood(row, line, (look.since_ms, look.at_ms), &self.lattice)
        });
        below.max_by_key(|(at, row): &(usize, &Row)| (row.frames, Reverse(*at))).map(|(at, _)| at)
    }

    /// The looks at a group, the longest of each redaction first, then those in
    /// which its blocks lie otherwise.
    pub(super) fn sights(&self, group: &[usize]) -> Vec<Sight> {
        let sights = |redaction: &usize| {
            let own = &self.redactions[*redaction];
            let longest = longest_look(&own.looks).map(|longest| (longest.at_ms, own.rect));
            let sight = |(at_ms, rect)| {
                let look = own.looks.iter().position(|look| look.at_ms == at_ms)?;
                Some(Sight { redaction: *redaction, look, rect })
            };
            longest.into_iter().chain(own.moved.iter().copied()).filter_map(sight).collect::<Vec<_>>()
        };
        group.iter().flat_map(sights).collect()
    }

    /// A look as it is to be decoded, before anything about it is settled.
    pub(super) fn stretch<'b>(&'b self, sight: &Sight, others: &'b [Rect]) -> Stretch<'b> {
        let look = &self.redactions[sight.redaction].looks[sight.look];
        Stretch {
            look,
            rect: without_frame(look, sight.rect, (self.glyphs.ground, self.glyphs.cell), others),
            others,
            grid: &self.lattice,
            glyphs: &self.glyphs,
            clear: &self.glyphs,
            style: 0,
            shift: (0, 0),
            phase: None,
        }
    }

    /// Other covers at the time of a look.
    pub(super) fn others(&self, sight: &Sight) -> Vec<Rect> {
        let when = self.redactions[sight.redaction].looks[sight.look].at_ms;
        let beside = self.redactions.iter().filter(|other| {
            other.first_ms <= when && other.last_ms >= when && track::share(other.rect, sight.rect) < 0.4
        });
        beside.map(|other| other.rect).collect()
    }

    /// Lays the ends of what the first look was settled by, and reads it with the looks that
    /// agree with it.
    pub(super) fn laid_together<'b>(
        &'b self,
        sights: &[Sight],
        others: &'b [Vec<Rect>],
        settled: Settled,
    ) -> (Settled, Vec<Stretch<'b>>, Ends) {
        let first = self.stretch(&sights[0], &others[0]);
        let first = Stretch { rect: settled.rect, style: settled.style, ..first };
        let (settled, _, ends) = ends::moved(&[first], settled, false);
        let (joint, used) = self.together(sights, others, &self.glyphs, &settled);
        (joint, used, ends)
    }

    /// Adds looks to the first as long as the same string explains them all;
    /// `others` are the covers beside each. With the text clearer than by one
    /// look, edges are fitted to it again, and further looks may be explained.
    pub(super) fn together<'b>(
        &'b self,
        sights: &[Sight],
        others: &'b [Vec<Rect>],
        glyphs: &'b Glyphs,
        settled: &Settled,
    ) -> (Settled, Vec<Stretch<'b>>) {
        let first = self.stretch(&sights[0], &others[0]);
        let mut used = vec![Stretch { rect: settled.rect, style: settled.style, glyphs, ..first }];
        let mut best = read(&used, settled).unwrap_or_else(|| settled.clone());
        let mut left: Vec<(&Sight, &'b Vec<Rect>)> = sights.iter().zip(others).skip(1).take(2 * LOOKS).collect();
        for _ in 0..ROUNDS {
            let before = left.len();
            left.retain(|(sight, others)| {
                let own = Stretch { style: settled.style, glyphs, ..self.stretch(sight, others) };
                let own = Stretch { shift: self.shift(&sights[0], sight), ..own };
                !(used.len() < LOOKS && self.add(own, sights[0].rect, &mut used, &mut best))
            });
            if used.len() == 1 || !refit(&mut used, &mut best) && left.len() == before {
                break;
            }
        }
        (best, used)
    }

    /// Adds a look if the same string explains it as well.
    fn add<'b>(&self, own: Stretch<'b>, guess: Rect, used: &mut Vec<Stretch<'b>>, best: &mut Settled) -> bool {
        let joint = self.laid(&own, guess, best).into_iter().filter_map(|laid| {
            let looks: Vec<Stretch> = used.iter().copied().chain([laid]).collect();
            Some((read(&looks, best)?, laid))
        });
        let Some((joint, laid)) = joint.min_by(|left, right| left.0.residual.total_cmp(&right.0.residual)) else {
            return false;
        };
        let (own_noise, worse) = (OWN_NOISE * self.glyphs.floor, WORSE * best.residual.max(0.9));
        let is_other = laid.phase.is_some() || poses(&[used[0], laid])[1].moved != (0, 0);
        let fits = joint.residual <= if is_other { worse.max(own_noise) } else { worse };
        if fits {
            used.push(laid);
            *best = joint;
        }
        fits
    }

    /// Whole cells by which the text of a look stands from that of the first: by
    /// those between their covers, however their blocks lie.
    pub(super) fn shift(&self, first: &Sight, sight: &Sight) -> (i32, i32) {
        let cover = |sight: &Sight| self.redactions[sight.redaction].rect;
        let (right, down) = apart(cover(first), cover(sight));
        let cells = |pixels: i32, cell: f32| (pixels as f32 / cell).round() as i32;
        (cells(right, self.lattice.cell_width), cells(down, self.lattice.cell_height))
    }

    /// The ways in which the cover of a look may lie: whole cells from the
    /// settled one; or moved with its blocks by as much as the guesses are
    /// apart, or by that less whole blocks; or with its blocks alone moved.
    fn laid<'b>(&self, own: &Stretch<'b>, guess: Rect, settled: &Settled) -> Vec<Stretch<'b>> {
        let cell = (self.lattice.cell_width, self.lattice.cell_height);
        let rect = aligned(own.shift, settled.rect, cell);
        let mut laid = vec![Stretch { rect, ..*own }];
        let side = settled.operator.strength.round().max(1.0) as i32;
        let apart = apart(aligned(own.shift, guess, cell), own.rect);
        let within = |apart: i32| apart - (apart as f32 / side as f32).round() as i32 * side;
        let least = (within(apart.0), within(apart.1));
        if settled.operator.kernel != Kernel::Blocks || least == (0, 0) {
            return laid;
        }
        let moved = |by: (i32, i32)| {
            let (x, y) = (rect.x.checked_add_signed(by.0)?, rect.y.checked_add_signed(by.1)?);
            Some(Stretch { rect: Rect { x, y, ..rect }, ..*own })
        };
        laid.extend(moved(least));
        laid.extend(moved(apart).filter(|_| apart != least));
        let phase = |corner: u32, from: u32| (i64::from(corner) - i64::from(from)).rem_euclid(side.into()) as u32;
        let phase = (phase(own.rect.x, rect.x), phase(own.rect.y, rect.y));
        laid.push(Stretch { rect, phase: Some(phase), ..*own });
        laid.retain(|laid| inside(laid.rect, own.look.place));
        laid
    }
}

/// Reads looks together below the cover of one that was settled.
fn read(looks: &[Stretch], settled: &Settled) -> Option<Settled> {
    decode(looks, &settled.operator, settled.tone, 300)
}

/// Fits the edges of all looks to their common text; false if they stay.
fn refit(used: &mut Vec<Stretch>, best: &mut Settled) -> bool {
    let Some((rect, operator)) = fitted(&used[0], best).filter(|fitted| *fitted != (best.rect, best.operator)) else {
        return false;
    };
    let (corner, old) = (apart(used[0].rect, rect), used[0].rect);
    let side = operator.strength.round().max(1.0) as i32;
    let looks: Vec<Stretch> = used
        .iter()
        .map(|look| Stretch {
            rect: Rect {
                x: look.rect.x.saturating_add_signed(corner.0),
                y: look.rect.y.saturating_add_signed(corner.1),
                width: (look.rect.width + rect.width).saturating_sub(old.width),
                height: (look.rect.height + rect.height).saturating_sub(old.height),
            },
            phase: look.phase.map(|phase| {
                let shifted = |phase: u32, by: i32| (phase as i32 - by).rem_euclid(side) as u32;
                (shifted(phase.0, corner.0), shifted(phase.1, corner.1))
            }),
            ..*look
        })
        .collect();
    let moved = looks.iter().all(|look| inside(look.rect, look.look.place));
    let again = moved.then(|| decode(&looks, &operator, best.tone, 300)).flatten();
    let better = again.filter(|again| again.residual < best.residual || again.cells.len() != best.cells.len());
    let Some(better) = better else { return false };
    (*used, *best) = (looks, better);
    true
}

/// Pixels between the corners of two rectangles.
fn apart(from: Rect, to: Rect) -> (i32, i32) {
    (to.x as i32 - from.x as i32, to.y as i32 - from.y as i32)
}

/// The rectangle of another look of the same text: the settled one, moved by
/// whole cells.
fn aligned(shift: (i32, i32), settled: Rect, cell: (f32, f32)) -> Rect {
    let moved = |from: u32, cells: i32, cell: f32| from.saturating_add_signed((cells as f32 * cell).round() as i32);
    Rect { x: moved(settled.x, shift.0, cell.0), y: moved(settled.y, shift.1, cell.1), ..settled }
}

/// Whether no stretch of a cell's width differs by more than coding does.
fn same_picture(one: &Look, other: &Look, rect: Rect, shift: (i64, i64), cell: u32) -> bool {
    let difference = |x: u32, y: u32| {
        let left = one.level(x.into(), y.into());
        let right = other.level(i64::from(x) + shift.0, i64::from(y) + shift.1);
        left.zip(right).map(|(left, right)| f32::from(left.abs_diff(right)))
    };
    let rows = rect.y + 3..(rect.y + rect.height).saturating_sub(3);
    let mut start = rect.x;
    while start < rect.x + rect.width {
        let columns = start..(start + cell).min(rect.x + rect.width);
        let pixels = rows.clone().flat_map(|y| columns.clone().map(move |x| (x, y)));
        let differences: Option<Vec<f32>> = pixels.map(|(x, y)| difference(x, y)).collect();
        let Some(differences) = differences else { return false };
        if differences.iter().sum::<f32>() > 3.0 * differences.len() as f32 {
            return false;
        }
        start += cell;
    }
    true
}
