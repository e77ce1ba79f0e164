//! Prefix tables: which autonomous system announces which addresses.

use std::io::{self, Read};

use model::{At, Cell, Entry, Format, Loss, Out, Reading, address, tables};

use super::table_rows::{Header, header, opens_with_header, rows};
use super::{instant, whole};

/// Tables of prefixes with their autonomous systems.
pub struct PrefixTable;

impl Format for PrefixTable {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "prefix-table",
            summary: "a table of address prefixes with their autonomous systems",
            doc: "What it reads: delimited text whose header has a column for the prefix (prefix, network, cidr, \
                  route, subnet) and one for the number (asn, as, origin, autonomous_system_number).\n\nWhat it \
                  gives: one row for each prefix, with its range as sortable keys, and name, country and first_seen \
                  where there are columns for them.\n\nLimits: a record whose prefix is none is a loss.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        opens_with_header(head, &is_prefix_table)
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_rows() {
            prefixes(&whole, out);
        }
        Ok(())
    }
}

const PREFIX: &[&str] = &["prefix", "network", "cidr", "route", "subnet", "range"];
const NUMBER: &[&str] = &["asn", "as", "origin", "as_number", "autonomous_system_number", "origin_as"];

fn is_prefix_table(header: &Header) -> bool {
    header.column(PREFIX).is_some() && header.column(NUMBER).is_some()
}

fn prefixes(whole: &whole::Whole, out: &mut dyn Out) {
    let Some(header) = header(&whole.text, &is_prefix_table) else { return };
    let column = |names: &[&str]| header.column(names);
    let (prefix, number) = (column(PREFIX), column(NUMBER));
    let name = column(&[
        "name",
        "as_name",
        "holder",
        "org",
        "organisation",
        "organization",
        "as_org",
        "autonomous_system_organization",
        "description",
    ]);
    let country = column(&["country", "cc", "country_code"]);
    let first_seen = column(&["first_seen", "since", "announced", "allocated", "date"]);
    rows(&whole.text, &header, &mut |row| {
        let keys = row.cell(prefix).and_then(|prefix| Some((prefix, address::range_keys(prefix)?)));
        let Some((prefix, (first, last))) = keys else {
            let at = whole.place(row.place.start, row.place.end);
            return out.loss(at, Loss { reason: "record names no prefix", count: 1, detail: "" });
        };
        let number =
            row.cell(number).and_then(|number| number.trim_start_matches(['A', 'S', 'a', 's']).parse::<u64>().ok());
        let seen = row.cell(first_seen).and_then(instant::micros);
        let place = row.place_of(&whole.text, prefix);
        let at: At<'_> = whole.place(place.start, place.end);
        let cells = [
            prefix.into(),
            (&first).into(),
            (&last).into(),
            number.into(),
            row.cell(name).into(),
            row.cell(country).into(),
            seen.map_or(Cell::Null, Cell::Time),
        ];
        out.row(&tables::PREFIXES, at, &cells);
    });
}
