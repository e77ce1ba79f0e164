//! What stands around text and is none: the edge of a window, its bar, the ground of
//! the desktop. A cover that reaches over it hides some of that too.

use super::super::linear::Matrix;
use crate::Rect;
use crate::redaction::Look;

/// A line of pixels that differs less from the ground is ground.
const LEVELS: f32 = 24.0;

/// Levels by which three in four pixels of a straight line differ from their middle, at
/// most: another cover or text may reach into it.
const STRAIGHT: f32 = 16.0;

/// Pixels beside a cover that say whether a line goes on below it, at least.
const FEWEST: usize = 8;

/// Lines of pixels along each side of a place that are straight beyond a cover and so
/// go on below it: their levels less ground, from the outermost inwards.
pub(super) struct Frame {
    left: Vec<f32>,
    right: Vec<f32>,
    top: Vec<f32>,
    bottom: Vec<f32>,
    /// Width and height of the place.
    size: (usize, usize),
}

impl Frame {
    /// The frame of a place that holds a cover; a cell's width to the sides and its
    /// height above and below the cover say what goes on.
    pub(super) fn around(
        look: &Look,
        (cover, place): (Rect, Rect),
        (ground, cell): (f32, (usize, usize)),
        others: &[Rect],
    ) -> Self {
        let hidden = |x: i64, y: i64| others.iter().any(|other| other.contains(x, y));
        let level = |x: i64, y: i64| look.level(x, y).filter(|_| !hidden(x, y)).map(|level| f32::from(level) - ground);
        let (left, top) = (i64::from(cover.x), i64::from(cover.y));
        let (right, bottom) = (left + i64::from(cover.width), top + i64::from(cover.height));
        let (across, down) = (cell.0 as i64, cell.1 as i64);
        // Nearest to a cover coding mixes what it hides with what is visible.
        let column = |x: i64| {
            let ends = (top - 2 - down..top - 2).chain(bottom + 2..bottom + 2 + down);
            straight(ends.filter_map(|y| level(x, y)).collect())
        };
        let row = |y: i64| {
            let ends = (left - 2 - 2 * across..left - 2).chain(right + 2..right + 2 + 2 * across);
            straight(ends.filter_map(|x| level(x, y)).collect())
        };
        let (x, y) = (i64::from(place.x), i64::from(place.y));
        let (width, height) = (i64::from(place.width), i64::from(place.height));
        Self {
            left: (x..x + width).map_while(column).collect(),
            right: (x..x + width).rev().map_while(column).collect(),
            top: (y..y + height).map_while(row).collect(),
            bottom: (y..y + height).rev().map_while(row).collect(),
            size: (place.width as usize, place.height as usize),
        }
    }

    /// Whether a cell with this corner in the place lies on the frame in part.
    pub(super) fn reaches(&self, corner: (isize, isize), cell: (usize, usize)) -> bool {
        let reaches = |start: isize, cell: usize, size: usize, near: &[f32], far: &[f32]| {
            let (end, inner) = (start + cell as isize, size as isize - far.len() as isize);
            !near.is_empty() && start < near.len() as isize || !far.is_empty() && end > inner
        };
        reaches(corner.0, cell.0, self.size.0, &self.left, &self.right)
            || reaches(corner.1, cell.1, self.size.1, &self.top, &self.bottom)
    }

    /// Paints the frame over what is known of a place: as it is seen, and below covers
    /// as it goes on.
    pub(super) fn paint(&self, known: &mut Matrix, seen: &Matrix, hidden: impl Fn(usize, usize) -> bool) {
        let (width, height) = self.size;
        let mut paint = |x: usize, y: usize, level: f32| {
            known.row_mut(y)[x] = if hidden(x, y) { level } else { seen.row(y)[x] };
        };
        for (at, level) in self.left.iter().enumerate() {
            (0..height).for_each(|y| paint(at, y, *level));
        }
        for (at, level) in self.right.iter().enumerate() {
            (0..height).for_each(|y| paint(width - 1 - at, y, *level));
        }
        for (at, level) in self.top.iter().enumerate() {
            (0..width).for_each(|x| paint(x, at, *level));
        }
        for (at, level) in self.bottom.iter().enumerate() {
            (0..width).for_each(|x| paint(x, height - 1 - at, *level));
        }
    }
}

