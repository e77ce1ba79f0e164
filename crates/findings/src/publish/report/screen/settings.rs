//! What a screen says of its machine: clock, time zone, language, keyboard.

use super::{LONGEST, clock, crop, percent};
use crate::dossier::{ScreenClock, ShownSetting};
use crate::publish::report::{Page, Part, counted};
use crate::publish::{defang, may_quote};

/// The settings that were seen, then the time zones that follow from clocks.
pub fn settings(part: &Part<'_>, page: &mut Page) {
    let dossier = part.own.dossier;
    if dossier.screen_settings.is_empty() {
        return;
    }
    page.raw("<h3>What the screen says of its machine</h3>\n<p>Each is what was seen at one place, and weighs little: a layout is switched by a key, a language and a clock are set by anybody, and a terminal may show a machine that somebody is logged in to.</p>\n");
    page.raw("<div class=\"scroll\"><table class=\"fold\"><thead><tr><th>Says</th><th>Stands in</th><th>When</th><th class=\"n\">Least certain character</th></tr></thead><tbody>\n");
    for shown in dossier.screen_settings.iter().take(LONGEST) {
        setting(part, shown, page);
    }
    page.raw("</tbody></table></div>\n");
    if dossier.screen_settings.len() > LONGEST {
        page.raw("<p class=\"small soft\">")
            .number((dossier.screen_settings.len() - LONGEST) as u64)
            .raw(" more in the table <code>screen_settings</code>.</p>\n");
    }
    for found in dossier.screen_clocks.iter().take(LONGEST) {
        follows(part, found, page);
    }
}

fn setting(part: &Part<'_>, shown: &ShownSetting, page: &mut Page) {
    page.wrap("<tr><td>", kind_words(&shown.kind), " <span class=\"mono\">");
    page.text(&defang::text(&shown.value)).raw("</span>").cite([&*shown.at]);
    if may_quote(part.mark) {
        crop(&shown.crop, &shown.text, page);
    }
    page.wrap("</td><td data-l=\"Stands in\">", &shown.form, ", ");
    counted(page, shown.rows, "row", "rows");
    page.wrap("</td><td data-l=\"When\">", &clock(shown.first_ms), " – ").text(&clock(shown.last_ms));
    page.wrap("</td><td class=\"n\" data-l=\"Least certain character\">", &percent(shown.confidence), "</td></tr>\n");
}

fn kind_words(kind: &str) -> &str {
    match kind {
        "offset" => "UTC offset",
        "keyboard" => "keyboard layout",
        other => other,
    }
}

/// A time zone that follows from clocks, or that none does.
fn follows(part: &Part<'_>, found: &ScreenClock, page: &mut Page) {
    page.wrap("<p><span class=\"mono\">", &found.file, "</span>: ");
    match (&found.value, &found.sure) {
        (Some(value), Some(sure)) => {
            page.wrap("<span class=\"mono\">UTC", value, "</span> <span class=\"tag\">");
            page.text(sure).raw(" confidence</span> ");
        }
        _ => {
            page.raw("no time zone follows from ");
            counted(page, found.clocks, "clock", "clocks");
            page.raw(": ");
        }
    }
    page.text(&part.sentence(&found.why)).cite([&*found.at]).raw("</p>\n");
}
