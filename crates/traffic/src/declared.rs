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

/// What stands for all sites where a fact names none.
const EVERYWHERE: &str = "";

/// Declared facts, by site.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Declared {
    lookups: BTreeSet<(String, String)>,
    parameters: BTreeMap<String, BTreeSet<String>>,
    readers: Vec<Range>,
    scanners: Vec<(Range, Option<i64>, Option<i64>)>,
    clocks: BTreeMap<String, i64>,
    proxies: BTreeMap<String, Client>,
    aliases: BTreeMap<String, String>,
}

/// Where a site's log has the client's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Client {
    Peer,
    FirstForwarded,
    LastForwarded,
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
    /// Takes a fact as notes and `case.toml` word it; kinds that are about other
    /// things are passed over. Aliases (`site`) have to come first.
    pub fn fact(&mut self, kind: &str, subject: Option<&str>, value: &str, from: Option<i64>, until: Option<i64>) {
        let site = subject.unwrap_or(EVERYWHERE);
        match kind {
            "site" => self.host(site, value),
            "lookup-path" => self.lookup(site, value),
            "lookup-parameter" => self.parameter(site, value),
            "known-reader" => self.reader(subject, value),
            "authorised-scanner" => self.scanner(subject, value, from, until),
            "site-clock" => {
                let seconds = value.trim().parse::<f64>().ok().filter(|seconds| seconds.abs() < 1e9);
                let site = self.site(site);
                self.clocks.extend(seconds.map(|seconds| (site, (seconds * 1e6) as i64)));
            }
            "client-address-field" => {
                let site = self.site(site);
                self.proxies.insert(site, Client::of(value));
            }
            _ => {}
        }
    }

    /// The declared host of a site, empty if none is.
    pub fn host_of(&self, site: &str) -> &str {
        self.aliases.iter().find(|(_, named)| *named == site).map_or("", |(host, _)| host)
    }

    /// Microseconds by which the site's clock is ahead.
    pub fn clock(&self, site: &str) -> i64 {
        self.clocks.get(site).or_else(|| self.clocks.get(EVERYWHERE)).copied().unwrap_or(0)
    }

    /// The client's address. Where nothing is declared, a log that is `proxied`,
    /// having one peer for all, has the client at the end of the forwarded
    /// addresses, which is what the proxy itself wrote; the rest is hearsay.
    pub fn client<'a>(&self, site: &str, peer: &'a str, forwarded: &'a str, proxied: bool) -> &'a str {
        let declared = self.proxies.get(site).or_else(|| self.proxies.get(EVERYWHERE)).copied();
        let client = match declared.unwrap_or(if proxied { Client::LastForwarded } else { Client::Peer }) {
            Client::Peer => peer,
            _ if matches!(forwarded, "" | "-") => peer,
            Client::FirstForwarded => forwarded.split(',').next().unwrap_or(forwarded),
            Client::LastForwarded => forwarded.rsplit(',').next().unwrap_or(forwarded),
        };
        client.trim()
    }

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
        self.lookups.iter().filter(move |(of, _)| of == site || of == EVERYWHERE).map(|(_, path)| &**path)
    }

    /// Whether the site's parameters are declared, and this is one of them.
    pub fn names_record(&self, site: &str, parameter: &str) -> Option<bool> {
        let names = self.parameters.get(site).or_else(|| self.parameters.get(EVERYWHERE))?;
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

impl Client {
    fn of(value: &str) -> Self {
        let lower = value.to_ascii_lowercase();
        match lower.split(' ').next().unwrap_or_default() {
            "peer" | "peer_ip" | "remote_addr" | "c-ip" | "client_ip" => Self::Peer,
            _ if lower.contains("first") => Self::FirstForwarded,
            _ => Self::LastForwarded,
        }
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

    #[test]
    fn clients_stand_where_the_site_says() {
        let mut declared = Declared::default();
        declared.fact("client-address-field", Some("north"), "xff last", None, None);
        declared.fact("client-address-field", Some("south"), "xff first", None, None);
        declared.fact("site-clock", Some("south"), "-64", None, None);
        let client = |site, forwarded, proxied| declared.client(site, "192.0.2.1", forwarded, proxied);
        assert_eq!(client("north", "198.51.100.9, 203.0.113.7", false), "203.0.113.7");
        assert_eq!(client("south", "198.51.100.9, 203.0.113.7", false), "198.51.100.9");
        assert_eq!(client("west", "198.51.100.9", false), "192.0.2.1");
        assert_eq!(client("west", "198.51.100.9", true), "198.51.100.9");
        assert_eq!(client("north", "-", true), "192.0.2.1");
        assert_eq!((declared.clock("south"), declared.clock("north")), (-64_000_000, 0));
    }
}
