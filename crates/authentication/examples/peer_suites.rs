//! Answers the questions of `benches/peer_auth.py`, one JSON object a line on
//! standard input: an SPF scenario with its zone and tests, or a message with
//! the keys of its signers. Writes one JSON array of results a line.

use std::io::{self, BufRead, Write};

use authentication::signature::{self, Purpose};
use authentication::spf::{self, Question};
use authentication::{Answer, Kind, Zone};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let answer = if asked.get("tests").is_some() { senders(&asked) } else { signers(&asked) };
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

/// `{"zone": [[name, type, data]...], "failed": [name...], "tests": [[ip, helo, mail_from]...]}`.
fn senders(asked: &Value) -> Value {
    let zone = zone(asked);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tests = asked["tests"].as_array().into_iter().flatten().map(|test| {
        let (ip, helo, mail_from) = (text(&test[0]), text(&test[1]), text(&test[2]));
        let Ok(ip) = ip.parse() else { return Value::Null };
        let question = Question { ip, helo: &helo, mail_from: &mail_from, receiver: "unknown" };
        let outcome = spf::check(&zone, &question);
        json!([outcome.verdict.word(), outcome.explanation, outcome.why])
    });
    tests.collect()
}

/// `{"zone": [...], "message": text with a character per byte}`.
fn signers(asked: &Value) -> Value {
    let zone = zone(asked);
    let raw: Vec<u8> = asked["message"].as_str().unwrap_or_default().chars().map(|c| c as u8).collect();
    let found = signature::signatures(&raw);
    let answers = found.iter().map(|signed| {
        let purpose = match signed.purpose {
            Purpose::Dkim => "dkim",
            Purpose::ArcMessage => "arc-message",
            Purpose::ArcSeal => "arc-seal",
        };
        let name = format!("{}._domainkey.{}", signed.selector, signed.domain);
        let (result, why) = match zone.lookup(&name, Kind::Txt) {
            _ if !signed.flaws.is_empty() => ("permerror", signed.flaws.join("; ")),
            Answer::Records(records) => {
                let verdict = signature::verify(&signed.claim(), &records[0]);
                (verdict.result, verdict.why)
            }
            _ => ("permerror", "no key".to_owned()),
        };
        json!([purpose, signed.instance, signed.domain, result, why])
    });
    answers.collect()
}

fn zone(asked: &Value) -> Zone {
    let mut zone = Zone::complete();
    for record in asked["zone"].as_array().into_iter().flatten() {
        let [name, kind, data] = [0, 1, 2].map(|n| record[n].as_str().unwrap_or_default());
        match Kind::by_name(kind) {
            Some(kind) => zone.add(name, kind, data),
            None => zone.asked(name),
        }
    }
    for name in asked["failed"].as_array().into_iter().flatten() {
        zone.timed_out(name.as_str().unwrap_or_default());
    }
    zone
}
