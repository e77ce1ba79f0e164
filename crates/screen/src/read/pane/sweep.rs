//! Rows seen again and again cost no more than rows seen once.
//!
//! Coding, a cursor or a picture half drawn make a row look otherwise for a
//! moment, and each such moment begins a track with a picture and votes of its
//! own, again whenever the row comes again; so does every state of a line that
//! is typed. What was left for long is gone through while the video goes on:
//! what is kept then grows with the texts that differ, not with how often they
//! are seen.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Pane, Relation, relation};
use crate::read::track::{FIRST_GLYPH, Line, Track, character, is_shadow};

/// Tracks are gone through when so many have taken a picture since the last
/// time, or one in so many of all, so that going through them stays cheap.
const FILLED: usize = 32;
const ONE_IN: usize = 16;
/// A row gone for so long is left, in milliseconds: what comes right after it,
/// as the next state of its typing, has come.
const LEFT_MS: u64 = 5000;

impl Pane {
    /// Goes through the rows that were left, if many came since the last time.
    pub(super) fn sweep(&mut self, width: usize) {
        if self.filled < FILLED.max(self.tracks.len() / ONE_IN) {
            return;
        }
        self.filled = 0;
        let is_live = self.is_live();
        let over = |track: &Track| track.last_ms + LEFT_MS <= self.before.at_ms;
        let is_left: Vec<bool> = self.tracks.iter().zip(&is_live).map(|(track, live)| !live && over(track)).collect();
        let mut gone = self.join_same(&is_live, &is_left);
        for at in (0..gone.len()).filter(|at| is_left[*at]) {
            if !gone[at] && self.is_unreadable(at, width) {
                gone[at] = true;
                self.unread += u64::from(self.tracks[at].is_unread());
            } else if !self.tracks[at].is_kept() && self.tracks[at].has_picture() {
                // The line that was typed on from it has its picture.
                self.reread_track(at, width);
                self.tracks[at].let_go();
            }
        }
        self.remove(&gone);
    }

    /// Takes poorer sights of a row for that row, all of them, when nothing more is learned.
    pub(super) fn merge(&mut self) {
        let mut order: Vec<usize> = (0..self.tracks.len()).collect();
        order.sort_by_key(|at| (Reverse(self.tracks[*at].frames), *at));
        let mut gone = vec![false; self.tracks.len()];
        for (rank, weak) in order.iter().enumerate().rev() {
            let host = order[..rank].iter().copied().find(|strong| {
                let (one, other) = (&self.tracks[*weak], &self.tracks[*strong]);
                let near = one.first_ms <= other.last_ms + 500 && other.first_ms <= one.last_ms + 500;
                (one.end == other.end && relation(&one.line, &other.line, &self.glyphs) == Relation::Same)
                    || (near && is_shadow(&one.line, &other.line, &self.glyphs))
            });
            if let Some(strong) = host {
                let absorbed = self.take(*weak);
                self.tracks[strong].absorb(&absorbed);
                gone[*weak] = true;
            }
        }
        self.remove(&gone);
    }

    /// For each track, whether it stands on the screen.
    fn is_live(&self) -> Vec<bool> {
        let mut is_live = vec![false; self.tracks.len()];
        self.live.iter().filter_map(|live| live.track).for_each(|track| is_live[track] = true);
        is_live
    }

    /// Has tracks that were left taken over by the track that stood longest of
    /// those with the same text to the letter: whoever sees it again follows one
    /// of them only. Gives which are gone.
    fn join_same(&mut self, is_live: &[bool], is_left: &[bool]) -> Vec<bool> {
        let mut order: Vec<usize> = (0..self.tracks.len()).filter(|at| has_glyphs(&self.tracks[*at].line)).collect();
        order.sort_by_key(|at| (!is_live[*at], Reverse(self.tracks[*at].frames), *at));
        let mut longest = BTreeMap::new();
        let mut gone = vec![false; self.tracks.len()];
        for at in order {
            let host = *longest.entry(self.text(at)).or_insert(at);
            if host != at && is_left[at] {
                let same = self.take(at);
                self.tracks[host].absorb(&same);
                gone[at] = true;
            }
        }
        gone
    }

    fn text(&self, track: usize) -> String {
        self.tracks[track].line.iter().map(|seen| character(seen.code, &self.glyphs)).collect()
    }

    /// Whether a row has no character that is known, in its picture neither.
    fn is_unreadable(&mut self, track: usize, width: usize) -> bool {
        if has_glyphs(&self.tracks[track].line) {
            return false;
        }
        let picture = self.tracks[track].picture.clone();
        !self.again(track, &picture, width).is_some_and(|line| has_glyphs(&line))
    }

    fn take(&mut self, track: usize) -> Track {
        std::mem::replace(&mut self.tracks[track], Track::new(Line::new(), 0))
    }

