//! Finds cover, edges and tone from the picture itself, by decoding, fitting
//! with the text held fixed, and decoding again.

use std::collections::BTreeSet;

use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelExtend, ParallelIterator,
};

use super::canvas::{Canvas, inside, of_spread};
use super::glyphs::Glyphs;
use super::habits;
use super::linear::{Matrix, dot};
use super::models::{Models, Noise, rests};
use super::operator::{Kernel, Operator};
use super::scene::{Scene, Tone, decide, hidden};
use super::search::{Decoder, Fit};
use crate::redaction::{Cover, Look};
use crate::{Grid, Rect};

/// Blurs wider than this share of a cell are not tried: nothing of the text
/// is left after coding.
pub(crate) const HOPELESS: f32 = 0.75;

/// How often at most text, tone and what is partly covered are fitted to each other.
/// Below blocks a wrong text takes up much of an offset, so that the right one is come
/// by in steps.
const ROUNDS: usize = 3;
const ROUNDS_IN_BLOCKS: usize = 10;

/// Squares that rule a letter out, in units of the noise.
const NEVER: f32 = 1e9;

/// Squares against a character never seen clear, in units of the noise. One such
/// is some two hundred times rarer than one seen (5.4 nats), and coded noise is
/// alike over some pixels, so that four squares are worth one.
const RARER: f32 = 43.0;

/// With fewer or more cells a cover may leave so many times as much of its picture.
const OTHER_CELLS: f32 = 1.5;

/// A cover that leaves this share of what another one does of a place is clearly better
/// there, if it leaves no more than so many times as much below itself.
const CLEARLY_LESS: f32 = 0.8;
const AS_WELL: f32 = 1.05;

/// A cover that leaves no more than so many times what clear text does explains its picture.
const EXPLAINED: f32 = 1.15;

/// A cover that leaves more than so many times what such a one does, or more levels
/// where that is little, before its edges are fitted is no cover of text: on recordings
/// measured those that were leave at most twice as much as clear text.
const NO_COVER: (f32, f32) = (5.0, 10.0);

/// Noise of less than so many levels is not reckoned with.
const LEAST_NOISE: f32 = 0.7;

/// What is known of one covered stretch of text before it is read.
#[derive(Clone, Copy)]
pub(crate) struct Stretch<'a> {
    pub(crate) look: &'a Look,
    pub(crate) rect: Rect,
    pub(crate) others: &'a [Rect],
    pub(crate) grid: &'a Grid,
    /// The characters that may lie below the cover.
    pub(crate) glyphs: &'a Glyphs,
    /// The characters that may stand clear beside it.
    pub(crate) clear: &'a Glyphs,
    /// The style of its text, an index into the glyphs' styles.
    pub(crate) style: usize,
    /// Columns and lines by which its text stands from that of the first look.
    pub(crate) shift: (i32, i32),
    /// Where its blocks begin, if elsewhere than the cover's.
    pub(crate) phase: Option<(u32, u32)>,
}

/// A stretch with everything estimated, and its strings, best first.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub(crate) rect: Rect,
    /// The rectangle in each look that was read.
    pub(crate) rects: Vec<Rect>,
    pub(crate) operator: Operator,
    pub(crate) tone: Tone,
    pub(crate) style: usize,
    pub(crate) alphabet: Vec<char>,
    /// Column and line of each cell, in the order of the letters.
    pub(crate) cells: Vec<(i32, i32)>,
    pub(crate) fits: Vec<Fit>,
    /// Root mean square of what the best string leaves, in levels.
    pub(crate) residual: f32,
    /// The same for the worst cell.
    pub(crate) worst: f32,
    /// The same for what is visible of the worst cell beside the cover.
    pub(crate) beside: f32,
    /// How much worse the second string is, in units of the noise.
    pub(crate) margin: f32,
}

/// Decodes one or more looks (each a stretch of the same text) under a known
/// cover; `tone` starts the search for offset and gain.
pub(crate) fn decode(stretches: &[Stretch], operator: &Operator, tone: Tone, keep: usize) -> Option<Settled> {
    decode_with(stretches, operator, (tone, false), keep, (&Models::default(), None))
}

/// The same with the tone held fixed, models built before, and no text that
/// holds the character `without`.
pub(crate) fn decode_once(
    stretches: &[Stretch],
    operator: &Operator,
    tone: Tone,
    keep: usize,
    models: (&Models, Option<char>),
) -> Option<Settled> {
    decode_with(stretches, operator, (tone, true), keep, models)
}

