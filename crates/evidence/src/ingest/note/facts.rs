//! The small grammar of notes: which sentence states which fact.
//!
//! Each reader looks at one sentence in lower case, which has the length of the
//! original, and answers with values and their places. Word order is free; what
//! decides are the words that name the thing and the form of the value.

use std::ops::Range;

use model::address::range_keys;

use crate::ingest::indicator::host;
use crate::ingest::sentences::{flat, sentences};
use crate::ingest::spoken_date;

/// One fact that a sentence states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Kind, as in `context_facts`.
    pub kind: &'static str,
    /// Value in the spelling of its kind.
    pub value: String,
    /// The bytes that state it.
    pub place: Range<usize>,
}

/// One sentence as readers see it.
struct Sentence<'t> {
    text: &'t str,
    lower: &'t str,
    start: usize,
}

type Reader = fn(&Sentence<'_>, &mut Vec<Fact>);

/// The readers; each sentence is shown to all.
const READERS: &[Reader] =
    &[site, clock, lookup, client_field, trusted_hosts, own_domains, known_readers, scanners, election_day, collected];

/// The facts of a note, in reading order.
pub fn of(text: &str) -> Vec<Fact> {
    let mut facts = Vec::new();
    for place in sentences(text) {
        let flat = flat(text, &place);
        let lower = flat.to_ascii_lowercase();
        let sentence = Sentence { text: &flat, lower: &lower, start: place.start };
        READERS.iter().for_each(|read| read(&sentence, &mut facts));
    }
    let mut seen = std::collections::BTreeSet::new();
    facts.retain(|fact| seen.insert((fact.kind, fact.value.clone())));
    facts
}

impl<'t> Sentence<'t> {
    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.lower.contains(word))
    }

    /// What stands after `key:` at the start of the sentence.
    fn after_key(&self, keys: &[&str]) -> Option<&'t str> {
        let (key, value) = self.text.split_once(':')?;
        let key = key.trim().trim_start_matches(['-', '*', '+', ' ']).trim_end_matches('*').to_ascii_lowercase();
        keys.contains(&key.as_str()).then(|| value.trim_start_matches('*').trim())
    }

    /// The place of a slice of the sentence in the note.
    fn place(&self, part: &str) -> Range<usize> {
        let offset = (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize);
        let offset = offset.filter(|offset| offset + part.len() <= self.text.len());
        match offset {
            Some(offset) => self.start + offset..self.start + offset + part.len(),
            None => self.start..self.start + self.text.len(),
        }
    }

    fn put(&self, facts: &mut Vec<Fact>, kind: &'static str, value: impl Into<String>, part: &str) {
        facts.push(Fact { kind, value: value.into(), place: self.place(part) });
    }

    /// Words without the punctuation and quotes around them.
    fn words(&self) -> impl Iterator<Item = &'t str> {
        words_of(self.text)
    }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let outer = |c: char| matches!(c, ',' | ';' | '(' | ')' | '"' | '\'' | '`' | '<' | '>' | '*' | '[' | ']');
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'))
        .map(move |word| word.trim_matches(outer).trim_end_matches(['.', ':']))
        .filter(|word| !word.is_empty())
}

/// Words that are host names; a word of digits and dots is an address instead.
fn hosts(text: &str) -> impl Iterator<Item = (&str, String)> {
    words_of(text).filter_map(|word| {
        let name = word.trim_start_matches('@');
        let letters = name.rsplit('.').next().is_some_and(|label| label.chars().any(char::is_alphabetic));
        let plain = letters && !name.contains(['/', ':', '@', '_', '=']);
        Some((word, host(name).filter(|_| plain)?))
    })
}

fn addresses(text: &str) -> impl Iterator<Item = &str> {
    words_of(text).filter(|word| range_keys(word).is_some())
}

fn site(sentence: &Sentence<'_>, facts: &mut Vec<Fact>) {
    let Some(value) = sentence.after_key(&["site", "website", "web site", "host", "server", "vhost", "virtual host"])
    else {
        return;
    };
    let Some(word) = words_of(value).next() else { return };
    let name = word.split_once("://").map_or(word, |(_, rest)| rest);
    let name = name.split(['/', ':']).next().unwrap_or(name);
    if let Some(cleaned) = host(name) {
        sentence.put(facts, "site", cleaned, name);
    }
}

fn clock(sentence: &Sentence<'_>, facts: &mut Vec<Fact>) {
    if !sentence.says(&["clock", "time check", "server time", "system time"]) {
        return;
    }
    let lower = sentence.lower;
    let has = |words: &[&str]| lower.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word));
    let ahead = has(&["ahead", "fast"]) || lower.contains("clock: +");
    let behind = has(&["behind", "slow", "late", "lags", "lagged", "lagging"]) || lower.contains("clock: -");
    let in_step = sentence.says(&["in step", "in sync", "synchroni", "accurate", "correct", "no offset", "no drift"]);
    let denied = has(&["not", "never", "no"]) && !sentence.says(&["no offset", "no drift"]);
    match (ahead, behind, seconds(lower)) {
        (true, false, Some(seconds)) => sentence.put(facts, "site-clock", seconds.to_string(), sentence.text),
        (false, true, Some(seconds)) => sentence.put(facts, "site-clock", format!("-{seconds}"), sentence.text),
        (false, false, None) if in_step && !denied => sentence.put(facts, "site-clock", "0", sentence.text),
        _ => {}
    }
}

