//! What a closed case gives to a base: its infrastructure with its judgement,
//! the fingerprints of its media, and the digests of its evidence, by which a
//! later case is known to rest on the same.

use std::path::{Path, PathBuf};

use casefile::{Case, Limits};
use findings::Weights;
use model::Stage;
use serde_json::{Map, Value, json};

use super::add::staged;
use crate::dossier;
use crate::error::Trouble;

/// Kind of observable under which digests of evidence stand in a base.
pub const FILE_KIND: &str = "sha256";

/// Fingerprints in one line; a longer clip has several.
const PRINTS: usize = 4_096;

const FILES: &str = "SELECT DISTINCT evidence FROM sources WHERE role = 'evidence' ORDER BY evidence";

const CLIPS: &str = "
    SELECT m.evidence, m.chain, s.name, m.at_ms, m.fingerprint
    FROM media_fingerprints m
    JOIN (SELECT evidence, min(name) AS name FROM sources WHERE role = 'evidence' GROUP BY evidence) s
        ON s.evidence = m.evidence
    ORDER BY m.evidence, m.chain, m.at_ms, m.fingerprint";

/// The knowledge of a case as a file that can be added like a feed; names of
/// persons and accounts make a file of their own.
pub fn knowledge_of(case: &Case, limits: &Limits, base: &Path, accounts: bool) -> Result<PathBuf, Trouble> {
    if case.stage_inputs(Stage::Assess)?.is_none() {
        let root = case.root().display();
        return Err(Trouble::Failed(format!(
            "{root}: the case was not judged; run `handprint investigate` to its end first"
        )));
    }
    let mut dossier = dossier::read(case, limits)?;
    let weights = Weights::shipped().map_err(|error| Trouble::Failed(error.to_string()))?;
    dossier.assessment = findings::assess(&dossier.assess_input(), &weights);
    let mut lines = findings::closed_case(&dossier, accounts);
    if accounts && lines.is_empty() {
        return Err(Trouble::Failed("the case holds no accounts and names of its operators".to_owned()));
    }
    lines.extend(files(case, limits)?);
    if !accounts {
        lines.extend(clips(case, limits)?);
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let what = if accounts { "accounts" } else { "case" };
    staged(base, &format!("{what}-{}.jsonl", case.settings().name), text.as_bytes())
}

/// Digests of the evidence, so that whoever rests on the same is known.
fn files(case: &Case, limits: &Limits) -> Result<Vec<String>, Trouble> {
    let name = &case.settings().name;
    let rows = case.session(limits.clone())?.rows(FILES)?;
    let digests = rows.iter().filter_map(|row| row.get("evidence")?.as_str());
    let line = |hex: &str| {
        json!({
            "knowledge": 1, "table": "indicators", "kind": FILE_KIND, "value": hex, "source": format!("closed case {name}"),
            "ref": format!("evidence of {name}:{hex}"), "description": format!("is evidence of the closed case “{name}”"),
        })
        .to_string()
    };
    Ok(digests.map(line).collect())
}

/// One line for each medium, or for each part of a long one.
fn clips(case: &Case, limits: &Limits) -> Result<Vec<String>, Trouble> {
    let rows = case.session(limits.clone())?.rows(CLIPS)?;
    let place = |row: &Map<String, Value>| (row.get("evidence").cloned(), row.get("chain").cloned());
    let mut lines = Vec::new();
    for clip in rows.chunk_by(|a, b| place(a) == place(b)).flat_map(|clip| clip.chunks(PRINTS)) {
        let prints: Vec<Value> = clip.iter().map(|row| json!([row.get("at_ms"), row.get("fingerprint")])).collect();
        let medium = clip.first().and_then(|row| row.get("name"));
        lines.push(
            json!({"knowledge": 1, "table": "media_fingerprints", "medium": medium, "prints": prints}).to_string(),
        );
    }
    Ok(lines)
}
