//! Text drawn for tests, from letters of five by seven points.

use crate::Luma;

/// Letters as rows of five points each, written as one number a row.
const LETTERS: &[(char, [u8; 7])] = &[
    ('a', [0, 0, 14, 1, 15, 17, 15]),
    ('b', [16, 16, 30, 17, 17, 17, 30]),
    ('c', [0, 0, 14, 16, 16, 17, 14]),
    ('d', [1, 1, 15, 17, 17, 17, 15]),
    ('e', [0, 0, 14, 17, 31, 16, 14]),
    ('f', [6, 9, 8, 28, 8, 8, 8]),
    ('g', [0, 15, 17, 17, 15, 1, 14]),
    ('h', [16, 16, 22, 25, 17, 17, 17]),
    ('i', [4, 0, 12, 4, 4, 4, 14]),
    ('j', [2, 0, 6, 2, 2, 18, 12]),
    ('k', [16, 16, 18, 20, 24, 20, 18]),
    ('l', [12, 4, 4, 4, 4, 4, 14]),
    ('m', [0, 0, 26, 21, 21, 17, 17]),
    ('n', [0, 0, 22, 25, 17, 17, 17]),
    ('o', [0, 0, 14, 17, 17, 17, 14]),
    ('p', [0, 0, 30, 17, 30, 16, 16]),
    ('r', [0, 0, 22, 25, 16, 16, 16]),
    ('s', [0, 0, 14, 16, 14, 1, 30]),
    ('t', [8, 8, 28, 8, 8, 9, 6]),
    ('u', [0, 0, 17, 17, 17, 19, 13]),
    ('v', [0, 0, 17, 17, 17, 10, 4]),
    ('w', [0, 0, 17, 17, 21, 21, 10]),
    ('x', [0, 0, 17, 10, 4, 10, 17]),
    ('y', [0, 0, 17, 17, 15, 1, 14]),
    ('z', [0, 0, 31, 2, 4, 8, 31]),
    ('-', [0, 0, 0, 31, 0, 0, 0]),
    ('=', [0, 0, 31, 0, 31, 0, 0]),
    ('.', [0, 0, 0, 0, 0, 12, 12]),
    ('_', [0, 0, 0, 0, 0, 0, 31]),
];

/// The letters that can be drawn.
pub fn letters() -> Vec<char> {
    LETTERS.iter().map(|(letter, _)| *letter).collect()
}

/// A picture with lines of text from a corner on, one cell a letter.
pub fn drawn(
    width: usize,
    height: usize,
    corner: (usize, usize),
    cell: (usize, usize),
    lines: &[&str],
    ground: u8,
    ink: u8,
) -> Luma {
    let mut luma = Luma { width, height, pixels: vec![ground; width * height] };
    for (row, line) in lines.iter().enumerate() {
        for (column, letter) in line.chars().enumerate() {
            let Some((_, points)) = LETTERS.iter().find(|(known, _)| *known == letter) else { continue };
            let (left, top) = (corner.0 + column * cell.0, corner.1 + row * cell.1);
            letter_at(&mut luma, left + 1, top + 2, (cell.0 - 2, cell.1 - 5), points, ink);
        }
    }
    luma
}

fn letter_at(luma: &mut Luma, left: usize, top: usize, size: (usize, usize), points: &[u8; 7], ink: u8) {
    for y in 0..size.1 {
        for x in 0..size.0 {
            let point = points[y * 7 / size.1] >> (4 - x * 5 / size.0) & 1;
            if point == 1 && left + x < luma.width && top + y < luma.height {
                luma.pixels[(top + y) * luma.width + left + x] = ink;
            }
        }
    }
}

/// The picture at another size.
pub fn resized(luma: &Luma, width: usize, height: usize) -> Luma {
    let pixels =
        super::network::scale(luma, width, height).into_iter().map(|value| value.clamp(0.0, 255.0) as u8).collect();
    Luma { width, height, pixels }
}
