//! What ties stays and walks to one another, and so to actors.

use std::collections::{BTreeMap, BTreeSet};

use model::Groups;

use crate::key::{self, Key, KeyMap};
use crate::ledger::{Joined, State};
use crate::trail::{Manner, Member, Walk};
use crate::visit::{Phase, Visit};

/// Time within which the same address is held to be the same attacker.
const SAME_ADDRESS: i64 = 48 * 3_600_000_000;
/// Time within which the same unusual agent is.
const SAME_AGENT: i64 = 6 * 3_600_000_000;
/// Time within which attacks and walks from one address are one actor's; an
/// address is held by somebody else before long.
const SAME_ACTOR: i64 = 30 * 86_400_000_000;

/// A stay or walk on its way to an actor.
pub struct Deed {
    site: Key,
    first: i64,
    last: i64,
    clients: Vec<Key>,
    addresses: Vec<Key>,
    agents: Vec<Key>,
    token: Key,
}

/// Agents more than half of whose requests were attacks and walks.
pub fn unusual(state: &State, stays: &[(Key, Visit)], walks: &[(Key, Joined, Walk)]) -> BTreeSet<Key> {
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
pub fn clusters(stays: &[(Key, Visit)], unusual: &BTreeSet<Key>) -> Vec<usize> {
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
pub fn hostile(stays: &[(Key, Visit)], clusters: &[usize]) -> BTreeSet<usize> {
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
pub fn phases(stays: &[(Key, Visit)], clusters: &[usize]) -> Vec<Phase> {
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

/// Joins deeds of one actor: by token, by address, by unusual agent.
pub fn join_deeds(deeds: &[Deed], taken: &[usize], unusual: &BTreeSet<Key>, ties: &mut Groups) {
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
pub fn names(deeds: &[Deed], taken: &[usize], ties: &mut Groups) -> BTreeMap<usize, Key> {
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
    /// A stay as a deed.
    pub fn of_stay(visit: &Visit) -> Self {
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

    /// A walk as a deed of those who took part in it.
    pub fn of_walk(joined: Joined, walk: &Walk) -> Self {
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

/// Nothing but their manner ties those whom no page led here, so each address
/// has to show it by itself.
pub fn is_unled_walker(walk: &Walk, member: &Member) -> bool {
    member.steps >= 8 && walk.fits(Some(member)) && matches!(walk.manner, Manner::Neighbours | Manner::Guesses)
}
