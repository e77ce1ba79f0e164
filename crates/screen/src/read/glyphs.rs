//! Glyphs learned from the video itself: cells that look alike are one glyph,
//! and what the network read there votes on which character it is.

mod contested;
mod zero;

use std::collections::BTreeMap;

use super::cells::{Cell, Shape};

/// How far from a glyph's picture a further cell may be as a whole (one less
/// the cosine) to be the same glyph, in a video of good quality.
const APART_SAME: f32 = 0.10;
/// Difference in one spot, as a share of the cell's range, that makes it another glyph.
const SPOT_SAME: f32 = 0.27;
/// Copies of one glyph may be this many times farther apart than the middle
/// one of all copies in this video is, within bounds.
const TIMES_MIDDLE: f32 = 3.0;
const LOOSE: (f32, f32) = (0.3, 1.3);
/// Cells before the middle is relied on.
const MIDDLE_OF: u32 = 300;
/// Width of a step in the histogram of distances.
const STEP: f32 = 0.01;
/// The same where only a reading is wanted, not a new member.
const SPOT_READ: f32 = 0.42;
/// A new glyph this many times as far off as copies may be takes a weak vote
/// for its neighbour's character along.
const BORROW: f32 = 1.8;
const BORROWED: f32 = 0.6;
/// Similarity below which a cell is not read.
const READ: f32 = 0.80;
/// Glyphs at most; beyond, cells that look like none stay unread.
const GLYPHS_AT_MOST: usize = 3000;
/// Characters like no other, of which one sure reading in a good video is enough.
const PLAIN: &str = "abdefhknrtADEFHJLMNQRT3467/@#%&+=";
/// Members that go into a glyph's mean picture.
const MEAN_OF: f32 = 40.0;
/// Votes that make a glyph's character sure.
const SURE: f32 = 2.5;
/// A lead larger than this says no more.
const LEAD_AT_MOST: f32 = 9.0;
/// Coarse picture for the first sieve: columns and rows.
const COARSE: (usize, usize) = (4, 6);
type Coarse = [f32; COARSE.0 * COARSE.1];
/// Glyphs that pass the first sieve.
const SIEVED: usize = 8;

/// What a cell was matched to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Match {
    pub glyph: u16,
    /// Cosine to the glyph's picture.
    pub likeness: f32,
    /// Largest difference in a spot of 2 by 2 pixels, as a share of the range.
    pub spot: f32,
    /// How far off the nearest glyph with another character is.
    pub rival: f32,
}

impl Match {
    /// Distance in units of what copies of one glyph may differ by.
    pub fn apart(&self) -> f32 {
        ((1.0 - self.likeness) / APART_SAME).max(self.spot / SPOT_SAME)
    }

    pub fn is_readable(&self) -> bool {
        self.likeness >= READ && self.spot <= SPOT_READ
    }
}

#[derive(Clone, Debug)]
struct Glyph {
    /// Mean picture of its members, of length one.
    picture: Vec<f32>,
    /// Range of `picture`.
    range: f32,
    members: f32,
    votes: BTreeMap<char, f32>,
    asked: u32,
    label: Option<(char, f32)>,
    /// Members that the network saw, as what.
    shown: Vec<contested::Shown>,
    /// Others stand for its members now.
    is_parted: bool,
}

impl Glyph {
    /// Whether votes enough agree on its character.
    fn is_sure(&self) -> bool {
        self.votes.values().sum::<f32>() >= SURE && self.label.is_some_and(|(_, sure)| sure > 0.8)
    }
}

/// All glyphs of one grid.
#[derive(Clone, Debug)]
pub(crate) struct Glyphs {
    sieve: Sieve,
    known: Vec<Glyph>,
    /// The coarse pictures of all, side by side: each cell is held against every one.
    coarse: Vec<Coarse>,
    /// How far apart copies of one glyph may be in this video.
    loose: f32,
    /// Distances of cells that coding is done with, and of those just drawn.
    settled: Spread,
    fresh: Spread,
}

