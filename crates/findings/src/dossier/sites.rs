//! What happened to the web sites themselves: floods, crowds, changed pages.

use serde::Deserialize;

/// A row of `web_floods`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WebFlood {
    /// Folder of the site's logs.
    pub site: String,
    /// `flood`, `crowd` or `open`.
    pub grade: String,
    /// Of a flood: `volumetric` or `application`.
    pub kind: Option<String>,
    /// Start of the first span.
    pub first_seen: String,
    /// End of the last.
    pub last_seen: String,
    /// Requests.
    pub requests: u64,
    /// Requests that the season lets expect; nothing where it is not known.
    pub expected: Option<u64>,
    /// Bytes sent.
    pub bytes: Option<u64>,
    /// Distinct addresses, about.
    pub addresses: Option<u64>,
    /// Requests of the eight busiest, at least.
    pub few: Option<u64>,
    /// The path asked for most.
    pub path: Option<String>,
    /// Requests for it, at least.
    pub one_path: Option<u64>,
    /// Answers by which the server failed.
    pub failed: Option<u64>,
    /// What speaks for a flood, one a line.
    pub for_flood: Option<String>,
    /// What speaks for a crowd, one a line.
    pub for_crowd: Option<String>,
    /// What it rests on.
    pub why: String,
    /// A request of it.
    pub at: Option<String>,
}

/// A row of `web_changes`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WebChange {
    /// Folder of the site's logs.
    pub site: String,
    /// Path of the page.
    pub path: String,
    /// `suspect` or `open`.
    pub grade: String,
    /// First answer of the new size.
    pub changed: String,
    /// When it was undone.
    pub undone: Option<String>,
    /// Size before, bytes.
    pub size_before: u64,
    /// Size after, bytes.
    pub size_after: u64,
    /// Answers before.
    pub answers_before: u64,
    /// Pages that changed within the hour.
    pub together: u64,
    /// `upload` or `attack`, if one came before it.
    pub after: Option<String>,
    /// When that was.
    pub after_at: Option<String>,
    /// Id of the actor whose attack it was.
    pub actor: Option<String>,
    /// What it rests on.
    pub why: String,
    /// The first answer of the new size.
    pub at: String,
}
