//! TNEF: the `winmail.dat` that Outlook sends along (MS-OXTNEF).
//!
//! A stream of attributes, some of which hold sets of MAPI properties. In a
//! mail it is that mail's own body and attachments, so it gives bodies and
//! attachments to the mail around it and no message of its own; a file of its
//! own gives a message. What lies behind a damaged attribute is lost.

use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Entry, Format, Loss, Out, Reading, Step};

use super::compressed::length_of;
use super::mail::{MESSAGE_BYTES, message};
use super::mapi::{Attachment, DEPTH, Item, Properties, kind, tag, written};
use super::msg;

/// TNEF.
pub struct Tnef;

impl Format for Tnef {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "tnef",
            summary: "winmail.dat: the body and attachments of a mail as Outlook sends them (TNEF)",
            doc: "What it reads: the attributes of the message and of its attachments, and the MAPI properties in \
                  them, items within items included.\n\nWhat it gives: within a mail, that mail's bodies, and one \
                  child source per attachment; else as mail does, of the message written out as for msg.\n\nPlaces: \
                  `tnef` gives the message written out.\n\nLosses: attributes that fail their checksum (they are \
                  read all the same), what lies behind one that is cut short, items more than 8 deep, more than 256 \
                  MiB.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        head.starts_with(MAGIC)
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut raw = Vec::new();
        bytes.take(length_of(reading.split).min(MESSAGE_BYTES + 1)).read_to_end(&mut raw)?;
        if !out.begin(0) {
            return Ok(());
        }
        if raw.len() as u64 > MESSAGE_BYTES {
            out.loss(At::whole(reading.chain), Loss { reason: "message is over 256 MiB", count: 1, detail: "tnef" });
            return Ok(());
        }
        let item = item(&raw, 0);
        match reading.chain.rsplit_once("part:") {
            Some((around, _)) => {
                let chain = extend_chain(reading.chain, &Step::Tnef);
                msg::lose(&item, &chain, out);
                message::read_entity(&written::message(&item), around.trim_end_matches('/'), &chain, out);
            }
            None => msg::give(&item, &Step::Tnef, reading, out),
        }
        Ok(())
    }
}

/// What a TNEF stream holds, written out.
pub fn written(raw: &[u8]) -> Option<Vec<u8>> {
    raw.starts_with(MAGIC).then(|| written::message(&item(raw, 0)))
}

const MAGIC: &[u8] = b"\x78\x9f\x3e\x22";

/// Attribute ids (MS-OXTNEF, 2.1.3.2) without their types.
mod attribute {
    pub const SUBJECT: u16 = 0x8004;
    pub const MESSAGE_ID: u16 = 0x8009;
    pub const BODY: u16 = 0x800c;
    pub const ATTACH_DATA: u16 = 0x800f;
    pub const ATTACH_TITLE: u16 = 0x8010;
    pub const ATTACH_RENDERING: u16 = 0x9002;
    pub const MESSAGE_PROPERTIES: u16 = 0x9003;
    pub const RECIPIENTS: u16 = 0x9004;
    pub const ATTACH_PROPERTIES: u16 = 0x9005;
    pub const OEM_CODEPAGE: u16 = 0x9007;
}

fn item(raw: &[u8], depth: usize) -> Item {
    let mut item = Item::default();
    // The magic number and a key that nobody uses.
    let mut bytes = Bytes(raw.get(6..).unwrap_or_default());
    while !bytes.0.is_empty() {
        let Some((id, value, sound)) = bytes.attribute() else {
            item.lose("TNEF is cut short");
            break;
        };
        if !sound {
            item.lose("TNEF attribute fails its checksum");
        }
        take(id, value, depth, &mut item);
    }
    item
}

fn take(id: u16, value: &[u8], depth: usize, item: &mut Item) {
    let mut into_message = |tag, kind| item.properties.put(tag, kind, value.to_vec());
    match id {
        attribute::SUBJECT => into_message(tag::SUBJECT, kind::NARROW),
        attribute::BODY => into_message(tag::BODY, kind::NARROW),
        attribute::OEM_CODEPAGE => into_message(tag::MESSAGE_CODEPAGE, kind::LONG),
        attribute::MESSAGE_ID => {}
        attribute::MESSAGE_PROPERTIES => {
            let (properties, _) = Bytes(value).properties(depth, item);
            item.properties.add(properties);
        }
        attribute::RECIPIENTS => recipients(value, depth, item),
        attribute::ATTACH_RENDERING => item.attachments.push(Attachment::default()),
        attribute::ATTACH_DATA | attribute::ATTACH_TITLE => {
            let (tag, kind) = if id == attribute::ATTACH_DATA {
                (tag::ATTACH_DATA, kind::BINARY)
            } else {
                (tag::ATTACH_SHORT_NAME, kind::NARROW)
            };
            last_attachment(item).properties.put(tag, kind, value.to_vec());
        }
        attribute::ATTACH_PROPERTIES => {
            let (properties, inner) = Bytes(value).properties(depth, item);
            let attachment = last_attachment(item);
            attachment.properties.add(properties);
            attachment.item = inner.map(Box::new).or(attachment.item.take());
        }
        _ => {}
    }
}

