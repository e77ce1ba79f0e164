//! Outlook items in files of their own: `.msg` (MS-OXMSG).
//!
//! A compound file holds each property of the item as a stream, each recipient
//! and attachment as a storage of such streams. An embedded item is a storage
//! in an attachment. What all streams together may give is bounded, since in a
//! damaged or hostile file several may share their sectors.

use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use cfb::CompoundFile;
use memchr::memmem;
use model::locator::extend_chain;
use model::{At, Entry, Format, Loss, Out, Reading, Step};

use super::compressed::length_of;
use super::mail::MESSAGE_BYTES;
use super::mapi::{Attachment, DEPTH, Item, Properties, kind, tag, written};

/// An Outlook item.
pub struct Msg;

impl Format for Msg {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "msg",
            summary: "an Outlook item in a file of its own (.msg)",
            doc: "What it reads: compound files that hold the properties of a mail, with narrow or wide texts, \
                  recipients, attachments and items within items.\n\nWhat it gives: as mail does, of the item \
                  written out as a message. Its transport headers stand there byte for byte; where it has none, \
                  From, To, Cc, Bcc, Subject, Date and Message-ID are written from its properties below a header \
                  X-Written-From. Bodies are the plain and the HTML one, or what the compressed RTF holds.\n\n\
                  Places: `msg` gives the message; each part names the property which its bytes are in \
                  X-MAPI-Property, and `cfb:__substg1.0_` with that property and its type gives the stream \
                  itself.\n\nLosses: files of more than 256 MiB, damaged ones, streams that do not read, items \
                  within items more than 8 deep; compound files that hold no item.",
        }
    }

    fn sniff(&self, head: &[u8], name: &str) -> bool {
        let named = || name.get(name.len().saturating_sub(4)..).is_some_and(|end| end.eq_ignore_ascii_case(".msg"));
        head.starts_with(MAGIC) && (memmem::find(head, &utf_16(PROPERTIES)).is_some() || named())
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut raw = Vec::new();
        bytes.take(length_of(reading.split).min(MESSAGE_BYTES + 1)).read_to_end(&mut raw)?;
        if !out.begin(0) {
            return Ok(());
        }
        let lose = |reason, detail: &str, out: &mut dyn Out| {
            out.loss(At::whole(reading.chain), Loss { reason, count: 1, detail });
        };
        if raw.len() as u64 > MESSAGE_BYTES {
            lose("message is over 256 MiB", "msg", out);
            return Ok(());
        }
        match item(&raw) {
            Some(item) => give(&item, &Step::Msg, reading, out),
            None => lose("compound file holds no item that can be read", "msg", out),
        }
        Ok(())
    }
}

/// Hands an item on as the message that it is written out as.
pub fn give(item: &Item, step: &Step, reading: &Reading<'_>, out: &mut dyn Out) {
    lose(item, &extend_chain(reading.chain, step), out);
    let message = written::message(item);
    out.child(reading.chain, step, &format!("{}.eml", reading.name), &mut message.as_slice());
}

/// Notes what could not be read of an item.
pub fn lose(item: &Item, chain: &str, out: &mut dyn Out) {
    for (reason, count) in item.losses() {
        out.loss(At::whole(chain), Loss { reason, count, detail: "" });
    }
}

/// The item of a compound file, written out.
pub fn written(raw: &[u8]) -> Option<Vec<u8>> {
    Some(written::message(&item(raw)?))
}

