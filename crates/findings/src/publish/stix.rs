//! `case.stix.json`: the case's own findings as a STIX 2.1 bundle.
//!
//! Values become cyber observables with the ids that the standard prescribes,
//! so that any other product names them alike; indicators are made only
//! of values for which more speaks than mail and registries, since a relay or a
//! borrowed name may be a victim's. A campaign is
//! attributed only where the judgement names somebody.

use knowledge::export::stix::{marking, marking_id, observables, pattern};
use model::{Entry, Mark};
use serde_json::{Value, json};

use super::exchange::{Exchange, instant, names, sentence};
use super::own::Own;
use super::{Output, findings::json as pretty};
use crate::dossier::{Campaign, Dossier};

/// The output.
#[derive(Debug)]
pub struct Stix;

const ENTRY: Entry = Entry {
    name: "stix",
    summary: "The findings as a STIX 2.1 bundle, for threat-intelligence platforms.",
    doc: "# What it holds\n\nA report with the campaigns, the infrastructure and operators' values as observables and indicators, the judgement as a note, and, where it names somebody, as a relationship. Marked with TLP 2.0. Ids stay the same from export to export.\n\n# What it leaves out\n\nPersons, mails, accounts and links that do not count; a note lists the numbers.\n",
};

impl Output for Stix {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn file_name(&self) -> &'static str {
        "case.stix.json"
    }

    fn media_type(&self) -> &'static str {
        "application/stix+json;version=2.1"
    }

    fn marks(&self) -> &'static [Mark] {
        Mark::ALL
    }

    fn render(&self, dossier: &Dossier, mark: Mark) -> Vec<u8> {
        let own = Own::new(dossier);
        let mut bundle = Bundle::new(Exchange::new(&own), mark);
        bundle.values();
        bundle.campaigns();
        bundle.notes();
        let id = format!("bundle--{}", bundle.exchange.id("bundle", mark.word()));
        let objects: Vec<Value> = [marking(mark)].into_iter().chain(bundle.objects).collect();
        pretty(&json!({"type": "bundle", "id": id, "objects": objects}))
    }
}

/// Objects in the making.
struct Bundle<'a> {
    exchange: Exchange<'a>,
    marking: String,
    identity: String,
    as_of: String,
    objects: Vec<Value>,
    observables: Vec<String>,
    /// Id and value.
    indicators: Vec<(String, String)>,
}

impl<'a> Bundle<'a> {
    fn new(exchange: Exchange<'a>, mark: Mark) -> Self {
        let (as_of, identity) = (exchange.as_of(), format!("identity--{}", exchange.id("identity", "")));
        let marking = marking_id(mark).to_owned();
        let mut bundle = Self {
            exchange,
            marking,
            identity,
            as_of,
            objects: Vec::new(),
            observables: Vec::new(),
            indicators: Vec::new(),
        };
        let name = format!("Investigation “{}”", bundle.exchange.dossier.case.name);
        let identity = bundle.identity.clone();
        bundle.put("identity", &identity, json!({"name": name, "identity_class": "group"}));
        bundle
    }

    /// Adds an object with what all domain objects have; gives its id.
    fn put(&mut self, kind: &str, id: &str, own: Value) -> String {
        let mut object = json!({
            "type": kind, "spec_version": "2.1", "id": id, "created": self.as_of, "modified": self.as_of,
            "object_marking_refs": [self.marking],
        });
        if id != self.identity {
            object["created_by_ref"] = json!(self.identity);
        }
        merge(&mut object, own);
        self.objects.push(object);
        id.to_owned()
    }

    fn make(&mut self, kind: &str, name: &str, own: Value) -> String {
        let id = format!("{kind}--{}", self.exchange.id(kind, name));
        self.put(kind, &id, own)
    }

    fn relate(&mut self, from: &str, kind: &str, to: &str, own: Value) {
        let mut object = json!({"relationship_type": kind, "source_ref": from, "target_ref": to});
        merge(&mut object, own);
        self.make("relationship", &format!("{from} {kind} {to}"), object);
    }

