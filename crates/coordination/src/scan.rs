//! Coincidences of one kind of sharing, and which of them chance does not give.
//!
//! The null model is a configuration model: an object keeps the times at which
//! it was shared and an account the number of its shares, and which account
//! made which share is left to chance. Two accounts with `a` and `b` of all `n`
//! shares then coincide about `2abM/n²` times, where `M` pairs of shares lie
//! within the window. A popular object adds to `M` and so takes weight from
//! every coincidence, its own included. The window is not chosen: all of
//! [`WINDOWS_SECS`] are tried, and paid for in the number of tests.
//!
//! Objects are seen one at a time; what is kept are counts of pairs that
//! coincided at all.

use std::collections::BTreeMap;

use crate::chance::poisson_tail;
use crate::{FALSE_ALARM, Share};

/// Windows that are tried, from a machine's pace to that of a person who was told to.
pub const WINDOWS_SECS: [i64; 6] = [10, 60, 300, 600, 1_800, 3_600];

/// Coincidences of one object within one window above which it ties nobody:
/// about two thousand accounts at once. They still count for the null model.
pub const CROWD: u64 = 2_000_000;

/// Two accounts in ascending order.
pub type Two = (u32, u32);

/// One way of sharing, such as the same link or the same text.
#[derive(Debug)]
pub struct Scan {
    /// Shares of each account.
    shares: Vec<u32>,
    all_shares: u64,
    /// Pairs of shares by different accounts within each window.
    coincidences: [u64; WINDOWS_SECS.len()],
    /// Joint occasions of each pair within each window.
    pairs: BTreeMap<Two, [u32; WINDOWS_SECS.len()]>,
}

/// Two accounts that coincide more often than chance gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tie {
    /// The accounts.
    pub accounts: Two,
    /// Window in which the tie is strongest.
    pub window_secs: i64,
    /// Occasions on which both shared one object within it.
    pub occasions: u32,
    /// Occasions that chance would give.
    pub expected: f64,
    /// Chance of so many, before the number of tests is paid for.
    pub chance: f64,
}

impl Scan {
    /// Begins with the number of shares of each account.
    pub fn new(shares: Vec<u32>) -> Self {
        let all_shares = shares.iter().map(|&count| u64::from(count)).sum();
        Self { shares, all_shares, coincidences: Default::default(), pairs: BTreeMap::new() }
    }

    /// Takes the shares of one object, in order of time; gives whether a crowd
    /// shared it at once, so that it ties nobody.
    pub fn object(&mut self, shares: &[Share]) -> bool {
        let mut crowded = false;
        for (index, &window) in WINDOWS_SECS.iter().enumerate() {
            let count = coincidences(shares, window);
            self.coincidences[index] += count;
            if count > CROWD {
                crowded = true;
            } else if count > 0 {
                for two in occasions(shares, window) {
                    let counts = self.pairs.entry(two).or_default();
                    counts[index] = counts[index].saturating_add(1);
                }
            }
        }
        crowded
    }

    /// Tests that [`Scan::ties`] makes.
    pub fn tests(&self) -> usize {
        self.pairs.len() * WINDOWS_SECS.len()
    }

    /// Pairs that coincide twice or more and more often than chance gives when
    /// `tests` are made in all, in order of their accounts. Once is never
    /// enough: it is what popularity looks like.
    pub fn ties(&self, tests: usize) -> Vec<Tie> {
        let level = FALSE_ALARM / tests.max(1) as f64;
        let strongest = |(&two, counts): (&Two, &[u32; WINDOWS_SECS.len()])| {
            let ties = (0..WINDOWS_SECS.len()).filter(|&at| counts[at] >= 2).map(|at| self.tie(two, counts[at], at));
            ties.min_by(|a, b| a.chance.total_cmp(&b.chance)).filter(|tie| tie.chance <= level)
        };
        self.pairs.iter().filter_map(strongest).collect()
    }

    fn tie(&self, accounts: Two, occasions: u32, window: usize) -> Tie {
        let share = |account: u32| f64::from(self.count(account)) / self.all_shares.max(1) as f64;
        let expected = 2.0 * share(accounts.0) * share(accounts.1) * self.coincidences[window] as f64;
        let chance = poisson_tail(occasions, expected);
        Tie { accounts, window_secs: WINDOWS_SECS[window], occasions, expected, chance }
    }

    /// Shares of one account.
    pub fn count(&self, account: u32) -> u32 {
        self.shares.get(account as usize).copied().unwrap_or(0)
    }

