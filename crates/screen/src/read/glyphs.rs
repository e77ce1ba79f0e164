//! Glyphs learned from the video itself: cells that look alike are one glyph,
//! and what the network read there votes on which character it is.

use std::collections::BTreeMap;

use super::cells::{Cell, Shape};

/// Similarity (cosine) above which a further cell can be the same glyph.
const SAME: f32 = 0.90;
/// Difference in one spot, as a share of the cell's range, that makes it another glyph.
const SPOT_SAME: f32 = 0.27;
/// The same where only a reading is wanted, not a new member.
const SPOT_READ: f32 = 0.42;
/// Similarity below which a cell is not read.
const READ: f32 = 0.80;
/// Glyphs at most; beyond, cells that look like none stay unread.
const GLYPHS_AT_MOST: usize = 3000;
/// Members that go into a glyph's mean picture.
const MEAN_OF: f32 = 40.0;
/// Coarse picture for the first sieve: columns and rows.
const COARSE: (usize, usize) = (4, 6);
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
}

impl Match {
    pub fn is_same(&self) -> bool {
        self.likeness >= SAME && self.spot <= SPOT_SAME
    }

    pub fn is_readable(&self) -> bool {
        self.likeness >= READ && self.spot <= SPOT_READ
    }
}

#[derive(Clone, Debug)]
struct Glyph {
    /// Mean picture of its members, of length one.
    picture: Vec<f32>,
    coarse: Vec<f32>,
    /// Range of `picture`.
    range: f32,
    members: f32,
    votes: BTreeMap<char, f32>,
    asked: u32,
}

/// All glyphs of one grid.
#[derive(Clone, Debug)]
pub(crate) struct Glyphs {
    shape: Shape,
    known: Vec<Glyph>,
}

impl Glyphs {
    pub fn new(shape: Shape) -> Self {
        Self { shape, known: Vec::new() }
    }

    /// The nearest glyph.
    pub fn nearest(&self, cell: &Cell) -> Option<Match> {
        let coarse = coarse(&cell.ink, self.shape);
        let mut sieve = [(f32::MIN, 0usize); SIEVED];
        for (at, glyph) in self.known.iter().enumerate() {
            let likeness = dot(&coarse, &glyph.coarse);
            if likeness > sieve[SIEVED - 1].0 {
                let place = sieve.iter().position(|(old, _)| likeness > *old).unwrap_or(SIEVED - 1);
                sieve[place..].rotate_right(1);
                sieve[place] = (likeness, at);
            }
        }
        let passed = sieve.iter().filter(|(likeness, _)| *likeness > f32::MIN);
        let judged = passed.map(|(_, at)| (dot(&cell.ink, &self.known[*at].picture) / cell.norm, *at));
        let mut judged: Vec<(f32, usize)> = judged.collect();
        judged.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let matches = judged.iter().take(3).map(|(likeness, at)| Match {
            glyph: *at as u16,
            likeness: *likeness,
            spot: self.spot(cell, *at, *likeness),
        });
        // Of those about as alike as a whole, the one without a spot that differs.
        matches.min_by(|one, other| cost(one).total_cmp(&cost(other)))
    }

    fn spot(&self, cell: &Cell, at: usize, likeness: f32) -> f32 {
        let glyph = &self.known[at];
        let scale = likeness * cell.norm;
        let (width, height) = (self.shape.width, self.shape.height);
        let rest = |at: usize| cell.ink[at] - scale * glyph.picture[at];
        let mut worst = 0f32;
        for y in 1..height {
            for x in 1..width {
                let at = y * width + x;
                let sum = rest(at) + rest(at - 1) + rest(at - width) + rest(at - width - 1);
                worst = worst.max(sum.abs());
            }
        }
        worst / 4.0 / cell.range.max(scale.abs() * glyph.range)
    }

