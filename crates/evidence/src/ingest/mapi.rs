//! MAPI: how Outlook and Exchange keep a mail, as properties rather than text.
//!
//! Three forms hold such properties: `.msg` files, `.pst` stores, and TNEF
//! (`winmail.dat`) within mails. Each is read into an [`Item`], and `written`
//! writes that out as an RFC 5322 message, which then is read by the code that
//! reads every other mail. What the item holds of the mail's own source, its
//! transport headers, is written byte for byte; what only properties tell is
//! written from them and marked with [`WRITTEN`], so that nobody takes our
//! order of headers for the sender's. The writing is a pure function of the
//! item: the steps `msg`, `pst:N` and `tnef` of a locator do it again.

use std::collections::BTreeMap;

use super::mail::header::HeaderAt;

mod codepage;
mod headers;
pub mod rtf;
pub mod written;

pub use codepage::label;

/// Header that opens a message of which only properties were there to write.
pub const WRITTEN: &str = "X-Written-From";

/// Items within items that are read.
pub const DEPTH: usize = 8;

/// Property ids (MS-OXPROPS) that are read.
pub mod tag {
    pub const SUBJECT: u16 = 0x0037;
    pub const CLIENT_SUBMIT_TIME: u16 = 0x0039;
    pub const SENT_REPRESENTING_NAME: u16 = 0x0042;
    pub const SENT_REPRESENTING_ADDRESS: u16 = 0x0065;
    pub const TRANSPORT_HEADERS: u16 = 0x007d;
    pub const RECIPIENT_TYPE: u16 = 0x0c15;
    pub const SENDER_NAME: u16 = 0x0c1a;
    pub const SENDER_ADDRESS: u16 = 0x0c1f;
    pub const DISPLAY_BCC: u16 = 0x0e02;
    pub const DISPLAY_CC: u16 = 0x0e03;
    pub const DISPLAY_TO: u16 = 0x0e04;
    pub const DELIVERY_TIME: u16 = 0x0e06;
    pub const BODY: u16 = 0x1000;
    pub const RTF_COMPRESSED: u16 = 0x1009;
    pub const HTML: u16 = 0x1013;
    pub const MESSAGE_ID: u16 = 0x1035;
    pub const REFERENCES: u16 = 0x1039;
    pub const IN_REPLY_TO: u16 = 0x1042;
    pub const DISPLAY_NAME: u16 = 0x3001;
    /// The same property names a folder.
    pub const FOLDER_NAME: u16 = DISPLAY_NAME;
    pub const ADDRESS: u16 = 0x3003;
    pub const ATTACH_DATA: u16 = 0x3701;
    pub const ATTACH_SHORT_NAME: u16 = 0x3704;
    pub const ATTACH_METHOD: u16 = 0x3705;
    pub const ATTACH_NAME: u16 = 0x3707;
    pub const ATTACH_MIME_TAG: u16 = 0x370e;
    pub const ATTACH_CONTENT_ID: u16 = 0x3712;
    pub const SMTP_ADDRESS: u16 = 0x39fe;
    pub const INTERNET_CODEPAGE: u16 = 0x3fde;
    pub const MESSAGE_CODEPAGE: u16 = 0x3ffd;
    pub const SENDER_SMTP: u16 = 0x5d01;
    pub const SENT_REPRESENTING_SMTP: u16 = 0x5d02;

    /// All of them.
    pub const ALL: [u16; 32] = [
        SUBJECT,
        CLIENT_SUBMIT_TIME,
        SENT_REPRESENTING_NAME,
        SENT_REPRESENTING_ADDRESS,
        TRANSPORT_HEADERS,
        RECIPIENT_TYPE,
        SENDER_NAME,
        SENDER_ADDRESS,
        DISPLAY_BCC,
        DISPLAY_CC,
        DISPLAY_TO,
        DELIVERY_TIME,
        BODY,
        RTF_COMPRESSED,
        HTML,
        MESSAGE_ID,
        REFERENCES,
        IN_REPLY_TO,
        DISPLAY_NAME,
        ADDRESS,
        ATTACH_DATA,
        ATTACH_SHORT_NAME,
        ATTACH_METHOD,
        ATTACH_NAME,
        ATTACH_MIME_TAG,
        ATTACH_CONTENT_ID,
        SMTP_ADDRESS,
        INTERNET_CODEPAGE,
        MESSAGE_CODEPAGE,
        SENDER_SMTP,
        SENT_REPRESENTING_SMTP,
        FOLDER_NAME,
    ];
}

