//! What is around and below a covered rectangle: which cells are unknown, what
//! the clear neighbours put under the cover, and the pixels that were seen.

mod doubts;
mod frame;

use std::ops::Range;

use doubts::Doubt;
pub(crate) use doubts::decide;
use frame::Frame;
pub(crate) use frame::without_frame;

use super::glyphs::Glyphs;
use super::linear::{Matrix, add_scaled};
use super::operator::{Kernel, Operator};
use super::view::View;
use crate::redaction::Look;
use crate::{Grid, Rect};

/// A cell covered by less than this share is read from what is left of it.
const COVERED: f32 = 0.45;

/// The cells of one covered rectangle.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// Where the cover lies in the frame.
    pub(crate) rect: Rect,
    /// Pixels of the rectangle less ground.
    pub(crate) seen: Matrix,
    /// Known characters below the cover, less ground.
    pub(crate) known: Matrix,
    /// Column and line in the grid of each unknown cell, by column first.
    pub(crate) unknown: Vec<(i32, i32)>,
    /// Corners of the unknown cells relative to the rectangle.
    corners: Vec<(isize, isize)>,
    /// What is visible of each unknown cell: place in the cell and level.
    visible: Vec<Vec<(usize, f32)>>,
    /// Known cells of which the cover hides a part that would tell what they are.
    doubts: Vec<Doubt>,
    cell: (usize, usize),
}

/// Pixels of a cell that say something of it.
const ENOUGH: usize = 8;

/// Blocks of so many pixels have enough within them that their edges can be left out.
const LARGE: usize = 8;

impl Scene {
    /// Lays the grid over the look; `cells` are unknown, even where this look
    /// shows them clear; `others` are rectangles covered at the same time, whose
    /// pixels say nothing of their neighbours.
    pub(crate) fn new(
        look: &Look,
        rect: Rect,
        grid: &Grid,
        glyphs: &Glyphs,
        others: &[Rect],
        cells: &[(i32, i32)],
    ) -> Option<Self> {
        let (width, height) = (rect.width as usize, rect.height as usize);
        let seen = pixels(look, rect, glyphs.ground)?;
        let known = Matrix::zeros(height, width);
        let cell = glyphs.cell;
        let mut scene = Self {
            rect,
            seen,
            known,
            unknown: Vec::new(),
            corners: Vec::new(),
            visible: Vec::new(),
            doubts: Vec::new(),
            cell,
        };
        let frame = Frame::around(look, (rect, rect), (glyphs.ground, cell), others);
        let clear = cells_below(grid, rect).filter(|place| !cells.contains(place)).map(|place| (place, false));
        for (place, unknown) in clear.chain(cells.iter().map(|place| (*place, true))) {
            scene.lay_shifted(look, grid, glyphs, (others, &frame), (place, unknown), (0, 0));
        }
        frame.paint(&mut scene.known, &scene.seen, |_, _| true);
        (!scene.unknown.is_empty()).then_some(scene)
    }

    /// Files one cell: unknown, or read and painted into `known`, whose corner
    /// lies `shift` before the cover's.
    fn lay_shifted(
        &mut self,
        look: &Look,
        grid: &Grid,
        glyphs: &Glyphs,
        (others, frame): (&[Rect], &Frame),
        (place, unknown): ((i32, i32), bool),
        shift: (isize, isize),
    ) {
        let corner = (
            (grid.origin_x + place.0 as f32 * grid.cell_width).round() as i64,
            (grid.origin_y + place.1 as f32 * grid.cell_height).round() as i64,
        );
        let mut visible = Vec::new();
        for at in 0..self.cell.0 * self.cell.1 {
            let (x, y) = (corner.0 + (at % self.cell.0) as i64, corner.1 + (at / self.cell.0) as i64);
            if !self.rect.contains(x, y) && !others.iter().any(|other| other.contains(x, y)) {
                visible.extend(look.level(x, y).map(|level| (at, f32::from(level) - glyphs.ground)));
            }
        }
        let relative = ((corner.0 - i64::from(self.rect.x)) as isize, (corner.1 - i64::from(self.rect.y)) as isize);
        if unknown {
            self.unknown.push(place);
            self.corners.push(relative);
            self.visible.push(visible);
        } else if visible.len() * 4 >= self.cell.0 * self.cell.1 {
            let corner = (relative.0 + shift.0, relative.1 + shift.1);
            if frame.reaches(corner, self.cell) {
                return;
            }
            let may_be = glyphs.may_be(&visible, doubts::MAY_BE);
            if let Some(first) = may_be.first() {
                paint(&mut self.known, &first.picture, self.cell, corner);
            }
            if visible.len() < self.cell.0 * self.cell.1 {
                self.doubts.push(Doubt::new(corner, place, may_be, glyphs.floor));
            }
        }
    }

