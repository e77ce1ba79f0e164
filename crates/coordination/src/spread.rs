//! How the objects of a group spread: who was first, and who came later.
//!
//! A group shares an object if two of its members do. Members that shared it
//! before anybody outside the group are first spreaders; accounts outside that
//! shared it afterwards are ordinary sharers, who are counted and never named.

use std::collections::BTreeSet;

use crate::Share;
use crate::groups::Group;
use crate::names::carries;

/// What a group shared, and with whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spread {
    /// Objects that two members or more shared, with whether the group was first.
    pub objects: Vec<(String, bool)>,
    /// Members that shared any of them before all outsiders.
    pub first_spreaders: BTreeSet<u32>,
    /// Accounts outside the group that shared any of them after it.
    pub later: BTreeSet<u32>,
    /// Pages among the objects, and those whose label every tied member carries in its name.
    pages: usize,
    own_pages: usize,
}

impl Spread {
    /// Takes the shares of one object in order of time; `label` is that of the
    /// site, for a page, and `name` gives the name of an account.
    pub fn object<'n>(
        &mut self,
        group: &Group,
        object: &str,
        label: Option<&str>,
        shares: &[Share],
        name: &dyn Fn(u32) -> &'n str,
    ) {
        let inside = |account: u32| group.members.binary_search_by_key(&account, |member| member.account).is_ok();
        let sharing: BTreeSet<u32> = shares.iter().map(|share| share.account).filter(|&a| inside(a)).collect();
        if sharing.len() < 2 {
            return;
        }
        let outsider = shares.iter().position(|share| !inside(share.account)).unwrap_or(shares.len());
        let first = shares.iter().position(|share| inside(share.account)).unwrap_or(0);
        self.first_spreaders.extend(shares[..outsider].iter().map(|share| share.account));
        self.later.extend(shares[first..].iter().map(|share| share.account).filter(|&account| !inside(account)));
        self.objects.push((object.to_owned(), first < outsider));
        if let Some(label) = label {
            self.pages += 1;
            self.own_pages += usize::from(group.members.iter().all(|member| carries(name(member.account), label)));
        }
    }

    /// Whether the group openly goes by the name of the site that it shares.
    pub fn declared(&self) -> bool {
        self.pages > 0 && self.own_pages * 10 >= self.pages * 9
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::Signs;
    use crate::groups::{Member, Standing};
    use crate::scan::Tie;

    fn group() -> Group {
        let tie = Tie { accounts: (0, 1), window_secs: 60, occasions: 3, expected: 0.1, chance: 1e-9 };
        let member = |account| Member { account, standing: Standing::Core, ties: 1, occasions: 3 };
        let members = vec![member(0), member(1)];
        Group { members, pairs: 1, weakest: tie, window_secs: 60, signs: Signs::default() }
    }

    fn shares(accounts: &[u32]) -> Vec<Share> {
        accounts.iter().enumerate().map(|(at, &account)| Share { time_secs: at as i64, account }).collect()
    }

    #[test]
    fn first_spreaders_are_told_from_later_sharers() {
        let mut spread = Spread::default();
        let name = |account: u32| ["sandbank_a", "sandbank_b", "reader", "other"][account as usize];
        spread.object(&group(), "sandbank.example/1", Some("sandbank"), &shares(&[0, 2, 1, 3]), &name);
        spread.object(&group(), "sandbank.example/2", Some("sandbank"), &shares(&[2, 0]), &name);
        assert_eq!(spread.objects, [("sandbank.example/1".to_owned(), true)]);
        assert_eq!((spread.first_spreaders, spread.later.len()), (BTreeSet::from([0]), 2));
    }

    #[test]
    fn a_site_with_its_own_accounts_is_declared_and_others_are_not() {
        let name = |account: u32| ["sandbank_a", "sandbank_b"][account as usize];
        for (label, wanted) in [("sandbank", true), ("ferry", false)] {
            let mut spread = Spread::default();
            spread.object(&group(), "1", Some(label), &shares(&[0, 1]), &name);
            assert_eq!(spread.declared(), wanted, "{label}");
        }
    }
}
