//! Accounts that act together: each group with its grade, and what ties nobody.

use super::{Page, Part, counted};
use crate::dossier::CoordinatedAccount;
use crate::publish::coordinated::{self, Members};
use crate::publish::{defang, may_quote};

/// Accounts and objects of one group that are shown; findings.json holds all.
const LONGEST: usize = 40;

/// One card for each group.
pub fn accounts(part: &Part<'_>, page: &mut Page) {
    let dossier = part.own.dossier;
    let posts = dossier.counts.get("posts").copied().unwrap_or(0);
    if posts == 0 {
        page.raw("<p>No posts were handed in.</p>\n");
        return;
    }
    let groups = coordinated::groups(dossier);
    page.raw("<p>");
    counted(page, posts, "post was", "posts were");
    page.raw(" compared. Accounts are tied if they share the same page, picture, post or text more often at the same time than chance gives to accounts as busy on things as popular; a single coincidence ties nobody. Acting together is no offence: only a group that hides it is held to be hostile.</p>\n");
    if groups.is_empty() {
        page.raw("<p>No accounts act together more than chance gives.</p>\n");
    }
    for group in &groups {
        card(part, group, page);
    }
    for shared in dossier.shared_by_all.iter().take(LONGEST) {
        page.raw("<p class=\"soft\">One ").text(&shared.way).raw(", ");
        page.wrap("<span class=\"mono\">", &part.value("url", &shared.object), "</span>, was ");
        page.text(&part.sentence(&shared.why)).raw(".").cite([&*shared.at]).raw("</p>\n");
    }
}

fn card(part: &Part<'_>, group: &Members<'_>, page: &mut Page) {
    let first = group[0];
    page.raw("<article class=\"card\"><h3>");
    counted(page, group.len() as u64, "account", "accounts");
    page.wrap(" <span class=\"tag mono\">", &first.group_id, "</span> <span class=\"tag");
    page.raw(if first.hostile { " bad\">" } else { "\">" }).text(&first.grade).raw("</span></h3>\n<p>");
    // The reasons of a group hold names of sites and counts, and no account.
    page.text(&part.sentence(&reasons(part, first))).raw(".");
    if let Some(campaign) = coordinated::campaign(part.own.dossier, first) {
        page.raw(" The campaign is <span class=\"mono\">").text(campaign).raw("</span>.");
    }
    page.raw(" Afterwards ");
    counted(page, first.later_sharers, "account", "accounts");
    page.raw(" outside the group shared the same: ordinary sharers, who are not listed.</p>\n");
    let objects = coordinated::objects(first);
    if !objects.is_empty() {
        page.raw("<p class=\"small\">Shared: ");
        for (index, object) in objects.iter().take(LONGEST).enumerate() {
            page.raw(if index > 0 { ", " } else { "" }).wrap(
                "<span class=\"mono\">",
                &part.value("url", object),
                "</span>",
            );
        }
        page.raw("</p>\n");
    }
    members(part, group, page);
    page.raw("</article>\n");
}

fn members(part: &Part<'_>, group: &Members<'_>, page: &mut Page) {
    if !may_quote(part.mark) {
        page.raw("<p class=\"small soft\">Names of accounts are in the case alone.</p>\n");
        return;
    }
    page.raw("<div class=\"scroll\"><table class=\"fold\"><thead><tr><th>Account</th><th>Standing</th><th>Spread</th><th>Why</th></tr></thead><tbody>\n");
    for account in group.iter().take(LONGEST) {
        row(part, account, page);
    }
    page.raw("</tbody></table></div>\n");
    if group.len() > LONGEST {
        page.raw("<p class=\"soft\">").number((group.len() - LONGEST) as u64).raw(" more are in findings.json.</p>\n");
    }
}

fn row(part: &Part<'_>, account: &CoordinatedAccount, page: &mut Page) {
    page.wrap("<tr><td class=\"mono\">", &account.account, "</td><td data-l=\"Standing\">");
    page.text(&account.standing).raw("</td><td data-l=\"Spread\">");
    page.raw(if account.first_spreader { "first spreader" } else { "later" }).raw("</td><td data-l=\"Why\">");
    page.text(&part.sentence(&account.why)).cite([&*account.at]).raw("</td></tr>\n");
}

/// Why the group is graded so; under wide marks without the query of its link.
fn reasons(part: &Part<'_>, first: &CoordinatedAccount) -> String {
    let why = match first.tied_by.as_deref().filter(|_| !may_quote(part.mark)) {
        Some(link) => first.group_why.replace(link, &defang::without_query("url", link)),
        None => first.group_why.clone(),
    };
    let mut chars = why.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
