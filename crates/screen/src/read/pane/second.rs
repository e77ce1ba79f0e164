//! The network's second sight: where glyphs leave a doubt, it reads the picture
//! of that very row. What two readers agree on is no longer in doubt.

use super::{BATCH, Pane, crop};
use crate::read::network::Models;
use crate::read::part::{self, Part};
use crate::read::track::Track;
use crate::{Luma, Rect};

/// Columns that the network reads a second time at most.
const SECOND_AT_MOST: usize = 3000;
/// Columns beside a doubtful one that the network gets along.
const REACH_AGAIN: usize = 6;

impl Pane {
    /// Has the network read once more where `doubtful` says that glyphs leave a
    /// doubt, in the picture of that very row; rows that stood longest first.
    pub fn second_sight(&mut self, models: &Models, doubtful: &dyn Fn(&Self, &Track, usize) -> bool) {
        let mut order: Vec<usize> = (0..self.tracks.len())
            .filter(|at| self.tracks[*at].is_kept() && self.tracks[*at].picture.settled)
            .collect();
        order.sort_by_key(|at| (std::cmp::Reverse(self.tracks[*at].frames), *at));
        let (mut parts, mut columns) = (Vec::new(), 0);
        for at in order {
            let track = &self.tracks[at];
            let wanted: Vec<usize> = (0..track.line.len()).filter(|column| doubtful(self, track, *column)).collect();
            for (first, last) in part::around(&wanted, &track.line, REACH_AGAIN) {
                columns += last - first;
                if columns <= SECOND_AT_MOST {
                    parts.push((at, self.kept_part(track, (first, last))));
                }
            }
        }
        for batch in parts.chunks(BATCH) {
            let strips: Vec<Luma> = batch.iter().map(|(_, part)| part.strip.clone()).collect();
            self.network_rows += strips.len() as u64;
            for ((at, part), glimpses) in batch.iter().zip(models.read(&strips)) {
                let pairs = self.paired(*at, part, &glimpses);
                let second =
                    pairs.into_iter().map(|(column, glimpse, trust)| (column, glimpse.value, glimpse.likely * trust));
                self.tracks[*at].second.extend(second);
            }
        }
    }

    /// Some columns of the picture kept of a row.
    fn kept_part(&self, track: &Track, (first, last): (usize, usize)) -> Part {
        let picture = &track.picture;
        let x = (self.left(first).round() as u32).saturating_sub(picture.place.x);
        let width = (self.left(last).round() as u32).saturating_sub(picture.place.x + x);
        let place = Rect { x, y: 0, width, height: picture.pixels.height as u32 };
        let strip = crop(&picture.pixels, place);
        Part { first, last, left: (picture.place.x + x) as f32, strip, cells: Vec::new() }
    }
}
