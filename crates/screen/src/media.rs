//! Decoding by `ffmpeg` as a child process: brightness only, through a pipe.
//!
//! The evidence is an already open file that becomes the child's standard
//! input, so that no name is ever interpreted. The child may read plain files
//! of known containers only (no playlists, no network), and has limits on
//! time, memory, and the size of a picture. What it writes is parsed by
//! [`Frames`], which needs nothing but a `Read` and so can run in a sandbox.

mod ahead;
mod frames;
mod probe;
mod recode;

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit};

pub use frames::{Frames, OwnedFrame};
pub use probe::{About, Track, about};
pub use recode::{Coding, recode};

/// Containers that the child may open. Playlists and lists of files are not
/// among them: they would lead to other files.
const CONTAINERS: &str = "mov,matroska,avi,flv,mpegts,mpeg,asf,ogg,gif,apng,png_pipe,jpeg_pipe,pgm_pipe,ppm_pipe,webp_pipe,bmp_pipe,tiff_pipe,jpegxl_pipe,h264,hevc,ivf,mpegvideo";

/// Forms of a picture that have a plane of brightness; others are converted.
const WITH_LUMA: &str = "yuv420p|yuv422p|yuv444p|yuv440p|yuv411p|yuv410p|yuvj420p|yuvj422p|yuvj444p|yuvj440p";

/// Bytes that may wait in the pipe of pictures: what Linux lets anybody have.
const PIPE_BYTES: usize = 1 << 20;

/// Bytes of the child's complaints that are kept.
const COMPLAINT_AT_MOST: usize = 4096;

/// Where the decoder is, and how much it may use up.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The program `ffmpeg`.
    pub ffmpeg: PathBuf,
    /// The program `ffprobe`.
    pub ffprobe: PathBuf,
    /// Time on the clock for decoding all of a file.
    pub wall: Duration,
    /// Processor time of the child, in seconds.
    pub cpu_secs: u64,
    /// Address space of the child, in bytes.
    pub memory_bytes: u64,
    /// Pixels in one picture at most.
    pub pixels: u64,
    /// Width or height at most.
    pub side: u32,
    /// Pictures at most; the rest is a stated loss.
    pub frames: u64,
    /// Threads of the decoder.
    pub threads: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ffmpeg: "/usr/bin/ffmpeg".into(),
            ffprobe: "/usr/bin/ffprobe".into(),
            wall: Duration::from_secs(900),
            cpu_secs: 1800,
            memory_bytes: 4 << 30,
            pixels: 8192 * 4608,
            side: 10_000,
            frames: 500_000,
            threads: 2,
        }
    }
}

/// Why something was not seen, or not to the end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    /// The decoder could not be started.
    #[error("the decoder could not be started: {0}")]
    NoDecoder(String),
    /// There is nothing to decode.
    #[error("the file is empty")]
    Empty,
    /// The decoder found no picture that it knows.
    #[error("no video and no picture inside: {0}")]
    NoPicture(String),
    /// A picture larger than allowed.
    #[error("the picture is {width}x{height}, more than is allowed")]
    TooLarge {
        /// Pixels in a row.
        width: u64,
        /// Rows.
        height: u64,
    },
    /// The pipe ended inside a picture.
    #[error("the decoder stopped inside picture {index}")]
    CutOff {
        /// The picture that was begun.
        index: u64,
    },
    /// More pictures than allowed.
    #[error("more than {0} pictures; the rest was not read")]
    TooManyFrames(u64),
    /// The clock ran out.
    #[error("decoding took more than {0} s and was ended")]
    TimeUp(u64),
    /// The decoder was ended from outside or by its limits.
    #[error("the decoder was ended by signal {0}")]
    Killed(i32),
    /// The decoder complained and went on, or gave up part of the way.
    #[error("the decoder complained: {0}")]
    Complaint(String),
    /// What came through the pipe is not what the decoder writes.
    #[error("the decoder's output cannot be read: {0}")]
    Garbled(&'static str),
}

/// A running decoder. Take its pipe, read [`Frames`] from it, then [`Decoder::finish`].
#[derive(Debug)]
pub struct Decoder {
    child: Arc<Mutex<Child>>,
    pipe: Option<ChildStdout>,
    complaints: Option<JoinHandle<String>>,
    watch: Watch,
    wall_secs: u64,
}

