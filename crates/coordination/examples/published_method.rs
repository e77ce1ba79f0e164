//! The published method on a table of shares, for `benches/coordination.py`.
//!
//! Reads `object_id,account_id,content_id,timestamp_share` from standard input
//! and prints, for each window given in seconds: pair rows, accounts, objects,
//! edges, and the milliseconds that it took. A second line holds what the null
//! model of this crate makes of the same shares.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::time::Instant;

use coordination::Share;
use coordination::pairs::{Act, pairs};
use coordination::scan::Scan;

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let begun = Instant::now();
    let acts = acts(&text);
    println!("read {} shares {} ms", acts.len(), begun.elapsed().as_millis());
    for window in std::env::args().skip(1) {
        let begun = Instant::now();
        let found = pairs(&acts, window.parse().unwrap(), 2);
        let accounts: BTreeSet<_> = found.iter().flat_map(|&(a, b)| [acts[a].account, acts[b].account]).collect();
        let objects: BTreeSet<_> = found.iter().map(|&(a, _)| acts[a].object).collect();
        let edge = |&(a, b): &(usize, usize)| {
            let (a, b) = (acts[a].account, acts[b].account);
            (a.min(b), a.max(b))
        };
        let edges: BTreeSet<_> = found.iter().map(edge).collect();
        let took = begun.elapsed().as_millis();
        println!("{window} {} {} {} {} {took}", found.len(), accounts.len(), objects.len(), edges.len());
    }
    null_model(&acts);
}

fn acts(text: &str) -> Vec<Act> {
    let mut numbers: [BTreeMap<&str, u32>; 3] = Default::default();
    let mut acts = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [object, account, post] = [0, 1, 2].map(|column| {
            let next = numbers[column].len() as u32;
            *numbers[column].entry(cells[column]).or_insert(next)
        });
        acts.push(Act { object, account, post, time_secs: cells[3].parse().unwrap() });
    }
    acts
}

fn null_model(acts: &[Act]) {
    let begun = Instant::now();
    let mut objects: BTreeMap<u32, Vec<Share>> = BTreeMap::new();
    let mut counts = vec![0; acts.iter().map(|act| act.account as usize + 1).max().unwrap_or(0)];
    for act in acts {
        counts[act.account as usize] += 1;
        let share = Share { time_secs: act.time_secs as i64, account: act.account };
        objects.entry(act.object).or_default().push(share);
    }
    let mut scan = Scan::new(counts);
    let mut crowds = 0;
    for shares in objects.values_mut() {
        shares.sort();
        crowds += usize::from(scan.object(shares));
    }
    let ties = scan.ties(scan.tests());
    println!(
        "null model: {} ties of {} pairs, {crowds} crowds, {} ms",
        ties.len(),
        scan.tests() / 6,
        begun.elapsed().as_millis()
    );
}
