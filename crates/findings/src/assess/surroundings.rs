//! What a shared network or provider weighs: counts, and nothing else.
//!
//! Many are let servers by one hoster, so that a campaign started where an
//! actor has servers too says little, and how little is countable. An address
//! of an actor stands either where others of its own stand or anywhere:
//!
//! P(place | actor) = reuse × share of the actor's other addresses there + (1 - reuse) × base rate
//!
//! The base rate is how often the addresses of all other actors stand there, or
//! benign addresses of the case do, whichever is more. `reuse` is learnt from the
//! addresses of all actors, each held out in turn. Few addresses fit any share, so
//! it is the least that they still fit: where they do not show that actors come
//! back to a place it is zero, and the place weighs nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::base_rates::{Sharing, likeliest_share};
use super::names::Names;
use crate::dossier::Placement;

/// How much less likely than the likeliest share the least one may make what was
/// seen, as natural logarithm: half of 3.84, where chi squared with one degree of
/// freedom leaves 5 %.
const FITS: f64 = 1.92;

/// Halvings by which the least share is found.
const HALVINGS: usize = 40;

/// A network or provider; nothing for everywhere else.
type Place<'a> = Option<&'a str>;

/// Addresses by place, and all of them.
#[derive(Clone, Debug, Default)]
struct Counts<'a> {
    at: BTreeMap<Place<'a>, u64>,
    all: u64,
}

impl<'a> Counts<'a> {
    fn add(&mut self, place: Place<'a>, addresses: u64) {
        *self.at.entry(place).or_default() += addresses;
        self.all += addresses;
    }
}

/// The places of one kind.
#[derive(Clone, Debug, Default)]
struct Places<'a> {
    by_actor: BTreeMap<String, Counts<'a>>,
    of_all: Counts<'a>,
    benign: Counts<'a>,
    reuse: f64,
}

/// Where actors have their addresses, by kind of place.
#[derive(Clone, Debug, Default)]
pub struct Surroundings<'a> {
    kinds: BTreeMap<&'a str, Places<'a>>,
}

/// What a place says of one actor.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// The actor.
    pub actor: String,
    /// How much likelier the place is under the actor than under anybody; to the hundredth, rounded down.
    pub ratio: f64,
    /// How many of the actors have addresses there.
    pub sharing: Sharing,
    /// The counts in words.
    pub counts: String,
}

impl<'a> Surroundings<'a> {
    /// Counts placements; a name that may mean several actors counts for none.
    pub fn new(placements: &'a [Placement], names: &Names) -> Self {
        let mut kinds: BTreeMap<&str, Places<'_>> = BTreeMap::new();
        for placement in placements {
            let places = kinds.entry(&placement.kind).or_default();
            let (place, addresses) = (placement.value.as_deref(), placement.addresses);
            let Some(given) = placement.actor.as_deref() else {
                places.benign.add(place, addresses);
                continue;
            };
            let resolved = given.split('|').map(|name| names.resolve(name)).filter(|actors| actors.len() == 1);
            for actor in resolved.flatten().collect::<BTreeSet<String>>() {
                places.by_actor.entry(actor).or_default().add(place, addresses);
                places.of_all.add(place, addresses);
            }
        }
        kinds.values_mut().for_each(|places| places.reuse = places.learn());
        Self { kinds }
    }

    /// What the place says of each actor who has addresses there, those alone of whom it says something.
    pub fn weights(&self, kind: &str, place: &str) -> Vec<Weight> {
        let Some(places) = self.kinds.get(kind) else { return Vec::new() };
        let actors = places.by_actor.keys();
        actors.filter_map(|actor| places.weight(actor, place)).filter(|weight| weight.ratio > 1.0).collect()
    }
}

