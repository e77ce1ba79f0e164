//! Web-server logs.

use super::{count, float, text, time, truth};
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

/// One request of an attack or a walk.
pub const WEB_ACTS: Table = Table {
    name: "web_acts",
    stage: Stage::Correlate,
    private: true,
    located: true,
    summary: "One request that was part of an attack or of a walk through records; private, since it names records.",
    columns: &[
        text("site", "folder of the site's logs"),
        time("time", "when, the site's clock corrected"),
        text("client", "client address; proxies are looked through"),
        text("user_agent", "User-Agent"),
        text("actor", "id of the actor, the same on all sites; null for background"),
        text("phase", "scan, exploit, scrape, or background: attempts that aimed at nobody in particular"),
        text("classes", "what it tried, joined by commas"),
        text("techniques", "ATT&CK techniques of these, joined by commas"),
        text("manner", "how the walk that it belongs to goes through identifiers"),
        text("record", "identifier that a walk asked for, exactly as in the request"),
        text("outcome", "hit, miss, blocked or failed"),
        count("requests", "requests that the row stands for: 1, or for background all of a site"),
    ],
};

/// One address of one actor.
pub const WEB_ADDRESSES: Table = Table {
    name: "web_addresses",
    stage: Stage::Correlate,
    private: false,
    located: true,
    summary: "An address from which an actor attacked a site or walked through its records, and what it hides behind.",
    columns: &[
        text("actor", "id of the actor"),
        text("value", "address"),
        count("requests", "requests of the actor from it, on all sites"),
        time("first_seen", "first of them"),
        time("last_seen", "last of them"),
        count("asn", "autonomous system number"),
        text("network", "name of the autonomous system"),
        text("prefix", "longest known prefix that holds it"),
        text("shared_class", "class of a shared range that holds it, null if none"),
        text("shared_by", "who runs that range"),
        truth("cover", "whether it is held to be the actor's cover"),
        truth("slip", "whether the actor is held to have come from it without cover by mistake"),
        text("why", "why so, in one sentence"),
    ],
};

/// One phase of an attack on one site.
pub const WEB_SESSIONS: Table = Table {
    name: "web_sessions",
    stage: Stage::Correlate,
    private: false,
    located: true,
    summary: "What one actor did on one site in one phase; requests from a slip are a row of their own.",
    columns: &[
        text("site", "folder of the site's logs"),
        text("actor", "id of the actor"),
        text("phase", "scan, exploit or scrape"),
        truth("slip", "whether these are the requests without cover"),
        text("clients", "addresses, sorted, joined by commas"),
        count("addresses", "number of them"),
        count("requests", "requests"),
        time("first_seen", "first of them, the site's clock corrected"),
        time("last_seen", "last of them"),
        text("user_agents", "agents, sorted, one a line"),
        text("classes", "what was tried, sorted, joined by commas"),
        text("techniques", "ATT&CK techniques, sorted, joined by commas"),
        text("manner", "how a walk goes through identifiers"),
        count("records", "distinct records read"),
        count("misses", "distinct identifiers without a record"),
        count("refused", "requests that the site refused or failed to answer"),
        count("missing", "identifiers missing in a walk that otherwise leaves none out: lines that the logs lack"),
        count("records_low", "records read if the missing ones are counted in, lower bound of 95 in 100"),
        count("records_high", "the upper bound"),
        text("why", "what it rests on, in one sentence"),
    ],
};

/// One record that left.
pub const WEB_READS: Table = Table {
    name: "web_reads",
    stage: Stage::Correlate,
    private: true,
    located: true,
    summary: "A record that an actor read.",
    columns: &[
        text("site", "folder of the site's logs"),
        text("actor", "id of the actor"),
        text("record", "identifier exactly as in the request"),
        count("reads", "successful requests for it"),
        time("first_read", "first of them, the site's clock corrected"),
        time("last_read", "last of them"),
    ],
};

/// One day of an attack.
pub const WEB_DAYS: Table = Table {
    name: "web_days",
    stage: Stage::Correlate,
    private: false,
    located: false,
    summary: "What an actor did on a site on one day.",
    columns: &[
        text("site", "folder of the site's logs"),
        text("actor", "id of the actor"),
        text("phase", "scan, exploit or scrape"),
        time("day", "start of the day, UTC"),
        count("requests", "requests"),
        count("records", "distinct records read for the first time"),
    ],
};

/// A stretch in which a site got more than its season lets expect.
pub const WEB_FLOODS: Table = Table {
    name: "web_floods",
    stage: Stage::Correlate,
    private: false,
    located: true,
    summary: "A stretch of time in which a site got more than it shows itself at that hour and weekday, and whether programs or people came; accuses nobody.",
    columns: &[
        text("site", "folder of the site's logs"),
        text("grade", "flood, crowd, or open; open for a whole log means that it is too short to know its season"),
        text("kind", "of a flood: volumetric, or application for what makes the site work"),
        time("first_seen", "start of the first span of ten minutes, the site's clock corrected"),
        time("last_seen", "end of the last span"),
        count("requests", "requests but those of declared readers, attackers and walkers"),
        count("expected", "requests that the season lets expect; null where it is not known"),
        count("bytes", "bytes sent"),
        count("addresses", "distinct addresses, within 3 in 100"),
        count("few", "requests of the eight busiest addresses, at least"),
        count("agents", "distinct agents, within 3 in 100"),
        count("one_agent", "requests with the most frequent agent, at least"),
        text("path", "the path asked for most, or the page of a look-up"),
        count("one_path", "requests for it, at least"),
        count("targets", "distinct paths with their queries, within 3 in 100"),
        count("assets", "requests for styles, scripts, pictures"),
        count("bare", "requests for pages without a Referer"),
        count("outside", "requests for pages that another site led to"),
        count("failed", "answers 5xx and 429"),
        count("mean_ms", "mean duration in milliseconds, null where not logged"),
        text("for_flood", "what speaks for a flood, one a line"),
        text("for_crowd", "what speaks for a crowd, one a line"),
        text("why", "what it rests on, in one sentence"),
    ],
};

/// A page that changed, and not by editing alone.
pub const WEB_CHANGES: Table = Table {
    name: "web_changes",
    stage: Stage::Correlate,
    private: false,
    located: true,
    summary: "A page whose answers changed in size for good, soon after an attack on the site, or that was changed back soon.",
    columns: &[
        text("site", "folder of the site's logs"),
        text("path", "path of the page"),
        text("grade", "suspect: an attack came before it; open: it was taken back soon and nothing came before it"),
        time("changed", "first answer of the new size, the site's clock corrected"),
        time("last_before", "last answer of the old size"),
        time("stood_since", "since when the page had been as it was"),
        time("undone", "when it had its old size again, null if it has not"),
        count("size_before", "most frequent size before, bytes"),
        count("size_after", "most frequent size of the first answers after, bytes"),
        count("answers_before", "answers before, by which the page was known"),
        count("together", "pages of the site that changed within the hour, this one too"),
        text("after", "upload: the site took a script; attack: an attack on it began; null if neither"),
        time("after_at", "when that was"),
        text("actor", "id of the actor whose attack it was, null if it is nobody's in particular"),
        text("why", "what it rests on, in one sentence"),
    ],
};
