//! Runs formats and detectors over one split of one evidence file.
//!
//! A [`Drive`] is the [`Out`] that formats write to. It gathers rows into
//! batches, passes texts to the extractor, sniffs and reads child sources on
//! the spot, and holds the limits: depth of nesting, bytes that one file may
//! expand to. A panic in a format is caught here and becomes a loss; what
//! cannot be caught (stack overflow, abort, endless loop) ends the worker
//! child, and its parent runs the split again without the item begun last.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::RecordBatch;
use model::contract::Input;
use model::locator::extend_chain;
use model::{At, Batch, Cell, Digest, Format, Loss, Out, Reading, Split, Stage, Step, Table, Text, tables};

use crate::extract::Extractor;
use crate::ingest::{is_container, sniff_declared};

/// Bytes of a source that a format may see before it says whether it reads it.
pub const HEAD_BYTES: usize = 64 << 10;

/// Which of the two passes over the evidence this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Rows of the formats' own tables.
    Ingest,
    /// Observables and slips out of the texts.
    Extract,
}

impl Pass {
    /// The stage that the pass belongs to.
    pub fn stage(self) -> Stage {
        match self {
            Self::Ingest => Stage::Ingest,
            Self::Extract => Stage::Extract,
        }
    }
}

/// How far a file may unfold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Sources within sources, such as a mail in a zip in a mail.
    pub depth: usize,
    /// Bytes that all children of one file may have together, per byte of it.
    pub ratio: u64,
    /// Bytes that they may have in any case, so that small archives are read.
    pub free_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 12, ratio: 400, free_bytes: 256 << 20 }
    }
}

/// What becomes of batches, and of the news that an item is begun.
pub trait Sink {
    /// Takes a batch of `table`.
    fn batch(&mut self, table: &'static Table, batch: RecordBatch);

    /// Takes the ordinal of the item begun, counted over the whole split and
    /// all sources in it; false leaves the item out.
    fn begin(&mut self, ordinal: u64) -> bool;
}

/// One pass over one split.
pub struct Drive<'a> {
    pass: Pass,
    evidence: String,
    limits: Limits,
    sink: &'a mut dyn Sink,
    batches: BTreeMap<&'static str, Batch>,
    extractor: Extractor,
    chain: String,
    depth: usize,
    items: u64,
    unfolded_bytes_left: u64,
    declared: Vec<String>,
}

impl<'a> Drive<'a> {
    /// A drive over a file of `bytes` bytes.
    pub fn new(pass: Pass, evidence: Digest, bytes: u64, limits: Limits, sink: &'a mut dyn Sink) -> Self {
        Self {
            pass,
            evidence: evidence.to_hex(),
            limits,
            sink,
            batches: BTreeMap::new(),
            extractor: Extractor::default(),
            chain: String::new(),
            depth: 0,
            items: 0,
            unfolded_bytes_left: bytes.saturating_mul(limits.ratio).saturating_add(limits.free_bytes),
            declared: Vec::new(),
        }
    }

    /// Reads one split of `file` with the format, then hands over what is left
    /// in the batches.
    pub fn read(mut self, format: Option<&dyn Format>, name: &str, split: &Split, file: &mut dyn Input) {
        if split.start == 0 && self.pass == Pass::Extract {
            self.name_text("", name);
        }
        if format.is_some_and(is_container) {
            self.declared = split.state.lines().map(str::to_owned).collect();
        }
        match format {
            Some(format) => {
                let reading = Reading { name, chain: "", split };
                self.guarded(format, "", &mut |drive| format.read_file(&reading, file, drive));
            }
            None => self.unrecognised("", name),
        }
        self.finish();
    }

