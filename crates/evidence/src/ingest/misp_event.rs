//! MISP events: attributes and objects as indicators, with the actor named.

use std::collections::BTreeMap;
use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Cell, Entry, Format, Loss, Out, Reading, Step, address, tables};
use serde_json::Value;

pub mod actors;
mod kinds;

use super::imported_object::ImportedObject;
use super::indicator::{self, Statement};
use super::json_document::{self, Outline};
use super::{instant, whole};
use actors::{Named, list};

/// MISP events.
pub struct MispEvent;

impl Format for MispEvent {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "misp-event",
            summary: "MISP events as JSON",
            doc: "What it reads: `{\"Event\": ...}`, a list of these, or a `response` that holds them.\n\nWhat it \
                  gives: one indicator row for each value of each attribute (those of objects too) and each actor; \
                  the reference is the attribute's uuid. The actor comes from the attribute's own galaxy or tags, \
                  else the event's, else from the part of the title before a colon if that reads like a name: the \
                  description says which. Synonyms of clusters and \"also called NAME\" in texts are actor rows. \
                  Warnings that a MISP attached to an attribute are warning rows.\n\nValidity: first_seen to \
                  last_seen; deleted attributes are kept as revoked.\n\nLimits: attribute types that name no \
                  observable (links to reports, registry keys, rules) are losses, counted by type.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let outline = Outline::of(head);
        [&["Event"][..], &["response", "Event"], &["response", "*", "Event"], &["*", "Event"]].iter().any(|path| {
            ["info", "uuid", "Attribute", "Orgc"].iter().any(|key| {
                let mut path = path.to_vec();
                path.push(key);
                outline.has(&path)
            })
        })
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        match serde_json::from_str::<Value>(whole.text.trim_start_matches('\u{feff}')) {
            Ok(json) if out.wants_rows() => events(&json, &whole.chain, reading.name, out),
            Ok(_) => {}
            // What stands before the break is still looked through for values.
            Err(_) => json_document::texts(&whole, &mut |_| Some(false), out),
        }
        Ok(())
    }
}

fn events(json: &Value, chain: &str, name: &str, out: &mut dyn Out) {
    let label = name.rsplit('/').next().unwrap_or("");
    for (path, value) in event_values(json) {
        Event::new(value, path, chain, label).rows(out);
    }
}

/// The events of a document, each with its path.
pub fn event_values(json: &Value) -> Vec<(Vec<String>, &Value)> {
    let mut found: Vec<(Vec<String>, &Value)> = Vec::new();
    let mut front = vec![(Vec::new(), json)];
    while let Some((path, value)) = front.pop() {
        let below = |token: String| path.iter().cloned().chain([token]).collect::<Vec<_>>();
        match value {
            Value::Array(items) if path.len() < 3 => {
                front.extend(items.iter().enumerate().rev().map(|(n, item)| (below(n.to_string()), item)));
            }
            Value::Object(map) => match (map.get("Event"), map.get("response")) {
                (Some(event), _) => found.push((below("Event".to_owned()), event)),
                (None, Some(response)) => front.push((below("response".to_owned()), response)),
                (None, None) => {}
            },
            _ => {}
        }
    }
    found
}

/// Whether an attribute is about a person: its type says so, or what it names
/// is an address, an account or a number of one.
pub fn names_person(kind: &str, value: &str, comment: &str) -> bool {
    use model::ObservableKind::{Email, Phone, Username};
    kinds::is_of_person(kind)
        || kinds::named(kind, value, comment).iter().any(|(kind, ..)| matches!(kind, Email | Phone | Username))
}

struct Event<'v> {
    value: &'v Value,
    path: Vec<String>,
    chain: &'v str,
    source: &'v str,
    actors: Vec<Named>,
    sharing: Option<&'static str>,
}

