//! A covered look with its text known: what every rectangle and every cover
//! would leave of it, and those that leave least.

use super::linear::Matrix;
use super::operator::{Kernel, Operator};
use super::scene::{Scene, Tone};
use super::settle::{Settled, Stretch};
use crate::Rect;
use crate::redaction::{Look, track};

/// Pixels around the rectangle that judge where its edges are.
const AROUND: u32 = 12;

/// A clear picture of the surroundings with the decoded text in its place:
/// what every cover and rectangle is compared with.
pub(super) struct Canvas {
    pub(super) place: Rect,
    clear: Matrix,
    seen: Matrix,
    /// 0 where another cover hides the pixel.
    weights: Vec<f32>,
    /// Upper and lower end of the covered lines of text.
    line: (u32, u32),
}

impl Canvas {
    pub(super) fn new(stretch: &Stretch, settled: &Settled) -> Option<Self> {
        Self::over(stretch, settled, surroundings(stretch.look, stretch.rect))
    }

    /// The same over a place of our choice, which holds the cover.
    pub(super) fn over(stretch: &Stretch, settled: &Settled, place: Rect) -> Option<Self> {
        let look = stretch.look;
        let below: Vec<(i32, i32)> =
            settled.cells.iter().map(|cell| (cell.0 + stretch.shift.0, cell.1 + stretch.shift.1)).collect();
        let (_, pictures) = stretch.glyphs.alphabet(settled.style);
        let letters = &settled.fits.first()?.letters;
        let chosen: Vec<&[f32]> = letters.iter().map(|letter| pictures[usize::from(*letter)].as_slice()).collect();
        let mut wide =
            Scene::surroundings(look, place, (stretch.rect, &below), stretch.grid, stretch.clear, stretch.others)?;
        wide.paint_cells(&below, &chosen, stretch.grid);
        let hidden = |x: u32, y: u32| stretch.others.iter().any(|other| other.contains(x.into(), y.into()));
        let weight = |at: u32| f32::from(u8::from(!hidden(place.x + at % place.width, place.y + at / place.width)));
        let weights = (0..place.width * place.height).map(weight).collect();
        let edge = |line: i32| (stretch.grid.origin_y + line as f32 * stretch.grid.cell_height).round().max(0.0) as u32;
        let lines = below.iter().map(|(_, line)| *line);
        let line = (edge(lines.clone().min()?), edge(lines.max()? + 1));
        Some(Self { place, clear: wide.known, seen: wide.seen, weights, line })
    }

    /// Mean squared difference over the canvas, with `rect` covered.
    pub(super) fn misfit(&self, rect: Rect, operator: &Operator) -> f32 {
        let (left, top) = ((rect.x - self.place.x) as usize, (rect.y - self.place.y) as usize);
        let (right, bottom) = (left + rect.width as usize, top + rect.height as usize);
        if right > self.clear.columns || bottom > self.clear.rows {
            return f32::MAX;
        }
        let inside = self.clear.part(top..bottom, left..right);
        let half = operator.across(inside.columns).times(&inside.transposed()).transposed();
        let covered = operator.down(inside.rows).times(&half);
        let seen = self.seen.part(top..bottom, left..right);
        let tone = Tone::between(operator, &covered.values, &seen.values);
        let (mut sum, mut count) = (0.0, 0.0);
        for row in 0..self.clear.rows {
            for column in 0..self.clear.columns {
                let at = row * self.clear.columns + column;
                let covers = (top..bottom).contains(&row) && (left..right).contains(&column);
                let model = if covers {
                    covered.row(row - top)[column - left] * tone.gain + tone.offset
                } else {
                    self.clear.values[at]
                };
                sum += self.weights[at] * (self.seen.values[at] - model).powi(2);
                count += self.weights[at];
            }
        }
        sum / f32::max(count, 1.0)
    }

    /// For each family the best cover for the rectangle, the best rectangle
    /// for the cover, and the cover again, finer; best family first.
    pub(super) fn fit(&self, rect: Rect, operator: Operator, family: Option<Kernel>) -> Vec<(Rect, Operator)> {
        let families = match family {
            _ if operator.kernel == Kernel::Blocks => vec![Kernel::Blocks],
            Some(family) => vec![family],
            None => FAMILIES.to_vec(),
        };
        let mut fitted: Vec<(f32, Rect, Operator)> = Vec::new();
        for family in families {
            let mut best = (f32::MAX, rect, operator);
            let coarse = of_spread(family, operator.spread(), &[0.8, 0.87, 0.93, 1.0, 1.07, 1.15, 1.25]);
            let own = (family == operator.kernel).then_some(operator);
            for variant in coarse.into_iter().filter(|_| family != Kernel::Blocks).chain(own) {
                best = self.better(best, (rect, variant));
            }
            best = self.fit_edges(best);
            for variant in of_spread(family, best.2.spread(), &[0.95, 0.97, 0.985, 1.015, 1.03, 1.05]) {
                if family != Kernel::Blocks {
                    best = self.better(best, (best.1, variant));
                }
            }
            fitted.push(best);
        }
        fitted.sort_by(|left, right| left.0.total_cmp(&right.0));
        fitted.into_iter().map(|(_, rect, operator)| (rect, operator)).collect()
    }

