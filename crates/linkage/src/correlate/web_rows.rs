//! Requests of the table `web_requests`, batch by batch, as the crate `traffic` takes them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, Float64Array, RecordBatch, StringViewArray, TimestampMicrosecondArray, UInt64Array};
use casefile::{Error, Result, Session};
use traffic::{Declared, Request};

use super::web_sites::Place;

/// Columns that requests are made of.
pub const COLUMNS: [&str; 17] = [
    "evidence",
    "chain",
    "start",
    "length",
    "time",
    "peer_ip",
    "forwarded_for",
    "host",
    "method",
    "path",
    "query",
    "status",
    "bytes",
    "duration_ms",
    "referer",
    "user_agent",
    "cookie",
];

/// A file of the evidence: the site that its folder names, and whether a proxy stands before it.
#[derive(Debug, Default)]
pub struct File {
    /// Place among all files, in the order of their digests.
    pub rank: u32,
    /// Folder.
    pub folder: Option<String>,
    /// Whether all requests came from one peer, and most name whom they were forwarded for.
    pub proxied: bool,
}

const FILES: &str = include_str!("web_files.sql");

/// The files of the evidence by digest; whether a proxy stands before them is not known yet.
pub fn files(session: &Session) -> Result<BTreeMap<String, File>> {
    let mut files = BTreeMap::new();
    for row in session.rows(FILES)? {
        let text = |name: &str| row.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let Some(evidence) = text("evidence") else { continue };
        files.insert(evidence, File { folder: text("folder"), ..File::default() });
    }
    files.values_mut().zip(0..).for_each(|(file, rank)| file.rank = rank);
    Ok(files)
}

/// Columns of one batch of requests.
pub struct Rows<'a> {
    evidence: &'a StringViewArray,
    chain: &'a StringViewArray,
    start: &'a UInt64Array,
    length: &'a UInt64Array,
    time: &'a TimestampMicrosecondArray,
    peer_ip: &'a StringViewArray,
    forwarded_for: &'a StringViewArray,
    host: &'a StringViewArray,
    method: &'a StringViewArray,
    path: &'a StringViewArray,
    query: &'a StringViewArray,
    status: &'a UInt64Array,
    bytes: &'a UInt64Array,
    duration: &'a Float64Array,
    referer: &'a StringViewArray,
    user_agent: &'a StringViewArray,
    cookie: &'a StringViewArray,
}

impl<'a> Rows<'a> {
    /// The columns of a batch that holds [`COLUMNS`].
    pub fn of(batch: &'a RecordBatch) -> Result<Self> {
        let missing = || Error::Sql("requests come in other types than asked for".to_owned());
        let column = |name: &str| batch.column_by_name(name).ok_or_else(missing);
        let text = |name: &str| column(name)?.as_string_view_opt().ok_or_else(missing);
        let number = |name: &str| column(name)?.as_primitive_opt::<UInt64Type>().ok_or_else(missing);
        Ok(Self {
            evidence: text("evidence")?,
            chain: text("chain")?,
            start: number("start")?,
            length: number("length")?,
            time: column("time")?.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(missing)?,
            peer_ip: text("peer_ip")?,
            forwarded_for: text("forwarded_for")?,
            host: text("host")?,
            method: text("method")?,
            path: text("path")?,
            query: text("query")?,
            status: number("status")?,
            bytes: number("bytes")?,
            duration: column("duration_ms")?.as_primitive_opt::<Float64Type>().ok_or_else(missing)?,
            referer: text("referer")?,
            user_agent: text("user_agent")?,
            cookie: text("cookie")?,
        })
    }

    /// Gives the rows that have a time, each with its file.
    pub fn each<'f>(&self, files: &'f BTreeMap<String, File>, give: &mut dyn FnMut(usize, &'f File)) {
        let mut known: Option<(&str, Option<&'f File>)> = None;
        for at in (0..self.time.len()).filter(|at| self.time.is_valid(*at)) {
            let evidence = self.evidence(at);
            // Rows of one file come together, so most need no look-up.
            if known.is_none_or(|(before, _)| before != evidence) {
                known = Some((evidence, files.get(evidence)));
            }
            if let Some((_, Some(file))) = known {
                give(at, file);
            }
        }
    }

    /// The time as stamped.
    pub fn time(&self, at: usize) -> i64 {
        self.time.value(at)
    }

    /// Digest of the file.
    pub fn evidence(&self, at: usize) -> &'a str {
        text(self.evidence, at)
    }

    /// Steps from the file to the line.
    pub fn chain(&self, at: usize) -> &'a str {
        text(self.chain, at)
    }

    /// First byte of the line.
    pub fn start(&self, at: usize) -> u64 {
        self.start.value(at)
    }

    /// Bytes of the line.
    pub fn length(&self, at: usize) -> u64 {
        self.length.value(at)
    }

    /// Order of two lines of one file.
    pub fn compare(&self, at: usize, other: &Self, other_at: usize) -> Ordering {
        let chains = self.chain(at).cmp(other.chain(other_at));
        chains.then_with(|| self.start(at).cmp(&other.start(other_at)))
    }

    /// The request, the site's clock corrected and proxies looked through.
    pub fn request<'r>(&self, at: usize, file: &'r File, declared: &'r Declared) -> Request<'r>
    where
        'a: 'r,
    {
        let host = text(self.host, at);
        let site = file.folder.as_deref().unwrap_or(if host.is_empty() { "site" } else { host });
        let (peer, forwarded) = (text(self.peer_ip, at), text(self.forwarded_for, at));
        Request {
            site,
            time: self.time.value(at).saturating_sub(declared.clock(site)),
            client: declared.client(site, peer, forwarded, file.proxied),
            method: text(self.method, at),
            path: text(self.path, at),
            query: text(self.query, at),
            status: if self.status.is_valid(at) { u16::try_from(self.status.value(at)).unwrap_or(0) } else { 0 },
            bytes: self.bytes.is_valid(at).then(|| self.bytes.value(at)),
            // A cast of what is negative or endless stays within bounds.
            millis: self.duration.is_valid(at).then(|| self.duration.value(at).round() as u32),
            referer: text(self.referer, at),
            user_agent: text(self.user_agent, at),
            cookie: text(self.cookie, at),
            host: if host.is_empty() { declared.host_of(site) } else { host },
        }
    }

    /// Where the request stands.
    pub fn place(&self, at: usize, site: &str, path: String) -> Place {
        Place {
            evidence: self.evidence(at).to_owned(),
            chain: self.chain(at).to_owned(),
            start: self.start(at),
            length: self.length(at),
            site: site.to_owned(),
            path,
        }
    }
}

fn text(column: &StringViewArray, at: usize) -> &str {
    if column.is_valid(at) { column.value(at) } else { "" }
}
