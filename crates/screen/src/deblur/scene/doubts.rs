//! Cells that a cover hides in part: what they may be, and what they are.
//!
//! What is below the cover decides, and each look shows other blocks of it: so all
//! looks decide at once, and what stands there is the same in all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::glyphs::Glyphs;
use super::super::linear::Matrix;
use super::super::view::{Response, View};
use super::{Scene, paint};

/// Pictures considered for a cell that is partly covered.
pub(super) const MAY_BE: usize = 12;

/// A picture that leaves so much more of what is visible than another, in
/// squares of the noise, is not what stands there.
const DOUBT: f32 = 60.0;

/// Squares against any character where a cell may as well be blank, in units of
/// the noise: what shows of a blank is what shows of a `_` whose stroke is covered.
const INKED: f32 = 16.0;

/// A picture that leaves more than so many times the noise does not fit, and the
/// brightness that others may have instead.
const UNFIT: f32 = 9.0;
const PALEST: f32 = 0.3;
const BRIGHTEST: f32 = 1.5;

/// One picture that a cell may hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    /// Which character in which style, the same in all looks; 0 is blank.
    glyph: usize,
    pub(super) picture: Vec<f32>,
    /// What it leaves of what is visible, in squares.
    squares: f32,
}

/// A cell that is partly covered, and what it may be.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    /// Column and line in the grid of the first look.
    pub(super) place: (i32, i32),
    pub(super) corner: (isize, isize),
    /// Best first by what is visible, and what other looks have added.
    pub(super) may_be: Vec<Choice>,
    /// Which of them is painted.
    pub(super) is: usize,
    /// Squares that every other picture leaves at least.
    pub(super) limit: f32,
}

impl Doubt {
    pub(super) fn new(corner: (isize, isize), place: (i32, i32), may_be: Vec<Choice>, floor: f32) -> Self {
        let limit = may_be.first().map_or(0.0, |best| best.squares) + DOUBT * floor.powi(2);
        Self { place, corner, may_be, is: 0, limit }
    }

    fn glyph(&self) -> usize {
        self.may_be[self.is].glyph
    }

    fn known(&self, glyph: usize) -> Option<usize> {
        self.may_be.iter().position(|choice| choice.glyph == glyph)
    }

    fn squares(&self, glyph: usize) -> f32 {
        self.known(glyph).map_or(self.limit, |at| self.may_be[at].squares)
    }
}

impl Glyphs {
    /// All pictures that explain the visible pixels of a cell nearly as well as
    /// the best of them, best first; at most so many. Where none fits, text of a
    /// brightness never learned is tried.
    pub(super) fn may_be(&self, visible: &[(usize, f32)], most: usize) -> Vec<Choice> {
        let noise = self.floor.powi(2);
        let plain = self.fits(visible, most, &|_| 1.0);
        let fitting = UNFIT * noise * visible.len() as f32;
        if plain.first().is_some_and(|best| best.squares <= fitting) {
            return plain;
        }
        let scale = |picture: &[f32]| {
            let (both, own) = visible
                .iter()
                .fold((0.0, 0.0), |(both, own), (at, level)| (both + level * picture[*at], own + picture[*at].powi(2)));
            if own > 0.0 { (both / own).clamp(PALEST, BRIGHTEST) } else { 1.0 }
        };
        let scaled = self.fits(visible, most, &scale);
        let best = |choices: &[Choice]| choices.first().map(|best| best.squares);
        if best(&scaled) < best(&plain) { scaled } else { plain }
    }

    fn fits(&self, visible: &[(usize, f32)], most: usize, scale: &dyn Fn(&[f32]) -> f32) -> Vec<Choice> {
        let blank = vec![0.0; self.cell.0 * self.cell.1];
        let inked = self.inked().map(|picture| (picture, INKED * self.floor.powi(2)));
        let fit = |(picture, against): (&Vec<f32>, f32)| {
            let scale = scale(picture);
            let squares: f32 = visible.iter().map(|(at, level)| (level - scale * picture[*at]).powi(2)).sum();
            (squares + against, scale)
        };
        let pictures = std::iter::once((&blank, 0.0)).chain(inked).enumerate();
        let mut found: Vec<_> = pictures.map(|(glyph, picture)| (glyph, picture.0, fit(picture))).collect();
        found.sort_by(|left, right| left.2.0.total_cmp(&right.2.0));
        let limit = found.first().map_or(0.0, |best| best.2.0) + DOUBT * self.floor.powi(2);
        let found = found.into_iter().take(most).filter(|(.., (squares, _))| *squares <= limit);
        let choice = |(glyph, picture, (squares, scale)): (usize, &Vec<f32>, (f32, f32))| {
            let picture = picture.iter().map(|pixel| pixel * scale).collect();
            Choice { glyph, picture, squares }
        };
        found.map(choice).collect()
    }
}

