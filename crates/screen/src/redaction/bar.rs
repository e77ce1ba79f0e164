//! Bars of editors and pagers, and selected text: one level throughout between
//! their words, as a solid cover is, but text was read on them.

use super::track::Track;
use crate::{Char, Grid, Luma, Reading, Rect, Row};

/// Levels by which the ground around a character may differ from the region's.
const SAME_LEVEL: u8 = 8;

/// Characters on a region's level that show that it is the ground of text.
const LETTERS: usize = 4;

/// Whether the region is the ground of the text of its line: a row stood there
/// for most of the region's time, and characters of it were read on this level.
pub(super) fn is_bar(track: &Track, level: u8, reading: &Reading) -> bool {
    let is_its_line = |row: &&Row| {
        let on_line = row.stays.iter().filter(|stay| is_line_of(row, stay.y, track.rect));
        let together =
            on_line.map(|stay| stay.last_ms.min(track.last_ms).saturating_sub(stay.first_ms.max(track.first_ms)));
        2 * together.sum::<u64>() >= track.last_ms - track.first_ms
    };
    let rows = reading.rows.iter().filter(is_its_line);
    let mut with_grids = rows.filter_map(|row| Some((row, reading.grids.get(row.grid?)?)));
    with_grids.any(|(row, grid)| {
        let on_level = row.chars.iter().filter(|letter| stands_on(letter, row, grid, level));
        on_level.count() >= LETTERS
    })
}

/// Whether a region lies within the line of a row at a height, but for what tiles round off.
fn is_line_of(row: &Row, y: u32, rect: Rect) -> bool {
    let height = row.place.height;
    rect.y + height / 4 >= y && rect.y + rect.height <= y + height + height / 4
}

/// Whether the commonest level of a character's cell is this one: strokes fill
/// less of it than their ground does.
fn stands_on(letter: &Char, row: &Row, grid: &Grid, level: u8) -> bool {
    let column = letter.column as f32;
    let left = (grid.origin_x + column * grid.cell_width).round() as i64 - i64::from(row.place.x);
    let right = (grid.origin_x + (column + 1.0) * grid.cell_width).round() as i64 - i64::from(row.place.x);
    let Luma { width, height, pixels } = &row.pixels;
    let (left, right) = (left.clamp(0, *width as i64) as usize, right.clamp(0, *width as i64) as usize);
    let cell = (0..*height).flat_map(|y| pixels[y * width + left..y * width + right].iter());
    let near = cell.clone().filter(|pixel| pixel.abs_diff(level) <= SAME_LEVEL).count();
    letter.value.is_ascii_graphic() && 2 * near > cell.count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redaction::tiles::Look;
    use crate::{Columns, Reader, Stay};

    /// Letters with a stroke each on the level of the region, or on that of the ground.
    #[test]
    fn text_read_on_the_same_level_makes_a_bar() {
        let place = Rect { x: 0, y: 32, width: 64, height: 16 };
        let pixels = |level: u8| Luma {
            width: 64,
            height: 16,
            pixels: (0..64 * 16).map(|at| if at % 8 == 3 { 90 } else { level }).collect(),
        };
        let letter =
            |column: u32| Char { value: 'm', confidence: 1.0, others: Vec::new(), column, first_ms: 0, last_ms: 900 };
        let row = |level: u8| Row {
            text: "mmmmmm".to_owned(),
            chars: (0..6).map(letter).collect(),
            place,
            taken_ms: 900,
            first_ms: 0,
            last_ms: 900,
            frames: 20,
            stays: vec![Stay { first_ms: 0, last_ms: 900, y: 32, clear: Columns::default() }],
            grid: Some(0),
            partial: false,
            reader: Reader::Glyphs,
            pixels: pixels(level),
        };
        let area = Rect { x: 0, y: 0, width: 160, height: 160 };
        let grid = Grid { area, origin_x: 0.0, origin_y: 0.0, cell_width: 8.0, cell_height: 16.0, ground: 20 };
        let is = |level: u8, y: u32| {
            let rect = Rect { x: 72, y, width: 60, height: 16 };
            let track = Track {
                kind: Look::Flat(50),
                rect,
                first_ms: 0,
                last_ms: 900,
                looks: Vec::new(),
                mean: None,
                times: Vec::new(),
            };
            is_bar(&track, 202, &Reading { grids: vec![grid], rows: vec![row(level)] })
        };
        assert!(is(200, 32));
        assert!(!is(20, 32), "a cover beside text on the ground");
        assert!(!is(200, 64), "another line");
    }
}
