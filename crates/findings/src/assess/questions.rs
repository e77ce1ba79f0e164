//! What would change the judgement, and who could settle it.

use std::collections::BTreeSet;

use super::OpenQuestion;
use super::arithmetic::Weighed;
use super::ground::{Ground, Places};
use crate::dossier::{AddressOrigin, AssessInput, IntelMatch};

/// Questions of one kind that are listed; more would be a list nobody works through.
const QUESTIONS: usize = 12;

/// Facts that an investigator can declare, and who knows them.
const FACTS: [(&str, &str, &str); 3] = [
    (
        "trusted-host",
        "Which mail host's own Received lines and checks can be trusted?",
        "the operator of the mail gateway",
    ),
    ("site-clock", "Were the clocks of the web servers right?", "the administrators of the sites"),
    ("authorised-scanner", "Which scans of the sites were ordered?", "the owners of the sites"),
];

/// All open questions on one campaign, the weightiest first.
pub fn open_questions(
    input: &AssessInput<'_>,
    ground: &Ground<'_>,
    places: &Places<'_>,
    weighed: &[Weighed<'_>],
) -> Vec<OpenQuestion> {
    let mut questions = holders(input, ground, weighed);
    questions.extend(unsettled(input, ground, places));
    questions.extend(missing_facts(input));
    if ground.ties.is_empty() {
        questions.push(OpenQuestion {
            question: "Does anything outside the mails belong to the campaign?".to_owned(),
            who_could_settle_it: "the owners of the web sites and platforms that it used".to_owned(),
            at: Vec::new(),
        });
    }
    questions
}

/// Who held the addresses on which the judgement rests.
fn holders(input: &AssessInput<'_>, ground: &Ground<'_>, weighed: &[Weighed<'_>]) -> Vec<OpenQuestion> {
    let weighty = weighed.iter().filter(|one| one.counted && one.item.tied && one.item.kind == "ip");
    let weighty = weighty.map(|one| (&*one.item.value, one.item.at.clone()));
    let ties = ground.ties.iter().filter(|link| link.kind == "ip").map(|link| (&*link.value, vec![link.at.clone()]));
    let mut asked = BTreeSet::new();
    let mut questions = Vec::new();
    for (value, at) in weighty.chain(ties).filter(|(value, _)| asked.insert(*value)).take(QUESTIONS) {
        questions.push(OpenQuestion {
            question: format!("Who rented {value} at the time, since when, and what else did that customer hold?"),
            who_could_settle_it: network_of(value, input.address_origins),
            at,
        });
    }
    questions
}

/// Matches of the campaign's own values that would count if more were known of who held them.
fn unsettled(input: &AssessInput<'_>, ground: &Ground<'_>, places: &Places<'_>) -> Vec<OpenQuestion> {
    let named = |hit: &&IntelMatch| !hit.counts && hit.actor.is_some() && matches!(&*hit.kind, "ip" | "domain");
    let own = |hit: &&IntelMatch| ground.holds_match(hit, places);
    let mut asked = BTreeSet::new();
    let hits = input.intel_matches.iter().filter(named).filter(own).filter(|hit| asked.insert(&*hit.value));
    hits.take(QUESTIONS).map(|hit| unsettled_question(hit, input.address_origins)).collect()
}

fn unsettled_question(hit: &IntelMatch, origins: &[AddressOrigin]) -> OpenQuestion {
    let shared = origins.iter().any(|origin| origin.value == hit.value && origin.shared_by.is_some());
    let ask = if shared { "Which customer used it at the time?" } else { "Did one party hold it in both periods?" };
    OpenQuestion {
        question: format!(
            "A feed ties {} to {}. That does not count here: {} {ask}",
            hit.value,
            hit.actor.as_deref().unwrap_or("somebody"),
            hit.why
        ),
        who_could_settle_it: match &*hit.kind {
            "ip" => network_of(&hit.value, origins),
            _ => format!("the registrar of {}", hit.value),
        },
        at: std::iter::once(hit.at.clone()).chain(hit.indicator_at.clone()).collect(),
    }
}

fn missing_facts(input: &AssessInput<'_>) -> Vec<OpenQuestion> {
    let declared: BTreeSet<&str> = input.context_facts.iter().map(|fact| &*fact.fact).collect();
    let missing = FACTS.iter().filter(|(fact, _, _)| !declared.contains(fact));
    missing
        .map(|(_, question, who)| OpenQuestion {
            question: (*question).to_owned(),
            who_could_settle_it: (*who).to_owned(),
            at: Vec::new(),
        })
        .collect()
}

/// Whoever runs the network of an address, as far as the intel says.
pub fn network_of(address: &str, origins: &[AddressOrigin]) -> String {
    let Some(origin) = origins.iter().find(|origin| origin.value == address) else {
        return format!("the hoster of {address} (no prefix table names it)");
    };
    if let Some(provider) = &origin.shared_by {
        return format!("{provider}, which shares {address} out among its customers");
    }
    match (&origin.name, origin.asn) {
        (Some(name), Some(asn)) => format!("{name} (AS{asn}), the network of {address}"),
        (Some(name), None) => format!("{name}, the network of {address}"),
        (None, Some(asn)) => format!("AS{asn}, the network of {address}"),
        (None, None) => format!("the hoster of {address}"),
    }
}
