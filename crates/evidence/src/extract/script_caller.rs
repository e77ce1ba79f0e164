//! Slip: who called the script that sent a mail, and which script it was.

use std::net::IpAddr;

use model::{Detector, Entry, Found, ObservableKind, PlantCost, SlipKind, Text, address};

use super::header_values;
use super::observable::{Policy, scan};

/// Sees headers that web servers and webmail add about their caller.
pub struct ScriptCaller;

static ENTRY: Entry = Entry {
    name: "script_caller",
    summary: "the address that called a mail script or webmail, and the script's name",
    doc: "\
# What it sees
`X-PHP-Script: HOST/SCRIPT for ADDRESS`, `X-PHP-Originating-Script: UID:SCRIPT`, and headers in which webmail and hosting \
panels name their client (`X-Originating-IP`, `X-Sender-IP`, `X-Source-IP` and others).

# Why it tells
A mailer that was put on a hacked web site hides its users from the recipient, but the web server writes down who called \
it. One call without VPN is enough.

# Example
`X-PHP-Script: www.example.test/wp-includes/a.php for 192.0.2.7`

# How it misleads
Contact forms of honest sites carry the address of any visitor; the header can be forged below the last trusted hop; the \
address may be an exit that thousands share, or one of somebody to be framed.

# References
PHP manual, `mail.add_x_header`.",
};

/// Headers whose value is the address of the client.
const CLIENT_HEADERS: &[&str] = &[
    "X-Originating-IP",
    "X-Sender-IP",
    "X-Source-IP",
    "X-Client-IP",
    "X-Remote-IP",
    "X-Real-IP",
    "X-Forwarded-For",
    "X-Originating-Client",
    "X-HTTP-Posting-IP",
    "X-Mailer-IP",
    "X-SenderIP",
];

impl Detector for ScriptCaller {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>) {
        for (_, header, value) in header_values::of(text, &["X-PHP-Script"]) {
            let caller = memchr::memmem::find(value, b" for ").unwrap_or(value.len());
            let why = "the address that called the mail script on a web server";
            addresses(&value[caller..], header + caller, why, found);
        }
        for (_, header, value) in header_values::of(text, &["X-PHP-Originating-Script"]) {
            script(value, header, found);
        }
        for (_, header, value) in header_values::of(text, CLIENT_HEADERS) {
            addresses(value, header, "the address of the client that handed the mail in", found);
        }
    }
}

/// The addresses in `value`, which starts at `base` of the text.
fn addresses(value: &[u8], base: usize, why: &str, found: &mut Vec<Found>) {
    let hits = scan(value, Policy::NONE.with(&[ObservableKind::Ip]));
    for hit in hits.into_iter().filter(|hit| !is_local(&hit.value)) {
        found.push(Found {
            kind: SlipKind::Ip,
            raw: String::from_utf8_lossy(&value[hit.start..hit.end]).into_owned(),
            value: hit.value,
            start: base + hit.start,
            length: hit.end - hit.start,
            why: why.to_owned(),
            plant_cost: PlantCost::Low,
        });
    }
}

/// Addresses that mean another machine in every network.
fn is_local(ip: &str) -> bool {
    ip.parse::<IpAddr>().map_or(true, |ip| ip.is_unspecified() || address::is_unrouted(ip))
}

/// `33:form.php`, and what versions of PHP add behind it.
fn script(value: &[u8], base: usize, found: &mut Vec<Found>) {
    let start = memchr::memchr(b':', value).map_or(0, |colon| colon + 1);
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let start = value[start..].iter().position(is_name).map_or(start, |gap| start + gap);
    let end = value[start..].iter().position(|byte| !is_name(byte)).map_or(value.len(), |length| start + length);
    if start == end {
        return;
    }
    let raw = String::from_utf8_lossy(&value[start..end]).into_owned();
    found.push(Found {
        kind: SlipKind::Other,
        value: raw.clone(),
        raw,
        start: base + start,
        length: end - start,
        why: "the script on a web server that sent the mail".to_owned(),
        plant_cost: PlantCost::Low,
    });
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;

    #[test]
    fn callers_and_scripts() {
        for (name, value, expected) in [
            ("X-PHP-Script", "www.example.test/a/b.php for 192.0.2.7, 10.0.0.1", "ip 192.0.2.7"),
            ("X-PHP-Script", "www.example.test/a/b.php", ""),
            ("X-PHP-Originating-Script", "33:wp-c34.php", "other wp-c34.php"),
            ("x-originating-ip", "[2001:DB8::7]", "ip 2001:db8::7"),
            ("X-Originating-IP", "[127.0.0.1]", ""),
            ("Subject", "192.0.2.7", ""),
        ] {
            let mut found = Vec::new();
            let text = Text { role: Role::Header(name), chain: "", start: 0, bytes: value.as_bytes(), personal: false };
            ScriptCaller.look(&text, &mut found);
            let found: Vec<String> = found.iter().map(|slip| format!("{} {}", slip.kind.word(), slip.value)).collect();
            assert_eq!(found.join("|"), expected, "{value}");
        }
    }
}