/// By how much more one picture than another leaves of what a cover has left so far,
/// in squares.
fn more_left(response: &Response, (own, other): (usize, usize), rest: &Matrix) -> f32 {
    let by = |at: usize| response.of(own)[at] - response.of(other)[at];
    (0..response.area()).map(|at| by(at) * (2.0 * rest.values[place(response, rest, at)] + by(at))).sum()
}

/// Where a pixel of a response lies in the picture of the cover.
fn place(response: &Response, rest: &Matrix, at: usize) -> usize {
    (response.y + at / response.width) * rest.columns + response.x + at % response.width
}

/// Decides the cells that are hidden in part, all looks at once: by what is visible of
/// them, and by what lies below each look's cover, where it is known what that leaves
/// unexplained (`below`: views, rests, and what a square there weighs beside one that is
/// visible). Looks that disagree are brought together if all of them may hold one
/// character. Whether any changed.
pub(crate) fn decide(scenes: &mut [Scene], mut below: Option<(&[View], &mut [Matrix], f32)>) -> bool {
    let mut parts: BTreeMap<(i32, i32), Vec<(usize, usize)>> = BTreeMap::new();
    for (look, scene) in scenes.iter().enumerate() {
        for (at, doubt) in scene.doubts.iter().enumerate() {
            parts.entry(doubt.place).or_default().push((look, at));
        }
    }
    let mut changed = false;
    for parts in parts.into_values() {
        let doubts = || parts.iter().map(|(look, at)| (*look, &scenes[*look].doubts[*at]));
        let all = doubts().flat_map(|(_, doubt)| &doubt.may_be);
        let pictures: BTreeMap<usize, Vec<f32>> = all.map(|choice| (choice.glyph, choice.picture.clone())).collect();
        let (glyphs, pictures): (Vec<usize>, Vec<Vec<f32>>) = pictures.into_iter().unzip();
        if glyphs.len() < 2 {
            continue;
        }
        let mut more = vec![0.0; glyphs.len()];
        for (look, doubt) in doubts() {
            let own = glyphs.iter().position(|glyph| *glyph == doubt.glyph()).unwrap_or(0);
            let response = below.as_ref().map(|(views, ..)| views[look].respond_at(doubt.corner, &pictures));
            for (other, more) in more.iter_mut().enumerate() {
                *more += doubt.squares(glyphs[other]) - doubt.squares(glyphs[own]);
                if let (Some(response), Some((_, rests, weight))) = (&response, &below) {
                    *more += weight * more_left(response, (own, other), &rests[look]);
                }
            }
        }
        let disagree = doubts().map(|(_, doubt)| doubt.glyph()).collect::<BTreeSet<usize>>().len() > 1;
        let all_may = |glyph: usize| doubts().all(|(_, doubt)| doubt.known(glyph).is_some());
        let may_be = (0..glyphs.len()).filter(|at| more[*at] < 0.0 || disagree && all_may(glyphs[*at]));
        let Some(best) = may_be.min_by(|one, other| more[*one].total_cmp(&more[*other])) else { continue };
        for (look, at) in parts {
            let doubt = &scenes[look].doubts[at];
            if doubt.glyph() == glyphs[best] {
                continue;
            }
            let old = doubt.may_be[doubt.is].picture.clone();
            let new = doubt.known(glyphs[best]).map_or(&pictures[best], |known| &doubt.may_be[known].picture).clone();
            if let Some((views, rests, _)) = &mut below {
                let response = views[look].respond_at(doubt.corner, &[old.clone(), new.clone()]);
                for at in 0..response.area() {
                    let pixel = place(&response, &rests[look], at);
                    rests[look].values[pixel] += response.of(0)[at] - response.of(1)[at];
                }
            }
            scenes[look].repaint(at, glyphs[best], (old, new));
            changed = true;
        }
    }
    changed
}

impl Scene {
    /// Tells cells hidden in part by where they stand in the first look, from which
    /// those of this one stand so many columns and lines.
    pub(crate) fn standing(mut self, shift: (i32, i32)) -> Self {
        for doubt in &mut self.doubts {
            doubt.place = (doubt.place.0 - shift.0, doubt.place.1 - shift.1);
        }
        self
    }

