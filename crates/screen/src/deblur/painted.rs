//! Rows that never stood so in a video, painted with its own characters: what a
//! self-test reads where too few known strings look like the covered text.

use std::collections::BTreeMap;

use super::glyphs::Glyphs;
use crate::{Char, Grid, Luma, Reader, Reading, Rect, Row};

/// Characters less sure than this may be misread.
const SURE: f32 = 0.8;

/// The rows of a grid in the colour and weight of a style. In place of a character never seen
/// clear in that weight stands another of its kind; where there is none, it is left out.
pub(crate) fn rows(reading: &Reading, index: usize, grid: &Grid, glyphs: &Glyphs, style: usize) -> Reading {
    let pictures = glyphs.of_weight(style);
    let own = reading.rows.iter().filter(|row| row.grid == Some(index));
    let painted = own.filter_map(|own| {
        let letters = own.chars.iter().filter(|letter| letter.confidence >= SURE);
        let letters = letters.map(|letter| (letter.column, stand_in(&pictures, letter.column, letter.value)));
        row((grid, index), glyphs, letters, &|letter| pictures.get(&letter))
    });
    Reading { grids: reading.grids.clone(), rows: painted.collect() }
}

/// A character itself if it has a picture, or one of its kind that has; another one in another
/// column.
fn stand_in(pictures: &BTreeMap<char, Vec<f32>>, column: u32, value: char) -> char {
    let kind = |value: char| (value.is_ascii_lowercase(), value.is_ascii_uppercase(), value.is_ascii_digit());
    let alike: Vec<char> = pictures.keys().copied().filter(|other| kind(*other) == kind(value)).collect();
    if pictures.contains_key(&value) || alike.is_empty() {
        return value;
    }
    alike[(column as usize + value as usize) % alike.len()]
}

/// A row of characters by column; none if there are none. Blanks and characters without
/// a picture are left out.
pub(crate) fn row<'a>(
    (grid, index): (&Grid, usize),
    glyphs: &Glyphs,
    letters: impl IntoIterator<Item = (u32, char)>,
    picture: &dyn Fn(char) -> Option<&'a Vec<f32>>,
) -> Option<Row> {
    let known = |(column, letter): (u32, char)| Some((column, (letter, picture(letter)?)));
    let known: BTreeMap<u32, (char, &Vec<f32>)> =
        letters.into_iter().filter(|(_, letter)| *letter != ' ').filter_map(known).collect();
    let left = |column: u32| (grid.origin_x + column as f32 * grid.cell_width).round() as usize;
    let (from, to) = (*known.keys().next()?, *known.keys().next_back()?);
    let (first, height) = (left(from), glyphs.cell.1);
    let width = left(to) + 2 * glyphs.cell.0 - first;
    let mut pixels = Luma { width, height, pixels: vec![glyphs.ground.round() as u8; width * height] };
    let (mut chars, mut text) = (Vec::new(), String::new());
    for (column, (letter, ink)) in known {
        let x = left(column) - first;
        for (place, level) in ink.iter().enumerate() {
            let to = &mut pixels.pixels[place / glyphs.cell.0 * width + x + place % glyphs.cell.0];
            *to = (f32::from(*to) + level).round().clamp(0.0, 255.0) as u8;
        }
        let blanks = chars.last().map_or(0, |last: &Char| column - last.column - 1);
        text.extend(std::iter::repeat_n(' ', blanks as usize).chain([letter]));
        chars.push(Char { value: letter, confidence: 1.0, others: Vec::new(), column, first_ms: 0, last_ms: 0 });
    }
    let y = (grid.origin_y + grid.cell_height).round().max(0.0) as u32;
    Some(Row {
        text,
        chars,
        place: Rect { x: first as u32, y, width: width as u32, height: height as u32 },
        taken_ms: 0,
        first_ms: 0,
        last_ms: 0,
        frames: 1,
        stays: Vec::new(),
        grid: Some(index),
        partial: false,
        reader: Reader::Glyphs,
        pixels,
    })
}

