//! From sums to statements: who is named, on what ground, and level by level.

use std::collections::{BTreeMap, BTreeSet};

use model::PlantCost;

use super::arithmetic::{self, Weighed, number};
use super::ground::{Ground, Places};
use super::items::{Item, costly_actors, is_cheap_mark, is_surroundings, marks_by_actor};
use super::names::Names;
use super::weights::LevelBands;
use super::words::Confidence;
use super::{
    Contribution, DECEPTION, Evidence, Hypothesis, Judgement, Level, Sensitivity, UNATTRIBUTED, Weights, questions,
};
use crate::dossier::{AssessInput, Campaign, Slip};

/// Places that one statement lists at most; findings.json holds the rows behind them.
const PLACES: usize = 5;

/// The judgement on one campaign.
pub fn judge(
    input: &AssessInput<'_>,
    ground: &Ground<'_>,
    places: &Places<'_>,
    items: &[Item],
    names: &Names,
    weights: &Weights,
) -> Judgement {
    let weighed = arithmetic::weigh(items, weights);
    let actors = items.iter().map(|item| &*item.hypothesis).filter(|name| *name != DECEPTION);
    let priors = arithmetic::priors(actors, weights);
    let whole = arithmetic::posterior(&priors, &weighed, weights, |_| true);
    let costly = arithmetic::posterior(&priors, &weighed, weights, |one| one.item.cost != PlantCost::Trivial);
    let actor = named(&whole, &costly, items, weights);
    let mut planted = planted(items, actor, weights);
    let staged = staged(input, ground.campaign, actor, names);
    planted.extend(if staged.is_empty() { BTreeSet::new() } else { dressed(ground, places) });
    planted.extend(staged);
    let sensitivity = sensitivity(&priors, &weighed, weights);
    let campaign = input.campaigns.iter().find(|campaign| campaign.id == ground.campaign);
    let mut judgement = Judgement {
        campaign: ground.campaign.to_owned(),
        label: campaign.map(|campaign| campaign.label.clone()).unwrap_or_default(),
        actor: actor.to_owned(),
        other_names: names.others(actor).into_iter().map(str::to_owned).collect(),
        probability: spoken(&whole, actor),
        confidence: confidence(&weighed, actor, !planted.is_empty()),
        false_flag: !planted.is_empty(),
        hypotheses: hypotheses(&priors, &whole, &costly, weights),
        evidence: evidence(ground, &weighed, actor, &planted),
        planted,
        sensitivity,
        open_questions: questions::open_questions(input, ground, places, &weighed),
        ..Judgement::default()
    };
    judgement.contributions = contributions(&weighed, &judgement.hypotheses);
    judgement.levels = levels(&judgement, campaign, ground, &weights.hypotheses.level);
    judgement
}

/// The actor that leads, if it leads without the cheap marks too and something costly points to it.
fn named<'h>(
    whole: &BTreeMap<&'h str, u32>,
    without_cheap: &BTreeMap<&'h str, u32>,
    items: &[Item],
    weights: &Weights,
) -> &'h str {
    let (Some(first), Some(second)) = (leader(whole), leader(without_cheap)) else { return UNATTRIBUTED };
    let enough = number(whole.get(first).copied().unwrap_or(0)) >= weights.hypotheses.naming.probability;
    let costly = costly_actors(items).contains(first);
    if first == second && enough && costly && first != DECEPTION { first } else { UNATTRIBUTED }
}

/// The likeliest explanation; none where two are equally likely.
fn leader<'h>(probabilities: &BTreeMap<&'h str, u32>) -> Option<&'h str> {
    let (name, most) = probabilities.iter().max_by_key(|(_, probability)| **probability)?;
    let alone = probabilities.values().filter(|probability| *probability == most).count() == 1;
    alone.then_some(*name)
}

/// Whoever is framed is not known by name, so a deception counts as unattributed.
fn spoken(probabilities: &BTreeMap<&str, u32>, actor: &str) -> u32 {
    let of = |name: &str| probabilities.get(name).copied().unwrap_or(0);
    if actor == UNATTRIBUTED { of(UNATTRIBUTED) + of(DECEPTION) } else { of(actor) }
}

/// Cheap marks that point to somebody other than the costly evidence does, or
/// loudly to somebody to whom nothing costly points.
fn planted(items: &[Item], named: &str, weights: &Weights) -> BTreeSet<String> {
    let costly = costly_actors(items);
    let mut planted = BTreeSet::new();
    for (actor, marks) in marks_by_actor(items) {
        let values: BTreeSet<&str> = marks.iter().map(|mark| &*mark.value).collect();
        let loud = values.len() >= weights.hypotheses.naming.marks_for_loud;
        let contradicted = !costly.is_empty();
        if actor != named && !costly.contains(actor) && (loud || contradicted) {
            planted.extend(values.into_iter().map(str::to_owned));
        }
    }
    planted
}

/// Messages that must show a mask before it is more than an accident.
const MASKED_MESSAGES: u64 = 3;

