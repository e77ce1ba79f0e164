//! The search for the string: K-best (sphere) decoding with the characters not
//! yet decided integrated out as Gaussians.
//!
//! Characters are decided from the last to the first. A plain beam fails here:
//! below a wide blur the first half of the right string looks no better than
//! thousands of others until its neighbours are known. With the undecided ones
//! integrated out, each partial string is judged by how well *some* text could
//! complete it.

use std::collections::{BTreeMap, BTreeSet};

use super::chain::{self, Chain};
use super::linear::{Banded, add_scaled, dot, eigen};
use super::view::{Response, View};

/// Strings are sorted out when there are so many times as many as are kept.
const AT_ONCE: usize = 4;

/// Dimensions kept of the space of glyphs.
const DIMENSIONS: usize = 30;

/// One string and how badly it fits: the squared difference to what was seen,
/// in squared levels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fit {
    pub(crate) letters: Vec<u8>,
    pub(crate) energy: f32,
}

/// The space that the glyphs span below the cover.
struct Space {
    dimensions: usize,
    /// Coordinates of each letter.
    letters: Vec<f32>,
    /// Precision of each coordinate over the alphabet.
    precision: Vec<f64>,
    /// The mean glyph and then the basis, as images of a cell.
    images: Vec<Vec<f32>>,
}

/// Everything that does not change with what was observed.
pub(crate) struct Model {
    pub(crate) views: Vec<View>,
    letters: usize,
    cells: usize,
    noise: f32,
    /// By view, then cell.
    responses: Vec<Vec<Response>>,
    /// Squared length of each letter's response, by view, cell and letter.
    lengths: Vec<Vec<Vec<f32>>>,
    /// What speaks against each letter before each other one, in squared levels;
    /// empty if nothing does.
    pairs: Vec<f32>,
    search: Search,
}

/// How strings are sought.
enum Search {
    /// All at once, where characters touch few others.
    Chain(Chain),
    /// With the characters not yet decided as Gaussians.
    Beam(Beam),
}

struct Beam {
    bases: Vec<Vec<Response>>,
    space: Space,
    factor: Banded,
    reach: usize,
    /// By cell: for each cell ahead, itself first, and each letter there, its pull on
    /// the coordinates of the cell.
    pulls: Vec<Vec<Vec<f32>>>,
    /// By cell: the pulls of its own letters, by coordinate.
    across: Vec<Vec<f32>>,
}

impl Beam {
    fn new(bases: Vec<Vec<Response>>, space: Space, factor: Banded, (cells, reach): (usize, usize)) -> Self {
        let ahead = |cell: usize| cell..(cell + reach + 1).min(cells);
        let pulls: Vec<Vec<Vec<f32>>> =
            (0..cells).map(|cell| ahead(cell).map(|other| pulls(&space, &factor, (cell, other))).collect()).collect();
        let size = space.dimensions;
        let across = |pulls: &Vec<Vec<f32>>| -> Vec<f32> {
            (0..size).flat_map(|at| pulls[0].iter().skip(at).step_by(size).copied()).collect()
        };
        let across = pulls.iter().map(across).collect();
        Self { bases, space, factor, reach, pulls, across }
    }
}

/// For each letter in the second of two cells, its pull on the coordinates of the first.
fn pulls(space: &Space, factor: &Banded, (cell, other): (usize, usize)) -> Vec<f32> {
    let size = space.dimensions;
    let mut block = vec![0.0f32; size * size];
    for to in 0..size {
        for from in 0..size {
            let (row, column) = (other * size + from, cell * size + to);
            block[from * size + to] = if row >= column { factor.get(row, column) as f32 } else { 0.0 };
        }
    }
    let mut pulls = vec![0.0; space.letters.len()];
    for (pull, letter) in pulls.chunks_exact_mut(size).zip(space.letters.chunks_exact(size)) {
        letter.iter().zip(block.chunks_exact(size)).for_each(|(at, row)| add_scaled(pull, row, *at));
    }
    pulls
}

