//! Which names in the feeds mean one actor, so far as the feeds agree.
//!
//! Names are linked, never merged: a name stands for an actor only while no
//! feed gives it to another. A contested name stands for all it may mean, and
//! weighs less.

use std::collections::{BTreeMap, BTreeSet};

use crate::dossier::ActorName;

/// Names by their folded spelling.
#[derive(Debug, Default)]
pub struct Names {
    /// Folded name to the actors that it may mean, each by one chosen main name.
    actors: BTreeMap<String, BTreeSet<String>>,
    /// Chosen main name to every name given to it.
    aliases: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    /// Links the names of all feeds.
    pub fn new(rows: &[ActorName]) -> Self {
        let mut mains: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for row in rows.iter().filter(|row| !row.name.is_empty()) {
            mains.entry(fold(&row.name)).or_default().insert(&row.name);
        }
        let claims = claims(rows);
        let leaders: BTreeMap<&str, &str> =
            mains.keys().map(|main| (main.as_str(), leader(main, &mains, &claims))).collect();
        let chosen = |folded: &str| -> Option<String> {
            let leader = leaders.get(folded)?;
            mains.get(*leader)?.first().map(|name| (*name).to_owned())
        };
        let mut names = Self::default();
        for row in rows {
            let Some(main) = chosen(&fold(&row.name)) else { continue };
            for name in [&row.name, &row.alias].into_iter().filter(|name| !name.is_empty()) {
                let own_actor = chosen(&fold(name)).unwrap_or_else(|| main.clone());
                let contested = leaders.contains_key(fold(name).as_str()) && own_actor != main;
                if contested {
                    names.actors.entry(fold(name)).or_default().insert(own_actor);
                }
                names.actors.entry(fold(name)).or_default().insert(main.clone());
                names.aliases.entry(main.clone()).or_default().insert(name.clone());
            }
        }
        names
    }

    /// The actors that a name may mean; a name in no feed means itself.
    pub fn resolve(&self, name: &str) -> Vec<String> {
        match self.actors.get(&fold(name)) {
            Some(actors) => actors.iter().cloned().collect(),
            None => vec![name.to_owned()],
        }
    }

    /// The actors that the feeds know, each by one chosen main name.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        self.aliases.keys().map(String::as_str)
    }

    /// Every name that feeds give to an actor, the chosen one excepted.
    pub fn others(&self, actor: &str) -> Vec<&str> {
        let names = self.aliases.get(actor);
        names.into_iter().flatten().map(String::as_str).filter(|name| *name != actor).collect()
    }

    /// Actors of which a name of at least five letters stands in `text`, whatever its spelling.
    pub fn spelled_in(&self, text: &str) -> BTreeSet<&str> {
        let text = fold(text);
        let stands = |name: &&String| name.chars().count() >= 5 && text.contains(name.as_str());
        let found = self.actors.iter().filter(|(name, actors)| stands(name) && actors.len() == 1);
        found.flat_map(|(_, actors)| actors).map(String::as_str).collect()
    }
}

/// Folded alias to the folded main names under which feeds list it.
fn claims(rows: &[ActorName]) -> BTreeMap<String, BTreeSet<String>> {
    let mut claims: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.name.is_empty() && fold(&row.alias) != fold(&row.name)) {
        claims.entry(fold(&row.alias)).or_default().insert(fold(&row.name));
    }
    claims
}

/// Follows a main name that exactly one other actor claims as its alias, up to
/// the one that nobody claims. Claims in a ring stop at the least name of it.
fn leader<'a>(
    main: &'a str,
    mains: &'a BTreeMap<String, BTreeSet<&str>>,
    claims: &'a BTreeMap<String, BTreeSet<String>>,
) -> &'a str {
    let mut seen = BTreeSet::from([main]);
    let mut at = main;
    loop {
        let Some(by) = claims.get(at).filter(|by| by.len() == 1).and_then(BTreeSet::first) else { return at };
        let Some((next, _)) = mains.get_key_value(by) else { return at };
        if !seen.insert(next) {
            return seen.first().copied().unwrap_or(main);
        }
        at = next;
    }
}

/// Letters and digits in lower case, so that `Grey Heron`, `grey_heron` and `GREY-HERON` are one.
pub(crate) fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, alias: &str) -> ActorName {
        ActorName { name: name.into(), alias: alias.into(), source: None }
    }

    #[test]
    fn spellings_and_agreed_aliases_are_one_actor() {
        let names = Names::new(&[
            row("Grey Heron", "Grey Heron"),
            row("Grey Heron", "G7-Slate"),
            row("G7-Slate", "G7-Slate"),
            row("grey_heron", "Tide"),
        ]);
        for name in ["GREY HERON", "g7 slate", "Tide"] {
            assert_eq!(names.resolve(name), ["Grey Heron"], "{name}");
        }
        assert_eq!(names.resolve("Red Kite"), ["Red Kite"]);
        assert!(names.spelled_in("C:\\Users\\grey_heron\\x").contains("Grey Heron"));
    }

    #[test]
    fn a_contested_name_means_all_that_it_may() {
        let names = Names::new(&[row("Grey Heron", "Slate"), row("Red Kite", "Slate")]);
        assert_eq!(names.resolve("slate"), ["Grey Heron", "Red Kite"]);
        assert!(names.spelled_in("slate").is_empty());
    }

    #[test]
    fn claims_in_a_ring_come_to_an_end() {
        let names = Names::new(&[row("Ash", "Birch"), row("Birch", "Ash")]);
        assert_eq!(names.resolve("Ash"), names.resolve("Birch"));
    }
}
