//! Covered regions: found in the stream of frames, followed in time, and where
//! the cover failed.
//!
//! A cover is told by what drawn text cannot look like: it varies but bends
//! nowhere sharply (blur), changes only on a regular grid (pixelation), or is
//! one level that is not the ground's (solid). Nothing here reads below a
//! cover; see `deblur`.

mod bar;
mod blocks;
mod edges;
mod failure;
mod gather;
mod mean;
mod mosaic;
mod scrolled;
mod shown;
mod still;
pub(crate) mod tiles;
pub(crate) mod track;

use std::sync::Arc;

use crate::{Frame, Grid, Luma, Reading, Rect};

pub(crate) use mean::mean;

pub use failure::{Failure, FailureKind, failures};

/// What a region is covered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cover {
    /// A blur, whatever its kernel.
    Blur,
    /// Blocks of one level each.
    Blocks,
    /// One level throughout.
    Solid,
}

/// A cover gone for no longer than this is still the same, in milliseconds.
const GAP_MS: u64 = 120;

/// A look that lasted less is a moment of a change, in milliseconds.
pub(crate) const STEADY_MS: u64 = 150;

/// A solid region lower than this share of a line hides no text, and the height
/// of a line where none is known.
const LINE_SHARE: f32 = 0.6;
const LINE: f32 = 26.0;

/// One look at a covered region: the pixels around it at one moment, or on average
/// over the time that it looked like this.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Since when it looked like this, in milliseconds.
    pub since_ms: u64,
    /// The last time it looked like this.
    pub at_ms: u64,
    /// Where the picture lies in the frame.
    pub place: Rect,
    /// The pixels of `place`; one picture for all looks that are alike there.
    pub picture: Arc<Luma>,
}

impl Look {
    /// For how long it looked so, in milliseconds.
    pub(crate) fn lasted(&self) -> u64 {
        self.at_ms.saturating_sub(self.since_ms)
    }

    /// Whether that is long enough for coding to have settled.
    fn is_steady(&self) -> bool {
        self.lasted() >= STEADY_MS
    }

    /// The level at a place of the frame, if the look reaches there.
    pub(crate) fn level(&self, x: i64, y: i64) -> Option<u8> {
        let x = usize::try_from(x - i64::from(self.place.x)).ok()?;
        let y = usize::try_from(y - i64::from(self.place.y)).ok()?;
        (x < self.picture.width && y < self.picture.height).then(|| self.picture.pixels[y * self.picture.width + x])
    }

    /// Levels along a column of the frame, between two rows.
    fn column(&self, x: u32, rows: (u32, u32)) -> Vec<f32> {
        (rows.0..rows.1).filter_map(|y| self.level(x.into(), y.into())).map(f32::from).collect()
    }

    /// Levels along a line of the frame, between two columns.
    fn line(&self, y: u32, columns: (u32, u32)) -> Vec<f32> {
        (columns.0..columns.1).filter_map(|x| self.level(x.into(), y.into())).map(f32::from).collect()
    }
}

/// A covered region from its first frame to its last, at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Redaction {
    /// What it is covered with.
    pub cover: Cover,
    /// Sigma of a Gaussian of the same width, or side of a block; an estimate
    /// from the picture alone, 0 for a solid cover.
    pub strength: f32,
    /// Where, in pixels of the frame.
    pub rect: Rect,
    /// First time seen, in milliseconds.
    pub first_ms: u64,
    /// Last time seen, in milliseconds.
    pub last_ms: u64,
    /// Index into [`Reading::grids`] of the area it lies in.
    pub grid: Option<usize>,
    /// Distinct pictures of it, oldest first; none if it is too large to read.
    pub looks: Vec<Look>,
    /// The rectangle in those looks, by their time in milliseconds, in which the
    /// blocks of a pixelation lie otherwise than in the longest.
    pub moved: Vec<(u64, Rect)>,
}

impl Redaction {
    /// Everywhere it lay in its looks.
    pub(crate) fn rects(&self) -> impl Iterator<Item = Rect> {
        self.moved.iter().map(|(_, rect)| *rect).chain([self.rect])
    }

