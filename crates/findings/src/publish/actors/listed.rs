//! Names of the case that are like those of parties on sanctions lists.
//!
//! Persons are among them, so the names themselves are told under TLP:RED alone;
//! elsewhere the reference of the list stands for them.

use crate::dossier::NameMatch;
use crate::publish::may_quote;
use crate::publish::report::page::Page;
use crate::publish::report::{Part, times};

/// Names that are shown.
const SHOWN: usize = 60;

/// Those with a second identifier first.
pub fn names(part: &Part<'_>, page: &mut Page) {
    let all = &part.own.dossier.name_matches;
    if all.is_empty() {
        page.raw("<p>No name of the case is like one on a sanctions list that was loaded, or no list was.</p>\n");
        return;
    }
    page.raw("<p>A likeness of names is a reason to look and no more: names are not unique. One counts only where the case also holds an identifier that the list gives the same party; none of them weighs in the judgement by itself.</p>\n");
    page.raw("<div class=\"scroll\"><table class=\"fold\"><thead><tr><th>In the case</th><th>On the list</th><th class=\"n\">Likeness</th><th>Who says so</th><th>Counts</th></tr></thead><tbody>\n");
    all.iter().take(SHOWN).for_each(|one| row(part, one, page));
    page.raw("</tbody></table></div>\n");
    if all.len() > SHOWN {
        page.raw("<p class=\"small soft\">").number((all.len() - SHOWN) as u64);
        page.raw(" more are in the private table <code>name_matches</code>.</p>\n");
    }
}

fn row(part: &Part<'_>, one: &NameMatch, page: &mut Page) {
    let quoted = |name: Option<&str>| match name {
        Some(name) if may_quote(part.mark) => part.sentence(name),
        _ => "(withheld)".to_owned(),
    };
    page.raw(if one.counts { "<tr><td>" } else { "<tr class=\"off\"><td>" });
    page.text(&quoted(Some(&one.name))).wrap(" <span class=\"tag\">", &one.role, "</span>").cite([&*one.at]);
    page.raw("</td><td data-l=\"On the list\">");
    match &one.reference {
        Some(reference) => {
            page.text(&quoted(one.listed_name.as_deref())).wrap(" <span class=\"mono\">", reference, "</span>");
            page.wrap(" <span class=\"tag\">", one.party.as_deref().unwrap_or("party"), "</span>");
        }
        None => {
            page.raw("many parties");
        }
    }
    page.raw("</td><td class=\"n\" data-l=\"Likeness\">");
    match one.likeness {
        Some(likeness) => page.number(likeness).raw(" of 1000"),
        None => page.raw("–"),
    };
    page.wrap("</td><td data-l=\"Says\">", &part.sentence(one.source.as_deref().unwrap_or("–")), "");
    if let Some(stated) = &one.stated {
        page.wrap(", ", &times::date(stated), "");
    }
    page.cite(one.listed_at.as_deref());
    page.raw("</td><td data-l=\"Counts\">");
    page.raw(if one.counts { "<span class=\"tag good\">yes</span> " } else { "<span class=\"tag\">no</span> " });
    page.text(&part.sentence(&one.why)).cite(one.second_at.as_deref()).raw("</td></tr>\n");
}
