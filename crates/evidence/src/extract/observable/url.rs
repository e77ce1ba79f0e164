//! URLs, and what stands inside them.
//!
//! Cleaning rule: scheme and host in lower case, the host in A-label form, the
//! default port left out, `&amp;` read as `&`; the rest as found. A domain that
//! is followed by a path counts as a URL as well, read as a browser would read
//! it, with `http`. The host is an observable of its own, as are addresses,
//! mail addresses, tracker ids and further URLs in the rest.

use std::borrow::Cow;

use model::ObservableKind as Kind;

use super::{
    Scene, account, domain, email, identifier, ip, lossy, run, stretch, stretch_back, unix_path, windows_path,
};

/// Schemes that name something to fetch, longest first where one ends another.
const SCHEMES: &[&str] = &[
    "https", "http", "sftp", "ftps", "ftp", "wss", "ws", "tcp", "udp", "tls", "ssh", "git", "svn", "smb", "ldaps",
    "ldap", "rtsp", "rtmp", "irc", "file", "telnet", "socks5", "socks4", "s3", "dns", "rdp", "vnc", "imap", "pop3",
    "smtp", "mqtt", "redis", "jdbc",
];

/// Bytes by which the cleaned spelling of a URL may be longer than its text.
const URL_ROOM: usize = 16;

/// Bytes of a URL that are read; what browsers and servers take at most.
const LONGEST: usize = 8_192;

/// Reads the URL whose `://` stands at `mark`, and what stands inside it.
pub(super) fn read(scene: &mut Scene<'_>, floor: usize, mark: usize) -> Option<(usize, usize)> {
    let (start, end) = read_outside(scene, floor, mark)?;
    inside(scene, mark + 3, end);
    Some((start, end))
}

/// Reads the URL without looking for others in it, so that URLs that nest
/// without end cost no more than one level.
fn read_outside(scene: &mut Scene<'_>, floor: usize, mark: usize) -> Option<(usize, usize)> {
    let (start, scheme) = scheme_before(scene.text, floor, mark)?;
    let authority = mark + 3;
    let end = end_of(scene, authority, scene.before(start));
    if scheme == "file" {
        return local_file(scene, start, authority, end);
    }
    let authority_end = stretch(&scene.text[..end], authority, |byte| !matches!(byte, b'/' | b'?' | b'#'));
    let user_end =
        memchr::memrchr(b'@', &scene.text[authority..authority_end]).map_or(authority, |at| authority + at + 1);
    let host = Host::read(scene, user_end, authority_end)?;
    if host.name.is_empty() || (host.is_bare() && end == host.end) {
        return None;
    }
    let text = scene.text;
    let port = port(&text[host.end..authority_end], scheme);
    let mut value = String::with_capacity(URL_ROOM + end - start);
    value.push_str(scheme);
    value.push_str("://");
    value.push_str(&lossy(&text[authority..user_end]));
    value.push_str(&host.name);
    value.push_str(&port);
    push_unescaped(&mut value, &text[authority_end..end]);
    scene.put(Kind::Url, start, end, Cow::Owned(value));
    host.put(scene, authority_end);
    Some((start, end))
}

/// Takes `start..end`, a domain, together with the path that follows it.
pub(super) fn without_scheme(scene: &mut Scene<'_>, start: usize, end: usize, name: &str) -> Option<usize> {
    if !scene.policy.wants(Kind::Url) {
        return None;
    }
    let path = ip::port_end(scene, end).unwrap_or(end);
    if scene.at(path) != b'/' || matches!(scene.at(path + 1), b'/' | b'\\') || !scene.at(path + 1).is_ascii_graphic() {
        return None;
    }
    let url_end = end_of(scene, path, scene.before(start));
    if url_end <= path + 1 || scene.before(start) == b'@' {
        return None;
    }
    let mut value = String::with_capacity(URL_ROOM + url_end - start);
    value.push_str("http://");
    value.push_str(name);
    push_unescaped(&mut value, &scene.text[end..url_end]);
    scene.put(Kind::Url, start, url_end, Cow::Owned(value));
    scene.put(Kind::Domain, start, end, Cow::Owned(name.to_owned()));
    inside(scene, path, url_end);
    Some(url_end)
}

fn scheme_before(text: &[u8], floor: usize, mark: usize) -> Option<(usize, &'static str)> {
    let from = stretch_back(text, floor.max(mark.saturating_sub(24)), mark, |byte| byte.is_ascii_alphanumeric());
    let letters = &text[from..mark];
    let ends_in = |scheme: &&&str| {
        letters.len() >= scheme.len() && letters[letters.len() - scheme.len()..].eq_ignore_ascii_case(scheme.as_bytes())
    };
    let scheme = SCHEMES.iter().find(ends_in)?;
    // Only the web's own schemes are believed when letters are glued to them.
    let glued = letters.len() > scheme.len();
    (!glued || scheme.starts_with("http")).then_some((mark - scheme.len(), *scheme))
}

