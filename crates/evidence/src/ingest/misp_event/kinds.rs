//! What a MISP attribute type names, in our kinds.

use model::ObservableKind as Kind;

use crate::ingest::indicator;

/// A value inside an attribute's text, with its offset there.
pub type Named = (Kind, String, usize, usize);

/// The observables that an attribute names; empty if its type names none.
/// `comment` is read for types that say nothing, such as `text`.
pub fn named(kind: &str, value: &str, comment: &str) -> Vec<Named> {
    let parts: Vec<&str> = kind.split('|').collect();
    let offsets = split_value(value, parts.len());
    let mut found = Vec::new();
    for (part, (start, end)) in parts.iter().zip(offsets) {
        let text = value.get(start..end).unwrap_or("");
        if let Some((kind, cleaned)) = one(part, text, comment) {
            found.push((kind, cleaned, start, end));
        }
    }
    found
}

/// Whether attributes of the type are a person's by what the type is: MISP's
/// category "Person", mail, registrants and accounts at payment services.
pub fn is_of_person(kind: &str) -> bool {
    const STARTS: &[&str] = &[
        "email",
        "whois-registrant-name",
        "whois-registrant-phone",
        "whois-registrant-email",
        "passport-",
        "visa-number",
        "place-port-of-",
    ];
    const TYPES: &[&str] = &[
        "first-name",
        "middle-name",
        "last-name",
        "full-name",
        "date-of-birth",
        "place-of-birth",
        "gender",
        "nationality",
        "primary-residence",
        "country-of-residence",
        "phone-number",
        "identity-card-number",
        "redress-number",
        "frequent-flyer-number",
        "travel-details",
        "payment-details",
        "special-service-request",
        "issue-date-of-the-visa",
        "target-user",
        "target-email",
        "dns-soa-email",
        "github-username",
        "jabber-id",
        "twitter-id",
        "eppn",
        "iban",
        "bank-account-nr",
        "cc-number",
        "aba-rtn",
        "prtn",
    ];
    STARTS.iter().any(|start| kind.starts_with(start)) || TYPES.contains(&kind)
}

fn split_value(value: &str, parts: usize) -> Vec<(usize, usize)> {
    match value.rfind('|').filter(|_| parts == 2) {
        Some(bar) => vec![(0, bar), (bar + 1, value.len())],
        None => vec![(0, value.len())],
    }
}

fn one(part: &str, text: &str, comment: &str) -> Option<(Kind, String)> {
    let kind = match part {
        "ip-src" | "ip-dst" | "ip" => Kind::Ip,
        "domain" | "hostname" | "host" => Kind::Domain,
        "url" | "uri" => Kind::Url,
        "email" | "email-src" | "email-dst" | "email-reply-to" | "whois-registrant-email" | "dns-soa-email" => {
            Kind::Email
        }
        "md5" | "sha1" | "sha256" | "sha512" => Kind::Sha256,
        "x509-fingerprint-md5" | "x509-fingerprint-sha1" | "x509-fingerprint-sha256" => Kind::Sha256,
        "filename" | "attachment" | "malware-sample" => Kind::Filename,
        "mac-address" => Kind::Mac,
        "AS" => Kind::Asn,
        "vulnerability" => Kind::Cve,
        "btc" | "xmr" | "dash" => Kind::Wallet,
        "phone-number" | "whois-registrant-phone" => Kind::Phone,
        "target-machine" | "hostname-local" => Kind::Hostname,
        "target-user" | "github-username" | "username" => Kind::Username,
        "pdb" => return path(text),
        "text" | "other" | "comment" => return by_comment(text, comment),
        _ => return None,
    };
    let fallback = || if kind == Kind::Filename { path(text) } else { None };
    indicator::clean(kind, text).or_else(fallback)
}

/// A feed often keeps a name from the operators' machines as free text and says
/// in the comment what it is.
fn by_comment(text: &str, comment: &str) -> Option<(Kind, String)> {
    let comment = comment.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| comment.contains(word));
    let single = !text.trim().contains(char::is_whitespace) && text.len() <= 128;
    if let Some(found) = path(text) {
        return Some(found);
    }
    if !single {
        return None;
    }
    if says(&["user name", "username", "account name", "login"]) {
        return indicator::clean(Kind::Username, text);
    }
    if says(&["host name", "hostname", "machine name", "computer name"]) {
        return indicator::clean(Kind::Hostname, text);
    }
    if says(&["file name", "filename"]) {
        return indicator::clean(Kind::Filename, text);
    }
    None
}

fn path(text: &str) -> Option<(Kind, String)> {
    indicator::recognise(text).filter(|(kind, _)| matches!(kind, Kind::WindowsPath | Kind::UnixPath))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_apart() {
        let cases: &[(&str, &str, &str, &str)] = &[
            ("ip-dst", "192.0.2.1", "", "ip 192.0.2.1 0-9"),
            ("ip-dst|port", "192.0.2.1|443", "", "ip 192.0.2.1 0-9"),
            ("domain|ip", "a.example|192.0.2.1", "", "domain a.example 0-9; ip 192.0.2.1 10-19"),
            (
                "filename|md5",
                "x.exe|d41d8cd98f00b204e9800998ecf8427e",
                "",
                "filename x.exe 0-5; md5 d41d8cd98f00b204e9800998ecf8427e 6-38",
            ),
            ("text", "hana", "user name seen in a path", "username hana 0-4"),
            ("text", "hana", "", ""),
            ("regkey", "HKLM\\x", "", ""),
            ("AS", "AS64500", "", "asn AS64500 0-7"),
        ];
        for (kind, value, comment, expected) in cases {
            let named = named(kind, value, comment);
            let printed: Vec<String> = named
                .iter()
                .map(|(kind, value, start, end)| format!("{} {value} {start}-{end}", kind.word()))
                .collect();
            assert_eq!(printed.join("; "), *expected, "{kind}");
        }
    }
}
