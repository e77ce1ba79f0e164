//! The self-test: known clear strings of the same video are covered the same
//! way, coded again and read back; how often that succeeds is what a reading
//! is worth.
//!
//! The decoder's own probabilities are not used for this. On coded video they
//! are wrong by orders of magnitude, because coding error follows the signal.

use std::collections::BTreeSet;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::again::{self, Texts, Worse};
use super::coder::{Coder, plain};
use super::form;
use super::glyphs::{Glyphs, is_near};
use super::linear::Matrix;
use super::looks::Pose;
use super::models::Models;
use super::painted;
use super::scene::Tone;
use super::settle::{Settled, Stretch, decode_once, noise};
use super::strings::best_text;
use super::trials::{FEWEST, Trial, Trials};
use super::view::View;
use crate::redaction::{Look, Redaction, track};
use crate::{Grid, Luma, Reading, Rect, Row};

/// Strings put to the test for one cover.
pub(crate) const TRIALS: usize = 48;

/// With fewer strings as long as the covered one, shorter ones are taken; some
/// of those chosen will fit too badly to count.
const WANTED: usize = 36;
const SHORT: u32 = 11;

/// Strings whose share of letters differs by more are taken last.
const LIKE: f32 = 0.34;

/// With fewer rows than this that no cover reached into, any stand beside.
const NEIGHBOURS: usize = 4;

/// Characters differ from their pictures by as much as clear text leaves, and the worst
/// of some by so many times as much. A painted string lacks that.
const WORST: f32 = 2.0;

/// Cells beyond the longest row.
const BEYOND: usize = 4;

/// Pixels around a trial's rectangle that its look keeps.
const MARGIN: u32 = 30;

/// A stretch of known text on a canvas.
struct Known {
    canvas: usize,
    /// Line of the grid on that canvas.
    line: i32,
    rect: Rect,
    /// Where its blocks begin, if elsewhere than the cover's.
    phase: Option<(u32, u32)>,
    text: String,
    /// Whether it stands so nowhere and was painted for want of others.
    is_painted: bool,
}

