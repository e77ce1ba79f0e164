//! `case.misp.json`: the case's own findings as one MISP event.
//!
//! The same values as in the STIX bundle, as attributes; what may be a victim's
//! relay is not flagged for detection. The judgement is a text with its words of
//! likelihood as a tag, and a galaxy tag only where it names somebody.

use knowledge::export::misp::attribute as spelled;
use model::{Entry, Mark};
use serde_json::{Value, json};

use super::exchange::{Exchange, Shared, likely, names, sentence};
use super::own::Own;
use super::{Output, findings::json as pretty};
use crate::dossier::Dossier;

/// The output.
#[derive(Debug)]
pub struct Misp;

const ENTRY: Entry = Entry {
    name: "misp",
    summary: "The findings as one MISP event.",
    doc: "# What it holds\n\nInfrastructure and operators' values as attributes with the reason as comment, campaigns and judgements as texts, TLP 2.0 and likelihood as tags. UUIDs stay the same from export to export.\n\n# What it leaves out\n\nPersons, mails, accounts and links that do not count; an attribute lists the numbers. Distribution is 0: who gets it is decided where it is imported.\n",
};

impl Output for Misp {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn file_name(&self) -> &'static str {
        "case.misp.json"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn marks(&self) -> &'static [Mark] {
        Mark::ALL
    }

    fn render(&self, dossier: &Dossier, mark: Mark) -> Vec<u8> {
        let own = Own::new(dossier);
        let exchange = Exchange::new(&own);
        let event = json!({
            "uuid": exchange.id("event", ""),
            "info": format!("Handprint: {}", dossier.case.name),
            "date": exchange.as_of().get(..10).unwrap_or("1970-01-01"),
            "timestamp": seconds(&exchange),
            "threat_level_id": if dossier.assessment.alarm { "2" } else { "4" },
            "analysis": "2",
            "distribution": "0",
            "published": false,
            "Tag": tags(dossier, mark),
            "Attribute": attributes(&exchange),
        });
        pretty(&json!({"Event": event}))
    }
}

fn seconds(exchange: &Exchange<'_>) -> String {
    let stamp: jiff::Timestamp = exchange.as_of().parse().unwrap_or_default();
    stamp.as_second().to_string()
}

fn tags(dossier: &Dossier, mark: Mark) -> Vec<Value> {
    let mut tags = vec![format!("tlp:{}", mark.word())];
    for judgement in &dossier.assessment.judgements {
        if names(judgement) {
            let likely = likely(judgement).replace(' ', "-");
            tags.push(format!("misp-galaxy:threat-actor=\"{}\"", judgement.actor.replace('"', "'")));
            tags.push(format!("estimative-language:likelihood-probability=\"{likely}\""));
        }
    }
    tags.dedup();
    tags.into_iter().map(|name| json!({"name": name})).collect()
}

fn attributes(exchange: &Exchange<'_>) -> Vec<Value> {
    let dossier = exchange.dossier;
    let mut attributes: Vec<Value> = exchange.values.iter().map(|shared| value(exchange, shared)).collect();
    for campaign in &dossier.campaigns {
        let why = campaign.why.clone().unwrap_or_default();
        attributes.push(attribute(exchange, ("Attribution", "campaign-name"), &campaign.label, &why, false));
    }
    for judgement in &dossier.assessment.judgements {
        let comment = "Judgement, with its doubt";
        attributes.push(attribute(exchange, ("Attribution", "text"), &sentence(judgement), comment, false));
    }
    let notes = [Some(exchange.lost()), exchange.accounts()];
    attributes
        .extend(notes.into_iter().flatten().map(|text| attribute(exchange, ("Other", "comment"), &text, "", false)));
    attributes
}

fn value(exchange: &Exchange<'_>, shared: &Shared<'_>) -> Value {
    let (category, kind) = match (shared.kind, spelled(shared.kind)) {
        // An address from which mails came is a source, one of the operators' own what victims meet.
        ("ip" | "cidr", Some((category, _))) if !shared.own => (category, "ip-src"),
        (_, Some(spelled)) => spelled,
        (kind, None) => ("Other", kind),
    };
    let detect = shared.own && !matches!(shared.kind, "username" | "path" | "asn");
    let mut attribute = attribute(exchange, (category, kind), &shared.value, &shared.why, detect);
    if let (Some(first), Some(last)) = (shared.first_seen, shared.last_seen) {
        attribute["first_seen"] = json!(super::exchange::instant(first));
        attribute["last_seen"] = json!(super::exchange::instant(last));
    }
    attribute
}

fn attribute(
    exchange: &Exchange<'_>,
    (category, kind): (&str, &str),
    value: &str,
    comment: &str,
    detect: bool,
) -> Value {
    json!({
        "uuid": exchange.id("attribute", &format!("{category}|{kind}|{value}")),
        "category": category,
        "type": kind,
        "value": value,
        "comment": comment,
        "to_ids": detect,
        "timestamp": seconds(exchange),
        "distribution": "5",
    })
}
