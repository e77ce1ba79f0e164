//! Texts that stand clear elsewhere in the video, held against a cover.
//!
//! Which of some thousand known texts lies below a cover takes far less of its
//! picture than to read one among all strings: this works where a reading is
//! refused. How often a text that is not there would be taken for the right one
//! is measured by the same self-test as readings are, with the right one left
//! out.

use std::collections::{BTreeMap, BTreeSet};

use super::linear::Matrix;
use super::looks::{Pose, poses};
use super::models::{Models, Noise, rests};
use super::recover::Worker;
use super::scene::{Scene, Tone};
use super::search::Decoder;
use super::settle::{Settled, Stretch, noise, scenes};
use super::strings::says_something;
use super::trials::{Trials, Way, key, same};
use super::trust;
use crate::read::UNREAD;
use crate::{Reading, Row};

/// Shortest text that is sought, in characters.
const LETTERS: usize = 6;

/// Blank cells below a cover beside the text, at most: covers are drawn with a margin.
const BLANKS: usize = 2;

/// Texts held against one cover, at most.
const TEXTS: usize = 20_000;

/// Characters less sure than this may be misread.
const SURE: f32 = 0.7;

/// Fewer trials prove nothing, and more mistakes than this share of them too much.
const FEWEST: usize = 20;
const MISTAKES: f32 = 0.05;

/// Of the trials of the right text, the share that the limit lets through.
const RIGHT: f32 = 0.95;

/// A text of the video that explains a cover as well as any string does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stands {
    /// The text as it stands elsewhere.
    pub text: String,
    /// Known strings for which, themselves left out, another text of the video
    /// would have been taken, of so many.
    pub mistaken: usize,
    /// Strings put to the test.
    pub trials: usize,
}

/// The texts of a reading that fill the cells of a cover, with its blanks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    /// Each with where it begins below the cover.
    all: Vec<(String, usize)>,
}

impl Texts {
    /// Whole words, one or several, that fill so many cells of one line but for a
    /// blank beside them.
    pub(crate) fn of(reading: &Reading, grid: usize, cells: usize) -> Self {
        let mut found: BTreeSet<(String, usize)> = BTreeSet::new();
        for row in reading.rows.iter().filter(|row| row.grid == Some(grid)) {
            let line = letters(row);
            for start in (0..line.len()).filter(|at| begins(&line, *at)) {
                for length in cells.saturating_sub(BLANKS).max(LETTERS)..=cells {
                    let Some(text) = line.get(start..start + length).filter(|_| begins_anew(&line, start + length))
                    else {
                        continue;
                    };
                    let says = text.iter().all(|letter| *letter != UNREAD) && text[length - 1] != ' ';
                    if says && found.len() < TEXTS {
                        let text: String = text.iter().collect();
                        found.extend((0..=cells - length).map(|lead| (text.clone(), lead)));
                    }
                }
            }
        }
        Self { all: found.into_iter().collect() }
    }

    /// The letters of each text for the cells of a cover, as indexes into an
    /// alphabet, with its index; none of those that hold a character without a picture.
    fn letters(&self, alphabet: &[char], cells: usize) -> Vec<(usize, Vec<u8>)> {
        let place = |letter: char| alphabet.iter().position(|own| *own == letter).and_then(|at| u8::try_from(at).ok());
        let known: BTreeMap<char, u8> = alphabet.iter().filter_map(|letter| Some((*letter, place(*letter)?))).collect();
        let Some(blank) = known.get(&' ').copied() else { return Vec::new() };
        let laid = |(at, (text, lead)): (usize, &(String, usize))| {
            let mut letters = vec![blank; cells];
            for (cell, letter) in text.chars().enumerate() {
                *letters.get_mut(lead + cell)? = *known.get(&letter)?;
            }
            Some((at, letters))
        };
        self.all.iter().enumerate().filter_map(laid).collect()
    }
}

/// The characters of a row by column, unread where one is not sure.
fn letters(row: &Row) -> Vec<char> {
    let mut line = vec![' '; row.chars.last().map_or(0, |last| last.column as usize + 1)];
    for letter in &row.chars {
        line[letter.column as usize] = if letter.confidence < SURE { UNREAD } else { letter.value };
    }
    line
}

/// Whether a word, or a sign between words, begins at a column.
fn begins(line: &[char], at: usize) -> bool {
    line[at] != ' ' && begins_anew(line, at)
}

/// Whether no word runs on over the beginning of a column.
fn begins_anew(line: &[char], at: usize) -> bool {
    let runs = |at: Option<usize>| at.and_then(|at| line.get(at)).is_some_and(|letter| letter.is_alphanumeric());
    !(runs(at.checked_sub(1)) && runs(Some(at)))
}

/// A text is put to the test if it explains a picture hardly worse than the best
/// string, in units of the noise, or so many times less badly than any other text.
const ALIKE: f32 = 300.0;
const STANDS_OUT: f32 = 3.0;

/// By how much texts explain a picture worse than the best string, in units of the noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Worse {
    /// The text that lies there, if it is known.
    pub(crate) right: f32,
    /// The best of all other texts.
    pub(crate) other: f32,
}

impl Worse {
    pub(crate) const NEVER: Self = Self { right: f32::MAX, other: f32::MAX };
}

