//! What a named value of a log stands for, and a request made of such values.
//!
//! Names are those of nginx's variables, of Caddy, Cloudflare and Akamai, and
//! what sites call them themselves. JSON keys and declared formats both come
//! through here, so a name means the same in both.

use super::Request;
use super::clock::{Clock, digits, micros_of_seconds, seconds_as_ms};
use super::target::{present, request_line, set_target, without_port};

/// What a value stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Role {
    /// Time, in any spelling.
    Time,
    /// Time as Akamai names it: its lines are percent-encoded.
    AkamaiTime,
    /// The other end of the connection.
    Peer,
    /// X-Forwarded-For.
    Forwarded,
    /// Virtual host.
    Host,
    /// Method.
    Method,
    /// Target, with or without query.
    Uri,
    /// Path beside which the log may hold the whole target.
    Path,
    /// Whole request line.
    RequestLine,
    /// Query, with or without question mark.
    Args,
    /// Status.
    Status,
    /// Bytes sent.
    Bytes,
    /// Seconds taken.
    Seconds,
    /// Milliseconds taken.
    Millis,
    /// Microseconds taken.
    Micros,
    /// Referer.
    Referer,
    /// User agent.
    Agent,
    /// Cookie or session.
    Cookie,
    /// Authenticated user.
    User,
    /// Anything else.
    Other,
}

/// How many roles are worth keeping.
pub const ROLES: usize = Role::Other as usize;

/// Names by role, lower-case. The first that a line holds counts.
const NAMES: &[(Role, &[&str])] = &[
    (
        Role::Time,
        &[
            "time",
            "time_iso8601",
            "time_local",
            "@timestamp",
            "timestamp",
            "msec",
            "ts",
            "date",
            "datetime",
            "startutc",
            "edgestarttimestamp",
        ],
    ),
    (Role::AkamaiTime, &["reqtimesec"]),
    (
        Role::Peer,
        &[
            "remote_addr",
            "remote_ip",
            "client_ip",
            "clientip",
            "client_addr",
            "client",
            "ip",
            "remote_address",
            "clienthost",
            "src_ip",
            "cliip",
            "remoteip",
            "binary_remote_addr",
        ],
    ),
    (
        Role::Forwarded,
        &[
            "xff",
            "http_x_forwarded_for",
            "x_forwarded_for",
            "x-forwarded-for",
            "forwarded_for",
            "proxy_add_x_forwarded_for",
            "xforwardedfor",
        ],
    ),
    (
        Role::Host,
        &["host", "http_host", "server_name", "vhost", "requesthost", "domain", "clientrequesthost", "reqhost"],
    ),
    (
        Role::Method,
        &["method", "request_method", "verb", "http_method", "requestmethod", "clientrequestmethod", "reqmethod"],
    ),
    (
        Role::Uri,
        &[
            "uri",
            "request_uri",
            "path",
            "url",
            "requestpath",
            "request_path",
            "requesturl",
            "clientrequesturi",
            "reqpath",
        ],
    ),
    (Role::Path, &["clientrequestpath"]),
    (Role::RequestLine, &["request", "request_line"]),
    (Role::Args, &["args", "query", "query_string", "querystring", "querystr"]),
    (
        Role::Status,
        &[
            "status",
            "status_code",
            "response",
            "response_status",
            "downstreamstatus",
            "code",
            "edgeresponsestatus",
            "statuscode",
        ],
    ),
    (
        Role::Bytes,
        &[
            "body_bytes_sent",
            "bytes_sent",
            "bytes",
            "size",
            "body_bytes",
            "downstreamcontentsize",
            "edgeresponsebytes",
            "responsesize",
        ],
    ),
    (Role::Seconds, &["request_time", "duration", "request_time_s", "rt"]),
    (Role::Millis, &["request_time_ms", "duration_ms", "latency_ms"]),
    (Role::Micros, &["request_time_us", "duration_us"]),
    (
        Role::Referer,
        &["http_referer", "http_referrer", "referer", "referrer", "request_referer", "clientrequestreferer"],
    ),
    (
        Role::Agent,
        &["http_user_agent", "user_agent", "useragent", "user-agent", "agent", "ua", "clientrequestuseragent"],
    ),
    (Role::Cookie, &["cookie", "http_cookie", "session", "session_id", "sid"]),
    (Role::User, &["remote_user", "user", "auth_user", "clientusername", "user_id"]),
];

impl Role {
    /// The role of a value of that name.
    pub fn of(name: &[u8]) -> Self {
        let name = name.to_ascii_lowercase();
        let is_named = |names: &&[&str]| names.iter().any(|known| known.as_bytes() == name);
        match NAMES.iter().find(|(_, names)| is_named(names)) {
            Some((role, _)) => *role,
            None if name.starts_with(b"cookie_") => Self::Cookie,
            None => Self::Other,
        }
    }
}

/// The request that the values tell; `None` if they name no time or no request.
#[inline]
pub fn request<'a>(clock: &mut Clock, text: impl Fn(Role) -> &'a str) -> Option<Request<'a>> {
    let value = |role| present(text(role));
    let mut request = Request {
        peer_ip: value(Role::Peer).map(without_port),
        forwarded_for: value(Role::Forwarded),
        host: value(Role::Host).map(without_port),
        status: value(Role::Status).and_then(|text| digits(text.as_bytes())),
        bytes: value(Role::Bytes).and_then(|text| digits(text.as_bytes())),
        duration_ms: duration(&value),
        referer: value(Role::Referer),
        user_agent: value(Role::Agent),
        // Caddy masks credentials; what all have in common joins nobody.
        cookie: value(Role::Cookie).filter(|cookie| *cookie != "REDACTED"),
        user: value(Role::User),
        ..Request::default()
    };
    if let Some(whole) = value(Role::RequestLine) {
        request_line(whole, &mut request);
    }
    if let Some(uri) = value(Role::Uri).or_else(|| value(Role::Path)) {
        set_target(uri, &mut request);
    }
    request.method = value(Role::Method).or(request.method);
    request.query = value(Role::Args).map(|args| args.strip_prefix('?').unwrap_or(args)).or(request.query);
    // A post has a time and a URL too, but neither method nor status.
    (request.method.is_some() || request.path.is_some() && request.status.is_some()).then_some(())?;
    let stamp = value(Role::Time).or_else(|| value(Role::AkamaiTime))?;
    request.time = Some(clock.any(stamp.as_bytes())?);
    Some(request)
}

fn duration<'a>(value: &impl Fn(Role) -> Option<&'a str>) -> Option<f64> {
    let whole = |role: Role| value(role).and_then(|text| digits(text.as_bytes()));
    value(Role::Seconds)
        .and_then(|text| seconds_as_ms(text.as_bytes()))
        .or_else(|| value(Role::Millis).and_then(|text| Some(micros_of_seconds(text.as_bytes())? as f64 / 1e6)))
        .or_else(|| whole(Role::Micros).map(|micros| micros as f64 / 1000.0))
}
