//! Notes of investigators: what they wrote down becomes proposed facts.
//!
//! A note is plain text with lines such as `Clock: the server was ahead by 5 s`.
//! Sentences are read one by one for the few things that later stages have to
//! know; all others are read past without a loss, since a note is prose.

use std::io::{self, Read};
use std::ops::Range;

use model::{Entry, Format, Out, Reading, Role, Text, tables};

mod facts;

use super::text::is_text;
use super::whole;
use facts::Fact;

/// Collection notes.
pub struct Note;

impl Format for Note {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "note",
            summary: "a note of the investigators, read for facts about the case",
            doc: "What it reads: short plain text or Markdown in which at least two sentences state facts of the \
                  list in `context_facts`: a site and its clock, look-up page and client address field, trusted mail \
                  hosts, own domains, known readers, election day, day of collection.\n\nWhat it gives: one \
                  proposed fact each, with its place; case.toml overrides them. Facts of a note that names a site \
                  are about the folder that it lies in. The text itself is given as a note.\n\nTie-break by name: \
                  one fact is enough in a file called SITE, COLLECTION, CASE, NOTES or CONTEXT.\n\nLimits: English; what is \
                  not understood is no loss, since notes are prose.",
        }
    }

    fn sniff(&self, head: &[u8], name: &str) -> bool {
        if head.len() >= crate::drive::HEAD_BYTES || !is_text(head) {
            return false;
        }
        let found = facts::of(&whole::head_text(head)).len();
        found >= 2 || (found == 1 && is_note_name(name))
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_texts() {
            let (chain, bytes) = (whole.chain.as_str(), whole.text.as_bytes());
            out.text(&Text { role: Role::Note, chain, start: 0, bytes, personal: true });
        }
        if out.wants_rows() {
            rows(&whole, reading.name, out);
        }
        Ok(())
    }
}

fn rows(whole: &whole::Whole, name: &str, out: &mut dyn Out) {
    let facts = facts::of(&whole.text);
    let of_site = facts.iter().any(|fact| fact.kind == "site");
    let folder = name.rsplit('/').nth(1).filter(|folder| of_site && !folder.is_empty());
    for Fact { kind, value, place: Range { start, end } } in &facts {
        let cells = [(*kind).into(), folder.into(), value.into(), model::Cell::Null, model::Cell::Null];
        out.row(&tables::CONTEXT_FACTS, whole.place(*start, *end), &cells);
    }
}

fn is_note_name(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or("").to_lowercase();
    let stem = file.split('.').next().unwrap_or("");
    ["site", "collection", "case", "notes", "context"].contains(&stem)
}
