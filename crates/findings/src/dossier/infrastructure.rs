//! Who held what when, how many show the same, and what feeds say of actors.

use serde::Deserialize;

/// A row of `tenancies` about an address or name of the case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Holding {
    /// Address or name of the case.
    pub value: String,
    /// Address, range or name that the statement is about.
    pub range: String,
    /// `ip`, `cidr` or `domain`.
    pub kind: String,
    /// Who held it, as stated.
    pub holder: Option<String>,
    /// `registration`, `assignment` or `lease`.
    pub statement: String,
    /// Start.
    pub held_from: Option<String>,
    /// End; null while open.
    pub held_until: Option<String>,
    /// Who says so.
    pub source: Option<String>,
    /// The statement.
    pub at: String,
}

/// A record of passive DNS about an address or name of the case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Resolution {
    /// Address or name of the case.
    pub value: String,
    /// The name that led to it, or the address that it led to.
    pub other: String,
    /// First time seen.
    pub first_seen: Option<String>,
    /// Last time seen.
    pub last_seen: Option<String>,
    /// Names or addresses of that value in all, of which a few are given.
    pub others: u64,
    /// The record.
    pub at: String,
}

/// Rows of `actors` that say the same by the same party.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ActorStatement {
    /// Main name in the feed.
    pub name: String,
    /// This name.
    pub alias: String,
    /// Country that the feed ties it to, as spelled there.
    pub country: Option<String>,
    /// Who says so.
    pub source: Option<String>,
    /// When it was said last.
    pub stated: Option<String>,
    /// How often it was said.
    pub times: u64,
    /// One of the statements.
    pub at: String,
}

/// A row of `base_rates`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct BaseRate {
    /// Kind of match.
    pub kind: String,
    /// Its value.
    pub value: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Actors that show it; null where no feed speaks of it.
    pub actors: Option<u64>,
    /// Actors that are known.
    pub of_actors: Option<u64>,
    /// Benign things that show it.
    pub benign: Option<u64>,
    /// Benign things that were looked at.
    pub of_benign: Option<u64>,
    /// What these are.
    pub benign_things: Option<String>,
}

/// A row of `placements`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Placement {
    /// `asn` or `provider`.
    pub kind: String,
    /// Network or provider; null for everywhere else.
    pub value: Option<String>,
    /// Names under which feeds give the addresses, joined by bars; null for what is benign.
    pub actor: Option<String>,
    /// Addresses there.
    pub addresses: u64,
}

/// Where an address stands from which mails of a campaign came.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Settled {
    /// Campaign.
    pub campaign: String,
    /// `asn`, or `provider` for an address that many share.
    pub kind: String,
    /// Network or provider.
    pub value: String,
    /// The address.
    pub address: String,
    /// A mail that came from it.
    pub at: String,
}

/// Rows of `name_matches` about one party in one role.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NameMatch {
    /// As the case spells it; a person's name, it may be.
    pub name: String,
    /// `sender`, `slip` or `holder`.
    pub role: String,
    /// Reference of the party; null for a name like those of many.
    pub reference: Option<String>,
    /// What kind of party it is.
    pub party: Option<String>,
    /// The list's spelling.
    pub listed_name: Option<String>,
    /// Who says so.
    pub source: Option<String>,
    /// When.
    pub stated: Option<String>,
    /// Thousandths.
    pub likeness: Option<u64>,
    /// Whether there is a second identifier.
    pub counts: bool,
    /// Why, without names.
    pub why: String,
    /// Where the case spells it.
    pub at: String,
    /// The statement of the list.
    pub listed_at: Option<String>,
    /// The second identifier in the case.
    pub second_at: Option<String>,
}