impl Model {
    /// Prepares for `glyphs` (images of a cell) under the cover of each view,
    /// with white noise of `noise` levels and what speaks against `pairs` of letters
    /// that follow each other, if anything does; `in_blocks` if the covers are
    /// pixelations and the views reduced.
    pub(crate) fn new(
        views: Vec<View>,
        glyphs: &[Vec<f32>],
        (noise, pairs): (f32, Vec<f32>),
        in_blocks: bool,
    ) -> Option<Self> {
        let cells = views.first()?.cells.len();
        if cells == 0 || glyphs.len() < 2 {
            return None;
        }
        let all = |images: &[Vec<f32>]| -> Vec<Vec<Response>> {
            views.iter().map(|view| (0..cells).map(|cell| view.respond(cell, images)).collect()).collect()
        };
        let responses = all(glyphs);
        let letters = glyphs.len();
        let length = |response: &Response| (0..letters).map(|at| dot(response.of(at), response.of(at))).collect();
        let lengths = responses.iter().map(|view| view.iter().map(length).collect()).collect();
        let search = if in_blocks && reach(&responses, cells) <= chain::REACH {
            Search::Chain(Chain::new(&responses, letters, &pairs))
        } else {
            let space = Space::new(&responses, glyphs, noise);
            let bases = all(&space.images);
            let reach = reach(&bases, cells);
            let factor = gram(&bases, &space, (cells, reach), noise)?;
            Search::Beam(Beam::new(bases, space, factor, (cells, reach)))
        };
        Some(Self { views, letters, cells, noise, responses, lengths, pairs, search })
    }
}

/// Inner products of the bases of all cells, factored.
fn gram(bases: &[Vec<Response>], space: &Space, (cells, reach): (usize, usize), noise: f32) -> Option<Banded> {
    let size = space.dimensions;
    let scale = 1.0 / f64::from(noise * noise);
    let mut gram = Banded::zeros(cells * size, (reach + 1) * size - 1);
    for bases in bases {
        for first in 0..cells {
            for second in first..(first + reach + 1).min(cells) {
                add_products(&mut gram, &bases[first], &bases[second], (first, second), size, scale);
            }
        }
    }
    for cell in 0..cells {
        for (at, precision) in space.precision.iter().enumerate() {
            gram.add(cell * size + at, cell * size + at, *precision);
        }
    }
    gram.factor().then_some(gram)
}

