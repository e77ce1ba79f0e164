//! Reading a video: what changed, in which rows, and what stands there.
//!
//! Pictures come one by one and are not kept. Changes of the last seconds are,
//! so that an area found late is read from its beginning. A grid found means
//! cells; cells that look alike are one glyph; the network is asked what a
//! glyph is until it agrees with itself, and never again. Before that a grid
//! must have stood for a while (`unasked`).

mod cells;
#[cfg(test)]
mod drawn;
mod glyphs;
mod lattice;
mod lines;
mod network;
mod pane;
mod part;
mod poorer;
mod tiles;
#[cfg(test)]
mod tiny;
mod track;
mod typing;
mod unasked;

use std::collections::VecDeque;
use std::io::Read;

use crate::frame::Frame;
use crate::media::{Frames, Loss, OwnedFrame};
use crate::{Char, Luma, Reading, Row};

pub(crate) use network::scale as scaled;
pub use network::{DET_SHA256, ModelTrouble, Models, REC_SHA256};

use lines::Lines;
use pane::{Moment, Pane};
use tiles::{Canvas, Changed, Event};
pub(crate) use track::UNREAD;
use track::{EMPTY, Elected, FIRST_GLYPH, Track};
use unasked::Unasked;

/// Bytes of past changes that are kept before an area is known, and after.
const PAST_AT_MOST: usize = 64 << 20;
const PAST_ONCE_KNOWN: usize = 16 << 20;
/// Without a fixed-pitch area for so long, all text is taken for lines, in milliseconds.
const PATIENCE_MS: u64 = 6000;
/// Time between two searches for areas, in milliseconds.
const SEARCH_EVERY_MS: u64 = 250;

/// A character whose glyph is less sure than this may well be another: on poor
/// video, of words with such a character two in three were wrong.
const GLYPH_DOUBTFUL: f32 = 0.7;
/// The same for what the network calls a glyph: one reading in three.
const LABEL_DOUBTFUL: f32 = 0.35;
/// The network settles a doubt if it finds the character at least so likely;
/// such characters count for this share of that.
const SECOND_SURE: f32 = 0.6;
const SECOND_RIGHT: f32 = 0.9;
/// Clear characters that make a row of one mostly covered.
const FEW_CLEAR: usize = 3;

/// Figures on how a video was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Pictures looked at.
    pub frames: u64,
    /// Pictures in which nothing changed.
    pub still_frames: u64,
    /// Pieces of rows that the network read.
    pub network_rows: u64,
    /// Sights of rows that were read by glyphs.
    pub glyph_rows: u64,
    /// Different glyphs.
    pub glyphs: u64,
    /// Rows that could not be read, blurred ones for the most part.
    pub unread_rows: u64,
    /// Areas of proportional text that were too large or too many to read.
    pub left_out: u64,
    /// Rows beyond the number that is kept.
    pub dropped_rows: u64,
    /// Characters of rows that were marked as unread because they may well be others.
    pub doubtful_characters: u64,
}

/// Reads a decoder's pipe to its end. What was read before a loss is kept.
pub fn read(frames: &mut Frames<impl Read + Send>, models: Option<&Models>) -> (Reading, Effort, Option<Loss>) {
    let (reading, effort, _, loss) = read_beside(frames, models, |_| (), |_| ());
    (reading, effort, loss)
}

/// The same, and gives the last picture; each is shown to `before` on the thread
/// that takes it in, and to `after` when it was read.
pub(crate) fn read_beside(
    frames: &mut Frames<impl Read + Send>,
    models: Option<&Models>,
    mut before: impl FnMut(&OwnedFrame) + Send,
    mut after: impl FnMut(&OwnedFrame),
) -> (Reading, Effort, OwnedFrame, Option<Loss>) {
    let (mut canvas, mut reader) = (Canvas::default(), Reader::new(models));
    let prepare = |frame: &OwnedFrame| {
        before(frame);
        canvas.update(&frame.luma)
    };
    let (last, loss) = frames.ahead(prepare, |frame, changed| {
        reader.push(frame.borrowed(), &changed);
        after(frame);
    });
    let (reading, effort) = reader.finish(&canvas.luma);
    (reading, effort, last.unwrap_or_default(), loss)
}