    /// The clear picture of a wider place with a gap at the cells `below` the
    /// cover: what can be read off the visible cells there.
    pub(crate) fn surroundings(
        look: &Look,
        place: Rect,
        (cover, below): (Rect, &[(i32, i32)]),
        grid: &Grid,
        glyphs: &Glyphs,
        others: &[Rect],
    ) -> Option<Self> {
        let (width, height) = (place.width as usize, place.height as usize);
        let (seen, known) = (pixels(look, place, glyphs.ground)?, Matrix::zeros(height, width));
        let mut scene = Self {
            rect: cover,
            seen,
            known: Matrix::zeros(1, 1),
            unknown: Vec::new(),
            corners: Vec::new(),
            visible: Vec::new(),
            doubts: Vec::new(),
            cell: glyphs.cell,
        };
        let shift = (cover.x as isize - place.x as isize, cover.y as isize - place.y as isize);
        scene.known = known;
        let frame = Frame::around(look, (cover, place), (glyphs.ground, glyphs.cell), others);
        for cell in cells_below(grid, place) {
            scene.lay_shifted(look, grid, glyphs, (others, &frame), (cell, below.contains(&cell)), shift);
        }
        let hidden = |x: usize, y: usize| {
            let (x, y) = (i64::from(place.x) + x as i64, i64::from(place.y) + y as i64);
            cover.contains(x, y) || others.iter().any(|other| other.contains(x, y))
        };
        frame.paint(&mut scene.known, &scene.seen, hidden);
        scene.rect = place;
        Some(scene)
    }

    /// Puts pictures into the named cells of the clear picture.
    pub(crate) fn paint_cells(&mut self, cells: &[(i32, i32)], pictures: &[&[f32]], grid: &Grid) {
        for (place, picture) in cells.iter().zip(pictures) {
            let x = (grid.origin_x + place.0 as f32 * grid.cell_width).round() as isize - self.rect.x as isize;
            let y = (grid.origin_y + place.1 as f32 * grid.cell_height).round() as isize - self.rect.y as isize;
            paint(&mut self.known, picture, self.cell, (x, y));
        }
    }

    /// Gives the outermost pixels of each large block the mean of those within:
    /// coding mixes them with the next block's.
    pub(crate) fn without_edges(&mut self, view: &View) {
        let (across, down) = view.blocks();
        let within = |block: &Range<usize>| match block.len() {
            LARGE.. => block.start + 1..block.end - 1,
            _ => block.clone(),
        };
        for rows in &down {
            for columns in &across {
                let (inner_rows, inner_columns) = (within(rows), within(columns));
                let count = inner_rows.len() * inner_columns.len();
                let inner = inner_rows.clone().flat_map(|row| &self.seen.row(row)[inner_columns.clone()]);
                let mean = inner.sum::<f32>() / count.max(1) as f32;
                for row in rows.clone() {
                    let line = self.seen.row_mut(row);
                    let is_edge = |column: &usize| !inner_rows.contains(&row) || !inner_columns.contains(column);
                    columns.clone().filter(is_edge).for_each(|column| line[column] = mean);
                }
            }
        }
    }

    /// Size of the rectangle and corners of the unknown cells in it.
    pub(crate) fn shape(&self) -> ((usize, usize), &[(isize, isize)]) {
        ((self.rect.width as usize, self.rect.height as usize), &self.corners)
    }

    /// The linear model below `operator`.
    pub(crate) fn view(&self, operator: &Operator) -> View {
        let (size, corners) = self.shape();
        View { cells: corners.to_vec(), ..View::new(operator, size, self.cell) }
    }

    /// Seen pixels corrected by `tone`, less what is known, as covered.
    pub(crate) fn observed(&self, known: &Matrix, tone: Tone) -> Matrix {
        let level = |(seen, known): (&f32, &f32)| (seen - tone.offset) / tone.gain - known;
        Matrix { values: self.seen.values.iter().zip(&known.values).map(level).collect(), ..*known }
    }

