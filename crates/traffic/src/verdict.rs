//! Whose each request was, once all of them were seen.
//!
//! Stays that hold attacks are tied by address, session and unusual agent; what
//! is tied is an attack if together it aimed at this site's own look-up or was
//! a long scan. Walks join by the same ties. The rest is background: it is
//! counted and nobody is accused of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use model::Groups;

use crate::attack::{Classes, Classifier};
use crate::declared::Standing;
use crate::key::{self, Key, KeyMap};
use crate::ledger::{Joined, State};
use crate::record;
use crate::request::{Outcome, Request};
use crate::told::{Keys, lookup_key};
use crate::trail::{Manner, Walk};
use crate::visit::{Phase, Visit};

mod sites;
mod ties;

pub use sites::{Changed, Notice};

use sites::Sites;
use ties::{Deed, clusters, hostile, is_unled_walker, join_deeds, names, phases, unusual};

/// Tells of each request of the same stream whose it was.
pub struct Verdicts {
    state: State,
    classifier: Classifier,
    stays: KeyMap<Vec<(i64, i64, Key, Phase)>>,
    sticky: KeyMap<(Key, Phase)>,
    walkers: KeyMap<Vec<Key>>,
    unusual: BTreeSet<Key>,
    background: BTreeMap<Key, (u64, BTreeSet<Key>)>,
    sites: Sites,
}

/// What a request was part of.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark<'a> {
    /// Key of the actor, the same on all sites.
    pub actor: Key,
    /// What it was for.
    pub phase: Phase,
    /// What it tried.
    pub classes: Classes,
    /// The record that a walk asked for, and what came of it.
    pub record: Option<(Cow<'a, str>, Outcome)>,
    /// How the walk goes through identifiers.
    pub manner: Option<Manner>,
}

impl Verdicts {
    pub(crate) fn new(mut state: State, classifier: Classifier) -> Self {
        let mut stays = std::mem::take(&mut state.stays);
        stays.extend(std::mem::take(&mut state.visits));
        stays.retain(|(_, visit)| visit.tells() && visit.standing == Standing::Open);
        stays.sort_by_key(|(key, visit)| (visit.first, *key));
        let walks = walks_of(&state);
        let unusual = unusual(&state, &stays, &walks);
        let clusters = clusters(&stays, &unusual);
        let mut verdicts = Self {
            state,
            classifier,
            stays: KeyMap::default(),
            sticky: KeyMap::default(),
            walkers: KeyMap::default(),
            unusual: BTreeSet::new(),
            background: BTreeMap::new(),
            sites: Sites::default(),
        };
        let attacks = verdicts.settle(&stays, &clusters, &walks, &unusual);
        verdicts.sites = Sites::of(&mut verdicts.state, &attacks);
        verdicts.unusual = unusual;
        verdicts
    }

    /// Joins attacks and walks into actors, and notes whose each of them is; gives
    /// when each site was attacked, and by whom.
    fn settle(
        &mut self,
        stays: &[(Key, Visit)],
        clusters: &[usize],
        walks: &[(Key, Joined, Walk)],
        unusual: &BTreeSet<Key>,
    ) -> BTreeMap<Key, Vec<(i64, Key)>> {
        let hostile = hostile(stays, clusters);
        let mut deeds: Vec<Deed> = stays.iter().map(|(_, visit)| Deed::of_stay(visit)).collect();
        deeds.extend(walks.iter().map(|(_, joined, walk)| Deed::of_walk(*joined, walk)));
        let taken: Vec<usize> =
            (0..deeds.len()).filter(|&at| at >= stays.len() || hostile.contains(&clusters[at])).collect();
        let mut ties = Groups::new(deeds.len());
        let mut first_of: BTreeMap<usize, usize> = BTreeMap::new();
        for &at in taken.iter().filter(|&&at| at < stays.len()) {
            ties.join(at, *first_of.entry(clusters[at]).or_insert(at));
        }
        join_deeds(&deeds, &taken, unusual, &mut ties);
        let phases = phases(stays, clusters);
        let names = names(&deeds, &taken, &mut ties);
        let mut attacks: BTreeMap<Key, Vec<(i64, Key)>> = BTreeMap::new();
        for &at in &taken {
            let actor = names[&ties.head(at)];
            match stays.get(at) {
                Some((key, visit)) => {
                    attacks.entry(visit.site).or_default().push((visit.first, actor));
                    self.stays.entry(*key).or_default().push((visit.first, visit.last, actor, phases[at]));
                    if unusual.contains(&visit.agent) {
                        self.sticky.entry(key::join(&[visit.client, visit.agent])).or_insert((actor, phases[at]));
                    }
                }
                None => self.walkers.entry(walks[at - stays.len()].0).or_default().push(actor),
            }
        }
        for ((_, visit), _) in stays.iter().zip(clusters).filter(|(_, cluster)| !hostile.contains(cluster)) {
            let (requests, clients) = self.background.entry(visit.site).or_default();
            *requests += u64::from(visit.attacks);
            clients.insert(visit.client);
        }
        attacks
    }

