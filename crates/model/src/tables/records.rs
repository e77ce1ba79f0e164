//! Delimited and JSON-lines files whose meaning is not known yet.

use super::{count, text, truth};
use crate::{Stage, Table};

/// One delimited or JSON-lines source.
pub const RECORD_SETS: Table = Table {
    name: "record_sets",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One delimited or JSON-lines source with its dialect.",
    columns: &[
        text("dialect", "csv, tsv, pipe, semicolon, jsonl"),
        text("encoding", "WHATWG label of the encoding"),
        truth("header", "whether the first record names the columns"),
        text("columns", "column names, or c1, c2 and so on, as a JSON array"),
        text("person_columns", "columns typed as person data, as a JSON array"),
        count("records", "records read, the header not counted"),
    ],
};

const RECORD: &[crate::Column] = &[
    count("row", "record number from 1; a header counts"),
    text("cells", "column to value, as a JSON object in column order"),
];

/// One record without person data.
pub const RECORDS: Table = Table {
    name: "records",
    stage: Stage::Ingest,
    private: false,
    located: true,
    summary: "One record of a source in which no column is typed as person data.",
    columns: RECORD,
};

/// One record with person data.
pub const PERSON_RECORDS: Table = Table {
    name: "person_records",
    stage: Stage::Ingest,
    private: true,
    located: true,
    summary: "One record of a source with person data.",
    columns: RECORD,
};
