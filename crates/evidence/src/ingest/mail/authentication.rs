//! What receivers declared about a message's checks.
//!
//! Authentication-Results (RFC 8601), its sealed copies in
//! ARC-Authentication-Results (RFC 8617), and Received-SPF (RFC 7208, 9.1).
//! Anyone can write such a header; whose word counts is decided later.

/// One result.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Host that claims to have checked.
    pub authserv_id: Option<String>,
    /// `spf`, `dkim`, `dmarc`; with `arc:` before it where a sealed copy says so.
    pub method: String,
    /// `pass`, `fail` and so on, lower case.
    pub result: String,
    /// `smtp.mailfrom`, `header.d` and so on.
    pub property: Option<String>,
    /// Domain part of its value, lower case.
    pub domain: Option<String>,
}

/// Properties whose value is a domain or ends in one. Selectors, signatures
/// and recipients are none.
const DOMAIN_PROPERTIES: [&str; 8] = [
    "smtp.mailfrom",
    "smtp.mail",
    "smtp.helo",
    "header.d",
    "header.i",
    "header.from",
    "header.sender",
    "policy.authorized-by",
];

/// Results in one header; `None` if its name is not one of the three.
pub fn parse(name: &str, value: &str) -> Option<Vec<Declared>> {
    match name {
        "Authentication-Results" => Some(results(value, "")),
        "ARC-Authentication-Results" => {
            let after_instance = value.trim_start().strip_prefix("i=").and_then(|rest| rest.split_once(';'));
            Some(results(after_instance.map_or(value, |(_, rest)| rest), "arc:"))
        }
        "Received-SPF" => Some(received_spf(value)),
        _ => None,
    }
}

fn results(value: &str, prefix: &str) -> Vec<Declared> {
    let value = without_comments(value);
    let mut pieces = value.split(';');
    let first = pieces.next().unwrap_or_default();
    // Some servers leave the host out and start with the first result.
    let headless = first.contains('=');
    let authserv_id = first.split_whitespace().next().filter(|_| !headless).map(str::to_ascii_lowercase);
    let own = headless.then_some(first);
    own.into_iter().chain(pieces).flat_map(|piece| result_rows(piece, prefix, authserv_id.as_deref())).collect()
}

/// `method[/version]=result [reason=...] *(ptype.property=value)`
fn result_rows(piece: &str, prefix: &str, authserv_id: Option<&str>) -> Vec<Declared> {
    let mut words = words(piece).into_iter();
    let Some((method, result)) = words.next() else { return Vec::new() };
    if result.is_empty() {
        return Vec::new();
    }
    let method = method.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let bare = || Declared {
        authserv_id: authserv_id.map(str::to_owned),
        method: format!("{prefix}{method}"),
        result: result.to_ascii_lowercase(),
        ..Declared::default()
    };
    let rows: Vec<Declared> = words
        .filter(|(property, value)| is_domain_property(property) && !value.is_empty())
        .map(|(property, value)| Declared {
            property: Some(property.to_ascii_lowercase()),
            domain: domain_of(&value),
            ..bare()
        })
        .collect();
    if rows.is_empty() { vec![bare()] } else { rows }
}

fn is_domain_property(property: &str) -> bool {
    DOMAIN_PROPERTIES.iter().any(|known| known.eq_ignore_ascii_case(property))
}

/// The `name=value` words of a piece, with white space around `=` and quotes allowed.
fn words(piece: &str) -> Vec<(String, String)> {
    let mut words: Vec<(String, String)> = Vec::new();
    let mut rest = piece.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        rest = rest[end..].trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = word_value(after.trim_start());
        }
        words.push((name, value));
        rest = rest.trim_start();
    }
    words
}

