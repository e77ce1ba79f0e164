//! An area just found, about which no network is asked yet.
//!
//! The first grid that is found in few lines is often cut a little wrong, and
//! goes when there are more. What the network read for it would go with it, so
//! for a while the area is followed without the network, and every picture is
//! noted; once the grid has stood, all is done again, now with the network, and
//! ends as if it had been asked from the beginning.

use super::network::Models;
use super::pane::{Moment, Pane};
use super::tiles::{Canvas, Changed, Event};
use crate::Luma;
use crate::frame::Frame;

/// How long a grid must stand: four searches, in milliseconds.
const STANDS_MS: u64 = 1000;
/// Bytes of pictures that are noted at most.
const NOTED_AT_MOST: usize = 16 << 20;

/// What was seen since an area was found.
#[derive(Debug)]
pub(crate) struct Unasked {
    found: Moment,
    /// The picture in which it was found.
    start: Luma,
    seen: Canvas,
    noted: Vec<(Event, Changed)>,
    bytes: usize,
}

impl Unasked {
    pub fn new(found: Moment, luma: &Luma) -> Self {
        Self { found, start: luma.clone(), seen: Canvas::exact(luma), noted: Vec::new(), bytes: 0 }
    }

    /// Notes a picture to the pixel, and what counts as changed in it.
    pub fn note(&mut self, frame: &Frame<'_>, changed: &Changed) {
        let differs = self.seen.update(frame.luma);
        let event = Event::of(frame.index, frame.at_ms, &differs, frame.luma);
        let changed = if changed.count > 0 { changed.clone() } else { Changed::default() };
        self.bytes += event.bytes() + changed.flags.len();
        self.noted.push((event, changed));
    }

    /// Whether the grid has stood long enough, or no more can be noted.
    pub fn is_over(&self, at_ms: u64) -> bool {
        at_ms >= self.found.at_ms + STANDS_MS || self.bytes > NOTED_AT_MOST
    }

    /// The area as if the network had been asked at once. `base` and `past` are
    /// the changes that were kept before it was found.
    pub fn asked<'e>(self, pane: &Pane, base: &Luma, past: impl Iterator<Item = &'e Event>, models: &Models) -> Pane {
        let mut asked = Pane::new(pane.grid, &self.start);
        let before = past.take_while(|event| event.index <= self.found.index);
        asked.replay(base, before, Some(models));
        let mut luma = self.start;
        for (event, changed) in &self.noted {
            event.apply(&mut luma);
            let moment = Moment { index: event.index, at_ms: event.at_ms };
            asked.observe(&luma, changed, moment, Some(models));
        }
        asked.confirmed_rows = pane.confirmed_rows;
        asked
    }
}
