//! What providers say in letters: who held an address since when, and that it
//! is shared by many.
//!
//! The grammar is English and conservative: a sentence counts only if it holds
//! the verb, the date and the address, or if the whole letter is about exactly
//! one address. What is read is the provider's declaration, not a finding.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::Range;

use model::address::range_keys;
use model::{At, Cell, Out, tables};

use super::indicator::host;
use super::sentences::{flat, sentences};
use super::spoken_date::{Spoken, dates};

/// Longest letter that is read, in bytes; a longer one is about more than an address.
const LONGEST: usize = 8 << 10;

/// One declaration of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// `ip` or `domain`.
    pub kind: &'static str,
    /// The address or name that it is about.
    pub value: String,
    /// The sentence in the body.
    pub place: Range<usize>,
    /// What is said.
    pub said: Said,
}

/// What a provider says about an address or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Somebody has held it since a time.
    Held {
        /// `lease`, or `registration` for names.
        statement: &'static str,
        /// Start, microseconds since 1970.
        from: i64,
        /// End, where the letter names one.
        until: Option<i64>,
        /// Who, in the words of the letter.
        holder: Option<String>,
    },
    /// Many parties share it.
    Shared {
        /// Class, as in `shared_ranges`.
        class: &'static str,
        /// Name of the service, where the letter gives one.
        service: Option<String>,
    },
}

/// The declarations in a letter with this subject and plain-text body.
pub fn statements(subject: &str, body: &str) -> Vec<Statement> {
    if body.len() > LONGEST {
        return Vec::new();
    }
    let Some(about) = Target::of(subject, body) else { return Vec::new() };
    let places = sentences(body);
    let mut found = Vec::new();
    for (n, place) in places.iter().enumerate() {
        let text = flat(body, place);
        let later = places.get(n + 1..).unwrap_or_default().iter().map(|place| flat(body, place));
        let said = held(&text, &about, later).or_else(|| shared(&text, &about));
        let said = said.filter(|_| speaks_of(&text, &about));
        found.extend(said.map(|said| Statement {
            kind: about.kind,
            value: about.value.clone(),
            place: place.clone(),
            said,
        }));
    }
    found
}

/// Writes declarations as rows. `chain` leads to the decoded body.
pub fn put(statements: &[Statement], source: Option<&str>, chain: &str, out: &mut dyn Out) {
    for one in statements {
        let at = At { chain, start: one.place.start as u64, length: one.place.len() as u64 };
        let (first, last) = range_keys(&one.value).unzip();
        let value = one.value.as_str().into();
        match &one.said {
            Said::Held { statement, from, until, holder } => {
                let until = until.map_or(Cell::Null, Cell::Time);
                let range = (first.as_deref().into(), last.as_deref().into());
                let holder = holder.as_deref().into();
                let cells = [
                    one.kind.into(),
                    value,
                    range.0,
                    range.1,
                    holder,
                    (*statement).into(),
                    Cell::Time(*from),
                    until,
                    source.into(),
                ];
                out.row(&tables::TENANCIES, at, &cells);
            }
            Said::Shared { class, service } => {
                let provider = service.as_deref().or(source).into();
                let cells = [value, first.as_deref().into(), last.as_deref().into(), (*class).into(), provider];
                out.row(&tables::SHARED_RANGES, at, &cells);
            }
        }
    }
}

/// The one address, or else the one name, that a letter is about.
struct Target {
    kind: &'static str,
    value: String,
    spelled: String,
}

