//! Header names as they stand in a quoted mail: the registered ones, and those
//! that mail programs show to their readers, in the languages most in use.

use super::grammar;

/// What readers are shown, in lower case, and the header that it stands for.
const SHOWN: [(&str, &str); 48] = [
    ("from", "From"),
    ("von", "From"),
    ("de", "From"),
    ("da", "From"),
    ("van", "From"),
    ("date", "Date"),
    ("sent", "Date"),
    ("gesendet", "Date"),
    ("datum", "Date"),
    ("envoyé", "Date"),
    ("envoyé le", "Date"),
    ("enviado", "Date"),
    ("enviado el", "Date"),
    ("enviado em", "Date"),
    ("enviada em", "Date"),
    ("fecha", "Date"),
    ("data", "Date"),
    ("inviato", "Date"),
    ("verzonden", "Date"),
    ("to", "To"),
    ("an", "To"),
    ("à", "To"),
    ("a", "To"),
    ("para", "To"),
    ("aan", "To"),
    ("cc", "Cc"),
    ("kopie", "Cc"),
    ("kopie (cc)", "Cc"),
    ("copie à", "Cc"),
    ("bcc", "Bcc"),
    ("subject", "Subject"),
    ("betreff", "Subject"),
    ("objet", "Subject"),
    ("sujet", "Subject"),
    ("asunto", "Subject"),
    ("onderwerp", "Subject"),
    ("oggetto", "Subject"),
    ("assunto", "Subject"),
    ("reply-to", "Reply-To"),
    ("reply to", "Reply-To"),
    ("antwort an", "Reply-To"),
    ("répondre à", "Reply-To"),
    ("responder a", "Reply-To"),
    ("rispondi a", "Reply-To"),
    ("antwoord aan", "Reply-To"),
    ("importance", "Importance"),
    ("attachments", "Attachments"),
    ("resent-from", "Resent-From"),
];

/// Headers that only a mail's source holds, beside those of [`grammar`].
const OF_SOURCE: [&str; 6] =
    ["envelope-to", "x-original-to", "x-envelope-from", "resent-date", "delivery-date", "content-type"];

/// Bytes that a shown name may have.
const NAME_BYTES: usize = 40;

/// A header line taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'t> {
    /// The name as written, without marks of bold type.
    pub written: &'t str,
    /// The header that it stands for.
    pub name: &'t str,
    /// What follows the colon, trimmed.
    pub value: &'t str,
    /// Whether mail programs show such a header, or else only a mail's source has it.
    pub known: Known,
}

/// How much a name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// A name that readers are shown.
    Shown,
    /// A name that occurs in the source of mails.
    Source,
    /// Any other word before a colon.
    Unknown,
}

/// Takes a line apart; `None` where it has not the form of a header.
pub fn named(line: &str) -> Option<Named<'_>> {
    let colon = memchr::memchr(b':', line.as_bytes().get(..line.len().min(NAME_BYTES + 36))?)?;
    let bold = |c: char| c == '*' || c == '_' || c.is_whitespace();
    let written = line.get(..colon)?.trim_matches(bold);
    let value = line.get(colon + 1..)?;
    if written.is_empty() || value.starts_with("//") {
        return None;
    }
    let value = value.trim_start_matches('*').trim();
    if let Some(name) = shown(written) {
        return Some(Named { written, name, value, known: Known::Shown });
    }
    grammar::header_name(line.get(..=colon)?.trim_start_matches(bold).as_bytes())?;
    let known =
        if grammar::is_telling(written.as_bytes()) || is_of_source(written) { Known::Source } else { Known::Unknown };
    Some(Named { written, name: written, value, known })
}

fn shown(written: &str) -> Option<&'static str> {
    if written.len() > NAME_BYTES {
        return None;
    }
    let is = |known: &str| match written.is_ascii() {
        true => known.eq_ignore_ascii_case(written),
        false => known == written.to_lowercase(),
    };
    SHOWN.iter().find(|(known, _)| is(known)).map(|(_, name)| *name)
}

fn is_of_source(written: &str) -> bool {
    let starts = |start: &str| written.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    OF_SOURCE.iter().any(|name| name.eq_ignore_ascii_case(written)) || starts("x-") || starts("arc-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_as_programs_write_them() {
        for (line, name, value, known) in [
            ("From: A <a@a.test>", "From", "A <a@a.test>", Known::Shown),
            ("*Von:* A", "From", "A", Known::Shown),
            ("*Subject*: x", "Subject", "x", Known::Shown),
            ("De\u{a0}: A", "From", "A", Known::Shown),
            ("ENVOYÉ : lundi", "Date", "lundi", Known::Shown),
            ("Received: from x", "Received", "from x", Known::Source),
            ("X-Priority: 1", "X-Priority", "1", Known::Source),
            ("Name: A", "Name", "A", Known::Unknown),
        ] {
            let found = named(line).map(|found| (found.name, found.value, found.known));
            assert_eq!(found, Some((name, value, known)), "{line}");
        }
        for line in ["https://a.test/", "Last four on file: 1", ": x", "no colon", ""] {
            assert_eq!(named(line), None, "{line}");
        }
    }
}
