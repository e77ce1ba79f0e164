//! Web-server logs.

use super::{count, float, text, time};
use crate::{Stage, Table};

/// One request line of any web-server log.
pub const WEB_REQUESTS: Table = Table {
    name: "web_requests",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One request as a web server or load balancer logged it; values as written, times as stamped.",
    columns: &[
        time("time", "time stamp with its offset applied; the server's own clock, not corrected"),
        text("peer_ip", "address at the other end of the connection"),
        text("forwarded_for", "X-Forwarded-For as logged"),
        text("host", "virtual host, where logged"),
        text("method", "request method"),
        text("path", "path of the request target"),
        text("query", "query string without the question mark"),
        count("status", "HTTP status"),
        count("bytes", "bytes sent"),
        float("duration_ms", "time taken in milliseconds"),
        text("referer", "Referer, null where the log shows none"),
        text("user_agent", "User-Agent, null where the log shows none"),
        text("cookie", "session cookie or token as logged"),
        text("user", "authenticated user as logged"),
    ],
};
