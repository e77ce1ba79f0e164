//! What a bundle's objects say about each other.
//!
//! A bundle is a graph whose edges may come before their ends, so everything is
//! gathered first. From an indicator the way to an actor leads over `indicates`,
//! campaigns and infrastructure; it does not lead over malware and tools, since
//! many actors use the same.

use std::collections::{BTreeMap, BTreeSet};

use model::Mark;
use serde_json::Value;

use crate::ingest::instant;

/// Steps from an indicator to an actor that are followed at most.
const DEPTH: usize = 4;

/// Actors that one indicator is tied to at most; more would name nobody.
const ACTORS: usize = 16;

/// An object that rows or names are made from.
pub struct Object {
    /// Its index in the bundle; `None` for an object that is no member of a list.
    pub index: Option<usize>,
    /// Type of the object, such as `indicator`.
    pub kind: String,
    /// Its STIX id, empty if it has none.
    pub id: String,
    /// `modified`, or `created`.
    pub stated: Option<i64>,
    /// All its properties.
    pub value: Value,
}

impl Object {
    /// A string property.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.value.get(key).and_then(Value::as_str)
    }

    /// A time property.
    pub fn time(&self, key: &str) -> Option<i64> {
        self.value.get(key).and_then(instant::micros_of)
    }
}

/// The objects of one bundle, latest versions only, in bundle order.
#[derive(Default)]
pub struct Graph {
    /// The objects that are kept.
    pub objects: Vec<Object>,
    by_id: BTreeMap<String, usize>,
    /// Objects that a later version of the same id replaced.
    pub superseded: u64,
    toward: BTreeMap<String, BTreeSet<String>>,
    places: BTreeMap<String, String>,
}

impl Graph {
    /// Takes one object in; of two versions of one id the later stays.
    pub fn add(&mut self, object: Object) {
        if object.kind == "relationship" {
            // Older versions say the same as a rule, and what they say was said.
            self.relate(&object);
            return;
        }
        let known = (!object.id.is_empty()).then(|| self.by_id.get(&object.id).copied()).flatten();
        match known.and_then(|index| self.objects.get_mut(index)) {
            Some(known) => {
                self.superseded += 1;
                if object.stated > known.stated {
                    *known = object;
                }
            }
            None => {
                self.by_id.insert(object.id.clone(), self.objects.len());
                self.objects.push(object);
            }
        }
    }

    fn relate(&mut self, object: &Object) {
        let ends = (object.text("relationship_type"), object.text("source_ref"), object.text("target_ref"));
        let (Some(kind), Some(source), Some(target)) = ends else { return };
        if object.value.get("revoked") == Some(&Value::Bool(true)) {
            return;
        }
        let infrastructure = |id: &str| id.starts_with("infrastructure--");
        let edge = match kind {
            "indicates" | "attributed-to" | "belongs-to" | "owned-by" => Some((source, target)),
            "consists-of" | "has" => Some((target, source)),
            "uses" | "owns" | "controls" | "compromises" if infrastructure(target) => Some((target, source)),
            "originates-from" | "located-at" => {
                self.places.entry(source.to_owned()).or_insert_with(|| target.to_owned());
                None
            }
            _ => None,
        };
        if let Some((from, to)) = edge {
            self.toward.entry(from.to_owned()).or_default().insert(to.to_owned());
        }
    }

    /// The object of that id.
    pub fn object(&self, id: &str) -> Option<&Object> {
        self.by_id.get(id).and_then(|&index| self.objects.get(index))
    }

    /// The name of the object of that id.
    pub fn name(&self, id: &str) -> Option<&str> {
        self.object(id).and_then(|object| object.text("name"))
    }

    /// The actors that the object of that id leads to, by id, sorted.
    pub fn actors_of(&self, id: &str) -> Vec<&Object> {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut actors: BTreeSet<&str> = BTreeSet::new();
        let mut front: BTreeSet<&str> = [id].into();
        for _ in 0..DEPTH {
            let next: BTreeSet<&str> = front.iter().flat_map(|id| self.beyond(id)).collect();
            let (ends, ways): (BTreeSet<&str>, _) = next.into_iter().partition(|id| is_actor(id));
            actors.extend(ends);
            front = ways.difference(&reached).copied().collect();
            reached.extend(&front);
        }
        actors.into_iter().filter_map(|id| self.object(id)).take(ACTORS).collect()
    }