/// The bytes of a stream of a compound file.
pub fn stream_bytes(raw: &[u8], path: &str) -> Option<Vec<u8>> {
    let mut file = CompoundFile::open(Cursor::new(raw)).ok()?;
    let mut bytes = Vec::new();
    file.open_stream(Path::new("/").join(path)).ok()?.take(MESSAGE_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const PROPERTIES: &str = "__properties_version1.0";
const STREAM: &str = "__substg1.0_";

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn item(raw: &[u8]) -> Option<Item> {
    let mut storages = Storages {
        file: CompoundFile::open(Cursor::new(raw)).ok()?,
        left: (raw.len() as u64).saturating_mul(2).saturating_add(1 << 20),
    };
    let root = Path::new("/");
    storages.file.is_stream(root.join(PROPERTIES)).then(|| storages.item(root, 0))
}

struct Storages<'r> {
    file: CompoundFile<Cursor<&'r [u8]>>,
    /// Bytes that may still be read.
    left: u64,
}

impl Storages<'_> {
    fn item(&mut self, path: &Path, depth: usize) -> Item {
        let mut item = Item::default();
        item.properties = self.properties(path, if depth == 0 { 32 } else { 24 }, &mut item);
        for (name, inner) in self.storages(path) {
            if name.starts_with("__recip_version1.0_") {
                let properties = self.properties(&inner, 8, &mut item);
                item.recipients.push(properties);
            } else if name.starts_with("__attach_version1.0_") {
                let attachment = self.attachment(&inner, depth, &mut item);
                item.attachments.push(attachment);
            }
        }
        item
    }

    fn attachment(&mut self, path: &Path, depth: usize, item: &mut Item) -> Attachment {
        let mut attachment = Attachment { properties: self.properties(path, 8, item), item: None };
        let inner = path.join(format!("{STREAM}{:04X}{:04X}", tag::ATTACH_DATA, kind::OBJECT));
        if self.file.is_stream(inner.join(PROPERTIES)) {
            if depth < DEPTH {
                attachment.item = Some(Box::new(self.item(&inner, depth + 1)));
            } else {
                item.lose("nested too deeply");
            }
        } else if self.file.is_storage(&inner) {
            item.lose("attachment is an object of another program");
        }
        attachment
    }

    /// The storages within one, in the order of their names.
    fn storages(&self, path: &Path) -> Vec<(String, PathBuf)> {
        let Ok(entries) = self.file.read_storage(path) else { return Vec::new() };
        let storages = entries.filter(|entry| entry.is_storage());
        let mut named: Vec<_> = storages.map(|entry| (entry.name().to_owned(), entry.path().to_owned())).collect();
        named.sort();
        named
    }

    /// The properties of a storage: those of fixed length stand in one stream,
    /// after `head` bytes, each other in a stream of its own.
    fn properties(&mut self, path: &Path, head: usize, item: &mut Item) -> Properties {
        let mut properties = Properties::default();
        let fixed = self.stream(&path.join(PROPERTIES), item);
        for entry in fixed.get(head..).unwrap_or_default().chunks_exact(16) {
            let (kind, tag) = (u16::from_le_bytes([entry[0], entry[1]]), u16::from_le_bytes([entry[2], entry[3]]));
            if !matches!(kind, kind::NARROW | kind::WIDE | kind::BINARY | kind::OBJECT) {
                properties.put(tag, kind, entry[8..].to_vec());
            }
        }
        let Ok(entries) = self.file.read_storage(path) else { return properties };
        let streams: Vec<PathBuf> =
            entries.filter(|entry| entry.is_stream()).map(|entry| entry.path().to_owned()).collect();
        for stream in streams {
            let name = stream.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if let Some((tag, kind)) = name.strip_prefix(STREAM).and_then(tag_and_kind) {
                let bytes = self.stream(&stream, item);
                properties.put(tag, kind, bytes);
            }
        }
        properties
    }

    fn stream(&mut self, path: &Path, item: &mut Item) -> Vec<u8> {
        let mut bytes = Vec::new();
        let outcome = self.file.open_stream(path).and_then(|stream| stream.take(self.left).read_to_end(&mut bytes));
        self.left -= bytes.len() as u64;
        if outcome.is_err() || self.left == 0 {
            item.lose("property could not be read to its end");
        }
        bytes
    }
}

/// Property id and type out of the name of a stream.
fn tag_and_kind(digits: &str) -> Option<(u16, u16)> {
    let (tag, kind) = (digits.len() == 8).then(|| digits.split_at_checked(4)).flatten()?;
    Some((u16::from_str_radix(tag, 16).ok()?, u16::from_str_radix(kind, 16).ok()?))
}