/// How far cells are from their glyphs.
#[derive(Clone, Debug)]
struct Spread {
    /// Cells by distance, in steps.
    counts: Vec<u32>,
    seen: u32,
    /// A few times the middle distance, once enough cells were seen.
    few_times_middle: Option<f32>,
}

impl Glyphs {
    pub fn new(shape: Shape) -> Self {
        let sieve = Sieve::new(shape);
        Self { sieve, known: Vec::new(), coarse: Vec::new(), loose: 1.0, settled: Spread::new(), fresh: Spread::new() }
    }

    /// True if a cell so far off is a copy of the glyph.
    pub fn is_same(&self, found: &Match) -> bool {
        found.apart() <= self.loose
    }

    /// True if the cell is farther off than copies are, but no other character comes near.
    pub fn is_alone(&self, found: &Match) -> bool {
        let apart = found.apart();
        apart <= (2.0 * self.loose).min(2.0)
            && found.rival >= 1.6 * apart
            && self.label(found.glyph).is_some_and(|(_, sure)| sure > 0.6)
    }

    /// How far apart copies of a glyph may be, as a measure of the video's noise.
    pub fn loose(&self) -> f32 {
        self.loose
    }

    /// The nearest glyph.
    pub fn nearest(&self, cell: &Cell) -> Option<Match> {
        let coarse = self.sieve.coarse(&cell.ink);
        let mut sieve = [(f32::MIN, 0usize); SIEVED];
        for (at, known) in self.coarse.iter().enumerate() {
            let likeness = dot(&coarse, known);
            if likeness > sieve[SIEVED - 1].0 && !self.known[at].is_parted {
                let place = sieve.iter().position(|(old, _)| likeness > *old).unwrap_or(SIEVED - 1);
                sieve[place..].rotate_right(1);
                sieve[place] = (likeness, at);
            }
        }
        let passed = sieve.iter().filter(|(likeness, _)| *likeness > f32::MIN);
        let judged = passed.map(|(_, at)| (dot(&cell.ink, &self.known[*at].picture) / cell.norm, *at));
        let mut judged: Vec<(f32, usize)> = judged.collect();
        judged.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        judged.truncate(5);
        self.best_of(cell, &judged)
    }

    /// The best match among glyphs by falling likeness. A spot, which takes
    /// longest to find, is looked for only where it can change the outcome.
    fn best_of(&self, cell: &Cell, judged: &[(f32, usize)]) -> Option<Match> {
        let matched = |(likeness, at): (f32, usize)| Match {
            glyph: at as u16,
            likeness,
            spot: self.spot(cell, at, likeness),
            rival: f32::MAX,
        };
        // Of those about as alike as a whole, the one without a spot that differs.
        let mut best = matched(*judged.first()?);
        let mut known = vec![best];
        for (likeness, at) in &judged[1..] {
            if 1.0 - likeness >= cost(&best) {
                break;
            }
            let found = matched((*likeness, *at));
            best = if cost(&found) < cost(&best) { found } else { best };
            known.push(found);
        }
        let value = |glyph: usize| self.label(glyph as u16).map(|(value, _)| value);
        let own = value(usize::from(best.glyph));
        for (n, pair) in judged.iter().enumerate().filter(|(_, (_, at))| value(*at) != own) {
            if (1.0 - pair.0) / APART_SAME < best.rival {
                let found = known.get(n).copied().unwrap_or_else(|| matched(*pair));
                best.rival = best.rival.min(found.apart());
            }
        }
        Some(best)
    }

    fn spot(&self, cell: &Cell, at: usize, likeness: f32) -> f32 {
        let glyph = &self.known[at];
        let scale = likeness * cell.norm;
        let rest: Vec<f32> = cell.ink.iter().zip(&glyph.picture).map(|(ink, picture)| ink - scale * picture).collect();
        self.sieve.spot(&rest) / cell.range.max(scale.abs() * glyph.range)
    }

