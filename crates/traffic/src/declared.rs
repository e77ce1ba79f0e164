//! What the investigator declared about sites, readers and scanners.
//!
//! A declaration is never overruled by behaviour. It is bounded, though: a
//! scanner was authorised for a window and a site, and outside of them nobody
//! is excused.

use std::collections::{BTreeMap, BTreeSet};

use model::address;
use serde::{Deserialize, Serialize};

/// Microseconds by which a scan may overrun its window: clocks differ, and so do people.
const GRACE: i64 = 3_600_000_000;

/// Declared facts, by site.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Declared {
    lookups: BTreeSet<(String, String)>,
    parameters: BTreeMap<String, BTreeSet<String>>,
    readers: Vec<Range>,
    scanners: Vec<(Range, Option<i64>, Option<i64>)>,
    aliases: BTreeMap<String, String>,
}

/// Addresses of one site, or of all if it has none.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Range {
    site: Option<String>,
    first: String,
    last: String,
}

/// What an address was declared to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// Nothing.
    #[default]
    Open,
    /// A known reader, such as an office.
    Reader,
    /// A scanner within its window.
    Scanner,
}

impl Declared {
    /// The site's host name: facts may name either.
    pub fn host(&mut self, site: &str, host: &str) {
        self.aliases.insert(host.to_ascii_lowercase(), site.to_owned());
    }

    /// A page where records are looked up. A `{part}` of the path stands for an identifier.
    pub fn lookup(&mut self, site: &str, path: &str) {
        self.lookups.insert((self.site(site), path.to_ascii_lowercase()));
    }

    /// A parameter that names the record.
    pub fn parameter(&mut self, site: &str, name: &str) {
        let site = self.site(site);
        self.parameters.entry(site).or_default().insert(name.to_ascii_lowercase());
    }

    /// Addresses of a known reader, of one site or of all.
    pub fn reader(&mut self, site: Option<&str>, range: &str) {
        self.readers.extend(self.range(site, range));
    }

    /// Addresses of an authorised scanner and its window.
    pub fn scanner(&mut self, site: Option<&str>, range: &str, from: Option<i64>, until: Option<i64>) {
        self.scanners.extend(self.range(site, range).map(|range| (range, from, until)));
    }

    /// What the client was declared to be on this site at this time.
    pub fn standing(&self, site: &str, client: &str, time: i64) -> Standing {
        if self.readers.is_empty() && self.scanners.is_empty() {
            return Standing::Open;
        }
        let Ok(ip) = client.trim().parse() else { return Standing::Open };
        let key = address::ip_key(ip);
        let holds = |range: &Range| {
            range.site.as_deref().is_none_or(|named| named == site) && (&range.first..=&range.last).contains(&&key)
        };
        let open = |from: Option<i64>, until: Option<i64>| {
            from.is_none_or(|from| time >= from - GRACE) && until.is_none_or(|until| time <= until + GRACE)
        };
        if self.scanners.iter().any(|(range, from, until)| open(*from, *until) && holds(range)) {
            return Standing::Scanner;
        }
        if self.readers.iter().any(holds) { Standing::Reader } else { Standing::Open }
    }

    /// Declared look-up pages of a site.
    pub fn pages<'a>(&'a self, site: &'a str) -> impl Iterator<Item = &'a str> {
        self.lookups.iter().filter(move |(of, _)| of == site).map(|(_, path)| &**path)
    }

    /// Whether the site's parameters are declared, and this is one of them.
    pub fn names_record(&self, site: &str, parameter: &str) -> Option<bool> {
        let names = self.parameters.get(site)?;
        Some(names.iter().any(|name| name.eq_ignore_ascii_case(parameter)))
    }

    fn site(&self, name: &str) -> String {
        self.aliases.get(&name.to_ascii_lowercase()).cloned().unwrap_or_else(|| name.to_owned())
    }

    fn range(&self, site: Option<&str>, range: &str) -> Option<Range> {
        let (first, last) = address::range_keys(range.trim())?;
        Some(Range { site: site.map(|site| self.site(site)), first, last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standings_are_bounded_by_site_and_window() {
        let mut declared = Declared::default();
        declared.host("north", "votes.north.example");
        declared.reader(None, "192.0.2.4");
        declared.scanner(Some("votes.north.example"), "198.51.100.0/24", Some(10 * GRACE), Some(12 * GRACE));
        let standing = |site, client, hour: i64| declared.standing(site, client, hour * GRACE);
        assert_eq!(standing("south", "192.0.2.4", 0), Standing::Reader);
        assert_eq!(standing("north", "198.51.100.7", 11), Standing::Scanner);
        assert_eq!(standing("north", "198.51.100.7", 14), Standing::Open);
        assert_eq!(standing("south", "198.51.100.7", 11), Standing::Open);
        assert_eq!(standing("north", "nobody", 11), Standing::Open);
    }
}
