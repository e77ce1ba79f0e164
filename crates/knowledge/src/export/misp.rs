//! What a value is called in MISP: category and type of its attribute.

/// Category and type of an attribute; `None` for kinds that MISP has no type for.
pub fn attribute(kind: &str) -> Option<(&'static str, &'static str)> {
    const NETWORK: &str = "Network activity";
    const PAYLOAD: &str = "Payload delivery";
    Some(match kind {
        "ip" | "cidr" => (NETWORK, "ip-dst"),
        "domain" => (NETWORK, "domain"),
        "url" => (NETWORK, "url"),
        "asn" => (NETWORK, "AS"),
        "mac" => (NETWORK, "mac-address"),
        "email" => (PAYLOAD, "email"),
        "md5" => (PAYLOAD, "md5"),
        "sha1" => (PAYLOAD, "sha1"),
        "sha256" => (PAYLOAD, "sha256"),
        "sha512" => (PAYLOAD, "sha512"),
        "filename" => (PAYLOAD, "filename"),
        "path" | "windows-path" | "unix-path" => ("Artifacts dropped", "filename"),
        "cve" => ("External analysis", "vulnerability"),
        "phone" => ("Person", "phone-number"),
        "username" => ("Other", "text"),
        _ => return None,
    })
}
