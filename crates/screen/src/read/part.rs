//! A part of a row as the network gets it, and where in the row its answer goes.

use super::network::Glimpse;
use crate::Luma;

/// A part of a row as the network sees it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) first: usize,
    pub(super) last: usize,
    /// Left edge in the picture.
    pub(super) left: f32,
    pub(super) strip: Luma,
}

/// Pairs what the network read with the columns that have ink. Where both are
/// as many, in order; else by place, and trusted less.
pub(super) fn align(
    inked: &[usize],
    glimpses: &[Glimpse],
    column_of: impl Fn(&Glimpse) -> f32,
) -> Vec<(usize, Glimpse, f32)> {
    let off = |column: usize, glimpse: &Glimpse| (column_of(glimpse) - column as f32).abs();
    if inked.len() == glimpses.len() {
        let pairs = inked.iter().zip(glimpses);
        if pairs.clone().all(|(column, glimpse)| off(*column, glimpse) < 1.2) {
            return pairs.map(|(column, glimpse)| (*column, *glimpse, 1.0)).collect();
        }
    }
    let mut pairs: Vec<(usize, Glimpse, f32)> = Vec::new();
    for glimpse in glimpses {
        let nearest = inked.iter().min_by(|one, other| off(**one, glimpse).total_cmp(&off(**other, glimpse)));
        let Some(column) = nearest.copied().filter(|column| off(*column, glimpse) < 0.45) else { continue };
        if pairs.last().is_none_or(|(last, ..)| *last < column) {
            pairs.push((column, *glimpse, 0.5));
        }
    }
    pairs
}
