//! The grammar of a record (RFC 7208, 4.6 and 12).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Verdict;
use super::expand;

/// Lengths of prefixes for both families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    v4: u8,
    v6: u8,
}

impl Cidr {
    /// That for the family of an address.
    pub fn of(self, ip: IpAddr) -> u8 {
        if ip.is_ipv4() { self.v4 } else { self.v6 }
    }
}

/// A mechanism; texts are domain-specs, not yet filled in.
#[derive(Debug)]
pub enum Mechanism {
    /// Always matches.
    All,
    /// Another record passes.
    Include(String),
    /// An address of the name.
    A(Option<String>, Cidr),
    /// An address of its mail hosts.
    Mx(Option<String>, Cidr),
    /// A name of the address lies below it.
    Ptr(Option<String>),
    /// A network.
    Ip(IpAddr, u8),
    /// The name has an address.
    Exists(String),
}

/// A mechanism with what follows from it.
#[derive(Debug)]
pub struct Term {
    /// As written.
    pub text: String,
    /// The result if it matches.
    pub verdict: Verdict,
    /// What must match.
    pub mechanism: Mechanism,
}

/// A record.
#[derive(Debug, Default)]
pub struct Record {
    /// Mechanisms in order.
    pub terms: Vec<Term>,
    /// The record to use if none matches; without effect beside `all`.
    pub redirect: Option<String>,
    /// Where to find the explanation of a fail.
    pub explanation: Option<String>,
}

/// Whether a text is an SPF record (4.5).
pub fn is_spf(text: &str) -> bool {
    text.get(..6).is_some_and(|version| version.eq_ignore_ascii_case("v=spf1")) && matches!(text.as_bytes().get(6), None | Some(b' '))
}

impl Record {
    /// The record, or the first term that is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut record = Self::default();
        let mut has_all = false;
        for word in text[6..].split(' ').filter(|word| !word.is_empty()) {
            let wrong = || word.chars().take(80).collect::<String>();
            match record.term(word) {
                Some(is_all) => has_all |= is_all,
                None => return Err(wrong()),
            }
        }
        if has_all {
            record.redirect = None;
        }
        Ok(record)
    }

    /// Takes one term in; tells whether it is `all`. `None` if it is no term.
    fn term(&mut self, word: &str) -> Option<bool> {
        if !word.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        if let Some((name, value)) = modifier(word) {
            if name.eq_ignore_ascii_case("redirect") {
                return set(&mut self.redirect, value);
            }
            if name.eq_ignore_ascii_case("exp") {
                return set(&mut self.explanation, value);
            }
            return expand::is_macro_string(value, false).then_some(false);
        }
        let (verdict, rest) = match word.as_bytes()[0] {
            b'+' => (Verdict::Pass, &word[1..]),
            b'-' => (Verdict::Fail, &word[1..]),
            b'~' => (Verdict::SoftFail, &word[1..]),
            b'?' => (Verdict::Neutral, &word[1..]),
            _ => (Verdict::Pass, word),
        };
        let mechanism = mechanism(rest)?;
        let is_all = matches!(mechanism, Mechanism::All);
        self.terms.push(Term { text: word.to_owned(), verdict, mechanism });
        Some(is_all)
    }
}

/// A modifier that may come once.
fn set(field: &mut Option<String>, value: &str) -> Option<bool> {
    if field.is_some() || !expand::is_domain_spec(value) {
        return None;
    }
    *field = Some(value.to_owned());
    Some(false)
}

/// Name and value, if the name is one: a mechanism has `:` or `/` before any `=`.
fn modifier(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    is_name.then_some((name, value))
}

fn mechanism(text: &str) -> Option<Mechanism> {
    let end = text.find([':', '/']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let argument = rest.strip_prefix(':');
    let alone = rest.is_empty();
    match name.to_ascii_lowercase().as_str() {
        "all" => alone.then_some(Mechanism::All),
        "include" => domain_spec(argument?).map(Mechanism::Include),
        "exists" => domain_spec(argument?).map(Mechanism::Exists),
        "ptr" if alone => Some(Mechanism::Ptr(None)),
        "ptr" => domain_spec(argument?).map(|spec| Mechanism::Ptr(Some(spec))),
        "a" => host(rest).map(|(spec, cidr)| Mechanism::A(spec, cidr)),
        "mx" => host(rest).map(|(spec, cidr)| Mechanism::Mx(spec, cidr)),
        "ip4" => {
            let (address, length) = network(argument?, 32)?;
            Some(Mechanism::Ip(address.parse::<Ipv4Addr>().ok()?.into(), length))
        }
        "ip6" => {
            let (address, length) = network(argument?, 128)?;
            Some(Mechanism::Ip(address.parse::<Ipv6Addr>().ok()?.into(), length))
        }
        _ => None,
    }
}

fn domain_spec(text: &str) -> Option<String> {
    expand::is_domain_spec(text).then(|| text.to_owned())
}

/// `[":" domain-spec] [dual-cidr-length]`.
fn host(rest: &str) -> Option<(Option<String>, Cidr)> {
    let mut cidr = Cidr { v4: 32, v6: 128 };
    let mut spec = rest;
    if let Some((before, digits)) = spec.rsplit_once("//").filter(|(_, digits)| is_length(digits)) {
        cidr.v6 = length(digits, 128)?;
        spec = before;
    }
    if let Some((before, digits)) = spec.rsplit_once('/').filter(|(_, digits)| is_length(digits)) {
        cidr.v4 = length(digits, 32)?;
        spec = before;
    }
    match spec.strip_prefix(':') {
        Some(spec) => Some((Some(domain_spec(spec)?), cidr)),
        None => spec.is_empty().then_some((None, cidr)),
    }
}

fn is_length(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number without a zero in front, at most `most`.
fn length(digits: &str, most: u8) -> Option<u8> {
    if !is_length(digits) || digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    digits.parse().ok().filter(|length| *length <= most)
}

fn network(text: &str, most: u8) -> Option<(&str, u8)> {
    match text.split_once('/') {
        Some((address, digits)) => Some((address, length(digits, most)?)),
        None => Some((text, most)),
    }
}

/// Whether a text may be filled in as an explanation: macros and printable characters.
pub fn is_explanation(text: &str) -> bool {
    text.split(' ').all(|word| expand::is_macro_string(word, true))
}
