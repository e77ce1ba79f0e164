//! Slips and links: the finds, each with its reason and its place.

use super::{Page, Part, counted};
use crate::publish::own::{LinkGroup, SlipGroup};
use crate::publish::{defang, may_quote};

/// Entries of one list that are shown; findings.json holds all.
const LONGEST: usize = 60;

/// Values that the operators let out, with the text around them.
pub fn slips(part: &Part<'_>, page: &mut Page) {
    let mut groups = part.own.slips();
    groups.sort_by_key(|group| std::cmp::Reverse(model::PlantCost::from_word(&group.first.plant_cost)));
    if groups.is_empty() {
        page.raw("<p>No slip was found in material of the operation.</p>\n");
        return;
    }
    page.raw("<p>Values out of the operators’ own surroundings that they let out, the costliest to plant first. Addresses are written so that nothing follows them: <code>[.]</code> stands for a dot.</p>\n");
    for group in groups.iter().take(LONGEST) {
        slip(part, group, page);
    }
    rest(page, groups.len());
}

fn slip(part: &Part<'_>, group: &SlipGroup<'_>, page: &mut Page) {
    let slip = group.first;
    page.wrap("<article class=\"card\"><h3><span class=\"mono\">", &part.value(&slip.kind, &slip.value), "</span> ");
    page.wrap("<span class=\"tag\">", &slip.kind, "</span> <span class=\"tag\">")
        .text(&slip.plant_cost)
        .raw(" to plant</span>");
    if group.planted {
        page.raw(" <span class=\"tag bad\">held to be planted</span>");
    }
    page.wrap("</h3>\n<p>", &part.sentence(&slip.why), "</p>\n");
    if may_quote(part.mark) && (slip.before.is_some() || slip.after.is_some()) {
        page.wrap("<p class=\"quote\">", &defang::text(slip.before.as_deref().unwrap_or_default()), "<mark>");
        page.text(&defang::text(&slip.raw)).raw("</mark>");
        page.text(&defang::text(slip.after.as_deref().unwrap_or_default())).raw("</p>\n");
    }
    page.wrap("<p class=\"small soft\">In <span class=\"mono\">", &slip.file, "</span>");
    if group.count > 1 {
        page.raw(", at ");
        counted(page, group.count as u64, "place", "places");
    }
    page.cite(group.at.iter().copied()).raw("</p></article>\n");
}

/// Links that may carry weight.
pub fn links_that_count(part: &Part<'_>, page: &mut Page) {
    page.raw("<p>Who held each address when, who shares it, and which hits count: <a href=\"infrastructure.html#infrastructure\">infrastructure.html</a>; what feeds say of each actor: <a href=\"actors.html#actors\">actors.html</a>, both beside this file.</p>\n");
    links(part, page, true);
}

/// Links that were looked at and set aside.
pub fn links_that_do_not(part: &Part<'_>, page: &mut Page) {
    links(part, page, false);
}

fn links(part: &Part<'_>, page: &mut Page, counts: bool) {
    let groups: Vec<LinkGroup<'_>> =
        part.own.links().into_iter().filter(|group| group.first.counts == counts).collect();
    if groups.is_empty() {
        page.raw("<p>There are none.</p>\n");
        return;
    }
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>").raw(if counts {
        "A value that stands in two kinds of evidence, or in evidence and intel."
    } else {
        "Kept so that nobody has to find them again, and to show what was not relied on."
    });
    page.raw("</caption><thead><tr><th>Value</th><th>Ties</th><th>Names</th><th>Why</th></tr></thead><tbody>\n");
    for group in groups.iter().take(LONGEST) {
        let link = group.first;
        page.wrap(
            "<tr><td><span class=\"mono\">",
            &part.value(&link.kind, &link.value),
            "</span> <span class=\"tag\">",
        );
        page.wrap("", &link.kind, "</span></td><td data-l=\"Ties\">")
            .wrap("", &link.from_topic, " – ")
            .text(&link.to_topic);
        page.wrap("</td><td data-l=\"Names\">", link.actor.as_deref().unwrap_or("nobody"), "</td><td data-l=\"Why\">");
        page.text(&part.sentence(&link.why)).cite(group.at.iter().copied()).raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    rest(page, groups.len());
}

fn rest(page: &mut Page, count: usize) {
    if count > LONGEST {
        page.raw("<p class=\"soft\">").number((count - LONGEST) as u64).raw(" more are in findings.json.</p>\n");
    }
}