impl<'v> Event<'v> {
    fn new(value: &'v Value, path: Vec<String>, chain: &'v str, label: &'v str) -> Self {
        let organisation = ["/Orgc/name", "/Org/name"].iter().find_map(|path| value.pointer(path)?.as_str());
        let mut actors = actors::of(value);
        if actors.is_empty() {
            actors.extend(value.get("info").and_then(Value::as_str).and_then(actors::of_title));
        }
        let sharing = actors::sharing(value);
        Self { value, path, chain, source: organisation.unwrap_or(label), actors, sharing }
    }

    fn rows(&self, out: &mut dyn Out) {
        let mut unread: BTreeMap<String, u64> = BTreeMap::new();
        self.object_row(out);
        self.actor_names(out);
        for (n, attribute) in list(self.value, "Attribute").enumerate() {
            self.attribute(attribute, &["Attribute", &n.to_string()], &mut unread, out);
        }
        for (o, object) in list(self.value, "Object").enumerate() {
            for (n, attribute) in list(object, "Attribute").enumerate() {
                let place = ["Object", &o.to_string(), "Attribute", &n.to_string()];
                self.attribute(attribute, &place, &mut unread, out);
            }
        }
        let at = self.place(&[]);
        for (kind, count) in &unread {
            let loss = Loss { reason: "attribute type names no observable", count: *count, detail: kind };
            out.loss(At::whole(&at), loss);
        }
    }

    fn place(&self, tokens: &[&str]) -> String {
        let path = self.path.iter().cloned().chain(tokens.iter().map(ToString::to_string)).collect();
        extend_chain(self.chain, &Step::Json(path))
    }

    fn object_row(&self, out: &mut dyn Out) {
        let text = |key: &str| self.value.get(key).and_then(Value::as_str);
        let object = ImportedObject {
            standard: "misp-event",
            kind: "event",
            reference: text("uuid"),
            name: text("info"),
            stated: self.stated(),
            sharing: self.sharing,
            ..ImportedObject::default()
        };
        object.put(At::whole(&self.place(&[])), out);
    }

    fn stated(&self) -> Option<i64> {
        let time = |key: &str| self.value.get(key).and_then(instant::micros_of);
        time("timestamp").or_else(|| time("date"))
    }

    fn actor_names(&self, out: &mut dyn Out) {
        for actor in &self.actors {
            self.actor_row(actor, &actor.name, &actor.path, out);
            for (alias, path) in &actor.synonyms {
                self.actor_row(actor, alias, path, out);
            }
        }
    }

    fn actor_row(&self, actor: &Named, alias: &str, path: &[String], out: &mut dyn Out) {
        let tokens: Vec<&str> = path.iter().map(String::as_str).collect();
        self.alias(actor, alias, At::whole(&self.place(&tokens)), out);
    }

    fn alias(&self, actor: &Named, alias: &str, at: At<'_>, out: &mut dyn Out) {
        let reference = self.value.get("uuid").and_then(Value::as_str);
        let cells = [
            reference.into(),
            (&actor.name).into(),
            alias.into(),
            actor.country.as_deref().into(),
            self.source.into(),
            self.stated().map_or(Cell::Null, Cell::Time),
        ];
        out.row(&tables::ACTORS, at, &cells);
    }

    fn attribute(&self, value: &Value, place: &[&str], unread: &mut BTreeMap<String, u64>, out: &mut dyn Out) {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let (kind, raw) = (text("type").unwrap_or(""), text("value").unwrap_or(""));
        let tokens: Vec<&str> = place.iter().copied().chain(["value"]).collect();
        let chain = self.place(&tokens);
        let named = kinds::named(kind, raw, text("comment").unwrap_or(""));
        for actor in actors::of(value) {
            let path = place.iter().map(ToString::to_string).chain(actor.path.iter().cloned()).collect::<Vec<_>>();
            self.actor_row(&actor, &actor.name, &path, out);
        }
        let names_others = matches!(kind, "text" | "comment") && self.other_names(raw, &chain, out);
        if named.is_empty() && !names_others {
            *unread.entry(kind.chars().take(40).collect()).or_default() += 1;
        }
        for (kind, cleaned, start, end) in named {
            let at = At { chain: &chain, start: start as u64, length: (end - start) as u64 };
            self.statements(value, &mut |said| indicator::put(out, at, kind, &cleaned, said));
        }
        self.warnings(value, place, out);
    }

