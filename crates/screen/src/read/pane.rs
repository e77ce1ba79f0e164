//! One fixed-pitch area over time: which rows changed, what stands in them now.

mod glance;
mod reverse;
mod second;
mod spill;
mod sweep;

use std::collections::BTreeMap;

use glance::{Glance, Said, Sight};

use super::cells::{self, Content, Room, Sampler, Shape};
use super::glyphs::Glyphs;
use super::network::{Glimpse, Models};
use super::part::{Part, align, doubtful};
use super::tiles::{Changed, Event};
use super::track::{self, EMPTY, FIRST_GLYPH, Line, Picture, Relation, Seen, Track, end, relation};
use super::unasked::Unasked;
use crate::{Grid, Luma, Rect, Stay};

/// A row is looked at again this long after its last change, in milliseconds.
const LOOKS_MS: [u64; 3] = [70, 200, 700];
/// From this look on the codec is done with the row.
const SETTLED_LOOK: usize = 2;
/// A state of a line that stood this long is kept though the line went on.
const STOOD_MS: u64 = 1000;
/// Rows that are sent to the network at a time, before asking who still wants.
const BATCH: usize = 4;
/// Columns beside a doubtful glyph that the network sees with it, at most: in a
/// video of good quality, and in any other, where with fewer it read worse.
const BESIDE: usize = 6;
const BESIDE_IN_POOR: usize = 10;
/// Pieces of rows that the network may be asked about, at first and for each second.
const PARTS_AT_ONCE: u64 = 60;
const PARTS_A_SECOND: u64 = 4;
/// Rows kept at most; a screen that scrolls for hours has more.
const TRACKS_AT_MOST: usize = 20_000;
/// What the kept pictures of a row weigh when they are read once more: that of
/// the best sight, and that of a sight with more clear characters.
const AS_A_WHOLE: f32 = 6.0;
const AS_SHARPER: f32 = 3.0;
/// Tracks among which a row is looked for, latest first.
const LOOKED_BACK: usize = 3000;

/// What stands in one row of the grid at present.
#[derive(Clone, Debug, Default)]
struct Live {
    track: Option<usize>,
    changed_ms: u64,
    /// Looks done since the last change.
    looks: usize,
    since_index: u64,
    since_ms: u64,
}

/// A picture's time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moment {
    pub index: u64,
    pub at_ms: u64,
}

/// A fixed-pitch area.
#[derive(Debug)]
pub(crate) struct Pane {
    pub grid: Grid,
    pub shape: Shape,
    pub glyphs: Glyphs,
    pub tracks: Vec<Track>,
    columns: usize,
    sampler: Sampler,
    /// Room for a sampled row.
    room: Room,
    said: Said,
    live: Vec<Live>,
    before: Moment,
    contrast: f32,
    edge: f32,
    /// Order of last sight, latest last.
    recent: Vec<usize>,
    asked_parts: u64,
    /// Tracks that took a picture since all were last gone through.
    filled: usize,
    pub network_rows: u64,
    pub glyph_rows: u64,
    pub dropped: u64,
    /// Rows let go that could not be read.
    pub unread: u64,
    /// Rows with text when the grid was found or last confirmed.
    pub confirmed_rows: usize,
    /// Time of the first picture that was looked at.
    pub first_ms: Option<u64>,
    /// No longer on the screen, or cut wrongly.
    pub ended: bool,
    /// Set while the network is not asked yet.
    pub unasked: Option<Unasked>,
}

impl Pane {
    pub fn new(grid: Grid, luma: &Luma) -> Self {
        let shape = Shape::of(&grid);
        let right = (grid.area.x + grid.area.width) as f32;
        let bottom = (grid.area.y + grid.area.height) as f32;
        let columns = ((right - grid.origin_x) / grid.cell_width + 0.1).floor().max(0.0) as usize;
        let rows = ((bottom - grid.origin_y) / grid.cell_height + 0.15).floor().max(0.0) as usize;
        let mut pane = Self {
            grid,
            shape,
            glyphs: Glyphs::new(shape),
            tracks: Vec::new(),
            columns,
            sampler: Sampler::new(&grid, shape, columns),
            room: Room::default(),
            said: Said::default(),
            live: vec![Live::default(); rows],
            before: Moment::default(),
            contrast: 60.0,
            edge: 0.3,
            recent: Vec::new(),
            asked_parts: 0,
            filled: 0,
            network_rows: 0,
            glyph_rows: 0,
            dropped: 0,
            unread: 0,
            confirmed_rows: 0,
            first_ms: None,
            ended: false,
            unasked: None,
        };
        pane.gauge(luma);
        pane
    }

