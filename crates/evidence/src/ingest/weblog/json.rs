//! JSON lines as nginx, Caddy, Cloudflare and Akamai write them, or a site under names of its own.
//!
//! A scanner of its own finds keys and values without building anything. It
//! also takes what nginx writes without `escape=json`: `\xNN` in strings, which
//! no JSON parser accepts. Keys mostly come in the same order in each line, so
//! the keys of the line before are tried first.

use memchr::{memchr, memchr2};
use model::Entry;

use super::clock::Clock;
use super::role::{self, ROLES, Role};
use super::{Grammar, Line, Request, UNFIT};

/// Reads the lines.
#[derive(Default)]
pub struct Json {
    clock: Clock,
    order: Vec<(Vec<u8>, Role)>,
    unescaped: String,
}

impl Grammar for Json {
    const ENTRY: Entry = Entry {
        name: "weblog-json",
        summary: "web logs as JSON lines: nginx, Caddy, Cloudflare Logpush, Akamai DataStream 2",
        doc: "\
# What it reads
One JSON object a line with a time and a request. Keys are known by their usual
names (`time`, `time_iso8601`, `remote_addr`, `xff`, `uri`, `args`, `status`,
`request_time`, `http_referer`, `cookie_...` and others), by those of Caddy, of
Cloudflare's HTTP requests and of Akamai's DataStream 2; objects within the
object are looked into, of a list the first text counts. A line may stand
behind a syslog header.

# How fields are read
`request_time` is in seconds. A whole request line under `request` is taken
apart where method and path are not given by themselves. Bytes that nginx wrote
as `\\xNN` are undone, and so is the percent-encoding that Akamai adds to agent,
Referer and cookie. A header that Caddy shows as `REDACTED` is absent.

# What is lost
Lines that are no JSON object, or that name no time or no request.",
    };

    #[inline]
    fn line<'a>(&'a mut self, line: &'a str) -> Line<'a> {
        self.request(line).map_or(Line::Unfit(UNFIT), Line::Request)
    }
}

/// Where a value lies: in the line, or among the unescaped ones.
#[derive(Clone, Copy, Default)]
struct Span {
    start: usize,
    end: usize,
    escaped: bool,
}

impl Json {
    #[inline]
    fn request<'a>(&'a mut self, line: &'a str) -> Option<Request<'a>> {
        self.unescaped.clear();
        let mut spans = [Span::default(); ROLES];
        self.scan(line.trim_ascii_end(), &mut spans)?;
        self.undo_akamai(line, &mut spans);
        let Self { clock, unescaped, .. } = self;
        let unescaped: &'a str = unescaped;
        role::request(clock, |role| {
            let span = spans[role as usize];
            let text = if span.escaped { unescaped } else { line };
            text.get(span.start..span.end).unwrap_or_default()
        })
    }

    /// Akamai writes these values percent-encoded, whatever the client sent.
    fn undo_akamai(&mut self, line: &str, spans: &mut [Span; ROLES]) {
        let akamai = spans[Role::AkamaiTime as usize];
        if akamai.start == akamai.end {
            return;
        }
        for role in [Role::Agent, Role::Referer, Role::Cookie] {
            let span = spans[role as usize];
            let text = if span.escaped { &self.unescaped[span.start..span.end] } else { &line[span.start..span.end] };
            let decoded = percent_decoded(text);
            let start = self.unescaped.len();
            self.unescaped.push_str(&decoded);
            spans[role as usize] = Span { start, end: self.unescaped.len(), escaped: true };
        }
    }

    /// Notes where the known values lie; `None` if the line is no JSON object.
    fn scan(&mut self, line: &str, spans: &mut [Span; ROLES]) -> Option<()> {
        let bytes = line.as_bytes();
        let mut at = expect(bytes, skip_space(bytes, 0), b'{')?;
        let (mut depth, mut place) = (1_usize, 0);
        loop {
            at = skip_space(bytes, at);
            match *bytes.get(at)? {
                b',' => at += 1,
                b'}' => {
                    (at, depth) = (at + 1, depth - 1);
                    if depth == 0 {
                        return (skip_space(bytes, at) == bytes.len()).then_some(());
                    }
                }
                b'"' => {
                    let (end, _) = string_end(bytes, at + 1)?;
                    let role = self.role(&bytes[at + 1..end], place);
                    place += 1;
                    at = skip_space(bytes, expect(bytes, skip_space(bytes, end + 1), b':')?);
                    if *bytes.get(at)? == b'{' {
                        (at, depth) = (at + 1, depth + 1);
                        continue;
                    }
                    at = self.value(line, at, role, spans)?;
                }
                _ => return None,
            }
        }
    }

