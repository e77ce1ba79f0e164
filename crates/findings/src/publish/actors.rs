//! `actors.html`: what each feed says of each actor, name by name.
//!
//! Nothing is merged. Feeds disagree about who is whom: an alias that two
//! actors are given stands under both, and the conflict is shown with its
//! sources and dates, so that a reader can see on whose word a name rests.

use std::collections::{BTreeMap, BTreeSet};

use model::{Entry, Mark};

use super::Output;
use super::own::Own;
use super::report::page::Page;
use super::report::{Part, Write, by_hand, times, write_all};
use crate::assess::names::fold;
use crate::dossier::{ActorStatement, Dossier};

mod listed;

/// The output.
#[derive(Debug)]
pub struct Actors;

const ENTRY: Entry = Entry {
    name: "actors",
    summary: "Every statement of a feed about an actor or alias, with source and date, and where feeds conflict; one HTML file, no scripts.",
    doc: "# What it holds\n\nThe actors that the case touches, statement by statement; aliases that feeds give to several actors; countries on which feeds disagree; names of the case that are like those of parties on sanctions lists, with why each counts or does not; then all other statements.\n\n# Who may read it\n\nWhoever the mark allows: persons are not among the actors, and names that are like those of listed parties stand under TLP:RED alone.\n",
};

const PARTS: &[(&str, &str, Write)] = &[
    ("actors", "Actors that this case touches", touched),
    ("listed", "Names that sanctions lists name too", listed::names),
    ("conflicts", "Names on which feeds disagree", conflicts),
    ("others", "All other statements", others),
    ("checking", "How to check this page", by_hand::checking),
];

/// Statements of one actor, conflicts, and other statements that are shown.
const STATEMENTS: usize = 40;
const CONFLICTS: usize = 60;
const OTHERS: usize = 400;

impl Output for Actors {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn file_name(&self) -> &'static str {
        "actors.html"
    }

    fn media_type(&self) -> &'static str {
        "text/html; charset=utf-8"
    }

    fn marks(&self) -> &'static [Mark] {
        Mark::ALL
    }

    fn render(&self, dossier: &Dossier, mark: Mark) -> Vec<u8> {
        let own = Own::new(dossier);
        write_all(&Part { own: &own, mark }, "actors", PARTS)
    }
}

/// Names that a hit or a rival explanation speaks of, folded.
fn spoken(dossier: &Dossier) -> BTreeSet<String> {
    let hits = dossier.intel_matches.iter().filter_map(|hit| hit.actor.as_deref());
    let rivals = dossier.assessment.judgements.iter().flat_map(|judgement| &judgement.hypotheses);
    hits.chain(rivals.map(|rival| &*rival.name)).map(fold).collect()
}

/// Main names as feeds spell them, each with its statements; those whom the case touches, or the others.
fn by_name(dossier: &Dossier, touched: bool) -> BTreeMap<&str, Vec<&ActorStatement>> {
    let spoken = spoken(dossier);
    let mut names: BTreeMap<&str, Vec<&ActorStatement>> = BTreeMap::new();
    for said in &dossier.actor_statements {
        names.entry(&said.name).or_default().push(said);
    }
    let speaks = |said: &&ActorStatement| spoken.contains(&fold(&said.name)) || spoken.contains(&fold(&said.alias));
    names.retain(|_, all| all.iter().any(speaks) == touched);
    names
}

fn touched(part: &Part<'_>, page: &mut Page) {
    let names = by_name(part.own.dossier, true);
    if names.is_empty() {
        page.raw(
            "<p>No feed that was loaded describes an actor of whom a hit or an explanation of this case speaks.</p>\n",
        );
        return;
    }
    page.raw("<p>Each name stands by itself, as its feed spells it. That two names are one actor is what the feed in the same row says, and no more.</p>\n");
    for (name, statements) in names {
        page.wrap("<article class=\"subject\"><h3>", &part.sentence(name), "");
        let (counting, set_aside) = hits(part.own.dossier, name);
        page.raw(" <span class=\"tag\">").number(counting).raw(" hits that count</span> <span class=\"tag\">");
        page.number(set_aside).raw(" that do not</span></h3>\n");
        rows(part, &statements, STATEMENTS, page);
        page.raw("</article>\n");
    }
}

/// Hits under that very name.
fn hits(dossier: &Dossier, name: &str) -> (u64, u64) {
    let own = || dossier.intel_matches.iter().filter(|hit| hit.actor.as_deref().map(fold) == Some(fold(name)));
    (own().filter(|hit| hit.counts).count() as u64, own().filter(|hit| !hit.counts).count() as u64)
}

