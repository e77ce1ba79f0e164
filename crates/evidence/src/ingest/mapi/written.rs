//! An item, written out as a message of RFC 5322.
//!
//! Transport headers stand as they are. Where they declare a multipart, its
//! boundary is used again, unless a body holds it; where they declare one text,
//! the body is put back into the charset and encoding declared, and only what
//! cannot be is stated anew. Bodies of parts are UTF-8: the charset that a store
//! keeps them in is its owner's, and no sign of the sender. Each part says in
//! [`PROPERTY`] which property it was.

use std::borrow::Cow;

use encoding_rs::Encoding;
use mail_parser::{MessageParser, MimeHeaders};
use memchr::memmem;

use super::headers::{self, one_line, quoted};
use super::rtf::{self, Rtf};
use super::{Attachment, Item, Value, label, tag};
use crate::ingest::mail::transfer;

/// Header of a part that names the property which its bytes are.
pub const PROPERTY: &str = "X-MAPI-Property";

/// Start of boundaries of ours; a sender's is never touched.
pub const BOUNDARY: &str = "=_written_out_";

/// The item as a message.
pub fn message(item: &Item) -> Vec<u8> {
    let mut text = Vec::new();
    write(item, 0, &mut text);
    text
}

struct Part<'i> {
    /// Header lines that end in CRLF, all but the transfer encoding.
    head: String,
    bytes: Cow<'i, [u8]>,
}

fn write(item: &Item, level: usize, text: &mut Vec<u8>) {
    let mut parts = bodies(item);
    let single = parts.len() == 1 && item.attachments.is_empty();
    parts.extend(item.attachments.iter().enumerate().map(|(n, attachment)| attached(attachment, n, item, level)));
    let head = headers::sent(item).unwrap_or_else(|| headers::written(item));
    let declared = boundary(&head).filter(|boundary| !boundary.is_empty());
    match (parts.first(), declared) {
        (None, _) => write_head(&head, None, text),
        (Some(only), None) if single => {
            let as_declared = as_declared(&head, only);
            write_head(&head, as_declared.is_none().then(|| content_type(&only.head)), text);
            text.extend_from_slice(as_declared.as_deref().unwrap_or(&only.bytes));
        }
        (Some(_), declared) => {
            let own = declared.is_none().then(|| format!("multipart/mixed; boundary=\"{BOUNDARY}{level}\""));
            write_head(&head, own.as_deref(), text);
            let boundary = declared.unwrap_or_else(|| format!("{BOUNDARY}{level}"));
            parts.iter().for_each(|part| write_part(part, &boundary, text));
            text.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        }
    }
}

/// A body in the charset and encoding that headers declare for it; `None` if
/// they declare something else, or what does not hold it.
fn as_declared(head: &[u8], part: &Part<'_>) -> Option<Vec<u8>> {
    let parsed = MessageParser::new().with_mime_headers().default_header_ignore().parse_headers(head)?;
    let (kind, charset) = parsed.content_type().map_or(("text/plain".to_owned(), None), |declared| {
        let kind = format!("{}/{}", declared.ctype(), declared.subtype().unwrap_or_default()).to_ascii_lowercase();
        (kind, declared.attribute("charset"))
    });
    content_type(&part.head).starts_with(&kind).then_some(())?;
    let utf_8 = std::str::from_utf8(&part.bytes).ok()?;
    let encoded = match charset {
        _ if utf_8.is_ascii() && !charset.is_some_and(transfer::shifts_ascii) => part.bytes.as_ref().into(),
        None => return None,
        Some(label) => {
            let encoding = Encoding::for_label(label.as_bytes()).filter(|known| known.output_encoding() == *known)?;
            let (encoded, _, has_others) = encoding.encode(utf_8);
            (!has_others).then_some(encoded)?
        }
    };
    let mut text = Vec::new();
    match parsed.content_transfer_encoding().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "base64" => base64(&encoded, &mut text),
        "quoted-printable" => quoted_printable(&encoded, &mut text),
        _ => text.extend_from_slice(&encoded),
    }
    Some(text)
}

