//! Logs that still grow, followed by name through rotation.
//!
//! A file is known by its device and number, so that a renamed log is read to
//! its end before its successor is begun, and a log that was cut to nothing is
//! begun anew. A last line without its end waits for the rest. What a format
//! has to know from earlier lines (`#Fields`) is kept with the place.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use evidence::ingest::{self, weblog};
use model::{At, Cell, Loss, Out, Reading, Split, Step, Table, Text, tables};
use serde::{Deserialize, Serialize};

/// Bytes read in one go.
const RUN: u64 = 8 << 20;
/// Bytes by which a format is told.
const HEAD: usize = 64 << 10;

/// One log and how far it was read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tail {
    /// The log's name; what stands there is followed.
    pub path: PathBuf,
    identity: Option<(u64, u64)>,
    offset: u64,
    format: String,
    directives: String,
    #[serde(default)]
    declared: String,
    /// Lines that did not fit.
    pub unfit: u64,
}

impl Tail {
    /// A log that was not read yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, ..Self::default() }
    }

    /// The name of the site: the folder that the log lies in.
    pub fn site(&self) -> String {
        let folder = self.path.parent().and_then(Path::file_name);
        folder.map_or_else(|| "site".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    /// Takes in what was written since the last time, at most one run; true if there may be more.
    pub fn read(&mut self, rows: &mut Vec<Row>) -> io::Result<bool> {
        let Some(mut file) = self.current()? else { return Ok(false) };
        let length = file.metadata()?.len();
        if length < self.offset {
            (self.offset, self.directives) = (0, String::new());
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        file.take(RUN).read_to_end(&mut bytes)?;
        let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            // A line that is longer than a run is passed over, so that it cannot stop the watch.
            let stuck = bytes.len() as u64 == RUN;
            if stuck {
                (self.offset, self.unfit) = (self.offset + RUN, self.unfit + 1);
            }
            return Ok(stuck);
        };
        bytes.truncate(end + 1);
        self.take_in(&bytes, rows)?;
        self.offset += bytes.len() as u64;
        Ok(self.offset < length)
    }

    /// The file to read from: the old one until its end, then the new.
    fn current(&mut self) -> io::Result<Option<File>> {
        let here = open(&self.path)?;
        let (Some(known), Some(found)) = (self.identity, here.as_ref().and_then(|(_, found)| *found)) else {
            self.identity = self.identity.or(here.as_ref().and_then(|(_, found)| *found));
            return Ok(here.map(|(file, _)| file));
        };
        if known == found {
            return Ok(here.map(|(file, _)| file));
        }
        if let Some(old) = renamed(&self.path, known)? {
            let whole = old.metadata()?.len() <= self.offset || self.rest_is_cut(&old)?;
            if !whole {
                return Ok(Some(old));
            }
        }
        (self.identity, self.offset, self.directives) = (Some(found), 0, String::new());
        Ok(here.map(|(file, _)| file))
    }

    /// Whether what is left of a rotated file has no line end and never will.
    fn rest_is_cut(&self, mut old: &File) -> io::Result<bool> {
        old.seek(SeekFrom::Start(self.offset))?;
        let mut rest = Vec::new();
        old.take(RUN).read_to_end(&mut rest)?;
        Ok(!rest.contains(&b'\n'))
    }

    fn take_in(&mut self, bytes: &[u8], rows: &mut Vec<Row>) -> io::Result<()> {
        let name = self.path.to_string_lossy().into_owned();
        if self.format.is_empty() {
            let head = &bytes[..bytes.len().min(HEAD)];
            let found = ingest::sniff_declared(head, &name, &self.declarations()?);
            let Some((format, declared)) = found.filter(|(format, _)| format.entry().name.starts_with("weblog")) else {
                self.unfit += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
                return Ok(());
            };
            (self.format, self.declared) = (format.entry().name.to_owned(), declared);
        }
        let Some(format) = ingest::by_name(&self.format) else { return Ok(()) };
        let state = [self.declared.as_str(), &self.directives].join("\n").trim().to_owned();
        let split = Split { start: self.offset, end: u64::MAX, items_before: 0, state };
        let mut taken = Taken { rows, unfit: 0 };
        format.read(&Reading { name: &name, chain: "", split: &split }, &mut &*bytes, &mut taken)?;
        self.unfit += taken.unfit;
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| line.contains(&b'#')) {
            let line = String::from_utf8_lossy(line);
            let message = weblog::message(&line);
            if message.starts_with('#') {
                self.heed(message);
            }
        }
        Ok(())
    }

    /// What small configurations and notes in the log's folder declare.
    fn declarations(&self) -> io::Result<Vec<String>> {
        let Some(folder) = self.path.parent() else { return Ok(Vec::new()) };
        let mut lines = Vec::new();
        for entry in fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })? {
            let entry = entry?;
            let about = entry.metadata()?;
            let small = about.is_file() && about.len() <= weblog::declared::BYTES;
            if small && weblog::declared::may_declare(&entry.file_name().to_string_lossy()) {
                lines.extend(weblog::declared::declarations(&String::from_utf8_lossy(&fs::read(entry.path())?)));
            }
        }
        lines.sort();
        lines.dedup();
        Ok(lines)
    }

    /// Keeps the last directive of each name.
    fn heed(&mut self, line: &str) {
        let name = line.split(':').next().unwrap_or(line).to_owned();
        let kept = self.directives.lines().filter(|kept| kept.split(':').next() != Some(&name));
        self.directives = kept.chain([line.trim_end()]).collect::<Vec<_>>().join("\n");
    }
}