    fn values(&mut self) {
        for shared in std::mem::take(&mut self.exchange.values) {
            for mut observable in observables(shared.kind, &shared.value) {
                observable["object_marking_refs"] = json!([self.marking]);
                let id = observable["id"].as_str().unwrap_or_default().to_owned();
                if !self.observables.contains(&id) {
                    self.observables.push(id);
                    self.objects.push(observable);
                }
            }
            if let Some(pattern) = pattern(shared.kind, &shared.value).filter(|_| shared.own) {
                let from = instant(shared.first_seen.unwrap_or(&self.as_of));
                let indicator = json!({
                    "name": shared.value, "description": shared.why, "indicator_types": ["malicious-activity"],
                    "pattern": pattern, "pattern_type": "stix", "valid_from": from,
                    "external_references": [{"source_name": "handprint", "description": shared.at}],
                });
                let id = self.make("indicator", &format!("{}|{}", shared.kind, shared.value), indicator);
                self.indicators.push((id, shared.value.clone()));
            }
        }
    }

    fn campaigns(&mut self) {
        for campaign in &self.exchange.dossier.campaigns {
            let id = self.campaign(campaign);
            for (indicator, _) in self.indicators_of(&campaign.id) {
                self.relate(&indicator, "indicates", &id, json!({}));
            }
            let dossier = self.exchange.dossier;
            for judgement in dossier.assessment.judgements.iter().filter(|found| found.campaign == campaign.id) {
                self.judgement(judgement, &id);
            }
        }
    }

    fn campaign(&mut self, campaign: &Campaign) -> String {
        let (first, last) = (campaign.first.as_deref(), campaign.last.as_deref());
        let mut object = json!({"name": campaign.label, "description": campaign.why.clone().unwrap_or_default()});
        if let (Some(first), Some(last)) = (first, last) {
            object["first_seen"] = json!(instant(first));
            object["last_seen"] = json!(instant(last));
        }
        let id = self.make("campaign", &campaign.id, object);
        if let (Some(first), Some(last), false) = (first, last, self.observables.is_empty()) {
            let seen = json!({
                "first_observed": instant(first), "last_observed": instant(last),
                "number_observed": self.mails_of(&campaign.id), "object_refs": self.observables,
            });
            let seen = self.make("observed-data", &campaign.id, seen);
            for (indicator, _) in self.indicators_of(&campaign.id) {
                self.relate(&indicator, "based-on", &seen, json!({}));
            }
        }
        id
    }

    fn indicators_of(&self, campaign: &str) -> Vec<(String, String)> {
        let of = |(_, value): &&(String, String)| self.exchange.of_campaign(value, campaign);
        self.indicators.iter().filter(of).cloned().collect()
    }

    fn mails_of(&self, campaign: &str) -> usize {
        let of = |message: &&crate::dossier::Message| message.campaign.as_deref() == Some(campaign);
        self.exchange.dossier.messages.iter().filter(of).count().clamp(1, 999_999_999)
    }

    fn judgement(&mut self, judgement: &crate::assess::Judgement, campaign: &str) {
        let told = json!({
            "abstract": "Judgement, with its doubt", "content": sentence(judgement), "object_refs": [campaign],
        });
        self.make("note", &format!("judgement {}", judgement.campaign), told);
        if names(judgement) {
            let aliases = json!({"name": judgement.actor, "aliases": judgement.other_names});
            let aliases = if judgement.other_names.is_empty() { json!({"name": judgement.actor}) } else { aliases };
            let set = self.make("intrusion-set", &judgement.actor, aliases);
            let confidence = (judgement.probability / 10_000).min(100);
            let own = json!({"confidence": confidence, "description": sentence(judgement)});
            self.relate(campaign, "attributed-to", &set, own);
        }
    }

    fn notes(&mut self) {
        let all: Vec<String> =
            self.objects.iter().filter_map(|object| object["id"].as_str().map(str::to_owned)).collect();
        let report = json!({
            "name": self.exchange.dossier.case.name, "report_types": ["campaign"], "published": self.as_of,
            "description": self.exchange.lost(), "object_refs": all,
        });
        let report = self.make("report", "", report);
        let texts = [("losses", Some(self.exchange.lost())), ("accounts", self.exchange.accounts())];
        for (name, text) in texts {
            if let Some(text) = text {
                self.make("note", name, json!({"abstract": name, "content": text, "object_refs": [report]}));
            }
        }
    }
}

fn merge(object: &mut Value, own: Value) {
    if let (Some(object), Value::Object(own)) = (object.as_object_mut(), own) {
        object.extend(own);
    }
}
