//! Where a cover failed: it came late, ended early, lagged behind a scroll, or
//! the same text stands uncovered at a second place.
//!
//! These need no reading below the cover, and come before it.

use std::ops::Range;

use super::scrolled::{Scroll, came_out, carried_below, scrolls};
use super::{Redaction, shown};
use crate::cut::{ground, is_sharp};
use crate::read::UNREAD;
use crate::{Char, Reading, Rect, Row, Stay};

/// Shortest text that is looked for at other places.
const LETTERS: usize = 4;

/// Characters less sure than this may be the cover itself, misread.
const SURE: f32 = 0.7;

/// A cover that moves is looked for within this time of the text's, in
/// milliseconds.
const LAG_MS: u64 = 1500;

/// A cover that shares less time than this with a row passed over it, in
/// milliseconds; and with less than the second time, it was set ahead for the next row
/// if it stays longer without this one.
const PASSING_MS: u64 = 250;
const AHEAD_MS: u64 = 600;

/// What is lower than this share of a line hides nothing.
const TOO_LOW: f32 = 0.45;

/// What happens within so long of a change is part of it: a reader needs some
/// frames to see that a row is gone. In milliseconds.
pub(super) const CHANGE_MS: u64 = 250;

/// Rows that go or come together when a screen changes as a whole, at least.
const MOST: usize = 4;

/// How a cover failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailureKind {
    /// The text was clear before the cover came.
    Late,
    /// The text was clear after the cover had gone.
    Early,
    /// The text had moved and the cover had not.
    Lag,
    /// The same text stands clear elsewhere.
    SecondPlace,
}

/// One text that a cover should have hidden, and where it was seen clear.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// How.
    pub kind: FailureKind,
    /// The text, as read clear.
    pub text: String,
    /// Where it was seen clear.
    pub place: Rect,
    /// First time the clear row was seen, in milliseconds.
    pub first_ms: u64,
    /// Last time the clear row was seen, in milliseconds.
    pub last_ms: u64,
    /// Index of the row in the reading.
    pub row: usize,
    /// Index of the redaction.
    pub redaction: usize,
}

/// Compares what was read clear with what is covered. `known` names texts
/// that were recovered from below covers, by index of the redaction.
pub fn failures(reading: &Reading, redactions: &[Redaction], known: &[(usize, String)]) -> Vec<Failure> {
    let mut found = Vec::new();
    let scrolls: Vec<Vec<Scroll>> = (0..reading.grids.len()).map(|grid| scrolls(reading, grid)).collect();
    for (index, redaction) in redactions.iter().enumerate() {
        let mut texts = Vec::new();
        let scrolls = redaction.grid.and_then(|grid| scrolls.get(grid)).map_or(&[][..], Vec::as_slice);
        let place = Span {
            first_ms: stood_since(reading, redaction, redactions),
            last_ms: stands_until(redaction, redactions),
        };
        for (at, row) in reading.rows.iter().enumerate() {
            let Some((text, clear)) = text_below(reading, row, redaction, (place, scrolls, redactions)) else {
                continue;
            };
            let Some(kind) = uncovered_when(clear, row, redaction, redactions) else { continue };
            let place = place_of(reading, row, &text);
            found.push(Failure { kind, place, ..failure(at, row, &text, index) });
            texts.push(text);
        }
        // A character may look like blank ground through a cover.
        texts = texts.iter().filter(|text| !texts.iter().any(|other| says_less(text, other))).cloned().collect();
        found.retain(|failure: &Failure| failure.redaction != index || texts.contains(&failure.text));
        let passed = carried_below(redaction, place.first_ms, scrolls, redactions);
        let own = known.iter().filter(|(at, text)| *at == index && !passed && !stood_clear(reading, redaction, text));
        texts.extend(own.map(|(_, text)| text.clone()));
        texts.sort();
        texts.dedup();
        for text in texts {
            found.extend(elsewhere(reading, redactions, index, &text));
        }
    }
    found.sort_by(|left, right| {
        (left.redaction, left.row, left.kind, &left.text).cmp(&(right.redaction, right.row, right.kind, &right.text))
    });
    found.dedup_by(|left, right| (left.redaction, left.row, &left.text) == (right.redaction, right.row, &right.text));
    found
}

