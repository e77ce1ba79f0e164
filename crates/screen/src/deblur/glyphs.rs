//! Pictures of characters, learned from the clear rows of the same video.
//!
//! Sorted by style (brightness against the ground, and weight), because bold
//! and coloured text spoils the templates of plain text. A font file of the
//! same family is no substitute: another rasteriser costs as much as four
//! times the compression.

use std::collections::BTreeMap;

use super::fonts::{self, Fonts};
use crate::{Char, Grid, Reading, Rect, Row};

/// Instances kept of one character in one style.
const INSTANCES: usize = 48;

/// A word whose ink exceeds the usual by this share is bold.
const HEAVY: f32 = 1.13;

/// A character whose contrast differs from that of those before it by more than
/// this share is of another colour.
const OTHER_COLOUR: f32 = 0.2;

/// A drawn stroke bends at least by this share of its height; below a blur
/// nothing does.
pub(crate) const SHARP: f32 = 0.6;

/// Lines of a cell that the picture of a row may lack.
const BEYOND: i64 = 4;

/// Text that looks alike: brightness above ground and weight.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Style {
    /// Brightness of full ink less ground, negative for dark text.
    pub(crate) contrast: f32,
    pub(crate) heavy: bool,
    /// Characters harvested.
    pub(crate) count: usize,
    /// Cell-sized pictures less ground; missing if never seen in this weight.
    pub(crate) pictures: BTreeMap<char, Vec<f32>>,
}

/// All styles of one grid.
#[derive(Clone, Debug)]
pub(crate) struct Glyphs {
    pub(crate) cell: (usize, usize),
    pub(crate) ground: f32,
    /// Most frequent first.
    pub(crate) styles: Vec<Style>,
    /// Root mean square of what the templates leave of clear text, in levels.
    pub(crate) floor: f32,
    /// Characters seen only once.
    rare: usize,
    /// Characters drawn from a font file, full ink 1: of light text and of bold.
    drawn: [BTreeMap<char, Vec<f32>>; 2],
    /// Drawings of the characters never seen clear, in each style.
    unseen: Vec<Vec<f32>>,
    /// Characters that a self-test replaces by their drawings.
    doubles: Vec<char>,
    /// Whether how names are written counts, too, and not the pictures alone.
    pub(crate) habits: bool,
}

struct Instance {
    value: char,
    picture: Vec<f32>,
    /// The level furthest from the ground, less the ground.
    extreme: f32,
    word: usize,
}

struct Word {
    contrast: f32,
    heavy: bool,
    length: usize,
}

impl Glyphs {
    /// Learns the characters of grid `index`, measured again as `grid`, passing over what `hidden` says
    /// is covered or doubtful.
    pub(crate) fn learn(
        reading: &Reading,
        index: usize,
        grid: &Grid,
        hidden: &dyn Fn(&Row, Rect) -> bool,
    ) -> Option<Self> {
        let cell = (grid.cell_width.round() as usize, grid.cell_height.round() as usize);
        if cell.0 < 4 || cell.1 < 6 {
            return None;
        }
        let (mut instances, mut words) = (Vec::new(), Vec::new());
        for row in reading.rows.iter().filter(|row| row.grid == Some(index)) {
            collect(grid, cell, row, hidden, &mut instances, &mut words);
        }
        split(&mut instances, &mut words);
        weigh(&instances, &mut words);
        let styles = styles(&instances, &words);
        let mut glyphs = Self {
            cell,
            ground: f32::from(grid.ground),
            styles,
            floor: 1.5,
            rare: 0,
            drawn: Default::default(),
            unseen: Vec::new(),
            doubles: Vec::new(),
            habits: false,
        };
        glyphs.drop_misfits(&mut instances, &words);
        glyphs.floor = glyphs.measure(&instances, &words);
        glyphs.rare = rare(&instances);
        glyphs.add_weights();
        (!glyphs.styles.is_empty()).then_some(glyphs)
    }

