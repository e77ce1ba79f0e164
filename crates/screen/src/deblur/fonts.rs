//! Characters never seen clear, drawn from font files.
//!
//! A drawn character is never as good as one seen: another rasteriser, another
//! hinting, another gamma. So the face, its size and its place are those that
//! come nearest to the characters that were seen, and a small filter, fitted to
//! them, carries the drawings over into the video. What such characters are then
//! worth is measured by the self-test, which reads strings with one seen
//! character replaced by its drawing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use swash::FontRef;
use swash::scale::{Render, ScaleContext, Source};
use swash::zeno::Format;

use super::linear::{add_scaled, dot, solve};

/// Characters drawn: the printable ones of ASCII.
const DRAWN: std::ops::RangeInclusive<char> = '!'..='~';

/// Characters by which faces are told apart, so many of them; where some were
/// not seen, as in a prompt that alone is bold, others stand in.
const PROBES: &str = "aegsnrtodlpm0123/-";
const MOST_PROBES: usize = 18;

/// Fewer prove nothing.
const FEWEST_PROBES: usize = 8;

/// Sizes are tried in thirds of a pixel, as points at 96 dots an inch fall.
const STEP: f32 = 1.0 / 3.0;

/// Faces and sizes that are fitted by a filter.
const FITTED: usize = 4;

/// Side of the filter.
const SIDE: usize = 3;

/// A face whose drawings differ by more than this, as a share of full ink, is
/// another one.
const ANOTHER: f32 = 0.16;

/// Font files taken from a folder at most.
const FILES: usize = 64;

/// Font files of which characters may be drawn.
#[derive(Clone, Default)]
pub struct Fonts {
    files: Vec<Vec<u8>>,
}

impl Fonts {
    /// Takes the fonts of a folder.
    pub fn load(folder: &Path) -> Self {
        let mut fonts = Self::default();
        fonts_in(folder).iter().filter_map(|file| std::fs::read(file).ok()).for_each(|file| fonts.add(file));
        fonts
    }

    /// Takes a font file; what is none is left out.
    pub fn add(&mut self, file: Vec<u8>) {
        if FontRef::from_index(&file, 0).is_some() {
            self.files.push(file);
        }
    }
}

/// The files of a folder that are named as fonts are, by name; a folder that
/// cannot be read has none.
pub fn fonts_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_font = |path: &PathBuf| {
        path.extension().is_some_and(|end| ["ttf", "otf"].iter().any(|font| end.eq_ignore_ascii_case(font)))
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_font).collect();
    files.sort();
    files.truncate(FILES);
    files
}

impl std::fmt::Debug for Fonts {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{} font files", self.files.len())
    }
}

/// Pictures of a cell, full ink 1.
type Pictures = BTreeMap<char, Vec<f32>>;

/// A face at a size, and where its characters stand in a cell.
#[derive(Clone, Copy)]
struct Setting<'a> {
    font: FontRef<'a>,
    size: f32,
    hint: bool,
    /// Column of the origin and line of the baseline.
    corner: (i32, i32),
}

/// All characters as the face draws them that comes nearest to those `seen`
/// (full ink 1, in cells of a size). Where text of the other weight comes nearer,
/// its characters are made of those. Empty if nothing comes near.
pub(crate) fn drawn(fonts: &Fonts, seen: &Pictures, other: &Pictures, cell: (usize, usize)) -> Pictures {
    let others = seen.keys().copied().filter(|letter| !PROBES.contains(*letter));
    let probes = PROBES.chars().filter(|letter| seen.contains_key(letter)).chain(others);
    let probes: Vec<char> = probes.take(MOST_PROBES).collect();
    if probes.len() < FEWEST_PROBES {
        return Pictures::new();
    }
    let both = seen.keys().filter(|letter| other.contains_key(letter)).count();
    let weight = (both >= FEWEST_PROBES).then(|| filtered(other.clone(), seen, cell.0)).flatten();
    let mut found: Vec<(f32, Pictures)> = by_face(fonts, &probes, seen, cell).into_iter().chain(weight).collect();
    found.retain(|(apart, _)| *apart <= ANOTHER);
    found.sort_by(|left, right| left.0.total_cmp(&right.0));
    // The nearer ones are kept where both have a character.
    found.into_iter().rev().flat_map(|(_, pictures)| pictures).collect()
}

/// The same by faces alone, and how far those drawings differ from what was seen.
fn by_face(fonts: &Fonts, probes: &[char], seen: &Pictures, cell: (usize, usize)) -> Option<(f32, Pictures)> {
    let mut context = ScaleContext::new();
    let mut settings: Vec<(f32, Setting)> = Vec::new();
    for font in fonts.files.iter().filter_map(|file| FontRef::from_index(file, 0)) {
        for (size, hint) in sizes(&font, cell.0) {
            settings.extend(placed(&mut context, (font, size, hint), probes, seen, cell));
        }
    }
    settings.sort_by(|left, right| left.0.total_cmp(&right.0));
    let fitted = settings.into_iter().take(FITTED).filter_map(|(_, setting)| {
        let letters = DRAWN.filter_map(|letter| Some((letter, draw(&mut context, &setting, letter, cell)?)));
        filtered(letters.collect(), seen, cell.0)
    });
    fitted.min_by(|left, right| left.0.total_cmp(&right.0))
}

