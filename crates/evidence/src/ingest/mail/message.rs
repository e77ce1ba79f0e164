//! One message: its row, the rows of its headers, then its parts.

use std::sync::LazyLock;

use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, PartType};
use memchr::memmem;
use model::locator::extend_chain;
use model::{At, Cell, Loss, Out, Role, Step, Text, tables};
use sha2::{Digest, Sha256};

use super::date::{self, MailDate};
use super::header::{self, HeaderAt};
use super::part::{self, Kind, Whole};
use super::{authentication, grammar, hand, mta, received, signed};
use crate::ingest::mapi;

/// Where a message stands.
pub struct Place<'a> {
    /// Steps from the evidence file to the message.
    pub chain: &'a str,
    /// The file as laid out.
    pub name: &'a str,
    /// Place in its mbox, from 0.
    pub position: u64,
}

/// Only what a row or the MIME tree needs is parsed; all else stays raw.
pub(super) static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
    MessageParser::new()
        .with_mime_headers()
        .header_text(HeaderName::Subject)
        .header_address(HeaderName::From)
        .header_address(HeaderName::ReplyTo)
        .header_address(HeaderName::To)
        .header_address(HeaderName::Cc)
        .header_address(HeaderName::Bcc)
        .default_header_ignore()
});

/// Reads one message. `raw` is what `place.chain` gives.
pub fn read(raw: &[u8], place: &Place<'_>, out: &mut dyn Out) {
    let base = grammar::preamble(raw);
    let body = &raw[base..];
    let Some(message) = PARSER.parse(body).filter(|message| !message.parts.is_empty()) else {
        out.loss(At::whole(place.chain), Loss { reason: "no mail header is found", count: 1, detail: "" });
        return;
    };
    let headers = header::headers(body, &message.parts[0].headers);
    let is_note = is_note(&message, place);
    // What anybody else writes is no provider's statement, whatever it says.
    let letter = is_note.then(|| (message.subject().unwrap_or(""), sender_domain(&message)));
    let whole = Whole { raw: body, base, chain: place.chain, owner: place.chain, is_note, letter };
    if out.wants_rows() {
        let mut row = MessageRow::read(&headers, body);
        if mapi::is_written(&headers, place.chain) {
            row.header_order = String::new();
        }
        let seat = Seat {
            chain: place.chain,
            position: place.position,
            depth: depth(place.chain),
            attachments: attachments(&message),
            size: raw.len() as u64,
        };
        row.put(&seat, whole.is_note, out);
        header_rows(&headers, place.chain, whole.is_note, &header_place(place.chain), out);
        hand::put(&message, &headers, body, place.chain, out);
        // Outlook keeps other bytes of a body than those that were signed.
        if !mapi::is_written_out(place.chain) {
            signed::put(body, &headers, place.chain, out);
        }
        let head_end = base + message.parts[0].offset_body as usize;
        lose_odd_lines(&headers, &raw[..head_end.min(raw.len())], base, place.chain, out);
    }
    if out.wants_texts() {
        header_texts(&headers, place.chain, whole.is_note, out);
    }
    part::give(&message, &whole, out);
    drop(headers);
    dismantle(message);
}

/// Reads what is kept as a message and is part of another, as TNEF is: bodies
/// and attachments are those of `owner`, and there is no row of a message.
pub fn read_entity(raw: &[u8], owner: &str, chain: &str, out: &mut dyn Out) {
    let Some(message) = PARSER.parse(raw) else { return };
    part::give(&message, &Whole { raw, base: 0, chain, owner, is_note: false, letter: None }, out);
    dismantle(message);
}

/// The raw bytes of a part of the message that `raw` is.
pub fn part_bytes(raw: &[u8], n: u64) -> Option<&[u8]> {
    let settled = grammar::with_line_feeds(raw);
    let base = grammar::preamble(&settled);
    let (message, body) = (PARSER.parse(&settled[base..])?, &raw[base..]);
    let range = message.parts.get(usize::try_from(n).ok()?).map(|part| part::slice(body, part));
    dismantle(message);
    range
}