fn last_attachment(item: &mut Item) -> &mut Attachment {
    if item.attachments.is_empty() {
        item.attachments.push(Attachment::default());
    }
    let last = item.attachments.len() - 1;
    &mut item.attachments[last]
}

fn recipients(value: &[u8], depth: usize, item: &mut Item) {
    let mut bytes = Bytes(value);
    for _ in 0..bytes.number().unwrap_or(0) {
        if bytes.0.is_empty() {
            break;
        }
        let (properties, _) = bytes.properties(depth, item);
        item.recipients.push(properties);
    }
}

/// The unread bytes.
struct Bytes<'r>(&'r [u8]);

impl<'r> Bytes<'r> {
    fn take(&mut self, count: usize) -> Option<&'r [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let bytes: [u8; 4] = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    }

    /// Bytes with the padding that brings them to a multiple of four.
    fn padded(&mut self, count: usize) -> Option<&'r [u8]> {
        let value = self.take(count)?;
        self.0 = self.0.get((4 - count % 4) % 4..).unwrap_or_default();
        Some(value)
    }

    /// Id and value of an attribute, and whether the value has its checksum.
    fn attribute(&mut self) -> Option<(u16, &'r [u8], bool)> {
        self.take(1)?;
        let id = (self.number()? & 0xffff) as u16;
        let length = self.number()?;
        let value = self.take(length)?;
        let sum = value.iter().fold(0u16, |sum, byte| sum.wrapping_add((*byte).into()));
        let stated = self.take(2)?;
        Some((id, value, u16::from_le_bytes([stated[0], stated[1]]) == sum))
    }

    /// A set of properties, and the item that one of them is. What follows a
    /// property that cannot be read is lost.
    fn properties(&mut self, depth: usize, item: &mut Item) -> (Properties, Option<Item>) {
        let (mut properties, mut inner) = (Properties::default(), None);
        for _ in 0..self.number().unwrap_or(0) {
            let Some((tag, kind, value)) = self.property() else {
                item.lose("property could not be read to its end");
                self.0 = &[];
                break;
            };
            // An object starts with the id of its interface.
            match value.get(16..).filter(|rest| kind == kind::OBJECT && rest.starts_with(MAGIC)) {
                Some(_) if depth >= DEPTH => item.lose("nested too deeply"),
                Some(rest) => inner = Some(self::item(rest, depth + 1)),
                None => properties.put(tag, kind, value.to_vec()),
            }
        }
        (properties, inner)
    }

    /// Id, type and value; of several values the last.
    fn property(&mut self) -> Option<(u16, u16, &'r [u8])> {
        let head = self.take(4)?;
        let (kind, tag) = (u16::from_le_bytes([head[0], head[1]]), u16::from_le_bytes([head[2], head[3]]));
        if tag >= 0x8000 {
            self.take(16)?;
            let by_name = self.number()? != 0;
            let length = self.number()?;
            if by_name {
                self.padded(length)?;
            }
        }
        let (single, is_many) = (kind & !0x1000, kind & 0x1000 != 0);
        let is_long = matches!(single, kind::NARROW | kind::WIDE | kind::BINARY | kind::OBJECT);
        let count = if is_many || is_long { self.number()? } else { 1 };
        let mut value: &[u8] = &[];
        // Values without bytes are not worth counting through.
        for _ in 0..if is_long || width(single) > 0 { count } else { 0 } {
            let length = if is_long { self.number()? } else { width(single) };
            value = self.padded(length)?;
        }
        Some((tag, kind, value))
    }
}

/// Bytes of a value of fixed length.
fn width(kind: u16) -> usize {
    match kind {
        0x0001 | 0x0000 => 0,
        kind::SHORT | kind::BOOLEAN => 2,
        0x0005..=0x0007 | kind::LONGLONG | kind::TIME => 8,
        0x0048 => 16,
        _ => 4,
    }
}
