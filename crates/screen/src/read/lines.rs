//! Text outside fixed-pitch areas: window titles, tabs, clocks. Found by how
//! its tiles look, boxed and read by the networks when it appears or changes.

use super::network::{Glimpse, Models};
use super::pane::{Moment, crop};
use super::tiles::{Changed, TILE};
use crate::{Char, Columns, Luma, Reader, Rect, Row, Stay};

/// A band is looked at when it has not changed for this long, in milliseconds.
const SETTLED_MS: u64 = 200;
/// Pixels in all bands of a video that the detector may look at.
const PIXELS_AT_MOST: usize = 12_000_000;
/// Pixels in one band; larger ones are looked at in part.
const BAND_AT_MOST: usize = 500_000;
/// Mean certainty below which a line is left out.
const SURE: f32 = 0.82;
/// Times kept at which a line stood.
const STAYS_AT_MOST: usize = 64;
/// Steps between neighbours that a tile of text has at least.
const STEPS: usize = 10;

/// A box with text-like tiles.
#[derive(Clone, Debug)]
struct Band {
    place: Rect,
    changed_ms: u64,
    is_read: bool,
    lines: Vec<usize>,
}

/// Lines of proportional text over time.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    bands: Vec<Band>,
    pub rows: Vec<Row>,
    pixels: usize,
    /// Bands that were left out because there were too many.
    pub left_out: u64,
    pub asked: u64,
    changed_ms: Option<u64>,
}

impl Lines {
    /// Looks at a picture outside the given areas.
    pub fn observe(&mut self, luma: &Luma, changed: &Changed, moment: Moment, areas: &[Rect], models: &Models) {
        for band in &mut self.bands {
            let place = band.place;
            let (right, bottom) = ((place.x + place.width) as usize, (place.y + place.height) as usize);
            if changed.count > 0 && changed.touches(place.x as usize, place.y as usize, right, bottom) {
                band.changed_ms = moment.at_ms;
                band.is_read = false;
            } else if band.is_read {
                for line in &band.lines {
                    self.rows[*line].last_ms = moment.at_ms;
                    self.rows[*line].stays.last_mut().into_iter().for_each(|stay| stay.last_ms = moment.at_ms);
                    self.rows[*line].frames += 1;
                }
            }
        }
        if outside(changed, areas) {
            self.changed_ms = Some(moment.at_ms);
        }
        if self.changed_ms.is_some_and(|since| moment.at_ms >= since + SETTLED_MS) {
            self.changed_ms = None;
            self.find_bands(luma, areas, moment);
        }
        for at in 0..self.bands.len() {
            let band = &self.bands[at];
            if !band.is_read && moment.at_ms >= band.changed_ms + SETTLED_MS {
                self.read_band(at, luma, moment, models);
            }
        }
    }

    /// Looks at the last picture whatever has changed.
    pub fn end(&mut self, luma: &Luma, moment: Moment, areas: &[Rect], models: &Models) {
        if self.changed_ms.is_some() || self.bands.is_empty() {
            self.find_bands(luma, areas, moment);
        }
        for at in 0..self.bands.len() {
            if !self.bands[at].is_read {
                self.read_band(at, luma, moment, models);
            }
        }
    }

    fn find_bands(&mut self, luma: &Luma, areas: &[Rect], moment: Moment) {
        let found = bands(luma, areas);
        self.bands.retain(|band| found.contains(&band.place));
        for place in found {
            if !self.bands.iter().any(|band| band.place == place) {
                let changed_ms = moment.at_ms.saturating_sub(SETTLED_MS);
                self.bands.push(Band { place, changed_ms, is_read: false, lines: Vec::new() });
            }
        }
    }

    fn read_band(&mut self, at: usize, luma: &Luma, moment: Moment, models: &Models) {
        self.bands[at].is_read = true;
        self.bands[at].lines.clear();
        let place = self.bands[at].place;
        let size = (place.width * place.height) as usize;
        if size > BAND_AT_MOST || self.pixels + size > PIXELS_AT_MOST {
            self.left_out += 1;
            return;
        }
        self.pixels += size;
        let picture = crop(luma, place);
        let boxes = models.detect(&picture);
        let strips: Vec<Luma> = boxes.iter().map(|found| crop(&picture, *found)).collect();
        self.asked += strips.len() as u64;
        let since_ms = self.bands[at].changed_ms;
        for ((found, strip), glimpses) in boxes.iter().zip(&strips).zip(models.read(&strips)) {
            let place = Rect { x: place.x + found.x, y: place.y + found.y, ..*found };
            if let Some(row) = row(place, strip, &glimpses, since_ms, moment) {
                let line = self.keep(row);
                self.bands[at].lines.push(line);
            }
        }
    }

    /// The same text at about the same place is the same line.
    fn keep(&mut self, row: Row) -> usize {
        let near = |old: &Row| old.text == row.text && old.place.y.abs_diff(row.place.y) < 40;
        if let Some(at) = self.rows.iter().position(near) {
            self.rows[at].last_ms = row.last_ms;
            if self.rows[at].stays.len() < STAYS_AT_MOST {
                self.rows[at].stays.extend(row.stays.first());
            }
            return at;
        }
        self.rows.push(row);
        self.rows.len() - 1
    }
}