    /// Whether a cover reaches no further into the lines above and below than it may:
    /// by a block, where it has some.
    fn same_lines(&self, rect: Rect, operator: &Operator) -> bool {
        let beyond = if operator.kernel == Kernel::Blocks { operator.strength as u32 } else { 0 }.max(4);
        rect.y + beyond >= self.line.0 && rect.y + rect.height <= self.line.1 + beyond
    }

    fn better(&self, best: (f32, Rect, Operator), next: (Rect, Operator)) -> (f32, Rect, Operator) {
        let misfit = self.misfit(next.0, &next.1);
        if misfit < 0.998 * best.0 { (misfit, next.0, next.1) } else { best }
    }

    /// Moves edges by some pixels, those of blocks by one of these at most, while that
    /// helps, but not far into the lines above and below: an edge that shows no step is
    /// anywhere.
    fn fit_edges(&self, mut best: (f32, Rect, Operator)) -> (f32, Rect, Operator) {
        for _ in 0..4 {
            let before = best.0;
            for edge in 0..4 {
                let steps: &[i32] = if edge < 2 { &[-1, 1, -2, 2, -5, 5, -9, 9] } else { &[-1, 1, -2, 2] };
                let side = if best.2.kernel == Kernel::Blocks { best.2.strength as i32 } else { 0 };
                // A row of blocks may lie above; the last block of a line is of any width.
                let blocks = if edge == 2 { side.max(1)..=side } else { 3..=side };
                let blocks = blocks.filter(|_| edge != 0).flat_map(|step| [-step, step]);
                for step in steps.iter().copied().chain(blocks) {
                    if let Some(moved) = moved(best.1, best.2, edge, step)
                        && inside(moved.0, self.place)
                        && self.same_lines(moved.0, &moved.1)
                    {
                        best = self.better(best, moved);
                    }
                }
            }
            if best.0 >= before {
                break;
            }
        }
        best
    }
}

/// A rectangle and what is around it in a look.
pub(crate) fn surroundings(look: &Look, rect: Rect) -> Rect {
    let Rect { x, y, width, height } = look.place;
    let grown = track::grown(rect, AROUND, x + width, y + height);
    let (left, top) = (grown.x.max(x), grown.y.max(y));
    Rect { x: left, y: top, width: grown.x + grown.width - left, height: grown.y + grown.height - top }
}

/// What a cover with its text and the clear characters around it leave of a
/// place, as a sum of squares: comparable between covers of other size.
pub(crate) fn squares_over(stretch: &Stretch, settled: &Settled, place: Rect) -> Option<f32> {
    let canvas = Canvas::over(stretch, settled, place)?;
    let count: f32 = canvas.weights.iter().sum();
    Some(canvas.misfit(stretch.rect, &settled.operator.beginning(stretch.phase)) * count)
}

pub(crate) fn inside(rect: Rect, place: Rect) -> bool {
    rect.x >= place.x
        && rect.y >= place.y
        && rect.x + rect.width <= place.x + place.width
        && rect.y + rect.height <= place.y + place.height
}

/// Moves one edge; blocks stay where they are.
fn moved(rect: Rect, operator: Operator, edge: usize, step: i32) -> Option<(Rect, Operator)> {
    let (mut rect, mut operator) = (rect, operator);
    let side = operator.strength.round().max(1.0) as i64;
    let shifted = |phase: u32| (i64::from(phase) - i64::from(step)).rem_euclid(side) as u32;
    match edge {
        0 => {
            rect.x = rect.x.checked_add_signed(step)?;
            rect.width = rect.width.checked_add_signed(-step)?;
            operator.phase_x = if operator.kernel == Kernel::Blocks { shifted(operator.phase_x) } else { 0 };
        }
        1 => rect.width = rect.width.checked_add_signed(step)?,
        2 => {
            rect.y = rect.y.checked_add_signed(step)?;
            rect.height = rect.height.checked_add_signed(-step)?;
            operator.phase_y = if operator.kernel == Kernel::Blocks { shifted(operator.phase_y) } else { 0 };
        }
        _ => rect.height = rect.height.checked_add_signed(step)?,
    }
    (rect.width > 4 && rect.height > 4).then_some((rect, operator))
}

/// The blurs that are told apart.
const FAMILIES: [Kernel; 6] = [
    Kernel::Recursive { steps: 3 },
    Kernel::Gaussian,
    Kernel::Box { passes: 2 },
    Kernel::Recursive { steps: 1 },
    Kernel::Box { passes: 1 },
    Kernel::Box { passes: 3 },
];

/// Covers of a family about as wide as a Gaussian of sigma `spread`.
pub(super) fn of_spread(family: Kernel, spread: f32, factors: &[f32]) -> Vec<Operator> {
    let Kernel::Box { passes } = family else {
        return factors.iter().map(|factor| Operator::new(family, factor * spread)).collect();
    };
    let radius = ((0.25 + 3.0 * spread * spread / f32::from(passes)).sqrt() - 0.5).round();
    let near = if factors.len() == 1 { vec![radius] } else { vec![radius - 1.0, radius, radius + 1.0] };
    near.into_iter().filter(|radius| *radius >= 1.0).map(|radius| Operator::new(family, radius)).collect()
}