/// Whether a text is the beginning or end of another one, or that one with blanks
/// in the place of characters.
fn says_less(text: &str, other: &str) -> bool {
    let same = |(own, other): (char, char)| own == other || own == ' ';
    let has_gaps = text.chars().count() == other.chars().count() && text.chars().zip(other.chars()).all(same);
    text != other && (has_gaps || other.starts_with(text) || other.ends_with(text))
}

fn failure(at: usize, row: &Row, text: &str, redaction: usize) -> Failure {
    Failure {
        kind: FailureKind::SecondPlace,
        text: text.to_owned(),
        place: row.place,
        first_ms: row.first_ms,
        last_ms: row.last_ms,
        row: at,
        redaction,
    }
}

/// What the row says in the columns that the redaction covers, if the row stood
/// below it: whole words, the covered part of them at least; and the time
/// during which all of it was seen clear. `place` says how long something covers
/// the place of the redaction, `scrolls` are those of its area, and `all` are all covers.
fn text_below(
    reading: &Reading,
    row: &Row,
    redaction: &Redaction,
    (place, scrolls, all): (Span, &[Scroll], &[Redaction]),
) -> Option<(String, Span)> {
    row.grid.filter(|grid| Some(*grid) == redaction.grid)?;
    // What is told for a few frames may be coding.
    let lasts = place.last_ms >= place.first_ms + PASSING_MS;
    let columns = columns_below(reading, redaction)?;
    let below = was_meant(row, redaction, &columns, place.last_ms)
        || gave_way(reading, row, redaction, all)
        || is_covered_later(reading, row, redaction)
        || came_clear(reading, row, redaction, place.first_ms)
        || came_out(row, redaction, place.first_ms, scrolls);
    let grid = reading.grids.get(redaction.grid?)?;
    let too_low = (redaction.rect.height as f32) < TOO_LOW * grid.cell_height;
    if !lasts || too_low || !below || passed_below(row, redaction, place.first_ms) {
        return None;
    }
    let across = redaction.rect.x..redaction.rect.x + redaction.rect.width;
    let mut stays = row.stays.iter().filter(|stay| on_line(stay, row, redaction));
    if stays.any(|stay| shown::stands_clear(row, across.clone(), stay, redaction)) {
        return None;
    }
    let covered = |letter: &&Char| columns.contains(&(letter.column as f32 + 0.5));
    let below = row.chars.iter().filter(covered).count();
    let words = row.chars.chunk_by(|left, right| left.column + 1 == right.column);
    let touched = words.filter(|word| word.iter().any(|letter| covered(&letter)));
    let read = |word: &&[Char]| word.iter().all(|letter| letter.value.is_ascii_graphic() && letter.confidence >= SURE);
    let words: Vec<&[Char]> = touched.take_while(read).collect();
    let texts: Vec<String> = words.iter().map(|word| word.iter().map(|letter| letter.value).collect()).collect();
    let text = texts.join(" ");
    let below_words = || words.iter().copied().flatten().filter(covered);
    let first_ms = below_words().map(|letter| letter.first_ms).max()?;
    let last_ms = below_words().map(|letter| letter.last_ms).min()?;
    // A weak blur is read as if it were clear, and shows beside text that is.
    let looked_at = (first_ms..=last_ms).contains(&row.taken_ms);
    let ground = ground(row);
    let most_sharp = |letters: &mut dyn Iterator<Item = &Char>| {
        let sharp: Vec<bool> = letters.map(|letter| is_sharp(grid, (row, ground), letter)).collect();
        sharp.iter().filter(|sharp| **sharp).count() * 2 >= sharp.len()
    };
    let beside = |letter: &&Char| letter.value != UNREAD && !covered(letter);
    if looked_at && !most_sharp(&mut below_words()) && most_sharp(&mut row.chars.iter().filter(beside)) {
        return None;
    }
    let says_enough = text.chars().filter(|letter| *letter != ' ').count() >= LETTERS
        && below as f32 >= 0.6 * (columns.end - columns.start).floor();
    (says_enough && first_ms <= last_ms).then_some((text, Span { first_ms, last_ms }))
}

