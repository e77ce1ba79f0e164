//! Items of an XML document, one after the other.
//!
//! A document may be large where its items are small, so an item alone is held
//! as a tree. Entities other than those of XML itself are not resolved, so
//! nothing expands; external ones are never fetched.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

/// Elements that one item may have; real ones have some hundreds.
const ELEMENTS: usize = 100_000;

/// Levels of one item.
const DEPTH: usize = 64;

/// An element with what is in it; offsets are those of its content in the text.
#[derive(Debug, Default)]
pub struct Element {
    /// Name without prefix.
    pub name: String,
    /// Attributes by name without prefix.
    pub attributes: Vec<(String, String)>,
    /// First byte of the content.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
    /// Its own text, entities resolved; empty if it has children.
    pub text: String,
    /// Elements in it, in order.
    pub children: Vec<Element>,
}

impl Element {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of that name.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The children of that name of the first child of the other.
    pub fn list<'e>(&'e self, list: &'e str, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.child(list).into_iter().flat_map(move |list| list.all(name))
    }

    /// The text of the first child of that name, if it has any.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| &*child.text).filter(|text| !text.is_empty())
    }

    /// An attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    /// Every element in it of that name, however deep, in order.
    pub fn every<'e>(&'e self, name: &str, found: &mut Vec<&'e Element>) {
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            child.every(name, found);
        }
    }
}

/// The name of the first element of a text; `None` if it opens as no XML.
pub fn root(head: &str) -> Option<String> {
    let head = head.trim_start_matches('\u{feff}').trim_start();
    if !head.starts_with('<') {
        return None;
    }
    let mut reader = Reader::from_str(head);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => return Some(name_of(&start)),
            Event::Eof | Event::End(_) => return None,
            _ => {}
        }
    }
}

/// Gives each element of one of those names that lies in no other of them.
///
/// Gives the place from which on the text is no XML, if there is one.
pub fn items(text: &str, wanted: &[&str], each: &mut dyn FnMut(&Element)) -> Result<(), usize> {
    // A mark at the start is taken off here, so that it is counted whatever the reader does.
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut reader = Reader::from_str(&text[mark..]);
    let offset = |reader: &Reader<&[u8]>| mark + usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
    let mut open: Vec<Element> = Vec::new();
    let (mut depth, mut held) = (0usize, 0usize);
    loop {
        let before = offset(&reader);
        let event = reader.read_event().map_err(|_| before)?;
        let at = offset(&reader);
        match event {
            Event::Start(start) => {
                depth += 1;
                let name = name_of(&start);
                if !open.is_empty() || wanted.contains(&&*name) {
                    held += 1;
                    if held > ELEMENTS || open.len() >= DEPTH {
                        return Err(before);
                    }
                    open.push(element(name, &start, at));
                }
            }
            Event::Empty(start) => {
                let name = name_of(&start);
                let done = Element { end: at, ..element(name, &start, at) };
                held += 1;
                close(done, &mut open, wanted, each);
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                let Some(mut done) = open.pop() else { continue };
                done.end = before;
                if done.children.is_empty() {
                    done.text = words(&text[done.start..before]);
                }
                close(done, &mut open, wanted, each);
                held = if open.is_empty() { 0 } else { held };
            }
            Event::Eof => return if depth == 0 { Ok(()) } else { Err(before) },
            _ => {}
        }
    }
}

fn close(done: Element, open: &mut [Element], wanted: &[&str], each: &mut dyn FnMut(&Element)) {
    match open.last_mut() {
        Some(parent) => parent.children.push(done),
        None if wanted.contains(&&*done.name) => each(&done),
        None => {}
    }
}

fn element(name: String, start: &BytesStart<'_>, at: usize) -> Element {
    let attributes = start.attributes().flatten().map(|attribute| {
        let key = attribute.key.local_name().as_ref().to_owned();
        (key, words(&attribute.value))
    });
    Element { name, attributes: attributes.collect(), start: at, ..Element::default() }
}

fn name_of(start: &BytesStart<'_>) -> String {
    start.local_name().as_ref().to_owned()
}

/// Text without white space around it, entities resolved; as it stands where one is unknown.
fn words(raw: &str) -> String {
    let raw = raw.trim();
    let bare = raw.strip_prefix("<![CDATA[").and_then(|raw| raw.strip_suffix("]]>"));
    match bare {
        Some(bare) => bare.trim().to_owned(),
        None => unescape(raw).map_or_else(|_| raw.to_owned(), |text| text.into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_given_with_places_and_breaks_are_told() {
        let text = "\u{feff}<?xml version='1.0'?><l xmlns='u'><e k='1'><n>A &amp; B</n><m/></e><e><n>C</n></e><x>";
        let mut seen = Vec::new();
        let outcome = items(text, &["e"], &mut |item| {
            let name = item.child("n").map(|name| (name.text.clone(), text[name.start..name.end].to_owned()));
            seen.push((item.attribute("k").map(str::to_owned), name));
        });
        assert!(outcome.is_err(), "the list is never closed");
        assert_eq!(seen[0], (Some("1".into()), Some(("A & B".into(), "A &amp; B".into()))));
        assert_eq!(seen[1].1, Some(("C".into(), "C".into())));
        assert_eq!((root(text).as_deref(), root("a<b>"), root("<!-- x")), (Some("l"), None, None));
    }
}
