//! What happened to the sites themselves, in rows: floods, crowds, changed pages.

use std::collections::{BTreeMap, BTreeSet};

use casefile::{Error, Result, Session};
use model::{Batch, Cell, tables};
use traffic::{Changed, Flood, Notice, Verdicts};

/// Where in the evidence something shows, and on which page.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// SHA-256 of the file.
    pub evidence: String,
    /// Steps from the file to the bytes.
    pub chain: String,
    /// First byte of the line.
    pub start: u64,
    /// Bytes of the line.
    pub length: u64,
    /// Folder of the site's logs.
    pub site: String,
    /// Path, or page of a look-up.
    pub path: String,
}

/// Places of stretches and changes, by their numbers.
#[derive(Default)]
pub struct Places {
    floods: BTreeMap<usize, Place>,
    changes: BTreeMap<usize, Place>,
}

impl Places {
    /// Keeps the place of a request that shows something.
    pub fn keep(&mut self, notice: Notice, place: impl FnOnce(String) -> Place) {
        let Notice { flood, change, path } = notice;
        if flood.is_none() && change.is_none() {
            return;
        }
        let place = place(path);
        if let Some(at) = change {
            self.changes.entry(at).or_insert_with(|| place.clone());
        }
        self.floods.extend(flood.map(|at| (at, place)));
    }

    /// Registers `flooded` and `changed`, rows of the tables of that kind.
    pub fn register(&self, sites: &BTreeSet<String>, verdicts: &Verdicts, session: &Session) -> Result<()> {
        let (mut floods, mut changes) = (Batch::new(&tables::WEB_FLOODS), Batch::new(&tables::WEB_CHANGES));
        for (at, flood) in verdicts.floods().enumerate() {
            if let Some(place) = self.floods.get(&at) {
                push_flood(&mut floods, place, &flood);
            }
        }
        for site in sites {
            if let Some(short) = verdicts.without_season(site) {
                push_short(&mut floods, site, short);
            }
        }
        for (at, changed) in verdicts.changes().iter().enumerate() {
            if let Some(place) = self.changes.get(&at) {
                push_change(&mut changes, place, changed);
            }
        }
        for (name, mut batch) in [("flooded", floods), ("changed", changes)] {
            let rows = batch.take().map_err(|error| Error::Sql(error.to_string()))?;
            session.register_batches(name, rows.schema(), vec![rows])?;
        }
        Ok(())
    }
}

fn locator(place: &Place) -> [Cell<'_>; 4] {
    [(&place.evidence).into(), (&place.chain).into(), place.start.into(), place.length.into()]
}

fn push_flood(batch: &mut Batch, place: &Place, flood: &Flood) {
    let (made_of, why) = (&flood.made_of, flood.why());
    let mean = made_of.sums.millis.checked_div(made_of.sums.timed);
    let (for_flood, for_crowd) = (flood.for_flood.join("\n"), flood.for_crowd.join("\n"));
    let path = (made_of.one_path > 0).then_some(place.path.as_str());
    batch.push(
        &locator(place),
        &[
            (&place.site).into(),
            flood.grade.word().into(),
            flood.kind.into(),
            Cell::Time(flood.from),
            Cell::Time(flood.until),
            made_of.sums.requests.into(),
            flood.expected.into(),
            made_of.sums.bytes.into(),
            made_of.addresses.into(),
            made_of.few.into(),
            made_of.agents.into(),
            made_of.one_agent.into(),
            path.into(),
            made_of.one_path.into(),
            made_of.targets.into(),
            made_of.sums.assets.into(),
            made_of.sums.bare.into(),
            made_of.sums.outside.into(),
            made_of.sums.failed.into(),
            mean.into(),
            Some(&*for_flood).filter(|signs| !signs.is_empty()).into(),
            Some(&*for_crowd).filter(|signs| !signs.is_empty()).into(),
            (&why).into(),
        ],
    );
}

fn push_short(batch: &mut Batch, site: &str, (requests, from, until): (u64, i64, i64)) {
    let why = format!(
        "{requests} requests in fewer than {} whole days do not show what is usual here: floods were not looked for",
        traffic::season::LEAST_DAYS
    );
    let mut cells = [Cell::Null; 23];
    (cells[0], cells[1], cells[3], cells[4]) = (site.into(), "open".into(), Cell::Time(from), Cell::Time(until));
    (cells[5], cells[22]) = (requests.into(), (&why).into());
    batch.push(&[Cell::Null; 4], &cells);
}

fn push_change(batch: &mut Batch, place: &Place, changed: &Changed) {
    let (change, why) = (&changed.change, changed.why());
    let actor = changed.after.and_then(|(.., actor)| actor).map(|actor| format!("{actor:016x}"));
    let after = changed.after.map(|(upload, ..)| if upload { "upload" } else { "attack" });
    batch.push(
        &locator(place),
        &[
            (&place.site).into(),
            (&place.path).into(),
            if changed.is_suspect() { "suspect" } else { "open" }.into(),
            Cell::Time(change.at),
            Cell::Time(change.last_before),
            Cell::Time(change.since),
            change.undone.map_or(Cell::Null, Cell::Time),
            change.size_before.into(),
            change.size_after.into(),
            u64::from(change.answers_before).into(),
            (changed.together as u64).into(),
            after.into(),
            changed.after.map_or(Cell::Null, |(_, time, _)| Cell::Time(time)),
            actor.as_deref().into(),
            (&why).into(),
        ],
    );
}
