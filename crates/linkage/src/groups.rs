//! Things that belong together because a chain of ties leads from one to the other.

use arrow_array::{Array, RecordBatch, StringArray};
use casefile::{Error, Result};

/// A forest over numbered things (union by smallest, paths halved; Tarjan 1975).
/// The head of a group is its smallest number, so that the order of ties shows nowhere.
#[derive(Debug)]
pub struct Groups(Vec<usize>);

impl Groups {
    /// `count` things, each by itself.
    pub fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    /// The smallest number in the group of `n`.
    pub fn head(&mut self, mut n: usize) -> usize {
        while self.0[n] != n {
            self.0[n] = self.0[self.0[n]];
            n = self.0[n];
        }
        n
    }

    /// Makes one group of two.
    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.head(a), self.head(b));
        self.0[a.max(b)] = a.min(b);
    }
}

/// The first `N` columns of a batch, which must be texts.
pub fn texts<const N: usize>(batch: &RecordBatch) -> Result<[StringArray; N]> {
    let mut columns = Vec::with_capacity(N);
    for n in 0..N {
        let column = batch.columns().get(n).and_then(|column| column.as_any().downcast_ref::<StringArray>());
        columns.push(column.cloned().ok_or_else(|| Error::Sql(format!("column {n} of a rule's query is no text")))?);
    }
    columns.try_into().map_err(|_| Error::Sql("a rule's query has too few columns".to_owned()))
}
