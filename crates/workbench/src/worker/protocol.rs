//! What parent and child say to each other over their socket.
//!
//! Parent to child: one byte with the evidence file's descriptor attached
//! (`SCM_RIGHTS`), then a [`Job`] as JSON behind a 32-bit length. Child to
//! parent: frames of a tag, a 32-bit length and a payload. Both ends are the
//! same binary, so the format needs no versions.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{Field, Schema};
use evidence::reissue::About;
use model::{Split, Table};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
};
use screen::Luma;
use serde::{Deserialize, Serialize};

/// What the child shall do with the descriptor that comes with the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// SHA-256 of the evidence file, hexadecimal.
    pub evidence: String,
    /// Its name as laid out.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The work itself.
    pub task: Task,
}

/// Kinds of work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Task {
    /// Tell the format and the splits; forms of logs are declared beside it.
    Plan { declared: Vec<String> },
    /// Tell which forms of logs the head of a file declares, and what it includes.
    Declared,
    /// Read one split in one pass, leaving out the items of these ordinals.
    Read { extract: bool, format: Option<String>, split: SplitText, left_out: Vec<u64> },
    /// Open the place that these steps lead to.
    Open { chain: String },
    /// Hand over all bytes that these steps lead to.
    Unpack { chain: String },
    /// Write the document of that standard, or the list in that standard, to
    /// which these steps lead again, as far as a sharing mark allows.
    Reissue { chain: String, standard: String, mark: String, about: About },
    /// Keep the file as one of the two networks that read text.
    Model { recognises: bool },
    /// Keep the file as one of the fonts of which characters may be drawn.
    Font,
    /// Read the pictures that a decoder writes into the pipe given as file;
    /// with a reason, also below weak covers.
    Watch { chain: String, reason: Option<String> },
    /// Hand texts to the detectors that ingest has read off a screen.
    Texts { rows: Vec<ScreenText> },
}

/// A row of text on a screen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScreenText {
    pub chain: String,
    pub surface: String,
    pub text: String,
    /// Bytes that were worked out from below a cover.
    pub uncovered: Option<(usize, usize)>,
}

/// A [`Split`] in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitText {
    pub start: u64,
    pub end: u64,
    pub items_before: u64,
    pub state: String,
}

impl From<Split> for SplitText {
    fn from(Split { start, end, items_before, state }: Split) -> Self {
        Self { start, end, items_before, state }
    }
}

impl From<SplitText> for Split {
    fn from(SplitText { start, end, items_before, state }: SplitText) -> Self {
        Self { start, end, items_before, state }
    }
}

/// The answer to [`Task::Plan`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    pub format: Option<String>,
    pub splits: Vec<SplitText>,
}

/// The answer to [`Task::Declared`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Declares {
    /// Forms of logs.
    pub forms: Vec<String>,
    /// Patterns of files that it includes.
    pub includes: Vec<String>,
}

/// The answer to [`Task::Open`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shown {
    pub bytes: Vec<u8>,
    pub before: Vec<u8>,
    pub after: Vec<u8>,
    pub line: Option<u64>,
    pub cut: bool,
}

