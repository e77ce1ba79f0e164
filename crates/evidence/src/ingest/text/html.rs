//! HTML and XML: the raw bytes as one document, so that offsets hold, and the
//! fields of its head as metadata.

use std::io::{self, Read};

use memchr::memmem;
use model::{Entry, Format, Out, Reading, Role, Text};

use crate::ingest::whole;

/// HTML and XML documents.
pub struct Html;

impl Format for Html {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "html",
            summary: "HTML or XML, with its metadata",
            doc: "What it reads: text that opens with a doctype, an XML declaration or a well-known element.\n\n\
                  What it gives: the raw text, tags and all, so that places are those of the file; the title and \
                  `<meta name=author>`, `generator` and the like as metadata.\n\nLimits: 256 MiB. Character \
                  references are not resolved; scripts are not run.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        // UTF-16 looks like ASCII once its zero bytes are gone.
        let start: Vec<u8> = head.iter().copied().filter(|&byte| byte != 0).take(256).collect();
        let marks: &[&[u8]] = &[b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
        let bare = marks.iter().find_map(|mark| start.strip_prefix(*mark)).unwrap_or(&start);
        let start = bare.trim_ascii_start().to_ascii_lowercase();
        OPENINGS.iter().any(|opening| start.starts_with(opening))
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_texts() {
            let (chain, bytes) = (whole.chain.as_str(), whole.text.as_bytes());
            out.text(&Text { role: Role::Document, chain, start: 0, bytes, personal: true });
            metadata(&whole, out);
        }
        Ok(())
    }
}

const OPENINGS: &[&[u8]] =
    &[b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<!--", b"<title", b"<meta", b"<svg", b"<rss"];

/// Names of meta elements that tell who or what made a document.
const TELLING: &[&str] = &[
    "author",
    "generator",
    "creator",
    "publisher",
    "originator",
    "progid",
    "application-name",
    "dc.creator",
    "company",
    "template",
    "og:site_name",
    "twitter:creator",
];

fn metadata(whole: &whole::Whole, out: &mut dyn Out) {
    let bytes = whole.text.as_bytes();
    for start in memmem::find_iter(bytes, b"<").filter(|&start| starts_tag(bytes, start, b"meta")) {
        let end = memchr::memchr(b'>', &bytes[start..]).map_or(bytes.len(), |end| start + end);
        let tag = &whole.text.get(start..end).unwrap_or("");
        let Some((_, name)) = attribute(tag, "name").or_else(|| attribute(tag, "property")) else { continue };
        let name = name.to_ascii_lowercase();
        let content = attribute(tag, "content").filter(|_| TELLING.contains(&name.as_str()));
        if let Some((at, content)) = content {
            put(whole, &name, start + at, content, out);
        }
    }
    for start in memmem::find_iter(bytes, b"<").filter(|&start| starts_tag(bytes, start, b"title")).take(1) {
        let Some(open) = memchr::memchr(b'>', &bytes[start..]).map(|end| start + end + 1) else { break };
        let length = memchr::memchr(b'<', &bytes[open..]).unwrap_or(0);
        put(whole, "title", open, whole.text.get(open..open + length).unwrap_or(""), out);
    }
}

fn put(whole: &whole::Whole, name: &str, start: usize, content: &str, out: &mut dyn Out) {
    if !content.trim().is_empty() {
        let (chain, bytes) = (whole.chain.as_str(), content.as_bytes());
        out.text(&Text { role: Role::Metadata(name), chain, start: start as u64, bytes, personal: false });
    }
}

fn starts_tag(bytes: &[u8], start: usize, name: &[u8]) -> bool {
    let after = start + 1 + name.len();
    bytes.get(start + 1..after).is_some_and(|tag| tag.eq_ignore_ascii_case(name))
        && bytes.get(after).is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
}

/// An attribute's value and its offset in the tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<(usize, &'t str)> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let found = from + lower.get(from..)?.find(name)?;
        from = found + name.len();
        let before = lower.as_bytes().get(found.checked_sub(1)?)?;
        let rest = tag.get(from..)?;
        let value = rest.trim_start().strip_prefix('=').map(str::trim_start);
        let (true, Some(value)) = (before.is_ascii_whitespace() || matches!(before, b'"' | b'\''), value) else {
            continue;
        };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = quote.map_or(value, |_| value.get(1..).unwrap_or(""));
        let end = match quote {
            Some(quote) => inner.find(quote).unwrap_or(inner.len()),
            None => inner.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(inner.len()),
        };
        return Some((tag.len() - inner.len(), inner.get(..end)?));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn attributes_are_found_in_any_quoting() {
        assert_eq!(
            attribute("<meta name=\"author\" content='A. Sample'", "content").map(|(_, value)| value),
            Some("A. Sample")
        );
        assert_eq!(attribute("<META NAME=generator CONTENT=Tool", "name").map(|(_, value)| value), Some("generator"));
        assert_eq!(attribute("<meta data-name=x", "name"), None);
    }

    #[test]
    fn markup_is_told_by_its_opening() {
        for text in ["<!DOCTYPE html><html>", "\u{feff} <html>", "<?xml version=\"1.0\"?>"] {
            assert!(Html.sniff(text.as_bytes(), ""), "{text}");
        }
        assert!(!Html.sniff(b"<someone@example.test> wrote", ""));
    }

    proptest! {
        #[test]
        fn no_tag_panics(tag: String) {
            let _ = attribute(&tag, "name");
            let _ = Html.sniff(tag.as_bytes(), "");
        }
    }
}
