//! What is known from elsewhere: indicators, actors, ranges, tenancies, DNS.

use super::{count, text, time, truth};
use crate::{Stage, Table};

/// One indicator of one feed.
pub const INDICATORS: Table = Table {
    name: "indicators",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One value that a feed declares to belong to somebody or something.",
    columns: &[
        text("kind", "kind of observable"),
        text("value", "cleaned value"),
        text("ref", "STIX id, MISP attribute uuid, or list file name and value joined by a colon"),
        text("actor", "actor that the feed names, as spelled there; null where it names none"),
        text("actor_ref", "STIX id of the actor"),
        text("source", "who says so"),
        time("valid_from", "start of validity or first seen"),
        time("valid_until", "end of validity or last seen; null while open"),
        time("stated", "when the statement was made or last changed"),
        count("confidence", "0 to 100 (STIX scale); null where the feed gives none"),
        text("sharing", "sharing mark of the statement, as TLP word"),
        truth("revoked", "whether the feed has withdrawn it"),
        text("description", "what the feed says about it"),
    ],
};

/// One name of an actor in one feed.
pub const ACTORS: Table = Table {
    name: "actors",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One name that one feed gives an actor; names are linked, never merged.",
    columns: &[
        text("actor_ref", "STIX id or other reference within the feed"),
        text("name", "main name in the feed"),
        text("alias", "this name; the main name has a row too"),
        text("country", "country that the feed ties it to, as spelled there"),
        text("source", "who says so"),
        time("stated", "when"),
    ],
};

/// One object of an imported feed.
pub const IMPORTED_OBJECTS: Table = Table {
    name: "imported_objects",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One object of an imported STIX bundle (each version), one MISP event, or one cluster of a galaxy.",
    columns: &[
        text("standard", "name of the format that read it"),
        text("type", "STIX type, event, or type of the galaxy"),
        text("ref", "STIX id or uuid"),
        text("name", "its name; null for persons and observables"),
        text("external_id", "id that its publisher has for it, such as an ATT&CK number"),
        text("relation", "what a STIX relationship says, such as uses"),
        text("source_ref", "where it starts"),
        text("target_ref", "where it leads"),
        time("stated", "when it was made or last changed"),
        text("sharing", "sharing mark, as TLP word; null where it has none"),
        truth("revoked", "whether its publisher has withdrawn it"),
    ],
};

/// One statement of a sanctions list about one of its parties.
pub const LISTINGS: Table = Table {
    name: "listings",
    stage: Stage::Ingest,
    private: true,
    located: true,
    summary: "One name or identifier that a sanctions list gives a party, with its source and date; private, since parties are persons too.",
    columns: &[
        text("ref", "reference of the party: list and number joined by a colon, or its FollowTheMoney id"),
        text("party", "person, organisation, vessel, aircraft, or other; null where only an identifier is told"),
        text(
            "what",
            "name, alias or weak-alias; kind of observable; passport, id-number, tax-number, registration, imo or birth-date; or owns, directs, belongs-to, linked-to",
        ),
        text(
            "value",
            "the name as written, first name first where the list tells parts apart; the cleaned value; or the reference of the other party",
        ),
        text("country", "country that issued the number or that the party is tied to, as spelled there"),
        text("programs", "programmes or topics under which it is listed, joined by commas"),
        text("source", "list that says so"),
        time("stated", "when the statement was made, or the list published"),
    ],
};

/// One announced prefix.
pub const PREFIXES: Table = Table {
    name: "prefixes",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One address prefix with the autonomous system that announces it.",
    columns: &[
        text("prefix", "CIDR notation"),
        text("first_ip", "first address as 32 hexadecimal digits, IPv4 mapped into IPv6"),
        text("last_ip", "last address, likewise"),
        count("asn", "autonomous system number"),
        text("name", "its name"),
        text("country", "its country code"),
        time("first_seen", "first announcement known"),
    ],
};

/// A range that many share.
pub const SHARED_RANGES: Table = Table {
    name: "shared_ranges",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "An address or range that many parties share, such as a VPN exit: a match there names nobody.",
    columns: &[
        text("prefix", "address or CIDR range"),
        text("first_ip", "first address as 32 hexadecimal digits, IPv4 mapped into IPv6"),
        text("last_ip", "last address, likewise"),
        text("class", "vpn-exit, tor-exit, hosting, cdn, nat; data-centre for addresses that a hoster lets one by one"),
        text("provider", "who runs it"),
    ],
};

/// One entry of a warninglist.
pub const WARNINGS: Table = Table {
    name: "warnings",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One entry of a MISP warninglist: a value that appears in much traffic and identifies nobody.",
    columns: &[
        text("list", "name of the list"),
        text("type", "cidr, string, hostname, substring or regex"),
        text("entry", "the entry as written"),
        text("first_ip", "first address for cidr lists, 32 hexadecimal digits"),
        text("last_ip", "last address, likewise"),
    ],
};

