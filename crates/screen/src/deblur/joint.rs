//! All looks at a pixelation read at once.
//!
//! Alone, a look below large blocks is explained by any number of strings, and
//! edges fitted to one of them are anywhere. So all looks are read together from
//! the start, each with its cover as its picture tells it, and the edges are
//! fitted to the text that explains them all: in every look the same size.

use super::canvas::{Canvas, inside, squares_over, surroundings};
use super::glyphs::Glyphs;
use super::looks::{LOOKS, Sight};
use super::operator::{Kernel, Operator};
use super::recover::Worker;
use super::scene::Tone;
use super::settle::{Settled, Stretch, decode};
use crate::Rect;
use crate::redaction::{Cover, track};

/// How often text and edges are fitted to each other.
const ROUNDS: usize = 4;

/// A style that is rarer must leave less than this share of what a commoner one
/// does. Most of what is left is within blocks, whatever they hide, and large
/// blocks are explained by some string in any style: so all are compared.
const OTHER_STYLE: f32 = 0.97;

/// Styles in which all looks are read.
const STYLES: usize = 3;

/// Edges are moved for no less than this share of what is left.
const CLEARLY: f32 = 0.998;

impl Worker<'_> {
    /// Reads all looks at a group of pixelations at once, in the style that fits
    /// best; none if there is only one look, or what they have in common is not
    /// explained.
    pub(super) fn jointly<'b>(
        &'b self,
        sights: &[Sight],
        others: &'b [Vec<Rect>],
        glyphs: &'b Glyphs,
    ) -> Option<(Settled, Vec<Stretch<'b>>)> {
        let redaction = &self.redactions[sights.first()?.redaction];
        if redaction.cover != Cover::Blocks || sights.len() < 2 {
            return None;
        }
        let looks = self.looks(sights, others, glyphs);
        let operator = Operator::new(Kernel::Blocks, redaction.strength);
        let mut best: Option<(Settled, Vec<Stretch>)> = None;
        for style in styles(&looks, &operator) {
            let looks = looks.iter().map(|look| Stretch { style, ..*look }).collect();
            let Some(read) = read(looks, &operator) else { continue };
            if best.as_ref().is_none_or(|best| read.0.residual < OTHER_STYLE * best.0.residual) {
                best = Some(read);
            }
        }
        best.filter(|best| self.is_explained(&best.0))
    }

    /// The looks that are read at once, before anything about them is settled.
    fn looks<'b>(&'b self, sights: &[Sight], others: &'b [Vec<Rect>], glyphs: &'b Glyphs) -> Vec<Stretch<'b>> {
        let look = |(sight, others): (&Sight, &'b Vec<Rect>)| {
            let own = self.stretch(sight, others);
            Stretch { glyphs, shift: self.shift(&sights[0], sight), ..own }
        };
        sights.iter().zip(others).take(LOOKS).map(look).collect()
    }

    /// The looks that a group was settled by, if it was by more than one.
    pub(super) fn settled_by<'b>(
        &'b self,
        sights: &[Sight],
        others: &'b [Vec<Rect>],
        settled: &Settled,
    ) -> Option<Vec<Stretch<'b>>> {
        let looks = self.looks(sights, others, &self.glyphs).into_iter().zip(&settled.rects);
        let laid = looks.map(|(look, rect)| Stretch { rect: *rect, style: settled.style, ..look });
        (settled.rects.len() > 1).then(|| laid.collect())
    }
}

/// The commonest style and those that leave least below the covers as they were found.
fn styles(looks: &[Stretch], operator: &Operator) -> Vec<usize> {
    let count = looks.first().map_or(0, |look| look.glyphs.styles.len());
    let first = |style: usize| Some((begun(looks, style, operator)?.residual, style));
    let mut others: Vec<(f32, usize)> = match count {
        0..=STYLES => (1..count).map(|style| (0.0, style)).collect(),
        _ => (1..count).filter_map(first).collect(),
    };
    others.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut chosen: Vec<usize> = others.into_iter().map(|(_, style)| style).take(STYLES - 1).collect();
    // A rarer one must be better than all commoner ones.
    chosen.sort_unstable();
    std::iter::once(0).chain(chosen).take(count).collect()
}

/// Reads looks whose edges are not sure, in one style.
fn begun(looks: &[Stretch], style: usize, operator: &Operator) -> Option<Settled> {
    let doubted: Vec<Vec<Rect>> = looks.iter().map(|look| doubted(look, operator.strength as u32)).collect();
    let looks = looks.iter().zip(&doubted).map(|(look, others)| Stretch { others, style, ..*look });
    decode(&looks.collect::<Vec<_>>(), operator, Tone::NONE, 120)
}