    /// Goes on as another one of its place and cover; the rectangle is that of
    /// the longest look.
    fn join(&mut self, mut next: Self) {
        self.last_ms = self.last_ms.max(next.last_ms);
        if lasting(&next) > lasting(self) {
            std::mem::swap(&mut self.rect, &mut next.rect);
            std::mem::swap(&mut self.strength, &mut next.strength);
            std::mem::swap(&mut self.looks, &mut next.looks);
            std::mem::swap(&mut self.moved, &mut next.moved);
        }
        if self.cover == Cover::Blocks && is_off_grid(next.rect, self.rect, self.strength) {
            self.moved.extend(longest_look(&next.looks).map(|look| (look.at_ms, next.rect)));
        }
        self.moved.extend(next.moved);
        self.looks.extend(next.looks);
        // Of two that end together the one that stood longer.
        self.looks.sort_by_key(|look| (look.at_ms, look.since_ms));
        self.looks.dedup_by_key(|look| look.at_ms);
    }
}

/// Whether the blocks of a pixelation lie otherwise in one rectangle than in
/// another.
fn is_off_grid(one: Rect, other: Rect, side: f32) -> bool {
    let off = |one: u32, other: u32| !one.abs_diff(other).is_multiple_of(side as u32);
    off(one.x, other.x) || off(one.y, other.y)
}

/// Finds covered regions in a stream of frames.
#[derive(Clone, Debug, Default)]
pub struct Redactions {
    tracks: track::Tracks,
    last: Luma,
    /// Time of the latest frame, changed or not, in milliseconds.
    at_ms: u64,
}

impl Redactions {
    /// Takes the next frame; one like the frame before costs little.
    pub fn frame(&mut self, frame: &Frame) {
        self.at_ms = frame.at_ms;
        if self.changed(frame.luma) {
            self.last.clone_from(frame.luma);
            self.tracks.frame(frame, &tiles::Tiles::new(frame.luma));
        } else {
            self.tracks.again(frame);
        }
    }

    /// Whether more than a few pixels differ by more than coding does.
    fn changed(&self, luma: &Luma) -> bool {
        if (luma.width, luma.height) != (self.last.width, self.last.height) {
            return true;
        }
        let mut many = 0;
        let chunks = luma.pixels.chunks(4096).zip(self.last.pixels.chunks(4096));
        for (now, before) in chunks.filter(|(now, before)| now != before) {
            many += now.iter().zip(before).filter(|(now, before)| now.abs_diff(**before) > 6).count();
            if many > 8 {
                return true;
            }
        }
        false
    }

    /// The regions that cover text: those in areas that the reading knows as
    /// text, and solid rectangles where text stood at another time; by time,
    /// then place.
    pub fn finish(self, reading: &Reading) -> Vec<Redaction> {
        let tracks = self.tracks.finish(self.at_ms);
        let found = tracks.into_iter().flat_map(|track| judge(track, reading));
        let mut found: Vec<Redaction> = found.collect();
        found.sort_by_key(|redaction| (redaction.first_ms, redaction.rect));
        let mut whole = gather::gathered(joined(found), reading);
        whole.sort_by_key(|redaction| (redaction.first_ms, redaction.rect));
        whole
    }
}

/// A region whose neighbours come and go is followed as several; joins those
/// of one place and cover that follow each other.
fn joined(found: Vec<Redaction>) -> Vec<Redaction> {
    let mut kept: Vec<Redaction> = Vec::new();
    for next in found {
        let continues = |known: &&mut Redaction| {
            (known.cover, known.grid) == (next.cover, next.grid)
                && next.first_ms <= known.last_ms + GAP_MS
                && track::share(known.rect, next.rect) > 0.7
        };
        match kept.iter_mut().rev().find(continues) {
            Some(known) => known.join(next),
            None => kept.push(next),
        }
    }
    kept
}