    fn beyond(&self, id: &str) -> impl Iterator<Item = &str> {
        self.toward.get(id).into_iter().flatten().map(String::as_str)
    }

    /// The identities that an actor is attributed to.
    pub fn attributed_to(&self, id: &str) -> Vec<&Object> {
        let targets = self.beyond(id).filter(|target| target.starts_with("identity--"));
        targets.filter_map(|target| self.object(target)).collect()
    }

    /// The country that the bundle ties an actor or identity to, as spelled there.
    pub fn country(&self, object: &Object) -> Option<String> {
        let located = self.places.get(&object.id).and_then(|place| self.object(place));
        let stated = located.and_then(|place| place.text("country").or_else(|| place.text("name")));
        let stated = stated.or_else(|| object.text("country")).or_else(|| country_like(object));
        stated.map(str::to_owned).or_else(|| {
            let identities = self.attributed_to(&object.id);
            identities.into_iter().find_map(|identity| self.country_of_identity(identity))
        })
    }

    fn country_of_identity(&self, identity: &Object) -> Option<String> {
        let located = self.places.get(&identity.id).and_then(|place| self.object(place));
        let stated = located.and_then(|place| place.text("country").or_else(|| place.text("name")));
        stated.or_else(|| identity.text("country")).or_else(|| country_like(identity)).map(str::to_owned)
    }

    /// The sharing word of an object, the strictest of its marks.
    pub fn sharing(&self, object: &Object) -> Option<&'static str> {
        let marks = object.value.get("object_marking_refs").and_then(Value::as_array)?;
        let marks = marks.iter().filter_map(Value::as_str).filter_map(|id| self.mark(id));
        marks.max().map(Mark::word)
    }

    /// The mark of that id: fixed by a standard, or defined in the bundle.
    pub fn mark(&self, id: &str) -> Option<Mark> {
        if let Some(mark) = well_known_mark(id) {
            return Some(mark);
        }
        let definition = self.object(id)?;
        let version_1 = definition.value.pointer("/definition/tlp").and_then(Value::as_str);
        let extensions = definition.value.get("extensions").and_then(Value::as_object);
        let version_2 = extensions.and_then(|all| all.values().find_map(|one| one.get("tlp_2_0")?.as_str()));
        tlp_word(version_2.or(version_1).or(definition.text("name"))?)
    }
}

/// Some feeds put the country of an identity into its contact field; a single
/// short line of letters is one, an address or number is not.
fn country_like(object: &Object) -> Option<&str> {
    let contact = object.text("contact_information").filter(|_| object.kind == "identity")?.trim();
    let letters = contact.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '.'));
    (letters && !contact.is_empty() && contact.chars().count() <= 40).then_some(contact)
}

/// Whether the id is of a type that this table calls an actor.
pub fn is_actor(id: &str) -> bool {
    id.starts_with("intrusion-set--") || id.starts_with("threat-actor--")
}

/// A TLP word of either version, with or without its prefix.
pub fn tlp_word(text: &str) -> Option<Mark> {
    let lower = text.trim().to_ascii_lowercase();
    let word = lower.strip_prefix("tlp:").unwrap_or(&lower).trim();
    if word == "white" { Some(Mark::Clear) } else { Mark::from_word(word) }
}

/// The ids that the STIX and TLP standards fix, so that a bundle need not hold them.
fn well_known_mark(id: &str) -> Option<Mark> {
    Some(match id.strip_prefix("marking-definition--")? {
        "613f2e26-407d-48c7-9eca-b8e91df99dc9" | "94868c89-83c2-464b-929b-a1a8aa3c8487" => Mark::Clear,
        "34098fce-860f-48ae-8e50-ebd3cc5e41da" | "bab4a63c-aed9-4cf5-a766-dfca5abac2bb" => Mark::Green,
        "f88d31f6-486f-44da-b317-01333bde0b82" | "55d920b0-5e8b-4f79-9ee9-91f868d9b421" => Mark::Amber,
        "939a9414-2ddd-4d32-a0cd-375ea402b003" => Mark::AmberStrict,
        "5e57c739-391a-4eb3-b6be-7d15ca92d5ed" | "e828b379-4e03-4974-9ac4-e53a884c97c1" => Mark::Red,
        _ => return None,
    })
}
