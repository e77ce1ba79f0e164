//! W3C extended logs, whose `#Fields` line says what follows and may change.
//!
//! IIS repeats the header after each restart. Fields are split at tabs where a
//! line has any, as CloudFront writes them, and at spaces otherwise. In user
//! agents and cookies IIS writes `+` for a space, which is undone.

use memchr::memchr;
use model::Entry;

use super::clock::{Clock, digits, seconds_as_ms};
use super::target::{present, set_target};
use super::{Grammar, Line, Request, UNFIT, syslog};

/// Reads the lines.
#[derive(Default)]
pub struct Iis {
    clock: Clock,
    fields: Vec<Column>,
    date: String,
    agent: String,
    cookie: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Column {
    Date,
    Time,
    PeerIp,
    ForwardedFor,
    Host,
    Method,
    Stem,
    Uri,
    Query,
    Status,
    Bytes,
    Taken,
    Referer,
    Agent,
    Cookie,
    User,
    Other,
}

impl Grammar for Iis {
    const ENTRY: Entry = Entry {
        name: "weblog-w3c",
        summary: "W3C extended logs, as IIS and CloudFront write them, also within syslog",
        doc: "\
# What it reads
Lines under a `#Fields` directive, which may change within the file. Where a log
has none, or only further down, that of a note beside it serves, or of another
W3C log in its folder, if the first lines fit it. Times are UTC. Where the fields have no date, the `#Date` directive gives it.

# How fields are read
`-` is absent. In user agents and cookies `+` stands for a space. The time taken
is in milliseconds, or in seconds where it has a decimal point.

# What is lost
Lines before the first `#Fields`, and lines with another number of fields.",
    };

    #[inline]
    fn line<'a>(&'a mut self, line: &'a str) -> Line<'a> {
        if line.starts_with('#') {
            self.heed(line);
            return Line::Directive;
        }
        if self.fields.is_empty() {
            return Line::Unfit("no #Fields line before it");
        }
        self.request(line).map_or(Line::Unfit(UNFIT), Line::Request)
    }

    fn directive(line: &[u8], state: &mut String) {
        let Ok(line) = std::str::from_utf8(line) else { return };
        let line = syslog::message(line);
        let Some(name) = ["#Fields:", "#Date:"].into_iter().find(|name| starts_with(line, name)) else { return };
        let kept: Vec<&str> = state.lines().filter(|kept| !starts_with(kept, name)).collect();
        *state = kept.into_iter().chain([line.trim_end()]).collect::<Vec<_>>().join("\n");
    }
}

fn starts_with(line: &str, name: &str) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

impl Iis {
    fn heed(&mut self, line: &str) {
        if starts_with(line, "#Fields:") {
            let columns: Vec<Column> = line[8..].split_ascii_whitespace().map(Column::of).collect();
            // A field list that names no request is of another log, such as a mail server's.
            let named = columns.iter().any(|column| matches!(column, Column::Method | Column::Stem | Column::Uri));
            self.fields = if named { columns } else { Vec::new() };
        } else if starts_with(line, "#Date:") {
            self.date = line[6..].split_ascii_whitespace().next().unwrap_or_default().to_owned();
        }
    }

    #[inline]
    fn request<'a>(&'a mut self, line: &'a str) -> Option<Request<'a>> {
        let separator = if memchr(b'\t', line.as_bytes()).is_some() { b'\t' } else { b' ' };
        let mut values = Values { rest: Some(line.trim_end()), separator };
        let mut request = Request::default();
        let (mut date, mut time, mut agent, mut cookie) = (None, None, None, None);
        for column in &self.fields {
            let value = present(values.next()?);
            match column {
                Column::Date => date = value,
                Column::Time => time = value,
                Column::PeerIp => request.peer_ip = value,
                Column::ForwardedFor => request.forwarded_for = value,
                Column::Host => request.host = request.host.or(value),
                Column::Method => request.method = value,
                Column::Stem => request.path = value,
                Column::Uri => set_target(value.unwrap_or_default(), &mut request),
                Column::Query => request.query = value,
                Column::Status => {
                    request.status = value.map_or(Some(None), |text| digits(text.as_bytes()).map(Some))?
                }
                Column::Bytes => request.bytes = value.map_or(Some(None), |text| digits(text.as_bytes()).map(Some))?,
                Column::Taken => request.duration_ms = value.and_then(taken_ms),
                Column::Referer => request.referer = value,
                Column::Agent => agent = value,
                Column::Cookie => cookie = value,
                Column::User => request.user = value,
                Column::Other => {}
            }
        }
        values.next().is_none().then_some(())?;
        let date = date.unwrap_or(&self.date);
        request.time = Some(self.clock.date_and_time(date.as_bytes(), time?.as_bytes())?);
        request.user_agent = agent.map(|agent| spaced(agent, &mut self.agent));
        request.cookie = cookie.map(|cookie| spaced(cookie, &mut self.cookie));
        Some(request)
    }
}

impl Column {
    fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "date" => Self::Date,
            "time" => Self::Time,
            "c-ip" => Self::PeerIp,
            "cs(x-forwarded-for)" | "x-forwarded-for" | "cs-x-forwarded-for" | "original-ip" => Self::ForwardedFor,
            "cs-host" | "cs(host)" | "x-host-header" => Self::Host,
            "cs-method" => Self::Method,
            "cs-uri-stem" => Self::Stem,
            "cs-uri" => Self::Uri,
            "cs-uri-query" => Self::Query,
            "sc-status" => Self::Status,
            "sc-bytes" => Self::Bytes,
            "time-taken" => Self::Taken,
            "cs(referer)" | "cs(referrer)" => Self::Referer,
            "cs(user-agent)" => Self::Agent,
            "cs(cookie)" => Self::Cookie,
            "cs-username" => Self::User,
            _ => Self::Other,
        }
    }
}

fn taken_ms(text: &str) -> Option<f64> {
    if text.contains('.') { seconds_as_ms(text.as_bytes()) } else { digits(text.as_bytes()).map(|ms| ms as f64) }
}

/// Undoes `+` for spaces; two in a row are a space and a plus.
#[inline]
fn spaced<'a>(text: &'a str, kept: &'a mut String) -> &'a str {
    if memchr(b'+', text.as_bytes()).is_none() {
        return text;
    }
    kept.clear();
    let mut rest = text;
    while let Some(plus) = memchr(b'+', rest.as_bytes()) {
        kept.push_str(&rest[..plus]);
        kept.push(' ');
        rest = &rest[plus + 1..];
        let literal = rest.bytes().take_while(|byte| *byte == b'+').count();
        kept.push_str(&rest[..literal]);
        rest = &rest[literal..];
    }
    kept.push_str(rest);
    kept
}

/// Values of a line in order; a quoted value may hold the separator.
struct Values<'a> {
    rest: Option<&'a str>,
    separator: u8,
}

impl<'a> Iterator for Values<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        if rest.starts_with('"')
            && let Some(end) = memchr(b'"', &rest.as_bytes()[1..])
            && rest.as_bytes().get(end + 2).is_none_or(|byte| *byte == self.separator)
        {
            self.rest = rest.get(end + 3..);
            return rest.get(1..=end);
        }
        match memchr(self.separator, rest.as_bytes()) {
            Some(end) => {
                self.rest = Some(&rest[end + 1..]);
                Some(&rest[..end])
            }
            None => self.rest.take(),
        }
    }
}
