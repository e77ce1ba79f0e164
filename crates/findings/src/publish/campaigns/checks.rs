//! Authentication of a campaign: whose envelope, whose From, what was declared, what we find, and where both differ.

use super::{Close, close_table, table};
use crate::dossier::CheckGroup;
use crate::publish::report::page::Page;

/// The three tables about checks.
pub fn checks(close: &Close<'_>, page: &mut Page) {
    page.raw("<h4>Authentication</h4>\n");
    envelopes(close, page);
    let rows = close.part.own.dossier.check_groups.iter().filter(|row| row.campaign == close.campaign.id);
    let rows: Vec<&CheckGroup> = rows.collect();
    let both = ["declared", "snapshot"].iter().all(|source| rows.iter().any(|row| row.source == *source));
    if rows.is_empty() {
        page.raw(
            "<p class=\"soft\">Nobody checked these mails, and the case holds nothing to check them against.</p>\n",
        );
        return;
    }
    table(
        page,
        "SPF, DKIM and DMARC: as receiving hosts declared them, and as we find them against the DNS snapshot of the case.",
        &["Check", "By", "Result", "Speaks for", "Why, for one of them", "Mails"],
    );
    for row in rows {
        page.wrap("<tr><th scope=\"row\">", &row.method.to_uppercase(), "</th><td data-l=\"By\">");
        page.raw(if row.source == "snapshot" { "us" } else { "receiver" }).raw("</td><td data-l=\"Result\">");
        result(&row.result, page);
        page.raw("</td><td data-l=\"Speaks for\"><span class=\"mono\">");
        page.text(&close.part.value("domain", row.domain.as_deref().unwrap_or("–"))).raw("</span>");
        page.raw(reach(row.aligned, row.domain.is_some()));
        page.wrap("</td><td data-l=\"Why\">", &close.part.sentence(row.why.as_deref().unwrap_or("–")), "</td>");
        page.raw("<td class=\"n\" data-l=\"Mails\">").number(row.messages).cite([&*row.at]).raw("</td></tr>\n");
    }
    close_table(page);
    differences(close, both, page);
}

fn envelopes(close: &Close<'_>, page: &mut Page) {
    let rows = close.tallies("envelope");
    if rows.is_empty() {
        return;
    }
    table(
        page,
        "The envelope, by which mail is delivered, beside the sender that readers see.",
        &["Envelope domain", "From domain", "Alignment", "Mails"],
    );
    for row in rows {
        page.wrap(
            "<tr><td class=\"mono\">",
            &close.part.value("domain", &row.value),
            "</td><td class=\"mono\" data-l=\"From\">",
        );
        page.text(&close.part.value("domain", row.name.as_deref().unwrap_or("–")))
            .raw("</td><td data-l=\"Alignment\">");
        page.text(row.note.as_deref().unwrap_or("–")).raw("</td><td class=\"n\" data-l=\"Mails\">");
        page.number(row.messages).cite([&*row.at]).raw("</td></tr>\n");
    }
    close_table(page);
}

/// A result with the colour of what it means.
pub fn result(result: &str, page: &mut Page) {
    page.raw(match result {
        "pass" => "<span class=\"tag good\">",
        "fail" | "softfail" | "permerror" => "<span class=\"tag bad\">",
        _ => "<span class=\"tag\">",
    });
    page.text(result).raw("</span>");
}

/// Whether a result speaks for the sender that readers see.
pub fn reach(aligned: Option<bool>, named: bool) -> &'static str {
    match aligned {
        Some(true) => "<br><span class=\"small soft\">the visible sender</span>",
        Some(false) if named => "<br><span class=\"small soft\">somebody else than the visible sender</span>",
        _ => "",
    }
}

fn differences(close: &Close<'_>, both: bool, page: &mut Page) {
    let rows = close.tallies("differs");
    if rows.is_empty() {
        page.raw(if both {
            "<p>Where a receiver and we checked the same, both came to the same result.</p>\n"
        } else {
            "<p class=\"soft\">Only one side checked, so nothing can be compared.</p>\n"
        });
        return;
    }
    table(
        page,
        "Where the receiver’s result and ours differ.",
        &["Check", "Receiver, then us", "How that comes", "Mails"],
    );
    for row in rows {
        page.wrap(
            "<tr><th scope=\"row\">",
            &row.name.as_deref().unwrap_or_default().to_uppercase(),
            "</th><td data-l=\"Results\">",
        );
        page.text(&row.value).raw("</td><td data-l=\"Why\">").raw(explanation(&row.value)).raw(" ");
        page.text(&close.part.sentence(row.note.as_deref().unwrap_or_default()));
        page.raw("</td><td class=\"n\" data-l=\"Mails\">").number(row.messages).cite([&*row.at]).raw("</td></tr>\n");
    }
    close_table(page);
}

fn explanation(results: &str) -> &'static str {
    match results.rsplit_once(", ") {
        Some((_, "unknown")) => "The snapshot was not asked for what this needs, so we leave it open:",
        Some((declared, ours)) if declared.ends_with("pass") && ours != "pass" => {
            "We cannot confirm the receiver; a record may have changed, or the copy of the mail is not what was signed:"
        }
        _ => "Receivers differ in how they name a missing record, and records change:",
    }
}
