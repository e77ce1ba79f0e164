//! Counts of what is distinct and what is frequent, in bounded memory.
//!
//! HyperLogLog (Flajolet et al., 2007) with 1,024 registers is off by 3 in 100
//! and nearly exact below a thousand; Misra and Gries (1982) keep those sixteen
//! keys that may make up more than a seventeenth, and count them too low if at
//! all. Both can be added up, so that hours are made of minutes and days of hours.

use serde::{Deserialize, Serialize};

use crate::key::Key;

const BITS: u32 = 10;
const REGISTERS: usize = 1 << BITS;
/// Keys that are counted.
const KEPT: usize = 16;

/// How many distinct keys there were, about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distinct(Vec<u8>);

impl Distinct {
    /// Takes a key, which has to be a good hash.
    pub fn add(&mut self, key: Key) {
        if self.0.is_empty() {
            self.0 = vec![0; REGISTERS];
        }
        let register = (key >> (Key::BITS - BITS)) as usize;
        let zeros = (key << BITS | 1).leading_zeros() as u8 + 1;
        self.0[register] = self.0[register].max(zeros);
    }

    /// Adds the keys of another.
    pub fn merge(&mut self, other: &Self) {
        if self.0.is_empty() {
            self.0.clone_from(&other.0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own = (*own).max(*other));
    }

    /// The estimate.
    pub fn count(&self) -> u64 {
        let registers = REGISTERS as f64;
        let empty = self.0.iter().filter(|register| **register == 0).count();
        let harmonic: f64 = self.0.iter().map(|register| 0.5_f64.powi(i32::from(*register))).sum();
        let estimate = match self.0.is_empty() {
            true => 0.0,
            false => 0.7213 / (1.0 + 1.079 / registers) * registers * registers / harmonic,
        };
        // The count of empty registers is the better estimate while there are many.
        let few = estimate <= 2.5 * registers && empty > 0;
        if few { (registers * (registers / empty as f64).ln()).round() as u64 } else { estimate.round() as u64 }
    }
}

/// The most frequent keys, each with a count that is never too high.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frequent(Vec<(Key, u64)>);

impl Frequent {
    /// Takes a key that came so many times.
    pub fn add(&mut self, key: Key, times: u64) {
        if let Some((_, count)) = self.0.iter_mut().find(|(kept, _)| *kept == key) {
            *count += times;
            return;
        }
        self.0.push((key, times));
        if self.0.len() > KEPT {
            let least = self.0.iter().map(|(_, count)| *count).min().unwrap_or(0);
            self.0.iter_mut().for_each(|(_, count)| *count -= least);
            self.0.retain(|(_, count)| *count > 0);
        }
    }

    /// Adds the keys of another.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(key, count)| self.add(*key, *count));
    }

    /// The most frequent key and how often it came at least.
    pub fn top(&self) -> (Key, u64) {
        self.0.iter().copied().max_by_key(|(key, count)| (*count, *key)).unwrap_or_default()
    }

    /// How often the most frequent so many keys came at least.
    pub fn sum(&self, keys: usize) -> u64 {
        let mut counts: Vec<u64> = self.0.iter().map(|(_, count)| *count).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        counts.iter().take(keys).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key;

    #[test]
    fn distinct_keys_are_counted_within_a_tenth() {
        for many in [0_u64, 1, 40, 900, 5_000, 200_000] {
            let (mut whole, mut half, mut rest) = (Distinct::default(), Distinct::default(), Distinct::default());
            for at in 0..many {
                whole.add(key::join(&[at]));
                if at.is_multiple_of(2) { &mut half } else { &mut rest }.add(key::join(&[at]));
            }
            half.merge(&rest);
            assert_eq!(half.count(), whole.count());
            assert!(whole.count().abs_diff(many) * 10 <= many, "{many}: {}", whole.count());
        }
    }

    #[test]
    fn frequent_keys_are_never_counted_too_high() {
        let mut frequent = Frequent::default();
        for at in 0..10_000_u64 {
            frequent.add(if at.is_multiple_of(2) { 7 } else { 1_000 + at }, 1);
        }
        let (key, count) = frequent.top();
        assert_eq!(key, 7);
        assert!((4_400..=5_000).contains(&count), "{count}");
        assert!(frequent.sum(8) >= count);
    }
}
