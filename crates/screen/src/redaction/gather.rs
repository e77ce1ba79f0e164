//! Pieces of one pixelation, put together again.
//!
//! In pale text, or where blocks are large, many windows tell nothing, or pass
//! for a blur or for one level, so that a pixelation is found in pieces. Where
//! one of them is known for blocks, the whole line is gone through again: the
//! side that most of the change keeps to, and with that side the rectangle in
//! every look.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::blocks::SIDES;
use super::{Cover, GAP_MS, Look, Redaction, STEADY_MS, is_off_grid, mosaic, track};
use crate::{Grid, Reading, Rect};

/// Pieces further apart than so many blocks are covers of their own.
const APART: f32 = 2.0;

/// A piece of which this much lies in the whole is a part of it.
const PART: f32 = 0.6;

/// Puts pieces of pixelations together, line by line of text.
pub(super) fn gathered(found: Vec<Redaction>, reading: &Reading) -> Vec<Redaction> {
    let mut by_line: BTreeMap<(usize, i32), Vec<Redaction>> = BTreeMap::new();
    let mut kept = Vec::new();
    for piece in found {
        match piece.grid.and_then(|at| Some((at, line(reading.grids.get(at)?, piece.rect)))) {
            Some(place) => by_line.entry(place).or_default().push(piece),
            None => kept.push(piece),
        }
    }
    for ((grid, line), pieces) in by_line {
        let top = reading.grids[grid].origin_y + line as f32 * reading.grids[grid].cell_height;
        let rows = (top.max(0.0) as u32, (top + reading.grids[grid].cell_height).max(0.0) as u32);
        let wholes = hanging_together(pieces).into_iter().flat_map(|pieces| whole(pieces, &reading.grids[grid], rows));
        kept.extend(absorbed(wholes.collect()));
    }
    kept
}

/// The line of text that a rectangle lies in.
fn line(grid: &Grid, rect: Rect) -> i32 {
    ((rect.y as f32 + 0.5 * rect.height as f32 - grid.origin_y) / grid.cell_height).floor() as i32
}

/// Groups of pieces beside each other at one time, or one after the other at
/// one place; those without blocks each alone.
fn hanging_together(pieces: Vec<Redaction>) -> Vec<Vec<Redaction>> {
    let mut groups: Vec<Vec<Redaction>> = Vec::new();
    for piece in pieces {
        let (with, without): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| group.iter().any(|other| are_of_one(other, &piece)));
        groups = without;
        groups.push(with.into_iter().flatten().chain([piece]).collect());
    }
    groups
}

/// Whether two pieces may be of one pixelation.
fn are_of_one(one: &Redaction, other: &Redaction) -> bool {
    let side = |piece: &Redaction| if piece.cover == Cover::Blocks { piece.strength } else { 0.0 };
    let side = side(one).max(side(other));
    if side == 0.0 {
        return false;
    }
    let (left, right) = if one.rect.x <= other.rect.x { (one, other) } else { (other, one) };
    let gap = right.rect.x as f32 - (left.rect.x + left.rect.width) as f32;
    let until = one.last_ms.min(other.last_ms);
    let since = one.first_ms.max(other.first_ms);
    let at_one_time = since + STEADY_MS <= until;
    let most_common = -gap >= 0.5 * one.rect.width.min(other.rect.width) as f32;
    at_one_time && gap <= APART * side || since <= until + GAP_MS && most_common
}

