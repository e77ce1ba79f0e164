//! SPF, DKIM, ARC and DMARC as SQL functions, over the DNS snapshot of the case.
//!
//! Each gives result, domain and reason as one text parted by tabs, and null
//! where the case holds no snapshot at all.

use std::sync::Arc;

use authentication::dmarc::{self, Covers};
use authentication::signature::{self, Claim};
use authentication::{Answer, Kind, Zone, spf};
use casefile::{Result, Session};

/// Records that were asked for or stand in a zone file, and those that passive DNS
/// saw while the mails of the case were sent. Where it saw more than one policy of a
/// name in that time, nothing says which was in force for which mail.
const RECORDS: &str = "
    SELECT name, type, data, asked, coalesce(complete, FALSE) AS complete FROM dns_observations WHERE asked
    UNION ALL
    SELECT name, type, data, FALSE, FALSE FROM (
        SELECT d.*, count(DISTINCT d.data) FILTER (WHERE regexp_like(d.data, '^\"?v=(spf1|DMARC1)', 'i'))
            OVER (PARTITION BY d.name, d.type) AS policies
        FROM dns_observations d
        CROSS JOIN (SELECT min(date) AS first, max(date) AS last FROM messages) m
        WHERE NOT d.asked AND d.data IS NOT NULL AND d.first_seen <= m.last AND d.last_seen >= m.first
    )
    WHERE policies <= 1
    ORDER BY name, type, data, asked";

/// Registers `spf_answer`, `sends_no_mail`, `dkim_answer` and `dmarc_answer`.
pub fn register(session: &Session) -> Result<()> {
    let zone = Arc::new(zone(session)?);
    let suffixes: Arc<[String]> = session.suffixes().into();
    let known = zone.clone();
    session.register_function("spf_answer", 3, Arc::new(move |given| spf_answer(&known, given)))?;
    let known = zone.clone();
    session.register_function(
        "sends_no_mail",
        1,
        Arc::new(move |given| Some(sends_no_mail(&known, given).to_string())),
    )?;
    let known = zone.clone();
    session.register_function("dkim_answer", 8, Arc::new(move |given| dkim_answer(&known, given)))?;
    session.register_function("dmarc_answer", 5, Arc::new(move |given| dmarc_answer(&zone, given, &suffixes)))
}

/// What the snapshot says; records of types that no check asks for are passed over.
fn zone(session: &Session) -> Result<Zone> {
    let mut zone = Zone::new();
    for row in session.rows(RECORDS)? {
        let text = |name: &str| row.get(name).and_then(|value| value.as_str());
        let is = |name: &str| row.get(name).and_then(|value| value.as_bool()) == Some(true);
        let Some(name) = text("name") else { continue };
        if !is("asked") {
            if let Some((kind, data)) = text("type").and_then(Kind::by_name).zip(text("data")) {
                zone.saw(name, kind, unquoted(data));
            }
            continue;
        }
        match text("type") {
            Some("SOA") if is("complete") => zone.whole(name),
            Some("NS") => zone.cut(name),
            _ => {}
        }
        zone.asked(name);
        // RFC 7208, 3.1: the type SPF is obsolete, and whoever had it had to publish the same as TXT.
        if let Some((kind, data)) = text("type").and_then(Kind::by_name).zip(text("data")) {
            zone.add(name, kind, data);
        }
    }
    Ok(zone)
}

/// Passive DNS writes a text as a zone file does, in quotation marks.
fn unquoted(data: &str) -> &str {
    data.strip_prefix('"').and_then(|data| data.strip_suffix('"')).unwrap_or(data)
}

/// `from_ip, helo, return_path`.
fn spf_answer(zone: &Zone, given: &[Option<&str>]) -> Option<String> {
    let [ip, helo, mail_from] = *given else { return None };
    if zone.is_empty() {
        return None;
    }
    let question =
        spf::Question { ip: ip?.parse().ok()?, helo: helo.unwrap_or(""), mail_from: mail_from?, receiver: "unknown" };
    let outcome = spf::check(zone, &question);
    Some(answer(outcome.verdict.word(), &outcome.domain, &sourced(zone, &outcome.domain, &outcome.why)))
}

/// `domain`: whether it publishes, by RFC 7208, 5.1, that no host may send for it.
fn sends_no_mail(zone: &Zone, given: &[Option<&str>]) -> bool {
    let Some(domain) = given.first().copied().flatten() else { return false };
    let Answer::Records(records) = zone.lookup(domain, Kind::Txt) else { return false };
    records.iter().any(|record| record.split_whitespace().map(str::to_ascii_lowercase).eq(["v=spf1", "-all"]))
}

/// `domain, selector, identity, algorithm, digest, signature, body_holds, flaws`.
fn dkim_answer(zone: &Zone, given: &[Option<&str>]) -> Option<String> {
    let [domain, selector, identity, algorithm, digest, signature, body_holds, flaws] = *given else { return None };
    if zone.is_empty() {
        return None;
    }
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
    if zone.is_empty() {
        return None;
    }
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