/// Clocks and trace lines that were made up to look like somebody else's. A mask
/// alone hides; with invented trace lines that name a known actor's address, the
/// mails were made to point at that actor.
fn staged(input: &AssessInput<'_>, campaign: &str, named: &str, names: &Names) -> BTreeSet<String> {
    let masks = input.masks.iter().filter(|mask| mask.campaign == campaign && mask.messages >= MASKED_MESSAGES);
    let (clocks, traces): (Vec<_>, Vec<_>) = masks.partition(|mask| mask.kind == "tz");
    let points_elsewhere = |actor: &str| names.resolve(actor).iter().all(|name| name != named);
    let traces: Vec<_> =
        traces.into_iter().filter(|mask| mask.actor.as_deref().is_some_and(points_elsewhere)).collect();
    if clocks.is_empty() || traces.is_empty() {
        return BTreeSet::new();
    }
    let offsets = clocks.iter().filter_map(|mask| crate::publish::findings::offset(mask.offset_minutes?));
    offsets.chain(traces.iter().filter_map(|mask| mask.value.clone())).collect()
}

/// Marks without cost in mails whose clock was made up. Whoever dressed a mail to
/// point at somebody could dress all of it, so what else in it costs nothing is
/// held to be of the same hand; the clock below the mask is not.
fn dressed(ground: &Ground<'_>, places: &Places<'_>) -> BTreeSet<String> {
    let mut masked: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let cheap = |slip: &&&Slip| PlantCost::from_word(&slip.plant_cost) == Some(PlantCost::Trivial) && slip.kind != "tz";
    for slip in ground.slips.iter().filter(cheap) {
        let message = places.message_of(&slip.at).filter(|message| message.masked_offset_minutes.is_some());
        masked.entry(&slip.value).or_default().extend(message.map(|message| &*message.at));
    }
    let costly = |value: &str| {
        ground.slips.iter().any(|slip| slip.value == value && slip.plant_cost != PlantCost::Trivial.word())
    };
    masked.retain(|value, mails| mails.len() as u64 >= MASKED_MESSAGES && !costly(value));
    masked.into_keys().map(str::to_owned).collect()
}

