//! How far the clocks of two sites are apart, from requests that both of them logged.
//!
//! A proxy and the server behind it, or two that keep the same log, write down the
//! same requests. One with a query of its own is known again by its method, path,
//! query and agent; where the most of those that two logs share lie the same time
//! apart, to seconds, and came from several clients, that is how far their clocks
//! are apart: a few seconds, or the hours of a time zone that the stamps left out.
//! A scanner that asks two sites the same questions is one client, and shows nothing.
//! Which of two clocks is right the logs do not say: a declared one is, else that of
//! the larger log.

use std::collections::{BTreeMap, BTreeSet};

use crate::key::{self, Key};
use crate::request::Request;

/// Requests of a site that are kept: those with the smallest keys, so that two sites keep the same.
const KEPT: usize = 8_192;
/// Shared requests that have to agree, and clients that they have to come from.
const AGREEING: usize = 12;
const CLIENTS: usize = 5;
/// Time apart within which differences are the same: a proxy waits for the server behind it.
const SAME: i64 = 4_000_000;

/// Gathers requests of several sites, in any order, each with a place `P`.
#[derive(Debug)]
pub struct Overlap<P> {
    sites: BTreeMap<String, Sample<P>>,
}

#[derive(Debug)]
struct Sample<P> {
    requests: u64,
    kept: BTreeMap<Key, Seen<P>>,
}

#[derive(Debug)]
struct Seen<P> {
    time: i64,
    client: Key,
    times: u32,
    place: P,
}

/// How far the clock of a site is ahead, and what shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead<P> {
    /// The site.
    pub site: String,
    /// Microseconds by which its clock is ahead of the right time.
    pub micros: i64,
    /// The site whose clock it was held against.
    pub against: String,
    /// Shared requests that agree.
    pub agree: usize,
    /// Shared requests.
    pub shared: usize,
    /// The first of those that agree, in its own log.
    pub place: P,
}

struct Agreement<'a> {
    sites: [&'a str; 2],
    /// By how much the first clock is ahead of the second.
    micros: i64,
    agree: usize,
    shared: usize,
    first: Key,
}

impl<P> Default for Overlap<P> {
    fn default() -> Self {
        Self { sites: BTreeMap::new() }
    }
}

impl<P: Clone> Overlap<P> {
    /// Takes in a request with its time as stamped.
    pub fn take(&mut self, request: &Request<'_>, place: impl FnOnce() -> P) {
        if !self.sites.contains_key(request.site) {
            self.sites.insert(request.site.to_owned(), Sample { requests: 0, kept: BTreeMap::new() });
        }
        let Some(sample) = self.sites.get_mut(request.site) else { return };
        sample.requests += 1;
        // Without a query it is asked for too often to be known again.
        if request.query.is_empty() {
            return;
        }
        let key = key::of(&[request.method, request.path, request.query, request.user_agent]);
        if let Some(seen) = sample.kept.get_mut(&key) {
            seen.times = seen.times.saturating_add(1);
            return;
        }
        let full = sample.kept.len() >= KEPT;
        if full && sample.kept.last_key_value().is_some_and(|(last, _)| *last < key) {
            return;
        }
        let (time, client) = (request.time, key::of(&[request.client]));
        sample.kept.insert(key, Seen { time, client, times: 1, place: place() });
        if full {
            sample.kept.pop_last();
        }
    }

    /// How far clocks are ahead where logs overlap, given those that were declared, in microseconds.
    pub fn clocks(&self, declared: &BTreeMap<String, i64>) -> Vec<Ahead<P>> {
        let agreements = self.agreements();
        let mut known: BTreeMap<&str, i64> = declared
            .iter()
            .filter(|(site, _)| self.sites.contains_key(*site))
            .map(|(site, ahead)| (&**site, *ahead))
            .collect();
        let mut found = Vec::new();
        let mut larger: Vec<(&String, &Sample<P>)> = self.sites.iter().collect();
        larger.sort_by(|(one, first), (other, second)| (second.requests, one).cmp(&(first.requests, other)));
        // Sites that nothing ties to a declared clock follow the largest log among them.
        for start in std::iter::once(None).chain(larger.iter().map(|(site, _)| Some(site.as_str()))) {
            if let Some(start) = start {
                known.entry(start).or_insert(0);
            }
            while let Some((agreement, side)) = next(&agreements, &known) {
                let ([site, against], sign) = match side {
                    0 => (agreement.sites, 1),
                    _ => ([agreement.sites[1], agreement.sites[0]], -1),
                };
                let micros = known[against] + sign * agreement.micros;
                known.insert(site, micros);
                if let Some(seen) = self.sites[site].kept.get(&agreement.first) {
                    found.push(Ahead {
                        site: site.to_owned(),
                        micros,
                        against: against.to_owned(),
                        agree: agreement.agree,
                        shared: agreement.shared,
                        place: seen.place.clone(),
                    });
                }
            }
        }
        found
    }

