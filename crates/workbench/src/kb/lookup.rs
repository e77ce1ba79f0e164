//! Asking every entry of a base for many values at once.
//!
//! Values become keys, keys are sorted and merged with the key column of each
//! entry; only then are the statements read that were found, in the order of
//! their keys, a few thousand values at a time. Of a value that has more
//! statements than would be listed the rest is counted, not fetched.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;
use std::ops::Range;

use casefile::Keyed;
use knowledge::{Entry, Statement, Told, key, tell};
use model::{Stage, tables};

use super::Base;
use super::statements::Statements;
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

/// Rows of one entry that have a key; they stand one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    key: u64,
    entry: usize,
    first: u64,
    count: u64,
}

impl Found {
    /// The rows that are fetched.
    fn fetched(&self) -> Range<u64> {
        self.first..self.first + self.count.min(FETCHED)
    }
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

    /// Asks for values. `make` makes something of what is told of a value, or of
    /// a range around an address, in several threads; `each` gets what was made,
    /// once each and in the order of keys. Gives how many of the values were found.
    pub fn ask<T: Send>(
        &self,
        asked: &[Asked],
        make: &(dyn Fn(Told) -> T + Sync),
        each: &mut dyn FnMut(T) -> Result<(), Trouble>,
    ) -> Result<u64, Trouble> {
        let probes = self.probes(asked);
        let keys: Vec<u64> = probes.keys.iter().map(|(key, _)| *key).collect();
        // A part of the sorted keys touches a part of each column.
        let found = side_by_side(parts(&keys), |part| self.find(part))?.concat();
        let by_key: Vec<&[Found]> = found.chunk_by(|one, other| one.key == other.key).collect();
        let mut hits = 0;
        for together in by_key.chunks(KEYS * threads()) {
            let chunks = together.chunks(together.len().div_ceil(threads()));
            for (count, made) in side_by_side(chunks, |chunk| self.fetch(asked, &probes, chunk, make))? {
                hits += count;
                made.into_iter().try_for_each(&mut *each)?;
            }
        }
        Ok(hits)
    }

    /// Rows of all entries, in the order of keys.
    fn find(&self, keys: &[u64]) -> Result<Vec<Found>, Trouble> {
        let mut found: Vec<Found> = Vec::new();
        for (entry, ranged) in self.keyed.iter().enumerate() {
            ranged.keyed.find(keys, &mut |at, row| match found.last_mut() {
                Some(last) if last.entry == entry && last.key == keys[at] => last.count += 1,
                _ => found.push(Found { key: keys[at], entry, first: row, count: 1 }),
            })?;
        }
        found.sort_unstable();
        Ok(found)
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

    /// Fetches what was found of some keys, and makes something of what is told, in their order.
    fn fetch<T>(
        &self,
        asked: &[Asked],
        probes: &Probes,
        chunk: &[&[Found]],
        make: &(dyn Fn(Told) -> T + Sync),
    ) -> Result<(u64, Vec<T>), Trouble> {
        // Another value may have the same key; ranges are told by their bits.
        let is_asked = |key: u64, (kind, value): (&str, &str)| {
            key::is_range(key)
                || probes.of(key).and_then(|at| asked.get(at)).is_some_and(|one| one.kind == kind && one.value == value)
        };
        let (mut hits, mut made) = (0, Vec::with_capacity(chunk.len()));
        for (found, own) in chunk.iter().zip(self.statements(chunk, &is_asked)?) {
            hits += u64::from(!own.is_empty());
            let unfetched: u64 = found.iter().map(|found| found.count.saturating_sub(FETCHED)).sum();
            for group in by_table(own) {
                let count = group.len() as u64 + unfetched;
                made.push(make(tell(group, count, &self.entries)));
            }
        }
        Ok((hits, made))
    }

    /// For each key its statements about the value that was asked for, none that was withdrawn.
    fn statements(
        &self,
        chunk: &[&[Found]],
        is_asked: &dyn Fn(u64, (&str, &str)) -> bool,
    ) -> Result<Vec<Vec<Statement>>, Trouble> {
        let mut statements: Vec<Vec<Statement>> = vec![Vec::new(); chunk.len()];
        for (entry, ranged) in self.keyed.iter().enumerate() {
            let own = chunk.iter().flat_map(|found| found.iter()).filter(|found| found.entry == entry);
            let rows: Vec<u64> = own.flat_map(Found::fetched).collect();
            let mut at = 0;
            ranged.keyed.rows_at(&rows, &mut |batch| {
                let columns = Statements::of(batch)?;
                for row in 0..columns.rows() {
                    // Rows come in the order of keys.
                    let key = columns.key(row);
                    while chunk.get(at).is_some_and(|found| found[0].key < key) {
                        at += 1;
                    }
                    if !columns.is_revoked(row)
                        && is_asked(key, columns.value(row))
                        && let Some(told) = statements.get_mut(at)
                    {
                        told.push(columns.statement(row, entry));
                    }
                }
                Ok::<(), Trouble>(())
            })?;
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

/// Statements of different tables are about different things.
fn by_table(mut statements: Vec<Statement>) -> Vec<Vec<Statement>> {
    // Those of one value nearly always stand in one table.
    if statements.windows(2).all(|pair| pair[0].what == pair[1].what) {
        return if statements.is_empty() { Vec::new() } else { vec![statements] };
    }
    statements.sort_by(|one, other| one.what.cmp(&other.what));
    statements.chunk_by(|one, other| one.what == other.what).map(<[Statement]>::to_vec).collect()
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
        one.rows_at(rows, &mut |batch| {
            let columns = Statements::of(batch)?;
            (0..columns.rows()).map(|row| columns.value(row)).try_for_each(|(kind, value)| each(kind, value))
        })?;
    }
    Ok(missing.len() as u64)
}
