//! Ink that came over from a block in the next row: a cursor, or a bar in reverse.

use super::Pane;
use crate::Luma;
use crate::read::cells::{self, Edge};

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

    /// True if all ink of a cell came over from a block in the next row. Two
    /// full lines may also be an underscore above a bar: they come over from a
    /// block that stands alone only.
    pub(super) fn is_spill(&self, luma: &Luma, column: usize, top: f32, sampled: &[f32]) -> bool {
        let Some((edge, thick)) = cells::is_at_edge(sampled, self.shape, f32::from(self.grid.ground)) else {
            return false;
        };
        let beside =
            || [column.saturating_sub(1), column + 1].iter().all(|beside| self.is_block(luma, *beside, top, edge));
        self.is_block(luma, column, top, edge) && !(thick && beside())
    }

    /// Takes off the line of a block in the next row, where the grid is off by a pixel.
    pub(super) fn trim(&self, luma: &Luma, column: usize, top: f32, sampled: &mut [f32]) {
        let ground = f32::from(self.grid.ground);
        for edge in [Edge::Above, Edge::Below] {
            if cells::is_line_full(sampled, self.shape, edge, ground, self.contrast)
                && self.is_block(luma, column, top, edge)
            {
                cells::without_line(sampled, self.shape, edge, ground);
            }
        }
    }
}