fn decode_with(
    stretches: &[Stretch],
    operator: &Operator,
    (tone, tone_is_known): (Tone, bool),
    keep: usize,
    (models, without): (&Models, Option<char>),
) -> Option<Settled> {
    let first = stretches.first()?;
    let (alphabet, pictures) = first.glyphs.alphabet(first.style);
    let mut scenes = scenes(stretches)?;
    let noise = Noise::of(operator, first.glyphs.floor);
    let operators: Vec<Operator> = stretches.iter().map(|stretch| operator.beginning(stretch.phase)).collect();
    let pairs = if first.glyphs.habits { pairs(&alphabet, operator, &noise) } else { Vec::new() };
    let built = models.of(&scenes, &operators, &pictures, (noise, pairs))?;
    built.without_edges(&mut scenes);
    let mut unary = built.unary(&scenes, &pictures);
    let prior: Vec<f32> =
        (0..alphabet.len()).map(|at| prior((first.glyphs, first.style), &alphabet, at, without)).collect();
    for letters in unary.chunks_exact_mut(pictures.len()) {
        letters.iter_mut().zip(&prior).for_each(|(sum, prior)| *sum += prior * noise.below.powi(2));
    }
    let mut known = built.known(&scenes);
    let mut tones = vec![tone; scenes.len()];
    let mut best: Option<Settled> = None;
    let rounds = if operator.kernel == Kernel::Blocks { ROUNDS_IN_BLOCKS } else { ROUNDS };
    for _ in 0..rounds {
        let (observed, rest) = built.observed(rests(&scenes, &known, &tones));
        let mut fits = Decoder::new(&built.model, &observed, &unary).solve(keep);
        fits.iter_mut().for_each(|fit| fit.energy += rest);
        let letters = &fits.first()?.letters;
        let chosen: Vec<&[f32]> = letters.iter().map(|letter| pictures[usize::from(*letter)].as_slice()).collect();
        let covered = built.covered(&scenes, &chosen);
        let mut left = rests(&scenes, &covered, &tones);
        let beside = scenes.iter().map(|scene| scene.beside(&chosen)).fold(0.0, f32::max);
        let settled = summarise(&left, fits, &scenes, &alphabet, first, operator, tones[0])?;
        let rects = stretches.iter().map(|stretch| stretch.rect).collect();
        let settled = Settled { rects, beside, ..settled };
        if best.as_ref().is_some_and(|best| settled.residual > 0.995 * best.residual) {
            break;
        }
        best = Some(settled);
        let changed = built.decide(&mut scenes, &mut left);
        known = built.known(&scenes);
        if tone_is_known && !changed {
            break;
        }
        for ((scene, covered), tone) in scenes.iter().zip(&covered).zip(&mut tones).filter(|_| !tone_is_known) {
            *tone = Tone::between(operator, &covered.values, &scene.seen.values);
        }
    }
    best
}

/// What speaks against each letter before each other one by habit, in squared levels.
fn pairs(alphabet: &[char], operator: &Operator, noise: &Noise) -> Vec<f32> {
    let nat = noise.nat(operator);
    habits::against(alphabet).into_iter().map(|nats| nat * nats).collect()
}

/// What speaks against a picture from the start, in squares of the noise: much
/// against the seen one of the character `without` and the doubles of all
/// others, something against those that are drawn.
fn prior((glyphs, style): (&Glyphs, usize), alphabet: &[char], at: usize, without: Option<char>) -> f32 {
    let is_double = alphabet[..at].contains(&alphabet[at]);
    if is_double != (without == Some(alphabet[at])) {
        NEVER
    } else if is_double || glyphs.is_borrowed(alphabet[at], style) {
        RARER
    } else {
        0.0
    }
}

/// The scenes of all looks, each with the cells that any of them hides.
pub(super) fn scenes(stretches: &[Stretch]) -> Option<Vec<Scene>> {
    let hides = |stretch: &Stretch| {
        let own = hidden(stretch.grid, stretch.glyphs.cell, stretch.rect).into_iter();
        own.map(|(column, line)| (column - stretch.shift.0, line - stretch.shift.1)).collect::<Vec<_>>()
    };
    let all: BTreeSet<(i32, i32)> = stretches.iter().flat_map(hides).collect();
    let scene = |stretch: &Stretch| {
        let own: Vec<_> = all.iter().map(|(column, line)| (column + stretch.shift.0, line + stretch.shift.1)).collect();
        let scene = Scene::new(stretch.look, stretch.rect, stretch.grid, stretch.clear, stretch.others, &own)?;
        Some(scene.standing(stretch.shift))
    };
    let mut scenes = stretches.iter().map(scene).collect::<Option<Vec<Scene>>>()?;
    decide(&mut scenes, None);
    Some(scenes)
}

