//! The published method: pairs of accounts that shared one object within a
//! given window, where both take part in the data often enough.
//!
//! This is what CooRTweet computes (Righetti and Balluff 2025, after Keller et
//! al. 2020). It takes window and threshold from outside, so it is used to hold
//! this crate against its peer, and not to judge.

use std::collections::{BTreeMap, BTreeSet};

/// One share with the number of its post.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Act {
    /// Number of what is shared.
    pub object: u32,
    /// Number of the account.
    pub account: u32,
    /// Number of the post.
    pub post: u32,
    /// Seconds since 1970.
    pub time_secs: f64,
}

/// Two posts of one object by two accounts, as positions in the acts given;
/// the earlier comes first.
pub type Pair = (usize, usize);

/// All pairs within the window that have a post of an account with at least
/// `participation` acts in the data and as many within pairs.
pub fn pairs(acts: &[Act], window_secs: f64, participation: usize) -> Vec<Pair> {
    let active = at_least(acts.iter().map(|act| act.account), participation);
    let mut order: Vec<usize> = (0..acts.len()).filter(|&at| active.contains(&acts[at].account)).collect();
    order.sort_by(|&a, &b| {
        let key = |at: usize| (acts[at].object, acts[at].time_secs, at);
        let ((object_a, time_a, a), (object_b, time_b, b)) = (key(a), key(b));
        object_a.cmp(&object_b).then(time_a.total_cmp(&time_b)).then(a.cmp(&b))
    });
    let found = within(acts, &order, window_secs);
    let posts: BTreeSet<u32> = found.iter().flat_map(|&(a, b)| [acts[a].post, acts[b].post]).collect();
    let paired = order.iter().map(|&at| acts[at]).filter(|act| posts.contains(&act.post));
    let often = at_least(paired.clone().map(|act| act.account), participation);
    let kept: BTreeSet<u32> = paired.filter(|act| often.contains(&act.account)).map(|act| act.post).collect();
    found.into_iter().filter(|&(a, b)| kept.contains(&acts[a].post) || kept.contains(&acts[b].post)).collect()
}

fn within(acts: &[Act], order: &[usize], window_secs: f64) -> Vec<Pair> {
    let mut found = Vec::new();
    for object in order.chunk_by(|&a, &b| acts[a].object == acts[b].object) {
        let mut first = 0;
        for (at, &later) in object.iter().enumerate() {
            while acts[later].time_secs - acts[object[first]].time_secs > window_secs {
                first += 1;
            }
            let differs = |&&earlier: &&usize| {
                acts[earlier].account != acts[later].account && acts[earlier].post != acts[later].post
            };
            found.extend(object[first..at].iter().filter(differs).map(|&earlier| (earlier, later)));
        }
    }
    found
}

fn at_least(accounts: impl Iterator<Item = u32>, least: usize) -> BTreeSet<u32> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    accounts.for_each(|account| *counts.entry(account).or_default() += 1);
    counts.into_iter().filter(|&(_, count)| count >= least).map(|(account, _)| account).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acts(list: &[(u32, u32, f64)]) -> Vec<Act> {
        let act = |(post, &(object, account, time_secs)): (usize, &(u32, u32, f64))| Act {
            object,
            account,
            post: post as u32,
            time_secs,
        };
        list.iter().enumerate().map(act).collect()
    }

    #[test]
    fn both_ends_of_the_window_belong_to_it_and_one_share_is_too_few() {
        let acts = acts(&[(0, 0, 0.0), (0, 1, 10.0), (1, 0, 50.0), (1, 1, 60.5), (0, 2, 3.0)]);
        assert_eq!(pairs(&acts, 10.0, 2), []);
        assert_eq!(pairs(&acts, 10.5, 2), [(0, 1), (2, 3)]);
        assert_eq!(pairs(&acts, 10.0, 1), [(0, 4), (0, 1), (4, 1)]);
    }
}
