//! Web-server and load-balancer logs: one line, one row of `web_requests`.
//!
//! Each kind of log is a [`Grammar`]: it reads one line into a [`Request`]
//! that borrows from the line, so a row costs no allocation. What they share
//! is here: headers of syslog, runs of whole lines, splits at line ends, and the
//! loss that a line becomes when it does not fit. Values are kept as written;
//! `-` is absent.

mod alb;
mod clock;
mod combined;
pub mod declared;
mod format_string;
mod haproxy;
mod iis;
mod json;
mod role;
mod syslog;
mod target;

use std::io::{self, Read};
use std::marker::PhantomData;

use model::contract::Input;
use model::{At, Cell, Entry, Format, Out, Reading, Role, Split, Text, tables};

pub(super) use self::clock::digits;
pub use self::syslog::message;
use super::lines::{self, Lines, Piece, Unfit, each_line};
use super::whole;

/// Apache and nginx lines in the common and combined formats and their kin.
pub static COMBINED: WebLog<combined::Combined> = WebLog(PhantomData);
/// JSON lines as nginx writes them.
pub static JSON: WebLog<json::Json> = WebLog(PhantomData);
/// W3C extended logs, as IIS writes them.
pub static IIS: WebLog<iis::Iis> = WebLog(PhantomData);
/// Access logs of AWS application and classic load balancers.
pub static ALB: WebLog<alb::Alb> = WebLog(PhantomData);

/// HTTP logs of HAProxy.
pub static HAPROXY: WebLog<haproxy::HaProxy> = WebLog(PhantomData);
/// Logs of a form that is declared beside them.
pub static DECLARED: WebLog<declared::Declared> = WebLog(PhantomData);

/// A log whose lines `G` reads.
pub struct WebLog<G>(PhantomData<fn() -> G>);

/// One request, as its line tells it. The fields are those of `web_requests`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Request<'a> {
    /// Microseconds since 1970, offset applied.
    pub time: Option<i64>,
    /// Address at the other end of the connection.
    pub peer_ip: Option<&'a str>,
    /// X-Forwarded-For.
    pub forwarded_for: Option<&'a str>,
    /// Virtual host without port.
    pub host: Option<&'a str>,
    /// Request method.
    pub method: Option<&'a str>,
    /// Path of the target.
    pub path: Option<&'a str>,
    /// Query without the question mark.
    pub query: Option<&'a str>,
    /// HTTP status.
    pub status: Option<u64>,
    /// Bytes sent.
    pub bytes: Option<u64>,
    /// Milliseconds taken.
    pub duration_ms: Option<f64>,
    /// Referer.
    pub referer: Option<&'a str>,
    /// User agent.
    pub user_agent: Option<&'a str>,
    /// Session cookie or token.
    pub cookie: Option<&'a str>,
    /// Authenticated user.
    pub user: Option<&'a str>,
}

impl<'a> Request<'a> {
    #[inline]
    fn cells(&self) -> [Cell<'a>; 14] {
        [
            self.time.map_or(Cell::Null, Cell::Time),
            self.peer_ip.into(),
            self.forwarded_for.into(),
            self.host.into(),
            self.method.into(),
            self.path.into(),
            self.query.into(),
            self.status.into(),
            self.bytes.into(),
            self.duration_ms.map_or(Cell::Null, Cell::F64),
            self.referer.into(),
            self.user_agent.into(),
            self.cookie.into(),
            self.user.into(),
        ]
    }
}

