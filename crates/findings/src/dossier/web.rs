//! What happened on the web sites: sessions, addresses, days, records read.

use serde::Deserialize;

use super::texts;

/// A row of `web_sessions`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WebSession {
    /// Folder of the site's logs.
    pub site: String,
    /// Id of the actor, the same on all sites.
    pub actor: String,
    /// `scan`, `exploit` or `scrape`.
    pub phase: String,
    /// Whether these are the requests without cover.
    pub slip: bool,
    /// Addresses.
    #[serde(deserialize_with = "texts")]
    pub clients: Vec<String>,
    /// Requests.
    pub requests: u64,
    /// First of them.
    pub first_seen: String,
    /// Last of them.
    pub last_seen: String,
    /// Agents, one a line.
    pub user_agents: String,
    /// What was tried.
    #[serde(deserialize_with = "texts")]
    pub classes: Vec<String>,
    /// ATT&CK techniques.
    #[serde(deserialize_with = "texts")]
    pub techniques: Vec<String>,
    /// Distinct records read.
    pub records: u64,
    /// Distinct identifiers without a record.
    pub misses: u64,
    /// Requests refused or failed.
    pub refused: u64,
    /// Identifiers that the logs lack lines for.
    pub missing: u64,
    /// Records read with the missing counted in, lower bound.
    pub records_low: u64,
    /// The upper bound.
    pub records_high: u64,
    /// What it rests on.
    pub why: String,
    /// The first request.
    pub at: String,
}

/// A row of `web_addresses`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WebAddress {
    /// Id of the actor.
    pub actor: String,
    /// The address.
    pub value: String,
    /// Requests of the actor from it.
    pub requests: u64,
    /// First of them.
    pub first_seen: String,
    /// Last of them.
    pub last_seen: String,
    /// Name of its network.
    pub network: Option<String>,
    /// Class of a shared range that holds it.
    pub shared_class: Option<String>,
    /// Who runs that range.
    pub shared_by: Option<String>,
    /// Who rented it at the time, as a provider states.
    pub held_by: Option<String>,
    /// Whether it is held to be a slip.
    pub slip: bool,
    /// Why so.
    pub why: String,
    /// The first request.
    pub at: String,
}

/// A row of `web_days`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WebDay {
    /// Folder of the site's logs.
    pub site: String,
    /// Id of the actor.
    pub actor: String,
    /// `scan`, `exploit` or `scrape`.
    pub phase: String,
    /// Start of the day, UTC.
    pub day: String,
    /// Requests.
    pub requests: u64,
    /// Records read for the first time.
    pub records: u64,
}

/// A row of `web_reads`; it names a person's record, and stays in the case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WebRead {
    /// Folder of the site's logs.
    pub site: String,
    /// Id of the actor.
    pub actor: String,
    /// Identifier as in the request.
    pub record: String,
    /// First successful request for it.
    pub first_read: String,
    /// Last of them.
    pub last_read: String,
    /// The first successful request for it.
    pub at: String,
}