/// Runs the test for the cover, length and looks of `settled`; `secret` are
/// texts that must not be among the trials; text that ran past is taken where too
/// little stood still, text that one of the covers reaches into last, and text painted
/// in the style of this one where all else is too little. With characters to be `held` to,
/// strings are read as addresses in these; `with_texts` compares each with
/// what else stands in the video.
pub(crate) fn test(
    (reading, covers): (&Reading, &[Redaction]),
    (grid_index, grid): (usize, &Grid),
    (glyphs, held): (&Glyphs, Option<&Glyphs>),
    settled: &Settled,
    (looks, count, with_texts): (&[Pose], usize, bool),
    secret: &[String],
    coder: Option<&Coder>,
) -> Trials {
    let like = held.is_none().then(|| letters_of(&best_text(settled)));
    let painted;
    let mut plan = Plan { held, covers, like, ..Plan::new(grid, glyphs, settled) };
    plan.choose(reading, grid_index, secret, (count, 0));
    let wanted = WANTED.min(count * 3 / 4);
    if plan.count() < wanted {
        plan.only_settled = false;
        plan.choose(reading, grid_index, secret, (count - plan.count(), 0));
    }
    if plan.count() < wanted && plan.cells > SHORT {
        plan.shorten(SHORT);
        plan.choose(reading, grid_index, secret, (count, 0));
    }
    if plan.count() < wanted {
        // Text of the same weight in another brightness, brought to this one.
        plan.any_style = true;
        plan.start_over();
        plan.choose(reading, grid_index, secret, (count, 0));
    }
    // Once more, further on in each row: other strings, though of the same words.
    for behind in [plan.cells / 2 + 1, plan.cells / 4 + 1, 3 * plan.cells / 4 + 1] {
        if plan.count() < wanted {
            plan.choose(reading, grid_index, secret, (count, behind));
        }
    }
    if plan.count() < wanted {
        plan.like = None;
        plan.choose(reading, grid_index, secret, (count, 0));
    }
    if plan.count() < wanted {
        plan.covers = &[];
        plan.choose(reading, grid_index, secret, (count, 0));
    }
    let seen = plan.count();
    plan.seen_rows = plan.rows.len();
    // Those that stand so are enough to tell by themselves, if there are so many.
    if seen < FEWEST && held.is_none() && !with_texts {
        painted = painted::rows(reading, grid_index, grid, glyphs, settled.style);
        plan.choose(&painted, grid_index, secret, (count - seen, 0));
    }
    let (mut canvases, mut known): (Vec<(Luma, usize)>, Vec<Vec<Known>>) = Default::default();
    for (copy, pose) in looks.iter().enumerate() {
        let (painted, mut stretches) = plan.paint((copy, pose));
        stretches.iter_mut().for_each(|own| own.canvas += canvases.len());
        canvases.extend(painted.into_iter().map(|canvas| (canvas, pose.shown)));
        known.push(stretches);
    }
    if canvases.is_empty() {
        return Trials::default();
    }
    let decoded = coder.and_then(|coder| coder.coded(&canvases));
    let coded = decoded.is_some();
    let decoded = decoded.unwrap_or_else(|| plain(&canvases));
    let count = known.iter().map(Vec::len).min().unwrap_or(0);
    let withheld: Vec<Option<char>> = (0..count).map(|at| withheld(&known[0][at].text, at)).collect();
    let doubles: BTreeSet<char> = withheld.iter().flatten().copied().collect();
    let doubled = glyphs.doubled(doubles.into_iter().collect());
    plan.glyphs = &doubled;
    let texts = with_texts.then(|| Texts::of(reading, grid_index, plan.cells as usize));
    plan.texts = texts.as_ref();
    let models = Models::default();
    let run = |at: usize, without: Option<char>| {
        let same: Vec<&Known> = known.iter().map(|stretches| &stretches[at]).collect();
        plan.run(&same, &known, &decoded, (&models, without))
    };
    let all = (0..count).into_par_iter().filter_map(|at| run(at, None)).collect();
    let blind = (0..if held.is_some() || with_texts { 0 } else { count }).into_par_iter();
    let blind = blind.filter_map(|at| run(at, withheld[at])).collect();
    Trials { all, blind, coded, power: plan.power }
}

/// The share of letters among the characters of a text that are not blank.
pub(super) fn letters_of(text: &str) -> f32 {
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    letters as f32 / text.chars().filter(|letter| *letter != ' ').count().max(1) as f32
}

/// A letter of the text, another place for each trial.
fn withheld(text: &str, turn: usize) -> Option<char> {
    let letters: Vec<char> = text.chars().filter(|letter| *letter != ' ').collect();
    letters.get((turn * 5 + 3) % letters.len().max(1)).copied()
}

struct Plan<'a> {
    grid: &'a Grid,
    glyphs: &'a Glyphs,
    /// The characters of an address, if strings are held to that form.
    held: Option<&'a Glyphs>,
    settled: &'a Settled,
    /// Rows, the first column of each stretch to cover in them, and the factor
    /// that brings them to the contrast of the covered text.
    rows: Vec<(&'a Row, Vec<u32>, f32)>,
    /// How many of the rows stood so in the video; the others were painted.
    seen_rows: usize,
    /// The share of letters that strings should have, about.
    like: Option<f32>,
    /// Texts chosen so far: each is taken once.
    seen: BTreeSet<String>,
    /// Covers that text must be clear of.
    covers: &'a [Redaction],
    /// Texts of the video as long as a trial's.
    texts: Option<&'a Texts>,
    /// Whether text is taken only where coding was done with it.
    only_settled: bool,
    /// Whether text of another brightness may be taken.
    any_style: bool,
    /// The rectangle relative to the corner of its first cell.
    corner: (i64, i64),
    cells: u32,
    size: (usize, usize),
    /// Width of a covered rectangle.
    width: u32,
    /// Length of the covered string in lengths of a trial.
    power: f32,
}

