//! Which statements about one value only repeat others.
//!
//! Feeds copy each other, and a value that ten of them list may have been seen
//! once. A later statement repeats an earlier one about the same actor, or
//! names nobody where that one does, if one of these holds:
//!
//! - both have the same reference, so that one is a version of the other;
//! - the same party says both;
//! - its source or its words name the earlier one's source;
//! - both give the same window in time, which two observers hardly would;
//! - its feed has half of its values, or of those of the smaller feed, in
//!   common with the earlier one's. Feeds that watch by themselves share far
//!   less; what shares that much is an aggregator, a mirror, a newer copy, or
//!   the export of a closed case.
//!
//! Whatever repeats keeps its root: the earliest statement of its line.

use crate::statement::{Entry, Statement};

/// Letters below which the name of a source may be any word.
const TELLING_NAME: usize = 4;

/// For each statement about one value the index of its root, which is its own
/// index if it repeats nobody.
pub fn roots(statements: &[Statement], entries: &[Entry]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..statements.len()).collect();
    order.sort_by_key(|&at| rank(&statements[at], entries));
    let mut roots: Vec<usize> = (0..statements.len()).collect();
    for (place, &later) in order.iter().enumerate() {
        let repeated =
            order[..place].iter().find(|&&earlier| repeats(&statements[later], &statements[earlier], entries));
        if let Some(&earlier) = repeated {
            roots[later] = roots[earlier];
        }
    }
    roots
}

/// Earliest first; of one time those that name somebody, then in an order that
/// depends on the statements alone.
fn rank<'a>(statement: &'a Statement, entries: &'a [Entry]) -> impl Ord + use<'a> {
    let place = (&statement.evidence, &statement.chain, statement.start, statement.length);
    (statement.time(entries), statement.actor.is_none(), place, &statement.actor, &statement.reference)
}

fn repeats(later: &Statement, earlier: &Statement, entries: &[Entry]) -> bool {
    if later.actor.is_some() && !same(later.actor.as_deref(), earlier.actor.as_deref()) {
        return false;
    }
    let window = |statement: &Statement| (statement.valid_from.clone(), statement.valid_until.clone());
    let has_window = later.valid_from.is_some() && later.valid_until.is_some();
    same(later.reference.as_deref(), earlier.reference.as_deref())
        || same(source(later, entries), source(earlier, entries))
        || cites(later, earlier, entries)
        || has_window && window(later) == window(earlier)
        || copies(later, earlier, entries)
}

fn same(one: Option<&str>, other: Option<&str>) -> bool {
    one.zip(other).is_some_and(|(one, other)| !one.is_empty() && one.to_lowercase() == other.to_lowercase())
}

fn source<'a>(statement: &'a Statement, entries: &'a [Entry]) -> Option<&'a str> {
    statement.source.as_deref().or(entries.get(statement.entry).map(|entry| &*entry.source))
}

fn copies(later: &Statement, earlier: &Statement, entries: &[Entry]) -> bool {
    let pair = entries.get(later.entry).zip(entries.get(earlier.entry));
    pair.is_some_and(|(one, other)| one.copies.contains(&other.id) || other.copies.contains(&one.id))
}

fn cites(later: &Statement, earlier: &Statement, entries: &[Entry]) -> bool {
    let names = [earlier.source.as_deref(), entries.get(earlier.entry).map(|entry| &*entry.source)];
    let told = [later.source.as_deref(), later.description.as_deref()];
    let named = |name: &str| name.len() >= TELLING_NAME && told.iter().flatten().any(|text| names_it(text, name));
    names.into_iter().flatten().any(named)
}

/// Whether a text holds a name as words of its own.
fn names_it(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(&name)
        .any(|(at, _)| apart(text[..at].chars().next_back()) && apart(text[at + name.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(id: &str, source: &str, date: &str, copies: &[&str]) -> Entry {
        let copies = copies.iter().map(|id| (*id).to_owned()).collect();
        Entry { id: id.into(), source: source.into(), date: date.into(), copies, ..Entry::default() }
    }

    fn said(entry: usize, actor: &str, reference: &str, description: &str) -> Statement {
        Statement {
            entry,
            actor: (!actor.is_empty()).then(|| actor.to_owned()),
            reference: Some(reference.to_owned()),
            description: Some(description.to_owned()),
            evidence: entry.to_string(),
            ..Statement::default()
        }
    }

    #[test]
    fn whoever_cites_or_copies_has_the_root_of_the_first() {
        let entries = [
            entry("a", "Harbour Watch", "2031-01-01", &[]),
            entry("b", "Second Desk", "2031-02-01", &[]),
            entry("c", "Mirror", "2031-03-01", &["a"]),
            entry("d", "Other Eyes", "2031-03-02", &[]),
        ];
        let statements = [
            said(2, "Gull", "c:1", ""),
            said(0, "Gull", "a:1", ""),
            said(1, "Gull", "b:1", "as told by harbour watch."),
            said(3, "Gull", "d:1", "harbourwatchers know"),
            said(1, "Tern", "b:2", "not Gull, says Harbour Watch"),
        ];
        assert_eq!(roots(&statements, &entries), [1, 1, 1, 3, 4]);
    }

    #[test]
    fn versions_and_one_party_speak_once_and_silence_repeats() {
        let entries = [entry("a", "List", "2031-01-01", &[]), entry("b", "List", "2031-05-01", &[])];
        let statements = [said(0, "Gull", "x", ""), said(1, "gull", "y", ""), said(1, "", "z", "")];
        assert_eq!(roots(&statements, &entries), [0, 0, 0]);
        let entries = [entry("a", "List", "2031-01-01", &[]), entry("b", "Eyes", "2031-05-01", &[])];
        assert_eq!(roots(&statements, &entries), [0, 1, 1], "a second party's word is its own");
    }

    proptest! {
        #[test]
        fn roots_do_not_depend_on_the_order_of_statements(
            given in proptest::collection::vec((0usize..3, "[AB]?", "[xy]", "[a-c ]{0,3}"), 1..8), turn in 0usize..8,
        ) {
            let entries = [entry("a", "Harbour", "1", &[]), entry("b", "Desk", "2", &["c"]), entry("c", "Eyes", "3", &[])];
            let mut statements: Vec<Statement> = given.iter().enumerate().map(|(at, (entry, actor, reference, words))| {
                Statement { start: at as u64, ..said(*entry, actor, reference, words) }
            }).collect();
            let told = |statements: &[Statement]| {
                let roots = roots(statements, &entries);
                let mut pairs: Vec<(u64, u64)> =
                    roots.iter().zip(statements).map(|(root, one)| (one.start, statements[*root].start)).collect();
                pairs.sort_unstable();
                pairs
            };
            let before = told(&statements);
            statements.rotate_left(turn % given.len());
            prop_assert_eq!(told(&statements), before);
        }
    }
}
