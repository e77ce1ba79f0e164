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
use crate::ledger::{Joined, Keys, State, lookup_key};
use crate::record;
use crate::request::{Outcome, Request};
use crate::trail::{Manner, Member, Walk};
use crate::visit::{Phase, Visit};

/// Time within which the same address is held to be the same attacker.
const SAME_ADDRESS: i64 = 48 * 3_600_000_000;
/// Time within which the same unusual agent is.
const SAME_AGENT: i64 = 6 * 3_600_000_000;
/// Time within which attacks and walks from one address are one actor's; an
/// address is held by somebody else before long.
const SAME_ACTOR: i64 = 30 * 86_400_000_000;

/// Tells of each request of the same stream whose it was.
pub struct Verdicts {
    state: State,
    classifier: Classifier,
    stays: KeyMap<Vec<(i64, i64, Key, Phase)>>,
    sticky: KeyMap<(Key, Phase)>,
    walkers: KeyMap<Vec<Key>>,
    unusual: BTreeSet<Key>,
    background: BTreeMap<Key, (u64, BTreeSet<Key>)>,
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

/// A stay or walk on its way to an actor.
struct Deed {
    site: Key,
    first: i64,
    last: i64,
    clients: Vec<Key>,
    addresses: Vec<Key>,
    agents: Vec<Key>,
    token: Key,
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
        };
        verdicts.settle(&stays, &clusters, &walks, &unusual);
        verdicts.unusual = unusual;
        verdicts
    }

    /// Joins attacks and walks into actors, and notes whose each of them is.
    fn settle(
        &mut self,
        stays: &[(Key, Visit)],
        clusters: &[usize],
        walks: &[(Key, Joined, Walk)],
        unusual: &BTreeSet<Key>,
    ) {
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
        for &at in &taken {
            let actor = names[&ties.head(at)];
            match stays.get(at) {
                Some((key, visit)) => {
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

/// Nothing but their manner ties those whom no page led here, so each address
/// has to show it by itself.
fn is_unled_walker(walk: &Walk, member: &Member) -> bool {
    member.steps >= 8 && walk.fits(Some(member)) && matches!(walk.manner, Manner::Neighbours | Manner::Guesses)
}

fn walks_of(state: &State) -> Vec<(Key, Joined, Walk)> {
    let mut walks: Vec<(Key, Joined, Walk)> = Vec::new();
    for (key, (joined, trail)) in &state.trails {
        walks.extend(trail.walks().map(|walk| (*key, *joined, walk.clone())));
    }
    walks.sort_by_key(|(key, joined, walk)| (*joined, *key, walk.from));
    walks
}

/// Agents more than half of whose requests were attacks and walks.
fn unusual(state: &State, stays: &[(Key, Visit)], walks: &[(Key, Joined, Walk)]) -> BTreeSet<Key> {
    let mut attacks: BTreeMap<Key, u64> = BTreeMap::new();
    stays.iter().for_each(|(_, visit)| *attacks.entry(visit.agent).or_default() += u64::from(visit.requests));
    // Trails of one kind do not overlap; those of different kinds tell of the same requests.
    let mut walked: BTreeMap<(Key, u8), u64> = BTreeMap::new();
    for (_, joined, walk) in walks {
        let kind = match joined {
            Joined::Token(_) => 0,
            Joined::Agent(_) => 1,
            Joined::Client(_) => 2,
            Joined::Unled => 3,
        };
        walk.agents
            .iter()
            .for_each(|(agent, member)| *walked.entry((*agent, kind)).or_default() += u64::from(member.steps));
    }
    let mut agents: BTreeSet<Key> = attacks.keys().copied().collect();
    agents.extend(walked.keys().map(|(agent, _)| *agent));
    agents.retain(|agent| {
        let walked = (0..4).filter_map(|kind| walked.get(&(*agent, kind))).max().copied().unwrap_or(0);
        let all = state.agents.get(agent).copied().unwrap_or(0);
        2 * (attacks.get(agent).copied().unwrap_or(0) + walked) >= all
    });
    agents
}

/// For each stay the first stay that it is tied to.
fn clusters(stays: &[(Key, Visit)], unusual: &BTreeSet<Key>) -> Vec<usize> {
    let mut ties = Groups::new(stays.len());
    let mut by_client: KeyMap<usize> = KeyMap::default();
    let mut by_agent: KeyMap<usize> = KeyMap::default();
    let mut by_token: KeyMap<usize> = KeyMap::default();
    for (at, (_, visit)) in stays.iter().enumerate() {
        tie(&mut ties, stays, by_client.insert(visit.client, at), at, SAME_ADDRESS);
        if unusual.contains(&visit.agent) {
            tie(&mut ties, stays, by_agent.insert(visit.agent, at), at, SAME_AGENT);
        }
        if visit.token != 0 {
            tie(&mut ties, stays, by_token.insert(key::join(&[visit.site, visit.token]), at), at, SAME_ACTOR);
        }
    }
    (0..stays.len()).map(|at| ties.head(at)).collect()
}

fn tie(ties: &mut Groups, stays: &[(Key, Visit)], before: Option<usize>, at: usize, within: i64) {
    if let Some(before) = before.filter(|before| stays[at].1.first - stays[*before].1.last <= within) {
        ties.join(before, at);
    }
}

/// Clusters that are attacks and no background.
fn hostile(stays: &[(Key, Visit)], clusters: &[usize]) -> BTreeSet<usize> {
    let mut directed: BTreeMap<usize, u32> = BTreeMap::new();
    let mut long: BTreeMap<(usize, Key), (u32, u32)> = BTreeMap::new();
    for ((_, visit), cluster) in stays.iter().zip(clusters) {
        *directed.entry(*cluster).or_default() += visit.directed;
        let (attacks, requests) = long.entry((*cluster, visit.client)).or_default();
        (*attacks, *requests) = (*attacks + visit.attacks, *requests + visit.requests);
    }
    let aimed = directed.into_iter().filter(|(_, directed)| *directed >= 3).map(|(cluster, _)| cluster);
    let long = long.into_iter().filter(|(_, (attacks, requests))| *attacks >= 20 && *requests >= 60);
    aimed.chain(long.map(|((cluster, _), _)| cluster)).collect()
}

/// The phase of each stay: its own if it is long enough to tell, else that of
/// its cluster's stays with the same agent.
fn phases(stays: &[(Key, Visit)], clusters: &[usize]) -> Vec<Phase> {
    let by_tool: BTreeSet<(usize, Key)> = stays
        .iter()
        .zip(clusters)
        .filter(|((_, visit), _)| visit.by_tool() == Some(true))
        .map(|((_, visit), cluster)| (*cluster, visit.agent))
        .collect();
    let scan = |(at, (_, visit)): (usize, &(Key, Visit))| {
        visit.by_tool() == Some(true)
            || by_tool.contains(&(clusters[at], visit.agent)) && visit.by_tool().is_none_or(|_| visit.marks > 0)
    };
    stays.iter().enumerate().map(|stay| if scan(stay) { Phase::Scan } else { Phase::Exploit }).collect()
}

fn join_deeds(deeds: &[Deed], taken: &[usize], unusual: &BTreeSet<Key>, ties: &mut Groups) {
    let mut order: Vec<usize> = taken.to_vec();
    order.sort_by_key(|&at| (deeds[at].first, at));
    let mut last: BTreeMap<(u8, Key), usize> = BTreeMap::new();
    for at in order {
        let deed = &deeds[at];
        let agents =
            deed.agents.iter().filter(|agent| unusual.contains(agent)).map(|agent| (2, *agent, SAME_AGENT * 4));
        let addresses = deed.addresses.iter().chain(&deed.clients).map(|client| (1, *client, SAME_ACTOR));
        let token = (deed.token != 0).then_some((0, deed.token, SAME_ACTOR));
        for (kind, key, within) in token.into_iter().chain(addresses).chain(agents) {
            if let Some(before) =
                last.insert((kind, key), at).filter(|&before| deed.first - deeds[before].last <= within)
            {
                ties.join(before, at);
            }
        }
    }
}

/// A name for each actor: that of its first deed.
fn names(deeds: &[Deed], taken: &[usize], ties: &mut Groups) -> BTreeMap<usize, Key> {
    let mut first: BTreeMap<usize, (i64, Key, Key)> = BTreeMap::new();
    for &at in taken {
        let deed = &deeds[at];
        let mark = (deed.first, deed.site, deed.clients.iter().min().copied().unwrap_or(deed.token));
        let earliest = first.entry(ties.head(at)).or_insert(mark);
        *earliest = mark.min(*earliest);
    }
    first
        .into_iter()
        .map(|(root, (time, site, client))| (root, key::join(&[site, client, time.unsigned_abs()])))
        .collect()
}

impl Deed {
    fn of_stay(visit: &Visit) -> Self {
        Self {
            site: visit.site,
            first: visit.first,
            last: visit.last,
            clients: vec![visit.client],
            addresses: vec![visit.address],
            agents: vec![visit.agent],
            token: visit.token,
        }
    }

    fn of_walk(joined: Joined, walk: &Walk) -> Self {
        let fits = |member: &Member| {
            if joined == Joined::Unled { is_unled_walker(walk, member) } else { walk.fits(Some(member)) }
        };
        let fitting = |members: &KeyMap<Member>| {
            let mut keys: Vec<Key> = members.iter().filter(|(_, member)| fits(member)).map(|(key, _)| *key).collect();
            keys.sort_unstable();
            keys
        };
        let token = if let Joined::Token(token) = joined { token } else { 0 };
        Self {
            site: 0,
            first: walk.from,
            last: walk.until,
            clients: fitting(&walk.clients),
            addresses: Vec::new(),
            agents: fitting(&walk.agents),
            token,
        }
    }
}
