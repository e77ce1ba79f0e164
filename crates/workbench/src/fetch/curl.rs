//! One request, made by `curl` as a child process.
//!
//! `curl` is there for TLS, as ffmpeg is for video: no library that opens
//! connections is linked. It starts without a shell, without its own
//! configuration and without our environment, and is told everything over its
//! standard input, so that neither address nor credentials stand among the
//! arguments that other users see. It follows nothing by itself.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::error::Trouble;

/// Redirects within one host that are followed.
const HOPS: usize = 5;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    pub address: Address,
    /// Sent with POST, as JSON; without one it is a GET.
    pub body: Option<String>,
    pub accept: &'static str,
}

/// An address that may be asked: https, or http on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    scheme: &'static str,
    /// Host, with its port if it has one.
    authority: String,
    /// Path and query, from the slash on.
    rest: String,
}

/// A line that proves who asks; never shown.
pub struct Credential(String);

/// How much may be taken.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub seconds: u64,
    pub bytes: u64,
}

impl Address {
    /// Reads an address; credentials in it are refused, since it is written down.
    pub fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| Err(format!("{text:?}: {why}"));
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => ("http", rest),
            _ => return refuse("an address begins with https://"),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let path = path.split('#').next().unwrap_or_default();
        let address = Self {
            scheme,
            authority: authority.to_ascii_lowercase(),
            rest: if path.starts_with('/') { path.to_owned() } else { format!("/{path}") },
        };
        let plain = |c: char| {
            c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '{' | '}' | '[' | ']' | '<' | '>' | '^' | '`' | '|')
        };
        let host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_');
        match () {
            () if authority.contains('@') => refuse("credentials belong into a file, see --credentials"),
            () if authority.is_empty() || !authority.chars().all(host) => refuse("no host that can be asked"),
            () if !address.rest.chars().all(plain) => refuse("write other characters than those of RFC 3986 as %XX"),
            () if scheme == "http" && !address.is_here() => refuse("only https leaves this machine"),
            () => Ok(address),
        }
    }

    /// Whether it lies on this machine.
    fn is_here(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// The host without its port and brackets.
    pub fn host(&self) -> &str {
        match self.authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, _)) => host,
            None => self.authority.split(':').next().unwrap_or_default(),
        }
    }

    /// Another path, with its query, on the same host.
    pub fn with(&self, rest: &str) -> Result<Self, String> {
        Self::parse(&format!("{}://{}{rest}", self.scheme, self.authority))
    }

    /// The path up to its last slash.
    pub fn folder(&self) -> &str {
        let path = self.path();
        &path[..path.rfind('/').map_or(0, |slash| slash + 1)]
    }

    /// The path alone.
    pub fn path(&self) -> &str {
        self.rest.split('?').next().unwrap_or_default()
    }

    /// The query alone, if there is one.
    pub fn query(&self) -> Option<&str> {
        self.rest.split_once('?').map(|(_, query)| query)
    }

    fn same_host(&self, other: &Self) -> bool {
        (self.scheme, &self.authority) == (other.scheme, &other.authority)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.rest)
    }
}

impl Credential {
    /// Reads what a file or variable holds: a header line, `user:password`, or
    /// a token, before which `scheme` is put.
    pub fn read(text: &str, scheme: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err("the credentials are empty or more than one line".to_owned());
        }
        let line = match text.split_once(':') {
            Some((_, value)) if value.starts_with(' ') => format!("header = {}", quoted(text)),
            Some(_) => format!("user = {}\nbasic", quoted(text)),
            None => format!("header = {}", quoted(&format!("Authorization: {scheme}{text}"))),
        };
        Ok(Self(line))
    }
}

/// A value of curl's configuration.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Makes a request; gives the body. Redirects are followed on the same host alone.
pub fn ask(request: &Request, credential: Option<&Credential>, bounds: Bounds) -> Result<Vec<u8>, Trouble> {
    let mut request = request.clone();
    for _ in 0..=HOPS {
        let (body, status, onward) = once(&request, credential, bounds)?;
        match status {
            200 => return Ok(body),
            301 | 302 | 303 | 307 | 308 => {
                let next = Address::parse(&onward).map_err(|why| failed(&request, &why))?;
                if !request.address.same_host(&next) {
                    return Err(failed(&request, &format!("leads on to {}, which was not agreed to", next.host())));
                }
                request.address = next;
            }
            status => return Err(failed(&request, &format!("the server answers with status {status}"))),
        }
    }
    Err(failed(&request, "leads on and on"))
}

