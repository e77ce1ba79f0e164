//! Videos and images: decoded by a child, read by the worker, one part each.
//!
//! The decoder is `ffmpeg`. It gets the evidence as an open file and writes bare
//! pictures into a pipe, whose other end the confined worker reads. Where the
//! decoder or the networks are missing, that is a loss of each medium.

use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use casefile::{Case, Limits, SplitWriter};
use model::{Batch, Cell, Digest, Stage, tables};
use screen::Luma;
use screen::deblur::fonts_in;
use screen::media::{self, Coding, Decoder};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::error::Trouble;
use crate::plan::listed;
use crate::progress::{StageBar, Unit};
use crate::worker::parent::{JobError, Worker};
use crate::worker::protocol::{Job, ScreenText, Task};

/// How screens are read.
#[derive(Clone, Debug)]
pub struct Watching {
    /// Where the networks lie that read text.
    pub models: ModelFolder,
    /// Why weak covers shall be read; without a reason they are not.
    pub uncover: Option<String>,
}

impl Watching {
    /// What the rows depend on besides the evidence: whether there are networks
    /// (the worker takes no others than the pinned ones), the decoder's version,
    /// whether covers are read, and with which fonts.
    pub fn fingerprint(&self) -> String {
        let networks = if self.models.open().is_some() { screen::read::REC_SHA256 } else { "no networks" };
        let decoder = media::version(&media::Limits::default()).unwrap_or_default();
        let mut fonts = Sha256::new();
        self.fonts().iter().filter_map(|font| std::fs::read(font).ok()).for_each(|font| fonts.update(font));
        let fonts = Digest(fonts.finalize().into());
        format!("{networks} {decoder} {} {}", self.uncover.is_some(), fonts.to_hex())
    }

    /// The fonts of which characters may be drawn that lie below covers.
    fn fonts(&self) -> Vec<PathBuf> {
        if self.uncover.is_some() { fonts_in(&self.models.0.join("fonts")) } else { Vec::new() }
    }
}

/// A folder of networks.
#[derive(Clone, Debug)]
pub struct ModelFolder(PathBuf);

impl ModelFolder {
    /// None, for what holds no pictures.
    pub fn none() -> Self {
        Self(PathBuf::new())
    }

    /// The files, detection first; none if either is missing.
    fn open(&self) -> Option<[File; 2]> {
        let open = |name: &str| File::open(self.0.join(name)).ok();
        Some([open("PP-OCRv6_det_small.onnx")?, open("PP-OCRv6_rec_small.onnx")?])
    }
}

/// One row of the table `media`.
#[derive(Clone, Debug, Deserialize)]
struct Medium {
    evidence: String,
    chain: String,
    name: String,
}

const MEDIA: &str = "
    SELECT m.evidence, m.chain, m.name
    FROM media m
    JOIN (SELECT DISTINCT evidence FROM sources WHERE role = 'evidence') s ON s.evidence = m.evidence
    ORDER BY m.evidence, m.chain";

/// Reads all media of the case that are not read yet; gives the ids of their parts.
pub fn read_all(case: &Case, limits: &Limits, watching: &Watching, prefix: &str) -> Result<Vec<String>, Trouble> {
    let media: Vec<Medium> = listed(case, limits, MEDIA)?;
    let finished = case.finished_splits(Stage::Ingest)?;
    let bar = StageBar::new(Stage::Ingest, "watching", media.len() as u64, Unit::Steps);
    let mut worker = Worker::default();
    let mut parts = Vec::new();
    for (number, medium) in media.iter().enumerate() {
        let id = format!("{prefix}-screen-{number:06}");
        if !finished.contains(&id) {
            let mut writer = case.split_writer(Stage::Ingest, &id)?;
            read(case, medium, watching, &mut worker, &mut writer)?;
            writer.finish()?;
        }
        bar.add(1);
        parts.push(id);
    }
    if !media.is_empty() {
        bar.done(&format!("{} videos and images", media.len()));
    }
    Ok(parts)
}

