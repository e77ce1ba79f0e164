//! Glyphs that are two characters. In poor video copies of one character differ
//! as much as two characters do, such as `1` and `i`, and a glyph takes both in.
//! The network says which was which where it was asked; if the pictures bear
//! that out, the glyph is parted.

use super::{Glyph, Glyphs, dot, elected, finish};
use crate::read::cells::Cell;

/// A member that the network saw: as what, and its picture of length one.
pub(super) type Shown = (char, Vec<f32>);

/// A member counts if the network was so sure.
const SURE: f32 = 0.7;
/// Members kept of a glyph, and wanted of each character.
const SHOWN_AT_MOST: usize = 128;
const WANTED: usize = 4;
/// A character is another if so many of its members look more like each other
/// than like the rest.
const BORNE_OUT: f32 = 0.85;

impl Glyphs {
    /// The network read this character where a cell of the glyph stands.
    pub fn show(&mut self, glyph: u16, value: char, likely: f32, cell: &Cell) {
        let Some(glyph) = self.known.get_mut(usize::from(glyph)) else { return };
        if likely >= SURE && glyph.shown.len() < SHOWN_AT_MOST {
            glyph.shown.push((value, cell.ink.iter().map(|ink| ink / cell.norm).collect()));
        }
    }

    /// Puts glyphs of one character in the place of those that are several.
    pub fn part(&mut self) {
        for at in 0..self.known.len() {
            let values = characters(&self.known[at].shown);
            if values.len() < 2 || self.known.len() + values.len() > super::GLYPHS_AT_MOST {
                continue;
            }
            self.known[at].is_parted = true;
            for value in values {
                let glyph = self.of_one(at, value);
                self.add(glyph);
            }
        }
    }

    /// The members of a glyph that are one character.
    fn of_one(&self, at: usize, value: char) -> Glyph {
        let mixed = &self.known[at];
        let own: Vec<&[f32]> =
            mixed.shown.iter().filter(|(other, _)| *other == value).map(|(_, picture)| picture.as_slice()).collect();
        let members = own.len() as f32;
        let picture = mean_of(own.iter().copied(), own.first().map_or(0, |picture| picture.len()));
        let votes = mixed.votes.iter().filter(|(other, _)| **other == value).map(|(value, votes)| (*value, *votes));
        let mut glyph =
            Glyph { picture, members, votes: votes.collect(), shown: Vec::new(), is_parted: false, ..mixed.clone() };
        glyph.label = elected(&glyph.votes);
        finish(&mut glyph);
        glyph
    }

    /// Whether others stand for the glyph's members.
    pub fn is_parted(&self, glyph: u16) -> bool {
        self.known.get(usize::from(glyph)).is_some_and(|glyph| glyph.is_parted)
    }
}

/// The characters as which enough members were seen, if their pictures tell them
/// apart: each member is compared with the mean of the others of each.
fn characters(shown: &[Shown]) -> Vec<char> {
    let mut values: Vec<char> = shown.iter().map(|(value, _)| *value).collect();
    values.sort_unstable();
    let count = |value: char| shown.iter().filter(|(other, _)| *other == value).count();
    values.dedup();
    values.retain(|value| count(*value) >= WANTED);
    let is_own = |(at, (value, picture)): (usize, &Shown)| {
        let like = |wanted: char| {
            let others = shown.iter().enumerate().filter(|(n, (other, _))| *n != at && *other == wanted);
            let mean = mean_of(others.map(|(_, (_, picture))| picture.as_slice()), picture.len());
            dot(&mean, picture) / dot(&mean, &mean).sqrt().max(1e-6)
        };
        let own = like(*value);
        values.iter().all(|other| other == value || like(*other) < own)
    };
    let own: Vec<bool> = shown.iter().enumerate().map(is_own).collect();
    values
        .iter()
        .copied()
        .filter(|value| {
            let members = || shown.iter().zip(&own).filter(|((other, _), _)| other == value);
            members().filter(|(_, own)| **own).count() as f32 >= BORNE_OUT * members().count() as f32
        })
        .collect()
}

fn mean_of<'p>(pictures: impl Iterator<Item = &'p [f32]>, length: usize) -> Vec<f32> {
    let mut sum = vec![0f32; length];
    let mut count = 0f32;
    for picture in pictures {
        sum.iter_mut().zip(picture).for_each(|(sum, ink)| *sum += ink);
        count += 1.0;
    }
    sum.iter_mut().for_each(|sum| *sum /= count.max(1.0));
    sum
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::read::cells::Shape;

    const SHAPE: Shape = Shape { width: 6, height: 12 };

    /// A stroke with a serif at the left of its head or on both sides, with noise.
    fn cell(is_one: bool, at: usize) -> Cell {
        let noise = |n: usize| ((n + 131 * at).wrapping_mul(2_654_435_761) >> 24 & 31) as f32;
        let serif = if is_one { 1..3 } else { 3..5 };
        let is_inked = |x: usize, y: usize| (2..4).contains(&x) && y > 1 || y == 2 && serif.contains(&x);
        let levels = (0..SHAPE.len()).map(|n| if is_inked(n % 6, n / 6) { 180.0 } else { 20.0 } + noise(n));
        let levels: Vec<f32> = levels.collect();
        let mean = levels.iter().sum::<f32>() / levels.len() as f32;
        let ink: Vec<f32> = levels.iter().map(|level| level - mean).collect();
        let norm = dot(&ink, &ink).sqrt();
        Cell { ink, norm, range: 190.0, edge: 0.5 }
    }

    /// One glyph that took in both, of which the network saw some as `said` says.
    fn glyphs(said: impl Fn(usize) -> char) -> Glyphs {
        let mut glyphs = Glyphs::new(SHAPE);
        let glyph = glyphs.begin(&cell(true, 0), None).unwrap();
        for at in 1..24 {
            let cell = cell(at % 2 == 0, at);
            glyphs.join(glyph, &cell);
            glyphs.vote(glyph, said(at), 0.8);
            glyphs.show(glyph, said(at), 0.8, &cell);
        }
        glyphs.part();
        glyphs
    }

    #[test]
    fn what_pictures_tell_apart_is_parted() {
        let glyphs = glyphs(|at| if at % 2 == 0 { '1' } else { 'i' });
        assert_eq!(glyphs.len(), 3);
        for at in 30..60 {
            let found = glyphs.nearest(&cell(at % 2 == 0, at)).unwrap();
            assert_eq!(glyphs.label(found.glyph).map(|label| label.0), Some(if at % 2 == 0 { '1' } else { 'i' }));
        }
    }

    /// The network sees one character now as this, now as that.
    #[test]
    fn what_no_picture_bears_out_stays_one() {
        assert_eq!(glyphs(|at| if at / 2 % 2 == 0 { '1' } else { 'l' }).len(), 1);
    }
}
