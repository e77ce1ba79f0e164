//! Habits of the program that wrote a message: what its writer seldom chooses.
//!
//! A boundary or a Message-ID is made anew for each mail, but by the same rule.
//! The rule is what is kept, written as a grammar in which every run of
//! characters is its kind and length. It tells software and template, never a
//! person, and whoever knows this can copy it.

use mail_parser::{HeaderName, Message, MimeHeaders};
use model::{At, Out, tables};

use super::header::{self, HeaderAt};
use crate::ingest::mapi;

/// Beginnings of headers that hosts on the way add; all others are the writer's.
const ON_THE_WAY: &[&str] = &[
    "arc-",
    "authentication-results",
    "delivered-to",
    "dkim-",
    "domainkey-",
    "envelope-to",
    "errors-to",
    "list-",
    "original-recipient",
    "received",
    "resent-",
    "return-path",
    "x-authenticated",
    "x-envelope",
    "x-failed",
    "x-forefront",
    "x-forwarded",
    "x-gm-",
    "x-google",
    "x-incoming",
    "x-microsoft",
    "x-ms-",
    "x-original-",
    "x-pmx",
    "x-received",
    "x-rspamd",
    "x-sid-",
    "x-spam",
    "x-uidl",
    "x-virus",
];

/// Characters of a value that a grammar is made from.
const LONGEST: usize = 120;

/// Gives the row of habits of the message at `chain`.
pub fn put(message: &Message<'_>, headers: &[HeaderAt<'_>], raw: &[u8], chain: &str, out: &mut dyn Out) {
    if mapi::is_written(headers, chain) {
        return;
    }
    // Of what Outlook kept the headers are the writer's, and the rest is ours.
    let is_ours = mapi::is_written_out(chain);
    let find = |name: &HeaderName<'_>| headers.iter().find(|header| header.parsed.name == *name);
    let id = find(&HeaderName::MessageId).map(|header| header.unfolded().into_owned());
    let id = id.as_deref().map(|id| id.trim().trim_start_matches('<').trim_end_matches('>'));
    let (left, right) = match id.map(|id| id.rsplit_once('@').unwrap_or((id, ""))) {
        Some((left, right)) => (Some(grammar(left)), Some(right.to_lowercase()).filter(|right| !right.is_empty())),
        None => (None, None),
    };
    let written = order(headers, raw);
    let boundary = message.content_type().and_then(|declared| declared.attribute("boundary"));
    let boundary = boundary.filter(|boundary| !boundary.starts_with(mapi::written::BOUNDARY)).map(grammar);
    let body = message.parts.iter().find(|part| part.is_text() && !is_ours);
    let declared = body.and_then(|part| part.content_type());
    let charset = declared.and_then(|declared| declared.attribute("charset")).map(str::to_owned);
    let encoding = body.and_then(|part| part.content_transfer_encoding()).map(str::to_owned);
    let language = headers.iter().find(|header| header.name().eq_ignore_ascii_case("Content-Language"));
    let language = language.map(|header| header.unfolded().into_owned());
    let cells = [
        chain.into(),
        left.as_ref().into(),
        right.as_ref().into(),
        boundary.as_ref().into(),
        (&written).into(),
        charset.as_ref().into(),
        encoding.as_ref().into(),
        language.as_ref().into(),
        Some(line_ends(raw)).filter(|_| !is_ours).into(),
    ];
    out.row(&tables::MAIL_HABITS, At::whole(chain), &cells);
}

/// Names of the writer's own headers in order, as written.
fn order(headers: &[HeaderAt<'_>], raw: &[u8]) -> String {
    let mut order = String::new();
    for header in headers {
        let lower = header.name().to_ascii_lowercase();
        if !ON_THE_WAY.iter().any(|start| lower.starts_with(start)) {
            super::message::append(&mut order, &String::from_utf8_lossy(header::written_name(raw, header.parsed)));
        }
    }
    order
}

/// The rule by which a value was made: `9`, `h`, `H`, `a`, `A` or `x` for a run of
/// digits, hexadecimal digits in lower or upper case, letters in one case, or
/// anything mixed, with its length; words of letters and all marks stay.
fn grammar(value: &str) -> String {
    let mut rule = String::new();
    let mut run = String::new();
    for c in value.chars().take(LONGEST) {
        if c.is_ascii_alphanumeric() {
            run.push(c);
        } else {
            rule.push_str(&kind(&run));
            run.clear();
            rule.push(c);
        }
    }
    rule.push_str(&kind(&run));
    rule
}

fn kind(run: &str) -> String {
    let all = |test: fn(&char) -> bool| run.chars().all(|c| test(&c));
    let (digits, letters) = (run.chars().any(|c| c.is_ascii_digit()), run.chars().any(|c| c.is_ascii_alphabetic()));
    let letter = match (digits, letters) {
        (false, false) => return String::new(),
        (true, false) => '9',
        (true, true) if all(|c| c.is_ascii_digit() || ('a'..='f').contains(c)) => 'h',
        (true, true) if all(|c| c.is_ascii_digit() || ('A'..='F').contains(c)) => 'H',
        (true, true) => 'x',
        // Words are part of the rule, as NextPart is; long runs of letters are made by chance.
        (false, true) if run.len() <= 10 && !all(char::is_ascii_uppercase) => return run.to_owned(),
        (false, true) if all(char::is_ascii_lowercase) => 'a',
        (false, true) if all(char::is_ascii_uppercase) => 'A',
        (false, true) => 'x',
    };
    format!("{letter}{}", run.len())
}

/// How the lines of a message end, as stored.
fn line_ends(raw: &[u8]) -> &'static str {
    let (mut with, mut without) = (false, false);
    for at in memchr::memchr_iter(b'\n', raw) {
        match at > 0 && raw[at - 1] == b'\r' {
            true => with = true,
            false => without = true,
        }
        if with && without {
            return "mixed";
        }
    }
    if with { "crlf" } else { "lf" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammars() {
        let table = [
            ("----=_NextPart_000_0012_01D5A0B1", "----=_NextPart_93_94_H8"),
            ("===============1847362514837465==", "===============916=="),
            ("dafaedb6.20250227081541", "h8.914"),
            ("0f9c2a1b-77aa-4c1e-9d11-aab1ccddeeff", "h8-h4-h4-h4-h12"),
            ("000000000000c3b4a5061234abcd", "h28"),
            ("CAJq1xKz_Yb9", "x8_x3"),
            ("", ""),
        ];
        for (value, expected) in table {
            assert_eq!(grammar(value), expected, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_value_has_a_grammar(value: String) {
            proptest::prop_assert!(grammar(&value).chars().count() <= LONGEST * 4);
        }
    }
}
