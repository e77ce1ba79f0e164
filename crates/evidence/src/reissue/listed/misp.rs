//! A list as a MISP event: a value an attribute.
//!
//! What many share is not flagged for detection, and neither are names that
//! many have.

use std::io;

use knowledge::export::misp::attribute;
use serde_json::{Value, json};

use super::{NO_FORM, Said, TWICE, Writing, instant};

/// Kinds that find something where they are looked for.
const DETECTS: [&str; 7] = ["ip", "domain", "url", "md5", "sha1", "sha256", "sha512"];

/// Writes what is said of one value; gives why it cannot be said.
pub fn put(list: &mut Writing<'_>, said: &Said<'_>) -> io::Result<Option<&'static str>> {
    let Some((category, kind)) = attribute(said.kind) else { return Ok(Some(NO_FORM)) };
    let from = said.valid_from.map_or_else(String::new, |from| from.to_string());
    let name = [category, kind, said.value, said.actor.unwrap_or(""), said.source.unwrap_or(""), &from].join("|");
    let uuid = list.id("attribute", &name);
    if !list.is_new(&uuid) {
        return Ok(Some(TWICE));
    }
    let mut tags = vec![format!("tlp:{}", list.mark_of(said).word())];
    tags.extend(said.actor.map(|actor| format!("misp-galaxy:threat-actor=\"{}\"", actor.replace('"', "'"))));
    let mut object = json!({
        "uuid": uuid, "category": category, "type": kind, "value": said.value, "comment": comment(list, said),
        "to_ids": DETECTS.contains(&said.kind) && said.shared_by.is_none(), "distribution": "5",
        "Tag": tags.iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
    });
    let stated = said.stated.map(|stated| json!(stated.div_euclid(1_000_000).to_string()));
    let window = [
        ("first_seen", said.valid_from.and_then(instant).map(Value::from)),
        ("last_seen", list.until(said).and_then(instant).map(Value::from)),
        ("timestamp", stated),
    ];
    for (key, value) in window {
        if let Some(value) = value {
            object[key] = value;
        }
    }
    list.to.member("", &object)?;
    Ok(None)
}

/// What the list says of the value, how sure it is, who of it says so, and where.
fn comment(list: &mut Writing<'_>, said: &Said<'_>) -> String {
    let parts = [
        said.shared_by.map(|class| format!("shared by many ({class})")),
        said.description.map(str::to_owned),
        said.confidence.map(|percent| format!("confidence {percent} of 100")),
        list.source_of(said).map(|source| format!("source: {source}")),
        Some(said.at.clone()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Writes the rest of the event.
pub fn close(list: &mut Writing<'_>) -> io::Result<()> {
    let as_of = list.list.about.as_of.clone();
    let date = list.last.and_then(instant).unwrap_or(as_of);
    let mut tags = vec![json!({"name": format!("tlp:{}", list.to.mark.word())})];
    tags.extend(list.list.about.pap.as_ref().map(|pap| json!({"name": pap})));
    let rest = json!({
        "Tag": tags, "analysis": "2", "date": date.get(..10).unwrap_or("1970-01-01"), "distribution": "0",
        "info": format!("List: {}", list.publisher()), "published": false, "threat_level_id": "4",
        "uuid": list.id("event", list.to.mark.word()),
    });
    let rest = rest.to_string();
    list.to.raw(&format!("\n],{}}}\n", rest.strip_prefix('{').unwrap_or("")))
}