/// What a line is.
// It lives on the stack for one line; a box would cost an allocation per row.
#[allow(clippy::large_enum_variant)]
pub enum Line<'a> {
    /// A request.
    Request(Request<'a>),
    /// A comment or directive, which is no loss.
    Directive,
    /// Neither, for this reason.
    Unfit(&'static str),
}

/// The usual reason why a line is lost.
const UNFIT: &str = "line does not fit the log format";

/// Reads the lines of one kind of log, in order.
pub trait Grammar: Default {
    /// Name, summary and documentation.
    const ENTRY: Entry;

    /// Reads one line; may remember directives for those that follow.
    fn line<'a>(&'a mut self, line: &'a str) -> Line<'a>;

    /// Keeps in a split's state what later lines have to know of a `#` line, or
    /// of one that has such a line behind a syslog header.
    fn directive(_line: &[u8], _state: &mut String) {}
}

impl<G: Grammar> WebLog<G> {
    const ENTRY: &'static Entry = &G::ENTRY;

    /// Splits of about `split_bytes`, each starting after a newline and knowing
    /// the directives in force.
    ///
    /// # Errors
    /// Those of reading `input`.
    pub fn plan_by(&self, input: &mut dyn Input, length: u64, split_bytes: u64) -> io::Result<Vec<Split>> {
        if length <= split_bytes {
            return Ok(vec![Split::whole(length)]);
        }
        let mut input: &mut dyn Input = input;
        lines::splits(&mut input, length, split_bytes, &G::directive)
    }
}

impl<G: Grammar + 'static> Format for WebLog<G> {
    fn entry(&self) -> &'static Entry {
        Self::ENTRY
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let mut grammar = G::default();
        let (mut requests, mut unfit) = (0, 0);
        for line in sample(head) {
            match grammar.line(syslog::message(&whole::lossy(line))) {
                Line::Request(_) => requests += 1,
                Line::Directive => {}
                Line::Unfit(_) => unfit += 1,
            }
            if unfit > SAMPLE_LINES / 2 {
                return false;
            }
        }
        requests > 0 && requests >= unfit
    }

    fn plan(&self, input: &mut dyn Input, length: u64) -> io::Result<Vec<Split>> {
        self.plan_by(input, length, Split::BYTES)
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut grammar = G::default();
        for line in reading.split.state.lines() {
            grammar.line(line);
        }
        let mut lines = Lines::new(bytes, reading.split);
        let mut rows = Rows {
            chain: reading.chain,
            grammar,
            unfit: Unfit::new(reading.chain, "line"),
            line: reading.split.items_before,
        };
        let outcome = loop {
            let piece = match lines.next_piece() {
                Ok(Some(piece)) => piece,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            };
            match piece {
                Piece::Run { start, bytes } => rows.run(start, bytes, out),
                Piece::Overlong { start, length } => rows.overlong(start, length, out),
            }
        };
        rows.unfit.close(out);
        outcome
    }
}

/// Lines that a verdict rests on.
const SAMPLE_LINES: usize = 64;

/// The first whole lines of a source's head that say something; the last line
/// is left out where it may be cut, unless it is the only one.
fn sample(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = memchr::memrchr(b'\n', head).map_or(head, |newline| &head[..=newline]);
    each_line(whole).map(|(_, line)| line).filter(|line| !line.trim_ascii().is_empty()).take(SAMPLE_LINES)
}

/// Rows of one split in the making.
struct Rows<'c, G> {
    chain: &'c str,
    grammar: G,
    unfit: Unfit<'c>,
    line: u64,
}

impl<G: Grammar> Rows<'_, G> {
    fn run(&mut self, start: u64, run: &[u8], out: &mut dyn Out) {
        if !out.begin(start) {
            self.line += memchr::memchr_iter(b'\n', run).count() as u64;
            return;
        }
        if out.wants_texts() {
            // Query strings name the people who are looked up, so addresses of
            // theirs stay private.
            out.text(&Text { role: Role::Log, chain: self.chain, start, bytes: run, personal: true });
        }
        if !out.wants_rows() {
            return;
        }
        // One check for the whole run; only a run that fails it is checked line by line.
        let whole = std::str::from_utf8(run).ok();
        for (at, line) in each_line(run) {
            let cut = at + line.len() == run.len();
            let place = (start + at as u64, line.len() as u64);
            match whole.and_then(|text| text.get(at..at + line.len())) {
                Some(text) => self.row(place, text, cut, out),
                None => self.row(place, &String::from_utf8_lossy(line), cut, out),
            }
        }
    }

    fn overlong(&mut self, start: u64, length: u64, out: &mut dyn Out) {
        self.line += 1;
        self.unfit.note("line is longer than 1 MiB", start, start + length, self.line, out);
    }

    #[inline]
    fn row(&mut self, (start, length): (u64, u64), text: &str, cut: bool, out: &mut dyn Out) {
        self.line += 1;
        // A crash of the server's machine leaves zeros where the file had grown.
        let text = text.trim_start_matches('\0');
        if text.is_empty() && length == 0 {
            return;
        }
        match self.grammar.line(syslog::message(text)) {
            Line::Request(request) => {
                self.unfit.close(out);
                out.row(&tables::WEB_REQUESTS, At { chain: self.chain, start, length }, &request.cells());
            }
            Line::Directive => {}
            Line::Unfit(reason) => {
                let reason = if cut { "last line is cut" } else { reason };
                self.unfit.note(reason, start, start + length, self.line, out);
            }
        }
    }
}
