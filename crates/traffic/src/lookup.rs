//! One look-up page of a site: how its answers tell a hit from a miss, and how
//! its ordinary visitors behave.
//!
//! Sites say "no such record" in their own ways: 404, a redirect, a small page
//! with status 200. So answers are grouped by status and size. The group that
//! ordinary visitors mostly get is the hit, since they look up themselves; the
//! others are misses, refusals or failures.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::request::Outcome;

/// A look-up page and what was learnt of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lookup {
    answers: BTreeMap<u64, Tally>,
    sample: BTreeSet<(Key, u64)>,
    span: u64,
    groups: Vec<Group>,
    seen: u64,
    learn_at: u64,
    browsed: u64,
    misses: f64,
    redirects_hit: bool,
}

/// Who asks, as far as it tells whether the answer is what visitors usually get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Somebody whom a page of the site led here.
    Browsing,
    /// Somebody at the start of a stay.
    Newcomer,
    /// Somebody who asks again and again, or walks.
    Insistent,
}

/// Answers of one status and size.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Tally {
    browsing: u64,
    newcomers: u64,
    all: u64,
}

/// Sizes of good answers that belong together.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Group {
    first: u64,
    last: u64,
    hit: bool,
}

/// Status and size pairs that are told apart; beyond, sizes are rounded.
const ANSWERS: usize = 8192;
/// Identifiers kept to know the span of all.
const SAMPLE: usize = 256;
/// Share of misses that is assumed before there are visitors, and for how many it stands.
const PRIOR_MISSES: f64 = 0.15;
/// Visitors led by the site's own pages after whom only such are taken for ordinary:
/// the log then shows who leads, and a walk cannot pass for what is usual.
const BROWSED: u64 = 50;
/// Weight of one visitor in the running share of misses: about the last 200 count.
const MEMORY: f64 = 0.005;

impl Lookup {
    /// Takes in an answer.
    pub fn learn(&mut self, record: Key, rank: u64, status: u16, bytes: Option<u64>, asker: Asker) -> Outcome {
        let outcome = self.outcome(status, bytes);
        if self.seen == 0 {
            self.misses = PRIOR_MISSES;
        }
        self.seen += 1;
        let tally = self.answers.entry(self.answer(status, bytes)).or_default();
        tally.all += 1;
        tally.browsing += u64::from(asker == Asker::Browsing);
        tally.newcomers += u64::from(asker == Asker::Newcomer);
        self.browsed += u64::from(asker == Asker::Browsing);
        self.remember(record, rank);
        let ordinary = asker == Asker::Browsing || asker == Asker::Newcomer && self.browsed < BROWSED;
        if ordinary && matches!(outcome, Outcome::Hit | Outcome::Miss) {
            let missed = f64::from(u8::from(outcome == Outcome::Miss));
            self.misses += (missed - self.misses) * MEMORY;
        }
        if self.seen >= self.learn_at {
            self.learn_at = self.seen + self.seen.clamp(16, 4096);
            self.group();
        }
        outcome
    }

    /// What an answer of this status and size means, as far as is known by now.
    pub fn outcome(&self, status: u16, bytes: Option<u64>) -> Outcome {
        match status {
            204 => Outcome::Miss,
            200..=299 | 304 => {
                let Some(bytes) = bytes.filter(|_| status != 304) else { return Outcome::Hit };
                let group = self.groups.iter().find(|group| (group.first..=group.last).contains(&bytes));
                // A size between known ones belongs to the nearer.
                let near = group.or_else(|| {
                    self.groups.iter().min_by_key(|group| group.first.abs_diff(bytes).min(group.last.abs_diff(bytes)))
                });
                if near.is_none_or(|group| group.hit) && !self.redirects_hit { Outcome::Hit } else { Outcome::Miss }
            }
            300..=399 if self.redirects_hit => Outcome::Hit,
            300..=399 | 404 | 410 => Outcome::Miss,
            400..=499 => Outcome::Blocked,
            _ => Outcome::Failed,
        }
    }

    /// Whether answers differ at all, so that hits can be told from misses.
    pub fn tells(&self) -> bool {
        self.groups.iter().any(|group| !group.hit)
            || self.answers.keys().any(|answer| !(200..400).contains(&(answer >> 48)))
    }

    /// Share of misses among ordinary visitors of late.
    pub fn misses(&self) -> f64 {
        self.misses
    }

    /// Span of nine in ten of the identifiers asked for; 0 while it is not known.
    pub fn span(&self) -> u64 {
        self.span
    }

