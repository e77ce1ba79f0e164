//! How long the decoder takes for a character: `./x bench` runs this by name.

use std::io::Write;
use std::time::Instant;

use super::glyphs::Glyphs;
use super::linear::Matrix;
use super::models::Models;
use super::operator::{Kernel, Operator};
use super::scene::Tone;
use super::settle::{Stretch, decode, decode_once};
use super::strings::best_text;
use super::view::View;
use crate::redaction::Look;
use crate::{Grid, Luma, Rect};

const CELL: (usize, usize) = (11, 22);
const CELLS: usize = 16;

/// Numbers without end, always the same.
fn dice() -> impl FnMut(usize) -> usize {
    let mut state = 0x9e37_79b9u32;
    move |below| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize % below
    }
}

/// Ninety-four characters of four strokes each, of full ink 100.
fn characters(dice: &mut impl FnMut(usize) -> usize) -> Vec<(char, Vec<f32>)> {
    let character = |letter: u8| {
        let mut picture = vec![0.0; CELL.0 * CELL.1];
        for _ in 0..4 {
            let (x, y, across) = (1 + dice(7), 3 + dice(12), dice(2) == 0);
            for along in 0..if across { 4 } else { 7 } {
                let (x, y) = if across { (x + along, y) } else { (x, y + along) };
                picture[y.min(19) * CELL.0 + x.min(9)] = 100.0;
            }
        }
        (char::from(letter), picture)
    };
    (b'!'..=b'~').map(character).collect()
}

#[test]
#[ignore = "measures; run it by name in release"]
fn milliseconds_a_character() {
    let mut dice = dice();
    let characters = characters(&mut dice);
    let pictures: Vec<(char, &[f32])> = characters.iter().map(|(letter, ink)| (*letter, ink.as_slice())).collect();
    let glyphs = Glyphs::of(CELL, &pictures);
    let (width, height) = ((CELLS + 8) * CELL.0, 3 * CELL.1);
    let area = Rect { x: 0, y: 0, width: width as u32, height: height as u32 };
    let cell = (CELL.0 as f32, CELL.1 as f32);
    let grid = Grid {
        area,
        origin_x: 0.0,
        origin_y: 0.0,
        cell_width: cell.0,
        cell_height: cell.1,
        ground: glyphs.ground as u8,
    };
    let rect = Rect { x: 4 * CELL.0 as u32, y: CELL.1 as u32, width: (CELLS * CELL.0) as u32, height: CELL.1 as u32 };
    for (name, operator) in [
        ("a blur of sigma 2", Operator::new(Kernel::Gaussian, 2.0)),
        ("a blur of sigma 3", Operator::new(Kernel::Gaussian, 3.0)),
        ("blocks of 8", Operator::new(Kernel::Blocks, 8.0)),
    ] {
        let (mut whole, mut once, mut exact, models) = (0.0, 0.0, 0, Models::default());
        let rounds = 12;
        for _ in 0..rounds {
            let text: Vec<usize> = (0..CELLS).map(|_| dice(characters.len())).collect();
            let mut clear = Matrix::zeros(CELL.1, CELLS * CELL.0);
            for (at, letter) in text.iter().enumerate() {
                for (line, ink) in characters[*letter].1.chunks_exact(CELL.0).enumerate() {
                    clear.row_mut(line)[at * CELL.0..(at + 1) * CELL.0].copy_from_slice(ink);
                }
            }
            let covered = View::new(&operator, (rect.width as usize, rect.height as usize), CELL).cover(&clear);
            let mut picture = Luma { width, height, pixels: vec![0; width * height] };
            for line in 0..CELL.1 {
                let to = &mut picture.pixels[(rect.y as usize + line) * width + rect.x as usize..];
                let mut noisy = |level: &f32| (level + dice(5) as f32 - 2.0).round().clamp(0.0, 255.0) as u8;
                to.iter_mut().zip(covered.row(line)).for_each(|(to, level)| *to = noisy(level));
            }
            let look = Look { since_ms: 0, at_ms: 0, place: area, picture: picture.into() };
            let stretch = Stretch {
                look: &look,
                rect,
                others: &[],
                grid: &grid,
                glyphs: &glyphs,
                clear: &glyphs,
                style: 0,
                shift: (0, 0),
                phase: None,
            };
            decode_once(&[stretch], &operator, Tone::NONE, 120, (&models, None));
            let begun = Instant::now();
            let read = decode(&[stretch], &operator, Tone::NONE, 120);
            whole += begun.elapsed().as_secs_f64();
            let begun = Instant::now();
            let again = decode_once(&[stretch], &operator, Tone::NONE, 120, (&models, None));
            once += begun.elapsed().as_secs_f64();
            let right: String = text.iter().map(|letter| characters[*letter].0).collect();
            exact += [read, again].iter().flatten().filter(|read| best_text(read) == right).count();
        }
        let each = |seconds: f64| 1000.0 * seconds / (rounds * CELLS) as f64;
        let (anew, known, all) = (each(whole), each(once), 2 * rounds);
        let told = writeln!(
            std::io::stdout(),
            "{name}: {anew:.2} ms a character where its model is built anew, {known:.2} where it is known; {exact} of {all} right"
        );
        assert!(told.is_ok());
    }
}
