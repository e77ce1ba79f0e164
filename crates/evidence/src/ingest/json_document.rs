//! Any JSON document that no more particular format claims.
//!
//! Every string leaf becomes a text under its RFC 6901 path. [`Outline`] tells
//! the particular JSON formats apart by their telling keys, and [`pointer()`] is
//! the finder by which a locator opens a leaf again.

use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Entry, Format, Loss, Out, Reading, Role, Step, Text};

mod walk;

pub use walk::{elements, is_one_document, members, pointer, strings, without_mark};

use super::whole;

/// String leaves of a head that are looked at for telling keys.
const OUTLINE_LEAVES: usize = 400;

/// Any JSON document.
pub struct JsonDocument;

impl Format for JsonDocument {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "json",
            summary: "any other JSON document, string by string",
            doc: "What it reads: one JSON value (RFC 8259) in UTF-8 or UTF-16, up to 256 MiB.\n\nWhat it gives: one \
                  text for each string, under its path; numbers and truth values carry no observables.\n\nLimits: \
                  128 levels. A document that breaks off gives what stood before the break, and a loss. Of equal \
                  keys in one object the last is the one that a locator opens.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        whole::opens_as_json(head) && is_one_document(whole::head_text(head).as_bytes())
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        texts(&whole, &mut |_| Some(true), out);
        Ok(())
    }
}

/// Gives each string leaf as a text. `personal` is asked with its path: whether
/// the text may name victims, or `None` to leave it out. What breaks the
/// document off is noted.
pub fn texts(whole: &whole::Whole, personal: &mut dyn FnMut(&[String]) -> Option<bool>, out: &mut dyn Out) {
    let wanted = out.wants_texts();
    let outcome = strings(whole.text.as_bytes(), &mut |path, text| {
        if wanted
            && !text.is_empty()
            && let Some(personal) = personal(path)
        {
            let chain = extend_chain(&whole.chain, &Step::Json(path.to_vec()));
            let key = path.iter().rev().find(|token| token.parse::<u64>().is_err()).map_or("", String::as_str);
            let bytes = text.as_bytes();
            out.text(&Text { role: Role::Cell(key), chain: &chain, start: 0, bytes, personal });
        }
        true
    });
    if let Err(error) = outcome {
        broken(&whole.chain, &error, out);
    }
}

/// Notes that a JSON text breaks off or is not JSON from some place on.
pub fn broken(chain: &str, error: &serde_json::Error, out: &mut dyn Out) {
    let detail = format!("line {}, column {}", error.line(), error.column());
    out.loss(At::whole(chain), Loss { reason: "JSON breaks off or is malformed", count: 1, detail: &detail });
}

/// The string leaves at the start of a document, by path.
pub struct Outline(Vec<(Vec<String>, String)>);

impl Outline {
    /// Reads the first leaves of `head`; empty if it is no JSON.
    pub fn of(head: &[u8]) -> Self {
        if !whole::opens_as_json(head) {
            return Self(Vec::new());
        }
        let head = whole::head_text(head);
        let head = head.as_bytes();
        let mut leaves = Vec::new();
        let opens = walk::without_mark(head).trim_ascii_start();
        if opens.starts_with(b"{") || opens.starts_with(b"[") {
            // A head ends anywhere, so the error at its end says nothing.
            let _ = strings(head, &mut |path, text| {
                leaves.push((path.to_vec(), text.to_owned()));
                leaves.len() < OUTLINE_LEAVES
            });
        }
        Self(leaves)
    }

    /// Whether any leaf stands at or below `path`; `*` stands for any token.
    pub fn has(&self, path: &[&str]) -> bool {
        self.0.iter().any(|(at, _)| {
            at.len() >= path.len() && path.iter().zip(at).all(|(wanted, token)| *wanted == "*" || wanted == token)
        })
    }

    /// The first tokens of the leaves, in order, each as often as it has leaves.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(at, _)| at.first()).map(String::as_str)
    }

    /// The first string at exactly `path`; `*` stands for any token.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        let fits = |at: &[String]| {
            at.len() == path.len() && path.iter().zip(at).all(|(wanted, token)| *wanted == "*" || wanted == token)
        };
        self.0.iter().find(|(at, _)| fits(at)).map(|(_, text)| text.as_str())
    }
}
