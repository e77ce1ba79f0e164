//! A part of a row as the network gets it, and where in the row its answer goes.

use std::collections::BTreeMap;

use super::cells::Content;
use super::network::Glimpse;
use super::track::{EMPTY, Line, Seen};
use crate::Luma;

/// A part of a row as the network sees it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) first: usize,
    pub(super) last: usize,
    /// Left edge in the picture.
    pub(super) left: f32,
    pub(super) strip: Luma,
    /// What its cells hold, if it was just seen.
    pub(super) cells: Vec<Content>,
}

/// Runs of columns around those wanted, with words up to `reach` columns away as context.
pub(super) fn around(wanted: &[usize], line: &Line, reach: usize) -> Vec<(usize, usize)> {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for column in wanted.iter().copied() {
        let (first, last) = within(line, column, reach);
        match parts.last_mut() {
            Some(part) if first <= part.1 + 4 && last - part.0 <= 60 => part.1 = last,
            _ => parts.push((first, last)),
        }
    }
    parts
}

/// A column with the words beside it, up to `reach` columns away.
fn within(line: &Line, column: usize, reach: usize) -> (usize, usize) {
    let inked = |column: usize| line.get(column).is_some_and(|seen| seen.code != EMPTY);
    let mut first = column.saturating_sub(2);
    while first > 0 && column - first < reach && (inked(first - 1) || inked(first)) {
        first -= 1;
    }
    let mut last = (column + 3).min(line.len());
    while last < line.len() && last - column < reach && (inked(last) || inked(last - 1)) {
        last += 1;
    }
    (first, last)
}

/// Runs of columns with glyphs that lack readings, and up to `beside` columns on
/// either side. `awaited` counts by glyph the sights in what is asked at one time.
pub(super) fn doubtful(
    line: &Line,
    beside: usize,
    lacking: impl Fn(&Seen) -> u32,
    awaited: &mut BTreeMap<u16, u32>,
) -> Vec<(usize, usize)> {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for (column, seen) in line.iter().enumerate() {
        if lacking(seen) <= awaited.get(&seen.code).copied().unwrap_or(0) {
            continue;
        }
        let (mut first, last) = within(line, column, beside);
        let covered = parts.last().map_or(0, |part| part.1);
        match parts.last_mut() {
            Some(part) if first <= part.1 + 4 && last - part.0 <= 60 => {
                first = part.1;
                part.1 = last;
            }
            _ => parts.push((first, last)),
        }
        for seen in line.get(first.max(covered)..last).unwrap_or_default() {
            *awaited.entry(seen.code).or_default() += 1;
        }
    }
    parts
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
