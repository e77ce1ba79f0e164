//! The MIME parts of a message: bodies are decoded here, everything else is
//! handed on as a source of its own.

use std::borrow::Cow;

use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::{HeaderName, HeaderValue, Message, MessagePart, MimeHeaders, PartType};
use memchr::memmem;
use model::locator::extend_chain;
use model::{At, Loss, Out, Role, Step, Text, tables};

use super::forward::Forwards;
use super::header;
use super::shifted;
use super::transfer;
use crate::ingest::statement;

/// What becomes of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Holds other parts and no text of its own.
    Container,
    /// Text that a reader is shown.
    Body,
    /// A file or message that travels along.
    Attached,
}

/// A message as its parts need to know it.
pub struct Whole<'m> {
    /// What the parser was given.
    pub raw: &'m [u8],
    /// Bytes of the message before it.
    pub base: usize,
    /// Steps from the evidence file to the message.
    pub chain: &'m str,
    /// Steps to the message that bodies belong to.
    pub owner: &'m str,
    /// Whether somebody speaks here about the case, rather than the operators.
    pub is_note: bool,
    /// Subject and sender's domain of a letter whose statements are to be read.
    pub letter: Option<(&'m str, Option<&'m str>)>,
}

/// The part that a reader is shown as the text though it has the name of a file:
/// where no part is a body without doing so, the first that could be one.
pub fn named_body(message: &Message<'_>) -> Option<usize> {
    let mut parts = message.parts.iter().enumerate();
    if parts.any(|(n, part)| kind(n, part) == Kind::Body) {
        return None;
    }
    message.parts.iter().position(|part| {
        let is_text = part.is_content_type("text", "plain") || part.is_content_type("text", "html");
        let is_attachment = part.content_disposition().is_some_and(|disposition| disposition.is_attachment());
        let ends = [".txt", ".text", ".htm", ".html"];
        let named = part.attachment_name().unwrap_or_default().to_ascii_lowercase();
        is_text && !is_attachment && is_file(part) && ends.iter().any(|end| named.ends_with(end))
    })
}

/// Tells bodies from attachments.
pub fn kind(n: usize, part: &MessagePart<'_>) -> Kind {
    let is_text = matches!(part.body, PartType::Text(_) | PartType::Html(_));
    match part.body {
        PartType::Multipart(_) => Kind::Container,
        // The parser shows what it cannot decode as text, whatever it is.
        _ if is_text && is_declared_text(part) && (n == 0 || !is_file(part)) => Kind::Body,
        _ => Kind::Attached,
    }
}

fn is_declared_text(part: &MessagePart<'_>) -> bool {
    part.content_type().is_none_or(|declared| ["text", "multipart", "message"].contains(&declared.ctype()))
}

fn is_file(part: &MessagePart<'_>) -> bool {
    part.content_disposition().is_some_and(|disposition| disposition.is_attachment())
        || part.attachment_name().is_some()
}

/// Whether an attached part is a message.
pub fn is_message(part: &MessagePart<'_>) -> bool {
    matches!(part.body, PartType::Message(_)) || part.is_content_type("message", "rfc822")
}

/// The bytes of a part as they stand in what the parser was given.
pub fn slice<'m>(raw: &'m [u8], part: &MessagePart<'_>) -> &'m [u8] {
    let end = (part.offset_end as usize).min(raw.len());
    raw.get(part.offset_body as usize..end).unwrap_or_default()
}

/// Gives rows, texts, children and losses of all parts.
pub fn give(message: &Message<'_>, whole: &Whole<'_>, out: &mut dyn Out) {
    let mut forwards = Forwards::new(message, whole.owner);
    let named_body = named_body(message);
    for (n, part) in message.parts.iter().enumerate() {
        if n > 0 && out.wants_texts() {
            header_texts(part, whole, out);
        }
        let chain = extend_chain(whole.chain, &Step::Part(n as u64));
        let kind = if named_body == Some(n) { Kind::Body } else { kind(n, part) };
        match kind {
            Kind::Container => {}
            Kind::Body => body(part, &chain, whole, &mut forwards, out),
            Kind::Attached => attached(part, n, &chain, whole, out),
        }
        if part.is_encoding_problem && out.wants_rows() {
            lose_encoding(part, &chain, out);
        }
    }
}

