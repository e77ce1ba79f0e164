//! Signs that accounts of a group were made together.
//!
//! Each is a chance worked out against all other accounts of the same data: how
//! probable is it that so many of a group were created within so short a time,
//! or have names of one form, if they were drawn from among the others? A sign
//! is kept only where that chance is small for all spans and forms tried.

use std::collections::BTreeMap;

use crate::FALSE_ALARM;
use crate::chance::binomial_tail;
use crate::names::form;

/// What is known of an account besides its acts.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// Its name.
    pub name: &'a str,
    /// When it was created, in seconds since 1970.
    pub created_secs: Option<i64>,
}

/// Spans within which accounts may have been made in one go, in seconds.
const SPANS_SECS: [i64; 4] = [3_600, 86_400, 3 * 86_400, 7 * 86_400];

/// All accounts of the data, against which a group is held.
#[derive(Debug)]
pub struct Surroundings<'a> {
    accounts: &'a [Account<'a>],
    /// Creation times in order.
    created: Vec<i64>,
    /// How many accounts have a name of each form.
    forms: BTreeMap<String, usize>,
}

impl<'a> Surroundings<'a> {
    /// Counts the accounts once.
    pub fn new(accounts: &'a [Account<'a>]) -> Self {
        let mut created: Vec<i64> = accounts.iter().filter_map(|account| account.created_secs).collect();
        created.sort_unstable();
        let mut forms = BTreeMap::new();
        accounts.iter().for_each(|account| *forms.entry(form(account.name)).or_default() += 1);
        Self { accounts, created, forms }
    }

    fn account(&self, number: u32) -> Option<&Account<'a>> {
        self.accounts.get(number as usize)
    }

    /// Accounts created within the span, both ends included.
    fn created_within(&self, first: i64, last: i64) -> usize {
        self.created.partition_point(|&time| time <= last) - self.created.partition_point(|&time| time < first)
    }
}

/// Members that were created in one go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MadeTogether {
    /// Creation of the first, in seconds since 1970.
    pub first_secs: i64,
    /// Creation of the last.
    pub last_secs: i64,
    /// How many members that are.
    pub members: usize,
    /// Accounts outside the group that were created in between.
    pub others: usize,
    /// Chance of so many among accounts drawn from the others.
    pub chance: f64,
}

/// Members whose names have one form.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedAlike {
    /// The form, as [`form`] writes it.
    pub form: String,
    /// How many members that are.
    pub members: usize,
    /// Accounts outside the group with such a name.
    pub others: usize,
    /// Chance of so many among accounts drawn from the others.
    pub chance: f64,
}

/// What speaks for a common origin of a group's accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signs {
    /// Members created in one go, if chance does not give it.
    pub made_together: Option<MadeTogether>,
    /// Members named alike, if chance does not give it.
    pub named_alike: Option<NamedAlike>,
}

impl Signs {
    /// The signs of a group.
    pub fn of(members: &[u32], around: &Surroundings<'_>) -> Self {
        Self { made_together: made_together(members, around), named_alike: named_alike(members, around) }
    }

    /// Chances that one more account fits each sign of the group by accident;
    /// none for a sign that it does not fit.
    pub fn fitting(&self, account: u32, around: &Surroundings<'_>) -> Vec<f64> {
        let Some(account) = around.account(account) else { return Vec::new() };
        let all = (around.accounts.len() + 1) as f64;
        let made = self
            .made_together
            .filter(|made| account.created_secs.is_some_and(|time| (made.first_secs..=made.last_secs).contains(&time)));
        let named = self.named_alike.as_ref().filter(|named| named.form == form(account.name));
        let others = [made.map(|made| made.others), named.map(|named| named.others)];
        others.into_iter().flatten().map(|others| (others + 1) as f64 / all).collect()
    }
}

