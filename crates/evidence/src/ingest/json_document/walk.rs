//! Walks a JSON text without building a tree of it.
//!
//! Each string leaf is shown with its path as soon as it is read, so a text
//! that breaks off has given all that stood before the break, and memory stays
//! at one path and one string. serde_json's own limit of 128 levels holds.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Shows each string leaf of the first JSON value in `json`; `visit` answers
/// whether to go on. The error is serde_json's, at the place of the break.
pub fn strings(json: &[u8], visit: &mut dyn FnMut(&[String], &str) -> bool) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(without_mark(json));
    let mut walk = Walk { path: Vec::new(), visit, stopped: false };
    match (&mut walk).deserialize(&mut reader) {
        Err(_) if walk.stopped => Ok(()),
        outcome => outcome,
    }
}

/// The value that the RFC 6901 reference tokens lead to: a string without its
/// quotes and escapes, anything else as written. The last of equal keys counts.
pub fn pointer(json: &[u8], tokens: &[String]) -> Option<Vec<u8>> {
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_slice(without_mark(json));
    // What was found before a break is still there.
    let _ = Find { tokens, found: &mut found }.deserialize(&mut reader);
    let raw: Box<RawValue> = found?;
    if raw.get().starts_with('"') {
        return serde_json::from_str::<String>(raw.get()).ok().map(String::into_bytes);
    }
    Some(raw.get().as_bytes().to_vec())
}

/// Hands over each element of the array at `path`, in order, as raw JSON; an
/// object at `path` is handed over itself, with no index.
pub fn elements(
    json: &[u8],
    path: &[&str],
    give: &mut dyn FnMut(Option<usize>, &RawValue),
) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(without_mark(json));
    Elements { path, give }.deserialize(&mut reader)
}

/// Hands over each member of the object that the document is, in order, as raw JSON.
pub fn members(json: &[u8], give: &mut dyn FnMut(&str, &RawValue)) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(without_mark(json));
    reader.deserialize_map(Members(give))
}

/// The JSON without a byte order mark, which serde_json does not take.
pub fn without_mark(json: &[u8]) -> &[u8] {
    json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json)
}

struct Walk<'w> {
    path: Vec<String>,
    visit: &'w mut dyn FnMut(&[String], &str) -> bool,
    stopped: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Walk<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if (self.visit)(&self.path, text) {
            return Ok(());
        }
        self.stopped = true;
        Err(E::custom("stopped by the visitor"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0usize;
        loop {
            self.path.push(index.to_string());
            let next = items.next_element_seed(&mut *self)?;
            self.path.pop();
            if next.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            self.path.push(key);
            entries.next_value_seed(&mut *self)?;
            self.path.pop();
        }
        Ok(())
    }
}

struct Find<'f> {
    tokens: &'f [String],
    found: &'f mut Option<Box<RawValue>>,
}

impl<'de> DeserializeSeed<'de> for Find<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        if self.tokens.is_empty() {
            *self.found = Some(serde::Deserialize::deserialize(reader)?);
            return Ok(());
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Find<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((token, rest)) = self.tokens.split_first() else { return Ok(()) };
        let Ok(wanted) = token.parse::<usize>() else { return Ok(()) };
        for _ in 0..wanted {
            if items.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        items.next_element_seed(Find { tokens: rest, found: self.found })?;
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Some((token, rest)) = self.tokens.split_first() else { return Ok(()) };
        while let Some(key) = entries.next_key::<String>()? {
            if key == *token {
                entries.next_value_seed(Find { tokens: rest, found: &mut *self.found })?;
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Elements<'f> {
    path: &'f [&'f str],
    give: &'f mut dyn FnMut(Option<usize>, &RawValue),
}

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(raw) = items.next_element::<Box<RawValue>>()? {
            (self.give)(Some(index), &raw);
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            match self.path.split_first() {
                Some((wanted, rest)) if key == *wanted => {
                    entries.next_value_seed(Elements { path: rest, give: &mut *self.give })?;
                }
                _ => {
                    entries.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Members<'f>(&'f mut dyn FnMut(&str, &RawValue));

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some((key, raw)) = entries.next_entry::<String, Box<RawValue>>()? {
            (self.0)(&key, &raw);
        }
        Ok(())
    }
}

/// Whether `head` is the start of one JSON document, and not of JSON lines or
/// of something else that opens with a bracket.
pub fn is_one_document(head: &[u8]) -> bool {
    let json = without_mark(head);
    if !json.trim_ascii_start().starts_with(b"{") && !json.trim_ascii_start().starts_with(b"[") {
        return false;
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    match reader.deserialize_any(&mut Walk { path: Vec::new(), visit: &mut |_, _| true, stopped: false }) {
        Ok(()) => reader.end().is_ok(),
        // A head is cut anywhere, and a document may be cut too.
        Err(error) => error.is_eof() || strings_before_break(json) >= 3,
    }
}

fn strings_before_break(json: &[u8]) -> usize {
    let mut seen = 0;
    let _ = strings(json, &mut |_, _| {
        seen += 1;
        seen < 3
    });
    seen
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn find(json: &str, tokens: &[&str]) -> Option<String> {
        let tokens: Vec<String> = tokens.iter().map(ToString::to_string).collect();
        pointer(json.as_bytes(), &tokens).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn pointers_lead_to_values() {
        let json = "\u{feff}{\"a\":[{\"b\":\"x\\\"y\"},2],\"c\":{\"\":null}}";
        assert_eq!(find(json, &["a", "0", "b"]).as_deref(), Some("x\"y"));
        assert_eq!(find(json, &["a", "1"]).as_deref(), Some("2"));
        assert_eq!(find(json, &["c"]).as_deref(), Some("{\"\":null}"));
        assert_eq!(find(json, &["c", ""]).as_deref(), Some("null"));
        assert_eq!(find(json, &["a", "7"]), None);
        assert_eq!(find("{\"a\":\"x\",\"b\":[", &["a"]).as_deref(), Some("x"));
    }

    #[test]
    fn one_document_is_told_from_lines() {
        assert!(is_one_document(b"{\"a\":1}\n"));
        assert!(is_one_document(b" [{\"a\":\"cut of"));
        assert!(!is_one_document(b"{\"a\":1}\n{\"a\":2}\n"));
        assert!(!is_one_document(b"[section]\nkey=value"));
        assert!(!is_one_document(b"plain"));
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let bomb = "[".repeat(100_000);
        assert!(strings(bomb.as_bytes(), &mut |_, _| true).is_err());
        assert_eq!(pointer(bomb.as_bytes(), &vec!["0".to_owned(); 100_000]), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_found_again(keys in proptest::collection::btree_map("[a-z/~:]{0,3}", ".{0,8}", 0..5)) {
            let json = serde_json::to_vec(&vec![keys]).unwrap();
            let mut shown = Vec::new();
            strings(&json, &mut |path, text| { shown.push((path.to_vec(), text.to_owned())); true }).unwrap();
            for (path, text) in shown {
                prop_assert_eq!(pointer(&json, &path), Some(text.into_bytes()));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let _ = strings(&bytes, &mut |_, _| true);
            let _ = is_one_document(&bytes);
            let _ = pointer(&bytes, &["a".to_owned()]);
        }
    }
}
