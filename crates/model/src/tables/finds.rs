//! What extraction, enrichment and correlation find.

use super::{count, signed, text, time, truth};
use crate::{Column, Stage, Table};

const OBSERVABLE: &[Column] = &[
    text("kind", "kind of observable"),
    text("value", "cleaned value"),
    text("raw", "as it stands at the place"),
    text(
        "role",
        "header:NAME, body, note, log, cell:NAME, document, name, metadata:NAME, screen:prompt, screen:title, screen:output, or uncovered: with one of these three, for what was worked out from below a cover",
    ),
    text("status", "accepted or rejected"),
    text("reason", "why a candidate was rejected, null otherwise"),
    count("count", "occurrences that the row stands for: 1, or for logs all in one split"),
    signed("last_start", "start of the last of them"),
];

/// One observable at one place.
pub const OBSERVABLES: Table = Table {
    name: "observables",
    stage: Stage::Extract,
    private: false,
    located: true,
    summary: "One value at one place, or, for logs, one value in one split at its first place.",
    columns: OBSERVABLE,
};

/// One observable that may be a victim's.
pub const PERSON_OBSERVABLES: Table = Table {
    name: "person_observables",
    stage: Stage::Extract,
    private: true,
    located: true,
    summary: "A mail address or telephone number from a text that may name victims.",
    columns: OBSERVABLE,
};

/// Text around an observable.
pub const CONTEXTS: Table = Table {
    name: "contexts",
    stage: Stage::Extract,
    private: true,
    located: true,
    summary: "The text around an observable or slip; private, since it may name a victim.",
    columns: &[
        text("before", "up to 48 bytes before it on its line"),
        text("after", "up to 48 bytes after it on its line"),
    ],
};

/// One slip.
pub const SLIPS: Table = Table {
    name: "slips",
    stage: Stage::Extract,
    private: false,
    located: true,
    summary: "A value out of the operators' own surroundings that they let out.",
    columns: &[
        text("kind", "kind of slip"),
        text("value", "cleaned value"),
        text("raw", "as it stands at the place"),
        text("detector", "detector that found it"),
        text("why", "why it tells"),
        text("plant_cost", "trivial, low or high: how cheaply it could be planted"),
    ],
};

/// One distinct value in one file.
pub const VALUE_FILES: Table = Table {
    name: "value_files",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "One distinct accepted value in one evidence file, with its first place there.",
    columns: &[
        text("kind", "kind of observable"),
        text("value", "cleaned value"),
        signed("occurrences", "places of the file that hold it; log lines read as text and as requests count once"),
        time("first_seen", "first request of a client address, the site's clock corrected; null for other values"),
        time("last_seen", "last request of a client address, the site's clock corrected; null for other values"),
    ],
};

/// One distinct value of the case.
pub const VALUES: Table = Table {
    name: "values",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "One distinct accepted value with its first place and how far it spreads.",
    columns: &[
        text("kind", "kind of observable"),
        text("value", "cleaned value"),
        text("topics", "topics of the sources that hold it, sorted, joined by commas"),
        count("sources", "files that hold it"),
        count("occurrences", "places that hold it"),
        time("first_seen", "earliest dated place, null where none is dated"),
        time("last_seen", "latest dated place"),
    ],
};

/// One match of a value with an indicator.
pub const INTEL_MATCHES: Table = Table {
    name: "intel_matches",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "A value of the case that a feed names, and whether the match counts.",
    columns: &[
        text("kind", "kind of observable"),
        text("value", "cleaned value"),
        text("ref", "reference of the indicator"),
        text("actor", "actor that the feed names"),
        text("source", "who says so"),
        count("confidence", "of the statement, 0 to 100"),
        time("valid_from", "start of the indicator's validity"),
        time("valid_until", "its end"),
        time("seen_from", "first time the value is seen in the case"),
        time("seen_until", "last time"),
        truth("counts", "whether it may carry weight"),
        text("why", "why it counts or does not, in one sentence"),
        text("indicator_at", "locator of the statement in the feed"),
    ],
};