/// How much worse than the best string each text explains the looks, with its index.
fn compared(stretches: &[Stretch], settled: &Settled, models: &Models, texts: &Texts) -> Option<Vec<(f32, usize)>> {
    let first = stretches.first()?;
    let (alphabet, pictures) = first.glyphs.alphabet(first.style);
    let mut scenes = scenes(stretches)?;
    let operators: Vec<_> = stretches.iter().map(|stretch| settled.operator.beginning(stretch.phase)).collect();
    let weights = (Noise::of(&settled.operator, first.glyphs.floor), Vec::new());
    let built = models.of(&scenes, &operators, &pictures, weights)?;
    built.without_edges(&mut scenes);
    let best = &settled.fits.first()?.letters;
    let chosen: Vec<&[f32]> = best.iter().map(|letter| pictures[usize::from(*letter)].as_slice()).collect();
    let covered = built.covered(&scenes, &chosen);
    let tone =
        |(scene, covered): (&Scene, &Matrix)| Tone::between(&settled.operator, &covered.values, &scene.seen.values);
    let tones: Vec<Tone> = scenes.iter().zip(&covered).map(tone).collect();
    let mut left = rests(&scenes, &covered, &tones);
    built.decide(&mut scenes, &mut left);
    let unary = built.unary(&scenes, &pictures);
    let (observed, _) = built.observed(rests(&scenes, &built.known(&scenes), &tones));
    let decoder = Decoder::new(&built.model, &observed, &unary);
    let least = decoder.fit(best.clone()).energy;
    let scale = noise(settled.residual).powi(2);
    let texts = texts.letters(&alphabet, scenes[0].unknown.len()).into_iter();
    Some(texts.map(|(at, letters)| ((decoder.fit(letters).energy - least) / scale, at)).collect())
}

/// How much worse the right text of a trial, and the best other one, explain its picture.
pub(crate) fn measured(
    stretches: &[Stretch],
    settled: &Settled,
    models: &Models,
    (texts, right): (&Texts, &str),
) -> Worse {
    let own = Texts { all: vec![(right.trim_end().to_owned(), 0)] };
    let least = |texts: &Texts, counts: &dyn Fn(usize) -> bool| {
        let all = compared(stretches, settled, models, texts).unwrap_or_default().into_iter();
        all.filter(|(_, at)| counts(*at)).map(|(worse, _)| worse).fold(f32::MAX, f32::min)
    };
    let is_other = |at: usize| {
        let (text, lead) = &texts.all[at];
        *lead > 0 || text != right.trim()
    };
    Worse { right: least(&own, &|_| true), other: least(texts, &is_other) }
}

impl Worker<'_> {
    /// The one text of the video that explains the looks as well as the right one
    /// does in nearly all trials, if so few others ever do that it is no chance.
    pub(super) fn stands(&self, settled: &Settled, looks: &[Stretch], secret: &[String]) -> Option<Stands> {
        let line = settled.cells.first()?.1;
        let texts = Texts::of(self.reading, self.grid, settled.cells.len());
        let mut all = compared(looks, settled, &Models::default(), &texts)?;
        all.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
        let (worse, at) = *all.first()?;
        let text = &texts.all[at].0;
        let next = all.iter().find(|(_, at)| texts.all[*at].0 != *text).map_or(f32::MAX, |next| next.0);
        let stands_out = worse <= ALIKE || worse * STANDS_OUT <= next;
        if !stands_out || !says_something(text) || settled.cells.iter().any(|cell| cell.1 != line) {
            return None;
        }
        let trials = self.trials_of_texts(settled, &poses(looks), secret);
        let tested = || trials.all.iter().filter(|trial| trial.worse.right < f32::MAX);
        let mut right: Vec<f32> = tested().map(|trial| trial.worse.right).collect();
        right.sort_by(f32::total_cmp);
        let limit = *right.get((right.len() as f32 * RIGHT) as usize)?;
        let mistaken = tested().filter(|trial| trial.worse.other <= limit).count();
        let alone = all.iter().all(|(worse, at)| *worse > limit || texts.all[*at].0 == *text);
        let sure = right.len() >= FEWEST && mistaken as f32 <= MISTAKES * right.len() as f32;
        let fits = worse <= limit && settled.residual <= trials.residual_of_all();
        (alone && sure && fits).then(|| Stands { text: text.clone(), mistaken, trials: right.len() })
    }

    /// The self-test in which texts of the video are compared, run once for each cover.
    fn trials_of_texts(&self, settled: &Settled, looks: &[Pose], secret: &[String]) -> Trials {
        let key = key(settled, Way::Texts, looks);
        if let Some((_, known, _)) = self.tests.borrow().iter().find(|(other, ..)| same(other, &key)) {
            return known.clone();
        }
        let trials = self.tested(settled, (looks, trust::TRIALS, Way::Texts), secret, Some(&self.coder));
        self.tests.borrow_mut().push((key, trials.clone(), 1));
        trials
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words begin where nothing runs on, and signs between words are words too.
    #[test]
    fn words_begin_anew() {
        let line: Vec<char> = "a=\"/srv/x_1\"".chars().collect();
        let found: String = (0..line.len()).filter(|at| begins(&line, *at)).map(|at| line[at]).collect();
        assert_eq!(found, "a=\"/s/x_1\"");
    }

    /// A text lies below a cover with a blank or two beside it, wherever that may be.
    #[test]
    fn texts_are_laid_out_in_the_cells_of_a_cover() {
        let texts = Texts { all: vec![("abc".to_owned(), 0), ("abc".to_owned(), 1), ("abz".to_owned(), 0)] };
        let laid = texts.letters(&[' ', 'a', 'b', 'c'], 4);
        assert_eq!(laid, [(0, vec![1, 2, 3, 0]), (1, vec![0, 1, 2, 3])]);
    }
}
