//! Sentences of a plain-text note or letter, with their places.
//!
//! Lines that a writer broke by hand belong together; a heading, a list item
//! and a line that opens with a key and a colon each start anew. A line of one
//! word goes on only after a comma: lists of names are not prose.

use std::ops::Range;

/// The sentences of a text, by place. A full stop ends one only before white
/// space, so that addresses and host names stay whole.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    paragraphs(text).into_iter().flat_map(|place| split(text, place)).collect()
}

/// A sentence on one line: line breaks as single spaces, of the same length.
pub fn flat(text: &str, place: &Range<usize>) -> String {
    text.get(place.clone()).unwrap_or("").replace(['\n', '\r', '\t'], " ")
}

fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut at, mut open, mut comma) = (0, false, false);
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.trim_end().len());
        at += line.len();
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with('#') {
            open = false;
            continue;
        }
        let goes_on = open && !starts_anew(bare) && (comma || bare.contains(char::is_whitespace));
        comma = bare.ends_with(',');
        match found.last_mut().filter(|_| goes_on) {
            Some(last) => last.end = end,
            None => found.push(start..end),
        }
        open = true;
    }
    found
}

/// Whether a line is a list item or opens with a key: a few words, then a colon.
fn starts_anew(line: &str) -> bool {
    if line.starts_with(['-', '*', '+', '>', '|', '•']) {
        return true;
    }
    let key = line.split_once(": ").map(|(key, _)| key).or_else(|| line.strip_suffix(':'));
    key.is_some_and(|key| {
        key.len() <= 40 && key.chars().next().is_some_and(char::is_uppercase) && !key.contains(['.', ','])
    })
}

fn split(text: &str, place: Range<usize>) -> Vec<Range<usize>> {
    let body = text.get(place.clone()).unwrap_or("");
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = body.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let before_space = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if matches!(c, '.' | '!' | '?') && before_space {
            found.push(place.start + start..place.start + at);
            start = at + c.len_utf8();
        }
    }
    found.push(place.start + start..place.end);
    found.into_iter().map(|range| trimmed(text, range)).filter(|range| !range.is_empty()).collect()
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let body = text.get(range.clone()).unwrap_or("");
    let start = range.start + body.len() - body.trim_start().len();
    let end = range.start + body.trim_end().len();
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sentences_keep_addresses_whole() {
        let text =
            "# Title\n\nDomains: a.example,\nb.example. Day: 2025-01-02.\nNext: 192.0.2.1\nc.example\n- item one\n";
        let found: Vec<String> = sentences(text).iter().map(|place| flat(text, place)).collect();
        assert_eq!(
            found,
            ["Domains: a.example, b.example", "Day: 2025-01-02", "Next: 192.0.2.1", "c.example", "- item one"]
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a.:é\n #-]{0,60}") {
            for place in sentences(&text) {
                prop_assert!(text.get(place).is_some());
            }
        }
    }
}
