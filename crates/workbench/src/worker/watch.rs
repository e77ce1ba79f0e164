//! The child's side of a video: pictures from a decoder's pipe to rows.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use evidence::Sink;
use evidence::extract::names_somebody;
use model::locator::extend_chain;
use model::{Batch, Cell, Step, Surface, tables};
use screen::deblur::{Fonts, Means, Recovered, Reencode, Warrant, recover};
use screen::known::Fingerprint;
use screen::media::{Frames, Limits};
use screen::read::Models;
use screen::redaction::failures;
use screen::settings::settings;
use screen::tell::{Whose, tell};
use screen::{Luma, Reading, Rect, Row, Seen};

mod hidden;

/// Time between two fingerprints of a video, in milliseconds.
const PRINT_EVERY_MS: u64 = 1000;

/// Fingerprints of one video at most: five hours.
const PRINTS_AT_MOST: usize = 18_000;

/// Pictures between two signs of life.
const SIGN_OF_LIFE: u64 = 32;

/// Where the medium lies in the evidence.
pub struct Place<'a> {
    pub evidence: &'a str,
    pub chain: &'a str,
}

/// What weak covers are read with.
pub struct Uncover<'a> {
    /// Why; without a reason they are not read.
    pub reason: Option<&'a str>,
    pub fonts: &'a Fonts,
    pub recode: Reencode<'a>,
}

/// Reads a decoder's pipe to its end and gives what was seen as rows. With a
/// reason, weak covers are read too.
pub fn watch(
    place: &Place<'_>,
    pipe: impl Read + Send,
    models: Option<&Models>,
    uncover: &Uncover<'_>,
    sink: &RefCell<dyn Sink + '_>,
) -> std::io::Result<()> {
    let (seen, prints, last) = look(pipe, models, sink);
    let surfaces = surfaces(&seen.reading);
    // Records of persons: what programs print with a mail address or a telephone number in it.
    let personal: BTreeSet<(&str, Rect)> = seen
        .reading
        .rows
        .iter()
        .zip(&surfaces)
        .filter(|(row, surface)| **surface == Surface::Output && names_somebody(row.text.as_bytes()))
        .map(|(row, _)| (&*row.text, row.place))
        .collect();
    let is_personal = |row: &Row| personal.contains(&(&*row.text, row.place));
    let recovered = match uncover.reason {
        Some(reason) => {
            let warrant = Warrant { reason: reason.to_owned() };
            let alive = || {
                sink.borrow_mut().begin(last);
            };
            let means = Means { fonts: uncover.fonts, reencode: Some(uncover.recode), alive: &alive };
            recover(&seen.reading, &seen.redactions, &warrant, &is_personal, &means)
        }
        None => Recovered::default(),
    };
    let failures = failures(&seen.reading, &seen.redactions, &recovered.known());
    let hidden = hidden::Hidden {
        seen: &seen,
        surfaces: &surfaces,
        recovered: &recovered,
        failures: &failures,
        asked: uncover.reason.is_some(),
    };
    let batches = [
        losses(place, &seen),
        screen(place, &seen),
        rows(place, &seen.reading, &surfaces),
        settings_of(place, &seen.reading),
        fingerprints(place, &prints),
        hidden.covers(place),
        hidden.readings(place),
    ];
    for mut batch in batches.into_iter().filter(|batch| batch.rows() > 0) {
        let table = batch.table();
        sink.borrow_mut().batch(table, batch.take().map_err(std::io::Error::other)?);
    }
    Ok(())
}

/// A fingerprint and its time in milliseconds.
type Print = (u64, Fingerprint);

/// What was seen, the fingerprints, and the ordinal of the last picture.
fn look(pipe: impl Read + Send, models: Option<&Models>, sink: &RefCell<dyn Sink + '_>) -> (Seen, Vec<Print>, u64) {
    let (mut prints, mut last): (Vec<Print>, u64) = (Vec::new(), 0);
    let seen = screen::watch(&mut Frames::new(pipe, &Limits::default()), models, |own| {
        if prints.last().is_none_or(|(at_ms, _)| own.at_ms >= at_ms + PRINT_EVERY_MS) && prints.len() < PRINTS_AT_MOST {
            prints.extend(Fingerprint::of(&own.luma).map(|print| (own.at_ms, print)));
        }
        last = own.index;
        if own.index.is_multiple_of(SIGN_OF_LIFE) {
            sink.borrow_mut().begin(own.index);
        }
    });
    (seen, prints, last)
}

/// What each row is on the screen; where a row is several things, the operator's own first.
fn surfaces(reading: &Reading) -> Vec<Surface> {
    let mut surfaces = vec![Surface::Output; reading.rows.len()];
    for told in tell(reading) {
        let surface = match told.whose {
            Whose::Prompt | Whose::Command => Surface::Prompt,
            Whose::Title => Surface::Title,
            Whose::Output => Surface::Output,
        };
        if let Some(row) = surfaces.get_mut(told.row) {
            *row = (*row).min(surface);
        }
    }
    surfaces
}

