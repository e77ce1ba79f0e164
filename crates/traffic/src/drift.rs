//! Pages whose answers change in size for good, each told by its own past.
//!
//! A page is learnt from its first answers to plain GETs; then every answer is one
//! of the sizes that it had, or new. How often a page has new ones by itself (it
//! varies, transfers break off) is its own chance of a new one; a change is a row
//! of new sizes so long that this chance would give it once in ten million times,
//! from at least three addresses, and that holds few sizes itself. A page that
//! never stands still therefore never tells. An editor changes pages as well: what
//! makes a change suspect is what came before it.

use serde::{Deserialize, Serialize};

use crate::key::{Key, KeyMap};

/// Pages of a site that are followed.
const PAGES: usize = 2_000;
/// Answers by which a page is learnt, and the time that they take at least.
const LEARN: u32 = 20;
const LEARN_TIME: i64 = 86_400_000_000;
/// Sizes of a page that are remembered.
const SIZES: usize = 8;
/// Chance below which a row of new sizes is a change.
const CHANCE: f64 = 1e-7;
/// Addresses that have to see it: one with a broken line sees everything changed.
const WITNESSES: usize = 3;
/// Changes of a page that are remembered, and times of changes of a site.
const CHANGES: usize = 16;
const TIMES: usize = 4_096;
/// What changes within this time changed together.
const TOGETHER: i64 = 3_600_000_000;
/// A version that stood for less than this part of the time of the one before was taken back.
const SOON: i64 = 10;

/// The pages of one site.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pages {
    pages: KeyMap<Page>,
    /// When pages changed, in the order in which it was seen.
    times: Vec<i64>,
    first: Option<i64>,
    last: i64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Page {
    known: Vec<Size>,
    before: Vec<Size>,
    answers: u32,
    new: u32,
    /// How far sizes of one version lay apart at most.
    jitter: u64,
    first: i64,
    since: i64,
    last: i64,
    run: Option<Run>,
    changes: Vec<Change>,
}

/// Sizes that lie together, as headers make them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Size {
    low: u64,
    high: u64,
    answers: u32,
}

/// New sizes in a row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Run {
    from: i64,
    answers: u32,
    witnesses: Vec<Key>,
    sizes: Vec<Size>,
}

/// A lasting change of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Key of its path.
    pub page: Key,
    /// First answer of the new size.
    pub at: i64,
    /// Last answer of the old size.
    pub last_before: i64,
    /// Since when the page had been as it was.
    pub since: i64,
    /// Most frequent size before.
    pub size_before: u64,
    /// Most frequent size after.
    pub size_after: u64,
    /// Answers before, all versions together.
    pub answers_before: u32,
    /// When it was undone.
    pub undone: Option<i64>,
    restores: bool,
}

impl Change {
    /// Whether it was undone soon, by the time that the page had stood before.
    pub fn undone_soon(&self) -> bool {
        self.undone.is_some_and(|undone| undone - self.at < (self.at - self.since) / SOON)
    }
}

impl Pages {
    /// Takes in the size of a plain answer; a change once it is certain.
    pub fn take(&mut self, page: Key, time: i64, client: Key, bytes: u64) -> Option<Change> {
        self.first = self.first.or(Some(time));
        self.last = self.last.max(time);
        if !self.pages.contains_key(&page) && self.pages.len() >= PAGES {
            return None;
        }
        let followed = self.pages.entry(page).or_default();
        let change = Change { page, ..followed.take(time, client, bytes)? };
        if self.times.len() < TIMES {
            self.times.push(change.at);
        }
        (!change.restores).then_some(change)
    }

    /// Makes room: pages that were asked for less than three times in a week are forgotten.
    pub fn sweep(&mut self, now: i64) {
        if self.pages.len() >= PAGES {
            self.pages.retain(|_, page| page.answers > 2 || now - page.last < 7 * LEARN_TIME);
        }
    }

