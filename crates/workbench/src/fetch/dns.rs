//! A recursive resolver is asked for the records that mail is checked with.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use serde_json::{Value, json};
use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE};

/// Seconds that one answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Times that a question is put before it counts as unanswered.
const TRIES: u16 = 3;

/// Names that the records of others may lead to, so that no record can send us on for ever.
const LED_TO: usize = 10_000;

/// What one question brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Brought {
    /// The values as a zone file writes them; none where the name has no such record.
    Records(Vec<String>),
    /// The resolver refused, failed or did not answer.
    Nothing(String),
}

/// A record type, by the names of the DNS.
pub type Asked = (String, &'static str);

/// The resolver and everything that it said.
pub struct Snapshot {
    resolver: SocketAddr,
    records: BTreeMap<String, BTreeMap<&'static str, Vec<String>>>,
    asked: Vec<Value>,
    waiting: BTreeSet<Asked>,
    seen: BTreeSet<Asked>,
}

impl Snapshot {
    /// One that has asked nothing yet.
    pub fn new(resolver: SocketAddr, questions: impl IntoIterator<Item = Asked>) -> Self {
        let waiting: BTreeSet<Asked> = questions.into_iter().collect();
        Self { resolver, records: BTreeMap::new(), asked: Vec::new(), seen: waiting.clone(), waiting }
    }

    /// Questions that are still to be put.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Puts the next question; `now` is the time as RFC 3339 has it. False where none is left.
    pub fn step(&mut self, now: &str) -> bool {
        let Some((name, kind)) = self.waiting.pop_first() else { return false };
        let id = u16::try_from(self.asked.len() % 65_536).unwrap_or_default();
        let brought = ask(self.resolver, id, &name, kind);
        let outcome = match &brought {
            Brought::Records(records) => format!("{} records", records.len()),
            Brought::Nothing(why) => why.clone(),
        };
        self.asked.push(json!({"name": name, "type": kind, "at": now, "outcome": outcome}));
        if let Brought::Records(records) = brought {
            for next in led_to(&name, kind, &records) {
                if self.seen.len() < LED_TO && self.seen.insert(next.clone()) {
                    self.waiting.insert(next);
                }
            }
            self.records.entry(name).or_default().insert(kind, records);
        }
        true
    }

    /// The snapshot as the format `dns-snapshot` reads it.
    pub fn document(&self, collected: &str) -> Value {
        json!({
            "collected": collected,
            "resolver": self.resolver.to_string(),
            "asked": self.asked,
            "records": self.records,
        })
    }
}

/// Names that an SPF record (RFC 7208, 5) or a mail host leads to. Terms with macros name
/// something only together with a mail.
fn led_to(name: &str, kind: &str, records: &[String]) -> Vec<Asked> {
    let mut next = Vec::new();
    let addresses = |next: &mut Vec<Asked>, host: &str| next.extend([(clean(host), "A"), (clean(host), "AAAA")]);
    for record in records {
        match kind {
            "MX" => addresses(&mut next, record.split_whitespace().last().unwrap_or_default()),
            "TXT" if record.to_ascii_lowercase().starts_with("v=spf1") => {
                for term in record.split_whitespace().skip(1) {
                    let term = term.trim_start_matches(['+', '-', '~', '?']).to_ascii_lowercase();
                    let (word, target) = term.split_once([':', '=']).unwrap_or((&term, name));
                    let target = target.split('/').next().unwrap_or_default();
                    match word.split('/').next().unwrap_or_default() {
                        _ if target.contains('%') || !target.contains('.') => {}
                        "include" | "redirect" | "exp" => next.push((clean(target), "TXT")),
                        "a" => addresses(&mut next, target),
                        "exists" => next.push((clean(target), "A")),
                        "mx" => next.push((clean(target), "MX")),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    next.retain(|(name, _)| !name.is_empty());
    next
}

fn clean(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Puts one question, over UDP, and over TCP where the answer is cut off (RFC 7766).
pub fn ask(resolver: SocketAddr, id: u16, name: &str, kind: &str) -> Brought {
    let Some(question) = question(id, name, kind) else {
        return Brought::Nothing("no name that can be asked".to_owned());
    };
    let mut last = String::new();
    for _ in 0..TRIES {
        match over_udp(resolver, &question).and_then(|answer| match is_cut(&answer) {
            true => over_tcp(resolver, &question),
            false => Ok(answer),
        }) {
            Ok(answer) => return read(&answer, id, kind),
            Err(error) => last = error.to_string(),
        }
    }
    Brought::Nothing(format!("no answer: {last}"))
}

fn question(id: u16, name: &str, kind: &str) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let kind = match kind {
        "A" => TYPE::A,
        "AAAA" => TYPE::AAAA,
        "MX" => TYPE::MX,
        "TXT" => TYPE::TXT,
        _ => return None,
    };
    packet.questions.push(Question::new(Name::new(name).ok()?, kind.into(), CLASS::IN.into(), false));
    packet.build_bytes_vec().ok()
}

fn over_udp(resolver: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let any: SocketAddr = if resolver.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    // A connected socket takes answers from the resolver alone.
    socket.connect(resolver)?;
    socket.send(question)?;
    let mut answer = vec![0; 65_535];
    loop {
        let length = socket.recv(&mut answer)?;
        if answer[..length].get(..2) == question.get(..2) {
            answer.truncate(length);
            return Ok(answer);
        }
    }
}

fn over_tcp(resolver: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&resolver, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(&u16::try_from(question.len()).unwrap_or_default().to_be_bytes())?;
    stream.write_all(question)?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

fn is_cut(answer: &[u8]) -> bool {
    Packet::parse(answer).is_ok_and(|packet| packet.has_flags(PacketFlag::TRUNCATION))
}

fn read(answer: &[u8], id: u16, kind: &str) -> Brought {
    let Ok(packet) = Packet::parse(answer) else { return Brought::Nothing("the answer is malformed".to_owned()) };
    if packet.id() != id {
        return Brought::Nothing("the answer is to another question".to_owned());
    }
    match packet.rcode() {
        RCODE::NoError | RCODE::NameError => {}
        other => return Brought::Nothing(format!("the resolver says {other:?}")),
    }
    let mut records: Vec<String> = packet.answers.iter().filter_map(|answer| value(&answer.rdata, kind)).collect();
    records.sort();
    Brought::Records(records)
}

/// The value of a record of the type asked for; aliases on the way have no value of their own.
fn value(data: &RData<'_>, kind: &str) -> Option<String> {
    match (data, kind) {
        (RData::A(a), "A") => Some(std::net::Ipv4Addr::from(a.address).to_string()),
        (RData::AAAA(aaaa), "AAAA") => Some(std::net::Ipv6Addr::from(aaaa.address).to_string()),
        (RData::MX(mx), "MX") => Some(format!("{} {}", mx.preference, mx.exchange)),
        (RData::TXT(text), "TXT") => String::try_from(text.clone()).ok(),
        _ => None,
    }
}
