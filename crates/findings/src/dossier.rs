//! Everything that judging and publishing may know about a case.
//!
//! Field names are the SQL column names of `model::tables`, so a row read as a
//! JSON map deserialises as it is; times are RFC 3339 text. `at` is a locator
//! in text form. A field that a query does not give is empty, never an error.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::assess::Assessment;

mod campaign;
mod infrastructure;
mod intake;
mod screen;
mod sites;
mod social;
mod web;

pub use campaign::{CheckGroup, Exhibit, ExhibitCheck, ExhibitHop, Flow, MailGroup, Tally, Wording};
pub use infrastructure::{ActorStatement, BaseRate, Holding, NameMatch, Placement, Resolution, Settled};
pub use intake::{CaseFacts, ContextFact, LossGroup, Source};
pub use screen::{KnownMedium, Recovered, Redaction, Screen, ScreenClock, ShownSetting, Sight};
pub use sites::{WebChange, WebFlood};
pub use social::{CoordinatedAccount, SharedByAll};
pub use web::{WebAddress, WebDay, WebRead, WebSession};

/// What one case holds, as the publishing stage sees it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Dossier {
    /// The case itself.
    pub case: CaseFacts,
    /// Files handed in, evidence and intel.
    pub sources: Vec<Source>,
    /// What was not taken in, one entry per stage and reason.
    pub losses: Vec<LossGroup>,
    /// What the investigator declared.
    pub context_facts: Vec<ContextFact>,
    /// Mails, attached ones included.
    pub messages: Vec<Message>,
    /// Groups of mails held to be one operation.
    pub campaigns: Vec<Campaign>,
    /// Slips of all sources; those outside the operation's own material are not published.
    pub slips: Vec<Slip>,
    /// Values in two kinds of evidence, or in evidence and intel.
    pub links: Vec<Link>,
    /// Values that a feed names.
    pub intel_matches: Vec<IntelMatch>,
    /// Distinct values; only those of infrastructure kinds are needed.
    pub values: Vec<Value>,
    /// Networks of addresses, for the question who could settle what.
    pub address_origins: Vec<AddressOrigin>,
    /// Names of actors in the feeds.
    pub actors: Vec<ActorName>,
    /// The same, statement by statement.
    pub actor_statements: Vec<ActorStatement>,
    /// Who held addresses and names of the case.
    pub holdings: Vec<Holding>,
    /// What passive DNS saw of them, the latest first.
    pub resolutions: Vec<Resolution>,
    /// How many show the same as the case, what only feeds show left out.
    pub base_rates: Vec<BaseRate>,
    /// Where actors have addresses, and where benign ones are.
    pub placements: Vec<Placement>,
    /// Where the campaigns' own addresses stand.
    pub settled: Vec<Settled>,
    /// Names of the case that sanctions lists name too.
    pub name_matches: Vec<NameMatch>,
    /// Further dated events for the timeline.
    pub events: Vec<Event>,
    /// What was made up in a campaign's mails to look like somebody else's.
    pub masks: Vec<Mask>,
    /// Their places where they are trace lines; published where they are held to be planted.
    pub traces: Vec<Slip>,
    /// Files of the operations' own work that share values with a campaign.
    pub file_ties: Vec<FileTie>,
    /// Counts about campaigns, the largest of each kind.
    pub tallies: Vec<Tally>,
    /// Checks of their senders.
    pub check_groups: Vec<CheckGroup>,
    /// Ways that their messages took.
    pub flows: Vec<Flow>,
    /// Some of their subjects and texts.
    pub wordings: Vec<Wording>,
    /// Some of the sentences that demand, threaten or claim.
    pub sentences: Vec<Wording>,
    /// One message for each campaign, header by header.
    pub exhibits: Vec<Exhibit>,
    /// Hops of the exhibits, the topmost first.
    pub exhibit_hops: Vec<ExhibitHop>,
    /// Checks of the exhibits.
    pub exhibit_checks: Vec<ExhibitCheck>,
    /// Groups of alike mails, the largest first, as far as they are listed.
    pub mail_groups: Vec<MailGroup>,
    /// Videos and images that were read.
    pub screens: Vec<Screen>,
    /// Media that a closed case held too.
    pub known_media: Vec<KnownMedium>,
    /// Rows of text on screens that hold slips.
    pub sights: Vec<Sight>,
    /// Clocks, languages and keyboard layouts on screens.
    pub screen_settings: Vec<ShownSetting>,
    /// Time zones that follow from such clocks, and those from which none does.
    pub screen_clocks: Vec<ScreenClock>,
    /// Covered regions of screens.
    pub redactions: Vec<Redaction>,
    /// Readings of covered regions, by region, then rank.
    pub recovered: Vec<Recovered>,
    /// Attacks on web sites and walks through their records.
    pub web_sessions: Vec<WebSession>,
    /// Addresses that these came from.
    pub web_addresses: Vec<WebAddress>,
    /// Their course by day.
    pub web_days: Vec<WebDay>,
    /// Records read; only findings.json names them.
    pub web_reads: Vec<WebRead>,
    /// Stretches of time in which sites got more than their season.
    pub web_floods: Vec<WebFlood>,
    /// Pages that changed, and not by editing alone.
    pub web_changes: Vec<WebChange>,
    /// Accounts that act together, by group.
    pub coordinated: Vec<CoordinatedAccount>,
    /// What so many accounts shared that it ties nobody.
    pub shared_by_all: Vec<SharedByAll>,
    /// Rows per table, for the closing figures of the report.
    pub counts: BTreeMap<String, u64>,
    /// Kinds of question that this version does not answer, in plain words.
    pub not_examined: Vec<String>,
    /// The judgement; `assess` fills it.
    #[serde(skip)]
    pub assessment: Assessment,
}