fn rows(part: &Part<'_>, statements: &[&ActorStatement], longest: usize, page: &mut Page) {
    page.raw("<div class=\"scroll\"><table class=\"fold\"><thead><tr><th>Actor</th><th>Also called</th><th>Country</th><th>Who says so</th><th>When</th></tr></thead><tbody>\n");
    for said in statements.iter().take(longest) {
        row(part, said, page);
    }
    page.raw("</tbody></table></div>\n");
    if statements.len() > longest {
        page.raw("<p class=\"small soft\">").number((statements.len() - longest) as u64);
        page.raw(" more statements are in the table <code>actors</code>.</p>\n");
    }
}

fn row(part: &Part<'_>, said: &ActorStatement, page: &mut Page) {
    page.wrap("<tr><td>", &part.sentence(&said.name), "</td><td data-l=\"Also called\">");
    page.text(&if said.alias == said.name { "–".to_owned() } else { part.sentence(&said.alias) });
    page.wrap("</td><td data-l=\"Country\">", &part.sentence(said.country.as_deref().unwrap_or("–")), "</td>");
    page.wrap("<td data-l=\"Says\">", &part.sentence(said.source.as_deref().unwrap_or("not told")), "")
        .cite([&*said.at]);
    let when = said.stated.as_deref().map_or("not told".to_owned(), times::date);
    page.wrap("</td><td class=\"when\" data-l=\"When\">", &when, "");
    if said.times > 1 {
        page.raw(", the last of ").number(said.times);
    }
    page.raw("</td></tr>\n");
}

/// A name or country of which feeds say different things.
struct Conflict<'a> {
    name: &'a str,
    what: &'static str,
    statements: Vec<&'a ActorStatement>,
}

fn conflicts(part: &Part<'_>, page: &mut Page) {
    let mut found = aliases(part.own.dossier);
    found.extend(countries(part.own.dossier));
    if found.is_empty() {
        page.raw("<p>The feeds that were loaded do not contradict each other on names or countries.</p>\n");
        return;
    }
    page.number(found.len() as u64)
        .raw(" conflicts. Hits under such a name are shared out among those whom it may mean.\n");
    for conflict in found.iter().take(CONFLICTS) {
        page.wrap("<article class=\"subject\"><h3>", &part.sentence(conflict.name), " <span class=\"tag\">");
        page.raw(conflict.what).raw("</span></h3>\n");
        rows(part, &conflict.statements, STATEMENTS / 2, page);
        page.raw("</article>\n");
    }
    if found.len() > CONFLICTS {
        page.raw("<p class=\"soft\">")
            .number((found.len() - CONFLICTS) as u64)
            .raw(" more conflicts are not shown.</p>\n");
    }
}

/// Names that are given to actors of different main names.
fn aliases(dossier: &Dossier) -> Vec<Conflict<'_>> {
    let mut given: BTreeMap<String, Vec<&ActorStatement>> = BTreeMap::new();
    for said in dossier.actor_statements.iter().filter(|said| !fold(&said.alias).is_empty()) {
        given.entry(fold(&said.alias)).or_default().push(said);
    }
    let named = |said: &&ActorStatement| fold(&said.name);
    // A name that one feed gives to its own actor, and another to one of its, is in conflict as well.
    let several = |all: &Vec<&ActorStatement>| all.iter().map(named).collect::<BTreeSet<_>>().len() > 1;
    let conflicts = given.into_values().filter(several);
    conflicts
        .map(|statements| Conflict { name: &statements[0].alias, what: "given to several actors", statements })
        .collect()
}

/// Main names that feeds tie to different countries.
fn countries(dossier: &Dossier) -> Vec<Conflict<'_>> {
    let mut tied: BTreeMap<String, Vec<&ActorStatement>> = BTreeMap::new();
    for said in dossier.actor_statements.iter().filter(|said| said.country.is_some() && said.alias == said.name) {
        tied.entry(fold(&said.name)).or_default().push(said);
    }
    let country = |said: &&ActorStatement| said.country.as_deref().map(fold);
    let several = |all: &Vec<&ActorStatement>| all.iter().map(country).collect::<BTreeSet<_>>().len() > 1;
    let conflicts = tied.into_values().filter(several);
    conflicts
        .map(|statements| Conflict { name: &statements[0].name, what: "tied to different countries", statements })
        .collect()
}

fn others(part: &Part<'_>, page: &mut Page) {
    let statements: Vec<&ActorStatement> = by_name(part.own.dossier, false).into_values().flatten().collect();
    if statements.is_empty() {
        page.raw("<p>There are none.</p>\n");
        return;
    }
    page.raw("<details><summary>")
        .number(statements.len() as u64)
        .raw(" statements about actors that this case does not touch</summary>\n");
    rows(part, &statements, OTHERS, page);
    page.raw("</details>\n");
}