/// A model with what was observed.
pub(crate) struct Decoder<'a> {
    model: &'a Model,
    /// Observed pixels of each view less the cover of ground and known characters.
    observed: &'a [Vec<f32>],
    /// Squared levels to add, by cell and letter: what clear parts of a cell say.
    unary: &'a [f32],
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(model: &'a Model, observed: &'a [Vec<f32>], unary: &'a [f32]) -> Self {
        Self { model, observed, unary }
    }

    /// The projection of what was observed on the bases, solved against the factor.
    fn target(&self, beam: &Beam) -> Vec<f64> {
        let model = self.model;
        let size = beam.space.dimensions;
        let scale = 1.0 / f64::from(model.noise * model.noise);
        let mut target = vec![0.0; model.cells * size];
        for ((view, bases), observed) in model.views.iter().zip(&beam.bases).zip(self.observed) {
            let mut rest = observed.clone();
            bases.iter().for_each(|basis| add_window(&mut rest, view.width, basis, 0, -1.0));
            for (cell, basis) in bases.iter().enumerate() {
                let window = window(&rest, view.width, basis);
                for at in 0..size {
                    target[cell * size + at] += scale * f64::from(dot(&window, basis.of(at + 1)));
                }
            }
        }
        beam.factor.solve_lower(&mut target);
        target
    }

    /// The `keep` best strings, best first, each fitted exactly.
    pub(crate) fn solve(&self, keep: usize) -> Vec<Fit> {
        let beam = match &self.model.search {
            Search::Chain(chain) => return self.along(chain, keep),
            Search::Beam(beam) => beam,
        };
        let rough = self.best_first(beam, keep);
        let mut fits: Vec<Fit> = rough.into_iter().take(keep.min(80)).map(|letters| self.fit(letters)).collect();
        sort(&mut fits);
        let starts: Vec<Fit> = fits.iter().take(4).cloned().collect();
        let mut swaps = Swaps::new();
        for start in starts {
            self.refine(start, (beam.reach, &mut swaps), &mut fits);
        }
        sort(&mut fits);
        fits.truncate(keep);
        fits
    }

    /// The best strings of a chain.
    fn along(&self, chain: &Chain, keep: usize) -> Vec<Fit> {
        let model = self.model;
        let mut own = self.unary.to_vec();
        for (at, (view, observed)) in model.views.iter().zip(self.observed).enumerate() {
            for cell in 0..model.cells {
                let response = &model.responses[at][cell];
                let window = window(observed, view.width, response);
                for letter in 0..model.letters {
                    let squares = model.lengths[at][cell][letter] - 2.0 * dot(&window, response.of(letter));
                    own[cell * model.letters + letter] += squares;
                }
            }
        }
        let all: f32 = self.observed.iter().map(|observed| dot(observed, observed)).sum();
        let mut fits = chain.solve(&own, keep);
        fits.iter_mut().for_each(|fit| fit.energy += all);
        fits
    }

    /// Strings by the judgement of the Gaussian model alone.
    fn best_first(&self, beam: &Beam, keep: usize) -> Vec<Vec<u8>> {
        let target = self.target(beam);
        let mut strings: Vec<(f32, Vec<u8>)> = vec![(0.0, vec![0; self.model.cells])];
        for cell in (0..self.model.cells).rev() {
            strings = self.extend(beam, &target, cell, &strings, keep);
        }
        strings.into_iter().map(|(_, letters)| letters).collect()
    }

    /// Puts every letter before every string and keeps the best.
    fn extend(
        &self,
        beam: &Beam,
        target: &[f64],
        cell: usize,
        strings: &[(f32, Vec<u8>)],
        keep: usize,
    ) -> Vec<(f32, Vec<u8>)> {
        let (size, count) = (beam.space.dimensions, self.model.letters);
        let later = &beam.pulls[cell];
        let fixed: Vec<f32> = (0..count).map(|letter| self.fixed(beam, cell, letter, &later[0])).collect();
        let aim: Vec<f32> = target[cell * size..(cell + 1) * size].iter().map(|value| *value as f32).collect();
        let noise = self.model.noise * self.model.noise;
        let order = |left: &(f32, u32), right: &(f32, u32)| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1));
        let best = |scored: &mut Vec<(f32, u32)>| {
            if scored.len() > keep {
                scored.select_nth_unstable_by(keep - 1, order);
                scored.truncate(keep);
            }
        };
        let mut scored: Vec<(f32, u32)> = Vec::with_capacity(AT_ONCE * keep + count);
        // What is no better than so many others need not be looked at.
        let mut worst = f32::INFINITY;
        let (mut base, mut values) = (vec![0.0; size], vec![0.0; count]);
        for (at, (score, letters)) in strings.iter().enumerate() {
            base.copy_from_slice(&aim);
            for (ahead, pulls) in later.iter().enumerate().skip(1) {
                let letter = usize::from(letters[cell + ahead]);
                add_scaled(&mut base, &pulls[letter * size..(letter + 1) * size], -1.0);
            }
            let all = score + dot(&base, &base);
            values.copy_from_slice(&fixed);
            let across = beam.across[cell].chunks_exact(count);
            base.iter().zip(across).for_each(|(own, pulls)| add_scaled(&mut values, pulls, -2.0 * own));
            if let Some(next) = letters.get(cell + 1).filter(|_| !self.model.pairs.is_empty()) {
                let pair = |letter: usize| self.against(letter, usize::from(*next)) / noise;
                values.iter_mut().enumerate().for_each(|(letter, value)| *value += pair(letter));
            }
            let better = values.iter().enumerate().map(|(letter, value)| (all + value, (at * count + letter) as u32));
            scored.extend(better.filter(|(value, _)| *value < worst));
            if scored.len() >= AT_ONCE * keep {
                best(&mut scored);
                worst = scored.iter().map(|(value, _)| *value).fold(f32::NEG_INFINITY, f32::max);
            }
        }
        best(&mut scored);
        scored.sort_unstable_by(order);
        let pick = |(score, place): (f32, u32)| {
            let mut letters = strings[place as usize / count].1.clone();
            letters[cell] = (place as usize % count) as u8;
            (score, letters)
        };
        scored.into_iter().map(pick).collect()
    }

    /// The part of a letter's score that no neighbour changes.
    fn fixed(&self, beam: &Beam, cell: usize, letter: usize, own: &[f32]) -> f32 {
        let size = beam.space.dimensions;
        let own = &own[letter * size..(letter + 1) * size];
        let place = &beam.space.letters[letter * size..(letter + 1) * size];
        let prior: f32 = place.iter().zip(&beam.space.precision).map(|(at, weight)| at * at * *weight as f32).sum();
        let unary = self.unary.get(cell * self.model.letters + letter).copied().unwrap_or(0.0);
        dot(own, own) - prior + unary / (self.model.noise * self.model.noise)
    }

    /// What speaks against one letter before another, in squared levels.
    fn against(&self, letter: usize, next: usize) -> f32 {
        self.model.pairs.get(letter * self.model.letters + next).copied().unwrap_or(0.0)
    }

    /// What the string leaves unexplained, by view.
    fn rests(&self, letters: &[u8]) -> Vec<Vec<f32>> {
        let rest = |((view, responses), observed): ((&View, &Vec<Response>), &Vec<f32>)| {
            let mut rest = observed.clone();
            for (response, letter) in responses.iter().zip(letters) {
                add_window(&mut rest, view.width, response, usize::from(*letter), -1.0);
            }
            rest
        };
        self.model.views.iter().zip(&self.model.responses).zip(self.observed).map(rest).collect()
    }

    /// The energy of one string.
    pub(crate) fn fit(&self, letters: Vec<u8>) -> Fit {
        let seen: f32 = self.rests(&letters).iter().map(|rest| dot(rest, rest)).sum();
        let unary = letters.iter().enumerate().map(|(cell, letter)| {
            self.unary.get(cell * self.model.letters + usize::from(*letter)).copied().unwrap_or(0.0)
        });
        let pairs = letters.windows(2).map(|two| self.against(two[0].into(), two[1].into()));
        let energy = seen + unary.sum::<f32>() + pairs.sum::<f32>();
        Fit { letters, energy }
    }

    /// Changes single letters for the better until none is left, and adds the
    /// result and its neighbours (each with one letter changed) to `fits`.
    fn refine(&self, start: Fit, (reach, swaps): (usize, &mut Swaps), fits: &mut Vec<Fit>) {
        let mut best = start;
        for _ in 0..4 {
            let mut changed = false;
            let mut rests = self.rests(&best.letters);
            for cell in 0..self.model.cells {
                let (letter, gain) = least(self.swapped(&rests, &best.letters, (cell, reach), swaps));
                if letter != usize::from(best.letters[cell]) && gain < -1e-3 {
                    best.letters[cell] = letter as u8;
                    best = self.fit(best.letters);
                    rests = self.rests(&best.letters);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let rests = self.rests(&best.letters);
        for cell in 0..self.model.cells {
            let swapped = self.swapped(&rests, &best.letters, (cell, reach), swaps);
            let mut gains: Vec<(f32, usize)> = swapped.iter().copied().zip(0..).collect();
            gains.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
            for (gain, letter) in gains.into_iter().take(4) {
                let mut letters = best.letters.clone();
                letters[cell] = letter as u8;
                fits.push(Fit { letters, energy: best.energy + gain });
            }
        }
        fits.push(best);
    }

    /// What each letter in a cell adds to the energy of a string: the same for all strings
    /// that are alike as far as characters touch, so that it is measured once.
    fn swapped<'s>(
        &self,
        rests: &[Vec<f32>],
        letters: &[u8],
        (cell, reach): (usize, usize),
        swaps: &'s mut Swaps,
    ) -> &'s [f32] {
        let near = cell.saturating_sub(reach.max(1))..(cell + reach.max(1) + 1).min(letters.len());
        swaps.entry((cell, letters[near].to_vec())).or_insert_with(|| self.swaps(rests, letters, cell))
    }

    /// What each letter in a cell adds to the energy, all others as they are.
    fn swaps(&self, rests: &[Vec<f32>], letters: &[u8], cell: usize) -> Vec<f32> {
        let current = usize::from(letters[cell]);
        let unary = |letter: usize| self.unary.get(cell * self.model.letters + letter).copied().unwrap_or(0.0);
        let neighbour = |at: Option<usize>| at.and_then(|at| letters.get(at)).map(|letter| usize::from(*letter));
        let (before, after) = (neighbour(cell.checked_sub(1)), neighbour(cell.checked_add(1)));
        let own = |letter: usize| {
            let pairs =
                [before.map(|before| self.against(before, letter)), after.map(|after| self.against(letter, after))];
            unary(letter) + pairs.into_iter().flatten().sum::<f32>()
        };
        let mut gains: Vec<f32> = (0..self.model.letters).map(|letter| own(letter) - own(current)).collect();
        let model = self.model;
        for (at, (view, rest)) in model.views.iter().zip(rests).enumerate() {
            let (response, lengths) = (&model.responses[at][cell], &model.lengths[at][cell]);
            let mut window = window(rest, view.width, response);
            let before = dot(&window, &window);
            add_scaled(&mut window, response.of(current), 1.0);
            let alone = dot(&window, &window);
            for (letter, gain) in gains.iter_mut().enumerate() {
                *gain += alone - 2.0 * dot(&window, response.of(letter)) + lengths[letter] - before;
            }
        }
        gains
    }
}

