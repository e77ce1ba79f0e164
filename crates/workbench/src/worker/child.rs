//! The child's side: confine oneself, then do jobs until the parent hangs up.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use arrow_array::RecordBatch;
use evidence::{Drive, Limits, Pass, Sink};
use model::{Digest, Split, Table};

use super::protocol::{Frame, Job, Plan, Shown, SplitText, Task, receive_job, write_frame};

/// Runs on standard input, which is one end of a socket pair.
pub fn run() -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // A panic message may quote evidence; what matters reaches the parent as a loss.
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = BufWriter::with_capacity(256 << 10, socket.try_clone()?);
    let confinement = confine();
    write_frame(&mut out, &Frame::Ready(confinement))?;
    out.flush()?;
    while let Some((job, file)) = receive_job(&socket)? {
        let end = work(&job, file, &mut out).unwrap_or_else(|error| Frame::Failed(error.to_string()));
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

fn work(job: &Job, mut file: File, out: &mut dyn Write) -> io::Result<Frame> {
    match &job.task {
        Task::Plan => Ok(Frame::Done(serde_json::to_string(&plan(job, &mut file)?)?)),
        Task::Open { chain } => Ok(Frame::Done(serde_json::to_string(&open(chain, &mut file)?)?)),
        Task::Read { extract, format, split, left_out } => {
            let pass = if *extract { Pass::Extract } else { Pass::Ingest };
            let split: Split = split.clone().into();
            let mut sink = Frames { out, left_out, error: None };
            read(job, pass, format.as_deref(), &split, file, &mut sink)?;
            sink.error.map_or(Ok(Frame::Done(String::new())), Err)
        }
    }
}

fn plan(job: &Job, file: &mut File) -> io::Result<Plan> {
    let mut head = Vec::new();
    file.take(evidence::drive::HEAD_BYTES as u64).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    let Some(format) = evidence::ingest::sniff(&head, &job.name) else {
        return Ok(Plan { format: None, splits: vec![SplitText::from(Split::whole(job.bytes))] });
    };
    let mut input = BufReader::with_capacity(1 << 20, file);
    let splits = format.plan(&mut input, job.bytes)?;
    Ok(Plan { format: Some(format.entry().name.to_owned()), splits: splits.into_iter().map(SplitText::from).collect() })
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
    let digest = Digest::from_hex(&job.evidence).ok_or_else(|| io::Error::other("the job names no digest"))?;
    file.seek(SeekFrom::Start(split.start))?;
    let drive = Drive::new(pass, digest, job.bytes, Limits::default(), sink);
    let format = format.and_then(evidence::ingest::by_name);
    drive.read(format, &job.name, split, &mut file.take(split.end.saturating_sub(split.start)));
    Ok(())
}

/// Turns what the drive gives into frames. The first failure to write ends all
/// writing and is reported by [`work`].
struct Frames<'a> {
    out: &'a mut dyn Write,
    left_out: &'a [u64],
    error: Option<io::Error>,
}

impl Frames<'_> {
    fn write(&mut self, frame: &Frame, flush: bool) {
        if self.error.is_none() {
            let mut out = &mut *self.out;
            let outcome = write_frame(&mut out, frame).and_then(|()| if flush { out.flush() } else { Ok(()) });
            self.error = outcome.err();
        }
    }
}

impl Sink for Frames<'_> {
    fn batch(&mut self, table: &'static Table, batch: RecordBatch) {
        self.write(&Frame::Rows(table, batch), false);
    }

    fn begin(&mut self, ordinal: u64) -> bool {
        let wanted = !self.left_out.contains(&ordinal);
        if wanted {
            // Flushed at once: the parent must have it if this item kills us.
            self.write(&Frame::Begun(ordinal), true);
        }
        wanted
    }
}