/// A cover without the outermost lines of pixels that show a frame as it is.
pub(crate) fn without_frame(look: &Look, rect: Rect, (ground, cell): (f32, (usize, usize)), others: &[Rect]) -> Rect {
    let frame = Frame::around(look, (rect, rect), (ground, cell), others);
    let shown = |levels: &[f32], place: &dyn Fn(u32, u32) -> (u32, u32), length: u32| {
        let is_shown = |(at, level): (u32, &f32)| {
            let seen = (0..length).map(|along| place(at, along)).filter_map(|(x, y)| look.level(x.into(), y.into()));
            seen.map(|seen| (f32::from(seen) - ground - level).abs()).sum::<f32>() <= STRAIGHT * length as f32
        };
        (0..).zip(levels).take_while(|line| is_shown(*line)).count() as u32
    };
    let Rect { x, y, width, height } = rect;
    let left = shown(&frame.left, &|at, along| (x + at, y + along), height);
    let right = shown(&frame.right, &|at, along| (x + width - 1 - at, y + along), height);
    let top = shown(&frame.top, &|at, along| (x + along, y + at), width);
    let bottom = shown(&frame.bottom, &|at, along| (x + along, y + height - 1 - at), width);
    if left + right >= width || top + bottom >= height {
        return rect;
    }
    Rect { x: x + left, y: y + top, width: width - left - right, height: height - top - bottom }
}

/// The level of pixels that are nearly all alike and no ground.
fn straight(mut levels: Vec<f32>) -> Option<f32> {
    levels.sort_by(f32::total_cmp);
    let middle = levels.get(levels.len() / 2).copied().filter(|middle| middle.abs() >= LEVELS)?;
    let alike = levels.iter().filter(|level| (*level - middle).abs() <= STRAIGHT).count();
    (levels.len() >= FEWEST && alike * 4 >= levels.len() * 3).then_some(middle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Luma;

    /// A bright window from column 20 on, black around it; in line 40 a text.
    fn look() -> Look {
        let level = |x: usize, y: usize| match x {
            ..20 => 5,
            _ if (40..50).contains(&y) && x.is_multiple_of(4) => 60,
            _ => 230,
        };
        let pixels = (0..100 * 80).map(|at| level(at % 100, at / 100)).collect();
        let picture = Luma { width: 100, height: 80, pixels }.into();
        Look { since_ms: 0, at_ms: 0, place: Rect { x: 0, y: 0, width: 100, height: 80 }, picture }
    }

    const CELL: (usize, usize) = (8, 16);

    /// The edge of a window goes on below a cover that reaches over it.
    #[test]
    fn a_window_s_edge_goes_on_below_a_cover() {
        let cover = Rect { x: 18, y: 36, width: 30, height: 16 };
        let frame = Frame::around(&look(), (cover, cover), (230.0, CELL), &[]);
        assert_eq!((&frame.left[..], frame.right.len(), frame.top.len()), (&[-225.0; 2][..], 0, 0));
        assert!(frame.reaches((-5, 0), CELL) && !frame.reaches((3, 0), CELL));
        let (mut known, seen) = (Matrix::zeros(16, 30), Matrix::zeros(16, 30));
        frame.paint(&mut known, &seen, |_, y| y > 0);
        assert_eq!((known.row(1)[1], known.row(1)[2], known.row(0)[1]), (-225.0, 0.0, 0.0));
    }

    /// Beside a cover that ends within the window, there is no frame but text.
    #[test]
    fn text_beside_a_cover_is_no_frame() {
        let cover = Rect { x: 40, y: 36, width: 30, height: 16 };
        let frame = Frame::around(&look(), (cover, cover), (230.0, CELL), &[]);
        assert!([&frame.left, &frame.right, &frame.top, &frame.bottom].iter().all(|lines| lines.is_empty()));
    }

    /// What lies within the rectangle but shows the frame as it is is not covered.
    #[test]
    fn a_frame_that_shows_is_not_covered() {
        let mut look = look();
        let mut luma = Luma::clone(&look.picture);
        let rect = Rect { x: 15, y: 36, width: 30, height: 16 };
        // Covered from column 18 on.
        (36..52).for_each(|y| luma.pixels[y * 100 + 18..y * 100 + 45].fill(140));
        look.picture = luma.into();
        assert_eq!(without_frame(&look, rect, (230.0, CELL), &[]), Rect { x: 18, width: 27, ..rect });
    }
}
