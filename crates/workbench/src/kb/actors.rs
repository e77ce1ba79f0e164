//! The other names of actors that an extract names.
//!
//! Two feeds may call one actor by two names. Whether they do is for judging to
//! weigh, so each entry's statements of names go along, as statements.

use std::collections::BTreeSet;

use knowledge::Entry;
use serde_json::{Map, Value, json};

use super::Base;
use super::add::one_thread;
use crate::error::Trouble;

/// Names that are asked for at once.
const NAMES: usize = 500;

/// Lines with every name that an entry gives to one of the actors.
pub fn lines(base: &Base, entries: &[Entry], actors: &BTreeSet<String>) -> Result<Vec<String>, Trouble> {
    let actors: Vec<String> =
        actors.iter().map(|actor| format!("'{}'", actor.to_lowercase().replace('\'', "''"))).collect();
    let mut lines = BTreeSet::new();
    for held in &base.entries {
        let Some(entry) = entries.iter().find(|entry| entry.id == held.about.id) else { continue };
        for names in actors.chunks(NAMES) {
            let session = held.case.session(one_thread())?;
            for row in session.rows(&query(&names.join(", ")))? {
                lines.insert(line(row, entry));
            }
        }
    }
    Ok(lines.into_iter().collect())
}

fn query(names: &str) -> String {
    format!(
        "SELECT DISTINCT a.name AS actor, a.alias AS value, a.actor_ref, a.country, a.source, a.stated, \
         locator(a.evidence, a.chain, a.start, a.length) AS at \
         FROM actors a \
         JOIN (SELECT DISTINCT name FROM actors WHERE lower(alias) IN ({names}) OR lower(name) IN ({names})) n \
            ON n.name = a.name \
         ORDER BY actor, value, at"
    )
}

fn line(mut row: Map<String, Value>, entry: &Entry) -> String {
    let mut from = json!(entry);
    from["at"] = row.remove("at").unwrap_or_default();
    row.retain(|_, cell| !cell.is_null());
    row.insert("knowledge".to_owned(), json!(1));
    row.insert("table".to_owned(), json!("actors"));
    row.insert("from".to_owned(), from);
    Value::Object(row).to_string()
}
