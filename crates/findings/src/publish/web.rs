//! Sections about web sites: sessions for all, records for the case alone.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::dossier::{Dossier, WebRead};

/// Places that one list of records gives at most.
const PLACES: usize = 20;

#[derive(Serialize)]
pub(super) struct SessionRow<'a> {
    site: &'a str,
    ips: &'a [String],
    phase: &'a str,
    first: &'a str,
    last: &'a str,
    requests: u64,
    uas: Vec<&'a str>,
    attack_classes: &'a [String],
    techniques: &'a [String],
    cluster: &'a str,
    hostile: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    slip: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<Records>,
    why: &'a str,
    at: [&'a str; 1],
}

/// Records by number.
#[derive(Serialize)]
struct Records {
    read: u64,
    misses: u64,
    refused: u64,
    missing_lines: u64,
    estimate: [u64; 2],
}

pub(super) fn sessions(dossier: &Dossier) -> Vec<SessionRow<'_>> {
    dossier
        .web_sessions
        .iter()
        .map(|session| SessionRow {
            site: &session.site,
            ips: &session.clients,
            phase: &session.phase,
            first: &session.first_seen,
            last: &session.last_seen,
            requests: session.requests,
            uas: session.user_agents.lines().collect(),
            attack_classes: &session.classes,
            techniques: &session.techniques,
            cluster: &session.actor,
            hostile: true,
            slip: session.slip,
            records: (session.phase == "scrape").then_some(Records {
                read: session.records,
                misses: session.misses,
                refused: session.refused,
                missing_lines: session.missing,
                estimate: [session.records_low, session.records_high],
            }),
            why: &session.why,
            at: [&session.at],
        })
        .collect()
}

/// Records that one actor read on one site, by number.
#[derive(Serialize)]
pub(super) struct ReadCount<'a> {
    site: &'a str,
    cluster: &'a str,
    count: usize,
    first: &'a str,
    last: &'a str,
}

/// The same, with their identifiers.
#[derive(Serialize)]
pub(super) struct ReadRow<'a> {
    #[serde(flatten)]
    counted: ReadCount<'a>,
    ids: Vec<&'a str>,
    at: Vec<&'a str>,
}

/// Records that each actor read on each site.
pub(super) fn reads(dossier: &Dossier) -> Vec<ReadRow<'_>> {
    let mut lists: BTreeMap<(&str, &str), Vec<&WebRead>> = BTreeMap::new();
    for read in &dossier.web_reads {
        lists.entry((&read.site, &read.actor)).or_default().push(read);
    }
    lists
        .into_iter()
        .map(|((site, cluster), reads)| ReadRow {
            counted: ReadCount {
                site,
                cluster,
                count: reads.len(),
                first: reads.iter().map(|read| &*read.first_read).min().unwrap_or_default(),
                last: reads.iter().map(|read| &*read.last_read).max().unwrap_or_default(),
            },
            ids: reads.iter().map(|read| &*read.record).collect(),
            at: reads.iter().map(|read| &*read.at).take(PLACES).collect(),
        })
        .collect()
}

/// The same, as numbers alone.
pub(super) fn read_counts(dossier: &Dossier) -> Vec<ReadCount<'_>> {
    reads(dossier).into_iter().map(|row| row.counted).collect()
}