    /// Adds a cell to a glyph's mean picture.
    pub fn join(&mut self, glyph: u16, cell: &Cell) {
        let at = usize::from(glyph);
        let Some(glyph) = self.known.get_mut(at) else { return };
        let share = 1.0 / (glyph.members + 1.0).min(MEAN_OF);
        for (mean, ink) in glyph.picture.iter_mut().zip(&cell.ink) {
            *mean += share * (ink / cell.norm - *mean);
        }
        glyph.members += 1.0;
        finish(glyph);
        self.coarse[at] = self.sieve.coarse(&glyph.picture);
    }

    /// A cell that looks like no known glyph begins a new one.
    pub fn begin(&mut self, cell: &Cell, nearest: Option<Match>) -> Option<u16> {
        if self.known.len() >= GLYPHS_AT_MOST {
            return None;
        }
        let picture = cell.ink.iter().map(|ink| ink / cell.norm).collect();
        let mut glyph = Glyph {
            picture,
            range: 0.0,
            members: 1.0,
            votes: BTreeMap::new(),
            asked: 0,
            label: None,
            shown: Vec::new(),
            is_parted: false,
        };
        finish(&mut glyph);
        if let Some((value, _)) =
            nearest.filter(|found| found.apart() < BORROW * self.loose).and_then(|found| self.label(found.glyph))
        {
            glyph.votes.insert(value, BORROWED);
            glyph.label = elected(&glyph.votes);
        }
        self.add(glyph);
        Some((self.known.len() - 1) as u16)
    }

    fn add(&mut self, glyph: Glyph) {
        self.coarse.push(self.sieve.coarse(&glyph.picture));
        self.known.push(glyph);
    }

    /// The network read this character where the glyph stands.
    pub fn vote(&mut self, glyph: u16, value: char, weight: f32) {
        let Some(voted) = self.known.get_mut(usize::from(glyph)) else { return };
        *voted.votes.entry(value).or_default() += weight;
        voted.label = elected(&voted.votes);
    }

    /// Notes how far a cell is from its nearest glyph: the noise of this video.
    pub fn gauge(&mut self, found: &Match, settled: bool) {
        let spread = if settled { &mut self.settled } else { &mut self.fresh };
        spread.add(found.apart());
        if let Some(far) = self.settled.few_times_middle {
            self.loose = far.clamp(LOOSE.0, LOOSE.1);
        }
    }

    /// How much farther off the nearest other character is, in units of what
    /// copies differ by: much more right after a change than later.
    pub fn lead(&self, found: &Match, settled: bool) -> f32 {
        let usual = self.settled.few_times_middle.unwrap_or(1.0);
        let spread = if settled { usual } else { self.fresh.few_times_middle.unwrap_or(usual).max(usual) };
        ((found.rival - found.apart()) / spread.max(LOOSE.0)).min(LEAD_AT_MOST)
    }

    /// Decides on glyphs that were read seldom: one character has one picture,
    /// so a character that another glyph surely is counts less for them.
    pub fn settle(&mut self) {
        let mut labels = Vec::new();
        for (at, glyph) in self.known.iter().enumerate().filter(|(_, glyph)| !glyph.is_sure() && !glyph.is_parted) {
            let mut votes = glyph.votes.clone();
            for (value, weight) in &mut votes {
                let same = |other: &&Glyph| other.is_sure() && other.label.is_some_and(|(label, _)| label == *value);
                let apart = self.known.iter().filter(same).map(|other| self.between(glyph, other).apart());
                *weight *= match apart.min_by(f32::total_cmp) {
                    Some(apart) if apart <= self.loose => 1.5,
                    Some(apart) if apart > 2.0 * self.loose => 0.3,
                    _ => 1.0,
                };
            }
            labels.push((at, elected(&votes)));
        }
        for (at, label) in labels {
            self.known[at].label = label.or(self.known[at].label);
        }
        self.tell_zeros();
    }

    fn between(&self, one: &Glyph, other: &Glyph) -> Match {
        let likeness = dot(&one.picture, &other.picture);
        let scaled: Vec<f32> = one.picture.iter().zip(&other.picture).map(|(a, b)| a - likeness * b).collect();
        let spot = self.sieve.spot(&scaled) / one.range.max(likeness * other.range);
        Match { glyph: 0, likeness, spot, rival: f32::MAX }
    }