/// The whole of a group, with the pieces that are no part of it; the pieces as
/// they are, where no regular grid holds it.
fn whole(pieces: Vec<Redaction>, grid: &Grid, rows: (u32, u32)) -> Vec<Redaction> {
    if blocks(&pieces).next().is_none() {
        return pieces;
    }
    let looks = looks(&pieces, rows);
    let looks: Vec<(&Look, (u32, u32))> = looks.iter().map(|(look, columns)| (look, *columns)).collect();
    // Where blocks are large, all of a piece may be on the lines of a finer grid, too.
    let times = |side: u32| (1..=*SIDES.end() as u32 / side.max(1)).map(move |times| times * side);
    let sides: BTreeSet<u32> = blocks(&pieces).flat_map(|piece| times(piece.strength as u32)).collect();
    let Some(side) = mosaic::side(&looks, rows, &sides) else { return pieces };
    // What covers little of the pieces of its time is none: another cover may have stood there.
    let laid = looks.iter().filter_map(|(look, columns)| {
        let rect = mosaic::laid(look, grid, rows, side, *columns)?;
        (rect.width as f32 >= PART * (columns.1 - columns.0) as f32).then_some((*look, rect))
    });
    let mut laid: Vec<(&Look, Rect)> = laid.collect();
    laid.sort_by_key(|(look, _)| Reverse((look.lasted(), look.at_ms)));
    let Some((_, longest)) = laid.first().copied() else { return pieces };
    let is_part = |piece: &Redaction| {
        let fleets = !piece.looks.iter().any(Look::is_steady);
        let at_its_time = |look: &Look| look.since_ms < piece.last_ms && look.at_ms > piece.first_ms;
        let then = laid.iter().filter(|(look, _)| fleets || at_its_time(look));
        let all = then.map(|(_, rect)| track::common(piece.rect, track::grown(*rect, side, u32::MAX, u32::MAX)));
        all.fold(0.0, f32::max) >= PART * track::area(piece.rect)
    };
    let moved = laid.iter().filter(|(_, rect)| is_off_grid(*rect, longest, side as f32));
    let moved = moved.map(|(look, rect)| (look.at_ms, *rect)).collect();
    let mut looks: Vec<Look> = laid.iter().map(|(look, _)| (*look).clone()).collect();
    looks.sort_by_key(|look| look.at_ms);
    let (parts, mut kept): (Vec<&Redaction>, Vec<&Redaction>) = pieces.iter().partition(|piece| is_part(piece));
    let Some(first) = parts.iter().find(|piece| piece.cover == Cover::Blocks) else { return pieces };
    let whole = Redaction {
        strength: side as f32,
        rect: longest,
        first_ms: parts.iter().map(|piece| piece.first_ms).min().unwrap_or(first.first_ms),
        last_ms: parts.iter().map(|piece| piece.last_ms).max().unwrap_or(first.last_ms),
        looks,
        moved,
        ..(*first).clone()
    };
    kept.push(&whole);
    kept.into_iter().cloned().collect()
}

/// The pixelations of a line without those that lie in a wider one.
fn absorbed(all: Vec<Redaction>) -> Vec<Redaction> {
    let is_part = |one: &Redaction, whole: &Redaction| {
        let both = one.cover == Cover::Blocks && whole.cover == Cover::Blocks;
        let at_one_time = one.first_ms <= whole.last_ms && whole.first_ms <= one.last_ms;
        let narrower = track::area(one.rect) < track::area(whole.rect);
        both && at_one_time && narrower && track::common(one.rect, whole.rect) >= PART * track::area(one.rect)
    };
    let (parts, mut wholes): (Vec<Redaction>, Vec<Redaction>) =
        all.iter().cloned().partition(|one| all.iter().any(|other| is_part(one, other)));
    for part in parts {
        if let Some(whole) = wholes.iter_mut().find(|whole| is_part(&part, whole)) {
            (whole.first_ms, whole.last_ms) = (whole.first_ms.min(part.first_ms), whole.last_ms.max(part.last_ms));
        }
    }
    wholes
}

/// The pieces that are known for blocks.
fn blocks(pieces: &[Redaction]) -> impl Iterator<Item = &Redaction> {
    pieces.iter().filter(|piece| piece.cover == Cover::Blocks)
}

