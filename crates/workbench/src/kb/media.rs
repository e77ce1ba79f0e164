//! Clips and pictures of a case that a closed case held too.
//!
//! Told by perceptual fingerprints: they outlast coding, scaling and a crop of
//! a few in a hundred, not more. The line that tells of the earlier clip goes
//! into the extract, so that a match is opened like any other.

use std::collections::BTreeSet;
use std::os::unix::fs::FileExt;

use casefile::{Case, Limits};
use model::Digest;
use screen::known::{Again, Fingerprint, again};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Base;
use super::add::one_thread;
use crate::error::Trouble;
use crate::plan::listed;

/// Bytes that a line about a clip may have.
const LINE_BYTES: u64 = 1 << 20;

/// A clip of the case that came back, and the line about the earlier one.
pub struct Match {
    pub evidence: String,
    pub chain: String,
    /// Which entry knows it, in words.
    pub source: String,
    /// Name of the earlier file.
    pub medium: String,
    pub again: Again,
    pub line: String,
}

/// One row of `media_fingerprints`.
#[derive(Deserialize)]
struct Print {
    evidence: String,
    #[serde(default)]
    chain: String,
    start: u64,
    length: u64,
    at_ms: u64,
    fingerprint: String,
}

struct Clip {
    evidence: String,
    chain: String,
    start: u64,
    length: u64,
    prints: Vec<(u64, Fingerprint)>,
}

/// Holds every clip of the case against those of closed cases that were asked.
pub fn matches(case: &Case, limits: &Limits, base: &Base, without: &BTreeSet<String>) -> Result<Vec<Match>, Trouble> {
    let own = clips(listed(
        case,
        limits,
        &query("JOIN (SELECT DISTINCT evidence FROM sources WHERE role = 'evidence') s ON s.evidence = m.evidence"),
    )?);
    let mut matches = Vec::new();
    if own.is_empty() {
        return Ok(matches);
    }
    for held in base.entries.iter().filter(|held| held.about.case.is_some() && !without.contains(&held.about.id)) {
        for earlier in clips(listed(&held.case, &one_thread(), &query(""))?) {
            for clip in &own {
                if let Some(again) = again(&clip.prints, &earlier.prints) {
                    let (medium, line) = line(&held.case, &earlier, &held.about.source, &held.about.id)?;
                    let (evidence, chain) = (clip.evidence.clone(), clip.chain.clone());
                    matches.push(Match { evidence, chain, source: held.about.source.clone(), medium, again, line });
                }
            }
        }
    }
    Ok(matches)
}

fn query(join: &str) -> String {
    format!("SELECT m.* FROM media_fingerprints m {join} ORDER BY m.evidence, m.chain, m.start, m.at_ms, m.fingerprint")
}

fn clips(rows: Vec<Print>) -> Vec<Clip> {
    let same = |a: &Print, b: &Print| (&a.evidence, &a.chain, a.start) == (&b.evidence, &b.chain, b.start);
    let clip = |rows: &[Print]| {
        let first = rows.first()?;
        let prints = rows.iter().filter_map(|row| Some((row.at_ms, row.fingerprint.parse().ok()?))).collect();
        let (evidence, chain) = (first.evidence.clone(), first.chain.clone());
        Some(Clip { evidence, chain, start: first.start, length: first.length, prints })
    };
    rows.chunk_by(same).filter_map(clip).collect()
}

/// The line of an entry that tells of a clip, with where it came from; and the name of the clip.
fn line(entry: &Case, clip: &Clip, source: &str, id: &str) -> Result<(String, String), Trouble> {
    let digest = Digest::from_hex(&clip.evidence).ok_or_else(|| Trouble::Integrity("no digest".to_owned()))?;
    let mut bytes = vec![0; usize::try_from(clip.length.min(LINE_BYTES)).unwrap_or(0)];
    entry.open_source(&digest)?.read_exact_at(&mut bytes, clip.start)?;
    let mut line: Map<String, Value> =
        serde_json::from_slice(&bytes).map_err(|error| Trouble::Integrity(format!("a line of {id}: {error}")))?;
    let medium = line.get("medium").and_then(Value::as_str).unwrap_or("a file without a name").to_owned();
    let at = model::Locator::from_columns(&clip.evidence, &clip.chain, clip.start, clip.length);
    let at = at.map(|at| at.to_string()).unwrap_or_default();
    line.insert("from".to_owned(), json!({"id": id, "source": source, "at": at}));
    Ok((medium, Value::Object(line).to_string()))
}
