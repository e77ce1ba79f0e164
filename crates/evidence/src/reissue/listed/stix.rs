//! A list as a bundle of STIX 2.1.
//!
//! A value with a date becomes an indicator; one without becomes an observable,
//! since an indicator must say from when it holds. What many share is no
//! indicator of anything: its observable belongs to an infrastructure. The
//! actor that a list names is an intrusion set of that list.

use std::io;

use knowledge::export::stix::{marking, marking_id, observables, pattern};
use model::Mark;
use serde_json::{Value, json};

use super::{NO_FORM, Said, TWICE, Writing, instant};

/// Begins the bundle.
pub fn open(list: &mut Writing<'_>) -> io::Result<()> {
    let id = super::super::stix::bundle_id(&list.list.digest.0, list.to.mark);
    list.to.raw(&format!("{{\"type\":\"bundle\",\"id\":{}", json!(id)))
}

/// Ends it.
pub fn close(list: &mut Writing<'_>) -> io::Result<()> {
    list.to.raw(if list.to.written == 0 { "}\n" } else { "\n]}\n" })
}

/// Writes what is said of one value; gives why it cannot be said.
pub fn put(list: &mut Writing<'_>, said: &Said<'_>) -> io::Result<Option<&'static str>> {
    let stated = said.stated.or(said.valid_from).and_then(instant);
    let pattern = pattern(said.kind, said.value).filter(|_| said.shared_by.is_none());
    match (pattern, stated) {
        (Some(pattern), Some(stated)) => indicator(list, said, &pattern, &stated),
        (pattern, stated) => {
            let observables = observables(said.kind, said.value);
            let Some(id) = observables.last().map(id_of) else { return Ok(Some(NO_FORM)) };
            if pattern.is_some() && stated.is_none() {
                list.to.tally.change("written as an observable, since the list gives no date");
            }
            let is_new = list.is_new(&id);
            if is_new {
                put_observables(list, observables)?;
            }
            let tied = tie(list, said, &id)?;
            Ok((!is_new && !tied).then_some(TWICE))
        }
    }
}

fn id_of(object: &Value) -> String {
    object["id"].as_str().unwrap_or_default().to_owned()
}

/// Observables are what several statements are about, so they bear the product's own mark.
fn put_observables(list: &mut Writing<'_>, observables: Vec<Value>) -> io::Result<()> {
    let mark = list.to.mark;
    for (n, mut observable) in observables.into_iter().rev().enumerate() {
        if n == 0 || list.is_new(&id_of(&observable)) {
            observable["object_marking_refs"] = json!([marking_id(mark)]);
            marked(list, mark)?;
            member(list, &observable)?;
        }
    }
    Ok(())
}

fn indicator(list: &mut Writing<'_>, said: &Said<'_>, pattern: &str, stated: &str) -> io::Result<Option<&'static str>> {
    let from = said.valid_from.and_then(instant).unwrap_or_else(|| stated.to_owned());
    let name = [said.kind, said.value, said.actor.unwrap_or(""), said.source.unwrap_or(""), &from].join("|");
    let id = format!("indicator--{}", list.id("indicator", &name));
    if !list.is_new(&id) {
        return Ok(Some(TWICE));
    }
    let mark = list.mark_of(said);
    let mut object = domain("indicator", &id, stated, mark);
    object["name"] = json!(said.value);
    object["pattern"] = json!(pattern);
    object["pattern_type"] = json!("stix");
    object["valid_from"] = json!(from);
    object["indicator_types"] = json!(["unknown"]);
    object["external_references"] = references(list, said);
    let told = [
        ("description", said.description.map(|text| json!(text))),
        ("confidence", said.confidence.map(|percent| json!(percent))),
        ("valid_until", list.until(said).and_then(instant).map(|until| json!(until))),
        ("labels", list.list.about.pap.as_ref().map(|pap| json!([pap]))),
    ];
    for (key, value) in told {
        if let Some(value) = value {
            object[key] = value;
        }
    }
    marked(list, mark)?;
    member(list, &object)?;
    tie(list, said, &id)?;
    Ok(None)
}

/// The list, who of it says so, and where.
fn references(list: &mut Writing<'_>, said: &Said<'_>) -> Value {
    let mut references = vec![json!({"source_name": list.publisher(), "description": said.at})];
    if let Some(source) = list.source_of(said) {
        references.push(json!({"source_name": source, "description": "whom the list names as its source"}));
    }
    references.into()
}

/// Ties what is written to the actor or provider that the list names; says whether that is new.
fn tie(list: &mut Writing<'_>, said: &Said<'_>, id: &str) -> io::Result<bool> {
    let (kind, name, relation) = match (said.shared_by, said.actor) {
        (Some(class), _) => ("infrastructure", said.description.unwrap_or(class), "consists-of"),
        (None, Some(actor)) if id.starts_with("indicator--") => ("intrusion-set", actor, "indicates"),
        (None, Some(actor)) => ("intrusion-set", actor, "related-to"),
        (None, None) => return Ok(false),
    };
    let mark = list.mark_of(said);
    marked(list, mark)?;
    let other = holder(list, said, kind, name)?;
    let ends = if kind == "infrastructure" { (other.as_str(), id) } else { (id, other.as_str()) };
    let relationship =
        format!("relationship--{}", list.id("relationship", &format!("{} {relation} {}", ends.0, ends.1)));
    if !list.is_new(&relationship) {
        return Ok(false);
    }
    let mut object = domain("relationship", &relationship, &list.list.about.as_of.clone(), mark);
    object["relationship_type"] = json!(relation);
    object["source_ref"] = json!(ends.0);
    object["target_ref"] = json!(ends.1);
    if let Some(told) = said.description.filter(|_| relation == "related-to") {
        object["description"] = json!(told);
    }
    member(list, &object)?;
    Ok(true)
}

/// The actor or provider, written the first time that it is named.
fn holder(list: &mut Writing<'_>, said: &Said<'_>, kind: &str, name: &str) -> io::Result<String> {
    let class = said.shared_by.unwrap_or("");
    let id = format!("{kind}--{}", list.id(kind, &format!("{class}|{name}")));
    if list.is_new(&id) {
        let mut object = domain(kind, &id, &list.list.about.as_of.clone(), list.to.mark);
        object["name"] = json!(name);
        if kind == "infrastructure" {
            let anonymises = ["vpn-exit", "tor-exit"].contains(&class);
            object["infrastructure_types"] = json!([if anonymises { "anonymization" } else { "unknown" }]);
            object["description"] = json!(format!("{class}: addresses that many share"));
        }
        object["external_references"] = json!([{"source_name": list.publisher(), "description": "named in the list"}]);
        marked(list, list.to.mark)?;
        member(list, &object)?;
    }
    Ok(id)
}

fn domain(kind: &str, id: &str, made: &str, mark: Mark) -> Value {
    json!({
        "type": kind, "spec_version": "2.1", "id": id, "created": made, "modified": made,
        "object_marking_refs": [marking_id(mark)],
    })
}

/// The definition of a mark stands in the bundle once, before what bears it.
fn marked(list: &mut Writing<'_>, mark: Mark) -> io::Result<()> {
    if list.is_new(marking_id(mark)) { member(list, &marking(mark)) } else { Ok(()) }
}

fn member(list: &mut Writing<'_>, object: &Value) -> io::Result<()> {
    list.to.member(",\"objects\":[\n", object)
}
