//! Pictures of characters, learned from the clear rows of the same video.
//!
//! Sorted by style (brightness against the ground, and weight), because bold
//! and coloured text spoils the templates of plain text. A font file of the
//! same family is no substitute: another rasteriser costs as much as four
//! times the compression.

mod harvest;

use std::collections::{BTreeMap, BTreeSet};

use harvest::{Instance, Word, harvest, settled, styles};

use super::fonts::{self, Fonts};
use super::linear::dot;
use crate::cut::{corner, cut, ground};
use crate::{Char, Grid, Reading, Rect, Row};

/// Text is of one colour if its contrast is the same but for so many levels and this
/// share of it.
const NEAR: (f32, f32) = (3.0, 0.04);

/// So many characters that coding was done with tell what clear text leaves.
const SETTLED: usize = 50;

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
    /// By weight, how likely the next character is one that was never seen in it.
    unseen_share: [f32; 2],
    /// Characters drawn from a font file, full ink 1: of light text and of bold.
    drawn: [BTreeMap<char, Vec<f32>>; 2],
    /// Drawings of the characters never seen clear, in each style.
    unseen: Vec<Vec<f32>>,
    /// Characters that a self-test replaces by their drawings.
    doubles: Vec<char>,
    /// Whether how names are written counts, too, and not the pictures alone.
    pub(crate) habits: bool,
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
        let rows = reading.rows.iter().filter(|row| row.grid == Some(index));
        let (mut instances, mut words) = harvest(rows, grid, cell, hidden);
        let styles = styles(&instances, &mut words);
        let mut glyphs = Self {
            cell,
            ground: f32::from(grid.ground),
            styles,
            floor: 1.5,
            unseen_share: [0.0; 2],
            drawn: Default::default(),
            unseen: Vec::new(),
            doubles: Vec::new(),
            habits: false,
        };
        glyphs.drop_misfits(&mut instances, &mut words);
        glyphs.floor = glyphs.measure(&instances, &words);
        glyphs.unseen_share = [false, true].map(|heavy| unseen_share(&instances, &words, heavy));
        glyphs.add_weights();
        (!glyphs.styles.is_empty()).then_some(glyphs)
    }

    /// Adds to each colour the weight in which no clear text has it, if text of that
    /// weight stands clear in another colour.
    fn add_weights(&mut self) {
        let lacking = |(at, style): (usize, &Style)| {
            let heavy = !style.heavy;
            let lacks = self.styles.iter().any(|other| other.heavy == heavy) && self.other_weight(at).next().is_none();
            let contrast = style.contrast * self.ink(style.heavy) / self.ink(heavy);
            lacks.then(|| Style { contrast, heavy, count: 0, pictures: BTreeMap::new() })
        };
        let lacking: Vec<Style> = self.styles.iter().enumerate().filter_map(lacking).collect();
        self.styles.extend(lacking);
    }

    /// The styles of the same colour in the other weight.
    pub(crate) fn other_weight(&self, style: usize) -> impl Iterator<Item = usize> {
        let ink = |style: &Style| style.contrast * self.ink(style.heavy);
        let own = &self.styles[style];
        let is_other = move |other: &Style| other.heavy != own.heavy && is_near(ink(other), ink(own));
        self.styles.iter().enumerate().filter(move |(_, other)| is_other(other)).map(|(at, _)| at)
    }

    /// What pictures of a weight have at most of the contrast, which is that of the furthest
    /// pixels of words and so overshoots by more in one weight than in the other.
    fn ink(&self, heavy: bool) -> f32 {
        let Some(style) = self.styles.iter().find(|style| style.heavy == heavy) else { return 1.0 };
        let most = |picture: &Vec<f32>| picture.iter().fold(0.0f32, |most, pixel| most.max(pixel.abs()));
        let mut inks: Vec<f32> = style.pictures.values().map(|picture| most(picture) / style.contrast.abs()).collect();
        inks.sort_by(f32::total_cmp);
        inks.get(inks.len() / 2).copied().unwrap_or(1.0)
    }

    /// The letters and pictures of a style, blank first; characters seen only
    /// in another style are scaled to this one's contrast, those of the same
    /// weight first; those seen in neither are drawn, where there is a font.
    /// After all of them stand the drawings of the `doubles`.
    pub(crate) fn alphabet(&self, style: usize) -> (Vec<char>, Vec<Vec<f32>>) {
        let own = &self.styles[style];
        let drawn = &self.drawn[usize::from(own.heavy)];
        let mut pictures = self.of_weight(style);
        lend(&mut pictures, drawn, own.contrast);
        let scale = self.ink(own.heavy) / self.ink(!own.heavy);
        let others = self.styles.iter().filter(|other| other.heavy != own.heavy);
        others.for_each(|other| lend(&mut pictures, &other.pictures, scale * own.contrast / other.contrast));
        let blank = (' ', vec![0.0; self.cell.0 * self.cell.1]);
        let doubles = self.doubles.iter().filter_map(|value| Some((*value, scaled(drawn.get(value)?, own.contrast))));
        std::iter::once(blank).chain(pictures).chain(doubles).unzip()
    }

    /// The pictures of a style: those of the same weight scaled to its contrast, where it has none.
    pub(crate) fn of_weight(&self, style: usize) -> BTreeMap<char, Vec<f32>> {
        let own = &self.styles[style];
        let mut pictures = own.pictures.clone();
        let alike = self.styles.iter().filter(|other| other.heavy == own.heavy);
        alike.for_each(|other| lend(&mut pictures, &other.pictures, own.contrast / other.contrast));
        pictures
    }

    /// Draws the characters that were never seen clear, as the font does that
    /// comes nearest to those that were, or as the other weight has them.
    pub(crate) fn draw(&mut self, fonts: &Fonts) {
        // Only what the commonest style of a weight shows is a measure: brought over from
        // another one, pictures are less exact.
        let of = |heavy: bool| {
            let most = self.styles.iter().position(|style| style.heavy == heavy)?;
            let full =
                |(value, picture): (&char, &Vec<f32>)| (*value, scaled(picture, self.styles[most].contrast.recip()));
            let own = self.styles[most].pictures.iter().map(full).collect();
            Some((own, self.of_weight(most).iter().map(full).collect()))
        };
        let [(thin, all_thin), (bold, all_bold)] = [of(false), of(true)].map(Option::unwrap_or_default);
        self.drawn =
            [fonts::drawn(fonts, &thin, &all_bold, self.cell), fonts::drawn(fonts, &bold, &all_thin, self.cell)];
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

    /// Whether a character was never seen clear in the weight of a style: its picture is a
    /// drawing, or one of the other weight.
    pub(crate) fn is_borrowed(&self, value: char, style: usize) -> bool {
        let mut alike = self.styles.iter().filter(|other| other.heavy == self.styles[style].heavy);
        value != ' ' && !alike.any(|style| style.pictures.contains_key(&value))
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

    /// The contrast of some characters of a row, by all their pixels; none if they are not
    /// all of one colour and of the weight of a style.
    pub(crate) fn contrast<'c>(
        &self,
        grid: &Grid,
        row: &Row,
        letters: impl Iterator<Item = &'c Char>,
        style: &Style,
    ) -> Option<f32> {
        let ground = ground(row);
        let others = self.styles.iter().filter(|other| other.heavy == style.heavy && !std::ptr::eq(*other, style));
        let alike: Vec<&Style> = std::iter::once(style).chain(others).collect();
        let mut known: Vec<(u32, Vec<f32>, Vec<f32>)> = Vec::new();
        for letter in letters {
            let Some(corner) = corner(grid, self.cell, row, letter.column) else { continue };
            let usual = alike.iter().find_map(|style| Some((style.pictures.get(&letter.value)?, style.contrast)));
            let (picture, contrast) = usual?;
            known.push((letter.column, cut(row, corner, self.cell, ground), scaled(picture, contrast.recip())));
        }
        let of = |letters: &[(u32, Vec<f32>, Vec<f32>)]| {
            let own: f32 = letters.iter().map(|(_, own, full)| dot(own, full)).sum();
            own / letters.iter().map(|(_, _, full)| dot(full, full)).sum::<f32>()
        };
        let found = Some(of(&known)).filter(|found| found.is_finite())?;
        let mut words = known.chunk_by(|one, next| one.0 + 1 == next.0);
        // A colour may change within a word.
        let of_one = words.all(|word| word.windows(word.len().min(3)).all(|part| is_near(of(part), found)));
        let looks_so = known.iter().all(|(_, own, full)| differ(own, full, found) < misfit_at_most(found));
        (of_one && looks_so).then_some(found)
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

    /// How likely the next character of a style is one that was never seen in its weight.
    pub(crate) fn unseen_share(&self, style: usize) -> f32 {
        self.unseen_share[usize::from(self.styles[style].heavy)]
    }

    fn misfit(&self, instance: &Instance, words: &[Word]) -> Option<f32> {
        let style = &self.styles[words[instance.word].style?];
        let picture = style.pictures.get(&instance.value)?;
        Some(differ(&instance.picture, picture, 1.0))
    }

    /// Learns again without what does not look like its own template: rows
    /// misread, half drawn, or lit by a cursor.
    fn drop_misfits(&mut self, instances: &mut Vec<Instance>, words: &mut [Word]) {
        instances.retain(|instance| {
            let style = words[instance.word].style.map(|style| &self.styles[style]);
            let limit = style.map_or(0.0, |style| misfit_at_most(style.contrast));
            self.misfit(instance, words).is_some_and(|misfit| misfit < limit)
        });
        self.styles = styles(instances, words);
    }

    fn measure(&self, instances: &[Instance], words: &[Word]) -> f32 {
        let instances = settled(&instances.iter().collect::<Vec<_>>(), SETTLED);
        let mut misfits: Vec<f32> = instances.into_iter().filter_map(|instance| self.misfit(instance, words)).collect();
        misfits.sort_by(f32::total_cmp);
        misfits.get(misfits.len() / 2).copied().unwrap_or(1.5).max(0.3)
    }
}

/// By how much a picture differs from another one that is scaled, as a root mean square.
fn differ(picture: &[f32], other: &[f32], scale: f32) -> f32 {
    let sum: f32 = picture.iter().zip(other).map(|(own, other)| (own - scale * other).powi(2)).sum();
    (sum / picture.len() as f32).sqrt()
}

fn scaled(picture: &[f32], scale: f32) -> Vec<f32> {
    picture.iter().map(|pixel| pixel * scale).collect()
}

/// Adds the pictures of characters that have none yet, brought to another contrast.
fn lend(pictures: &mut BTreeMap<char, Vec<f32>>, from: &BTreeMap<char, Vec<f32>>, scale: f32) {
    for (value, picture) in from {
        pictures.entry(*value).or_insert_with(|| scaled(picture, scale));
    }
}

/// How likely the next character of a weight is one that was never seen in it, by the share
/// of characters seen only once (Good and Turing), with one more of them since few texts
/// prove little. What is written again and again, as a prompt is, counts once.
fn unseen_share(instances: &[Instance], words: &[Word], heavy: bool) -> f32 {
    let of_weight = instances.iter().filter(|instance| words[instance.word].heavy == heavy);
    let mut texts: BTreeMap<usize, String> = BTreeMap::new();
    of_weight.for_each(|instance| texts.entry(instance.word).or_default().push(instance.value));
    let texts: BTreeSet<String> = texts.into_values().collect();
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    texts.iter().flat_map(|text| text.chars()).for_each(|value| *counts.entry(value).or_default() += 1);
    let (once, all) = (counts.values().filter(|count| **count == 1).count(), counts.values().sum::<usize>());
    (once + 1) as f32 / (all + 1) as f32
}

/// What an instance may differ from its template.
fn misfit_at_most(contrast: f32) -> f32 {
    3.0 + 0.06 * contrast.abs()
}

/// Whether text of two contrasts, measured by some characters each, is of one colour.
pub(crate) fn is_near(contrast: f32, other: f32) -> bool {
    (contrast - other).abs() < NEAR.0 + NEAR.1 * other.abs()
}

fn tolerance(contrast: f32) -> f32 {
    3.0 + 0.08 * contrast.abs()
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
            unseen_share: [0.0; 2],
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

    /// A colour seen thin alone may be below a cover in bold, with the letters of text
    /// that is bold in another colour.
    #[test]
    fn each_colour_comes_in_both_weights() {
        let mut glyphs = Glyphs::of((1, 1), &[('a', &[100.0]), ('b', &[80.0])]);
        glyphs.add_weights();
        assert_eq!(glyphs.styles.len(), 1, "no bold text at all");
        let pictures = BTreeMap::from([('a', vec![48.0])]);
        glyphs.styles.push(Style { contrast: 60.0, heavy: true, count: 1, pictures });
        glyphs.add_weights();
        assert_eq!(glyphs.styles.iter().map(|style| style.heavy).collect::<Vec<_>>(), [false, true, true, false]);
        // Bold ink is as bright as light ink, though its contrast was measured a quarter too high.
        assert_eq!((glyphs.styles[2].contrast, glyphs.styles[3].contrast), (125.0, 48.0));
        assert_eq!((0..4).flat_map(|style| glyphs.other_weight(style)).collect::<Vec<_>>(), [2, 3, 0, 1]);
        assert_eq!(glyphs.alphabet(2).1, [[0.0], [100.0], [80.0]]);
    }
    /// What is written again and again shows no more characters than once, and says nothing
    /// of another weight.
    #[test]
    fn a_prompt_seen_often_is_one_text() {
        let mut words: Vec<Word> = (0..41).map(|_| Word::new(100.0, 3)).collect();
        words[40].heavy = true;
        let of = |word: usize, text: &str| {
            let instance = |value: char| Instance { value, picture: vec![], extreme: 100.0, word, is_settled: false };
            text.chars().map(instance).collect::<Vec<_>>()
        };
        let prompts = (0..39).flat_map(|word| of(word, "abab"));
        let instances: Vec<Instance> = prompts.chain(of(39, "ax")).chain(of(40, "yz")).collect();
        let share = |heavy: bool| unseen_share(&instances, &words, heavy);
        assert_eq!((share(false), share(true)), (2.0 / 7.0, 1.0));
    }
}
