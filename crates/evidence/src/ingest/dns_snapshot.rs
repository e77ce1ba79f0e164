//! A frozen DNS snapshot: what names answered when somebody asked, in one JSON document.

use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Cell, Entry, Format, Loss, Out, Reading, Step, tables};
use serde_json::Value;

use super::json_document::{self, Outline};
use super::{instant, whole};

/// DNS snapshots.
pub struct DnsSnapshot;

/// Types whose values are names or addresses, texts, or start with a number: those that mail is checked with.
const TYPES: &[&str] = &["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SPF", "TXT"];

impl Format for DnsSnapshot {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "dns-snapshot",
            summary: "a DNS snapshot: the records of many names as resolved on one day",
            doc: "What it reads: a JSON object with `records`, an object of names, each an object of record types \
                  (RFC 1035 names such as TXT, MX, A), each a list of values as a zone file writes them; and \
                  `collected`, the day or time of asking.\n\nWhat it gives: one observation for each value, marked as \
                  asked, seen on that day; a type with an empty list is one observation without data, which says \
                  that the name has no such record. A text cut into several strings may be a list of them.\n\nLimits: 256 MiB. A value that is no \
                  text, and a name without records, is a loss.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let outline = Outline::of(head);
        TYPES.iter().any(|kind| outline.has(&["records", "*", kind]))
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_rows() {
            let json = serde_json::from_str::<Value>(whole.text.trim_start_matches('\u{feff}')).unwrap_or_default();
            rows(&json, &whole.chain, out);
        }
        json_document::texts(&whole, &mut |path| Some(path.first().is_none_or(|key| key != "records")), out);
        Ok(())
    }
}

fn rows(json: &Value, chain: &str, out: &mut dyn Out) {
    let asked = json.get("collected").and_then(instant::micros_of).map_or(Cell::Null, Cell::Time);
    let records = json.get("records").and_then(Value::as_object).into_iter().flatten();
    for (name, types) in records {
        let place = |tokens: &[&str]| {
            let path = ["records", name].iter().chain(tokens).map(ToString::to_string).collect();
            extend_chain(chain, &Step::Json(path))
        };
        let Some(types) = types.as_object() else {
            let loss = Loss { reason: "DNS name without records", count: 1, detail: "" };
            out.loss(At::whole(&place(&[])), loss);
            continue;
        };
        let cleaned = name.trim_end_matches('.').to_lowercase();
        for (kind, values) in types {
            let upper = kind.to_uppercase();
            let put = |data: Option<&str>, place: &str, out: &mut dyn Out| {
                let cells = [
                    (&cleaned).into(),
                    (&upper).into(),
                    data.into(),
                    asked,
                    asked,
                    Cell::Null,
                    Cell::Null,
                    true.into(),
                    Cell::Null,
                ];
                out.row(&tables::DNS_OBSERVATIONS, At::whole(place), &cells);
            };
            match values {
                Value::String(data) => put(Some(clean(&upper, data)), &place(&[kind]), out),
                Value::Array(values) if values.is_empty() => put(None, &place(&[kind]), out),
                Value::Array(values) => {
                    for (n, value) in values.iter().enumerate() {
                        let place = place(&[kind, &n.to_string()]);
                        match value {
                            Value::String(data) => put(Some(clean(&upper, data)), &place, out),
                            Value::Array(strings) => {
                                let joined: String = strings.iter().filter_map(Value::as_str).collect();
                                put(Some(&joined), &place, out);
                            }
                            _ => lose(&place, out),
                        }
                    }
                }
                _ => lose(&place(&[kind]), out),
            }
        }
    }
}

/// A dot at the end belongs to the notation of names; in a text it is text.
fn clean<'d>(kind: &str, data: &'d str) -> &'d str {
    if matches!(kind, "TXT" | "SPF") { data } else { data.trim_end_matches('.') }
}

fn lose(place: &str, out: &mut dyn Out) {
    out.loss(At::whole(place), Loss { reason: "DNS record is no text", count: 1, detail: "" });
}
