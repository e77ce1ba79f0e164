//! One address or name, with all that is known of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::dossier::{AddressOrigin, Dossier, Holding, IntelMatch, Resolution};
use crate::publish::report::times;

/// An address or name of the case.
pub struct Subject<'a> {
    /// `ip` or `domain`.
    pub kind: &'a str,
    /// The value.
    pub value: &'a str,
    /// First and last time that the case saw it.
    pub seen: [Option<&'a str>; 2],
    /// Where the case saw it first.
    pub at: &'a str,
    /// Who held it, by start.
    pub holdings: Vec<&'a Holding>,
    /// What passive DNS saw, the latest first.
    pub resolutions: Vec<&'a Resolution>,
    /// What feeds say, the counting first.
    pub hits: Vec<&'a IntelMatch>,
    /// Its network, and who shares it.
    pub origin: Option<&'a AddressOrigin>,
}

/// All addresses and names that feeds or links know, those with counting hits first.
pub fn subjects(dossier: &Dossier) -> Vec<Subject<'_>> {
    let mut hits: BTreeMap<(&str, &str), Vec<&IntelMatch>> = BTreeMap::new();
    for hit in &dossier.intel_matches {
        // A key or certificate speaks of the address that its name led to.
        match hit.address.as_deref() {
            Some(address) => hits.entry(("ip", address)).or_default().push(hit),
            None => hits.entry((&hit.kind, &hit.value)).or_default().push(hit),
        }
    }
    let linked = dossier.links.iter().filter(|link| link.counts).map(|link| (&*link.kind, &*link.value));
    let held = dossier.holdings.iter().filter(|held| held.statement == "lease").map(|held| ("ip", &*held.value));
    let keys: BTreeSet<(&str, &str)> = hits.keys().copied().chain(linked).chain(held).collect();
    let known = keys.into_iter().filter(|(kind, _)| ["ip", "domain"].contains(kind));
    let mut subjects: Vec<Subject<'_>> = known.map(|key| subject(dossier, key, hits.remove(&key))).collect();
    subjects.sort_by_key(|one| {
        let counting = one.hits.iter().filter(|hit| hit.counts).count();
        (counting == 0, one.hits.is_empty(), std::cmp::Reverse(counting), one.kind != "ip", one.value)
    });
    subjects
}

fn subject<'a>(
    dossier: &'a Dossier,
    (kind, value): (&'a str, &'a str),
    hits: Option<Vec<&'a IntelMatch>>,
) -> Subject<'a> {
    let mut hits = hits.unwrap_or_default();
    hits.sort_by_key(|hit| (!hit.counts, &hit.valid_from, &hit.source, &hit.reference, &hit.at));
    let mut holdings: Vec<&Holding> = dossier.holdings.iter().filter(|held| held.value == value).collect();
    holdings.sort_by_key(|held| (&held.held_from, &held.range, &held.holder, &held.source, &held.at));
    let seen = dossier.values.iter().find(|one| one.kind == kind && one.value == value);
    let of_hit = |first: bool| {
        hits.iter().find_map(|hit| if first { hit.seen_from.as_deref() } else { hit.seen_until.as_deref() })
    };
    Subject {
        kind,
        value,
        seen: [
            seen.and_then(|seen| seen.first_seen.as_deref()).or_else(|| of_hit(true)),
            seen.and_then(|seen| seen.last_seen.as_deref()).or_else(|| of_hit(false)),
        ],
        at: seen.map(|seen| &*seen.at).or_else(|| hits.first().map(|hit| &*hit.at)).unwrap_or_default(),
        holdings,
        resolutions: dossier.resolutions.iter().filter(|one| one.value == value).collect(),
        hits,
        origin: dossier.address_origins.iter().find(|origin| origin.value == value),
    }
}

impl Subject<'_> {
    /// First and last day that the case saw it.
    pub fn days(&self) -> Option<[i64; 2]> {
        let first = self.seen[0].and_then(times::day)?;
        Some([first, self.seen[1].and_then(times::day).unwrap_or(first).max(first)])
    }

    /// Statements about who held it while the case saw it.
    pub fn holders_then(&self) -> Vec<&Holding> {
        let Some([first, last]) = self.days() else { return Vec::new() };
        let covers = |held: &&&Holding| {
            held.held_from.as_deref().and_then(times::day).is_some_and(|from| from <= last)
                && held.held_until.as_deref().and_then(times::day).is_none_or(|until| until >= first)
        };
        self.holdings.iter().filter(covers).copied().collect()
    }
}
