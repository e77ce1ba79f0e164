//! Base rates: how many actors show the same, as counts.
//!
//! What every second actor does tells nothing; what one alone does tells much.
//! [`Sharing`] bounds the weight of a single value by how many actors the
//! loaded intel gives it to. [`Repertoires`] weighs what a campaign shows (its
//! techniques, its tools) against what each actor is known for. A trait of the
//! campaign comes either out of the actor's own repertoire or from what anybody
//! uses:
//!
//! P(trait | actor) = reuse / size of the repertoire, if it is in there, + (1 - reuse) × base rate
//!
//! `reuse` is no opinion: it is the share that makes campaigns whose actor is
//! known likeliest (expectation maximisation), for each kind of trait by itself.

use std::collections::{BTreeMap, BTreeSet};

/// How many actors show one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// Actors that show it.
    pub actors: u64,
    /// Actors that are known at all.
    pub of: u64,
}

impl Sharing {
    /// The most that the thing can weigh for one of those who show it, as a
    /// likelihood ratio, to the hundredth; nothing where one actor alone shows it.
    ///
    /// If each of `actors` of `of` is sure to show it, it is `of / actors` times
    /// as likely under one of them as under any actor. A thing that one actor
    /// alone shows is not bounded by so few counts: that the others never show
    /// it is not known.
    pub fn most(self) -> Option<f64> {
        (self.actors > 1).then(|| (self.of.max(self.actors) * 100 / self.actors) as f64 / 100.0)
    }
}

/// One thing that an actor or a campaign shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trait {
    /// Its kind, such as technique or tool; base rates are taken within a kind.
    pub kind: String,
    /// What it is, by name or id.
    pub value: String,
}

/// What each actor is known for.
#[derive(Clone, Debug, Default)]
pub struct Repertoires {
    of_actor: BTreeMap<String, BTreeSet<Trait>>,
    /// Actors that show a trait.
    shown_by: BTreeMap<Trait, u64>,
    /// For each kind: statements, different traits.
    kinds: BTreeMap<String, [u64; 2]>,
    /// For each actor and kind: size of the repertoire.
    sizes: BTreeMap<(String, String), u64>,
}

/// For each kind of trait: the share of a campaign's traits that come out of its actor's own repertoire.
pub type Reuse = BTreeMap<String, f64>;

/// One actor among the rivals.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The actor.
    pub actor: String,
    /// Natural logarithm of the likelihood ratio against the base rates.
    pub log_ratio: f64,
    /// Its share if it is one of the known, each as likely beforehand.
    pub probability: f64,
}

/// Steps of expectation maximisation; the share moves by less than a thousandth long before.
const STEPS: usize = 60;

impl Repertoires {
    /// Repertoires out of statements that an actor shows a trait; one said twice counts once.
    pub fn new(statements: impl IntoIterator<Item = (String, Trait)>) -> Self {
        let mut all = Self::default();
        for (actor, shown) in statements {
            if all.of_actor.entry(actor.clone()).or_default().insert(shown.clone()) {
                *all.sizes.entry((actor, shown.kind.clone())).or_default() += 1;
                let kind = all.kinds.entry(shown.kind.clone()).or_default();
                let count = all.shown_by.entry(shown).or_default();
                kind[0] += 1;
                kind[1] += u64::from(*count == 0);
                *count += 1;
            }
        }
        all
    }

    /// How many of the actors show a trait.
    pub fn sharing(&self, shown: &Trait) -> Sharing {
        Sharing { actors: self.shown_by.get(shown).copied().unwrap_or(0), of: self.of_actor.len() as u64 }
    }

    /// The share of a trait in all that is said of its kind; half a statement
    /// more than there is, so that what nobody shows has a rate too.
    pub fn base_rate(&self, shown: &Trait) -> f64 {
        let [statements, different] = self.kinds.get(&shown.kind).copied().unwrap_or_default();
        let own = self.shown_by.get(shown).copied().unwrap_or(0);
        (own as f64 + 0.5) / (statements as f64 + 0.5 * (different + 1) as f64)
    }

    /// How much likelier a trait is in a campaign of that actor than in anybody's.
    pub fn ratio(&self, actor: &str, shown: &Trait, reuse: &Reuse) -> f64 {
        let reuse = reuse.get(&shown.kind).copied().unwrap_or(0.0);
        reuse * self.drawn(actor, shown) / self.base_rate(shown) + (1.0 - reuse)
    }

    /// Chance of a trait if one is drawn out of the actor's repertoire of its kind.
    fn drawn(&self, actor: &str, shown: &Trait) -> f64 {
        let knows = self.of_actor.get(actor).is_some_and(|own| own.contains(shown));
        let size = self.sizes.get(&(actor.to_owned(), shown.kind.clone())).copied().unwrap_or(0);
        if knows && size > 0 { 1.0 / size as f64 } else { 0.0 }
    }