    fn other_names(&self, text: &str, chain: &str, out: &mut dyn Out) -> bool {
        let names = actors::also_called(text);
        // With several actors in one event it is open which of them is meant.
        if let [actor] = self.actors.as_slice() {
            for (alias, start, end) in &names {
                let at = At { chain, start: *start as u64, length: (end - start) as u64 };
                self.alias(actor, alias, at, out);
            }
        }
        !names.is_empty()
    }

    fn statements(&self, attribute: &Value, show: &mut dyn FnMut(&Statement<'_>)) {
        let text = |key: &str| attribute.get(key).and_then(Value::as_str);
        let time = |key: &str| attribute.get(key).and_then(instant::micros_of);
        let own = actors::of(attribute);
        let actors = if own.is_empty() { &self.actors } else { &own };
        let deleted = matches!(attribute.get("deleted"), Some(Value::Bool(true)))
            || matches!(attribute.get("deleted").and_then(Value::as_u64), Some(1));
        let said = Statement {
            reference: text("uuid").unwrap_or(""),
            source: Some(self.source),
            valid_from: time("first_seen"),
            valid_until: time("last_seen"),
            stated: time("timestamp").or_else(|| self.stated()),
            sharing: actors::sharing(attribute).or(self.sharing),
            revoked: deleted,
            ..Statement::default()
        };
        if actors.is_empty() {
            let description = describe(self.value, attribute, None);
            show(&Statement { description: Some(&description), ..said.clone() });
        }
        for actor in actors {
            let description = describe(self.value, attribute, Some(actor));
            show(&Statement { actor: Some(&actor.name), description: Some(&description), ..said.clone() });
        }
    }

    /// Warnings that the sending MISP attached, under the list that it names.
    fn warnings(&self, attribute: &Value, place: &[&str], out: &mut dyn Out) {
        for (n, warning) in list(attribute, "warnings").enumerate() {
            let text = |key: &str| warning.get(key).and_then(Value::as_str);
            let Some(entry) = text("match") else { continue };
            let list = text("name").or_else(|| text("warninglist_name")).unwrap_or("MISP warning");
            let keys = address::range_keys(entry);
            let kind = if keys.is_some() { "cidr" } else { "string" };
            let (first, last) = keys.unzip();
            let number = n.to_string();
            let tokens: Vec<&str> = place.iter().copied().chain(["warnings", &number, "match"]).collect();
            let cells = [list.into(), kind.into(), entry.into(), first.as_deref().into(), last.as_deref().into()];
            out.row(&tables::WARNINGS, At::whole(&self.place(&tokens)), &cells);
        }
    }
}

fn describe(event: &Value, attribute: &Value, actor: Option<&Named>) -> String {
    let text = |holder: &Value, key: &str| holder.get(key).and_then(Value::as_str).unwrap_or("").trim().to_owned();
    let mut words = vec![text(attribute, "comment"), text(event, "info")];
    if attribute.get("to_ids") == Some(&Value::Bool(false)) {
        words.push("not for detection (to_ids false)".to_owned());
    }
    let warned: Vec<String> = list(attribute, "warnings").map(|warning| text(warning, "name")).collect();
    if !warned.is_empty() {
        words.push(format!("warned of by the feed: {}", warned.join(", ")));
    }
    if let Some(actor) = actor {
        words.push(format!("actor by {}", actor.how));
    }
    words.retain(|word| !word.is_empty());
    words.join("; ")
}
