//! The statements of a feed or closed case in the order in which a knowledge
//! base looks them up.

use std::sync::Arc;

use arrow_array::RecordBatch;
use casefile::{Result, Session};

/// Hands the rows of `known_values` to `each`, sorted by key. What does not fit
/// into memory while they are sorted goes to disk.
pub fn known_values(session: &Session, each: &mut dyn FnMut(RecordBatch) -> Result<()>) -> Result<()> {
    session.register_function(
        "value_key",
        2,
        Arc::new(|given| Some(knowledge::key::of(given.first().copied()??, given.get(1).copied()??).to_string())),
    )?;
    session.stream(include_str!("known_values.sql"), &mut |batch| {
        if batch.num_rows() == 0 { Ok(()) } else { each(batch) }
    })?;
    Ok(())
}