fn made_together(members: &[u32], around: &Surroundings<'_>) -> Option<MadeTogether> {
    let mut times: Vec<i64> = members.iter().filter_map(|&m| around.account(m)?.created_secs).collect();
    times.sort_unstable();
    let outside = around.created.len().saturating_sub(times.len());
    let mut best: Option<MadeTogether> = None;
    for span in SPANS_SECS {
        for first in 0..times.len() {
            let within = times[first..].iter().take_while(|&&time| time.saturating_sub(times[first]) <= span).count();
            let (first_secs, last_secs) = (times[first], times[first + within - 1]);
            let others = around.created_within(first_secs, first_secs.saturating_add(span)).saturating_sub(within);
            let each = (others + 1) as f64 / (outside + 1) as f64;
            // The first member sets the span; the others have to fall into it.
            let tail = binomial_tail(within as u32 - 1, times.len() as u32 - 1, each);
            let chance = (tail * (times.len() * SPANS_SECS.len()) as f64).min(1.0);
            if best.is_none_or(|best| chance < best.chance) {
                // The margin of a span on both sides is where another of the same making may lie.
                let (first_secs, last_secs) = (last_secs.saturating_sub(span), first_secs.saturating_add(span));
                let others = around.created_within(first_secs, last_secs).saturating_sub(within);
                best = Some(MadeTogether { first_secs, last_secs, members: within, others, chance });
            }
        }
    }
    best.filter(|best| best.members >= 3 && best.chance <= FALSE_ALARM)
}

fn named_alike(members: &[u32], around: &Surroundings<'_>) -> Option<NamedAlike> {
    let mut forms: BTreeMap<String, usize> = BTreeMap::new();
    members.iter().filter_map(|&m| around.account(m)).for_each(|a| *forms.entry(form(a.name)).or_default() += 1);
    let (tried, of) = (forms.len(), members.len());
    let outside = around.accounts.len().saturating_sub(of);
    let judged = forms.into_iter().map(|(form, members)| {
        let others = around.forms.get(&form).map_or(0, |&all| all.saturating_sub(members));
        let each = (others + 1) as f64 / (outside + 1) as f64;
        let chance = (binomial_tail(members as u32, of as u32, each) * tried as f64).min(1.0);
        NamedAlike { form, members, others, chance }
    });
    let best = judged.min_by(|a, b| a.chance.total_cmp(&b.chance))?;
    (best.members >= 3 && best.chance <= FALSE_ALARM).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    /// A hundred readers, one every ten days, after the accounts given.
    fn signs(given: &[(&str, i64)]) -> Signs {
        let readers: Vec<String> = (0..100).map(|n| format!("reader{}{n}", ["", "_", "."][n % 3])).collect();
        let mut accounts: Vec<Account<'_>> =
            given.iter().map(|&(name, time)| Account { name, created_secs: Some(time) }).collect();
        let created = |n: usize| Some(n as i64 * 10 * DAY);
        accounts.extend(readers.iter().enumerate().map(|(n, name)| Account { name, created_secs: created(n) }));
        let members: Vec<u32> = (0..given.len() as u32).collect();
        Signs::of(&members, &Surroundings::new(&accounts))
    }

    #[test]
    fn accounts_of_one_evening_and_one_form_show_both_signs() {
        let start = 505 * DAY;
        let found = signs(&[
            ("elm-20301", start),
            ("ash-40213", start + 900),
            ("fir-11111", start + 1_900),
            ("oldhand", 3 * DAY),
        ]);
        let made = found.made_together.expect("made in one evening");
        assert_eq!((made.members, made.others), (3, 0));
        assert_eq!(found.named_alike.map(|named| (named.form, named.members)), Some(("a-9{5}".into(), 3)));
    }

    #[test]
    fn accounts_of_many_years_show_none() {
        let found = signs(&[("reader_a", 5 * DAY), ("reader_b", 305 * DAY), ("readerc", 705 * DAY)]);
        assert_eq!(found, Signs::default());
    }

    #[test]
    fn a_newsroom_that_opens_an_account_a_month_was_not_made_in_one_go() {
        let found = signs(&[("sand_a", 3 * DAY), ("sand_b", 33 * DAY), ("sand_c", 63 * DAY)]);
        assert_eq!(found.made_together, None);
    }
}
