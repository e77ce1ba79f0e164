//! SPF (RFC 7208): may this address send mail for that domain?

use std::net::IpAddr;

use crate::zone::{Answer, Kind, Zone};

mod expand;
mod record;

use expand::Letters;
use record::{Cidr, Mechanism, Record};

/// Terms that ask the DNS (4.6.4).
const LOOKUPS: usize = 10;

/// Questions without an answer (4.6.4).
const VOID_LOOKUPS: usize = 2;

/// Names of mail hosts, and names of an address, that are looked at (4.6.4).
const NAMES: usize = 10;

/// The results of 2.6, and the question left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No domain to check, or it publishes no record.
    None,
    /// The domain states nothing about the address.
    Neutral,
    /// The address may send.
    Pass,
    /// It may not.
    Fail,
    /// It probably may not.
    SoftFail,
    /// The DNS did not answer.
    TempError,
    /// The record cannot be interpreted.
    PermError,
    /// The snapshot was not asked for what decides.
    Unknown,
}

impl Verdict {
    /// As RFC 8601 writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
            Self::Unknown => "unknown",
        }
    }
}

/// The answer for one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The result.
    pub verdict: Verdict,
    /// The domain it speaks for: of the envelope sender, or of HELO where that is empty.
    pub domain: String,
    /// The term that decided, or why nothing could.
    pub why: String,
    /// What the domain says about a fail (6.2).
    pub explanation: Option<String>,
}

/// Who asks, about whom.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// Address of the sending side.
    pub ip: IpAddr,
    /// Name that it gave with HELO or EHLO.
    pub helo: &'q str,
    /// The envelope sender without angle brackets; empty for bounces.
    pub mail_from: &'q str,
    /// Name of the receiving host, for explanations.
    pub receiver: &'q str,
}

/// Checks one sender.
pub fn check(zone: &Zone, question: &Question<'_>) -> Outcome {
    let ip = question.ip.to_canonical();
    let helo = question.helo.trim().trim_end_matches('.');
    let sender = question.mail_from.trim().trim_start_matches('<').trim_end_matches('>');
    // 2.4: an empty sender stands for the postmaster of the sending host.
    let (local, domain) = match sender.rsplit_once('@') {
        Some((local, domain)) => (if local.is_empty() { "postmaster" } else { local }, domain),
        None if sender.is_empty() => ("postmaster", helo),
        None => ("postmaster", sender),
    };
    let sender = format!("{local}@{domain}");
    let mut check = Check { zone, ip, helo, sender: &sender, receiver: question.receiver, lookups: 0, voids: 0 };
    let (verdict, why, explanation) = match check.host(domain, 0) {
        Ok(Decided { verdict, why, explanation }) => (verdict, why, explanation),
        Err(stop) => (stop.verdict, stop.why, None),
    };
    Outcome { verdict, domain: domain.trim_end_matches('.').to_ascii_lowercase(), why, explanation }
}

/// What ends a check before a term decides.
struct Stop {
    verdict: Verdict,
    why: String,
}

fn stop<T>(verdict: Verdict, why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop { verdict, why: why.into() })
}

struct Decided {
    verdict: Verdict,
    why: String,
    explanation: Option<String>,
}

struct Check<'c> {
    zone: &'c Zone,
    ip: IpAddr,
    helo: &'c str,
    sender: &'c str,
    receiver: &'c str,
    lookups: usize,
    voids: usize,
}

