//! Mail: messages, their path, what receivers declared, and the private parts.

use super::{count, signed, text, time, truth};
use crate::{Stage, Table};

/// One message.
pub const MESSAGES: Table = Table {
    name: "messages",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One mail message, attached ones included.",
    columns: &[
        count("position", "place in its mbox from 0; 0 for a file of one message"),
        count("depth", "0 for a message handed in, 1 for one attached to it or quoted in it, and so on"),
        text("message_id", "Message-ID with angle brackets, as found"),
        text(
            "copy_key",
            "equal for copies of one mail, such as those that many recipients hand in: 32 hexadecimal digits of SHA-256 \
             over its Message-ID, instant and From address; null if it has no Message-ID",
        ),
        time("date", "Date header"),
        signed("date_offset_minutes", "offset of the Date header east of UTC; null if absent or -0000"),
        text("date_raw", "Date header, unfolded, as found"),
        text("from_address", "address of the From header, domain in lower case"),
        text("from_name", "display name of the From header, decoded"),
        text("from_domain", "domain of the From header"),
        text("reply_to", "address of the Reply-To header"),
        text("return_path", "address of the topmost Return-Path header: the envelope sender as delivered"),
        text("mailer", "X-Mailer or User-Agent"),
        text("script", "X-PHP-Originating-Script or X-PHP-Script"),
        truth("bulk", "whether it declares itself list or bulk mail (List-Id, List-Unsubscribe, Precedence)"),
        text("header_order", "names of its headers in order, as written, joined by commas"),
        text("dkim_domains", "d= of its DKIM-Signature headers in order, joined by commas"),
        count("attachments", "attachments, attached messages included"),
        count("size", "bytes of the message as stored"),
    ],
};

/// One Received header.
pub const HOPS: Table = Table {
    name: "hops",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One Received header, without the recipient that it may name.",
    columns: &[
        text("message", "chain of the message that it belongs to"),
        count("position", "0 is the topmost, latest hop"),
        text("helo", "name that the sending side gave"),
        text("from_host", "name that the receiving side looked up, null for unknown"),
        text("from_ip", "address of the sending side, RFC 5952"),
        text("by_host", "receiving host"),
        text("protocol", "with: ESMTP, ESMTPSA, HTTP and so on"),
        text("id", "queue id"),
        time("date", "time stamp"),
        signed("date_offset_minutes", "offset of the time stamp east of UTC"),
    ],
};

/// One result of an Authentication-Results header.
pub const DECLARED_AUTH: Table = Table {
    name: "declared_auth",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One method result that a receiving host declared (RFC 8601, or Received-SPF).",
    columns: &[
        text("message", "chain of the message that it belongs to"),
        text("authserv_id", "host that claims to have checked"),
        text("method", "spf, dkim, dmarc, arc and so on"),
        text("result", "pass, fail, softfail, neutral, none, temperror, permerror"),
        text("property", "ptype.property, such as smtp.mailfrom"),
        text("domain", "domain part of the property's value"),
    ],
};

/// One row of a message trace.
pub const MESSAGE_TRACES: Table = Table {
    name: "message_traces",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "A mail that is known by its envelope only, from a provider's message trace; who sent and got it is in envelopes.",
    columns: &[
        text("message_id", "Message-ID with angle brackets, as found"),
        time("date", "time that the provider states; null if its order of day and month is not certain"),
        text("date_raw", "the same as found"),
        text("from_domain", "domain of the sender in lower case"),
        text("from_ip", "address that the provider got it from, RFC 5952"),
        text("to_ip", "address that it was handed on to, RFC 5952"),
        text("status", "what became of it, in the provider's word"),
        count("recipients", "recipients that the row names"),
        count("size", "bytes of the message"),
    ],
};

/// Recipients and subject.
pub const ENVELOPES: Table = Table {
    name: "envelopes",
    stage: Stage::Ingest,
    private: true,
    located: true,
    summary: "A recipient or the subject of a message; private, since both may name a victim.",
    columns: &[
        text("message", "chain of the message that it belongs to"),
        text("field", "to, cc, bcc, delivered-to or subject; from where the sender may be a victim"),
        text("value", "address with domain in lower case, or the decoded subject"),
    ],
};

/// One text part of a message.
pub const BODIES: Table = Table {
    name: "bodies",
    stage: Stage::Ingest,
    private: true,
    located: true,
    summary: "One text part of a message, decoded; private, since it may quote a victim's data.",
    columns: &[
        text("message", "chain of the message that it belongs to"),
        text("content_type", "type/subtype in lower case"),
        text("charset", "declared charset in lower case"),
        text("text", "decoded text"),
    ],
};