/// One clip or picture that an earlier case held too.
pub const MEDIA_MATCHES: Table = Table {
    name: "media_matches",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "A video or image of the case that a closed case of the knowledge base held too, told by fingerprints of its pictures.",
    columns: &[
        text("source", "closed case that held it"),
        text("medium", "name of the file there"),
        count("pictures", "pictures unlike each other that both show, at the same distance in time"),
        count("of", "pictures unlike each other that the medium has"),
        signed("shift_ms", "milliseconds by which they come later there"),
        text("known_at", "locator of the line that tells of the earlier one"),
    ],
};

/// One match of a certificate with an indicator.
pub const CERTIFICATE_MATCHES: Table = Table {
    name: "certificate_matches",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "A certificate whose key or digest a feed names, the address of the case that it was on, and whether that counts.",
    columns: &[
        text("kind", "spki for a key, certificate for a whole certificate"),
        text("value", "the digest"),
        text("name", "DNS name of the certificate"),
        text("address", "address of the case that the name led to; null if none"),
        text("ref", "reference of the indicator"),
        text("actor", "actor that the feed names"),
        text("source", "who says so"),
        count("confidence", "0 to 100, as the feed gives it"),
        time("not_before", "start of the certificate's validity"),
        truth("counts", "whether it may carry weight"),
        text("why", "why it counts or does not, in one sentence"),
        text("indicator_at", "locator of the statement in the feed"),
    ],
};

/// The autonomous system of an address.
pub const ADDRESS_ORIGINS: Table = Table {
    name: "address_origins",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "The longest known prefix that holds an address of the case.",
    columns: &[
        text("value", "address"),
        text("prefix", "prefix"),
        count("asn", "autonomous system number"),
        text("name", "its name"),
        text("country", "its country code"),
        text("shared_class", "class of a shared range that holds the address, null if none"),
        text("shared_by", "who runs that range"),
    ],
};

/// A value on a warninglist.
pub const WARNING_MATCHES: Table = Table {
    name: "warning_matches",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "A value of the case that stands on a warninglist: kept, marked, and worth nothing as a link.",
    columns: &[
        text("kind", "kind of observable"),
        text("value", "cleaned value"),
        text("list", "name of the list"),
        text("warning_at", "locator of the entry"),
    ],
};

/// One name of the case that a sanctions list names.
pub const NAME_MATCHES: Table = Table {
    name: "name_matches",
    stage: Stage::Correlate,
    private: true,
    located: true,
    summary: "A name of the case that is like that of a party on a sanctions list; it counts with a second identifier only.",
    columns: &[
        text("name", "as the case spells it"),
        text("role", "sender, slip or holder"),
        text("topic", "kind of evidence that it stands in"),
        text("ref", "reference of the party; null for a name like those of many"),
        text("party", "person, organisation, vessel, aircraft or other"),
        text("listed_name", "the spelling of the list that is most like it"),
        text("listed_as", "name, alias or weak-alias"),
        text("source", "list that says so"),
        time("stated", "when"),
        count("likeness", "thousandths, from 860 on"),
        text("second_kind", "kind of the identifier of the party that the case holds too; null if none"),
        text("second_at", "locator of that in the case"),
        truth("counts", "whether there is a second identifier"),
        text("why", "why it counts or does not, in one sentence without names"),
        text("listed_at", "locator of the statement in the list"),
    ],
};

/// A value that ties two kinds of evidence.
pub const LINKS: Table = Table {
    name: "links",
    stage: Stage::Correlate,
    private: false,
    located: true,
    summary: "A value that stands in two kinds of evidence, or in evidence and intel.",
    columns: &[
        text("kind", "kind of observable; name for one that a sanctions list names"),
        text("value", "shared value; for a name the reference of the listed party"),
        text("from_topic", "mail, web, leak, social, video or hosting"),
        text("to_topic", "likewise, or intel"),
        text("ref", "reference of the indicator, for intel"),
        text("actor", "actor, for intel"),
        truth("counts", "whether it may carry weight"),
        text("why", "why it counts or does not"),
        text("other_at", "locator of the other end"),
    ],
};

