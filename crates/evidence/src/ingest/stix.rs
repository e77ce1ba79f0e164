//! STIX 2.0 and 2.1 bundles: indicators, actors, and how they hang together.
//!
//! Objects are parsed one by one, so that a broken one costs itself alone and a
//! bundle of 50 MB needs little more than its own size. Places point into the
//! pattern text: chain `json:objects:12:pattern`, offsets within the string.

use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Cell, Entry, Format, Loss, ObservableKind as Kind, Out, Reading, Step, tables};
use serde_json::Value;

pub mod graph;
mod objects;
pub mod pattern;

use super::indicator::{self, Statement};
use super::json_document::{Outline, broken, elements};
use super::{instant, whole};
use graph::{Graph, Object};
use objects::Imported;

/// STIX bundles.
pub struct Stix;

impl Format for Stix {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "stix",
            summary: "a STIX 2.0 or 2.1 bundle, or a bare list of its objects",
            doc: "What it reads: JSON with `type: bundle`, or a list of objects with STIX ids.\n\nWhat it gives: one \
                  indicator row for each value that a pattern names by equality and each actor that the bundle leads \
                  to from there (indicates, attributed-to, consists-of, uses of infrastructure; not over malware or \
                  tools, which many share); cyber-observable objects likewise; actor rows for every name and alias of \
                  intrusion sets and threat actors, and of the identities they are attributed to; one row for each \
                  object and version of whatever type.\n\nVersions: the latest `modified` of an id counts, older \
                  ones are a loss with their number.\n\nLimits: patterns in other languages and comparisons other \
                  than equality are losses.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let outline = Outline::of(head);
        let is_id = |id: &str| id.split_once("--").is_some_and(|(_, uuid)| uuid.len() == 36);
        outline.text(&["type"]) == Some("bundle")
            || [&["objects", "*", "id"][..], &["*", "id"]].iter().any(|path| outline.text(path).is_some_and(is_id))
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_rows() {
            let label = reading.name.rsplit('/').next().unwrap_or("");
            Bundle::gather(&whole, out).rows(label, out);
        }
        Ok(())
    }
}

struct Bundle<'w> {
    whole: &'w whole::Whole,
    in_bundle: bool,
    graph: Graph,
}

impl<'w> Bundle<'w> {
    fn gather(whole: &'w whole::Whole, out: &mut dyn Out) -> Self {
        let in_bundle = !whole.text.trim_start_matches('\u{feff}').trim_start().starts_with('[');
        let mut bundle = Self { whole, in_bundle, graph: Graph::default() };
        let (mut imported, mut strange) = (Imported::default(), 0);
        let path: &[&str] = if in_bundle { &["objects"] } else { &[] };
        let outcome = elements(whole.text.as_bytes(), path, &mut |index, raw| match parse(index, raw.get()) {
            Some(object) => {
                imported.push(&object);
                if is_read(&object.kind) {
                    bundle.graph.add(object);
                }
            }
            None => strange += 1,
        });
        if let Err(error) = outcome {
            broken(&whole.chain, &error, out);
        }
        if strange > 0 {
            let loss = Loss { reason: "no STIX object", count: strange, detail: "" };
            out.loss(At::whole(&whole.chain), loss);
        }
        imported.rows(&bundle, out);
        if bundle.graph.superseded > 0 {
            let loss = Loss { reason: "superseded by a later version", count: bundle.graph.superseded, detail: "STIX" };
            out.loss(At::whole(&whole.chain), loss);
        }
        bundle
    }

    fn rows(&self, label: &str, out: &mut dyn Out) {
        for object in &self.graph.objects {
            match object.kind.as_str() {
                "indicator" => self.indicator(object, label, out),
                "intrusion-set" | "threat-actor" => self.actor(object, label, out),
                "observed-data" => self.observed(object, label, out),
                _ => self.observable(object, &object.value, &[], label, out),
            }
        }
    }

    fn chain(&self, object: &Object, tokens: &[&str]) -> String {
        self.place(object.index, tokens)
    }

