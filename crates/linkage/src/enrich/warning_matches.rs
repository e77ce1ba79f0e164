//! Patterns of warninglists, tried out before they are used.
//!
//! A list is content: a pattern that the engine cannot compile must not make
//! the whole query fail. Each is tried by itself on an empty text first; those
//! that fail were counted as losses when their list was read.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use casefile::{Error, Result, Session};

const PATTERNS: &str = "SELECT DISTINCT entry FROM warnings WHERE type = 'regex' AND entry <> '' ORDER BY entry";

/// Registers `warning_patterns`: each entry of a regex list that compiles,
/// with its pattern in the engine's spelling.
pub fn register_patterns(session: &Session) -> Result<()> {
    let mut entries = Vec::new();
    let mut patterns = Vec::new();
    for row in session.rows(PATTERNS)? {
        let Some(entry) = row.get("entry").and_then(|entry| entry.as_str()) else { continue };
        let pattern = model::pattern::inner(entry);
        if session.query(&format!("SELECT regexp_like('', '{}')", pattern.replace('\'', "''"))).is_ok() {
            entries.push(entry.to_owned());
            patterns.push(pattern);
        }
    }
    let fields = ["entry", "pattern"].map(|name| Field::new(name, DataType::Utf8, true));
    let schema = Arc::new(Schema::new(fields.to_vec()));
    let columns: Vec<ArrayRef> = vec![Arc::new(StringArray::from(entries)), Arc::new(StringArray::from(patterns))];
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(|error| Error::Sql(error.to_string()))?;
    session.register_batches("warning_patterns", schema, vec![batch])
}
