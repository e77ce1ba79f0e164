//! PDF: the pictures in it, for `screen` to read.
//!
//! A picture is a stream of its own in the file. JPEG stands there as it is,
//! so its place is a range of bytes; rows of pixels are packed, and are
//! written out as netpbm, which adds nothing but their size. Text, forms and
//! scripts are not looked at.

use std::io::{self, Read};

use hayro_syntax::{DecryptionError, LoadPdfError, Pdf as Document};
use memchr::memmem;
use model::{At, Entry, Format, Loss, Out, Reading, Step};

use super::compressed::length_of;
use picture::{Picture, Want};

mod picture;

/// Bytes of a document that is held while it is read.
const DOCUMENT_BYTES: u64 = 256 << 20;

/// Bytes at the end among which the mark of the end stands; some programs write a little behind it.
const TAIL_BYTES: usize = 2048;

/// Pictures of one document; one with more is a scan that nobody's screen made.
const PICTURES_AT_MOST: usize = 2_000;

/// PDF documents.
pub struct Pdf;

impl Format for Pdf {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "pdf",
            summary: "a PDF document, for the pictures in it",
            doc: "What it reads: ISO 32000, also with a broken table of objects, also encrypted without a \
                  password.\n\nWhat it gives: one child source per picture: JPEG as it stands, and packed rows of gray, \
                  RGB or palette colours.\n\nPlaces: `bytes:A-B` for JPEG as it stands in the file, `pdf:N` for the \
                  picture of object N, unpacked.\n\nLimits: text is not read; of pictures no JBIG2, JPEG 2000, fax, \
                  CMYK rows, or more than 8 bits a value; none within pages' own instructions.\n\nLosses: such pictures, \
                  those too small to hold text, documents that need a password, are over 256 MiB or hold more than \
                  2,000 pictures.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        head.trim_ascii_start().starts_with(b"%PDF-")
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut raw = Vec::new();
        bytes.take(length_of(reading.split).min(DOCUMENT_BYTES + 1)).read_to_end(&mut raw)?;
        let whole = At::whole(reading.chain);
        if raw.len() as u64 > DOCUMENT_BYTES {
            out.loss(whole, Loss { reason: "PDF is over 256 MiB", count: 1, detail: "" });
            return Ok(());
        }
        let tail = &raw[raw.len().saturating_sub(TAIL_BYTES)..];
        if memmem::find(tail, b"%%EOF").is_none() {
            out.loss(whole, Loss { reason: "PDF ends early", count: 1, detail: "" });
        }
        match Document::new(raw) {
            Ok(document) => pictures(&document, reading, out),
            Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => {
                out.loss(whole, Loss { reason: "PDF needs a password", count: 1, detail: "" });
            }
            Err(_) => out.loss(whole, Loss { reason: "PDF cannot be read", count: 1, detail: "" }),
        }
        Ok(())
    }
}

/// The picture that an object of a document is, unpacked.
pub fn picture(raw: &[u8], object: u64) -> Option<Vec<u8>> {
    let document = Document::new(raw.to_vec()).ok()?;
    let found = picture::all(&document).into_iter().find(|picture| picture.object == object)?;
    found.unpacked().ok().map(|(bytes, _)| bytes)
}

fn pictures(document: &Document, reading: &Reading<'_>, out: &mut dyn Out) {
    let (mut small, mut given) = (0, 0);
    for picture in picture::all(document) {
        let (start, end) = picture.place.unwrap_or((0, 0));
        let at = At { chain: reading.chain, start, length: end - start };
        match picture.want() {
            Want::Small => small += 1,
            Want::Unread(coding) => {
                out.loss(
                    at,
                    Loss { reason: "picture in a PDF in a coding that is not read", count: 1, detail: coding },
                );
            }
            Want::Read if given == PICTURES_AT_MOST => {
                out.loss(at, Loss { reason: "picture in a PDF beyond the 2,000th", count: 1, detail: "" });
            }
            Want::Read => {
                given += 1;
                if out.begin(start) {
                    give(&picture, at, reading, out);
                }
            }
        }
    }
    if small > 0 {
        let reason = "picture in a PDF too small to hold text";
        out.loss(At::whole(reading.chain), Loss { reason, count: small, detail: "" });
    }
}

fn give(picture: &Picture<'_>, at: At<'_>, reading: &Reading<'_>, out: &mut dyn Out) {
    let name = format!("{}, picture {}", reading.name, picture.object);
    if let Some((start, end)) = picture.place.filter(|_| picture.is_bare_jpeg()) {
        out.child(reading.chain, &Step::Bytes(start, end), &name, &mut &*picture.raw());
        return;
    }
    match picture.unpacked() {
        Ok((bytes, missing)) => {
            if missing > 0 {
                out.loss(at, Loss { reason: "row missing from a picture in a PDF", count: missing, detail: "" });
            }
            out.child(reading.chain, &Step::Pdf(picture.object), &name, &mut bytes.as_slice());
        }
        Err(detail) => out.loss(at, Loss { reason: "picture in a PDF that cannot be unpacked", count: 1, detail }),
    }
}
