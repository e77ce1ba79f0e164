//! From a locator back to the bytes.
//!
//! Each step of the chain is applied to what the step before it gave. Steps
//! that find something within a format call that format's own finder, so that
//! what `show` opens is what ingest read. Compressed streams are read through
//! and never held; a mail, a zip or a decoded part is held while it is open.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use model::Step;

use crate::ingest::{archive, compressed, delimited, json_document, mail, mbox, msg, pdf, pst, tnef};
use view::View;

mod view;

/// Bytes kept at most of what a locator opens and of its surroundings.
pub const SHOWN_BYTES: u64 = 1 << 20;

/// Bytes of one source that are held at most while it is searched.
const HELD_BYTES: u64 = 512 << 20;

/// Steps that one locator may have; ingest nests far less deeply.
const STEPS: usize = 64;

/// What stands at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The bytes themselves, cut at [`SHOWN_BYTES`].
    pub bytes: Vec<u8>,
    /// Up to 120 bytes before them on the same lines, for context.
    pub before: Vec<u8>,
    /// Up to 120 bytes after them.
    pub after: Vec<u8>,
    /// Line number of the first byte, where the last stream is text.
    pub line: Option<u64>,
    /// Whether `bytes` was cut.
    pub cut: bool,
}

/// Why a locator could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The bytes could not be read.
    #[error("the evidence cannot be read: {0}")]
    Read(#[from] io::Error),
    /// A step leads nowhere.
    #[error("step {step:?} finds nothing: {reason}")]
    Nothing {
        /// The step, in its text form.
        step: String,
        /// What is there instead.
        reason: String,
    },
}

/// Opens the place that `chain` leads to within the evidence file `input`.
pub fn open(input: &mut (impl Read + Seek), chain: &[Step]) -> Result<Opened, ResolveError> {
    if let Some(step) = chain.get(STEPS) {
        return Err(nothing(step, "the chain is too long"));
    }
    let (way, view) = match chain.split_last() {
        Some((Step::Bytes(start, end), way)) => (way, View::Range(*start, *end)),
        Some((Step::Line(number), way)) => (way, View::Line(*number)),
        _ => (chain, View::Whole),
    };
    let source = walk(input, way)?;
    let opened = view::look(source, view)?;
    let mut opened = opened.map_err(|reason| {
        chain.last().map_or_else(
            || ResolveError::Nothing { step: String::new(), reason: reason.clone() },
            |s| nothing(s, &reason),
        )
    })?;
    if !has_lines(way) || opened.bytes.contains(&0) {
        opened.line = None;
    }
    Ok(opened)
}

/// All bytes that `chain` leads to within the evidence file `input`.
pub fn unpack<'a>(input: &'a mut (impl Read + Seek), chain: &[Step]) -> Result<impl Read + 'a, ResolveError> {
    Ok(walk(input, &chain[..chain.len().min(STEPS)])?.take(HELD_BYTES))
}

/// Follows all steps. The first is followed in the file itself where it leads
/// to one place in an index, so that the file need not be held.
fn walk<'a>(input: &'a mut (impl Read + Seek), way: &[Step]) -> Result<Box<dyn Read + 'a>, ResolveError> {
    input.seek(SeekFrom::Start(0))?;
    let (mut source, rest): (Box<dyn Read + 'a>, _) = match way.split_first() {
        Some((Step::Zip(n, _), rest)) => (archive::open_zip_member(input, *n)?, rest),
        Some((step @ Step::Pst(node), rest)) => {
            let item = pst::written(input, *node)?.ok_or_else(|| nothing(step, "there is no such item"))?;
            (Box::new(Cursor::new(item)), rest)
        }
        _ => (Box::new(input), way),
    };
    for step in rest {
        source = follow(source, step)?;
    }
    Ok(source)
}

/// Whether lines can be counted in what a chain gives: not in a header or cell.
fn has_lines(way: &[Step]) -> bool {
    !matches!(way.last(), Some(Step::Header(..) | Step::Csv(..) | Step::Json(_)))
}

/// Applies one step to the bytes that the steps before it gave.
fn follow<'a>(source: Box<dyn Read + 'a>, step: &Step) -> Result<Box<dyn Read + 'a>, ResolveError> {
    let bytes = match step {
        Step::Gzip | Step::Zstd | Step::Xz => return Ok(compressed::decoder(step, source)?),
        Step::Bytes(start, end) => {
            let mut source = source;
            io::copy(&mut (&mut source).take(*start), &mut io::sink())?;
            return Ok(Box::new(source.take(end.saturating_sub(*start))));
        }
        Step::Line(_) => view_of_line(source, step)?,
        Step::Mbox(n) => mbox::message_bytes(source, *n)?.ok_or_else(|| nothing(step, "there are fewer messages"))?,
        Step::Tar(n, _) => archive::tar_member_bytes(source, *n, HELD_BYTES)?
            .ok_or_else(|| nothing(step, "there are fewer members"))?,
        Step::Csv(row, col) => delimited::cell(source, *row, col.as_deref())?
            .ok_or_else(|| nothing(step, "there is no such record or column"))?,
        Step::Frame(_) | Step::Box(..) => {
            return Err(nothing(step, "places in pictures and videos cannot be opened yet"));
        }
        _ => follow_held(&held(source, step)?, step)?,
    };
    Ok(Box::new(Cursor::new(bytes)))
}

fn follow_held(bytes: &[u8], step: &Step) -> Result<Vec<u8>, ResolveError> {
    let found = match step {
        Step::Base64 => Some(mail::transfer::base64(bytes)),
        Step::QuotedPrintable => Some(mail::transfer::quoted_printable(bytes)),
        Step::Charset(label) => Some(mail::transfer::charset(label, bytes).into_owned().into_bytes()),
        Step::Zip(n, _) => Some(archive::zip_member_bytes(bytes, *n, HELD_BYTES)?),
        Step::Part(n) => mail::message::part_bytes(bytes, *n).map(<[u8]>::to_vec),
        Step::Header(name, n) => mail::message::header_bytes(bytes, name, *n).map(<[u8]>::to_vec),
        Step::Json(tokens) => json_document::pointer(bytes, tokens),
        Step::Msg => msg::written(bytes),
        Step::Cfb(path) => msg::stream_bytes(bytes, path),
        Step::Tnef => tnef::written(bytes),
        Step::Pdf(object) => pdf::picture(bytes, *object),
        Step::Pst(node) => pst::written(&mut Cursor::new(bytes), *node)?,
        _ => None,
    };
    found.ok_or_else(|| nothing(step, "nothing of that name or number is there"))
}

fn view_of_line(source: impl Read, step: &Step) -> Result<Vec<u8>, ResolveError> {
    let Step::Line(number) = step else { return Ok(Vec::new()) };
    let opened = view::look(source, View::Line(*number))?.map_err(|reason| nothing(step, &reason))?;
    Ok(opened.bytes)
}

fn held(source: impl Read, step: &Step) -> Result<Vec<u8>, ResolveError> {
    let mut bytes = Vec::new();
    source.take(HELD_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > HELD_BYTES {
        return Err(nothing(step, "what it is looked for in is over 512 MiB"));
    }
    Ok(bytes)
}

fn nothing(step: &Step, reason: &str) -> ResolveError {
    ResolveError::Nothing { step: step.to_string(), reason: reason.to_owned() }
}
