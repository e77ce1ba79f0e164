//! A text read below a cover, in the row that the cover lies in.
//!
//! A group of covers hides one text at many places: the row scrolls, or the text
//! stands in several rows. The row is sought at the place and time of the cover
//! by which the text was settled first, then of the others, longest first.

use std::collections::BTreeMap;

use super::recovery::{Candidate, Recovery};
use crate::read::UNREAD;
use crate::redaction::{Redaction, lasting, longest_look};
use crate::{Grid, Reading, Rect, Row};

/// A row with what was read below its cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Index into [`Reading::rows`].
    pub row: usize,
    /// The row, with the text where its cover lies.
    pub text: String,
    /// Byte of it at which the text begins.
    pub start: usize,
}

/// A cover of the group as the text lies below it.
struct Seat {
    rect: Rect,
    /// Column of the first character of the text.
    column: u32,
    line: f32,
    since_ms: u64,
    until_ms: u64,
}

/// The row below whose cover a text was read; `None` where no such row was read.
pub fn in_its_row(
    reading: &Reading,
    redactions: &[Redaction],
    recovery: &Recovery,
    best: &Candidate,
) -> Option<Placed> {
    let settled = redactions.get(recovery.settled_by)?;
    let number = settled.grid?;
    let grid = reading.grids.get(number)?;
    let mut group = recovery.redactions.clone();
    group.sort_by_key(|at| (*at != recovery.settled_by, std::cmp::Reverse(redactions.get(*at).map_or(0, lasting))));
    let covers = group.iter().filter_map(|at| redactions.get(*at));
    let mut seats = covers.filter_map(|own| seat(grid, settled, own, recovery, best));
    let rows = || reading.rows.iter().enumerate().filter(|(_, row)| row.grid == Some(number));
    seats.find_map(|seat| {
        let below = rows().filter(|(_, row)| {
            stood(row, seat.line, (seat.since_ms, seat.until_ms), grid) && leaves_room(row, &seat, best)
        });
        let (at, row) = below.max_by_key(|(at, row)| (row.frames, std::cmp::Reverse(*at)))?;
        let (text, start) = filled(row, &seat, grid, best)?;
        Some(Placed { row: at, text, start })
    })
}

/// Where the text lies below one cover of the group: as far from it as it lies
/// from the settled one, by whole cells.
fn seat(grid: &Grid, settled: &Redaction, own: &Redaction, recovery: &Recovery, best: &Candidate) -> Option<Seat> {
    let look = longest_look(&own.looks)?;
    let cells = |from: u32, to: u32, cell: f32| ((to as f32 - from as f32) / cell).round();
    let right = cells(settled.rect.x, own.rect.x, grid.cell_width);
    let down = cells(settled.rect.y, own.rect.y, grid.cell_height);
    let x = recovery.rect.x as f32 + right * grid.cell_width;
    let y = recovery.rect.y as f32 + down * grid.cell_height;
    let first = ((recovery.first_cell.0 - grid.origin_x) / grid.cell_width).round() + right + best.lead as f32;
    (x >= 0.0 && y >= 0.0 && first >= 0.0).then_some(Seat {
        rect: Rect { x: x as u32, y: y as u32, ..recovery.rect },
        column: first as u32,
        line: y + 0.5 * (recovery.rect.height as f32 - grid.cell_height),
        since_ms: look.since_ms,
        until_ms: look.at_ms,
    })
}

/// Whether a row stood at a line, given by its upper edge, in a span of time.
pub(super) fn stood(row: &Row, line: f32, (since_ms, until_ms): (u64, u64), grid: &Grid) -> bool {
    row.stays.iter().any(|stay| {
        let here = (stay.y as f32 - line).abs() < 0.5 * grid.cell_height;
        here && stay.first_ms <= until_ms && stay.last_ms >= since_ms
    })
}

/// Whether a row shows nothing clear below the cover but what was read there,
/// a misread character apart.
fn leaves_room(row: &Row, seat: &Seat, best: &Candidate) -> bool {
    let own: BTreeMap<u32, char> = (seat.column..).zip(best.text.chars()).collect();
    let other = row.chars.iter().filter(|char| char.value != UNREAD);
    other.filter(|char| own.get(&char.column).is_some_and(|value| *value != char.value)).count() <= 1
}

/// The clear characters of a row beside its cover, with the text in its place,
/// and the byte at which that begins.
fn filled(row: &Row, seat: &Seat, grid: &Grid, best: &Candidate) -> Option<(String, usize)> {
    let covered = |at: u32| {
        let middle = grid.origin_x + (at as f32 + 0.5) * grid.cell_width;
        (seat.rect.x as f32..(seat.rect.x + seat.rect.width) as f32).contains(&middle)
    };
    let clear = row.chars.iter().filter(|letter| !covered(letter.column));
    let mut letters: BTreeMap<u32, char> = clear.map(|letter| (letter.column, letter.value)).collect();
    letters.extend((seat.column..).zip(best.text.chars()));
    let (first, last) = (*letters.keys().next()?, *letters.keys().next_back()?);
    let text = (first..=last).map(|at| letters.get(&at).copied().unwrap_or(' ')).collect();
    let start = (first..seat.column).map(|at| letters.get(&at).map_or(1, |letter| letter.len_utf8())).sum();
    Some((text, start))
}
