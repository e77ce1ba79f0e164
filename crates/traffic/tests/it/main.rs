//! Days of an invented site, with and without somebody who walks its records out.

#![allow(clippy::unwrap_used)]

mod floods;
mod fuzz_replay;
mod season;
mod site;

use std::collections::BTreeSet;

use traffic::{About, Ledger, Outcome, Phase};

use crate::site::{Act, DAY, Site};

/// What came of a stream: walk requests marked, others marked, records read, alarms.
struct Told {
    right: usize,
    wrong: BTreeSet<String>,
    records: BTreeSet<String>,
    alarm_at: Option<usize>,
}

fn tell(site: &Site, hostile: Vec<Act>) -> Told {
    let mut acts = site.ordinary.clone();
    acts.extend(hostile);
    acts.sort_by_key(|act| act.time);
    let mut ledger = Ledger::new(Site::declared()).unwrap();
    let mut told = Told { right: 0, wrong: BTreeSet::new(), records: BTreeSet::new(), alarm_at: None };
    let mut walked = 0;
    for act in &acts {
        walked += usize::from(act.hostile);
        if ledger.observe(&act.request()).is_some_and(|alarm| alarm.about == About::Act(Phase::Scrape)) {
            told.alarm_at = told.alarm_at.or(Some(walked));
        }
    }
    let mut verdicts = ledger.close();
    for act in &acts {
        let Some(mark) = verdicts.of(&act.request()) else { continue };
        told.right += usize::from(act.hostile);
        if !act.hostile {
            told.wrong.insert(act.client.clone());
        }
        if let Some((record, Outcome::Hit)) = mark.record {
            told.records.insert(record.into_owned());
        }
    }
    told
}

#[track_caller]
fn walk_is_told(hostile: Vec<Act>, least_share: f64) -> Told {
    let site = Site::new();
    let all = hostile.len();
    let told = tell(&site, hostile);
    assert_eq!(told.wrong, BTreeSet::new(), "somebody else is accused");
    assert!(told.right as f64 >= all as f64 * least_share, "{} of {all}", told.right);
    told
}

#[test]
fn ordinary_days_accuse_nobody() {
    let told = tell(&Site::new(), Vec::new());
    assert_eq!((told.right, told.wrong, told.alarm_at), (0, BTreeSet::new(), None));
}

#[test]
fn a_crowd_and_a_broken_page_accuse_nobody() {
    let mut site = Site::new();
    site.crowd(8 * DAY, 12);
    site.outage(12 * DAY, DAY / 2);
    assert_eq!(tell(&site, Vec::new()).wrong, BTreeSet::new());
}

#[test]
fn a_household_and_a_clerk_are_no_walk() {
    let mut site = Site::new();
    site.ordinary.extend(site::clicked(400..408, 3 * DAY, 20, "192.0.2.201"));
    site.ordinary.extend(site::clicked(900..930, 4 * DAY, 45, "192.0.2.202"));
    assert_eq!(tell(&site, Vec::new()).wrong, BTreeSet::new());
}

#[test]
fn a_row_of_numbers_from_many_addresses_is_a_walk() {
    let hostile = site::walk(9_000..11_000, 9 * DAY, 3, 7, "curl/8.1", "6f92fa76ba484671");
    let expected: BTreeSet<String> =
        hostile.iter().filter(|act| act.status == 200).map(|act| act.query.replace("no=", "")).collect();
    let told = walk_is_told(hostile, 0.999);
    // The first step of a walk is beside nothing yet and may be missed.
    assert!(expected.difference(&told.records).count() <= 1 && told.records.is_subset(&expected));
    assert!(told.alarm_at.is_some_and(|steps| steps <= 20), "{:?}", told.alarm_at);
}

#[test]
fn a_slow_walk_without_session_is_one_too() {
    walk_is_told(site::walk(9_000..9_300, 2 * DAY, 3_600, 60, "Go-http-client/2.0", ""), 0.98);
}

#[test]
fn guesses_in_no_order_are_a_walk() {
    let guesses = (0..1_500).map(|at: u64| site::scatter(at) % site::SPAN);
    walk_is_told(site::walk(guesses, 5 * DAY, 60, 40, "python-requests/2.31.0", ""), 0.98);
}

#[test]
fn guesses_from_changing_addresses_and_agents_are_a_walk() {
    let guesses = (0..1_500).map(|at: u64| site::scatter(at) % site::SPAN);
    let mut hostile = site::walk(guesses, 5 * DAY, 60, 40, "", "");
    for (at, act) in hostile.iter_mut().enumerate() {
        act.agent = site::AGENTS[at / 17 % site::AGENTS.len()].to_owned();
    }
    walk_is_told(hostile, 0.9);
}

#[test]
fn a_sorted_list_of_known_numbers_is_a_walk() {
    let known = (0..site::SPAN).filter(|number| site::exists(*number)).step_by(23);
    walk_is_told(site::walk(known, 9 * DAY, 20, 5, site::AGENTS[2], "ab12cd34ef56ab12"), 0.95);
}

#[test]
fn declared_readers_are_never_accused() {
    let mut site = Site::new();
    let hostile = site::walk(9_000..9_600, 9 * DAY, 3, 1, "batch/1", "6f92fa76ba484671");
    site.ordinary.extend(hostile.into_iter().map(|act| Act { client: site::READER.into(), hostile: false, ..act }));
    assert_eq!(tell(&site, Vec::new()).wrong, BTreeSet::new());
}

#[test]
fn a_ledger_goes_on_after_a_restart() {
    let site = Site::new();
    let mut acts = site.ordinary;
    acts.extend(site::walk(9_000..9_400, 9 * DAY, 3, 3, "curl/8.1", "6f92fa76ba484671"));
    acts.sort_by_key(|act| act.time);
    let alarms = |restart: Option<usize>| {
        let mut ledger = Ledger::new(Site::declared()).unwrap();
        let mut alarms = Vec::new();
        for (at, act) in acts.iter().enumerate() {
            if restart == Some(at) {
                let kept = serde_json::to_string(ledger.state()).unwrap();
                ledger = Ledger::resume(serde_json::from_str(&kept).unwrap()).unwrap();
            }
            alarms.extend(ledger.observe(&act.request()).map(|alarm| (at, alarm)));
        }
        alarms
    };
    let middle = acts.iter().position(|act| act.hostile).unwrap() + 8;
    assert!(!alarms(None).is_empty());
    assert_eq!(alarms(None), alarms(Some(middle)));
}