impl<'a> Plan<'a> {
    fn new(grid: &'a Grid, glyphs: &'a Glyphs, settled: &'a Settled) -> Self {
        let first = settled.cells.first().copied().unwrap_or((0, 0));
        let last = settled.cells.last().copied().unwrap_or((0, 0));
        let cells = (last.0 - first.0 + 1).max(1) as u32;
        let left = (grid.origin_x + first.0 as f32 * grid.cell_width).round() as i64;
        let top = (grid.origin_y + first.1 as f32 * grid.cell_height).round() as i64;
        let corner = (i64::from(settled.rect.x) - left, i64::from(settled.rect.y) - top);
        let even = |size: u32| (size as usize).next_multiple_of(16);
        let size = (even(grid.area.x + grid.area.width + 16), even(grid.area.y + grid.area.height + 16));
        Self {
            grid,
            glyphs,
            held: None,
            like: None,
            seen: BTreeSet::new(),
            covers: &[],
            texts: None,
            settled,
            rows: Vec::new(),
            seen_rows: 0,
            only_settled: true,
            any_style: false,
            corner,
            cells,
            size,
            width: settled.rect.width,
            power: 1.0,
        }
    }

    fn count(&self) -> usize {
        self.rows.iter().map(|(_, starts, _)| starts.len()).sum()
    }

    /// Goes on with shorter strings, where too few are as long as the covered one.
    fn shorten(&mut self, cells: u32) {
        self.width -= ((self.cells - cells) as f32 * self.grid.cell_width).round() as u32;
        self.power = self.cells as f32 / cells as f32;
        self.cells = cells;
        self.start_over();
    }

    fn start_over(&mut self) {
        self.rows.clear();
        self.seen.clear();
    }

    /// Whether a text has about as many letters as the covered one seems to: figures
    /// are mistaken for others than letters are.
    fn is_like(&self, text: &str) -> bool {
        self.like.is_none_or(|share| (letters_of(text) - share).abs() <= LIKE)
    }

    /// Picks stretches of as many cells, spread over all rows, each text once,
    /// some columns behind the beginning of each row.
    fn choose(&mut self, reading: &'a Reading, index: usize, secret: &[String], (most, behind): (usize, u32)) {
        let mut found: Vec<(&Row, Vec<u32>, f32)> = Vec::new();
        let is_open = |row: &&Row| row.grid == Some(index) && (!self.only_settled || row.is_settled());
        for row in reading.rows.iter().filter(is_open) {
            let mut starts: Vec<u32> = Vec::new();
            let mut factor = 1.0;
            let first = row.chars.first().map_or(0, |letter| letter.column) + behind;
            for letter in &row.chars {
                let free = starts.last().is_none_or(|last| letter.column >= last + self.cells + 3);
                if letter.column == 0 || letter.column < first || !free {
                    continue;
                }
                let Some(text) = self.text(row, letter.column).filter(|text| self.is_like(text)) else { continue };
                let given_away =
                    secret.iter().any(|secret| secret.contains(text.trim()) || text.contains(secret.trim()));
                let Some(scale) = self.scale(row, letter.column).filter(|_| !given_away) else { continue };
                if !self.is_known(row, letter.column) || self.is_touched(row, self.place(row, letter.column)) {
                    continue;
                }
                // One factor a row: its other stretches must be of the same style.
                if (starts.is_empty() || scale == factor) && self.seen.insert(text) {
                    factor = scale;
                    starts.push(letter.column);
                }
            }
            if !starts.is_empty() {
                found.push((row, starts, factor));
            }
        }
        let all: usize = found.iter().map(|(_, starts, _)| starts.len()).sum();
        let step = all.div_ceil(most).max(1);
        let mut count = 0;
        for (row, starts, factor) in found {
            let chosen: Vec<u32> = starts
                .into_iter()
                .filter(|_| {
                    count += 1;
                    count % step == 0
                })
                .collect();
            if !chosen.is_empty() {
                self.rows.push((row, chosen, factor));
            }
        }
    }