/// What letters add to the energy, by cell and the letters in and around it.
type Swaps = BTreeMap<(usize, Vec<u8>), Vec<f32>>;

fn least(energies: &[f32]) -> (usize, f32) {
    let least = energies.iter().copied().enumerate().min_by(|left, right| left.1.total_cmp(&right.1));
    least.unwrap_or((0, 0.0))
}

/// Best first, each string once.
pub(crate) fn sort(fits: &mut Vec<Fit>) {
    fits.sort_by(|left, right| left.energy.total_cmp(&right.energy).then_with(|| left.letters.cmp(&right.letters)));
    let mut seen = BTreeSet::new();
    fits.retain(|fit| seen.insert(fit.letters.clone()));
}

fn window(picture: &[f32], width: usize, response: &Response) -> Vec<f32> {
    let rows = response.y..response.y + response.height;
    rows.flat_map(|row| picture[row * width + response.x..][..response.width].iter().copied()).collect()
}

fn add_window(picture: &mut [f32], width: usize, response: &Response, image: usize, factor: f32) {
    for (row, line) in response.of(image).chunks_exact(response.width.max(1)).enumerate() {
        let start = (response.y + row) * width + response.x;
        add_scaled(&mut picture[start..start + response.width], line, factor);
    }
}

/// How many cells further another cell still matters.
fn reach(bases: &[Vec<Response>], cells: usize) -> usize {
    let touches = |bases: &Vec<Response>, ahead: usize| {
        (0..cells - ahead).any(|cell| bases[cell].overlap(&bases[cell + ahead]).is_some())
    };
    (1..cells).rev().find(|ahead| bases.iter().any(|bases| touches(bases, *ahead))).unwrap_or(0)
}