/// Headers of a part may hold file names; their place is a range of the message.
fn header_texts(part: &MessagePart<'_>, whole: &Whole<'_>, out: &mut dyn Out) {
    for parsed in &part.headers {
        let (start, bytes) = header::value_of(whole.raw, parsed);
        let start = (whole.base + start) as u64;
        let role = Role::Header(parsed.name.as_str());
        out.text(&Text { role, chain: whole.chain, start, bytes, personal: true });
    }
}

fn lose_encoding(part: &MessagePart<'_>, chain: &str, out: &mut dyn Out) {
    let (reason, detail) = match declared_step(part) {
        Some(step) => ("part is not encoded as it declares", step.to_string()),
        None => ("part has no end", String::new()),
    };
    out.loss(At::whole(chain), Loss { reason, count: 1, detail: &detail });
}

fn body(part: &MessagePart<'_>, chain: &str, whole: &Whole<'_>, forwards: &mut Forwards<'_, '_>, out: &mut dyn Out) {
    let mut chain = match transfer_step(part, whole.raw) {
        Some(step) => extend_chain(chain, &step),
        None => chain.to_owned(),
    };
    let label = charset_label(part);
    // Most texts show at once that their label holds, and are decoded once.
    let doubtful = match &part.body {
        PartType::Text(text) | PartType::Html(text) => is_doubtful(text, label.as_deref()),
        _ => true,
    };
    let bytes = if doubtful { transferred(part, whole.raw) } else { Cow::Borrowed(&[][..]) };
    let other = transfer::other_charset(label.as_deref(), &bytes).map(str::to_ascii_lowercase);
    let text = match &other {
        Some(other) => transfer::charset(other, &bytes),
        None => text(part, label.as_deref(), whole.raw),
    };
    if let Some(step) = charset_step(other.as_deref().or(label.as_deref()), &text) {
        chain = extend_chain(&chain, &step);
    }
    if let Some(label) = label.as_deref().filter(|label| !transfer::is_known_charset(label)) {
        let detail: String = label.chars().take(40).collect();
        out.loss(At::whole(&chain), Loss { reason: "charset is not known", count: 1, detail: &detail });
    }
    if out.wants_rows() {
        let declared = content_type(part);
        let cells = [whole.owner.into(), (&declared).into(), label.as_ref().into(), text.as_ref().into()];
        out.row(&tables::BODIES, At::whole(&chain), &cells);
        if let Some((subject, sender_domain)) = whole.letter.filter(|_| declared == "text/plain") {
            let said = statement::statements(subject, &text);
            statement::put(&said, sender_domain, &chain, out);
        }
        forwards.read(&declared, &chain, &text, out);
    }
    if out.wants_texts() && !text.is_empty() {
        body_texts(&chain, &text, whole.is_note, out);
    }
}

/// Whether a decoded text may have had another label than its own.
fn is_doubtful(text: &str, label: Option<&str>) -> bool {
    let says_utf_8 = label.is_none_or(is_utf8);
    !text.is_ascii() && (!says_utf_8 || text.contains('\u{fffd}'))
}

/// A forwarded mail below a note is the operators' again.
fn body_texts(chain: &str, text: &str, is_note: bool, out: &mut dyn Out) {
    let noted = if is_note { forward_start(text.as_bytes()) } else { 0 };
    let (note, own) = text.as_bytes().split_at(noted);
    for (role, start, bytes) in [(Role::Note, 0, note), (Role::Body, noted as u64, own)] {
        if !bytes.is_empty() {
            out.text(&Text { role, chain, start, bytes, personal: true });
        }
    }
}

/// Where a forwarded mail begins in a body; its end if there is none.
fn forward_start(text: &[u8]) -> usize {
    const MARKS: [&str; 4] =
        ["- Forwarded message -", "-Original Message-", "- Original Message -", "Begin forwarded message:"];
    MARKS.iter().filter_map(|mark| memmem::find(text, mark.as_bytes())).min().unwrap_or(text.len())
}

