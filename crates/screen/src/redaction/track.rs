//! Patches of single frames, followed from frame to frame.
//!
//! Coding blurs the marks of a cover for seconds at a time. A region whose
//! pixels stay as they were is still covered, and one found late has been
//! covered since they last changed.
//!
//! Memory is bounded: a few looks for each region, a limit on the bytes of all
//! looks, and a limit on regions. What looks as it did before at one place has one
//! picture, and where there is no room the regions that lasted least give theirs.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::mean::Mean;
use super::still::{self, Stillness};
use super::tiles::{Look as Kind, Patch, Tiles};
use super::{Look, STEADY_MS, crop};
use crate::{Frame, Rect};

/// Pixels kept above and below a region, a line of text; and beside it, where
/// the rest of a cover may lie that was not told for one.
const MARGIN: u32 = 64;
const BESIDE: u32 = 240;

/// Looks kept of one region.
const LOOKS: usize = 6;

/// Bytes kept of all looks, and regions kept at all.
const BYTES: usize = 64 << 20;
const REGIONS: usize = 8192;

/// A look larger than this is not kept: nothing would read it.
const AREA: u32 = 1 << 19;

/// Two looks that differ by less on average are one, in levels, if fewer than this
/// share of the pixels differ by more than coding does: a pixelation that is moved by
/// a pixel or two changes little but the edges of its blocks.
const SAME: f32 = 2.5;
pub(super) const CODING: u8 = 6;
const OTHER: f32 = 0.07;

/// Least height of a band in which looks are compared, in pixels.
const LINE: u32 = 24;

/// Two looks at one place that differ by less on average are of one picture, in levels.
const AGAIN: f32 = 0.75;

/// Pixels beside a region that change where it grows by a character.
const END: u32 = 12;

/// Share of a patch inside a region that is followed already beyond which it is that.
const INSIDE: f32 = 0.7;

/// Fewer tiles do not tell since when a part is covered: the margin below its end has
/// looked so since ever.
const TELLING: usize = 16;

/// A region while it is followed.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    pub(crate) kind: Kind,
    pub(crate) rect: Rect,
    pub(crate) first_ms: u64,
    pub(crate) last_ms: u64,
    pub(crate) looks: Vec<Look>,
    /// The mean of the last look as long as it stands, if there is room.
    pub(super) mean: Option<Mean>,
    /// When each tile of the rectangle had last changed when the region was found,
    /// in milliseconds; none of a flat one, or beyond the limit on bytes.
    pub(crate) times: Vec<u64>,
}

impl Track {
    /// Since when a part of the region has been covered, in milliseconds: one of
    /// several lines may be a cover and others that came later.
    pub(crate) fn since(&self, part: Rect) -> u64 {
        let times = still::of_part(&self.times, self.rect, part);
        if times.len() < TELLING { self.first_ms } else { still::since(times) }
    }

    /// Takes a frame in which the region looks as it did into the mean of its last look.
    fn average(&mut self, frame: &Frame) {
        if let Some(mean) = &mut self.mean {
            mean.add(frame, self.rect);
        }
    }

    /// Ends the last look, whose picture is the mean of its frames from now on;
    /// bytes set free.
    fn settle(&mut self) -> usize {
        let Some(mean) = self.mean.take() else { return 0 };
        if let Some((look, picture)) = self.looks.last_mut().zip(mean.picture()) {
            look.picture = picture.into();
        }
        mean.bytes()
    }

    /// Notes that nothing has changed up to a time.
    fn until(&mut self, at_ms: u64) {
        self.last_ms = self.last_ms.max(at_ms);
        if let Some(look) = self.looks.last_mut() {
            look.at_ms = self.last_ms;
        }
    }
}

/// All regions so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tracks {
    open: Vec<Track>,
    closed: Vec<Track>,
    /// Closed regions by their rectangle.
    places: BTreeMap<Rect, Vec<usize>>,
    bytes: usize,
    still: Stillness,
}