/// A span such as `187 s`, `3 min 7 s` or `1 hour`, in seconds.
fn seconds(lower: &str) -> Option<u64> {
    let spaced: String = lower.chars().fold(String::new(), |mut spaced, c| {
        if c.is_ascii_alphabetic() && spaced.ends_with(|before: char| before.is_ascii_digit()) {
            spaced.push(' ');
        }
        spaced.push(c);
        spaced
    });
    let words: Vec<&str> = words_of(&spaced).collect();
    let mut total: Option<u64> = None;
    for pair in words.windows(2) {
        let Ok(number) = pair[0].trim_start_matches(['+', '-', '~']).parse::<u64>() else { continue };
        let unit = match pair[1] {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" | "hr" | "hrs" => 3600,
            _ => continue,
        };
        total = Some(total.unwrap_or(0).saturating_add(number.saturating_mul(unit)));
    }
    total
}

fn lookup(sentence: &Sentence<'_>, facts: &mut Vec<Fact>) {
    let named =
        ["look-up", "lookup", "look up", "search page", "search form", "query page", "record page", "status page"];
    if !sentence.says(&named) {
        return;
    }
    let path = sentence.words().find_map(|word| {
        let path = match word.split_once("://") {
            Some((_, rest)) => rest.get(rest.find('/')?..)?,
            None => word,
        };
        (path.starts_with('/') && path.len() > 1).then_some(path)
    });
    let Some(path) = path else { return };
    let (bare, query) = path.split_once('?').map_or((path, None), |(bare, query)| (bare, Some(query)));
    sentence.put(facts, "lookup-path", bare, bare);
    let from_query = query.and_then(|query| query.split(['=', '&']).next()).filter(|name| !name.is_empty());
    if let Some(name) = parameter(sentence).or(from_query) {
        sentence.put(facts, "lookup-parameter", name, name);
    }
}

/// The word after `parameter` or the like, articles and colons passed over.
fn parameter<'t>(sentence: &Sentence<'t>) -> Option<&'t str> {
    let words: Vec<&str> = sentence.words().collect();
    let names = ["parameter", "param", "argument", "query key", "field", "key"];
    let at = words.iter().position(|word| names.contains(&word.to_ascii_lowercase().as_str()))?;
    let filler = ["is", "named", "called", "the", "a", "name", "="];
    let after = words.iter().skip(at + 1).find(|word| !filler.contains(&word.to_ascii_lowercase().as_str()));
    let plain =
        |word: &&str| word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']' | '='));
    let name = after.copied().filter(plain).map(|word| word.trim_end_matches('='))?;
    (!["of", "in", "on", "for", "to"].contains(&name)).then_some(name).filter(|name| !name.is_empty())
}

/// Fields that may hold the client's address, by the spelling in logs.
const FIELDS: &[(&str, &str)] = &[
    ("x-forwarded-for", "xff"),
    ("x_forwarded_for", "xff"),
    ("forwarded-for", "xff"),
    ("forwarded_for", "xff"),
    ("xff", "xff"),
    ("x-real-ip", "x-real-ip"),
    ("cf-connecting-ip", "cf-connecting-ip"),
    ("true-client-ip", "true-client-ip"),
    ("remote_addr", "remote_addr"),
    ("client_ip", "client_ip"),
    ("c-ip", "c-ip"),
];

fn client_field(sentence: &Sentence<'_>, facts: &mut Vec<Fact>) {
    for clause in sentence.text.split([',', ';', '(', ')', ':']) {
        let lower = clause.to_ascii_lowercase();
        let of_client =
            ["client", "visitor", "true address", "real address", "caller"].iter().any(|word| lower.contains(word));
        let field = FIELDS.iter().find(|(spelling, _)| lower.contains(spelling));
        let (true, Some((spelling, field))) = (of_client, field) else { continue };
        // A field that merely has "client" in its name says nothing about clients.
        let elsewhere = lower.replace(spelling, "");
        if !["client", "visitor", "true address", "real address", "caller"].iter().any(|word| elsewhere.contains(word))
        {
            continue;
        }
        let has = |words: &[&str]| words.iter().any(|word| elsewhere.contains(word));
        let value = match (has(&["first", "leftmost", "left-most"]), has(&["last", "rightmost", "right-most"])) {
            (true, false) => format!("{field} first"),
            (false, true) => format!("{field} last"),
            _ => (*field).to_owned(),
        };
        sentence.put(facts, "client-address-field", value, clause.trim());
    }
}

fn trusted_hosts(sentence: &Sentence<'_>, facts: &mut Vec<Fact>) {
    let of_hosts = sentence.says(&["host", "gateway", "relay", "server", " mx", "mail"]);
    let trusted = sentence.says(&["trusted", "we trust", "trustworthy"]);
    if !of_hosts || !trusted || sentence.says(&["untrusted", "not trusted", "not be trusted"]) {
        return;
    }
    for (word, name) in hosts(sentence.text) {
        sentence.put(facts, "trusted-host", name, word);
    }
}

