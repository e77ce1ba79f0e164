//! Request lines and request targets, taken apart (RFC 9112, section 3).

use memchr::{memchr, memrchr};

use super::Request;

/// Puts `GET /a?b=c HTTP/1.1` into the request. What is not of that form, such
/// as the first bytes of a TLS handshake, becomes the path as it stands.
#[inline]
pub fn request_line<'a>(line: &'a str, request: &mut Request<'a>) {
    if line.is_empty() || line == "-" {
        return;
    }
    let Some(space) = memchr(b' ', line.as_bytes()) else {
        request.path = Some(line);
        return;
    };
    let (method, rest) = (&line[..space], &line[space + 1..]);
    if !is_method(method) {
        request.path = Some(line);
        return;
    }
    request.method = (method != "-").then_some(method);
    let target = match memrchr(b' ', rest.as_bytes()) {
        Some(last) if is_version(&rest[last + 1..]) => &rest[..last],
        _ => rest,
    };
    set_target(target, request);
}

/// Sets path and query, and the host where the target names one. A target that
/// names another host than the log does, as those of proxy probes, stays whole.
#[inline]
pub fn set_target<'a>(target: &'a str, request: &mut Request<'a>) {
    let target = match authority(target) {
        Some((host, rest)) if request.host.is_none_or(|logged| logged == without_port(host)) => {
            request.host = Some(without_port(host));
            rest
        }
        _ => target,
    };
    let (path, query) = match memchr(b'?', target.as_bytes()) {
        Some(mark) => (&target[..mark], Some(&target[mark + 1..])),
        None => (target, None),
    };
    request.path = present(path);
    if query.is_some() {
        request.query = query;
    }
}

/// `-` and the empty text stand for absent values.
#[inline]
pub fn present(text: &str) -> Option<&str> {
    (!matches!(text, "" | "-")).then_some(text)
}

/// A method is a word of capitals; `-` stands in some logs for none.
fn is_method(word: &str) -> bool {
    word == "-"
        || (1..=32).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-'))
}

fn is_version(word: &str) -> bool {
    word.starts_with("HTTP/") || word == "-"
}

/// Host with port, and the rest, of a target in absolute form.
fn authority(target: &str) -> Option<(&str, &str)> {
    if target.starts_with('/') {
        return None;
    }
    let (scheme, rest) = target.split_once("://")?;
    scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(())?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some(rest.split_at(end))
}

/// The host without the port; an IPv6 address loses its brackets.
pub fn without_port(host: &str) -> &str {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split_once(']').map_or(host, |(address, _)| address);
    }
    match host.rsplit_once(':') {
        Some((name, _)) if !name.contains(':') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, host: &str, method: &str, path: &str, query: Option<&str>) {
        let mut request = Request::default();
        request_line(line, &mut request);
        assert_eq!(request.host.unwrap_or_default(), host, "{line}");
        assert_eq!(request.method.unwrap_or_default(), method, "{line}");
        assert_eq!(request.path.unwrap_or_default(), path, "{line}");
        assert_eq!(request.query, query, "{line}");
    }

    #[test]
    fn request_lines_are_taken_apart() {
        check("GET /a/b?c=d&e HTTP/1.1", "", "GET", "/a/b", Some("c=d&e"));
        check("GET /a b HTTP/1.0", "", "GET", "/a b", None);
        check("GET /old", "", "GET", "/old", None);
        check("GET https://site.example:443/x?y HTTP/2.0", "site.example", "GET", "/x", Some("y"));
        check("GET http://[2001:db8::1]:80?q HTTP/1.1", "2001:db8::1", "GET", "", Some("q"));
        check("CONNECT relay.example:443 HTTP/1.1", "", "CONNECT", "relay.example:443", None);
        check("- http://site.example:80- -", "site.example", "", "", None);
        check("OPTIONS * HTTP/1.0", "", "OPTIONS", "*", None);
        check("GET /go?to=http://other.example/ HTTP/1.1", "", "GET", "/go", Some("to=http://other.example/"));
        check("\\x16\\x03\\x01 x", "", "", "\\x16\\x03\\x01 x", None);
        check("-", "", "", "", None);
    }
}