struct Host {
    start: usize,
    /// End of the name, without port.
    end: usize,
    name: String,
    kind: Option<Kind>,
}

impl Host {
    fn read(scene: &Scene<'_>, start: usize, roof: usize) -> Option<Self> {
        let text = scene.text;
        if scene.at(start) == b'[' {
            let end = start + memchr::memchr(b']', &text[start..roof])? + 1;
            let inner = std::str::from_utf8(&text[start + 1..end - 1]).ok()?;
            let ip: std::net::Ipv6Addr = inner.parse().ok()?;
            return Some(Self { start: start + 1, end, name: format!("[{ip}]"), kind: Some(Kind::Ip) });
        }
        let mut end = stretch(&text[..roof], start, run::is_host_byte);
        end = stretch_back_dots(text, start, end);
        let found = &text[start..end];
        let (name, kind) = match ip::quad(found) {
            Some(Ok(ip)) => (ip.to_string(), Some(Kind::Ip)),
            _ if domain::is_known(found) && domain::is_well_formed(found) => {
                (domain::clean(found)?.into_owned(), Some(Kind::Domain))
            }
            _ => (String::from_utf8_lossy(found).to_lowercase(), None),
        };
        Some(Self { start, end, name, kind })
    }

    /// A name without dots, of which a path has to prove that it is a host.
    fn is_bare(&self) -> bool {
        self.kind.is_none()
    }

    fn put(&self, scene: &mut Scene<'_>, authority_end: usize) {
        let port_end = if self.kind == Some(Kind::Ip) { authority_end } else { self.end };
        match self.kind {
            Some(Kind::Ip) if self.name.starts_with('[') => {
                let name = self.name.trim_matches(['[', ']']).to_owned();
                scene.put(Kind::Ip, self.start, self.end - 1, Cow::Owned(name));
            }
            Some(kind) => scene.put(kind, self.start, port_end.max(self.end), Cow::Borrowed(&self.name)),
            None => {}
        }
    }
}

fn stretch_back_dots(text: &[u8], start: usize, end: usize) -> usize {
    text[start..end].iter().rposition(|byte| !matches!(byte, b'.' | b'-')).map_or(start, |index| start + index + 1)
}

fn port(found: &[u8], scheme: &str) -> String {
    let port = lossy(found);
    let default = match scheme {
        "http" | "ws" => ":80",
        "https" | "wss" => ":443",
        "ftp" => ":21",
        _ => "",
    };
    if port == default || port == ":" { String::new() } else { port.into_owned() }
}

fn push_unescaped(value: &mut String, rest: &[u8]) {
    let rest = lossy(rest);
    if memchr::memchr(b'&', rest.as_bytes()).is_some() {
        value.push_str(&rest.replace("&amp;", "&"));
    } else {
        value.push_str(&rest);
    }
}

/// Where a URL that is read from `from` ends: before what cannot stand in
/// one, before unbalanced brackets, and before the punctuation of a sentence.
fn end_of(scene: &Scene<'_>, from: usize, opener: u8) -> usize {
    let text = scene.text;
    let mut open = (0u32, 0u32);
    let mut end = from;
    let roof = text.len().min(from.saturating_add(LONGEST));
    while end < roof {
        let byte = text[end];
        let length = match byte {
            0..=0x20 | 0x7f | b'<' | b'>' | b'"' | b'`' | b'|' | b'^' | b'{' | b'}' | b'\\' => 0,
            b'\'' if opener == b'\'' => 0,
            b'(' => step(&mut open.0, true),
            b')' => step(&mut open.0, false),
            b'[' if end == from || memchr::memchr(b'?', &text[from..end]).is_some() => step(&mut open.1, true),
            b'[' => 0,
            b']' => step(&mut open.1, false),
            b'&' if ends_markup(&text[end..]) => 0,
            b',' | b';' if text[end + 1..].starts_with(b"http") => 0,
            0x80.. => letter_length(&text[end..]),
            _ => 1,
        };
        if length == 0 {
            break;
        }
        end += length;
    }
    trimmed(text, from, end, opener)
}

/// Counts a bracket; 0 if it closes one that was never opened.
fn step(open: &mut u32, opens: bool) -> usize {
    if opens {
        *open += 1;
        return 1;
    }
    match open.checked_sub(1) {
        Some(left) => {
            *open = left;
            1
        }
        None => 0,
    }
}