impl Place<'_> {
    fn whole(&self) -> [Cell<'_>; 4] {
        [self.evidence.into(), self.chain.into(), 0.into(), 0.into()]
    }

    /// Steps to a rectangle of the picture at a time.
    fn at(&self, at_ms: u64, place: Rect) -> String {
        let frame = extend_chain(self.chain, &Step::Frame(at_ms / 10));
        extend_chain(&frame, &Step::Box(place.x, place.y, place.width, place.height))
    }
}

fn losses(place: &Place<'_>, seen: &Seen) -> Batch {
    let mut losses = Batch::new(&tables::LOSSES);
    if let Some(loss) = &seen.loss {
        let detail = loss.to_string();
        losses.push(
            &place.whole(),
            &["ingest".into(), "a video was not seen to its end".into(), 1.into(), (&detail).into()],
        );
    }
    let unread = seen.effort.unread_rows + seen.effort.dropped_rows;
    if unread > 0 {
        losses.push(&place.whole(), &["ingest".into(), "rows of a screen not read".into(), unread.into(), Cell::Null]);
    }
    let doubtful = seen.effort.doubtful_characters;
    if doubtful > 0 {
        let reason = "characters on a screen too doubtful to name";
        losses.push(&place.whole(), &["ingest".into(), reason.into(), doubtful.into(), Cell::Null]);
    }
    losses
}

fn screen(place: &Place<'_>, seen: &Seen) -> Batch {
    let mut batch = Batch::new(&tables::SCREENS);
    let rows = seen.reading.rows.iter();
    let by_network = rows.filter(|row| row.reader == screen::Reader::Network).count();
    let cells = [seen.last.luma.width, seen.last.luma.height].map(|side| Cell::U64(side as u64));
    let counts = [seen.reading.rows.len(), by_network, seen.redactions.len()].map(|count| Cell::U64(count as u64));
    let times = [seen.effort.frames.into(), seen.last.at_ms.into()];
    let cells: Vec<Cell<'_>> = cells.into_iter().chain(times).chain(counts).collect();
    batch.push(&place.whole(), &cells);
    batch
}

fn rows(place: &Place<'_>, reading: &Reading, surfaces: &[Surface]) -> Batch {
    let mut batch = Batch::new(&tables::SCREEN_ROWS);
    for (row, surface) in reading.rows.iter().zip(surfaces).filter(|(row, _)| !row.partial) {
        let chain = place.at(row.taken_ms, row.place);
        let reader = match row.reader {
            screen::Reader::Network => "network",
            screen::Reader::Glyphs => "glyphs",
        };
        let crop = picture(&row.pixels);
        let cells = [
            (&row.text).into(),
            surface.word().into(),
            row.first_ms.into(),
            row.last_ms.into(),
            row.frames.into(),
            Cell::F64(confidence(row)),
            reader.into(),
            (&crop).into(),
        ];
        batch.push(&[place.evidence.into(), (&chain).into(), 0.into(), 0.into()], &cells);
    }
    batch
}

fn settings_of(place: &Place<'_>, reading: &Reading) -> Batch {
    let mut batch = Batch::new(&tables::SCREEN_SETTINGS);
    for shown in settings(reading) {
        let Some(row) = reading.rows.get(shown.row) else { continue };
        let chain = place.at(row.taken_ms, row.place);
        let (clock, value) = (shown.setting.clock(), shown.setting.value());
        let cells = [
            shown.setting.kind().into(),
            (&value).into(),
            (&shown.text).into(),
            shown.form.word().into(),
            clock.and_then(|clock| clock.day).map_or(Cell::Null, |day| Cell::I64(day.number())),
            Cell::from(clock.map(|clock| u64::from(clock.seconds))),
            Cell::from(clock.map(|clock| clock.exact)),
            Cell::from(clock.map(|clock| clock.half_open)),
            Cell::from(clock.map(|_| shown.is_live())),
            shown.setting.offset_minutes().map_or(Cell::Null, |minutes| Cell::I64(minutes.into())),
            clock.and_then(|clock| clock.zone.as_ref()).into(),
            shown.rows.into(),
            shown.first_ms.into(),
            shown.last_ms.into(),
            Cell::F64(hundredths(shown.confidence)),
        ];
        let [start, length] = [shown.start, shown.text.len()].map(|bytes| Cell::U64(bytes as u64));
        batch.push(&[place.evidence.into(), (&chain).into(), start, length], &cells);
    }
    batch
}

/// Pictures a second apart, each as 64 hexadecimal digits.
fn fingerprints(place: &Place<'_>, prints: &[Print]) -> Batch {
    let mut batch = Batch::new(&tables::MEDIA_FINGERPRINTS);
    for (at_ms, print) in prints {
        let hex = print.to_string();
        batch.push(&place.whole(), &[(*at_ms).into(), (&hex).into()]);
    }
    batch
}

/// Of the least certain character.
fn confidence(row: &Row) -> f64 {
    hundredths(row.chars.iter().map(|char| char.confidence).fold(1.0, f32::min))
}

/// Rounded, so that it is written alike everywhere.
fn hundredths(value: f32) -> f64 {
    (f64::from(value) * 100.0).round() / 100.0
}

/// PNG in base64.
fn picture(luma: &Luma) -> String {
    STANDARD.encode(luma.to_png())
}