/// One message of the child.
pub enum Frame {
    /// Its first words: the layers of confinement that hold.
    Ready(String),
    /// The item of this ordinal within the job is begun.
    Begun(u64),
    /// Rows of a table; on their way they lack the digest of the file that the job is about.
    Rows(&'static Table, RecordBatch),
    /// Bytes of the evidence, in order.
    Bytes(Vec<u8>),
    /// Pictures that the parent shall code and decode; it answers with as many.
    Recode(Vec<Luma>),
    /// The end of a job, with its answer as JSON where it has one.
    Done(String),
    /// The job could not be done, for a reason outside the content.
    Failed(String),
}

const READY: u8 = b'H';
const BEGUN: u8 = b'M';
const ROWS: u8 = b'B';
const BYTES: u8 = b'R';
const RECODE: u8 = b'P';
const DONE: u8 = b'D';
const FAILED: u8 = b'F';

/// Frames above this size are no frames of ours.
const FRAME_BYTES: u32 = 1 << 30;

fn broken(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

/// Sends a job and the file it is about.
pub fn send_job(socket: &UnixStream, job: &Job, file: &File) -> io::Result<()> {
    let fds = [file.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    ancillary.push(SendAncillaryMessage::ScmRights(&fds));
    rustix::net::sendmsg(socket, &[IoSlice::new(&[0])], &mut ancillary, SendFlags::NOSIGNAL)?;
    let text = serde_json::to_vec(job)?;
    let length = u32::try_from(text.len()).map_err(|_| broken("a job is too long"))?;
    let mut socket = socket;
    socket.write_all(&length.to_le_bytes())?;
    socket.write_all(&text)
}

/// Receives a job and its file; `None` when the parent has hung up.
pub fn receive_job(socket: &UnixStream) -> io::Result<Option<(Job, File)>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let received =
        rustix::net::recvmsg(socket, &mut [IoSliceMut::new(&mut byte)], &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let mut fds = ancillary.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(fds) => Some(fds),
        _ => None,
    });
    let fd: OwnedFd = fds.next().and_then(|mut fds| fds.next()).ok_or_else(|| broken("a job came without a file"))?;
    let mut socket = socket;
    let mut length = [0; 4];
    socket.read_exact(&mut length)?;
    let mut text = vec![0; u32::from_le_bytes(length) as usize];
    socket.read_exact(&mut text)?;
    Ok(Some((serde_json::from_slice(&text)?, File::from(fd))))
}

/// Writes a frame; the caller flushes.
pub fn write_frame(out: &mut impl Write, frame: &Frame) -> io::Result<()> {
    let (tag, payload) = match frame {
        Frame::Ready(text) => (READY, text.as_bytes().to_vec()),
        Frame::Begun(ordinal) => (BEGUN, ordinal.to_le_bytes().to_vec()),
        Frame::Rows(table, batch) => (ROWS, encode(table, batch)?),
        Frame::Bytes(bytes) => (BYTES, bytes.clone()),
        Frame::Recode(pictures) => (RECODE, pack(pictures)),
        Frame::Done(text) => (DONE, text.as_bytes().to_vec()),
        Frame::Failed(text) => (FAILED, text.as_bytes().to_vec()),
    };
    let length = u32::try_from(payload.len()).map_err(|_| broken("a frame is too long"))?;
    out.write_all(&[tag])?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&payload)
}

/// Reads the next frame. What a child sends is checked like any input, since
/// hostile content may have taken it over.
pub fn read_frame(from: &mut impl Read) -> io::Result<Frame> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]);
    if length > FRAME_BYTES {
        return Err(broken("a frame claims more than 1 GiB"));
    }
    let mut payload = Vec::with_capacity(length as usize);
    from.by_ref().take(u64::from(length)).read_to_end(&mut payload)?;
    if payload.len() != length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let text = |payload| String::from_utf8(payload).map_err(|_| broken("a frame is no text"));
    match head[0] {
        READY => Ok(Frame::Ready(text(payload)?)),
        BEGUN => {
            let ordinal = payload.try_into().map_err(|_| broken("an ordinal has eight bytes"))?;
            Ok(Frame::Begun(u64::from_le_bytes(ordinal)))
        }
        ROWS => decode(payload),
        BYTES => Ok(Frame::Bytes(payload)),
        RECODE => Ok(Frame::Recode(unpack(&payload)?)),
        DONE => Ok(Frame::Done(text(payload)?)),
        FAILED => Ok(Frame::Failed(text(payload)?)),
        tag => Err(broken(format!("no frame starts with {tag}"))),
    }
}

/// Sends pictures back, or none where they could not be coded.
pub fn send_pictures(mut socket: &UnixStream, pictures: &[Luma]) -> io::Result<()> {
    let bytes = pack(pictures);
    let length = u32::try_from(bytes.len()).map_err(|_| broken("too many pictures"))?;
    socket.write_all(&length.to_le_bytes())?;
    socket.write_all(&bytes)
}