    /// The network was asked about a row with this glyph.
    pub fn asked(&mut self, glyph: u16) {
        if let Some(glyph) = self.known.get_mut(usize::from(glyph)) {
            glyph.asked += 1;
        }
    }

    /// How many more readings would make the glyph's character sure; none if
    /// it is, or if more would not help.
    pub fn lacking(&self, glyph: u16) -> u32 {
        let Some(glyph) = self.known.get(usize::from(glyph)) else { return 0 };
        let total: f32 = glyph.votes.values().sum();
        let best = glyph.votes.values().copied().fold(0.0, f32::max);
        let is_plain = glyph.label.is_some_and(|(value, _)| PLAIN.contains(value));
        // Two sure readings that agree, more in poor video, or at most six in all.
        let enough = match self.is_good_video() {
            true if is_plain => 0.8,
            true => 1.4,
            false => 2.6,
        };
        let is_wanting = glyph.asked < 1 || (glyph.asked < 6 && (best < enough || best < 0.75 * total));
        match is_wanting {
            false => 0,
            // A sure reading is one vote.
            true if self.is_good_video() => (enough - best).ceil().max(1.0) as u32,
            // Sights differ, and each says something.
            true => u32::MAX,
        }
    }

    /// Copies of a glyph are known to differ little.
    pub fn is_good_video(&self) -> bool {
        self.loose < 0.6
    }

    /// The character of a glyph and how sure it is.
    pub fn label(&self, glyph: u16) -> Option<(char, f32)> {
        self.known.get(usize::from(glyph))?.label
    }

    /// Other characters that were read where the glyph stands.
    pub fn others(&self, glyph: u16, value: char) -> Vec<char> {
        let Some(glyph) = self.known.get(usize::from(glyph)) else { return Vec::new() };
        let total: f32 = glyph.votes.values().sum();
        let mut others: Vec<(f32, char)> = glyph
            .votes
            .iter()
            .filter(|(other, votes)| **other != value && **votes > 0.08 * total)
            .map(|(other, votes)| (*votes, *other))
            .collect();
        others.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        others.into_iter().map(|(_, other)| other).collect()
    }

    /// Number of glyphs.
    pub fn len(&self) -> usize {
        self.known.len()
    }
}

impl Spread {
    fn new() -> Self {
        Self { counts: vec![0; 400], seen: 0, few_times_middle: None }
    }

    fn add(&mut self, apart: f32) {
        let step = ((apart / STEP) as usize).min(self.counts.len() - 1);
        self.counts[step] += 1;
        self.seen += 1;
        if self.seen < MIDDLE_OF || !self.seen.is_multiple_of(64) {
            return;
        }
        let mut below = 0;
        let middle = self.counts.iter().position(|count| {
            below += count;
            below * 2 >= self.seen
        });
        let middle = middle.unwrap_or(self.counts.len()) as f32 + 1.0;
        self.few_times_middle = Some(TIMES_MIDDLE * middle * STEP);
    }
}

/// The character with most votes and how sure it is; none below one doubtful vote.
fn elected(votes: &BTreeMap<char, f32>) -> Option<(char, f32)> {
    let total: f32 = votes.values().sum();
    // Of equals the first in the alphabet, so that it is always the same.
    let (value, best) = votes.iter().rev().max_by(|one, other| one.1.total_cmp(other.1))?;
    (*best >= 0.3).then(|| (*value, best / total * (1.0 - 0.5f32.powf(1.0 + 4.0 * best))))
}

/// How bad a match is: one part whole likeness, one part worst spot.
fn cost(found: &Match) -> f32 {
    (1.0 - found.likeness) + 0.5 * found.spot
}

/// Brings a glyph's picture to length one.
fn finish(glyph: &mut Glyph) {
    let norm = glyph.picture.iter().map(|ink| ink * ink).sum::<f32>().sqrt().max(1e-6);
    glyph.picture.iter_mut().for_each(|ink| *ink /= norm);
    let most = glyph.picture.iter().copied().fold(f32::MIN, f32::max);
    glyph.range = most - glyph.picture.iter().copied().fold(f32::MAX, f32::min);
}

