//! The child's side: confine oneself, then do jobs until the parent hangs up.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use arrow_array::RecordBatch;
use evidence::ingest::{weblog, whole};
use evidence::reissue::{About, Form, List, Tally};
use evidence::{Drive, Limits, Pass, Sink};
use model::{Digest, Mark, Role, Split, Step, Surface, Table, Text};
use screen::Luma;
use screen::deblur::Fonts;
use screen::read::Models;

use super::protocol::{
    Declares, Frame, Job, Plan, ScreenText, Shown, SplitText, Task, receive_job, receive_pictures, write_frame,
};

/// Runs on standard input, which is one end of a socket pair.
pub fn run() -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // A panic message may quote evidence; what matters reaches the parent as a loss.
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = BufWriter::with_capacity(256 << 10, socket.try_clone()?);
    let confinement = confine();
    write_frame(&mut out, &Frame::Ready(confinement))?;
    out.flush()?;
    let mut networks = Networks::default();
    while let Some((job, file)) = receive_job(&socket)? {
        let end =
            work(&job, file, &mut networks, &socket, &mut out).unwrap_or_else(|error| Frame::Failed(error.to_string()));
        write_frame(&mut out, &end)?;
        out.flush()?;
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn confine() -> String {
    super::sandbox::confine()
}

#[cfg(not(target_os = "linux"))]
fn confine() -> String {
    "none: this system has no landlock and no seccomp".to_owned()
}

fn work(
    job: &Job,
    mut file: File,
    networks: &mut Networks,
    socket: &UnixStream,
    out: &mut dyn Write,
) -> io::Result<Frame> {
    match &job.task {
        Task::Plan { declared } => Ok(Frame::Done(serde_json::to_string(&plan(job, declared, &mut file)?)?)),
        Task::Declared => Ok(Frame::Done(serde_json::to_string(&declared(&mut file)?)?)),
        Task::Open { chain } => Ok(Frame::Done(serde_json::to_string(&open(chain, &mut file)?)?)),
        Task::Read { extract, format, split, left_out } => {
            let pass = if *extract { Pass::Extract } else { Pass::Ingest };
            let split: Split = split.clone().into();
            let mut sink = Frames { out, left_out, error: None };
            read(job, pass, format.as_deref(), &split, file, &mut sink)?;
            sink.end()
        }
        Task::Unpack { chain } => {
            let steps = model::locator::parse_chain(chain).map_err(io::Error::other)?;
            let mut bytes = evidence::resolve::unpack(&mut file, &steps).map_err(io::Error::other)?;
            let mut sink = Frames { out, left_out: &[], error: None };
            io::copy(&mut bytes, &mut sink)?;
            sink.end()
        }
        Task::Reissue { chain, standard, mark, about } => {
            let mut sink = Frames { out, left_out: &[], error: None };
            let mark = Mark::from_word(mark).ok_or_else(|| io::Error::other("the job names no mark"))?;
            let mut to = BufWriter::with_capacity(1 << 20, &mut sink);
            let tally = match Form::from_word(standard) {
                Some(form) => relist(job, chain, form, mark, about, &mut file, &mut to)?,
                None => reissue(job, chain, standard, mark, about, &mut file, &mut to)?,
            };
            to.flush()?;
            drop(to);
            sink.end()?;
            Ok(Frame::Done(serde_json::to_string(&tally)?))
        }
        Task::Model { recognises } => {
            networks.take(*recognises, &mut file)?;
            Ok(Frame::Done(String::new()))
        }
        Task::Font => {
            let mut bytes = Vec::new();
            file.take(MODEL_BYTES).read_to_end(&mut bytes)?;
            networks.fonts.add(bytes);
            Ok(Frame::Done(String::new()))
        }
        Task::Watch { chain, reason } => {
            let place = super::watch::Place { evidence: &job.evidence, chain };
            let sink = RefCell::new(Frames { out, left_out: &[], error: None });
            let recode = |pictures: &[Luma]| {
                sink.borrow_mut().send(&Frame::Recode(pictures.to_vec()), true);
                receive_pictures(socket)
            };
            let uncover = super::watch::Uncover { reason: reason.as_deref(), fonts: &networks.fonts, recode: &recode };
            super::watch::watch(&place, file, networks.models(), &uncover, &sink)?;
            sink.into_inner().end()
        }
        Task::Texts { rows } => {
            let mut sink = Frames { out, left_out: &[], error: None };
            let drive = Drive::new(Pass::Extract, digest(job)?, job.bytes, Limits::default(), &mut sink);
            drive.texts(rows.iter().map(screen_text));
            sink.end()
        }
    }
}

fn plan(job: &Job, declared: &[String], file: &mut File) -> io::Result<Plan> {
    // The descriptor shares its offset with that of a child that died before.
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    file.take(evidence::drive::HEAD_BYTES as u64).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    let Some((format, state)) = evidence::ingest::sniff_declared(&head, &job.name, declared) else {
        return Ok(Plan { format: None, splits: vec![SplitText::from(Split::whole(job.bytes))] });
    };
    let mut input = BufReader::with_capacity(1 << 20, file);
    let mut splits = format.plan(&mut input, job.bytes)?;
    // What the file itself says comes later, and so overrules it.
    for split in splits.iter_mut().filter(|_| !state.is_empty()) {
        split.state = [state.as_str(), &split.state].join("\n").trim_end().to_owned();
    }
    Ok(Plan { format: Some(format.entry().name.to_owned()), splits: splits.into_iter().map(SplitText::from).collect() })
}

fn declared(file: &mut File) -> io::Result<Declares> {
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    evidence::ingest::unfolded(file)?.take(weblog::declared::BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(Declares { forms: weblog::declared::declarations(&text), includes: weblog::declared::includes(&text) })
}

fn open(chain: &str, file: &mut File) -> io::Result<Shown> {
    let steps = model::locator::parse_chain(chain).map_err(io::Error::other)?;
    let opened = evidence::resolve::open(file, &steps).map_err(io::Error::other)?;
    let evidence::resolve::Opened { bytes, before, after, line, cut } = opened;
    Ok(Shown { bytes, before, after, line, cut })
}

fn read(
    job: &Job,
    pass: Pass,
    format: Option<&str>,
    split: &Split,
    mut file: File,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let drive = Drive::new(pass, digest(job)?, job.bytes, Limits::default(), sink);
    let format = format.and_then(evidence::ingest::by_name);
    drive.read(format, &job.name, split, &mut file);
    Ok(())
}

/// The chain of a document ends in its charset, where that is not UTF-8.
fn reissue(
    job: &Job,
    chain: &str,
    standard: &str,
    mark: Mark,
    about: &About,
    file: &mut File,
    to: &mut dyn Write,
) -> io::Result<Tally> {
    let whole = whole::decode("", unpacked(chain, file)?);
    evidence::reissue::reissue(standard, &whole, about, mark, &digest(job)?.0, to)
}

/// A list that is a file of its own is read where it lies, however long it is.
fn relist(
    job: &Job,
    chain: &str,
    form: Form,
    mark: Mark,
    about: &About,
    file: &mut File,
    to: &mut dyn Write,
) -> io::Result<Tally> {
    let steps = model::locator::parse_chain(chain).map_err(io::Error::other)?;
    let member = steps.iter().rev().find_map(|step| match step {
        Step::Zip(_, name) | Step::Tar(_, name) => Some(name.as_str()),
        _ => None,
    });
    let list = List { name: member.unwrap_or(&job.name), digest: &digest(job)?, chain, about };
    if steps.is_empty() {
        return evidence::reissue::relist(
            form,
            &list,
            &mut BufReader::with_capacity(1 << 20, file),
            job.bytes,
            mark,
            to,
        );
    }
    let bytes = unpacked(chain, file)?;
    let length = bytes.len() as u64;
    evidence::reissue::relist(form, &list, &mut io::Cursor::new(bytes), length, mark, to)
}

fn unpacked(chain: &str, file: &mut File) -> io::Result<Vec<u8>> {
    let steps = model::locator::parse_chain(chain).map_err(io::Error::other)?;
    let mut bytes = Vec::new();
    evidence::resolve::unpack(file, &steps).map_err(io::Error::other)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn digest(job: &Job) -> io::Result<Digest> {
    Digest::from_hex(&job.evidence).ok_or_else(|| io::Error::other("the job names no digest"))
}

/// What programs print may list anybody, so their mail addresses and telephone numbers are a person's.
fn screen_text(row: &ScreenText) -> Text<'_> {
    let surface = Surface::from_word(&row.surface);
    let personal = surface == Surface::Output;
    let role = match row.uncovered {
        Some((start, end)) => Role::Uncovered { surface, start, end },
        None => Role::Screen(surface),
    };
    Text { role, chain: &row.chain, start: 0, bytes: row.text.as_bytes(), personal }
}

/// The networks that read text, once both have been handed over, and fonts.
#[derive(Default)]
struct Networks {
    detects: Vec<u8>,
    recognises: Vec<u8>,
    models: Option<Models>,
    fonts: Fonts,
}

impl Networks {
    fn take(&mut self, recognises: bool, file: &mut File) -> io::Result<()> {
        let bytes = if recognises { &mut self.recognises } else { &mut self.detects };
        bytes.clear();
        file.take(MODEL_BYTES).read_to_end(bytes)?;
        if !self.detects.is_empty() && !self.recognises.is_empty() {
            let (detects, recognises) = (std::mem::take(&mut self.detects), std::mem::take(&mut self.recognises));
            self.models = Some(Models::from_bytes(detects, recognises).map_err(io::Error::other)?);
        }
        Ok(())
    }

    fn models(&self) -> Option<&Models> {
        self.models.as_ref()
    }
}

/// No network that reads text is larger.
const MODEL_BYTES: u64 = 256 << 20;

/// Turns what the drive gives into frames. The first failure to write ends all
/// writing and is reported by [`work`].
struct Frames<'a> {
    out: &'a mut dyn Write,
    left_out: &'a [u64],
    error: Option<io::Error>,
}

impl Frames<'_> {
    pub fn send(&mut self, frame: &Frame, flush: bool) {
        if self.error.is_none() {
            let mut out = &mut *self.out;
            let outcome = write_frame(&mut out, frame).and_then(|()| if flush { out.flush() } else { Ok(()) });
            self.error = outcome.err();
        }
    }

    /// The answer to a job that has no other.
    fn end(self) -> io::Result<Frame> {
        self.error.map_or(Ok(Frame::Done(String::new())), Err)
    }
}

impl Write for Frames<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = &bytes[..bytes.len().min(1 << 20)];
        self.send(&Frame::Bytes(part.to_vec()), false);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Frames<'_> {
    fn batch(&mut self, table: &'static Table, batch: RecordBatch) {
        self.send(&Frame::Rows(table, batch), false);
    }

    fn begin(&mut self, ordinal: u64) -> bool {
        let wanted = !self.left_out.contains(&ordinal);
        if wanted {
            // Flushed at once: the parent must have it if this item kills us.
            self.send(&Frame::Begun(ordinal), true);
        }
        wanted
    }
}
