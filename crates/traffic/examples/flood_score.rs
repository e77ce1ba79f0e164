//! Precision and recall of floods, crowds and defacements over sites drawn from
//! seeds: `flood_score FIRST LAST`. Each site has none to four events.

#![expect(clippy::print_stdout, reason = "a measurement prints its scores")]

#[path = "../tests/it/season.rs"]
#[allow(dead_code)]
mod season;

use std::collections::BTreeMap;

use season::{Event, Happened, Weeks};
use traffic::Ledger;

/// Of what was found, how much was right; of what happened, how much was found.
#[derive(Default)]
struct Score {
    found: u32,
    right: u32,
    happened: u32,
    met: u32,
}

/// What was said of a site: what, from when until when, on which page.
type Said = Vec<(&'static str, i64, i64, String)>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (first, last) = (number(1), number(20));
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let mut requests = 0;
    for seed in first..=last {
        let all = [Event::Crowd, Event::Volumetric, Event::Slow, Event::Defacement];
        let events: Vec<Event> = (0..4).filter(|at| seed >> at & 1 == 1).map(|at| all[at]).collect();
        let weeks = Weeks::new(seed, &events);
        requests += weeks.hits.len();
        score(seed, &weeks, &mut scores)?;
    }
    println!("{} sites, {requests} requests", last - first + 1);
    for (what, Score { found, right, happened, met }) in scores {
        println!("{what:12} right {right:3} of {found:3} found; found {met:3} of {happened:3} that happened");
    }
    Ok(())
}

fn score(seed: u64, weeks: &Weeks, scores: &mut BTreeMap<&str, Score>) -> Result<(), Box<dyn std::error::Error>> {
    let said = said(seed, weeks)?;
    for happened in &weeks.happened {
        println!("  true: {:?} {}..{} {}", happened.event, hour(happened.from), hour(happened.until), happened.path);
        let score = scores.entry(name(happened)).or_default();
        score.happened += 1;
        score.met += u32::from(said.iter().any(|said| fits(happened, said)));
    }
    for said in said {
        let score = scores.entry(said.0).or_default();
        score.found += 1;
        score.right += u32::from(weeks.happened.iter().any(|happened| fits(happened, &said)));
    }
    Ok(())
}

fn name(happened: &Happened) -> &'static str {
    match happened.event {
        Event::Crowd => "crowd",
        Event::Volumetric => "volumetric",
        Event::Slow => "application",
        Event::Defacement => "suspect",
    }
}

fn fits(happened: &Happened, (what, from, until, path): &(&str, i64, i64, String)) -> bool {
    let same = happened.event != Event::Defacement || happened.path == *path;
    name(happened) == *what && *from < happened.until && happened.from < *until && same
}

fn said(seed: u64, weeks: &Weeks) -> Result<Said, Box<dyn std::error::Error>> {
    let begun = std::time::Instant::now();
    let mut ledger = Ledger::new(Weeks::declared())?;
    let mut alarms = BTreeMap::new();
    for hit in &weeks.hits {
        if let Some(alarm) = ledger.observe(&hit.request()) {
            *alarms.entry(alarm.about.word()).or_insert(0) += 1;
        }
    }
    println!("seed {seed}: {} requests in {:?}; alarms {alarms:?}", weeks.hits.len(), begun.elapsed());
    let mut verdicts = ledger.close();
    let mut paths = BTreeMap::new();
    for hit in &weeks.hits {
        let request = hit.request();
        let told = verdicts.of(&request).is_some();
        if let Some(at) = verdicts.note(&request, told).change {
            paths.insert(at, hit.path.clone());
        }
    }
    let mut said = Said::new();
    for flood in verdicts.floods() {
        let what = flood.kind.unwrap_or(flood.grade.word());
        println!("  {what} {}..{}: {}", hour(flood.from), hour(flood.until), flood.why());
        said.push((what, flood.from, flood.until, String::new()));
    }
    for (at, changed) in verdicts.changes().iter().enumerate() {
        let what = if changed.is_suspect() { "suspect" } else { "taken back" };
        let path = paths.remove(&at).unwrap_or_default();
        println!("  {what} {} {path}: {}", hour(changed.change.at), changed.why());
        said.push((what, changed.change.at, changed.change.at + 1, path));
    }
    Ok(said)
}

fn hour(time: i64) -> String {
    let hours = time / 3_600_000_000;
    format!("{}d{:02}h", hours / 24 - 20_144, hours % 24)
}