/// Sizes at which a face advances by about the width of a cell, in pixels for
/// an em, with hinting and without.
fn sizes(font: &FontRef, width: usize) -> impl Iterator<Item = (f32, bool)> + use<> {
    let advance = font.glyph_metrics(&[]).scale(1.0).advance_width(font.charmap().map('n'));
    let of = |width: f32| (width / advance.max(0.1) / STEP).round() as i32;
    let is_known = advance > 0.1;
    let range = of(width as f32 - 0.6)..=of(width as f32 + 0.6);
    range.filter(move |_| is_known).flat_map(|steps| [true, false].map(|hint| (steps as f32 * STEP, hint)))
}

/// A face at a size where its characters lie nearest to those seen, and how
/// far they differ.
fn placed<'a>(
    context: &mut ScaleContext,
    (font, size, hint): (FontRef<'a>, f32, bool),
    probes: &[char],
    seen: &Pictures,
    cell: (usize, usize),
) -> Option<(f32, Setting<'a>)> {
    let mut best: Option<(f32, Setting)> = None;
    let wide = (cell.0 + 4, 3 * cell.1);
    let drawn: Vec<(char, Vec<f32>)> = probes
        .iter()
        .filter_map(|letter| {
            let setting = Setting { font, size, hint, corner: (2, 2 * cell.1 as i32) };
            Some((*letter, draw(context, &setting, *letter, wide)?))
        })
        .collect();
    for line in cell.1 as i32 / 2..=cell.1 as i32 {
        for column in -2..=2 {
            let shift = (2 - column, 2 * cell.1 as i32 - line);
            let squares: f32 =
                drawn.iter().map(|(letter, wider)| apart(&seen[letter], wider, shift, cell, wide.0)).sum();
            let rms = (squares / (drawn.len().max(1) * cell.0 * cell.1) as f32).sqrt();
            if best.as_ref().is_none_or(|best| rms < best.0) && drawn.len() >= FEWEST_PROBES {
                best = Some((rms, Setting { font, size, hint, corner: (column, line) }));
            }
        }
    }
    best
}

/// Squares by which a picture differs from a part of a wider one.
fn apart(seen: &[f32], wider: &[f32], shift: (i32, i32), cell: (usize, usize), stride: usize) -> f32 {
    let lines = seen.chunks_exact(cell.0).enumerate();
    let squares = lines.map(|(line, pixels)| {
        let start = (line + shift.1.max(0) as usize) * stride + shift.0.max(0) as usize;
        pixels.iter().zip(&wider[start..]).map(|(seen, drawn)| (seen - drawn).powi(2)).sum::<f32>()
    });
    squares.sum()
}

/// One character in a cell, cut at its edges.
fn draw(context: &mut ScaleContext, setting: &Setting, letter: char, cell: (usize, usize)) -> Option<Vec<f32>> {
    let glyph = setting.font.charmap().map(letter);
    let mut scaler = context.builder(setting.font).size(setting.size).hint(setting.hint).build();
    let image = Render::new(&[Source::Outline]).format(Format::Alpha).render(&mut scaler, glyph);
    let image = image.filter(|_| glyph != 0)?;
    let mut picture = vec![0.0; cell.0 * cell.1];
    for (at, alpha) in image.data.iter().enumerate() {
        let width = image.placement.width as usize;
        let x = setting.corner.0 + image.placement.left + (at % width) as i32;
        let y = setting.corner.1 - image.placement.top + (at / width) as i32;
        let inside = (0..cell.0 as i32).contains(&x) && (0..cell.1 as i32).contains(&y);
        if inside {
            picture[y as usize * cell.0 + x as usize] = f32::from(*alpha) / 255.0;
        }
    }
    Some(picture)
}

/// The drawings through the filter that brings them nearest to those seen, and
/// how far they still differ.
fn filtered(drawn: Pictures, seen: &Pictures, width: usize) -> Option<(f32, Pictures)> {
    let taps = SIDE * SIDE;
    let (mut products, mut right) = (vec![0.0f64; taps * taps], vec![0.0f64; taps]);
    let pairs = || seen.iter().filter_map(|(letter, picture)| Some((picture, drawn.get(letter)?)));
    for (picture, drawing) in pairs() {
        let moved: Vec<Vec<f32>> = (0..taps).map(|tap| shifted(drawing, width, tap)).collect();
        for row in 0..taps {
            right[row] += f64::from(dot(&moved[row], picture));
            for column in 0..taps {
                products[row * taps + column] += f64::from(dot(&moved[row], &moved[column]));
            }
        }
    }
    let filter = solve(products, right)?;
    let apply = |drawing: &Vec<f32>| {
        let mut sum = vec![0.0; drawing.len()];
        for (tap, weight) in filter.iter().enumerate() {
            add_scaled(&mut sum, &shifted(drawing, width, tap), *weight as f32);
        }
        sum
    };
    let pictures: Pictures = drawn.iter().map(|(letter, drawing)| (*letter, apply(drawing))).collect();
    let pairs = seen.iter().filter_map(|(letter, picture)| Some((picture, pictures.get(letter)?)));
    let (squares, pixels) = pairs.fold((0.0, 0), |(squares, pixels), (picture, drawing)| {
        let own: f32 = picture.iter().zip(drawing).map(|(left, right)| (left - right).powi(2)).sum();
        (squares + own, pixels + picture.len())
    });
    Some(((squares / pixels.max(1) as f32).sqrt(), pictures))
}

