//! What belongs to a campaign: which places, values and slips are its own.
//!
//! Evidence is full of other people's traffic. Only what stands in a
//! campaign's own messages, or in material that was handed in as the
//! operation's (leak, video), or is tied to these by a link that counts, may
//! weigh for or against its authors.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::PlantCost;

use super::Weights;
use super::holdings::Holdings;
use crate::dossier::{AssessInput, IntelMatch, Link, Message, Slip};

/// Topics that are handed in because they are the operation's own work.
pub const OWN_WORK: [&str; 2] = ["leak", "video"];

/// The rule that finds addresses from which an attacker came without its cover.
pub const LEFT_COVER: &str = "left_cover";

/// Messages by place, to tell which one holds a locator.
#[derive(Debug, Default)]
pub struct Places<'a> {
    messages: BTreeMap<&'a str, &'a Message>,
    carriers: BTreeSet<&'a str>,
}

impl<'a> Places<'a> {
    /// Indexes all messages.
    pub fn new(messages: &'a [Message]) -> Self {
        let messages: BTreeMap<&str, &Message> = messages.iter().map(|message| (whole(&message.at), message)).collect();
        let attached = messages.iter().filter(|(_, message)| message.depth > 0);
        let carriers = attached.filter_map(|(at, _)| ancestors(at).find(|at| messages.contains_key(at))).collect();
        Self { messages, carriers }
    }

    /// The innermost message that holds a place.
    pub fn message_of(&self, at: &str) -> Option<&'a Message> {
        self.messages.get(whole(at)).or_else(|| ancestors(at).find_map(|at| self.messages.get(at))).copied()
    }

    /// The mail that a complaint is about: the first message attached to it.
    pub fn carried_by(&self, carrier: &Message) -> Option<&'a Message> {
        let from = whole(&carrier.at);
        let after = self.messages.range(from..).skip_while(|(at, _)| **at == from);
        let mut inside = after.take_while(|(at, _)| at.starts_with(from));
        inside.find(|(at, message)| message.depth > carrier.depth && is_under(at, from)).map(|(_, message)| *message)
    }

    /// The campaign whose own message holds a place; a complaint about one is not its own.
    pub fn campaign_of(&self, at: &str) -> Option<&'a str> {
        let message = self.message_of(at)?;
        let own = !self.carriers.contains(whole(&message.at));
        own.then_some(message.campaign.as_deref()).flatten()
    }
}

fn is_under(at: &str, from: &str) -> bool {
    at.strip_prefix(from).is_some_and(|rest| rest.starts_with('/'))
}

/// A locator without a closing byte range.
fn whole(at: &str) -> &str {
    match at.rsplit_once('/') {
        Some((before, last)) if last.starts_with("bytes:") => before,
        _ => at,
    }
}

/// The places that hold a place, innermost first.
fn ancestors(at: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(at.rsplit_once('/').map(|(before, _)| before), |at| {
        at.rsplit_once('/').map(|(before, _)| before)
    })
}

/// One campaign with all that is its own.
#[derive(Debug)]
pub struct Ground<'a> {
    /// Id of the campaign.
    pub campaign: &'a str,
    /// Mails of its own; a complaint counts by the mail that it carries.
    pub mails: u64,
    /// Slips in its own material, in the order of the input.
    pub slips: Vec<&'a Slip>,
    /// Links between kinds of evidence that count and hold on to it.
    pub ties: Vec<&'a Link>,
    origins: BTreeSet<&'a str>,
    values: BTreeSet<&'a str>,
    topics: BTreeMap<(&'a str, &'a str), &'a [String]>,
    holdings: Rc<Holdings<'a>>,
}

impl<'a> Ground<'a> {
    /// Gathers what belongs to each campaign, in their order.
    pub fn all(input: &AssessInput<'a>, places: &Places<'a>) -> Vec<Self> {
        let holdings = Rc::new(Holdings::new(input));
        input.campaigns.iter().map(|campaign| Self::new(&campaign.id, input, places, holdings.clone())).collect()
    }

    fn new(campaign: &'a str, input: &AssessInput<'a>, places: &Places<'a>, holdings: Rc<Holdings<'a>>) -> Self {
        let origins = input.messages.iter().filter(|message| message.campaign.as_deref() == Some(campaign));
        let mails = input.messages.iter().filter(|message| places.campaign_of(&message.at) == Some(campaign));
        let mut ground = Self {
            campaign,
            mails: mails.count() as u64,
            slips: slips_of(campaign, input.slips, places, &holdings),
            ties: Vec::new(),
            origins: origins.filter_map(|message| message.origin_ip.as_deref()).collect(),
            values: BTreeSet::new(),
            topics: input.values.iter().map(|row| ((&*row.kind, &*row.value), &*row.topics)).collect(),
            holdings,
        };
        ground.values.extend(&ground.origins);
        ground.values.extend(ground.slips.iter().map(|slip| &*slip.value));
        ground.ties = input.links.iter().filter(|link| ground.holds_link(link, places)).collect();
        ground.values.extend(ground.ties.iter().map(|link| &*link.value));
        ground
    }

