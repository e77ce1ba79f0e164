//! What would settle what is open, and what to do now.

use std::collections::BTreeSet;

use super::{Page, Part};
use crate::assess::OpenQuestion;

/// Entries of one list.
const LONGEST: usize = 20;

/// Open questions, each with who could settle it.
pub fn questions(part: &Part<'_>, page: &mut Page) {
    let questions = all_questions(part);
    if questions.is_empty() {
        page.raw("<p>No question is open that this version knows how to put.</p>\n");
        return;
    }
    page.raw("<dl>\n");
    for question in questions.iter().take(LONGEST) {
        page.wrap("<dt>Could be settled by ", &part.sentence(&question.who_could_settle_it), "</dt><dd>");
        page.text(&part.sentence(&question.question)).cite(question.at.iter().map(String::as_str)).raw("</dd>\n");
    }
    page.raw("</dl>\n");
}

fn all_questions<'a>(part: &Part<'a>) -> Vec<&'a OpenQuestion> {
    let mut asked = BTreeSet::new();
    let all = part.own.dossier.assessment.judgements.iter().flat_map(|judgement| &judgement.open_questions);
    all.filter(|question| asked.insert(&*question.question)).collect()
}

/// Preserve, block, notify, ask.
pub fn next_steps(part: &Part<'_>, page: &mut Page) {
    preserve(part, page);
    if !part.own.dossier.assessment.alarm {
        page.raw("<p>Nothing has to be blocked and nobody notified on the ground of this report.</p>\n");
        return;
    }
    block(part, page);
    notify(part, page);
    ask(part, page);
}

fn preserve(part: &Part<'_>, page: &mut Page) {
    let case = &part.own.dossier.case;
    page.raw("<h3>Preserve</h3>\n<p>Keep the originals of every file under <a href=\"#sources\">what was read</a>, and write down the custody head <code>");
    page.text(&case.custody_head).raw("</code> (").number(case.custody_entries);
    page.raw(" entries) somewhere outside the case: a chain signed with one’s own key does not show by itself that its end was cut off.</p>\n");
}

fn block(part: &Part<'_>, page: &mut Page) {
    page.raw("<h3>Block or watch</h3>\n<p>The values are in <code>observables.csv</code>, each with its reason. A relay or a hacked host has other users: look before blocking.</p>\n<ul class=\"plain\">\n");
    let mut shown = BTreeSet::new();
    let ties = part.own.grounds.iter().flat_map(|ground| &ground.ties);
    let ties = ties.map(|link| (&*link.kind, &*link.value, &*link.at));
    let hits = part.own.matches().into_iter().map(|hit| (&*hit.kind, &*hit.value, &*hit.at));
    let origins = part.own.origins().into_iter().map(|(ip, message)| ("ip", ip, &*message.at));
    let infrastructure = |kind: &str| matches!(kind, "ip" | "cidr" | "domain" | "url");
    let planted = |value: &str| part.own.dossier.assessment.is_planted(value);
    let all = ties.chain(hits).chain(origins).filter(|(kind, value, _)| infrastructure(kind) && !planted(value));
    for (kind, value, at) in all.filter(|(_, value, _)| shown.insert(*value)).take(LONGEST) {
        page.wrap("<li><span class=\"mono\">", &part.value(kind, value), "</span>").cite([at]).raw("</li>\n");
    }
    page.raw(if shown.is_empty() { "<li>Nothing yet.</li>\n</ul>\n" } else { "</ul>\n" });
}

fn notify(part: &Part<'_>, page: &mut Page) {
    page.raw("<h3>Notify</h3>\n<ul class=\"plain\">\n");
    let mut domains: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut known = BTreeSet::new();
    for message in part.own.dossier.messages.iter().filter(|message| message.spoofed == Some(true)) {
        let of_campaign = part.own.places.campaign_of(&message.at).is_some();
        if let Some(domain) = message.from_domain.as_deref().filter(|_| of_campaign)
            && known.insert(domain)
        {
            domains.insert((domain, &message.at));
        }
    }
    for (domain, at) in domains.iter().take(LONGEST) {
        page.wrap(
            "<li>The holder of <span class=\"mono\">",
            &part.value("domain", domain),
            "</span>: mails were sent in its name.",
        );
        page.cite([*at]).raw("</li>\n");
    }
    page.raw(
        "<li>Those to whom the mails were addressed, through the office that holds their contact data.</li>\n</ul>\n",
    );
}

fn ask(part: &Part<'_>, page: &mut Page) {
    let questions = all_questions(part);
    page.raw("<h3>Ask</h3>\n<ul class=\"plain\">\n");
    for question in questions.iter().filter(|question| !question.at.is_empty()).take(LONGEST) {
        page.wrap("<li><strong>", &part.sentence(&question.who_could_settle_it), "</strong>: ");
        page.text(&part.sentence(&question.question)).cite(question.at.iter().map(String::as_str)).raw("</li>\n");
    }
    page.raw("</ul>\n");
}
