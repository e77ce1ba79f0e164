//! Ties joined to groups, and who else belongs to one.
//!
//! A group is what ties connect. An account that coincided with a group too
//! seldom to be tied may still be of it: if it was made in the same days as the
//! others, or is named as they are, these chances are combined with that of its
//! coincidences, and it is held against all that were looked at in this way.

use std::collections::{BTreeMap, BTreeSet};

use model::Groups;

use crate::FALSE_ALARM;
use crate::chance::{binomial_tail, combined};
use crate::grade::{Signs, Surroundings};
use crate::scan::{Scan, Tie};

/// How an account belongs to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Tied to at least half of the others.
    Core,
    /// Tied to some of them.
    Tied,
    /// Tied to none, but made or named like them and seen beside them.
    Probable,
}

impl Standing {
    /// The word as tables write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Tied => "tied",
            Self::Probable => "probable",
        }
    }
}

/// One account of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its number.
    pub account: u32,
    /// How it belongs.
    pub standing: Standing,
    /// Others that it is tied to.
    pub ties: usize,
    /// The most occasions that it shares with one of them.
    pub occasions: u32,
}

/// Accounts that act together.
#[derive(Clone, Debug)]
pub struct Group {
    /// In order of their numbers.
    pub members: Vec<Member>,
    /// Pairs that are tied, in whatever way of sharing.
    pub pairs: usize,
    /// The tie that chance gives most easily; the others are stronger.
    pub weakest: Tie,
    /// The longest window that a tie needs.
    pub window_secs: i64,
    /// What speaks of concealment.
    pub signs: Signs,
}

/// Groups that the ties of several ways of sharing make, the largest first.
pub fn groups(scans: &[Scan], around: &Surroundings<'_>) -> Vec<Group> {
    let tests = scans.iter().map(Scan::tests).sum();
    let ties: Vec<Vec<Tie>> = scans.iter().map(|scan| scan.ties(tests)).collect();
    let all: Vec<Tie> = ties.into_iter().flatten().collect();
    let mut groups: Vec<Group> = connected(&all).into_iter().filter_map(|set| group(set, &all, around)).collect();
    let taken: BTreeSet<u32> = groups.iter().flat_map(|group| group.members.iter().map(|m| m.account)).collect();
    for group in &mut groups {
        probable(group, scans, &taken, around);
    }
    groups.sort_by_key(|group| (std::cmp::Reverse(group.members.len()), group.members.first().map(|m| m.account)));
    groups
}

/// Sets of accounts that ties connect, each in order.
fn connected(ties: &[Tie]) -> Vec<BTreeSet<u32>> {
    let accounts: Vec<u32> =
        ties.iter().flat_map(|tie| [tie.accounts.0, tie.accounts.1]).collect::<BTreeSet<_>>().into_iter().collect();
    let mut groups = Groups::new(accounts.len());
    for tie in ties {
        let [a, b] = [tie.accounts.0, tie.accounts.1].map(|account| accounts.partition_point(|one| *one < account));
        groups.join(a, b);
    }
    let mut sets: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    for (n, account) in accounts.iter().enumerate() {
        sets.entry(groups.head(n)).or_default().insert(*account);
    }
    sets.into_values().collect()
}

fn group(set: BTreeSet<u32>, ties: &[Tie], around: &Surroundings<'_>) -> Option<Group> {
    let inside: Vec<&Tie> = ties.iter().filter(|tie| set.contains(&tie.accounts.0)).collect();
    let pairs: BTreeSet<_> = inside.iter().map(|tie| tie.accounts).collect();
    let weakest = **inside.iter().max_by(|a, b| a.chance.total_cmp(&b.chance))?;
    let window_secs = inside.iter().map(|tie| tie.window_secs).max()?;
    let member = |&account: &u32| {
        let of = |tie: &&&Tie| tie.accounts.0 == account || tie.accounts.1 == account;
        let others = pairs.iter().filter(|two| two.0 == account || two.1 == account).count();
        let standing = if others * 2 >= set.len() - 1 { Standing::Core } else { Standing::Tied };
        let occasions = inside.iter().filter(of).map(|tie| tie.occasions).max().unwrap_or(0);
        Member { account, standing, ties: others, occasions }
    };
    let accounts: Vec<u32> = set.iter().copied().collect();
    let signs = Signs::of(&accounts, around);
    Some(Group { members: set.iter().map(member).collect(), pairs: pairs.len(), weakest, window_secs, signs })
}