    /// All actors, the likeliest first; equal ones by name.
    pub fn rank(&self, shown: &BTreeSet<Trait>, reuse: &Reuse) -> Vec<Ranked> {
        let sum = |actor: &str| shown.iter().map(|one| self.ratio(actor, one, reuse).ln()).sum::<f64>();
        let logs: Vec<(&String, f64)> = self.of_actor.keys().map(|actor| (actor, sum(actor))).collect();
        let most = logs.iter().map(|(_, log)| *log).fold(f64::MIN, f64::max);
        let whole: f64 = logs.iter().map(|(_, log)| (log - most).exp()).sum();
        let ranked = logs.into_iter().map(|(actor, log_ratio)| Ranked {
            actor: actor.clone(),
            log_ratio,
            probability: (log_ratio - most).exp() / whole,
        });
        let mut ranked: Vec<Ranked> = ranked.collect();
        ranked.sort_by(|a, b| b.log_ratio.total_cmp(&a.log_ratio).then_with(|| a.actor.cmp(&b.actor)));
        ranked
    }
}

/// A campaign whose actors are known, and what the actors are known for apart from it.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What it shows.
    pub shown: &'a BTreeSet<Trait>,
    /// Whose it was; of several any may be meant.
    pub actors: &'a BTreeSet<String>,
    /// What actors are known for.
    pub repertoires: &'a Repertoires,
}

/// The shares that make campaigns likeliest whose actors are known.
pub fn reuse(known: &[Known<'_>]) -> Reuse {
    let mut drawn: BTreeMap<&str, Vec<([f64; 2], u64)>> = BTreeMap::new();
    for campaign in known {
        for shown in campaign.shown {
            let own = campaign.actors.iter().map(|actor| campaign.repertoires.drawn(actor, shown)).fold(0.0, f64::max);
            drawn.entry(&shown.kind).or_default().push(([own, campaign.repertoires.base_rate(shown)], 1));
        }
    }
    drawn.into_iter().map(|(kind, pairs)| (kind.to_owned(), likeliest_share(&pairs))).collect()
}

/// The share of what was drawn out of one's own that makes all likeliest; of
/// each its chance if it was, its chance if it was not, and how often it is there.
pub(super) fn likeliest_share(drawn: &[([f64; 2], u64)]) -> f64 {
    let all: u64 = drawn.iter().map(|(_, times)| times).sum();
    if all == 0 {
        return 0.0;
    }
    let mut share = 0.5;
    for _ in 0..STEPS {
        let own =
            |([own, base], times): &([f64; 2], u64)| *times as f64 * share * own / (share * own + (1.0 - share) * base);
        share = drawn.iter().map(own).sum::<f64>() / all as f64;
    }
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &str) -> Trait {
        Trait { kind: "tool".into(), value: value.into() }
    }

    fn repertoires(of: &[(&str, &[&str])]) -> Repertoires {
        let said = of.iter().flat_map(|(actor, all)| all.iter().map(|one| ((*actor).to_owned(), shown(one))));
        Repertoires::new(said)
    }

    #[test]
    fn what_all_show_is_worth_little_and_what_one_shows_is_not_bounded() {
        assert_eq!(Sharing { actors: 1, of: 9 }.most(), None);
        assert_eq!(Sharing { actors: 2, of: 9 }.most(), Some(4.5));
        assert_eq!(Sharing { actors: 3, of: 10 }.most(), Some(3.33));
        assert_eq!(Sharing { actors: 9, of: 9 }.most(), Some(1.0));
        assert_eq!(Sharing { actors: 4, of: 0 }.most(), Some(1.0));
    }

    #[test]
    fn a_rare_tool_outweighs_common_ones() {
        let all = repertoires(&[
            ("Heron", &["common", "rare", "x1"]),
            ("Kite", &["common", "ssh", "x2"]),
            ("Gull", &["common", "ssh", "x3"]),
        ]);
        assert_eq!(all.sharing(&shown("common")), Sharing { actors: 3, of: 3 });
        let reuse = Reuse::from([("tool".to_owned(), 0.5)]);
        let ranked = all.rank(&[shown("common"), shown("rare")].into(), &reuse);
        assert_eq!(ranked[0].actor, "Heron");
        assert!(ranked[0].probability > 0.5, "{ranked:?}");
        let sum: f64 = ranked.iter().map(|one| one.probability).sum();
        assert!((sum - 1.0).abs() < 1e-9);
        let undecided = all.rank(&[shown("common")].into(), &reuse);
        assert!((undecided[0].probability - 1.0 / 3.0).abs() < 1e-9, "{undecided:?}");
    }

    #[test]
    fn reuse_is_learnt_from_campaigns_whose_actor_is_known() {
        let all = repertoires(&[("Heron", &["a", "b"]), ("Kite", &["c", "d"])]);
        let heron = BTreeSet::from(["Heron".to_owned()]);
        let of = |values: &[&str]| values.iter().map(|one| shown(one)).collect::<BTreeSet<_>>();
        let (own, foreign) = (of(&["a", "b"]), of(&["x", "y"]));
        let learn = |shown| reuse(&[Known { shown, actors: &heron, repertoires: &all }])["tool"];
        assert!(learn(&own) > 0.95, "{}", learn(&own));
        assert!(learn(&foreign) < 0.05, "{}", learn(&foreign));
    }

    #[test]
    fn nothing_shown_and_nobody_known_decide_nothing() {
        assert!(Repertoires::default().rank(&[shown("a")].into(), &Reuse::new()).is_empty());
        let all = repertoires(&[("Heron", &["a"]), ("Kite", &["b"])]);
        let ranked = all.rank(&BTreeSet::new(), &Reuse::new());
        assert!(ranked.iter().all(|one| (one.probability - 0.5).abs() < 1e-9));
        assert!(reuse(&[]).is_empty());
    }
}
