//! What the DNS said, and when: a zone for each stretch of time in which nothing that mail is
//! checked with is known to have changed.
//!
//! A snapshot holds from when it was asked for to the next one of the same name; the first one
//! holds before that too, since nothing else is known. What passive DNS saw holds while
//! it was seen. Two policies of one name at one time leave that name open for that time.

use std::collections::{BTreeMap, BTreeSet};

use authentication::{Kind, Zone};
use casefile::{Result, Session};

/// Changes that are followed. Where there are more, each name has its last answer for all mails.
const CHANGES: usize = 64;

/// Times as microseconds since 1970, and the record; passive DNS only as far as it falls into the days of the mails.
const RECORDS: &str = "
    SELECT DISTINCT name, type, data, asked, coalesce(complete, FALSE) AS complete,
        arrow_cast(first_seen, 'Int64') AS first, arrow_cast(last_seen, 'Int64') AS last
    FROM dns_observations
    WHERE asked
    UNION ALL
    SELECT DISTINCT d.name, d.type, d.data, FALSE, FALSE, arrow_cast(d.first_seen, 'Int64'), arrow_cast(d.last_seen, 'Int64')
    FROM dns_observations d
    CROSS JOIN (SELECT min(date) AS first, max(date) AS last FROM messages) m
    WHERE NOT d.asked AND d.data IS NOT NULL AND d.first_seen <= m.last AND d.last_seen >= m.first
    ORDER BY name, type, first, data, asked, last, complete";

/// The zones in order of time.
pub struct Epochs {
    /// First instant of each zone but the first.
    starts: Vec<i64>,
    zones: Vec<Zone>,
}

struct Record {
    name: String,
    kind: String,
    data: Option<String>,
    asked: bool,
    complete: bool,
    first: i64,
    last: i64,
}

impl Epochs {
    /// All that the case holds of the DNS.
    pub fn read(session: &Session) -> Result<Self> {
        let records: Vec<Record> = session.rows(RECORDS)?.iter().filter_map(record).collect();
        let mut starts: Vec<i64> = changes(&records).into_iter().collect();
        if starts.len() > CHANGES {
            starts.clear();
        }
        let ends = starts.iter().map(|start| start - 1).chain([i64::MAX]);
        let begins = [i64::MIN].into_iter().chain(starts.iter().copied());
        let zones = begins.zip(ends).map(|(first, last)| zone(&records, first, last)).collect();
        Ok(Self { starts, zones })
    }

    /// Number of the zone that held at an instant; the last where the instant is not known.
    pub fn number(&self, at: Option<i64>) -> usize {
        at.map_or(self.starts.len(), |at| self.starts.partition_point(|start| *start <= at))
    }

    /// The zone of that number.
    pub fn zone(&self, number: usize) -> Option<&Zone> {
        self.zones.get(number)
    }

    /// All zones.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }
}

fn record(row: &serde_json::Map<String, serde_json::Value>) -> Option<Record> {
    let text = |name: &str| row.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let is = |name: &str| row.get(name).and_then(|value| value.as_bool()) == Some(true);
    let time = |name: &str| row.get(name).and_then(|value| value.as_i64());
    Some(Record {
        name: text("name")?,
        kind: text("type").unwrap_or_default(),
        data: text("data"),
        asked: is("asked"),
        complete: is("complete"),
        first: time("first").unwrap_or(i64::MIN),
        last: time("last").unwrap_or(i64::MAX),
    })
}

/// Instants at which an answer about a name is known to have changed.
fn changes(records: &[Record]) -> BTreeSet<i64> {
    let mut changes = BTreeSet::new();
    for of_name in records.chunk_by(|a, b| (&a.name, &a.kind) == (&b.name, &b.kind)) {
        let mut answers: BTreeMap<i64, BTreeSet<&Option<String>>> = BTreeMap::new();
        for record in of_name.iter().filter(|record| record.asked) {
            answers.entry(record.first).or_default().insert(&record.data);
        }
        let answers: Vec<_> = answers.into_iter().collect();
        changes.extend(answers.windows(2).filter(|pair| pair[0].1 != pair[1].1).map(|pair| pair[1].0));
        let policies: Vec<&Record> = of_name.iter().filter(|record| !record.asked && is_policy(record)).collect();
        if policies.iter().any(|record| record.data != policies[0].data) {
            let known = |at: &i64| *at > i64::MIN && *at < i64::MAX;
            changes
                .extend(policies.iter().flat_map(|record| [record.first, record.last.saturating_add(1)]).filter(known));
        }
    }
    changes
}

fn is_policy(record: &Record) -> bool {
    let data = unquoted(record.data.as_deref().unwrap_or(""));
    ["v=spf1", "v=dmarc1"]
        .iter()
        .any(|start| data.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

/// What held from `first` to `last`.
fn zone(records: &[Record], first: i64, last: i64) -> Zone {
    let mut zone = Zone::new();
    for of_name in records.chunk_by(|a, b| (&a.name, &a.kind) == (&b.name, &b.kind)) {
        let times = || of_name.iter().filter(|record| record.asked).map(|record| record.first);
        let held = times().filter(|at| *at <= first).max().or_else(|| times().min());
        for record in of_name.iter().filter(|record| record.asked && Some(record.first) == held) {
            add(record, &mut zone);
        }
        let seen = || of_name.iter().filter(|record| !record.asked && record.first <= last && record.last >= first);
        let policies: BTreeSet<&str> =
            seen().filter(|record| is_policy(record)).filter_map(|record| record.data.as_deref()).collect();
        for record in seen().filter(|record| policies.len() <= 1 || !is_policy(record)) {
            if let Some((kind, data)) = Kind::by_name(&record.kind).zip(record.data.as_deref()) {
                zone.saw(&record.name, kind, unquoted(data));
            }
        }
    }
    zone
}

/// A record that was asked for; types that no check asks for are passed over.
fn add(record: &Record, zone: &mut Zone) {
    match record.kind.as_str() {
        "SOA" if record.complete => zone.whole(&record.name),
        "NS" => zone.cut(&record.name),
        _ => {}
    }
    zone.asked(&record.name);
    // RFC 7208, 3.1: the type SPF is obsolete, and whoever had it had to publish the same as TXT.
    if let Some((kind, data)) = Kind::by_name(&record.kind).zip(record.data.as_deref()) {
        zone.add(&record.name, kind, data);
    }
}

/// Passive DNS writes a text as a zone file does, in quotation marks.
fn unquoted(data: &str) -> &str {
    data.strip_prefix('"').and_then(|data| data.strip_suffix('"')).unwrap_or(data)
}