fn word_value(text: &str) -> (String, &str) {
    if let Some((quoted, rest)) = text.strip_prefix('"').and_then(|inner| inner.split_once('"')) {
        return (quoted.to_owned(), rest);
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (text[..end].to_owned(), &text[end..])
}

/// `pass (host: reason) client-ip=...; envelope-from="..."; helo=...;`
fn received_spf(value: &str) -> Vec<Declared> {
    let Some(result) = value.split(|c: char| c.is_whitespace() || c == '(').find(|word| !word.is_empty()) else {
        return Vec::new();
    };
    let pairs: Vec<(String, String)> = without_comments(value).split(';').flat_map(words).collect();
    let pair = |name: &str| {
        let found = pairs.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    };
    let comment_host =
        value.split_once('(').and_then(|(_, comment)| comment.split_once(':')).map(|(host, _)| host.trim());
    let checked = pair("receiver").or(comment_host.filter(|host| host.contains('.') && !host.contains(' ')));
    let mail_from = pair("envelope-from").and_then(domain_of);
    let (property, domain) = match mail_from {
        Some(domain) => (Some("smtp.mailfrom"), Some(domain)),
        None => (pair("helo").map(|_| "smtp.helo"), pair("helo").and_then(domain_of)),
    };
    vec![Declared {
        authserv_id: checked.map(|host| host.trim_end_matches(',').to_ascii_lowercase()),
        method: "spf".to_owned(),
        result: result.trim_end_matches(';').to_ascii_lowercase(),
        property: property.map(str::to_owned),
        domain,
    }]
}

fn domain_of(value: &str) -> Option<String> {
    let value = value.trim_matches(|c: char| matches!(c, '<' | '>' | '"' | ';' | ',' | '\'') || c.is_whitespace());
    let domain = value.rsplit('@').next().unwrap_or(value).trim_end_matches('.').to_ascii_lowercase();
    (!domain.is_empty() && !domain.contains(char::is_whitespace)).then_some(domain)
}

/// Comments nest (RFC 5322, 3.2.2); those in quoted strings are text.
fn without_comments(value: &str) -> String {
    let (mut depth, mut quoted) = (0usize, false);
    let mut kept = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth > 0 => {
                depth -= 1;
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            kept.push(c);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> String {
        let rows = parse(name, value).unwrap_or_default();
        let rows = rows.into_iter().map(|row| {
            let parts = [row.authserv_id, Some(row.method), Some(row.result), row.property, row.domain];
            parts.map(|part| part.unwrap_or_else(|| "-".to_owned())).join(" ")
        });
        rows.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn results_are_read_with_their_properties() {
        for (name, value, expected) in [
            (
                "Authentication-Results",
                "mx.b.test;\tspf=pass smtp.mailfrom=s@A.test;\tdkim=fail (bad (nested)) header.d=a.test header.s=s1; dmarc=none header.from=c.test",
                "mx.b.test spf pass smtp.mailfrom a.test; mx.b.test dkim fail header.d a.test; mx.b.test dmarc none header.from c.test",
            ),
            ("Authentication-Results", "mx.b.test 1; none", ""),
            (
                "Authentication-Results",
                "spf=softfail (sender IP is 192.0.2.1) smtp.mailfrom=a.test; compauth=fail reason=001",
                "- spf softfail smtp.mailfrom a.test; - compauth fail - -",
            ),
            (
                "ARC-Authentication-Results",
                "i=1; mx.c.test; dkim/1 = pass header.i=@d.test",
                "mx.c.test arc:dkim pass header.i d.test",
            ),
            (
                "Received-SPF",
                "Pass (mx.b.test: domain of s@a.test designates 192.0.2.1) client-ip=192.0.2.1; envelope-from=\"s@a.test\"; helo=h.test;",
                "mx.b.test spf pass smtp.mailfrom a.test",
            ),
            (
                "Received-SPF",
                "None (protection.b.test: a.test does not) receiver=protection.b.test; client-ip=192.0.2.1; helo=h.test;",
                "protection.b.test spf none smtp.helo h.test",
            ),
        ] {
            assert_eq!(read(name, value), expected, "{value}");
        }
        assert_eq!(parse("Subject", "spf=pass"), None);
    }
}