    /// All changes of all pages but those that undo one, in the order of time.
    pub fn changes(&self) -> Vec<Change> {
        let all = self.pages.iter().flat_map(|(key, page)| {
            page.changes.iter().filter(|change| !change.restores).map(|change| Change { page: *key, ..*change })
        });
        let mut all: Vec<Change> = all.collect();
        all.sort_by_key(|change| (change.at, change.page));
        all
    }

    /// The chance that one of the site's changes falls by itself as soon after one of
    /// these times as the change did; `None` if none of them came before it.
    pub fn chance(&self, change: &Change, acts: &[i64]) -> Option<(i64, f64)> {
        let before = acts.iter().copied().filter(|act| *act < change.at).max()?;
        let history = (self.last - self.first?).max(1);
        let covered = covered(acts, change.at - before) as f64 / history as f64;
        Some((before, 1.0 - (1.0 - covered.min(1.0)).powi(self.events().max(1) as i32)))
    }

    /// Changes that did not come together.
    fn events(&self) -> usize {
        let mut times = self.times.clone();
        times.sort_unstable();
        times.dedup_by(|late, early| *late - *early < TOGETHER);
        times.len()
    }
}

/// Microseconds that lie within `reach` after one of the times.
fn covered(times: &[i64], reach: i64) -> i64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    let gaps = times.windows(2).map(|pair| (pair[1] - pair[0]).min(reach));
    gaps.sum::<i64>() + if times.is_empty() { 0 } else { reach }
}

impl Page {
    fn take(&mut self, time: i64, client: Key, bytes: u64) -> Option<Change> {
        if self.answers == 0 {
            (self.first, self.since) = (time, time);
        }
        if self.answers < LEARN || time - self.first < LEARN_TIME {
            self.learn(time, bytes);
            return None;
        }
        self.answers = self.answers.saturating_add(1);
        if let Some(size) = self.known.iter_mut().find(|size| size.holds(bytes, self.jitter)) {
            size.widen(bytes);
            self.last = time;
            self.new += self.run.take().map_or(0, |run| run.answers);
            return None;
        }
        let run = self.run.get_or_insert_with(|| Run { from: time, ..Run::default() });
        run.take(client, bytes);
        if !run.is_steady() {
            self.new += self.run.take().map_or(0, |run| run.answers);
            return None;
        }
        let (own, answers) = (self.new, self.answers - run.answers);
        let chance = f64::from(1 + own) / f64::from(2 + answers);
        let certain = run.witnesses.len() >= WITNESSES && chance.powi(run.answers.min(1_000) as i32) < CHANCE;
        certain.then(|| self.change()).flatten()
    }

    fn learn(&mut self, time: i64, bytes: u64) {
        self.answers += 1;
        self.last = time;
        note(&mut self.known, bytes);
    }

    fn change(&mut self) -> Option<Change> {
        let run = self.run.take()?;
        let changed = self.changes.last().is_some_and(|last| !last.restores);
        let restores = changed && run.sizes.iter().any(|size| meets(&self.before, *size));
        if restores && let Some(undone) = self.changes.last_mut() {
            undone.undone = Some(run.from);
        }
        let change = Change {
            at: run.from,
            last_before: self.last,
            since: self.since,
            size_before: common(&self.known),
            size_after: common(&run.sizes),
            answers_before: self.answers - run.answers,
            restores,
            ..Change::default()
        };
        self.jitter = self.known.iter().map(|size| size.high - size.low).fold(self.jitter, u64::max);
        self.before = std::mem::replace(&mut self.known, run.sizes);
        (self.since, self.new) = (run.from, self.new + 1);
        if self.changes.len() == CHANGES {
            self.changes.remove(0);
        }
        self.changes.push(change);
        Some(change)
    }
}

impl Run {
    fn take(&mut self, client: Key, bytes: u64) {
        self.answers += 1;
        if self.witnesses.len() < WITNESSES && !self.witnesses.contains(&client) {
            self.witnesses.push(client);
        }
        note(&mut self.sizes, bytes);
    }

    /// Whether the new sizes are few: compressed and plain, say.
    fn is_steady(&self) -> bool {
        self.sizes.len() <= 2 || self.sizes.len() * 3 <= self.answers as usize
    }
}