#[cfg(test)]
mod tests {
    use super::super::glyphs::Style;
    use super::*;

    /// Bold text of contrast 60 and light text of 100, in cells of four by six pixels.
    fn glyphs() -> (Grid, Glyphs) {
        let ink = |places: [usize; 6], level: f32| -> Vec<f32> {
            (0..24).map(|at| if places.contains(&at) { level } else { 0.0 }).collect()
        };
        let (a, b) = ([1, 5, 9, 13, 17, 21], [4, 5, 6, 12, 13, 14]);
        let mut glyphs = Glyphs::of((4, 6), &[('a', &ink(a, 100.0)), ('b', &ink(b, 100.0)), ('c', &ink(a, 100.0))]);
        let wide = |places: [usize; 6]| places.map(|at| at + 1);
        let pictures =
            [('a', a), ('b', b)].map(|(letter, places)| (letter, ink(wide(places), 60.0))).into_iter().collect();
        glyphs.styles.push(Style { contrast: 60.0, heavy: true, count: 2, pictures });
        let area = Rect { x: 0, y: 0, width: 80, height: 30 };
        let grid = Grid { area, origin_x: 0.0, origin_y: 0.0, cell_width: 4.0, cell_height: 6.0, ground: 0 };
        (grid, glyphs)
    }

    /// A row is painted in another weight, with other letters for those never seen in that.
    #[test]
    fn text_is_painted_in_the_weight_of_another() {
        let (grid, glyphs) = glyphs();
        let letters = [(2, 'a'), (3, 'c'), (5, 'b')];
        let light = row((&grid, 0), &glyphs, letters, &|letter| glyphs.styles[0].pictures.get(&letter));
        let reading = Reading { grids: vec![grid], rows: light.into_iter().collect() };
        assert_eq!(reading.rows.iter().map(|row| &*row.text).collect::<Vec<_>>(), ["ac b"]);
        let bold = rows(&reading, 0, &grid, &glyphs, 1);
        assert_eq!(bold.rows.iter().map(|row| &*row.text).collect::<Vec<_>>(), ["aa b"]);
        assert_eq!(stand_in(&glyphs.styles[1].pictures, 6, '7'), '7', "no figure is known");
        let row = &bold.rows[0];
        assert_eq!((row.place.x, row.chars[2].column, row.pixels.pixels.iter().max()), (8, 5, Some(&60)));
        assert!(rows(&reading, 1, &grid, &glyphs, 1).rows.is_empty(), "another area");
    }

    /// Text in two colours, of another weight or with a character never seen in this one
    /// says nothing of how text of one style is read.
    #[test]
    fn text_of_several_styles_has_no_contrast() {
        let (grid, glyphs) = glyphs();
        let of = |levels: [(char, usize, f32); 2], style: usize| {
            let inks = levels.map(|(letter, of, level)| {
                let style = &glyphs.styles[of];
                (letter, style.pictures[&letter].iter().map(|pixel| pixel * level / style.contrast).collect::<Vec<_>>())
            });
            let picture = |letter: char| inks.iter().find(|(own, _)| *own == letter).map(|(_, ink)| ink);
            let row = row((&grid, 0), &glyphs, [(2, levels[0].0), (4, levels[1].0)], &picture)?;
            glyphs.contrast(&grid, &row, row.chars.iter(), &glyphs.styles[style])
        };
        let near = |found: Option<f32>, level: f32| found.is_some_and(|found| (found - level).abs() < 1.0);
        assert!(near(of([('a', 0, 100.0), ('b', 0, 100.0)], 0), 100.0));
        assert!(near(of([('a', 0, 80.0), ('b', 0, 80.0)], 0), 80.0), "one other colour");
        assert_eq!(of([('a', 0, 100.0), ('b', 0, 80.0)], 0), None, "two colours");
        assert_eq!(of([('a', 0, 100.0), ('b', 1, 100.0)], 0), None, "two weights");
        assert_eq!(of([('a', 1, 60.0), ('c', 0, 60.0)], 1), None, "never seen bold");
    }
}
