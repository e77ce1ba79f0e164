//! What the first lines of a mail look like.
//!
//! Notes and configuration files also have lines of the form `Name: value`, so
//! a message is told by the names that only mail uses.

use std::borrow::Cow;

use memchr::memchr;

/// Names that occur in mail and hardly elsewhere.
const TELLING: [&str; 13] = [
    "received",
    "return-path",
    "delivered-to",
    "message-id",
    "mime-version",
    "dkim-signature",
    "authentication-results",
    "arc-seal",
    "content-transfer-encoding",
    "x-mailer",
    "reply-to",
    "list-unsubscribe",
    "received-spf",
];

/// Names of mail that notes and other records use as well.
const COMMON: [&str; 8] = ["from", "to", "cc", "subject", "date", "sender", "content-type", "user-agent"];

/// Header lines that are looked at before a verdict.
const LINES: usize = 200;

/// Whether `head` starts like a message. A name as mail programs give it is
/// enough where only one header can be seen.
pub fn looks_like_message(head: &[u8], name: &str) -> bool {
    let head = &with_line_feeds(head);
    let body = &head[preamble(head)..];
    let named = is_mail_name(name);
    let (mut telling, mut common) = (0, 0);
    for line in lines(body).take(LINES) {
        if line.is_empty() {
            break;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        match header_name(line) {
            Some(name) if is_in(&TELLING, name) || is_multipart(name, line) => telling += 1,
            Some(name) if is_in(&COMMON, name) => common += 1,
            Some(_) => {}
            None => break,
        }
        if named || (telling > 0 && telling + common > 1) || common > 2 {
            return true;
        }
    }
    false
}

/// Other records name the type of a text, and hardly ever of parts.
fn is_multipart(name: &[u8], line: &[u8]) -> bool {
    let value = line[name.len()..].trim_ascii_start().strip_prefix(b":").unwrap_or_default().trim_ascii_start();
    let start = value.get(..b"multipart/".len()).unwrap_or_default();
    name.eq_ignore_ascii_case(b"content-type") && start.eq_ignore_ascii_case(b"multipart/")
}

/// `.eml`, or the flags that Maildir puts behind a colon.
fn is_mail_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".eml") || lower.contains(":2,")
}

/// A message whose lines end in carriage returns alone, with line feeds in their
/// place; offsets stay.
pub fn with_line_feeds(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'\n', raw).is_some() || memchr(b'\r', raw).is_none() {
        return raw.into();
    }
    raw.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect::<Vec<u8>>().into()
}

/// Bytes before the first header: a mark of byte order, blank lines, and one
/// `From ` line that an mbox left behind.
pub fn preamble(raw: &[u8]) -> usize {
    let mut at = if raw.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    at += blank_lines(&raw[at..]);
    let line = lines(&raw[at..]).next().unwrap_or_default();
    if line.starts_with(b"From ") || line.starts_with(b">From ") {
        at += memchr(b'\n', &raw[at..]).map_or(raw.len() - at, |end| end + 1);
        at += blank_lines(&raw[at..]);
    }
    at
}

fn blank_lines(raw: &[u8]) -> usize {
    let blank = raw.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    // White space that opens a line belongs to it.
    raw[..blank].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// The field name of a header line, if it is one (RFC 5322, 3.6.8).
pub fn header_name(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr(b':', line)?;
    let name = line[..colon].trim_ascii_end();
    let printable = name.iter().all(|byte| (33..=126).contains(byte));
    (!name.is_empty() && name.len() <= 76 && printable).then_some(name)
}

/// Whether a name occurs in mail and hardly elsewhere.
pub fn is_telling(name: &[u8]) -> bool {
    is_in(&TELLING, name)
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn is_in(names: &[&str], name: &[u8]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_is_told_from_notes_and_from_other_protocols() {
        for (head, name, mail) in [
            ("Received: from a\nFrom: b\n\n", "1", true),
            ("\u{feff}\r\n\r\nFrom: a\r\nTo: b\r\nSubject: c\r\n\r\n", "1", true),
            ("From a@b Thu Jan  1 00:00:00 2026\nReturn-Path: <a@b>\nDate: x\n\n", "1", true),
            ("Subject: only\n\n", "a.eml", true),
            ("From: a\nContent-Type: multipart/mixed; boundary=b\n\n", "1", true),
            ("From: a\nContent-Type: text/plain\n\n", "1", false),
            ("Date: 1\nAuthor: me\n\n", "note.md", false),
            ("HTTP/1.1 200 OK\nDate: 1\nContent-Type: text/html\n\n", "x", false),
            ("key: value\n", "x.yaml", false),
            ("Received: from a\rFrom: b\r\r", "1", true),
            ("", "x.eml", false),
        ] {
            assert_eq!(looks_like_message(head.as_bytes(), name), mail, "{head:?}");
        }
    }
}
