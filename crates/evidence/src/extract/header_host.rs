//! Slip: the name of a machine that a mail program put into a header.

use std::ops::Range;

use model::{Detector, Entry, Found, PlantCost, SlipKind, Text};

use super::header_values;
use super::observable::account;

/// Sees machine names in `Message-ID` headers and in greetings of `Received` lines.
pub struct HeaderHost;

static ENTRY: Entry = Entry {
    name: "header_host",
    summary: "the name of a machine in a Message-ID or in the greeting of a Received line",
    doc: "\
# What it sees
What stands behind the at sign of a `Message-ID`, and what a client called itself in a `Received` line (`from NAME (`, \
`helo=NAME`), where it is the bare name of a machine and not that of a domain. Names that say nothing (localhost, \
desktop, strings of random digits) are left out. A Java mailer's `JavaMail.USER@HOST` gives the user too.

# Why it tells
Mail programs greet with the name of the machine they run on. A name like `ws-14` or `DESKTOP-4K2H1AB` follows that \
machine through campaigns, whatever relay or VPN is used.

# Example
`Message-ID: <dafaedb6.20250227081541@ws-14>`

# How it misleads
Both are written by the sender, who may choose any name; lines below the last trusted hop may be forged as a whole. \
Office networks of honest senders have bare names too.

# References
RFC 5321, 4.1.1.1 and 4.4; RFC 5322, 3.6.4.",
};

/// Names that devices come with and that say nothing.
const COMMON: &[&str] = &[
    "android",
    "client",
    "computer",
    "desktop",
    "dhcp",
    "friend",
    "gateway",
    "host",
    "imac",
    "ipad",
    "iphone",
    "laptop",
    "local",
    "localdomain",
    "localhost",
    "localhost4",
    "localhost6",
    "macbook",
    "mail",
    "mailhost",
    "me",
    "mx",
    "mypc",
    "notebook",
    "pc",
    "phone",
    "private",
    "relay",
    "router",
    "server",
    "smtp",
    "tablet",
    "unknown",
    "user",
    "web",
    "webmail",
    "windows",
    "workstation",
    "www",
    "ylmf-pc",
];

/// Suffixes of names that hold inside one network only.
const PRIVATE_SUFFIXES: &[&str] =
    &[".local", ".lan", ".home", ".localdomain", ".internal", ".corp", ".intranet", ".workgroup"];

impl Detector for HeaderHost {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>) {
        for (_, header, value) in header_values::of(text, &["Message-ID"]) {
            message_id(value, header, found);
        }
        for (_, header, value) in header_values::of(text, &["Received"]) {
            for place in greetings(value) {
                let why = "the name by which the sending machine greeted the first server";
                host(value, header, place, why, found);
            }
        }
    }
}

fn message_id(value: &[u8], base: usize, found: &mut Vec<Found>) {
    let Some(mark) = memchr::memrchr(b'@', value) else { return };
    let end = name_end(value, mark + 1);
    host(value, base, mark + 1..end, "the name of the machine whose mail program numbered the mail", found);
    let Some(java) = memchr::memmem::find(&value[..mark], b"JavaMail.") else { return };
    let user = java + b"JavaMail.".len()..mark;
    let raw = String::from_utf8_lossy(&value[user.clone()]).into_owned();
    if !raw.is_empty() && !account::is_generic(&raw) {
        let why = "the user under whose name the Java program ran".to_owned();
        let (start, length) = (base + user.start, user.len());
        let plant_cost = PlantCost::Trivial;
        found.push(Found { kind: SlipKind::Username, value: raw.clone(), raw, start, length, why, plant_cost });
    }
}

/// Takes the name at `place` of `value`, which starts at `base` of the text,
/// if it is that of a machine.
fn host(value: &[u8], base: usize, place: Range<usize>, why: &str, found: &mut Vec<Found>) {
    let Ok(raw) = std::str::from_utf8(&value[place.clone()]) else { return };
    let cleaned = raw.to_ascii_lowercase();
    if !names_a_machine(&cleaned) || found.iter().any(|slip| slip.value == cleaned) {
        return;
    }
    found.push(Found {
        kind: SlipKind::Host,
        raw: raw.to_owned(),
        value: cleaned,
        start: base + place.start,
        length: place.len(),
        why: why.to_owned(),
        plant_cost: PlantCost::Trivial,
    });
}

/// Whether the lower-case name is that of one machine: no domain, and neither
/// a common word nor digits drawn at random.
fn names_a_machine(name: &str) -> bool {
    let bare = PRIVATE_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    let has_letter = bare.contains(|c: char| c.is_ascii_alphabetic());
    let is_random = bare.len() >= 8 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    (2..=63).contains(&bare.len())
        && has_letter
        && !is_random
        && !bare.contains('.')
        && COMMON.binary_search(&bare).is_err()
}

/// Where a name that starts at `start` ends.
fn name_end(value: &[u8], start: usize) -> usize {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    value[start..].iter().position(|byte| !is_name(byte)).map_or(value.len(), |length| start + length)
}

/// Where a `Received` line says what the client called itself.
fn greetings(value: &[u8]) -> Vec<Range<usize>> {
    let lower = value.to_ascii_lowercase();
    let client = &lower[..memchr::memmem::find(&lower, b" by ").unwrap_or(lower.len()).min(512)];
    let mut places = Vec::new();
    for key in [&b"helo="[..], b"helo ", b"ehlo=", b"ehlo "] {
        places.extend(memchr::memmem::find(client, key).map(|index| index + key.len()));
    }
    let from = client.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    places.extend(client[from..].starts_with(b"from ").then_some(from + 5));
    places.into_iter().map(|start| start..name_end(value, start)).filter(|place| !place.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;

    #[test]
    fn machine_names_are_told_from_domains_and_common_words() {
        assert!(COMMON.is_sorted());
        for (name, value, expected) in [
            ("Message-ID", "<dafaedb6.20250227081541@ws-14>", "host ws-14"),
            ("message-id", " <1.2@DESKTOP-4K2H1AB.local>", "host desktop-4k2h1ab.local"),
            ("Message-ID", "<123.4.JavaMail.mary@build7>", "host build7|username mary"),
            ("Message-ID", "<x@mail.example.test>", ""),
            ("Message-ID", "<x@localhost.localdomain>", ""),
            ("Message-ID", "<no at sign>", ""),
            ("Received", "from WS-14 ([192.0.2.1]) by mx.example.test with ESMTP", "host ws-14"),
            ("Received", "from [192.0.2.1] (helo=ws-14)\r\n\tby mx.example.test", "host ws-14"),
            ("Received", "from [192.0.2.1] (helo=1aa17cc9)\r\n\tby mx.example.test", ""),
            ("Received", "from phone (unknown [192.0.2.1]) by mx.example.test", ""),
            ("Received", "from mx.example.test (mx.example.test [192.0.2.1]) by b.example", ""),
            ("Received", "by mx.example.test id 7", ""),
        ] {
            let mut found = Vec::new();
            let text = Text { role: Role::Header(name), chain: "", start: 0, bytes: value.as_bytes(), personal: false };
            HeaderHost.look(&text, &mut found);
            let found: Vec<String> = found.iter().map(|slip| format!("{} {}", slip.kind.word(), slip.value)).collect();
            assert_eq!(found.join("|"), expected, "{value}");
        }
    }
}