    fn place(&self, index: Option<usize>, tokens: &[&str]) -> String {
        let mut path = Vec::new();
        if self.in_bundle {
            path.push("objects".to_owned());
        }
        path.extend(index.map(|index| index.to_string()));
        path.extend(tokens.iter().map(ToString::to_string));
        extend_chain(&self.whole.chain, &Step::Json(path))
    }

    fn source<'a>(&'a self, object: &'a Object, label: &'a str) -> &'a str {
        let by = object.text("created_by_ref");
        by.and_then(|id| self.graph.name(id)).or(by).unwrap_or(label)
    }

    fn indicator(&self, object: &Object, label: &str, out: &mut dyn Out) {
        let chain = self.chain(object, &["pattern"]);
        let language = object.text("pattern_type").unwrap_or("stix");
        let Some(text) = object.text("pattern").filter(|_| language == "stix") else {
            let detail = if language == "stix" { "no pattern" } else { language };
            let loss = Loss { reason: "pattern language is not read", count: 1, detail };
            return out.loss(At::whole(&self.chain(object, &[])), loss);
        };
        let (named, unread) = pattern::comparisons(text);
        let mut unfit = unread;
        for one in &named {
            let at = At { chain: &chain, start: one.place.start as u64, length: one.place.len() as u64 };
            match value_of(&one.path, &one.value) {
                Some((kind, value)) => self.statements(object, label, &mut |said| {
                    indicator::put(out, at, kind, &value, said);
                }),
                None => unfit += 1,
            }
        }
        if unfit > 0 {
            out.loss(At::whole(&chain), Loss { reason: "pattern not understood", count: unfit, detail: "" });
        }
    }

    /// Shows one statement for each actor that `object` leads to, or one without.
    fn statements(&self, object: &Object, label: &str, show: &mut dyn FnMut(&Statement<'_>)) {
        let description = description(object);
        let mut said = Statement {
            reference: &object.id,
            source: Some(self.source(object, label)),
            valid_from: object.time("valid_from").or_else(|| object.time("first_observed")),
            valid_until: object.time("valid_until").or_else(|| object.time("last_observed")),
            stated: object.stated,
            confidence: object.value.get("confidence").and_then(Value::as_u64).filter(|&percent| percent <= 100),
            sharing: self.graph.sharing(object),
            revoked: object.value.get("revoked") == Some(&Value::Bool(true)),
            description: Some(&description),
            ..Statement::default()
        };
        let actors = self.graph.actors_of(&object.id);
        if actors.is_empty() {
            show(&said);
        }
        for actor in actors {
            (said.actor, said.actor_ref) = (actor.text("name"), Some(actor.id.as_str()));
            show(&said);
        }
    }

    /// The cyber-observable objects inside observed data of STIX 2.0.
    fn observed(&self, object: &Object, label: &str, out: &mut dyn Out) {
        for (key, inner) in object.value.get("objects").and_then(Value::as_object).into_iter().flatten() {
            self.observable(object, inner, &["objects", key], label, out);
        }
    }

    /// A cyber-observable object that stands at `place` within `object`.
    fn observable(&self, object: &Object, inner: &Value, place: &[&str], label: &str, out: &mut dyn Out) {
        let kind = inner.get("type").and_then(Value::as_str).unwrap_or("");
        let mut put = |path: String, text: &str, rest: &[&str]| {
            let Some((kind, value)) = value_of(&path, text) else { return };
            let chain = self.chain(object, &[place, rest].concat());
            self.statements(object, label, &mut |said| {
                indicator::put(out, At::whole(&chain), kind, &value, said);
            });
        };
        for key in ["value", "name", "account_login", "user_id", "path", "number"] {
            match inner.get(key) {
                Some(Value::String(text)) => put(format!("{kind}:{key}"), text, &[key]),
                Some(Value::Number(number)) => put(format!("{kind}:{key}"), &number.to_string(), &[key]),
                _ => {}
            }
        }
        for (name, digest) in inner.get("hashes").and_then(Value::as_object).into_iter().flatten() {
            put(format!("{kind}:hashes.{name}"), digest.as_str().unwrap_or(""), &["hashes", name]);
        }
    }

    fn actor(&self, object: &Object, label: &str, out: &mut dyn Out) {
        self.names(object, label, out);
        for identity in self.graph.attributed_to(&object.id) {
            self.names(identity, label, out);
        }
    }

    fn names(&self, object: &Object, label: &str, out: &mut dyn Out) {
        let Some(name) = object.text("name") else { return };
        let country = self.graph.country(object);
        let mut put = |place: &[&str], alias: &str| {
            let time = object.stated.map_or(Cell::Null, Cell::Time);
            let source = self.source(object, label);
            let cells =
                [(&object.id).into(), name.into(), alias.into(), country.as_deref().into(), source.into(), time];
            out.row(&tables::ACTORS, At::whole(&self.chain(object, place)), &cells);
        };
        put(&["name"], name);
        for key in ["aliases", "x_mitre_aliases", "x_opencti_aliases"] {
            for (index, alias) in object.value.get(key).and_then(Value::as_array).into_iter().flatten().enumerate() {
                if let Some(alias) = alias.as_str().filter(|alias| *alias != name) {
                    put(&[key, &index.to_string()], alias);
                }
            }
        }
    }
}

