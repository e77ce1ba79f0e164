//! Text that scrolled out from below a cover, told by the rows around it.
//!
//! What a cover hides whole is no row, so nothing is known of it until it is
//! seen clear. All rows of an area scroll together, though: how far the others
//! went says where that which lay below the cover has gone.

use std::collections::BTreeMap;

use super::Redaction;
use super::failure::{CHANGE_MS, on_line, same_columns};
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

/// Whether a scroll carried what lies below a redaction to where something had covered the
/// place since `since_ms`, and no cover came along with it or went on with what lay there:
/// it was not meant for that.
pub(super) fn carried_below(redaction: &Redaction, since_ms: u64, scrolls: &[Scroll], all: &[Redaction]) -> bool {
    let near = |at_ms: u64| at_ms.abs_diff(redaction.first_ms) <= CHANGE_MS;
    let Some(scroll) = scrolls.iter().find(|scroll| near(scroll.at_ms)) else { return false };
    let follows = |other: &Redaction| {
        let below = i64::from(other.rect.y) - i64::from(redaction.rect.y);
        let as_far = |up: i64| scroll.up.is_none_or(|own| (own - up).abs() * 3 <= i64::from(redaction.rect.height));
        let ended = other.first_ms < redaction.first_ms && other.last_ms + CHANGE_MS >= redaction.first_ms;
        let came = as_far(below) && ended;
        let went_on = as_far(-below) && near(other.first_ms);
        below != 0 && (came || went_on) && same_columns(other, redaction)
    };
    since_ms + CHANGE_MS < redaction.first_ms && !all.iter().any(follows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redaction::Cover;
    use crate::{Columns, Grid, Luma, Reader, Rect};

    const LINE: u32 = 18;

    /// A row that stood at these lines of the screen, each since a time, until the last time.
    fn row(stays: &[(u32, u64)], until_ms: u64) -> Row {
        let ends = stays.iter().skip(1).map(|(_, since_ms)| since_ms - 40).chain([until_ms]);
        let stay = |((line, first_ms), last_ms): (&(u32, u64), u64)| Stay {
            first_ms: *first_ms,
            last_ms,
            y: line * LINE,
            clear: Columns::default(),
        };
        let stays: Vec<Stay> = stays.iter().zip(ends).map(stay).collect();
        Row {
            text: "sample".to_owned(),
            chars: Vec::new(),
            place: Rect { x: 0, y: stays[0].y, width: 80, height: LINE },
            taken_ms: stays[0].first_ms,
            first_ms: stays[0].first_ms,
            last_ms: until_ms,
            frames: 10,
            stays,
            grid: Some(0),
            partial: false,
            reader: Reader::Glyphs,
            pixels: Luma::default(),
        }
    }

    /// Rows of a screen that scrolls by a line at one second and by two at two.
    fn screen(others: &[Row]) -> Reading {
        let scrolled = |line: u32| row(&[(line, 0), (line - 1, 1000), (line - 3, 2000)], 4000);
        let area = Rect { x: 0, y: 0, width: 400, height: 400 };
        let grid = Grid { area, origin_x: 0.0, origin_y: 0.0, cell_width: 9.0, cell_height: 18.0, ground: 0 };
        let rows = [5, 6, 7, 9].map(scrolled).into_iter().chain(others.iter().cloned()).collect();
        Reading { grids: vec![grid], rows }
    }

    /// What covers line 8 from a time on.
    fn cover(first_ms: u64) -> Redaction {
        let rect = Rect { x: 9, y: 8 * LINE + 1, width: 60, height: LINE - 2 };
        let (looks, moved) = (Vec::new(), Vec::new());
        Redaction { cover: Cover::Blur, strength: 2.0, rect, first_ms, last_ms: 4000, grid: Some(0), looks, moved }
    }

    #[test]
    fn rows_that_move_together_are_a_scroll() {
        let found = scrolls(&screen(&[]), 0);
        assert_eq!(found, [Scroll { at_ms: 1000, up: Some(18) }, Scroll { at_ms: 2000, up: Some(36) }]);
        // A prompt that comes again further down is no scroll.
        let again = row(&[(2, 400), (5, 500)], 900);
        assert_eq!(scrolls(&screen(&[again]), 0).len(), 2);
        // With lines that stay, nobody can say what went where.
        let stays = row(&[(11, 0)], 4000);
        assert!(scrolls(&screen(&[stays.clone(), stays]), 0).iter().all(|scroll| scroll.up.is_none()));
    }

    #[test]
    fn what_a_cover_hid_comes_out_where_the_others_went() {
        let scrolls = scrolls(&screen(&[]), 0);
        let came =
            |stays: &[(u32, u64)], since_ms: u64| came_out(&row(stays, 4000), &cover(since_ms), since_ms, &scrolls);
        assert!(came(&[(7, 1000), (5, 2000)], 100));
        assert!(came(&[(5, 2000)], 100), "seen with the next scroll only");
        assert!(!came(&[(6, 1000)], 100), "from the line above");
        assert!(!came(&[(7, 1500)], 100), "nothing scrolled then");
        assert!(!came(&[(9, 100), (7, 1000)], 100), "seen before");
        assert!(!came(&[(7, 1000)], 900), "the cover came with the scroll");
    }
    #[test]
    fn what_scrolls_below_a_cover_that_stays_was_not_meant() {
        let scrolls = scrolls(&screen(&[]), 0);
        let at = |line: u32, first_ms: u64, last_ms: u64| {
            let cover = cover(first_ms);
            Redaction { rect: Rect { y: line * LINE + 1, ..cover.rect }, last_ms, ..cover }
        };
        let first = at(8, 100, 960);
        let carried = |others: &[Redaction], first_ms: u64| {
            let all: Vec<Redaction> =
                [first.clone(), cover(first_ms)].into_iter().chain(others.iter().cloned()).collect();
            carried_below(&all[1], 100, &scrolls, &all)
        };
        assert!(carried(&[], 1000));
        assert!(!carried(&[], 1500), "nothing scrolled then");
        assert!(!carried_below(&first, 100, &scrolls, &[]), "the first below it");
        assert!(!carried(&[at(9, 200, 1000)], 1000), "its own cover came along");
        assert!(!carried(&[at(7, 1000, 1960)], 1000), "the cover went on with what lay there");
        assert!(carried(&[at(7, 200, 4000), at(10, 200, 960)], 1000), "covers of other texts");
    }
}