/// Takes pictures in order of time and gives what was read.
#[derive(Debug)]
struct Reader<'m> {
    models: Option<&'m Models>,
    /// Sides of the picture before.
    size: (usize, usize),
    /// The picture before the oldest change that is kept.
    base: Luma,
    past: VecDeque<Event>,
    past_bytes: usize,
    panes: Vec<Pane>,
    lines: Lines,
    searched_ms: u64,
    /// Tiles that changed outside known areas since the last search.
    strange: usize,
    lines_began: bool,
    last: Moment,
    effort: Effort,
}

impl<'m> Reader<'m> {
    /// A reader that may ask these networks.
    fn new(models: Option<&'m Models>) -> Self {
        Self {
            models,
            size: (0, 0),
            base: Luma::default(),
            past: VecDeque::new(),
            past_bytes: 0,
            panes: Vec::new(),
            lines: Lines::default(),
            searched_ms: 0,
            strange: 0,
            lines_began: false,
            last: Moment::default(),
            effort: Effort::default(),
        }
    }

    /// Looks at the next picture, of which these tiles changed.
    fn push(&mut self, frame: Frame<'_>, changed: &Changed) {
        let size = (frame.luma.width, frame.luma.height);
        if self.size != size {
            self.ask(|_| true);
            self.size = size;
        }
        let moment = Moment { index: frame.index, at_ms: frame.at_ms };
        self.last = moment;
        self.effort.frames += 1;
        self.effort.still_frames += u64::from(changed.count == 0);
        for pane in self.panes.iter_mut().filter(|pane| !pane.ended) {
            if let Some(unasked) = &mut pane.unasked {
                unasked.note(&frame, changed);
            }
            let models = self.models.filter(|_| pane.unasked.is_none());
            pane.observe(frame.luma, changed, moment, models);
        }
        self.ask(|unasked| unasked.is_over(frame.at_ms));
        self.remember(changed, frame);
        self.search(frame.luma, false);
        if let Some(models) = self.models {
            let areas = self.areas();
            // Until an area is known, its text would be taken for lines.
            if self.lines_began {
                self.lines.observe(frame.luma, changed, moment, &areas, models);
            } else if !areas.is_empty() || self.last.at_ms > PATIENCE_MS {
                self.lines_began = true;
                let mut luma = self.base.clone();
                for event in &self.past {
                    event.apply(&mut luma);
                    let moment = Moment { index: event.index, at_ms: event.at_ms };
                    self.lines.observe(&luma, &event.changed, moment, &areas, models);
                }
            }
        }
    }

    fn areas(&self) -> Vec<crate::Rect> {
        self.panes.iter().filter(|pane| !pane.ended).map(|pane| pane.grid.area).collect()
    }

    fn remember(&mut self, changed: &Changed, frame: Frame<'_>) {
        if changed.count == 0 {
            return;
        }
        if (self.base.width, self.base.height) != (frame.luma.width, frame.luma.height) {
            self.base = frame.luma.clone();
            self.past.clear();
            self.past_bytes = 0;
        }
        self.strange += self.outside(changed);
        let event = Event::of(frame.index, frame.at_ms, changed, frame.luma);
        self.past_bytes += event.bytes();
        self.past.push_back(event);
        if self.past_bytes > PAST_AT_MOST && self.panes.is_empty() {
            self.search(frame.luma, true);
        }
        let most = if self.panes.is_empty() { PAST_AT_MOST } else { PAST_ONCE_KNOWN };
        if self.past_bytes > most {
            self.ask(|_| true);
        }
        while self.past_bytes > most {
            let Some(event) = self.past.pop_front() else { break };
            self.past_bytes -= event.bytes();
            event.apply(&mut self.base);
        }
    }

