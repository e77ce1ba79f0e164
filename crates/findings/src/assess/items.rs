//! From rows to weighable items: each with a rule, a cost of planting and a root cause.

use std::collections::{BTreeMap, BTreeSet};

use model::PlantCost;

use super::base_rates::Sharing;
use super::ground::{Ground, Places};
use super::names::Names;
use super::surroundings::Surroundings;
use super::{DECEPTION, Weights};
use crate::dossier::{AssessInput, IntelMatch, Settled};

/// One piece of evidence for one explanation, not yet weighed against its like.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Explanation that it speaks for.
    pub hypothesis: String,
    /// Kind of observable or slip.
    pub kind: String,
    /// Its value.
    pub value: String,
    /// Entry of `weights.toml`.
    pub rule: &'static str,
    /// What planting it would have cost.
    pub cost: PlantCost,
    /// Whether it is tied to the campaign.
    pub tied: bool,
    /// The party that names the actor, if any.
    pub source: Option<String>,
    /// How many actors the feeds give the value to, where more than one.
    pub sharing: Option<Sharing>,
    /// What counts make of it, where its rule only says how much that may be.
    pub counted: Option<Counted>,
    /// What it has in common with others of the same cause.
    pub causes: Vec<String>,
    /// Places that it rests on.
    pub at: Vec<String>,
}

/// A ratio out of counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The ratio.
    pub ratio: f64,
    /// The counts in words.
    pub counts: String,
}

/// All items of one campaign, the reactions of the deception hypothesis included.
///
/// `elsewhere` tells what is another campaign's: it says nothing about this one.
pub fn items(
    ground: &Ground<'_>,
    elsewhere: &dyn Fn(&IntelMatch) -> bool,
    input: &AssessInput<'_>,
    places: &Places<'_>,
    names: &Names,
    around: &Surroundings<'_>,
    weights: &Weights,
) -> Vec<Item> {
    let mut items = matches(ground, elsewhere, input, places, names, weights);
    items.extend(spelled_names(ground, names));
    items.sort_by(|a, b| order(a).cmp(&order(b)));
    items.dedup();
    discount_repeated_sources(&mut items);
    let deception = deception(&items, weights);
    items.extend(deception);
    items.extend(surroundings(ground, input, around));
    items
}

/// A total order, so that the order of rows changes nothing.
fn order(item: &Item) -> impl Ord + '_ {
    let weight = (&item.hypothesis, std::cmp::Reverse(item.cost), !item.tied);
    (weight, item.rule, &item.kind, &item.value, &item.source, &item.causes, &item.at)
}

/// Statements of feeds about values of the case.
fn matches(
    ground: &Ground<'_>,
    elsewhere: &dyn Fn(&IntelMatch) -> bool,
    input: &AssessInput<'_>,
    places: &Places<'_>,
    names: &Names,
    weights: &Weights,
) -> Vec<Item> {
    let mut items = Vec::new();
    let sharing = sharing(input, names);
    for hit in input.intel_matches.iter().filter(|hit| hit.counts) {
        let Some(actor) = hit.actor.as_deref().filter(|actor| !actor.is_empty()) else { continue };
        let actors = names.resolve(actor);
        let tied = ground.holds_match(hit, places);
        if !tied && elsewhere(hit) {
            continue;
        }
        let cost = ground.match_cost(hit, weights);
        let source = hit.source.clone().unwrap_or_else(|| "a feed that does not say who speaks".to_owned());
        let rule = match_rule(tied, cost, hit, actors.len());
        for actor in actors {
            let mut causes = causes(&hit.kind, &hit.value, hit.reference.as_deref(), &source, tied);
            causes.extend((tied && cost == PlantCost::Trivial).then(|| one_hand(&actor)));
            items.push(Item {
                hypothesis: actor,
                kind: hit.kind.clone(),
                value: hit.value.clone(),
                rule,
                cost,
                tied,
                sharing: sharing.get(&(&*hit.kind, &*hit.value)).copied(),
                counted: None,
                causes,
                source: Some(source.clone()),
                at: [Some(&hit.at), hit.indicator_at.as_ref()].into_iter().flatten().cloned().collect(),
            });
        }
    }
    items
}

