//! What a value is called in STIX 2.1: its observable, its pattern, its mark.

use model::Mark;
use serde_json::{Map, Value, json};

use super::uuid5;

/// Namespace of observables (STIX 2.1, section 2.9).
const OBSERVABLES: [u8; 16] =
    [0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7];

/// Extension by which STIX 2.1 carries TLP 2.0.
const TLP_EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

/// The observables of one value, itself last: the folder of a path stands
/// before it. None for kinds that the standard has no observable for.
pub fn observables(kind: &str, value: &str) -> Vec<Value> {
    let one = |kind: &str, own: Value| vec![observable(kind, own)];
    match kind {
        "ip" | "cidr" if value.contains(':') => one("ipv6-addr", json!({"value": value})),
        "ip" | "cidr" => one("ipv4-addr", json!({"value": value})),
        "domain" => one("domain-name", json!({"value": value})),
        "url" => one("url", json!({"value": value})),
        "md5" | "sha1" | "sha256" | "sha512" => one("file", json!({"hashes": {hash_name(kind): value}})),
        "asn" => {
            number(value).map(|number| observable("autonomous-system", json!({"number": number}))).into_iter().collect()
        }
        "username" => one("user-account", json!({"account_login": value})),
        "email" => one("email-addr", json!({"value": value})),
        "mac" => one("mac-addr", json!({"value": value})),
        "filename" => one("file", json!({"name": value})),
        "path" | "windows-path" | "unix-path" => path(value),
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
    let mut object = Map::new();
    object.insert("type".to_owned(), json!(kind));
    object.insert("spec_version".to_owned(), json!("2.1"));
    object.insert("id".to_owned(), json!(id));
    if let Value::Object(own) = own {
        object.extend(own);
    }
    object.into()
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
pub fn pattern(kind: &str, value: &str) -> Option<String> {
    let quoted = value.replace('\\', "\\\\").replace('\'', "\\'");
    let path = match kind {
        "ip" | "cidr" if value.contains(':') => "ipv6-addr:value",
        "ip" | "cidr" => "ipv4-addr:value",
        "domain" => "domain-name:value",
        "url" => "url:value",
        "email" => "email-addr:value",
        "mac" => "mac-addr:value",
        "md5" | "sha1" | "sha256" | "sha512" => {
            return Some(format!("[file:hashes.'{}' = '{quoted}']", hash_name(kind)));
        }
        _ => return None,
    };
    Some(format!("[{path} = '{quoted}']"))
}

/// The definition of a mark of TLP 2.0, which a bundle under it must hold.
pub fn marking(mark: Mark) -> Value {
    json!({
        "type": "marking-definition", "spec_version": "2.1", "id": marking_id(mark),
        "created": "2022-10-01T00:00:00.000Z", "name": format!("TLP:{}", mark.word().to_uppercase()),
        "extensions": {TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": mark.word()}},
    })
}

/// The ids that OASIS gave the marks of TLP 2.0.
pub fn marking_id(mark: Mark) -> &'static str {
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
        assert_eq!(
            pattern("url", "https://a.test/'] OR [x").as_deref(),
            Some("[url:value = 'https://a.test/\\'] OR [x']")
        );
    }
}