    fn outside(&self, changed: &Changed) -> usize {
        let inside = |tile: usize| {
            let (x, y) = ((tile % changed.columns * tiles::TILE) as u32, (tile / changed.columns * tiles::TILE) as u32);
            self.panes.iter().any(|pane| {
                let area = pane.grid.area;
                (area.x..area.x + area.width).contains(&x) && (area.y..area.y + area.height).contains(&y)
            })
        };
        (0..changed.flags.len()).filter(|tile| changed.flags[*tile] && !inside(*tile)).count()
    }

    /// Looks for areas that are not known yet. `last_chance` takes what little there is.
    fn search(&mut self, luma: &Luma, last_chance: bool) {
        let grown = self.panes.iter().any(|pane| pane.rows_with_text() > pane.confirmed_rows * 3 / 2 + 2);
        let due = self.last.at_ms >= self.searched_ms + SEARCH_EVERY_MS && (self.strange > 40 || grown);
        if !due && !last_chance {
            return;
        }
        (self.searched_ms, self.strange) = (self.last.at_ms, 0);
        for found in lattice::find(luma) {
            let enough = found.is_sure() || (last_chance && found.rows >= 1 && found.cells >= 8);
            if enough {
                self.meet(found, luma);
            } else {
                // Not enough yet: worth another look when more was written.
                self.strange = 41;
            }
        }
        for pane in &mut self.panes {
            pane.confirmed_rows = pane.confirmed_rows.max(pane.rows_with_text());
        }
    }

    /// Takes in an area: known already, known with a wrong cut, or new.
    fn meet(&mut self, found: lattice::Found, luma: &Luma) {
        let near = |pane: &&Pane| !pane.ended && lattice::overlap(pane.grid.area, found.grid.area) > 0.3;
        let oldest_ms = self.past.front().map_or(0, |event| event.at_ms);
        let mut drop = None;
        if let Some(at) = self.panes.iter().position(|pane| near(&pane)) {
            let pane = &self.panes[at];
            let larger = found.rows > pane.confirmed_rows * 5 / 4;
            if lattice::same_cut(&pane.grid, &found.grid) || !larger {
                return;
            }
            // What the wrong cut read goes, if the changes since are still there to be read again.
            if pane.first_ms.is_some_and(|first| first >= oldest_ms) {
                drop = Some(at);
            } else {
                self.ask(|_| true);
                self.panes[at].end(self.last);
            }
        }
        if let Some(at) = drop {
            self.panes.remove(at);
        }
        let mut pane = Pane::new(found.grid, luma);
        pane.unasked = self.models.map(|_| Unasked::new(self.last, luma));
        pane.replay(&self.base, self.past.iter(), None);
        pane.confirmed_rows = found.rows;
        self.panes.push(pane);
    }

    /// Has the network asked about areas that it was not yet asked about.
    fn ask(&mut self, is_time: impl Fn(&Unasked) -> bool) {
        let Some(models) = self.models else { return };
        for pane in &mut self.panes {
            if let Some(unasked) = pane.unasked.take_if(|unasked| is_time(unasked)) {
                *pane = unasked.asked(pane, &self.base, self.past.iter(), models);
            }
        }
    }

