//! The parent's side: one child, kept as long as it lives.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use arrow_array::RecordBatch;
use model::Table;
use screen::Luma;
use serde::de::DeserializeOwned;

use super::protocol::{Frame, Job, read_frame, send_job, send_pictures, with_evidence};

/// A child that says nothing for this long is taken to be stuck.
const SILENCE: Duration = Duration::from_secs(120);

/// How a job can end other than well.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The child died, fell silent or sent nonsense while at this item.
    #[error("the worker ended at item {item}: {how}")]
    Died {
        /// Ordinal of the item begun last.
        item: u64,
        /// Signal, exit status or silence.
        how: String,
    },
    /// The work could not be done, for a reason outside the content.
    #[error("{0}")]
    Failed(String),
    /// Whoever takes the rows failed.
    #[error("{0}")]
    Consumer(#[from] Box<dyn std::error::Error + Send + Sync>),
}

/// Takes the rows of a job as they come.
pub type TakeRows<'a> =
    dyn FnMut(&'static Table, RecordBatch) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + 'a;

/// Takes a frame; pictures are answered with pictures.
type TakeFrames<'a> = dyn FnMut(Frame) -> Result<Vec<Luma>, Box<dyn std::error::Error + Send + Sync>> + 'a;

/// A place for one child. The child is started when it is first needed, and
/// again after it has died.
#[derive(Default)]
pub struct Worker {
    running: Option<Running>,
    peak_bytes: u64,
}

struct Running {
    child: Child,
    socket: UnixStream,
    frames: BufReader<UnixStream>,
    confinement: String,
    /// Whether the child holds the networks that read text.
    networks: bool,
}

impl Worker {
    /// Does a job that answers with rows.
    pub fn read(&mut self, job: &Job, file: &File, take: &mut TakeRows<'_>) -> Result<(), JobError> {
        self.run(job, file, &mut |frame| match frame {
            Frame::Rows(table, batch) => take(table, batch).map(|()| Vec::new()),
            _ => Ok(Vec::new()),
        })
        .map(|_| ())
    }

    /// Does a job that answers with rows and may ask for pictures to be coded.
    pub fn watch(
        &mut self,
        job: &Job,
        pipe: &File,
        take: &mut TakeRows<'_>,
        recode: &dyn Fn(&[Luma]) -> Vec<Luma>,
    ) -> Result<(), JobError> {
        self.run(job, pipe, &mut |frame| match frame {
            Frame::Rows(table, batch) => take(table, batch).map(|()| Vec::new()),
            Frame::Recode(pictures) => Ok(recode(&pictures)),
            _ => Ok(Vec::new()),
        })
        .map(|_| ())
    }

    /// Does a job that answers with bytes of the evidence.
    pub fn unpack(&mut self, job: &Job, file: &File, to: &mut dyn Write) -> Result<(), JobError> {
        self.run(job, file, &mut |frame| match frame {
            Frame::Bytes(bytes) => Ok(to.write_all(&bytes).map(|()| Vec::new())?),
            _ => Ok(Vec::new()),
        })
        .map(|_| ())
    }

    /// Does a job that answers with bytes, then with one value.
    pub fn write<T: DeserializeOwned>(&mut self, job: &Job, file: &File, to: &mut dyn Write) -> Result<T, JobError> {
        let answer = self.run(job, file, &mut |frame| match frame {
            Frame::Bytes(bytes) => Ok(to.write_all(&bytes).map(|()| Vec::new())?),
            _ => Ok(Vec::new()),
        })?;
        serde_json::from_str(&answer).map_err(|error| JobError::Failed(error.to_string()))
    }

    /// Does a job that answers with one value.
    pub fn ask<T: DeserializeOwned>(&mut self, job: &Job, file: &File) -> Result<T, JobError> {
        let answer = self.run(job, file, &mut |_| Ok(Vec::new()))?;
        serde_json::from_str(&answer).map_err(|error| JobError::Failed(error.to_string()))
    }

    /// The layers of confinement that hold, once a child has run.
    pub fn confinement(&self) -> Option<&str> {
        self.running.as_ref().map(|running| running.confinement.as_str())
    }

    /// Whether the child that runs now was given the networks.
    pub fn has_networks(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.networks)
    }

    /// Notes that the child that runs now was given the networks.
    pub fn keep_networks(&mut self) {
        if let Some(running) = &mut self.running {
            running.networks = true;
        }
    }

    /// The most memory that a child of this place has had resident, in bytes.
    pub fn peak_bytes(&mut self) -> u64 {
        if let Some(running) = &self.running {
            let seen = crate::memory::peak_of(Some(running.child.id())).unwrap_or(0);
            self.peak_bytes = self.peak_bytes.max(seen);
        }
        self.peak_bytes
    }

    fn run(&mut self, job: &Job, file: &File, take: &mut TakeFrames<'_>) -> Result<String, JobError> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => {
                // A child that dies before it is ready may have met the same chance as one that dies later.
                let started = Running::start().or_else(|_| Running::start());
                started.map_err(|error| JobError::Failed(format!("no worker could be started: {error}")))?
            }
        };
        let mut item = 0;
        let outcome = running.converse(job, file, &mut item, take);
        match outcome {
            Ok(answer) => {
                self.running = Some(running);
                answer
            }
            Err(error) => Err(JobError::Died { item, how: running.end(&error) }),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.socket.shutdown(std::net::Shutdown::Both);
            let _ = running.child.wait();
        }
    }
}

impl Running {
    fn start() -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_read_timeout(Some(SILENCE))?;
        let child = Command::new(std::env::current_exe()?)
            .arg("worker")
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut frames = BufReader::with_capacity(256 << 10, ours.try_clone()?);
        match read_frame(&mut frames)? {
            Frame::Ready(confinement) => Ok(Self { child, socket: ours, frames, confinement, networks: false }),
            _ => Err(io::Error::other("the worker did not say that it is ready")),
        }
    }

    /// The inner result is the job's, the outer the conversation's.
    fn converse(
        &mut self,
        job: &Job,
        file: &File,
        item: &mut u64,
        take: &mut TakeFrames<'_>,
    ) -> io::Result<Result<String, JobError>> {
        send_job(&self.socket, job, file)?;
        let mut refused = None;
        loop {
            let frame = match read_frame(&mut self.frames)? {
                Frame::Rows(table, batch) => Frame::Rows(table, with_evidence(table, batch, &job.evidence)?),
                frame => frame,
            };
            match frame {
                Frame::Begun(begun) => *item = begun,
                frame @ Frame::Recode(_) => send_pictures(&self.socket, &take(frame).unwrap_or_default())?,
                frame @ (Frame::Rows(..) | Frame::Bytes(_)) if refused.is_none() => refused = take(frame).err(),
                Frame::Rows(..) | Frame::Bytes(_) => {}
                Frame::Done(answer) => return Ok(refused.map_or(Ok(answer), |error| Err(error.into()))),
                Frame::Failed(reason) => return Ok(Err(JobError::Failed(reason))),
                Frame::Ready(_) => return Err(io::Error::other("a second greeting")),
            }
        }
    }

    /// Ends the child for good and says how it ended.
    fn end(mut self, error: &io::Error) -> String {
        let silent = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
        if silent || error.kind() == io::ErrorKind::InvalidData {
            let _ = self.child.kill();
        }
        let status = self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        if silent { format!("silent for {} s", SILENCE.as_secs()) } else { status }
    }
}
