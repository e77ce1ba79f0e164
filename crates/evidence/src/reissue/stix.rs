//! A STIX bundle, in two passes: what stays out, then what is written.
//!
//! An object that needs one that stays out (an end of a relationship, what a
//! sighting or note is about) stays out as well; lists of references are cut,
//! since an observable's id can be guessed from its value. All versions of an
//! object are kept, and so are objects that were revoked.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use model::{Digest, Mark};
use serde_json::{Map, Value, json};

use super::upgrade::{OBSERVABLES, Upgrade, upgrade};
use super::{PERSON, Writer, persons};
use crate::ingest::json_document::elements;
use crate::ingest::stix;
use crate::ingest::stix::graph::{Graph, Object};

const NEEDS: [&str; 4] = ["source_ref", "target_ref", "sighting_of_ref", "object_ref"];
const DANGLES: &str = "refers to what is left out";
const NO_OBJECT: &str = "no STIX object: type, id or a required property is missing";
const TWICE: &str = "the same version of an object again";

/// Writes the bundle.
pub fn write(text: &str, seed: &[u8; 32], to: &mut Writer<'_>) -> io::Result<()> {
    let listed = text.trim_start_matches('\u{feff}').trim_start().starts_with('[');
    let path: &[&str] = if listed { &[] } else { &["objects"] };
    let graph = markings(text, path);
    let plan = Plan::new(text, path, &graph, to);
    let id = bundle_id(seed, to.mark);
    to.raw(&format!("{{\"type\":\"bundle\",\"id\":{}", json!(id)))?;
    let (mut fates, mut outcome) = (plan.fates.iter(), Ok(()));
    // The error of a document that breaks off was noted when it was read.
    let _ = elements(text.as_bytes(), path, &mut |_, raw| {
        let fate = fates.next();
        if outcome.is_err() {
            return;
        }
        match (fate, serde_json::from_str(raw.get())) {
            (Some(None), Ok(Value::Object(object))) => outcome = put(object, &plan.out, to),
            (Some(Some(reason)), _) => to.tally.lose(reason, 1),
            _ => to.tally.lose(NO_OBJECT, 1),
        }
    });
    outcome?;
    to.raw(if to.written == 0 { "}\n" } else { "\n]}\n" })
}

fn put(mut object: Map<String, Value>, out: &BTreeSet<String>, to: &mut Writer<'_>) -> io::Result<()> {
    if !to.names_persons() {
        to.tally.trim("names of persons within other objects", persons::take_names_off(&mut object));
    }
    let cut = cut_references(&mut object, out);
    to.tally.trim("references to what is left out", cut);
    match upgrade(&mut object) {
        Upgrade::Unneeded => {}
        Upgrade::Done => to.tally.change("STIX 2.0 brought to 2.1"),
        Upgrade::Impossible => to.tally.change("kept as STIX 2.0, since 2.1 demands what it does not say"),
    }
    to.tally.keep(1);
    to.member(",\"objects\":[\n", &Value::Object(object))
}

/// Cuts references to objects that are left out; gives how many.
fn cut_references(object: &mut Map<String, Value>, out: &BTreeSet<String>) -> u64 {
    let mut cut = 0;
    object.retain(|key, value| match value {
        Value::String(id) if key.ends_with("_ref") && out.contains(id.as_str()) => {
            cut += 1;
            false
        }
        Value::Array(ids) if key.ends_with("_refs") => {
            let before = ids.len();
            ids.retain(|id| !id.as_str().is_some_and(|id| out.contains(id)));
            cut += (before - ids.len()) as u64;
            !ids.is_empty() || before == 0
        }
        _ => true,
    });
    cut
}

/// The marking definitions of the bundle.
fn markings(text: &str, path: &[&str]) -> Graph {
    let mut graph = Graph::default();
    let _ = elements(text.as_bytes(), path, &mut |index, raw| {
        if raw.get().contains("marking-definition")
            && let Some(object) = stix::parse(index, raw.get())
            && object.kind == "marking-definition"
        {
            graph.add(object);
        }
    });
    graph
}

/// What becomes of each object of a bundle, in its order.
struct Plan {
    /// The reason to leave it out, if there is one.
    fates: Vec<Option<&'static str>>,
    /// Ids of which no version is written.
    out: BTreeSet<String>,
}

/// What one object needs, to know whether it can stay.
struct Needs {
    id: String,
    /// Objects without each of which it says nothing.
    all: Vec<String>,
    /// Objects of which it needs one at least; empty if it needs none.
    any: Vec<String>,
}