    fn agreements(&self) -> Vec<Agreement<'_>> {
        let sites: Vec<(&String, &Sample<P>)> = self.sites.iter().collect();
        let pairs = (0..sites.len()).flat_map(|one| (one + 1..sites.len()).map(move |other| (one, other)));
        let mut found: Vec<Agreement<'_>> =
            pairs.filter_map(|(one, other)| agreement(sites[one], sites[other])).collect();
        found.sort_by(|one, other| (other.agree, one.sites).cmp(&(one.agree, other.sites)));
        found
    }
}

/// The best agreement that ties a site to one whose clock is known, and which of its sites that is.
fn next<'a, 'b>(agreements: &'b [Agreement<'a>], known: &BTreeMap<&str, i64>) -> Option<(&'b Agreement<'a>, usize)> {
    agreements.iter().find_map(|agreement| {
        let [first, second] = agreement.sites.map(|site| known.contains_key(site));
        (first != second).then_some((agreement, usize::from(first)))
    })
}

fn agreement<'a, P>(one: (&'a String, &'a Sample<P>), other: (&'a String, &'a Sample<P>)) -> Option<Agreement<'a>> {
    let once = |sample: &'a Sample<P>, key: &Key| sample.kept.get(key).filter(|seen| seen.times == 1);
    let mut shared: Vec<(i64, Key, [Key; 2])> = Vec::new();
    for (key, seen) in one.1.kept.iter().filter(|(_, seen)| seen.times == 1) {
        let Some(again) = once(other.1, key) else { continue };
        shared.push((seen.time.saturating_sub(again.time), *key, [seen.client, again.client]));
    }
    shared.sort_unstable();
    let within =
        |from: usize| shared[from..].partition_point(|(apart, ..)| *apart <= shared[from].0.saturating_add(SAME));
    let (from, agree) =
        (0..shared.len()).map(|from| (from, within(from))).max_by_key(|(from, agree)| (*agree, usize::MAX - from))?;
    let agreeing = &shared[from..from + agree];
    let clients =
        (0..2).map(|side| agreeing.iter().map(|(.., clients)| clients[side]).collect::<BTreeSet<Key>>().len()).max()?;
    let holds = agree >= AGREEING && 2 * agree > shared.len() && clients >= CLIENTS;
    holds.then(|| Agreement {
        sites: [one.0, other.0],
        micros: agreeing[agree / 2].0,
        agree,
        shared: shared.len(),
        first: agreeing.iter().map(|(_, key, _)| *key).min_by_key(|key| one.1.kept[key].time).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    /// Requests of visitors, once a minute each, in the logs of sites whose clocks are ahead by so much.
    fn overlap(sites: &[(&str, i64)], clients: usize, together: bool) -> Overlap<usize> {
        let mut overlap = Overlap::default();
        for at in 0..60_usize {
            let (query, client) = (format!("q={at}"), format!("192.0.2.{}", at % clients));
            for (number, (site, ahead)) in sites.iter().enumerate() {
                let apart = if together { number as i64 * 30_000 } else { (number * at * at) as i64 * 7_000_000 };
                let time = at as i64 * 60_000_000 + ahead + apart;
                let request = Request { site, time, client: &client, path: "/a", query: &query, ..Request::default() };
                overlap.take(&request, || at);
            }
        }
        overlap
    }

    #[test]
    fn the_same_requests_show_how_far_clocks_are_apart() {
        let declared = BTreeMap::from([("edge".to_owned(), 5_000_000)]);
        let found = overlap(&[("edge", 0), ("north", 3 * HOUR)], 20, true).clocks(&declared);
        let [ahead] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (&*ahead.site, &*ahead.against, ahead.agree, ahead.shared, ahead.place),
            ("north", "edge", 60, 60, 0)
        );
        assert_eq!(ahead.micros, 3 * HOUR + 5_000_000 + 30_000);
        // Nothing declared: one of two equal logs is taken for right, and three follow one.
        let found = overlap(&[("a", 0), ("b", -9_000_000), ("c", HOUR)], 20, true).clocks(&BTreeMap::new());
        assert_eq!(
            found.iter().map(|ahead| (&*ahead.site, ahead.micros)).collect::<Vec<_>>(),
            [("b", -9_000_000 + 30_000), ("c", HOUR + 60_000)]
        );
    }

    #[test]
    fn one_scanner_and_what_merely_looks_alike_show_nothing() {
        assert_eq!(overlap(&[("a", 0), ("b", HOUR)], 1, true).clocks(&BTreeMap::new()), []);
        assert_eq!(overlap(&[("a", 0), ("b", HOUR)], 20, false).clocks(&BTreeMap::new()), []);
        assert_eq!(overlap(&[("a", 0)], 20, true).clocks(&BTreeMap::new()), []);
    }
}
