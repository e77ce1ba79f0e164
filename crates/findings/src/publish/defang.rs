//! Values written so that no program and no thumb follows them.

/// A value of a kind as a reader sees it: `192.0.2[.]1`, `hxxps://mail.example[.]test/a`.
///
/// Only the last dot of a host is bracketed, which is enough to break a link
/// and leaves the rest readable. Kinds that nothing can follow stay as they are.
pub fn defang(kind: &str, value: &str) -> String {
    match kind {
        "ip" | "cidr" => bracket_last(value, if value.contains(':') { ':' } else { '.' }),
        "domain" | "host" | "hostname" => bracket_last(value, '.'),
        "email" => match value.rsplit_once('@') {
            Some((local, domain)) => format!("{local}[@]{}", bracket_last(domain, '.')),
            None => value.to_owned(),
        },
        "url" => url(value),
        _ => text(value),
    }
}

/// Free text with every URL scheme broken.
pub fn text(text: &str) -> String {
    let text = text.replace("http", "hxxp").replace("HTTP", "HXXP");
    text.replace("://", "[:]//").replace("www.", "www[.]")
}

fn url(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return text(value) };
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(host_end);
    let scheme = scheme.replace("http", "hxxp").replace("HTTP", "HXXP");
    format!("{scheme}://{}{}", bracket_last(host, '.'), text(path))
}

fn bracket_last(value: &str, separator: char) -> String {
    match value.rsplit_once(separator) {
        Some((before, after)) => format!("{before}[{separator}]{after}"),
        None => value.to_owned(),
    }
}

/// A URL without query and fragment, which may carry a recipient's token.
pub fn without_query(kind: &str, value: &str) -> String {
    match (kind, value.split_once(['?', '#'])) {
        ("url", Some((before, _))) => before.to_owned(),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_could_be_followed_is_left() {
        assert_eq!(defang("ip", "192.0.2.1"), "192.0.2[.]1");
        assert_eq!(defang("ip", "2001:db8::1"), "2001:db8:[:]1");
        assert_eq!(
            defang("url", "https://mail.example.test/a?b=http://c"),
            "hxxps://mail.example[.]test/a?b=hxxp[:]//c"
        );
        assert_eq!(defang("email", "a@example.test"), "a[@]example[.]test");
        assert_eq!(defang("path", "C:\\x"), "C:\\x");
        assert_eq!(defang("url", "javascript:alert(1)"), "javascript:alert(1)");
    }
}