fn write_part(part: &Part<'_>, boundary: &str, text: &mut Vec<u8>) {
    let mark = format!("--{boundary}");
    text.extend_from_slice(format!("{mark}\r\n{}", part.head).as_bytes());
    if memmem::find(&part.bytes, mark.as_bytes()).is_some() {
        text.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n\r\n");
        base64(&part.bytes, text);
    } else {
        text.extend_from_slice(b"Content-Transfer-Encoding: binary\r\n\r\n");
        text.extend_from_slice(&part.bytes);
    }
    text.extend_from_slice(b"\r\n");
}

/// Writes header lines and the blank line after them. `wanted` is the content
/// type that they have to state.
fn write_head(head: &[u8], wanted: Option<&str>, text: &mut Vec<u8>) {
    let mut stated = false;
    for field in fields(head) {
        let name = field.split(|byte| *byte == b':').next().unwrap_or_default().trim_ascii();
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if let (true, Some(_)) = (is("Content-Transfer-Encoding"), wanted) {
            text.extend_from_slice(name);
            text.extend_from_slice(b": binary\r\n");
        } else if let (true, Some(wanted)) = (is("Content-Type"), wanted) {
            text.extend_from_slice(name);
            text.extend_from_slice(format!(": {wanted}\r\n").as_bytes());
            stated = true;
        } else {
            text.extend_from_slice(field.trim_ascii_end());
            text.extend_from_slice(b"\r\n");
        }
    }
    // A plain body needs no statement, and one more header would be ours.
    if let Some(wanted) = wanted.filter(|wanted| !stated && *wanted != PLAIN) {
        text.extend_from_slice(format!("Content-Type: {wanted}\r\n").as_bytes());
    }
    text.extend_from_slice(b"\r\n");
}

const PLAIN: &str = "text/plain; charset=utf-8";

fn content_type(head: &str) -> &str {
    let line = head.lines().find_map(|line| line.strip_prefix("Content-Type: "));
    line.unwrap_or("application/octet-stream")
}

/// Header fields with their folded lines.
fn fields(head: &[u8]) -> Vec<&[u8]> {
    let (mut fields, mut start, mut at): (Vec<&[u8]>, usize, usize) = (Vec::new(), 0, 0);
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        if at > start && !line.starts_with(b" ") && !line.starts_with(b"\t") {
            fields.push(&head[start..at]);
            start = at;
        }
        at += line.len();
    }
    if at > start {
        fields.push(&head[start..at]);
    }
    fields
}

/// The boundary of a multipart that headers declare.
fn boundary(head: &[u8]) -> Option<String> {
    let parsed = MessageParser::new().with_mime_headers().default_header_ignore().parse_headers(head)?;
    let declared = parsed.content_type().filter(|declared| declared.ctype().eq_ignore_ascii_case("multipart"))?;
    let boundary = declared.attribute("boundary")?;
    (!boundary.contains(['\r', '\n'])).then(|| boundary.to_owned())
}

/// The bodies: plain and HTML where they are, else what the RTF holds.
fn bodies(item: &Item) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    parts.extend(stored_body(item, tag::BODY, "text/plain"));
    parts.extend(stored_body(item, tag::HTML, "text/html"));
    let has = |tag| item.properties.get(tag).is_some_and(|value| !is_empty(value));
    if has(tag::HTML) {
        return parts;
    }
    let compressed = item.properties.bytes(tag::RTF_COMPRESSED).and_then(rtf::decompress);
    match compressed.as_deref().and_then(rtf::read) {
        Some(Rtf::Html(html)) => parts.push(unpacked(html, "text/html")),
        Some(Rtf::Text(text)) if parts.is_empty() => parts.push(unpacked(text, "text/plain")),
        _ => {}
    }
    parts
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.is_empty(),
        Value::Narrow(bytes) | Value::Bytes(bytes) => bytes.is_empty(),
        Value::Number(_) => true,
    }
}

