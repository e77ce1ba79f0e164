//! Lists of indicators: a table with telling columns, or one value a line.

use std::borrow::Cow;
use std::io::{self, Read};

use model::contract::Input;
use model::{At, Entry, Format, Loss, ObservableKind as Kind, Out, Reading, Split};

use super::indicator::{self, Statement};
use super::table_rows::{Header, Row, header, opens_with_header, rows};
use super::{instant, whole};

mod by_line;

/// Delimited indicator lists.
pub struct IndicatorTable;

/// One indicator a line.
pub struct IndicatorLines;

const VALUE: &[&str] = &[
    "indicator",
    "ioc",
    "ioc_value",
    "indicator_value",
    "observable",
    "observable_value",
    "value",
    "dst_ip",
    "url",
    "sha256_hash",
    "address",
    "ip",
    "domain",
    "hash",
];
const KIND: &[&str] = &["type", "ioc_type", "indicator_type", "kind", "observable_type", "datatype"];
const ACTOR: &[&str] =
    &["actor", "threat_actor", "group", "threat_group", "attribution", "intrusion_set", "actor_name", "adversary"];
const FROM: &[&str] =
    &["first_seen", "first_seen_utc", "firstseen", "valid_from", "from", "start", "date_added", "dateadded"];
const UNTIL: &[&str] =
    &["last_seen", "last_seen_utc", "lastseen", "valid_until", "until", "to", "end", "last_online", "expires"];
const SOURCE: &[&str] = &["source", "reporter", "feed", "provider", "reported_by"];
/// Those of them that name persons as a rule.
const REPORTER: &[&str] = &["reporter", "reported_by"];
const CONFIDENCE: &[&str] = &["confidence", "confidence_level", "score"];
const STATED: &[&str] = &["reported", "reported_at", "updated", "modified", "created", "date", "timestamp"];
const TOLD: &[&str] = &["description", "comment", "note", "notes", "threat", "threat_type", "malware", "tags"];

impl Format for IndicatorTable {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "indicator-table",
            summary: "a delimited list of indicators",
            doc: "What it reads: delimited text whose header names a column of indicators (indicator, ioc, \
                  observable and the like) and at least one of actor, confidence, type with first or last seen; a \
                  column called `value`, `ip`, `domain`, `url` or `hash` needs two of these. A header that is itself \
                  written as a comment is taken.\n\nWhat it gives: one indicator row a record, referenced as FILE \
                  NAME:VALUE. Confidence words low, medium and high become 15, 50 and 85 on the STIX scale. A last \
                  day seen counts to its end.\n\nLimits: a record whose value is of no known kind is a loss.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        opens_with_header(head, &is_indicator_header)
    }

    fn plan(&self, input: &mut dyn Input, length: u64) -> io::Result<Vec<Split>> {
        by_line::plan(input, length, &|head| {
            header(head, &is_indicator_header).and_then(|header| head.get(..header.end))
        })
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let name = file_name(reading.name);
        if let Some(head) = by_line::head(reading.split) {
            let Some(header) = header(head, &is_indicator_header) else { return Ok(()) };
            return by_line::read(reading, bytes, out, &mut |start, text, out| {
                let opening = if start == 0 { header.end.min(text.len()) } else { 0 };
                let columns = header.columns.clone();
                let header = Header { columns, delimiter: header.delimiter, end: opening };
                table(text, &header, name, &|from, to| place(reading.chain, start, from, to), out);
            });
        }
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if let Some(header) = header(&whole.text, &is_indicator_header).filter(|_| out.wants_rows()) {
            table(&whole.text, &header, name, &|from, to| whole.place(from, to), out);
        }
        Ok(())
    }
}

fn place(chain: &str, base: u64, from: usize, to: usize) -> At<'_> {
    At { chain, start: base + from as u64, length: to.saturating_sub(from) as u64 }
}

/// Whether what a table that opens with `head` calls its sources are reporters.
pub fn names_reporters(head: &[u8]) -> bool {
    let header = header(&whole::head_text(head), &is_indicator_header);
    header.is_some_and(|header| header.column(SOURCE) == header.column(REPORTER) && header.column(REPORTER).is_some())
}

fn is_indicator_header(header: &Header) -> bool {
    let has = |names: &[&str]| usize::from(header.column(names).is_some());
    let telling = has(ACTOR)
        + has(CONFIDENCE)
        + has(KIND) * (has(FROM) | has(UNTIL))
        + has(&["threat", "threat_type", "malware"]);
    let certain = header.column(&VALUE[..6]).is_some();
    certain && telling + has(KIND) > 0 || header.column(VALUE).is_some() && telling > 1
}