/// Property types (MS-OXCDATA, 2.11.1) that are read.
pub mod kind {
    pub const SHORT: u16 = 0x0002;
    pub const LONG: u16 = 0x0003;
    pub const BOOLEAN: u16 = 0x000b;
    pub const OBJECT: u16 = 0x000d;
    pub const LONGLONG: u16 = 0x0014;
    pub const NARROW: u16 = 0x001e;
    pub const WIDE: u16 = 0x001f;
    pub const TIME: u16 = 0x0040;
    pub const BINARY: u16 = 0x0102;
}

/// The value of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text that was UTF-16.
    Text(String),
    /// Text in the code page of the item.
    Narrow(Vec<u8>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A number or truth value; a time in units of 100 ns since 1601.
    Number(i64),
}

/// The properties of an item, a recipient or an attachment.
#[derive(Clone, Debug, Default)]
pub struct Properties(BTreeMap<u16, Value>);

impl Properties {
    /// Takes a property in; types that nothing here needs are passed over. Of
    /// two with one id the first stays.
    pub fn put(&mut self, tag: u16, kind: u16, bytes: Vec<u8>) {
        let number = || {
            let mut wide = [0; 8];
            let length = bytes.len().min(8);
            wide[..length].copy_from_slice(&bytes[..length]);
            i64::from_le_bytes(wide)
        };
        let value = match kind {
            kind::SHORT | kind::BOOLEAN => Value::Number(number() & 0xffff),
            kind::LONG => Value::Number(number() & 0xffff_ffff),
            kind::LONGLONG | kind::TIME => Value::Number(number()),
            kind::NARROW => Value::Narrow(without_zeros(bytes)),
            kind::WIDE => Value::Text(wide(&bytes)),
            kind::BINARY | kind::OBJECT => Value::Bytes(bytes),
            _ => return,
        };
        self.0.entry(tag).or_insert(value);
    }

    /// Takes in all of another set, which takes precedence.
    pub fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The property of that id.
    pub fn get(&self, tag: u16) -> Option<&Value> {
        self.0.get(&tag)
    }

    /// A property that is bytes.
    pub fn bytes(&self, tag: u16) -> Option<&[u8]> {
        match self.get(tag)? {
            Value::Bytes(bytes) | Value::Narrow(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// A property that is a number.
    pub fn number(&self, tag: u16) -> Option<i64> {
        match self.get(tag)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A property that is text, with what is narrow read in `charset`; `None`
    /// where it is empty.
    pub fn text(&self, tag: u16, charset: &str) -> Option<String> {
        let text = match self.get(tag)? {
            Value::Text(text) => text.clone(),
            Value::Narrow(bytes) => super::mail::transfer::charset(charset, bytes).into_owned(),
            _ => return None,
        };
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }
}

/// A mail as properties.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// Those of the mail itself.
    pub properties: Properties,
    /// One set for each recipient.
    pub recipients: Vec<Properties>,
    /// What travels along.
    pub attachments: Vec<Attachment>,
    /// What could not be read of it: a reason and how often.
    pub lost: BTreeMap<&'static str, u64>,
}

/// An attachment of an item.
#[derive(Clone, Debug, Default)]
pub struct Attachment {
    /// Its properties.
    pub properties: Properties,
    /// The item that it is, where it is one.
    pub item: Option<Box<Item>>,
}

impl Item {
    /// Charset of its narrow texts, as a WHATWG label.
    pub fn charset(&self) -> &'static str {
        let pages = [tag::MESSAGE_CODEPAGE, tag::INTERNET_CODEPAGE];
        pages.into_iter().find_map(|page| label(self.properties.number(page)?)).unwrap_or("windows-1252")
    }

    /// Counts something that could not be read.
    pub fn lose(&mut self, reason: &'static str) {
        *self.lost.entry(reason).or_default() += 1;
    }

    /// All that could not be read, of items within it as well.
    pub fn losses(&self) -> BTreeMap<&'static str, u64> {
        let mut all = self.lost.clone();
        for item in self.attachments.iter().filter_map(|attachment| attachment.item.as_deref()) {
            for (reason, count) in item.losses() {
                *all.entry(reason).or_default() += count;
            }
        }
        all
    }
}

/// Whether the headers of the message at `chain` were written from properties:
/// their order then is ours.
pub fn is_written(headers: &[HeaderAt<'_>], chain: &str) -> bool {
    headers.first().is_some_and(|first| first.name().eq_ignore_ascii_case(WRITTEN)) && is_written_out(chain)
}

/// Whether the bytes that `chain` leads to may have been written out from an
/// item: no signature of a body can hold on them.
pub fn is_written_out(chain: &str) -> bool {
    chain.split('/').any(|step| matches!(step, "msg" | "tnef") || step.starts_with("pst:"))
}

fn without_zeros(mut bytes: Vec<u8>) -> Vec<u8> {
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes
}

/// UTF-16LE, without the zero that may end it.
fn wide(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let mut text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.truncate(text.trim_end_matches('\0').len());
    text
}