/// Where one message was received.
pub const MAIL_RECEPTIONS: Table = Table {
    name: "mail_receptions",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "The hop by which one message came in: at a declared trusted host, else the topmost.",
    columns: &[
        text("message", "chain of the message"),
        count("first_position", "position of that hop"),
        count("last_position", "position of the lowest hop"),
        truth("trusted", "whether its host is declared as trusted"),
        text("by_host", "host that received the message, lower case"),
        text("by_domain", "its registered domain"),
        text("from_host", "name that it looked up for the sending side"),
        text("helo", "name that the sending side gave"),
        text("from_ip", "address of the sending side"),
    ],
};

/// Who a message claims to be from.
pub const MAIL_PERSONAS: Table = Table {
    name: "mail_personas",
    stage: Stage::Correlate,
    private: false,
    located: true,
    summary: "Who one message claims to be from, in the form in which two claims are compared.",
    columns: &[
        text("message_id", "Message-ID"),
        text("persona_domain", "registered domain of the From header"),
        text("persona_name", "its display name in lower case, without quotation marks; the domain where there is none"),
        truth("spoofed", "as in mail_origins"),
        text("text_group", "as in mail_texts"),
    ],
};

/// What mails have in common besides names and words.
pub const MAIL_MARKS: Table = Table {
    name: "mail_marks",
    stage: Stage::Correlate,
    private: false,
    located: true,
    summary: "A mark that one mail under an uncovered name shares with other mails.",
    columns: &[
        text(
            "kind",
            "address, envelope-domain, message-id-host, hand, text, link, link-domain, tracking-id or picture",
        ),
        text("value", "the mark; for a hand a hash of its grammars, its mailer and the order of its headers"),
        count("messages", "mails that bear it"),
        count("covered", "those of them whose visible sender a check covers"),
    ],
};

/// One hop of a path.
pub const MAIL_HOPS: Table = Table {
    name: "mail_hops",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "One hop of one message's path: how far it can be believed, and what speaks against it.",
    columns: &[
        text("message", "chain of the message"),
        count("position", "0 is the topmost, latest hop"),
        text("helo", "name that the sending side gave, lower case"),
        text("from_host", "name that the receiving side looked up, lower case"),
        text("from_ip", "address of the sending side"),
        text("by_host", "receiving host, lower case"),
        text("by_domain", "its registered domain"),
        time("date", "time stamp"),
        signed("date_offset_minutes", "offset of the time stamp east of UTC"),
        signed("seconds_since_below", "seconds since the time stamp of the hop below; below 0 where clocks disagree"),
        text("software", "mail server that it claims to come from"),
        text(
            "standing",
            "delivery (above the hop by which the message came in), reception, whole (hangs together with it), or claim",
        ),
        text("doubts", "signs that it was invented, joined by semicolons"),
    ],
};

/// Mails that say the same.
pub const MAIL_TEXTS: Table = Table {
    name: "mail_texts",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "One message as a member of a group of mails that say the same, names and numbers aside.",
    columns: &[
        text("message", "chain of the message"),
        text("text_group", "id of the group, made from the place of its first message"),
        count("messages", "messages in the group"),
        count("agreement", "of 64 hashes of its words, those shared with the first message of the group"),
    ],
};

/// One check of a message.
pub const MAIL_CHECKS: Table = Table {
    name: "mail_checks",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "One check of one message's sender: declared by the receiving host, or ours against the DNS snapshot of the case.",
    columns: &[
        text("message", "chain of the message"),
        text("source", "declared, or snapshot for our own"),
        text("method", "spf, dkim, arc or dmarc"),
        text(
            "result",
            "none, neutral, pass, fail, softfail, temperror, permerror; unknown where the snapshot was not asked",
        ),
        text("domain", "domain that the result speaks for"),
        truth("aligned", "whether that domain is the visible sender's, or of the same organisation"),
        text("why", "record, mechanism or flaw that decided, or who declared it"),
    ],
};