    /// Hands texts to the detectors that no format gives, such as the rows of a
    /// screen.
    pub fn texts<'t>(mut self, texts: impl IntoIterator<Item = Text<'t>>) {
        for text in texts {
            self.text(&text);
        }
        self.finish();
    }

    /// Has a format read the source at `chain`; a panic becomes a loss.
    fn guarded(&mut self, format: &dyn Format, chain: &str, read: &mut dyn FnMut(&mut Self) -> io::Result<()>) {
        let parent_chain = std::mem::replace(&mut self.chain, chain.to_owned());
        let outcome = catch_unwind(AssertUnwindSafe(|| read(self)));
        self.chain = parent_chain;
        let (reason, detail) = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(error)) => ("could not be read to its end", error.to_string()),
            Err(_) => ("the reader of this format failed", format.entry().name.to_owned()),
        };
        self.loss(At::whole(chain), Loss { reason, count: 1, detail: &detail });
    }

    fn unrecognised(&mut self, chain: &str, name: &str) {
        if self.pass == Pass::Ingest {
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            let detail = if extension.len() <= 8 { extension } else { "" };
            self.loss(At::whole(chain), Loss { reason: "no format recognises it", count: 1, detail });
        }
    }

    fn name_text(&mut self, chain: &str, name: &str) {
        let text = Text { role: model::Role::Name, chain, start: 0, bytes: name.as_bytes(), personal: false };
        self.text(&text);
    }

    fn put(&mut self, table: &'static Table, at: At<'_>, cells: &[Cell<'_>]) {
        put(&mut self.batches, self.sink, &self.evidence, table, at, cells);
    }

    fn finish(mut self) {
        let (batches, sink, evidence) = (&mut self.batches, &mut *self.sink, &self.evidence);
        self.extractor.finish(&mut |table, at, cells| put(batches, sink, evidence, table, at, cells));
        for batch in self.batches.values_mut().filter(|batch| batch.rows() > 0) {
            flush(batch, self.sink);
        }
    }

    /// Sniffs and reads the bytes of a child at one level deeper.
    fn descend(&mut self, chain: &str, name: &str, bytes: &mut dyn Read) {
        let mut bytes = Metered { bytes, left: self.unfolded_bytes_left, exceeded: false };
        let mut head = Vec::new();
        let outcome = (&mut bytes).take(HEAD_BYTES as u64).read_to_end(&mut head);
        if let Err(error) = outcome {
            let detail = error.to_string();
            self.loss(At::whole(chain), Loss { reason: "could not be read to its end", count: 1, detail: &detail });
        }
        // What the child itself unfolds counts against the same allowance.
        self.unfolded_bytes_left = bytes.left;
        match sniff_declared(&head, name, &self.declared) {
            Some((format, state)) => {
                let split = Split { state, ..Split::whole(u64::MAX) };
                let before = bytes.left;
                let mut whole = head.as_slice().chain(&mut bytes);
                let reading = Reading { name, chain, split: &split };
                self.guarded(format, chain, &mut |drive| format.read(&reading, &mut whole, drive));
                self.unfolded_bytes_left = self.unfolded_bytes_left.saturating_sub(before - bytes.left);
            }
            None => self.unrecognised(chain, name),
        }
        if bytes.exceeded {
            self.loss(At::whole(chain), Loss { reason: "unfolds to too many bytes", count: 1, detail: "" });
        }
    }
}

impl Out for Drive<'_> {
    fn wants_rows(&self) -> bool {
        self.pass == Pass::Ingest
    }

    fn wants_texts(&self) -> bool {
        self.pass == Pass::Extract
    }

    fn row(&mut self, table: &'static Table, at: At<'_>, cells: &[Cell<'_>]) {
        if self.pass == Pass::Ingest {
            self.put(table, at, cells);
        }
    }

    fn text(&mut self, text: &Text<'_>) {
        if self.pass == Pass::Extract {
            let (batches, sink, evidence) = (&mut self.batches, &mut *self.sink, &self.evidence);
            self.extractor.text(text, &mut |table, at, cells| put(batches, sink, evidence, table, at, cells));
        }
    }

    fn child(&mut self, chain: &str, step: &Step, name: &str, bytes: &mut dyn Read) {
        let chain = extend_chain(chain, step);
        if self.depth >= self.limits.depth {
            self.loss(At::whole(&chain), Loss { reason: "nested too deeply", count: 1, detail: "" });
            return;
        }
        self.depth += 1;
        if self.pass == Pass::Extract && matches!(step, Step::Zip(..) | Step::Tar(..)) {
            self.name_text(&chain, name);
        }
        self.descend(&chain, name, bytes);
        self.depth -= 1;
    }

    fn loss(&mut self, at: At<'_>, loss: Loss<'_>) {
        // Both passes read the same bytes; what formats lose is counted once.
        if self.pass == Pass::Ingest {
            let stage = self.pass.stage().word();
            let cells = [stage.into(), loss.reason.into(), loss.count.into(), loss.detail.into()];
            self.put(&tables::LOSSES, at, &cells);
        }
    }

    fn begin(&mut self, offset: u64) -> bool {
        let ordinal = self.items;
        self.items += 1;
        let wanted = self.sink.begin(ordinal);
        if !wanted {
            let chain = std::mem::take(&mut self.chain);
            let cells = [self.pass.stage().word().into(), "reading it ended the worker".into(), 1.into(), Cell::Null];
            self.put(&tables::LOSSES, At { chain: &chain, start: offset, length: 0 }, &cells);
            self.chain = chain;
        }
        wanted
    }
}

fn put(
    batches: &mut BTreeMap<&'static str, Batch>,
    sink: &mut dyn Sink,
    evidence: &str,
    table: &'static Table,
    at: At<'_>,
    cells: &[Cell<'_>],
) {
    let batch = batches.entry(table.name).or_insert_with(|| Batch::new(table));
    batch.push(&[evidence.into(), at.chain.into(), at.start.into(), at.length.into()], cells);
    if batch.is_full() {
        flush(batch, sink);
    }
}

fn flush(batch: &mut Batch, sink: &mut dyn Sink) {
    let table = batch.table();
    // The builders are made from the same column list as the schema, so this
    // cannot fail short of a defect, and then the row counts would show it.
    if let Ok(taken) = batch.take() {
        sink.batch(table, taken);
    }
}

/// Ends a stream once the allowance for unfolded bytes is used up.
struct Metered<'a> {
    bytes: &'a mut dyn Read,
    left: u64,
    exceeded: bool,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if room == 0 && !buffer.is_empty() {
            self.exceeded = true;
            return Ok(0);
        }
        let read = self.bytes.read(&mut buffer[..room])?;
        self.left -= read as u64;
        Ok(read)
    }
}