impl Size {
    /// Whether a size is one of these, or as near as they are to each other.
    fn holds(&self, bytes: u64, jitter: u64) -> bool {
        let width = jitter.max(self.high - self.low);
        (self.low.saturating_sub(width)..=self.high.saturating_add(width)).contains(&bytes)
    }

    fn widen(&mut self, bytes: u64) {
        (self.low, self.high) = (self.low.min(bytes), self.high.max(bytes));
        self.answers = self.answers.saturating_add(1);
    }
}

/// Adds a size to those that lie beside it, within what headers add.
fn note(sizes: &mut Vec<Size>, bytes: u64) {
    const HEADERS: u64 = 64;
    let beside = |size: &&mut Size| bytes + HEADERS >= size.low && bytes <= size.high + HEADERS;
    match sizes.iter_mut().find(beside) {
        Some(size) => size.widen(bytes),
        None => sizes.push(Size { low: bytes, high: bytes, answers: 1 }),
    }
    if sizes.len() > SIZES {
        let rare = (0..sizes.len() - 1).min_by_key(|at| sizes[*at].answers);
        rare.map(|at| sizes.remove(at));
    }
}

fn meets(sizes: &[Size], size: Size) -> bool {
    sizes.iter().any(|other| other.low <= size.high && size.low <= other.high)
}

fn common(sizes: &[Size]) -> u64 {
    sizes.iter().max_by_key(|size| (size.answers, size.low)).map_or(0, |size| size.low)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    /// Changes of a page that is asked for once an hour, by its sizes hour by hour.
    fn changes(hours: i64, size: impl Fn(i64) -> u64) -> Vec<Change> {
        let mut pages = Pages::default();
        (0..hours).for_each(|hour| {
            pages.take(1, hour * HOUR, 1 + hour as u64 % 40, size(hour));
        });
        pages.changes()
    }

    /// A number without order, below `end`.
    fn odd(hour: i64, end: u64) -> u64 {
        ((hour as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) % end
    }

    #[test]
    fn a_lasting_change_is_seen_with_its_end() {
        let found = changes(300, |hour| if (200..230).contains(&hour) { 700 } else { 9_000 });
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].at, found[0].size_before, found[0].size_after), (200 * HOUR, 9_000, 700));
        assert_eq!(found[0].undone, Some(230 * HOUR));
        assert!(found[0].last_before < found[0].at);
    }

    #[test]
    fn pages_that_vary_and_broken_transfers_never_tell() {
        assert_eq!(changes(2_000, |hour| odd(hour, 30_000)), []);
        assert_eq!(changes(2_000, |hour| 9_000 + odd(hour, 40)), []);
        assert_eq!(changes(2_000, |hour| if hour % 2 == 0 { 9_000 } else { 3_100 }), []);
        assert_eq!(changes(2_000, |hour| if hour % 50 == 0 { odd(hour, 9_000) } else { 9_000 }), []);
    }

    #[test]
    fn one_visitor_sees_no_change_for_all() {
        let mut pages = Pages::default();
        for hour in 0..400 {
            let client = if hour < 300 { hour as u64 % 40 } else { 7 };
            assert_eq!(pages.take(1, hour * HOUR, client, if hour < 300 { 9_000 } else { 700 }), None);
        }
    }

    #[test]
    fn a_change_is_weighed_by_how_often_the_site_changes() {
        let mut pages = Pages::default();
        (0..700).for_each(|hour| {
            pages.take(1, hour * HOUR, 1 + hour as u64 % 40, if hour < 500 { 9_000 } else { 700 });
        });
        let change = pages.changes()[0];
        let chance = |acts: &[i64]| pages.chance(&change, acts).map(|(_, chance)| chance);
        assert!(chance(&[499 * HOUR]).is_some_and(|chance| chance < 0.01));
        assert!(chance(&[100 * HOUR]).is_some_and(|chance| chance > 0.5));
        assert_eq!(chance(&[501 * HOUR]), None);
        let daily: Vec<i64> = (0..700).step_by(24).map(|hour| hour * HOUR).collect();
        assert!(chance(&daily).is_some_and(|chance| chance > 0.5));
    }
}
