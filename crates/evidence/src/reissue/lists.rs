//! Galaxies and warninglists: a document with a head and one long list.

use std::io;

use serde_json::{Map, Value};

use super::{PERSON, Writer};
use crate::ingest::json_document::{elements, members};

/// What a document of that kind is made of.
pub struct Kind {
    /// Property that holds the list.
    list: &'static str,
    /// Why a member cannot go out, whatever the mark.
    unfit: fn(&Value) -> Option<&'static str>,
    /// Whether a member is a person's.
    is_person: fn(&Value) -> bool,
}

/// A MISP galaxy: clusters.
pub const GALAXY: Kind = Kind {
    list: "values",
    unfit: |cluster| {
        let named = cluster.get("value").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
        (!named).then_some("cluster without a value")
    },
    is_person: |_| false,
};

/// A MISP warninglist: entries, of which a mail address is a person's.
pub const WARNINGLIST: Kind = Kind {
    list: "list",
    unfit: |entry| (!entry.is_string()).then_some("entry that is no text"),
    is_person: |entry| {
        entry.as_str().is_some_and(|text| text.split_once('@').is_some_and(|(local, _)| !local.is_empty()))
    },
};

/// Writes the document, its list last.
pub fn write(text: &str, kind: &Kind, to: &mut Writer<'_>) -> io::Result<()> {
    let mut head = Map::new();
    let _ = members(text.as_bytes(), &mut |key, raw| {
        if key != kind.list
            && let Ok(value) = serde_json::from_str(raw.get())
        {
            head.insert(key.to_owned(), value);
        }
    });
    let mut opens = serde_json::to_string(&head).map_err(io::Error::other)?;
    opens.pop();
    let comma = if head.is_empty() { "" } else { "," };
    to.raw(&format!("{opens}{comma}\"{}\":[\n", kind.list))?;
    // Galaxies and warninglists carry no marks; the list as a whole is unmarked.
    let above = to.above(None);
    let mut outcome = Ok(());
    let _ = elements(text.as_bytes(), &[kind.list], &mut |_, raw| {
        if outcome.is_err() {
            return;
        }
        let member: Value = serde_json::from_str(raw.get()).unwrap_or_default();
        let personal = !to.names_persons() && (kind.is_person)(&member);
        let reason = (kind.unfit)(&member).or(above).or(personal.then_some(PERSON));
        to.tally.count(reason, 1);
        if reason.is_none() {
            outcome = to.member("", &member);
        }
    });
    outcome?;
    to.raw("\n]}\n")
}