    /// Passes one value that is no object, and notes it; returns where it ends.
    #[inline]
    fn value(&mut self, line: &str, at: usize, role: Role, spans: &mut [Span; ROLES]) -> Option<usize> {
        let bytes = line.as_bytes();
        let (span, next) = match *bytes.get(at)? {
            b'"' => {
                let (end, escaped) = string_end(bytes, at + 1)?;
                let plain = Span { start: at + 1, end, escaped: false };
                let span = if escaped && role != Role::Other { self.unescape(&line[at + 1..end]) } else { plain };
                (span, end + 1)
            }
            b'[' => {
                // Headers come as lists, the first of which is the one that counts.
                let first = skip_space(bytes, at + 1);
                if role != Role::Other && bytes.get(first) == Some(&b'"') {
                    self.value(line, first, role, spans)?;
                }
                return array_end(bytes, at);
            }
            _ => {
                let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b' ' | b'\t' | b'"' | b':');
                let end = at + bytes[at..].iter().position(is_end)?;
                (end > at).then_some(())?;
                let null = &bytes[at..end] == b"null";
                (Span { start: at, end: if null { at } else { end }, escaped: false }, end)
            }
        };
        if let Some(noted) = spans.get_mut(role as usize)
            && noted.start == noted.end
        {
            *noted = span;
        }
        Some(next)
    }

    fn unescape(&mut self, text: &str) -> Span {
        let start = self.unescaped.len();
        unescape(text, &mut self.unescaped);
        Span { start, end: self.unescaped.len(), escaped: true }
    }

    #[inline]
    fn role(&mut self, key: &[u8], place: usize) -> Role {
        if let Some((known, role)) = self.order.get(place)
            && known == key
        {
            return *role;
        }
        let role = Role::of(key);
        // Lines with very many keys are looked up each time.
        if place < self.order.len() {
            self.order[place] = (key.to_vec(), role);
        } else if place < 256 {
            self.order.push((key.to_vec(), role));
        }
        role
    }
}

#[inline]
fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}

#[inline]
fn expect(bytes: &[u8], at: usize, byte: u8) -> Option<usize> {
    (*bytes.get(at)? == byte).then_some(at + 1)
}

/// The closing quote of a string whose text starts at `from`, and whether it has escapes.
#[inline]
fn string_end(bytes: &[u8], mut from: usize) -> Option<(usize, bool)> {
    let mut escaped = false;
    loop {
        let at = from + memchr2(b'"', b'\\', bytes.get(from..)?)?;
        if bytes[at] == b'"' {
            return Some((at, escaped));
        }
        escaped = true;
        from = at + 2;
    }
}

/// The place after an array, whatever is in it.
fn array_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match *bytes.get(at)? {
            b'[' => depth += 1,
            b']' => depth -= 1,
            b'"' => at = string_end(bytes, at + 1)?.0,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Undoes `%XY`; what is none stays as written. Streams encode a blank as `%20`
/// or as `+`, and in the first case a plus is a plus.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut raw = Vec::with_capacity(bytes.len());
    let blank = if text.contains("%20") { b'+' } else { b' ' };
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        let decoded = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        raw.push(decoded.unwrap_or(if byte == b'+' { blank } else { byte }));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&raw).into_owned()
}

/// Undoes JSON's escapes and nginx's `\xNN`; what is neither stays as written.
fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    let mut raw = Vec::new();
    while let Some(slash) = memchr(b'\\', rest.as_bytes()) {
        raw.extend_from_slice(&rest.as_bytes()[..slash]);
        let (used, written) = escape_at(&rest[slash..]);
        match written {
            Some(Written::Byte(byte)) => raw.push(byte),
            Some(Written::Char(c)) => raw.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => raw.extend_from_slice(&rest.as_bytes()[slash..slash + used]),
        }
        rest = &rest[slash + used..];
    }
    raw.extend_from_slice(rest.as_bytes());
    out.push_str(&String::from_utf8_lossy(&raw));
}

enum Written {
    Byte(u8),
    Char(char),
}

/// Bytes that the escape at the start of `text` takes up, and what it stands for.
fn escape_at(text: &str) -> (usize, Option<Written>) {
    let simple = |c| (2, Some(Written::Char(c)));
    match text.as_bytes().get(1) {
        Some(b'n') => simple('\n'),
        Some(b't') => simple('\t'),
        Some(b'r') => simple('\r'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(&byte @ (b'"' | b'\\' | b'/')) => simple(byte as char),
        Some(b'x') => match text.get(2..4).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => (4, Some(Written::Byte(byte))),
            None => (1, None),
        },
        Some(b'u') => unicode_escape(text),
        _ => (1, None),
    }
}

fn unicode_escape(text: &str) -> (usize, Option<Written>) {
    let unit = |at: usize| u32::from_str_radix(text.get(at..at + 4)?, 16).ok();
    let Some(first) = unit(2) else { return (1, None) };
    if let Some(c) = char::from_u32(first) {
        return (6, Some(Written::Char(c)));
    }
    let second = if text.get(6..8) == Some("\\u") { unit(8) } else { None };
    let pair = second.and_then(|second| char::decode_utf16([first as u16, second as u16]).next()?.ok());
    match pair {
        Some(c) => (12, Some(Written::Char(c))),
        None => (6, Some(Written::Char(char::REPLACEMENT_CHARACTER))),
    }
}
