//! Linear models of covered looks, built once where they are the same: rounds of
//! a search and strings of a self-test differ only in what was observed.

use std::sync::{Arc, Mutex, PoisonError};

use super::linear::{Matrix, dot};
use super::operator::{Kernel, Operator};
use super::scene::{Scene, Tone, decide};
use super::search::Model;
use super::view::View;

/// Models kept at one time: on a lattice that is not whole each string has its
/// own, of some megabytes.
const MODELS: usize = 4;

/// By how much the level of a whole block is wrong, in levels: what coding does
/// to it, and what the pictures of characters lack.
const BLOCK_NOISE: f32 = 0.5;

/// What is wrong with the picture of a cover.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Noise {
    /// Noise of a pixel below the cover that the search reckons with, in levels.
    pub(crate) below: f32,
    /// What a square of a visible pixel weighs beside one below the cover.
    visible: f32,
}

impl Noise {
    /// The noise below a cover beside clear text of noise `floor`. In a block all
    /// pixels are wrong by the same, so that it is as sure as one pixel and not as
    /// all of them; a search that thinks it surer loses the right string early. Of
    /// what is visible four squares are worth one, since coded noise is alike over
    /// some pixels.
    pub(crate) fn of(operator: &Operator, floor: f32) -> Self {
        let clear = floor.clamp(1.0, 2.0);
        match operator.kernel {
            Kernel::Blocks => {
                let below = clear.max(BLOCK_NOISE * operator.strength);
                Self { below, visible: (below / (2.0 * clear)).powi(2).max(1.0) }
            }
            _ => Self { below: clear, visible: 1.0 },
        }
    }

    /// What is worth one nat, in squared levels. Below a blur coded noise is alike over
    /// some pixels, so that four squares are worth one; each block is one value, wrong
    /// by .7 levels rather than the half that the search reckons with.
    pub(crate) fn nat(&self, operator: &Operator) -> f32 {
        let squares = if operator.kernel == Kernel::Blocks { 4.0 } else { 8.0 };
        squares * self.below.powi(2)
    }
}

/// Models built so far, by where the unknown cells lie below each look: those of
/// one alphabet below one cover.
#[derive(Default)]
pub(crate) struct Models {
    built: Mutex<Vec<(Vec<Shape>, Arc<Built>)>>,
}

/// The linear model of each look, and the search in them.
pub(crate) struct Built {
    pub(crate) views: Vec<View>,
    /// Whether the search sees each block as one value.
    in_blocks: bool,
    noise: Noise,
    pub(crate) model: Model,
}

impl Built {
    fn new(
        views: Vec<View>,
        operator: &Operator,
        pictures: &[Vec<f32>],
        (noise, pairs): (Noise, Vec<f32>),
    ) -> Option<Self> {
        let in_blocks = operator.kernel == Kernel::Blocks;
        let searched = if in_blocks { views.iter().map(View::reduced).collect() } else { views.clone() };
        let model = Model::new(searched, pictures, (noise.below, pairs), in_blocks)?;
        Some(Self { views, in_blocks, noise, model })
    }

    /// What is known below each cover, as covered.
    pub(crate) fn known(&self, scenes: &[Scene]) -> Vec<Matrix> {
        scenes.iter().zip(&self.views).map(|(scene, view)| view.cover(&scene.known)).collect()
    }

    /// Each look as covered with these pictures in the unknown cells.
    pub(crate) fn covered(&self, scenes: &[Scene], pictures: &[&[f32]]) -> Vec<Matrix> {
        scenes.iter().zip(&self.views).map(|(scene, view)| view.cover(&scene.uncovered(pictures))).collect()
    }

    /// Misfit of each glyph to what is visible of each unknown cell in all looks, in
    /// squares below the cover.
    pub(crate) fn unary(&self, scenes: &[Scene], pictures: &[Vec<f32>]) -> Vec<f32> {
        let all: Vec<Vec<f32>> = scenes.iter().map(|scene| scene.unary(pictures)).collect();
        let sum = |at: usize| self.noise.visible * all.iter().map(|unary| unary[at]).sum::<f32>();
        (0..all.first().map_or(0, Vec::len)).map(sum).collect()
    }