/// One redaction for each line of text below a region.
fn judge(mut track: track::Track, reading: &Reading) -> Vec<Redaction> {
    let grid = reading.grids.iter().position(|grid| holds(grid.area, track.rect));
    let cover = match track.kind {
        tiles::Look::Blocks(_) => Cover::Blocks,
        tiles::Look::Flat(level) => {
            let ground =
                reading.grids.iter().any(|grid| grid.ground.abs_diff(level.saturating_mul(4).saturating_add(2)) <= 4);
            let long = track.last_ms > track.first_ms + 300;
            let line = grid.and_then(|at| reading.grids.get(at)).map_or(LINE, |grid| grid.cell_height);
            let low = (track.rect.height as f32) < LINE_SHARE * line;
            let bar = || bar::is_bar(&track, level.saturating_mul(4).saturating_add(2), reading);
            if ground || !long || low || !(grid.is_some() || hides_text(track.rect, reading)) || bar() {
                return Vec::new();
            }
            Cover::Solid
        }
        _ => Cover::Blur,
    };
    let strength = if let tiles::Look::Blocks(side) = track.kind { f32::from(side) } else { 0.0 };
    let whole = Redaction {
        cover,
        strength,
        rect: track.rect,
        first_ms: track.first_ms,
        last_ms: track.last_ms,
        grid,
        looks: std::mem::take(&mut track.looks),
        moved: Vec::new(),
    };
    match grid.and_then(|at| reading.grids.get(at)) {
        _ if cover == Cover::Solid => vec![whole],
        Some(grid) => by_line(whole, grid, &|part| track.since(part)),
        None => Vec::new(),
    }
}

/// Whether text was read, at another time, where a region lies: bars, margins
/// and desktops are of one level too.
fn hides_text(rect: Rect, reading: &Reading) -> bool {
    let inside = |row: &crate::Row| {
        let area = (row.place.width * row.place.height).max(1) as f32;
        track::common(row.place, rect) > 0.5 * area
    };
    reading.rows.iter().any(inside)
}

/// The look that lasted longest: others may be half drawn or half scrolled.
pub(crate) fn longest_look(looks: &[Look]) -> Option<&Look> {
    looks.iter().max_by_key(|look| (look.lasted(), look.at_ms))
}

/// How long the longest look of a redaction lasted, in milliseconds.
pub(crate) fn lasting(redaction: &Redaction) -> u64 {
    longest_look(&redaction.looks).map_or(0, Look::lasted)
}

/// Whether the middle of a region lies in an area.
fn holds(area: Rect, rect: Rect) -> bool {
    let (x, y) = (rect.x + rect.width / 2, rect.y + rect.height / 2);
    (area.x..area.x + area.width).contains(&x) && (area.y..area.y + area.height).contains(&y)
}

/// Splits a region at the lines of the grid, each part with its own columns and
/// the time since when its rows are covered.
fn by_line(whole: Redaction, grid: &Grid, since: &impl Fn(Rect) -> u64) -> Vec<Redaction> {
    let Some(look) = longest_look(&whole.looks) else { return Vec::new() };
    let height = grid.cell_height;
    let line = |y: f32| (y - grid.origin_y) / height;
    let (top, bottom) = (whole.rect.y as f32, (whole.rect.y + whole.rect.height) as f32);
    let (first, last) = ((line(top) + 0.6).floor() as i32, (line(bottom) - 0.6).floor() as i32);
    let mut parts = Vec::new();
    for at in first..=last.max(first) {
        let (from, to) = (grid.origin_y + at as f32 * height, grid.origin_y + (at + 1) as f32 * height);
        if to <= from.max(0.0) || (to.min(bottom + 3.0) - from.max(top - 3.0)) < 0.5 * height {
            continue;
        }
        let rows = (from.max(0.0) as u32, to as u32);
        let blocks = |look: &Look| mosaic::parts(look, &whole, grid, rows.0, rows.1);
        let blurs = |look: &Look| {
            let spans = edges::spans(look, &whole, grid, rows.0, rows.1).into_iter();
            spans.map(|span| (edges::rect(look, grid, span, rows), 0.0)).collect()
        };
        let when = |rect, found: &dyn Fn(&Look) -> Vec<(Rect, f32)>| match last > first {
            true => covered_when(&whole, rect, since(rect), found),
            false => (whole.first_ms, whole.last_ms),
        };
        let found = if whole.cover == Cover::Blocks { first_found(&whole.looks, blocks) } else { None };
        let (look, found) = found.unwrap_or((look, Vec::new()));
        // Coarse coding of a blur can look like blocks.
        let soft =
            if whole.cover != Cover::Blocks || parts.is_empty() && found.is_empty() { blurs(look) } else { Vec::new() };
        for (rect, strength) in found {
            let moved = moved(&whole, (rect, strength), look, blocks);
            let ((first_ms, last_ms), looks) = (when(rect, &blocks), whole.looks.clone());
            parts.push(Redaction { rect, strength, first_ms, last_ms, looks, moved, ..whole });
        }
        for (rect, _) in soft {
            let ((first_ms, last_ms), looks) = (when(rect, &blurs), whole.looks.clone());
            parts.push(Redaction { rect, cover: Cover::Blur, first_ms, last_ms, looks, moved: Vec::new(), ..whole });
        }
    }
    for part in &mut parts {
        if part.cover == Cover::Blur {
            part.strength = edges::sigma(look, part.rect);
        }
    }
    parts
}