    /// Adds to each colour the weight in which no clear text has it, if text of that
    /// weight stands clear in another colour.
    fn add_weights(&mut self) {
        let seen = &self.styles;
        let lacks = |style: &&Style| {
            let is_weight = |other: &&Style| other.heavy != style.heavy;
            let near = |other: &Style| (other.contrast - style.contrast).abs() <= tolerance(style.contrast);
            seen.iter().any(|other| is_weight(&other)) && !seen.iter().filter(is_weight).any(near)
        };
        let other = |style: &Style| Style {
            contrast: style.contrast,
            heavy: !style.heavy,
            count: 0,
            pictures: BTreeMap::new(),
        };
        let lacking: Vec<Style> = seen.iter().filter(lacks).map(other).collect();
        self.styles.extend(lacking);
    }

    /// The letters and pictures of a style, blank first; characters seen only
    /// in another style are scaled to this one's contrast, those of the same
    /// weight first; those seen in neither are drawn, where there is a font.
    /// After all of them stand the drawings of the `doubles`.
    pub(crate) fn alphabet(&self, style: usize) -> (Vec<char>, Vec<Vec<f32>>) {
        let own = &self.styles[style];
        let scaled = |picture: &Vec<f32>, scale: f32| picture.iter().map(|pixel| pixel * scale).collect::<Vec<f32>>();
        let drawn = &self.drawn[usize::from(own.heavy)];
        let mut pictures = own.pictures.clone();
        let weight = |same: bool| self.styles.iter().filter(move |other| (other.heavy == own.heavy) == same);
        let lend = |pictures: &mut BTreeMap<char, Vec<f32>>, from: &BTreeMap<char, Vec<f32>>, scale: f32| {
            for (value, picture) in from {
                pictures.entry(*value).or_insert_with(|| scaled(picture, scale));
            }
        };
        weight(true).for_each(|other| lend(&mut pictures, &other.pictures, own.contrast / other.contrast));
        lend(&mut pictures, drawn, own.contrast);
        weight(false).for_each(|other| lend(&mut pictures, &other.pictures, own.contrast / other.contrast));
        let blank = (' ', vec![0.0; self.cell.0 * self.cell.1]);
        let doubles = self.doubles.iter().filter_map(|value| Some((*value, scaled(drawn.get(value)?, own.contrast))));
        std::iter::once(blank).chain(pictures).chain(doubles).unzip()
    }

    /// Draws the characters that were never seen clear, as the font does that
    /// comes nearest to those that were.
    pub(crate) fn draw(&mut self, fonts: &Fonts) {
        for heavy in [false, true] {
            let Some(most) = self.styles.iter().find(|style| style.heavy == heavy) else { continue };
            let full = |picture: &Vec<f32>| picture.iter().map(|pixel| pixel / most.contrast).collect();
            let seen = most.pictures.iter().map(|(value, picture)| (*value, full(picture))).collect();
            self.drawn[usize::from(heavy)] = fonts::drawn(fonts, &seen, self.cell).unwrap_or_default();
        }
        self.unseen = self.unseen();
    }

    fn unseen(&self) -> Vec<Vec<f32>> {
        let of_style = |style: &Style| {
            let drawn = self.drawn[usize::from(style.heavy)].iter().filter(|(value, _)| self.is_drawn(**value));
            let scaled = drawn.map(|(_, picture)| picture.iter().map(|pixel| pixel * style.contrast).collect());
            scaled.collect::<Vec<Vec<f32>>>()
        };
        self.styles.iter().flat_map(of_style).collect()
    }

    /// Whether a character is known by a drawing alone.
    pub(crate) fn is_drawn(&self, value: char) -> bool {
        value != ' ' && !self.styles.iter().any(|style| style.pictures.contains_key(&value))
    }

    /// The same with drawings beside some of the characters seen.
    pub(crate) fn doubled(&self, doubles: Vec<char>) -> Self {
        Self { doubles, ..self.clone() }
    }

    /// The same, read by how names are written, too.
    pub(crate) fn by_habits(&self) -> Self {
        Self { habits: true, ..self.clone() }
    }

    /// The character whose picture best explains the visible pixels of a cell
    /// (pairs of place in the cell and level less ground), and what it leaves.
    pub(crate) fn recognise(&self, visible: &[(usize, f32)]) -> (char, Vec<f32>, f32) {
        let blank = vec![0.0; self.cell.0 * self.cell.1];
        let misfit =
            |picture: &[f32]| -> f32 { visible.iter().map(|(at, level)| (level - picture[*at]).powi(2)).sum::<f32>() };
        let mut best = (' ', misfit(&blank), &blank);
        for (value, picture) in self.styles.iter().flat_map(|style| &style.pictures) {
            let misfit = misfit(picture);
            if misfit < best.1 {
                best = (*value, misfit, picture);
            }
        }
        (best.0, best.2.clone(), (best.1 / visible.len().max(1) as f32).sqrt())
    }

