//! `findings.json`: the full result for machines, TLP:RED, after the schema
//! `handprint-findings/1`.
//!
//! Keys stand in the order of the structs below. A section that this version
//! does not work out is left out and named in `not_examined`: an empty list
//! would claim that nothing was found.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::{Entry, Mark};
use serde::Serialize;

use super::own::{LinkGroup, Own, SlipGroup};
use super::{Output, label};
use crate::assess::arithmetic::number;
use crate::assess::{
    Contribution, DECEPTION, Evidence, Hypothesis, Judgement, Level, OpenQuestion, Sensitivity, UNATTRIBUTED,
    likelihood,
};
use crate::dossier::{Dossier, Message};

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

    fn render(&self, dossier: &Dossier, mark: Mark) -> Vec<u8> {
        let own = Own::new(dossier);
        json(&Result {
            format: "handprint-findings/1",
            sharing: label(mark),
            case: &dossier.case.name,
            tool_version: &dossier.case.tool_version,
            head: Head::of(dossier),
            alarm: dossier.assessment.alarm,
            clusters: clusters(dossier),
            messages: own.mails().map(|(mail, about)| mail_row(mail, about)).collect(),
            slips: own.slips().iter().map(slip_row).collect(),
            links: own.links().iter().map(link_row).collect(),
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
    case: &'a str,
    tool_version: &'a str,
    head: Head<'a>,
    alarm: bool,
    clusters: Vec<Cluster<'a>>,
    messages: Vec<MailRow<'a>>,
    slips: Vec<SlipRow<'a>>,
    links: Vec<LinkRow<'a>>,
    attribution: Vec<AttributionRow<'a>>,
    losses: Vec<LossRow<'a>>,
    not_examined: &'a [String],
}

/// Head of the custody chain that the product was made under.
#[derive(Serialize)]
pub(super) struct Head<'a> {
    custody: &'a str,
    entries: u64,
}

impl<'a> Head<'a> {
    pub(super) fn of(dossier: &'a Dossier) -> Self {
        Self { custody: &dossier.case.custody_head, entries: dossier.case.custody_entries }
    }
}

#[derive(Serialize)]
pub(super) struct Cluster<'a> {
    id: &'a str,
    hostile: bool,
    label: &'a str,
    messages: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<&'a str>,
    at: &'a [String],
}

pub(super) fn clusters(dossier: &Dossier) -> Vec<Cluster<'_>> {
    dossier
        .campaigns
        .iter()
        .map(|campaign| Cluster {
            id: &campaign.id,
            hostile: true,
            label: &campaign.label,
            messages: campaign.members,
            first: campaign.first.as_deref(),
            last: campaign.last.as_deref(),
            at: &campaign.at,
        })
        .collect()
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
pub(super) fn offset(minutes: i64) -> Option<String> {
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
struct SlipPlace<'a> {
    message_id: &'a str,
}

fn slip_row<'a>(group: &'a SlipGroup<'a>) -> SlipRow<'a> {
    SlipRow {
        kind: &group.first.kind,
        value: &group.first.value,
        file: &group.first.file,
        locator: group.message_id.map(|message_id| SlipPlace { message_id }),
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
pub(super) struct AttributionRow<'a> {
    cluster: &'a str,
    actor: &'a str,
    likelihood: &'static str,
    confidence: &'static str,
    hypotheses: BTreeMap<&'a str, f64>,
    rivals: Vec<RivalRow<'a>>,
    false_flag: bool,
    pub(super) evidence: Vec<EvidenceRow<'a>>,
    pub(super) contributions: Vec<ContributionRow<'a>>,
    levels: Vec<LevelRow<'a>>,
    sensitivity: Vec<SensitivityRow<'a>>,
    open_questions: Vec<QuestionRow<'a>>,
}

impl AttributionRow<'_> {
    /// Passes every sentence that may quote a value through `replace`.
    pub(super) fn replace_texts(&mut self, replace: impl Fn(&str) -> String) {
        for run in &mut self.sensitivity {
            run.without = replace(&run.without).into();
        }
        for question in &mut self.open_questions {
            question.question = replace(&question.question).into();
            question.who_could_settle_it = replace(&question.who_could_settle_it).into();
        }
    }
}

#[derive(Serialize)]
struct RivalRow<'a> {
    hypothesis: &'a str,
    prior: f64,
    probability: f64,
    probability_without_cheap: f64,
}

#[derive(Serialize)]
pub(super) struct EvidenceRow<'a> {
    pub(super) kind: &'a str,
    pub(super) value: Cow<'a, str>,
    actor: Option<&'a str>,
    at: &'a [String],
}

#[derive(Serialize)]
pub(super) struct ContributionRow<'a> {
    hypothesis: &'a str,
    pub(super) kind: &'a str,
    pub(super) value: Cow<'a, str>,
    pub(super) root_cause: Cow<'a, str>,
    likelihood_ratio: f64,
    counted: bool,
    rule: &'a str,
    plant_cost: &'a str,
    source: Option<&'a str>,
    at: &'a [String],
}