/// Where one message came from.
pub const MAIL_ORIGINS: Table = Table {
    name: "mail_origins",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "What the path and the declared checks of one message say about its origin; thin until mail has its own stage.",
    columns: &[
        text("message_id", "Message-ID as found"),
        text("origin_ip", "earliest address in the part of the path that hangs together, null if none"),
        text("origin_hop_at", "locator of the hop that names it"),
        signed(
            "origin_offset_minutes",
            "clock of the machine that wrote it, minutes east of UTC; null where nothing vouches for one",
        ),
        signed(
            "masked_offset_minutes",
            "offset of the Date header where the writing machine's own clock contradicts it",
        ),
        count(
            "loose_from",
            "position of the first hop below the part of the path that hangs together; null if all of it does",
        ),
        truth(
            "spoofed",
            "whether no passed check covers the visible sender's domain and the mail is not declared bulk; null where nothing was checked",
        ),
        text("why", "the reason, in one sentence"),
    ],
};

/// Path and checks of a message.
pub const MAIL_PATHS: Table = Table {
    name: "mail_paths",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "What the path and the declared checks of one message say, before anything is concluded from them.",
    columns: &[
        text("message_id", "Message-ID as found"),
        text("from_domain", "domain of the From header"),
        signed("date_offset_minutes", "offset of the Date header east of UTC"),
        text("hop_ip", "earliest routed address in the part of the path that hangs together"),
        text("hop_by", "host that wrote it down"),
        text("hop_at", "locator of that hop"),
        text("caller_ip", "address that a program on the submitting host notes as its caller"),
        text("noted_at", "locator of that note"),
        signed("writer_offset", "clock of the machine that handed the mail in, by its Message-ID, minutes east of UTC"),
        truth("date_by_relay", "whether the Date header shows the submitting host's own clock"),
        text("submission_host", "host of the lowest hop that holds"),
        count("hops_kept", "hops that hang together"),
        count("hops_all", "hops from the trusted one down"),
        count("first_position", "position of the trusted hop"),
        signed("bottom_offset", "clock offset of the lowest hop"),
        signed("submission_offset", "clock offset of the lowest hop that holds"),
        truth("by_program", "whether a program on the submitting host wrote the mail"),
        text("said", "declared checks of the receiving host, with their results"),
        text("finding", "what they say of the visible sender"),
        truth("spoofed", "see mail_origins"),
    ],
};

/// A name that looks like another.
pub const IMPERSONATIONS: Table = Table {
    name: "impersonations",
    stage: Stage::Correlate,
    private: false,
    located: true,
    summary: "One sender's name that looks like somebody else's; rests on the first message under it.",
    columns: &[
        text("persona_domain", "registered domain of the sender"),
        text(
            "kind",
            "homograph, typosquatting, combosquatting, other-suffix, display-name, organisation-named where texts write it out, or sends-no-mail where the name itself is used",
        ),
        text("impersonated", "domain that it looks like"),
        count("messages", "messages under the name"),
        count("uncovered", "those that no check covers"),
        text("why", "what is alike"),
    ],
};

/// A group of mails that say the same.
pub const MAIL_GROUPS: Table = Table {
    name: "mail_groups",
    stage: Stage::Correlate,
    private: false,
    located: true,
    summary: "One group of at least three mails that say the same, names and numbers aside; rests on its first.",
    columns: &[
        text("text_group", "as in mail_texts"),
        count("copies", "messages, reported and attached ones included"),
        count("messages", "different messages"),
        count("domains", "registered domains of their senders"),
        count("addresses", "addresses that they came from"),
        count("covered", "messages whose sender a check covers"),
        count("uncovered", "messages whose sender no check covers although some was made"),
        count("bulk", "messages that declare themselves bulk or list mail"),
        time("first_sent", "first Date header"),
        time("last_sent", "last Date header"),
        text("campaign", "campaign that most of them belong to"),
        text("kind", "campaign, bulk, correspondence, uncovered or unexplained"),
        text("why", "counts that the kind rests on"),
    ],
};

/// Membership of a message in a campaign.
pub const CAMPAIGN_MEMBERS: Table = Table {
    name: "campaign_members",
    stage: Stage::Correlate,
    private: false,
    located: true,
    summary: "One message that belongs to a group of spoofed mails under one persona.",
    columns: &[
        text("campaign", "id of the campaign, a hash of what defines it"),
        text("label", "display name that the campaign goes by"),
        text("message_id", "Message-ID as found"),
        text("why", "why the message belongs to it"),
    ],
};