fn own_domains(sentence: &Sentence<'_>, facts: &mut Vec<Fact>) {
    const KEYS: &[&str] =
        &["local domain", "own domain", "our domain", "internal domain", "recipient domain", "domains of the "];
    let Some(key) = KEYS.iter().find_map(|key| sentence.lower.find(key)) else { return };
    for (word, name) in hosts(sentence.text.get(key..).unwrap_or("")) {
        sentence.put(facts, "own-domain", name, word);
    }
}

fn known_readers(sentence: &Sentence<'_>, facts: &mut Vec<Fact>) {
    let readers =
        ["office", "staff", "known reader", "employees", "aid group", "helpline", "call centre", "call center"];
    if sentence.says(&readers) && !of_scanners(sentence) {
        for address in addresses(sentence.text) {
            sentence.put(facts, "known-reader", address, address);
        }
    }
}

fn of_scanners(sentence: &Sentence<'_>) -> bool {
    sentence.says(&[
        "scanner",
        "penetration test",
        "pentest",
        "vulnerability scan",
        "authorised scan",
        "authorized scan",
    ])
}

fn scanners(sentence: &Sentence<'_>, facts: &mut Vec<Fact>) {
    let allowed = ["authorised", "authorized", "our ", "ordered", "commissioned", "permitted", "allowed", "agreed"];
    let denied = ["unauthorised", "unauthorized", "not authorised", "not authorized"];
    if of_scanners(sentence) && sentence.says(&allowed) && !sentence.says(&denied) {
        for address in addresses(sentence.text) {
            sentence.put(facts, "authorised-scanner", address, address);
        }
    }
}

fn election_day(sentence: &Sentence<'_>, facts: &mut Vec<Fact>) {
    let named = [
        "election day",
        "polling day",
        "day of the election",
        "date of the election",
        "election date",
        "election:",
        "election on",
        "election is on",
        "election was on",
    ];
    if sentence.says(&named) {
        first_day(sentence, "election-day", facts);
    }
}

fn collected(sentence: &Sentence<'_>, facts: &mut Vec<Fact>) {
    if sentence.says(&["collected:", "collected on", "date of collection", "collection date", "secured on"]) {
        first_day(sentence, "collected", facts);
    }
}

fn first_day(sentence: &Sentence<'_>, kind: &'static str, facts: &mut Vec<Fact>) {
    if let Some(spoken) = spoken_date::dates(sentence.text).first() {
        let part = sentence.text.get(spoken.place.clone()).unwrap_or(sentence.text);
        sentence.put(facts, kind, spoken.day.to_string(), part);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        let facts = of(text);
        for fact in &facts {
            assert!(text.get(fact.place.clone()).is_some_and(|part| !part.is_empty()), "{fact:?}");
        }
        facts.into_iter().map(|fact| format!("{}={}", fact.kind, fact.value)).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn sentences_state_facts() {
        let cases = [
            ("Site: https://vote.example.test/ (State of Example)", "site=vote.example.test"),
            ("Clock: a time check showed the server ahead by 12 s.", "site-clock=12"),
            ("The clock of this server was 1 min 4 s slow when we looked.", "site-clock=-64"),
            ("Clock: in step on collection.", "site-clock=0"),
            ("Clock: not in step.", ""),
            (
                "Look-up page: /find/one.aspx parameter voter_no",
                "lookup-path=/find/one.aspx; lookup-parameter=voter_no",
            ),
            (
                "Voters are looked up by the parameter `id` of the lookup page /v/get.",
                "lookup-path=/v/get; lookup-parameter=id",
            ),
            ("Lookup page: https://vote.example.test/q?reg=", "lookup-path=/q; lookup-parameter=reg"),
            (
                "nginx behind a balancer: remote_addr is the balancer, the client is the FIRST entry of xff (later ones are proxies)",
                "client-address-field=xff first",
            ),
            ("The client address is in X-Forwarded-For.", "client-address-field=xff"),
            ("IIS log; client address in c-ip", "client-address-field=c-ip"),
            (
                "Mail: exported from mx.example.test (trusted host; stamps Return-Path). Local domains: a.example, b.test.",
                "trusted-host=mx.example.test; own-domain=a.example; own-domain=b.test",
            ),
            ("The relay mx2.example.test must not be trusted.", ""),
            (
                "County offices use these addresses: 192.0.2.4, 198.51.100.0/28.",
                "known-reader=192.0.2.4; known-reader=198.51.100.0/28",
            ),
            ("Our authorised scanner came from 203.0.113.9.", "authorised-scanner=203.0.113.9"),
            ("Polling day is 3 November 2020. Collected: 2020-11-01.", "election-day=2020-11-03; collected=2020-11-01"),
            ("We clocked in late at the office.", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_note_panics(text in "(Site: |clock |ahead |é|[0-9]{1,20} s|\\. |\n|look-up /a\\?|parameter |xff client ){0,12}", any: String) {
            read(&text);
            let _ = of(&any);
        }
    }
}