/// Reads looks and fits their edges in turn.
fn read<'a>(mut looks: Vec<Stretch<'a>>, operator: &Operator) -> Option<(Settled, Vec<Stretch<'a>>)> {
    let mut settled = begun(&looks, looks.first()?.style, operator)?;
    for _ in 0..ROUNDS {
        let places: Vec<Rect> = looks.iter().map(|look| around(look, operator)).collect();
        let laid = laid(&looks, &settled, &places)?;
        if laid.iter().zip(&looks).all(|(laid, look)| laid.rect == look.rect) {
            break;
        }
        // Below other edges the text was another, and what it made of the offset is wrong.
        let again = decode(&laid, operator, Tone::NONE, 120)?;
        if left(&laid, &again, &places)? >= left(&looks, &settled, &places)? {
            break;
        }
        (looks, settled) = (laid, again);
    }
    Some((settled, looks))
}

/// What says nothing as long as the edges of a look are not sure: outer blocks
/// that hardly show may lie around it.
fn doubted(look: &Stretch, side: u32) -> Vec<Rect> {
    let Rect { x, y, width, height } = look.rect;
    let left = Rect { x: x.saturating_sub(side), y, width: side.min(x), height };
    let right = Rect { x: x + width, y, width: side, height };
    let above = Rect { y: y.saturating_sub(side), height: side.min(y), ..look.rect };
    let below = Rect { y: y + height, height: side, ..look.rect };
    look.others.iter().copied().chain([left, right, above, below]).collect()
}

/// What all looks leave of their places, as a sum of squares.
fn left(looks: &[Stretch], settled: &Settled, places: &[Rect]) -> Option<f32> {
    looks.iter().zip(places).map(|(look, place)| squares_over(look, settled, *place)).sum()
}

/// The place in which the edges of a look are sought.
fn around(look: &Stretch, operator: &Operator) -> Rect {
    let place = look.look.place;
    let side = operator.strength as u32;
    let grown = track::grown(look.rect, 2 * side, place.x + place.width, place.y + place.height);
    let (x, y) = (grown.x.max(place.x), grown.y.max(place.y));
    let inner = Rect { x, y, width: grown.x + grown.width - x, height: grown.y + grown.height - y };
    surroundings(look.look, inner)
}

/// The looks with covers of one size that explain them best below their text:
/// each moved by whole blocks, since an outer block that is blank does not show,
/// and all as large as most of them need.
fn laid<'a>(looks: &[Stretch<'a>], settled: &Settled, places: &[Rect]) -> Option<Vec<Stretch<'a>>> {
    let canvases = looks.iter().zip(places).map(|(look, place)| Canvas::over(look, settled, *place));
    let canvases: Vec<Canvas> = canvases.collect::<Option<_>>()?;
    let misfit = |at: usize, rect: Rect| {
        if inside(rect, canvases[at].place) { canvases[at].misfit(rect, &settled.operator) } else { f32::MAX }
    };
    let side = settled.operator.strength as i32;
    let mut rects: Vec<Rect> = looks.iter().map(|look| look.rect).collect();
    let largest = |of: fn(&Rect) -> u32| rects.iter().map(of).max().unwrap_or(0);
    let (width, height) = (largest(|rect| rect.width), largest(|rect| rect.height));
    rects.iter_mut().for_each(|rect| (rect.width, rect.height) = (width, height));
    let mut left: Vec<f32> = rects.iter().enumerate().map(|(at, rect)| misfit(at, *rect)).collect();
    for _ in 0..ROUNDS {
        let before = rects.clone();
        for at in 0..rects.len() {
            for (x, y) in [(-side, 0), (side, 0), (0, -side), (0, side)] {
                let Some(rect) = changed(rects[at], (x, y), (0, 0)) else { continue };
                let other = misfit(at, rect);
                if other < CLEARLY * left[at] {
                    (rects[at], left[at]) = (rect, other);
                }
            }
        }
        for by in [-1, 1, -2, 2, -5, 5, -side, side] {
            for size in [(by, 0), (0, by)] {
                // By a whole block to either side, by pixels only where the cover ends.
                let corners = if by.abs() == side { [(0, 0), (-size.0, -size.1)] } else { [(0, 0); 2] };
                let sized = |(at, rect): (usize, &Rect)| {
                    let tried = corners.into_iter().filter_map(|corner| changed(*rect, corner, size));
                    tried.map(|rect| (rect, misfit(at, rect))).min_by(|one, other| one.1.total_cmp(&other.1))
                };
                let Some(other) = rects.iter().enumerate().map(sized).collect::<Option<Vec<_>>>() else { continue };
                if other.iter().map(|(_, leaves)| leaves).sum::<f32>() < CLEARLY * left.iter().sum::<f32>() {
                    (rects, left) = other.into_iter().unzip();
                }
            }
        }
        if rects == before {
            break;
        }
    }
    Some(looks.iter().zip(rects).map(|(look, rect)| Stretch { rect, ..*look }).collect())
}

/// A rectangle elsewhere, of another size.
fn changed(rect: Rect, corner: (i32, i32), size: (i32, i32)) -> Option<Rect> {
    let (x, y) = (rect.x.checked_add_signed(corner.0)?, rect.y.checked_add_signed(corner.1)?);
    let (width, height) = (rect.width.checked_add_signed(size.0)?, rect.height.checked_add_signed(size.1)?);
    (width > 4 && height > 4).then_some(Rect { x, y, width, height })
}