/// Receives what [`send_pictures`] sent.
pub fn receive_pictures(mut socket: &UnixStream) -> io::Result<Vec<Luma>> {
    let mut length = [0; 4];
    socket.read_exact(&mut length)?;
    let mut bytes = vec![0; u32::from_le_bytes(length).min(FRAME_BYTES) as usize];
    socket.read_exact(&mut bytes)?;
    unpack(&bytes)
}

/// Width and height of all, then their pixels.
fn pack(pictures: &[Luma]) -> Vec<u8> {
    let Some(first) = pictures.first() else { return Vec::new() };
    let sides = [first.width, first.height].map(|side| u32::try_from(side).unwrap_or(0).to_le_bytes());
    let pixels = pictures.iter().flat_map(|picture| &picture.pixels).copied();
    sides.into_iter().flatten().chain(pixels).collect()
}

fn unpack(bytes: &[u8]) -> io::Result<Vec<Luma>> {
    let Some((sides, pixels)) = bytes.split_first_chunk::<8>() else { return Ok(Vec::new()) };
    let [width, height] = [&sides[..4], &sides[4..]]
        .map(|side| side.iter().rev().fold(0usize, |side, byte| side << 8 | usize::from(*byte)));
    let size = width.saturating_mul(height);
    if size == 0 || !pixels.len().is_multiple_of(size) {
        return Err(broken("pictures of no size"));
    }
    Ok(pixels.chunks_exact(size).map(|pixels| Luma { width, height, pixels: pixels.to_vec() }).collect())
}

/// An Arrow IPC stream of one batch, the table's name, and one byte with its length:
/// the stream comes first so that its columns can be used where they lie.
fn encode(table: &'static Table, batch: &RecordBatch) -> io::Result<Vec<u8>> {
    let columns: Vec<usize> = (usize::from(table.located)..batch.num_columns()).collect();
    let batch = batch.project(&columns).map_err(io::Error::other)?;
    let mut payload = Vec::with_capacity(batch.get_array_memory_size() + 4096);
    let mut writer = StreamWriter::try_new(&mut payload, &batch.schema()).map_err(io::Error::other)?;
    writer.write(&batch).and_then(|()| writer.finish()).map_err(io::Error::other)?;
    drop(writer);
    payload.extend_from_slice(table.name.as_bytes());
    payload.push(u8::try_from(table.name.len()).map_err(io::Error::other)?);
    Ok(payload)
}

fn decode(mut payload: Vec<u8>) -> io::Result<Frame> {
    let nameless = || broken("rows come without a table");
    let name_length = usize::from(payload.pop().ok_or_else(nameless)?);
    let end = payload.len().checked_sub(name_length).ok_or_else(nameless)?;
    let name = std::str::from_utf8(&payload[end..]).map_err(|_| broken("a table name is no text"))?;
    let table = model::tables::by_name(name).ok_or_else(|| broken("there is no such table"))?;
    payload.truncate(end);
    let batch = StreamDecoder::new().decode(&mut Buffer::from_vec(payload)).map_err(io::Error::other)?;
    let batch = batch.ok_or_else(|| broken("a frame holds no batch"))?;
    if *batch.schema().fields() != table.schema().fields()[usize::from(table.located)..].into() {
        return Err(broken(format!("rows do not fit table {}", table.name)));
    }
    Ok(Frame::Rows(table, batch))
}

/// Rows of a located table with the file that they are from, which the child is not asked for.
pub fn with_evidence(table: &Table, batch: RecordBatch, evidence: &str) -> io::Result<RecordBatch> {
    if !table.located {
        return Ok(batch);
    }
    let digest: ArrayRef = Arc::new(StringArray::from(vec![evidence]));
    let keys = Int32Array::from(vec![0; batch.num_rows()]);
    let column: ArrayRef = Arc::new(DictionaryArray::try_new(keys, digest).map_err(io::Error::other)?);
    let first = Arc::new(Field::new("evidence", column.data_type().clone(), true));
    let fields: Vec<_> = std::iter::once(first).chain(batch.schema().fields().iter().cloned()).collect();
    let columns = std::iter::once(column).chain(batch.columns().iter().cloned()).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(io::Error::other)
}
