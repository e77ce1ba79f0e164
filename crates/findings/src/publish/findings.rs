//! `findings.json`: the full result for machines, TLP:RED, after the schema
//! `handprint-findings/1`.
//!
//! Keys stand in the order of the structs below. A section that this version
//! does not work out is left out and named in `not_examined`: an empty list
//! would claim that nothing was found.

use std::borrow::Cow;

use model::{Entry, Mark};
use serde::Serialize;

use super::attribution::{AttributionRow, attribution};
use super::coordinated::{self, GroupRow};
use super::own::{LinkGroup, Own, SlipGroup};
use super::{Output, label, sites, web};
use crate::dossier::{Dossier, Message, Sight};

/// The output.
#[derive(Debug)]
pub struct Findings;

const ENTRY: Entry = Entry {
    name: "findings",
    summary: "The full result as JSON, for this case alone.",
    doc: "# What it holds\n\nEvery mail, slip, link and judgement with its locators, after the schema handprint-findings/1.\n\n# Who may read it\n\nTLP:RED: it names message ids and record identifiers, and stays in the case.\n",
};

impl Output for Findings {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn file_name(&self) -> &'static str {
        "findings.json"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn marks(&self) -> &'static [Mark] {
        &[Mark::Red]
    }

    fn render(&self, dossier: &Dossier, _mark: Mark) -> Vec<u8> {
        let own = Own::new(dossier);
        let slips = own.slips();
        // What software was used says nothing of whose it was.
        let (software, slips): (Vec<_>, Vec<_>) = slips.iter().partition(|group| group.first.kind == "other");
        json(&Result {
            format: "handprint-findings/1",
            sharing: label(Mark::Red),
            tool_version: &dossier.case.tool_version,
            alarm: dossier.assessment.alarm,
            clusters: clusters(&own),
            messages: own.mails().map(|(mail, about)| mail_row(mail, about)).collect(),
            web_sessions: web::sessions(dossier),
            records_read: web::reads(dossier),
            web_floods: sites::floods(dossier, true),
            web_changes: sites::changes(dossier, true),
            slips: slips.into_iter().map(|group| slip_row(group, &own.dossier.sights)).collect(),
            software: software.into_iter().map(|group| slip_row(group, &own.dossier.sights)).collect(),
            links: own.links().iter().map(link_row).collect(),
            coordinated: coordinated::full(dossier),
            attribution: attribution(dossier),
            losses: losses(dossier),
            not_examined: &dossier.not_examined,
        })
    }
}

/// Pretty JSON with a closing line feed; a struct of texts and numbers cannot fail to serialise.
pub(super) fn json(result: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(result).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

#[derive(Serialize)]
struct Result<'a> {
    format: &'static str,
    sharing: String,
    tool_version: &'a str,
    alarm: bool,
    clusters: Vec<Cluster<'a>>,
    messages: Vec<MailRow<'a>>,
    web_sessions: Vec<web::SessionRow<'a>>,
    records_read: Vec<web::ReadRow<'a>>,
    web_floods: Vec<sites::FloodRow<'a>>,
    web_changes: Vec<sites::ChangeRow<'a>>,
    slips: Vec<SlipRow<'a>>,
    software: Vec<SlipRow<'a>>,
    links: Vec<LinkRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coordinated: Option<Vec<GroupRow<'a>>>,
    attribution: Vec<AttributionRow<'a>>,
    losses: Vec<LossRow<'a>>,
    not_examined: &'a [String],
}

#[derive(Serialize)]
pub(super) struct Cluster<'a> {
    id: &'a str,
    hostile: bool,
    label: &'a str,
    messages: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<&'a str>,
    at: &'a [String],
}

/// Campaigns, then groups of alike mails that are none, so that both can be told apart.
pub(super) fn clusters<'a>(own: &Own<'a>) -> Vec<Cluster<'a>> {
    let campaigns = own.dossier.campaigns.iter().map(|campaign| Cluster {
        id: &campaign.id,
        hostile: true,
        label: &campaign.label,
        messages: own.mails().filter(|(_, about)| about.campaign.as_deref() == Some(&campaign.id)).count(),
        first: campaign.first.as_deref(),
        last: campaign.last.as_deref(),
        at: &campaign.at,
    });
    let harmless = own.dossier.mail_groups.iter().filter(|group| group.kind != "campaign").map(|group| Cluster {
        id: &group.text_group,
        hostile: false,
        label: &group.kind,
        messages: usize::try_from(group.messages).unwrap_or(usize::MAX),
        first: group.first_sent.as_deref(),
        last: group.last_sent.as_deref(),
        at: std::slice::from_ref(&group.at),
    });
    campaigns.chain(harmless).collect()
}

