//! Linear models of covered looks, built once where they are the same: rounds of
//! a search and strings of a self-test differ only in what was observed.

use std::sync::{Arc, Mutex, PoisonError};

use super::linear::{Matrix, dot};
use super::operator::{Kernel, Operator};
use super::scene::Scene;
use super::search::Model;
use super::view::View;

/// Models kept at one time: on a lattice that is not whole each string has its
/// own, of some megabytes.
const MODELS: usize = 4;

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
    pub(crate) model: Model,
}

impl Built {
    fn new(views: Vec<View>, operator: &Operator, pictures: &[Vec<f32>], weights: (f32, Vec<f32>)) -> Option<Self> {
        let in_blocks = operator.kernel == Kernel::Blocks;
        let searched = if in_blocks { views.iter().map(View::reduced).collect() } else { views.clone() };
        let model = Model::new(searched, pictures, weights, in_blocks)?;
        Some(Self { views, in_blocks, model })
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

/// Size of a rectangle, corners of the unknown cells in it, and the cover.
type Shape = ((usize, usize), Vec<(isize, isize)>, Operator);

impl Models {
    /// The model of these scenes below these covers, built if it is not known;
    /// `weights` are the noise of a pixel and what speaks against pairs of letters.
    pub(crate) fn of(
        &self,
        scenes: &[Scene],
        operators: &[Operator],
        pictures: &[Vec<f32>],
        weights: (f32, Vec<f32>),
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