fn summarise(
    rests: &[Matrix],
    fits: Vec<Fit>,
    scenes: &[Scene],
    alphabet: &[char],
    stretch: &Stretch,
    operator: &Operator,
    tone: Tone,
) -> Option<Settled> {
    let best = fits.first()?;
    let pixels: usize = rests.iter().map(|rest| rest.values.len()).sum();
    let square: f32 = rests.iter().map(|rest| dot(&rest.values, &rest.values)).sum();
    let residual = (square / pixels.max(1) as f32).sqrt();
    let noise = noise(residual);
    let margin = fits.get(1).map_or(0.0, |second| (second.energy - best.energy) / (noise * noise));
    Some(Settled {
        rect: stretch.rect,
        rects: Vec::new(),
        operator: *operator,
        tone,
        style: stretch.style,
        alphabet: alphabet.to_vec(),
        cells: scenes.first()?.unknown.clone(),
        residual,
        worst: worst_cell(rests, scenes, stretch),
        beside: 0.0,
        margin,
        fits,
    })
}

/// The noise that a residual stands for, in levels: rounding alone leaves some.
pub(crate) fn noise(residual: f32) -> f32 {
    residual.max(LEAST_NOISE)
}

/// The largest residual over the width of a cell.
fn worst_cell(rests: &[Matrix], scenes: &[Scene], stretch: &Stretch) -> f32 {
    let width = stretch.glyphs.cell.0;
    let mut worst = 0.0f32;
    for (rest, scene) in rests.iter().zip(scenes) {
        let stride = scene.rect.width as usize;
        for start in (0..stride.saturating_sub(width)).step_by(width.max(2) / 2) {
            let lines = rest.values.chunks_exact(stride).map(|line| &line[start..start + width]);
            let square: f32 = lines.flatten().map(|rest| rest * rest).sum();
            worst = worst.max((square / (width * scene.rect.height as usize) as f32).sqrt());
        }
    }
    worst
}

/// Reaches further to one side after the other, block by block, while that
/// explains the picture clearly better.
fn widened(stretch: &Stretch, mut settled: Settled) -> Settled {
    let step = match settled.operator.kernel {
        Kernel::Blocks => settled.operator.strength.round() as u32,
        _ => 3,
    };
    for _ in 0..6 {
        let Rect { x, y, width, height } = settled.rect;
        let tried = [
            Rect { x: x.saturating_sub(step), width: width + step.min(x), ..settled.rect },
            Rect { width: width + step, ..settled.rect },
            Rect { y: y.saturating_sub(step), height: height + step.min(y), ..settled.rect },
            Rect { height: height + step, ..settled.rect },
        ];
        let tried = tried.into_par_iter().filter(|rect| inside(*rect, stretch.look.place));
        let decoded =
            tried.filter_map(|rect| decode(&[Stretch { rect, ..*stretch }], &settled.operator, settled.tone, 120));
        let decoded: Vec<Settled> = decoded.collect();
        let same_lines =
            |wider: &Settled| wider.cells.iter().all(|(_, line)| settled.cells.iter().any(|cell| cell.1 == *line));
        match least(decoded.into_iter().filter(same_lines)) {
            Some(wider) if wider.residual < 0.93 * settled.residual => settled = wider,
            _ => break,
        }
    }
    settled
}

/// A stretch below each of the `hints` and below covers of every width, decoded; what
/// leaves least first. A blur is of the family `forced`, if one is given.
pub(crate) fn tried(
    stretch: &Stretch,
    cover: Cover,
    side: f32,
    hints: &[Operator],
    forced: Option<Kernel>,
) -> Vec<Settled> {
    let floor = stretch.glyphs.floor;
    let mut tried: Vec<Settled> = Vec::new();
    tried.par_extend(hints.par_iter().filter_map(|hint| decode(&[*stretch], hint, Tone::NONE, 60)));
    // A blur found elsewhere may explain a picture that another one explains far better.
    if cover == Cover::Blur || !tried.iter().any(|settled| is_explained(settled, floor)) {
        let blur = hints.iter().map(|hint| hint.kernel).find(|kernel| *kernel != Kernel::Blocks);
        let family = forced.or(blur).unwrap_or(Kernel::Recursive { steps: 3 });
        let starts = starts(cover, side, family);
        tried.par_extend(starts.par_iter().filter_map(|start| decode(&[*stretch], start, Tone::NONE, 40)));
    }
    tried.sort_by(|left, right| left.residual.total_cmp(&right.residual));
    tried
}