impl Decoder {
    /// Starts decoding an open file; its position does not matter.
    pub fn open(file: &File, limits: &Limits) -> Result<Self, Loss> {
        if file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0) {
            return Err(Loss::Empty);
        }
        let mut command = Command::new(&limits.ffmpeg);
        command.args(["-nostdin", "-hide_banner", "-v", "error", "-threads", &limits.threads.max(1).to_string()]);
        command.args(["-max_pixels", &limits.pixels.to_string()]);
        input(&mut command);
        command.args(["-map", "0:v:0", "-an", "-sn", "-dn"]);
        command.args(["-vf", &format!("format={WITH_LUMA},extractplanes=y,format=gray"), "-fps_mode", "passthrough"]);
        command.args(["-frames:v", &limits.frames.saturating_add(1).to_string()]);
        command.args([
            "-map_metadata",
            "-1",
            "-c:v",
            "rawvideo",
            "-f",
            "nut",
            "-write_index",
            "0",
            // Pictures go from the decoder's memory to the pipe as they are.
            "-avioflags",
            "direct",
            "pipe:1",
        ]);
        let mut child = spawn(&mut command, file, limits)?;
        let pipe = child.stdout.take();
        // Fewer turns of writing and reading; the system may refuse.
        let _ = pipe.as_ref().map(|pipe| rustix::pipe::fcntl_setpipe_size(pipe, PIPE_BYTES));
        let complaints = child.stderr.take().map(|from| std::thread::spawn(move || first_bytes(from)));
        let child = Arc::new(Mutex::new(child));
        let watch = Watch::over(&child, limits.wall);
        Ok(Self { child, pipe, complaints, watch, wall_secs: limits.wall.as_secs() })
    }

    /// The child's process id.
    pub fn id(&self) -> u32 {
        self.child.lock().map_or(0, |child| child.id())
    }

    /// The pipe of pictures, once.
    pub fn pipe(&mut self) -> Option<ChildStdout> {
        self.pipe.take()
    }

    /// Ends the child if it still runs, and tells what it lost.
    pub fn finish(mut self) -> Option<Loss> {
        let read_to_the_end = self.pipe.take().is_none();
        if !read_to_the_end {
            let _ = self.child.lock().ok()?.kill();
        }
        // Not `wait`, which would keep the watch from ending a child that hangs.
        let status = loop {
            if let Some(status) = self.child.lock().ok()?.try_wait().ok()? {
                break status;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let time_up = self.watch.end();
        let complaint = self.complaints.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        if time_up {
            return Some(Loss::TimeUp(self.wall_secs));
        }
        verdict(status, &complaint)
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        if let Ok(mut child) = self.child.lock() {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.watch.end();
    }
}

fn verdict(status: std::process::ExitStatus, complaint: &str) -> Option<Loss> {
    use std::os::unix::process::ExitStatusExt;
    // Broken pipe: we stopped reading first, which is told elsewhere.
    let lines = complaint.lines().filter(|line| !line.contains("Broken pipe") && !line.contains("pipe:"));
    let first = lines.filter(|line| !line.trim().is_empty()).take(2).collect::<Vec<_>>().join("; ");
    match (status.signal(), status.success()) {
        (Some(13), _) => None,
        (Some(signal), _) => Some(Loss::Killed(signal)),
        (None, true) if first.is_empty() => None,
        (None, false) if first.is_empty() => None,
        _ => Some(Loss::Complaint(first)),
    }
}

/// The decoder's version, by its own account; none if there is no decoder.
pub fn version(limits: &Limits) -> Option<String> {
    let output = Command::new(&limits.ffmpeg).arg("-version").env_clear().stdin(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}

/// Options that come before the input, and the input: the child's own descriptor 0.
fn input(command: &mut Command) {
    command.args(["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS, "-i", "file:/dev/fd/0"]);
}

fn spawn(command: &mut Command, file: &File, limits: &Limits) -> Result<Child, Loss> {
    let told = |error: std::io::Error| Loss::NoDecoder(error.to_string());
    let stdin = file.try_clone().map_err(told)?;
    command.env_clear().stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(told)?;
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let caps = [
            (Resource::As, limits.memory_bytes),
            (Resource::Cpu, limits.cpu_secs),
            (Resource::Fsize, 0),
            (Resource::Core, 0),
        ];
        for (resource, most) in caps {
            // A child that is gone already has no limits to set.
            let _ = rustix::process::prlimit(Some(pid), resource, Rlimit { current: Some(most), maximum: Some(most) });
        }
    }
    Ok(child)
}

/// Reads all, keeps the beginning.
fn first_bytes(mut from: impl Read) -> String {
    let mut kept = Vec::new();
    let _ = from.by_ref().take(COMPLAINT_AT_MOST as u64).read_to_end(&mut kept);
    let _ = std::io::copy(&mut from, &mut std::io::sink());
    String::from_utf8_lossy(&kept).into_owned()
}

/// Ends a child when its time is up.
#[derive(Debug)]
struct Watch {
    state: Arc<(Mutex<(bool, bool)>, Condvar)>,
}

impl Watch {
    fn over(child: &Arc<Mutex<Child>>, wall: Duration) -> Self {
        let state = Arc::new((Mutex::new((false, false)), Condvar::new()));
        let (shared, child) = (state.clone(), child.clone());
        std::thread::spawn(move || {
            let (lock, bell) = &*shared;
            let Ok(guard) = lock.lock() else { return };
            let Ok((mut guard, waited)) = bell.wait_timeout_while(guard, wall, |(done, _)| !*done) else { return };
            if waited.timed_out() {
                guard.1 = true;
                if let Ok(mut child) = child.lock() {
                    let _ = child.kill();
                }
            }
        });
        Self { state }
    }

    /// Stops watching; true if the time was up before.
    fn end(&self) -> bool {
        let (lock, bell) = &*self.state;
        let Ok(mut guard) = lock.lock() else { return false };
        guard.0 = true;
        bell.notify_all();
        guard.1
    }
}