fn add_products(
    gram: &mut Banded,
    first: &Response,
    second: &Response,
    cells: (usize, usize),
    size: usize,
    scale: f64,
) {
    let Some((columns, rows)) = first.overlap(second) else { return };
    let (lefts, rights) = (first.cut(size + 1, &columns, &rows), second.cut(size + 1, &columns, &rows));
    let area = columns.len() * rows.len();
    for right in 0..size {
        for left in 0..size {
            if cells.0 == cells.1 && left > right {
                break;
            }
            let (from, to) = (&lefts[(left + 1) * area..][..area], &rights[(right + 1) * area..][..area]);
            gram.add(cells.1 * size + right, cells.0 * size + left, scale * f64::from(dot(from, to)));
        }
    }
}

impl Space {
    /// Principal axes of the covered glyphs, by a pivoted Cholesky factor and
    /// then the eigenvectors of the little that is left.
    fn new(responses: &[Vec<Response>], glyphs: &[Vec<f32>], noise: f32) -> Self {
        let letters = glyphs.len();
        let products = centred_products(responses, letters);
        let (lower, pivots) = pivoted(products, letters, f64::from(0.02 * noise * noise));
        let rank = pivots.len();
        let covariance = (0..rank * rank).map(|at| {
            let (row, column) = (at / rank, at % rank);
            (0..letters).map(|letter| lower[letter * rank + row] * lower[letter * rank + column]).sum::<f64>()
        });
        let (values, axes) = eigen(covariance.collect(), rank);
        let floor = f64::from(0.06 * noise * noise);
        let dimensions = values.iter().take(DIMENSIONS).filter(|value| **value > floor).count().max(1).min(rank);
        let place = |letter: usize, axis: usize| {
            (0..rank).map(|at| lower[letter * rank + at] * axes[axis][at]).sum::<f64>() as f32
        };
        let coordinates = (0..letters * dimensions).map(|at| place(at / dimensions, at % dimensions)).collect();
        let precision = values.iter().take(dimensions).map(|value| letters as f64 / value).collect();
        let images = basis_images(glyphs, &lower, &pivots, &axes[..dimensions]);
        Self { dimensions, letters: coordinates, precision, images }
    }
}

