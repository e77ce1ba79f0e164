//! `case.stix.json`: the case's own findings as a STIX 2.1 bundle.
//!
//! Values become cyber observables with the ids that the standard prescribes,
//! so that any other product names them alike; indicators are made only
//! of values for which more speaks than mail and registries, since a relay or a
//! borrowed name may be a victim's. A campaign is
//! attributed only where the judgement names somebody.

use knowledge::export::uuid5;
use model::{Entry, Mark};
use serde_json::{Value, json};

use super::exchange::{Exchange, Shared, instant, names, sentence};
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

/// Namespace of observables (STIX 2.1, section 2.9).
const OBSERVABLES: [u8; 16] =
    [0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7];

/// Extension by which STIX 2.1 carries TLP 2.0.
const TLP_EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

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
        let marking = bundle.marking.clone();
        let id = format!("bundle--{}", bundle.exchange.id("bundle", mark.word()));
        let objects: Vec<Value> = [tlp(mark, &marking)].into_iter().chain(bundle.objects).collect();
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
        let marking = tlp_id(mark).to_owned();
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
            for mut observable in observables(&shared) {
                observable["object_marking_refs"] = json!([self.marking]);
                let id = observable["id"].as_str().unwrap_or_default().to_owned();
                if !self.observables.contains(&id) {
                    self.observables.push(id);
                    self.objects.push(observable);
                }
            }
            if let Some(pattern) = pattern(&shared).filter(|_| shared.own) {
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

/// The observables of one value: itself, and the folder of a path before it.
fn observables(shared: &Shared<'_>) -> Vec<Value> {
    let value = &*shared.value;
    match shared.kind {
        "ip" | "cidr" if value.contains(':') => vec![observable("ipv6-addr", json!({"value": value}))],
        "ip" | "cidr" => vec![observable("ipv4-addr", json!({"value": value}))],
        "domain" => vec![observable("domain-name", json!({"value": value}))],
        "url" => vec![observable("url", json!({"value": value}))],
        "md5" | "sha1" | "sha256" | "sha512" => {
            vec![observable("file", json!({"hashes": {hash_name(shared.kind): value}}))]
        }
        "asn" => {
            number(value).map(|number| observable("autonomous-system", json!({"number": number}))).into_iter().collect()
        }
        "username" => vec![observable("user-account", json!({"account_login": value}))],
        "path" => path(value),
        _ => Vec::new(),
    }
}

fn path(value: &str) -> Vec<Value> {
    let Some((folder, name)) =
        value.rsplit_once(['/', '\\']).filter(|(folder, name)| !folder.is_empty() && !name.is_empty())
    else {
        return vec![observable("directory", json!({"path": value}))];
    };
    let folder = observable("directory", json!({"path": folder}));
    let file = json!({"name": name, "parent_directory_ref": folder["id"]});
    vec![folder, observable("file", file)]
}

/// An observable whose id is made of what it holds. `serde_json` writes keys in
/// order and no spaces, which for these texts is the canonical form that the
/// standard wants (RFC 8785).
fn observable(kind: &str, own: Value) -> Value {
    let id = format!("{kind}--{}", uuid5(&OBSERVABLES, &own.to_string()));
    let mut object = json!({"type": kind, "spec_version": "2.1", "id": id});
    merge(&mut object, own);
    object
}

fn hash_name(kind: &str) -> &'static str {
    match kind {
        "md5" => "MD5",
        "sha1" => "SHA-1",
        "sha256" => "SHA-256",
        _ => "SHA-512",
    }
}

fn number(asn: &str) -> Option<u64> {
    asn.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().ok()
}

/// A pattern that finds the value elsewhere; none for names, which many have.
fn pattern(shared: &Shared<'_>) -> Option<String> {
    let quoted = shared.value.replace('\\', "\\\\").replace('\'', "\\'");
    let path = match shared.kind {
        "ip" | "cidr" if shared.value.contains(':') => "ipv6-addr:value",
        "ip" | "cidr" => "ipv4-addr:value",
        "domain" => "domain-name:value",
        "url" => "url:value",
        "md5" | "sha1" | "sha256" | "sha512" => {
            return Some(format!("[file:hashes.'{}' = '{quoted}']", hash_name(shared.kind)));
        }
        _ => return None,
    };
    Some(format!("[{path} = '{quoted}']"))
}

fn tlp(mark: Mark, id: &str) -> Value {
    json!({
        "type": "marking-definition", "spec_version": "2.1", "id": id, "created": "2022-10-01T00:00:00.000Z",
        "name": super::label(mark),
        "extensions": {TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": mark.word()}},
    })
}

/// The ids that OASIS gave the marks of TLP 2.0.
fn tlp_id(mark: Mark) -> &'static str {
    match mark {
        Mark::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        Mark::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        Mark::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        Mark::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        Mark::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observables_have_the_ids_of_the_standard() {
        // Worked out with PyPI stix2 3.0.
        let id = |kind: &str, own: Value| observable(kind, own)["id"].as_str().map(str::to_owned).unwrap_or_default();
        for (kind, own, wanted) in [
            ("ipv4-addr", json!({"value": "198.51.100.3"}), "28bb3599-77cd-5a82-a950-b5bc3caf07c4"),
            ("directory", json!({"path": "C:\\Users\\x"}), "cd562a01-df31-59f4-8a89-9eff6b97cdca"),
            ("file", json!({"hashes": {"SHA-256": "a".repeat(64)}}), "75cb38d5-2055-5354-b75a-8299a2d670b5"),
            ("autonomous-system", json!({"number": 64500}), "0a5f7072-df00-5729-9f0a-4eb18631a446"),
            ("url", json!({"value": "https://a.test/é\u{2028}\""}), "02d1ec0b-dd2a-5183-88ab-0806e34b5be1"),
        ] {
            assert_eq!(id(kind, own), format!("{kind}--{wanted}"));
        }
    }

    #[test]
    fn a_quote_stays_inside_its_pattern() {
        let shared = Shared {
            kind: "url",
            value: "https://a.test/'] OR [x".into(),
            why: String::new(),
            first_seen: None,
            last_seen: None,
            own: true,
            at: "",
        };
        assert_eq!(pattern(&shared).as_deref(), Some("[url:value = 'https://a.test/\\'] OR [x']"));
    }
}