/// What is worked out once for cells of a shape, so that whole cells are gone
/// through without a look at where their lines end.
#[derive(Clone, Debug)]
struct Sieve {
    shape: Shape,
    /// For each pixel its place in the coarse picture.
    places: Vec<usize>,
    /// For each pixel 1, but 0 at the left edge, where there is none to its left.
    inner: Vec<f32>,
}

impl Sieve {
    fn new(shape: Shape) -> Self {
        let (columns, rows) = COARSE;
        let place = |x: usize, y: usize| y * rows / shape.height * columns + x * columns / shape.width;
        Self {
            shape,
            places: (0..shape.len()).map(|at| place(at % shape.width, at / shape.width)).collect(),
            inner: (0..shape.len()).map(|at| if at.is_multiple_of(shape.width) { 0.0 } else { 1.0 }).collect(),
        }
    }

    /// A picture of few pixels, of length one.
    fn coarse(&self, ink: &[f32]) -> Coarse {
        let mut coarse = Coarse::default();
        for (ink, place) in ink.iter().zip(&self.places) {
            coarse[*place] += ink;
        }
        let norm = coarse.iter().map(|ink| ink * ink).sum::<f32>().sqrt().max(1e-6);
        coarse.map(|ink| ink / norm)
    }

    /// The largest mean over 2 by 2 pixels, whatever its sign.
    fn spot(&self, rest: &[f32]) -> f32 {
        let after = self.shape.width + 1;
        let Some(length) = rest.len().checked_sub(after) else { return 0.0 };
        let (own, left) = (&rest[after..], &rest[self.shape.width..][..length]);
        let (above, corner) = (&rest[1..][..length], &rest[..length]);
        let inner = &self.inner[after..][..length];
        let mut worst = [0f32; 8];
        for at in (0..length / 8).map(|chunk| chunk * 8) {
            let part = at..at + 8;
            let (own, left, inner) = (&own[part.clone()], &left[part.clone()], &inner[part.clone()]);
            let (above, corner) = (&above[part.clone()], &corner[part]);
            for lane in 0..8 {
                let sum = (own[lane] + left[lane] + above[lane] + corner[lane]).abs() * inner[lane];
                worst[lane] = if sum > worst[lane] { sum } else { worst[lane] };
            }
        }
        let sum = |at: usize| (own[at] + left[at] + above[at] + corner[at]).abs() * inner[at];
        let rest = (length / 8 * 8..length).map(sum);
        worst.into_iter().chain(rest).fold(0.0, f32::max) / 4.0
    }
}

