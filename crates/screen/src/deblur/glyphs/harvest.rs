//! Characters cut from clear rows, sorted by weight and colour.
//!
//! Below blocks only sums of ink are left, so that a picture one part in twenty
//! too bright makes another letter fit. The furthest pixel of a word tells its
//! colour no better than that; all its pixels together, held against the same
//! characters elsewhere, tell it to one part in a hundred.

use std::collections::BTreeMap;

use super::super::linear::dot;
use super::{Style, is_near, tolerance};
use crate::cut::{SHARP, corner, cut, ground, sharpness};
use crate::{Grid, Rect, Row};

/// Instances kept of one character in one style.
const INSTANCES: usize = 48;

/// So many instances of a character that coding was done with are better than more of a
/// flood of output, which are off in the same way and not only by noise.
const SETTLED: usize = 4;

/// Shorter words tell neither colour nor weight.
const TELLING: usize = 3;

/// A sign that has less than this share of the contrast of the words around it is of
/// another colour.
const THIN: f32 = 0.5;

/// A word whose ink exceeds the usual by this share is bold.
const HEAVY: f32 = 1.13;

/// A character whose contrast differs from that of those before it by more than
/// this share is of another colour.
const OTHER_COLOUR: f32 = 0.2;

/// A character of a bold word is light if it differs from the light one by less
/// than this share of what such characters usually do.
const LIGHT: f32 = 0.4;

/// A line is inked from end to end from this share of a character's contrast on.
const FULL_LINE: f32 = 0.5;

/// A line is inked at all from this share on.
const INKED: f32 = 0.25;

/// No contrast is larger, in levels, whatever characters that are none seem to show.
const MOST: f32 = 255.0;

/// How often the contrast of words and the pictures of their characters are
/// measured by each other.
const GAUGED: usize = 3;

/// Words whose contrast differs by less than this share of it are of one colour:
/// those with no character in common are measured no better against each other.
const ONE_COLOUR: f32 = 0.04;

/// Further off, a colour ends where fewer characters than this share of its middle
/// have a contrast, or more do again beyond.
const FEW: f32 = 0.15;
const MORE_AGAIN: f32 = 1.5;

/// Fewer characters make no style, and there are so many at most.
const FEWEST: usize = 12;
const STYLES: usize = 12;

/// One character as it was seen.
pub(super) struct Instance {
    pub(super) value: char,
    pub(super) picture: Vec<f32>,
    /// The level furthest from the ground, less the ground.
    pub(super) extreme: f32,
    pub(super) word: usize,
    /// Coding was done with it when it was seen.
    pub(super) is_settled: bool,
}

/// Those instances that coding was done with, where there are so many; else all.
pub(super) fn settled<'i>(instances: &[&'i Instance], enough: usize) -> Vec<&'i Instance> {
    let settled: Vec<&Instance> = instances.iter().copied().filter(|instance| instance.is_settled).collect();
    if settled.len() >= enough { settled } else { instances.to_vec() }
}

/// Characters without a blank between them, of one colour.
pub(super) struct Word {
    /// Brightness of full ink less ground.
    pub(super) contrast: f32,
    pub(super) heavy: bool,
    length: usize,
    /// The style it is of, if of any.
    pub(super) style: Option<usize>,
}

impl Word {
    pub(super) fn new(contrast: f32, length: usize) -> Self {
        Self { contrast, heavy: false, length, style: None }
    }
}

