//! The same in words: who held it then and how sure, who shares it, and a table.

use std::collections::BTreeSet;

use super::subject::Subject;
use crate::dossier::{Holding, IntelMatch, Resolution};
use crate::publish::may_quote;
use crate::publish::report::page::Page;
use crate::publish::report::{Part, times};

/// Rows of one kind in the table of one address.
const LONGEST: usize = 12;

/// Who held it, as far as it may be told: the holder of a domain name may be a person.
pub fn holder(part: &Part<'_>, held: &Holding) -> String {
    match held.holder.as_deref() {
        None => "not named".to_owned(),
        Some(_) if held.kind == "domain" && !may_quote(part.mark) => "(withheld)".to_owned(),
        Some(holder) => part.sentence(holder),
    }
}

/// The other end of a record of passive DNS.
pub fn other(part: &Part<'_>, subject: &Subject<'_>, seen: &Resolution) -> String {
    part.value(if subject.kind == "ip" { "domain" } else { "ip" }, &seen.other)
}

/// Who held it while the case saw it, and how sure that is.
pub fn held(part: &Part<'_>, subject: &Subject<'_>, page: &mut Page) {
    let then = subject.holders_then();
    let leases: Vec<&&Holding> = then.iter().filter(|held| held.statement == "lease").collect();
    page.raw("<p>");
    match (leases.as_slice(), then.as_slice()) {
        _ if subject.days().is_none() => {
            page.raw("The case does not say when it was seen, so it is open who held it then. Confidence: none.");
        }
        ([], []) => {
            page.raw("Nobody says who held it while the case saw it. Confidence: none.");
        }
        ([], [range, ..]) => {
            page.raw("While the case saw it, it lay in what ");
            page.text(&holder(part, range)).raw(" registered; whom it was let to is not known. Confidence: low.");
            page.cite(then.iter().map(|held| &*held.at));
        }
        (leases, _) => {
            let holders: BTreeSet<String> = leases.iter().map(|held| holder(part, held)).collect();
            let sources: BTreeSet<&str> = leases.iter().filter_map(|held| held.source.as_deref()).collect();
            let holders: Vec<String> = holders.into_iter().collect();
            page.wrap("While the case saw it, it was let to ", &holders.join(", or to "), ". Confidence: ");
            page.raw(match (holders.len(), sources.len()) {
                (1, 2..) => "high, two parties say so.",
                (1, _) => "moderate, one party says so.",
                _ => "low, the statements disagree or the tenant changed within that time.",
            });
            page.cite(leases.iter().map(|held| &*held.at));
        }
    }
    page.raw("</p>\n");
}

/// How many share it.
pub fn shared(part: &Part<'_>, subject: &Subject<'_>, page: &mut Page) {
    page.raw("<p class=\"soft\">");
    if let Some(origin) = subject.origin {
        if let Some(asn) = origin.asn {
            page.raw("Network AS").digits(asn).wrap(" ", &part.sentence(origin.name.as_deref().unwrap_or("")), ". ");
        }
        if let Some(class) = origin.shared_class.as_deref().or(origin.shared_by.as_deref().map(|_| "shared range")) {
            page.wrap("Many share it: ", class, "");
            page.wrap(" ", &part.sentence(origin.shared_by.as_deref().unwrap_or("")), ". ");
        }
        page.cite([&*origin.at]);
    }
    match subject.resolutions.first() {
        Some(first) if subject.kind == "ip" => page.number(first.others).raw(" records of passive DNS lead to it."),
        Some(first) => page.number(first.others).raw(" records of passive DNS say where it led."),
        None => page.raw("Passive DNS does not know it."),
    };
    page.raw("</p>\n");
}

/// All of it, statement by statement.
pub fn table(part: &Part<'_>, subject: &Subject<'_>, page: &mut Page) {
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>The same, statement by statement.</caption><thead><tr><th>What</th><th>From</th><th>Until</th><th>Who says so</th><th>Counts</th></tr></thead><tbody>\n");
    if subject.days().is_some() {
        page.raw("<tr><td>seen in the case</td>");
        span(page, subject.seen);
        page.raw("<td data-l=\"Says\">the evidence").cite([subject.at]).raw("</td><td></td></tr>\n");
    }
    subject.holdings.iter().take(LONGEST).for_each(|held| holding(part, held, page));
    subject.resolutions.iter().take(LONGEST).for_each(|seen| resolution(part, subject, seen, page));
    subject.hits.iter().take(LONGEST).for_each(|hit| statement(part, hit, page));
    page.raw("</tbody></table></div>\n");
    more(page, subject.holdings.len(), "tenancies");
    more(page, subject.hits.len(), "statements of feeds");
}

fn more(page: &mut Page, all: usize, what: &'static str) {
    if all > LONGEST {
        page.raw("<p class=\"small soft\">")
            .number((all - LONGEST) as u64)
            .raw(" more ")
            .raw(what)
            .raw(" are in the tables of the case.</p>\n");
    }
}

fn span(page: &mut Page, [from, until]: [Option<&str>; 2]) {
    let shown = |time: Option<&str>| time.map_or("open".to_owned(), times::date);
    page.wrap("<td class=\"when\" data-l=\"From\">", &shown(from), "</td><td class=\"when\" data-l=\"Until\">")
        .text(&shown(until))
        .raw("</td>");
}

fn holding(part: &Part<'_>, held: &Holding, page: &mut Page) {
    page.wrap("<tr><td>", &held.statement, " of <span class=\"mono\">");
    page.text(&part.value(&held.kind, &held.range)).wrap("</span>: ", &holder(part, held), "</td>");
    span(page, [held.held_from.as_deref(), held.held_until.as_deref()]);
    page.wrap("<td data-l=\"Says\">", &part.sentence(held.source.as_deref().unwrap_or("not told")), "");
    page.cite([&*held.at]).raw("</td><td></td></tr>\n");
}

fn resolution(part: &Part<'_>, subject: &Subject<'_>, seen: &Resolution, page: &mut Page) {
    page.wrap("<tr><td>passive DNS: <span class=\"mono\">", &other(part, subject, seen), "</span></td>");
    span(page, [seen.first_seen.as_deref(), seen.last_seen.as_deref()]);
    page.raw("<td data-l=\"Says\">a sensor").cite([&*seen.at]).raw("</td><td></td></tr>\n");
}

fn statement(part: &Part<'_>, hit: &IntelMatch, page: &mut Page) {
    page.raw(if hit.counts { "<tr><td>" } else { "<tr class=\"off\"><td>" });
    if hit.address.is_some() {
        page.wrap("", &hit.kind, " of a certificate for it: ");
    }
    page.wrap("in the hands of ", &part.sentence(hit.actor.as_deref().unwrap_or("nobody in particular")), "</td>");
    span(page, [hit.valid_from.as_deref(), hit.valid_until.as_deref()]);
    page.wrap(
        "<td data-l=\"Says\">",
        &part.sentence(hit.source.as_deref().unwrap_or("a feed that does not say who")),
        "",
    );
    if let Some(confidence) = hit.confidence {
        page.raw(", confidence ").number(confidence);
    }
    page.cite([Some(&*hit.at), hit.indicator_at.as_deref()].into_iter().flatten());
    page.raw("</td><td data-l=\"Counts\">");
    page.raw(if hit.counts { "<span class=\"tag good\">yes</span> " } else { "<span class=\"tag\">no</span> " });
    page.text(&part.sentence(&hit.why)).raw("</td></tr>\n");
}
