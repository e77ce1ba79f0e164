//! Passive DNS in the Common Output Format: one JSON object a line.

use std::io::{self, Read};

use model::{At, Cell, Entry, Format, Out, Reading, Role, Split, Text, tables};
use serde_json::Value;

use super::instant;
use super::json_document::Outline;
use super::lines::{Lines, Piece, Unfit, each_line, splits};

/// Passive DNS observations.
pub struct DnsObservation;

impl Format for DnsObservation {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "passive-dns",
            summary: "passive DNS observations in the Common Output Format, one a line",
            doc: "What it reads: JSON objects with rrname, rrtype and rdata, one a line \
                  (draft-dulaunoy-dnsop-passive-dns-cof); seconds, or times as text, and the zone_time_ variants.\n\n\
                  What it gives: one observation for each value of rdata. In the second pass whole lines as log \
                  text, so that their values are counted per split.\n\nLimits: a line that is no such object, or is \
                  over 1 MiB, is a loss.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let outline = Outline::of(head);
        outline.text(&["rrname"]).is_some() && outline.text(&["rrtype"]).is_some() && outline.has(&["rdata"])
    }

    fn plan(&self, input: &mut dyn model::contract::Input, length: u64) -> io::Result<Vec<Split>> {
        splits(input, length, Split::BYTES, &|_, _| {})
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut lines = Lines::new(bytes, reading.split);
        let mut unfit = Unfit::new(reading.chain, "line");
        let mut number = reading.split.items_before;
        while let Some(piece) = lines.next_piece()? {
            match piece {
                Piece::Run { start, bytes } => {
                    let count = memchr::memchr_iter(b'\n', bytes).count() as u64;
                    if out.begin(number) {
                        run(reading.chain, start, bytes, number, &mut unfit, out);
                    }
                    number += count;
                }
                Piece::Overlong { start, length } => {
                    number += 1;
                    unfit.note("line is too long", start, start + length, number, out);
                }
            }
        }
        unfit.close(out);
        Ok(())
    }
}

fn run(chain: &str, start: u64, bytes: &[u8], before: u64, unfit: &mut Unfit<'_>, out: &mut dyn Out) {
    if out.wants_texts() {
        out.text(&Text { role: Role::Log, chain, start, bytes, personal: false });
    }
    for (n, (offset, line)) in each_line(bytes).enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let begin = start + offset as u64;
        let at = At { chain, start: begin, length: line.len() as u64 };
        if observations(line, at, out).is_none() {
            let end = begin + line.len() as u64;
            unfit.note("line is no passive DNS observation", begin, end, before + n as u64 + 1, out);
        } else {
            unfit.close(out);
        }
    }
}

fn observations(line: &[u8], at: At<'_>, out: &mut dyn Out) -> Option<()> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let json: Value = serde_json::from_slice(line).ok()?;
    let text = |key: &str| json.get(key).and_then(Value::as_str);
    let name = text("rrname")?.trim_end_matches('.').to_lowercase();
    let kind = text("rrtype")?.to_uppercase();
    let time = |keys: [&str; 2]| {
        let found = keys.iter().find_map(|key| instant::micros_of(json.get(*key)?));
        found.map_or(Cell::Null, Cell::Time)
    };
    let one = |data: &str, out: &mut dyn Out| {
        let data = data.trim_end_matches('.');
        let count = json.get("count").and_then(Value::as_u64);
        let cells = [
            (&name).into(),
            (&kind).into(),
            data.into(),
            time(["time_first", "zone_time_first"]),
            time(["time_last", "zone_time_last"]),
            count.into(),
            text("sensor_id").into(),
            false.into(),
            Cell::Null,
        ];
        out.row(&tables::DNS_OBSERVATIONS, at, &cells);
    };
    match json.get("rdata")? {
        Value::String(data) => one(data, out),
        Value::Array(values) => {
            for value in values {
                // A value of another type is no rdata, and then neither is the line.
                one(value.as_str()?, out);
            }
        }
        _ => return None,
    }
    Some(())
}