    /// Keeps the identifiers of the smallest keys, which is a fair sample of all and soon changes rarely.
    fn remember(&mut self, record: Key, rank: u64) {
        let full = self.sample.len() >= SAMPLE;
        let beyond = full && self.sample.last().is_some_and(|last| *last <= (record, rank));
        if beyond || !self.sample.insert((record, rank)) {
            return;
        }
        if full {
            self.sample.pop_last();
        }
        let mut ranks: Vec<u64> = self.sample.iter().map(|(_, rank)| *rank).collect();
        ranks.sort_unstable();
        let cut = ranks.len() / 20;
        self.span = if ranks.len() < 16 { 0 } else { ranks[ranks.len() - 1 - cut] - ranks[cut] };
    }

    fn answer(&self, status: u16, bytes: Option<u64>) -> u64 {
        let size = bytes.unwrap_or(0).min((1 << 40) - 1);
        let exact = u64::from(status) << 48 | size;
        if self.answers.len() < ANSWERS || self.answers.contains_key(&exact) {
            exact
        } else {
            u64::from(status) << 48 | (size | 0xff)
        }
    }

    /// Sorts good answers into groups of sizes, and says which are hits.
    fn group(&mut self) {
        let good = |answer: u64| matches!(answer >> 48, 200..=299);
        let browsed = self.browsed >= BROWSED;
        let ordinary = |tally: &Tally| if browsed { tally.browsing } else { tally.browsing + tally.newcomers };
        let total = |wanted: &dyn Fn(u64) -> bool| -> u64 {
            self.answers.iter().filter(|(answer, _)| wanted(**answer)).map(|(_, tally)| ordinary(tally)).sum()
        };
        self.redirects_hit = total(&|answer| matches!(answer >> 48, 301..=303 | 307 | 308)) > 2 * total(&good);
        let sizes: Vec<(u64, Tally)> = self
            .answers
            .iter()
            .filter(|(answer, _)| good(**answer))
            .map(|(answer, tally)| (answer & ((1 << 48) - 1), *tally))
            .collect();
        let runs = split_at_gaps(&sizes);
        let weight = |run: &[(u64, Tally)]| {
            run.iter()
                .map(|(_, tally)| (ordinary(tally), tally.all))
                .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
        };
        let Some(main) = runs.iter().max_by_key(|run| weight(run)).copied() else { return };
        self.groups = runs
            .iter()
            .map(|run| Group {
                first: run[0].0,
                last: run[run.len() - 1].0,
                hit: std::ptr::eq(*run, main) || is_record(run, main),
            })
            .collect();
    }
}

/// Runs of sizes with no gap wider than a twelfth of the size.
fn split_at_gaps(sizes: &[(u64, Tally)]) -> Vec<&[(u64, Tally)]> {
    let mut sizes = sizes;
    let mut runs = Vec::new();
    while !sizes.is_empty() {
        let end = (1..sizes.len()).find(|&at| sizes[at].0 - sizes[at - 1].0 > (sizes[at - 1].0 / 12).max(48));
        let (run, rest) = sizes.split_at(end.unwrap_or(sizes.len()));
        runs.push(run);
        sizes = rest;
    }
    runs
}

/// Whether answers beside the usual ones hold records too: they are as long or
/// longer, or about as long and as varied. A notice that there is none is short
/// and always the same.
fn is_record(run: &[(u64, Tally)], main: &[(u64, Tally)]) -> bool {
    let (first, usual) = (run[0].0, main[0].0);
    let all: u64 = run.iter().map(|(_, tally)| tally.all).sum();
    first > usual && run.len() as u64 * 4 > all
        || first * 2 > usual && first < usual && run.len() as u64 * 4 > all && all >= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught(answers: &[(u16, u64, u64)]) -> Lookup {
        let mut lookup = Lookup::default();
        for round in 0..40 {
            for &(status, size, spread) in answers {
                let record = round * 31 + size;
                lookup.learn(record, record, status, Some(size + round * 13 % spread.max(1)), Asker::Newcomer);
            }
        }
        lookup
    }

    #[test]
    fn each_way_of_saying_no_is_understood() {
        let small = taught(&[(200, 8000, 600), (200, 8000, 600), (200, 1545, 1)]);
        assert_eq!(small.outcome(200, Some(8222)), Outcome::Hit);
        assert_eq!(small.outcome(200, Some(1545)), Outcome::Miss);
        let missing = taught(&[(200, 5400, 200), (404, 1245, 1)]);
        assert_eq!(missing.outcome(404, Some(1245)), Outcome::Miss);
        assert_eq!(missing.outcome(200, Some(5999)), Outcome::Hit);
        let redirect = taught(&[(200, 6000, 300), (302, 0, 1)]);
        assert_eq!(redirect.outcome(302, Some(0)), Outcome::Miss);
        let posted = taught(&[(303, 0, 1), (303, 0, 1), (303, 0, 1), (200, 900, 1)]);
        assert_eq!(posted.outcome(303, Some(0)), Outcome::Hit);
        assert_eq!(small.outcome(403, Some(548)), Outcome::Blocked);
        assert_eq!(small.outcome(503, None), Outcome::Failed);
    }
}
