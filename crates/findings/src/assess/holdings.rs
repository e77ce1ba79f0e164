//! Whose a leak, a video or an attack on a site is, where there are several campaigns.
//!
//! With one campaign in the case, material that was handed in as the operation's
//! is its own. With several, a file is the one's whose messages alone share values
//! with it by links that count, and an attacker on the web is the one's whose mails
//! alone came from most of the attacker's cover, or name the address that was
//! without cover. What fits none, or more than one, is nobody's.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::OWN_WORK;
use crate::dossier::{AssessInput, FileTie, Slip, WebAddress};

/// The least number of exits in common that is more than two users of one service meeting.
const COVER_IN_COMMON: usize = 3;

/// Files and attackers by the campaign that they belong to.
#[derive(Debug, Default)]
pub struct Holdings<'a> {
    sole: bool,
    files: BTreeMap<&'a str, &'a str>,
    slips: BTreeMap<&'a str, &'a str>,
}

impl<'a> Holdings<'a> {
    /// Gives out what can be given out.
    pub fn new(input: &AssessInput<'a>) -> Self {
        Self {
            sole: input.campaigns.len() == 1,
            files: sole_owner(input.file_ties.iter().map(|FileTie { file, campaign }| (&**file, &**campaign))),
            slips: sole_owner(attackers(input)),
        }
    }

    /// Whether a place lies in a file that is the campaign's own.
    pub fn holds_place(&self, campaign: &str, at: &str) -> bool {
        let file = at.split('/').next().unwrap_or(at);
        self.files.get(file).is_some_and(|owner| *owner == campaign)
    }

    /// Whether material on these topics is the campaign's own, whatever the file.
    pub fn holds_topics<'t>(&self, topics: impl IntoIterator<Item = &'t str>) -> bool {
        self.sole && topics.into_iter().any(|topic| OWN_WORK.contains(&topic))
    }

    /// Whether an address without cover is the campaign's.
    pub fn holds_attack(&self, campaign: &str, slip: &Slip) -> bool {
        self.sole || self.slips.get(&*slip.value).is_some_and(|owner| *owner == campaign)
    }
}

/// Addresses without cover, each with every campaign that its actor may belong to.
fn attackers<'a>(input: &AssessInput<'a>) -> Vec<(&'a str, &'a str)> {
    let mut origins: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for message in input.messages {
        if let Some((ip, campaign)) = message.origin_ip.as_deref().zip(message.campaign.as_deref()) {
            origins.entry(campaign).or_default().insert(ip);
        }
    }
    let mut found = Vec::new();
    for slip in input.web_addresses.iter().filter(|address| address.slip) {
        let named = input.links.iter().filter(|link| link.counts && link.value == slip.value);
        found.extend(named.flat_map(|link| &link.campaigns).map(|campaign| (&*slip.value, &**campaign)));
        let cover = |address: &&WebAddress| address.actor == slip.actor && !address.slip;
        let cover: Vec<&str> = input.web_addresses.iter().filter(cover).map(|address| &*address.value).collect();
        for (campaign, origins) in &origins {
            let common = cover.iter().filter(|value| origins.contains(**value)).count();
            if common >= COVER_IN_COMMON && 2 * common >= cover.len() {
                found.push((&*slip.value, campaign));
            }
        }
    }
    found
}

/// Keeps what has one owner.
fn sole_owner<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<&'a str, &'a str> {
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (thing, owner) in pairs {
        owners.entry(thing).or_default().insert(owner);
    }
    owners.retain(|_, campaigns| campaigns.len() == 1);
    owners.into_iter().filter_map(|(thing, campaigns)| Some((thing, campaigns.into_iter().next()?))).collect()
}
