//! SPF, DKIM, ARC and DMARC as SQL functions, over what the case knows of the DNS.
//!
//! Each gives result, domain and reason as one text parted by tabs, and null
//! where nothing is known of the time in question.

use std::sync::Arc;

use authentication::dmarc::{self, Covers};
use authentication::signature::{self, Claim};
use authentication::{Answer, Kind, Zone, spf};
use casefile::{Result, Session};

use super::dns_epochs::Epochs;

/// Registers `dns_epoch`, `spf_answer`, `sends_no_mail`, `dkim_answer` and `dmarc_answer`.
pub fn register(session: &Session) -> Result<()> {
    let epochs = Arc::new(Epochs::read(session)?);
    let suffixes: Arc<[String]> = session.suffixes().into();
    let known = epochs.clone();
    session.register_function(
        "dns_epoch",
        1,
        Arc::new(move |given| {
            let at = given.first().copied().flatten().and_then(|at| at.parse().ok());
            Some(known.number(at).to_string())
        }),
    )?;
    let known = epochs.clone();
    session.register_function("spf_answer", 4, Arc::new(move |given| timed(&known, given, &mut spf_answer)))?;
    let known = epochs.clone();
    session.register_function(
        "sends_no_mail",
        1,
        Arc::new(move |given| Some(sends_no_mail(&known, given).to_string())),
    )?;
    let known = epochs.clone();
    session.register_function("dkim_answer", 9, Arc::new(move |given| timed(&known, given, &mut dkim_answer)))?;
    session.register_function(
        "dmarc_answer",
        6,
        Arc::new(move |given| timed(&epochs, given, &mut |zone, given| dmarc_answer(zone, given, &suffixes))),
    )
}

type Answering<'a> = &'a mut dyn FnMut(&Zone, &[Option<&str>]) -> Option<String>;

/// Answers by the zone whose number, from `dns_epoch`, is the last argument.
fn timed(epochs: &Epochs, given: &[Option<&str>], answering: Answering<'_>) -> Option<String> {
    let (number, given) = given.split_last()?;
    let zone = epochs.zone((*number)?.parse().ok()?)?;
    if zone.is_empty() { None } else { answering(zone, given) }
}

/// `from_ip, helo, return_path`.
fn spf_answer(zone: &Zone, given: &[Option<&str>]) -> Option<String> {
    let [ip, helo, mail_from] = *given else { return None };
    let question =
        spf::Question { ip: ip?.parse().ok()?, helo: helo.unwrap_or(""), mail_from: mail_from?, receiver: "unknown" };
    let outcome = spf::check(zone, &question);
    Some(answer(outcome.verdict.word(), &outcome.domain, &sourced(zone, &outcome.domain, &outcome.why)))
}

/// `domain`: whether it published at all times, by RFC 7208, 5.1, that no host may send for it.
fn sends_no_mail(epochs: &Epochs, given: &[Option<&str>]) -> bool {
    let Some(domain) = given.first().copied().flatten() else { return false };
    epochs.zones().iter().all(|zone| {
        let Answer::Records(records) = zone.lookup(domain, Kind::Txt) else { return false };
        records.iter().any(|record| record.split_whitespace().map(str::to_ascii_lowercase).eq(["v=spf1", "-all"]))
    })
}

/// `domain, selector, identity, algorithm, digest, signature, body_holds, flaws`.
fn dkim_answer(zone: &Zone, given: &[Option<&str>]) -> Option<String> {
    let [domain, selector, identity, algorithm, digest, signature, body_holds, flaws] = *given else { return None };
    if let Some(flaws) = flaws {
        return Some(answer("permerror", domain.unwrap_or(""), &format!("the signature {flaws}")));
    }
    let (domain, selector) = (domain?, selector?);
    let name = format!("{selector}._domainkey.{domain}");
    let claim = Claim {
        algorithm: algorithm.unwrap_or(""),
        domain,
        identity,
        digest: &bytes(digest.unwrap_or("")),
        signature: signature.unwrap_or(""),
        body_holds: body_holds.map(|holds| holds == "true"),
    };
    let (result, why) = match zone.lookup(&name, Kind::Txt) {
        // 3.6.2.2: what a name with several key records means is open; the first that verifies is taken.
        Answer::Records(records) => {
            let verdicts: Vec<_> = records.iter().map(|record| signature::verify(&claim, record)).collect();
            let verdict = verdicts.iter().find(|verdict| verdict.result == "pass").or(verdicts.first())?;
            (verdict.result, verdict.why.clone())
        }
        Answer::Failed => ("temperror", format!("{name} did not answer")),
        Answer::Absent => ("permerror", format!("{name} publishes no key")),
        // Who froze the records of a domain for mail asked for its keys too, but a selector may have been missed.
        Answer::NotAsked => ("unknown", format!("the snapshot was not asked for {name}")),
    };
    Some(answer(result, domain, &sourced(zone, &name, &why)))
}

/// `from_domain, spf_result, spf_domain, dkim_domains, dkim_open`: `dkim_domains` are those
/// whose signatures hold and `dkim_open` those whose could not be checked, joined by
/// commas; an asterisk stands for any domain.
fn dmarc_answer(zone: &Zone, given: &[Option<&str>], suffixes: &[String]) -> Option<String> {
    let [from_domain, spf_result, spf_domain, dkim_domains, dkim_open] = *given else { return None };
    let from_domain = from_domain?;
    let [dkim, dkim_open] = [dkim_domains, dkim_open]
        .map(|domains| domains.unwrap_or("").split(',').filter(|domain| !domain.is_empty()).collect::<Vec<_>>());
    let covers = Covers {
        spf: spf_domain.filter(|_| spf_result == Some("pass")),
        spf_open: (spf_result == Some("unknown")).then_some(spf_domain.unwrap_or("*")),
        dkim: &dkim,
        dkim_open: &dkim_open,
    };
    let outcome = dmarc::evaluate(zone, from_domain, covers, &|name| casefile::registered_domain(name, suffixes));
    let domain = outcome.domain.as_deref().unwrap_or(from_domain);
    Some(answer(outcome.result, domain, &sourced(zone, &format!("_dmarc.{domain}"), &outcome.why)))
}

/// The reason, and that nobody asked for the record where passive DNS alone knows it.
fn sourced(zone: &Zone, name: &str, why: &str) -> String {
    let source = if zone.only_seen(name) { "; the record is known from passive DNS alone" } else { "" };
    format!("{why}{source}")
}

fn answer(result: &str, domain: &str, why: &str) -> String {
    [result, domain, why].map(|part| part.replace('\t', " ")).join("\t")
}

/// Bytes of a hexadecimal text; what is none gives less.
fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