struct Columns {
    value: Option<usize>,
    kind: Option<usize>,
    actor: Option<usize>,
    from: Option<usize>,
    until: Option<usize>,
    source: Option<usize>,
    confidence: Option<usize>,
    stated: Option<usize>,
    told: Option<usize>,
    sharing: Option<usize>,
}

impl Columns {
    fn of(header: &Header) -> Self {
        let column = |names: &[&str]| header.column(names);
        Self {
            value: column(VALUE),
            kind: column(KIND),
            actor: column(ACTOR),
            from: column(FROM),
            until: column(UNTIL),
            source: column(SOURCE),
            confidence: column(CONFIDENCE),
            stated: column(STATED),
            told: column(TOLD),
            sharing: column(&["tlp", "sharing", "marking"]),
        }
    }
}

/// Where a slice of the text lies in the source.
type Place<'p, 'a> = &'p dyn Fn(usize, usize) -> At<'a>;

fn table(text: &str, header: &Header, name: &str, place: Place<'_, '_>, out: &mut dyn Out) {
    let columns = Columns::of(header);
    rows(text, header, &mut |row| {
        let at = place(row.place.start, row.place.end);
        let Some(raw) = row.cell(columns.value) else {
            return out.loss(at, Loss { reason: "record names no indicator", count: 1, detail: "" });
        };
        let kind = row.cell(columns.kind).unwrap_or("");
        let Some((kind, value)) = value_of(kind, raw) else {
            let detail: String = kind.chars().take(40).collect();
            return out.loss(at, Loss { reason: "indicator of no known kind", count: 1, detail: &detail });
        };
        let cell = row.place_of(text, raw);
        put_row(&row, &columns, (kind, &value), name, place(cell.start, cell.end), out);
    });
}

fn put_row(row: &Row, columns: &Columns, value: (Kind, &str), name: &str, at: At<'_>, out: &mut dyn Out) {
    let reference = format!("{name}:{}", row.cell(columns.value).unwrap_or(value.1));
    let sharing = row.cell(columns.sharing).and_then(super::stix::graph::tlp_word).map(model::Mark::word);
    let said = Statement {
        reference: &reference,
        actor: row.cell(columns.actor).filter(|actor| names_somebody(actor)),
        source: row.cell(columns.source).or(Some(name)),
        valid_from: row.cell(columns.from).and_then(instant::micros),
        valid_until: row.cell(columns.until).and_then(instant::micros_through),
        stated: row.cell(columns.stated).and_then(instant::micros),
        confidence: row.cell(columns.confidence).and_then(confidence),
        sharing,
        description: row.cell(columns.told),
        ..Statement::default()
    };
    indicator::put(out, at, value.0, value.1, &said);
}

fn names_somebody(actor: &str) -> bool {
    !["unknown", "none", "n/a", "na", "-", "null", "?", "unattributed"].contains(&actor.to_lowercase().as_str())
}

/// Words of the STIX scale (none, low, medium, high), or a number.
fn confidence(text: &str) -> Option<u64> {
    match text.to_lowercase().trim_end_matches('%') {
        "none" => Some(0),
        "low" => Some(15),
        "medium" | "med" | "moderate" => Some(50),
        "high" => Some(85),
        number => number.trim().parse::<u64>().ok().filter(|&percent| percent <= 100),
    }
}

/// Cleans a value by the list's word for its kind, or by its looks.
fn value_of(kind: &str, raw: &str) -> Option<(Kind, String)> {
    let kind = kind.to_lowercase();
    let named = match kind.as_str() {
        "ip" | "ipv4" | "ipv6" | "ip-dst" | "ip-src" | "ipv4-addr" | "ipv6-addr" | "address" | "cidr" => Some(Kind::Ip),
        "domain" | "hostname" | "host" | "fqdn" | "domain-name" => Some(Kind::Domain),
        "url" | "uri" => Some(Kind::Url),
        "email" | "mail" | "email-addr" => Some(Kind::Email),
        "filename" | "file name" | "file_name" => Some(Kind::Filename),
        "username" | "user" | "user name" | "handle" | "account" => Some(Kind::Username),
        "asn" | "as" => Some(Kind::Asn),
        "mac" | "mac-addr" => Some(Kind::Mac),
        "cve" | "vulnerability" => Some(Kind::Cve),
        _ if kind.contains("md5") || kind.contains("sha") || kind.contains("hash") => Some(Kind::Sha256),
        _ => None,
    };
    named.and_then(|named| indicator::clean(named, raw)).or_else(|| indicator::recognise(raw))
}

