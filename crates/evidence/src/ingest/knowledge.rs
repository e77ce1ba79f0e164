//! Lines of knowledge: what a closed case gives, and what a base says of a case.
//!
//! Both are written by Handprint, one statement a line, and are read like any
//! feed: each row rests on its line, and the line names the feed, the place and
//! the root source that stand behind it.

use std::io::{self, Read};

use model::{At, Cell, Entry, Format, Out, Reading, Split, address, tables};
use serde_json::{Map, Value};

use super::indicator::{self, Statement};
use super::lines::{each_line, each_statement, splits};
use super::stix::graph::tlp_word;
use super::{instant, whole};

/// Lines of knowledge.
pub struct Knowledge;

/// Pictures that one line may tell of.
const PRINTS: usize = 4_096;

impl Format for Knowledge {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "knowledge",
            summary: "what a closed case gives to others, and what a knowledge base says of a case",
            doc: "What it reads: JSON objects with `knowledge` and `table`, one a line, as `handprint kb` writes \
                  them.\n\nWhat it gives: rows of `indicators`, `shared_ranges`, `tenancies`, `actors` and \
                  `media_fingerprints`, each resting on its line.\n\nLimits: a line that is no such object, or is over 1 MiB, is a loss.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        whole::opens_as_json(head) && each_line(head).next().and_then(|(_, line)| object(line)).is_some()
    }

    fn plan(&self, input: &mut dyn model::contract::Input, length: u64) -> io::Result<Vec<Split>> {
        splits(input, length, Split::BYTES, &|_, _| {})
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        each_statement(reading, bytes, out, &mut |line, at, out| {
            object(line).and_then(|object| put(&object, at, out)).ok_or("line is no knowledge")
        })
    }
}

fn object(line: &[u8]) -> Option<Map<String, Value>> {
    if !line.starts_with(b"{") || memchr::memmem::find(line, b"\"knowledge\":").is_none() {
        return None;
    }
    let object: Map<String, Value> = serde_json::from_slice(line).ok()?;
    (object.get("knowledge")?.as_u64()? == 1 && object.get("table")?.is_string()).then_some(object)
}

fn put(line: &Map<String, Value>, at: At<'_>, out: &mut dyn Out) -> Option<()> {
    match text(line, "table")? {
        "indicators" => indicator(line, at, out),
        "shared_ranges" => shared_range(line, at, out),
        "tenancies" => tenancy(line, at, out),
        "actors" => actor(line, at, out),
        "media_fingerprints" => fingerprints(line, at, out),
        _ => None,
    }
}

fn text<'l>(line: &'l Map<String, Value>, key: &str) -> Option<&'l str> {
    line.get(key)?.as_str().filter(|text| !text.is_empty())
}

fn micros(line: &Map<String, Value>, key: &str) -> Option<i64> {
    text(line, key).and_then(instant::micros)
}

fn time(line: &Map<String, Value>, key: &str) -> Cell<'static> {
    micros(line, key).map_or(Cell::Null, Cell::Time)
}

/// Values are spelled as the scanner spells them, whoever wrote the line.
fn indicator(line: &Map<String, Value>, at: At<'_>, out: &mut dyn Out) -> Option<()> {
    let (word, raw) = (text(line, "kind")?, text(line, "value")?);
    let said = Statement {
        reference: text(line, "ref").unwrap_or_default(),
        actor: text(line, "actor"),
        actor_ref: text(line, "actor_ref"),
        source: text(line, "source"),
        valid_from: micros(line, "valid_from"),
        valid_until: micros(line, "valid_until"),
        stated: micros(line, "stated"),
        confidence: line.get("confidence").and_then(Value::as_u64).filter(|percent| *percent <= 100),
        sharing: text(line, "sharing").and_then(tlp_word).map(model::Mark::word),
        revoked: false,
        description: text(line, "description"),
    };
    let kind = model::ObservableKind::from_word(word)?;
    let (kind, value) = indicator::clean(kind, raw).unwrap_or_else(|| (kind, raw.to_owned()));
    indicator::put(out, at, kind, &value, &said);
    Some(())
}

fn shared_range(line: &Map<String, Value>, at: At<'_>, out: &mut dyn Out) -> Option<()> {
    let prefix = text(line, "value")?;
    let (first, last) = address::range_keys(prefix)?;
    let (class, provider) = (text(line, "description"), text(line, "actor"));
    out.row(
        &tables::SHARED_RANGES,
        at,
        &[prefix.into(), (&first).into(), (&last).into(), class.into(), provider.into()],
    );
    Some(())
}

fn tenancy(line: &Map<String, Value>, at: At<'_>, out: &mut dyn Out) -> Option<()> {
    let (kind, value) = (text(line, "kind")?, text(line, "value")?);
    let keys = address::range_keys(value);
    let key = |pick: fn(&(String, String)) -> &String| keys.as_ref().map(pick).map_or(Cell::Null, Cell::from);
    let cells = [
        kind.into(),
        value.into(),
        key(|keys| &keys.0),
        key(|keys| &keys.1),
        text(line, "actor").into(),
        text(line, "description").into(),
        time(line, "valid_from"),
        time(line, "valid_until"),
        text(line, "source").into(),
    ];
    out.row(&tables::TENANCIES, at, &cells);
    Some(())
}

fn actor(line: &Map<String, Value>, at: At<'_>, out: &mut dyn Out) -> Option<()> {
    let name = text(line, "actor")?;
    let alias = text(line, "value").unwrap_or(name);
    let cells = [
        text(line, "actor_ref").into(),
        name.into(),
        alias.into(),
        text(line, "country").into(),
        text(line, "source").into(),
        time(line, "stated"),
    ];
    out.row(&tables::ACTORS, at, &cells);
    Some(())
}

fn fingerprints(line: &Map<String, Value>, at: At<'_>, out: &mut dyn Out) -> Option<()> {
    for print in line.get("prints")?.as_array()?.iter().take(PRINTS) {
        let at_ms = print.get(0)?.as_u64()?;
        let hex = print.get(1)?.as_str().filter(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
        out.row(&tables::MEDIA_FINGERPRINTS, at, &[at_ms.into(), hex.into()]);
    }
    Some(())
}
