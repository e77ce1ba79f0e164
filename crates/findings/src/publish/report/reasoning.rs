//! The arithmetic, laid out so that a reader with a pencil can redo it.

use super::verdict::{explanation, percent};
use super::{Page, Part};
use crate::assess::{Contribution, DECEPTION, Hypothesis, Judgement, UNATTRIBUTED, Weights};

/// Rivals, contributions and the result without each group, campaign by campaign.
pub fn reasoning(part: &Part<'_>, page: &mut Page) {
    let judgements = &part.own.dossier.assessment.judgements;
    if judgements.is_empty() {
        page.raw("<p>There is no campaign, so there is nothing to explain and nobody to weigh.</p>\n");
        return;
    }
    page.raw("<p>Each explanation starts with a prior. Every piece of evidence that counts multiplies it by a likelihood ratio: how much likelier the evidence is if the explanation holds than if it does not. Pieces with the same root cause count once. The products are divided by their sum");
    if let Ok(weights) = Weights::shipped() {
        let allowance = (weights.hypotheses.allowance.unattributed * 1e6) as u32;
        page.wrap(
            "; then every result is cut by ",
            &percent(allowance),
            ", which goes to “unattributed” for what the weights do not know",
        );
    }
    page.raw(".</p>\n");
    for judgement in judgements {
        page.wrap("<h3>“", &judgement.label, "”</h3>\n");
        rivals(judgement, page);
        contributions(part, judgement, page);
        sensitivity(part, judgement, page);
    }
    sources_of_numbers(judgements, page);
}

fn rivals(judgement: &Judgement, page: &mut Page) {
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>The rival explanations. The last column leaves out everything that is cheap to plant; a name that does not lead there is not spoken.</caption>");
    page.raw("<thead><tr><th>Explanation</th><th class=\"n\">Prior</th><th class=\"n\">Product of ratios</th><th class=\"n\">Probability</th><th class=\"n\">Without cheap marks</th></tr></thead><tbody>\n");
    for rival in &judgement.hypotheses {
        page.wrap("<tr><th scope=\"row\">", explanation(&rival.name), "</th><td class=\"n\" data-l=\"Prior\">");
        page.text(&percent(rival.prior)).raw("</td><td class=\"n\" data-l=\"Product of ratios\">× ");
        page.text(&ratio(product(judgement, rival))).raw("</td><td class=\"n\" data-l=\"Probability\">");
        page.wrap("", &percent(rival.probability), "</td><td class=\"n\" data-l=\"Without cheap marks\">");
        page.text(&percent(rival.probability_without_cheap)).raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
}

fn product(judgement: &Judgement, rival: &Hypothesis) -> f64 {
    let ceiling = Weights::shipped().map_or(f64::MAX, |weights| weights.hypotheses.ceiling.ratio);
    let own = judgement.contributions.iter().filter(|one| one.counted && one.hypothesis == rival.name);
    own.fold(1.0, |product, one| f64::min(product * one.likelihood_ratio, ceiling))
}

fn ratio(ratio: f64) -> String {
    if ratio.fract() == 0.0 { format!("{ratio:.0}") } else { format!("{ratio}") }
}

fn contributions(part: &Part<'_>, judgement: &Judgement, page: &mut Page) {
    if judgement.contributions.is_empty() {
        page.raw("<p>No piece of evidence points to a known actor or to a deception, so the priors stand.</p>\n");
        return;
    }
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>What each piece of evidence adds.</caption>");
    page.raw("<thead><tr><th>For</th><th>Evidence</th><th class=\"n\">Ratio</th><th>Counts</th><th>Rule</th><th>To plant</th></tr></thead><tbody>\n");
    for one in judgement.contributions.iter().take(120) {
        contribution(part, one, page);
    }
    page.raw("</tbody></table></div>\n");
}

fn contribution(part: &Part<'_>, one: &Contribution, page: &mut Page) {
    page.raw(if one.counted { "<tr>" } else { "<tr class=\"off\">" });
    let name = if one.hypothesis == DECEPTION { "deception" } else { &one.hypothesis };
    page.wrap("<td>", name, "</td><td><span class=\"mono\">").text(&part.value(&one.kind, &one.value)).raw("</span>");
    page.cite(one.at.iter().map(String::as_str));
    if let Some(source) = &one.source {
        page.wrap(" <span class=\"soft\">says ", source, "</span>");
    }
    if let Some(sharing) = one.sharing {
        let shared =
            format!("feeds give it to {} of {} known actors, which bounds the ratio", sharing.actors, sharing.of);
        page.wrap(" <span class=\"soft\">", &shared, "</span>");
    }
    if let Some(counts) = &one.counts {
        page.wrap(" <span class=\"soft\">", counts, "</span>");
    }
    page.wrap("</td><td class=\"n\" data-l=\"Ratio\">× ", &ratio(one.likelihood_ratio), "</td><td data-l=\"Counts\">");
    if one.counted {
        page.raw("<span class=\"tag good\">yes</span>");
    } else {
        page.wrap("<span class=\"tag\">no</span> same root cause: ", &part.sentence(&one.root_cause), "");
    }
    page.wrap("</td><td data-l=\"Rule\">", one.rule, "</td><td data-l=\"To plant\">")
        .raw(one.plant_cost)
        .raw("</td></tr>\n");
}

fn sensitivity(part: &Part<'_>, judgement: &Judgement, page: &mut Page) {
    if judgement.sensitivity.is_empty() {
        return;
    }
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>The answer without each group of evidence.</caption><thead><tr><th>Without</th>");
    let rivals: Vec<&str> = judgement.hypotheses.iter().map(|rival| &*rival.name).take(5).collect();
    for rival in &rivals {
        page.wrap("<th class=\"n\">", rival, "</th>");
    }
    page.raw("</tr></thead><tbody>\n");
    for run in judgement.sensitivity.iter().take(40) {
        page.wrap("<tr><td>", &part.sentence(&run.without), "</td>");
        for rival in &rivals {
            page.wrap("<td class=\"n\" data-l=\"", rival, "\">");
            page.text(&percent(run.hypotheses.get(*rival).copied().unwrap_or(0))).raw("</td>");
        }
        page.raw("</tr>\n");
    }
    page.raw("</tbody></table></div>\n");
}

/// Where the numbers come from, for the rules that were used.
fn sources_of_numbers(judgements: &[Judgement], page: &mut Page) {
    let Ok(weights) = Weights::shipped() else { return };
    page.raw("<details open><summary>Where the numbers come from</summary><dl class=\"small\">\n");
    let used =
        |rule: &str| judgements.iter().flat_map(|judgement| &judgement.contributions).any(|one| one.rule == rule);
    for (name, rule) in weights.rules.iter().filter(|(name, _)| used(name)) {
        page.wrap("<dt>", name, ", × ").text(&ratio(rule.ratio)).wrap("</dt><dd>", &rule.summary, ". ");
        page.wrap("<span class=\"soft\">", &rule.source, ".</span></dd>\n");
    }
    page.raw("<dt>Priors</dt><dd>").raw(UNATTRIBUTED).text(&format!(
        " {} and {}, known actors together {}; each named actor gets an equal part, of at least {} parts. ",
        weights.hypotheses.prior.unattributed,
        format_args!("deception {}", weights.hypotheses.prior.deception),
        weights.hypotheses.prior.actors,
        weights.hypotheses.share.at_least
    ));
    page.wrap("<span class=\"soft\">", &weights.hypotheses.prior.source, ".</span></dd>\n</dl></details>\n");
}
