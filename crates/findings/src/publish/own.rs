//! What of a dossier belongs to the operation, as every product tells it.

use std::collections::{BTreeMap, BTreeSet};

use crate::assess::ground::{Ground, LEFT_COVER, Places};
use crate::dossier::{Dossier, IntelMatch, Link, Message, Slip};

/// A dossier sorted by what is the operation's own.
#[derive(Debug)]
pub struct Own<'a> {
    /// The dossier itself.
    pub dossier: &'a Dossier,
    /// Messages by place.
    pub places: Places<'a>,
    /// One per campaign.
    pub grounds: Vec<Ground<'a>>,
}

/// Slips of one kind and value in one file.
#[derive(Debug)]
pub struct SlipGroup<'a> {
    /// The first of them; file, detector and reason are the same for all.
    pub first: &'a Slip,
    /// Id of a message that shows it, null for other sources.
    pub message_id: Option<&'a str>,
    /// Whether it is held to be planted.
    pub planted: bool,
    /// Campaign in whose material it stands, empty if it is an attack's on a site that nothing ties to one.
    pub campaign: &'a str,
    /// Places in all.
    pub count: usize,
    /// Some of them.
    pub at: Vec<&'a str>,
}

/// Links with the same ends and the same answer.
#[derive(Debug)]
pub struct LinkGroup<'a> {
    /// The first of them.
    pub first: &'a Link,
    /// Campaign that it holds on to, if any.
    pub campaign: Option<&'a str>,
    /// Their places, both ends.
    pub at: Vec<&'a str>,
}

/// Places that one group lists at most.
const PLACES: usize = 20;

impl<'a> Own<'a> {
    /// Sorts a dossier.
    pub fn new(dossier: &'a Dossier) -> Self {
        let places = Places::new(&dossier.messages);
        let grounds = Ground::all(&dossier.assess_input(), &places);
        Self { dossier, places, grounds }
    }

    /// Slips in the operation's own material, by kind, value and file.
    pub fn slips(&self) -> Vec<SlipGroup<'a>> {
        let mut groups: BTreeMap<(&str, &str, &str), SlipGroup<'a>> = BTreeMap::new();
        let campaigns = self.dossier.campaigns.iter().map(|campaign| &*campaign.id);
        let owned = self
            .grounds
            .iter()
            .zip(campaigns)
            .flat_map(|(ground, campaign)| ground.slips.iter().map(move |slip| (*slip, campaign)));
        let untied = self.dossier.slips.iter().filter(|slip| self.is_untied(slip)).map(|slip| (slip, ""));
        let traces = self.dossier.traces.iter().filter(|slip| self.dossier.assessment.is_planted(&slip.value));
        let traces = traces.map(|slip| (slip, self.places.campaign_of(&slip.at).unwrap_or_default()));
        for (slip, campaign) in owned.chain(untied).chain(traces) {
            let group = groups.entry((&slip.kind, &slip.value, &slip.file)).or_insert_with(|| SlipGroup {
                first: slip,
                message_id: self.places.message_of(&slip.at).and_then(|message| message.message_id.as_deref()),
                planted: self.dossier.assessment.is_planted(&slip.value),
                campaign,
                count: 0,
                at: Vec::new(),
            });
            group.count += 1;
            if group.at.len() < PLACES && !group.at.contains(&&*slip.at) {
                group.at.push(&slip.at);
            }
        }
        groups.into_values().collect()
    }

    /// Whether it is an attacker's on a site, which nothing ties to a campaign.
    fn is_untied(&self, slip: &Slip) -> bool {
        let held = |ground: &Ground<'a>| ground.slips.iter().any(|held| std::ptr::eq(*held, slip));
        slip.detector == LEFT_COVER && !self.grounds.iter().any(held)
    }

    /// Links by value, ends and answer, those that count first.
    pub fn links(&self) -> Vec<LinkGroup<'a>> {
        let mut groups: BTreeMap<_, LinkGroup<'a>> = BTreeMap::new();
        for link in &self.dossier.links {
            let ends = (&*link.from_topic, &*link.to_topic);
            let key = (!link.counts, &*link.kind, &*link.value, ends, &link.reference, &link.actor);
            let campaign = self.campaign_of(link);
            let group = groups.entry(key).or_insert_with(|| LinkGroup { first: link, campaign, at: Vec::new() });
            for at in std::iter::once(&*link.at).chain(link.other_at.as_deref()).filter(|at| !at.is_empty()) {
                if group.at.len() < PLACES && !group.at.contains(&at) {
                    group.at.push(at);
                }
            }
        }
        groups.into_values().collect()
    }

    /// Matches that count and are about something of a campaign's own.
    pub fn matches(&self) -> Vec<&'a IntelMatch> {
        let own = |hit: &&IntelMatch| self.grounds.iter().any(|ground| ground.holds_match(hit, &self.places));
        self.dossier.intel_matches.iter().filter(|hit| hit.counts).filter(own).collect()
    }

    /// Addresses from which members of a campaign came, each with one of them.
    pub fn origins(&self) -> BTreeMap<&'a str, &'a Message> {
        let mut origins = BTreeMap::new();
        for message in self.dossier.messages.iter().filter(|message| self.places.campaign_of(&message.at).is_some()) {
            if let Some(ip) = message.origin_ip.as_deref() {
                origins.entry(ip).or_insert(message);
            }
        }
        origins
    }

    /// A mail handed in and the mail that it is about: itself, or the one that a complaint carries.
    pub fn mails(&self) -> impl Iterator<Item = (&'a Message, &'a Message)> {
        let handed_in = self.dossier.messages.iter().filter(|message| message.depth == 0);
        handed_in.map(|message| (message, self.places.carried_by(message).unwrap_or(message)))
    }

    /// Losses in all.
    pub fn losses(&self) -> u64 {
        self.dossier.losses.iter().fold(0, |sum, loss| sum.saturating_add(loss.count))
    }

    fn campaign_of(&self, link: &'a Link) -> Option<&'a str> {
        let tie = |ground: &&Ground<'a>| ground.ties.iter().any(|tie| std::ptr::eq(*tie, link));
        let known: BTreeSet<&str> = self.dossier.campaigns.iter().map(|campaign| &*campaign.id).collect();
        let named = link.campaigns.iter().map(String::as_str).find(|campaign| known.contains(campaign));
        self.grounds.iter().find(tie).map(|ground| ground.campaign).or(named)
    }
}
