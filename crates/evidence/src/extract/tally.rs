//! Values of logs, counted over a split.
//!
//! A value is kept once per chain with its first and last place. The number of
//! values held at a time is bounded; when it is reached the rows are given and
//! counting starts afresh, so that a value may have several rows per split.
//!
//! Agents and Referers stand between quotes and come again and again: what such a
//! phrase holds is remembered, and not looked for twice.

use std::borrow::Cow;
use std::collections::HashMap;
use std::mem::take;

use memchr::{memchr_iter, memchr3};
use model::{At, Cell, ObservableKind, Text};
use twox_hash::XxHash64;

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
    phrases: Phrases,
}

/// What stands between quotes, and the values in it.
struct Phrase {
    bytes: Box<[u8]>,
    values: Vec<Value>,
}

/// A value and its place in a phrase.
#[derive(Clone)]
struct Value {
    start: usize,
    end: usize,
    kind: ObservableKind,
    value: Box<str>,
}

/// Phrases that came twice, by a key of their bytes.
#[derive(Default)]
struct Phrases {
    known: HashMap<u64, Phrase>,
    /// One key in each place: a phrase is worth keeping once it comes again before another takes it.
    once: Vec<u64>,
}

/// Bytes below which a phrase is read as fast as it is looked up.
const SHORT: usize = 16;
/// Phrases that are kept; all are forgotten when there are more.
const PHRASES: usize = 8_192;

impl Phrases {
    /// What is known of a phrase; whether it has come before if nothing is.
    fn look(&mut self, bytes: &[u8]) -> (u64, bool) {
        let key = XxHash64::oneshot(0, bytes);
        if self.known.get(&key).is_some_and(|phrase| *phrase.bytes == *bytes) {
            return (key, true);
        }
        self.once.resize(PHRASES, 0);
        let place = &mut self.once[key as usize % PHRASES];
        (key, std::mem::replace(place, key) == key && self.read(key, bytes))
    }

    /// Reads a phrase and keeps what it holds; not if something in it might reach beyond.
    fn read(&mut self, key: u64, bytes: &[u8]) -> bool {
        if memchr3(b'\n', b'\\', b'@', bytes).is_some() {
            return false;
        }
        if self.known.len() >= PHRASES {
            self.known.clear();
        }
        let mut values = Vec::new();
        scan_each(bytes, policy::LOG, &mut |seen| {
            values.push(Value { start: seen.start, end: seen.end, kind: seen.kind, value: (*seen.value).into() });
        });
        self.known.insert(key, Phrase { bytes: bytes.into(), values });
        true
    }
}

impl Tally {
    /// Counts the values of one log text.
    pub fn text(&mut self, text: &Text<'_>, policy: Policy, put: &mut Put<'_>) {
        if self.values >= MOST_VALUES || text.chain != self.chain {
            self.flush(put);
            text.chain.clone_into(&mut self.chain);
        }
        self.by_kind.resize_with(ObservableKind::ALL.len(), HashMap::new);
        let mut phrases = take(&mut self.phrases);
        let (mut quote, mut from) = (None, 0);
        for next in memchr_iter(b'"', text.bytes) {
            // A phrase has its quotes with it, since readers look at what stands beside a value.
            let Some(start) = quote.replace(next).filter(|start| next - start > SHORT && policy == policy::LOG) else {
                continue;
            };
            let (key, known) = phrases.look(&text.bytes[start..=next]);
            if let Some(phrase) = phrases.known.get(&key).filter(|_| known) {
                self.scan(text, policy, from, start + 1);
                for Value { start: at, end, kind, value } in &phrase.values {
                    let (at, end, value) = (start + at, start + end, Cow::Borrowed(&**value));
                    self.count(text, &Seen { start: at, end, kind: *kind, value, rejected: None });
                }
                from = next;
            }
        }
        self.phrases = phrases;
        self.scan(text, policy, from, text.bytes.len());
    }

    fn scan(&mut self, text: &Text<'_>, policy: Policy, from: usize, to: usize) {
        scan_each(&text.bytes[from..to], policy, &mut |seen| {
            self.count(text, &Seen { start: from + seen.start, end: from + seen.end, ..seen });
        });
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::Role;
    use proptest::prelude::*;

    use super::*;

    const PIECES: &[&str] = &[
        "192.0.2.1 - - [21/Feb/2025:16:03:07 -0800] ",
        "\"GET /a/b?c=d.example HTTP/1.1\"",
        "\"https://site.example.com/path?q=1\"",
        "\"Mozilla/5.0 (compatible; Bot/1.0; +http://bot.example.net/about)\"",
        "\"C:\\Program Files\\a b\\c.exe\"",
        "\"someone@mail.example.org and more text\"",
        " 200 512 ",
        "\"",
        "\n",
        " 198.51.100.7:80 ",
        "a \\\" b",
        "<https://angle.example.com/x>",
    ];

    proptest! {
        #[test]
        fn remembered_phrases_count_as_others(lines in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
            let bytes = lines.concat().repeat(3).into_bytes();
            let text = Text { role: Role::Log, chain: "", start: 7, bytes: &bytes, personal: false };
            let mut expected: BTreeMap<(u32, String), (u64, u64, u64)> = BTreeMap::new();
            scan_each(&bytes, policy::LOG, &mut |seen| {
                let start = 7 + seen.start as u64;
                let known = expected.entry((seen.kind as u32, seen.value.to_string())).or_insert((0, start, start));
                *known = (known.0 + 1, known.1, start);
            });
            let mut tally = Tally::default();
            tally.text(&text, policy::LOG, &mut |_, _, _| {});
            let kinds = tally.by_kind.iter().zip(0_u32..);
            let counted: BTreeMap<(u32, String), (u64, u64, u64)> = kinds
                .flat_map(|(counts, kind)| {
                    counts.iter().map(move |(value, count)| {
                        ((kind, value.to_string()), (count.count, count.start, count.last_start))
                    })
                })
                .collect();
            prop_assert_eq!(counted, expected);
        }
    }
}