/// Values that the feeds give to several actors at once. A name that may mean
/// several is no such statement, and one of another tenancy does not count.
fn sharing<'i>(input: &AssessInput<'i>, names: &Names) -> BTreeMap<(&'i str, &'i str), Sharing> {
    let mut known: BTreeSet<String> = names.known().map(str::to_owned).collect();
    let mut named: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for hit in input.intel_matches.iter().filter(|hit| hit.counts) {
        let actors = hit.actor.as_deref().filter(|actor| !actor.is_empty()).map(|actor| names.resolve(actor));
        if let Some([actor]) = actors.as_deref() {
            known.insert(actor.clone());
            named.entry((&hit.kind, &hit.value)).or_default().insert(actor.clone());
        }
    }
    let of = known.len() as u64;
    let shared = named.into_iter().filter(|(_, actors)| actors.len() > 1);
    shared.map(|(value, actors)| (value, Sharing { actors: actors.len() as u64, of })).collect()
}

/// The confidence from which a feed's statement weighs in full; the STIX 2.1 scale (appendix A) has its middle there.
const SURE: u64 = 50;

fn match_rule(tied: bool, cost: PlantCost, hit: &IntelMatch, actors: usize) -> &'static str {
    let key = hit.address.is_some();
    match (tied, cost) {
        (false, _) => "prior-activity-untied",
        (true, PlantCost::Trivial) => "mark-cheap",
        _ if actors > 1 => "ambiguous-name",
        (true, PlantCost::Low) => "prior-activity-low-cost",
        (true, PlantCost::High) if key && hit.confidence.is_none_or(|confidence| confidence >= SURE) => "reused-key",
        (true, PlantCost::High) if hit.confidence.is_some_and(|confidence| confidence >= SURE) => "prior-activity",
        (true, PlantCost::High) => "prior-activity-doubtful",
    }
}

/// The same value and the same statement are one cause. Sightings that nothing
/// ties to the operation are one cause per feed, since a feed that lists many
/// addresses is bound to be met on public sites.
fn causes(kind: &str, value: &str, reference: Option<&str>, source: &str, tied: bool) -> Vec<String> {
    let mut causes = vec![format!("value {}", host(kind, value))];
    causes
        .extend(reference.filter(|reference| !reference.is_empty()).map(|reference| format!("statement {reference}")));
    if !tied {
        causes.push(format!("untied values named by {source}"));
    }
    causes
}

/// Whoever plants one cheap mark can plant ten, so all that point to one actor are one cause.
fn one_hand(actor: &str) -> String {
    format!("what one hand could plant to point at {actor}")
}

/// A URL and a mail address share the root cause of their host.
fn host<'v>(kind: &str, value: &'v str) -> &'v str {
    match kind {
        "url" => {
            let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
            rest.split(['/', '?', '#', ':']).next().unwrap_or(rest)
        }
        "email" => value.rsplit_once('@').map_or(value, |(_, domain)| domain),
        _ => value,
    }
}

/// Slips that spell out an actor's name.
fn spelled_names(ground: &Ground<'_>, names: &Names) -> Vec<Item> {
    let mut items = Vec::new();
    for slip in &ground.slips {
        for actor in names.spelled_in(&slip.value) {
            items.push(Item {
                hypothesis: actor.to_owned(),
                kind: slip.kind.clone(),
                value: slip.value.clone(),
                rule: "mark-names-actor",
                cost: PlantCost::from_word(&slip.plant_cost).unwrap_or(PlantCost::Trivial).min(PlantCost::Low),
                tied: true,
                source: None,
                sharing: None,
                counted: None,
                causes: vec![format!("value {}", slip.value), one_hand(actor)],
                at: vec![slip.at.clone()],
            });
        }
    }
    items
}

/// Rule of networks and providers in which actors have addresses, too.
const SURROUNDINGS: &str = "shared-surroundings";