/// Inner products of the centred glyphs below the cover, over a few cells.
fn centred_products(responses: &[Vec<Response>], letters: usize) -> Vec<f64> {
    let mut products = vec![0.0f64; letters * letters];
    let cells = responses[0].len();
    let mut chosen = vec![cells / 2];
    chosen.extend((cells > 4).then_some(cells / 4));
    let all = responses.iter().flat_map(|responses| chosen.iter().map(|cell| &responses[*cell]));
    for response in all.filter(|response| response.area() > 0) {
        let mut centred = response.values.clone();
        let mut mean = vec![0.0; response.area()];
        (0..letters).for_each(|letter| add_scaled(&mut mean, response.of(letter), 1.0 / letters as f32));
        centred.chunks_exact_mut(response.area()).for_each(|glyph| add_scaled(glyph, &mean, -1.0));
        for row in 0..letters {
            for column in 0..=row {
                let (left, right) = (&centred[row * response.area()..], &centred[column * response.area()..]);
                let product = f64::from(dot(&left[..response.area()], &right[..response.area()]));
                products[row * letters + column] += product / chosen.len() as f64;
                products[column * letters + row] = products[row * letters + column];
            }
        }
    }
    products
}

/// A lower factor with its largest columns first, and which letters they were.
fn pivoted(mut products: Vec<f64>, letters: usize, floor: f64) -> (Vec<f64>, Vec<usize>) {
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let mut pivots = Vec::new();
    while pivots.len() < (DIMENSIONS + 10).min(letters) {
        let pivot = (0..letters).max_by(|left, right| {
            products[left * letters + left].total_cmp(&products[right * letters + right]).then(right.cmp(left))
        });
        let Some(pivot) = pivot else { break };
        let size = products[pivot * letters + pivot];
        if size <= floor.max(1e-9) && !pivots.is_empty() {
            break;
        }
        let root = size.max(1e-12).sqrt();
        let column: Vec<f64> = (0..letters).map(|letter| products[letter * letters + pivot] / root).collect();
        for row in 0..letters {
            for other in 0..letters {
                products[row * letters + other] -= column[row] * column[other];
            }
        }
        columns.push(column);
        pivots.push(pivot);
    }
    let rank = pivots.len();
    let lower = (0..letters * rank).map(|at| columns[at % rank][at / rank]).collect();
    (lower, pivots)
}

/// The mean glyph, then each axis, as images of a cell.
fn basis_images(glyphs: &[Vec<f32>], lower: &[f64], pivots: &[usize], axes: &[Vec<f64>]) -> Vec<Vec<f32>> {
    let rank = pivots.len();
    let mut mean = vec![0.0; glyphs[0].len()];
    glyphs.iter().for_each(|glyph| add_scaled(&mut mean, glyph, 1.0 / glyphs.len() as f32));
    let mut plain: Vec<Vec<f32>> = Vec::new();
    for at in 0..rank {
        let row = &lower[pivots[at] * rank..(pivots[at] + 1) * rank];
        let mut image = glyphs[pivots[at]].clone();
        add_scaled(&mut image, &mean, -1.0);
        (0..at).for_each(|before| add_scaled(&mut image, &plain[before], -row[before] as f32));
        image.iter_mut().for_each(|value| *value /= row[at] as f32);
        plain.push(image);
    }
    let turn = |axis: &Vec<f64>| {
        let mut image = vec![0.0; mean.len()];
        (0..rank).for_each(|at| add_scaled(&mut image, &plain[at], axis[at] as f32));
        image
    };
    std::iter::once(mean.clone()).chain(axes.iter().map(turn)).collect()
}