    /// The text of a stretch, if it is wholly known and mostly not blank.
    fn text(&self, row: &Row, column: u32) -> Option<String> {
        let mut text = vec![' '; self.cells as usize];
        let mut letters = 0;
        for letter in &row.chars {
            if (column..column + self.cells).contains(&letter.column) {
                if letter.confidence < 0.8 || !self.settled.alphabet.contains(&letter.value) {
                    return None;
                }
                text[(letter.column - column) as usize] = letter.value;
                letters += 1;
            }
        }
        let last = row.chars.last()?.column;
        let blanks = (0..self.cells).filter(|at| text[*at as usize] == ' ');
        let fine = letters * 10 >= self.cells * 7 && column + self.cells <= last + 2;
        let fine = fine && blanks.into_iter().all(|at| self.is_blank(row, column + at));
        fine.then(|| text.into_iter().collect())
    }

    /// The place of a stretch of a row.
    fn place(&self, row: &Row, column: u32) -> Rect {
        let x = (self.grid.origin_x + column as f32 * self.grid.cell_width).round().max(0.0) as u32;
        Rect { x, width: (self.cells as f32 * self.grid.cell_width).round() as u32, ..row.place }
    }

    /// Whether a cover ever reached into a place of a row.
    fn is_touched(&self, row: &Row, place: Rect) -> bool {
        self.covers.iter().any(|cover| {
            let together = cover.first_ms <= row.last_ms && cover.last_ms >= row.first_ms;
            together && cover.rects().any(|rect| track::common(place, rect) > 0.0)
        })
    }

    /// Whether the clear picture of a stretch says what was read there. A
    /// string that was misread is no known string.
    fn is_known(&self, row: &Row, column: u32) -> bool {
        let mut letters = row.chars.iter().filter(|letter| (column..column + self.cells).contains(&letter.column));
        letters.all(|letter| self.glyphs.agrees(self.grid, row, letter))
    }

    /// Whether a cell without a character really is empty in the picture.
    fn is_blank(&self, row: &Row, column: u32) -> bool {
        let left = (self.grid.origin_x + column as f32 * self.grid.cell_width).round() as i64 - i64::from(row.place.x);
        let left = left.max(0) as usize;
        let columns = left.min(row.pixels.width)..(left + self.glyphs.cell.0).min(row.pixels.width);
        let lines = (0..row.pixels.height).map(|line| &row.pixels.pixels[line * row.pixels.width..][columns.clone()]);
        let inked = lines.flatten().filter(|level| (f32::from(**level) - self.glyphs.ground).abs() > 14.0);
        inked.count() < 3
    }

    /// The factor that brings a stretch to the contrast of the covered text:
    /// 1 if it has it; none if it is of another weight, or none may be brought.
    fn scale(&self, row: &Row, column: u32) -> Option<f32> {
        let own = self.glyphs.styles.get(self.settled.style)?;
        let letters = row.chars.iter().filter(|letter| (column..column + self.cells).contains(&letter.column));
        let contrast = self.glyphs.contrast(self.grid, row, letters, own)?;
        if is_near(contrast, own.contrast) {
            return Some(1.0);
        }
        let others = self.glyphs.styles.iter().filter(|style| self.any_style && style.heavy == own.heavy);
        let others = others.filter(|style| is_near(contrast, style.contrast) && style.contrast * own.contrast > 0.0);
        others.map(|style| own.contrast / style.contrast).next()
    }

