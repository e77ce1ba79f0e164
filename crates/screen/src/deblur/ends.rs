//! Where a cover ends, how it lies in each look, and whether that is sure.
//!
//! A cover taken for too short leaves its last character outside, and the rest
//! reads as well as before. So longer and shorter covers are weighed against the
//! one found, over the same pixels: those below a cover by its text, those beside
//! it by the clear characters that stand there.

use std::collections::BTreeSet;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::canvas::{inside, squares_over, surroundings};
use super::form;
use super::operator::Kernel;
use super::settle::{Settled, Stretch, decode};
use super::strings::{AHEAD, ahead, best_text};
use crate::cut::SHARP;
use crate::{Grid, Rect};

/// Squares by which two covers must differ before one is ruled out, in units of
/// the noise of a pixel: coded noise is alike over some pixels, so that one
/// hundred are worth ten.
const RULED_OUT: f32 = 60.0;

/// A longer cover must explain what is below it nearly as well.
const AS_WELL: f32 = 1.25;

/// Cells beside a cover that differ from every character by more than this
/// share of its contrast are covered too.
pub(super) const CLEAR_BESIDE: f32 = 0.115;

/// Those that differ by more than this share may be: a longer cover is tried.
const DOUBTFUL_BESIDE: f32 = 0.5 * CLEAR_BESIDE;

/// Cells without ink within a text, at most, and one more.
const BLANKS: i32 = 3;

/// Blocks or steps that an end is moved by at most.
const ROUNDS: usize = 5;

/// What the text would be if a cover ended elsewhere, where that is not ruled out.
pub(crate) struct Ends {
    texts: Vec<String>,
}

impl Ends {
    /// Whether every cover that may be the one says the same.
    pub(crate) fn are_sure(&self, text: &str) -> bool {
        self.texts.iter().all(|other| other == text)
    }
}

/// Moves the ends of a cover in all looks as long as that explains their places
/// clearly better, and says what may be below the covers that explain them
/// about as well; `held` if it must be an address.
pub(crate) fn moved<'a>(looks: &[Stretch<'a>], settled: Settled, held: bool) -> (Settled, Vec<Stretch<'a>>, Ends) {
    let (mut settled, mut looks, mut texts) = (settled, looks.to_vec(), Vec::new());
    for _ in 0..ROUNDS {
        texts.clear();
        let mut better: Option<(f32, Settled, Vec<Stretch>)> = None;
        for (other, laid) in others(&looks, &settled) {
            let gain = gain((&looks, &settled), (&laid, &other));
            let Some(gain) = gain.filter(|gain| *gain > -RULED_OUT) else { continue };
            let explains = gain > RULED_OUT && other.residual <= AS_WELL * settled.residual.max(1.0);
            if !explains {
                // What is hardly told from another text there is as good as another text.
                let told = if held { form::hold(other) } else { Some(other) };
                let told = told.filter(|told| ahead(told, looks[0].glyphs.floor) >= AHEAD);
                texts.push(told.as_ref().map(best_text).unwrap_or_default());
            } else if better.as_ref().is_none_or(|better| gain > better.0) {
                better = Some((gain, other, laid));
            }
        }
        match better {
            Some((_, other, laid)) => (settled, looks) = (other, laid),
            None => return (settled, looks, Ends { texts }),
        }
    }
    // It may go on; nothing is sure.
    texts.push(String::new());
    (settled, looks, Ends { texts })
}

/// By how much less another cover leaves of the places of both, in units of the
/// noise of a pixel.
fn gain((own, settled): (&[Stretch], &Settled), (others, other): (&[Stretch], &Settled)) -> Option<f32> {
    let gains = own.iter().zip(others).map(|(own, laid)| {
        let place = surroundings(own.look, union(own.rect, laid.rect));
        Some(squares_over(own, settled, place)? - squares_over(laid, other, place)?)
    });
    Some(gains.sum::<Option<f32>>()? / settled.residual.max(1.0).powi(2))
}

