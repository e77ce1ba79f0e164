//! The trail of one suspect through a look-up, and the tests that tell a walk
//! from visits.
//!
//! Four running sums of log-likelihood ratios ask, at each new identifier, if
//! it fits a walk better than a visit: does it lie beside one asked for lately,
//! was it a miss, does it lie above (below) the one before. What visits look
//! like is taken from the site itself: the span of all identifiers, the share
//! of misses among other visitors. A sum never falls below nothing, so a walk
//! that starts late shows as fast as one that starts at once, and it ends when
//! the sum has run out.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::key::{Key, KeyMap};
use crate::request::Outcome;

/// Sum at which a trail is a walk: of a hundred million visits one would reach it.
const ALARM: f64 = 18.4;
/// Sums rise no further, so that the end of a walk is seen in time.
const CEILING: f64 = 60.0;
/// Below this nothing is afoot, and what was noted is forgotten.
const FLOOR: f64 = 1.0;
/// Identifiers that a walk has at least. A household, or the pile of cards on a
/// clerk's desk, may well be a dozen in a row.
const LEAST: u32 = 16;
/// Identifiers of late that a new one may lie beside.
const LATELY: usize = 64;
/// A neighbour lies within this part of the span of all identifiers.
const NEIGHBOURHOOD: u64 = 4000;
/// How much less a request tells that a page of the site led to: people click
/// through lists as well.
const BROWSED: f64 = 0.15;
/// Time after which what was gathered counts half.
const HALF_LIFE: i64 = 86_400_000_000;
/// Share of misses among visitors above which a miss tells nothing.
const MOSTLY_MISSES: f64 = 0.5;

/// What the site's own visitors look like.
#[derive(Clone, Copy, Debug)]
pub struct Usual {
    /// Span of identifiers, 0 if unknown.
    pub span: u64,
    /// Share of misses.
    pub misses: f64,
}

/// One identifier asked for.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// When.
    pub time: i64,
    /// Key of the identifier.
    pub record: Key,
    /// Place of the identifier among others.
    pub rank: u64,
    /// What came of it.
    pub outcome: Outcome,
    /// Key of the client's address.
    pub client: Key,
    /// Key of its agent.
    pub agent: Key,
    /// Whether a page of the site led here.
    pub browsed: bool,
}

/// The running tests of one suspect.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Trail {
    sums: [f64; 4],
    lately: VecDeque<(Key, u64)>,
    before: Option<(i64, Key, Key)>,
    open: Option<Walk>,
    closed: Vec<Walk>,
    last: i64,
}

/// A stretch of a trail.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Walk {
    /// First request.
    pub from: i64,
    /// Last request that fitted.
    pub until: i64,
    /// New identifiers asked for.
    pub steps: u32,
    /// How the identifiers were gone through, by the test that rose highest.
    pub manner: Manner,
    /// Addresses that took part.
    pub clients: KeyMap<Member>,
    /// Agents that took part.
    pub agents: KeyMap<Member>,
    certain: bool,
    peak: f64,
}

/// How identifiers are gone through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Manner {
    /// One beside the other.
    #[default]
    Neighbours,
    /// Guesses that mostly miss.
    Guesses,
    /// A list in rising order.
    Rising,
    /// A list in falling order.
    Falling,
}

impl Manner {
    const ALL: [Self; 4] = [Self::Neighbours, Self::Guesses, Self::Rising, Self::Falling];

    /// The words in reasons.
    pub fn words(self) -> &'static str {
        match self {
            Self::Neighbours => "identifiers beside one another",
            Self::Guesses => "identifiers that mostly do not exist",
            Self::Rising => "identifiers in rising order",
            Self::Falling => "identifiers in falling order",
        }
    }
}

/// One address or agent in a walk.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Member {
    /// New identifiers asked for.
    pub steps: u32,
    /// Of these, beside one asked for lately.
    pub near: u32,
    /// Hits.
    pub hits: u32,
    /// Misses.
    pub misses: u32,
    lately: [Key; 4],
}