    /// Squared misfit of each glyph to the visible part of each unknown cell.
    pub(crate) fn unary(&self, pictures: &[Vec<f32>]) -> Vec<f32> {
        let misfit = |visible: &Vec<(usize, f32)>, picture: &Vec<f32>| -> f32 {
            visible.iter().map(|(at, level)| (level - picture[*at]).powi(2)).sum()
        };
        self.visible.iter().flat_map(|visible| pictures.iter().map(|picture| misfit(visible, picture))).collect()
    }

    /// The worst misfit of pictures in the unknown cells to what is visible of
    /// them, in levels: much, if the cover reaches further than thought.
    pub(crate) fn beside(&self, pictures: &[&[f32]]) -> f32 {
        let enough = self.visible.iter().zip(pictures).filter(|(visible, _)| visible.len() >= ENOUGH);
        let misfit = |(visible, picture): (&Vec<(usize, f32)>, &&[f32])| {
            let squares: f32 = visible.iter().map(|(at, level)| (level - picture[*at]).powi(2)).sum();
            (squares / visible.len() as f32).sqrt()
        };
        enough.map(misfit).fold(0.0, f32::max)
    }

    /// The rectangle as it would look uncovered with these pictures in the
    /// unknown cells.
    pub(crate) fn uncovered(&self, pictures: &[&[f32]]) -> Matrix {
        let mut image = self.known.clone();
        for (picture, corner) in pictures.iter().zip(&self.corners) {
            paint(&mut image, picture, self.cell, *corner);
        }
        image
    }
}

/// What is visible of a cell beside a cover: place in the cell and level less
/// ground.
pub(crate) fn visible(
    look: &Look,
    rect: Rect,
    place: (i32, i32),
    grid: &Grid,
    glyphs: &Glyphs,
    others: &[Rect],
) -> Vec<(usize, f32)> {
    let corner = (
        (grid.origin_x + place.0 as f32 * grid.cell_width).round() as i64,
        (grid.origin_y + place.1 as f32 * grid.cell_height).round() as i64,
    );
    let level = |at: usize| {
        let (x, y) = (corner.0 + (at % glyphs.cell.0) as i64, corner.1 + (at / glyphs.cell.0) as i64);
        let hidden = rect.contains(x, y) || others.iter().any(|other| other.contains(x, y));
        look.level(x, y).filter(|_| !hidden).map(|level| (at, f32::from(level) - glyphs.ground))
    };
    (0..glyphs.cell.0 * glyphs.cell.1).filter_map(level).collect()
}

/// How levels below the cover differ from those beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tone {
    /// Levels added.
    pub(crate) offset: f32,
    /// Factor of contrast.
    pub(crate) gain: f32,
}

impl Tone {
    pub(crate) const NONE: Self = Self { offset: 0.0, gain: 1.0 };

    /// The least-squares offset and gain between a model and what was seen, the
    /// gain held near 1. Below a pixelation it is 1: a block or two for a
    /// character say too little to tell gain and text apart.
    pub(crate) fn between(operator: &Operator, model: &[f32], seen: &[f32]) -> Self {
        let count = model.len().max(1) as f32;
        let mean = |values: &[f32]| values.iter().sum::<f32>() / count;
        let (model_mean, seen_mean) = (mean(model), mean(seen));
        let pairs = || model.iter().zip(seen).map(|(model, seen)| (model - model_mean, seen - seen_mean));
        let spread: f32 = pairs().map(|(model, _)| model * model).sum();
        let common: f32 = pairs().map(|(model, seen)| model * seen).sum();
        let is_free = operator.kernel != Kernel::Blocks && spread > 400.0;
        let gain = if is_free { (common / spread).clamp(0.9, 1.1) } else { 1.0 };
        Self { offset: seen_mean - gain * model_mean, gain }
    }
}

/// The cells of which a cover hides enough that they cannot be read beside it.
pub(crate) fn hidden(grid: &Grid, cell: (usize, usize), rect: Rect) -> Vec<(i32, i32)> {
    let span = |start: f32, size: usize, from: u32, length: u32| {
        let start = start.round() as i64;
        let (first, last) = (start.max(from.into()), (start + size as i64).min(i64::from(from) + i64::from(length)));
        (last - first).max(0)
    };
    let covered = |place: &(i32, i32)| {
        let across = span(grid.origin_x + place.0 as f32 * grid.cell_width, cell.0, rect.x, rect.width);
        let down = span(grid.origin_y + place.1 as f32 * grid.cell_height, cell.1, rect.y, rect.height);
        let enough = (across * down) as f32 >= COVERED * (cell.0 * cell.1) as f32;
        // Of the line above or below, more than half stands clear.
        enough && 2 * down >= cell.1 as i64
    };
    cells_below(grid, rect).filter(covered).collect()
}

