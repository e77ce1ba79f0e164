//! Groups of accounts that act together, as the products tell of them.
//!
//! The full result names the accounts of each group with their standing; all
//! others count them. Accounts that shared the same later are a number in both.

use std::collections::BTreeMap;

use serde::Serialize;

use super::defang;
use crate::dossier::{CoordinatedAccount, Dossier};

/// Accounts of one group, the group's own figures standing in each of them.
pub(super) type Members<'a> = Vec<&'a CoordinatedAccount>;

/// The groups, hostile ones first, then the larger.
pub(super) fn groups(dossier: &Dossier) -> Vec<Members<'_>> {
    let mut groups: BTreeMap<&str, Members<'_>> = BTreeMap::new();
    for account in &dossier.coordinated {
        groups.entry(&account.group_id).or_default().push(account);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| (!group[0].hostile, std::cmp::Reverse(group.len())));
    groups
}

/// What a group shared.
pub(super) fn objects(group: &CoordinatedAccount) -> Vec<String> {
    serde_json::from_str(&group.objects).unwrap_or_default()
}

/// The campaign whose mail holds a link that the group shared first.
pub(super) fn campaign<'a>(dossier: &'a Dossier, group: &CoordinatedAccount) -> Option<&'a str> {
    let tied_by = group.tied_by.as_deref()?;
    let link = dossier.links.iter().find(|link| link.value == tied_by && link.to_topic == "social")?;
    link.campaigns.first().map(String::as_str)
}

#[derive(Serialize)]
pub(super) struct GroupRow<'a> {
    id: &'a str,
    grade: &'a str,
    hostile: bool,
    cluster: Option<&'a str>,
    why: &'a str,
    window_secs: i64,
    ties: u64,
    accounts: Vec<&'a str>,
    members: Vec<MemberRow<'a>>,
    objects: Vec<String>,
    later_sharers: u64,
    at: Vec<&'a str>,
}

#[derive(Serialize)]
struct MemberRow<'a> {
    account: &'a str,
    standing: &'a str,
    first_spreader: bool,
    why: &'a str,
    at: [&'a str; 1],
}

/// The section of the full result; left out where no posts were handed in.
pub(super) fn full(dossier: &Dossier) -> Option<Vec<GroupRow<'_>>> {
    has_posts(dossier).then(|| groups(dossier).into_iter().map(|group| group_row(dossier, &group)).collect())
}

fn has_posts(dossier: &Dossier) -> bool {
    dossier.counts.get("posts").is_some_and(|&posts| posts > 0)
}

fn group_row<'a>(dossier: &'a Dossier, group: &Members<'a>) -> GroupRow<'a> {
    let first = group[0];
    GroupRow {
        id: &first.group_id,
        grade: &first.grade,
        hostile: first.hostile,
        cluster: campaign(dossier, first),
        why: &first.group_why,
        window_secs: first.window_secs,
        ties: first.group_ties,
        accounts: group.iter().map(|account| &*account.account).collect(),
        members: group.iter().map(|account| member_row(account)).collect(),
        objects: objects(first),
        later_sharers: first.later_sharers,
        at: group.iter().map(|account| &*account.at).collect(),
    }
}

fn member_row(account: &CoordinatedAccount) -> MemberRow<'_> {
    MemberRow {
        account: &account.account,
        standing: &account.standing,
        first_spreader: account.first_spreader,
        why: &account.why,
        at: [&account.at],
    }
}

#[derive(Serialize)]
pub(super) struct GroupCounts<'a> {
    id: &'a str,
    grade: &'a str,
    hostile: bool,
    cluster: Option<&'a str>,
    window_secs: i64,
    ties: u64,
    accounts: usize,
    by_standing: BTreeMap<&'a str, usize>,
    first_spreaders: usize,
    later_sharers: u64,
    tied_by: Option<String>,
}

/// The section of the shared result; left out where no posts were handed in.
pub(super) fn counts(dossier: &Dossier) -> Option<Vec<GroupCounts<'_>>> {
    has_posts(dossier).then(|| groups(dossier).into_iter().map(|group| count(dossier, &group)).collect())
}

fn count<'a>(dossier: &'a Dossier, group: &Members<'a>) -> GroupCounts<'a> {
    let first = group[0];
    let mut by_standing: BTreeMap<&str, usize> = BTreeMap::new();
    group.iter().for_each(|account| *by_standing.entry(&account.standing).or_default() += 1);
    GroupCounts {
        id: &first.group_id,
        grade: &first.grade,
        hostile: first.hostile,
        cluster: campaign(dossier, first),
        window_secs: first.window_secs,
        ties: first.group_ties,
        accounts: group.len(),
        by_standing,
        first_spreaders: group.iter().filter(|account| account.first_spreader).count(),
        later_sharers: first.later_sharers,
        tied_by: first.tied_by.as_deref().map(|link| defang::without_query("url", link)),
    }
}