/// Independent costly grounds for the actor, one step lower where somebody planted marks.
fn confidence(weighed: &[Weighed<'_>], actor: &str, deceived: bool) -> Confidence {
    if actor == UNATTRIBUTED {
        return Confidence::None;
    }
    let grounds = weighed
        .iter()
        .filter(|one| one.counted && one.item.hypothesis == actor && one.item.tied && one.item.cost == PlantCost::High);
    let roots: BTreeSet<&str> = grounds.clone().map(|one| &*one.root).collect();
    let parties: BTreeSet<&str> = grounds.filter_map(|one| one.item.source.as_deref()).collect();
    match Confidence::from_grounds(roots.len(), parties.len()) {
        Confidence::High if deceived => Confidence::Moderate,
        Confidence::Moderate if deceived => Confidence::Low,
        other => other,
    }
}

fn hypotheses(
    priors: &BTreeMap<&str, f64>,
    whole: &BTreeMap<&str, u32>,
    without_cheap: &BTreeMap<&str, u32>,
    weights: &Weights,
) -> Vec<Hypothesis> {
    let mut bare = weights.clone();
    bare.hypotheses.allowance.unattributed = 0.0;
    let before = arithmetic::posterior(priors, &[], &bare, |_| false);
    let of = |map: &BTreeMap<&str, u32>, name: &str| map.get(name).copied().unwrap_or(0);
    let mut hypotheses: Vec<Hypothesis> = priors
        .keys()
        .map(|name| Hypothesis {
            name: (*name).to_owned(),
            prior: of(&before, name),
            probability: of(whole, name),
            probability_without_cheap: of(without_cheap, name),
        })
        .collect();
    hypotheses.sort_by(|a, b| b.probability.cmp(&a.probability).then_with(|| a.name.cmp(&b.name)));
    hypotheses
}

fn contributions(weighed: &[Weighed<'_>], hypotheses: &[Hypothesis]) -> Vec<Contribution> {
    let mut contributions: Vec<Contribution> = Vec::new();
    for hypothesis in hypotheses {
        let own = weighed.iter().filter(|one| one.item.hypothesis == hypothesis.name);
        contributions.extend(own.map(|one| Contribution {
            hypothesis: hypothesis.name.clone(),
            kind: one.item.kind.clone(),
            value: one.item.value.clone(),
            root_cause: one.root.clone(),
            likelihood_ratio: one.ratio,
            sharing: one.item.sharing,
            counts: one.item.counted.as_ref().map(|counted| counted.counts.clone()),
            counted: one.counted,
            rule: one.item.rule,
            plant_cost: one.item.cost.word(),
            source: one.item.source.clone(),
            at: one.item.at.clone(),
        }));
    }
    contributions
}

/// What ties the campaign together, and what speaks for the actor who is named.
fn evidence(ground: &Ground<'_>, weighed: &[Weighed<'_>], actor: &str, planted: &BTreeSet<String>) -> Vec<Evidence> {
    let ties = ground.ties.iter().map(|link| Evidence {
        kind: link.kind.clone(),
        value: link.value.clone(),
        actor: None,
        at: [Some(&link.at), link.other_at.as_ref()].into_iter().flatten().cloned().collect(),
    });
    let own = weighed.iter().filter(|one| one.item.hypothesis == actor && one.item.tied && !is_surroundings(one.item));
    let statements = own.map(|one| Evidence {
        kind: one.item.kind.clone(),
        value: one.item.value.clone(),
        actor: one.item.source.is_some().then(|| actor.to_owned()),
        at: one.item.at.clone(),
    });
    let mut evidence: Vec<Evidence> = ties.chain(statements).filter(|item| !planted.contains(&item.value)).collect();
    evidence.sort();
    evidence.dedup_by(|b, a| (&a.kind, &a.value, &a.actor) == (&b.kind, &b.value, &b.actor));
    evidence
}

fn sensitivity(priors: &BTreeMap<&str, f64>, weighed: &[Weighed<'_>], weights: &Weights) -> Vec<Sensitivity> {
    let run = |without: String, keep: &dyn Fn(&Weighed<'_>) -> bool| {
        let result = arithmetic::posterior(priors, weighed, weights, keep);
        Sensitivity { without, hypotheses: result.into_iter().map(|(name, part)| (name.to_owned(), part)).collect() }
    };
    let mut runs = Vec::new();
    if weighed.iter().any(|one| is_cheap_mark(one.item)) {
        let costly = |one: &Weighed<'_>| one.item.cost != PlantCost::Trivial;
        runs.push(run("everything that is cheap to plant".to_owned(), &costly));
    }
    let parties: BTreeSet<&str> = weighed.iter().filter_map(|one| one.item.source.as_deref()).collect();
    for party in parties {
        runs.push(run(format!("all statements by {party}"), &|one| one.item.source.as_deref() != Some(party)));
    }
    let roots: BTreeSet<&str> = weighed.iter().filter(|one| one.counted).map(|one| &*one.root).collect();
    for root in roots {
        runs.push(run(root.to_owned(), &|one| one.root != root));
    }
    runs
}

fn levels(judgement: &Judgement, campaign: Option<&Campaign>, ground: &Ground<'_>, bands: &LevelBands) -> Vec<Level> {
    vec![
        infrastructure(ground, bands),
        campaign_level(campaign, ground.mails, bands),
        operator(judgement),
        open("organisation", "Nothing in the evidence ties the operator to an organisation. The level stays open."),
        open("state", "Nothing in the evidence ties the operator to a state. The level stays open."),
    ]
}

fn infrastructure(ground: &Ground<'_>, bands: &LevelBands) -> Level {
    let values: BTreeSet<&str> = ground.ties.iter().map(|link| &*link.value).collect();
    if values.is_empty() {
        return open("infrastructure", "No value that counts stands in two kinds of evidence. The level stays open.");
    }
    let (probability, confidence) = match values.len() {
        1 => (bands.one_tie, Confidence::Low),
        _ => (bands.more_ties, Confidence::Moderate),
    };
    let (noun, verb) = if values.len() == 1 { ("value", "ties") } else { ("values", "tie") };
    Level {
        level: "infrastructure",
        statement: format!(
            "{} {noun} {verb} the campaign to other kinds of evidence by links that count.",
            values.len()
        ),
        probability: Some(probability.map(millionths)),
        confidence,
        at: ground.ties.iter().map(|link| link.at.clone()).take(PLACES).collect(),
    }
}

fn campaign_level(campaign: Option<&Campaign>, mails: u64, bands: &LevelBands) -> Level {
    let Some(campaign) = campaign else { return open("campaign", "No group of mails was found.") };
    Level {
        level: "campaign",
        statement: format!("{mails} mails under “{}” belong together.", campaign.label),
        probability: Some(bands.campaign.map(millionths)),
        confidence: Confidence::Moderate,
        at: campaign.at.iter().take(PLACES).cloned().collect(),
    }
}

fn operator(judgement: &Judgement) -> Level {
    if judgement.actor == UNATTRIBUTED {
        return open("operator", "No actor is named: what points to one is too little, or could have been planted.");
    }
    let runs = judgement.sensitivity.iter().filter_map(|run| run.hypotheses.get(&judgement.actor).copied());
    let (mut low, mut high) = (judgement.probability, judgement.probability);
    for part in runs {
        (low, high) = (low.min(part), high.max(part));
    }
    let own = judgement.evidence.iter().filter(|item| item.actor.is_some());
    Level {
        level: "operator",
        statement: format!("The campaign was run by {}, or with its servers.", judgement.actor),
        probability: Some([low, judgement.probability, high]),
        confidence: judgement.confidence,
        at: own.filter_map(|item| item.at.first()).take(PLACES).cloned().collect(),
    }
}

fn millionths(probability: f64) -> u32 {
    (probability * f64::from(arithmetic::WHOLE)).round().clamp(0.0, f64::from(arithmetic::WHOLE)) as u32
}

fn open(level: &'static str, statement: &str) -> Level {
    Level { level, statement: statement.to_owned(), probability: None, confidence: Confidence::None, at: Vec::new() }
}
