//! Campaigns of mail close up: counts, checks, paths, and a few of their texts.

use serde::Deserialize;

use super::texts;

/// How many messages of a campaign share something.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// Id of the campaign.
    pub campaign: String,
    /// What is counted: `reason`, `persona`, `envelope`, `habit`, `recipient` and so on.
    pub about: String,
    /// Which of that kind, such as the name of a habit.
    pub name: Option<String>,
    /// What they share.
    pub value: String,
    /// More about the value.
    pub note: Option<String>,
    /// Messages that share it; recipients, for `recipient`.
    pub messages: u64,
    /// Different values of this name in all, listed or not.
    pub kinds: u64,
    /// One of the messages.
    pub at: String,
}

/// Messages of a campaign whose sender was checked with the same result.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CheckGroup {
    /// Id of the campaign.
    pub campaign: String,
    /// `declared`, or `snapshot` for our own.
    pub source: String,
    /// spf, dkim, arc or dmarc.
    pub method: String,
    /// As RFC 8601 has it, or `unknown`.
    pub result: String,
    /// Domain that the result speaks for.
    pub domain: Option<String>,
    /// Whether that is the visible sender's; null where it cannot be told.
    pub aligned: Option<bool>,
    /// What decided, for one of them.
    pub why: Option<String>,
    /// Messages.
    pub messages: u64,
    /// One of the checks.
    pub at: String,
}

/// Messages of a campaign that took the same way.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Flow {
    /// Id of the campaign.
    pub campaign: String,
    /// Earliest address of the part of the path that hangs together.
    pub origin_ip: Option<String>,
    /// Address that handed the message to the receiving host.
    pub relay_ip: Option<String>,
    /// Its name.
    pub relay_host: Option<String>,
    /// Whether a program on that host wrote the message.
    pub by_program: bool,
    /// Whether that host is the receiving side's own, by its name or since its address is not routed.
    pub inside: bool,
    /// The receiving host.
    pub receiver: Option<String>,
    /// Messages.
    pub messages: u64,
    /// The hop at the receiving host, of one of them.
    pub at: String,
}

/// What one message says; private.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wording {
    /// Id of the campaign.
    pub campaign: String,
    /// Group of alike texts, null where it is in none.
    pub text_group: Option<String>,
    /// `subject`, a media type, or for one sentence: demand, deadline, threat or claim.
    pub kind: String,
    /// The words.
    pub text: String,
    /// Addresses that the message went to.
    #[serde(deserialize_with = "texts")]
    pub recipients: Vec<String>,
    /// Where they stand.
    pub at: String,
}

/// The header block of one message that stands for its campaign; private.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Exhibit {
    /// Id of the campaign; empty for a message that was asked for by its place.
    pub campaign: String,
    /// As found, with its line ends.
    pub header: String,
    /// Subject, decoded.
    pub subject: Option<String>,
    /// Addresses that it went to.
    #[serde(deserialize_with = "texts")]
    pub recipients: Vec<String>,
    /// What is held of its origin.
    pub why: Option<String>,
    /// The message as a whole.
    pub at: String,
}

/// One hop of an exhibit.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExhibitHop {
    /// Place of the message.
    pub mail: String,
    /// 0 is the topmost.
    pub position: u64,
    /// Name that the sending side gave.
    pub helo: Option<String>,
    /// Name that the receiving side looked up.
    pub from_host: Option<String>,
    /// Address of the sending side.
    pub from_ip: Option<String>,
    /// Receiving host.
    pub by_host: Option<String>,
    /// Time stamp.
    pub date: Option<String>,
    /// Its offset, minutes east of UTC.
    pub date_offset_minutes: Option<i64>,
    /// Seconds since the hop below.
    pub seconds_since_below: Option<i64>,
    /// delivery, reception, whole or claim.
    pub standing: String,
    /// Signs that it was invented.
    pub doubts: Option<String>,
    /// The header.
    pub at: String,
}

/// One check of an exhibit.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExhibitCheck {
    /// Place of the message.
    pub mail: String,
    /// `declared`, or `snapshot` for our own.
    pub source: String,
    /// spf, dkim, arc or dmarc.
    pub method: String,
    /// As RFC 8601 has it, or `unknown`.
    pub result: String,
    /// Domain that the result speaks for.
    pub domain: Option<String>,
    /// Whether that is the visible sender's.
    pub aligned: Option<bool>,
    /// What decided.
    pub why: Option<String>,
    /// The header that it rests on.
    pub at: String,
}

/// A group of mails that say the same.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MailGroup {
    /// Id of the group.
    pub text_group: String,
    /// campaign, bulk, correspondence, uncovered or unexplained.
    pub kind: String,
    /// Different messages.
    pub messages: u64,
    /// Registered domains of their senders.
    pub domains: u64,
    /// First Date header.
    pub first_sent: Option<String>,
    /// Last Date header.
    pub last_sent: Option<String>,
    /// Counts that the kind rests on.
    pub why: String,
    /// Its first message.
    pub at: String,
}