    /// Ends reading, with the last picture.
    fn finish(mut self, luma: &Luma) -> (Reading, Effort) {
        if self.panes.is_empty() && luma.width > 0 {
            self.search(luma, true);
        }
        self.ask(|_| true);
        if let Some(models) = self.models.filter(|_| luma.width > 0) {
            let areas = self.areas();
            self.lines.end(luma, self.last, &areas, models);
        }
        let mut reading = Reading::default();
        self.effort.network_rows += self.lines.asked;
        self.effort.left_out += self.lines.left_out;
        reading.rows.append(&mut self.lines.rows);
        for (at, mut pane) in self.panes.into_iter().enumerate() {
            // What changed last was not yet looked at when it had settled.
            let nothing = Changed { columns: 0, rows: 0, flags: Vec::new(), count: 0 };
            let later: &[u64] = if pane.ended { &[] } else { &[100, 300, 1000] };
            for later in later {
                let moment = Moment { index: self.last.index, at_ms: self.last.at_ms + later };
                pane.observe(luma, &nothing, moment, self.models);
            }
            if !pane.ended {
                pane.end(self.last);
            }
            pane.reread(luma.width);
            if let Some(models) = self.models {
                pane.second_sight(models, &is_doubtful);
            }
            self.effort.network_rows += pane.network_rows;
            self.effort.glyph_rows += pane.glyph_rows;
            self.effort.dropped_rows += pane.dropped;
            self.effort.unread_rows += pane.unread;
            self.effort.glyphs += pane.glyphs.len() as u64;
            reading.grids.push(pane.grid);
            for track in &pane.tracks {
                match row(track, &pane, at, self.effort.frames.min(2)) {
                    Some(mut row) => {
                        let doubtful = |char: &&Char| char.value == UNREAD && !char.others.is_empty();
                        self.effort.doubtful_characters += row.chars.iter().filter(doubtful).count() as u64;
                        row.last_ms = row.last_ms.min(self.last.at_ms);
                        row.stays.iter_mut().for_each(|stay| stay.last_ms = stay.last_ms.min(self.last.at_ms));
                        row.taken_ms = row.taken_ms.min(self.last.at_ms);
                        reading.rows.push(row);
                    }
                    None => self.effort.unread_rows += u64::from(track.is_unread()),
                }
            }
        }
        self.effort.unread_rows += poorer::leave_out(&mut reading.rows);
        reading.rows.sort_by(|one, other| {
            (one.first_ms, one.place, &one.text).cmp(&(other.first_ms, other.place, &other.text))
        });
        typing::mark(&mut reading.rows);
        (reading, self.effort)
    }
}

/// How sure a character is by its lead over others, as measured on poor video:
/// without a lead nine in ten are wrong, a copy's spread ahead two in a hundred.
fn led(lead: f32) -> f32 {
    1.0 - 0.9 * (-4.0 * lead.max(0.0)).exp()
}

/// A track as a row; nothing if it is a state of another or mostly unread.
/// Characters that may well be others are marked as unread, and named among
/// the alternatives.
fn row(track: &Track, pane: &Pane, grid: usize, frames_at_least: u64) -> Option<Row> {
    if !track.is_kept() || track.frames < frames_at_least {
        return None;
    }
    let mut text = String::new();
    let mut chars = Vec::new();
    for column in 0..track.line.len() {
        let elected = track.elect(column, &pane.glyphs);
        let clear = elected.clear.unwrap_or((track.first_ms, track.last_ms));
        let char = named(&elected, pane, column, clear);
        let char =
            track.second.iter().find(|second| second.0 == column).map_or(char.clone(), |second| agreed(char, *second));
        text.push(if elected.value == ' ' { ' ' } else { char.value });
        chars.extend((elected.code != EMPTY && elected.value != ' ').then_some(char));
    }
    if !says_something(&chars) {
        return None;
    }
    let picture = track.sharper.as_ref().unwrap_or(&track.picture);
    Some(Row {
        text: text.trim().to_owned(),
        chars,
        place: picture.place,
        taken_ms: picture.at_ms,
        first_ms: track.first_ms,
        last_ms: track.last_ms,
        frames: track.frames,
        stays: track.stays.clone(),
        grid: Some(grid),
        partial: track.partial || track.folded,
        reader: crate::Reader::Glyphs,
        pixels: picture.pixels.clone(),
    })
}

/// Whether half of a row could be read, or all beside one stretch: a cover may
/// lie over most of it.
fn says_something(chars: &[Char]) -> bool {
    let read = chars.iter().filter(|char| char.value != UNREAD).count();
    let ends = chars.windows(2).filter(|pair| (pair[0].value == UNREAD) != (pair[1].value == UNREAD)).count();
    read > 0 && (read * 2 >= chars.len() || (read >= FEW_CLEAR && ends <= 2))
}

