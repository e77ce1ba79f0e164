//! Which statements of the feeds at hand only repeat others.
//!
//! The rule is that of the knowledge base (`knowledge::origin`): the same
//! reference, party or closed window, a citation, or feeds that have half of
//! their values in common. It is asked for values of the case alone, and for
//! those of two to sixty-four statements: of one that more speak of the crowd
//! is told, and not who said it first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use casefile::{Result, Session};
use knowledge::{Entry, Statement, origin};

use crate::columns::texts;

/// Statements of one value from which on nobody asks who repeats whom.
const MOST: u64 = 64;

/// Values below which having half in common may be chance, as in the knowledge base.
const ENOUGH: u64 = 3;

/// Statements about values of the case that more than one speaks of, value by value.
fn statements_sql() -> String {
    let text = |column: &str| format!("arrow_cast(coalesce(arrow_cast(i.{column}, 'Utf8'), ''), 'Utf8')");
    let columns = ["kind", "value", "evidence", "chain", "start", "length", "ref", "actor", "source", "valid_from"];
    let columns = columns.iter().chain(&["valid_until", "stated", "description"]).map(|column| text(column));
    format!(
        "WITH stated AS (SELECT * FROM indicators WHERE is_active(kind, value) = 'true' AND is_busy(kind, value) = 'false'),
        few AS (SELECT kind, value FROM stated GROUP BY kind, value HAVING count(*) BETWEEN 2 AND {MOST})
        SELECT {} FROM stated i JOIN few f ON f.kind = i.kind AND f.value = i.value
        ORDER BY i.kind, i.value, i.evidence, i.chain, i.start, i.ref",
        columns.collect::<Vec<_>>().join(", ")
    )
}

/// After the crowds: registers `root_of(locator)`: the locator of the statement that the one there
/// repeats, or of itself.
pub fn register(session: &Session) -> Result<()> {
    let told = read(session)?;
    let files: BTreeSet<&str> = told.iter().flatten().map(|statement| &*statement.evidence).collect();
    let entries = entries(session, &files, &told)?;
    let places: BTreeMap<&str, usize> = entries.iter().enumerate().map(|(at, entry)| (&*entry.id, at)).collect();
    let mut roots: BTreeMap<String, String> = BTreeMap::new();
    for mut statements in told.iter().cloned() {
        for statement in &mut statements {
            statement.entry = places.get(&*statement.evidence).copied().unwrap_or(usize::MAX);
        }
        for (at, root) in origin::roots(&statements, &entries).into_iter().enumerate() {
            if at != root {
                roots.insert(statements[at].at(), statements[root].at());
            }
        }
    }
    session.register_function(
        "root_of",
        1,
        Arc::new(move |given| {
            let place = given.first().copied()??;
            Some(roots.get(place).map_or_else(|| place.to_owned(), Clone::clone))
        }),
    )
}

/// The statements, those of one value together.
fn read(session: &Session) -> Result<Vec<Vec<Statement>>> {
    let mut told: Vec<Vec<Statement>> = Vec::new();
    session.stream(&statements_sql(), &mut |batch| {
        let columns = texts::<13>(&batch)?;
        for row in 0..batch.num_rows() {
            let statement = statement(&columns.each_ref().map(|column| column.value(row)));
            match told.last_mut().filter(|same| same[0].kind == statement.kind && same[0].value == statement.value) {
                Some(same) => same.push(statement),
                None => told.push(vec![statement]),
            }
        }
        Ok(())
    })?;
    Ok(told)
}

fn statement(cells: &[&str; 13]) -> Statement {
    let [kind, value, evidence, chain, start, length, reference, actor, source, from, until, stated, description] =
        *cells;
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Statement {
        kind: kind.to_owned(),
        value: value.to_owned(),
        evidence: evidence.to_owned(),
        chain: chain.to_owned(),
        start: start.parse().unwrap_or(0),
        length: length.parse().unwrap_or(0),
        reference: given(reference),
        actor: given(actor),
        source: given(source),
        valid_from: given(from),
        valid_until: given(until),
        stated: given(stated),
        description: given(description),
        ..Statement::default()
    }
}

/// The files as entries. One that does not say when it speaks is taken to be the latest.
fn entries(session: &Session, files: &BTreeSet<&str>, told: &[Vec<Statement>]) -> Result<Vec<Entry>> {
    let mut latest: BTreeMap<&str, &str> = BTreeMap::new();
    for statement in told.iter().flatten() {
        let stated = statement.stated.as_deref().unwrap_or_default();
        let known = latest.entry(&statement.evidence).or_default();
        *known = stated.max(known);
    }
    let copies = copies(session, files)?;
    let date = |file: &str| latest.get(file).filter(|date| !date.is_empty()).map_or("9999", |date| date);
    let entry = |file: &&str| Entry {
        id: (*file).to_owned(),
        // The file stands for a source that it does not name.
        source: (*file).to_owned(),
        date: date(file).to_owned(),
        copies: copies.get(*file).cloned().unwrap_or_default(),
        ..Entry::default()
    };
    Ok(files.iter().map(entry).collect())
}

/// Files that have half of their values, or of those of the smaller, in common.
fn copies(session: &Session, files: &BTreeSet<&str>) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let mut copies: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    if files.len() < 2 {
        return Ok(copies);
    }
    let list: Vec<String> = files.iter().map(|file| format!("'{file}'")).collect();
    // Counted by set of files: values are many, and sets of files that share one are few.
    let sql = format!(
        "SELECT arrow_cast(files, 'Utf8') AS files, arrow_cast(count(*), 'Utf8') AS count FROM (
            SELECT array_to_string(array_sort(array_agg(DISTINCT evidence)), ' ') AS files
            FROM indicators WHERE evidence IN ({}) GROUP BY kind, value
        ) GROUP BY files",
        list.join(", ")
    );
    let (mut sizes, mut common) = (BTreeMap::<String, u64>::new(), BTreeMap::<(String, String), u64>::new());
    session.stream(&sql, &mut |batch| {
        let [sets, counts] = texts::<2>(&batch)?;
        for row in 0..batch.num_rows() {
            let (set, count) = (sets.value(row), counts.value(row).parse().unwrap_or(0));
            let set: Vec<&str> = set.split(' ').collect();
            for (n, one) in set.iter().enumerate() {
                *sizes.entry((*one).to_owned()).or_default() += count;
                for other in &set[n + 1..] {
                    *common.entry(((*one).to_owned(), (*other).to_owned())).or_default() += count;
                }
            }
        }
        Ok(())
    })?;
    let size = |file: &str| sizes.get(file).copied().unwrap_or(0);
    for ((one, other), shared) in common {
        if shared >= ENOUGH && shared * 2 >= size(&one).min(size(&other)) {
            copies.entry(one.clone()).or_default().insert(other.clone());
            copies.entry(other).or_default().insert(one);
        }
    }
    Ok(copies)
}