fn outside(changed: &Changed, areas: &[Rect]) -> bool {
    changed.count > 0
        && (0..changed.flags.len()).any(|tile| {
            let (x, y) = ((tile % changed.columns * TILE) as u32, (tile / changed.columns * TILE) as u32);
            changed.flags[tile] && !areas.iter().any(|area| covers(area, x, y))
        })
}

fn covers(area: &Rect, x: u32, y: u32) -> bool {
    let within = |from: u32, length: u32, at: u32| at + TILE as u32 > from && at < from + length;
    within(area.x, area.width, x) && within(area.y, area.height, y)
}

/// Boxes of tiles that look like text, outside the given areas.
fn bands(luma: &Luma, areas: &[Rect]) -> Vec<Rect> {
    let (columns, rows) = (luma.width / TILE, luma.height / TILE);
    let mut boxes: Vec<(usize, usize, usize, usize)> = Vec::new();
    for row in 0..rows {
        let texty: Vec<bool> = (0..columns)
            .map(|column| {
                let (x, y) = ((column * TILE) as u32, (row * TILE) as u32);
                !areas.iter().any(|area| covers(area, x, y)) && steps(luma, column * TILE, row * TILE) >= STEPS
            })
            .collect();
        for (first, last) in runs(&texty) {
            let above = boxes
                .iter_mut()
                .find(|(left, right, _, bottom)| *bottom == row && first <= *right + 2 && *left <= last + 2);
            match above {
                Some(above) => *above = (above.0.min(first), above.1.max(last), above.2, row + 1),
                None => boxes.push((first, last, row, row + 1)),
            }
        }
    }
    let pad = |at: usize, by: usize| (at * TILE).saturating_sub(by);
    let mut bands: Vec<Rect> = boxes
        .into_iter()
        .map(|(left, right, top, bottom)| {
            let (x, y) = (pad(left, 12), pad(top, 8));
            let (right, bottom) = (((right + 1) * TILE + 12).min(luma.width), (bottom * TILE + 8).min(luma.height));
            Rect { x: x as u32, y: y as u32, width: (right - x) as u32, height: (bottom - y) as u32 }
        })
        .collect();
    bands.sort();
    bands
}

/// Runs of at least three tiles, with gaps of up to three in them.
fn runs(texty: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    for (at, _) in texty.iter().enumerate().filter(|(_, texty)| **texty) {
        match runs.last_mut() {
            Some(run) if at - run.1 <= 3 => (run.1, run.2) = (at, run.2 + 1),
            _ => runs.push((at, at, 1)),
        }
    }
    runs.into_iter().filter(|run| run.2 >= 3).map(|run| (run.0, run.1)).collect()
}

fn steps(luma: &Luma, left: usize, top: usize) -> usize {
    let mut steps = 0;
    for y in top..top + TILE {
        let line = &luma.pixels[y * luma.width + left..][..TILE];
        steps += line.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) > 24).count();
    }
    steps
}

fn row(place: Rect, strip: &Luma, glimpses: &[Glimpse], first_ms: u64, moment: Moment) -> Option<Row> {
    let glimpses = spaced(strip, glimpses);
    let text: String = glimpses.iter().map(|glimpse| glimpse.value).collect();
    let inked = glimpses.iter().enumerate().filter(|(_, glimpse)| glimpse.value != ' ');
    let chars: Vec<Char> = inked
        .map(|(at, glimpse)| Char {
            value: glimpse.value,
            confidence: glimpse.likely,
            others: Vec::new(),
            column: at as u32,
            first_ms,
            last_ms: moment.at_ms,
        })
        .collect();
    let sure = chars.iter().map(|char| char.confidence).sum::<f32>() / chars.len().max(1) as f32;
    if chars.len() < 3 || sure < SURE {
        return None;
    }
    Some(Row {
        text: text.trim().to_owned(),
        chars,
        place,
        taken_ms: moment.at_ms,
        first_ms,
        last_ms: moment.at_ms,
        frames: 1,
        stays: vec![Stay { first_ms, last_ms: moment.at_ms, y: place.y, clear: Columns::default() }],
        grid: None,
        partial: false,
        reader: Reader::Network,
        pixels: strip.clone(),
    })
}

/// Puts in blanks that the network left out, where the picture has a wide gap.
fn spaced(strip: &Luma, glimpses: &[Glimpse]) -> Vec<Glimpse> {
    let grounds: Vec<u8> = strip.pixels.chunks_exact(strip.width).map(median).collect();
    let is_ground = |x: usize| (0..strip.height).all(|y| strip.pixels[y * strip.width + x].abs_diff(grounds[y]) < 36);
    let is_bare: Vec<bool> = (0..strip.width).map(is_ground).collect();
    let mut spaced: Vec<Glimpse> = Vec::new();
    for glimpse in glimpses {
        if let Some(before) = spaced.last().copied().filter(|before| before.value != ' ' && glimpse.value != ' ') {
            let between = (before.at as usize).min(strip.width)..(glimpse.at as usize).min(strip.width);
            let widest =
                is_bare[between.start..between.end.max(between.start)].split(|bare| !bare).map(<[bool]>::len).max();
            if widest.unwrap_or(0) as f32 > 0.22 * strip.height as f32 {
                spaced.push(Glimpse { value: ' ', ..before });
            }
        }
        spaced.push(*glimpse);
    }
    spaced
}

fn median(line: &[u8]) -> u8 {
    let mut sorted = line.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}