/// Reads rows, as a query gives them, into one of the structs below; a null counts as absent.
pub fn rows<T: DeserializeOwned>(rows: Vec<Map<String, Json>>) -> Result<Vec<T>, serde_json::Error> {
    rows.into_iter()
        .map(|mut row| {
            row.retain(|_, cell| !cell.is_null());
            serde_json::from_value(Json::Object(row))
        })
        .collect()
}

/// Reads a whole dossier from JSON; a null in a row counts as absent.
pub fn from_json(mut json: Json) -> Result<Dossier, serde_json::Error> {
    if let Some(lists) = json.as_object_mut() {
        for row in lists.values_mut().filter_map(Json::as_array_mut).flatten().filter_map(Json::as_object_mut) {
            row.retain(|_, cell| !cell.is_null());
        }
    }
    serde_json::from_value(json)
}

impl Dossier {
    /// The part that a judgement may rest on.
    pub fn assess_input(&self) -> AssessInput<'_> {
        AssessInput {
            campaigns: &self.campaigns,
            messages: &self.messages,
            slips: &self.slips,
            links: &self.links,
            intel_matches: &self.intel_matches,
            values: &self.values,
            address_origins: &self.address_origins,
            actors: &self.actors,
            context_facts: &self.context_facts,
            masks: &self.masks,
            file_ties: &self.file_ties,
            web_addresses: &self.web_addresses,
            placements: &self.placements,
            settled: &self.settled,
        }
    }
}

/// The rows that `assess` weighs.
#[derive(Clone, Copy, Debug)]
pub struct AssessInput<'a> {
    /// Groups of mails held to be one operation; none means that nobody is named.
    pub campaigns: &'a [Campaign],
    /// Mails with origin and campaign.
    pub messages: &'a [Message],
    /// Slips of all sources.
    pub slips: &'a [Slip],
    /// Links of all kinds.
    pub links: &'a [Link],
    /// Matches with intel.
    pub intel_matches: &'a [IntelMatch],
    /// Distinct values with the topics that hold them.
    pub values: &'a [Value],
    /// Networks of addresses.
    pub address_origins: &'a [AddressOrigin],
    /// Names of actors.
    pub actors: &'a [ActorName],
    /// Declared facts; a missing one becomes an open question.
    pub context_facts: &'a [ContextFact],
    /// What was made up in a campaign's mails.
    pub masks: &'a [Mask],
    /// Leaks and videos that share values with campaigns.
    pub file_ties: &'a [FileTie],
    /// Addresses of attackers on sites.
    pub web_addresses: &'a [WebAddress],
    /// Where actors have addresses.
    pub placements: &'a [Placement],
    /// Where the campaigns' own addresses stand.
    pub settled: &'a [Settled],
}

/// A row of `messages`, with its origin and campaign where known.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Message {
    /// Name of the file that holds it, as laid out.
    pub file: String,
    /// Place in its mbox from 0.
    pub position: u64,
    /// 0 for a message handed in, 1 for one attached to it, and so on.
    pub depth: u64,
    /// Message-ID with angle brackets.
    pub message_id: Option<String>,
    /// Date header.
    pub date: Option<String>,
    /// Visible sender.
    pub from_address: Option<String>,
    /// Display name of the visible sender.
    pub from_name: Option<String>,
    /// Domain of the visible sender.
    pub from_domain: Option<String>,
    /// Earliest address in the part of the path that hangs together.
    pub origin_ip: Option<String>,
    /// Clock offset of the writing machine in minutes east of UTC.
    pub origin_offset_minutes: Option<i64>,
    /// What its Date header claims, where the writing machine's own clock contradicts it.
    pub masked_offset_minutes: Option<i64>,
    /// Whether the visible sender did not send it; null where nothing was checked.
    pub spoofed: Option<bool>,
    /// Id of the campaign that it belongs to or carries a member of.
    pub campaign: Option<String>,
    /// The message as a whole.
    pub at: String,
}

/// A clock that the writing machine's own contradicts, or an invented trace line.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Mask {
    /// Id of the campaign.
    pub campaign: String,
    /// `tz` or `ip`.
    pub kind: String,
    /// The address that an invented trace line names.
    pub value: Option<String>,
    /// The offset that Date headers claim, minutes east of UTC.
    pub offset_minutes: Option<i64>,
    /// Whose address it is, as a feed has it.
    pub actor: Option<String>,
    /// Messages that show it.
    pub messages: u64,
    /// One of them.
    pub at: String,
}

