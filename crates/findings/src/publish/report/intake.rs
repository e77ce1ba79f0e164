//! What was declared, read and lost.

use super::{Page, Part, times};
use crate::publish::defang;

/// The facts that the investigator declared, each with its place.
pub fn facts(part: &Part<'_>, page: &mut Page) {
    let facts = &part.own.dossier.context_facts;
    if facts.is_empty() {
        page.raw(
            "<p>Nothing was declared. The clocks of sites, trusted hosts and authorised scanners are unknown.</p>\n",
        );
        return;
    }
    page.raw("<p>These were taken from notes in the evidence and not checked. A wrong one can be corrected in <code>case.toml</code>, which sets aside what notes say of the same fact.</p>\n");
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>Facts about the case that somebody wrote down.</caption><thead><tr><th>Fact</th><th>About</th><th>Value</th></tr></thead><tbody>\n");
    for fact in facts.iter().take(200) {
        page.wrap("<tr><td>", &fact.fact, "</td><td data-l=\"About\">");
        page.text(&defang::text(fact.subject.as_deref().unwrap_or("the whole case")))
            .raw("</td><td data-l=\"Value\"><span class=\"mono\">");
        page.text(&part.sentence(fact.value.as_deref().unwrap_or("–"))).raw("</span>");
        if let Some(from) = &fact.valid_from {
            page.wrap(" from ", &times::minute(from), "");
        }
        if let Some(until) = &fact.valid_until {
            page.wrap(" until ", &times::minute(until), "");
        }
        if fact.overridden {
            page.raw(" <span class=\"tag\">set aside by case.toml</span>");
        }
        match &fact.at {
            Some(at) => page.cite([&**at]),
            None => page.raw(" (case.toml)"),
        };
        page.raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
}

/// Every file with its size and hash.
pub fn sources(part: &Part<'_>, page: &mut Page) {
    let sources = &part.own.dossier.sources;
    page.raw("<details open><summary>").number(sources.len() as u64).raw(" files</summary>\n");
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>Files as laid out, with SHA-256.</caption><thead><tr><th>File</th><th>Read as</th><th class=\"n\">Bytes</th><th>SHA-256</th></tr></thead><tbody>\n");
    for source in sources {
        page.wrap("<tr><td class=\"mono\">", &source.name, "</td><td data-l=\"Read as\">");
        match &source.format {
            Some(format) => page.text(format),
            None => page.raw("<span class=\"tag bad\">not read</span>"),
        };
        page.raw("</td><td class=\"n\" data-l=\"Bytes\">").number(source.bytes);
        page.wrap("</td><td data-l=\"SHA-256\"><code>", &source.evidence, "</code></td></tr>\n");
    }
    page.raw("</tbody></table></div></details>\n");
}

/// What was skipped, cut or not understood, by reason.
pub fn losses(part: &Part<'_>, page: &mut Page) {
    let losses = &part.own.dossier.losses;
    if losses.is_empty() {
        page.raw("<p>Nothing was skipped, cut or left aside.</p>\n");
        return;
    }
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>By stage and reason.</caption><thead><tr><th>Reason</th><th>Stage</th><th class=\"n\">Items</th><th>Examples</th></tr></thead><tbody>\n");
    for loss in losses {
        page.wrap("<tr><td>", &part.sentence(&loss.reason), "</td><td data-l=\"Stage\">").text(&loss.stage);
        page.raw("</td><td class=\"n\" data-l=\"Items\">").number(loss.count).raw("</td><td data-l=\"Examples\">");
        page.text(&part.sentence(loss.detail.as_deref().unwrap_or_default())).cite(loss.at.iter().map(String::as_str));
        page.raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
}