/// Networks and providers from which the campaign's mails came and in which
/// actors have addresses. Anybody can become a customer there, so somebody who
/// wants an actor to be blamed is as likely to be found there as the actor. What
/// lies around an address that is itself a match is of one cause with it, and all
/// that lies around one actor is one cause, since one hand picks its hosters.
fn surroundings(ground: &Ground<'_>, input: &AssessInput<'_>, around: &Surroundings<'_>) -> Vec<Item> {
    let mut places: BTreeMap<(&str, &str), Vec<&Settled>> = BTreeMap::new();
    for settled in input.settled.iter().filter(|settled| settled.campaign == ground.campaign) {
        places.entry((&settled.kind, &settled.value)).or_default().push(settled);
    }
    let matched: BTreeSet<&str> =
        input.intel_matches.iter().filter(|hit| hit.counts && hit.kind == "ip").map(|hit| &*hit.value).collect();
    let mut items = Vec::new();
    for ((kind, value), addresses) in places {
        let by_match = addresses.iter().any(|settled| matched.contains(&*settled.address));
        let mut causes = vec![format!("{kind} {value}")];
        causes.extend(addresses.iter().map(|settled| format!("value {}", settled.address)));
        for weight in around.weights(kind, value) {
            let item = Item {
                hypothesis: weight.actor.clone(),
                kind: kind.to_owned(),
                value: value.to_owned(),
                rule: SURROUNDINGS,
                cost: PlantCost::Trivial,
                tied: true,
                source: None,
                sharing: Some(weight.sharing),
                counted: Some(Counted { ratio: weight.ratio, counts: weight.counts }),
                causes: [&causes[..], &[format!("networks in which {} has addresses", weight.actor)]].concat(),
                at: addresses.iter().map(|settled| settled.at.clone()).take(5).collect(),
            };
            items.extend((!by_match).then(|| Item { hypothesis: DECEPTION.to_owned(), ..item.clone() }));
            items.push(item);
        }
    }
    items
}

/// Whether an item says only where the campaign came from, which many have in common.
pub fn is_surroundings(item: &Item) -> bool {
    item.rule == SURROUNDINGS
}

/// A feed's judgement of an actor is made once, so only its first costly value weighs in full.
fn discount_repeated_sources(items: &mut [Item]) {
    let mut first: BTreeMap<(String, Option<String>), String> = BTreeMap::new();
    for item in items.iter_mut().filter(|item| matches!(item.rule, "prior-activity" | "reused-key")) {
        let key = (item.hypothesis.clone(), item.source.clone());
        if *first.entry(key).or_insert_with(|| item.value.clone()) != item.value {
            item.rule = "prior-activity-further";
        }
    }
}

/// What the cheap marks say about somebody who wants another to be blamed.
fn deception(items: &[Item], weights: &Weights) -> Vec<Item> {
    let mut found: Vec<Item> = items
        .iter()
        .filter(|item| is_cheap_mark(item))
        .map(|item| Item { hypothesis: DECEPTION.to_owned(), rule: "cheap-mark-if-deception", ..item.clone() })
        .collect();
    let loud = weights.hypotheses.naming.marks_for_loud;
    let costly: BTreeSet<&str> = costly_actors(items);
    for (actor, marks) in marks_by_actor(items) {
        let values: BTreeSet<&str> = marks.iter().map(|mark| &*mark.value).collect();
        let rule = match (costly.contains(actor), costly.is_empty()) {
            (false, false) => "marks-contradicted",
            (false, true) if values.len() >= loud => "marks-loud",
            _ => continue,
        };
        found.push(Item {
            hypothesis: DECEPTION.to_owned(),
            kind: "pattern".to_owned(),
            value: format!("{} that point to {actor}", numbered(values.len(), "cheap mark")),
            rule,
            cost: PlantCost::Trivial,
            tied: true,
            source: None,
            sharing: None,
            counted: None,
            causes: vec![format!("pattern of the marks that point to {actor}")],
            at: marks.iter().flat_map(|mark| mark.at.first()).take(5).cloned().collect(),
        });
    }
    found.dedup();
    found
}

fn numbered(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Whether an item is a mark that costs nothing to plant.
pub fn is_cheap_mark(item: &Item) -> bool {
    item.tied && item.cost == PlantCost::Trivial && item.hypothesis != DECEPTION && !is_surroundings(item)
}

/// Actors to whom something costly and tied points.
pub fn costly_actors(items: &[Item]) -> BTreeSet<&str> {
    let costly = items.iter().filter(|item| item.tied && item.cost == PlantCost::High);
    costly.filter(|item| item.hypothesis != DECEPTION).map(|item| &*item.hypothesis).collect()
}

/// Cheap marks by the actor to whom they point. A mark that points to an actor of
/// whom something costly speaks, too, contradicts nothing by pointing to others.
pub fn marks_by_actor(items: &[Item]) -> BTreeMap<&str, Vec<&Item>> {
    let costly = costly_actors(items);
    let cheap = || items.iter().filter(|item| is_cheap_mark(item));
    let own: BTreeSet<&str> =
        cheap().filter(|item| costly.contains(&*item.hypothesis)).map(|item| &*item.value).collect();
    let mut marks: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in cheap().filter(|item| costly.contains(&*item.hypothesis) || !own.contains(&*item.value)) {
        marks.entry(&item.hypothesis).or_default().push(item);
    }
    marks
}