/// A leak or video, and a campaign whose messages hold a value of it that ties.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default)]
pub struct FileTie {
    /// The file as a locator.
    pub file: String,
    /// Id of the campaign.
    pub campaign: String,
}

/// One group of `campaign_members`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Campaign {
    /// Id that tables and products use.
    pub id: String,
    /// Display name that it goes by.
    pub label: String,
    /// Earliest date of a member.
    pub first: Option<String>,
    /// Latest date of a member.
    pub last: Option<String>,
    /// Why its members belong together.
    pub why: Option<String>,
    /// Some of its members.
    #[serde(deserialize_with = "texts")]
    pub at: Vec<String>,
}

/// A row of `slips`, with the text around it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Slip {
    /// Kind of slip.
    pub kind: String,
    /// Cleaned value.
    pub value: String,
    /// As it stands at the place.
    pub raw: String,
    /// Detector that found it.
    pub detector: String,
    /// Why it tells.
    pub why: String,
    /// `trivial`, `low` or `high`.
    pub plant_cost: String,
    /// Name of the file that holds it.
    pub file: String,
    /// Topic of that file.
    pub topic: Option<String>,
    /// Text before it; private.
    pub before: Option<String>,
    /// Text after it; private.
    pub after: Option<String>,
    /// Its place.
    pub at: String,
}

/// A row of `links`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Link {
    /// Kind of observable.
    pub kind: String,
    /// The shared value.
    pub value: String,
    /// Kind of evidence at one end.
    pub from_topic: String,
    /// Kind of evidence at the other end, or `intel`.
    pub to_topic: String,
    /// Reference of the indicator.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Actor that the feed names.
    pub actor: Option<String>,
    /// Whether it may carry weight.
    pub counts: bool,
    /// Why it counts or does not.
    pub why: String,
    /// Campaigns whose messages hold the value: a list, or ids joined by commas.
    #[serde(deserialize_with = "texts")]
    pub campaigns: Vec<String>,
    /// One end.
    pub at: String,
    /// The other end.
    pub other_at: Option<String>,
}

/// A row of `intel_matches` or `certificate_matches`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct IntelMatch {
    /// Kind of observable.
    pub kind: String,
    /// Cleaned value.
    pub value: String,
    /// Of a certificate: the address of the case that its name led to.
    pub address: Option<String>,
    /// Reference of the indicator.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Actor that the feed names.
    pub actor: Option<String>,
    /// Who says so.
    pub source: Option<String>,
    /// 0 to 100.
    pub confidence: Option<u64>,
    /// Start of the indicator's validity.
    pub valid_from: Option<String>,
    /// Its end.
    pub valid_until: Option<String>,
    /// First time the value is seen in the case.
    pub seen_from: Option<String>,
    /// Last time.
    pub seen_until: Option<String>,
    /// Whether it may carry weight.
    pub counts: bool,
    /// Why it counts or does not.
    pub why: String,
    /// Campaigns whose messages hold the value: a list, or ids joined by commas.
    #[serde(deserialize_with = "texts")]
    pub campaigns: Vec<String>,
    /// The value in the evidence.
    pub at: String,
    /// The statement in the feed.
    pub indicator_at: Option<String>,
}

/// A row of `values`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Value {
    /// Kind of observable.
    pub kind: String,
    /// Cleaned value.
    pub value: String,
    /// Topics that hold it: a list, or words joined by commas.
    #[serde(deserialize_with = "texts")]
    pub topics: Vec<String>,
    /// Earliest dated place.
    pub first_seen: Option<String>,
    /// Latest dated place.
    pub last_seen: Option<String>,
    /// First place.
    pub at: String,
}

/// A row of `address_origins`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AddressOrigin {
    /// Address.
    pub value: String,
    /// Autonomous system number.
    pub asn: Option<u64>,
    /// Its name.
    pub name: Option<String>,
    /// `vpn-exit`, `tor-exit` and the like, where many share the address.
    pub shared_class: Option<String>,
    /// Who runs a shared range that holds the address.
    pub shared_by: Option<String>,
    /// The statement.
    pub at: String,
}

/// A row of `actors`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ActorName {
    /// Main name in the feed.
    pub name: String,
    /// This name; the main name has a row too.
    pub alias: String,
    /// Who says so.
    pub source: Option<String>,
}

/// Something dated, for the timeline.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Event {
    /// When it happened.
    pub time: String,
    /// What happened, in one sentence.
    pub what: String,
    /// Where that stands.
    pub at: String,
}

/// Reads null as nothing, a text as words joined by commas, a list as it is.
fn texts<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        List(Vec<String>),
        Joined(String),
        Null,
    }
    Ok(match Texts::deserialize(from)? {
        Texts::List(list) => list,
        Texts::Joined(joined) => joined.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
        Texts::Null => Vec::new(),
    })
}