/// The steady looks of all pieces, each time once, with the columns that pieces
/// took up then. A piece may change little where the whole was moved, so that its
/// look seems to last: what one picture shows has lasted since the picture before,
/// if that shows something else.
fn looks(pieces: &[Redaction], rows: (u32, u32)) -> Vec<(Look, (u32, u32))> {
    let columns = |look: &Look| {
        let then = pieces.iter().filter(|piece| piece.first_ms < look.at_ms && piece.last_ms > look.since_ms);
        let rect = |piece: &Redaction| {
            let moved = piece.moved.iter().find(|(at_ms, _)| *at_ms == look.at_ms);
            moved.map_or(piece.rect, |(_, rect)| *rect)
        };
        then.map(rect)
            .map(|rect| (rect.x, rect.x + rect.width))
            .reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    };
    let shows =
        |look: &Look, columns: (u32, u32)| look.place.x <= columns.0 && look.place.x + look.place.width >= columns.1;
    let all = pieces.iter().flat_map(|piece| &piece.looks).filter(|look| look.is_steady());
    let all = all.filter_map(|look| Some((look, columns(look)?)));
    let mut all: Vec<(&Look, (u32, u32))> = all.filter(|(look, columns)| shows(look, *columns)).collect();
    all.sort_by_key(|(look, _)| (look.at_ms, Reverse(look.since_ms)));
    let mut kept: Vec<(Look, (u32, u32))> = Vec::new();
    for (look, columns) in all {
        let place = Rect { x: columns.0, y: rows.0, width: columns.1 - columns.0, height: rows.1 - rows.0 };
        let (mut shown, mut all_columns) = (look.clone(), columns);
        if let Some((last, own)) = kept.last() {
            if last.at_ms == look.at_ms {
                continue;
            }
            if track::alike(last, look, place) {
                all_columns = (own.0.min(columns.0), own.1.max(columns.1));
                // What stood longer: the cover of the next line may touch the other.
                if last.lasted() > look.lasted() {
                    (shown.place, shown.picture) = (last.place, Arc::clone(&last.picture));
                }
                shown.since_ms = last.since_ms;
                kept.pop();
            } else {
                shown.since_ms = shown.since_ms.max(last.at_ms);
            }
        }
        kept.push((shown, all_columns));
    }
    kept.retain(|(look, _)| look.is_steady());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Luma;

    /// A line of strokes.
    fn strokes() -> Luma {
        let mut picture = Luma { width: 240, height: 60, pixels: vec![20; 240 * 60] };
        for at in 0..240 * 20 {
            let (x, y) = (at % 240, 20 + at / 240);
            let stroke = (x * 7 + y * 5 + x * y / 9) % 11 < 4;
            picture.pixels[y * 240 + x] = if stroke { 220 } else { 20 };
        }
        picture
    }

    /// The same, of which columns 40 to 200 lie below blocks of eight.
    fn look(since_ms: u64) -> Look {
        let mut picture = strokes();
        for (left, top) in (40..200).step_by(8).flat_map(|x| (20..40).step_by(8).map(move |y| (x, y))) {
            let places = || (top..(top + 8).min(40)).flat_map(|y| (left..left + 8).map(move |x| y * 240 + x));
            let sum: usize = places().map(|at| usize::from(picture.pixels[at])).sum();
            let mean = (sum / places().count()) as u8;
            places().for_each(|at| picture.pixels[at] = mean);
        }
        let place = Rect { x: 0, y: 0, width: 240, height: 60 };
        Look { since_ms, at_ms: since_ms + 900, place, picture: picture.into() }
    }

    fn piece(cover: Cover, (x, width): (u32, u32), strength: f32, since_ms: u64) -> Redaction {
        let rect = Rect { x, y: 20, width, height: 20 };
        let (first_ms, last_ms) = (since_ms, since_ms + 900);
        let looks = vec![look(since_ms)];
        Redaction { cover, strength, rect, first_ms, last_ms, grid: Some(0), looks, moved: Vec::new() }
    }

    /// A piece that changed little when the whole was moved seems to last; what
    /// another shows tells when it was.
    #[test]
    fn a_look_has_lasted_since_the_picture_before() {
        let mut late = piece(Cover::Blocks, (40, 48), 8.0, 0);
        late.looks[0].at_ms = 1900;
        late.last_ms = 1900;
        let mut picture = late.looks[0].picture.as_ref().clone();
        picture.pixels.iter_mut().step_by(3).for_each(|pixel| *pixel = pixel.wrapping_add(90));
        let same = looks(&[piece(Cover::Blocks, (40, 48), 8.0, 0), late.clone()], (20, 40));
        late.looks[0].picture = picture.into();
        let other = looks(&[piece(Cover::Blocks, (40, 48), 8.0, 0), late], (20, 40));
        let times =
            |looks: Vec<(Look, (u32, u32))>| looks.iter().map(|(look, _)| (look.since_ms, look.at_ms)).collect();
        let (same, other): (Vec<_>, Vec<_>) = (times(same), times(other));
        assert_eq!((same, other), (vec![(0, 1900)], vec![(0, 900), (900, 1900)]));
    }

    /// Blocks of eight whose pieces were taken for blocks of four; no larger ones are
    /// told where the change is on no coarser grid.
    #[test]
    fn the_largest_side_that_holds_all_change_is_told() {
        let area = Rect { x: 0, y: 0, width: 240, height: 60 };
        let grid = Grid { area, origin_x: 0.0, origin_y: 0.0, cell_width: 9.0, cell_height: 20.0, ground: 20 };
        let found = whole(vec![piece(Cover::Blocks, (40, 160), 4.0, 0)], &grid, (20, 40));
        let told: Vec<_> = found.iter().map(|one| (one.strength, one.rect.x, one.rect.width)).collect();
        assert_eq!(told, [(8.0, 40, 160)]);
    }

    /// Pieces of other kinds beside one of blocks are parts of the whole; a blur
    /// elsewhere and another time are not.
    #[test]
    fn pieces_of_one_pixelation_are_one() {
        let area = Rect { x: 0, y: 0, width: 240, height: 60 };
        let grid = Grid { area, origin_x: 0.0, origin_y: 0.0, cell_width: 9.0, cell_height: 20.0, ground: 20 };
        let reading = Reading { grids: vec![grid], rows: Vec::new() };
        let pieces = vec![
            piece(Cover::Blocks, (40, 48), 8.0, 0),
            piece(Cover::Blur, (88, 60), 0.7, 0),
            piece(Cover::Blocks, (150, 50), 16.0, 0),
            piece(Cover::Blur, (60, 60), 2.0, 5000),
        ];
        // Too far from the others to be of one with them, but within what they go on to.
        let far = vec![piece(Cover::Blocks, (40, 48), 8.0, 0), piece(Cover::Blocks, (160, 32), 16.0, 0)];
        let wide: Vec<Redaction> = gathered(far, &reading);
        assert_eq!(wide.iter().map(|one| (one.rect.x, one.rect.width)).collect::<Vec<_>>(), [(40, 160)]);
        // A solid cover beside is calm, too, but no part of it.
        let mut solid = piece(Cover::Blocks, (40, 48), 8.0, 0);
        let mut picture = solid.looks[0].picture.as_ref().clone();
        (0..240 * 60).filter(|at| at % 240 >= 112).for_each(|at| picture.pixels[at] = 128);
        solid.looks[0].picture = picture.into();
        assert!(gathered(vec![solid], &reading).iter().all(|one| one.rect.x + one.rect.width <= 160));
        let rects =
            gathered(pieces, &reading).into_iter().map(|one| (one.cover, one.strength, one.rect.x, one.rect.width));
        let expected = [(Cover::Blur, 2.0, 60, 60), (Cover::Blocks, 8.0, 40, 160)];
        let mut rects: Vec<_> = rects.collect();
        rects.sort_by_key(|one| one.0);
        assert_eq!(rects, expected);
    }

    /// A blur on whose line a pixelation comes to lie, as a screen scrolls, is none of it.
    #[test]
    fn what_stood_there_before_is_no_piece() {
        let area = Rect { x: 0, y: 0, width: 240, height: 60 };
        let grid = Grid { area, origin_x: 0.0, origin_y: 0.0, cell_width: 9.0, cell_height: 20.0, ground: 20 };
        let mut blur = piece(Cover::Blur, (60, 60), 2.0, 0);
        blur.looks[0].picture = strokes().into();
        let pieces = vec![blur, piece(Cover::Blocks, (40, 160), 8.0, 700)];
        assert_eq!(hanging_together(pieces.clone()).len(), 1);
        let mut found: Vec<_> =
            whole(pieces, &grid, (20, 40)).into_iter().map(|one| (one.cover, one.rect.x, one.rect.width)).collect();
        found.sort_unstable();
        assert_eq!(found, [(Cover::Blur, 60, 60), (Cover::Blocks, 40, 160)]);
    }
}
