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
        text("software", "mail server that it claims to come from, where its words tell"),
        truth("own_id", "whether the queue id is one that this server makes; null where no server is told"),
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

/// One signature over a message.
pub const MAIL_SIGNATURES: Table = Table {
    name: "mail_signatures",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One DKIM signature (RFC 6376) or ARC signature or seal (RFC 8617), with what it has to be checked against.",
    columns: &[
        text("message", "chain of the message that it belongs to"),
        text("kind", "dkim, arc-message or arc-seal"),
        count("instance", "place of a DKIM signature from the top, from 0; instance of an ARC set, from 1"),
        text("domain", "d=, lower case"),
        text("selector", "s="),
        text("identity", "i=, null where absent"),
        text("algorithm", "a="),
        text("canonicalization", "c= for header and body"),
        text("signed_headers", "h= as written, joined by colons"),
        text("digest", "hash of the canonical headers under the signature, hexadecimal"),
        text("signature", "b=, base64"),
        truth("body_holds", "whether the body has the hash in bh=; null for seals"),
        time("signed_at", "t="),
        time("expires", "x="),
        text("flaws", "what is wrong with the signature itself, joined by semicolons"),
        text("remarks", "what it says of its reach without being wrong, joined by semicolons"),
    ],
};

/// One sentence that demands, threatens or claims.
pub const MAIL_SENTENCES: Table = Table {
    name: "mail_sentences",
    stage: Stage::Ingest,
    private: true,
    located: true,
    summary: "One sentence of a mail that demands, sets a deadline, threatens or claims, told by a phrase in it.",
    columns: &[
        text("message", "chain of the message that says it"),
        text("kind", "demand, deadline, threat or claim"),
        text("phrase", "the phrase that it is listed for"),
        text("sentence", "the sentence, decoded"),
    ],
};

/// Habits of the program that wrote a message.
pub const MAIL_HABITS: Table = Table {
    name: "mail_habits",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "Rules by which the program that wrote one message makes what its writer seldom chooses; tells software, never a person.",
    columns: &[
        text("message", "chain of the message that it belongs to"),
        text(
            "message_id_grammar",
            "Message-ID before the @: runs of characters as kind and length, words and marks as they are",
        ),
        text("message_id_host", "Message-ID behind the @, lower case"),
        text("boundary_grammar", "MIME boundary of the whole message, as a grammar"),
        text(
            "own_headers",
            "names of the headers that no host on the way adds, in order and as written, joined by commas",
        ),
        text("charset", "charset of the first text part, as written"),
        text("transfer_encoding", "Content-Transfer-Encoding of the first text part, as written"),
        text("language", "Content-Language"),
        text("line_ends", "crlf, lf or mixed, as stored; an export may have changed them"),
    ],
};

/// What a message says, as a fingerprint.
pub const MAIL_SKETCHES: Table = Table {
    name: "mail_sketches",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "A MinHash of what one message says, with names, numbers and addresses taken out; tells no text.",
    columns: &[
        text("message", "chain of the message that it belongs to"),
        count("words", "words that it was made from"),
        text("hashes", "low eight bits of 64 smallest hashes, hexadecimal"),
        text("bands", "hashes of 16 bands of 4, hexadecimal, eight digits each"),
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

/// Personal data that a mail quotes.
pub const MAIL_PERSON_FIELDS: Table = Table {
    name: "mail_person_fields",
    stage: Stage::Ingest,
    private: true,
    located: true,
    summary: "One item of personal data that a mail quotes: a labelled line beside others, or a postal address.",
    columns: &[
        text("message", "chain of the message that quotes it"),
        text("kind", "name, birth-date, address, postcode, email, telephone or number"),
        text("value", "as it stands there, decoded"),
        text("state", "two letters before the postcode of an address, as in the United States; null elsewhere"),
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