/// Adds accounts that several independent signs together put into the group.
fn probable(group: &mut Group, scans: &[Scan], taken: &BTreeSet<u32>, around: &Surroundings<'_>) {
    let inside: BTreeSet<u32> = group.members.iter().map(|member| member.account).collect();
    let beside: Vec<BTreeMap<u32, u32>> =
        scans.iter().map(|scan| scan.beside(&|account| inside.contains(&account), group.window_secs)).collect();
    let candidates: BTreeSet<u32> = beside.iter().flat_map(|found| found.keys().copied()).collect();
    let free: Vec<u32> = candidates.into_iter().filter(|account| !taken.contains(account)).collect();
    let level = FALSE_ALARM / free.len().max(1) as f64;
    for &account in &free {
        let signs = group.signs.fitting(account, around);
        // Coincidences in several ways of sharing hang together: the most telling one is taken, and paid for.
        let acting = scans.iter().zip(&beside).map(|(scan, beside)| by_chance(scan, beside, &inside, account));
        let acting = (acting.fold(1.0, f64::min) * scans.len() as f64).min(1.0);
        let chances: Vec<f64> = std::iter::once(acting).chain(signs).collect();
        if chances.len() > 1 && combined(&chances) <= level {
            let occasions = beside.iter().filter_map(|found| found.get(&account)).max().copied().unwrap_or(0);
            group.members.push(Member { account, standing: Standing::Probable, ties: 0, occasions });
        }
    }
    group.members.sort_by_key(|member| member.account);
}

/// Chance that an account coincides with the group as often as it did, by the
/// share of all outsiders' acts that coincide with it.
fn by_chance(scan: &Scan, beside: &BTreeMap<u32, u32>, inside: &BTreeSet<u32>, account: u32) -> f64 {
    let Some(&occasions) = beside.get(&account) else { return 1.0 };
    let outside = scan.all() - inside.iter().map(|&member| u64::from(scan.count(member))).sum::<u64>();
    let near: u64 = beside.values().map(|&count| u64::from(count)).sum();
    let each = (near + 1) as f64 / (outside + 1) as f64;
    binomial_tail(occasions, scan.count(account).max(occasions), each)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Share;
    use crate::grade::Account;

    /// Five accounts of one making share six objects in bursts; a sixth of the
    /// same making joins once, and a reader once; forty others go about.
    fn town() -> (Vec<Scan>, Vec<(String, i64)>) {
        let day = 86_400;
        let mut accounts: Vec<(String, i64)> = (0..6).map(|n| (format!("oak{n}4711"), 1_000 * day + n * 900)).collect();
        accounts.extend((0..41).map(|n| (format!("reader_{}", "x".repeat(n % 7 + 1)), n as i64 * 20 * day)));
        let mut scan = Scan::new((0..47).map(|n| if n == 5 { 1 } else { 6 }).collect());
        for object in 0..6 {
            let begin = 10_000 * object;
            let mut burst: Vec<Share> =
                (0..5).map(|account| Share { time_secs: begin + 20 * i64::from(account), account }).collect();
            if object == 0 {
                burst.push(Share { time_secs: 110, account: 5 });
                burst.push(Share { time_secs: 120, account: 6 });
            }
            scan.object(&burst);
        }
        (vec![scan], accounts)
    }

    #[test]
    fn a_group_takes_in_who_was_made_with_it_and_no_reader() {
        let (scans, named) = town();
        let accounts: Vec<Account<'_>> =
            named.iter().map(|(name, created)| Account { name, created_secs: Some(*created) }).collect();
        let found = groups(&scans, &Surroundings::new(&accounts));
        assert_eq!(found.len(), 1);
        let members: Vec<_> = found[0].members.iter().map(|member| (member.account, member.standing.word())).collect();
        assert_eq!(members, [(0, "core"), (1, "core"), (2, "core"), (3, "core"), (4, "core"), (5, "probable")]);
        assert!(found[0].signs.made_together.is_some());
    }

    #[test]
    fn nothing_shared_gives_no_group() {
        assert!(groups(&[Scan::new(vec![3, 3])], &Surroundings::new(&[])).is_empty());
    }
}
