//! What of imported intel is a person's: names, addresses, accounts, documents.
//!
//! A feed that names a person was read by an investigator; that is no reason to
//! hand the name on.

use serde_json::{Map, Value};

use crate::ingest::misp_event::names_person;
use crate::ingest::stix::pattern;

/// Types of cyber observables that are a person's as a rule.
const OBSERVABLES: [&str; 3] = ["email-addr", "email-message", "user-account"];

/// Properties that name persons within objects that are no persons.
const NAMING: [&str; 3] = ["contact_information", "authors", "x_mitre_contributors"];

/// Whether a STIX object is about a person or names one in its pattern.
pub fn is_stix_person(object: &Value) -> bool {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    match text("type").unwrap_or("") {
        "identity" => text("identity_class") == Some("individual"),
        "indicator" => text("pattern").is_some_and(is_personal_pattern),
        "observed-data" => {
            let inner = object.get("objects").and_then(Value::as_object);
            inner.is_some_and(|all| all.values().any(is_stix_person))
        }
        kind => OBSERVABLES.contains(&kind),
    }
}

/// Patterns in other languages are searched for the same words.
fn is_personal_pattern(text: &str) -> bool {
    let of_person = |path: &str| OBSERVABLES.iter().any(|kind| path.starts_with(kind));
    pattern::comparisons(text).0.iter().any(|one| of_person(&one.path))
        || OBSERVABLES.iter().any(|kind| text.contains(&format!("{kind}:")))
}

/// Takes off the properties that name persons; gives how many there were.
pub fn take_names_off(object: &mut Map<String, Value>) -> u64 {
    NAMING.iter().filter(|key| object.remove(**key).is_some()).count() as u64
}

/// Whether a MISP attribute is a person's, by category, type, or by what its
/// text turns out to be.
pub fn is_misp_person(attribute: &Value) -> bool {
    let text = |key: &str| attribute.get(key).and_then(Value::as_str).unwrap_or("");
    ["Person", "Social network"].contains(&text("category"))
        || names_person(text("type"), text("value"), text("comment"))
}
