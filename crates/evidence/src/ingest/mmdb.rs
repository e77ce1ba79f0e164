//! MaxMind DB: networks with their system, country, and what they are used for.
//!
//! The format has no magic number at its start, so a large file is told by its
//! name and by not being text; the reader then asks for the mark at its end.
//! The tree is walked here, since a broken one may lead in circles; records are
//! read by the format's own library. A record's place is where it stands in the
//! data section; texts that several records share stand elsewhere in it.

use std::io::{self, Read};
use std::net::IpAddr;

use maxminddb::Reader;
use model::{At, Cell, Entry, Format, Loss, Out, Reading, address, tables};
use serde_json::Value;

use super::whole::WHOLE_BYTES;

mod tree;

/// MaxMind DB files.
pub struct Mmdb;

/// What stands before the description at the end of the file.
const MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";

impl Format for Mmdb {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "mmdb",
            summary: "a MaxMind DB of systems, countries, or anonymous and hosting networks",
            doc: "What it reads: MaxMind DB 2.0 files (`.mmdb`) of up to 256 MiB, with the fields of MaxMind's ASN, \
                  ISP, Country, City, Anonymous-IP and Enterprise products, or those of DB-IP and IPinfo.\n\nWhat \
                  it gives: a row of `prefixes` for each network with a system or country, and one of \
                  `shared_ranges` for each that is a VPN or Tor exit or a proxy; one of class `data-centre` for a hoster's, whose addresses are let one by one, so that tenancy decides what a match there is worth.\n\nLimits: cities and \
                  coordinates are not taken in. A record that breaks off is a loss, as is a branch that \
                  leads in circles.\n\nTie-break by name: larger files are told by `.mmdb`, since what tells \
                  them stands at their end.",
        }
    }

    fn sniff(&self, head: &[u8], name: &str) -> bool {
        let named = name.to_ascii_lowercase().ends_with(".mmdb") && head.contains(&0);
        named || memchr::memmem::find(head, MARK).is_some()
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        if !out.wants_rows() || !out.begin(reading.split.items_before) {
            return Ok(());
        }
        let mut raw = Vec::new();
        bytes.take(WHOLE_BYTES + 1).read_to_end(&mut raw)?;
        let whole = At::whole(reading.chain);
        if raw.len() as u64 > WHOLE_BYTES {
            out.loss(whole, Loss { reason: "too large to be read in one piece", count: 1, detail: "" });
            return Ok(());
        }
        match Reader::from_source(raw.as_slice()) {
            Ok(database) => networks(&database, &raw, reading.chain, out),
            Err(_) => out.loss(whole, Loss { reason: "MaxMind DB is malformed", count: 1, detail: "" }),
        }
        Ok(())
    }
}

fn networks(database: &Reader<&[u8]>, raw: &[u8], chain: &str, out: &mut dyn Out) {
    let about = database.metadata();
    let tree = tree::Tree::new(raw, about.node_count as usize, about.record_size as usize, about.ip_version == 6);
    let provider = about.database_type.clone();
    let (mut unread, mut starts) = (0, Vec::new());
    let circles = tree.walk(&mut |leaf| starts.extend(tree.record(leaf.pointer)));
    starts.sort_unstable();
    starts.dedup();
    tree.walk(&mut |leaf| {
        let record = database.lookup(leaf.address).ok().and_then(|found| found.decode::<Value>().ok().flatten());
        let (Some(record), Some(start)) = (record, tree.record(leaf.pointer)) else {
            unread += 1;
            return;
        };
        let next = starts.partition_point(|other| *other <= start);
        let end = starts.get(next).copied().unwrap_or(tree.data_end(raw)).max(start + 1);
        let at = At { chain, start: start as u64, length: (end - start) as u64 };
        network(&format!("{}/{}", leaf.address, leaf.length), &record, &provider, at, out);
    });
    for (reason, count) in
        [("record of a network cannot be read", unread), ("branch of a tree of networks leads in circles", circles)]
    {
        if count > 0 {
            out.loss(At::whole(chain), Loss { reason, count, detail: &provider });
        }
    }
}

/// The first of these fields that holds a text that says something.
fn text<'r>(record: &'r Value, paths: &[&str]) -> Option<&'r str> {
    paths.iter().find_map(|path| record.pointer(path)?.as_str()).filter(|text| !text.is_empty())
}

fn number(record: &Value) -> Option<u64> {
    let paths = ["/autonomous_system_number", "/traits/autonomous_system_number", "/asn", "/as_number"];
    paths.iter().find_map(|path| match record.pointer(path)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim_start_matches(['A', 'S', 'a', 's']).parse().ok(),
        _ => None,
    })
}

/// A flag as a truth value, or as the word that some write for it.
fn is_set(record: &Value, field: &str) -> bool {
    let found = record.get(field).or_else(|| record.get("traits")?.get(field));
    found.is_some_and(|flag| flag.as_bool() == Some(true) || flag.as_str() == Some("true"))
}

/// What a network is shared for, the more particular first: flags of MaxMind, then of IPinfo.
const CLASSES: &[(&str, &str)] = &[
    ("is_tor_exit_node", "tor-exit"),
    ("tor", "tor-exit"),
    ("is_anonymous_vpn", "vpn-exit"),
    ("vpn", "vpn-exit"),
    ("is_public_proxy", "vpn-exit"),
    ("is_residential_proxy", "vpn-exit"),
    ("proxy", "vpn-exit"),
    ("relay", "vpn-exit"),
    // An address that hides its users in a way that the database does not tell.
    ("is_anonymous", "vpn-exit"),
    ("is_anonymous_proxy", "vpn-exit"),
    ("is_hosting_provider", "data-centre"),
    ("hosting", "data-centre"),
];

fn network(prefix: &str, record: &Value, database: &str, at: At<'_>, out: &mut dyn Out) {
    let Some((first, last)) = address::range_keys(prefix) else { return };
    let number = number(record);
    let name = text(
        record,
        &[
            "/autonomous_system_organization",
            "/traits/autonomous_system_organization",
            "/as_name",
            "/isp",
            "/organization",
        ],
    );
    let country = text(record, &["/country/iso_code", "/country_code", "/registered_country/iso_code", "/country"]);
    if number.is_some() || country.is_some() {
        let cells =
            [prefix.into(), (&first).into(), (&last).into(), number.into(), name.into(), country.into(), Cell::Null];
        out.row(&tables::PREFIXES, at, &cells);
    }
    if let Some((_, class)) = CLASSES.iter().find(|(flag, _)| is_set(record, flag)) {
        let provider = text(record, &["/service", "/vpn_service", "/organization", "/isp"]).unwrap_or(database);
        let cells = [prefix.into(), (&first).into(), (&last).into(), (*class).into(), provider.into()];
        out.row(&tables::SHARED_RANGES, at, &cells);
    }
}

/// An address as the tree has it: that of IPv4 lies below 96 zero bits.
fn address_of(bits: u128, v6: bool, length: usize) -> Option<(IpAddr, usize)> {
    match v6 {
        false => Some((IpAddr::V4((u32::try_from(bits >> 96).ok()?).into()), length)),
        true if length >= 96 && bits >> 32 == 0 => Some((IpAddr::V4((bits as u32).into()), length - 96)),
        true => Some((IpAddr::V6(bits.into()), length)),
    }
}