    /// Adds a cell to a glyph's mean picture.
    pub fn join(&mut self, glyph: u16, cell: &Cell) {
        let shape = self.shape;
        let Some(glyph) = self.known.get_mut(usize::from(glyph)) else { return };
        let share = 1.0 / (glyph.members + 1.0).min(MEAN_OF);
        for (mean, ink) in glyph.picture.iter_mut().zip(&cell.ink) {
            *mean += share * (ink / cell.norm - *mean);
        }
        glyph.members += 1.0;
        finish(glyph, shape);
    }

    /// A cell that looks like no known glyph begins a new one.
    pub fn begin(&mut self, cell: &Cell) -> Option<u16> {
        if self.known.len() >= GLYPHS_AT_MOST {
            return None;
        }
        let picture = cell.ink.iter().map(|ink| ink / cell.norm).collect();
        let mut glyph =
            Glyph { picture, coarse: Vec::new(), range: 0.0, members: 1.0, votes: BTreeMap::new(), asked: 0 };
        finish(&mut glyph, self.shape);
        self.known.push(glyph);
        Some((self.known.len() - 1) as u16)
    }

    /// The network read this character where the glyph stands.
    pub fn vote(&mut self, glyph: u16, value: char, weight: f32) {
        if let Some(glyph) = self.known.get_mut(usize::from(glyph)) {
            *glyph.votes.entry(value).or_default() += weight;
        }
    }

    /// The network was asked about a row with this glyph.
    pub fn asked(&mut self, glyph: u16) {
        if let Some(glyph) = self.known.get_mut(usize::from(glyph)) {
            glyph.asked += 1;
        }
    }

    /// True while more readings would make the glyph's character surer.
    pub fn is_wanting(&self, glyph: u16) -> bool {
        let Some(glyph) = self.known.get(usize::from(glyph)) else { return false };
        let total: f32 = glyph.votes.values().sum();
        let best = glyph.votes.values().copied().fold(0.0, f32::max);
        // Two sure readings that agree, or at most six in all.
        glyph.asked < 6 && (best < 1.5 || best < 0.75 * total)
    }

    /// The character of a glyph with the share of votes for it.
    pub fn label(&self, glyph: u16) -> Option<(char, f32)> {
        let glyph = self.known.get(usize::from(glyph))?;
        let total: f32 = glyph.votes.values().sum();
        // Of equals the first in the alphabet, so that it is always the same.
        let (value, best) = glyph.votes.iter().rev().max_by(|one, other| one.1.total_cmp(other.1))?;
        (*best >= 0.45).then(|| (*value, best / total * (1.0 - 0.5f32.powf(1.0 + 4.0 * best))))
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

/// How bad a match is: one part whole likeness, one part worst spot.
fn cost(found: &Match) -> f32 {
    (1.0 - found.likeness) + 0.5 * found.spot
}

fn finish(glyph: &mut Glyph, shape: Shape) {
    let norm = glyph.picture.iter().map(|ink| ink * ink).sum::<f32>().sqrt().max(1e-6);
    glyph.picture.iter_mut().for_each(|ink| *ink /= norm);
    let most = glyph.picture.iter().copied().fold(f32::MIN, f32::max);
    glyph.range = most - glyph.picture.iter().copied().fold(f32::MAX, f32::min);
    glyph.coarse = coarse(&glyph.picture, shape);
}

/// A picture of few pixels, of length one.
fn coarse(ink: &[f32], shape: Shape) -> Vec<f32> {
    let (columns, rows) = COARSE;
    let mut coarse = vec![0f32; columns * rows];
    for y in 0..shape.height {
        let row = y * rows / shape.height;
        for x in 0..shape.width {
            coarse[row * columns + x * columns / shape.width] += ink[y * shape.width + x];
        }
    }
    let norm = coarse.iter().map(|ink| ink * ink).sum::<f32>().sqrt().max(1e-6);
    coarse.iter_mut().for_each(|ink| *ink /= norm);
    coarse
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