/// The columns of its grid that a cover hides, in cells; a character counts by its middle.
fn columns_below(reading: &Reading, redaction: &Redaction) -> Option<Range<f32>> {
    let grid = reading.grids.get(redaction.grid?)?;
    let column = |x: u32| (x as f32 - grid.origin_x) / grid.cell_width;
    Some(column(redaction.rect.x) + 0.4..column(redaction.rect.x + redaction.rect.width) - 0.4)
}

/// First and last time that a text was seen clear.
#[derive(Clone, Copy)]
struct Span {
    first_ms: u64,
    last_ms: u64,
}

/// Whether a cover lies on the line of a stay.
pub(super) fn on_line(stay: &Stay, row: &Row, redaction: &Redaction) -> bool {
    let middle = redaction.rect.y + redaction.rect.height / 2;
    (stay.y..stay.y + row.place.height).contains(&middle)
}

/// Whether the row stood below the cover, and not only while a screen that
/// scrolls carried it past: for half of the time of one of them. A cover that was
/// only set ahead of a scroll, for another row, was not meant for this one: then
/// something covers the place for longer after it, until `until_ms`.
fn was_meant(row: &Row, redaction: &Redaction, columns: &Range<f32>, until_ms: u64) -> bool {
    let hidden = |stay: &&Stay| on_line(stay, row, redaction) && !stood_clear_there(row, stay, columns);
    row.stays.iter().filter(hidden).any(|stay| {
        let together = stay.last_ms.min(redaction.last_ms).saturating_sub(stay.first_ms.max(redaction.first_ms));
        let shorter = (stay.last_ms - stay.first_ms).min(redaction.last_ms - redaction.first_ms);
        let ahead = together < AHEAD_MS && until_ms > stay.last_ms + together;
        together >= PASSING_MS && together * 2 >= shorter && !ahead
    })
}

/// Whether nearly all of a row's characters in some columns were clear when it was
/// last looked at during a stay: nothing covered it there to the end.
fn stood_clear_there(row: &Row, stay: &Stay, columns: &Range<f32>) -> bool {
    let below = || row.chars.iter().filter(|letter| columns.contains(&(letter.column as f32 + 0.5)));
    let clear = below().filter(|letter| stay.clear.holds(letter.column)).count();
    clear > 0 && clear * 5 >= below().count() * 4
}

pub(super) fn same_columns(other: &Redaction, redaction: &Redaction) -> bool {
    let left = other.rect.x.max(redaction.rect.x);
    let right = (other.rect.x + other.rect.width).min(redaction.rect.x + redaction.rect.width);
    other.grid == redaction.grid && right.saturating_sub(left) * 2 > redaction.rect.width
}

/// Whether a cover lay on the row at any line: covers that follow a scroll.
fn follows(row: &Row, other: &Redaction) -> bool {
    row.stays
        .iter()
        .any(|stay| on_line(stay, row, other) && stay.first_ms <= other.last_ms && other.first_ms <= stay.last_ms)
}

/// Whether the row went from its line when the cover came, or came when the
/// cover went, and nothing scrolled then and the screen did not change as a whole.
fn gave_way(reading: &Reading, row: &Row, redaction: &Redaction, all: &[Redaction]) -> bool {
    let on_line = || row.stays.iter().filter(|stay| on_line(stay, row, redaction));
    let went = on_line().any(|stay| stay.last_ms.abs_diff(redaction.first_ms) <= CHANGE_MS);
    let came = on_line().any(|stay| stay.first_ms.abs_diff(redaction.last_ms) <= CHANGE_MS);
    let alone = |at_ms: u64| !scrolled(reading, row.grid, at_ms) && !changed(reading, row.grid, at_ms, all);
    went && alone(redaction.first_ms) || came && alone(redaction.last_ms)
}