    /// The pictures of all characters in all styles, the drawings of those never seen last.
    pub(crate) fn inked(&self) -> impl Iterator<Item = &Vec<f32>> {
        self.styles.iter().flat_map(|style| style.pictures.values()).chain(&self.unseen)
    }

    /// Whether a clear character looks like what it was read as; true where its
    /// picture is not whole.
    pub(crate) fn agrees(&self, grid: &Grid, row: &Row, letter: &Char) -> bool {
        let Some(corner) = corner(grid, self.cell, row, letter.column) else { return true };
        let picture = cut(row, corner, self.cell, ground(row));
        let visible: Vec<(usize, f32)> = picture.into_iter().enumerate().collect();
        let most = visible.iter().map(|(_, level)| level.abs()).fold(0.0, f32::max);
        let (value, _, misfit) = self.recognise(&visible);
        value == letter.value && misfit < misfit_at_most(most)
    }

    /// Lines of a cell from the highest ink of any character to the lowest.
    pub(crate) fn ink_height(&self) -> usize {
        let inked = |line: &usize| {
            self.styles.iter().any(|style| {
                let mut pixels =
                    style.pictures.values().flat_map(|picture| &picture[line * self.cell.0..][..self.cell.0]);
                pixels.any(|pixel| pixel.abs() > 0.3 * style.contrast.abs())
            })
        };
        let first = (0..self.cell.1).find(inked).unwrap_or(0);
        (0..self.cell.1).rev().find(inked).map_or(self.cell.1, |last| last + 1 - first)
    }

    /// The same without one character, as if it had never been seen clear.
    pub(crate) fn without(&self, letter: char) -> Self {
        let mut rest = self.clone();
        rest.styles.iter_mut().for_each(|style| drop(style.pictures.remove(&letter)));
        rest.unseen = rest.unseen();
        rest
    }

    /// The same with some characters only.
    pub(crate) fn only(&self, letters: &str) -> Self {
        let mut some = self.clone();
        some.styles.iter_mut().for_each(|style| style.pictures.retain(|letter, _| letters.contains(*letter)));
        (some.drawn, some.unseen) = Default::default();
        some
    }

    /// How likely the next character is one that was never seen, by the share
    /// of characters seen only once (Good and Turing), with one more of them
    /// since few texts prove little.
    pub(crate) fn unseen_share(&self) -> f32 {
        let all: usize = self.styles.iter().map(|style| style.count).sum();
        (self.rare + 1) as f32 / (all + 1) as f32
    }

    fn style_of(&self, word: &Word) -> Option<usize> {
        let near = |style: &Style| {
            style.heavy == word.heavy && (style.contrast - word.contrast).abs() <= tolerance(style.contrast)
        };
        self.styles.iter().position(near)
    }

    fn misfit(&self, instance: &Instance, words: &[Word]) -> Option<f32> {
        let style = &self.styles[self.style_of(&words[instance.word])?];
        let picture = style.pictures.get(&instance.value)?;
        let sum: f32 = picture.iter().zip(&instance.picture).map(|(left, right)| (left - right).powi(2)).sum();
        Some((sum / picture.len() as f32).sqrt())
    }

    /// Learns again without what does not look like its own template: rows
    /// misread, half drawn, or lit by a cursor.
    fn drop_misfits(&mut self, instances: &mut Vec<Instance>, words: &[Word]) {
        let limit = |style: &Style| misfit_at_most(style.contrast);
        instances.retain(|instance| {
            let style = self.style_of(&words[instance.word]);
            style.is_some_and(|style| {
                self.misfit(instance, words).is_some_and(|misfit| misfit < limit(&self.styles[style]))
            })
        });
        self.styles = styles(instances, words);
    }

    fn measure(&self, instances: &[Instance], words: &[Word]) -> f32 {
        let mut misfits: Vec<f32> = instances.iter().filter_map(|instance| self.misfit(instance, words)).collect();
        misfits.sort_by(f32::total_cmp);
        misfits.get(misfits.len() / 2).copied().unwrap_or(1.5).max(0.3)
    }
}

