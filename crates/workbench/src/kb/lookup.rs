//! Asking every entry of a base for many values at once.
//!
//! Values become keys, keys are sorted and merged with the key column of each
//! entry; only then are the statements read that were found, in the order of
//! their keys, a few thousand values at a time. Of a value that has more
//! statements than would be listed the rest is counted, not fetched.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;

use casefile::Keyed;
use knowledge::{Entry, Statement, Told, key, tell};
use model::{Stage, tables};

use super::Base;
use crate::error::Trouble;

/// Statements on one value that are fetched from one entry.
const FETCHED: u64 = 64;

/// Keys whose statements are fetched together.
const KEYS: usize = 4_096;

/// A value that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    pub kind: String,
    pub value: String,
}

/// A base that is open for look-ups.
pub struct Lookup {
    pub entries: Vec<Entry>,
    keyed: Vec<Ranged>,
}

/// One entry, with the keys of its ranges.
struct Ranged {
    keyed: Keyed,
    ranges: HashSet<u64>,
    lengths: [BTreeSet<u8>; 2],
}

/// Rows of one entry that have a key.
#[derive(Clone, Debug, Default)]
struct Found {
    entry: usize,
    rows: Vec<u64>,
    count: u64,
}

impl Lookup {
    /// Reads the keys of ranges; those of single values are read when asked for.
    /// Entries of the ids in `without` are left out.
    pub fn new(base: &Base, without: &BTreeSet<String>) -> Result<Self, Trouble> {
        let mut keyed = Vec::new();
        for held in base.entries.iter().filter(|held| !without.contains(&held.about.id)) {
            let table = held.case.keyed(&tables::KNOWN_VALUES, Stage::Enrich)?;
            let mut ranges = HashSet::new();
            let lengths = [held.about.lengths_v4.clone(), held.about.lengths_v6.clone()];
            if lengths.iter().any(|lengths| !lengths.is_empty()) {
                table.keys(key::RANGE, &mut |_, keys| ranges.extend(keys.iter().filter(|key| key::is_range(**key))))?;
            }
            keyed.push(Ranged { keyed: table, ranges, lengths });
        }
        let entries = base.provenance().into_iter().filter(|entry| !without.contains(&entry.id)).collect();
        Ok(Self { entries, keyed })
    }

    /// Asks for values; `each` gets what is told of a value, or of a range
    /// around an address, once each and in the order of keys. Gives how many of
    /// the values were found.
    pub fn ask(&self, asked: &[Asked], each: &mut dyn FnMut(&Told) -> Result<(), Trouble>) -> Result<u64, Trouble> {
        let probes = self.probes(asked);
        let keys: Vec<u64> = probes.keys.iter().map(|(key, _)| *key).collect();
        // A part of the sorted keys touches a part of each column.
        let found = side_by_side(parts(&keys), |part| self.find(part))?.concat();
        let mut hits = 0;
        let chunks: Vec<&[(u64, Vec<Found>)]> = found.chunks(KEYS).collect();
        for together in chunks.chunks(threads()) {
            for (count, told) in side_by_side(together.iter().copied(), |chunk| self.fetch(asked, &probes, chunk))? {
                hits += count;
                told.iter().try_for_each(&mut *each)?;
            }
        }
        Ok(hits)
    }

    /// Rows of all entries by key, in the order of keys.
    fn find(&self, keys: &[u64]) -> Result<Vec<(u64, Vec<Found>)>, Trouble> {
        let mut by_key: BTreeMap<u64, Vec<Found>> = BTreeMap::new();
        for (entry, ranged) in self.keyed.iter().enumerate() {
            let mut open = Found { entry, ..Found::default() };
            let mut last = None;
            ranged.keyed.find(keys, &mut |at, row| {
                if last.is_some_and(|last| last != at) {
                    close(&mut by_key, keys, last, &mut open);
                }
                last = Some(at);
                open.count += 1;
                if open.count <= FETCHED {
                    open.rows.push(row);
                }
            })?;
            close(&mut by_key, keys, last, &mut open);
        }
        Ok(by_key.into_iter().collect())
    }

    /// Sorted keys, each with the value that asks; an address also asks for the ranges that hold it.
    fn probes(&self, asked: &[Asked]) -> Probes {
        let numbered: Vec<(u32, &Asked)> = (0..).zip(asked).collect();
        let made = side_by_side(parts(&numbered), |part| Ok(self.keys_of(part)));
        let mut keys = made.unwrap_or_default().concat();
        keys.sort_unstable();
        keys.dedup_by_key(|(key, _)| *key);
        Probes { keys }
    }

    fn keys_of(&self, asked: &[(u32, &Asked)]) -> Vec<(u64, u32)> {
        let mut keys = Vec::with_capacity(asked.len());
        for (at, Asked { kind, value }) in asked {
            keys.push((key::of(kind, value), *at));
            if let Some(ip) = (kind == "ip").then(|| value.parse::<IpAddr>().ok()).flatten() {
                keys.extend(self.ranges_of(ip).map(|range| (range, *at)));
            }
        }
        keys
    }