/// Who held a name or range, and since when.
pub const TENANCIES: Table = Table {
    name: "tenancies",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "A statement that somebody held an address range or domain in an interval.",
    columns: &[
        text("kind", "ip, cidr or domain"),
        text("value", "address, range or domain as stated"),
        text("first_ip", "first address as 32 hexadecimal digits; null for domains"),
        text("last_ip", "last address, likewise"),
        text("holder", "who, as stated; null if not named"),
        text("statement", "registration, assignment, lease"),
        time("held_from", "start"),
        time("held_until", "end; null while open"),
        text("source", "registry or party that says so"),
    ],
};

/// One name of a certificate.
pub const CERTIFICATES: Table = Table {
    name: "certificates",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One name in one certificate, as a search of Certificate Transparency gave it.",
    columns: &[
        text("name", "DNS name, lower case, without the star of a wildcard"),
        time("not_before", "start of its validity"),
        time("not_after", "end of its validity"),
        time("logged", "when a log took it in"),
        text("spki_sha256", "SHA-256 of its public key, hexadecimal"),
        text("cert_sha256", "SHA-256 of the whole, hexadecimal"),
        text("serial", "serial number as given"),
        text("issuer", "issuer as given"),
    ],
};

/// One DNS record, seen or asked for.
pub const DNS_OBSERVATIONS: Table = Table {
    name: "dns_observations",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One DNS record: seen in passing (passive DNS, Common Output Format), asked for (a snapshot), or out of a zone file.",
    columns: &[
        text("name", "rrname, lower case"),
        text("type", "rrtype"),
        text("data", "rdata, one value per row; null where the name was asked and has no such record"),
        time("first_seen", "time_first, or when the name was asked, or the day that the serial of its zone names"),
        time("last_seen", "time_last, or when the name was asked"),
        count("count", "times seen"),
        text("sensor", "sensor_id"),
        truth("asked", "whether it answers a question that was asked, rather than seen in passing"),
        truth("complete", "on the SOA record of a zone file: what the file does not hold below it did not exist"),
    ],
};

/// One statement of an entry of a knowledge base, in order of its key.
pub const KNOWN_VALUES: Table = Table {
    name: "known_values",
    stage: Stage::Enrich,
    private: false,
    located: false,
    summary: "In an entry of a knowledge base: one statement about one value, sorted so that values are found by their key.",
    columns: &[
        count(
            "key",
            "64-bit key of kind and value, that of the bits for ranges; the highest bit is set for ranges alone",
        ),
        text("what", "table that the statement was read into: indicators, shared_ranges or tenancies"),
        text("kind", "kind of observable"),
        text("value", "cleaned value; range in CIDR notation"),
        text("evidence", "SHA-256 of the file that says so, hexadecimal"),
        text("chain", "steps of decoding from the file to the bytes"),
        count("start", "first byte within what `chain` gives"),
        count("length", "bytes; 0 stands for the whole"),
        text("ref", "reference within the feed"),
        text("actor", "actor that the feed names; provider of a shared range, holder of a tenancy"),
        text("actor_ref", "reference of the actor"),
        text("source", "who says so"),
        time("valid_from", "start of validity or of the tenancy"),
        time("valid_until", "its end; null while open"),
        time("stated", "when the statement was made or last changed"),
        count("confidence", "0 to 100"),
        text("sharing", "sharing mark of the statement, as TLP word"),
        truth("revoked", "whether the feed has withdrawn it"),
        text("description", "the feed's own words; class of a shared range, word of a tenancy"),
    ],
};

/// How many show the same.
pub const BASE_RATES: Table = Table {
    name: "base_rates",
    stage: Stage::Correlate,
    private: false,
    located: false,
    summary: "How many of the known actors, and how much that is benign, show the same: what a match of that kind can be worth.",
    columns: &[
        text("kind", "kind of observable that a feed names; asn, provider, time-zone, technique or tool"),
        text("value", "the value; minutes east of UTC for time zones; for techniques and tools the publisher's id"),
        text("name", "its name, where it has one; for a provider the class of its ranges"),
        count(
            "actors",
            "actors, by the names that feeds spell, whom the loaded intel gives it to; null where no feed speaks of it",
        ),
        count("of_actors", "actors that the loaded intel says such things of"),
        count("benign", "benign things that show it; null where none could be counted"),
        count("of_benign", "benign things that were looked at"),
        text("benign_things", "what was counted as benign"),
    ],
};

/// Where actors have their addresses.
pub const PLACEMENTS: Table = Table {
    name: "placements",
    stage: Stage::Correlate,
    private: false,
    located: false,
    summary: "How many addresses the loaded intel gives an actor in one network or with one provider, and how many benign ones of the case are there.",
    columns: &[
        text("kind", "asn or provider"),
        text("value", "AS number or provider that the case touches; null for everywhere else"),
        text("actor", "names under which feeds give the addresses, joined by bars; null for what is benign"),
        count("addresses", "different addresses; those that the case itself shows are left out"),
        text("counted_in", "what was counted"),
    ],
};