/// The raw value of a header of the message that `raw` is; names match in any case.
pub fn header_bytes<'m>(raw: &'m [u8], name: &str, n: u64) -> Option<&'m [u8]> {
    let settled = grammar::with_line_feeds(raw);
    let base = grammar::preamble(&settled);
    let (message, body) = (PARSER.parse_headers(&settled[base..])?, &raw[base..]);
    let headers = &message.parts.first()?.headers;
    let mut named = headers.iter().filter(|header| header.name.as_str().eq_ignore_ascii_case(name));
    Some(header::value_of(body, named.nth(usize::try_from(n).ok()?)?).1)
}

/// Takes nested messages apart one by one: dropping them as they are nested
/// would use up the stack on a message built to do that.
fn dismantle(message: Message<'_>) {
    let mut waiting = vec![message];
    while let Some(message) = waiting.pop() {
        waiting.extend(message.parts.into_iter().filter_map(|part| match part.body {
            PartType::Message(nested) => Some(nested),
            _ => None,
        }));
    }
}

/// Whether the message as a whole speaks about the case: a complaint with the
/// original attached, or anything filed as complaints and statements are.
fn is_note(message: &Message<'_>, place: &Place<'_>) -> bool {
    const FOLDERS: [&str; 7] = ["complaint", "report", "abuse", "hosting", "provider", "statement", "note"];
    if depth(place.chain) > 0 {
        return false;
    }
    let folders = place.name.rsplit_once('/').map_or("", |(folders, _)| folders).to_ascii_lowercase();
    let forwards = message.parts.iter().any(part::is_message) && !is_bounce(message);
    forwards || FOLDERS.iter().any(|word| folders.contains(word))
}

fn sender_domain<'m>(message: &'m Message<'_>) -> Option<&'m str> {
    let address = message.from()?.first()?.address()?;
    address.rsplit_once('@').map(|(_, domain)| domain.trim_end_matches('>'))
}

/// A delivery report also carries the original, but nobody speaks in it.
fn is_bounce(message: &Message<'_>) -> bool {
    use mail_parser::MimeHeaders;
    message.parts.first().is_some_and(|root| root.is_content_type("multipart", "report"))
}

/// Messages around this one: each is left through one of its parts. What TNEF
/// holds is still the message that carries it.
pub(super) fn depth(chain: &str) -> u64 {
    chain.split('/').fold(0, |depth: u64, step| match step {
        "tnef" => depth.saturating_sub(1),
        _ => depth + u64::from(step.starts_with("part:")),
    })
}

/// Attachments, attached messages included.
fn attachments(message: &Message<'_>) -> u64 {
    let kinds = message.parts.iter().enumerate().map(|(n, part)| part::kind(n, part));
    kinds.filter(|kind| *kind == Kind::Attached).count() as u64 - u64::from(part::named_body(message).is_some())
}

/// Where the row of a message stands, and what its headers do not tell.
pub(super) struct Seat<'a> {
    pub chain: &'a str,
    pub position: u64,
    pub depth: u64,
    pub attachments: u64,
    pub size: u64,
}

/// What the row of a message takes from its headers; of headers that should
/// occur once, the topmost counts.
#[derive(Default)]
pub(super) struct MessageRow {
    message_id: Option<String>,
    pub date: Option<MailDate>,
    pub date_raw: Option<String>,
    pub from_address: Option<String>,
    pub from_name: Option<String>,
    reply_to: Option<String>,
    pub return_path: Option<String>,
    mailer: Option<String>,
    script: Option<String>,
    bulk: bool,
    pub header_order: String,
    dkim_domains: String,
}