    /// What a request was part of; `None` for everybody else's.
    pub fn of<'a>(&mut self, request: &Request<'a>) -> Option<Mark<'a>> {
        let keys = Keys::of(request);
        if self.is_empty() || self.state.declared.standing(request.site, request.client, request.time) != Standing::Open
        {
            return None;
        }
        let stay = self.stays.get(&keys.visit).and_then(|stays| {
            stays
                .iter()
                .find(|(first, last, ..)| (*first..=*last).contains(&request.time))
                .map(|(.., actor, phase)| (*actor, *phase))
        });
        // A scanner asks for records as well, and is no walk for it.
        let scans = stay.is_some_and(|(_, phase)| phase == Phase::Scan);
        if let Some(mark) = self.walk_of(request, &keys).filter(|_| !scans) {
            return Some(mark);
        }
        let (actor, phase) = stay.or_else(|| self.sticky.get(&key::join(&[keys.client, keys.agent])).copied())?;
        Some(Mark { actor, phase, classes: self.classifier.classes(request), record: None, manner: None })
    }

    fn walk_of<'a>(&mut self, request: &Request<'a>, keys: &Keys) -> Option<Mark<'a>> {
        let asked = record::asked(request, &self.state.declared)?;
        let lookup = lookup_key(keys.site, &asked);
        let found = keys.trails(lookup, request.browsed()).find_map(|(key, joined)| {
            let actors = self.walkers.get(&key)?;
            let (_, trail) = self.state.trails.get(&key)?;
            let mut walks = trail.walks().zip(actors);
            walks
                .find(|(walk, _)| self.takes_part(joined, walk, keys, request.time))
                .map(|(walk, actor)| (*actor, walk.manner))
        });
        let (actor, manner) = found?;
        if !self.classifier.classes(request).is_empty() {
            return None;
        }
        let outcome = self
            .state
            .lookups
            .get(&lookup)
            .map_or(Outcome::Failed, |lookup| lookup.outcome(request.status, request.bytes));
        let record = Some((asked.record, outcome));
        Some(Mark { actor, phase: Phase::Scrape, classes: Classes::NONE, record, manner: Some(manner) })
    }

    /// Whether a request within a walk's trail is the walker's own.
    fn takes_part(&self, joined: Joined, walk: &Walk, keys: &Keys, time: i64) -> bool {
        (walk.from..=walk.until).contains(&time)
            && match joined {
                Joined::Token(_) => true,
                Joined::Agent(agent) => walk.clients.get(&keys.client).is_some_and(|member| {
                    // With an agent that others have too, a miss or two make nobody a walker.
                    walk.fits(Some(member)) && (member.steps >= 4 || self.unusual.contains(&agent))
                }),
                Joined::Client(_) => walk.fits(walk.agents.get(&keys.agent)),
                Joined::Unled => walk.clients.get(&keys.client).is_some_and(|member| is_unled_walker(walk, member)),
            }
    }

    /// Whether nobody is accused of anything.
    pub fn is_empty(&self) -> bool {
        self.stays.is_empty() && self.walkers.is_empty()
    }

    /// By site: attacks that aimed at nobody in particular, and addresses they came from.
    pub fn background(&self, site: &str) -> (u64, usize) {
        self.background.get(&key::of(&[site])).map_or((0, 0), |(requests, clients)| (*requests, clients.len()))
    }
}

fn walks_of(state: &State) -> Vec<(Key, Joined, Walk)> {
    let mut walks: Vec<(Key, Joined, Walk)> = Vec::new();
    for (key, (joined, trail)) in &state.trails {
        walks.extend(trail.walks().map(|walk| (*key, *joined, walk.clone())));
    }
    walks.sort_by_key(|(key, joined, walk)| (*joined, *key, walk.from));
    walks
}
