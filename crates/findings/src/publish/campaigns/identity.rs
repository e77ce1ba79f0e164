//! What a campaign is, who is spoofed in it, what the program behind it does by habit, and what is no campaign.

use std::collections::BTreeMap;

use super::{Close, close_table, table};
use crate::dossier::MailGroup;
use crate::publish::report::page::Page;
use crate::publish::report::{Part, counted, times};

/// Groups that are listed; the table `mail_groups` holds all.
const LONGEST: usize = 25;

/// How many mails, over which time, and why they belong together.
pub fn what(close: &Close<'_>, page: &mut Page) {
    let campaign = close.campaign;
    let mails = close.part.own.mails().filter(|(_, about)| about.campaign.as_deref() == Some(&campaign.id)).count();
    page.raw("<p>");
    counted(page, mails as u64, "mail", "mails");
    page.raw(" handed in or carried by a complaint");
    if let (Some(first), Some(last)) = (&campaign.first, &campaign.last) {
        page.wrap(", dated ", &times::minute(first), " to ").text(&times::minute(last));
    }
    page.raw(".").cite(campaign.at.iter().map(String::as_str)).raw("</p>\n");
    copies(close, page);
    let reasons = close.tallies("reason");
    if !reasons.is_empty() {
        page.raw("<p>They are held to be one campaign for these reasons:</p>\n<ul class=\"plain\">\n");
        for reason in &reasons {
            page.raw("<li>").text(&close.part.sentence(&reason.value)).raw(" <span class=\"soft\">(");
            counted(page, reason.messages, "mail", "mails");
            page.raw(")</span>").cite([&*reason.at]).raw("</li>\n");
        }
        page.raw("</ul>\n");
    }
}

/// A mail that many reported is one mail with many reports.
fn copies(close: &Close<'_>, page: &mut Page) {
    let copied = close.tallies("copied");
    let (Some(different), Some(most)) = (close.tallies("different").into_iter().next(), copied.first()) else { return };
    page.raw("<p>By Message-ID, sender and date they are ");
    counted(page, different.messages, "different mail", "different mails");
    page.raw("; ").number(most.kinds).raw(" of them came in more than once, the most frequent ");
    counted(page, most.messages, "time", "times");
    page.raw(".").cite([&*most.at]).raw("</p>\n");
}

/// Whose name is borrowed, and whether that name can send mail at all.
pub fn spoofed(close: &Close<'_>, page: &mut Page) {
    let personas = close.tallies("persona");
    page.raw("<h4>Who is spoofed</h4>\n");
    if personas.is_empty() {
        page.raw("<p class=\"soft\">No mail names a sender.</p>\n");
        return;
    }
    for tally in close.tallies("passes-yet-spoofed") {
        page.raw("<p class=\"ground\">").raw("<strong>Passes SPF, yet spoofed: ");
        counted(page, tally.messages, "mail", "mails");
        page.raw(".</strong> The receiving side asked whether the envelope’s host may send for the envelope’s own domain, and it may. Nobody asked for the sender that readers see: that domain is another, and no check covers it.").cite([&*tally.at]).raw("</p>\n");
    }
    for tally in close.tallies("sends-no-mail") {
        page.wrap(
            "<p class=\"ground\">The owner of <span class=\"mono\">",
            &close.part.value("domain", &tally.value),
            "</span> publishes that no host may send mail for it, and ",
        );
        counted(page, tally.messages, "mail arrived", "mails arrived");
        page.raw(" under it all the same.").cite([&*tally.at]).raw("</p>\n");
    }
    table(page, "Senders that readers see.", &["Name shown", "Domain", "What the checks say of it", "Mails"]);
    for tally in &personas {
        page.wrap(
            "<tr><td>",
            &close.part.sentence(tally.name.as_deref().unwrap_or("(no name)")),
            "</td><td class=\"mono\" data-l=\"Domain\">",
        );
        page.text(&close.part.value("domain", &tally.value)).raw("</td><td data-l=\"Checks\">");
        page.text(&close.part.sentence(tally.note.as_deref().unwrap_or("nothing")));
        page.raw("</td><td class=\"n\" data-l=\"Mails\">")
            .number(tally.messages)
            .cite([&*tally.at])
            .raw("</td></tr>\n");
    }
    close_table(page);
    for tally in close.tallies("looks-like") {
        page.wrap("<p>", &close.part.sentence(tally.note.as_deref().unwrap_or_default()), " (");
        page.text(tally.name.as_deref().unwrap_or_default()).raw(").").cite([&*tally.at]).raw("</p>\n");
    }
}