/// The same text below a cover a little longer or shorter at one end, or one that
/// lies otherwise in one look.
fn others<'a>(looks: &[Stretch<'a>], settled: &Settled) -> Vec<(Settled, Vec<Stretch<'a>>)> {
    let blocks = settled.operator.kernel == Kernel::Blocks;
    let step = if blocks { settled.operator.strength.round() as i32 } else { 3 };
    let own: Vec<Rect> = looks.iter().map(|look| look.rect).collect();
    // Blurs are found where they are dark: a paler end may be missing as a whole.
    let further = looks.first().filter(|_| !blocks).map_or(Vec::new(), |first| goes_on(first, settled));
    let ends = [(-step, 0), (step, 0), (0, step), (0, -step)].into_iter();
    let all = ends.chain(further.into_iter().map(|further| (0, further))).filter_map(|(left, right)| {
        let rects = own.iter().map(|rect| ended(*rect, left, right));
        rects.collect::<Option<Vec<Rect>>>()
    });
    let single = match own[..] {
        [rect] if blocks => taller(looks[0].grid, settled, rect, step),
        _ if blocks => otherwise(&own, step),
        _ => Vec::new(),
    };
    let laid = all.chain(single).collect::<Vec<_>>().into_par_iter().filter_map(|rects| {
        let laid = looks.iter().zip(rects).map(|(look, rect)| Stretch { rect, ..*look });
        laid.map(|laid| inside(laid.rect, laid.look.place).then_some(laid)).collect::<Option<Vec<Stretch>>>()
    });
    laid.filter_map(|laid| Some((decode(&laid, &settled.operator, settled.tone, 60)?, laid))).collect()
}

/// A pixelation with another row of blocks above or below, where the line of text
/// goes on: the tops of letters alone hardly show.
fn taller(grid: &Grid, settled: &Settled, rect: Rect, step: i32) -> Vec<Vec<Rect>> {
    let edge = |line: i32| grid.origin_y + line as f32 * grid.cell_height;
    let lines = || settled.cells.iter().map(|(_, line)| *line);
    let top = lines().min().filter(|top| edge(*top) < rect.y as f32);
    let bottom = lines().max().filter(|bottom| edge(*bottom + 1) > (rect.y + rect.height) as f32);
    let above = top.and(rect.y.checked_add_signed(-step)).map(|y| Rect { y, height: rect.height + rect.y - y, ..rect });
    let below = bottom.map(|_| Rect { height: rect.height.saturating_add_signed(step), ..rect });
    [above, below].into_iter().flatten().map(|rect| vec![rect]).collect()
}

/// How pixelations of several looks may lie otherwise: one of them by a block
/// further on, since an outer block that is blank does not show, or longer by
/// one; and all of them of one size.
fn otherwise(own: &[Rect], step: i32) -> Vec<Vec<Rect>> {
    let mut found: Vec<Vec<Rect>> = Vec::new();
    for at in 0..own.len() {
        let x = |by: i32| ended(own[at], by, by);
        let y = |by: i32| Some(Rect { y: own[at].y.checked_add_signed(by)?, ..own[at] });
        let longer = [ended(own[at], -step, 0), ended(own[at], 0, step)];
        for rect in [x(-step), x(step), y(-step), y(step)].into_iter().chain(longer).flatten() {
            let mut rects = own.to_vec();
            rects[at] = rect;
            found.push(rects);
        }
        let (width, height) = (own[at].width, own[at].height);
        let alike: Vec<Rect> = own.iter().map(|rect| Rect { width, height, ..*rect }).collect();
        if alike != own && !found.contains(&alike) {
            found.push(alike);
        }
    }
    found
}

/// A rectangle with its left and right edges moved.
fn ended(rect: Rect, left: i32, right: i32) -> Option<Rect> {
    let x = rect.x.checked_add_signed(left)?;
    let width = rect.width.checked_add_signed(right - left).filter(|width| *width > 4)?;
    Some(Rect { x, width, ..rect })
}

fn union(one: Rect, other: Rect) -> Rect {
    let (x, y) = (one.x.min(other.x), one.y.min(other.y));
    let right = (one.x + one.width).max(other.x + other.width);
    let bottom = (one.y + one.height).max(other.y + other.height);
    Rect { x, y, width: right - x, height: bottom - y }
}

/// How badly the cells left and right of the covered ones look like clear
/// characters, in levels: much, if the cover reaches further than thought. A
/// cell that bends as only drawn strokes do is clear, known or not.
pub(crate) fn beside(stretch: &Stretch, settled: &Settled) -> f32 {
    let cells = &settled.cells;
    let lines: BTreeSet<i32> = cells.iter().map(|(_, line)| *line).collect();
    let first = cells.iter().map(|(column, _)| *column).min().unwrap_or(0);
    let last = cells.iter().map(|(column, _)| *column).max().unwrap_or(0);
    let places = lines.iter().flat_map(|line| [first - 2, first - 1, last + 1, last + 2].map(|column| (column, *line)));
    places.map(|place| misfit(stretch, settled, place)).fold(0.0, f32::max)
}