#[derive(Serialize)]
struct MailRow<'a> {
    file: &'a str,
    index: u64,
    message_id: Option<&'a str>,
    cluster: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spoofed: Option<bool>,
    origin_ip: Option<&'a str>,
    origin_tz: Option<String>,
    at: [&'a str; 1],
}

/// File, index and id are the mail's own; the rest is about the mail that a complaint carries.
fn mail_row<'a>(mail: &'a Message, about: &'a Message) -> MailRow<'a> {
    MailRow {
        file: &mail.file,
        index: mail.position,
        message_id: mail.message_id.as_deref(),
        cluster: about.campaign.as_deref().or(mail.campaign.as_deref()),
        spoofed: about.spoofed,
        origin_ip: about.origin_ip.as_deref(),
        origin_tz: about.origin_offset_minutes.and_then(offset),
        at: [&mail.at],
    }
}

/// Minutes east of UTC as `+0330`; nothing for what is no offset of the world.
pub(crate) fn offset(minutes: i64) -> Option<String> {
    let size = minutes.unsigned_abs();
    let sign = if minutes < 0 { '-' } else { '+' };
    (size < 24 * 60).then(|| format!("{sign}{:02}{:02}", size / 60, size % 60))
}

#[derive(Serialize)]
struct SlipRow<'a> {
    kind: &'a str,
    value: &'a str,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    locator: Option<SlipPlace<'a>>,
    planted: bool,
    plant_cost: &'a str,
    detector: &'a str,
    why: &'a str,
    cluster: &'a str,
    count: usize,
    at: &'a [&'a str],
}

#[derive(Serialize)]
#[serde(untagged)]
enum SlipPlace<'a> {
    /// In a mail.
    Mail { message_id: &'a str },
    /// On a screen: seconds from the start, and pixels.
    Screen { t0: f64, t1: f64, bbox: [u64; 4] },
}

/// Where a slip stands, in the words of its kind of evidence.
fn slip_place<'a>(group: &SlipGroup<'a>, sights: &[Sight]) -> Option<SlipPlace<'a>> {
    if let Some(message_id) = group.message_id {
        return Some(SlipPlace::Mail { message_id });
    }
    let at = group.at.first()?;
    let sight =
        sights.iter().find(|sight| at.strip_prefix(&*sight.at).is_some_and(|rest| rest.starts_with("/bytes:")))?;
    let sides: Vec<u64> = sight.at.rsplit_once("/box:")?.1.split(',').map_while(|side| side.parse().ok()).collect();
    let seconds = |ms: u64| ms as f64 / 1000.0;
    Some(SlipPlace::Screen { t0: seconds(sight.first_ms), t1: seconds(sight.last_ms), bbox: sides.try_into().ok()? })
}

fn slip_row<'a>(group: &'a SlipGroup<'a>, sights: &[Sight]) -> SlipRow<'a> {
    SlipRow {
        kind: &group.first.kind,
        value: &group.first.value,
        file: &group.first.file,
        locator: slip_place(group, sights),
        planted: group.planted,
        plant_cost: &group.first.plant_cost,
        detector: &group.first.detector,
        why: &group.first.why,
        cluster: group.campaign,
        count: group.count,
        at: &group.at,
    }
}

#[derive(Serialize)]
pub(super) struct LinkRow<'a> {
    pub(super) kind: &'a str,
    pub(super) value: Cow<'a, str>,
    from: &'a str,
    to: &'a str,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'a str>,
    valid: bool,
    pub(super) why: Cow<'a, str>,
    cluster: Option<&'a str>,
    at: &'a [&'a str],
}

pub(super) fn link_row<'a>(group: &'a LinkGroup<'a>) -> LinkRow<'a> {
    let link = group.first;
    LinkRow {
        kind: &link.kind,
        value: (&*link.value).into(),
        from: &link.from_topic,
        to: &link.to_topic,
        reference: link.reference.as_deref(),
        actor: link.actor.as_deref(),
        valid: link.counts,
        why: (&*link.why).into(),
        cluster: group.campaign,
        at: &group.at,
    }
}

#[derive(Serialize)]
pub(super) struct LossRow<'a> {
    reason: &'a str,
    stage: &'a str,
    count: u64,
    at: &'a [String],
}

pub(super) fn losses(dossier: &Dossier) -> Vec<LossRow<'_>> {
    dossier
        .losses
        .iter()
        .map(|loss| LossRow { reason: &loss.reason, stage: &loss.stage, count: loss.count, at: &loss.at })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn offsets_are_written_as_mail_writes_them() {
        assert_eq!(offset(210).as_deref(), Some("+0330"));
        assert_eq!(offset(-570).as_deref(), Some("-0930"));
        assert_eq!(offset(0).as_deref(), Some("+0000"));
        assert_eq!(offset(i64::MIN), None);
    }
}
