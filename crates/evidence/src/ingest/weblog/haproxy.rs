//! HAProxy's HTTP log (`option httplog`), with or without syslog header.

use model::Entry;

use super::clock::{Clock, digits};
use super::combined::{Field, Fields, looks_like_address};
use super::target::{present, request_line, without_port};
use super::{Grammar, Line, Request, UNFIT};

/// Reads the lines.
#[derive(Default)]
pub struct HaProxy {
    clock: Clock,
}

impl Grammar for HaProxy {
    const ENTRY: Entry = Entry {
        name: "weblog-haproxy",
        summary: "HTTP logs of HAProxy, also within syslog",
        doc: "\
# What it reads
`client:port [time] frontend backend/server timers status bytes ... \"request\"`.
HAProxy writes the time without an offset; it is taken as UTC.

# How fields are read
The duration is the last timer, in milliseconds, absent where the session was
aborted. Captured headers carry no names: of those of the request, a list of
addresses is the X-Forwarded-For, a URL the Referer, a host name the host, what
starts with a product and a version the user agent, `name=value` the cookie. A
captured cookie (`option capture cookie`) is the session.

# What is lost
Lines of `option tcplog`, and messages of HAProxy about itself.",
    };

    #[inline]
    fn line<'a>(&'a mut self, line: &'a str) -> Line<'a> {
        self.request(line).map_or(Line::Unfit(UNFIT), Line::Request)
    }
}

impl HaProxy {
    #[inline]
    fn request<'a>(&mut self, line: &'a str) -> Option<Request<'a>> {
        let (client, rest) = line.split_once(" [")?;
        let (stamp, rest) = rest.split_once("] ")?;
        (!client.contains(' ')).then_some(())?;
        let mut request = Request {
            time: Some(self.clock.common(stamp.as_bytes())?),
            peer_ip: present(client.rsplit_once(':').map_or(client, |(address, _)| address)),
            ..Request::default()
        };
        let mut fields = Fields(rest);
        let _frontend = bare(&mut fields)?;
        // Backend and server, which no other log has in this place.
        bare(&mut fields)?.contains('/').then_some(())?;
        let timers = bare(&mut fields)?;
        (timers.matches('/').count() == 4).then_some(())?;
        request.duration_ms = timers.rsplit('/').next().and_then(amount).map(|ms| ms as f64);
        request.status = signed(bare(&mut fields)?)?;
        request.bytes = signed(bare(&mut fields)?)?;
        request.cookie = present(bare(&mut fields)?);
        let _response_cookie = bare(&mut fields)?;
        let (before, target) = fields.0.split_once('"')?;
        // HAProxy spells quotes within as `#22`, and cuts long lines off.
        request_line(target.split_once('"').map_or(target, |(target, _)| target), &mut request);
        captured(before, &mut request);
        Some(request)
    }
}

fn bare<'a>(fields: &mut Fields<'a>) -> Option<&'a str> {
    match fields.next()? {
        Field::Bare(text) => Some(text),
        Field::Quoted(_) => None,
    }
}

/// A `+` says that the log was written before the end was reached.
fn amount(text: &str) -> Option<u64> {
    digits(text.strip_prefix('+').unwrap_or(text).as_bytes())
}

/// A number, or -1 for none; anything else does not fit.
fn signed(text: &str) -> Option<Option<u64>> {
    if matches!(text, "-1" | "-") { Some(None) } else { amount(text).map(Some) }
}

/// Captured headers of the request, in braces and parted by bars.
fn captured<'a>(text: &'a str, request: &mut Request<'a>) {
    let inside = text.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    for header in inside.map_or("", |(inside, _)| inside).split('|').filter_map(present) {
        let slot = if header.split(',').all(|part| looks_like_address(part.trim_ascii())) {
            &mut request.forwarded_for
        } else if header.starts_with("http://") || header.starts_with("https://") {
            &mut request.referer
        } else if is_agent(header) {
            &mut request.user_agent
        } else if header.contains('=') {
            &mut request.cookie
        } else if is_host(header) {
            request.host = request.host.or(Some(without_port(header)));
            continue;
        } else {
            continue;
        };
        *slot = slot.or(Some(header));
    }
}

/// `Product/1.0 ...`.
fn is_agent(header: &str) -> bool {
    let product = header.split(' ').next().unwrap_or(header);
    product.split_once('/').is_some_and(|(name, version)| {
        !name.is_empty() && version.starts_with(|c: char| c.is_ascii_digit()) && !name.contains(['=', ';', '/'])
    })
}

fn is_host(header: &str) -> bool {
    let name = without_port(header);
    name.contains('.') && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}
