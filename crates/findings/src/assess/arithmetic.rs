//! The sums: one product per explanation, one division, and nothing else.
//!
//! posterior(h) = prior(h) × product of the counted ratios of h, held at the
//! ceiling, divided by the sum over all h; then the allowance moves a fixed
//! part to `unattributed`. Results are whole millionths that sum to a million.

use std::collections::BTreeMap;

use super::base_rates::Sharing;
use super::items::Item;
use super::{DECEPTION, UNATTRIBUTED, Weights};

/// Millionths in a whole.
pub const WHOLE: u32 = 1_000_000;

/// One item with its weight, and whether it counts.
#[derive(Clone, Debug)]
pub struct Weighed<'i> {
    /// The item.
    pub item: &'i Item,
    /// Its likelihood ratio.
    pub ratio: f64,
    /// Name of the root cause, shared by all items of it.
    pub root: String,
    /// False where a heavier item of the same root cause counts already.
    pub counted: bool,
}

/// Gives each item its ratio and root cause; of each cause the heaviest counts once per explanation.
pub fn weigh<'i>(items: &'i [Item], weights: &Weights) -> Vec<Weighed<'i>> {
    let roots = roots(items);
    let ratio = |item: &Item| ratio(item, weights);
    let mut heaviest: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (index, (item, root)) in items.iter().zip(&roots).enumerate() {
        let best = heaviest.entry((&item.hypothesis, root)).or_insert(index);
        if items.get(*best).is_some_and(|other| ratio(other) < ratio(item)) {
            *best = index;
        }
    }
    let counted = |index, item: &Item, root: &str| heaviest.get(&(&*item.hypothesis, root)) == Some(&index);
    let pairs = items.iter().zip(&roots).enumerate();
    pairs
        .map(|(index, (item, root))| Weighed {
            item,
            ratio: ratio(item),
            root: root.clone(),
            counted: counted(index, item, root),
        })
        .collect()
}

/// The weight of the rule, or less where counts say so: those of what it was
/// made of, or those of actors to whom the feeds give the value.
fn ratio(item: &Item, weights: &Weights) -> f64 {
    let rule = weights.ratio(item.rule);
    let rule = item.counted.as_ref().map_or(rule, |counted| rule.min(counted.ratio));
    item.sharing.and_then(Sharing::most).map_or(rule, |most| rule.min(most))
}

/// The least cause among all that hang together with an item's own.
fn roots(items: &[Item]) -> Vec<String> {
    let mut parent: BTreeMap<&str, &str> = BTreeMap::new();
    fn find<'a>(parent: &BTreeMap<&'a str, &'a str>, mut cause: &'a str) -> &'a str {
        while let Some(&up) = parent.get(cause).filter(|up| **up != cause) {
            cause = up;
        }
        cause
    }
    for item in items {
        let Some(first) = item.causes.first() else { continue };
        for cause in &item.causes {
            let (a, b) = (find(&parent, first), find(&parent, cause));
            // The cause that sorts last becomes the root: `value ...`, which a
            // reader knows, comes after `statement ...` and `untied ...`, and
            // `what one hand could plant ...` after all.
            parent.insert(a.min(b), a.max(b));
        }
    }
    items.iter().map(|item| item.causes.first().map_or("", |cause| find(&parent, cause)).to_owned()).collect()
}

/// Prior of each explanation; `actors` are those that the evidence names.
pub fn priors<'h>(actors: impl IntoIterator<Item = &'h str>, weights: &Weights) -> BTreeMap<&'h str, f64> {
    let prior = &weights.hypotheses.prior;
    let mut priors: BTreeMap<&str, f64> = actors.into_iter().map(|actor| (actor, 0.0)).collect();
    let parts = priors.len().max(weights.hypotheses.share.at_least as usize);
    let share = prior.actors / parts as f64;
    let named = share * priors.len() as f64;
    priors.values_mut().for_each(|part| *part = share);
    priors.insert(DECEPTION, prior.deception);
    // The part of the known actors whom nothing names stays with the unknown.
    priors.insert(UNATTRIBUTED, prior.unattributed + prior.actors - named);
    priors
}

/// Millionths per explanation after the items that `keep` lets through.
pub fn posterior<'h>(
    priors: &BTreeMap<&'h str, f64>,
    weighed: &[Weighed<'_>],
    weights: &Weights,
    keep: impl Fn(&Weighed<'_>) -> bool,
) -> BTreeMap<&'h str, u32> {
    let ceiling = weights.hypotheses.ceiling.ratio;
    let mut masses = priors.clone();
    for (hypothesis, mass) in &mut masses {
        let own = weighed.iter().filter(|one| one.counted && one.item.hypothesis == **hypothesis && keep(one));
        *mass *= own.fold(1.0, |product, one| f64::min(product * one.ratio, ceiling));
    }
    let sum: f64 = masses.values().sum();
    let allowance = weights.hypotheses.allowance.unattributed;
    for (hypothesis, mass) in &mut masses {
        let part = *mass / sum * (1.0 - allowance);
        *mass = if *hypothesis == UNATTRIBUTED { part + allowance } else { part };
    }
    quantise(&masses)
}

/// Whole millionths that sum to a million: rounded down, then the largest remainders up.
fn quantise<'h>(parts: &BTreeMap<&'h str, f64>) -> BTreeMap<&'h str, u32> {
    let floors: BTreeMap<&str, u32> =
        parts.iter().map(|(name, part)| (*name, (part * f64::from(WHOLE)).floor().clamp(0.0, 1e6) as u32)).collect();
    let remainder = |name: &str| {
        let exact = parts.get(name).copied().unwrap_or(0.0) * f64::from(WHOLE);
        exact - exact.floor()
    };
    let mut by_remainder: Vec<&str> = floors.keys().copied().collect();
    by_remainder.sort_by(|a, b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(b)));
    let given: u32 = floors.values().sum();
    let mut quantised = floors.clone();
    let missing = WHOLE.saturating_sub(given) as usize;
    for name in by_remainder.iter().cycle().take(missing) {
        if let Some(part) = quantised.get_mut(*name) {
            *part += 1;
        }
    }
    quantised
}

/// Millionths as the number that products carry.
pub fn number(millionths: u32) -> f64 {
    f64::from(millionths) / f64::from(WHOLE)
}