    /// Forgets tracks; the order of the others stays.
    fn remove(&mut self, gone: &[bool]) {
        let mut kept = 0..;
        let places: Vec<Option<usize>> = gone.iter().map(|gone| if *gone { None } else { kept.next() }).collect();
        let mut goes = gone.iter();
        self.tracks.retain(|_| !goes.next().is_some_and(|gone| *gone));
        self.recent = self.recent.iter().filter_map(|track| places[*track]).collect();
        self.live.iter_mut().for_each(|live| live.track = live.track.and_then(|track| places[track]));
    }
}

fn has_glyphs(line: &Line) -> bool {
    line.iter().any(|seen| seen.code >= FIRST_GLYPH)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::Moment;
    use super::*;
    use crate::Luma;
    use crate::read::drawn::drawn;
    use crate::read::lattice;
    use crate::read::tiles::Canvas;
    use crate::read::tiny::{CELL, LEVELS};

    /// As many of the lines as leave room for the one that is typed.
    const LINES: &[&str] = crate::read::tests::LINES.split_at(14).0;
    const TYPED: &str = "sample and vector of the ledger";
    const CORNER: (usize, usize) = (27, 31);

    /// The screen with so much of the line that is typed, and soft ink a little
    /// behind it, as coding leaves of a cursor.
    fn screen(typed: &str, is_soft: bool) -> Luma {
        let lines = [LINES, &[typed]].concat();
        let mut luma = drawn(480, 400, CORNER, CELL, &lines, LEVELS.0, LEVELS.1);
        let left = CORNER.0 + (typed.len() + 1) * CELL.0;
        for at in (0..CELL.0 * CELL.1).filter(|_| is_soft) {
            let (x, y) = (at % CELL.0, at / CELL.0);
            let level = &mut luma.pixels[(CORNER.1 + LINES.len() * CELL.1 + y) * luma.width + left + x];
            let share =
                (x * (CELL.0 - x) * y * (CELL.1 - y)) as f32 / (CELL.0 * CELL.0 * CELL.1 * CELL.1) as f32 * 16.0;
            *level = (f32::from(*level) + 0.7 * share * (f32::from(LEVELS.1) - f32::from(LEVELS.0))) as u8;
        }
        luma
    }

    /// A pane that is shown pictures, each for some frames of 40 ms.
    struct Shown {
        pane: Pane,
        canvas: Canvas,
        index: u64,
        /// Tracks and pictures that were kept at most.
        most: (usize, usize),
    }

    impl Shown {
        fn new(first: &Luma) -> Self {
            let pane = Pane::new(lattice::find(first)[0].grid, first);
            let mut shown = Self { pane, canvas: Canvas::default(), index: 0, most: (0, 0) };
            shown.show(first, 40);
            shown
        }

        fn show(&mut self, luma: &Luma, frames: u64) {
            for index in self.index..self.index + frames {
                let changed = self.canvas.update(luma);
                self.pane.observe(luma, &changed, Moment { index, at_ms: index * 40 }, None);
            }
            self.index += frames;
            let pictures = self.pane.tracks.iter().filter(|track| track.has_picture()).count();
            self.most = (self.pane.tracks.len().max(self.most.0), pictures.max(self.most.1));
        }
    }

    /// Types the line so often; gives the tracks and pictures that are kept at most.
    fn kept(times: usize) -> (usize, usize) {
        let bare = screen("", false);
        let mut shown = Shown::new(&bare);
        for _ in 0..times {
            for end in 1..=TYPED.len() {
                shown.show(&screen(&TYPED[..end], false), 2);
                shown.show(&screen(&TYPED[..end], true), 2);
            }
            shown.show(&screen(TYPED, false), 40);
            shown.show(&bare, 40);
        }
        assert!(shown.pane.tracks.iter().any(|track| track.end > TYPED.len() && track.has_picture()));
        shown.most
    }

    #[test]
    fn typed_again_costs_no_more() {
        let (few, many) = (kept(8), kept(32));
        assert!(many.0 <= few.0 + few.0 / 10 && many.1 <= few.1 + few.1 / 10, "{few:?} {many:?}");
        // Each state of the typing is a text of its own, twice that and the soft ink not.
        assert!(many.0 <= LINES.len() + 4 * TYPED.len() + FILLED, "{many:?}");
    }

    /// Of a row that comes and goes often the first stays are kept, as they were.
    #[test]
    fn the_last_stay_kept_does_not_stretch() {
        let (bare, typed) = (screen("", false), screen(TYPED, false));
        let mut shown = Shown::new(&bare);
        for _ in 0..80 {
            shown.show(&typed, 5);
            shown.show(&bare, 15);
        }
        let often = shown.pane.tracks.iter().max_by_key(|track| track.stays.len()).unwrap();
        assert_eq!(often.stays.len(), 64);
        assert!(often.stays.iter().all(|stay| stay.last_ms < stay.first_ms + 400), "{:?}", often.stays);
    }
}