    /// Paints the rows on every second line (another row between, left clear, the same
    /// beside each in all looks) and covers the stretches as they lie in a look; `copy`
    /// moves all to other lines.
    fn paint(&self, (copy, pose): (usize, &Pose)) -> (Vec<Luma>, Vec<Known>) {
        let lines = (self.grid.area.height as f32 / self.grid.cell_height) as usize;
        let pairs = (lines.saturating_sub(2) / 2).max(1);
        let (width, height) = (self.width_of_rows(), self.size.1);
        let blank = Luma { width, height, pixels: vec![self.grid.ground; width * height] };
        let count = self.rows.len().div_ceil(pairs);
        // Below a cover that reaches into the next line, what stands there counts:
        // as in the video, not what another cover left.
        let mut beside: Vec<&(&Row, Vec<u32>, f32)> =
            self.rows.iter().filter(|(row, ..)| !self.is_touched(row, row.place)).collect();
        if beside.len() < NEIGHBOURS {
            beside = self.rows.iter().collect();
        }
        let mut canvases = vec![blank; count];
        let mut known = Vec::new();
        let place = |at: usize| (at / pairs, 2 * ((at + copy * 5) % pairs) + 1);
        for at in 0..self.rows.len() {
            let (canvas, line) = place(at);
            // Above and below stands the same in all looks, which decide together what it is.
            let above = if at % pairs == 0 { at + pairs - 1 } else { at - 1 };
            for (at, line) in [(above, line - 1), (at, line + 1)] {
                let (row, _, factor) = beside[(at * 7 + 3) % beside.len()];
                self.put(&mut canvases[canvas], row, line, *factor);
            }
        }
        for (at, (row, starts, factor)) in self.rows.iter().enumerate() {
            let (canvas, line) = place(at);
            self.put(&mut canvases[canvas], row, line, *factor);
            for start in starts {
                let left = (self.grid.origin_x + *start as f32 * self.grid.cell_width).round() as i64;
                let top = (self.grid.origin_y + line as f32 * self.grid.cell_height).round() as i64;
                let rect = Rect {
                    x: (left + self.corner.0 + i64::from(pose.moved.0)).max(0) as u32,
                    y: (top + self.corner.1 + i64::from(pose.moved.1)).max(0) as u32,
                    width: self.width.saturating_add_signed(pose.wider),
                    height: self.settled.rect.height,
                };
                if let Some(text) = self.text(row, *start) {
                    let (line, is_painted) = (line as i32, at >= self.seen_rows);
                    known.push(Known { canvas, line, rect, phase: pose.phase, text, is_painted });
                }
            }
        }
        for stretch in &known {
            self.cover(&mut canvases[stretch.canvas], stretch.rect, stretch.phase);
        }
        (canvases, known)
    }

    /// Pixels from the left that hold all rows and the covers on them: what an
    /// encoder is shown beyond costs time and says nothing.
    fn width_of_rows(&self) -> usize {
        let right = self.rows.iter().map(|(row, ..)| row.place.x as usize + row.pixels.width).max().unwrap_or(0);
        (right + BEYOND * self.glyphs.cell.0).next_multiple_of(16).min(self.size.0)
    }

    /// Copies a row's picture to a line, its contrast changed by a factor.
    fn put(&self, canvas: &mut Luma, row: &Row, line: usize, factor: f32) {
        let middle = row.place.y as f32 + row.place.height as f32 / 2.0;
        let own = ((middle - self.grid.origin_y) / self.grid.cell_height).floor();
        let shift = ((line as f32 - own) * self.grid.cell_height).round() as i64;
        for at in 0..row.pixels.height {
            let Ok(y) = usize::try_from(i64::from(row.place.y) + shift + at as i64) else { continue };
            let x = row.place.x as usize;
            let width = row.pixels.width.min(canvas.width.saturating_sub(x));
            if y < canvas.height {
                let from = &row.pixels.pixels[at * row.pixels.width..][..width];
                let scaled = |level: &u8| {
                    let scaled = self.glyphs.ground + (f32::from(*level) - self.glyphs.ground) * factor;
                    scaled.round().clamp(0.0, 255.0) as u8
                };
                let to = &mut canvas.pixels[y * canvas.width + x..][..width];
                to.iter_mut().zip(from).for_each(|(to, from)| *to = scaled(from));
            }
        }
    }