fn unpacked(text: String, kind: &str) -> Part<'static> {
    let head = format!("Content-Type: {kind}; charset=utf-8\r\n{PROPERTY}: 1009\r\n");
    Part { head, bytes: text.into_bytes().into() }
}

fn stored_body<'i>(item: &'i Item, property: u16, kind: &str) -> Option<Part<'i>> {
    let value = item.properties.get(property).filter(|value| !is_empty(value))?;
    let bytes = match value {
        Value::Text(text) => text.as_bytes().into(),
        Value::Narrow(bytes) | Value::Bytes(bytes) => match transfer::charset(charset_of(item, bytes), bytes) {
            Cow::Borrowed(text) => text.as_bytes().into(),
            Cow::Owned(text) => text.into_bytes().into(),
        },
        Value::Number(_) => return None,
    };
    let head = format!("Content-Type: {kind}; charset=utf-8\r\n{PROPERTY}: {property:04x}\r\n");
    Some(Part { head, bytes })
}

/// The stated code page; bytes without one are UTF-8 where they read as such.
fn charset_of(item: &Item, bytes: &[u8]) -> &'static str {
    let stated = item.properties.number(tag::INTERNET_CODEPAGE).and_then(label);
    let unstated = || if std::str::from_utf8(bytes).is_ok() { "utf-8" } else { item.charset() };
    stated.unwrap_or_else(unstated)
}

fn attached<'i>(attachment: &'i Attachment, n: usize, item: &Item, level: usize) -> Part<'i> {
    let text = |tag| attachment.properties.text(tag, item.charset());
    let named = [tag::ATTACH_NAME, tag::ATTACH_SHORT_NAME, tag::DISPLAY_NAME].into_iter().find_map(text);
    let name = named.unwrap_or_else(|| format!("attachment-{n}"));
    if let Some(inner) = attachment.item.as_deref() {
        let mut bytes = Vec::new();
        write(inner, level + 1, &mut bytes);
        let head = attached_head("message/rfc822", &format!("{name}.eml"), n);
        return Part { head, bytes: bytes.into() };
    }
    let declared = text(tag::ATTACH_MIME_TAG).filter(|declared| is_leaf_type(declared));
    let mut head = attached_head(declared.as_deref().unwrap_or("application/octet-stream"), &name, n);
    if let Some(id) = text(tag::ATTACH_CONTENT_ID) {
        head.push_str(&format!("Content-ID: <{}>\r\n", one_line(&id)));
    }
    Part { head, bytes: attachment.properties.bytes(tag::ATTACH_DATA).unwrap_or_default().into() }
}

fn attached_head(content_type: &str, name: &str, n: usize) -> String {
    let name = quoted(name);
    format!(
        "Content-Type: {content_type}; name={name}\r\nContent-Disposition: attachment; \
         filename={name}\r\n{PROPERTY}: 3701 of attachment {n}\r\n"
    )
}

/// Whether a type is that of one file: any other would be taken apart as if the
/// bytes were part of this message.
fn is_leaf_type(declared: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '+' | '_');
    let lower = declared.to_ascii_lowercase();
    declared.chars().all(plain)
        && declared.matches('/').count() == 1
        && !lower.starts_with("multipart/")
        && !lower.starts_with("message/")
}

/// Writes base64 in lines of 76.
fn base64(bytes: &[u8], text: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (n, three) in bytes.chunks(3).enumerate() {
        if n > 0 && n % 19 == 0 {
            text.extend_from_slice(b"\r\n");
        }
        let word = three.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let value = (word >> (18 - 6 * digit)) & 63;
            text.push(if digit <= three.len() { DIGITS[value as usize] } else { b'=' });
        }
    }
}

