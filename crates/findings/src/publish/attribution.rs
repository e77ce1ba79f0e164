//! The judgement as `findings.json` and its shared form write it.
//!
//! Framing and an unknown hand fold into `unattributed`, as the schema wants
//! it; `rivals` keeps them apart, and `contributions` holds the arithmetic.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::assess::arithmetic::number;
use crate::assess::{
    Contribution, DECEPTION, Evidence, Hypothesis, Judgement, Level, OpenQuestion, Sensitivity, UNATTRIBUTED,
    likelihood,
};
use crate::dossier::Dossier;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<&'a str>,
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
        counts: item.counts.as_deref(),
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
pub(super) fn collected(dossier: &Dossier) -> Option<String> {
    let fact = dossier.context_facts.iter().find(|fact| fact.fact == "collected" && !fact.overridden)?;
    let value = fact.value.as_deref()?;
    let day: jiff::civil::Date = value.get(..10).unwrap_or(value).parse().ok()?;
    Some(format!("{day}T00:00:00Z"))
}