impl Format for IndicatorLines {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "indicator-lines",
            summary: "a list of indicators, one a line",
            doc: "What it reads: text whose lines are single words, at least half of them an address, domain, URL, mail \
                  address or digest; three such lines, or one under a comment that starts with `#`.\n\nWhat it gives: one indicator row a line, \
                  referenced as FILE NAME:VALUE. The actor comes from a comment `Actor: NAME` (or Group, Threat \
                  actor), else none is named; the file's name is not taken for one.\n\nTie-break by name: none. \
                  Addresses under comments that speak of VPNs, proxies or hosting are shared ranges instead.\n\n\
                  Limits: a line of another form is a loss.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let commented = || whole_head_lines(head).take(20).any(|line| line.starts_with('#'));
        let (mut fit, mut odd, mut prose) = (0u32, 0u32, 0u32);
        let bodies = whole_head_lines(head).filter_map(|line| body(&line).map(|(_, body)| body.to_owned()));
        for line in bodies.take(400) {
            match bare(&line) {
                Some(_) => fit += 1,
                None if line.contains(char::is_whitespace) => prose += 1,
                None => odd += 1,
            }
            if prose > 3 && prose * 5 > fit {
                return false;
            }
        }
        (fit >= 3 || fit >= 1 && commented()) && prose * 10 <= fit && odd <= fit
    }

    fn plan(&self, input: &mut dyn Input, length: u64) -> io::Result<Vec<Split>> {
        by_line::plan(input, length, &|head| Some(actor_comment(head).map_or("", |(line, _)| line)))
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let name = file_name(reading.name);
        if let Some(head) = by_line::head(reading.split) {
            let actor = actor_comment(head).map(|(_, actor)| actor);
            return by_line::read(reading, bytes, out, &mut |start, text, out| {
                each_line(text, actor, name, &|from, to| place(reading.chain, start, from, to), out);
            });
        }
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_rows() {
            let actor = actor_comment(&whole.text).map(|(_, actor)| actor);
            each_line(&whole.text, actor, name, &|from, to| whole.place(from, to), out);
        }
        Ok(())
    }
}

fn each_line(text: &str, actor: Option<&str>, name: &str, place: Place<'_, '_>, out: &mut dyn Out) {
    for (start, line) in lines(text) {
        let at = place(start, start + line.len());
        let Some((kind, value)) = bare(line) else {
            out.loss(at, Loss { reason: "line names no indicator", count: 1, detail: "" });
            continue;
        };
        let reference = format!("{name}:{line}");
        let said = Statement { reference: &reference, actor, source: Some(name), ..Statement::default() };
        indicator::put(out, at, kind, &value, &said);
    }
}

/// The value of a line that holds nothing else. User names, file names and the
/// like are too easily plain words.
fn bare(line: &str) -> Option<(Kind, String)> {
    if line.contains(char::is_whitespace) {
        return None;
    }
    let found = indicator::recognise(line)?;
    let clear = matches!(
        found.0,
        Kind::Ip
            | Kind::Cidr
            | Kind::Domain
            | Kind::Url
            | Kind::Email
            | Kind::Md5
            | Kind::Sha1
            | Kind::Sha256
            | Kind::Sha512
    );
    clear.then_some(found)
}

/// The lines of a head; a last line that may be cut is left out.
fn whole_head_lines(head: &[u8]) -> impl Iterator<Item = Cow<'_, str>> {
    let is_cut = head.len() >= crate::drive::HEAD_BYTES;
    whole::head_lines(head).filter(move |line| !is_cut || line.ends_with('\n'))
}

/// Lines without comments, with their offsets, trimmed.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = at;
        at += line.len();
        body(line).map(|(lead, body)| (start + lead, body))
    })
}

/// What a line says, trimmed and without its comment, and where in it.
fn body(line: &str) -> Option<(usize, &str)> {
    let body = match line.find(" #").or_else(|| line.find("\t#")) {
        Some(comment) => line.get(..comment)?,
        None => line,
    };
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    let lead = body.len() - body.trim_start_matches(blank).len();
    let body = body.trim_matches(blank);
    (!body.is_empty() && !body.starts_with(['#', ';']) && !body.starts_with("//")).then_some((lead, body))
}

/// The comment that names an actor, and the name.
fn actor_comment(text: &str) -> Option<(&str, &str)> {
    text.lines().take(100).find_map(|line| {
        let (key, name) = line.trim().strip_prefix('#')?.split_once(':')?;
        let key = key.trim().to_lowercase().replace(' ', "_");
        let name = name.trim();
        (ACTOR.contains(&key.as_str()) && !name.is_empty()).then_some((line, name))
    })
}

fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
