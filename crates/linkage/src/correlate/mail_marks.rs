//! Ids in links by which a sender counts who reads.

use std::sync::Arc;

use casefile::{Result, Session};

/// Characters of a value in a query from which on it is an id and no setting.
const LEAST: usize = 6;

/// Characters above which it is content.
const MOST: usize = 64;

/// Registers `tracking_id(url, n)`: the n-th id in the query of an address, from 0.
pub fn register(session: &Session) -> Result<()> {
    session.register_function(
        "tracking_id",
        2,
        Arc::new(|given| {
            let [Some(url), Some(n)] = given else { return None };
            tracking_ids(url).nth(n.parse().ok()?).map(str::to_owned)
        }),
    )
}

/// Parts of the query such as `c=812345`, whose value is long and holds a digit.
fn tracking_ids(url: &str) -> impl Iterator<Item = &str> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or("");
    query.split(['&', ';']).filter(|part| {
        let value = part.split_once('=').map_or("", |(_, value)| value);
        (LEAST..=MOST).contains(&value.len()) && value.bytes().any(|byte| byte.is_ascii_digit())
    })
}