impl Places<'_> {
    /// How often the addresses of anybody but the actor stand there; half an
    /// address more than there is, so that what was never seen has a rate too.
    fn base_rate(&self, own: &Counts<'_>, place: Place<'_>) -> f64 {
        let rate = |there: u64, all: u64| (there as f64 + 0.5) / (all as f64 + 1.0);
        let others = rate(self.of_all.there(place) - own.there(place), self.of_all.all - own.all);
        others.max(if self.benign.all > 0 { rate(self.benign.there(place), self.benign.all) } else { 0.0 })
    }

    /// The least share of addresses that stand because others of the same actor do.
    fn learn(&self) -> f64 {
        let mut held_out = Vec::new();
        for own in self.by_actor.values() {
            for (place, there) in &own.at {
                let others = if own.all > 1 { (there - 1) as f64 / (own.all - 1) as f64 } else { 0.0 };
                held_out.push(([others, self.base_rate(own, *place)], *there));
            }
        }
        least_share(&held_out)
    }

    fn weight(&self, actor: &str, place: &str) -> Option<Weight> {
        let own = self.by_actor.get(actor)?;
        let there = own.there(Some(place));
        let base = self.base_rate(own, Some(place));
        let ratio = self.reuse * (there as f64 / own.all as f64) / base + (1.0 - self.reuse);
        let having: BTreeSet<&String> =
            self.by_actor.iter().filter(|(_, own)| own.there(Some(place)) > 0).map(|(actor, _)| actor).collect();
        (there > 0).then(|| Weight {
            actor: actor.to_owned(),
            ratio: (ratio * 100.0).floor() / 100.0,
            sharing: Sharing { actors: having.len() as u64, of: self.by_actor.len() as u64 },
            counts: format!(
                "{there} of {} addresses that the loaded intel gives the actor stand there, {} of {} of all others, and {} of {} that no feed names",
                own.all,
                self.of_all.there(Some(place)) - there,
                self.of_all.all - own.all,
                self.benign.there(Some(place)),
                self.benign.all,
            ),
        })
    }
}

/// The least share that still fits what was seen. The logarithm of the
/// likelihood is concave, so it only rises up to the likeliest share.
fn least_share(seen: &[([f64; 2], u64)]) -> f64 {
    let fit = |share: f64| -> f64 {
        seen.iter().map(|([own, base], times)| *times as f64 * (share * own + (1.0 - share) * base).ln()).sum()
    };
    let likeliest = likeliest_share(seen);
    let enough = fit(likeliest) - FITS;
    if fit(0.0) >= enough {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, likeliest);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if fit(middle) >= enough { high = middle } else { low = middle }
    }
    high
}

impl Counts<'_> {
    fn there(&self, place: Place<'_>) -> u64 {
        self.at.get(&place).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dossier::ActorName;

    fn placement(value: &str, actor: &str, addresses: u64) -> Placement {
        let told = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Placement { kind: "asn".into(), value: told(value), actor: told(actor), addresses }
    }

    fn weights(placements: &[Placement]) -> Vec<(String, f64)> {
        let found = Surroundings::new(placements, &Names::default()).weights("asn", "AS1");
        found.into_iter().map(|one| (one.actor, one.ratio)).collect()
    }

    #[test]
    fn where_actors_keep_to_their_networks_a_network_tells() {
        let found = weights(&[
            placement("AS1", "Heron", 9),
            placement("", "Heron", 1),
            placement("AS2", "Kite", 8),
            placement("AS1", "Kite", 1),
            placement("", "Gull", 10),
            placement("AS1", "", 20),
            placement("", "", 980),
        ]);
        // Kite has one address there, which is fewer than others have.
        assert!(matches!(&found[..], [(actor, ratio)] if actor == "Heron" && *ratio > 5.0), "{found:?}");
    }

    #[test]
    fn a_network_that_all_use_tells_nothing() {
        let crowd: Vec<Placement> = ["Heron", "Kite", "Gull", "Tern"]
            .iter()
            .flat_map(|name| [placement("AS1", name, 3), placement("", name, 9)])
            .collect();
        assert!(weights(&crowd).iter().all(|(_, ratio)| *ratio < 1.1), "{:?}", weights(&crowd));
    }

    #[test]
    fn benign_addresses_count_against_it() {
        let own = [placement("AS1", "Heron", 9), placement("AS2", "Kite", 9), placement("", "Gull", 9)];
        let alone = weights(&own);
        let busy = [&own[..], &[placement("AS1", "", 500), placement("", "", 500)]].concat();
        let ratio = |found: &[(String, f64)]| found.iter().map(|(_, ratio)| *ratio).fold(1.0, f64::max);
        assert!(ratio(&alone) > 3.0 && ratio(&weights(&busy)) <= 2.0, "{alone:?} {:?}", weights(&busy));
    }

    #[test]
    fn an_address_under_two_names_of_one_actor_is_one_address() {
        let name = |alias: &str| ActorName { name: "Heron".into(), alias: alias.into(), ..ActorName::default() };
        let names = Names::new(&[name("Heron"), name("H-1")]);
        let rest = [placement("", "Heron", 9), placement("", "Kite", 9), placement("", "Gull", 9)];
        let told = |given: &str| {
            let all = [&rest[..], &[placement("AS1", given, 1)]].concat();
            Surroundings::new(&all, &names).weights("asn", "AS1")
        };
        assert_eq!(told("Heron|H-1"), told("Heron"));
    }

    #[test]
    fn nothing_counted_weighs_nothing() {
        assert!(weights(&[]).is_empty());
        assert!(
            weights(&[placement("AS1", "Heron", 1)]).is_empty(),
            "one address does not show that its actor comes back"
        );
    }
}