    /// How far ink stands off the ground here, and how steep clear edges are.
    fn gauge(&mut self, luma: &Luma) {
        let (mut ranges, mut room) = (Vec::new(), Room::default());
        for cell in 0..self.live.len() * self.columns {
            let (row, column) = (cell / self.columns, cell % self.columns);
            if column == 0 {
                let top = self.top(row);
                self.sampler.row(luma, top, &mut room);
            }
            let sampled = self.sampler.cell(&room.row, column);
            if let Content::Ink(cell) =
                cells::content(sampled, self.shape, f32::from(self.grid.ground), 40.0, 1.0, 0.16)
            {
                ranges.push((cell.range, cell.edge));
            }
        }
        ranges.sort_by(|one, other| one.0.total_cmp(&other.0));
        if let Some((range, _)) = ranges.get(ranges.len() * 7 / 10) {
            self.contrast = *range;
        }
        let mut edges: Vec<f32> =
            ranges.iter().filter(|(range, _)| *range > 0.5 * self.contrast).map(|(_, edge)| *edge).collect();
        edges.sort_by(f32::total_cmp);
        if let Some(edge) = edges.get(edges.len() / 2) {
            self.edge = *edge;
        }
    }

    fn left(&self, column: usize) -> f32 {
        self.grid.origin_x + column as f32 * self.grid.cell_width
    }

    fn top(&self, row: usize) -> f32 {
        self.grid.origin_y + row as f32 * self.grid.cell_height
    }

    /// Looks at what changed in one picture.
    pub fn observe(&mut self, luma: &Luma, changed: &Changed, moment: Moment, models: Option<&Models>) {
        self.first_ms.get_or_insert(moment.at_ms);
        let mut due = Vec::new();
        for row in 0..self.live.len() {
            if self.is_touched(row, changed) {
                self.live[row].changed_ms = moment.at_ms;
                self.live[row].looks = 0;
            } else {
                let age = moment.at_ms - self.live[row].changed_ms;
                let due = LOOKS_MS.get(self.live[row].looks).is_some_and(|due| age >= *due);
                if !due {
                    continue;
                }
                self.live[row].looks += 1;
            }
            due.push((row, self.live[row].looks >= SETTLED_LOOK));
        }
        let fresh: Vec<usize> = due.iter().filter(|(_, settled)| !settled).map(|(row, _)| *row).collect();
        let mut glances = self.glances(luma, &fresh).into_iter();
        let mut wanting = Vec::new();
        for (row, settled) in due {
            let glances = if settled { None } else { glances.next() };
            if self.look(luma, row, moment, glances) && settled {
                wanting.push(row);
            }
        }
        self.before = moment;
        if let Some(models) = models {
            self.ask(luma, wanting, models);
        }
        self.sweep(luma.width);
    }

