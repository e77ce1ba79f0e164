//! Statements out of the columns in which an entry holds them.
//!
//! A look-up that finds everything reads as many statements as it asks values,
//! so they are taken from the columns as they lie: as JSON each would be
//! written and parsed first, which took four fifths of the time.

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, BooleanArray, PrimitiveArray, RecordBatch, StringViewArray};
use knowledge::Statement;

use crate::error::Trouble;

/// The columns of a batch of `known_values`.
pub struct Statements<'b> {
    key: &'b PrimitiveArray<UInt64Type>,
    start: &'b PrimitiveArray<UInt64Type>,
    length: &'b PrimitiveArray<UInt64Type>,
    confidence: &'b PrimitiveArray<UInt64Type>,
    revoked: &'b BooleanArray,
    times: [&'b PrimitiveArray<TimestampMicrosecondType>; 3],
    texts: [&'b StringViewArray; 11],
}

/// Columns of time and of text, in the order of the arrays above.
const TIMES: [&str; 3] = ["valid_from", "valid_until", "stated"];
const TEXTS: [&str; 11] =
    ["what", "kind", "value", "evidence", "chain", "ref", "actor", "actor_ref", "source", "sharing", "description"];

impl<'b> Statements<'b> {
    /// Finds the columns of a batch.
    pub fn of(batch: &'b RecordBatch) -> Result<Self, Trouble> {
        let number = |name| column(batch, name)?.as_primitive_opt().ok_or_else(|| odd(name));
        let time = |name| column(batch, name)?.as_primitive_opt().ok_or_else(|| odd(name));
        let text = |name| column(batch, name)?.as_string_view_opt().ok_or_else(|| odd(name));
        Ok(Self {
            key: number("key")?,
            start: number("start")?,
            length: number("length")?,
            confidence: number("confidence")?,
            revoked: column(batch, "revoked")?.as_boolean_opt().ok_or_else(|| odd("revoked"))?,
            times: every(TIMES, time)?,
            texts: every(TEXTS, text)?,
        })
    }

    /// Rows of the batch.
    pub fn rows(&self) -> usize {
        self.key.len()
    }

    /// The key of a row.
    pub fn key(&self, row: usize) -> u64 {
        self.key.value(row)
    }

    /// Whether the feed has withdrawn the statement.
    pub fn is_revoked(&self, row: usize) -> bool {
        self.revoked.is_valid(row) && self.revoked.value(row)
    }

    /// Kind and value of a row.
    pub fn value(&self, row: usize) -> (&'b str, &'b str) {
        (self.text(1, row).unwrap_or(""), self.text(2, row).unwrap_or(""))
    }

    /// The statement of a row of the entry of that index.
    pub fn statement(&self, row: usize, entry: usize) -> Statement {
        let owned = |at: usize| self.text(at, row).map(str::to_owned);
        let time = |at: usize| self.times[at].is_valid(row).then(|| written(self.times[at].value(row))).flatten();
        Statement {
            entry,
            what: owned(0).unwrap_or_default(),
            kind: owned(1).unwrap_or_default(),
            value: owned(2).unwrap_or_default(),
            evidence: owned(3).unwrap_or_default(),
            chain: owned(4).unwrap_or_default(),
            start: number(self.start, row).unwrap_or_default(),
            length: number(self.length, row).unwrap_or_default(),
            reference: owned(5),
            actor: owned(6),
            actor_ref: owned(7),
            source: owned(8),
            valid_from: time(0),
            valid_until: time(1),
            stated: time(2),
            confidence: number(self.confidence, row),
            sharing: owned(9),
            revoked: self.revoked.is_valid(row).then(|| self.revoked.value(row)),
            description: owned(10),
        }
    }

    fn text(&self, at: usize, row: usize) -> Option<&'b str> {
        let column = self.texts[at];
        column.is_valid(row).then(|| column.value(row))
    }
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b dyn Array, Trouble> {
    batch.column_by_name(name).map(AsRef::as_ref).ok_or_else(|| odd(name))
}

fn odd(name: &str) -> Trouble {
    Trouble::Integrity(format!("known_values: column {name} is not what it was written as"))
}

fn every<T: Copy, const N: usize>(
    names: [&'static str; N],
    find: impl Fn(&'static str) -> Result<T, Trouble>,
) -> Result<[T; N], Trouble> {
    let found: Vec<T> = names.into_iter().map(find).collect::<Result<_, _>>()?;
    found.try_into().map_err(|_| odd("of texts"))
}

fn number(column: &PrimitiveArray<UInt64Type>, row: usize) -> Option<u64> {
    column.is_valid(row).then(|| column.value(row))
}

/// RFC 3339 in UTC, with as many digits of the second as are told: none, three or six.
fn written(micros: i64) -> Option<String> {
    let stamp = jiff::Timestamp::from_microsecond(micros).ok()?;
    Some(match micros.rem_euclid(1_000_000) {
        0 => format!("{stamp:.0}"),
        part if part % 1_000 == 0 => format!("{stamp:.3}"),
        _ => format!("{stamp:.6}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_as_many_digits_as_are_told() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (1_500_000, "1970-01-01T00:00:01.500Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (1_930_435_199_999_999, "2031-03-04T23:59:59.999999Z"),
        ];
        for (micros, text) in cases {
            assert_eq!(written(micros).as_deref(), Some(text));
        }
    }
}
