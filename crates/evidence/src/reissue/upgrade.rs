//! From STIX 2.0 to 2.1, where nothing has to be made up.
//!
//! A bundle of STIX 2.1 may hold objects of 2.0: an object without
//! `spec_version` is one (STIX 2.1, section 3.2). So an object whose 2.1 form
//! demands what 2.0 does not say, such as whether malware is a family, stays in
//! its own version.

use serde_json::{Map, Value, json};

/// Types of STIX 2.1 that are observables: they are of 2.1 without saying so.
pub const OBSERVABLES: [&str; 18] = [
    "artifact",
    "autonomous-system",
    "directory",
    "domain-name",
    "email-addr",
    "email-message",
    "file",
    "ipv4-addr",
    "ipv6-addr",
    "mac-addr",
    "mutex",
    "network-traffic",
    "process",
    "software",
    "url",
    "user-account",
    "windows-registry-key",
    "x509-certificate",
];

/// What was done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// It was of STIX 2.1.
    Unneeded,
    /// It is of STIX 2.1 now.
    Done,
    /// It stays one of STIX 2.0.
    Impossible,
}

/// Brings an object to STIX 2.1.
pub fn upgrade(object: &mut Map<String, Value>) -> Upgrade {
    let kind = object.get("type").and_then(Value::as_str).unwrap_or("").to_owned();
    if object.contains_key("spec_version") || OBSERVABLES.contains(&&*kind) {
        return Upgrade::Unneeded;
    }
    match kind.as_str() {
        // Whether it is a family, and references in place of numbers.
        "malware" if !object.contains_key("is_family") => return Upgrade::Impossible,
        "observed-data" => return Upgrade::Impossible,
        "indicator" => {
            object.entry("pattern_type").or_insert_with(|| json!("stix"));
            rename(object, "indicator_types");
        }
        "threat-actor" => rename(object, "threat_actor_types"),
        "malware" => rename(object, "malware_types"),
        "tool" => rename(object, "tool_types"),
        "report" => rename(object, "report_types"),
        _ => {}
    }
    object.insert("spec_version".to_owned(), json!("2.1"));
    Upgrade::Done
}

/// STIX 2.0 has the types of an object as its labels.
fn rename(object: &mut Map<String, Value>, key: &str) {
    if !object.contains_key(key)
        && let Some(labels) = object.remove("labels")
    {
        object.insert(key.to_owned(), labels);
    }
}