    /// Looks at what was seen before the area was found.
    pub fn replay<'e>(&mut self, base: &Luma, past: impl Iterator<Item = &'e Event>, models: Option<&Models>) {
        let mut luma = base.clone();
        for event in past {
            event.apply(&mut luma);
            let moment = Moment { index: event.index, at_ms: event.at_ms };
            self.observe(&luma, &event.changed, moment, models);
        }
    }

    fn is_touched(&self, row: usize, changed: &Changed) -> bool {
        if changed.count == 0 {
            return false;
        }
        let (left, top) = (self.grid.origin_x.max(0.0) as usize, self.top(row).max(0.0) as usize);
        let bottom = (self.top(row + 1) as usize).max(top + 1);
        changed.touches(left, top, (self.grid.area.x + self.grid.area.width) as usize, bottom)
    }

    /// Reads one row of a picture into its track; true if there is text. A row
    /// that was just drawn comes with what a glance at it said, any other may
    /// teach new glyphs.
    fn look(&mut self, luma: &Luma, row: usize, moment: Moment, glances: Option<Vec<Glance>>) -> bool {
        let settled = glances.is_none();
        let line = match glances {
            Some(glances) => self.line_of(glances),
            None => self.line_at(luma, self.top(row), Sight::Settled),
        };
        if end(&line) == 0 {
            self.leave(row, moment);
            return false;
        }
        self.glyph_rows += 1;
        let found = self.follow(row, &line);
        let old = self.live[row].track;
        let track = match found {
            Some(track) => track,
            None if self.tracks.len() >= TRACKS_AT_MOST => {
                self.dropped += 1;
                return false;
            }
            None => {
                self.tracks.push(Track::new(line.clone(), moment.at_ms));
                self.tracks.len() - 1
            }
        };
        if old != Some(track) {
            let since_ms = self.live[row].since_ms;
            self.leave(row, moment);
            self.enter(row, track, moment);
            self.fold(track, old, moment.at_ms - since_ms);
        }
        let best = self.tracks[track].add(&line, if settled { 3.0 } else { 1.0 });
        self.tracks[track].note_clear(&line, moment.at_ms);
        let y = self.top(row).max(0.0) as u32;
        self.tracks[track].note_stay(y, &line);
        self.tracks[track].last_ms = self.tracks[track].last_ms.max(moment.at_ms);
        let clear = track::clear(&line);
        if best || self.tracks[track].is_clearer(clear) {
            let picture = Picture { settled, clear, ..self.picture_of(luma, row, track, moment) };
            self.filled += usize::from(!self.tracks[track].has_picture());
            self.tracks[track].keep(picture, best);
        }
        true
    }

    /// The track that a line belongs to: the row's own, else one seen lately.
    fn follow(&self, row: usize, line: &Line) -> Option<usize> {
        let last = end(line);
        let same = |track: &usize| {
            let track = &self.tracks[*track];
            track.end == last && relation(&track.line, line, &self.glyphs) == Relation::Same
        };
        self.live[row]
            .track
            .filter(same)
            .or_else(|| self.recent.iter().rev().take(LOOKED_BACK).copied().find(|track| same(track)))
    }

    fn leave(&mut self, row: usize, moment: Moment) {
        let (y, before_ms) = (self.top(row).max(0.0) as u32, self.before.at_ms);
        let live = &mut self.live[row];
        if let Some(track) = live.track.take() {
            let track = &mut self.tracks[track];
            track.frames += moment.index.saturating_sub(live.since_index);
            let last_ms = before_ms.min(moment.at_ms);
            track.last_ms = track.last_ms.max(last_ms);
            // None may be kept of it: there is room for so many only. And a line above
            // may have taken the row over before this one is left, as a screen scrolls.
            let own = |stay: &&mut Stay| stay.y == y && stay.last_ms >= live.since_ms;
            if let Some(stay) = track.stays.iter_mut().rev().find(own) {
                stay.last_ms = stay.last_ms.max(last_ms);
            }
        }
    }

    /// Notes what became of the line that stood there before: typed on, or taken back.
    fn fold(&mut self, track: usize, old: Option<usize>, stood_ms: u64) {
        let Some(old) = old else { return };
        let relation = relation(&self.tracks[old].line, &self.tracks[track].line, &self.glyphs);
        let stood = &mut self.tracks[old];
        match relation {
            Relation::Grown => {
                stood.folded = true;
                stood.stood |= stood_ms >= STOOD_MS;
                let (first_ms, state) = (stood.first_ms, stood.clone());
                self.tracks[track].inherit(&state);
                // What is typed has stood at its line since its beginning.
                if let (Some(before), [.., own]) = (state.stays.last().copied(), &mut self.tracks[track].stays[..]) {
                    own.first_ms = if own.y == before.y { before.first_ms.min(own.first_ms) } else { own.first_ms };
                }
                if stood_ms < STOOD_MS {
                    self.tracks[track].first_ms = self.tracks[track].first_ms.min(first_ms);
                }
            }
            Relation::Shrunk => stood.partial = true,
            _ => stood.stood |= stood_ms >= 100,
        }
    }

    fn enter(&mut self, row: usize, track: usize, moment: Moment) {
        self.live[row].track = Some(track);
        self.live[row].since_index = moment.index;
        self.live[row].since_ms = moment.at_ms;
        let y = self.top(row).max(0.0) as u32;
        self.tracks[track].stay(y, moment.at_ms);
        // What stands again was not taken back: a picture half drawn as the screen scrolled looked so.
        self.tracks[track].partial = false;
        self.recent.retain(|other| *other != track);
        self.recent.push(track);
    }

    fn picture_of(&self, luma: &Luma, row: usize, track: usize, moment: Moment) -> Picture {
        let line = &self.tracks[track].line;
        let (first, last) = (line.iter().position(|seen| seen.code != EMPTY).unwrap_or(0), end(line));
        let place = self.place(luma, row, first, last);
        Picture { pixels: crop(luma, place), place, at_ms: moment.at_ms, row, settled: false, clear: 0.0 }
    }

    fn place(&self, luma: &Luma, row: usize, first: usize, last: usize) -> Rect {
        let x = self.left(first).max(0.0) as u32;
        let y = self.top(row).max(0.0) as u32;
        let right = (self.left(last).ceil() as u32).min(luma.width as u32);
        let bottom = (self.top(row + 1).ceil() as u32).min(luma.height as u32);
        Rect { x, y, width: right.saturating_sub(x), height: bottom.saturating_sub(y) }
    }

    /// Sends rows with doubtful glyphs to the network, few at a time.
    fn ask(&mut self, luma: &Luma, rows: Vec<usize>, models: &Models) {
        let mut rows = rows;
        while !rows.is_empty() {
            let (mut batch, mut awaited): (Vec<(usize, Part)>, _) = (Vec::new(), BTreeMap::new());
            while let (true, Some(row)) = (batch.len() < BATCH, rows.first().copied()) {
                rows.remove(0);
                if let Some(track) = self.live[row].track {
                    let parts = self.parts(track, &mut awaited);
                    if !parts.is_empty() {
                        let contents = self.contents(luma, self.top(row), &mut Room::default());
                        batch.extend(parts.into_iter().map(|part| (track, self.strip(luma, row, part, &contents))));
                    }
                }
            }
            let strips: Vec<Luma> = batch.iter().map(|(_, part)| part.strip.clone()).collect();
            self.network_rows += strips.len() as u64;
            for ((track, part), glimpses) in batch.iter().zip(models.read(&strips)) {
                self.learn(*track, part, &glimpses);
            }
        }
    }

    /// Runs of columns about which the network should be asked.
    fn parts(&mut self, track: usize, awaited: &mut BTreeMap<u16, u32>) -> Vec<(usize, usize)> {
        let track = &mut self.tracks[track];
        let lacking = |seen: &Seen| seen.code.checked_sub(FIRST_GLYPH).map_or(0, |glyph| self.glyphs.lacking(glyph));
        if self.asked_parts > PARTS_AT_ONCE + PARTS_A_SECOND * self.before.at_ms / 1000
            || track.asked >= 4
            || !track.line.iter().any(|seen| lacking(seen) > 0)
        {
            return Vec::new();
        }
        track.asked += 1;
        let beside = if self.glyphs.is_good_video() { BESIDE } else { BESIDE_IN_POOR };
        let parts = doubtful(&track.line, beside, lacking, awaited);
        self.asked_parts += parts.len() as u64;
        for (first, last) in &parts {
            for seen in &track.line[*first..*last] {
                if seen.code >= FIRST_GLYPH {
                    self.glyphs.asked(seen.code - FIRST_GLYPH);
                }
            }
        }
        parts
    }

    fn strip(&self, luma: &Luma, row: usize, (first, last): (usize, usize), contents: &[Content]) -> Part {
        let place = self.place(luma, row, first, last);
        let cells = contents[first..last].to_vec();
        Part { first, last, left: place.x as f32, strip: crop(luma, place), cells }
    }

    /// What the network read votes on the glyphs that stand there.
    fn learn(&mut self, track: usize, part: &Part, glimpses: &[Glimpse]) {
        for (column, glimpse, trust) in self.paired(track, part, glimpses) {
            let seen = self.tracks[track].line[column];
            if seen.code >= FIRST_GLYPH && glimpse.likely > 0.3 {
                let glyph = seen.code - FIRST_GLYPH;
                self.glyphs.vote(glyph, glimpse.value, glimpse.likely * glimpse.likely * trust);
                if let Content::Ink(cell) = &part.cells[column - part.first] {
                    self.glyphs.show(glyph, glimpse.value, glimpse.likely * trust, cell);
                }
                for (value, likely) in
                    glimpse.also.into_iter().filter(|(value, likely)| *value != ' ' && *likely > 0.03)
                {
                    self.glyphs.vote(glyph, value, likely * trust);
                }
            }
        }
    }

    /// The columns of a row and what the network read there.
    fn paired(&self, track: usize, part: &Part, glimpses: &[Glimpse]) -> Vec<(usize, Glimpse, f32)> {
        let line = &self.tracks[track].line;
        let inked: Vec<usize> = (part.first..part.last).filter(|column| line[*column].code != EMPTY).collect();
        let (left, width) = (self.grid.origin_x, self.grid.cell_width);
        let glimpses: Vec<Glimpse> = glimpses.iter().filter(|glimpse| glimpse.value != ' ').copied().collect();
        align(&inked, &glimpses, |glimpse| (part.left + glimpse.at - left) / width - 0.5)
    }

    /// Ends all rows at the last picture.
    pub fn end(&mut self, moment: Moment) {
        self.ended = true;
        self.before = moment;
        let past = Moment { index: moment.index + 1, at_ms: moment.at_ms };
        for row in 0..self.live.len() {
            if let Some(track) = self.live[row].track {
                self.tracks[track].stood = true;
            }
            self.leave(row, past);
        }
    }

    /// Reads every row's picture once more with all that was learned, and
    /// takes poorer sights of a row for that row.
    pub fn reread(&mut self, width: usize) {
        self.glyphs.part();
        self.glyphs.settle();
        (0..self.tracks.len()).for_each(|at| self.reread_track(at, width));
        self.merge();
    }

    fn reread_track(&mut self, at: usize, width: usize) {
        let Track { picture, sharper, .. } = &self.tracks[at];
        let kept = [(Some(picture.clone()), AS_A_WHOLE), (sharper.clone(), AS_SHARPER)];
        for (picture, weight) in kept.into_iter().filter_map(|(picture, weight)| Some((picture?, weight))) {
            let Some(line) = self.again(at, &picture, width) else { continue };
            let track = &mut self.tracks[at];
            if weight == AS_A_WHOLE {
                track.line.clone_from(&line);
            }
            track.add(&line, weight);
            track.note_clear(&line, picture.at_ms);
        }
    }

    /// Reads a kept picture of a row.
    fn again(&mut self, track: usize, picture: &Picture, width: usize) -> Option<Line> {
        if picture.pixels.height == 0 {
            return None;
        }
        let luma = uncrop(&picture.pixels, picture.place, width, self.grid.ground);
        let sight = Sight::Again { settled: picture.settled };
        let mut line = self.line_at(&luma, self.top(picture.row) - picture.place.y as f32, sight);
        // What was empty beside its neighbours stays so: the picture does not hold them.
        for (new, old) in line.iter_mut().zip(&self.tracks[track].line).filter(|(_, old)| old.code == EMPTY) {
            *new = *old;
        }
        Some(line)
    }

    /// Rows of the grid with text at present.
    pub fn rows_with_text(&self) -> usize {
        self.live.iter().filter(|live| live.track.is_some()).count()
    }
}

/// Copies a box out of a picture.
pub(crate) fn crop(luma: &Luma, place: Rect) -> Luma {
    let (left, top) = ((place.x as usize).min(luma.width), (place.y as usize).min(luma.height));
    let width = (place.width as usize).min(luma.width - left);
    let height = (place.height as usize).min(luma.height - top);
    let mut pixels = Vec::with_capacity(width * height);
    for y in top..top + height {
        pixels.extend_from_slice(&luma.pixels[y * luma.width + left..][..width]);
    }
    Luma { width, height, pixels }
}

/// A picture of the full width with a box's pixels at their place, as high as the box.
fn uncrop(pixels: &Luma, place: Rect, width: usize, ground: u8) -> Luma {
    let mut luma = Luma { width, height: pixels.height, pixels: vec![ground; width * pixels.height] };
    let left = (place.x as usize).min(width);
    let wide = pixels.width.min(width - left);
    for y in 0..pixels.height {
        luma.pixels[y * width + left..][..wide].copy_from_slice(&pixels.pixels[y * pixels.width..][..wide]);
    }
    luma
}
