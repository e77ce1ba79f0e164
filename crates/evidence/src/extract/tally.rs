//! Values of logs, counted over a split.
//!
//! A value is kept once per chain with its first and last place. The number of
//! values held at a time is bounded; when it is reached the rows are given and
//! counting starts afresh, so that a value may have several rows per split.

use std::collections::HashMap;
use std::mem::take;

use model::{At, Cell, ObservableKind, Text};

use super::observable::{Policy, Seen, scan_each};
use super::{Put, place, policy};

/// Values held before rows are given, so that memory stays bounded whatever a
/// log says.
const MOST_VALUES: usize = 200_000;

/// One value so far.
struct Count {
    table: &'static model::Table,
    raw: Box<str>,
    start: u64,
    length: u64,
    last_start: u64,
    count: u64,
}

/// The counts of one chain.
#[derive(Default)]
pub(super) struct Tally {
    chain: String,
    by_kind: Vec<HashMap<Box<str>, Count>>,
    values: usize,
}

impl Tally {
    /// Counts the values of one log text.
    pub fn text(&mut self, text: &Text<'_>, policy: Policy, put: &mut Put<'_>) {
        if self.values >= MOST_VALUES || text.chain != self.chain {
            self.flush(put);
            text.chain.clone_into(&mut self.chain);
        }
        self.by_kind.resize_with(ObservableKind::ALL.len(), HashMap::new);
        scan_each(text.bytes, policy, &mut |seen| self.count(text, &seen));
    }

    fn count(&mut self, text: &Text<'_>, seen: &Seen<'_>) {
        let start = text.start.saturating_add(seen.start as u64);
        let Some(counts) = self.by_kind.get_mut(seen.kind as usize) else { return };
        if let Some(known) = counts.get_mut(&*seen.value) {
            known.count += 1;
            known.last_start = start;
            return;
        }
        self.values += 1;
        let count = Count {
            table: policy::table(text, seen.kind, &seen.value),
            raw: place::raw(text, seen.start, seen.end).into(),
            start,
            length: (seen.end - seen.start) as u64,
            last_start: start,
            count: 1,
        };
        counts.insert((*seen.value).into(), count);
    }

    /// Gives a row per value, sorted by kind and value.
    pub fn flush(&mut self, put: &mut Put<'_>) {
        let chain = take(&mut self.chain);
        self.values = 0;
        for (kind, counts) in ObservableKind::ALL.iter().zip(take(&mut self.by_kind)) {
            let mut counts: Vec<_> = counts.into_iter().collect();
            counts.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
            for (value, count) in counts {
                let at = At { chain: &chain, start: count.start, length: count.length };
                let last_start = i64::try_from(count.last_start).unwrap_or(i64::MAX);
                let cells = [
                    kind.word().into(),
                    (*value).into(),
                    (*count.raw).into(),
                    "log".into(),
                    "accepted".into(),
                    Cell::Null,
                    Cell::U64(count.count),
                    Cell::I64(last_start),
                ];
                put(count.table, at, &cells);
            }
        }
    }
}
