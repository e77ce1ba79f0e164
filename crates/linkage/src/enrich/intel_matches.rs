//! What a case exported is no word of anybody else when it comes back as a feed.

use std::sync::Arc;

use casefile::{Result, Session};

use super::{crowds, roots};

/// Registers `is_own_export(ref, kind, value)`, `root_of(locator)`, and what tells crowds.
pub fn register(session: &Session) -> Result<()> {
    crowds::register(session)?;
    roots::register(session)?;
    register_exports(session)
}

fn register_exports(session: &Session) -> Result<()> {
    let name = session.case_name().to_owned();
    session.register_function(
        "is_own_export",
        3,
        Arc::new(move |given| match given {
            [Some(reference), Some(kind), Some(value)] => {
                // Hashing is dear, and most references cannot be ours.
                let ours = || knowledge::export::refs(&name, kind, value).iter().any(|own| own == reference);
                Some((reference.len() >= 36 && ours()).to_string())
            }
            _ => Some(false.to_string()),
        }),
    )
}
