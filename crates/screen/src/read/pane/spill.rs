//! Ink that came over from a block in the next row: a cursor, or a bar in reverse.

use super::Pane;
use crate::Luma;
use crate::read::cells::{self, Edge};

/// Columns on either side that show whether a line goes on.
const NEAR: usize = 4;

impl Pane {
    /// True if the cell above or below is a block, a cursor as a rule, whose
    /// edge shows in this row.
    fn is_block(&self, luma: &Luma, column: usize, top: f32, edge: Edge) -> bool {
        let height = self.grid.cell_height;
        let from = if edge == Edge::Below { top + height } else { top - 0.8 * height };
        let (left, right) = (self.left(column) + 1.0, self.left(column + 1) - 1.0);
        let pixel = |x: usize, y: usize| luma.pixels[y * luma.width + x].abs_diff(self.grid.ground);
        let (mut inked, mut count) = (0usize, 0usize);
        for y in (from.max(0.0) as usize)..((from + 0.8 * height) as usize).min(luma.height) {
            for x in (left.max(0.0) as usize)..(right as usize).min(luma.width) {
                count += 1;
                inked += usize::from(f32::from(pixel(x, y)) > 0.4 * self.contrast);
            }
        }
        // Text in reverse leaves more than half of its cells filled.
        count > 0 && inked * 20 >= count * 11
    }

    /// True if all ink of a cell came over from a block in the next row. From a
    /// bar, or from what lies beyond the window, one line comes over along the
    /// whole row: an underscore there stands alone, or is two lines high.
    pub(super) fn is_spill(&self, luma: &Luma, row: &[f32], column: usize, top: f32, sampled: &[f32]) -> bool {
        let Some((edge, thick)) = cells::is_at_edge(sampled, self.shape, f32::from(self.grid.ground)) else {
            return false;
        };
        let beside = self.is_beside_blocks(luma, column, top, edge);
        self.is_block(luma, column, top, edge) && (!beside || !thick && self.goes_on(row, column, edge))
    }

    fn is_beside_blocks(&self, luma: &Luma, column: usize, top: f32, edge: Edge) -> bool {
        [column.saturating_sub(1), column + 1].iter().all(|beside| self.is_block(luma, *beside, top, edge))
    }

    /// Whether most cells near a cell have ink in the same outermost line.
    fn goes_on(&self, row: &[f32], column: usize, edge: Edge) -> bool {
        let y = if edge == Edge::Above { 0 } else { self.shape.height - 1 };
        let ink = |column: usize| {
            let line = self.sampler.line_of(row, column, y);
            line.iter().map(|level| (level - f32::from(self.grid.ground)).abs()).sum::<f32>()
        };
        let near = (column.saturating_sub(NEAR)..(column + NEAR + 1).min(self.columns)).filter(|near| *near != column);
        let own = ink(column);
        near.clone().filter(|near| ink(*near) >= 0.5 * own).count() * 4 >= near.count() * 3
    }

    /// Takes off the line of a block in the next row, where the grid is off by a pixel.
    pub(super) fn trim(&self, luma: &Luma, row: &[f32], column: usize, top: f32, sampled: &mut [f32]) {
        let ground = f32::from(self.grid.ground);
        for edge in [Edge::Above, Edge::Below] {
            if cells::is_line_full(sampled, self.shape, edge, ground, self.contrast)
                && self.is_block(luma, column, top, edge)
                && (!self.is_beside_blocks(luma, column, top, edge) || self.goes_on(row, column, edge))
            {
                cells::without_line(sampled, self.shape, edge, ground);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::cells::{Content, Room};
    use crate::{Grid, Rect};

    /// Dark text on light ground above what lies beyond the window; `lined` says in which cells
    /// the last line is dark.
    fn last_row(lined: impl Fn(usize) -> bool) -> Vec<bool> {
        let area = Rect { x: 0, y: 0, width: 160, height: 16 };
        let grid = Grid { area, origin_x: 0.0, origin_y: 0.0, cell_width: 8.0, cell_height: 16.0, ground: 250 };
        let dark =
            |x: usize, y: usize| y > 15 || y == 15 && lined(x / 8) || x / 8 == 2 && x % 8 == 3 && y > 3 && y < 12;
        let pixels = (0..160 * 40).map(|at| if dark(at % 160, at / 160) { 10 } else { 250 }).collect();
        let luma = Luma { width: 160, height: 40, pixels };
        let pane = Pane::new(grid, &luma);
        let contents = pane.contents(&luma, 0.0, &mut Room::default());
        contents.iter().map(|content| matches!(content, Content::Ink(_))).collect()
    }

    #[test]
    fn an_underscore_is_told_from_what_came_over() {
        let ink =
            |found: Vec<bool>| found.iter().enumerate().filter(|(_, ink)| **ink).map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(ink(last_row(|_| false)), [2]);
        assert_eq!(ink(last_row(|column| column == 5 || column == 6)), [2, 5, 6]);
        assert_eq!(ink(last_row(|_| true)), [2]);
    }
}