fn rare(instances: &[Instance]) -> usize {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    instances.iter().for_each(|instance| *counts.entry(instance.value).or_default() += 1);
    counts.values().filter(|count| **count == 1).count()
}

/// What an instance may differ from its template.
fn misfit_at_most(contrast: f32) -> f32 {
    3.0 + 0.06 * contrast.abs()
}

fn tolerance(contrast: f32) -> f32 {
    3.0 + 0.08 * contrast.abs()
}

/// Where a character's cell lies in the picture of its row; up or down it may
/// reach a little beyond, where there is only ground.
fn corner(grid: &Grid, cell: (usize, usize), row: &Row, column: u32) -> Option<(usize, i64)> {
    let middle = row.place.y as f32 + row.place.height as f32 / 2.0;
    let line = ((middle - grid.origin_y) / grid.cell_height).floor();
    let x = (grid.origin_x + column as f32 * grid.cell_width).round() as i64 - i64::from(row.place.x);
    let y = (grid.origin_y + line * grid.cell_height).round() as i64 - i64::from(row.place.y);
    let x = usize::try_from(x).ok()?;
    let (above, below) = (-y, y + cell.1 as i64 - row.pixels.height as i64);
    (x + cell.0 <= row.pixels.width && above <= BEYOND && below <= BEYOND).then_some((x, y))
}

/// Cuts the characters of a row, word by word.
fn collect(
    grid: &Grid,
    cell: (usize, usize),
    row: &Row,
    hidden: &dyn Fn(&Row, Rect) -> bool,
    instances: &mut Vec<Instance>,
    words: &mut Vec<Word>,
) {
    let ground = ground(row);
    let mut last_column = None;
    for letter in row.chars.iter().filter(|letter| letter.value.is_ascii_graphic() && letter.confidence >= 0.6) {
        let Some((x, y)) = corner(grid, cell, row, letter.column) else { continue };
        let place = Rect {
            x: row.place.x + x as u32,
            y: row.place.y.saturating_add_signed(y as i32),
            width: cell.0 as u32,
            height: cell.1 as u32,
        };
        if hidden(row, place) {
            continue;
        }
        let picture = cut(row, (x, y), cell, ground);
        let extreme = picture.iter().copied().max_by(|left, right| left.abs().total_cmp(&right.abs())).unwrap_or(0.0);
        if sharpness(&picture, cell.0) < SHARP * extreme.abs() {
            continue;
        }
        if last_column.is_none_or(|last: u32| last + 1 != letter.column) {
            words.push(Word { contrast: 0.0, heavy: false, length: 0 });
        }
        last_column = Some(letter.column);
        let word = words.len() - 1;
        words[word].length += 1;
        if extreme.abs() > words[word].contrast.abs() {
            words[word].contrast = extreme;
        }
        instances.push(Instance { value: letter.value, picture, extreme, word });
    }
}

/// The sharpest bend in a picture.
fn sharpness(picture: &[f32], width: usize) -> f32 {
    let across =
        picture.chunks_exact(width).flat_map(|line| line.windows(3)).map(|three| 2.0 * three[1] - three[0] - three[2]);
    let down = picture.windows(2 * width + 1).map(|span| 2.0 * span[width] - span[0] - span[2 * width]);
    across.chain(down).fold(0.0, |most, bend| most.max(bend.abs()))
}

/// The commonest level of a row.
fn ground(row: &Row) -> f32 {
    let mut counts = [0usize; 256];
    row.pixels.pixels.iter().for_each(|pixel| counts[usize::from(*pixel)] += 1);
    let most = (0..256).max_by_key(|level| (counts[*level], *level)).unwrap_or(0);
    most as f32
}

fn cut(row: &Row, corner: (usize, i64), cell: (usize, usize), ground: f32) -> Vec<f32> {
    let mut picture = vec![0.0; cell.0 * cell.1];
    for (line, to) in picture.chunks_exact_mut(cell.0).enumerate() {
        let Ok(from) = usize::try_from(corner.1 + line as i64) else { continue };
        if from < row.pixels.height {
            let pixels = &row.pixels.pixels[from * row.pixels.width + corner.0..];
            to.iter_mut().zip(pixels).for_each(|(to, pixel)| *to = f32::from(*pixel) - ground);
        }
    }
    picture
}