/// Writes what is no printable ASCII, and the equals sign, as `=XX`.
fn quoted_printable(bytes: &[u8], text: &mut Vec<u8>) {
    for byte in bytes {
        if matches!(byte, b' '..=b'<' | b'>'..=b'~' | b'\r' | b'\n' | b'\t') {
            text.push(*byte);
        } else {
            text.extend_from_slice(format!("={byte:02X}").as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Properties, kind};
    use super::*;

    fn item(properties: &[(u16, u16, &[u8])]) -> Item {
        let mut item = Item::default();
        properties.iter().for_each(|(tag, kind, bytes)| item.properties.put(*tag, *kind, bytes.to_vec()));
        item
    }

    fn shown(item: &Item) -> String {
        String::from_utf8_lossy(&message(item)).into_owned()
    }

    #[test]
    fn transport_headers_stand_as_they_are_and_their_boundary_is_used() {
        let head =
            b"Received: a\r\n\tby b\r\nX-odd:1\r\nContent-Type: multipart/alternative;\r\n boundary=\"b 1\"\r\n\r\n";
        let both = item(&[
            (tag::TRANSPORT_HEADERS, kind::NARROW, head),
            (tag::BODY, kind::NARROW, b"hello"),
            (tag::HTML, kind::BINARY, b"<p>--b 1"),
        ]);
        let text = shown(&both);
        assert!(text.starts_with(&String::from_utf8_lossy(head)[..]), "{text}");
        assert!(text.contains("--b 1\r\nContent-Type: text/plain; charset=utf-8\r\nX-MAPI-Property: 1000\r\n"));
        assert!(text.contains("base64\r\n\r\nPHA+LS1iIDE=\r\n--b 1--"), "{text}");
    }

    #[test]
    fn a_text_is_put_back_into_what_headers_declare_where_that_holds_it() {
        for (declared, body, expected) in [
            (
                "text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: base64",
                "\u{43f}",
                "koi8-r\r\nContent-Transfer-Encoding: base64\r\n\r\n0A==",
            ),
            (
                "text/plain; charset=utf-8\r\nContent-transfer-encoding: quoted-printable",
                "=\u{e9}",
                "printable\r\n\r\n=3D=C3=A9",
            ),
            (
                "text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: base64",
                "\u{4e2d}",
                "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: binary\r\n\r\n\u{4e2d}",
            ),
            ("text/html", "hello", "Content-type: text/plain; charset=utf-8\r\n\r\nhello"),
        ] {
            let head = format!("Subject: s\r\nContent-type: {declared}\r\n");
            let body: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let one = item(&[(tag::TRANSPORT_HEADERS, kind::NARROW, head.as_bytes()), (tag::BODY, kind::WIDE, &body)]);
            assert!(shown(&one).ends_with(expected), "{}", shown(&one));
        }
    }

    #[test]
    fn what_was_never_sent_gets_headers_that_say_so() {
        let mut one = item(&[
            (tag::SUBJECT, kind::NARROW, b"\x01\x05Re: x\r\nBcc: y"),
            (tag::SENDER_NAME, kind::NARROW, b"A \"B\""),
            (tag::SENDER_ADDRESS, kind::NARROW, b"a@town.test"),
            (tag::CLIENT_SUBMIT_TIME, kind::TIME, &134_231_400_000_000_000i64.to_le_bytes()),
        ]);
        let mut to = Properties::default();
        to.put(tag::SMTP_ADDRESS, kind::NARROW, b"c@town.test".to_vec());
        one.recipients.push(to);
        let expected = "X-Written-From: MAPI\r\nFrom: \"A \\\"B\\\"\" <a@town.test>\r\nTo: <c@town.test>\r\nSubject: \
                        Re: x  Bcc: y\r\nDate: Wed, 13 May 2026 10:00:00 -0000\r\nMIME-Version: 1.0\r\n\r\n";
        assert_eq!(shown(&one), expected);
    }
}