/// Whether most rows of an area that no cover lay on went or came at about a time.
fn changed(reading: &Reading, grid: Option<usize>, at_ms: u64, all: &[Redaction]) -> bool {
    let covers =
        || all.iter().filter(|cover| cover.first_ms <= at_ms + CHANGE_MS && at_ms <= cover.last_ms + CHANGE_MS);
    let open = |row: &Row, stay: &Stay| !covers().any(|cover| on_line(stay, row, cover));
    let rows = reading.rows.iter().filter(|row| row.grid == grid);
    let stays = rows.flat_map(|row| row.stays.iter().filter(move |stay| open(row, stay)));
    let near = stays.filter(|stay| stay.first_ms <= at_ms + CHANGE_MS && at_ms <= stay.last_ms + CHANGE_MS);
    let stood = |stay: &Stay| stay.first_ms + CHANGE_MS < at_ms && at_ms + CHANGE_MS < stay.last_ms;
    let (stood, others): (Vec<&Stay>, Vec<&Stay>) = near.partition(|stay| stood(stay));
    others.len() >= MOST && others.len() > stood.len()
}

/// Whether the row went from its line as one came that says the same but is
/// unread where the cover lies: the cover came with that one, though it may
/// have been told from the picture later.
fn is_covered_later(reading: &Reading, row: &Row, redaction: &Redaction) -> bool {
    let begins = |other: &Row, stay: &Stay| {
        let comes = |next: &&Stay| next.y == stay.y && next.first_ms.abs_diff(stay.last_ms) <= CHANGE_MS;
        other.stays.iter().filter(comes).any(|next| {
            let together = next.last_ms.min(redaction.last_ms).checked_sub(next.first_ms.max(redaction.first_ms));
            // A cover that the row leaves at once was set ahead of a scroll.
            together.is_some_and(|together| together >= PASSING_MS) && on_line(next, other, redaction)
        })
    };
    let Some(covered) = columns_below(reading, redaction) else { return false };
    let lost = || reading.rows.iter().filter(|other| other.grid == row.grid && is_poorer(other, row, &covered));
    row.stays.iter().any(|stay| on_line(stay, row, redaction) && lost().any(|other| begins(other, stay)))
}

/// Whether the row came at another line as one went from the cover's that says
/// the same but is unread where the cover lies: the text scrolled out from below.
/// A text that was seen before and came below a cover that stood there was not
/// meant by it.
fn came_clear(reading: &Reading, row: &Row, redaction: &Redaction, since_ms: u64) -> bool {
    let meant = |before: &&Stay| before.first_ms <= (since_ms + CHANGE_MS).max(row.first_ms);
    let at_once = |before: &Stay, stay: &Stay| before.last_ms.abs_diff(stay.first_ms) <= 2 * CHANGE_MS;
    // One that scrolled there from a line of its own did not come from below.
    let came = |stay: &Stay| row.stays.iter().any(|own| own.first_ms < stay.first_ms && at_once(own, stay));
    let goes = |other: &Row, stay: &Stay| {
        let left = other.stays.iter().filter(meant).filter(|before| on_line(before, other, redaction));
        left.into_iter().any(|before| before.y != stay.y && at_once(before, stay)) && !came(stay)
    };
    let Some(covered) = columns_below(reading, redaction) else { return false };
    let hidden = |other: &&Row| {
        let meant = was_meant(other, redaction, &covered, redaction.last_ms);
        other.grid == row.grid && meant && is_poorer(other, row, &covered)
    };
    let mut rows = reading.rows.iter().filter(hidden);
    rows.any(|other| row.stays.iter().any(|stay| goes(other, stay)))
}

/// Since when something has covered the place of a redaction: what passes
/// below a cover changes how it looks, so that it is told as several, and not
/// at all while nothing stands there.
fn stood_since(reading: &Reading, redaction: &Redaction, all: &[Redaction]) -> u64 {
    let earlier = all.iter().rev().filter(|other| same_place(other, redaction));
    let earlier = earlier.filter(|other| other.first_ms < redaction.first_ms);
    earlier.fold(redaction.first_ms, |first, other| {
        let goes_on = other.last_ms + LAG_MS >= first || !stands_between(reading, redaction, other.last_ms, first);
        if goes_on { other.first_ms.min(first) } else { first }
    })
}

