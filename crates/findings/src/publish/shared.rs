//! `findings.shared.json`: the result for others, with counts where the full
//! one names messages and people.
//!
//! Absent on purpose: message ids, mail texts, recipients, record identifiers,
//! and the text of any value that may be a person's. Locators stay: without
//! the case they open nothing, and with it they let two holders compare.

use std::collections::BTreeMap;

use model::{Entry, Mark};
use serde::Serialize;

use super::attribution::{AttributionRow, attribution};
use super::coordinated::{self, GroupCounts};
use super::findings::{Cluster, LinkRow, LossRow, clusters, json, link_row, losses, offset};
use super::own::{Own, SlipGroup};
use super::{Output, defang, label, may_quote, sites, web};
use crate::dossier::Dossier;

/// The output.
#[derive(Debug)]
pub struct Shared;

const ENTRY: Entry = Entry {
    name: "shared",
    summary: "The result as JSON for others: counts in place of persons and message ids.",
    doc: "# What it holds\n\nCampaigns, slips, links and judgements. Messages are counted per campaign; mail addresses, telephone numbers and the queries of URLs are withheld.\n\n# Who may read it\n\nWhoever the mark of the case allows.\n",
};

/// What stands where a value is withheld.
const WITHHELD: &str = "(withheld)";

impl Output for Shared {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn file_name(&self) -> &'static str {
        "findings.shared.json"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn marks(&self) -> &'static [Mark] {
        Mark::ALL
    }

    fn render(&self, dossier: &Dossier, mark: Mark) -> Vec<u8> {
        let own = Own::new(dossier);
        let groups = own.links();
        let slips = own.slips();
        json(&Result {
            format: "handprint-findings-shared/1",
            sharing: label(mark),
            tool_version: &dossier.case.tool_version,
            alarm: dossier.assessment.alarm,
            clusters: clusters(&own),
            message_counts: message_counts(&own),
            web_sessions: web::sessions(dossier),
            records_read_counts: web::read_counts(dossier),
            web_floods: sites::floods(dossier, may_quote(mark)),
            web_changes: sites::changes(dossier, may_quote(mark)),
            slips: slips.iter().map(|group| slip_row(group, mark)).collect(),
            links: groups.iter().map(link_row).map(discreet_link).collect(),
            coordinated: coordinated::counts(dossier),
            attribution: attribution(dossier).into_iter().map(discreet_attribution).collect(),
            losses: losses(dossier),
            not_examined: &dossier.not_examined,
        })
    }
}

#[derive(Serialize)]
struct Result<'a> {
    format: &'static str,
    sharing: String,
    tool_version: &'a str,
    alarm: bool,
    clusters: Vec<Cluster<'a>>,
    message_counts: MessageCounts<'a>,
    web_sessions: Vec<web::SessionRow<'a>>,
    records_read_counts: Vec<web::ReadCount<'a>>,
    web_floods: Vec<sites::FloodRow<'a>>,
    web_changes: Vec<sites::ChangeRow<'a>>,
    slips: Vec<SlipRow<'a>>,
    links: Vec<LinkRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coordinated: Option<Vec<GroupCounts<'a>>>,
    attribution: Vec<AttributionRow<'a>>,
    losses: Vec<LossRow<'a>>,
    not_examined: &'a [String],
}

#[derive(Serialize)]
struct MessageCounts<'a> {
    all: u64,
    spoofed: u64,
    by_cluster: BTreeMap<&'a str, ClusterCounts<'a>>,
}

#[derive(Default, Serialize)]
struct ClusterCounts<'a> {
    messages: u64,
    origin_ips: BTreeMap<&'a str, u64>,
    origin_offsets: BTreeMap<String, u64>,
}

fn message_counts<'a>(own: &Own<'a>) -> MessageCounts<'a> {
    let mut counts = MessageCounts { all: 0, spoofed: 0, by_cluster: BTreeMap::new() };
    for (_, about) in own.mails() {
        counts.all += 1;
        counts.spoofed += u64::from(about.spoofed == Some(true));
        let Some(campaign) = about.campaign.as_deref() else { continue };
        let cluster = counts.by_cluster.entry(campaign).or_default();
        cluster.messages += 1;
        if let Some(ip) = about.origin_ip.as_deref() {
            *cluster.origin_ips.entry(ip).or_default() += 1;
        }
        if let Some(offset) = about.origin_offset_minutes.and_then(offset) {
            *cluster.origin_offsets.entry(offset).or_default() += 1;
        }
    }
    counts
}

#[derive(Serialize)]
struct SlipRow<'a> {
    kind: &'a str,
    value: String,
    planted: bool,
    plant_cost: &'a str,
    why: &'a str,
    cluster: &'a str,
    count: usize,
    at: &'a [&'a str],
}

fn slip_row<'a>(group: &'a SlipGroup<'a>, mark: Mark) -> SlipRow<'a> {
    let slip = group.first;
    SlipRow {
        kind: &slip.kind,
        value: if may_quote(mark) { slip.value.clone() } else { discreet(&slip.kind, &slip.value) },
        planted: group.planted,
        plant_cost: &slip.plant_cost,
        why: &slip.why,
        cluster: group.campaign,
        count: group.count,
        at: &group.at,
    }
}

/// A value as others may see it: nothing that could be a person's address or token.
pub(super) fn discreet(kind: &str, value: &str) -> String {
    match kind {
        "email" | "phone" => WITHHELD.to_owned(),
        _ if value.contains('@') => WITHHELD.to_owned(),
        _ => defang::without_query(kind, value),
    }
}

fn discreet_link(mut link: LinkRow<'_>) -> LinkRow<'_> {
    let value = discreet(link.kind, &link.value);
    if value != link.value {
        // The reference of a list entry ends with the value itself.
        link.reference = link.reference.filter(|reference| !reference.contains(&*link.value));
        link.why = link.why.replace(&*link.value, WITHHELD).into();
        link.value = value.into();
    }
    link
}

fn discreet_attribution(mut row: AttributionRow<'_>) -> AttributionRow<'_> {
    let mut withheld: Vec<String> = Vec::new();
    for item in &mut row.evidence {
        item.value = discreet(item.kind, &item.value).into();
    }
    for item in &mut row.contributions {
        let value = discreet(item.kind, &item.value);
        if value != item.value {
            withheld.push(item.value.to_string());
            item.root_cause = WITHHELD.into();
            item.value = value.into();
        }
    }
    row.replace_texts(|text| withheld.iter().fold(text.to_owned(), |text, value| text.replace(value, WITHHELD)));
    row
}