impl Target {
    fn of(subject: &str, body: &str) -> Option<Self> {
        let words = || words(subject).chain(words(body));
        let addresses: BTreeSet<IpAddr> = words().filter_map(|word| word.parse().ok()).collect();
        if let (1, Some(ip)) = (addresses.len(), addresses.first()) {
            let spelled = words().find(|word| word.parse() == Ok(*ip))?.to_owned();
            return Some(Self { kind: "ip", value: ip.to_string(), spelled });
        }
        // A name counts only where the letter's subject has it: signatures hold others.
        let named = words_after(subject, "domain").filter(|_| addresses.is_empty());
        let spelled = named.or_else(|| only_name(subject).filter(|_| addresses.is_empty()))?;
        Some(Self { kind: "domain", value: host(&spelled)?, spelled })
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"' | '<' | '>' | '/' | '\''))
        .map(|word| word.trim_end_matches(['.', ':', '?', '!']).trim_matches(['[', ']']))
        .filter(|word| !word.is_empty())
}

fn words_after(text: &str, key: &str) -> Option<String> {
    let mut rest = words(text).skip_while(|word| !word.eq_ignore_ascii_case(key)).skip(1);
    rest.next().filter(|word| host(word).is_some()).map(str::to_owned)
}

fn only_name(subject: &str) -> Option<String> {
    let mut names = words(subject).filter(|word| !word.contains('@') && host(word).is_some());
    names.next().filter(|_| names.next().is_none()).map(str::to_owned)
}

/// Whether the sentence names the target, or points back at it.
fn speaks_of(text: &str, about: &Target) -> bool {
    let lower = text.to_ascii_lowercase();
    let points = [
        "this address",
        "the address",
        "this server",
        "the server",
        "this ip",
        "the ip",
        "this domain",
        "the domain",
        "this machine",
        "this exit",
        "it is ",
        "it was ",
    ];
    text.contains(&about.spelled) || points.iter().any(|word| lower.contains(word))
}

fn held(text: &str, about: &Target, later: impl Iterator<Item = String>) -> Option<Said> {
    const VERBS: &[&str] = &[
        "commissioned",
        "assigned",
        "leased",
        "allocated",
        "rented",
        "provisioned",
        "delivered",
        "handed over",
        "let to",
        "registered",
        "activated",
    ];
    let lower = text.to_ascii_lowercase();
    let verb = VERBS.iter().filter_map(|verb| lower.find(verb).map(|at| at + verb.len())).min()?;
    // Only what follows the verb and belongs to it: "before that" speaks of others.
    if ["before that", "earlier", "previous", "formerly", "never ", " not "]
        .iter()
        .any(|word| lower.get(..verb).is_some_and(|before| before.contains(word)))
    {
        return None;
    }
    let rest = text.get(verb..)?;
    let start = dates(rest).into_iter().find(|date| introduced(rest, date, &["on", "since", "from", "as of"]))?;
    let until = dates(rest).into_iter().find(|date| introduced(rest, date, &["until", "to", "till", "through"]));
    let until = until.map(|date| date.end()).or_else(|| later.into_iter().find_map(|text| ended(&text)));
    let statement = if about.kind == "domain" { "registration" } else { "lease" };
    Some(Said::Held {
        statement,
        from: start.micros,
        until: until.filter(|until| *until > start.micros),
        holder: holder(rest),
    })
}

/// Whether one of the words stands right before the date.
fn introduced(text: &str, date: &Spoken, by: &[&str]) -> bool {
    let before = text.get(..date.place.start).unwrap_or("").trim_end().to_ascii_lowercase();
    by.iter().any(|word| {
        before.strip_suffix(word).is_some_and(|lead| lead.is_empty() || lead.ends_with(|c: char| !c.is_alphanumeric()))
    })
}

/// "The account was suspended on DATE": the tenant could use it no longer.
fn ended(text: &str) -> Option<i64> {
    const ENDS: &[&str] = &[
        "suspended",
        "terminated",
        "cancelled",
        "canceled",
        "closed",
        "ended",
        "released",
        "returned",
        "switched off",
    ];
    let lower = text.to_ascii_lowercase();
    let at = ENDS.iter().filter_map(|word| lower.find(word)).min()?;
    if lower.contains("before that") || lower.contains(" not ") {
        return None;
    }
    let rest = text.get(at..)?;
    dates(rest).iter().find(|date| introduced(rest, date, &["on", "at"])).map(Spoken::end)
}

/// "for customer C-1": the noun and the reference after it.
fn holder(text: &str) -> Option<String> {
    const NOUNS: &[&str] = &["customer", "client", "tenant", "account", "subscriber", "reseller"];
    let all: Vec<&str> = words(text).collect();
    let at = all.iter().position(|word| NOUNS.contains(&word.to_ascii_lowercase().as_str()))?;
    let role = all.get(at.checked_sub(1)?)?.to_ascii_lowercase();
    if !["to", "for", "by", "our", "the", "a"].contains(&role.as_str()) {
        return None;
    }
    let reference = all
        .iter()
        .skip(at + 1)
        .find(|word| !["number", "no", "id", "reference"].contains(&word.to_ascii_lowercase().as_str()));
    let reference = reference.filter(|word| word.chars().any(|c| c.is_ascii_digit()));
    reference.map(|reference| format!("{} {reference}", all[at].to_ascii_lowercase()))
}

fn shared(text: &str, about: &Target) -> Option<Said> {
    let lower = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let many = says(&[
        "shared exit",
        "shared by",
        "shared between",
        "shared among",
        "shared address",
        "shared ip",
        "exit node",
        "vpn exit",
        "exit of our",
        "tor exit",
        "carrier-grade",
        "behind nat",
        "nat address",
        "nat gateway",
        "many customers",
    ]);
    if about.kind != "ip" || !many || says(&["not shared", "not a shared", "no shared", "not an exit"]) {
        return None;
    }
    let class = match () {
        () if lower.split(|c: char| !c.is_alphanumeric()).any(|word| word == "tor") => "tor-exit",
        () if says(&["carrier-grade", "behind nat", "nat address", "nat gateway"]) => "nat",
        () if says(&["exit", "vpn", "proxy"]) => "vpn-exit",
        () if says(&["hosting", "web server", "virtual host"]) => "hosting",
        () => "vpn-exit",
    };
    Some(Said::Shared { class, service: service(text) })
}

/// "our NAME service", "the NAME network".
fn service(text: &str) -> Option<String> {
    let all: Vec<&str> = words(text).collect();
    let at = all.iter().position(|word| ["service", "network", "vpn"].contains(&word.to_ascii_lowercase().as_str()))?;
    let name = all.get(at.checked_sub(1)?)?;
    let named = name.chars().next().is_some_and(char::is_uppercase) && !["VPN", "Our", "The"].contains(name);
    named.then(|| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::instant::written;

    fn read(subject: &str, body: &str) -> Vec<String> {
        let print = |one: Statement| match one.said {
            Said::Held { statement, from, until, holder } => format!(
                "{} {statement} {} {} {}",
                one.value,
                written(from).unwrap_or_default(),
                until.and_then(written).unwrap_or_default(),
                holder.unwrap_or_default()
            ),
            Said::Shared { class, service } => format!("{} {class} {}", one.value, service.unwrap_or_default()),
        };
        statements(subject, body).into_iter().map(print).collect()
    }

    #[test]
    fn letters_about_one_address() {
        let body = "About 192.0.2.7: the server S-1 with this\naddress was commissioned on 3 March 2024 at 10:15 UTC for \
                    customer C-77 and\nruns. The account was suspended on 9 April 2024. Before that the address had been \
                    free since 1 January 2024.";
        assert_eq!(
            read("Re: request", body),
            ["192.0.2.7 lease 2024-03-03T10:15:00Z 2024-04-09T23:59:59.999999Z customer C-77"]
        );
        assert_eq!(
            read("Your question on 192.0.2.7", "192.0.2.7 is a shared exit of our ExampleVeil service. Many use it."),
            ["192.0.2.7 vpn-exit ExampleVeil"]
        );
        assert_eq!(
            read("192.0.2.7", "The address has been assigned since 2024-03-03 to client 9."),
            ["192.0.2.7 lease 2024-03-03T00:00:00Z  client 9"]
        );
        assert_eq!(
            read("Domain bad.example", "The domain was registered on February 3, 2024."),
            ["bad.example registration 2024-02-03T00:00:00Z  "]
        );
    }

    #[test]
    fn other_letters_say_nothing() {
        for (subject, body) in [
            ("192.0.2.7", "We have no record. Your task was assigned on 3 March 2024."),
            ("two", "192.0.2.7 and 192.0.2.8: the address was leased on 3 March 2024."),
            ("192.0.2.7", "The address was not leased on 3 March 2024."),
            ("192.0.2.7", "This address is not shared by anyone."),
            ("hello", "The server was commissioned on 3 March 2024."),
        ] {
            assert!(read(subject, body).is_empty(), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_letter_panics(body in "(192\\.0\\.2\\.7 |leased on |3 March 2024|customer |é|\\. |shared exit ){0,12}", any: String) {
            for one in statements(&any, &body) {
                prop_assert!(body.get(one.place).is_some());
            }
            let _ = statements(&body, &any);
        }
    }
}