/// How badly a cell looks like a clear character, in levels; 0 where too little of it
/// is visible or no text can stand, and no number where another cover hides it.
fn misfit(stretch: &Stretch, settled: &Settled, place: (i32, i32)) -> f32 {
    let visible = super::scene::visible(stretch.look, settled.rect, place, stretch.grid, stretch.clear, stretch.others);
    let enough = visible.len() * 3 > stretch.clear.cell.0 * stretch.clear.cell.1;
    if !enough && below_another(stretch, settled.rect, place) {
        return f32::INFINITY;
    }
    let (x, y) = middle(stretch.grid, place);
    let beyond = !stretch.grid.area.contains(x.floor() as i64, y.floor() as i64);
    if !enough || beyond || is_drawn(stretch, settled, place, &visible) {
        return 0.0;
    }
    stretch.clear.recognise(&visible).2
}

/// By how many pixels a cover goes on to the right of where it was found, by the
/// cells there that look like no clear character, and by one more, which may show too
/// little of it; blanks lie between those.
fn goes_on(stretch: &Stretch, settled: &Settled) -> Vec<i32> {
    let lines: BTreeSet<i32> = settled.cells.iter().map(|(_, line)| *line).collect();
    let last = settled.cells.iter().map(|(column, _)| *column).max().unwrap_or(0);
    let unclear = DOUBTFUL_BESIDE * stretch.glyphs.styles[settled.style].contrast.abs();
    let mut reach = 0;
    while let Some(next) = (reach + 1..=reach + BLANKS).find(|further| {
        let misfit = |line: &i32| misfit(stretch, settled, (last + further, *line));
        lines.iter().map(misfit).any(|misfit| misfit > unclear && misfit.is_finite())
    }) {
        reach = next;
    }
    let end = (settled.rect.x + settled.rect.width) as i32;
    let edge = |cells: i32| (stretch.grid.origin_x + cells as f32 * stretch.grid.cell_width).round() as i32 - end;
    let further = [last + reach + 1, last + reach + 2].map(edge).into_iter();
    further.filter(|further| reach > 0 && *further > 0).collect()
}

/// The middle of a cell, in pixels.
fn middle(grid: &Grid, (column, line): (i32, i32)) -> (f32, f32) {
    let at = |origin: f32, cell: i32, size: f32| origin + (cell as f32 + 0.5) * size;
    (at(grid.origin_x, column, grid.cell_width), at(grid.origin_y, line, grid.cell_height))
}

/// Whether another cover hides the middle of a cell beside this one: what was
/// covered goes on there.
fn below_another(stretch: &Stretch, rect: Rect, place: (i32, i32)) -> bool {
    let (x, y) = middle(stretch.grid, place);
    let holds = |rect: &Rect| {
        (rect.x as f32..(rect.x + rect.width) as f32).contains(&x)
            && (rect.y as f32..(rect.y + rect.height) as f32).contains(&y)
    };
    !holds(&rect) && stretch.others.iter().any(holds)
}

/// Whether levels in a cell bend as sharply as beside a drawn stroke, and not
/// where a block of the cover would end.
fn is_drawn(stretch: &Stretch, settled: &Settled, (column, _): (i32, i32), visible: &[(usize, f32)]) -> bool {
    let (width, operator) = (stretch.glyphs.cell.0, &settled.operator);
    let left = (stretch.grid.origin_x + column as f32 * stretch.grid.cell_width).round() as i64;
    let side = operator.strength.round().max(1.0) as i64;
    let ends = |x: i64| (x - i64::from(settled.rect.x) - i64::from(operator.phase_x)).rem_euclid(side) == 0;
    let within = |x: i64| operator.kernel != Kernel::Blocks || !(ends(x) || ends(x + 1));
    let most = visible.iter().map(|(_, level)| level.abs()).fold(0.0, f32::max);
    let sharp = |three: &[(usize, f32)]| {
        let [(first, before), (at, own), (last, after)] = three else { return false };
        let adjoining = first + 2 == *last && first / width == last / width;
        adjoining && within(left + (at % width) as i64) && (2.0 * own - before - after).abs() >= SHARP * most
    };
    visible.windows(3).any(sharp)
}
