//! Values that very many statements speak of, counted before anything is joined.
//!
//! The engine hands rows of equal keys to one thread, and holds for it whatever
//! comes faster than it works: a value in a million statements would lie in
//! memory a million times. So statements about values of the case are picked by
//! a look-up, row by row, and crowds are counted where they are read and left
//! out of everything that joins.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use casefile::{Result, Session};

use crate::columns::texts;

/// Statements above which a value is a crowd's: more than two feeds that repeat
/// it every day for a year.
const CROWD: u64 = 1000;

/// Values by kind. Asked by key only, so their order shows nowhere.
type Values = HashMap<String, HashSet<String>>;

/// What was done by somebody in this case; the rest stands in passive DNS or notes alone.
const ACTIVE: &str = "SELECT arrow_cast(kind, 'Utf8') AS kind, arrow_cast(value, 'Utf8') AS value FROM \"values\" \
    WHERE regexp_like(topics, '(^|,)(mail|web|leak|social|video)(,|$)')";

/// Registers `is_active(kind, value)`, `is_crowd(kind, value)` and the table
/// `crowded`: one row for each crowd, with what can be counted without holding it.
pub fn register(session: &Session) -> Result<()> {
    asks(session, "is_active", values(session, ACTIVE)?)?;
    let busy = format!(
        "SELECT arrow_cast(kind, 'Utf8') AS kind, arrow_cast(value, 'Utf8') AS value FROM indicators
        WHERE {STATED} GROUP BY kind, value HAVING count(*) > {CROWD}"
    );
    asks(session, "is_busy", values(session, &busy)?)?;
    let counted = format!(
        "SELECT kind, value, count(*) AS rows, approx_distinct(lower(actor)) AS actors, approx_distinct(source) AS sources,
            min(source) AS source, max(source) AS last_source, min(valid_from) AS valid_from,
            max(valid_until) AS valid_until, min(evidence || chain) AS place
        FROM indicators
        WHERE is_busy(kind, value) = 'true' AND NOT coalesce(revoked, FALSE)
        GROUP BY kind, value
        HAVING approx_distinct(ref) > {CROWD}"
    );
    let mut batches = Vec::new();
    let schema = session.stream(&counted, &mut |batch| {
        batches.push(batch);
        Ok(())
    })?;
    session.register_batches("crowded", schema, batches)?;
    let crowds = "SELECT arrow_cast(kind, 'Utf8') AS kind, arrow_cast(value, 'Utf8') AS value FROM crowded";
    asks(session, "is_crowd", values(session, crowds)?)
}

/// Ranges are asked for around addresses, so all of them are gone through.
const STATED: &str = "(kind = 'cidr' OR is_active(kind, value) = 'true')";

fn values(session: &Session, sql: &str) -> Result<Values> {
    let mut values: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    session.stream(sql, &mut |batch| {
        let [kinds, found] = texts::<2>(&batch)?;
        for row in 0..batch.num_rows() {
            values.entry(kinds.value(row).to_owned()).or_default().insert(found.value(row).to_owned());
        }
        Ok(())
    })?;
    Ok(values.into_iter().collect())
}

fn asks(session: &Session, name: &'static str, values: Values) -> Result<()> {
    session.register_function(
        name,
        2,
        Arc::new(move |given| match given {
            [Some(kind), Some(value)] => Some(values.get(*kind).is_some_and(|held| held.contains(*value)).to_string()),
            _ => Some(false.to_string()),
        }),
    )
}
