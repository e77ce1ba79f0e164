//! One covered look as a linear model: what each glyph in each cell would
//! leave in the observed pixels.

use std::ops::Range;

use super::linear::{Matrix, add_scaled};
use super::operator::Operator;

/// Pixels of a cell that weigh less than this in a covered pixel are left out.
const TAIL: f32 = 0.002;

/// The responses of several images in one cell, over the part of the look
/// that the cell reaches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Response {
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// One window after the other, one for each image.
    pub(crate) values: Vec<f32>,
}

impl Response {
    pub(crate) fn area(&self) -> usize {
        self.width * self.height
    }

    pub(crate) fn of(&self, image: usize) -> &[f32] {
        &self.values[image * self.area()..(image + 1) * self.area()]
    }

    /// The columns and rows that two windows share.
    pub(crate) fn overlap(&self, other: &Self) -> Option<(Range<usize>, Range<usize>)> {
        let columns = self.x.max(other.x)..(self.x + self.width).min(other.x + other.width);
        let rows = self.y.max(other.y)..(self.y + self.height).min(other.y + other.height);
        (!columns.is_empty() && !rows.is_empty()).then_some((columns, rows))
    }

    /// Cuts the windows of all `count` images to `columns` and `rows` of the look.
    pub(crate) fn cut(&self, count: usize, columns: &Range<usize>, rows: &Range<usize>) -> Vec<f32> {
        let mut values = Vec::with_capacity(count * columns.len() * rows.len());
        for image in 0..count {
            for row in rows.clone() {
                let start = image * self.area() + (row - self.y) * self.width + columns.start - self.x;
                values.extend_from_slice(&self.values[start..start + columns.len()]);
            }
        }
        values
    }
}

/// A covered rectangle: the cover, and where the unknown cells lie.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) width: usize,
    pub(crate) across: Matrix,
    pub(crate) down: Matrix,
    /// Corners of the unknown cells, relative to the rectangle's.
    pub(crate) cells: Vec<(isize, isize)>,
    /// Width and height of a cell.
    pub(crate) cell: (usize, usize),
}

impl View {
    pub(crate) fn new(operator: &Operator, size: (usize, usize), cell: (usize, usize)) -> Self {
        let (width, height) = size;
        let (across, down) = (operator.across(width), operator.down(height));
        Self { width, across, down, cells: Vec::new(), cell }
    }

    /// The same with each block of a pixelation as one value, which weighs as
    /// much as all its pixels. As a pixelation changes nothing the second time,
    /// this covers what was seen as it covers what was not.
    pub(crate) fn reduced(&self) -> Self {
        let (across, down) = (merged(&self.across), merged(&self.down));
        Self { width: across.rows, across, down, cells: self.cells.clone(), cell: self.cell }
    }

    /// The columns and the rows of each block of a pixelation.
    pub(crate) fn blocks(&self) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
        (runs(&self.across), runs(&self.down))
    }

    /// The cover of a picture of the rectangle.
    pub(crate) fn cover(&self, picture: &Matrix) -> Matrix {
        self.down.times(picture).times(&self.across.transposed())
    }

    /// What each image (of a cell's size, row by row) leaves if it stands in
    /// the unknown cell `at`.
    pub(crate) fn respond(&self, at: usize, images: &[Vec<f32>]) -> Response {
        self.respond_at(self.cells[at], images)
    }

    /// The same for a cell with its corner anywhere.
    pub(crate) fn respond_at(&self, (x, y): (isize, isize), images: &[Vec<f32>]) -> Response {
        let (columns, skip_x) = within(x, self.cell.0, self.across.columns);
        let (rows, skip_y) = within(y, self.cell.1, self.down.columns);
        let (from_x, to_x) = support(&self.across, &columns);
        let (from_y, to_y) = support(&self.down, &rows);
        let across = self.across.part(from_x..to_x, columns.clone()).transposed();
        let down = self.down.part(from_y..to_y, rows.clone());
        let mut response =
            Response { x: from_x, y: from_y, width: to_x - from_x, height: to_y - from_y, values: Vec::new() };
        let (area, width) = (response.area().max(1), response.width.max(1));
        response.values = vec![0.0; images.len() * response.area()];
        for (image, window) in images.iter().zip(response.values.chunks_exact_mut(area)) {
            let half = half_cover(&down, image, self.cell.0, skip_x..skip_x + columns.len(), skip_y);
            for (row, line) in window.chunks_exact_mut(width).enumerate() {
                for (column, value) in half[row * columns.len()..(row + 1) * columns.len()].iter().enumerate() {
                    if *value != 0.0 {
                        add_scaled(line, across.row(column), *value);
                    }
                }
            }
        }
        response
    }
}

/// Rows that follow each other and are the same as one, its length that of all.
fn merged(matrix: &Matrix) -> Matrix {
    let runs = runs(matrix);
    let scaled = |run: &Range<usize>| {
        let length = (run.len() as f32).sqrt();
        matrix.row(run.start).iter().map(move |weight| weight * length).collect::<Vec<f32>>()
    };
    Matrix { rows: runs.len(), columns: matrix.columns, values: runs.iter().flat_map(scaled).collect() }
}

/// Rows that follow each other and are the same: those of one block.
fn runs(matrix: &Matrix) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in 0..matrix.rows {
        match runs.last_mut() {
            Some(run) if matrix.row(run.start) == matrix.row(at) => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// The part of a cell inside the rectangle, and how much of the cell lies
/// before it.
fn within(corner: isize, cell: usize, size: usize) -> (Range<usize>, usize) {
    let start = corner.clamp(0, size as isize) as usize;
    let end = (corner + cell as isize).clamp(0, size as isize) as usize;
    (start..end.max(start), (start as isize - corner).max(0) as usize)
}

/// First and last covered pixel that the source pixels reach.
fn support(matrix: &Matrix, sources: &Range<usize>) -> (usize, usize) {
    let reached = |row: &usize| matrix.row(*row)[sources.clone()].iter().sum::<f32>() > TAIL;
    let first = (0..matrix.rows).find(reached).unwrap_or(0);
    let last = (0..matrix.rows).rev().find(reached).map_or(first, |last| last + 1);
    (first, last)
}

/// Covers a glyph downwards: rows of the window, columns of the glyph.
fn half_cover(down: &Matrix, image: &[f32], stride: usize, columns: Range<usize>, skip: usize) -> Vec<f32> {
    let mut half = vec![0.0; down.rows * columns.len()];
    for (row, line) in half.chunks_exact_mut(columns.len().max(1)).enumerate() {
        for (from, weight) in down.row(row).iter().enumerate() {
            if *weight != 0.0 {
                let start = (from + skip) * stride;
                add_scaled(line, &image[start + columns.start..start + columns.end], *weight);
            }
        }
    }
    half
}