/// Whether something was clear at the place of a redaction between two times.
fn stands_between(reading: &Reading, redaction: &Redaction, from_ms: u64, to_ms: u64) -> bool {
    let Some(covered) = columns_below(reading, redaction) else { return true };
    let between = |stay: &Stay| stay.first_ms + CHANGE_MS < to_ms && from_ms + CHANGE_MS < stay.last_ms;
    let clear = |letter: &Char| letter.value != UNREAD && covered.contains(&(letter.column as f32 + 0.5));
    // What only passed there is known from elsewhere, and may have been covered.
    let stood = |row: &Row| {
        let ends = row.stays.first().into_iter().chain(row.stays.last());
        ends.into_iter().any(|stay| on_line(stay, row, redaction) && between(stay))
    };
    let mut rows = reading.rows.iter().filter(|row| row.grid == redaction.grid);
    rows.any(|row| stood(row) && row.chars.iter().any(clear))
}

/// Until when something covers the place of a redaction.
fn stands_until(redaction: &Redaction, all: &[Redaction]) -> u64 {
    let later = all.iter().filter(|other| same_place(other, redaction) && other.first_ms >= redaction.first_ms);
    later.fold(
        redaction.last_ms,
        |last, other| {
            if other.first_ms <= last + CHANGE_MS { other.last_ms.max(last) } else { last }
        },
    )
}

fn same_place(other: &Redaction, redaction: &Redaction) -> bool {
    let smaller = super::track::area(other.rect).min(super::track::area(redaction.rect));
    super::track::common(other.rect, redaction.rect) > 0.6 * smaller
}

/// Whether the row only came below a cover that stood there already, from
/// another line as the screen scrolled: the cover was not meant for it.
fn passed_below(row: &Row, redaction: &Redaction, since_ms: u64) -> bool {
    let near = |stay: &Stay| stay.last_ms + LAG_MS >= since_ms && on_line(stay, row, redaction);
    let mut below = row.stays.iter().enumerate().filter(|(_, stay)| near(stay)).peekable();
    let came = |(at, stay): (usize, &Stay)| at > 0 && stay.first_ms > since_ms + CHANGE_MS;
    below.peek().is_some() && below.all(came)
}

/// Whether a text was seen clear where the cover lies, around its time: what the
/// cover is to it has been judged by that.
fn stood_clear(reading: &Reading, redaction: &Redaction, text: &str) -> bool {
    let near =
        |stay: &Stay| stay.first_ms <= redaction.last_ms + CHANGE_MS && redaction.first_ms <= stay.last_ms + CHANGE_MS;
    let rows = reading.rows.iter().filter(|row| row.grid == redaction.grid && row.text.contains(text));
    let mut rows = rows.filter(|row| row.stays.iter().any(|stay| near(stay) && on_line(stay, row, redaction)));
    rows.any(|row| {
        let place = place_of(reading, row, text);
        place.x < redaction.rect.x + redaction.rect.width && redaction.rect.x < place.x + place.width
    })
}

/// Whether one row says what another does, column by column, but for a cover's
/// columns, where it says little: letters are unread there, or so faint that
/// nothing seems to stand there.
fn is_poorer(poor: &Row, row: &Row, covered: &Range<f32>) -> bool {
    let below = |letter: &&Char| covered.contains(&(letter.column as f32 + 0.5));
    let is_read = |letter: &&Char| letter.value != UNREAD;
    let same = |letter: &&Char| {
        let at = row.chars.binary_search_by_key(&letter.column, |own| own.column);
        at.is_ok_and(|at| row.chars[at].value == letter.value)
    };
    let beside = || poor.chars.iter().filter(is_read).filter(|letter| !below(letter));
    let others = beside().filter(|letter| !same(letter)).count();
    // Other words behind the same prompt are another row.
    let sure = beside().filter(|letter| !same(letter) && letter.confidence >= SURE).count();
    let hides = row.chars.iter().filter(below).count();
    let shows = poor.chars.iter().filter(is_read).filter(below).count();
    // One in eight may be what a cursor or a cover beside it looks like.
    hides >= shows + LETTERS
        && shows * 2 <= hides
        && beside().count() >= LETTERS
        && others * 8 <= beside().count()
        && sure < 2
}

/// Whether a row of the area moved up at about a time. Prompts that come again
/// further down are the same row, too.
fn scrolled(reading: &Reading, grid: Option<usize>, at_ms: u64) -> bool {
    let of_area = reading.rows.iter().filter(|row| row.grid == grid);
    let mut moves = of_area.flat_map(|row| row.stays.windows(2)).filter(|two| two[1].y < two[0].y);
    moves.any(|two| two[1].first_ms.abs_diff(at_ms) <= 2 * CHANGE_MS)
}