impl Trail {
    /// Takes a step; true when the trail has just become a walk.
    pub fn step(&mut self, step: &Step, usual: Usual, ordered: bool) -> bool {
        self.fade(step.time);
        self.last = step.time;
        if self.lately.iter().any(|(record, _)| *record == step.record) {
            return self.again(step);
        }
        let near = self.near(step.rank, usual.span);
        self.weigh(step, usual, near, ordered);
        self.lately.push_back((step.record, step.rank));
        if self.lately.len() > LATELY {
            self.lately.pop_front();
        }
        let began = self.follow(step, near.is_some_and(|(near, _)| near));
        self.before = Some((step.time, step.client, step.agent));
        began
    }

    /// Lets a long pause weaken what was gathered: two visits are no walk.
    fn fade(&mut self, now: i64) {
        let pauses = (now - self.last + HALF_LIFE / 2) / HALF_LIFE;
        if pauses > 0 {
            self.sums.iter_mut().for_each(|sum| *sum *= 0.5_f64.powi(pauses.clamp(0, 60) as i32));
            if self.sums.iter().all(|sum| *sum < FLOOR) {
                self.close();
            }
        }
    }

    /// The same identifier again says nothing, but belongs to the walk.
    fn again(&mut self, step: &Step) -> bool {
        if let Some(walk) = &mut self.open {
            walk.until = step.time;
        }
        false
    }

    /// Whether the identifier lies beside one of late, and how likely that is by chance.
    fn near(&self, rank: u64, span: u64) -> Option<(bool, f64)> {
        if span == 0 || self.lately.is_empty() {
            return None;
        }
        let reach = (span / NEIGHBOURHOOD).max(1);
        let near = self.lately.iter().any(|(_, other)| other.abs_diff(rank) <= reach);
        let chance = self.lately.len() as f64 * (2 * reach + 1) as f64 / span as f64;
        Some((near, chance.clamp(0.05, 0.95)))
    }

    fn weigh(&mut self, step: &Step, usual: Usual, near: Option<(bool, f64)>, ordered: bool) {
        let part = if step.browsed { BROWSED } else { 1.0 };
        let mut add = |test: usize, ratio: f64| {
            self.sums[test] = (self.sums[test] + ratio * part).clamp(0.0, CEILING);
        };
        if let Some((near, chance)) = near {
            // Half of a walk's identifiers lie beside another, or it is no walk of this manner.
            add(0, ratio(near, chance.max(0.5), chance));
        }
        if matches!(step.outcome, Outcome::Hit | Outcome::Miss) && usual.misses <= MOSTLY_MISSES {
            let usual = usual.misses.max(0.05);
            add(1, ratio(step.outcome == Outcome::Miss, (usual + 1.0) / 2.0, usual));
        }
        let previous = self.lately.back().map(|(_, rank)| *rank).filter(|rank| ordered && *rank != step.rank);
        if let Some(previous) = previous {
            add(2, ratio(step.rank > previous, 0.95, 0.5));
            add(3, ratio(step.rank < previous, 0.95, 0.5));
        }
    }

    fn follow(&mut self, step: &Step, near: bool) -> bool {
        let (test, sum) =
            (0..4).map(|test| (test, self.sums[test])).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default();
        if sum < FLOOR {
            self.close();
            return false;
        }
        let (from, client, agent) = self.before.unwrap_or((step.time, step.client, step.agent));
        let walk = self.open.get_or_insert_with(|| {
            // The first step of a walk is beside nothing yet.
            let alone = |key| KeyMap::from_iter([(key, Member::default())]);
            Walk { from, clients: alone(client), agents: alone(agent), ..Walk::default() }
        });
        walk.take(step, near);
        if sum >= walk.peak.min(CEILING - 1.0) {
            (walk.peak, walk.until, walk.manner) = (sum, step.time, Manner::ALL[test]);
        }
        let certain = sum >= ALARM && walk.steps >= LEAST;
        let began = certain && !walk.certain;
        walk.certain |= certain;
        began
    }

    fn close(&mut self) {
        if let Some(walk) = self.open.take().filter(|walk| walk.certain) {
            self.closed.push(walk);
        }
    }

    /// The walks of the trail; an open one too.
    pub fn walks(&self) -> impl Iterator<Item = &Walk> {
        self.closed.iter().chain(self.open.iter().filter(|walk| walk.certain))
    }

