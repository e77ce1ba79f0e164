//! Spellings of names, compared in any script.

use std::sync::Arc;

use casefile::{Result, Session};
use knowledge::name;

/// Registers `name_keys(name)`, keys joined by blanks, and `name_likeness(a, b)` in thousandths.
pub fn register(session: &Session) -> Result<()> {
    let keys = |name: &str| name::keys(name).into_iter().collect::<Vec<_>>().join(" ");
    session.register_function("name_keys", 1, Arc::new(move |given| given.first().copied()?.map(keys)))?;
    session.register_function(
        "name_likeness",
        2,
        Arc::new(|given| match given {
            [Some(one), Some(other)] => Some(name::likeness(one, other).to_string()),
            _ => None,
        }),
    )
}