/// The characters of rows and their words, each with weight and contrast.
pub(super) fn harvest<'a>(
    rows: impl Iterator<Item = &'a Row>,
    grid: &Grid,
    cell: (usize, usize),
    hidden: &dyn Fn(&Row, Rect) -> bool,
) -> (Vec<Instance>, Vec<Word>) {
    let (mut instances, mut words, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let first = instances.len();
        collect(grid, cell, row, hidden, &mut instances, &mut words);
        lines.push(first..instances.len());
    }
    split(&mut instances, &mut words);
    weigh(&instances, &mut words);
    gauge(&instances, &mut words);
    part_light(&mut instances, &mut words);
    lines.into_iter().for_each(|line| colour_signs(&instances[line], &mut words));
    (instances, words)
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
    let (ground, is_settled) = (ground(row), row.is_settled());
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
        if extreme == 0.0 || sharpness(&picture, cell.0) < SHARP * extreme.abs() {
            continue;
        }
        // A bar of the next row begins in this cell, or it is underlined: as bold it would pass.
        let is_full = |line: &[f32]| line.iter().all(|level| level / extreme > FULL_LINE);
        let outermost = [&picture[..cell.0], &picture[picture.len() - cell.0..]];
        if outermost.into_iter().any(is_full) && !(letter.value == '_' && is_one_stroke(&picture, cell.0, extreme)) {
            continue;
        }
        if last_column.is_none_or(|last: u32| last + 1 != letter.column) {
            words.push(Word::new(0.0, 0));
        }
        last_column = Some(letter.column);
        let word = words.len() - 1;
        words[word].length += 1;
        if extreme.abs() > words[word].contrast.abs() {
            words[word].contrast = extreme;
        }
        instances.push(Instance { value: letter.value, picture, extreme, word, is_settled });
    }
}

