//! What is said of one value: every root in full, or all of them in one line.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::origin::roots;
use crate::statement::{Entry, Statement, VERSION};

/// Roots that are listed. A value of which more parties speak than a reader
/// goes through is everybody's, and is said to be so.
pub const LISTED: usize = 16;

/// The statements about one value, those that repeat others set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Roots with the statements that only repeat them, as `source, date`.
    pub roots: Vec<(Statement, Vec<String>)>,
    /// Statements in all, those included that nobody fetched.
    pub statements: u64,
    /// Actors that they name.
    pub actors: usize,
}

/// Sorts statements about one value. `statements` may be fewer than `count`,
/// where so many were found that not all were fetched.
pub fn tell(mut statements: Vec<Statement>, count: u64, entries: &[Entry]) -> Told {
    // Most values are told of once, and a look-up asks for a million.
    if statements.len() == 1 {
        let actors = usize::from(statements[0].actor.is_some());
        let roots = statements.drain(..).map(|only| (only, Vec::new())).collect();
        return Told { roots, statements: count.max(1), actors };
    }
    let roots = roots(&statements, entries);
    let actors: BTreeSet<String> =
        statements.iter().filter_map(|one| one.actor.as_deref()).map(str::to_lowercase).collect();
    let mut repeated: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (statement, root) in statements.iter().zip(&roots) {
        repeated.entry(*root).or_default().extend(name(statement, &statements[*root], entries));
    }
    let own = statements.into_iter().enumerate().zip(roots).filter(|((at, _), root)| at == root);
    let roots = own.map(|((at, statement), _)| (statement, repeated.remove(&at).unwrap_or_default()));
    let mut roots: Vec<_> = roots.collect();
    roots.iter_mut().for_each(|(_, repeated)| repeated.sort());
    roots.sort_by(|(a, _), (b, _)| order(a, entries).cmp(&order(b, entries)));
    Told { statements: count.max(roots.len() as u64), roots, actors: actors.len() }
}

fn order<'a>(statement: &'a Statement, entries: &'a [Entry]) -> impl Ord + use<'a> {
    (
        statement.time(entries),
        &statement.evidence,
        &statement.chain,
        statement.start,
        &statement.actor,
        &statement.reference,
    )
}

fn name(statement: &Statement, root: &Statement, entries: &[Entry]) -> Option<String> {
    let entry = entries.get(statement.entry).filter(|_| statement != root)?;
    Some(format!("{}, {}, {}", entry.source, statement.time(entries), statement.at()))
}

impl Told {
    /// Whether too many speak of the value for it to tell anything.
    pub fn is_shared(&self) -> bool {
        self.roots.len() > LISTED || self.statements > self.fetched()
    }

    fn fetched(&self) -> u64 {
        self.roots.iter().map(|(_, repeated)| 1 + repeated.len() as u64).sum()
    }

    /// Lines of an extract: one for each root, or one for all.
    pub fn lines(&self, entries: &[Entry]) -> Vec<String> {
        match self.roots.first() {
            Some((first, _)) if self.is_shared() => vec![self.one_line(first, entries)],
            _ => self.roots.iter().map(|(root, repeated)| root.line(entries, repeated)).collect(),
        }
    }

    /// One line for a value of which too many speak. It names nobody.
    fn one_line(&self, first: &Statement, entries: &[Entry]) -> String {
        json!({
            "knowledge": VERSION, "table": "indicators", "kind": first.kind, "value": first.value,
            "ref": format!("knowledge base:{}", first.value), "source": "knowledge base",
            "stated": first.time(entries), "description": self.shared_by(),
        })
        .to_string()
    }

    /// Why it tells nothing, in words.
    pub fn shared_by(&self) -> String {
        format!(
            "shared by all: {} statements of more than {LISTED} roots speak of it and name {} actors",
            self.statements, self.actors
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(at: u64) -> Statement {
        Statement {
            what: "indicators".into(),
            kind: "ip".into(),
            value: "192.0.2.7".into(),
            evidence: "0".repeat(64),
            start: at,
            length: 9,
            source: Some(format!("party {at}")),
            actor: Some(format!("Actor {}", at % 3)),
            ..Statement::default()
        }
    }

    #[test]
    fn few_are_listed_and_many_are_one_line() {
        let entries = [Entry { id: "e".into(), source: "Feed".into(), date: "2031-01-01".into(), ..Entry::default() }];
        let few = tell((0..3).map(said).collect(), 3, &entries);
        assert_eq!((few.roots.len(), few.lines(&entries).len(), few.is_shared()), (3, 3, false));
        assert!(few.lines(&entries)[0].contains("\"at\":\"sha256:0000"));
        let many = tell((0..40).map(said).collect(), 9_000, &entries);
        let lines = many.lines(&entries);
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0].contains("9000 statements")
                && lines[0].contains("name 3 actors")
                && !lines[0].contains("\"actor\"")
        );
    }

    #[test]
    fn what_repeats_is_named_beside_its_root() {
        let entries = [Entry { id: "e".into(), source: "Feed".into(), date: "2031-01-01".into(), ..Entry::default() }];
        let again = Statement { start: 50, ..said(1) };
        let told = tell(vec![again, said(1)], 2, &entries);
        assert_eq!((told.roots.len(), told.roots[0].0.start, told.roots[0].1.len()), (1, 1, 1));
        assert!(told.lines(&entries)[0].contains("repeated_by"));
    }
}