impl Tracks {
    /// Takes the patches of the next frame.
    pub(crate) fn frame(&mut self, frame: &Frame, tiles: &Tiles) {
        let mut patches = tiles.patches();
        patches.retain(|patch| patch.rect.width * patch.rect.height < AREA || matches!(patch.look, Kind::Flat(_)));
        self.still.frame(frame);
        let mut open = Vec::new();
        let mut lost = Vec::new();
        for mut track in std::mem::take(&mut self.open) {
            track.until(frame.at_ms.saturating_sub(1));
            match best(&track, &patches) {
                Some(at) => {
                    let patch = patches.swap_remove(at);
                    track.last_ms = frame.at_ms;
                    self.look(&mut track, &patch, frame);
                    open.push(track);
                }
                None => lost.push(track),
            }
        }
        for mut track in lost {
            if stands(&track, frame) {
                track.until(frame.at_ms);
                track.average(frame);
                patches.retain(|patch| common(track.rect, patch.rect) < INSIDE * area(patch.rect));
                open.push(track);
            } else {
                self.close(track);
            }
        }
        for patch in patches {
            let mut times = self.still.times(patch.rect);
            // A solid cover is told from its first picture, and may be as near the ground as coding's own changes.
            if matches!(patch.look, Kind::Flat(_)) {
                times.clear();
            }
            let first_ms = if times.is_empty() { frame.at_ms } else { still::since(times.clone()).min(frame.at_ms) };
            // As a whole it looks so only since its last part does: of two lines one may have come now.
            let whole_ms = times.iter().copied().max().unwrap_or(frame.at_ms).min(frame.at_ms);
            if patch.rect.height < LINE || !self.make_room(times.len() * size_of::<u64>()) {
                times.clear();
            }
            self.bytes += times.len() * size_of::<u64>();
            let (kind, rect) = (patch.look, patch.rect);
            let mut track = Track { kind, rect, first_ms, last_ms: frame.at_ms, looks: Vec::new(), mean: None, times };
            self.look(&mut track, &patch, frame);
            track.looks.iter_mut().for_each(|look| look.since_ms = whole_ms);
            open.push(track);
        }
        self.open = open;
    }

    /// Takes a frame that is like the one before.
    pub(crate) fn again(&mut self, frame: &Frame) {
        self.open.iter_mut().for_each(|track| track.average(frame));
    }

    /// Keeps the picture if it differs from the last one; else the newer one,
    /// which the encoder has refined, until the mean of both is known.
    fn look(&mut self, track: &mut Track, patch: &Patch, frame: &Frame) {
        let place = around(patch.rect, frame);
        if place.width * place.height > AREA {
            return;
        }
        let mut look =
            Look { since_ms: frame.at_ms, at_ms: frame.at_ms, place, picture: crop(frame.luma, place).into() };
        let same = |last: &Look| bands(patch.rect).all(|band| alike(last, &look, band));
        if let Some(last) = track.looks.pop_if(|last| same(last)) {
            self.bytes += bytes(&look);
            self.bytes -= bytes(&last) + track.mean.as_ref().map_or(0, Mean::bytes);
            track.mean = track.mean.take().map(|mean| mean.moved(place, frame));
            self.bytes += track.mean.as_ref().map_or(0, Mean::bytes);
            track.average(frame);
            look.since_ms = last.since_ms;
            track.looks.push(look);
            return;
        }
        self.bytes -= track.settle();
        if track.looks.len() >= LOOKS {
            let shortest = (0..LOOKS).min_by_key(|at| track.looks[*at].lasted());
            self.bytes -= bytes(&track.looks.remove(shortest.unwrap_or(0)));
            self.bytes += bytes(&look);
        } else if self.make_room(bytes(&look)) {
            self.bytes += bytes(&look);
        } else {
            return;
        }
        track.looks.push(look);
        let mean = Mean::new(place, frame);
        if self.make_room(mean.bytes()) {
            self.bytes += mean.bytes();
            track.mean = Some(mean);
        }
    }

    fn close(&mut self, mut track: Track) {
        self.bytes -= track.settle();
        let same_place = self.places.entry(track.rect).or_default();
        for look in &mut track.looks {
            let mut known = same_place.iter().flat_map(|at| &self.closed[*at].looks);
            if let Some(known) =
                known.find(|known| known.place == look.place && difference(known, look, look.place) < AGAIN)
            {
                self.bytes -= bytes(look);
                look.picture = Arc::clone(&known.picture);
            }
        }
        if self.closed.len() < REGIONS {
            same_place.push(self.closed.len());
            self.closed.push(track);
        } else {
            self.bytes -= held(&track);
        }
    }

