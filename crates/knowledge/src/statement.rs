//! One statement of a base about one value, and the entry that it came with.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Written into every line of an extract; `evidence` reads lines that have it.
pub const VERSION: u64 = 1;

/// A frozen feed or a closed case, as statements refer to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Id in the base, made of the digests of its files.
    pub id: String,
    /// Who publishes it.
    pub source: String,
    /// When it was published, else frozen; RFC 3339, or a day.
    pub date: String,
    /// Terms under which it may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Sharing mark of what bears none of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tlp: Option<String>,
    /// Permissible actions (PAP).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pap: Option<String>,
    /// Name of the closed case, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Entries with which it has so much in common that one copies the other.
    #[serde(skip)]
    pub copies: BTreeSet<String>,
}

/// One statement; the columns of `known_values`, times as RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Index of its entry in the list that goes with it.
    pub entry: usize,
    /// Table that it was read into: `indicators`, `shared_ranges` or `tenancies`.
    pub what: String,
    /// Kind of observable.
    pub kind: String,
    /// Cleaned value.
    pub value: String,
    /// File of the feed that says so.
    pub evidence: String,
    /// Steps to the place in it.
    pub chain: String,
    /// First byte there.
    pub start: u64,
    /// Bytes.
    pub length: u64,
    /// Reference within the feed.
    pub reference: Option<String>,
    /// Actor, or who holds the range.
    pub actor: Option<String>,
    /// Reference of the actor.
    pub actor_ref: Option<String>,
    /// Who says so.
    pub source: Option<String>,
    /// Start of its window.
    pub valid_from: Option<String>,
    /// End of its window.
    pub valid_until: Option<String>,
    /// When it was made.
    pub stated: Option<String>,
    /// 0 to 100.
    pub confidence: Option<u64>,
    /// Its own sharing mark.
    pub sharing: Option<String>,
    /// Whether it was withdrawn.
    pub revoked: Option<bool>,
    /// The feed's own words; class of a shared range, word of a tenancy.
    pub description: Option<String>,
}

impl Statement {
    /// When it was made: what it says of itself, else the date of its entry.
    pub fn time<'a>(&'a self, entries: &'a [Entry]) -> &'a str {
        self.stated.as_deref().unwrap_or(entries.get(self.entry).map_or("", |entry| &entry.date))
    }

    /// Its place as a locator.
    pub fn at(&self) -> String {
        let place = model::Locator::from_columns(&self.evidence, &self.chain, self.start, self.length);
        place.map(|place| place.to_string()).unwrap_or_default()
    }

    /// The statement as one line of an extract, without its newline.
    ///
    /// `repeated_by` names the statements that only repeat it.
    pub fn line(&self, entries: &[Entry], repeated_by: &[String]) -> String {
        let entry = entries.get(self.entry).cloned().unwrap_or_default();
        let mut line = self.columns(&entry);
        let mut from = json!(entry);
        from["at"] = json!(self.at());
        line.insert("knowledge".to_owned(), json!(VERSION));
        line.insert("from".to_owned(), from);
        if !repeated_by.is_empty() {
            line.insert("repeated_by".to_owned(), json!(repeated_by));
        }
        line.retain(|_, cell| !cell.is_null());
        Value::Object(line).to_string()
    }

    fn columns(&self, entry: &Entry) -> Map<String, Value> {
        let sharing = self.sharing.as_ref().or(entry.tlp.as_ref());
        let source = self.source.as_ref().unwrap_or(&entry.source);
        let columns = json!({
            "table": self.what, "kind": self.kind, "value": self.value, "ref": self.reference,
            "actor": self.actor, "actor_ref": self.actor_ref, "source": source,
            "valid_from": self.valid_from, "valid_until": self.valid_until,
            "stated": self.time(std::slice::from_ref(entry)), "confidence": self.confidence, "sharing": sharing,
            "description": self.description,
        });
        let Value::Object(columns) = columns else { return Map::new() };
        columns
    }
}
