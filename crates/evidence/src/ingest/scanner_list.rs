//! Tables of authorised scanners: who was allowed to test which site, and when.

use std::io::{self, Read};

use model::{Entry, Format, Loss, Out, Reading, Role, Text, address, tables};

use super::table_rows::{Header, header, opens_with_header, rows};
use super::{instant, whole};

/// Tables of authorised scans.
pub struct ScannerList;

impl Format for ScannerList {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "scanner-list",
            summary: "a table of authorised scanners with their windows",
            doc: "What it reads: delimited text whose header has a column for addresses (cidr, ip, address, range, \
                  network), one for the start of a window and one that tells of an order (ordered_by, \
                  authorised_by, approved_by, tool, scanner, vendor).\n\nWhat it gives: one `authorised-scanner` \
                  fact a record: subject the site, value the range, with its window; all lines as notes.\n\n\
                  Tie-break by name: a table without a column of the last kind is one of these only if its name \
                  speaks of scanners or tests.\n\nLimits: a record without an address is a loss.",
        }
    }

    fn sniff(&self, head: &[u8], name: &str) -> bool {
        let file = name.rsplit('/').next().unwrap_or("").to_lowercase();
        let named = ["scanner", "authorised", "authorized", "pentest"].iter().any(|word| file.contains(word));
        opens_with_header(head, &|header| is_scanner_header(header, named))
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_texts() {
            let text = whole.text.as_bytes();
            out.text(&Text { role: Role::Note, chain: &whole.chain, start: 0, bytes: text, personal: true });
        }
        if out.wants_rows() {
            facts(&whole, out);
        }
        Ok(())
    }
}

const RANGE: &[&str] = &["cidr", "range", "network", "ip", "ip_address", "address", "source", "source_ip", "prefix"];
const FROM: &[&str] = &["from", "start", "valid_from", "begin", "window_start", "starts"];
const UNTIL: &[&str] = &["to", "until", "end", "valid_until", "window_end", "ends"];
const SITE: &[&str] = &["site", "target", "host", "scope", "system"];
const ORDER: &[&str] =
    &["ordered_by", "authorised_by", "authorized_by", "approved_by", "tool", "scanner", "vendor", "contractor"];

fn is_scanner_header(header: &Header, named: bool) -> bool {
    let has = |names: &[&str]| header.column(names).is_some();
    has(RANGE) && has(FROM) && (has(ORDER) || named)
}

fn facts(whole: &whole::Whole, out: &mut dyn Out) {
    let Some(header) = header(&whole.text, &|header| is_scanner_header(header, true)) else { return };
    let (range, site) = (header.column(RANGE), header.column(SITE));
    let (from, until) = (header.column(FROM), header.column(UNTIL));
    rows(&whole.text, &header, &mut |row| {
        let at = whole.place(row.place.start, row.place.end);
        let Some(range) = row.cell(range).filter(|range| address::range_keys(range).is_some()) else {
            return out.loss(at, Loss { reason: "record names no address", count: 1, detail: "" });
        };
        let start = row.cell(from).and_then(instant::micros).and_then(instant::written);
        let end = row.cell(until).and_then(instant::micros_through).and_then(instant::written);
        let cells = [
            "authorised-scanner".into(),
            row.cell(site).into(),
            range.into(),
            start.as_deref().into(),
            end.as_deref().into(),
        ];
        out.row(&tables::CONTEXT_FACTS, at, &cells);
    });
}
