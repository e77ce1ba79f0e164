//! Cutting the cells of a row, and telling empty, covered and clear ones apart.

use crate::{Grid, Luma};

/// Range of brightness in a cell below which it is empty whatever the rest shows.
const EMPTY_RANGE: u8 = 18;

/// Shape of the cells of one grid: whole pixels to which each cell is sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shape {
    pub width: usize,
    pub height: usize,
}

impl Shape {
    pub fn of(grid: &Grid) -> Self {
        let whole = |length: f32| (length - 0.02).ceil().max(3.0) as usize;
        Self { width: whole(grid.cell_width), height: whole(grid.cell_height) }
    }

    pub fn len(&self) -> usize {
        self.width * self.height
    }
}

/// A cell with ink, brightness about its mean.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// Brightness less its mean, row by row.
    pub ink: Vec<f32>,
    /// Length of `ink` as a vector.
    pub norm: f32,
    /// Brightest less darkest.
    pub range: f32,
    /// Steepest step between neighbours, as a share of the range.
    pub edge: f32,
}

/// What a cell holds before anyone asks which character.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Empty,
    /// A cursor: the whole cell or its frame inked.
    Cursor,
    Ink(Cell),
}

/// Samples the cell at column and row of a grid out of a picture whose upper
/// left pixel stands at `origin`, relative to the grid.
pub(crate) fn sample(luma: &Luma, left: f32, top: f32, grid: &Grid, shape: Shape, into: &mut Vec<f32>) {
    into.clear();
    let whole = left.fract() == 0.0
        && top.fract() == 0.0
        && shape.width as f32 == grid.cell_width
        && shape.height as f32 == grid.cell_height;
    if whole {
        copy(luma, left as i64, top as i64, shape, into);
    } else {
        resample(luma, left, top, grid, shape, into);
    }
}

fn copy(luma: &Luma, left: i64, top: i64, shape: Shape, into: &mut Vec<f32>) {
    for y in 0..shape.height as i64 {
        let line = (top + y).clamp(0, luma.height as i64 - 1) as usize * luma.width;
        for x in 0..shape.width as i64 {
            let column = (left + x).clamp(0, luma.width as i64 - 1) as usize;
            into.push(f32::from(luma.pixels[line + column]));
        }
    }
}

fn resample(luma: &Luma, left: f32, top: f32, grid: &Grid, shape: Shape, into: &mut Vec<f32>) {
    let (scale_x, scale_y) = (grid.cell_width / shape.width as f32, grid.cell_height / shape.height as f32);
    let split = |at: f32, most: usize| {
        let at = at.clamp(0.0, most as f32 - 1.0);
        (at as usize, (at as usize + 1).min(most - 1), at.fract())
    };
    for y in 0..shape.height {
        let (upper, lower, down) = split(top + (y as f32 + 0.5) * scale_y - 0.5, luma.height);
        let (upper, lower) = (&luma.pixels[upper * luma.width..], &luma.pixels[lower * luma.width..]);
        for x in 0..shape.width {
            let (first, second, across) = split(left + (x as f32 + 0.5) * scale_x - 0.5, luma.width);
            let mix = |line: &[u8]| f32::from(line[first]) * (1.0 - across) + f32::from(line[second]) * across;
            into.push(mix(upper) * (1.0 - down) + mix(lower) * down);
        }
    }
}

/// Looks at a sampled cell. `contrast` is how far ink usually stands off the ground.
pub(crate) fn content(sampled: &[f32], shape: Shape, ground: f32, contrast: f32) -> Content {
    let (mut least, mut most) = (f32::MAX, f32::MIN);
    for value in sampled {
        least = least.min(*value);
        most = most.max(*value);
    }
    let range = most - least;
    let strongest = (most - ground).abs().max((least - ground).abs());
    if range < f32::from(EMPTY_RANGE) || range < 0.16 * contrast || strongest < 0.13 * contrast {
        return if strongest > 0.5 * contrast.max(40.0) { Content::Cursor } else { Content::Empty };
    }
    if is_cursor(sampled, shape, ground, strongest) {
        return Content::Cursor;
    }
    let mean = sampled.iter().sum::<f32>() / sampled.len() as f32;
    let ink: Vec<f32> = sampled.iter().map(|value| value - mean).collect();
    let norm = ink.iter().map(|value| value * value).sum::<f32>().sqrt();
    // A few faint pixels are what a codec spills over from next door.
    if norm < 0.2 * contrast {
        return Content::Empty;
    }
    let edge = steepest(sampled, shape) / range;
    Content::Ink(Cell { ink, norm, range, edge })
}

fn steepest(sampled: &[f32], shape: Shape) -> f32 {
    let mut steepest = 0f32;
    for y in 0..shape.height {
        let line = &sampled[y * shape.width..(y + 1) * shape.width];
        for x in 1..shape.width {
            steepest = steepest.max((line[x] - line[x - 1]).abs());
        }
        if y > 0 {
            let above = &sampled[(y - 1) * shape.width..y * shape.width];
            for x in 0..shape.width {
                steepest = steepest.max((line[x] - above[x]).abs());
            }
        }
    }
    steepest
}

/// True for a block over the cell, the frame of one, or a bar at its left edge.
fn is_cursor(sampled: &[f32], shape: Shape, ground: f32, strongest: f32) -> bool {
    let inked = |x: usize, y: usize| (sampled[y * shape.width + x] - ground).abs() > 0.6 * strongest;
    let total = (0..shape.len()).filter(|at| inked(at % shape.width, at / shape.width)).count();
    if total * 100 >= shape.len() * 85 {
        return true;
    }
    let (right, bottom) = (shape.width - 1, shape.height - 1);
    let column = |x: usize| (0..shape.height).filter(|y| inked(x, *y)).count() * 10 >= shape.height * 9;
    let row = |y: usize| (0..shape.width).filter(|x| inked(*x, y)).count() * 10 >= shape.width * 9;
    let frame = (column(0) || column(1)) && (column(right) || column(right - 1)) && (row(0) || row(1)) && (row(bottom) || row(bottom - 1));
    let bar = column(0) && total <= 2 * shape.height && (0..shape.height).all(|y| (2..shape.width).all(|x| !inked(x, y)));
    frame || bar
}