fn text<'p>(part: &'p MessagePart<'_>, label: Option<&str>, raw: &'p [u8]) -> Cow<'p, str> {
    let foreign = label.is_some_and(|label| {
        shifted::is_known(label) || (charset_decoder(label.as_bytes()).is_none() && !is_utf8(label))
    });
    let undecoded = part.is_encoding_problem && declared_step(part).is_some();
    match &part.body {
        PartType::Text(text) | PartType::Html(text) if !foreign && !undecoded && is_settled(text, label) => {
            text.as_ref().into()
        }
        _ => {
            let bytes = transferred(part, raw);
            transfer::charset(label.unwrap_or("utf-8"), &bytes).into_owned().into()
        }
    }
}

/// Whether another look at the bytes could give no better text.
fn is_settled(text: &str, label: Option<&str>) -> bool {
    let odd = |label: &str| transfer::is_ascii(label) || transfer::is_utf_16(label) || text.contains('\u{fffd}');
    text.is_ascii() || !label.is_some_and(odd)
}

/// The step that a reader needs to get the same text: none where the bytes
/// already are UTF-8.
fn charset_step(label: Option<&str>, text: &str) -> Option<Step> {
    match label {
        Some(label) if transfer::is_known_charset(label) && !is_utf8(label) => {
            let converted = !text.is_ascii() || transfer::shifts_ascii(label);
            converted.then(|| Step::Charset(label.to_owned()))
        }
        _ => text.contains('\u{fffd}').then(|| Step::Charset("utf-8".to_owned())),
    }
}

fn is_utf8(label: &str) -> bool {
    matches!(label, "utf-8" | "utf8")
}

fn charset_label(part: &MessagePart<'_>) -> Option<String> {
    let label = part.content_type()?.attribute("charset")?;
    let label = label.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';')).to_ascii_lowercase();
    (!label.is_empty()).then_some(label)
}

fn content_type(part: &MessagePart<'_>) -> String {
    part.content_type().map_or_else(
        || "text/plain".to_owned(),
        |declared| format!("{}/{}", declared.ctype(), declared.subtype().unwrap_or_default()).to_ascii_lowercase(),
    )
}

fn declared_step(part: &MessagePart<'_>) -> Option<Step> {
    let declared = part.headers.iter().rev().find(|header| header.name == HeaderName::ContentTransferEncoding)?;
    let HeaderValue::Text(encoding) = &declared.value else { return None };
    match encoding.trim() {
        base64 if base64.eq_ignore_ascii_case("base64") => Some(Step::Base64),
        quoted if quoted.eq_ignore_ascii_case("quoted-printable") => Some(Step::QuotedPrintable),
        _ => None,
    }
}

/// The step that decodes a part; none for a text that only says it is base64.
fn transfer_step(part: &MessagePart<'_>, raw: &[u8]) -> Option<Step> {
    let declared = declared_step(part)?;
    let is_text = declared == Step::Base64 && part.is_encoding_problem && transfer::is_no_base64(slice(raw, part));
    (!is_text).then_some(declared)
}

fn transferred<'m>(part: &MessagePart<'_>, raw: &'m [u8]) -> Cow<'m, [u8]> {
    let slice = slice(raw, part);
    match transfer_step(part, raw) {
        Some(Step::Base64) => transfer::base64(slice).into(),
        Some(_) => transfer::quoted_printable(slice).into(),
        None => slice.into(),
    }
}

fn attached(part: &MessagePart<'_>, n: usize, chain: &str, whole: &Whole<'_>, out: &mut dyn Out) {
    let name = match part.attachment_name() {
        Some(name) => name.to_owned(),
        None if is_message(part) => "attached.eml".to_owned(),
        None => format!("part-{n}"),
    };
    let slice = slice(whole.raw, part);
    match (transfer_step(part, whole.raw), &part.body) {
        (Some(step), PartType::Binary(bytes) | PartType::InlineBinary(bytes)) if !part.is_encoding_problem => {
            out.child(chain, &step, &name, &mut bytes.as_ref());
        }
        (Some(step), _) => out.child(chain, &step, &name, &mut transferred(part, whole.raw).as_ref()),
        (None, _) => out.child(whole.chain, &Step::Part(n as u64), &name, &mut { slice }),
    }
}