/// Whether the inked lines of a picture follow each other.
fn is_one_stroke(picture: &[f32], width: usize, extreme: f32) -> bool {
    let is_inked = |line: &[f32]| line.iter().any(|level| level / extreme > INKED);
    let inked: Vec<bool> = picture.chunks_exact(width).map(is_inked).collect();
    inked.chunk_by(|one, other| one == other).filter(|run| run[0]).count() == 1
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
            words[at] = Word::new(parts[0].0, parts[0].1);
            words.extend(parts[1..].iter().map(|(contrast, length)| Word::new(*contrast, *length)));
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
    let full = |instance: &&Instance| words[instance.word].length >= TELLING;
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

/// Measures the contrast of each word by all pixels of its characters, against
/// those of the same characters in all words of its weight.
fn gauge(instances: &[Instance], words: &mut [Word]) {
    for _ in 0..GAUGED {
        let pictures = pictures(instances, words);
        let mut sums = vec![(0.0, 0.0); words.len()];
        for instance in instances {
            let usual = &pictures[&(words[instance.word].heavy, instance.value)];
            let sums = &mut sums[instance.word];
            *sums = (sums.0 + dot(&instance.picture, usual), sums.1 + dot(usual, usual));
        }
        for (word, (own, usual)) in words.iter_mut().zip(sums) {
            if own * word.contrast > 0.0 && usual > 0.0 {
                word.contrast = (own / usual).clamp(-MOST, MOST);
            }
        }
    }
}

/// What each character looks like in each weight, full ink 1.
fn pictures(instances: &[Instance], words: &[Word]) -> BTreeMap<(bool, char), Vec<f32>> {
    let mut found: BTreeMap<(bool, char), Vec<&Instance>> = BTreeMap::new();
    for instance in instances {
        found.entry((words[instance.word].heavy, instance.value)).or_default().push(instance);
    }
    let full = |instance: &Instance| words[instance.word].contrast.recip();
    found.into_iter().map(|(key, list)| (key, picture(&list, &full))).collect()
}

/// Makes words of their own of the light characters of bold words: the sign behind
/// a bold prompt is often light and of nearly the same brightness. They look like the
/// light ones far more than bold characters do.
fn part_light(instances: &mut [Instance], words: &mut Vec<Word>) {
    let pictures = pictures(instances, words);
    let against = |instance: &Instance| {
        let light = pictures.get(&(false, instance.value)).filter(|_| words[instance.word].heavy)?;
        let contrast = dot(&instance.picture, light) / dot(light, light);
        let left: f32 = instance.picture.iter().zip(light).map(|(own, light)| (own - contrast * light).powi(2)).sum();
        let share = (left / dot(&instance.picture, &instance.picture)).sqrt();
        share.is_finite().then_some((share, contrast))
    };
    let against: Vec<Option<(f32, f32)>> = instances.iter().map(against).collect();
    let mut shares: Vec<f32> = against.iter().flatten().map(|(share, _)| *share).collect();
    shares.sort_by(f32::total_cmp);
    let usual = shares.get(shares.len() / 2).copied().unwrap_or_default();
    for (instance, against) in instances.iter_mut().zip(against) {
        if let Some((_, contrast)) = against.filter(|(share, _)| *share < LIGHT * usual) {
            words[instance.word].length -= 1;
            instance.word = words.len();
            words.push(Word::new(contrast.clamp(-MOST, MOST), 1));
        }
    }
}

/// Gives the signs of a row that stand alone (`=`, `|`) the colour of the words around them,
/// where those are of one: a thin stroke tells no colour, and an `=` may stand in no word at all.
fn colour_signs(line: &[Instance], words: &mut [Word]) {
    let told: Vec<Option<(f32, bool)>> = line
        .iter()
        .map(|instance| &words[instance.word])
        .map(|word| (word.length >= TELLING).then_some((word.contrast, word.heavy)))
        .collect();
    for (at, instance) in line.iter().enumerate().filter(|(at, _)| told[*at].is_none()) {
        let (before, after) = (told[..at].iter().rev().flatten().next(), told[at..].iter().flatten().next());
        let Some(beside) = before.or(after) else { continue };
        let is_one = [before, after].iter().flatten().all(|own| own.1 == beside.1 && is_near(own.0, beside.0));
        let is_thin = (THIN..1.0).contains(&(words[instance.word].contrast / beside.0));
        if is_one && is_thin && !instance.value.is_ascii_alphanumeric() {
            (words[instance.word].contrast, words[instance.word].heavy) = *beside;
        }
    }
}

/// Groups words by weight and contrast, and takes each character's median.
pub(super) fn styles(instances: &[Instance], words: &mut [Word]) -> Vec<Style> {
    let mut found: Vec<(Style, Vec<usize>)> = Vec::new();
    for heavy in [false, true] {
        let is_free = |word: &Word| word.heavy == heavy && word.length >= TELLING;
        let mut left: Vec<(f32, usize)> =
            words.iter().filter(|word| is_free(word)).map(|word| (word.contrast, word.length)).collect();
        while let Some((contrast, from, to)) = densest(&left).filter(|_| found.len() < STYLES) {
            left.retain(|(own, _)| *own < from || *own > to);
            let is_own = |word: &Word| word.heavy == heavy && (from..=to).contains(&word.contrast);
            let own = words.iter().enumerate().filter(|(_, word)| is_own(word)).map(|(at, _)| at);
            if contrast.abs() > 25.0 {
                found.push((Style { contrast, heavy, count: 0, pictures: BTreeMap::new() }, own.collect()));
            }
        }
    }
    for (style, own) in &mut found {
        fill(style, instances, own);
    }
    found.retain(|(style, _)| style.count >= FEWEST);
    found.sort_by(|(left, _), (right, _)| right.count.cmp(&left.count).then(left.contrast.total_cmp(&right.contrast)));
    words.iter_mut().for_each(|word| word.style = None);
    for (at, (_, own)) in found.iter().enumerate() {
        own.iter().for_each(|word| words[*word].style = Some(at));
    }
    found.into_iter().map(|(style, _)| style).collect()
}

/// The contrast around which most characters lie, and from where to where words of
/// that colour do; words are contrasts with numbers of characters.
fn densest(words: &[(f32, usize)]) -> Option<(f32, f32, f32)> {
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    words.iter().for_each(|(contrast, length)| *counts.entry(contrast.round() as i32).or_default() += length);
    let around = |level: i32| -> usize {
        let near = 1 + level.abs() / 100;
        counts.range(level - near..=level + near).map(|(_, count)| count).sum()
    };
    let middle = counts.keys().copied().max_by_key(|level| (around(*level), *level))?;
    let most = tolerance(middle as f32) as i32;
    let end = |step: i32| {
        let mut least = around(middle) as f32;
        let goes_on = |by: &i32| {
            let count = around(middle + step * by) as f32;
            let is_same = *by as f32 <= ONE_COLOUR * middle.abs() as f32;
            let goes_on = count >= FEW * around(middle) as f32 && count <= MORE_AGAIN * least;
            least = least.min(count);
            is_same || goes_on
        };
        middle + step * (1..=most).take_while(goes_on).last().unwrap_or(0)
    };
    let (from, to) = (end(-1) as f32 - 0.5, end(1) as f32 + 0.5);
    let own = words.iter().filter(|(contrast, _)| (from..=to).contains(contrast));
    let (sum, letters) =
        own.fold((0.0, 0), |(sum, letters), (contrast, length)| (sum + contrast * *length as f32, letters + length));
    Some((sum / letters.max(1) as f32, from, to))
}

fn fill(style: &mut Style, instances: &[Instance], own: &[usize]) {
    let mut found: BTreeMap<char, Vec<&Instance>> = BTreeMap::new();
    for instance in instances.iter().filter(|instance| own.binary_search(&instance.word).is_ok()) {
        style.count += 1;
        found.entry(instance.value).or_default().push(instance);
    }
    style.pictures = found.into_iter().map(|(value, list)| (value, picture(&list, &|_| 1.0))).collect();
}

/// What a character looks like: the middle of some instances. Rows that follow each
/// other are alike, so those are taken from all over the video.
fn picture(instances: &[&Instance], scale: &dyn Fn(&Instance) -> f32) -> Vec<f32> {
    let instances = settled(instances, SETTLED);
    let some = instances.iter().step_by(instances.len().div_ceil(INSTANCES));
    let scaled = |instance: &&Instance| -> Vec<f32> {
        let scale = scale(instance);
        instance.picture.iter().map(|pixel| pixel * scale).collect()
    };
    median(&some.map(scaled).collect::<Vec<_>>())
}

/// The middle of each pixel: the mean of the central half, so that neither a
/// misread character nor rounding moves it.
fn median(pictures: &[Vec<f32>]) -> Vec<f32> {
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
mod tests {
    use super::*;

    /// Two colours a tenth apart are two, in whichever order; words of one colour that
    /// are measured a little differently are of one.
    #[test]
    fn a_colour_ends_where_hardly_any_words_lie() {
        let words = |around: f32| (-3i32..=3).map(move |by| (around + by as f32, 40 - 8 * by.unsigned_abs() as usize));
        let near: Vec<(f32, usize)> =
            words(126.0).chain(words(110.0).map(|(contrast, length)| (contrast, length / 3))).collect();
        let (contrast, from, to) = densest(&near).unwrap_or_default();
        assert!((contrast - 126.0).abs() < 1.0 && from > 114.0 && to > 128.5, "{contrast} {from} {to}");
        let apart = [(162.5, 1500), (156.5, 130)];
        let (_, from, to) = densest(&apart).unwrap_or_default();
        assert!(apart.iter().all(|(contrast, _)| (from..=to).contains(contrast)), "{from} {to}");
    }

    /// One bright pixel, as coding leaves it, does not make a word brighter.
    #[test]
    fn a_word_is_as_bright_as_all_its_pixels() {
        let mut instances = Vec::new();
        let mut words: Vec<Word> = Vec::new();
        for (contrast, spike) in [(120.0, 0.0), (120.0, 0.0), (120.0, 25.0), (60.0, 0.0)] {
            for (value, share) in [('a', 1.0), ('b', 0.7)] {
                let mut picture = vec![share * contrast; 12];
                picture[3] += spike;
                let extreme = picture[3];
                instances.push(Instance { value, picture, extreme, word: words.len(), is_settled: false });
            }
            words.push(Word::new(contrast + spike, 2));
        }
        gauge(&instances, &mut words);
        let told: Vec<f32> = words.iter().map(|word| word.contrast / words[0].contrast).collect();
        for (told, expected) in told.iter().zip([1.0, 1.0, 1.02, 0.5]) {
            assert!((told - expected).abs() < 0.02, "{told} {expected}");
        }
    }

    /// Instances of one character that have nothing in common tell no contrast, and harm nothing.
    #[test]
    fn what_is_no_character_has_no_contrast_beyond_all_levels() {
        let mut words: Vec<Word> = (0..9).map(|_| Word::new(250.0, 3)).collect();
        let picture = |at: usize| (0..9).map(|pixel| if pixel == at { 250.0 } else { 1e-4 }).collect();
        let instances: Vec<Instance> = (0..9)
            .map(|at| Instance { value: 'a', picture: picture(at), extreme: 250.0, word: at, is_settled: false })
            .collect();
        gauge(&instances, &mut words);
        assert!(words.iter().all(|word| word.contrast.abs() <= MOST));
        assert!(styles(&instances, &mut words).is_empty());
    }

    /// An underscore in the last line of its cell is one; one above a bar of the next row is two.
    #[test]
    fn an_underscore_is_one_stroke() {
        let lines = |levels: [f32; 5]| levels.into_iter().flat_map(|level| [level; 3]).collect::<Vec<_>>();
        let is_one = |levels| is_one_stroke(&lines(levels), 3, 100.0);
        assert_eq!([is_one([0.0, 0.0, 2.0, 60.0, 100.0]), is_one([0.0, 0.0, 50.0, 5.0, 100.0])], [true, false]);
    }

    /// A sign that stands alone is of the colour of the words around it, if it is not far paler
    /// and they are of one.
    #[test]
    fn a_sign_is_of_the_colour_around_it() {
        let told = |sign: f32, after: f32| {
            let mut words = [(100.0, 5), (sign, 1), (after, 4)].map(|(contrast, length)| Word::new(contrast, length));
            let instance = |(word, value): (usize, char)| {
                let (picture, extreme, is_settled) = (Vec::new(), words[word].contrast, true);
                Instance { value, picture, extreme, word, is_settled }
            };
            let line: Vec<Instance> = [(0, 'a'), (1, '='), (2, 'b')].into_iter().map(instance).collect();
            colour_signs(&line, &mut words);
            words[1].contrast
        };
        assert_eq!([told(92.0, 100.0), told(40.0, 100.0), told(92.0, 50.0)], [100.0, 40.0, 92.0]);
    }

    /// The sign behind a bold prompt is light, and as bright.
    #[test]
    fn a_light_character_of_a_bold_word_is_a_word_of_its_own() {
        let (light, bold, sign) = ([100.0, 20.0, 0.0], [100.0, 90.0, 10.0], [60.0, 0.0, 100.0]);
        let mut words = vec![Word::new(100.0, 2), Word { heavy: true, ..Word::new(100.0, 4) }];
        let shown = [('a', light, 0), ('$', sign, 0), ('a', bold, 1), ('a', bold, 1), ('a', bold, 1), ('$', sign, 1)];
        let instance = |(value, picture, word): (char, [f32; 3], usize)| {
            let (picture, extreme, is_settled) = (picture.to_vec(), 100.0, true);
            Instance { value, picture, extreme, word, is_settled }
        };
        let mut instances: Vec<Instance> = shown.map(instance).into_iter().collect();
        part_light(&mut instances, &mut words);
        assert_eq!(instances.iter().map(|own| own.word).collect::<Vec<_>>(), [0, 0, 1, 1, 1, 2]);
        let told = |word: &Word| (word.heavy, word.length, word.contrast.round() as i32);
        assert_eq!(words.iter().map(told).collect::<Vec<_>>(), [(false, 2, 100), (true, 3, 100), (false, 1, 100)]);
    }

    /// A few settled instances tell a character better than many of a flood of output.
    #[test]
    fn characters_are_learned_from_what_coding_was_done_with() {
        let instance = |at: usize| Instance {
            value: 'a',
            picture: vec![if at < SETTLED { 100.0 } else { 60.0 }],
            extreme: 100.0,
            word: 0,
            is_settled: at < SETTLED,
        };
        let instances: Vec<Instance> = (0..6 * SETTLED).map(instance).collect();
        let all: Vec<&Instance> = instances.iter().collect();
        assert_eq!((picture(&all, &|_| 1.0), picture(&all[1..], &|_| 1.0)), (vec![100.0], vec![60.0]));
    }

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
                is_settled: false,
            }));
            words.push(Word::new(extreme, 2));
        }
        split(&mut instances, &mut words);
        let told: Vec<(usize, i32)> = instances.iter().map(|own| (own.word, words[own.word].contrast as i32)).collect();
        assert_eq!(told, [(0, 200), (0, 200), (1, 120), (1, 120), (2, 200), (3, 120)]);
        assert_eq!(words.iter().map(|word| word.length).collect::<Vec<_>>(), [2, 2, 1, 1]);
    }
}
