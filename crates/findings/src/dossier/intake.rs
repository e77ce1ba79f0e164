//! Rows about the case as a whole: what was handed in, declared and lost.

use serde::Deserialize;

use super::texts;

/// What `case.toml` and the custody chain say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CaseFacts {
    /// Name of the case.
    pub name: String,
    /// TLP 2.0 word.
    pub mark: String,
    /// Version of the program.
    pub tool_version: String,
    /// Hash of the last custody entry before publishing.
    pub custody_head: String,
    /// Custody entries up to that head.
    pub custody_entries: u64,
}

/// A row of `sources`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Source {
    /// Path as laid out.
    pub name: String,
    /// SHA-256, hexadecimal.
    pub evidence: String,
    /// `evidence` or `intel`.
    pub role: String,
    /// Kind of evidence by folder and content.
    pub topic: Option<String>,
    /// Format that reads it; null where none does.
    pub format: Option<String>,
    /// Size.
    pub bytes: u64,
    /// Whether the case points to the file instead of holding a copy.
    pub by_reference: bool,
}

/// Rows of `losses` with one stage and reason.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LossGroup {
    /// Stage in which they were lost.
    pub stage: String,
    /// The fixed phrase.
    pub reason: String,
    /// Items lost in all.
    pub count: u64,
    /// Detail of one of them, as an example.
    pub detail: Option<String>,
    /// Some of their places.
    #[serde(deserialize_with = "texts")]
    pub at: Vec<String>,
}

/// A row of `context_facts`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ContextFact {
    /// Kind of fact.
    pub fact: String,
    /// What it is about.
    pub subject: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// Start of its window.
    pub valid_from: Option<String>,
    /// End of its window.
    pub valid_until: Option<String>,
    /// Where it stands; none for what case.toml declares.
    pub at: Option<String>,
    /// Whether case.toml says otherwise, so that it counts for nothing.
    pub overridden: bool,
}
