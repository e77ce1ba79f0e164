//! Four weeks of sites drawn from seeds: what is a flood, what is a crowd, which
//! page was changed, and what is none of it.

use std::collections::BTreeMap;

use traffic::{About, Flood, Grade, Ledger};

use crate::season::{Event, Happened, Weeks};

/// What was said of a site; changes by path and whether they are suspect.
struct Told {
    floods: Vec<Flood>,
    changes: Vec<(String, bool)>,
    alarms: Vec<About>,
}

fn told(weeks: &Weeks) -> Told {
    let mut ledger = Ledger::new(Weeks::declared()).unwrap();
    let alarms = weeks.hits.iter().filter_map(|hit| ledger.observe(&hit.request())).map(|alarm| alarm.about).collect();
    let mut verdicts = ledger.close();
    let mut paths = BTreeMap::new();
    let mut shown = BTreeMap::new();
    for hit in &weeks.hits {
        let told = verdicts.of(&hit.request()).is_some();
        let notice = verdicts.note(&hit.request(), told);
        paths.extend(notice.change.map(|at| (at, hit.path.clone())));
        shown.extend(notice.flood.map(|at| (at, notice.path)));
    }
    let floods: Vec<Flood> = verdicts.floods().collect();
    assert_eq!(shown.len(), floods.len(), "every stretch shows a request");
    let changes = verdicts.changes().iter().enumerate().map(|(at, changed)| (paths[&at].clone(), changed.is_suspect()));
    Told { floods, changes: changes.collect(), alarms }
}

fn during(told: &Told, happened: &Happened) -> Vec<(Grade, Option<&'static str>)> {
    let meets = |flood: &&Flood| flood.from < happened.until && happened.from < flood.until;
    told.floods.iter().filter(meets).map(|flood| (flood.grade, flood.kind)).collect()
}

#[test]
fn ordinary_weeks_are_no_flood() {
    for seed in [101, 102, 103] {
        let told = told(&Weeks::new(seed, &[]));
        assert!(told.floods.iter().all(|flood| flood.grade == Grade::Open), "{seed}: {:?}", told.floods);
        assert_eq!(told.changes.iter().filter(|(_, suspect)| *suspect).count(), 0, "{seed}");
        assert_eq!(told.alarms, [], "{seed}");
    }
}

#[test]
fn news_are_a_crowd_and_few_addresses_a_flood() {
    let weeks = Weeks::new(104, &[Event::Crowd, Event::Volumetric]);
    let told = told(&weeks);
    assert_eq!(during(&told, &weeks.happened[0]), [(Grade::Crowd, None)]);
    assert_eq!(during(&told, &weeks.happened[1]), [(Grade::Flood, Some("volumetric"))]);
    assert!(told.alarms.contains(&About::Flood(Grade::Flood)), "{:?}", told.alarms);
}

#[test]
fn searches_of_hundreds_are_a_flood_of_the_application() {
    let weeks = Weeks::new(4, &[Event::Slow]);
    assert_eq!(during(&told(&weeks), &weeks.happened[0]), [(Grade::Flood, Some("application"))]);
}

#[test]
fn a_page_changed_after_an_upload_is_suspect() {
    let weeks = Weeks::new(108, &[Event::Defacement]);
    let told = told(&weeks);
    assert!(told.changes.contains(&(weeks.happened[0].path.clone(), true)), "{:?}", told.changes);
    assert!(told.alarms.contains(&About::Change));
}

#[test]
fn a_few_days_leave_the_season_open() {
    let mut weeks = Weeks::new(105, &[]);
    let end = weeks.hits[0].time + 5 * crate::season::DAY;
    weeks.hits.retain(|hit| hit.time < end);
    let mut ledger = Ledger::new(Weeks::declared()).unwrap();
    weeks.hits.iter().for_each(|hit| assert_eq!(ledger.observe(&hit.request()), None));
    let verdicts = ledger.close();
    assert_eq!(verdicts.without_season("north").map(|(requests, ..)| requests), Some(weeks.hits.len() as u64));
    assert!(!verdicts.wants_second_pass());
}

#[test]
fn memory_grows_with_days_and_not_with_requests() {
    let size = |weeks: &Weeks| {
        let mut ledger = Ledger::new(Weeks::declared()).unwrap();
        weeks.hits.iter().for_each(|hit| drop(ledger.observe(&hit.request())));
        let state = serde_json::to_value(ledger.state()).unwrap();
        ["tides", "pages"].map(|part| state[part].to_string().len())
    };
    let flooded = Weeks::new(106, &[Event::Volumetric, Event::Crowd]);
    let mut thinned = Weeks::new(106, &[Event::Volumetric, Event::Crowd]);
    let mut at = 0;
    thinned.hits.retain(|hit| {
        at += 1;
        at % 4 == 0 || hit.method == "PUT"
    });
    let ([tides, pages], [fewer_tides, fewer_pages]) = (size(&flooded), size(&thinned));
    assert!(tides < fewer_tides + fewer_tides / 4, "{tides} for four times the requests of {fewer_tides}");
    assert!(pages < fewer_pages * 2, "{pages} for four times the requests of {fewer_pages}");
}
