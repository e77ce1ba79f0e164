//! What was handed in, what was declared about it, and what was lost.

use super::{count, text, truth};
use crate::{Column, Stage, Table};

/// One evidence or intel file under one name.
pub const SOURCES: Table = Table {
    name: "sources",
    stage: Stage::Ingest,
    private: false,
    located: false,
    summary: "One file that was handed in, under one name; the same bytes under two names are two rows.",
    columns: &[
        text("name", "path as laid out: last component of the argument, then the path below it"),
        text("evidence", "SHA-256, hexadecimal"),
        text("role", "evidence or intel"),
        text("topic", "mail, web, hosting, leak, social, video, notes, records, intel or other"),
        text("format", "name of the format that reads it, null where none does"),
        count("bytes", "size"),
        truth("by_reference", "whether the case points to the file instead of holding a copy"),
    ],
};

/// One part of a file that is read in one go.
pub const SPLITS: Table = Table {
    name: "splits",
    stage: Stage::Ingest,
    private: false,
    located: false,
    summary: "One part of a file that a worker reads in one go; the same evidence always falls into the same splits.",
    columns: &[
        text("evidence", "SHA-256, hexadecimal"),
        text("name", "first name of the file, as laid out"),
        text("format", "name of the format that reads it, null where none does"),
        count("bytes", "size of the whole file"),
        count("start", "first byte of the split"),
        count("end", "first byte after it"),
        count("items_before", "messages or lines before it"),
        text("state", "what the format must know from earlier in the file"),
    ],
};

/// Something that was not taken in.
pub const LOSSES: Table = Table {
    name: "losses",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "Something that was skipped, cut, dropped, not understood or timed out, with its place.",
    columns: &[
        text("stage", "stage in which it was lost"),
        text("reason", "fixed phrase by which losses are counted"),
        count("count", "items lost"),
        text("detail", "what is worth knowing; never person data"),
    ],
};

const FACT: &[Column] = &[
    text(
        "fact",
        "kind: site, site-clock, lookup-path, lookup-parameter, client-address-field, trusted-host, own-domain, authorised-scanner, known-reader, election-day, collected",
    ),
    text("subject", "what it is about, such as the folder of a site; null for the whole case"),
    text("value", "value in the spelling of its kind: host, seconds ahead, path, parameter, address or range, date"),
    text("valid_from", "start of a window where the fact has one, RFC 3339"),
    text("valid_until", "end of that window, RFC 3339"),
];

/// A fact that the investigator declares.
pub const CONTEXT_FACTS: Table = Table {
    name: "context_facts",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "A fact about the case that somebody wrote down, proposed with its place; case.toml overrides it.",
    columns: FACT,
};

/// The facts of [`CONTEXT_FACTS`] that hold.
pub const FACTS: Table = Table {
    name: "facts",
    stage: Stage::Enrich,
    private: false,
    located: true,
    summary: "A fact about the case in force: declared in case.toml, or proposed by a note that case.toml does not override, or shown by two logs that overlap.",
    columns: FACT,
};
