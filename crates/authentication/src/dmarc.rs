//! DMARC (RFC 7489): does what passed speak for the sender that a reader sees?

use crate::tags;
use crate::zone::{Answer, Kind, Zone};

/// What DMARC says of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// pass, fail, none, permerror, temperror; unknown where the snapshot does not say.
    pub result: &'static str,
    /// What the domain asks receivers to do: none, quarantine or reject.
    pub policy: Option<String>,
    /// The domain whose record decided.
    pub domain: Option<String>,
    /// What decided, in words.
    pub why: String,
}

/// Evaluates the policy of the visible sender's domain.
///
/// `spf` is the domain for which SPF passed; `dkim` are the domains whose
/// signatures hold; `organisational` gives the name that somebody registered
/// (3.2), as by the public suffix list. Alignment follows 3.1, discovery of the
/// record 6.6.3.
pub fn evaluate(
    zone: &Zone,
    from_domain: &str,
    spf: Option<&str>,
    dkim: &[&str],
    organisational: &dyn Fn(&str) -> Option<String>,
) -> Outcome {
    let organisation = organisational(from_domain);
    let plain = |result: &'static str, why: String| Outcome { result, policy: None, domain: None, why };
    let mut found = None;
    let mut open = Vec::new();
    for (n, domain) in [Some(from_domain.to_owned()), organisation.clone()].into_iter().flatten().enumerate() {
        if n > 0 && domain == from_domain {
            break;
        }
        let name = format!("_dmarc.{domain}");
        match zone.lookup(&name, Kind::Txt) {
            Answer::Failed => return plain("temperror", format!("{name} did not answer")),
            // Who froze the records of a domain for mail asked for its policy too.
            Answer::NotAsked if zone.knows(&domain) => {}
            Answer::NotAsked => open.push(name),
            Answer::Absent => {}
            Answer::Records(records) => {
                let mut policies = records.iter().filter(|record| is_policy(record));
                match (policies.next(), policies.next()) {
                    (Some(record), None) => {
                        found = Some((domain, record.as_str(), n > 0));
                        break;
                    }
                    (Some(_), Some(_)) => return plain("permerror", format!("{name} has two policies")),
                    _ => {}
                }
            }
        }
    }
    let Some((domain, record, inherited)) = found else {
        return match open.first() {
            Some(name) => plain("unknown", format!("the snapshot was not asked for {name}")),
            None => plain("none", format!("{from_domain} publishes no policy")),
        };
    };
    let Some(tags) = tags::parse(record) else {
        return plain("permerror", format!("the policy of {domain} is malformed: {record}"));
    };
    let get = |name: &str| tags::get(&tags, name).map(str::to_ascii_lowercase);
    let policy = get("sp").filter(|_| inherited).or_else(|| get("p"));
    let policy = match policy.filter(|policy| ["none", "quarantine", "reject"].contains(&policy.as_str())) {
        Some(policy) => policy,
        // 6.6.3: with an address for reports the record counts as p=none.
        None if get("rua").is_some() => "none".to_owned(),
        None => return plain("permerror", format!("the policy of {domain} asks for nothing known: {record}")),
    };
    let aligned = |mode: &str, passed: &str| {
        passed.eq_ignore_ascii_case(from_domain)
            || get(mode).as_deref() != Some("s") && organisational(passed) == organisation
    };
    let by_spf = spf.filter(|passed| aligned("aspf", passed)).map(|passed| format!("SPF passed for {passed}"));
    let by_dkim = dkim.iter().find(|passed| aligned("adkim", passed)).map(|passed| format!("{passed} signed it"));
    let (result, why) = match by_dkim.or(by_spf) {
        Some(why) => ("pass", why),
        None => ("fail", format!("nothing that passed is aligned with {from_domain}")),
    };
    Outcome { result, why: format!("{why}; {domain} asks for {policy}"), policy: Some(policy), domain: Some(domain) }
}

fn is_policy(record: &str) -> bool {
    let first = record.split(';').next().unwrap_or_default();
    first.split_once('=').is_some_and(|(name, value)| name.trim() == "v" && value.trim() == "DMARC1")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From, SPF pass for, DKIM pass for, result, policy.
    const CASES: &[(&str, &str, &str, &str, &str)] = &[
        ("firm.test", "firm.test", "", "pass", "reject"),
        ("firm.test", "out.firm.test", "", "pass", "reject"),
        ("firm.test", "other.test", "", "fail", "reject"),
        ("firm.test", "", "", "fail", "reject"),
        ("firm.test", "other.test", "mail.firm.test", "fail", "reject"),
        ("firm.test", "other.test", "firm.test", "pass", "reject"),
        ("sub.firm.test", "", "", "fail", "quarantine"),
        ("open.test", "", "", "none", ""),
        ("never.test", "", "", "unknown", ""),
        ("slow.test", "", "", "temperror", ""),
        ("twice.test", "", "", "permerror", ""),
        ("odd.test", "", "", "permerror", ""),
        ("report.test", "", "", "fail", "none"),
    ];

    #[test]
    fn policies() {
        let mut zone = Zone::new();
        zone.add("_dmarc.Firm.test.", Kind::Txt, "v=DMARC1; p=reject; sp=quarantine; adkim=s; aspf=r");
        zone.add("_dmarc.twice.test", Kind::Txt, "v=DMARC1; p=none");
        zone.add("_dmarc.twice.test", Kind::Txt, "v=DMARC1; p=reject");
        zone.add("_dmarc.odd.test", Kind::Txt, "v=DMARC1; p=perhaps");
        zone.add("_dmarc.report.test", Kind::Txt, "v=DMARC1; rua=mailto:a@report.test");
        zone.add("open.test", Kind::Txt, "v=spf1 -all");
        zone.timed_out("_dmarc.slow.test");
        for (from, spf, dkim, result, policy) in CASES {
            let dkim: Vec<&str> = dkim.split(',').filter(|domain| !domain.is_empty()).collect();
            let outcome = evaluate(&zone, from, Some(*spf).filter(|spf| !spf.is_empty()), &dkim, &|name| {
                Some(name.rsplitn(3, '.').take(2).collect())
            });
            assert_eq!((outcome.result, outcome.policy.as_deref().unwrap_or("")), (*result, *policy), "{from} {outcome:?}");
        }
    }
}
