//! What is held, how far it can be trusted, and what was not looked at.

use super::{Page, Part, counted};
use crate::assess::arithmetic::number;
use crate::assess::{DECEPTION, Judgement, UNATTRIBUTED, likelihood};

/// The judgement on each campaign, likelihood and confidence apart.
pub fn verdict(part: &Part<'_>, page: &mut Page) {
    let assessment = &part.own.dossier.assessment;
    if !assessment.alarm {
        page.raw("<div class=\"card\"><p class=\"verdict\">No influence operation was found in this evidence.</p>\n");
        page.raw("<p>No group of mails under a forged sender hangs together, so nobody is accused and nothing is attributed. ");
        page.raw("This says what the examined evidence shows. It is not proof that nothing took place: read on for what was not examined and what was lost.</p></div>\n");
    }
    for judgement in &assessment.judgements {
        card(judgement, page);
    }
}

fn card(judgement: &Judgement, page: &mut Page) {
    page.wrap("<article class=\"card\"><h3>Campaign “", &judgement.label, "”</h3>\n<p class=\"verdict\">");
    likelihood_sentence(judgement, page);
    page.raw("</p>\n<p class=\"ground\">");
    confidence_sentence(judgement, page);
    page.raw("</p>\n");
    if judgement.false_flag {
        page.raw("<p class=\"planted\">");
        counted(page, judgement.planted.len() as u64, "mark is", "marks are");
        page.raw(
            " held to be planted to point at somebody else: cheap to make, and not borne out by anything costly.</p>\n",
        );
    }
    bars(judgement, page);
    levels(judgement, page);
    page.raw("</article>\n");
}

fn likelihood_sentence(judgement: &Judgement, page: &mut Page) {
    let word = likelihood(number(judgement.probability));
    if judgement.actor == UNATTRIBUTED {
        page.raw("An influence operation took place. Who ran it stays <strong>open</strong>: no known actor is named.");
        let deception = judgement.hypotheses.iter().find(|rival| rival.name == DECEPTION);
        if let Some(deception) = deception.filter(|rival| rival.probability >= 550_000) {
            page.raw(" It is <strong>").raw(likelihood(number(deception.probability)));
            page.wrap(
                "</strong> (",
                &whole_percent(deception.probability),
                ") that somebody wants another to be blamed.",
            );
        }
        return;
    }
    page.raw("It is <strong>").raw(word).wrap("</strong> (", &whole_percent(judgement.probability), ") that <strong>");
    page.text(&judgement.actor).raw("</strong> ran this operation, or somebody with its servers.");
    if !judgement.other_names.is_empty() {
        page.wrap(" <span class=\"soft small\">Feeds also call it ", &judgement.other_names.join(", "), ".</span>");
    }
}

fn confidence_sentence(judgement: &Judgement, page: &mut Page) {
    use crate::assess::Confidence;
    page.wrap("Confidence in this is <strong>", judgement.confidence.word(), "</strong>: ");
    page.raw(match judgement.confidence {
        Confidence::None => "nothing that is costly to plant points clearly to one actor.",
        Confidence::Low => "it rests on one thing that is costly to plant.",
        Confidence::Moderate => "it rests on few things that are costly to plant, or on the word of one party.",
        Confidence::High => "it rests on several things that are costly to plant and do not depend on each other, stated by more than one party.",
    });
}

fn bars(judgement: &Judgement, page: &mut Page) {
    page.raw("<div class=\"bars\" role=\"group\" aria-label=\"Probability of each explanation\">\n");
    for rival in &judgement.hypotheses {
        page.wrap("<div class=\"bar\"><div class=\"label\"><span>", explanation(&rival.name), "</span><span>");
        page.text(&percent(rival.probability))
            .raw("</span></div><div class=\"track\" aria-hidden=\"true\"><span class=\"fill");
        page.raw(if rival.name == judgement.actor { "" } else { " other" }).raw("\" style=\"width:");
        page.percent(rival.probability).raw("\"></span></div></div>\n");
    }
    page.raw("</div>\n");
}

/// An explanation in words.
pub fn explanation(name: &str) -> &str {
    match name {
        DECEPTION => "Deception: somebody wants another to be blamed",
        UNATTRIBUTED => "Unattributed: somebody not known, or not named by any evidence",
        _ => name,
    }
}

fn levels(judgement: &Judgement, page: &mut Page) {
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>Level by level. An open level is an answer: the evidence does not reach it.</caption>");
    page.raw(
        "<thead><tr><th>Level</th><th>What is held</th><th>Likelihood</th><th>Confidence</th></tr></thead><tbody>\n",
    );
    for level in &judgement.levels {
        page.wrap("<tr><th scope=\"row\">", level.level, "</th><td>").text(&level.statement);
        page.cite(level.at.iter().map(String::as_str)).raw("</td><td data-l=\"Likelihood\">");
        match level.probability {
            Some([low, middle, high]) => {
                page.raw(likelihood(number(middle)));
                page.wrap(" <span class=\"soft\">(", &whole_percent(low), " to ").wrap(
                    "",
                    &whole_percent(high),
                    ")</span>",
                );
            }
            None => drop(page.raw("<span class=\"tag\">open</span>")),
        }
        page.wrap("</td><td data-l=\"Confidence\">", level.confidence.word(), "</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
}

/// Millionths as `12.34 %`.
pub fn percent(millionths: u32) -> String {
    format!("{}.{:02} %", millionths / 10_000, millionths / 100 % 100)
}

fn whole_percent(millionths: u32) -> String {
    format!("{} %", (millionths + 5_000) / 10_000)
}

/// What no part of this report speaks about.
pub fn limits(part: &Part<'_>, page: &mut Page) {
    let dossier = part.own.dossier;
    if dossier.not_examined.is_empty() {
        page.raw("<p>Every kind of question that Handprint knows was put to this evidence.</p>\n");
    } else {
        page.raw("<p>This version did not look at the following. Their absence from the report says nothing about the case.</p>\n<ul class=\"plain\">\n");
        for topic in &dossier.not_examined {
            page.wrap("<li>", &part.sentence(topic), "</li>\n");
        }
        page.raw("</ul>\n");
    }
    let unread: Vec<&str> =
        dossier.sources.iter().filter(|source| source.format.is_none()).map(|source| &*source.name).collect();
    if !unread.is_empty() {
        page.raw("<p>");
        counted(page, unread.len() as u64, "file was", "files were");
        page.raw(" stored and hashed, but no format reads ").raw(if unread.len() == 1 { "it" } else { "them" });
        page.raw(if unread.len() == 1 { ": it is" } else { ": they are" })
            .raw(" marked in <a href=\"#sources\">what was read</a>.</p>\n");
    }
    page.raw("<p>");
    counted(page, part.own.losses(), "item was", "items were");
    page.raw(" skipped, cut or not understood; <a href=\"#losses\">what was lost</a> lists them by reason.</p>\n");
}
