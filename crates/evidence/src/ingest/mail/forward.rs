//! Rows of the mails that a body quotes with their headers.
//!
//! What a quoted block says is what the sender of the message around it, or a
//! mail program of theirs, wrote there: it has no envelope, and a path only if
//! one is quoted. So that it is read as other mails are, a header of each kind
//! is written out anew and given to the same parser.

use std::ops::Range;

use mail_parser::Message;
use model::locator::extend_chain;
use model::{At, Loss, Out, Step, tables};

use super::header::{self, HeaderAt};
use super::message::{self, MessageRow, PARSER, Seat};
use super::quoted::{self, Found, Quoted, QuotedHeader};
use super::shown::Shown;
use super::{person_fields, said, sketch};

/// What the bodies of one message say: the mails that they quote, and a sketch of each.
pub struct Forwards<'m, 'a> {
    message: &'m Message<'a>,
    /// Steps from the evidence file to the message.
    around: &'m str,
    depth: u64,
    /// Whether a plain body held any: another form of it would give them again.
    found_in_plain: bool,
    /// Whether a body gave a sketch or sentences: another form of it would give them again.
    sketched: bool,
}

impl<'m, 'a> Forwards<'m, 'a> {
    /// Those of the message at `chain`.
    pub fn new(message: &'m Message<'a>, chain: &'m str) -> Self {
        Self { message, around: chain, depth: message::depth(chain), found_in_plain: false, sketched: false }
    }

    /// Gives the rows of the mails quoted in one body, and the sketches of them and of what is said around them.
    pub fn read(&mut self, content_type: &str, chain: &str, text: &str, out: &mut dyn Out) {
        match content_type {
            "text/plain" => {
                let found = quoted::find(text);
                self.found_in_plain |= !found.mails.is_empty();
                self.put(&found, text, chain, &|at| at, out);
            }
            "text/html" if !self.found_in_plain && (!self.sketched || text.contains('@')) => {
                let shown = Shown::of(text);
                self.put(&quoted::find(&shown.text), &shown.text, chain, &|at| shown.source(at), out);
            }
            _ => {}
        }
    }

    /// `source` gives the place in the body of a place in the text searched.
    fn put(&mut self, found: &Found<'_>, text: &str, chain: &str, source: &dyn Fn(usize) -> usize, out: &mut dyn Out) {
        let own = found.mails.first().map_or(text.len(), |mail| mail.start);
        if !self.sketched {
            self.sketched = put_sketch(text.get(..own), self.around, chain, out);
            let place = Spoken { message: self.around, chain, start: 0, text, source };
            self.sketched |= place.put(0..own, out);
        }
        if found.left_out > 0 {
            let loss = Loss { reason: "more mails are quoted than are read", count: found.left_out, detail: "" };
            out.loss(At::whole(chain), loss);
        }
        if found.mails.is_empty() {
            return;
        }
        let sender = self.sender();
        let mut places: Vec<Place> = Vec::with_capacity(found.mails.len());
        for mail in &found.mails {
            let around = mail.parent.and_then(|parent| places.get(parent));
            let (start, end) = (source(mail.start), source(mail.end));
            let outer = around.map_or(0, |around| around.start);
            let step = Step::Bytes((start - outer.min(start)) as u64, (end - outer.min(end)) as u64);
            let place = Place {
                chain: extend_chain(around.map_or(chain, |around| &around.chain), &step),
                start,
                depth: around.map_or(self.depth, |around| around.depth) + 1,
                size: (end - start.min(end)) as u64,
            };
            put_mail(mail, &place, sender.as_deref(), source, out);
            let says = mail.headers.last().map_or(mail.end, |header| header.place.1);
            put_sketch(text.get(says..mail.end), &place.chain, &place.chain, out);
            let spoken = Spoken { message: &place.chain, chain: &place.chain, start, text, source };
            spoken.put(says..mail.end, out);
            places.push(place);
        }
    }

    /// The address that sent the message: what was written from it is a
    /// recipient's, not the operators', and is named in private only.
    fn sender(&self) -> Option<String> {
        self.message.from()?.first()?.address().map(str::to_ascii_lowercase)
    }
}

/// Where a quoted mail stands.
struct Place {
    chain: String,
    /// Its offset in the body.
    start: usize,
    depth: u64,
    size: u64,
}

/// Gives the sketch of what the message at `message` says; tells whether there is one.
fn put_sketch(says: Option<&str>, message: &str, chain: &str, out: &mut dyn Out) -> bool {
    let Some(sketch) = says.and_then(sketch::of) else { return false };
    let cells = [message.into(), sketch.words.into(), (&sketch.hashes).into(), (&sketch.bands).into()];
    out.row(&tables::MAIL_SKETCHES, At::whole(chain), &cells);
    true
}

/// A message that speaks in a text.
struct Spoken<'t> {
    message: &'t str,
    /// Steps to the bytes that its places count in.
    chain: &'t str,
    /// Offset in the body from which they count.
    start: usize,
    text: &'t str,
    source: &'t dyn Fn(usize) -> usize,
}

