//! What a case gives to threat-intelligence platforms, before it is spelled as
//! STIX or MISP.
//!
//! Only infrastructure and operators' values, campaigns and judgements go out.
//! What stays is counted in [`Exchange::losses`] with its reason, and stands in
//! the product itself. Ids are UUIDs of version 5, so that the same case gives
//! the same ids and a second export updates the first.

use std::collections::{BTreeMap, BTreeSet};

use knowledge::export;

use super::attribution::collected;
use super::defang::without_query;
use super::observables::{self, Row};
use super::own::Own;
use crate::assess::arithmetic::number;
use crate::assess::{Judgement, UNATTRIBUTED, likelihood};
use crate::dossier::Dossier;

/// Kinds that both standards have a word for.
const SPELLED: [&str; 11] =
    ["ip", "cidr", "domain", "url", "md5", "sha1", "sha256", "sha512", "asn", "path", "username"];

/// One value that goes out.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    pub kind: &'a str,
    pub value: String,
    pub why: String,
    pub first_seen: Option<&'a str>,
    pub last_seen: Option<&'a str>,
    /// Whether more than mail and registries speaks for it: a relay or a borrowed name may be a victim's.
    pub own: bool,
    pub at: &'a str,
}

/// All that goes out, and what does not.
pub(super) struct Exchange<'a> {
    pub dossier: &'a Dossier,
    pub values: Vec<Shared<'a>>,
    /// Reason and count.
    pub losses: BTreeMap<String, u64>,
}

impl<'a> Exchange<'a> {
    pub fn new(own: &Own<'a>) -> Self {
        let dossier = own.dossier;
        let seen: BTreeMap<_, _> = dossier.values.iter().map(|value| ((&*value.kind, &*value.value), value)).collect();
        let beyond = beyond_mail(own);
        let mut exchange = Self { dossier, values: Vec::new(), losses: BTreeMap::new() };
        exchange.lose("mails, with their senders and recipients", dossier.messages.len() as u64);
        let accounts = dossier.coordinated.len() as u64;
        exchange.lose("accounts that act together: their groups are counted in a note", accounts);
        let set_aside = dossier.links.iter().filter(|link| !link.counts).count() as u64;
        exchange.lose("links that do not count", set_aside);
        let planted = dossier.slips.iter().filter(|slip| dossier.assessment.is_planted(&slip.value)).count() as u64;
        exchange.lose("slips that are held to be planted", planted);
        for ((kind, value), row) in observables::rows(own) {
            if !SPELLED.contains(&kind) {
                exchange.lose(&format!("values of kind {kind}, for which the standards have no object"), 1);
                continue;
            }
            let shown = without_query(kind, value);
            if shown != value {
                exchange.lose("queries of links, which may hold a recipient's token", 1);
            }
            let window = seen.get(&(kind, value));
            exchange.values.push(Shared {
                kind,
                value: shown,
                why: why(&row),
                first_seen: window.and_then(|seen| seen.first_seen.as_deref()),
                last_seen: window.and_then(|seen| seen.last_seen.as_deref()),
                own: row.roles.contains("slip") || row.roles.contains("intel") || beyond.contains(value),
                at: row.at,
            });
        }
        exchange.values.dedup_by(|b, a| a.kind == b.kind && a.value == b.value);
        exchange
    }

    fn lose(&mut self, reason: &str, count: u64) {
        if count > 0 {
            *self.losses.entry(reason.to_owned()).or_default() += count;
        }
    }

    /// An id of ours for a thing of this case.
    pub fn id(&self, kind: &str, name: &str) -> String {
        export::id(&self.dossier.case.name, kind, name)
    }

    /// Whether the value is of that campaign; with one campaign all are.
    pub fn of_campaign(&self, value: &str, campaign: &str) -> bool {
        let named = |id: &String| id == campaign;
        self.dossier.campaigns.len() == 1
            || self.dossier.links.iter().any(|link| link.value == value && link.campaigns.iter().any(named))
    }

    /// The day of the case.
    pub fn as_of(&self) -> String {
        as_of(self.dossier)
    }

    /// What was lost, in one text.
    pub fn lost(&self) -> String {
        let lines: Vec<String> = self.losses.iter().map(|(reason, count)| format!("{count} × {reason}")).collect();
        if lines.is_empty() { "Nothing was left out.".to_owned() } else { format!("Left out: {}.", lines.join("; ")) }
    }

    /// The groups of accounts, in numbers.
    pub fn accounts(&self) -> Option<String> {
        let groups = super::coordinated::groups(self.dossier);
        let told: Vec<String> = groups
            .iter()
            .map(|group| format!("{} accounts ({}, window {} s)", group.len(), group[0].grade, group[0].window_secs))
            .collect();
        (!told.is_empty()).then(|| format!("Groups of accounts that act together: {}.", told.join("; ")))
    }
}

/// When the evidence was collected, or else the last campaign ended, RFC 3339: no clock is read.
pub fn as_of(dossier: &Dossier) -> String {
    let last = dossier.campaigns.iter().filter_map(|campaign| campaign.last.clone()).max();
    instant(collected(dossier).or(last).as_deref().unwrap_or_default())
}

/// Values that tie a campaign to more than what registries know of its mail.
fn beyond_mail<'a>(own: &Own<'a>) -> BTreeSet<&'a str> {
    let ties = own.grounds.iter().flat_map(|ground| &ground.ties);
    ties.filter(|link| link.to_topic != "hosting" || link.from_topic == "web").map(|link| &*link.value).collect()
}

fn why(row: &Row<'_>) -> String {
    row.why.iter().filter(|why| !why.contains('@')).copied().collect::<Vec<_>>().join(" ")
}

/// The word of ICD 203 for how likely the judgement is.
pub(super) fn likely(judgement: &Judgement) -> &'static str {
    likelihood(number(judgement.probability))
}

/// Whether the judgement names somebody.
pub(super) fn names(judgement: &Judgement) -> bool {
    judgement.actor != UNATTRIBUTED && !judgement.false_flag
}

/// The judgement in one sentence, its doubt included.
pub(super) fn sentence(judgement: &Judgement) -> String {
    let likely = likely(judgement);
    format!(
        "Handprint holds it {likely} (about {} %, {} confidence) that the hand behind “{}” is {}. {}",
        judgement.probability / 10_000,
        judgement.confidence.word(),
        judgement.label,
        judgement.actor,
        if judgement.false_flag {
            "Marks that point to somebody are held to be planted."
        } else {
            "Rival explanations and their sums are in the full result."
        }
    )
}

/// A time as STIX writes it, to the millisecond; 1970 where there is none.
pub(super) fn instant(text: &str) -> String {
    let stamp: jiff::Timestamp = text.parse().unwrap_or_default();
    stamp.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_to_the_millisecond() {
        assert_eq!(instant("2031-05-04T06:14:00.5+02:00"), "2031-05-04T04:14:00.500Z");
        assert_eq!(instant("soon"), "1970-01-01T00:00:00.000Z");
    }
}