#[derive(Serialize)]
struct LevelRow<'a> {
    level: &'a str,
    statement: &'a str,
    likelihood: Option<&'static str>,
    probability: Option<[f64; 3]>,
    confidence: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    at: &'a [String],
}

#[derive(Serialize)]
struct SensitivityRow<'a> {
    without: Cow<'a, str>,
    hypotheses: BTreeMap<&'a str, f64>,
}

#[derive(Serialize)]
struct QuestionRow<'a> {
    question: Cow<'a, str>,
    who_could_settle_it: Cow<'a, str>,
    at: &'a [String],
}

pub(super) fn attribution(dossier: &Dossier) -> Vec<AttributionRow<'_>> {
    let as_of = collected(dossier);
    dossier.assessment.judgements.iter().map(|judgement| attribution_row(judgement, as_of.as_deref())).collect()
}

fn attribution_row<'a>(judgement: &'a Judgement, as_of: Option<&str>) -> AttributionRow<'a> {
    let parts = judgement.hypotheses.iter().map(|rival| (&*rival.name, rival.probability));
    AttributionRow {
        cluster: &judgement.campaign,
        actor: &judgement.actor,
        likelihood: likelihood(number(judgement.probability)),
        confidence: judgement.confidence.word(),
        hypotheses: folded(parts),
        rivals: judgement.hypotheses.iter().map(rival_row).collect(),
        false_flag: judgement.false_flag,
        evidence: judgement.evidence.iter().map(evidence_row).collect(),
        contributions: judgement.contributions.iter().map(contribution_row).collect(),
        levels: judgement.levels.iter().map(|level| level_row(level, as_of)).collect(),
        sensitivity: judgement.sensitivity.iter().map(sensitivity_row).collect(),
        open_questions: judgement.open_questions.iter().map(question_row).collect(),
    }
}

/// Framing and an unknown hand both count as `unattributed` in the schema; `rivals` keeps them apart.
fn folded<'a>(parts: impl Iterator<Item = (&'a str, u32)>) -> BTreeMap<&'a str, f64> {
    let mut sums: BTreeMap<&str, u32> = BTreeMap::new();
    for (name, part) in parts {
        let name = if name == DECEPTION { UNATTRIBUTED } else { name };
        *sums.entry(name).or_default() += part;
    }
    sums.into_iter().map(|(name, part)| (name, number(part))).collect()
}

fn rival_row(rival: &Hypothesis) -> RivalRow<'_> {
    RivalRow {
        hypothesis: &rival.name,
        prior: number(rival.prior),
        probability: number(rival.probability),
        probability_without_cheap: number(rival.probability_without_cheap),
    }
}

fn evidence_row(item: &Evidence) -> EvidenceRow<'_> {
    EvidenceRow { kind: &item.kind, value: (&*item.value).into(), actor: item.actor.as_deref(), at: &item.at }
}

fn contribution_row(item: &Contribution) -> ContributionRow<'_> {
    ContributionRow {
        hypothesis: &item.hypothesis,
        kind: &item.kind,
        value: (&*item.value).into(),
        root_cause: (&*item.root_cause).into(),
        likelihood_ratio: item.likelihood_ratio,
        counted: item.counted,
        rule: item.rule,
        plant_cost: item.plant_cost,
        source: item.source.as_deref(),
        at: &item.at,
    }
}

fn level_row<'a>(level: &'a Level, as_of: Option<&str>) -> LevelRow<'a> {
    LevelRow {
        level: level.level,
        statement: &level.statement,
        likelihood: level.probability.map(|[_, middle, _]| likelihood(number(middle))),
        probability: level.probability.map(|parts| parts.map(number)),
        confidence: level.confidence.word(),
        as_of: as_of.map(str::to_owned),
        at: &level.at,
    }
}

fn sensitivity_row(run: &Sensitivity) -> SensitivityRow<'_> {
    SensitivityRow {
        without: (&*run.without).into(),
        hypotheses: folded(run.hypotheses.iter().map(|(name, part)| (&**name, *part))),
    }
}

fn question_row(question: &OpenQuestion) -> QuestionRow<'_> {
    QuestionRow {
        question: (&*question.question).into(),
        who_could_settle_it: (&*question.who_could_settle_it).into(),
        at: &question.at,
    }
}

/// The declared day of collection as a time; the clock is never asked.
fn collected(dossier: &Dossier) -> Option<String> {
    let fact = dossier.context_facts.iter().find(|fact| fact.fact == "collected")?;
    let value = fact.value.as_deref()?;
    let day: jiff::civil::Date = value.get(..10).unwrap_or(value).parse().ok()?;
    Some(format!("{day}T00:00:00Z"))
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
