//! Rows that say less than another row of the same text.

use super::UNREAD;
use crate::{Char, Row};

/// A row that comes so soon after another has gone may be the same, in milliseconds.
const GOES_ON_MS: u64 = 500;

/// Takes out rows mostly covered whose clear characters all stand in another row,
/// in the same columns: they say nothing more, but where the text stood before or
/// after it was clear. Gives their number.
pub(super) fn leave_out(rows: &mut Vec<Row>) -> u64 {
    let clear = |row: &Row| row.chars.iter().filter(|char| char.value != UNREAD).count();
    let says_all = |other: &Row, row: &Row| {
        let mut letters = row.chars.iter().filter(|char| char.value != UNREAD);
        let stands = |char: &Char| {
            let at = other.chars.binary_search_by_key(&char.column, |other| other.column);
            at.is_ok_and(|at| other.chars[at].value == char.value)
        };
        other.grid == row.grid && letters.all(stands)
    };
    let is_poorer = |(at, row): (usize, &Row)| {
        let own = clear(row);
        let richer = |(n, other): (usize, &Row)| n != at && clear(other) > own && says_all(other, row);
        row.grid.is_some() && own * 2 < row.chars.len() && rows.iter().enumerate().any(richer)
    };
    let poorer: Vec<bool> = rows.iter().enumerate().map(is_poorer).collect();
    let goes_on = |one: &Row, other: &Row| {
        let mut pairs = one.stays.iter().flat_map(|stay| other.stays.iter().map(move |next| (stay, next)));
        pairs.any(|(stay, next)| next.first_ms.abs_diff(stay.last_ms) <= GOES_ON_MS)
    };
    for at in (0..rows.len()).filter(|at| poorer[*at]) {
        let (row, stays) = (&rows[at], rows[at].stays.clone());
        let mut others = (0..rows.len()).filter(|n| !poorer[*n] && clear(&rows[*n]) > clear(row));
        let same = |n: &usize| says_all(&rows[*n], row) && (goes_on(row, &rows[*n]) || goes_on(&rows[*n], row));
        if let Some(richer) = others.find(same) {
            rows[richer].stays.extend(stays);
            rows[richer].stays.sort();
        }
    }
    let mut left = poorer.iter();
    rows.retain(|_| !left.next().is_some_and(|poorer| *poorer));
    poorer.iter().filter(|poorer| **poorer).count() as u64
}
