//! Clocks of sites whose logs overlap, as proposals beside those of notes.

use std::collections::{BTreeMap, BTreeSet};

use casefile::{Result, Session};
use model::tables::WEB_REQUESTS;
use model::{Batch, Cell, tables};
use traffic::overlap::Overlap;

use crate::correlate::web_rows::{self, COLUMNS, File, Rows};
use crate::correlate::web_sites::Place;

/// What notes and `case.toml` say of clocks in seconds, with the folder where they name a host.
const DECLARED: &str = "SELECT coalesce(s.subject, c.subject, '') AS site,
        coalesce(min(CASE WHEN c.evidence IS NULL THEN c.value END), min(c.value)) AS value
    FROM context_facts c
    LEFT JOIN context_facts s ON s.fact = 'site' AND lower(s.value) = lower(c.subject)
    WHERE c.fact = 'site-clock' GROUP BY 1";

/// Files that may hold logs.
const LOGS: &str = "SELECT DISTINCT evidence FROM sources
    WHERE role = 'evidence' AND (format IS NULL OR format LIKE 'weblog%' OR format IN ('compressed', 'zip', 'tar'))";

/// Registers `overlapping`, facts about clocks that the logs of two sites show.
pub fn register_clocks(session: &Session) -> Result<()> {
    let files = web_rows::files(session)?;
    let mut facts = Batch::new(&tables::CONTEXT_FACTS);
    let logs = session.rows(LOGS)?;
    let folder = |row: &serde_json::Map<String, serde_json::Value>| {
        files.get(row.get("evidence")?.as_str()?).and_then(|file| file.folder.as_deref())
    };
    let folders: BTreeSet<&str> = logs.iter().filter_map(folder).collect();
    if folders.len() > 1 {
        for (site, seconds, place) in clocks(session, &files)? {
            facts.push(
                &[(&place.evidence).into(), (&place.chain).into(), place.start.into(), place.length.into()],
                &["site-clock".into(), (&site).into(), (&seconds).into(), Cell::Null, Cell::Null],
            );
        }
    }
    let rows = facts.take().map_err(|error| casefile::Error::Sql(error.to_string()))?;
    session.register_batches("overlapping", rows.schema(), vec![rows])
}

type Clock = (String, String, Place);

fn clocks(session: &Session, files: &BTreeMap<String, File>) -> Result<Vec<Clock>> {
    let mut declared = BTreeMap::new();
    for row in session.rows(DECLARED)? {
        let text = |name: &str| row.get(name).and_then(|value| value.as_str());
        let seconds = text("value").and_then(|value| value.trim().parse::<f64>().ok());
        if let (Some(site), Some(seconds)) = (text("site"), seconds.filter(|seconds| seconds.abs() < 1e9)) {
            declared.insert(site.to_owned(), (seconds * 1e6) as i64);
        }
    }
    // What is said of no site is said of all.
    if declared.contains_key("") {
        return Ok(Vec::new());
    }
    let mut overlap = Overlap::default();
    let nothing = traffic::Declared::default();
    session.scan(&WEB_REQUESTS, &COLUMNS, None, &mut |batch| {
        let rows = Rows::of(&batch)?;
        rows.each(files, &mut |at, file| {
            if file.folder.is_some() {
                let request = rows.request(at, file, &nothing);
                overlap.take(&request, || rows.place(at, request.site, String::new()));
            }
        });
        Ok(())
    })?;
    let ahead = overlap.clocks(&declared).into_iter().filter(|ahead| ahead.micros.abs() >= 1_000_000);
    let seconds = |micros: i64| format!("{}", (micros as f64 / 1e6).round());
    Ok(ahead.map(|ahead| (ahead.site, seconds(ahead.micros), ahead.place)).collect())
}
