//! In which network, and in whose shared range, an indicator lies.
//!
//! Indicators are many and the networks of a case few, so the ranges are held
//! and the indicators stream past. Of ranges within each other the longest
//! answers; ranges of networks that the case does not touch are not held, so an
//! address of such a one inside a touched one counts for the touched.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use casefile::{Result, Session};
use model::address;

use crate::columns::texts;

const NETWORKS: &str = "SELECT arrow_cast(p.prefix, 'Utf8') AS prefix, arrow_cast(concat('AS', p.asn), 'Utf8') AS label
    FROM prefixes p WHERE p.asn IN (SELECT asn FROM address_origins WHERE asn IS NOT NULL) ORDER BY 1, 2";

const PROVIDERS: &str = "SELECT arrow_cast(s.prefix, 'Utf8') AS prefix, arrow_cast(s.provider, 'Utf8') AS label
    FROM shared_ranges s WHERE s.provider IN (SELECT shared_by FROM address_origins WHERE shared_by IS NOT NULL)
    ORDER BY 1, 2";

/// Registers `network_of(ip)` and `provider_of(ip)`, null where none is known.
pub fn register(session: &Session) -> Result<()> {
    for (name, sql) in [("network_of", NETWORKS), ("provider_of", PROVIDERS)] {
        let ranges = Ranges::read(session, sql)?;
        session.register_function(
            name,
            1,
            Arc::new(move |given| ranges.around(given.first().copied()??.parse().ok()?).map(str::to_owned)),
        )?;
    }
    Ok(())
}

/// Labels by first address, by prefix length in its family; asked by key only.
#[derive(Default)]
struct Ranges {
    v4: BTreeMap<u8, HashMap<u128, String>>,
    v6: BTreeMap<u8, HashMap<u128, String>>,
}

impl Ranges {
    fn read(session: &Session, sql: &str) -> Result<Self> {
        let mut ranges = Self::default();
        session.stream(sql, &mut |batch| {
            let [prefixes, labels] = texts::<2>(&batch)?;
            for row in 0..batch.num_rows() {
                ranges.add(prefixes.value(row), labels.value(row));
            }
            Ok(())
        })?;
        Ok(ranges)
    }

    /// Of two labels for one range the first in order stays.
    fn add(&mut self, prefix: &str, label: &str) {
        let (ip, length) = prefix.split_once('/').unwrap_or((prefix, ""));
        let Ok(ip) = ip.parse::<IpAddr>() else { return };
        let whole = if ip.is_ipv4() { 32 } else { 128 };
        let length = length.parse().unwrap_or(whole);
        let Some((first, _)) = address::range(ip, length) else { return };
        let family = if ip.is_ipv4() { &mut self.v4 } else { &mut self.v6 };
        family.entry(length).or_default().entry(first).or_insert_with(|| label.to_owned());
    }

    fn around(&self, ip: IpAddr) -> Option<&str> {
        let family = if ip.is_ipv4() { &self.v4 } else { &self.v6 };
        family.iter().rev().find_map(|(length, ranges)| ranges.get(&address::range(ip, *length)?.0)).map(String::as_str)
    }
}