/// Reads one medium. Whatever goes wrong with it is a loss.
fn read(
    case: &Case,
    medium: &Medium,
    watching: &Watching,
    worker: &mut Worker,
    writer: &mut SplitWriter<'_>,
) -> Result<(), Trouble> {
    let outcome = unpacked(case, medium, worker).and_then(|file| {
        let about = media::about(&file, &media::Limits::default()).unwrap_or_default();
        metadata(medium, &about, writer).map_err(|error| JobError::Failed(error.to_string()))?;
        watch(medium, &file, Coding::of(&file, &about), watching, worker, writer)
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(JobError::Consumer(error)) => Err(Trouble::Failed(error.to_string())),
        Err(error) => note_loss(medium, "a video or image was not read", &error.to_string(), writer),
    }
}

/// The medium as an open file of its own.
fn unpacked(case: &Case, medium: &Medium, worker: &mut Worker) -> Result<File, JobError> {
    let failed = |error: &dyn std::fmt::Display| JobError::Failed(error.to_string());
    let digest = Digest::from_hex(&medium.evidence).ok_or_else(|| failed(&"no digest"))?;
    let file = case.open_source(&digest).map_err(|error| failed(&error))?;
    if medium.chain.is_empty() {
        return Ok(file);
    }
    // In memory, since what a mail or an archive holds may be a person's.
    let memory = rustix::fs::memfd_create("medium", rustix::fs::MemfdFlags::CLOEXEC).map_err(|error| failed(&error))?;
    let mut memory = File::from(memory);
    let task = Task::Unpack { chain: medium.chain.clone() };
    worker.unpack(&job(medium, task), &file, &mut memory)?;
    memory.flush().and_then(|()| memory.rewind()).map_err(|error| failed(&error))?;
    Ok(memory)
}

fn job(medium: &Medium, task: Task) -> Job {
    Job { evidence: medium.evidence.clone(), name: medium.name.clone(), bytes: 0, task }
}

fn watch(
    medium: &Medium,
    file: &File,
    coding: Coding,
    watching: &Watching,
    worker: &mut Worker,
    writer: &mut SplitWriter<'_>,
) -> Result<(), JobError> {
    match watching.models.open() {
        Some(files) if !worker.has_networks() => {
            for (recognises, file) in [false, true].into_iter().zip(&files) {
                worker.read(&job(medium, Task::Model { recognises }), file, &mut |_, _| Ok(()))?;
            }
            for font in watching.fonts().iter().filter_map(|font| File::open(font).ok()) {
                worker.read(&job(medium, Task::Font), &font, &mut |_, _| Ok(()))?;
            }
            worker.keep_networks();
        }
        Some(_) => {}
        None => {
            let detail = "no networks in the folder of models, so no text was read; `./x demo` fetches them";
            note_loss(medium, "text on a screen was not read", detail, writer)
                .map_err(|error| JobError::Consumer(error.to_string().into()))?;
        }
    }
    let limits = media::Limits::default();
    let mut decoder = Decoder::open(file, &limits).map_err(|loss| JobError::Failed(loss.to_string()))?;
    let pipe = decoder.pipe().ok_or_else(|| JobError::Failed("the decoder has no pipe".to_owned()))?;
    let pipe = File::from(OwnedFd::from(pipe));
    let task = Task::Watch { chain: medium.chain.clone(), reason: watching.uncover.clone() };
    let recode = |pictures: &[Luma]| media::recode(pictures, coding, &limits).unwrap_or_default();
    let mut take = |table, batch| writer.write(table, batch).map_err(Into::into);
    let outcome = worker.watch(&job(medium, task), &pipe, &mut take, &recode);
    drop(pipe);
    if let Some(loss) = decoder.finish() {
        note_loss(medium, "a video was not seen to its end", &loss.to_string(), writer)
            .map_err(|error| JobError::Consumer(error.to_string().into()))?;
    }
    outcome
}

/// What the container says of itself, field by field.
fn metadata(medium: &Medium, about: &media::About, writer: &mut SplitWriter<'_>) -> Result<(), Trouble> {
    let mut batch = Batch::new(&tables::MEDIA_METADATA);
    let place = [(&medium.evidence).into(), (&medium.chain).into(), 0.into(), 0.into()];
    for (field, value) in about.fields() {
        batch.push(&place, &[(&field).into(), (&value).into()]);
    }
    write(batch, writer)
}

fn note_loss(medium: &Medium, reason: &str, detail: &str, writer: &mut SplitWriter<'_>) -> Result<(), Trouble> {
    let mut losses = Batch::new(&tables::LOSSES);
    let place = [(&medium.evidence).into(), (&medium.chain).into(), 0.into(), 0.into()];
    losses.push(&place, &[Stage::Ingest.word().into(), reason.into(), Cell::U64(1), detail.into()]);
    write(losses, writer)
}

fn write(mut batch: Batch, writer: &mut SplitWriter<'_>) -> Result<(), Trouble> {
    if batch.rows() == 0 {
        return Ok(());
    }
    let table = batch.table();
    let rows = batch.take().map_err(|error| Trouble::Failed(error.to_string()))?;
    Ok(writer.write(table, rows)?)
}

/// A row of text with the medium that it was read off.
#[derive(Clone, Debug, Deserialize)]
struct Read {
    evidence: String,
    chain: String,
    surface: String,
    text: String,
    /// Bytes of the text that were worked out from below a cover.
    unseen: Option<usize>,
    unseen_bytes: Option<usize>,
}

const ROWS: &str = "
    SELECT evidence, chain, surface, text, NULL AS unseen, NULL AS unseen_bytes, first_ms AS at_ms FROM screen_rows
    UNION ALL
    SELECT evidence, chain, surface, row AS text, row_start AS unseen, octet_length(text) AS unseen_bytes, at_ms
    FROM recovered
    WHERE status = 'read' AND row IS NOT NULL
    ORDER BY evidence, chain, at_ms, text";

/// Hands what was read off screens to the detectors; gives the ids of the parts.
pub fn extract_all(case: &Case, limits: &Limits, prefix: &str) -> Result<Vec<String>, Trouble> {
    let rows: Vec<Read> = listed(case, limits, ROWS)?;
    let finished = case.finished_splits(Stage::Extract)?;
    let mut worker = Worker::default();
    let mut parts = Vec::new();
    for (number, rows) in rows.chunk_by(|one, other| one.evidence == other.evidence).enumerate() {
        let id = format!("{prefix}-screen-{number:06}");
        if !finished.contains(&id) {
            let mut writer = case.split_writer(Stage::Extract, &id)?;
            extract(case, rows, &mut worker, &mut writer)?;
            writer.finish()?;
        }
        parts.push(id);
    }
    Ok(parts)
}

fn extract(case: &Case, rows: &[Read], worker: &mut Worker, writer: &mut SplitWriter<'_>) -> Result<(), Trouble> {
    let Some(first) = rows.first() else { return Ok(()) };
    let digest = Digest::from_hex(&first.evidence).ok_or_else(|| Trouble::Failed("no digest".to_owned()))?;
    let file = case.open_source(&digest)?;
    let text = |row: &Read| ScreenText {
        chain: row.chain.clone(),
        surface: row.surface.clone(),
        text: sure_words(&row.text),
        uncovered: row.unseen.zip(row.unseen_bytes).map(|(start, bytes)| (start, start + bytes)),
    };
    let task = Task::Texts { rows: rows.iter().map(text).collect() };
    let job = Job { evidence: first.evidence.clone(), name: String::new(), bytes: 0, task };
    let outcome = worker.read(&job, &file, &mut |table, batch| writer.write(table, batch).map_err(Into::into));
    outcome.map_err(|error| Trouble::Failed(error.to_string()))
}

/// Blanks in place of the words with a character that was not read, so that a
/// part of an address is not taken for one; other words keep their places.
fn sure_words(text: &str) -> String {
    let word = |word: &str| if word.contains('\u{FFFD}') { " ".repeat(word.len()) } else { word.to_owned() };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// The folder of models that the user named, or where `./x` puts them.
pub fn model_folder(named: Option<&Path>) -> ModelFolder {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let shared = || set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share")));
    let folder = named.map(Path::to_owned).or_else(|| shared().map(|shared| shared.join("handprint/models")));
    ModelFolder(folder.unwrap_or_default())
}
