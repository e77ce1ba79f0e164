//! Slip: the program that a mail says it was written with, if it is a script.

use model::{Detector, Entry, Found, PlantCost, SlipKind, Text};

use super::header_values;

/// Sees `X-Mailer` and `User-Agent` headers of mailing scripts.
pub struct Mailer;

static ENTRY: Entry = Entry {
    name: "mailer",
    summary: "a mailing script or bulk mailer named in X-Mailer or User-Agent",
    doc: "\
# What it sees
`X-Mailer`, `User-Agent` and `X-Mailer-Version` headers that name a library or bulk mailer, such as PHPMailer or a mass \
sender. Programs that people write mail with are passed over.

# Why it tells
The same library in the same version throughout is a trait of one sending set-up, and ties mails together that come \
through different relays.

# Example
`X-Mailer: PHPMailer 5.2.9 (https://mailer.example/)`

# How it misleads
Web sites everywhere use the same libraries, so it ties mails to a campaign and never to people. It is freely chosen.

# References
RFC 5322, 3.6.8.",
};

/// Parts of the names of libraries and bulk mailers, lower case.
const SCRIPTS: &[&str] = &[
    "php",
    "python",
    "perl",
    "ruby",
    "nodemailer",
    "node",
    "swiftmailer",
    "symfony",
    "javamail",
    "jakarta",
    "curl",
    "swaks",
    "bulk",
    "mass",
    "blast",
    "sender",
    "spam",
    "smtp",
    "sendmail.pl",
    "libesmtp",
    "mime-lite",
    "mime::lite",
    "go-mail",
    "gomail",
    "powershell",
    "cdo for",
    "mailkit",
    "leaf",
    "inbox mailer",
    "turbo",
    "courier",
];

impl Detector for Mailer {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>) {
        const HEADERS: &[&str] = &["X-Mailer", "User-Agent", "X-Mailer-Version"];
        for (_, header, value) in header_values::of(text, HEADERS) {
            let name = value.trim_ascii();
            let start = header + (value.len() - value.trim_ascii_start().len());
            let raw = String::from_utf8_lossy(name).into_owned();
            let lower = raw.to_lowercase();
            if !SCRIPTS.iter().any(|script| lower.contains(script)) {
                continue;
            }
            found.push(Found {
                kind: SlipKind::Other,
                value: raw.split_whitespace().collect::<Vec<_>>().join(" "),
                start,
                length: name.len(),
                raw,
                why: "the script or bulk mailer that the mail says it was sent with".to_owned(),
                plant_cost: PlantCost::Trivial,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;

    #[test]
    fn scripts_are_told_from_mail_programs() {
        for (value, expected) in [
            ("PHPMailer 5.2.9 (https://mailer.example/)", 1),
            (" Bulk Courier\r\n 3.0", 1),
            ("Microsoft Outlook 16.0", 0),
            ("Mozilla Thunderbird", 0),
            ("", 0),
        ] {
            let mut found = Vec::new();
            let role = Role::Header("X-Mailer");
            Mailer.look(&Text { role, chain: "", start: 0, bytes: value.as_bytes(), personal: false }, &mut found);
            assert_eq!(found.len(), expected, "{value}");
            assert!(found.iter().all(|slip| value[slip.start..slip.start + slip.length] == slip.raw));
        }
    }
}
