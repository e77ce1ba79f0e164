//! The exact search, where a character touches none but the two on either side.
//!
//! Below blocks no wider than two cells the picture is a chain: what a string
//! leaves is a sum over single characters, neighbours, and those one further. So
//! the least that can follow any two characters is known from the end backwards
//! (Viterbi, second order), and strings extended by that knowledge from the front
//! are the best ones, exactly. A beam without it loses the right string there:
//! few blocks say little of any one character.

use super::linear::dot;
use super::search::{Fit, sort};
use super::view::Response;

/// Characters further apart must not touch.
pub(crate) const REACH: usize = 2;

/// What neighbours and those one further leave together, in squared levels.
pub(crate) struct Chain {
    letters: usize,
    /// By cell: for each letter there and each in the next cell.
    next: Vec<Vec<f32>>,
    /// By cell: for each letter there and each in the cell after that.
    second: Vec<Vec<f32>>,
}

/// A string so far, and what it leaves.
type Part = (f32, Vec<u8>);

impl Chain {
    /// From what each letter leaves in each cell, by view, and what speaks `against`
    /// each letter before each other one, if anything does.
    pub(crate) fn new(responses: &[Vec<Response>], letters: usize, against: &[f32]) -> Self {
        let cells = responses.first().map_or(0, Vec::len);
        let pairs = |ahead: usize| (0..cells).map(move |cell| products(responses, letters, cell, cell + ahead));
        let mut next: Vec<Vec<f32>> = pairs(1).collect();
        next.iter_mut().flat_map(|table| table.iter_mut().zip(against)).for_each(|(pair, against)| *pair += against);
        Self { letters, next, second: pairs(2).collect() }
    }

    /// The `keep` best strings, best first; `own` are the squares of each letter
    /// alone, by cell.
    pub(crate) fn solve(&self, own: &[f32], keep: usize) -> Vec<Fit> {
        let letters = self.letters;
        let cells = own.len() / letters;
        let back = self.back(own, cells);
        let mut parts: Vec<Part> = (0..letters).map(|at| (own[at], vec![at as u8])).collect();
        for cell in 1..cells {
            // The least that any string leaves that begins so, what is left so far, and where it comes from.
            let mut longer: Vec<(f32, f32, u32)> = Vec::with_capacity(parts.len() * letters);
            for (number, (cost, string)) in parts.iter().enumerate() {
                let last = usize::from(string[cell - 1]) * letters;
                let next = &self.next[cell - 1][last..last + letters];
                let second = cell
                    .checked_sub(2)
                    .map(|before| &self.second[before][usize::from(string[before]) * letters..][..letters]);
                for letter in 0..letters {
                    let second = second.map_or(0.0, |second| second[letter]);
                    let cost = cost + own[cell * letters + letter] + next[letter] + second;
                    let least = cost + back[cell - 1][last + letter];
                    longer.push((least, cost, (number * letters + letter) as u32));
                }
            }
            let order =
                |left: &(f32, f32, u32), right: &(f32, f32, u32)| left.0.total_cmp(&right.0).then(left.2.cmp(&right.2));
            if longer.len() > keep {
                longer.select_nth_unstable_by(keep - 1, order);
                longer.truncate(keep);
            }
            longer.sort_unstable_by(order);
            let extended = |(_, cost, at): (f32, f32, u32)| {
                let mut string = parts[at as usize / letters].1.clone();
                string.push((at as usize % letters) as u8);
                (cost, string)
            };
            parts = longer.into_iter().map(extended).collect();
        }
        let mut fits = parts.into_iter().map(|(energy, letters)| Fit { letters, energy }).collect();
        sort(&mut fits);
        fits.truncate(keep);
        fits
    }

    /// By cell, the least that can follow the letters there and in the next.
    fn back(&self, own: &[f32], cells: usize) -> Vec<Vec<f32>> {
        let letters = self.letters;
        let mut back = vec![vec![0.0f32; letters * letters]; cells.saturating_sub(1)];
        for cell in (0..cells.saturating_sub(2)).rev() {
            let (before, after) = back.split_at_mut(cell + 1);
            for middle in 0..letters {
                let (own, next) = (&own[(cell + 2) * letters..], &self.next[cell + 1][middle * letters..]);
                let after = &after[0][middle * letters..];
                let rest: Vec<f32> = (0..letters).map(|last| after[last] + own[last] + next[last]).collect();
                for first in 0..letters {
                    let second = &self.second[cell][first * letters..(first + 1) * letters];
                    before[cell][first * letters + middle] = least(second, &rest);
                }
            }
        }
        back
    }
}