    fn cover(&self, canvas: &mut Luma, rect: Rect, phase: Option<(u32, u32)>) {
        let (x, y) = (rect.x as usize, rect.y as usize);
        let (width, height) = (rect.width as usize, rect.height as usize);
        if x + width > canvas.width || y + height > canvas.height {
            return;
        }
        let mut picture = Matrix::zeros(height, width);
        for row in 0..height {
            for (to, from) in picture.row_mut(row).iter_mut().zip(&canvas.pixels[(y + row) * canvas.width + x..]) {
                *to = f32::from(*from) - self.glyphs.ground;
            }
        }
        let operator = self.settled.operator.beginning(phase);
        let covered = View::new(&operator, (width, height), self.glyphs.cell).cover(&picture);
        let tone: Tone = self.settled.tone;
        for row in 0..height {
            let line = &mut canvas.pixels[(y + row) * canvas.width + x..][..width];
            for (to, from) in line.iter_mut().zip(covered.row(row)) {
                *to = (from * tone.gain + tone.offset + self.glyphs.ground).round().clamp(0.0, 255.0) as u8;
            }
        }
    }

    /// Reads one string back from all its copies.
    fn run(
        &self,
        copies: &[&Known],
        all: &[Vec<Known>],
        decoded: &[Luma],
        (models, without): (&Models, Option<char>),
    ) -> Option<Trial> {
        let fewer = without.map(|letter| self.glyphs.without(letter));
        let glyphs = self.held.unwrap_or(self.glyphs);
        let looks: Vec<Look> = copies.iter().map(|known| look(&decoded[known.canvas], known.rect)).collect();
        let others: Vec<Vec<Rect>> = copies
            .iter()
            .zip(all)
            .map(|(own, all)| {
                let beside = all.iter().filter(|other| other.canvas == own.canvas && other.rect != own.rect);
                beside.map(|other| other.rect).collect()
            })
            .collect();
        let stretches: Vec<Stretch> = looks
            .iter()
            .zip(copies)
            .zip(&others)
            .map(|((look, known), others)| Stretch {
                look,
                rect: known.rect,
                others,
                grid: self.grid,
                glyphs,
                clear: fewer.as_ref().unwrap_or(self.glyphs),
                style: self.settled.style,
                shift: (0, known.line - copies[0].line),
                phase: known.phase,
            })
            .collect();
        let (operator, tone) = (&self.settled.operator, self.settled.tone);
        let mut read = decode_once(&stretches, operator, tone, 150, (models, without))?;
        if self.held.is_some() {
            match form::hold(read) {
                Some(held) => read = held,
                None => return Some(Trial::FAILED),
            }
        }
        let text: String =
            read.fits.first()?.letters.iter().map(|letter| read.alphabet[usize::from(*letter)]).collect();
        let Known { text: known, is_painted, .. } = copies.first()?;
        let lacking = if *is_painted { self.glyphs.floor } else { 0.0 };
        let worse = match self.texts.filter(|_| without.is_none() && self.held.is_none()) {
            Some(texts) => again::measured(&stretches, &read, models, (texts, known)),
            None => Worse::NEVER,
        };
        let exact = text.trim_end() == known.trim_end();
        let stood_in = known.chars().zip(text.chars()).find(|(letter, _)| Some(*letter) == without).map(|pair| pair.1);
        Some(Trial {
            exact,
            margin: read.margin * (noise(read.residual) / noise(read.residual.hypot(lacking))).powi(2),
            residual: read.residual.hypot(lacking),
            worst: read.worst.hypot(WORST * lacking),
            beside: read.beside,
            stood_in,
            worse,
            is_painted: *is_painted,
        })
    }
}

fn look(picture: &Luma, rect: Rect) -> Look {
    let place = track::grown(rect, MARGIN, picture.width as u32, picture.height as u32);
    Look { since_ms: 0, at_ms: 0, place, picture: crate::redaction::crop(picture, place).into() }
}