    /// Decides the cells that are hidden in part by what is visible of them and by
    /// what the text below leaves unexplained.
    pub(crate) fn decide(&self, scenes: &mut [Scene], rests: &mut [Matrix]) -> bool {
        decide(scenes, Some((&self.views, rests, self.noise.visible.recip())))
    }

    /// Leaves the edges of large blocks out of what was seen, where there are blocks.
    pub(crate) fn without_edges(&self, scenes: &mut [Scene]) {
        if self.in_blocks {
            scenes.iter_mut().zip(&self.views).for_each(|(scene, view)| scene.without_edges(view));
        }
    }

    /// What the model is to explain of the observed pixels, and the squares of
    /// the rest, which no string can.
    pub(crate) fn observed(&self, pixels: Vec<Matrix>) -> (Vec<Vec<f32>>, f32) {
        if !self.in_blocks {
            return (pixels.into_iter().map(|all| all.values).collect(), 0.0);
        }
        let squares = |values: &[f32]| dot(values, values);
        let all: f32 = pixels.iter().map(|pixels| squares(&pixels.values)).sum();
        let seen: Vec<Vec<f32>> =
            self.model.views.iter().zip(&pixels).map(|(view, all)| view.cover(all).values).collect();
        let rest = all - seen.iter().map(|seen| squares(seen)).sum::<f32>();
        (seen, rest.max(0.0))
    }
}

/// What each look leaves when `covered` is taken from it.
pub(crate) fn rests(scenes: &[Scene], covered: &[Matrix], tones: &[Tone]) -> Vec<Matrix> {
    let looks = scenes.iter().zip(covered).zip(tones);
    looks.map(|((scene, covered), tone)| scene.observed(covered, *tone)).collect()
}

/// Size of a rectangle, corners of the unknown cells in it, and the cover.
type Shape = ((usize, usize), Vec<(isize, isize)>, Operator);

impl Models {
    /// The model of these scenes below these covers, built if it is not known;
    /// `weights` are the noise and what speaks against pairs of letters.
    pub(crate) fn of(
        &self,
        scenes: &[Scene],
        operators: &[Operator],
        pictures: &[Vec<f32>],
        weights: (Noise, Vec<f32>),
    ) -> Option<Arc<Built>> {
        let shape = |(scene, operator): (&Scene, &Operator)| {
            let (size, corners) = scene.shape();
            (size, corners.to_vec(), *operator)
        };
        let shapes: Vec<Shape> = scenes.iter().zip(operators).map(shape).collect();
        let built = || self.built.lock().unwrap_or_else(PoisonError::into_inner);
        let known = built().iter().find(|(known, _)| *known == shapes).map(|(_, model)| Arc::clone(model));
        if known.is_some() {
            return known;
        }
        let views = scenes.iter().zip(operators).map(|(scene, operator)| scene.view(operator)).collect();
        let model = Arc::new(Built::new(views, operators.first()?, pictures, weights)?);
        let mut built = built();
        built.truncate(MODELS - 1);
        built.insert(0, (shapes, Arc::clone(&model)));
        Some(model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pixels of a block err as one, those of clear text by themselves: the larger the
    /// block, the more says one visible pixel beside one of its own.
    #[test]
    fn what_is_visible_weighs_more_beside_large_blocks() {
        let noise = |kernel, strength| {
            let noise = Noise::of(&Operator::new(kernel, strength), 1.5);
            (noise.below, noise.visible)
        };
        assert_eq!(noise(Kernel::Gaussian, 3.0), (1.5, 1.0));
        assert_eq!(noise(Kernel::Blocks, 4.0), (2.0, 1.0));
        assert_eq!(noise(Kernel::Blocks, 12.0), (6.0, 4.0));
    }
}