impl MessageRow {
    pub fn read(headers: &[HeaderAt<'_>], raw: &[u8]) -> Self {
        let mut row = Self::default();
        for header in headers {
            append(&mut row.header_order, &String::from_utf8_lossy(header::written_name(raw, header.parsed)));
            row.take(header);
        }
        row
    }

    fn take(&mut self, header: &HeaderAt<'_>) {
        let text = || header.unfolded().into_owned();
        match &header.parsed.name {
            HeaderName::MessageId => keep(&mut self.message_id, text),
            HeaderName::Date if self.date_raw.is_none() => {
                let raw = text();
                self.date = date::parse(&raw);
                self.date_raw = Some(raw);
            }
            HeaderName::From if self.from_address.is_none() => {
                (self.from_address, self.from_name) = match header.repaired() {
                    Some(text) => reread_address(&text),
                    None => first_address(header),
                };
            }
            HeaderName::ReplyTo if self.reply_to.is_none() => self.reply_to = first_address(header).0,
            HeaderName::ReturnPath => keep(&mut self.return_path, || bare_address(&header.unfolded())),
            HeaderName::ListId | HeaderName::ListUnsubscribe => self.bulk = true,
            HeaderName::DkimSignature => {
                if let Some(domain) = signing_domain(&header.unfolded()) {
                    append(&mut self.dkim_domains, &domain);
                }
            }
            _ => self.take_by_name(header),
        }
    }

    fn take_by_name(&mut self, header: &HeaderAt<'_>) {
        let text = || header.unfolded().into_owned();
        let is = |name: &str| header.name().eq_ignore_ascii_case(name);
        if is("X-Mailer") || is("User-Agent") {
            keep(&mut self.mailer, text);
        } else if is("X-PHP-Originating-Script") || is("X-PHP-Script") {
            keep(&mut self.script, text);
        } else if is("Precedence") {
            self.bulk |= ["bulk", "list", "junk"].iter().any(|word| text().trim().eq_ignore_ascii_case(word));
        }
    }

    /// The sender of a note is a recipient of the operators' mail, so only the
    /// domain is put here, and the address among the envelopes.
    pub fn put(&self, seat: &Seat<'_>, is_note: bool, out: &mut dyn Out) {
        let domain = self.from_address.as_deref().and_then(|address| Some(address.rsplit_once('@')?.1));
        let open = |value: &'_ Option<String>| value.clone().filter(|_| !is_note);
        let (from_address, from_name, reply_to) =
            (open(&self.from_address), open(&self.from_name), open(&self.reply_to));
        let (return_path, copy_key) = (open(&self.return_path), self.copy_key());
        let cells = [
            seat.position.into(),
            seat.depth.into(),
            self.message_id.as_ref().into(),
            copy_key.as_ref().into(),
            self.date.map(|date| Cell::Time(date.micros)).into_cell(),
            self.date.and_then(|date| date.offset_minutes).map(Cell::I64).into_cell(),
            self.date_raw.as_ref().into(),
            from_address.as_ref().into(),
            from_name.as_ref().into(),
            domain.into(),
            reply_to.as_ref().into(),
            return_path.as_ref().into(),
            self.mailer.as_ref().into(),
            self.script.as_ref().into(),
            self.bulk.into(),
            (&self.header_order).into(),
            Some(&self.dkim_domains).filter(|domains| !domains.is_empty()).into(),
            seat.attachments.into(),
            seat.size.into(),
        ];
        out.row(&tables::MESSAGES, At::whole(seat.chain), &cells);
    }
}

impl MessageRow {
    /// What copies of one mail share whatever hosts and reporters added. A reused
    /// Message-ID alone makes no copy.
    fn copy_key(&self) -> Option<String> {
        let id = self.message_id.as_deref()?;
        let mut sum = Sha256::new();
        for field in [id, self.from_address.as_deref().unwrap_or("")] {
            sum.update(field.as_bytes());
            sum.update([0]);
        }
        sum.update(self.date.map_or(0, |date| date.micros).to_le_bytes());
        Some(sum.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// Null where there is nothing.
trait IntoCell<'a> {
    fn into_cell(self) -> Cell<'a>;
}

impl<'a> IntoCell<'a> for Option<Cell<'a>> {
    fn into_cell(self) -> Cell<'a> {
        self.unwrap_or(Cell::Null)
    }
}

fn keep(field: &mut Option<String>, text: impl FnOnce() -> String) {
    if field.is_none() {
        *field = Some(text()).filter(|text| !text.is_empty());
    }
}

pub(super) fn append(list: &mut String, word: &str) {
    if !list.is_empty() {
        list.push(',');
    }
    list.push_str(word);
}

/// The chain of a header of the message at `chain`.
fn header_place(chain: &str) -> impl Fn(&HeaderAt<'_>) -> String {
    move |header| extend_chain(chain, &Step::Header(header.name().to_owned(), header.ordinal))
}

/// Rows of hops, declared checks and the private envelope. `place_of` gives the
/// chain of a header.
pub(super) fn header_rows(
    headers: &[HeaderAt<'_>],
    chain: &str,
    is_note: bool,
    place_of: &dyn Fn(&HeaderAt<'_>) -> String,
    out: &mut dyn Out,
) {
    for header in headers {
        let place = || place_of(header);
        match &header.parsed.name {
            HeaderName::Received => hop_row(header, chain, &place(), out),
            HeaderName::AuthenticationResults | HeaderName::ArcAuthenticationResults | HeaderName::ReceivedSpf => {
                declared_rows(header, chain, &place(), out);
            }
            HeaderName::Subject => {
                if let HeaderValue::Text(subject) = &header.parsed.value {
                    let subject = header.repaired().unwrap_or_else(|| subject.to_string());
                    envelope_row(chain, "subject", &subject, &place(), out);
                }
            }
            HeaderName::From if is_note => envelope_rows(header, chain, "from", &place(), out),
            _ => {
                if let Some(field) = header::envelope_field(header.name()) {
                    envelope_rows(header, chain, field, &place(), out);
                }
            }
        }
    }
}

fn hop_row(header: &HeaderAt<'_>, message: &str, place: &str, out: &mut dyn Out) {
    let Some(hop) = received::parse(&header.unfolded()) else {
        out.loss(At::whole(place), Loss { reason: "Received header is not understood", count: 1, detail: "" });
        return;
    };
    let from_ip = hop.from_ip.map(|ip| ip.to_canonical().to_string());
    let server = mta::of(&header.unfolded(), hop.id.as_deref());
    let cells = [
        message.into(),
        header.ordinal.into(),
        hop.helo.as_ref().into(),
        hop.from_host.as_ref().into(),
        from_ip.as_ref().into(),
        hop.by_host.as_ref().into(),
        hop.protocol.as_ref().into(),
        hop.id.as_ref().into(),
        hop.date.map(|date| Cell::Time(date.micros)).into_cell(),
        hop.date.and_then(|date| date.offset_minutes).map(Cell::I64).into_cell(),
        server.map(|(name, _)| name).into(),
        server.map(|(_, own_id)| Cell::Bool(own_id)).into_cell(),
    ];
    out.row(&tables::HOPS, At::whole(place), &cells);
}

fn declared_rows(header: &HeaderAt<'_>, message: &str, place: &str, out: &mut dyn Out) {
    for declared in authentication::parse(header.name(), &header.unfolded()).unwrap_or_default() {
        let cells = [
            message.into(),
            declared.authserv_id.as_ref().into(),
            (&declared.method).into(),
            (&declared.result).into(),
            declared.property.as_ref().into(),
            declared.domain.as_ref().into(),
        ];
        out.row(&tables::DECLARED_AUTH, At::whole(place), &cells);
    }
}

fn envelope_rows(header: &HeaderAt<'_>, message: &str, field: &str, place: &str, out: &mut dyn Out) {
    match &header.parsed.value {
        HeaderValue::Address(addresses) => {
            for address in addresses.iter().filter_map(|entry| entry.address.as_deref()) {
                envelope_row(message, field, &lower_domain(address), place, out);
            }
        }
        _ => envelope_row(message, field, &bare_address(&header.unfolded()), place, out),
    }
}

fn envelope_row(message: &str, field: &str, value: &str, place: &str, out: &mut dyn Out) {
    out.row(&tables::ENVELOPES, At::whole(place), &[message.into(), field.into(), value.into()]);
}

/// Every raw value is a text of its own.
fn header_texts(headers: &[HeaderAt<'_>], chain: &str, is_note: bool, out: &mut dyn Out) {
    for header in headers.iter().filter(|header| !header.value.is_empty()) {
        let name = header.name();
        let place = extend_chain(chain, &Step::Header(name.to_owned(), header.ordinal));
        let role = match header.parsed.name {
            HeaderName::Subject if is_note => Role::Note,
            _ => Role::Header(name),
        };
        let personal = is_note || header::may_name_victims(name);
        out.text(&Text { role, chain: &place, start: 0, bytes: header.value, personal });
    }
}

/// Lines among the headers, and behind the last, that the parser passed over.
/// `head` is the message up to its body.
fn lose_odd_lines(headers: &[HeaderAt<'_>], head: &[u8], base: usize, chain: &str, out: &mut dyn Out) {
    let fields = headers.iter().map(|header| (header.parsed.offset_field as usize, header.parsed.offset_end as usize));
    let mut end = base;
    for (field, next) in fields.chain([(head.len().saturating_sub(base), 0)]) {
        let between = head.get(end..base + field).unwrap_or_default();
        let odd = between.trim_ascii();
        if !odd.is_empty() {
            let start = end + (between.len() - between.trim_ascii_start().len());
            let at = At { chain, start: start as u64, length: odd.len() as u64 };
            out.loss(at, Loss { reason: "line is no mail header", count: 1, detail: "" });
        }
        end = base + next;
    }
}

/// The first address, with its domain in lower case, and the first display
/// name: a stray comma often parts the two.
fn first_address(header: &HeaderAt<'_>) -> (Option<String>, Option<String>) {
    let HeaderValue::Address(addresses) = &header.parsed.value else { return (None, None) };
    let is_name = |address: &&str| is_quoted_only(header.value, address);
    let mut written = addresses.iter().filter_map(|entry| entry.address.as_deref());
    let address =
        written.find(|address| address.contains('@') && !address.ends_with('"') && !is_name(address)).map(address_end);
    let mut names = addresses
        .iter()
        .filter_map(|entry| entry.address.as_deref().filter(is_name).or(entry.name.as_deref()))
        .map(str::trim);
    (address.map(lower_domain), names.find(|name| !name.is_empty()).map(str::to_owned))
}

/// The same out of a value that had to be converted.
fn reread_address(value: &str) -> (Option<String>, Option<String>) {
    let written = format!("From: {value}\r\n\r\n");
    let parsed = PARSER.parse_headers(written.as_bytes());
    let part = parsed.as_ref().and_then(|message| message.parts.first());
    let headers = part.map_or_else(Vec::new, |part| header::headers(written.as_bytes(), &part.headers));
    headers.first().map(first_address).unwrap_or_default()
}

/// Whether `address` stands in `value` between quotation marks and nowhere
/// else: then it is a display name that looks like an address (RFC 5322, 3.4).
fn is_quoted_only(value: &[u8], address: &str) -> bool {
    let mut places = memmem::find_iter(value, address.as_bytes()).peekable();
    places.peek().is_some()
        && places.all(|at| value[..at].ends_with(b"\"") && value[at + address.len()..].starts_with(b"\""))
}

/// An address without what no domain can hold.
fn address_end(address: &str) -> &str {
    let domain = address.rfind('@').map_or(0, |at| at + 1);
    let end = address[domain..].find([',', ';', ' ', '>']).map_or(address.len(), |end| domain + end);
    address[..end].trim_end_matches('.')
}

/// The address between angle brackets, or the value itself.
fn bare_address(value: &str) -> String {
    let inner = value.split_once('<').map_or(value, |(_, rest)| rest.split('>').next().unwrap_or(rest));
    lower_domain(inner.trim())
}

fn lower_domain(address: &str) -> String {
    match address.trim().rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.trim().to_ascii_lowercase()),
        None => address.trim().to_owned(),
    }
}

/// The `d=` tag of a DKIM signature.
fn signing_domain(signature: &str) -> Option<String> {
    memmem::find(signature.as_bytes(), b"d=")?;
    let tags = signature.split(';').filter_map(|tag| tag.split_once('='));
    let (_, domain) = tags.into_iter().find(|(name, _)| name.trim() == "d")?;
    Some(domain.split_whitespace().collect::<String>().to_ascii_lowercase())
}
