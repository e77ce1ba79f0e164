//! Screens: what the operators let be seen, and where a cover did not hold.

use super::{Page, Part, counted};
use crate::dossier::{KnownMedium, Recovered, Redaction, Sight};
use crate::publish::{defang, may_quote};

mod settings;

/// Pictures that are shown at most; the tables hold all.
const LONGEST: usize = 60;

/// Media, the moments that matter, and covered regions.
pub fn screens(part: &Part<'_>, page: &mut Page) {
    let dossier = part.own.dossier;
    known(&dossier.known_media, page);
    if dossier.screens.is_empty() {
        page.raw("<p>No video or image was read.</p>\n");
        return;
    }
    for screen in &dossier.screens {
        page.wrap("<p><span class=\"mono\">", &screen.file, "</span>: ").number(screen.width).raw("×");
        page.number(screen.height).raw(", ");
        counted(page, screen.frames, "picture", "pictures");
        page.wrap(", ", &clock(screen.duration_ms), ", ");
        counted(page, screen.rows, "row of text", "rows of text");
        page.raw(".").cite([&*screen.at]).raw("</p>\n");
    }
    if may_quote(part.mark) {
        strip(&dossier.sights, page);
    } else {
        page.raw("<p>")
            .number(dossier.sights.len() as u64)
            .raw(" rows of text hold slips. Their pictures, and what was read below covers, are withheld under this mark; <code>handprint publish CASE --tlp red</code> shows them.</p>\n");
    }
    settings::settings(part, page);
    redactions(part, page);
}

/// Media that came back from an earlier case.
fn known(media: &[KnownMedium], page: &mut Page) {
    for found in media.iter().take(LONGEST) {
        page.wrap("<p><span class=\"mono\">", &found.file, "</span> is known: ");
        page.number(found.pictures).raw(" of its ");
        counted(page, found.of, "picture", "pictures unlike each other");
        page.wrap(" stand, in the same order, in <span class=\"mono\">", &found.medium, "</span> of the ");
        page.text(&found.source)
            .raw(".")
            .cite(std::iter::once(&*found.at).chain(found.known_at.as_deref()))
            .raw("</p>\n");
    }
    if media.len() > LONGEST {
        page.raw("<p class=\"small soft\">")
            .number((media.len() - LONGEST) as u64)
            .raw(" more in the table <code>media_matches</code>.</p>\n");
    }
}

/// The moments that matter, in their order: each row of text that holds a slip.
fn strip(sights: &[Sight], page: &mut Page) {
    if sights.is_empty() {
        return;
    }
    page.raw("<h3>The moments that matter</h3>\n<ol class=\"strip\">\n");
    for sight in sights.iter().take(LONGEST) {
        page.wrap("<li><p class=\"small\">", &clock(sight.first_ms), " – ").wrap("", &clock(sight.last_ms), ", ");
        page.wrap("", &sight.surface, ", least certain character ");
        page.text(&percent(sight.confidence)).cite([&*sight.at]).raw("</p>\n");
        crop(&sight.crop, &sight.text, page);
        page.wrap("<p class=\"quote\">", &defang::text(&sight.text), "</p></li>\n");
    }
    page.raw("</ol>\n");
    if sights.len() > LONGEST {
        page.raw("<p class=\"small soft\">")
            .number((sights.len() - LONGEST) as u64)
            .raw(" more in the table <code>screen_rows</code>.</p>\n");
    }
}

fn redactions(part: &Part<'_>, page: &mut Page) {
    let dossier = part.own.dossier;
    if dossier.redactions.is_empty() {
        return;
    }
    page.raw("<h3>What was covered</h3>\n<p>A reading of a covered region is derived, not seen: it was worked out by comparing the cover with pictures of characters of the same video. The measured rate is how often known text of that video, covered the same way, was read back exactly.</p>\n");
    for redaction in dossier.redactions.iter().take(LONGEST) {
        region(part, redaction, page);
    }
    if dossier.redactions.len() > LONGEST {
        page.raw("<p class=\"small soft\">")
            .number((dossier.redactions.len() - LONGEST) as u64)
            .raw(" more in the table <code>redactions</code>.</p>\n");
    }
}

fn region(part: &Part<'_>, redaction: &Redaction, page: &mut Page) {
    page.wrap("<article class=\"card\"><h4>", &redaction.kind, " <span class=\"tag\">");
    page.text(&redaction.outcome).raw("</span>");
    if let Some(failure) = &redaction.failure {
        page.wrap(" <span class=\"tag\">", failure, "</span>");
    }
    page.wrap("</h4>\n<p>", &clock(redaction.first_ms), " – ").wrap("", &clock(redaction.last_ms), "");
    if let Some(why) = &redaction.why {
        page.wrap("; ", &part.sentence(why), "");
    }
    page.cite(std::iter::once(&*redaction.at).chain(redaction.shown_at.as_deref())).raw("</p>\n");
    let readings = part.own.dossier.recovered.iter().filter(|reading| reading.at == redaction.at);
    if may_quote(part.mark) {
        readings.take(5).for_each(|found| reading(found, page));
    }
    page.raw("</article>\n");
}

fn reading(found: &Recovered, page: &mut Page) {
    if found.rank == 1 {
        crop(&found.crop, "a covered region", page);
    }
    page.wrap("<p><span class=\"mono\">", &defang::text(&found.text), "</span> <span class=\"tag\">");
    page.wrap("", &found.status, "</span> ");
    if let Some(form) = &found.grammar {
        let how = match (&**form, &*found.status) {
            ("ipv4", _) => "held to the form of ",
            (_, "read") => "by the picture and by how names are written, in the form of ",
            _ => "in the form of ",
        };
        page.wrap(how, form_words(form), ", ");
    }
    page.raw("the decoder's odds ").text(&percent(found.odds));
    page.wrap(", measured rate ", &percent(found.measured_rate), " of ").number(found.measured_of);
    // A candidate may have been measured by readings that were held to no form.
    page.raw(if found.grammar.as_deref() == Some("ipv4") && found.status == "read" {
        " strings of that form</p>\n"
    } else {
        "</p>\n"
    });
}

/// The form behind its word in the table `recovered`.
fn form_words(word: &str) -> &str {
    match word {
        "ipv4" => "an IPv4 address",
        "ipv6" => "an IPv6 address",
        "mail" => "a mail address",
        "path" => "a path",
        "command" => "a command",
        "name" => "a name",
        other => other,
    }
}

/// A picture with what it shows in words.
fn crop(base64: &str, text: &str, page: &mut Page) {
    page.picture(base64, &defang::text(text));
}

/// Milliseconds as `1:05.30`.
fn clock(ms: u64) -> String {
    format!("{}:{:02}.{:02}", ms / 60_000, ms / 1000 % 60, ms / 10 % 100)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share.clamp(0.0, 1.0) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture is longer than any text that is shown, and is no picture if it is cut.
    #[test]
    fn a_picture_comes_whole_or_not_at_all() {
        let shown = |base64: &str| {
            let mut page = Page::default();
            crop(base64, "a row", &mut page);
            String::from_utf8(page.into_bytes()).expect("UTF-8")
        };
        let picture = "iVBORw0K".repeat(2_000);
        assert!(shown(&picture).contains(&format!("base64,{picture}\" alt=\"a row\">")));
        assert_eq!(shown("\" onerror=\"x"), "");
    }
}