/// Eight sums side by side, which the compiler turns into vector instructions.
fn dot(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0f32; 8];
    let (ones, others) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest: f32 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in ones.zip(others) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::Grid;
    use crate::read::cells::{Content, Room, Sampler, content};
    use crate::read::drawn::drawn;
    use crate::{Luma, Rect};

    const GRID: Grid = Grid {
        area: Rect { x: 0, y: 0, width: 320, height: 18 },
        origin_x: 0.0,
        origin_y: 0.0,
        cell_width: 9.0,
        cell_height: 18.0,
        ground: 30,
    };

    fn cells(luma: &Luma, count: usize) -> Vec<Cell> {
        let shape = Shape::of(&GRID);
        let sampler = Sampler::new(&GRID, shape, count);
        let mut room = Room::default();
        sampler.row(luma, 0.0, &mut room);
        (0..count)
            .filter_map(|column| match content(sampler.cell(&room.row, column), shape, 30.0, 180.0, 1.0, 0.16) {
                Content::Ink(cell) => Some(cell),
                _ => None,
            })
            .collect()
    }

    /// Letters learned from one line, read in another that is noisy and fainter.
    #[test]
    fn letters_are_known_again() {
        let letters = "abcdefghijklmnoprstuvwxyz-=._";
        let mut glyphs = Glyphs::new(Shape::of(&GRID));
        let clear = drawn(320, 18, (0, 0), (9, 18), &[letters], 30, 210);
        for (cell, letter) in cells(&clear, letters.len()).iter().zip(letters.chars()) {
            let glyph = glyphs.begin(cell, None).unwrap();
            glyphs.vote(glyph, letter, 1.0);
            glyphs.vote(glyph, letter, 1.0);
        }
        let mut noisy = drawn(320, 18, (0, 0), (9, 18), &[letters], 30, 170);
        for (at, pixel) in noisy.pixels.iter_mut().enumerate() {
            *pixel = pixel.saturating_add(((at as u32).wrapping_mul(2_654_435_761) >> 29) as u8);
        }
        let read =
            |cell: &Cell| glyphs.nearest(cell).filter(Match::is_readable).and_then(|found| glyphs.label(found.glyph));
        let text: String =
            cells(&noisy, letters.len()).iter().map(|cell| read(cell).map_or('?', |(letter, _)| letter)).collect();
        assert_eq!(text, letters);
    }

    #[test]
    fn a_blurred_letter_is_not_read() {
        let mut glyphs = Glyphs::new(Shape::of(&GRID));
        let clear = drawn(320, 18, (0, 0), (9, 18), &["hn"], 30, 210);
        for (cell, letter) in cells(&clear, 2).iter().zip("hn".chars()) {
            let glyph = glyphs.begin(cell, None).unwrap();
            glyphs.vote(glyph, letter, 1.0);
        }
        let small = crate::read::drawn::resized(&clear, 320 / 5, 18 / 5);
        let blurred = crate::read::drawn::resized(&small, 320, 18);
        for cell in cells(&blurred, 2) {
            assert!(!glyphs.nearest(&cell).is_some_and(|found| found.is_readable()));
        }
    }

    /// Spots that were not looked for would have changed nothing.
    #[test]
    fn the_best_is_the_best_of_all() {
        let letters = "abcdefghijklmnoprstuvwxyz-=._";
        let mut glyphs = Glyphs::new(Shape::of(&GRID));
        let clear = drawn(320, 18, (0, 0), (9, 18), &[letters], 30, 210);
        let known = cells(&clear, letters.len());
        for (cell, letter) in known.iter().zip(letters.chars()) {
            let glyph = glyphs.begin(cell, None).unwrap();
            glyphs.vote(glyph, if letter < 'h' { 'a' } else { letter }, 2.0);
        }
        let soft = crate::read::drawn::resized(&crate::read::drawn::resized(&clear, 200, 12), 320, 18);
        for cell in known.iter().chain(&cells(&soft, letters.len())) {
            let mut judged: Vec<(f32, usize)> =
                (0..glyphs.len()).map(|at| (dot(&cell.ink, &glyphs.known[at].picture) / cell.norm, at)).collect();
            judged.sort_by(|one, other| other.0.total_cmp(&one.0));
            let all: Vec<Match> = judged
                .iter()
                .map(|(likeness, at)| {
                    let spot = glyphs.spot(cell, *at, *likeness);
                    Match { glyph: *at as u16, likeness: *likeness, spot, rival: f32::MAX }
                })
                .collect();
            let best = all.iter().min_by(|one, other| cost(one).total_cmp(&cost(other))).unwrap();
            let value = |found: &Match| glyphs.label(found.glyph).map(|(value, _)| value);
            let rivals = all.iter().filter(|other| value(other) != value(best));
            let rival = rivals.map(Match::apart).fold(f32::MAX, f32::min);
            assert_eq!(glyphs.best_of(cell, &judged), Some(Match { rival, ..*best }));
        }
    }

    #[test]
    fn the_majority_names_a_glyph() {
        let mut glyphs = Glyphs::new(Shape::of(&GRID));
        let clear = drawn(320, 18, (0, 0), (9, 18), &["l"], 30, 210);
        let glyph = glyphs.begin(&cells(&clear, 1)[0], None).unwrap();
        assert_eq!(glyphs.label(glyph), None);
        for (value, weight) in [('1', 0.6), ('l', 0.9), ('l', 0.8)] {
            glyphs.vote(glyph, value, weight);
        }
        assert_eq!(glyphs.label(glyph).map(|(value, _)| value), Some('l'));
        assert_eq!(glyphs.others(glyph, 'l'), ['1']);
    }
}
