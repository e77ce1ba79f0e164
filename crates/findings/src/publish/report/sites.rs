//! What happened to sites without anybody being accused of it: floods, crowds, and
//! pages that changed under attack.

use super::{Page, Part, counted, times};
use crate::dossier::{WebChange, WebFlood};

/// Rows of each list that are shown.
const LONGEST: usize = 40;

/// Floods and crowds, then changed pages, then what was left open.
pub fn sites(part: &Part<'_>, page: &mut Page) {
    let dossier = part.own.dossier;
    let told: Vec<&WebFlood> = dossier.web_floods.iter().filter(|flood| flood.grade != "open").collect();
    if told.is_empty() && dossier.web_changes.is_empty() {
        page.raw("<p>No flood, no crowd and no page that changed under attack was found in web logs.</p>\n");
    }
    if !told.is_empty() {
        floods(part, &told, page);
    }
    if !dossier.web_changes.is_empty() {
        changes(part, &dossier.web_changes, page);
    }
    left_open(&dossier.web_floods, page);
}

fn floods(part: &Part<'_>, floods: &[&WebFlood], page: &mut Page) {
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>More than the site shows itself at that hour and weekday. A flood says nothing of who sent it.</caption>");
    page.raw("<thead><tr><th>Site</th><th>What</th><th>From – to</th><th class=\"n\">Requests</th><th class=\"n\">Expected</th><th class=\"n\">Addresses</th><th>What it rests on</th></tr></thead><tbody>\n");
    for flood in floods.iter().take(LONGEST) {
        page.wrap("<tr><td>", &flood.site, "</td><td data-l=\"What\">").text(&flood.grade);
        if let Some(kind) = &flood.kind {
            page.wrap(", ", kind, "");
        }
        page.wrap("</td><td data-l=\"From – to\">", &times::minute(&flood.first_seen), " – ");
        page.text(&times::minute(&flood.last_seen))
            .raw("</td><td class=\"n\" data-l=\"Requests\">")
            .number(flood.requests);
        page.raw("</td><td class=\"n\" data-l=\"Expected\">").number(flood.expected.unwrap_or(0));
        page.raw("</td><td class=\"n\" data-l=\"Addresses\">").number(flood.addresses.unwrap_or(0));
        page.wrap("</td><td data-l=\"What it rests on\">", &part.sentence(&flood.why), "");
        page.cite(flood.at.as_deref()).raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    more(floods.len(), "web_floods", page);
}

fn changes(part: &Part<'_>, changes: &[WebChange], page: &mut Page) {
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>Pages whose answers changed in size for good. A change by itself is editing, and is not listed.</caption>");
    page.raw("<thead><tr><th>Site</th><th>Page</th><th>Changed</th><th class=\"n\">Bytes before</th><th class=\"n\">Bytes after</th><th>Undone</th><th>What it rests on</th></tr></thead><tbody>\n");
    for change in changes.iter().take(LONGEST) {
        page.wrap("<tr><td>", &change.site, "</td><td class=\"mono\" data-l=\"Page\">")
            .text(&part.sentence(&change.path));
        if change.grade == "suspect" {
            page.raw(" <span class=\"tag bad\">suspect</span>");
        }
        page.wrap(
            "</td><td data-l=\"Changed\">",
            &times::minute(&change.changed),
            "</td><td class=\"n\" data-l=\"Bytes before\">",
        );
        page.number(change.size_before).raw("</td><td class=\"n\" data-l=\"Bytes after\">").number(change.size_after);
        let undone = change.undone.as_deref().map_or_else(|| "–".to_owned(), times::minute);
        page.wrap("</td><td data-l=\"Undone\">", &undone, "</td><td data-l=\"What it rests on\">");
        page.text(&part.sentence(&change.why));
        if let Some(actor) = &change.actor {
            page.wrap(" <span class=\"tag mono\">", actor, "</span>");
        }
        page.cite([&*change.at]).raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    more(changes.len(), "web_changes", page);
}

fn more(rows: usize, table: &'static str, page: &mut Page) {
    if rows > LONGEST {
        page.raw("<p class=\"soft\">");
        counted(page, (rows - LONGEST) as u64, "more is", "more are");
        page.raw(" in the table ").raw(table).raw(".</p>\n");
    }
}

fn left_open(floods: &[WebFlood], page: &mut Page) {
    let stretches = floods.iter().filter(|flood| flood.grade == "open" && flood.expected.is_some()).count();
    if stretches > 0 {
        page.raw("<p class=\"soft\">");
        counted(page, stretches as u64, "more stretch was", "more stretches were");
        page.raw(" busier than the season lets expect; whether programs or people came is left open (table web_floods).</p>\n");
    }
    for short in floods.iter().filter(|flood| flood.expected.is_none()) {
        page.wrap("<p class=\"soft\">", &short.site, ": ").text(&short.why).raw(".</p>\n");
    }
}