/// Splits words whose characters are of several colours: a prompt has a name, a
/// folder and a sign without a blank between them.
fn split(instances: &mut [Instance], words: &mut Vec<Word>) {
    let mut shares: BTreeMap<char, Vec<f32>> = BTreeMap::new();
    for instance in instances.iter() {
        let share = instance.extreme / words[instance.word].contrast;
        shares.entry(instance.value).or_default().push(share);
    }
    // What a character has of the full contrast where its word is of one colour.
    let usual: BTreeMap<char, f32> = shares.into_iter().map(|(value, shares)| (value, upper(shares))).collect();
    let full = |instance: &Instance| instance.extreme / usual.get(&instance.value).copied().unwrap_or(1.0).max(0.1);
    for word in instances.chunk_by_mut(|one, other| one.word == other.word) {
        let mut first = full(&word[0]);
        let mut parts = vec![(first, 0)];
        for instance in word.iter_mut() {
            let own = full(instance);
            if (own - first).abs() > OTHER_COLOUR * first.abs() {
                first = own;
                parts.push((own, 0));
            }
            let last = parts.len() - 1;
            parts[last].1 += 1;
            if last > 0 {
                instance.word = words.len() + last - 1;
            }
        }
        if parts.len() > 1 {
            let at = word[0].word;
            words[at] = Word { contrast: parts[0].0, heavy: false, length: parts[0].1 };
            words.extend(parts[1..].iter().map(|(contrast, length)| Word {
                contrast: *contrast,
                heavy: false,
                length: *length,
            }));
        }
    }
}

/// What nine in ten stay below.
fn upper(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values[(values.len() * 9 / 10).min(values.len() - 1)]
}

/// Marks the words with more ink than their characters usually have.
fn weigh(instances: &[Instance], words: &mut [Word]) {
    let ink = |instance: &Instance| -> f32 { instance.picture.iter().sum::<f32>() / words[instance.word].contrast };
    let mut usual: BTreeMap<char, Vec<f32>> = BTreeMap::new();
    let full = |instance: &&Instance| words[instance.word].length >= 3;
    instances.iter().filter(full).for_each(|instance| usual.entry(instance.value).or_default().push(ink(instance)));
    let usual: BTreeMap<char, f32> = usual.into_iter().map(|(value, inks)| (value, lower_middle(inks))).collect();
    let mut sums = vec![(0.0f32, 0.0f32); words.len()];
    for instance in instances {
        if let Some(usual) = usual.get(&instance.value) {
            sums[instance.word].0 += ink(instance);
            sums[instance.word].1 += usual;
        }
    }
    for (word, (own, usual)) in words.iter_mut().zip(sums) {
        word.heavy = usual > 0.0 && own > HEAVY * usual;
    }
}

/// The lower third: the light weight, where both occur.
fn lower_middle(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values[values.len() / 3]
}

/// Groups words by weight and contrast, and takes each character's median.
fn styles(instances: &[Instance], words: &[Word]) -> Vec<Style> {
    let mut styles: Vec<Style> = Vec::new();
    for heavy in [false, true] {
        let mut left: Vec<&Word> = words.iter().filter(|word| word.heavy == heavy && word.length >= 3).collect();
        while let Some(contrast) = densest(&left).filter(|_| styles.len() < 12) {
            left.retain(|word| (word.contrast - contrast).abs() > tolerance(contrast));
            if contrast.abs() > 25.0 {
                styles.push(Style { contrast, heavy, count: 0, pictures: BTreeMap::new() });
            }
        }
    }
    for style in &mut styles {
        fill(style, instances, words);
    }
    styles.retain(|style| style.count >= 12);
    styles.sort_by(|left, right| right.count.cmp(&left.count).then(left.contrast.total_cmp(&right.contrast)));
    styles
}

/// The contrast around which most characters lie.
fn densest(words: &[&Word]) -> Option<f32> {
    let weight = |centre: f32| -> usize {
        let near = words.iter().filter(|word| (word.contrast - centre).abs() <= tolerance(centre));
        near.map(|word| word.length).sum()
    };
    let mut levels: Vec<i32> = words.iter().map(|word| word.contrast.round() as i32).collect();
    levels.sort_unstable();
    levels.dedup();
    let best = levels.into_iter().max_by_key(|level| (weight(*level as f32), *level))?;
    let near: Vec<&&Word> =
        words.iter().filter(|word| (word.contrast - best as f32).abs() <= tolerance(best as f32)).collect();
    let letters: usize = near.iter().map(|word| word.length).sum();
    Some(near.iter().map(|word| word.contrast * word.length as f32).sum::<f32>() / letters.max(1) as f32)
}

