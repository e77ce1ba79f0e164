//! Groups of mails that say the same, from the sketches of their words.
//!
//! A sketch is 64 hashes of one byte and 16 bands of four bytes, so a million
//! mails take about 200 MB here; nothing else is kept of them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, UInt64Array};
use casefile::{Result, Session};
use model::Groups;

use crate::columns;

/// Hashes of a sketch.
const HASHES: usize = 64;

/// Bands of a sketch, of four hashes each.
const BANDS: usize = 16;

/// Hashes in which two texts must agree to say the same.
const AGREEMENT: u64 = 32;

/// Texts of one band that a further one is compared with. Texts that meet in a band
/// by chance are few; a band that holds more kinds of text is full of a common phrase.
const COMPARED: usize = 8;

const SKETCHES: &str = "SELECT arrow_cast(evidence, 'Utf8'), arrow_cast(message, 'Utf8'), arrow_cast(hashes, 'Utf8'), \
    arrow_cast(bands, 'Utf8') FROM mail_sketches ORDER BY evidence, message, chain";

/// Registers `text_groups`: each message with a sketch, its group, the group's size,
/// and in how many hashes it agrees with the group's first message.
pub fn register(session: &Session) -> Result<()> {
    let mut sketches = Sketches::default();
    session.stream(SKETCHES, &mut |batch| sketches.take(&batch))?;
    let mut groups = sketches.groups();
    columns::register(session, "text_groups", sketches.columns(&mut groups))
}

/// The sketches of a case in order of their places.
#[derive(Default)]
struct Sketches {
    evidence: Vec<Arc<str>>,
    messages: Vec<Box<str>>,
    hashes: Vec<[u8; HASHES]>,
    bands: Vec<[u32; BANDS]>,
}

impl Sketches {
    fn take(&mut self, batch: &RecordBatch) -> Result<()> {
        let texts = columns::texts::<4>(batch)?;
        for row in 0..batch.num_rows() {
            let [evidence, message, hashes, bands] = [0, 1, 2, 3].map(|column| texts[column].value(row));
            let last = self.evidence.last().zip(self.messages.last());
            if last.is_some_and(|(of, other)| of.as_ref() == evidence && other.as_ref() == message) {
                continue;
            }
            let same = self.evidence.last().filter(|last| last.as_ref() == evidence);
            self.evidence.push(same.cloned().unwrap_or_else(|| evidence.into()));
            self.messages.push(message.into());
            self.hashes.push(numbers(hashes, 2, |digits| u8::from_str_radix(digits, 16).unwrap_or(0)));
            self.bands.push(numbers(bands, 8, |digits| u32::from_str_radix(digits, 16).unwrap_or(0)));
        }
        Ok(())
    }

    fn agreement(&self, a: usize, b: usize) -> u64 {
        self.hashes[a].iter().zip(&self.hashes[b]).filter(|(a, b)| a == b).count() as u64
    }

    fn groups(&self) -> Groups {
        let mut groups = Groups::new(self.hashes.len());
        for band in 0..BANDS {
            // Looked up by key only, never walked through, so its order shows nowhere.
            let mut met: HashMap<u32, Vec<usize>> = HashMap::new();
            for (n, bands) in self.bands.iter().enumerate() {
                let first = met.entry(bands[band]).or_default();
                match first.iter().find(|other| self.agreement(**other, n) >= AGREEMENT) {
                    Some(other) => groups.join(*other, n),
                    None if first.len() < COMPARED => first.push(n),
                    None => {}
                }
            }
        }
        groups
    }

    fn columns(&self, groups: &mut Groups) -> Vec<(&'static str, ArrayRef)> {
        let heads: Vec<usize> = (0..self.hashes.len()).map(|n| groups.head(n)).collect();
        let mut sizes: HashMap<usize, u64> = HashMap::new();
        heads.iter().for_each(|head| *sizes.entry(*head).or_default() += 1);
        let group = |head: &usize| casefile::hash_id(&[Some(&self.evidence[*head]), Some(&self.messages[*head])]);
        let agreement = |(n, head): (usize, &usize)| self.agreement(n, *head);
        vec![
            ("evidence", columns::text_column(&self.evidence)),
            ("message", columns::text_column(&self.messages)),
            ("text_group", columns::text_column(heads.iter().map(group))),
            ("messages", Arc::new(heads.iter().map(|head| sizes.get(head).copied()).collect::<UInt64Array>())),
            ("agreement", Arc::new(UInt64Array::from_iter_values(heads.iter().enumerate().map(agreement)))),
        ]
    }
}

/// Numbers of `width` digits each; what is missing is 0.
fn numbers<T: Copy + Default, const N: usize>(digits: &str, width: usize, read: impl Fn(&str) -> T) -> [T; N] {
    let mut numbers = [T::default(); N];
    for (n, number) in numbers.iter_mut().enumerate() {
        *number = digits.get(n * width..(n + 1) * width).map_or_else(T::default, &read);
    }
    numbers
}