/// One object of a bundle; `None` for what is none.
pub fn parse(index: Option<usize>, raw: &str) -> Option<Object> {
    let value: Value = serde_json::from_str(raw).ok()?;
    let kind = value.get("type")?.as_str()?.to_owned();
    let id = value.get("id").and_then(Value::as_str).unwrap_or("").to_owned();
    let time = |key: &str| value.get(key).and_then(instant::micros_of);
    let stated = time("modified").or_else(|| time("created"));
    Some(Object { index, kind, id, stated, value })
}

fn is_read(kind: &str) -> bool {
    const READ: &[&str] = &[
        "indicator",
        "intrusion-set",
        "threat-actor",
        "campaign",
        "infrastructure",
        "identity",
        "location",
        "marking-definition",
        "relationship",
        "observed-data",
        "ipv4-addr",
        "ipv6-addr",
        "domain-name",
        "url",
        "email-addr",
        "file",
        "mac-addr",
        "autonomous-system",
        "user-account",
        "x509-certificate",
        "artifact",
        "directory",
    ];
    READ.contains(&kind)
}

/// The observable that an object path names, cleaned.
fn value_of(path: &str, value: &str) -> Option<(Kind, String)> {
    let (object, property) = path.split_once(':')?;
    if property.starts_with("hashes") {
        return indicator::clean(Kind::Sha256, value);
    }
    let kind = match (object, property) {
        ("ipv4-addr" | "ipv6-addr", "value") => Kind::Ip,
        ("domain-name", "value") => Kind::Domain,
        ("url", "value") => Kind::Url,
        ("email-addr", "value") => Kind::Email,
        ("email-message", _) if property.ends_with("ref.value") => Kind::Email,
        ("mac-addr", "value") => Kind::Mac,
        ("file", "name") => Kind::Filename,
        ("autonomous-system", "number") => Kind::Asn,
        ("user-account", "account_login" | "user_id" | "display_name") => Kind::Username,
        ("directory", "path") | ("file", "parent_directory_ref.path") => return indicator::recognise(value),
        (_, property) if property.ends_with("ref.value") => return indicator::recognise(value),
        _ => return None,
    };
    indicator::clean(kind, value)
}

/// The feed's words: name, description and labels, as far as there are any.
fn description(object: &Object) -> String {
    let mut words: Vec<&str> = [object.text("name"), object.text("description")].into_iter().flatten().collect();
    let labels = ["indicator_types", "labels"].iter().filter_map(|key| object.value.get(*key)?.as_array());
    words.extend(labels.flatten().filter_map(Value::as_str));
    words.join("; ")
}
