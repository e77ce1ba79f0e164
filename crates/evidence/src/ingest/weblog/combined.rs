//! Lines of Apache's and nginx's common and combined formats.
//!
//! Read from the time stamp in brackets outwards: before it stand the client,
//! two names, and sometimes a virtual host or a list of proxies; after it the
//! request in quotes, status and bytes; then, in the combined format, referer
//! and user agent; then whatever the site has added.

use memchr::{memchr, memchr2};
use model::Entry;

use super::clock::{Clock, digits, seconds_as_ms};
use super::target::{present, request_line, without_port};
use super::{Grammar, Line, Request, UNFIT};

/// Reads the lines.
#[derive(Default)]
pub struct Combined {
    clock: Clock,
}

impl Grammar for Combined {
    const ENTRY: Entry = Entry {
        name: "weblog-combined",
        summary: "Apache and nginx access logs in the common and combined formats",
        doc: "\
# What it reads
Lines `client ident user [time] \"request\" status bytes`, with referer and user
agent in quotes after them, with a virtual host before them, and with fields
that a site has added at the end.

# How added fields are read
A quoted field of addresses is the X-Forwarded-For, any other quoted field the
session cookie; a decimal number with a point is the duration in seconds. Other
added fields stay in the evidence only.

# What is lost
A line of another form is a loss. Escapes such as `\\\"` and `\\x16` are kept as
they stand.",
    };

    #[inline]
    fn line<'a>(&'a mut self, line: &'a str) -> Line<'a> {
        if line.starts_with('#') {
            return Line::Directive;
        }
        self.request(line).map_or(Line::Unfit(UNFIT), Line::Request)
    }
}

impl Combined {
    #[inline]
    fn request<'a>(&mut self, line: &'a str) -> Option<Request<'a>> {
        let open = stamp_start(line.as_bytes())?;
        let stamp = line.get(open + 1..)?;
        let close = memchr(b']', stamp.as_bytes())?;
        let mut request = Request { time: Some(self.clock.common(&stamp.as_bytes()[..close])?), ..Request::default() };
        before(line[..open].trim_ascii(), &mut request)?;
        let mut fields = Fields(&stamp[close + 1..]);
        let Some(Field::Quoted(target)) = fields.next() else { return None };
        request_line(target, &mut request);
        request.status = number(fields.next()?)?;
        request.bytes = number(fields.next()?)?;
        after(fields, &mut request);
        Some(request)
    }
}

/// The bracket that opens the time stamp; a user name may hold brackets too.
#[inline]
fn stamp_start(line: &[u8]) -> Option<usize> {
    let is_stamp = |at: usize| line.get(at + 3) == Some(&b'/') && line.get(at + 7) == Some(&b'/');
    memchr::memchr_iter(b'[', line).find(|at| is_stamp(*at))
}

/// Client, ident and user; before them a virtual host, or proxies with commas.
#[inline]
fn before<'a>(text: &'a str, request: &mut Request<'a>) -> Option<()> {
    let (mut first, mut rest) = text.split_once(' ')?;
    if first.ends_with(',') || first.starts_with('"') {
        let last_comma = text.rfind(", ").map_or(0, |comma| comma + 2);
        let end = last_comma + text[last_comma..].find(' ')?;
        request.forwarded_for = present(text[..end].trim_matches('"'));
        return names(text.get(end + 1..)?, request);
    }
    // With a virtual host in front, the second field is the address.
    if let Some((second, after)) = rest.split_once(' ')
        && looks_like_address(second)
        && !looks_like_address(first)
        && after.contains(' ')
    {
        request.host = present(without_port(first));
        (first, rest) = (second, after);
    }
    request.peer_ip = present(first);
    names(rest, request)
}

/// Ident, which is passed over, and the user, who may have spaces in the name.
fn names<'a>(text: &'a str, request: &mut Request<'a>) -> Option<()> {
    let (_ident, user) = text.split_once(' ')?;
    request.user = present(user.trim_matches('"'));
    Some(())
}

/// Referer, user agent and what the site has added.
#[inline]
fn after<'a>(fields: Fields<'a>, request: &mut Request<'a>) {
    let mut quoted = 0;
    for field in fields {
        match field {
            Field::Quoted(text) => {
                match quoted {
                    0 => request.referer = present(text),
                    1 => request.user_agent = present(text),
                    _ => added(text, request),
                }
                quoted += 1;
            }
            Field::Bare(text) if text.contains('.') && request.duration_ms.is_none() => {
                request.duration_ms = seconds_as_ms(text.as_bytes());
            }
            Field::Bare(_) => {}
        }
    }
}

fn added<'a>(text: &'a str, request: &mut Request<'a>) {
    let Some(text) = present(text) else { return };
    if text.split(',').all(|part| looks_like_address(part.trim_ascii())) {
        request.forwarded_for = request.forwarded_for.or(Some(text));
    } else {
        request.cookie = request.cookie.or(Some(text));
    }
}

/// Whether a word is spelled like an IPv4 or IPv6 address; cheap, not exact.
pub fn looks_like_address(word: &str) -> bool {
    let bytes = word.as_bytes();
    let dots = bytes.iter().filter(|byte| **byte == b'.').count();
    let colons = bytes.iter().filter(|byte| **byte == b':').count();
    match (dots, colons) {
        (3, 0) => bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'),
        (0 | 3, 2..) => bytes.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')),
        _ => false,
    }
}

/// A number, or `-` for none; anything else does not fit.
#[inline]
fn number(field: Field<'_>) -> Option<Option<u64>> {
    match field {
        Field::Bare("-") => Some(None),
        Field::Bare(text) => digits(text.as_bytes()).map(Some),
        Field::Quoted(_) => None,
    }
}

/// A field after the time stamp.
#[derive(Clone, Copy)]
pub enum Field<'a> {
    /// Between quotes; escaped quotes are inside, as written.
    Quoted(&'a str),
    /// Up to the next space.
    Bare(&'a str),
}

/// Splits at spaces outside quotes.
pub struct Fields<'a>(pub &'a str);

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    #[inline]
    fn next(&mut self) -> Option<Field<'a>> {
        let text = self.0.trim_start_matches([' ', '\t']);
        if text.is_empty() {
            return None;
        }
        if text.as_bytes()[0] == b'"' {
            let inner = &text[1..];
            let end = closing_quote(inner.as_bytes())?;
            self.0 = inner.get(end + 1..).unwrap_or_default();
            return Some(Field::Quoted(&inner[..end]));
        }
        let end = memchr(b' ', text.as_bytes()).unwrap_or(text.len());
        self.0 = &text[end..];
        Some(Field::Bare(&text[..end]))
    }
}

#[inline]
fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr2(b'"', b'\\', text.get(from..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        from = at + 2;
    }
}