/// What is found in the longest look in which anything is: where a pixelation was moved,
/// some positions of its blocks are hard to tell.
fn first_found(looks: &[Look], found: impl Fn(&Look) -> Vec<(Rect, f32)>) -> Option<(&Look, Vec<(Rect, f32)>)> {
    let mut looks: Vec<&Look> = looks.iter().collect();
    looks.sort_by_key(|look| std::cmp::Reverse((look.lasted(), look.at_ms)));
    looks.into_iter().map(|look| (look, found(look))).find(|(_, found)| !found.is_empty())
}

/// First and last time that a line of a region is covered, by the looks in which
/// its cover is found: in a region of several lines one cover may come after
/// another. `since_ms` holds if it is in the first of them.
fn covered_when(whole: &Redaction, rect: Rect, since_ms: u64, found: &dyn Fn(&Look) -> Vec<(Rect, f32)>) -> (u64, u64) {
    let holds = |look: &Look| found(look).into_iter().any(|part| track::share(part.0, rect) > 0.5);
    let first = whole.looks.iter().position(holds);
    let last = whole.looks.iter().rposition(holds);
    let first_ms = first.filter(|at| *at > 0).map_or(since_ms, |at| whole.looks[at].since_ms);
    let last_ms = last.filter(|at| at + 1 < whole.looks.len()).map_or(whole.last_ms, |at| whole.looks[at].at_ms);
    (first_ms, last_ms.max(first_ms))
}

/// The looks at a pixelation in which its grid lies otherwise than in the
/// longest, with the rectangle there, longest first.
fn moved(
    whole: &Redaction,
    (rect, side): (Rect, f32),
    longest: &Look,
    parts: impl Fn(&Look) -> Vec<(Rect, f32)>,
) -> Vec<(u64, Rect)> {
    let steady = |look: &&Look| look.is_steady() && look.at_ms != longest.at_ms;
    let mut looks: Vec<&Look> = whole.looks.iter().filter(steady).collect();
    looks.sort_by_key(|look| std::cmp::Reverse((look.lasted(), look.at_ms)));
    let other = |look: &Look| {
        let same = parts(look).into_iter().filter(|part| part.1 == side && track::share(part.0, rect) > 0.5);
        let same = same.max_by(|left, right| track::share(left.0, rect).total_cmp(&track::share(right.0, rect)))?;
        is_off_grid(same.0, rect, side).then_some((look.at_ms, same.0))
    };
    looks.into_iter().filter_map(other).collect()
}

/// The lines of a rectangle that lies inside a picture.
fn lines(rect: Rect, luma: &Luma) -> impl Iterator<Item = &[u8]> {
    let (x, width) = (rect.x as usize, rect.width as usize);
    (rect.y as usize..(rect.y + rect.height) as usize).map(move |y| &luma.pixels[y * luma.width + x..][..width])
}

/// The pixels of a rectangle that lies inside.
pub(crate) fn crop(luma: &Luma, rect: Rect) -> Luma {
    let pixels = lines(rect, luma).flatten().copied().collect();
    Luma { width: rect.width as usize, height: rect.height as usize, pixels }
}
