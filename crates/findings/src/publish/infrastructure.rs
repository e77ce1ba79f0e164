//! `infrastructure.html`: addresses and names of the case on a line of time.
//!
//! The commonest false attribution is an address under an earlier tenant, or
//! one that thousands share. So each address is shown with everybody who held
//! it, with how many share it, and with every statement of a feed: those that
//! count in colour, those that do not in grey, with the reason.

use std::collections::BTreeMap;

use model::{Entry, Mark};

use super::Output;
use super::own::Own;
use super::report::page::Page;
use super::report::{Part, Write, by_hand, write_all};
use crate::dossier::{BaseRate, Dossier};
use subject::{Subject, subjects};

mod picture;
mod rows;
mod subject;

/// The output.
#[derive(Debug)]
pub struct Infrastructure;

const ENTRY: Entry = Entry {
    name: "infrastructure",
    summary: "Who held each address and name when, who shares it, and which hits count; one HTML file, no scripts.",
    doc: "# What it holds\n\nFor each address and name that feeds or several kinds of evidence know: when the case saw it, tenancies, passive DNS, statements of feeds with the reason why each counts or does not, as a picture on a line of time and as a table; and how many actors and how much benign activity show the same.\n\n# Who may read it\n\nWhoever the mark allows: under a mark wider than TLP:RED holders of domain names are withheld, since they may be persons.\n",
};

const PARTS: &[(&str, &str, Write)] = &[
    ("infrastructure", "Who held what when", holdings),
    ("base-rates", "How many show the same", base_rates),
    ("checking", "How to check this page", by_hand::checking),
];

/// Addresses and names that are shown in full.
const SHOWN: usize = 40;

/// Rows of the table of base rates.
const RATES: usize = 100;

impl Output for Infrastructure {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn file_name(&self) -> &'static str {
        "infrastructure.html"
    }

    fn media_type(&self) -> &'static str {
        "text/html; charset=utf-8"
    }

    fn marks(&self) -> &'static [Mark] {
        Mark::ALL
    }

    fn render(&self, dossier: &Dossier, mark: Mark) -> Vec<u8> {
        let own = Own::new(dossier);
        write_all(&Part { own: &own, mark }, "infrastructure", PARTS)
    }
}

fn holdings(part: &Part<'_>, page: &mut Page) {
    let subjects = subjects(part.own.dossier);
    if subjects.is_empty() {
        page.raw("<p>No feed knows an address or name of the case, and none stands in two kinds of evidence.</p>\n");
        return;
    }
    page.raw("<p>A hit counts inside the tenancy that it belongs to, and only where few share the address. Black: seen in the case. Framed: who held it. Blue: statements of feeds that count. Grey and dashed: statements that do not, with the reason below. The dashed lines are the first and the last day on which the case saw it.</p>\n");
    for (number, subject) in subjects.iter().take(SHOWN).enumerate() {
        one(part, number + 1, subject, page);
    }
    if subjects.len() > SHOWN {
        page.raw("<p class=\"soft\">").number((subjects.len() - SHOWN) as u64);
        page.raw(" more addresses and names are not shown; the tables <code>intel_matches</code> and <code>tenancies</code> have them.</p>\n");
    }
}

fn one(part: &Part<'_>, number: usize, subject: &Subject<'_>, page: &mut Page) {
    page.raw("<article class=\"subject\" id=\"subject-").digits(number as u64);
    page.wrap("\"><h3><span class=\"mono\">", &part.value(subject.kind, subject.value), "</span> <span class=\"tag\">");
    page.text(subject.kind).raw("</span>");
    let (all, counting) = (subject.hits.len() as u64, subject.hits.iter().filter(|hit| hit.counts).count() as u64);
    match (all, counting) {
        (0, _) => page.raw(" <span class=\"tag\">no feed knows it"),
        (_, 0) => page.raw(" <span class=\"tag\">statements of feeds: ").number(all).raw(", none counts"),
        _ => page
            .raw(" <span class=\"tag good\">statements of feeds: ")
            .number(all)
            .raw(", that count: ")
            .number(counting),
    };
    page.raw("</span></h3>\n");
    rows::held(part, subject, page);
    rows::shared(part, subject, page);
    picture::picture(part, subject, page);
    rows::table(part, subject, page);
    page.raw("</article>\n");
}

fn base_rates(part: &Part<'_>, page: &mut Page) {
    let rates = &part.own.dossier.base_rates;
    if rates.is_empty() {
        page.raw("<p>Nothing was counted: the loaded intel names nothing that the case shows.</p>\n");
        return;
    }
    page.raw("<p>What many show tells nobody apart. Where feeds give a value to several actors, no weight in the judgement is above the number of known actors divided by these. Actors are counted by the names that feeds spell.</p>\n");
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>Counts in the loaded intel and in the case.</caption><thead><tr><th>Kind</th><th>What</th><th>Actors that show it</th><th>Benign</th></tr></thead><tbody>\n");
    for rate in rates.iter().take(RATES) {
        page.wrap("<tr><td>", &rate.kind, "</td><td data-l=\"What\"><span class=\"mono\">");
        page.text(&part.value(&rate.kind, &rate.value)).raw("</span>");
        page.wrap(" ", &part.sentence(rate.name.as_deref().unwrap_or_default()), "</td><td data-l=\"Actors\">");
        of(page, rate.actors, rate.of_actors);
        page.raw("</td><td data-l=\"Benign\">");
        of(page, rate.benign, rate.of_benign);
        page.wrap(" ", rate.benign_things.as_deref().unwrap_or_default(), "</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    rest(page, rates);
}

fn of(page: &mut Page, some: Option<u64>, all: Option<u64>) {
    match (some, all) {
        (Some(some), Some(all)) => page.number(some).raw(" of ").number(all),
        _ => page.raw("not counted"),
    };
}

fn rest(page: &mut Page, rates: &[BaseRate]) {
    let mut left: BTreeMap<&str, u64> = BTreeMap::new();
    rates.iter().skip(RATES).for_each(|rate| *left.entry(&rate.kind).or_default() += 1);
    for (kind, count) in left {
        page.raw("<p class=\"small soft\">").number(count).wrap(
            " more of kind ",
            kind,
            " are in the table <code>base_rates</code>.</p>\n",
        );
    }
}
