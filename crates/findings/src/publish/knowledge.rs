//! What a closed case gives to later ones: infrastructure with its judgement.
//!
//! One statement a line, in the form that `handprint kb` takes in. A value for
//! which only mail speaks may be a victim's relay, and names nobody. Whatever a
//! judgement rests on is its root: a case that named an actor because a feed
//! did says it after that feed. Names of persons and accounts go along only
//! when asked for.

use serde_json::json;

use super::exchange::{Exchange, Shared, likely, names};
use super::own::Own;
use crate::assess::{Confidence, Judgement};
use crate::dossier::Dossier;

/// Kinds that may be, or hold, names of persons and accounts.
const NAMING: [&str; 4] = ["username", "path", "handle", "email"];

/// The lines of a closed case. `accounts` decides whether names of persons and
/// accounts are told, and then only they are.
pub fn closed_case(dossier: &Dossier, accounts: bool) -> Vec<String> {
    let own = Own::new(dossier);
    let exchange = Exchange::new(&own);
    let wanted = |shared: &&Shared<'_>| NAMING.contains(&shared.kind) == accounts;
    let values = exchange.values.iter().filter(wanted).map(|shared| line(&exchange, shared));
    let coordinated = dossier.coordinated.iter().filter(|account| accounts && account.hostile);
    let accounts = coordinated.map(|account| {
        let why = format!("account of a hostile group in the closed case: {}", account.group_why);
        told(&exchange, "username", &account.account, None, &why, (None, None))
    });
    let mut lines: Vec<String> = values.chain(accounts).collect();
    lines.sort();
    lines.dedup();
    lines
}

fn line(exchange: &Exchange<'_>, shared: &Shared<'_>) -> String {
    let judgements = &exchange.dossier.assessment.judgements;
    let judgement = judgements.iter().find(|held| exchange.of_campaign(&shared.value, &held.campaign));
    let window = (shared.first_seen, shared.last_seen);
    told(exchange, kind(shared), &shared.value, judgement.filter(|_| shared.own), &shared.why, window)
}

/// The word of observables for a kind of slip.
fn kind<'a>(shared: &Shared<'a>) -> &'a str {
    match shared.kind {
        "path" if shared.value.contains('\\') => "windows-path",
        "path" => "unix-path",
        "host" => "hostname",
        kind => kind,
    }
}

fn told(
    exchange: &Exchange<'_>,
    kind: &str,
    value: &str,
    judgement: Option<&Judgement>,
    why: &str,
    (first, last): (Option<&str>, Option<&str>),
) -> String {
    let case = &exchange.dossier.case;
    let as_of = exchange.as_of();
    let named = judgement.filter(|judgement| names(judgement));
    let root = named.and_then(root).unwrap_or_else(|| format!("closed case {}", case.name));
    let verdict = match judgement {
        Some(judgement) => format!(
            "judged {} (about {} %, {} confidence) to be {}, after {root}",
            likely(judgement),
            judgement.probability / 10_000,
            judgement.confidence.word(),
            judgement.actor
        ),
        None if NAMING.contains(&kind) => "whose it is was not judged".to_owned(),
        None => "whose it is was not judged: it may be a victim's relay".to_owned(),
    };
    let mut line = json!({
        "knowledge": 1, "table": "indicators", "kind": kind, "value": value, "source": root,
        "ref": format!("closed case {}:{value}", case.name), "valid_from": first.unwrap_or(&as_of),
        "stated": last.unwrap_or(&as_of), "sharing": case.mark,
        "description": format!("closed case “{}”: {verdict}. {why}", case.name),
    });
    if let Some(judgement) = named {
        line["actor"] = json!(judgement.actor);
        line["confidence"] = json!(confidence(judgement));
    }
    line.to_string()
}

/// The party whose statement carried the judgement most.
fn root(judgement: &Judgement) -> Option<String> {
    let carried = judgement.contributions.iter().filter(|one| one.counted && one.hypothesis == judgement.actor);
    let named = carried.filter(|one| one.source.is_some());
    let ratio = |ratio: f64| (ratio * 1_000_000.0) as u64;
    let order =
        |one: &&crate::assess::Contribution| (ratio(one.likelihood_ratio), std::cmp::Reverse(one.source.clone()));
    named.max_by_key(order)?.source.clone()
}

/// On the STIX scale (2.1, appendix A): the probability, capped by how good the ground is.
fn confidence(judgement: &Judgement) -> u64 {
    let cap = match judgement.confidence {
        Confidence::None => 0,
        Confidence::Low => 29,
        Confidence::Moderate => 69,
        Confidence::High => 100,
    };
    u64::from(judgement.probability / 10_000).min(cap)
}