/// Columns and lines of the cells that a rectangle touches, by column first.
fn cells_below(grid: &Grid, rect: Rect) -> impl Iterator<Item = (i32, i32)> {
    let span = |start: u32, size: u32, origin: f32, cell: f32| {
        let first = ((start as f32 - origin + 0.5) / cell).floor() as i32;
        let last = (((start + size) as f32 - origin - 0.5) / cell).floor() as i32;
        first..=last
    };
    let columns = span(rect.x, rect.width, grid.origin_x, grid.cell_width);
    let lines = span(rect.y, rect.height, grid.origin_y, grid.cell_height);
    columns.flat_map(move |column| lines.clone().map(move |line| (column, line)))
}

fn pixels(look: &Look, rect: Rect, ground: f32) -> Option<Matrix> {
    let mut matrix = Matrix::zeros(rect.height as usize, rect.width as usize);
    for (at, value) in matrix.values.iter_mut().enumerate() {
        let (x, y) = (
            i64::from(rect.x) + (at % rect.width as usize) as i64,
            i64::from(rect.y) + (at / rect.width as usize) as i64,
        );
        *value = f32::from(look.level(x, y)?) - ground;
    }
    Some(matrix)
}

/// Adds a picture of a cell at `corner`, as far as it lies inside.
fn paint(image: &mut Matrix, picture: &[f32], cell: (usize, usize), corner: (isize, isize)) {
    for (line, pixels) in picture.chunks_exact(cell.0).enumerate() {
        let Ok(row) = usize::try_from(corner.1 + line as isize) else { continue };
        if row >= image.rows {
            continue;
        }
        let skip = (-corner.0).clamp(0, cell.0 as isize) as usize;
        let start = corner.0.max(0) as usize;
        let end = image.columns.min((corner.0 + cell.0 as isize).max(0) as usize);
        if start < end {
            add_scaled(&mut image.row_mut(row)[start..end], &pixels[skip..skip + end - start], 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks hold their gain, and the offset is reckoned with the gain that holds.
    #[test]
    fn the_offset_below_blocks_is_that_of_gain_one() {
        let model: Vec<f32> = (0..64).map(|at| (at % 16) as f32 * 12.0).collect();
        let seen: Vec<f32> = model.iter().map(|level| 0.95 * level - 0.5).collect();
        let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
        let blocks = Tone::between(&Operator::new(Kernel::Blocks, 8.0), &model, &seen);
        assert_eq!(blocks.gain, 1.0);
        assert!((blocks.offset - (mean(&seen) - mean(&model))).abs() < 1e-3);
        let blur = Tone::between(&Operator::new(Kernel::Gaussian, 2.0), &model, &seen);
        assert!((blur.gain - 0.95).abs() < 1e-3 && (blur.offset + 0.5).abs() < 1e-2);
    }

    /// What coding does to the edges of large blocks does not count; where a cover cuts
    /// a block, there is too little within it to leave any out.
    #[test]
    fn edges_of_large_blocks_are_left_out() {
        let rect = Rect { x: 0, y: 0, width: 20, height: 8 };
        let view = View::new(&Operator::new(Kernel::Blocks, 8.0), (20, 8), (8, 16));
        let level = |x: usize, y: usize| [10.0, 30.0, 20.0][x / 8] + if x % 8 == 7 || y == 7 { 9.0 } else { 0.0 };
        let seen = Matrix { rows: 8, columns: 20, values: (0..160).map(|at| level(at % 20, at / 20)).collect() };
        let known = Matrix::zeros(8, 20);
        let (unknown, corners, visible, doubts) = Default::default();
        let mut scene = Scene { rect, seen, known, unknown, corners, visible, doubts, cell: (8, 16) };
        scene.without_edges(&view);
        let expected: Vec<f32> = (0..160).map(|at| [10.0, 30.0, 20.0][at % 20 / 8]).collect();
        assert_eq!(scene.seen.values, expected);
    }
}