    /// Whether a match with intel is about something of the campaign's own.
    ///
    /// A certificate is, if its name led to a server of the campaign's.
    pub fn holds_match(&self, hit: &IntelMatch, places: &Places<'_>) -> bool {
        self.values.contains(&*hit.value)
            || hit.address.as_deref().is_some_and(|address| self.runs(address))
            || hit.campaigns.iter().any(|campaign| campaign == self.campaign)
            || places.campaign_of(&hit.at) == Some(self.campaign)
            || self.holdings.holds_place(self.campaign, &hit.at)
            || self.holdings.holds_topics(self.topics_of(&hit.kind, &hit.value).iter().map(String::as_str))
    }

    /// Whether an address is held to be the operators' own: one that mails started
    /// from or that came to a site without cover, and not just one that ties.
    fn runs(&self, address: &str) -> bool {
        self.origins.contains(address) || self.slips.iter().any(|slip| slip.value == address)
    }

    /// What it would have cost to make the match come out as it does.
    pub fn match_cost(&self, hit: &IntelMatch, weights: &Weights) -> PlantCost {
        match hit.address {
            Some(_) => weights.plant_cost(&hit.kind, "hosting"),
            None => self.plant_cost(&hit.kind, &hit.value, weights),
        }
    }

    /// What planting this value would have cost, by the dearest place that it stands at.
    fn plant_cost(&self, kind: &str, value: &str, weights: &Weights) -> PlantCost {
        let origin = self.origins.contains(value).then(|| weights.plant_cost(kind, "origin"));
        let topics = self.topics_of(kind, value).iter().map(|topic| weights.plant_cost(kind, topic));
        let slips = self.slips.iter().filter(|slip| slip.value == value);
        let slips = slips.filter_map(|slip| PlantCost::from_word(&slip.plant_cost));
        origin.into_iter().chain(topics).chain(slips).max().unwrap_or(PlantCost::Trivial)
    }

    fn topics_of(&self, kind: &str, value: &str) -> &'a [String] {
        self.topics.get(&(kind, value)).copied().unwrap_or_default()
    }

    fn holds_link(&self, link: &Link, places: &Places<'_>) -> bool {
        let ends = [Some(&link.at), link.other_at.as_ref()];
        link.counts
            && link.to_topic != "intel"
            && (link.campaigns.iter().any(|campaign| campaign == self.campaign)
                || self.values.contains(&*link.value)
                || ends.into_iter().flatten().any(|at| {
                    places.campaign_of(at) == Some(self.campaign) || self.holdings.holds_place(self.campaign, at)
                })
                || self.holdings.holds_topics([&*link.from_topic, &*link.to_topic]))
    }
}

fn slips_of<'a>(campaign: &str, slips: &'a [Slip], places: &Places<'_>, holdings: &Holdings<'_>) -> Vec<&'a Slip> {
    let own_work = |slip: &Slip| match &*slip.detector {
        LEFT_COVER => holdings.holds_attack(campaign, slip),
        _ => holdings.holds_topics(slip.topic.as_deref()) || holdings.holds_place(campaign, &slip.at),
    };
    slips.iter().filter(|slip| own_work(slip) || places.campaign_of(&slip.at) == Some(campaign)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(at: &str, depth: u64) -> Message {
        Message { at: at.into(), depth, campaign: Some("c-1".into()), ..Message::default() }
    }

    #[test]
    fn a_complaint_carries_a_member_and_is_none() {
        let messages = [message("sha256:aa/mbox:1", 0), message("sha256:aa/mbox:1/part:2", 1), message("sha256:bb", 0)];
        let places = Places::new(&messages);
        assert_eq!(places.campaign_of("sha256:aa/mbox:1/header:Date[0]/bytes:1-4"), None);
        assert_eq!(places.campaign_of("sha256:aa/mbox:1/part:2/header:Date[0]"), Some("c-1"));
        assert_eq!(places.campaign_of("sha256:bb/part:1/bytes:3-9"), Some("c-1"));
        assert_eq!(places.carried_by(&messages[0]).map(|message| &*message.at), Some("sha256:aa/mbox:1/part:2"));
        assert!(places.carried_by(&messages[2]).is_none());
    }
}
