//! Text that scrolled out from below a cover, told by the rows around it.
//!
//! What a cover hides whole is no row, so nothing is known of it until it is
//! seen clear. All rows of an area scroll together, though: how far the others
//! went says where that which lay below the cover has gone.

use std::collections::BTreeMap;

use super::Redaction;
use super::failure::{CHANGE_MS, on_line};
use crate::{Reading, Row, Stay};

/// Rows that go equally far, at least, for a scroll.
const TOGETHER: usize = 3;

/// For each row that goes elsewhere or stays, so many go together.
const FOR_EACH: usize = 3;

/// Moves seen within so long of each other are one, in milliseconds.
const AT_ONCE_MS: u64 = 100;

/// One move of the rows of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scroll {
    /// When, in milliseconds.
    at_ms: u64,
    /// How far up, in pixels; none where the rows do not agree.
    up: Option<i64>,
}

/// The scrolls of an area, by time.
pub(super) fn scrolls(reading: &Reading, grid: usize) -> Vec<Scroll> {
    let rows: Vec<&Row> = reading.rows.iter().filter(|row| row.grid == Some(grid)).collect();
    let mut moves: Vec<(u64, i64)> = rows.iter().flat_map(|row| row.stays.windows(2).filter_map(moved)).collect();
    moves.sort_unstable();
    let mut scrolls = Vec::new();
    let mut rest = &moves[..];
    while let Some((at_ms, _)) = rest.first().copied() {
        let (together, later) = rest.split_at(rest.partition_point(|(other, _)| *other <= at_ms + AT_ONCE_MS));
        let stands = |stay: &Stay| stay.first_ms + AT_ONCE_MS < at_ms && at_ms + CHANGE_MS < stay.last_ms;
        let stayed = rows.iter().filter(|row| row.stays.iter().any(stands)).count();
        // A prompt that comes again elsewhere is the same row, and no scroll.
        if stayed < together.len() {
            scrolls.push(Scroll { at_ms, up: agreed(together, stayed) });
        }
        rest = later;
    }
    scrolls
}

/// When a row went from one line to another at once, and how far up.
fn moved(two: &[Stay]) -> Option<(u64, i64)> {
    let up = i64::from(two[0].y) - i64::from(two[1].y);
    (up != 0 && two[1].first_ms <= two[0].last_ms + CHANGE_MS).then_some((two[1].first_ms, up))
}

/// How far nearly all of the rows went.
fn agreed(moves: &[(u64, i64)], stayed: usize) -> Option<i64> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    moves.iter().for_each(|(_, up)| *counts.entry(*up).or_default() += 1);
    let (up, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let others = moves.len() - count + stayed;
    (count >= TOGETHER && count >= FOR_EACH * others).then_some(up)
}

/// Whether a row that was not seen before came to where that which a cover hid
/// went with the first scroll after it came, which was at `since_ms`: with it, or
/// with one of the next.
pub(super) fn came_out(row: &Row, redaction: &Redaction, since_ms: u64, scrolls: &[Scroll]) -> bool {
    let Some(came) = row.stays.first().filter(|came| came.first_ms <= row.first_ms + AT_ONCE_MS) else { return false };
    let after = scrolls.partition_point(|scroll| scroll.at_ms <= since_ms + CHANGE_MS);
    let scrolls = &scrolls[after..];
    let stood = |at_ms: u64| redaction.first_ms + CHANGE_MS <= at_ms && at_ms <= redaction.last_ms + CHANGE_MS;
    if !scrolls.first().is_some_and(|first| stood(first.at_ms) && first.at_ms <= came.first_ms + AT_ONCE_MS) {
        return false;
    }
    let until = scrolls.partition_point(|scroll| scroll.at_ms <= came.first_ms + AT_ONCE_MS);
    let with_it = scrolls[..until].last().is_some_and(|last| came.first_ms <= last.at_ms + CHANGE_MS);
    let up: Option<i64> = scrolls[..until].iter().map(|scroll| scroll.up).sum();
    let stood_at = up.and_then(|up| u32::try_from(i64::from(came.y) + up).ok());
    with_it && up != Some(0) && stood_at.is_some_and(|y| on_line(&Stay { y, ..*came }, row, redaction))
}