impl Spoken<'_> {
    /// Gives what a range of the text demands, threatens and claims, and the personal data that it
    /// quotes; tells whether there is any of it.
    fn put(&self, range: Range<usize>, out: &mut dyn Out) -> bool {
        let Some(says) = self.text.get(range.clone()) else { return false };
        let speaks = self.put_sentences(says, range.start, out);
        self.put_fields(says, range.start, out) || speaks
    }

    fn put_sentences(&self, says: &str, from: usize, out: &mut dyn Out) -> bool {
        let (sentences, left_out) = said::find(says);
        for one in &sentences {
            let at = self.at(from, one.place);
            let cells =
                [self.message.into(), one.kind.into(), one.phrase.into(), says.get(one.place.0..one.place.1).into()];
            out.row(&tables::MAIL_SENTENCES, at, &cells);
        }
        if left_out > 0 {
            let reason = "more sentences demand, threaten or claim than are listed";
            out.loss(At::whole(self.chain), Loss { reason, count: left_out, detail: "" });
        }
        !sentences.is_empty()
    }

    fn put_fields(&self, says: &str, from: usize, out: &mut dyn Out) -> bool {
        let (fields, left_out) = person_fields::find(says);
        for field in &fields {
            let at = self.at(from, field.place);
            let part = |(from, to): (usize, usize)| says.get(from..to);
            let cells =
                [self.message.into(), field.kind.into(), part(field.place).into(), field.state.and_then(part).into()];
            out.row(&tables::MAIL_PERSON_FIELDS, at, &cells);
        }
        if left_out > 0 {
            let reason = "more personal data is quoted than is listed";
            out.loss(At::whole(self.chain), Loss { reason, count: left_out, detail: "" });
        }
        !fields.is_empty()
    }

    /// The place in the source of a place in what is said, which begins at `from`.
    fn at(&self, from: usize, place: (usize, usize)) -> At<'_> {
        let [start, end] = [place.0, place.1].map(|at| (self.source)(from + at).saturating_sub(self.start));
        At { chain: self.chain, start: start as u64, length: end.saturating_sub(start) as u64 }
    }
}

fn put_mail(
    mail: &Quoted<'_>,
    place: &Place,
    sender: Option<&str>,
    source: &dyn Fn(usize) -> usize,
    out: &mut dyn Out,
) {
    let (written, starts) = written_out(mail);
    let Some(message) = PARSER.parse_headers(&written).filter(|message| !message.parts.is_empty()) else { return };
    let headers = header::headers(&written, &message.parts[0].headers);
    let mut row = MessageRow::read(&headers, &written);
    row.settle(mail);
    let from = row.from_address.as_deref();
    let is_own = from.is_some_and(|from| sender.is_some_and(|sender| sender.eq_ignore_ascii_case(from)));
    let seat = Seat { chain: &place.chain, position: 0, depth: place.depth, attachments: 0, size: place.size };
    row.put(&seat, is_own, out);
    let place_of = |header: &HeaderAt<'_>| {
        let n = starts.partition_point(|start| *start <= header.parsed.offset_field as usize);
        let (start, end) = n.checked_sub(1).and_then(|n| mail.headers.get(n)).map_or((0, 0), |quoted| quoted.place);
        let within = |at| (source(at).saturating_sub(place.start) as u64).min(place.size);
        extend_chain(&place.chain, &Step::Bytes(within(start), within(end)))
    };
    message::header_rows(&headers, &place.chain, is_own, &place_of, out);
}

/// The headers in registered spelling, one a line, and where each begins.
fn written_out(mail: &Quoted<'_>) -> (Vec<u8>, Vec<usize>) {
    let (mut written, mut starts) = (Vec::new(), Vec::new());
    for header in &mail.headers {
        starts.push(written.len());
        written.extend_from_slice(header.name.as_bytes());
        written.extend_from_slice(b": ");
        let value = if mail.is_source { header.value.clone() } else { as_in_source(header) };
        written.extend(value.bytes().map(|byte| if byte.is_ascii_control() { b' ' } else { byte }));
        written.extend_from_slice(b"\r\n");
    }
    written.extend_from_slice(b"\r\n");
    (written, starts)
}

/// The value as the header of a mail would hold it. Programs show an address
/// as `[mailto:a@b]`, as `<a@b<mailto:a@b>>` or between asterisks.
fn as_in_source(header: &QuotedHeader<'_>) -> String {
    if !matches!(header.name, "From" | "To" | "Cc" | "Bcc" | "Reply-To") {
        return header.value.clone();
    }
    let value = header.value.replace("[mailto:", "<").replace("mailto:", "").replace(']', ">").replace('*', "");
    let Some((name, rest)) = value.split_once('<') else { return value };
    match rest.split_once('<').filter(|(first, _)| !first.contains('>') && first.contains('@')) {
        Some((first, _)) => format!("{name}<{first}>"),
        None if name.contains('@') && rest.starts_with(name.trim()) => format!("<{rest}"),
        None => value,
    }
}

impl MessageRow {
    /// Takes out what a quoted block does not state.
    fn settle(&mut self, mail: &Quoted<'_>) {
        self.return_path = None;
        let from = mail.headers.iter().find(|header| header.name.eq_ignore_ascii_case("From"));
        if let Some(from) = from.filter(|_| self.from_address.is_none() && self.from_name.is_none()) {
            self.from_name = Some(from.value.clone()).filter(|name| !name.contains('@'));
        }
        if mail.is_source {
            return;
        }
        // A program shows its reader's own time, often without saying so; only
        // a date in the form of the header is still the sender's.
        let is_as_sent = self.date_raw.as_deref().is_some_and(ends_in_offset);
        self.date = self.date.filter(|date| date.offset_minutes.is_some());
        if let Some(date) = self.date.as_mut().filter(|_| !is_as_sent) {
            date.offset_minutes = None;
        }
        self.header_order = String::new();
        for header in &mail.headers {
            message::append(&mut self.header_order, header.written);
        }
    }
}

/// Whether a date ends in a sign and four digits.
fn ends_in_offset(date: &str) -> bool {
    let Some(zone) = date.split_whitespace().rfind(|word| !word.starts_with('(')) else { return false };
    zone.len() == 5 && zone.starts_with(['+', '-']) && zone[1..].bytes().all(|byte| byte.is_ascii_digit())
}