type Opened = (File, Option<(u64, u64)>);

fn open(path: &Path) -> io::Result<Option<Opened>> {
    match File::open(path) {
        Ok(file) => {
            let about = file.metadata()?;
            Ok(about.is_file().then_some((file, Some((about.dev(), about.ino())))))
        }
        // Between a rename and the new file there is none.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The file of that identity beside the log, under whatever name it has now.
fn renamed(path: &Path, identity: (u64, u64)) -> io::Result<Option<File>> {
    let Some(folder) = path.parent() else { return Ok(None) };
    for entry in fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })? {
        let entry = entry?;
        let about = entry.metadata()?;
        if about.is_file() && (about.dev(), about.ino()) == identity {
            return File::open(entry.path()).map(Some);
        }
    }
    Ok(None)
}

/// One request, as a line told it.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Microseconds by the server's own clock.
    pub time: i64,
    /// First byte of its line.
    pub start: u64,
    texts: [Option<String>; TEXTS.len()],
    /// HTTP status.
    pub status: u16,
    /// Bytes sent.
    pub bytes: Option<u64>,
    /// Milliseconds that the answer took.
    pub millis: Option<u32>,
}

const TEXTS: [&str; 9] =
    ["peer_ip", "forwarded_for", "host", "method", "path", "query", "referer", "user_agent", "cookie"];

impl Row {
    /// A text column of `web_requests`, empty where absent.
    pub fn text(&self, column: &str) -> &str {
        let at = TEXTS.iter().position(|name| *name == column);
        at.and_then(|at| self.texts[at].as_deref()).unwrap_or_default()
    }
}

/// Takes requests off a format.
struct Taken<'r> {
    rows: &'r mut Vec<Row>,
    unfit: u64,
}

impl Out for Taken<'_> {
    fn wants_rows(&self) -> bool {
        true
    }

    fn wants_texts(&self) -> bool {
        false
    }

    fn row(&mut self, table: &'static Table, at: At<'_>, cells: &[Cell<'_>]) {
        if table.name != tables::WEB_REQUESTS.name {
            return;
        }
        let mut row = Row { start: at.start, ..Row::default() };
        let mut timed = false;
        for (column, cell) in table.columns.iter().zip(cells) {
            match (column.name, cell) {
                ("time", Cell::Time(time)) => (row.time, timed) = (*time, true),
                ("status", Cell::U64(status)) => row.status = u16::try_from(*status).unwrap_or(0),
                ("bytes", Cell::U64(bytes)) => row.bytes = Some(*bytes),
                // A cast of what is negative or endless stays within bounds.
                ("duration_ms", Cell::F64(millis)) => row.millis = Some(millis.round() as u32),
                (name, Cell::Text(text)) => {
                    if let Some(at) = TEXTS.iter().position(|known| *known == name) {
                        row.texts[at] = Some((*text).to_owned());
                    }
                }
                _ => {}
            }
        }
        match timed {
            true => self.rows.push(row),
            false => self.unfit += 1,
        }
    }

    fn text(&mut self, _text: &Text<'_>) {}

    fn child(&mut self, _chain: &str, _step: &Step, _name: &str, _bytes: &mut dyn Read) {}

    fn loss(&mut self, _at: At<'_>, loss: Loss<'_>) {
        self.unfit += loss.count;
    }

    fn begin(&mut self, _offset: u64) -> bool {
        true
    }
}