/// Estimates the cover of a stretch, trying `hints` first, and decodes it. A
/// blur is of the family `forced`, if one is given.
pub(crate) fn settle(
    stretch: &Stretch,
    cover: Cover,
    side: f32,
    hints: &[Operator],
    forced: Option<Kernel>,
) -> Option<Settled> {
    let floor = stretch.glyphs.floor;
    let tried = tried(stretch, cover, side, hints, forced);
    let is_hint = |settled: &Settled| is_explained(settled, floor) && hints.contains(&settled.operator);
    let hinted = tried.iter().any(is_hint);
    let widest = tried.first().map_or(0.0, |settled| settled.operator.spread());
    let is_none = tried.first().is_some_and(|best| is_no_cover(best, floor));
    if let Some(rect) = within_line(stretch).filter(|_| is_none) {
        return settle(&Stretch { rect, ..*stretch }, cover, side, hints, forced);
    }
    if is_none || widest > HOPELESS * stretch.glyphs.cell.0 as f32 {
        return tried.into_iter().next();
    }
    let only = tried.first().map(|best| best.operator.kernel).filter(|_| hinted);
    let only = only.or(forced);
    let refined = tried.into_par_iter().take(if hinted { 1 } else { 2 }).map(|settled| refine(stretch, settled, only));
    let best = least(refined.collect::<Vec<_>>())?;
    Some(if is_explained(&best, floor) { best } else { widened(stretch, best) })
}

/// What leaves least of its picture.
fn least(all: impl IntoIterator<Item = Settled>) -> Option<Settled> {
    all.into_iter().min_by(|left, right| left.residual.total_cmp(&right.residual))
}

/// A rectangle that ends with its line of text, where it reaches into the next: a cursor
/// there may have been taken for a part of the cover.
fn within_line(stretch: &Stretch) -> Option<Rect> {
    let (grid, rect) = (stretch.grid, stretch.rect);
    let lines = hidden(grid, stretch.glyphs.cell, rect).into_iter().map(|(_, line)| line);
    // The grid may be off by a pixel, and of a cursor no line may be left.
    let end = ((grid.origin_y + (lines.max()? + 1) as f32 * grid.cell_height).round() as u32).checked_sub(2)?;
    (end > rect.y && end + 2 < rect.y + rect.height).then(|| Rect { height: end - rect.y, ..rect })
}

/// Whether a cover leaves hardly more than the noise of clear text.
pub(crate) fn is_explained(settled: &Settled, floor: f32) -> bool {
    settled.residual <= EXPLAINED * floor
}

/// Whether a cover leaves so much that it is none of text, whatever its kind.
pub(crate) fn is_no_cover(settled: &Settled, floor: f32) -> bool {
    settled.residual > (NO_COVER.0 * EXPLAINED * floor).max(NO_COVER.1)
}

/// Covers of every width, one family for all blurs.
fn starts(cover: Cover, side: f32, family: Kernel) -> Vec<Operator> {
    match cover {
        Cover::Blocks => vec![Operator::new(Kernel::Blocks, side)],
        Cover::Solid => Vec::new(),
        Cover::Blur => {
            let mut starts: Vec<Operator> = [1.3f32, 2.0, 2.6, 3.2, 4.0, 5.0, 6.5, 9.0]
                .into_iter()
                .flat_map(|spread| of_spread(family, spread, &[1.0]))
                .collect();
            starts.dedup();
            starts
        }
    }
}

/// Fits cover and edges to the text, decodes again, and so on while it helps.
/// A cover found in the same video fixes the family.
fn refine(stretch: &Stretch, mut settled: Settled, family: Option<Kernel>) -> Settled {
    for round in 0..4 {
        let Some(canvas) = Canvas::new(&Stretch { rect: settled.rect, ..*stretch }, &settled) else { break };
        let proposals = canvas.fit(settled.rect, settled.operator, family);
        let before = settled.residual;
        let decoded: Vec<Settled> = proposals
            .into_par_iter()
            .take(if round == 0 { 3 } else { 1 })
            .filter_map(|(rect, operator)| decode(&[Stretch { rect, ..*stretch }], &operator, settled.tone, 120))
            .collect();
        let best = least(decoded);
        let left = |of: &Settled| canvas.misfit(of.rect, &of.operator);
        let counts = |better: &Settled| {
            let has_other_cells = better.cells.len() != settled.cells.len();
            better.residual < settled.residual
                || has_other_cells && better.residual < OTHER_CELLS * settled.residual
                || better.residual < AS_WELL * settled.residual && left(better) < CLEARLY_LESS * left(&settled)
        };
        match best.filter(counts) {
            Some(better) => settled = better,
            None => break,
        }
        if settled.residual > 0.995 * before {
            break;
        }
    }
    settled
}

/// Edges and cover fitted once more to the text of a settled stretch.
pub(crate) fn fitted(stretch: &Stretch, settled: &Settled) -> Option<(Rect, Operator)> {
    let canvas = Canvas::new(stretch, settled)?;
    canvas.fit(stretch.rect, settled.operator, Some(settled.operator.kernel)).into_iter().next()
}