    /// Shares of all accounts.
    pub fn all(&self) -> u64 {
        self.all_shares
    }

    /// Accounts outside `members` that coincide with any of them within a
    /// window, each with the most occasions that it has with one of them.
    pub fn beside(&self, members: &dyn Fn(u32) -> bool, window_secs: i64) -> BTreeMap<u32, u32> {
        let Some(at) = WINDOWS_SECS.iter().position(|&known| known == window_secs) else { return BTreeMap::new() };
        let mut beside = BTreeMap::new();
        for (&(a, b), counts) in self.pairs.iter().filter(|(_, counts)| counts[at] > 0) {
            let outsider = match (members(a), members(b)) {
                (true, false) => b,
                (false, true) => a,
                _ => continue,
            };
            let most = beside.entry(outsider).or_insert(0);
            *most = counts[at].max(*most);
        }
        beside
    }
}

/// Pairs of shares by different accounts within the window.
fn coincidences(shares: &[Share], window_secs: i64) -> u64 {
    let mut own: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    shares.iter().for_each(|share| own.entry(share.account).or_default().push(share.time_secs));
    let all: Vec<i64> = shares.iter().map(|share| share.time_secs).collect();
    close(&all, window_secs) - own.values().map(|times| close(times, window_secs)).sum::<u64>()
}

/// Pairs of times that lie within the window; times are in order.
fn close(times: &[i64], window_secs: i64) -> u64 {
    let mut first = 0;
    let mut pairs = 0;
    for (at, &time) in times.iter().enumerate() {
        while time.saturating_sub(times[first]) > window_secs {
            first += 1;
        }
        pairs += (at - first) as u64;
    }
    pairs
}

/// Pairs of accounts, once for each occasion on which both shared within the
/// window; occasions of one pair do not overlap.
fn occasions(shares: &[Share], window_secs: i64) -> Vec<Two> {
    let mut last: BTreeMap<Two, i64> = BTreeMap::new();
    let mut found = Vec::new();
    let mut first = 0;
    for (at, later) in shares.iter().enumerate() {
        while later.time_secs.saturating_sub(shares[first].time_secs) > window_secs {
            first += 1;
        }
        for earlier in shares[first..at].iter().filter(|earlier| earlier.account != later.account) {
            let two = (earlier.account.min(later.account), earlier.account.max(later.account));
            if last.get(&two).is_none_or(|&end| earlier.time_secs > end) {
                last.insert(two, later.time_secs);
                found.push(two);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(list: &[(i64, u32)]) -> Vec<Share> {
        list.iter().map(|&(time_secs, account)| Share { time_secs, account }).collect()
    }

    /// Sixty accounts of which 0 and 1 share five objects within seconds; each
    /// of the others shares five objects of its own, and all share one at once.
    fn quiet_town_with_a_pair() -> Scan {
        let mut scan = Scan::new(vec![6; 60]);
        for object in 0..5 {
            scan.object(&shares(&[(object * 9_000, 0), (object * 9_000 + 5, 1)]));
        }
        for account in 2..60 {
            (0..5).for_each(|object| assert!(!scan.object(&shares(&[(object * 9_000, account)]))));
        }
        let everybody: Vec<_> = (0..60).map(|account| (90_000 + i64::from(account), account)).collect();
        scan.object(&shares(&everybody));
        scan
    }

    #[test]
    fn repetition_ties_and_popularity_does_not() {
        let scan = quiet_town_with_a_pair();
        let ties = scan.ties(scan.tests());
        assert_eq!(ties.iter().map(|tie| tie.accounts).collect::<Vec<_>>(), [(0, 1)]);
        assert!(ties[0].occasions >= 5 && ties[0].expected < 1.0);
    }

    #[test]
    fn one_occasion_is_counted_once_however_often_both_post_in_it() {
        let busy = shares(&[(0, 0), (1, 1), (2, 0), (3, 1), (200, 0), (203, 1)]);
        assert_eq!(occasions(&busy, 10), [(0, 1), (0, 1), (0, 1)]);
        assert_eq!(occasions(&busy[..3], 10), [(0, 1)]);
        assert_eq!(coincidences(&busy, 10), 5);
    }

    #[test]
    fn those_beside_a_group_are_found_with_their_occasions() {
        let scan = quiet_town_with_a_pair();
        let beside = scan.beside(&|account| account < 2, 60);
        assert_eq!((beside.len(), beside.get(&7)), (58, Some(&1)));
    }
}