impl Plan {
    fn new(text: &str, path: &[&str], graph: &Graph, to: &Writer<'_>) -> Self {
        let (mut fates, mut needs, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        let _ = elements(text.as_bytes(), path, &mut |index, raw| {
            let object = stix::parse(index, raw.get()).filter(|object| is_whole(&object.value));
            let fate = match &object {
                None => Some(NO_OBJECT),
                Some(object) if !seen.insert((object.id.clone(), version(object))) => Some(TWICE),
                Some(object) => reason(object, graph, to),
            };
            fates.push(fate);
            needs.push(object.map_or_else(|| Needs { id: String::new(), all: Vec::new(), any: Vec::new() }, of));
        });
        let out = settle(&mut fates, &needs);
        Self { fates, out }
    }
}

/// Leaves out what refers to what is left out, until nothing changes; gives the
/// ids of which nothing stays.
fn settle(fates: &mut [Option<&'static str>], needs: &[Needs]) -> BTreeSet<String> {
    loop {
        let mut stays: BTreeMap<&str, bool> = BTreeMap::new();
        for (fate, need) in fates.iter().zip(needs) {
            *stays.entry(&need.id).or_default() |= fate.is_none();
        }
        let out = |id: &String| stays.get(id.as_str()) == Some(&false);
        let falls = |need: &Needs| need.all.iter().any(out) || (!need.any.is_empty() && need.any.iter().all(out));
        let fallen: Vec<usize> = (0..needs.len()).filter(|&n| fates[n].is_none() && falls(&needs[n])).collect();
        if fallen.is_empty() {
            return stays.into_iter().filter(|(_, stays)| !stays).map(|(id, _)| id.to_owned()).collect();
        }
        for n in fallen {
            fates[n] = Some(DANGLES);
        }
    }
}

fn reason(object: &Object, graph: &Graph, to: &Writer<'_>) -> Option<&'static str> {
    // A definition is what marks are read by, and says nothing else.
    if ["marking-definition", "extension-definition"].contains(&object.kind.as_str()) {
        return None;
    }
    if !to.names_persons() && persons::is_stix_person(&object.value) {
        return Some(PERSON);
    }
    let granular = object.value.get("granular_markings").and_then(Value::as_array).into_iter().flatten();
    let granular = granular.filter_map(|one| graph.mark(one.get("marking_ref")?.as_str()?)).max();
    to.above(graph.sharing(object).and_then(Mark::from_word).max(granular))
}

fn version(object: &Object) -> String {
    ["modified", "created"].iter().find_map(|key| object.text(key)).unwrap_or("").to_owned()
}

fn of(object: Object) -> Needs {
    let Object { id, kind, value, .. } = object;
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut all: Vec<String> = NEEDS.iter().filter_map(|key| text(key)).collect();
    if OBSERVABLES.contains(&kind.as_str()) {
        // Their ids are made from what they refer to.
        let references = value.as_object().into_iter().flatten().filter(|(key, _)| key.ends_with("_ref"));
        all.extend(references.filter_map(|(_, id)| id.as_str().map(str::to_owned)));
    }
    let any = value.get("object_refs").and_then(Value::as_array).into_iter().flatten();
    Needs { id, all, any: any.filter_map(Value::as_str).map(str::to_owned).collect() }
}

/// Whether the object has an id of its type and what its standard requires.
fn is_whole(object: &Value) -> bool {
    let text = |key: &str| object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(kind), Some(id)) = (text("type"), text("id")) else { return false };
    let Some((of_kind, uuid)) = id.split_once("--") else { return false };
    of_kind == kind && is_uuid(uuid) && required(kind).iter().all(|key| present(object, key))
}

fn present(object: &Value, key: &str) -> bool {
    match object.get(key) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

fn is_uuid(text: &str) -> bool {
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        19 => matches!(byte, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

/// What an object of that type must have in both versions, beside type and id.
fn required(kind: &str) -> &'static [&'static str] {
    match kind {
        "marking-definition" => &["created"],
        "attack-pattern" | "campaign" | "course-of-action" | "identity" | "incident" | "infrastructure"
        | "intrusion-set" | "malware-template" | "threat-actor" | "tool" | "vulnerability" => {
            &["created", "modified", "name"]
        }
        "grouping" => &["created", "modified", "context", "object_refs"],
        "indicator" => &["created", "modified", "pattern", "valid_from"],
        "malware-analysis" => &["created", "modified", "product"],
        "note" => &["created", "modified", "content", "object_refs"],
        "observed-data" => &["created", "modified", "first_observed", "last_observed", "number_observed"],
        "opinion" => &["created", "modified", "opinion", "object_refs"],
        "report" => &["created", "modified", "name", "published", "object_refs"],
        "relationship" => &["created", "modified", "relationship_type", "source_ref", "target_ref"],
        "sighting" => &["created", "modified", "sighting_of_ref"],
        "extension-definition" => &["created", "modified", "name", "schema", "version", "extension_types"],
        "language-content" => &["created", "modified", "object_ref", "contents"],
        "ipv4-addr" | "ipv6-addr" | "domain-name" | "url" | "email-addr" | "mac-addr" => &["value"],
        "autonomous-system" => &["number"],
        "directory" => &["path"],
        "mutex" | "software" => &["name"],
        "network-traffic" => &["protocols"],
        "email-message" => &["is_multipart"],
        kind if OBSERVABLES.contains(&kind) => &[],
        _ => &["created", "modified"],
    }
}

/// An id of our own: the bundle is another collection than the one that came in.
pub fn bundle_id(seed: &[u8; 32], mark: Mark) -> String {
    format!("bundle--{}", knowledge::export::id(&Digest(*seed).to_hex(), "bundle", mark.word()))
}