/// Whether glyphs leave a doubt which character stands in a column.
fn is_doubtful(pane: &Pane, track: &Track, column: usize) -> bool {
    let char = named(&track.elect(column, &pane.glyphs), pane, column, (0, 0));
    char.value == UNREAD && !char.others.is_empty()
}

/// A doubtful character is one after all if the network reads the same in the
/// picture of that very row.
fn agreed(char: Char, (_, value, likely): (usize, char, f32)) -> Char {
    if char.value != UNREAD || char.others.first() != Some(&value) || likely < SECOND_SURE {
        return char;
    }
    let others = char.others[1..].to_vec();
    Char { value, confidence: SECOND_RIGHT * likely, others, ..char }
}

/// What was elected for a column, with its surety.
fn named(elected: &Elected, pane: &Pane, column: usize, (first_ms, last_ms): (u64, u64)) -> Char {
    let unread = Char { value: UNREAD, confidence: 0.0, others: Vec::new(), column: column as u32, first_ms, last_ms };
    let is_ascii = ('!'..='~').contains(&elected.value);
    let Some(glyph) = elected.code.checked_sub(FIRST_GLYPH).filter(|_| is_ascii) else {
        return unread;
    };
    let label_is_sure = pane.glyphs.label(glyph).map_or(0.0, |(_, sure)| sure);
    let glyph_is_sure = elected.share * led(elected.lead);
    let mut others = pane.glyphs.others(glyph, elected.value);
    let is_doubtful = glyph_is_sure < GLYPH_DOUBTFUL || label_is_sure < LABEL_DOUBTFUL;
    if is_doubtful {
        others.insert(0, elected.value);
    }
    let value = if is_doubtful { UNREAD } else { elected.value };
    Char { value, confidence: glyph_is_sure * label_is_sure, others, ..unread }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::drawn::drawn;
    use super::tiny::{CELL, LEVELS, detector, recogniser};
    use super::*;
    use crate::redaction::{Failure, FailureKind, Redactions, failures};

    /// No letter twice in a row, which the small network would take for one.
    pub(super) const LINES: &[&str] = &[
        "drwxr-xr-x two rows",
        "host = two.zero",
        "user = svc lists",
        "copied from the archive",
        "written to out",
        "inbox = home vtr projects",
        "proxy list",
        "fetch rows",
        "written as lists",
        "jobs in the outbox",
        "wanja has the box",
        "a copy of the market",
        "carrier = north",
        "drafts = forty.two",
        "put away in folder",
        "ticket = x-two",
        "the ledger is out",
        "sample and vector",
        "exit = relay",
        "batch written",
        "tail of the log",
        "done = zero",
    ];
    const CORNER: (usize, usize) = (27, 31);

    fn screen() -> Luma {
        drawn(480, 480, CORNER, CELL, LINES, LEVELS.0, LEVELS.1)
    }

    /// Covers columns of a line by blocks of six pixels.
    fn covered(luma: &Luma, line: usize, columns: std::ops::Range<usize>) -> Luma {
        let (left, top) = (CORNER.0 + columns.start * CELL.0, CORNER.1 + line * CELL.1);
        let mut luma = luma.clone();
        for (y, x) in
            (0..CELL.1 / 6).flat_map(|y| (0..columns.len() * CELL.0 / 6).map(move |x| (top + 6 * y, left + 6 * x)))
        {
            let pixels = (0..36).map(|at| (y + at / 6) * luma.width + x + at % 6);
            let mean = pixels.clone().map(|at| u32::from(luma.pixels[at])).sum::<u32>() / 36;
            pixels.for_each(|at| luma.pixels[at] = mean as u8);
        }
        luma
    }

    /// What is read off pictures that each stand for some frames of 40 ms.
    fn reading(pictures: &[(&Luma, u64)]) -> (Reading, Vec<Failure>) {
        let models = Models::unpinned(detector(), recogniser()).unwrap();
        let (mut reader, mut redactions) = (Reader::new(Some(&models)), Redactions::default());
        let (mut canvas, mut index) = (Canvas::default(), 0);
        for (luma, frames) in pictures {
            for _ in 0..*frames {
                let frame = Frame { index, at_ms: index * 40, luma };
                redactions.frame(&frame);
                reader.push(frame, &canvas.update(luma));
                index += 1;
            }
        }
        let (reading, _) = reader.finish(&canvas.luma);
        let found = redactions.finish(&reading);
        let failed = failures(&reading, &found, &[]);
        (reading, failed)
    }

    #[test]
    fn drawn_text_is_read_by_a_small_network() {
        let screen = screen();
        let (reading, _) = reading(&[(&screen, 60)]);
        let texts: Vec<&str> = reading.rows.iter().map(|row| row.text.as_str()).collect();
        assert_eq!(texts, LINES);
        assert_eq!(reading.grids.len(), 1);
    }

    /// A grid that had to stand first ends as if the network had been asked at once.
    #[test]
    fn asked_later_is_asked_at_once() {
        let models = Models::unpinned(detector(), recogniser()).unwrap();
        let (screen, hidden) = (screen(), covered(&screen(), 5, 8..25));
        let grid = lattice::find(&screen)[0].grid;
        let (mut at_once, mut later) = (Pane::new(grid, &screen), Pane::new(grid, &screen));
        let mut canvas = Canvas::default();
        let first = Event::of(0, 0, &canvas.update(&screen), &screen);
        at_once.replay(&screen, [&first].into_iter(), Some(&models));
        later.replay(&screen, [&first].into_iter(), None);
        let mut unasked = Unasked::new(Moment::default(), &screen);
        for index in 1..30 {
            let luma = if index < 12 { &screen } else { &hidden };
            let (changed, moment) = (canvas.update(luma), Moment { index, at_ms: index * 40 });
            unasked.note(&Frame { index, at_ms: index * 40, luma }, &changed);
            at_once.observe(luma, &changed, moment, Some(&models));
            later.observe(luma, &changed, moment, None);
        }
        assert!(unasked.is_over(1_160) && !unasked.is_over(960));
        let asked = unasked.asked(&later, &screen, [&first].into_iter(), &models);
        assert!(asked.network_rows > 0 && later.network_rows == 0);
        assert_eq!(format!("{:?}", asked.tracks), format!("{:?}", at_once.tracks));
        assert_eq!(format!("{:?}", asked.glyphs), format!("{:?}", at_once.glyphs));
    }

    #[test]
    fn what_was_clear_before_its_cover_is_told() {
        let (clear, hidden) = (screen(), covered(&screen(), 5, 8..25));
        let (reading, failed) = reading(&[(&clear, 10), (&hidden, 60)]);
        assert!(reading.rows.iter().any(|row| row.text == LINES[5]), "{:?}", reading.rows);
        let late: Vec<&str> = failed
            .iter()
            .filter(|failure| failure.kind == FailureKind::Late)
            .map(|failure| failure.text.as_str())
            .collect();
        assert_eq!(late, ["home vtr projects"]);
    }

    #[test]
    fn a_line_is_found_by_a_small_network() {
        let models = Models::unpinned(detector(), recogniser()).unwrap();
        let line = drawn(480, 64, (100, 20), CELL, &["market"], LEVELS.0, LEVELS.1);
        let [found] = models.detect(&line)[..] else { panic!("one line") };
        let (right, bottom) = (found.x + found.width, found.y + found.height);
        assert!((80..=102).contains(&found.x) && (152..=176).contains(&right), "{found:?}");
        assert!((10..=24).contains(&found.y) && (32..=48).contains(&bottom), "{found:?}");
    }
}