    /// Whether there is room for so many bytes, if need be those of regions that lasted least.
    fn make_room(&mut self, wanted: usize) -> bool {
        while self.bytes + wanted > BYTES {
            let holds = |track: &&mut Track| !track.looks.is_empty();
            let least = self.closed.iter_mut().filter(holds).min_by_key(|track| track.last_ms - track.first_ms);
            let Some(track) = least else { return false };
            self.bytes -= held(track);
            (track.looks, track.times) = (Vec::new(), Vec::new());
        }
        true
    }

    /// All regions by time, then place; what is open lasts until the end.
    pub(crate) fn finish(mut self, end_ms: u64) -> Vec<Track> {
        for track in &mut self.open {
            track.until(end_ms);
            track.settle();
        }
        self.closed.append(&mut self.open);
        self.closed.sort_by_key(|track| (track.first_ms, track.rect.y, track.rect.x));
        self.closed
    }
}

/// The bytes of a look's picture.
fn bytes(look: &Look) -> usize {
    look.picture.pixels.len()
}

/// The bytes that a region alone holds.
fn held(track: &Track) -> usize {
    let own = track.looks.iter().filter(|look| Arc::strong_count(&look.picture) == 1);
    own.map(bytes).sum::<usize>() + track.times.len() * size_of::<u64>()
}

/// The parts of a region that are as high as a line may be: a cover that comes
/// on one of many lines changes little of the whole.
fn bands(rect: Rect) -> impl Iterator<Item = Rect> {
    let count = (rect.height / LINE).max(1);
    let edge = move |at: u32| rect.y + rect.height * at / count;
    (0..count).map(move |at| Rect { y: edge(at), height: edge(at + 1) - edge(at), ..rect })
}

/// Whether a region that was found for long enough still looks as it did, and
/// beside it too: below a cover that grows with the text, only the end changes.
fn stands(track: &Track, frame: &Frame) -> bool {
    let Some(last) = track.looks.last().filter(|_| track.last_ms >= track.first_ms + STEADY_MS) else { return false };
    let rect = track.rect;
    let place = grown(rect, END, frame.luma.width as u32, frame.luma.height as u32);
    let now = Look { place, picture: crop(frame.luma, place).into(), ..*last };
    let beside = |x: u32| Rect { x, width: END, ..rect };
    let ends = [beside(rect.x.saturating_sub(END)), beside(rect.x + rect.width)];
    let ends = ends.into_iter().filter(|end| end.x >= last.place.x && end.x + END <= last.place.x + last.place.width);
    ends.chain([rect]).all(|part| alike(last, &now, part))
}

/// The place of a look at a region.
fn around(rect: Rect, frame: &Frame) -> Rect {
    let (width, height) = (frame.luma.width as u32, frame.luma.height as u32);
    let (wide, high) = (grown(rect, BESIDE, width, height), grown(rect, MARGIN, width, height));
    Rect { x: wide.x, width: wide.width, ..high }
}

/// The patch that continues a track.
fn best(track: &Track, patches: &[Patch]) -> Option<usize> {
    let family = |kind: Kind| match kind {
        Kind::Blocks(_) => 1,
        Kind::Flat(_) => 2,
        Kind::Soft | Kind::Plain => 0,
    };
    let overlaps = patches.iter().enumerate().filter(|(_, patch)| family(patch.look) == family(track.kind));
    let scored = overlaps.map(|(at, patch)| (share(track.rect, patch.rect), at));
    scored.filter(|(share, _)| *share > 0.75).max_by(|left, right| left.0.total_cmp(&right.0)).map(|(_, at)| at)
}

/// Common area by joint area.
pub(crate) fn share(left: Rect, right: Rect) -> f32 {
    let common = common(left, right);
    common / ((left.width * left.height + right.width * right.height) as f32 - common).max(1.0)
}

/// Area in pixels.
pub(crate) fn area(rect: Rect) -> f32 {
    (rect.width * rect.height) as f32
}

/// The part of a rectangle that lies in another.
pub(super) fn overlap(one: Rect, other: Rect) -> Option<Rect> {
    let (x, y) = (one.x.max(other.x), one.y.max(other.y));
    let right = (one.x + one.width).min(other.x + other.width);
    let bottom = (one.y + one.height).min(other.y + other.height);
    (x < right && y < bottom).then(|| Rect { x, y, width: right - x, height: bottom - y })
}

/// Common area in pixels.
pub(crate) fn common(left: Rect, right: Rect) -> f32 {
    overlap(left, right).map_or(0.0, area)
}