/// What the program that wrote the mails does by habit.
pub fn habits(close: &Close<'_>, page: &mut Page) {
    let habits = close.tallies("habit");
    if habits.is_empty() {
        return;
    }
    page.raw("<h4>Habits of the program that wrote them</h4>\n");
    table(
        page,
        "They tell software and template, never a person, and are cheap to copy. A grammar gives runs of characters by kind and length: h for hexadecimal, 9 for digits, a and A for letters; words and marks stand as they are.",
        &["Habit", "Value", "Mails"],
    );
    for tally in &habits {
        page.wrap(
            "<tr><th scope=\"row\">",
            tally.name.as_deref().unwrap_or_default(),
            "</th><td class=\"mono\" data-l=\"Value\">",
        );
        page.text(&close.part.value("text", &tally.value)).raw("</td><td class=\"n\" data-l=\"Mails\">");
        page.number(tally.messages).cite([&*tally.at]).raw("</td></tr>\n");
    }
    close_table(page);
    let mut unlisted: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for tally in &habits {
        let entry = unlisted.entry(tally.name.as_deref().unwrap_or_default()).or_default();
        *entry = (entry.0 + 1, tally.kinds);
    }
    for (name, (listed, kinds)) in unlisted.into_iter().filter(|(_, (listed, kinds))| kinds > listed) {
        page.wrap("<p class=\"small soft\">", name, ": ")
            .number(kinds - listed)
            .raw(" rarer values are not listed.</p>\n");
    }
}

/// Groups of alike mails that nothing speaks against, by kind.
pub fn others(part: &Part<'_>, page: &mut Page) {
    let groups: Vec<&MailGroup> =
        part.own.dossier.mail_groups.iter().filter(|group| group.kind != "campaign").collect();
    if groups.is_empty() {
        page.raw("<p>There are none of three mails or more.</p>\n");
        return;
    }
    page.raw("<p>Mails that say the same are no campaign for that alone: newsletters and lists do.</p>\n<ul class=\"plain\">\n");
    let mut kinds: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for group in &groups {
        let entry = kinds.entry(&group.kind).or_default();
        *entry = (entry.0 + 1, entry.1 + group.messages);
    }
    for (kind, (count, messages)) in &kinds {
        page.wrap("<li><strong>", kind, "</strong>: ").text(meaning(kind)).raw(" ");
        counted(page, *count, "group", "groups");
        page.raw(", ");
        counted(page, *messages, "mail", "mails");
        page.raw(".</li>\n");
    }
    page.raw("</ul>\n");
    table(page, "The largest of them.", &["Kind", "Sent", "Why", "Mails"]);
    for group in groups.iter().take(LONGEST) {
        page.wrap("<tr><td>", &group.kind, "</td><td data-l=\"Sent\">");
        page.text(&span(group)).wrap("</td><td data-l=\"Why\">", &part.sentence(&group.why), "");
        page.raw("</td><td class=\"n\" data-l=\"Mails\">")
            .number(group.messages)
            .cite([&*group.at])
            .raw("</td></tr>\n");
    }
    close_table(page);
    if groups.len() > LONGEST {
        page.raw("<p class=\"soft\">").number((groups.len() - LONGEST) as u64);
        page.raw(" more are in the table <code>mail_groups</code>.</p>\n");
    }
}

fn meaning(kind: &str) -> &'static str {
    match kind {
        "bulk" => "most declare themselves list or bulk mail, and their senders are who they say.",
        "correspondence" => "ordinary mail whose senders are who they say.",
        "uncovered" => {
            "most stand under names that no check covers, as in ordinary spam; nothing else ties them to an operation."
        }
        _ => "alike, and nothing was found that explains why; worth a look.",
    }
}

fn span(group: &MailGroup) -> String {
    match (&group.first_sent, &group.last_sent) {
        (Some(first), Some(last)) => format!("{} – {}", times::date(first), times::date(last)),
        _ => "not dated".to_owned(),
    }
}