/// Whether the text was to be seen before or after every cover of its columns,
/// or at another line while the cover stayed where it was.
fn uncovered_when(clear: Span, row: &Row, redaction: &Redaction, all: &[Redaction]) -> Option<FailureKind> {
    let (mut first, mut last) = (redaction.first_ms, redaction.last_ms);
    for other in all.iter().filter(|other| same_columns(other, redaction) && follows(row, other)) {
        if other.first_ms <= last + 200 && other.last_ms + 200 >= first {
            (first, last) = (first.min(other.first_ms), last.max(other.last_ms));
        }
    }
    let line_at = |at_ms: u64| row.stays.iter().find(|stay| (stay.first_ms..=stay.last_ms).contains(&at_ms));
    let amid = redaction.first_ms + 25 < clear.first_ms && clear.first_ms + CHANGE_MS < redaction.last_ms;
    if amid && line_at(clear.first_ms).is_some_and(|stay| on_line(stay, row, redaction)) {
        // It came clear at this very line while the region stood: nothing lies on it.
        return None;
    }
    let moved = |at_ms: u64| line_at(at_ms).is_some_and(|stay| !on_line(stay, row, redaction));
    if clear.first_ms + 25 < first {
        Some(FailureKind::Late)
    } else if moved(clear.last_ms) && clear.first_ms < redaction.last_ms + LAG_MS {
        Some(FailureKind::Lag)
    } else if clear.last_ms > last + 25 {
        Some(FailureKind::Early)
    } else {
        None
    }
}

/// The same text in rows at other places, as a word of its own.
fn elsewhere(reading: &Reading, redactions: &[Redaction], index: usize, text: &str) -> Vec<Failure> {
    let redaction = &redactions[index];
    let rows = reading.rows.iter().enumerate().filter(|(_, row)| !row.partial && row.text.contains(text));
    let seen = rows.filter_map(|(at, row)| {
        let place = place_of(reading, row, text);
        let moved = place.y.abs_diff(redaction.rect.y) > redaction.rect.height / 2;
        if covered(place, row, redactions) {
            return None;
        }
        let together = row.first_ms <= redaction.last_ms + LAG_MS && row.last_ms + LAG_MS >= redaction.first_ms;
        let same_columns = place.x.abs_diff(redaction.rect.x) <= 12;
        let kind = if moved && together && same_columns { FailureKind::Lag } else { FailureKind::SecondPlace };
        Some(Failure { kind, place, ..failure(at, row, text, index) })
    });
    seen.collect()
}

/// Whether the place was covered for as long as the row was seen.
fn covered(place: Rect, row: &Row, redactions: &[Redaction]) -> bool {
    redactions.iter().any(|other| {
        let area = (place.width * place.height).max(1) as f32;
        super::track::common(place, other.rect) > 0.5 * area
            && other.first_ms <= row.first_ms + 25
            && other.last_ms + 25 >= row.last_ms
    })
}

/// Where in the row a text stands.
fn place_of(reading: &Reading, row: &Row, text: &str) -> Rect {
    let Some(grid) = row.grid.and_then(|at| reading.grids.get(at)) else { return row.place };
    let Some(first) = row.chars.first() else { return row.place };
    let lead = row.text.chars().take_while(|letter| letter.is_whitespace()).count() as u32;
    let Some(start) = row.text.find(text) else { return row.place };
    let column = first.column + row.text[..start].chars().count() as u32 - lead.min(first.column);
    let x = (grid.origin_x + column as f32 * grid.cell_width).round() as u32;
    Rect { x, width: (text.chars().count() as f32 * grid.cell_width).round() as u32, ..row.place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_text_says_less_than_the_whole() {
        let whole = "/srv/batch_20/record.txt";
        for part in ["/srv/batch", "record.txt", "/srv/b tch_20/rec rd.txt"] {
            assert!(says_less(part, whole) && !says_less(whole, part), "{part}");
        }
        assert!(!says_less(whole, whole) && !says_less("/srv/batch_21/record.txt", whole));
    }
}