fn fill(style: &mut Style, instances: &[Instance], words: &[Word]) {
    let mut found: BTreeMap<char, Vec<&[f32]>> = BTreeMap::new();
    for instance in instances {
        let word = &words[instance.word];
        if word.heavy == style.heavy && (word.contrast - style.contrast).abs() <= tolerance(style.contrast) {
            style.count += 1;
            found.entry(instance.value).or_default().push(&instance.picture);
        }
    }
    // Rows that follow each other are alike: instances are taken from all over the video.
    let some = |list: Vec<&'_ [f32]>| -> Vec<f32> {
        let step = list.len().div_ceil(INSTANCES);
        median(&list.into_iter().step_by(step).collect::<Vec<_>>())
    };
    style.pictures = found.into_iter().map(|(value, list)| (value, some(list))).collect();
}

/// The middle of each pixel: the mean of the central half, so that neither a
/// misread character nor rounding moves it.
fn median(pictures: &[&[f32]]) -> Vec<f32> {
    let mut column = vec![0.0; pictures.len()];
    let quarter = pictures.len() / 4;
    let middle = |at: usize| {
        column.iter_mut().zip(pictures).for_each(|(to, picture)| *to = picture[at]);
        column.sort_by(f32::total_cmp);
        let central = &column[quarter..pictures.len() - quarter];
        central.iter().sum::<f32>() / central.len() as f32
    };
    (0..pictures[0].len()).map(middle).collect()
}

#[cfg(test)]
impl Glyphs {
    /// One style with these pictures, of full ink 100, in noise of one level.
    pub(crate) fn of(cell: (usize, usize), pictures: &[(char, &[f32])]) -> Self {
        let pictures: BTreeMap<char, Vec<f32>> =
            pictures.iter().map(|(letter, picture)| (*letter, picture.to_vec())).collect();
        Self {
            cell,
            ground: 0.0,
            styles: vec![Style { contrast: 100.0, heavy: false, count: pictures.len(), pictures }],
            floor: 1.0,
            rare: 0,
            drawn: Default::default(),
            unseen: Vec::new(),
            doubles: Vec::new(),
            habits: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written without a blank but in two colours is two words.
    #[test]
    fn a_word_is_of_one_colour() {
        let mut instances = Vec::new();
        let mut words: Vec<Word> = Vec::new();
        for text in [[('a', 200.0), ('b', 180.0)], [('a', 120.0), ('b', 108.0)], [('a', 200.0), ('b', 108.0)]] {
            let extreme = text[0].1;
            instances.extend(text.map(|(value, extreme)| Instance {
                value,
                picture: Vec::new(),
                extreme,
                word: words.len(),
            }));
            words.push(Word { contrast: extreme, heavy: false, length: 2 });
        }
        split(&mut instances, &mut words);
        let told: Vec<(usize, i32)> = instances.iter().map(|own| (own.word, words[own.word].contrast as i32)).collect();
        assert_eq!(told, [(0, 200), (0, 200), (1, 120), (1, 120), (2, 200), (3, 120)]);
        assert_eq!(words.iter().map(|word| word.length).collect::<Vec<_>>(), [2, 2, 1, 1]);
    }

    /// A colour seen thin alone may be below a cover in bold, with the letters of text
    /// that is bold in another colour.
    #[test]
    fn each_colour_comes_in_both_weights() {
        let mut glyphs = Glyphs::of((1, 1), &[('a', &[100.0]), ('b', &[80.0])]);
        glyphs.add_weights();
        assert_eq!(glyphs.styles.len(), 1, "no bold text at all");
        let pictures = BTreeMap::from([('a', vec![58.0])]);
        glyphs.styles.push(Style { contrast: 50.0, heavy: true, count: 1, pictures });
        glyphs.add_weights();
        assert_eq!(glyphs.styles.iter().map(|style| style.heavy).collect::<Vec<_>>(), [false, true, true, false]);
        assert_eq!(glyphs.alphabet(2), (vec![' ', 'a', 'b'], vec![vec![0.0], vec![116.0], vec![80.0]]));
    }
}
