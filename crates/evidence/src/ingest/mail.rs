//! Mail: one RFC 5322 message, with everything that it carries.
//!
//! `mail-parser` finds headers and MIME parts; what they mean for a case is
//! read here. Read `message` first, then `part`, `header`, and the headers
//! that need a grammar of their own: `received`, `authentication`, `date`.
//! Attached messages and files are child sources, so an attached original is
//! read exactly as if it had been handed in alone. Of a mail that a body quotes
//! with its headers, `quoted` finds the place and `forward` gives the rows.

use std::io::{self, Read};

use model::{At, Entry, Format, Loss, Out, Reading};

use super::compressed::length_of;

mod authentication;
pub(super) mod date;
mod forward;
pub mod grammar;
mod hand;
pub(super) mod header;
pub mod message;
mod mta;
pub mod part;
mod person_fields;
mod quoted;
mod quoted_names;
mod received;
mod said;
mod shifted;
mod shown;
mod signed;
mod sketch;
pub mod transfer;

/// Bytes that one message may have.
pub const MESSAGE_BYTES: u64 = 256 << 20;

/// Room made at once for a message whose size is not known.
const ROOM_BYTES: u64 = 64 << 10;

/// A file that is one message: `.eml`, a Maildir file, an attached message.
pub struct Mail;

impl Format for Mail {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "mail",
            summary: "one mail message (.eml, a Maildir file, an attached original)",
            doc: "What it reads: RFC 5322 and MIME, with line feeds or carriage returns alone, 8-bit headers, broken \
                  encodings and missing boundaries, and labels of charset and encoding that do not hold (the column \
                  charset keeps the label, the place has the charset that was read); a mark of byte order, blank lines or one `From ` line may come first.\n\nWhat \
                  it gives: rows of messages, hops, declared_auth, envelopes and bodies; one child source per \
                  attachment. A mail that a text body quotes with its headers, or of which the source is pasted \
                  there, gives rows of messages, hops, declared_auth and envelopes as well, with what is quoted and \
                  nothing else.\n\nPlaces: a header value is `header:NAME[n]`, counted from the start of the value \
                  after the colon and white space; a body is `part:N`, then `base64` or `quoted-printable` where it \
                  is encoded, then `charset:X` where it had to be converted; a header of a part is a byte range of \
                  the message; a quoted mail is a byte range of the body, its headers are ranges within that.\n\nLosses: lines among the headers that are no headers, parts that do not decode as \
                  declared, charsets that nobody knows, messages of more than 256 MiB, more than 256 \
                  mails quoted in one body or more than 8 within each other.",
        }
    }

    fn sniff(&self, head: &[u8], name: &str) -> bool {
        grammar::looks_like_message(head, name)
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut raw = Vec::with_capacity(length_of(reading.split).min(ROOM_BYTES) as usize);
        bytes.take(length_of(reading.split).min(MESSAGE_BYTES + 1)).read_to_end(&mut raw)?;
        if !out.begin(0) {
            return Ok(());
        }
        if raw.len() as u64 > MESSAGE_BYTES {
            out.loss(At::whole(reading.chain), Loss { reason: "message is over 256 MiB", count: 1, detail: "" });
            return Ok(());
        }
        let raw = grammar::with_line_feeds(&raw);
        message::read(&raw, &message::Place { chain: reading.chain, name: reading.name, position: 0 }, out);
        Ok(())
    }
}
