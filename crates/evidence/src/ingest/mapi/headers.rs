//! The headers of an item: those that it was sent with, or headers written from
//! its properties.

use std::borrow::Cow;

use jiff::Timestamp;
use memchr::memmem;

use super::{Item, Properties, Value, WRITTEN, tag};
use crate::ingest::mail::grammar;

/// Line that old versions of Outlook put before the headers.
const HEAD_LINE: &[u8] = b"Microsoft Mail Internet Headers Version 2.0";

/// The headers that the item was sent with, if it holds them.
pub fn sent(item: &Item) -> Option<Vec<u8>> {
    let whole: Cow<'_, [u8]> = match item.properties.get(tag::TRANSPORT_HEADERS)? {
        Value::Text(text) => text.as_bytes().into(),
        Value::Narrow(bytes) | Value::Bytes(bytes) => bytes.as_slice().into(),
        Value::Number(_) => return None,
    };
    let mut head = whole.trim_ascii_start();
    if let Some(rest) = head.strip_prefix(HEAD_LINE) {
        head = rest.trim_ascii_start();
    }
    let blank = [b"\n\r\n".as_slice(), b"\n\n"].into_iter().filter_map(|end| memmem::find(head, end)).min();
    let head = &head[..blank.map_or(head.len(), |end| end + 1)];
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    grammar::header_name(first)?;
    Some(head.to_vec())
}

/// Headers for an item that was never sent, or that lost its own.
pub fn written(item: &Item) -> Vec<u8> {
    let (properties, charset) = (&item.properties, item.charset());
    let text = |tag| properties.text(tag, charset);
    let mut head = format!("{WRITTEN}: MAPI\r\n");
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            head.push_str(&format!("{name}: {}\r\n", one_line(&value)));
        }
    };
    line("From", sender(item));
    for (name, kind, shown) in RECIPIENTS {
        let named = || text(shown).filter(|_| item.recipients.is_empty());
        line(name, recipients(item, kind).or_else(named));
    }
    line("Subject", text(tag::SUBJECT).map(|subject| without_prefix_mark(&subject)));
    let sent = [tag::CLIENT_SUBMIT_TIME, tag::DELIVERY_TIME].into_iter().find_map(|time| properties.number(time));
    line("Date", sent.and_then(date));
    line("Message-ID", text(tag::MESSAGE_ID));
    line("In-Reply-To", text(tag::IN_REPLY_TO));
    line("References", text(tag::REFERENCES));
    line("MIME-Version", Some("1.0".to_owned()));
    head.into_bytes()
}

/// Header, type of recipient, and the property that lists their names.
const RECIPIENTS: [(&str, i64, u16); 3] =
    [("To", 1, tag::DISPLAY_TO), ("Cc", 2, tag::DISPLAY_CC), ("Bcc", 3, tag::DISPLAY_BCC)];

fn sender(item: &Item) -> Option<String> {
    let text = |tag| item.properties.text(tag, item.charset());
    let address = [tag::SENT_REPRESENTING_SMTP, tag::SENT_REPRESENTING_ADDRESS, tag::SENDER_SMTP, tag::SENDER_ADDRESS];
    let address = address.into_iter().filter_map(text).find(|address| address.contains('@'));
    mailbox(text(tag::SENT_REPRESENTING_NAME).or_else(|| text(tag::SENDER_NAME)), address)
}

fn recipients(item: &Item, kind: i64) -> Option<String> {
    let of_kind = |one: &&Properties| one.number(tag::RECIPIENT_TYPE).unwrap_or(1) & 0xff == kind;
    let all: Vec<String> = item.recipients.iter().filter(of_kind).filter_map(|one| recipient(one, item)).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

fn recipient(one: &Properties, item: &Item) -> Option<String> {
    let text = |tag| one.text(tag, item.charset());
    let address = [tag::SMTP_ADDRESS, tag::ADDRESS].into_iter().filter_map(text).find(|text| text.contains('@'));
    mailbox(text(tag::DISPLAY_NAME), address)
}

fn mailbox(name: Option<String>, address: Option<String>) -> Option<String> {
    let address = address.map(|address| address.replace(['<', '>', ' ', ','], ""));
    let name = name.filter(|name| address.as_ref() != Some(name)).map(|name| quoted(&name));
    match (name, address) {
        (Some(name), Some(address)) => Some(format!("{name} <{address}>")),
        (Some(name), None) => Some(name),
        (None, Some(address)) => Some(format!("<{address}>")),
        (None, None) => None,
    }
}

/// A display or file name between quotation marks.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text).replace('\\', "\\\\").replace('"', "\\\""))
}

/// Text that cannot begin a line of its own.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A store puts 0x01 and the length of the prefix before a subject.
fn without_prefix_mark(subject: &str) -> String {
    let mut rest = subject.chars();
    if rest.next() == Some('\u{1}') {
        rest.next();
        return rest.collect();
    }
    subject.to_owned()
}

/// A time in the form of RFC 5322; the sender's own offset is not known.
fn date(time: i64) -> Option<String> {
    const SECONDS_TO_1970: i64 = 11_644_473_600;
    let time = Timestamp::from_second((time / 10_000_000).checked_sub(SECONDS_TO_1970)?).ok()?;
    Some(time.strftime("%a, %d %b %Y %H:%M:%S -0000").to_string())
}
