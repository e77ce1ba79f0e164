//! The edges of a cover to the pixel, and a first guess of its width, from
//! one picture and the grid.

use super::{Look, Redaction};
use crate::{Grid, Rect};

/// A blank below a weak blur is ground again: gaps up to this many cells are
/// bridged.
const GAP_CELLS: f32 = 1.8;

/// How far beyond the tiles of a region its edge may lie.
const SLACK: u32 = 7;

/// How much a line of pixels differs from the ground, and how sharply it
/// bends along itself.
struct Profile {
    height: f32,
    bend: f32,
}

impl Profile {
    fn soft(&self) -> bool {
        self.height >= 2.5 && self.bend <= 0.5 * self.height + 2.5
    }
}

fn profile(levels: &[f32], ground: f32) -> Profile {
    let mean_square = |sum: f32, count: usize| (sum / count.max(1) as f32).sqrt();
    let height = mean_square(levels.iter().map(|level| (level - ground).powi(2)).sum(), levels.len());
    let bends = levels.windows(3).map(|three| (2.0 * three[1] - three[0] - three[2]).powi(2));
    Profile { height, bend: mean_square(bends.sum(), levels.len()) }
}

/// The columns, from and to, that are covered within one line of text.
pub(super) fn spans(look: &Look, whole: &Redaction, grid: &Grid, top: u32, bottom: u32) -> Vec<(u32, u32)> {
    let rows = super::mosaic::middle((top, bottom));
    // Beside the area lies another window or a desktop, flat and not of its ground.
    let area = (
        whole.rect.x.saturating_sub(SLACK).max(grid.area.x.saturating_sub(1)),
        (whole.rect.x + whole.rect.width + SLACK).min(grid.area.x + grid.area.width + 1),
    );
    let gap = (GAP_CELLS * grid.cell_width) as u32;
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for x in area.0..area.1 {
        let profile = profile(&look.column(x, rows), f32::from(grid.ground));
        let covered = profile.soft() && !sharp_across(look, x, rows, profile.height);
        match spans.last_mut().filter(|span| x <= span.1 + gap) {
            Some(span) if covered => span.1 = x + 1,
            None if covered => spans.push((x, x + 1)),
            _ => {}
        }
    }
    spans.retain(|span| span.1 - span.0 >= (1.6 * grid.cell_width) as u32);
    spans
}

/// Whether levels bend sharply across a column, as beside a drawn stroke.
fn sharp_across(look: &Look, x: u32, rows: (u32, u32), height: f32) -> bool {
    let [before, own, after] = [x.saturating_sub(1), x, x + 1].map(|x| look.column(x, rows));
    let bends = before.iter().zip(&own).zip(&after).map(|((before, own), after)| (2.0 * own - before - after).powi(2));
    let bend = (bends.sum::<f32>() / own.len().max(1) as f32).sqrt();
    bend > 0.6 * height + 4.0
}

/// The rectangle of a span of columns in one line: up and down as far as the
/// picture stays soft.
pub(super) fn rect(look: &Look, grid: &Grid, columns: (u32, u32), line_rows: (u32, u32)) -> Rect {
    let height = line_rows.1 - line_rows.0;
    let covered = |y: u32| profile(&look.line(y, columns), f32::from(grid.ground)).soft();
    let (mut top, mut bottom) = (line_rows.0 + height / 3, line_rows.1 - height / 3);
    while top > line_rows.0.saturating_sub(4) && covered(top - 1) {
        top -= 1;
    }
    while bottom < line_rows.1 + 4 && covered(bottom) {
        bottom += 1;
    }
    Rect { x: columns.0, y: top, width: columns.1 - columns.0, height: bottom - top }
}

/// Sigma of a Gaussian that makes slopes and bends as large as they are.
pub(super) fn sigma(look: &Look, rect: Rect) -> f32 {
    let (mut slopes, mut bends) = (0.0f32, 0.0f32);
    for y in rect.y + 2..(rect.y + rect.height).saturating_sub(2) {
        for three in look.line(y, (rect.x + 2, rect.x + rect.width - 2)).windows(3) {
            slopes += (three[2] - three[0]).powi(2) / 4.0;
            bends += (2.0 * three[1] - three[0] - three[2]).powi(2);
        }
    }
    (1.5 * slopes / bends.max(1e-3)).sqrt()
}