    /// Paints another picture in a cell that is partly covered.
    fn repaint(&mut self, at: usize, glyph: usize, (old, new): (Vec<f32>, Vec<f32>)) {
        let doubt = &mut self.doubts[at];
        let difference: Vec<f32> = new.iter().zip(&old).map(|(new, old)| new - old).collect();
        paint(&mut self.known, &difference, self.cell, doubt.corner);
        doubt.is = doubt.known(glyph).unwrap_or(doubt.may_be.len());
        if doubt.is == doubt.may_be.len() {
            doubt.may_be.push(Choice { glyph, picture: new, squares: doubt.limit });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::operator::{Kernel, Operator};
    use super::*;
    use crate::Rect;

    /// A cell of one column and three lines, of which a cover of one pixel hides the first.
    fn look(glyphs: &Glyphs, visible: &[(usize, f32)], place: (i32, i32)) -> Scene {
        let may_be = glyphs.may_be(visible, MAY_BE);
        let mut known = Matrix::zeros(1, 1);
        paint(&mut known, &may_be[0].picture, (1, 3), (0, 0));
        let rect = Rect { x: 0, y: 0, width: 1, height: 1 };
        let doubts = vec![Doubt::new((0, 0), place, may_be, glyphs.floor)];
        let (seen, unknown, corners, visible) = (Matrix::zeros(1, 1), Vec::new(), Vec::new(), Vec::new());
        Scene { rect, seen, known, unknown, corners, visible, doubts, cell: (1, 3) }
    }

    fn rest(value: f32) -> Matrix {
        Matrix { rows: 1, columns: 1, values: vec![value] }
    }

    const N_OR_H: [(char, &[f32]); 2] = [('h', &[100.0, 0.0, 100.0]), ('n', &[0.0, 0.0, 100.0])];

    /// A cell of which only ground shows is blank first, and may be a `_` still.
    #[test]
    fn what_shows_nothing_is_blank_first() {
        let glyphs = Glyphs::of((1, 3), &[('_', &[0.0, 0.0, 100.0])]);
        let may_be = |visible: &[(usize, f32)]| {
            glyphs.may_be(visible, 2).into_iter().map(|choice| (choice.glyph, choice.squares)).collect::<Vec<_>>()
        };
        assert_eq!(may_be(&[(0, 0.0), (1, 0.5)]), [(0, 0.25), (1, 0.25 + INKED)]);
        assert_eq!(may_be(&[(0, 0.0), (2, 100.0)]), [(1, INKED)]);
    }

    /// What one look takes for an `n` and another for an `h` is what both together say.
    #[test]
    fn all_looks_decide_at_once() {
        let glyphs = Glyphs::of((1, 3), &N_OR_H);
        let below = |looks: usize| {
            let view = View::new(&Operator::new(Kernel::Blocks, 1.0), (1, 1), (1, 3));
            (vec![view; looks], vec![look(&glyphs, &[(1, 0.0), (2, 100.0)], (4, 1)); looks])
        };
        assert_eq!(below(1).1[0].known.values, [100.0], "the first of equals");
        let (views, mut scenes) = below(2);
        // Painted as `h`: one look is left with less than half of the stroke too much, one with all of it.
        let mut rests = [rest(-45.0), rest(-100.0)];
        assert!(decide(&mut scenes, Some((&views, &mut rests, 1.0))));
        assert!(scenes.iter().all(|scene| scene.known.values == [0.0]));
        assert_eq!(rests.map(|rest| rest.values[0]), [55.0, 0.0]);
        let (views, mut scenes) = below(1);
        assert!(!decide(&mut scenes, Some((&views, &mut [rest(-45.0)], 1.0))), "alone it stays");
    }

    /// Looks that can be brought together are, and those that show different things are not.
    #[test]
    fn looks_agree_where_they_can() {
        let glyphs = Glyphs::of((1, 3), &N_OR_H);
        let sure = look(&glyphs, &[(0, 0.0), (1, 0.0), (2, 100.0)], (4, 1));
        let unsure = look(&glyphs, &[(1, 0.0), (2, 100.0)], (4, 1));
        let mut scenes = [unsure.clone(), sure.clone()];
        assert!(decide(&mut scenes, None));
        assert!(scenes.iter().all(|scene| scene.known.values == [0.0]));
        // Another place, told by where it stands in the first look.
        let mut scenes = [unsure.clone().standing((0, -1)), sure.clone()];
        assert!(!decide(&mut scenes, None));
        let other = look(&glyphs, &[(0, 100.0), (1, 0.0), (2, 100.0)], (4, 1));
        let mut scenes = [other, sure];
        assert!(!decide(&mut scenes, None));
        assert_eq!([scenes[0].known.values[0], scenes[1].known.values[0]], [100.0, 0.0]);
    }
}
