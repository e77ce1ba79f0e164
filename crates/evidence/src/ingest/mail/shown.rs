//! What a reader sees of an HTML body, line by line, with the way back to the
//! bytes of its source.

use memchr::{memchr, memmem};

/// The text of an HTML document.
pub struct Shown {
    /// The text, a line for each block.
    pub text: String,
    /// Offsets in the text and in the source at which a run of equal bytes begins.
    runs: Vec<(usize, usize)>,
    /// Bytes of the source.
    length: usize,
}

/// Elements that begin a new line.
const BLOCKS: [&str; 14] =
    ["br", "p", "div", "tr", "table", "blockquote", "li", "ul", "ol", "hr", "h1", "h2", "h3", "pre"];

/// Elements of which a reader sees nothing.
const HIDDEN: [&str; 4] = ["style", "script", "head", "title"];

/// References that mail programs write.
const REFERENCES: [(&str, &str); 10] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
    ("&quot;", "\""),
    ("&nbsp;", " "),
    ("&#39;", "'"),
    ("&#64;", "@"),
    ("&ndash;", "\u{2013}"),
    ("&mdash;", "\u{2014}"),
    ("&rsquo;", "\u{2019}"),
];

impl Shown {
    /// Takes the tags out.
    pub fn of(html: &str) -> Self {
        let mut shown = Self { text: String::with_capacity(html.len() / 2), runs: Vec::new(), length: html.len() };
        let mut at = 0;
        while let Some(rest) = html.get(at..).filter(|rest| !rest.is_empty()) {
            at += match rest.as_bytes()[0] {
                b'<' => shown.tag(html, at),
                b'&' => shown.reference(rest, at),
                _ => shown.words(rest, at),
            };
        }
        shown
    }

    /// Where the byte at an offset of the text comes from.
    pub fn source(&self, at: usize) -> usize {
        let n = self.runs.partition_point(|(start, _)| *start <= at);
        let next = self.runs.get(n).map_or(self.length, |(_, source)| *source);
        let Some((start, source)) = n.checked_sub(1).and_then(|n| self.runs.get(n)) else { return next };
        (source + (at - start)).min(next)
    }

    fn put(&mut self, text: &str, source: usize) {
        if text == " " && (self.text.is_empty() || self.text.ends_with([' ', '\n'])) {
            return;
        }
        self.runs.push((self.text.len(), source));
        self.text.push_str(text);
    }

    /// Words up to the next tag or reference, with white space made one space.
    fn words(&mut self, rest: &str, at: usize) -> usize {
        let end = rest.find(['<', '&']).unwrap_or(rest.len());
        let mut from = 0;
        while from < end {
            let run = &rest[from..end];
            let blank = run.len() - run.trim_start().len();
            if blank > 0 {
                self.put(" ", at + from);
                from += blank;
                continue;
            }
            let word = run.find(char::is_whitespace).unwrap_or(run.len());
            self.put(&run[..word], at + from);
            from += word;
        }
        end
    }

    fn reference(&mut self, rest: &str, at: usize) -> usize {
        let known = REFERENCES.iter().find(|(name, _)| rest.starts_with(name));
        let (name, text) = known.copied().unwrap_or(("&", "&"));
        self.put(text, at);
        name.len()
    }

    /// Passes over a tag, and over what nobody sees.
    fn tag(&mut self, html: &str, at: usize) -> usize {
        let rest = &html[at..];
        if rest.starts_with("<!--") {
            return memmem::find(rest.as_bytes(), b"-->").map_or(rest.len(), |end| end + 3);
        }
        let inner = rest[1..].strip_prefix('/').unwrap_or(&rest[1..]);
        let name = &inner[..inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len())];
        if name.is_empty() && !inner.starts_with(['!', '?']) {
            self.put("<", at);
            return 1;
        }
        let end = memchr(b'>', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        let is = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(name));
        if is(&HIDDEN) && !rest.starts_with("</") {
            let close = format!("</{}", name.to_ascii_lowercase());
            return end + hidden(&rest[end..], &close);
        }
        if is(&BLOCKS) {
            self.put("\n", at);
        } else if is(&["td", "th"]) {
            self.put(" ", at);
        }
        end
    }
}

/// Bytes before the closing tag; all that follow where there is none.
fn hidden(rest: &str, close: &str) -> usize {
    let mut from = 0;
    while let Some(found) = memmem::find(&rest.as_bytes()[from..], b"</") {
        let start = from + found;
        if rest.as_bytes()[start..].get(..close.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(close.as_bytes())) {
            return start;
        }
        from = start + 2;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_in_lines_and_found_again() {
        let html = "<style>x{}</style><div><b>From:</b>\n A &lt;a@a.test&gt;<br>To: b</div>1 < 2<!-- no -->";
        let shown = Shown::of(html);
        assert_eq!(shown.text, "\nFrom: A <a@a.test>\nTo: b\n1 < 2");
        for word in ["From:", "A", "a@a.test", "b\n"] {
            let at = shown.text.find(word).expect("the word is shown");
            assert!(html[shown.source(at)..].starts_with(word.trim()), "{word}");
        }
        assert!(html[..shown.source(shown.text.len())].ends_with("1 < 2"));
    }
}