/// A picture moved by the place of one tap of the filter.
fn shifted(picture: &[f32], width: usize, tap: usize) -> Vec<f32> {
    let (right, down) = ((tap % SIDE) as isize - 1, (tap / SIDE) as isize - 1);
    let height = (picture.len() / width) as isize;
    let level = |at: usize| {
        let (x, y) = ((at % width) as isize - right, (at / width) as isize - down);
        let inside = (0..width as isize).contains(&x) && (0..height).contains(&y);
        if inside { picture[y as usize * width + x as usize] } else { 0.0 }
    };
    (0..picture.len()).map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: (usize, usize) = (6, 9);

    /// Pictures without a pattern, each letter another.
    fn pictures() -> Pictures {
        let level = |letter: char, at: usize| ((letter as usize * 31 + at * 17) % 23) as f32 / 23.0;
        let inner = |at: usize| (1..5).contains(&(at % CELL.0)) && (1..8).contains(&(at / CELL.0));
        let picture =
            |letter: char| (0..CELL.0 * CELL.1).map(move |at| if inner(at) { level(letter, at) } else { 0.0 });
        ('a'..='z').map(|letter| (letter, picture(letter).collect())).collect()
    }

    #[test]
    fn a_filter_carries_drawings_over_to_where_characters_stand() {
        let drawn = pictures();
        let moved = |picture: &Vec<f32>| shifted(picture, CELL.0, 5).iter().map(|level| 0.8 * level).collect();
        let seen: Pictures = drawn.range('a'..='p').map(|(letter, picture)| (*letter, moved(picture))).collect();
        let (apart, pictures) = filtered(drawn.clone(), &seen, CELL.0).expect("a filter");
        assert!(apart < 0.01, "{apart}");
        let unseen: Vec<f32> = moved(&drawn[&'z']);
        assert!(pictures[&'z'].iter().zip(&unseen).all(|(left, right)| (left - right).abs() < 0.02));
    }

    #[test]
    fn too_few_characters_tell_no_face() {
        let seen: Pictures = pictures().into_iter().take(4).collect();
        assert!(drawn(&Fonts::default(), &seen, &pictures(), CELL).is_empty());
    }

    /// Without a font: letters that stood clear in the other weight alone.
    #[test]
    fn a_weight_is_made_of_the_other() {
        let thin = pictures();
        let bold = |picture: &Vec<f32>| {
            let beside = shifted(picture, CELL.0, 5);
            picture.iter().zip(beside).map(|(own, beside)| own + 0.7 * beside).collect::<Vec<f32>>()
        };
        let seen: Pictures = thin.range('a'..='k').map(|(letter, picture)| (*letter, bold(picture))).collect();
        let made = drawn(&Fonts::default(), &seen, &thin, CELL);
        assert!(made[&'z'].iter().zip(bold(&thin[&'z'])).all(|(left, right)| (left - right).abs() < 0.02));
    }

    /// Needs the fonts that `./x` fetches; without them nothing is drawn.
    #[test]
    fn the_face_is_found_and_draws_what_was_not_seen() {
        let home = std::env::var("HOME").unwrap_or_default();
        let fonts = Fonts::load(Path::new(&format!("{home}/.local/share/handprint/models/fonts")));
        let Some(file) = fonts.files.first() else { return };
        let (font, cell) = (FontRef::from_index(file, 0).expect("a font"), (9, 18));
        let size = sizes(&font, cell.0).next().expect("a size").0;
        let setting = Setting { font, size, hint: true, corner: (0, 14) };
        let mut context = ScaleContext::new();
        let all: Pictures =
            DRAWN.filter_map(|letter| Some((letter, draw(&mut context, &setting, letter, cell)?))).collect();
        let seen = all.iter().filter(|(letter, _)| !"bQ%".contains(**letter));
        let seen = seen.map(|(letter, picture)| (*letter, picture.clone())).collect();
        let drawn = drawn(&fonts, &seen, &Pictures::new(), cell);
        for letter in "bQ%".chars() {
            let worst = drawn[&letter].iter().zip(&all[&letter]).map(|(left, right)| (left - right).abs());
            assert!(worst.fold(0.0, f32::max) < 0.05, "{letter}");
        }
    }
}