/// Character references that stand for what ends a URL in HTML.
fn ends_markup(rest: &[u8]) -> bool {
    [&b"&quot;"[..], b"&lt;", b"&gt;", b"&#39;", b"&#34;", b"&nbsp;", b"&apos;"]
        .iter()
        .any(|reference| rest.starts_with(reference))
}

/// Bytes of the letter at the start of `rest`; 0 if it is no letter.
fn letter_length(rest: &[u8]) -> usize {
    let head = &rest[..rest.len().min(4)];
    let first = head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    first.filter(|c| c.is_alphanumeric()).map_or(0, char::len_utf8)
}

/// Without the punctuation of a sentence, and without marks of light markup
/// such as `++` that stand on both sides of the URL.
fn trimmed(text: &[u8], from: usize, mut end: usize, opener: u8) -> usize {
    let marked = matches!(opener, b'+' | b'_' | b'~' | b'=' | b'-').then_some(opener);
    let trails = |byte: u8| matches!(byte, b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*' | b'(' | b'[');
    while end > from && (trails(text[end - 1]) || Some(text[end - 1]) == marked) {
        end -= 1;
    }
    end
}

/// `file:///C:/Users/...` and its like: the path and the user name in it.
fn local_file(scene: &mut Scene<'_>, start: usize, authority: usize, end: usize) -> Option<(usize, usize)> {
    if end <= authority + 1 {
        return None;
    }
    scene.put_as_is(Kind::Url, start, end);
    let path = authority + usize::from(scene.at(authority) == b'/' && scene.at(authority + 2) == b':');
    if windows_path::with_slashes(scene, path, path + 1).is_none() {
        unix_path::read(scene, path);
        account::home(scene, path, end);
    }
    Some((start, end))
}

/// What the path and the query of a URL hold: mail addresses, tracker ids and
/// further URLs.
fn inside(scene: &mut Scene<'_>, start: usize, end: usize) {
    let text = &scene.text[..end];
    let path = stretch(text, start, |byte| !matches!(byte, b'/' | b'?' | b'#'));
    let mut here = path;
    while let Some(mark) = memchr::memchr2(b'@', b':', &text[here..]).map(|index| here + index) {
        let span = match text[mark] {
            b'@' => email::read(scene, here, mark),
            _ if text[mark..].starts_with(b"://") => read_outside(scene, here, mark),
            _ => None,
        };
        here = span.map_or(mark + 1, |(_, to)| to.max(mark + 1)).min(end);
    }
    identifier::in_query(scene, path, end);
}

#[cfg(test)]
mod tests {
    use super::super::check;

    #[test]
    fn ends_are_found_and_hosts_given_too() {
        check(&[
            ("See (https://www.Example.test/a_(b)), or", "url https://www.example.test/a_(b); domain www.example.test"),
            ("hxxps[:]//evil[.]example/x?y=1.", "url https://evil.example/x?y=1; domain evil.example"),
            ("HTTP://192.0.2.1:8080/x", "url http://192.0.2.1:8080/x; ip 192.0.2.1"),
            ("http://example.test:80/", "url http://example.test/; domain example.test"),
            ("http://[2001:DB8::1]/", "url http://[2001:db8::1]/; ip 2001:db8::1"),
            ("https://site.example[Site]", "url https://site.example; domain site.example"),
            ("evil[.]example/gate.php", "domain evil.example; url http://evil.example/gate.php"),
            ("'http://a.example/b', 'c'", "url http://a.example/b; domain a.example"),
            ("<a href=\"http://a.example/?x=1&amp;y=2\">", "url http://a.example/?x=1&y=2; domain a.example"),
            (
                "http://a.example/x,http://b.example/y",
                "url http://a.example/x; domain a.example; url http://b.example/y; domain b.example",
            ),
            ("http://server/share http://x", "url http://server/share"),
            ("https://u:p@a.example/", "url https://u:p@a.example/; domain a.example"),
            ("and/or s/he http:// ://", ""),
        ]);
    }

    #[test]
    fn what_stands_inside_is_given_too() {
        check(&[
            (
                "https://a.example/?to=jo@b.example&u=http://c.example/",
                "url https://a.example/?to=jo@b.example&u=http://c.example/; domain a.example; email jo@b.example; domain b.example; url http://c.example/; domain c.example",
            ),
            (
                "file:///C:/Users/mary/x.csv",
                "url file:///C:/Users/mary/x.csv; windows-path C:/Users/mary/x.csv; username mary; filename x.csv",
            ),
        ]);
    }
}
