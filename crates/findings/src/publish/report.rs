//! `report.html`: what a reader opens first, in one file without scripts.
//!
//! The order is that of a reader's questions: what is held and how far it can
//! be trusted, what was not looked at, what happened when, the slips, the
//! links that count and those that do not, the sums, what to do next, and how
//! to check it. One file per part. Places are numbered; the last part but one
//! lists them.

use model::{Entry, Mark};

use super::own::Own;
use super::{Output, label};
use crate::dossier::Dossier;

mod accounts;
pub(super) mod by_hand;
pub(super) mod campaigns;
mod finds;
mod intake;
pub(super) mod page;
mod reasoning;
mod screen;
mod sites;
mod steps;
mod timeline;
pub(super) mod times;
mod verdict;
mod web;

use page::Page;

/// The output.
#[derive(Debug)]
pub struct Report;

const ENTRY: Entry = Entry {
    name: "report",
    summary: "The report for readers: one HTML file, no scripts, for screen, phone and paper.",
    doc: "# What it holds\n\nVerdict and limits, timeline, campaigns, slips, links, the arithmetic of the judgement, next steps, and how to check each cited place with and without Handprint.\n\n# Who may read it\n\nUnder TLP:RED it quotes evidence. Under a wider mark it quotes nothing and withholds mail addresses.\n",
};

/// What each part of the report is given.
pub(super) struct Part<'a> {
    pub(super) own: &'a Own<'a>,
    pub(super) mark: Mark,
}

pub(super) type Write = fn(&Part<'_>, &mut Page);

/// The parts in reading order, each with its anchor and heading.
const PARTS: &[(&str, &str, Write)] = &[
    ("verdict", "What we hold", verdict::verdict),
    ("limits", "What was not examined", verdict::limits),
    ("timeline", "What happened when", timeline::timeline),
    ("campaigns", "Campaigns", campaigns::campaigns),
    ("web", "Attacks on web sites", web::web),
    ("sites", "Floods, crowds and changed pages", sites::sites),
    ("slips", "Slips", finds::slips),
    ("screens", "Screens", screen::screens),
    ("accounts", "Accounts that act together", accounts::accounts),
    ("links", "Links that count", finds::links_that_count),
    ("rejected", "Links that do not count, and why", finds::links_that_do_not),
    ("reasoning", "How the judgement adds up", reasoning::reasoning),
    ("questions", "What would change our mind", steps::questions),
    ("next", "Next steps", steps::next_steps),
    ("facts", "What was declared", intake::facts),
    ("sources", "What was read", intake::sources),
    ("losses", "What was lost", intake::losses),
    ("checking", "How to check this report", by_hand::checking),
];

impl Output for Report {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn file_name(&self) -> &'static str {
        "report.html"
    }

    fn media_type(&self) -> &'static str {
        "text/html; charset=utf-8"
    }

    fn marks(&self) -> &'static [Mark] {
        Mark::ALL
    }

    fn render(&self, dossier: &Dossier, mark: Mark) -> Vec<u8> {
        let own = Own::new(dossier);
        let part = Part { own: &own, mark };
        write_all(&part, "report", PARTS)
    }
}

/// A whole page: head, parts in their order, foot.
pub(super) fn write_all(
    part: &Part<'_>,
    title: &'static str,
    parts: &[(&'static str, &'static str, Write)],
) -> Vec<u8> {
    let mut page = Page::default();
    head(part, title, parts, &mut page);
    for (anchor, heading, write) in parts {
        page.raw("<section aria-labelledby=\"").raw(anchor).raw("\"><h2 id=\"").raw(anchor).raw("\">");
        page.raw(heading).raw("</h2>\n");
        write(part, &mut page);
        page.raw("</section>\n");
    }
    foot(part, &mut page);
    page.into_bytes()
}

fn head(part: &Part<'_>, title: &'static str, parts: &[(&'static str, &'static str, Write)], page: &mut Page) {
    let case = &part.own.dossier.case;
    page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta name=\"format-detection\" content=\"telephone=no,email=no,address=no,url=no\">\n");
    page.raw("<meta name=\"referrer\" content=\"no-referrer\">\n");
    page.wrap("<title>", &case.name, " – ").raw(title).raw("</title>\n<style>\n");
    page.raw(include_str!("report/style.css")).raw("</style>\n</head>\n<body>\n");
    let first = parts.first().map_or("", |(anchor, ..)| anchor);
    page.raw("<a class=\"skip\" href=\"#").raw(first).raw("\">To the ").raw(first);
    page.raw("</a>\n<header>\n<p class=\"tlp ");
    page.raw(colour(part.mark)).wrap("\">", &label(part.mark), "</p>\n");
    page.wrap("<h1>", &case.name, "</h1>\n<p class=\"soft\">");
    page.raw(match title {
        "report" => "Report",
        "mail" => "One mail, a part",
        "infrastructure" => "Addresses and names, a part",
        "actors" => "What feeds say of actors, a part",
        _ => "Campaigns of mail, a part",
    });
    page.raw(" of a Handprint investigation. ");
    if title != "mail" {
        page.number(part.own.mails().count() as u64).raw(" mails, ");
    }
    page.number(files(part, "evidence")).raw(" evidence files, ");
    page.number(files(part, "intel"))
        .raw(" intel files.</p>\n<nav aria-label=\"Parts of the ")
        .raw(title)
        .raw("\"><ul>\n");
    for (anchor, heading, _) in parts {
        page.raw("<li><a href=\"#").raw(anchor).raw("\">").raw(heading).raw("</a></li>\n");
    }
    page.raw("</ul></nav>\n</header>\n<main>\n");
}

fn foot(part: &Part<'_>, page: &mut Page) {
    let case = &part.own.dossier.case;
    page.raw("</main>\n<footer>\n<p>");
    page.text(&label(part.mark)).raw(". Made by Handprint ").text(&case.tool_version).raw(" from the case “");
    page.text(&case.name).raw("”. Custody: ").number(case.custody_entries).raw(" entries, head <code>");
    page.text(&case.custody_head).raw("</code>.</p>\n</footer>\n</body>\n</html>\n");
}

fn files(part: &Part<'_>, role: &str) -> u64 {
    part.own.dossier.sources.iter().filter(|source| source.role == role).count() as u64
}

/// Class of a mark's colour as TLP 2.0 gives it.
fn colour(mark: Mark) -> &'static str {
    match mark {
        Mark::Clear => "clear",
        Mark::Green => "green",
        Mark::Amber | Mark::AmberStrict => "amber",
        Mark::Red => "red",
    }
}

impl Part<'_> {
    /// A value as this report may show it: defanged, and withheld where it may be a person's.
    pub(super) fn value(&self, kind: &str, value: &str) -> String {
        let value = if super::may_quote(self.mark) { value.to_owned() } else { super::shared::discreet(kind, value) };
        super::defang::defang(kind, &value)
    }

    /// A sentence out of tables, with nothing in it to follow and, under wide marks, no mail address.
    pub(super) fn sentence(&self, text: &str) -> String {
        let words = text.split(' ').map(|word| match word.contains('@') && !super::may_quote(self.mark) {
            true => "(withheld)".to_owned(),
            false => super::defang::text(word),
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// A count with its noun.
pub(super) fn counted(page: &mut Page, count: u64, one: &'static str, many: &'static str) {
    page.number(count).raw(" ").raw(if count == 1 { one } else { many });
}
