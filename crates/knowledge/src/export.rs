//! Ids of what a case exports, by which it knows its own words when they come back.
//!
//! They are UUIDs of version 5 over the name of the case and the thing, so that
//! the same case gives the same ids and a second export updates the first.

use sha1::{Digest, Sha1};

pub mod misp;
pub mod stix;

/// Namespace of the ids that are ours.
const NAMESPACE: [u8; 16] =
    [0x6b, 0x0c, 0x1d, 0x5e, 0x2f, 0x4a, 0x5c, 0x83, 0x9d, 0x17, 0x3e, 0x58, 0x90, 0xb2, 0xc4, 0x71];

/// An id for a thing of the case of that name.
pub fn id(case: &str, kind: &str, name: &str) -> String {
    uuid5(&NAMESPACE, &format!("{kind}|{case}|{name}"))
}

/// The ids under which a case exports a value, as feeds refer to it: that of an
/// indicator in STIX, those of attributes in MISP.
pub fn refs(case: &str, kind: &str, value: &str) -> Vec<String> {
    let network = "Network activity";
    let attributes: &[(&str, &str)] = match kind {
        "ip" | "cidr" => &[(network, "ip-src"), (network, "ip-dst")],
        "domain" => &[(network, "domain")],
        "url" => &[(network, "url")],
        "asn" => &[(network, "AS")],
        _ => &[("Payload delivery", kind)],
    };
    let attribute = |(category, kind): &(&str, &str)| id(case, "attribute", &format!("{category}|{kind}|{value}"));
    let indicator = format!("indicator--{}", id(case, "indicator", &format!("{kind}|{value}")));
    std::iter::once(indicator).chain(attributes.iter().map(attribute)).collect()
}

/// A UUID of version 5 (RFC 9562, section 5.5).
pub fn uuid5(namespace: &[u8; 16], name: &str) -> String {
    let digest = Sha1::new().chain_update(namespace).chain_update(name).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_rfc() {
        // RFC 9562, appendix A.4: www.example.com in the DNS namespace.
        let dns = [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        assert_eq!(uuid5(&dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }

    #[test]
    fn a_case_knows_its_own_ids_and_no_others() {
        let own = refs("ferry", "ip", "192.0.2.7");
        assert_eq!(own.len(), 3);
        assert!(
            own[0].starts_with("indicator--") && refs("quay", "ip", "192.0.2.7").iter().all(|id| !own.contains(id))
        );
    }
}
