//! Access logs of AWS application and classic load balancers.

use model::Entry;

use super::clock::{Clock, digits, micros_of_seconds};
use super::combined::{Field, Fields};
use super::target::{present, request_line, without_port};
use super::{Grammar, Line, Request, UNFIT};

/// Reads the lines.
#[derive(Default)]
pub struct Alb {
    clock: Clock,
}

impl Grammar for Alb {
    const ENTRY: Entry = Entry {
        name: "weblog-alb",
        summary: "access logs of AWS application and classic load balancers",
        doc: "\
# What it reads
`type time elb client:port target:port` and so on, as AWS documents it; the
classic load balancer's lines lack the type. The time is that of the response.

# How fields are read
The duration is the sum of the three processing times, absent where one of them
was not measured. The host is that of the request's URL, else the name that the
client asked for in TLS. Status is the balancer's, not the target's.",
    };

    #[inline]
    fn line<'a>(&'a mut self, line: &'a str) -> Line<'a> {
        self.request(line).map_or(Line::Unfit(UNFIT), Line::Request)
    }
}

impl Alb {
    #[inline]
    fn request<'a>(&mut self, line: &'a str) -> Option<Request<'a>> {
        let mut fields = Fields(line);
        let kind = bare(&mut fields)?;
        let typed = kind.as_bytes()[0].is_ascii_lowercase();
        let stamp = if typed { bare(&mut fields)? } else { kind };
        let mut request = Request { time: Some(self.clock.iso(stamp.as_bytes())?), ..Request::default() };
        let _balancer = bare(&mut fields)?;
        request.peer_ip = present(without_client_port(bare(&mut fields)?));
        let _target = bare(&mut fields)?;
        request.duration_ms = duration(&mut fields)?;
        request.status = number(bare(&mut fields)?)?;
        let _target_status = bare(&mut fields)?;
        let _received = number(bare(&mut fields)?)?;
        request.bytes = number(bare(&mut fields)?)?;
        request_line(quoted(&mut fields)?, &mut request);
        if let Some(agent) = quoted(&mut fields) {
            request.user_agent = present(agent);
        }
        if request.host.is_none() {
            // Cipher, protocol, target group and trace id stand before the domain.
            request.host = fields.nth(4).and_then(|field| match field {
                Field::Quoted(domain) => present(domain),
                Field::Bare(_) => None,
            });
        }
        Some(request)
    }
}

fn bare<'a>(fields: &mut Fields<'a>) -> Option<&'a str> {
    match fields.next()? {
        Field::Bare(text) => Some(text),
        Field::Quoted(_) => None,
    }
}

fn quoted<'a>(fields: &mut Fields<'a>) -> Option<&'a str> {
    match fields.next()? {
        Field::Quoted(text) => Some(text),
        Field::Bare(_) => None,
    }
}

/// IPv6 clients are written without brackets by application load balancers.
fn without_client_port(client: &str) -> &str {
    if client.starts_with('[') {
        return without_port(client);
    }
    client.rsplit_once(':').map_or(client, |(address, _)| address)
}

/// Three times in seconds, -1 for what was not measured.
#[inline]
fn duration(fields: &mut Fields<'_>) -> Option<Option<f64>> {
    let mut micros = Some(0);
    for _ in 0..3 {
        let text = bare(fields)?;
        if matches!(text, "-1" | "-") {
            micros = None;
        } else {
            let time = micros_of_seconds(text.as_bytes())?;
            micros = micros.map(|sum: u64| sum + time);
        }
    }
    Some(micros.map(|micros| micros as f64 / 1000.0))
}

#[inline]
fn number(text: &str) -> Option<Option<u64>> {
    if text == "-" { Some(None) } else { digits(text.as_bytes()).map(Some) }
}