/// Twice the inner products of what letters leave in two cells.
fn products(responses: &[Vec<Response>], letters: usize, cell: usize, other: usize) -> Vec<f32> {
    let mut products = vec![0.0; letters * letters];
    for view in responses.iter().filter(|view| other < view.len()) {
        let Some((columns, rows)) = view[cell].overlap(&view[other]) else { continue };
        let area = columns.len() * rows.len();
        let (lefts, rights) = (view[cell].cut(letters, &columns, &rows), view[other].cut(letters, &columns, &rows));
        for (left, to) in lefts.chunks_exact(area).zip(products.chunks_exact_mut(letters)) {
            to.iter_mut().zip(rights.chunks_exact(area)).for_each(|(to, right)| *to += 2.0 * dot(left, right));
        }
    }
    products
}

/// The least sum of two values at one place, in eight lanes so that it is
/// vectorised.
fn least(left: &[f32], right: &[f32]) -> f32 {
    let mut lanes = [f32::MAX; 8];
    let (lefts, rights) = (left.chunks_exact(8), right.chunks_exact(8));
    let rest = lefts.remainder().iter().zip(rights.remainder()).map(|(left, right)| left + right);
    let rest = rest.fold(f32::MAX, f32::min);
    for (left, right) in lefts.zip(rights) {
        for lane in 0..8 {
            lanes[lane] = lanes[lane].min(left[lane] + right[lane]);
        }
    }
    lanes.into_iter().fold(rest, f32::min)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All strings of three letters over so many cells, and what they leave.
    fn all(chain: &Chain, own: &[f32], cells: usize) -> Vec<Fit> {
        let string = |number: usize| (0..cells).map(|cell| (number / 3usize.pow(cell as u32) % 3) as u8).collect();
        let energy = |letters: &Vec<u8>| {
            let at = |cell: usize| usize::from(letters[cell]);
            let alone: f32 = (0..cells).map(|cell| own[cell * 3 + at(cell)]).sum();
            let next: f32 = (1..cells).map(|cell| chain.next[cell - 1][at(cell - 1) * 3 + at(cell)]).sum();
            let second: f32 = (2..cells).map(|cell| chain.second[cell - 2][at(cell - 2) * 3 + at(cell)]).sum();
            alone + next + second
        };
        let mut fits: Vec<Fit> = (0..3usize.pow(cells as u32))
            .map(string)
            .map(|letters: Vec<u8>| Fit { energy: energy(&letters), letters })
            .collect();
        sort(&mut fits);
        fits
    }

    /// What speaks against two letters in a row counts in every cell, in that order.
    #[test]
    fn pairs_that_are_rare_cost_more() {
        let response = Response { x: 0, y: 0, width: 1, height: 1, values: vec![0.0; 2] };
        let chain = Chain::new(&[vec![response; 3]], 2, &[0.0, 5.0, 1.0, 5.0]);
        let best = chain.solve(&[1.5, 0.0, 1.0, 0.0, 1.0, 0.0], 8);
        assert_eq!((best[0].letters.as_slice(), best[0].energy), (&[1, 0, 0][..], 3.0));
    }

    proptest! {
        #[test]
        fn the_best_strings_are_found_in_order(cells in 1usize..6, values in prop::collection::vec(-9i16..9, 3 * 6 + 2 * 6 * 9)) {
            let values: Vec<f32> = values.into_iter().map(f32::from).collect();
            let (own, pairs) = values.split_at(18);
            let table = |at: usize| pairs[at * 9..(at + 1) * 9].to_vec();
            let chain = Chain { letters: 3, next: (0..6).map(table).collect(), second: (6..12).map(table).collect() };
            let own = &own[..3 * cells];
            let (found, expected) = (chain.solve(own, 12), all(&chain, own, cells));
            for (found, expected) in found.iter().zip(&expected) {
                prop_assert_eq!(found.energy, expected.energy);
            }
            prop_assert_eq!(found.len(), expected.len().min(12));
        }
    }
}
