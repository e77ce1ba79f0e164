//! Patterns of warninglists, tried out before they are used.
//!
//! A list is content: a pattern that the engine cannot compile must not make
//! the whole query fail. Each is tried by itself on an empty text first; those
//! that fail were counted as losses when their list was read.

use casefile::{Result, Session};

use crate::columns::{register, text_column};

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
    register(session, "warning_patterns", vec![("entry", text_column(entries)), ("pattern", text_column(patterns))])
}