    /// Whether a walk goes on at the moment.
    pub fn is_walking(&self) -> bool {
        self.open.as_ref().is_some_and(|walk| walk.certain)
    }

    /// Time of the last step.
    pub fn last(&self) -> i64 {
        self.last
    }
}

impl Walk {
    fn take(&mut self, step: &Step, near: bool) {
        self.steps = self.steps.saturating_add(1);
        for member in [self.clients.entry(step.client).or_default(), self.agents.entry(step.agent).or_default()] {
            member.take(step, near);
        }
    }

    /// Whether one of its addresses or agents itself did what the walk did.
    /// Others who share an agent or an exit with it may have been about at the
    /// time, and are not accused for it.
    pub fn fits(&self, member: Option<&Member>) -> bool {
        let Some(member) = member else { return false };
        let known = member.hits + member.misses;
        member.steps == 0
            || match self.manner {
                Manner::Neighbours => member.near * 3 >= member.steps,
                Manner::Guesses => member.misses * 3 >= known.max(1),
                Manner::Rising | Manner::Falling => true,
            }
    }
}

impl Member {
    /// A monitor asks for the same few records for ever, and steps nowhere.
    fn take(&mut self, step: &Step, near: bool) {
        if self.lately.contains(&step.record) {
            return;
        }
        self.lately.rotate_right(1);
        self.lately[0] = step.record;
        let outcome = step.outcome;
        self.steps = self.steps.saturating_add(1);
        self.near = self.near.saturating_add(u32::from(near));
        self.hits = self.hits.saturating_add(u32::from(outcome == Outcome::Hit));
        self.misses = self.misses.saturating_add(u32::from(outcome == Outcome::Miss));
    }
}

/// Log-likelihood ratio of something that happened or did not.
fn ratio(happened: bool, walk: f64, visit: f64) -> f64 {
    if happened { (walk / visit).ln() } else { ((1.0 - walk) / (1.0 - visit)).ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Usual = Usual { span: 70_000, misses: 0.12 };

    /// Steps after which a trail is a walk; `None` if it never is.
    fn alarm_after(ranks: impl Iterator<Item = (u64, Outcome)>, browsed: bool) -> Option<usize> {
        let mut trail = Trail::default();
        let mut steps = ranks.enumerate().map(|(at, (rank, outcome))| {
            let step = Step { time: at as i64, record: rank + 1, rank, outcome, client: 7, agent: 8, browsed };
            trail.step(&step, USUAL, true)
        });
        steps.position(|began| began).map(|at| at + 1)
    }

    fn scattered(at: u64) -> u64 {
        at.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 70_000
    }

    #[test]
    fn walks_of_each_manner_are_seen() {
        let hit = |rank| (rank, Outcome::Hit);
        let thinly = |rank: u64| (rank, if scattered(rank) % 10 < 3 { Outcome::Hit } else { Outcome::Miss });
        assert!(alarm_after((0..200).map(hit), false).is_some_and(|steps| steps < 40));
        assert!(alarm_after((0..200).map(|at| hit(5 + at * 150)), false).is_some_and(|steps| steps < 50));
        assert!(alarm_after((0..200).map(|at| hit(60_000 - at * 150)), false).is_some_and(|steps| steps < 50));
        assert!(alarm_after((0..900).map(|at| thinly(scattered(at))), false).is_some_and(|steps| steps < 100));
        assert!(alarm_after((0..400).map(|at| hit(scattered(at) % 900)), false).is_some_and(|steps| steps < 200));
    }

    #[test]
    fn visits_are_no_walks() {
        let usual = |at: u64| (scattered(at), if at.is_multiple_of(9) { Outcome::Miss } else { Outcome::Hit });
        assert_eq!(alarm_after((0..20_000).map(usual), false), None);
        assert_eq!(alarm_after((0..20_000).map(usual), true), None);
        // A household, then a clerk's pile of neighbouring cards.
        assert_eq!(alarm_after((100..106).map(|rank| (rank, Outcome::Hit)), false), None);
        assert_eq!(alarm_after((100..130).map(|rank| (rank, Outcome::Hit)), true), None);
    }
}
