//! MISP events: attributes, objects and reports that may go out.
//!
//! A tag of TLP marks an event or attribute; without one the distribution that
//! its MISP gave it does, since 0 is "your organisation only" and 4 names a
//! group of recipients.

use std::io;

use model::Mark;
use serde_json::{Map, Value};

use super::{PERSON, Writer, persons};
use crate::ingest::misp_event::actors::{list, sharing};
use crate::ingest::misp_event::event_values;

const EMPTY: &str = "attribute without type or value";
const HOLLOW: &str = "object of which no attribute goes out";

/// Properties that are about the sending instance and its users.
const OF_INSTANCE: [&str; 5] =
    ["event_creator_email", "RelatedEvent", "ShadowAttribute", "RelatedAttribute", "Sighting"];

/// Writes the event, or the events as one response.
pub fn write(text: &str, to: &mut Writer<'_>) -> io::Result<()> {
    let text = text.trim_start_matches('\u{feff}');
    let json: Value = serde_json::from_str(text).unwrap_or_default();
    let events = event_values(&json);
    let single = events.first().is_some_and(|(path, _)| path.len() == 1);
    for (_, event) in &events {
        let Some(event) = event.as_object().and_then(|event| kept(event.clone(), to)) else { continue };
        let mut wrapped = Map::new();
        wrapped.insert("Event".to_owned(), Value::Object(event));
        to.member(if single { "" } else { "{\"response\":[\n" }, &Value::Object(wrapped))?;
    }
    match (to.written, single) {
        (0, _) => to.raw("{\"response\":[]}\n"),
        (_, true) => to.raw("\n"),
        (_, false) => to.raw("\n]}\n"),
    }
}

/// The event without what stays in; `None` if it stays in as a whole.
fn kept(mut event: Map<String, Value>, to: &mut Writer<'_>) -> Option<Map<String, Value>> {
    let own = mark_of(&Value::Object(event.clone()));
    let untitled = event.get("info").and_then(Value::as_str).is_none().then_some("event without a title");
    if let Some(reason) = untitled.or(to.above(own)) {
        let things = 1 + things(&Value::Object(event));
        to.tally.lose(reason, things);
        return None;
    }
    to.tally.keep(1);
    clear(&mut event, to);
    filter(&mut event, "Attribute", own, to);
    if let Some(Value::Array(objects)) = event.get_mut("Object") {
        objects.retain_mut(|object| keep_object(object, own, to));
    }
    if let Some(Value::Array(reports)) = event.get_mut("EventReport") {
        reports.retain(|report| {
            let reason = to.above(mark_of(report).max(own));
            to.tally.count(reason, 1);
            reason.is_none()
        });
    }
    Some(event)
}

fn keep_object(object: &mut Value, event: Option<Mark>, to: &mut Writer<'_>) -> bool {
    let own = mark_of(object).max(event);
    if let Some(reason) = to.above(own) {
        to.tally.lose(reason, 1 + list(object, "Attribute").count() as u64);
        return false;
    }
    let Some(object) = object.as_object_mut() else {
        to.tally.lose(HOLLOW, 1);
        return false;
    };
    clear(object, to);
    filter(object, "Attribute", own, to);
    let holds = object.get("Attribute").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    to.tally.count((!holds).then_some(HOLLOW), 1);
    holds
}

fn filter(holder: &mut Map<String, Value>, key: &str, above: Option<Mark>, to: &mut Writer<'_>) {
    let Some(Value::Array(attributes)) = holder.get_mut(key) else { return };
    attributes.retain_mut(|attribute| {
        let has = |key: &str| attribute.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        let reason = match () {
            () if !has("type") || !has("value") => Some(EMPTY),
            () if !to.names_persons() && persons::is_misp_person(attribute) => Some(PERSON),
            () => to.above(mark_of(attribute).max(above)),
        };
        to.tally.count(reason, 1);
        if let Some(attribute) = attribute.as_object_mut().filter(|_| reason.is_none()) {
            clear(attribute, to);
        }
        reason.is_none()
    });
}

/// Takes off what is the sending instance's own.
fn clear(holder: &mut Map<String, Value>, to: &mut Writer<'_>) {
    let off = OF_INSTANCE.iter().filter(|key| holder.remove(**key).is_some_and(|value| !is_empty(&value))).count();
    to.tally.trim("properties about the sending MISP and its users", off as u64);
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_str() == Some("")
}

/// Attributes, objects and reports of an event.
fn things(event: &Value) -> u64 {
    let within: usize = list(event, "Object").map(|object| 1 + list(object, "Attribute").count()).sum();
    (list(event, "Attribute").count() + within + list(event, "EventReport").count()) as u64
}

/// The mark of an event or attribute: its tag, else its distribution.
fn mark_of(holder: &Value) -> Option<Mark> {
    if let Some(word) = sharing(holder) {
        return Mark::from_word(word);
    }
    let distribution = holder.get("distribution")?;
    match distribution.as_u64().or_else(|| distribution.as_str()?.parse().ok())? {
        0 | 4 => Some(Mark::AmberStrict),
        1 | 2 => Some(Mark::Amber),
        3 => Some(Mark::Green),
        _ => None,
    }
}