impl Check<'_> {
    /// The function check_host of section 4.
    fn host(&mut self, domain: &str, depth: usize) -> Result<Decided, Stop> {
        let decided = |verdict, why: String| Ok(Decided { verdict, why, explanation: None });
        if !is_domain(domain) {
            return decided(Verdict::None, "the sender has no domain that could be asked".to_owned());
        }
        let text = match self.zone.lookup(domain, Kind::Txt) {
            Answer::Failed => return stop(Verdict::TempError, format!("{domain} did not answer")),
            Answer::NotAsked => return stop(Verdict::Unknown, format!("the snapshot was not asked for TXT {domain}")),
            Answer::Absent => None,
            Answer::Records(records) => {
                let mut found = records.iter().filter(|text| record::is_spf(text));
                match (found.next(), found.next()) {
                    (Some(_), Some(_)) => return stop(Verdict::PermError, format!("{domain} has two records")),
                    (found, _) => found,
                }
            }
        };
        let Some(text) = text else { return decided(Verdict::None, format!("{domain} publishes no record")) };
        let record = match Record::parse(text) {
            Ok(record) => record,
            Err(term) => return stop(Verdict::PermError, format!("{domain} publishes what is no SPF term: {term}")),
        };
        for term in &record.terms {
            if self.matches(&term.mechanism, domain, depth)? {
                let why = format!("{} of {domain}", term.text);
                let explanation = match (term.verdict, &record.explanation) {
                    // 6.2: an explanation of an included record is not used.
                    (Verdict::Fail, Some(spec)) => self.explanation(spec, domain),
                    _ => None,
                };
                return Ok(Decided { verdict: term.verdict, why, explanation });
            }
        }
        let Some(target) = &record.redirect else {
            return decided(Verdict::Neutral, format!("no term of {domain} matches"));
        };
        self.count()?;
        let target = self.expand(target, domain)?;
        let redirected = self.host(&target, depth + 1)?;
        match redirected.verdict {
            Verdict::None => stop(Verdict::PermError, format!("{domain} redirects to {target}, which publishes no record")),
            _ => Ok(redirected),
        }
    }

    fn matches(&mut self, mechanism: &Mechanism, domain: &str, depth: usize) -> Result<bool, Stop> {
        match mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Ip(network, prefix) => Ok(is_in(self.ip, *network, *prefix)),
            Mechanism::Include(spec) => {
                self.count()?;
                let target = self.expand(spec, domain)?;
                match self.host(&target, depth + 1)?.verdict {
                    Verdict::Pass => Ok(true),
                    Verdict::None => {
                        stop(Verdict::PermError, format!("{domain} includes {target}, which publishes no record"))
                    }
                    _ => Ok(false),
                }
            }
            Mechanism::A(spec, cidr) => {
                self.count()?;
                let target = self.target(spec.as_deref(), domain)?;
                self.has_address(&target, *cidr)
            }
            Mechanism::Mx(spec, cidr) => {
                self.count()?;
                let target = self.target(spec.as_deref(), domain)?;
                self.mail_host_matches(&target, *cidr)
            }
            Mechanism::Ptr(spec) => {
                self.count()?;
                let target = self.target(spec.as_deref(), domain)?;
                let names = self.validated_names()?;
                Ok(names.iter().any(|name| is_below(name, &target)))
            }
            Mechanism::Exists(spec) => {
                self.count()?;
                let target = self.expand(spec, domain)?;
                // 5.7: A records decide, whatever the family of the address.
                Ok(!self.ask(&target, Kind::A)?.is_empty())
            }
        }
    }

    fn count(&mut self) -> Result<(), Stop> {
        self.lookups += 1;
        match self.lookups > LOOKUPS {
            true => stop(Verdict::PermError, format!("more than {LOOKUPS} terms ask the DNS")),
            false => Ok(()),
        }
    }

    fn target(&mut self, spec: Option<&str>, domain: &str) -> Result<String, Stop> {
        spec.map_or_else(|| Ok(domain.to_owned()), |spec| self.expand(spec, domain))
    }

    /// Records that a term asks for; empty answers are counted.
    fn ask(&mut self, name: &str, kind: Kind) -> Result<Vec<String>, Stop> {
        if !is_name(name) {
            return Ok(Vec::new());
        }
        match self.zone.lookup(name, kind) {
            Answer::Records(records) => Ok(records.to_vec()),
            Answer::Failed => stop(Verdict::TempError, format!("{name} did not answer")),
            Answer::NotAsked => {
                stop(Verdict::Unknown, format!("the snapshot was not asked for {} {name}", kind.name()))
            }
            Answer::Absent => {
                self.voids += 1;
                match self.voids > VOID_LOOKUPS {
                    true => stop(Verdict::PermError, format!("more than {VOID_LOOKUPS} terms ask for what is not there")),
                    false => Ok(Vec::new()),
                }
            }
        }
    }

    fn address_kind(&self) -> Kind {
        if self.ip.is_ipv4() { Kind::A } else { Kind::Aaaa }
    }

    fn has_address(&mut self, name: &str, cidr: Cidr) -> Result<bool, Stop> {
        let kind = self.address_kind();
        let records = self.ask(name, kind)?;
        let mut networks = records.iter().filter_map(|record| record.parse().ok());
        Ok(networks.any(|network| is_in(self.ip, network, cidr.of(self.ip))))
    }

    fn mail_host_matches(&mut self, name: &str, cidr: Cidr) -> Result<bool, Stop> {
        let mut hosts = self.ask(name, Kind::Mx)?;
        if hosts.len() > NAMES {
            return stop(Verdict::PermError, format!("{name} has more than {NAMES} mail hosts"));
        }
        hosts.sort_by_key(|host| host.split_whitespace().next().and_then(|number| number.parse::<u32>().ok()));
        for host in &hosts {
            let host = host.split_whitespace().last().unwrap_or_default();
            // RFC 7505: a single dot, here without it, says that the domain takes no mail.
            if !host.is_empty() && self.has_address(host, cidr)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Names of the address that lead back to it (5.5).
    fn validated_names(&mut self) -> Result<Vec<String>, Stop> {
        let reverse = expand::reverse_name(self.ip);
        let names = match self.zone.lookup(&reverse, Kind::Ptr) {
            Answer::Records(names) => names.to_vec(),
            // An error of this look-up is no match.
            Answer::Failed => Vec::new(),
            _ => self.ask(&reverse, Kind::Ptr)?,
        };
        let kind = self.address_kind();
        let leads_back = |name: &&String| match self.zone.lookup(name, kind) {
            Answer::Records(records) => records.iter().any(|record| record.parse() == Ok(self.ip)),
            _ => false,
        };
        Ok(names.iter().take(NAMES).filter(leads_back).map(|name| name.to_ascii_lowercase()).collect())
    }

    /// Fills a domain-spec in.
    fn expand(&mut self, spec: &str, domain: &str) -> Result<String, Stop> {
        let text = expand::expand(spec, &mut |letter| self.letter(letter, domain));
        Ok(expand::shortened(&text))
    }

    fn letter(&mut self, letter: char, domain: &str) -> String {
        let letters = Letters { ip: self.ip, sender: self.sender, helo: self.helo, receiver: self.receiver, domain };
        match letter {
            'p' => {
                let names = self.validated_names().unwrap_or_default();
                let exact = names.iter().find(|name| name.eq_ignore_ascii_case(domain));
                let found = exact.or_else(|| names.iter().find(|name| is_below(name, domain))).or_else(|| names.first());
                found.cloned().unwrap_or_else(|| "unknown".to_owned())
            }
            other => letters.value(other),
        }
    }

    /// What the domain wants said about a fail; none where any rule of 6.2 is broken.
    fn explanation(&mut self, spec: &str, domain: &str) -> Option<String> {
        let name = self.expand(spec, domain).ok()?;
        let Answer::Records([text]) = self.zone.lookup(&name, Kind::Txt) else { return None };
        let text = text.clone();
        if !text.is_ascii() || !record::is_explanation(&text) {
            return None;
        }
        Some(expand::expand(&text, &mut |letter| self.letter(letter, domain)))
    }
}

fn is_in(ip: IpAddr, network: IpAddr, prefix: u8) -> bool {
    match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0);
            ip.to_bits() & mask == network.to_bits() & mask
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0);
            ip.to_bits() & mask == network.to_bits() & mask
        }
        _ => false,
    }
}

fn is_below(name: &str, domain: &str) -> bool {
    let (name, domain) = (name.trim_end_matches('.').to_ascii_lowercase(), domain.trim_end_matches('.').to_ascii_lowercase());
    name == domain || name.strip_suffix(&domain).is_some_and(|before| before.ends_with('.'))
}

/// Whether a name can be looked up: labels of 1 to 63 bytes, 253 in all.
fn is_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    !name.is_empty() && name.len() <= 253 && name.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// Whether a sender's domain can be checked (4.3): a name of more than one label.
fn is_domain(domain: &str) -> bool {
    is_name(domain) && domain.trim_end_matches('.').contains('.') && domain.parse::<IpAddr>().is_err() && !domain.starts_with('[')
}
