//! The child's side of a video: pictures from a decoder's pipe to rows.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use evidence::Sink;
use model::locator::extend_chain;
use model::{Batch, Cell, Step, Table, tables};
use screen::media::{Frames, Limits, OwnedFrame};
use screen::read::{Effort, Models, Reader};
use screen::{Frame, Luma, Reading, Rect, Row};

/// Pictures between two signs of life.
const SIGN_OF_LIFE: u64 = 32;

/// Reads a decoder's pipe to its end and gives what was seen as rows.
pub fn watch(
    evidence: &str,
    chain: &str,
    pipe: impl Read,
    models: Option<&Models>,
    sink: &mut dyn Sink,
) -> std::io::Result<()> {
    let mut frames = Frames::new(pipe, &Limits::default());
    let mut reader = Reader::new(models);
    let mut picture = OwnedFrame::default();
    let loss = loop {
        match frames.next_into(&mut picture) {
            Ok(true) => reader.push(Frame { index: picture.index, at_ms: picture.at_ms, luma: &picture.luma }),
            Ok(false) => break None,
            Err(loss) => break Some(loss),
        }
        if picture.index % SIGN_OF_LIFE == 0 {
            sink.begin(picture.index);
        }
    };
    let (reading, effort) = reader.finish();
    let place = Place { evidence, chain };
    let mut losses = Batch::new(&tables::LOSSES);
    if let Some(loss) = loss {
        let cells = ["ingest".into(), "a video was not seen to its end".into(), 1.into(), (&loss.to_string()).into()];
        losses.push(&place.whole(), &cells);
    }
    if effort.unread_rows + effort.dropped_rows > 0 {
        let count = effort.unread_rows + effort.dropped_rows;
        losses.push(&place.whole(), &["ingest".into(), "rows of a screen not read".into(), count.into(), Cell::Null]);
    }
    let batches = [losses, seen(&place, &picture, &effort, &reading), rows(&place, &reading)];
    for mut batch in batches.into_iter().filter(|batch| batch.rows() > 0) {
        let table: &'static Table = batch.table();
        sink.batch(table, batch.take().map_err(std::io::Error::other)?);
    }
    Ok(())
}

/// Where the medium lies in the evidence.
struct Place<'a> {
    evidence: &'a str,
    chain: &'a str,
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

fn seen(place: &Place<'_>, last: &OwnedFrame, effort: &Effort, reading: &Reading) -> Batch {
    let mut batch = Batch::new(&tables::SCREENS);
    let by_network = reading.rows.iter().filter(|row| row.reader == screen::Reader::Network).count() as u64;
    let cells = [
        (last.luma.width as u64).into(),
        (last.luma.height as u64).into(),
        effort.frames.into(),
        last.at_ms.into(),
        (reading.rows.len() as u64).into(),
        by_network.into(),
        0.into(),
    ];
    batch.push(&place.whole(), &cells);
    batch
}

fn rows(place: &Place<'_>, reading: &Reading) -> Batch {
    let mut batch = Batch::new(&tables::SCREEN_ROWS);
    for row in reading.rows.iter().filter(|row| !row.partial) {
        let chain = place.at(row.first_ms, row.place);
        let reader = match row.reader {
            screen::Reader::Network => "network",
            screen::Reader::Glyphs => "glyphs",
        };
        let cells = [
            (&row.text).into(),
            "output".into(),
            row.first_ms.into(),
            row.last_ms.into(),
            row.frames.into(),
            Cell::F64(confidence(row)),
            reader.into(),
            (&picture(&row.pixels)).into(),
        ];
        batch.push(&[place.evidence.into(), (&chain).into(), 0.into(), 0.into()], &cells);
    }
    batch
}

/// Of the least certain character, in hundredths so that it is written alike everywhere.
fn confidence(row: &Row) -> f64 {
    let least = row.chars.iter().map(|char| char.confidence).fold(1.0, f32::min);
    (f64::from(least) * 100.0).round() / 100.0
}

/// PNG in base64.
fn picture(luma: &Luma) -> String {
    STANDARD.encode(luma.to_png())
}