fn failed(request: &Request, why: &str) -> Trouble {
    Trouble::Failed(format!("{}: {why}", request.address))
}

/// Body, status, and where a redirect leads.
fn once(request: &Request, credential: Option<&Credential>, bounds: Bounds) -> Result<(Vec<u8>, u16, String), Trouble> {
    let mut command = Command::new("curl");
    command.args(["--disable", "--config", "-"]).env_clear();
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(Trouble::at("curl (Debian package `curl`) cannot be started"))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(config(request, credential, bounds).as_bytes())?;
    }
    let mut body = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(bounds.bytes + 1).read_to_end(&mut body)?;
    }
    if body.len() as u64 > bounds.bytes {
        child.kill()?;
        child.wait()?;
        return Err(failed(request, &format!("the answer is longer than {} bytes; see --max-bytes", bounds.bytes)));
    }
    let output = child.wait_with_output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(failed(request, told.lines().next().unwrap_or("curl failed")));
    }
    // The last line is what `write-out` says.
    let mut words = told.lines().last().unwrap_or_default().splitn(2, ' ');
    let status = words.next().and_then(|status| status.parse().ok()).unwrap_or(0);
    Ok((body, status, words.next().unwrap_or_default().trim().to_owned()))
}

fn config(request: &Request, credential: Option<&Credential>, bounds: Bounds) -> String {
    let mut lines = vec![
        format!("url = {}", quoted(&request.address.to_string())),
        format!("proto = \"={}\"", request.address.scheme),
        "silent".to_owned(),
        "show-error".to_owned(),
        "globoff".to_owned(),
        "compressed".to_owned(),
        "noproxy = \"*\"".to_owned(),
        format!("max-time = {}", Duration::from_secs(bounds.seconds).as_secs()),
        "connect-timeout = 30".to_owned(),
        format!("header = {}", quoted(&format!("Accept: {}", request.accept))),
        format!("user-agent = \"handprint/{}\"", env!("CARGO_PKG_VERSION")),
        "write-out = \"%{stderr}\\n%{http_code} %{redirect_url}\"".to_owned(),
    ];
    if let Some(body) = &request.body {
        lines.push("header = \"Content-Type: application/json\"".to_owned());
        lines.push(format!("data-raw = {}", quoted(body)));
    }
    lines.extend(credential.map(|credential| credential.0.clone()));
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_may_be_asked_are_read() {
        for fine in
            ["https://feeds.example/a?b=1", "https://feeds.example", "http://127.0.0.1:8080/x", "http://[::1]/x"]
        {
            assert!(Address::parse(fine).is_ok(), "{fine}");
        }
        let refused = [
            "http://feeds.example/",
            "ftp://feeds.example/",
            "https://u:p@feeds.example/",
            "https:///x",
            "feeds.example",
            "https://feeds.example/\"\noutput = \"/tmp/x",
            "https://feeds.example/{a,b}",
            "http://127.0.0.1.example/",
            "file:///etc/passwd",
            "https://feeds.example\\@127.0.0.1/",
        ];
        for text in refused {
            assert!(Address::parse(text).is_err(), "{text}");
        }
        let address = Address::parse("https://Feeds.Example:8443/misp/manifest.json?x=1#y").unwrap();
        assert_eq!((address.folder(), address.host(), address.query()), ("/misp/", "feeds.example", Some("x=1")));
    }

    #[test]
    fn credentials_stay_one_line_of_configuration() {
        let line = |text: &str| Credential::read(text, "Bearer ").map(|credential| credential.0);
        assert_eq!(line("abc\n").unwrap(), "header = \"Authorization: Bearer abc\"");
        assert_eq!(line("us\"er:pa\\ss").unwrap(), "user = \"us\\\"er:pa\\\\ss\"\nbasic");
        assert_eq!(line("X-Key: abc").unwrap(), "header = \"X-Key: abc\"");
        assert!(line("a\noutput = x").is_err() && line(" ").is_err());
    }
}