pub(crate) fn grown(rect: Rect, margin: u32, width: u32, height: u32) -> Rect {
    let (x, y) = (rect.x.saturating_sub(margin), rect.y.saturating_sub(margin));
    let right = (rect.x + rect.width + margin).min(width);
    let bottom = (rect.y + rect.height + margin).min(height);
    Rect { x, y, width: right - x, height: bottom - y }
}

/// Whether two looks are one inside a rectangle but for coding.
pub(super) fn alike(left: &Look, right: &Look, rect: Rect) -> bool {
    let (mean, others) = compared(left, right, rect);
    mean < SAME && others < OTHER
}

/// Mean difference of two looks inside a rectangle; large if one does not
/// reach there.
fn difference(left: &Look, right: &Look, rect: Rect) -> f32 {
    compared(left, right, rect).0
}

/// Mean difference, and the share of the pixels that differ by more than coding does.
fn compared(left: &Look, right: &Look, rect: Rect) -> (f32, f32) {
    let (mut sum, mut others) = (0u64, 0u64);
    for y in rect.y..rect.y + rect.height {
        for x in rect.x..rect.x + rect.width {
            let difference = match (left.level(x.into(), y.into()), right.level(x.into(), y.into())) {
                (Some(left), Some(right)) => left.abs_diff(right),
                _ => u8::MAX,
            };
            sum += u64::from(difference);
            others += u64::from(difference > CODING);
        }
    }
    let all = area(rect).max(1.0);
    (sum as f32 / all, others as f32 / all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Luma;

    /// A pixelation moved by a pixel changes little but the edges of its blocks, and
    /// coding everything a little.
    #[test]
    fn moved_blocks_are_another_look_and_coding_is_not() {
        let place = Rect { x: 0, y: 0, width: 160, height: 24 };
        let level = |x: usize, y: usize| 40 + (x / 12 * 7 + y / 12 * 5) % 13 * 3;
        let look = |shown: &dyn Fn(usize, usize) -> usize| {
            let pixels = (0..160 * 24).map(|at| shown(at % 160, at / 160) as u8).collect();
            Look { since_ms: 0, at_ms: 0, place, picture: Luma { width: 160, height: 24, pixels }.into() }
        };
        let still = look(&level);
        let (moved, coded) = (look(&|x, y| level(x + 1, y)), look(&|x, y| level(x, y) + (x + y) % 3));
        assert!(difference(&still, &moved, place) < SAME && !alike(&still, &moved, place));
        assert!(alike(&still, &coded, place));
    }

    /// A line of a region may be covered later than another one; the blank below the end of
    /// its cover says nothing of when.
    #[test]
    fn a_line_is_covered_since_its_own_tiles_changed() {
        let rect = Rect { x: 40, y: 40, width: 80, height: 32 };
        // Tiles of four pixels, twenty to a row.
        let times = (0..160).map(|at| if at % 20 < 3 { 100 } else { 3000 + at / 80 * 2000 }).collect();
        let kind = Kind::Blocks(8);
        let track = Track { kind, rect, first_ms: 3000, last_ms: 9000, looks: Vec::new(), mean: None, times };
        let since = |x: u32, width: u32, y: u32| track.since(Rect { x, y, width, height: 16 });
        assert_eq!([since(40, 80, 40), since(40, 80, 56), since(40, 12, 56)], [3000, 5000, 3000]);
    }

    /// What comes and goes with the same looks costs one picture, however often.
    #[test]
    fn a_region_that_comes_again_costs_nothing() {
        let plain = Luma { width: 400, height: 200, pixels: vec![30; 400 * 200] };
        let mut covered = plain.clone();
        for at in 0..160 * 24 {
            let (x, y) = (at % 160, at / 160);
            covered.pixels[(64 + y) * 400 + 64 + x] = 40 + ((x / 8 * 7 + y / 8 * 5) % 13 * 12) as u8;
        }
        let mut tracks = Tracks::default();
        for index in 0..200 {
            let luma = if index % 10 < 5 { &covered } else { &plain };
            tracks.frame(&Frame { index, at_ms: index * 40, luma }, &Tiles::new(luma));
        }
        let each = tracks.closed.iter().map(|track| held(track) - track.times.len() * 8).max();
        assert!(tracks.closed.len() >= 19, "{}", tracks.closed.len());
        let times: usize = tracks.closed.iter().chain(&tracks.open).map(|track| track.times.len() * 8).sum();
        assert!(each == Some(0) && tracks.bytes - times <= 2 * 400 * 200, "{} {each:?}", tracks.bytes);
    }
}
