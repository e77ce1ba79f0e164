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

use super::Pane;
use crate::read::track::{FIRST_GLYPH, Line, Track, character};

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
            } else if !self.tracks[at].is_kept() {
                // The line that was typed on from it has taken over what it showed.
                self.tracks[at].let_go();
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
    /// those with the same text to the letter, which nothing that is learned later
    /// will tell apart. Gives which are gone.
    fn join_same(&mut self, is_live: &[bool], is_left: &[bool]) -> Vec<bool> {
        let mut order: Vec<usize> = (0..self.tracks.len()).filter(|at| has_glyphs(&self.tracks[*at].line)).collect();
        order.sort_by_key(|at| (!is_live[*at], Reverse(self.tracks[*at].frames), *at));
        let mut longest = BTreeMap::new();
        let mut gone = vec![false; self.tracks.len()];
        for at in order {
            let host = *longest.entry(self.text(at)).or_insert(at);
            if host != at && is_left[at] {
                let same = std::mem::replace(&mut self.tracks[at], Track::new(Line::new(), 0));
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