    fn ranges_of(&self, ip: IpAddr) -> impl Iterator<Item = u64> + '_ {
        self.keyed.iter().flat_map(move |ranged| {
            let lengths = &ranged.lengths[usize::from(ip.is_ipv6())];
            lengths
                .iter()
                .filter_map(move |length| key::of_range(ip, *length))
                .filter(|key| ranged.ranges.contains(key))
        })
    }

    /// Fetches what was found of some keys, and what is told of it, in their order.
    fn fetch(
        &self,
        asked: &[Asked],
        probes: &Probes,
        chunk: &[(u64, Vec<Found>)],
    ) -> Result<(u64, Vec<Told>), Trouble> {
        let mut statements = self.statements(chunk)?;
        let (mut hits, mut told) = (0, Vec::new());
        for (key, found) in chunk {
            let all = statements.remove(key).unwrap_or_default();
            let asking = probes.of(*key).and_then(|at| asked.get(at));
            // Another value may have the same key; ranges are told by their bits.
            let own = |one: &Statement| {
                key::is_range(*key) || asking.is_some_and(|asked| asked.kind == one.kind && asked.value == one.value)
            };
            let own: Vec<Statement> = all.into_iter().filter(own).collect();
            if own.is_empty() {
                continue;
            }
            hits += 1;
            let unfetched: u64 = found.iter().map(|found| found.count - found.rows.len() as u64).sum();
            for (_, group) in by_table(own) {
                let count = group.len() as u64 + unfetched;
                told.push(tell(group, count, &self.entries));
            }
        }
        Ok((hits, told))
    }

    /// The statements of these keys, none that was withdrawn.
    fn statements(&self, chunk: &[(u64, Vec<Found>)]) -> Result<BTreeMap<u64, Vec<Statement>>, Trouble> {
        let mut statements: BTreeMap<u64, Vec<Statement>> = BTreeMap::new();
        for (entry, ranged) in self.keyed.iter().enumerate() {
            let of = |found: &&Found| found.entry == entry;
            let rows: Vec<u64> = chunk
                .iter()
                .flat_map(|(_, found)| found.iter().filter(of))
                .flat_map(|found| found.rows.clone())
                .collect();
            for row in ranged.keyed.rows_at(&rows)? {
                let key = row.get("key").and_then(serde_json::Value::as_u64).unwrap_or_default();
                let statement: Statement = serde_json::from_value(without_nulls(row))
                    .map_err(|error| Trouble::Integrity(format!("known_values: {error}")))?;
                if statement.revoked != Some(true) {
                    statements.entry(key).or_default().push(Statement { entry, ..statement });
                }
            }
        }
        Ok(statements)
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// As many parts as there are threads, of equal length.
fn parts<T>(all: &[T]) -> impl Iterator<Item = &[T]> {
    all.chunks(all.len().div_ceil(threads()).max(1))
}

/// Works on each part in a thread of its own; answers come in the order of the parts.
fn side_by_side<T: Send, R: Send>(
    parts: impl Iterator<Item = T>,
    work: impl Fn(T) -> Result<R, Trouble> + Sync,
) -> Result<Vec<R>, Trouble> {
    let work = &work;
    std::thread::scope(|scope| {
        let running: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let joined = running.into_iter().map(|thread| thread.join());
        joined.map(|done| done.unwrap_or_else(|_| Err(Trouble::Failed("a look-up broke off".to_owned())))).collect()
    })
}

/// Sorted keys and the index of a value that asks for each.
struct Probes {
    keys: Vec<(u64, u32)>,
}

impl Probes {
    fn of(&self, key: u64) -> Option<usize> {
        let at = self.keys.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        usize::try_from(self.keys[at].1).ok()
    }
}

fn close(by_key: &mut BTreeMap<u64, Vec<Found>>, keys: &[u64], at: Option<usize>, open: &mut Found) {
    let Some(key) = at.and_then(|at| keys.get(at)) else { return };
    let found = std::mem::replace(open, Found { entry: open.entry, ..Found::default() });
    by_key.entry(*key).or_default().push(found);
}

/// Statements of different tables are about different things.
fn by_table(statements: Vec<Statement>) -> BTreeMap<String, Vec<Statement>> {
    let mut tables: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
    for statement in statements {
        tables.entry(statement.what.clone()).or_default().push(statement);
    }
    tables
}

fn without_nulls(mut row: serde_json::Map<String, serde_json::Value>) -> serde_json::Value {
    row.retain(|_, cell| !cell.is_null());
    row.into()
}

/// Values of one table that another does not have; gives their number.
///
/// Both columns are sorted; the other is asked for a run of keys at a time.
pub fn difference(
    one: &Keyed,
    other: &Keyed,
    each: &mut dyn FnMut(&str, &str) -> Result<(), Trouble>,
) -> Result<u64, Trouble> {
    // A value may have several statements; its first row names it.
    let mut first_rows: Vec<(u64, u64)> = Vec::new();
    one.keys(0, &mut |first, keys| {
        for (row, key) in (first..).zip(keys) {
            if first_rows.last().is_none_or(|(last, _)| last != key) {
                first_rows.push((*key, row));
            }
        }
    })?;
    let keys: Vec<u64> = first_rows.iter().map(|(key, _)| *key).collect();
    let mut held = vec![false; keys.len()];
    other.find(&keys, &mut |at, _| held[at] = true)?;
    let missing: Vec<u64> = first_rows.iter().zip(held).filter(|(_, held)| !held).map(|((_, row), _)| *row).collect();
    for rows in missing.chunks(KEYS) {
        for row in one.rows_at(rows)? {
            let text = |column: &str| row.get(column).and_then(|cell| cell.as_str()).unwrap_or_default();
            each(text("kind"), text("value"))?;
        }
    }
    Ok(missing.len() as u64)
}
