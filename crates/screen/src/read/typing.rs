//! States of typing that following a line cell by cell did not tell, as when its last
//! character was misread for a moment: rows that a longer row in their place begins with.

use std::collections::BTreeMap;

use crate::Row;

/// Milliseconds after which a longer text in the same place is another line.
const TYPING_MS: u64 = 2_000;

/// Pixels by which the corner of a row may move while it is typed.
const MOVES: u32 = 3;

/// Marks such rows as partial.
pub fn mark(rows: &mut [Row]) {
    let whole: Vec<usize> = (0..rows.len()).filter(|n| !rows[*n].partial).collect();
    let compared: Vec<Seen<'_>> = whole.iter().map(|n| Seen::of(&rows[*n])).collect();
    let unfinished = is_unfinished(&compared);
    for (n, unfinished) in whole.into_iter().zip(unfinished) {
        rows[n].partial = unfinished;
    }
}

/// A row as it is compared with others.
#[derive(Clone, Copy, Debug)]
struct Seen<'t> {
    /// Upper left corner of its box, in pixels.
    corner: (u32, u32),
    /// First and last time seen, in milliseconds.
    times: (u64, u64),
    /// What was read.
    text: &'t str,
}

impl<'t> Seen<'t> {
    fn of(row: &'t Row) -> Self {
        Self { corner: (row.place.x, row.place.y), times: (row.first_ms, row.last_ms), text: &row.text }
    }
}

/// For each row, whether a longer one that begins with it appears in its place while it stands or right after.
fn is_unfinished(rows: &[Seen<'_>]) -> Vec<bool> {
    let cell = |(x, y): (u32, u32)| (x / MOVES, y / MOVES);
    let mut by_cell: BTreeMap<(u32, u32), Vec<&Seen<'_>>> = BTreeMap::new();
    for row in rows {
        by_cell.entry(cell(row.corner)).or_default().push(row);
    }
    let is_begun = |row: &Seen<'_>| {
        let (x, y) = cell(row.corner);
        let around = (x.saturating_sub(1)..=x + 1).flat_map(|x| (y.saturating_sub(1)..=y + 1).map(move |y| (x, y)));
        around.filter_map(|cell| by_cell.get(&cell)).flatten().any(|next| goes_on(row, next))
    };
    rows.iter().map(is_begun).collect()
}

fn goes_on(row: &Seen<'_>, next: &Seen<'_>) -> bool {
    next.times.0 >= row.times.0
        && next.times.0 <= row.times.1.saturating_add(TYPING_MS)
        && next.text.len() > row.text.len()
        && next.text.starts_with(row.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(x: u32, y: u32, first: u64, last: u64, text: &str) -> Seen<'_> {
        Seen { corner: (x, y), times: (first, last), text }
    }

    #[test]
    fn only_the_finished_line_stays() {
        let rows = [
            seen(43, 47, 2_300, 2_340, "$ ls /home/vt"),
            seen(43, 48, 2_360, 2_700, "$ ls /home/vtr"),
            seen(43, 47, 2_720, 9_000, "$ ls /home/vtr/lists"),
            // The same words elsewhere, much later, or changed are lines of their own.
            seen(43, 90, 2_300, 2_340, "$ ls /home/vt"),
            seen(43, 47, 20_000, 21_000, "$ ls"),
            seen(43, 47, 25_000, 26_000, "$ ls -l"),
        ];
        assert_eq!(is_unfinished(&rows), [true, true, false, false, false, false]);
        assert!(is_unfinished(&[]).is_empty());
    }
}
