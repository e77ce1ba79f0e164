//! Sections about what happened to web sites: floods, crowds, changed pages.

use serde::Serialize;

use crate::dossier::Dossier;

/// A stretch beyond a site's season; nobody is named in it.
#[derive(Serialize)]
pub(super) struct FloodRow<'a> {
    site: &'a str,
    grade: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    first: &'a str,
    last: &'a str,
    requests: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    signs: Option<Signs<'a>>,
    why: &'a str,
    at: Vec<&'a str>,
}

/// What the stretch was made of.
#[derive(Serialize)]
struct Signs<'a> {
    expected: u64,
    bytes: Option<u64>,
    addresses: Option<u64>,
    busiest_addresses: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    one_path: Option<u64>,
    failed: Option<u64>,
    for_flood: Vec<&'a str>,
    for_crowd: Vec<&'a str>,
}

/// Stretches beyond the season; paths where texts may be quoted.
pub(super) fn floods(dossier: &Dossier, paths: bool) -> Vec<FloodRow<'_>> {
    dossier
        .web_floods
        .iter()
        .map(|flood| FloodRow {
            site: &flood.site,
            grade: &flood.grade,
            kind: flood.kind.as_deref(),
            first: &flood.first_seen,
            last: &flood.last_seen,
            requests: flood.requests,
            signs: flood.expected.map(|expected| Signs {
                expected,
                bytes: flood.bytes,
                addresses: flood.addresses,
                busiest_addresses: flood.few,
                path: flood.path.as_deref().filter(|_| paths),
                one_path: flood.one_path,
                failed: flood.failed,
                for_flood: flood.for_flood.as_deref().unwrap_or_default().lines().collect(),
                for_crowd: flood.for_crowd.as_deref().unwrap_or_default().lines().collect(),
            }),
            why: &flood.why,
            at: flood.at.as_deref().into_iter().collect(),
        })
        .collect()
}

/// A page that changed.
#[derive(Serialize)]
pub(super) struct ChangeRow<'a> {
    site: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    grade: &'a str,
    changed: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    undone: Option<&'a str>,
    bytes: [u64; 2],
    answers_before: u64,
    changed_together: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
    why: &'a str,
    at: [&'a str; 1],
}

/// Pages that changed, and not by editing alone; paths where texts may be quoted.
pub(super) fn changes(dossier: &Dossier, paths: bool) -> Vec<ChangeRow<'_>> {
    dossier
        .web_changes
        .iter()
        .map(|change| ChangeRow {
            site: &change.site,
            path: Some(&*change.path).filter(|_| paths),
            grade: &change.grade,
            changed: &change.changed,
            undone: change.undone.as_deref(),
            bytes: [change.size_before, change.size_after],
            answers_before: change.answers_before,
            changed_together: change.together,
            after: change.after.as_deref(),
            after_at: change.after_at.as_deref(),
            cluster: change.actor.as_deref(),
            why: &change.why,
            at: [&change.at],
        })
        .collect()
}
