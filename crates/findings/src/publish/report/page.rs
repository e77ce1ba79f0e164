//! The writer of the report: markup is fixed in the program, text is escaped.
//!
//! Evidence is hostile. [`Page::raw`] takes only text that stands in the
//! source of this crate; everything else goes through [`Page::text`], which
//! escapes it, shows what would be invisible or turn the reading direction,
//! and cuts what is too long.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Characters of one text that are shown; more is cut, visibly.
const LONGEST: usize = 1_200;

/// The page so far, with the places that it cites.
#[derive(Debug, Default)]
pub struct Page {
    html: String,
    cited: BTreeMap<String, usize>,
    order: Vec<String>,
}

impl Page {
    /// Markup of the program's own.
    pub fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.html.push_str(markup);
        self
    }

    /// Any text, made harmless.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for (index, c) in without_schemes(text).chars().enumerate() {
            if index == LONGEST {
                self.html.push_str("… [cut]");
                break;
            }
            self.character(c);
        }
        self
    }

    /// A picture that the page itself holds, whole, however long: a PNG in base64.
    /// Whatever is no base64 is left out.
    pub fn picture(&mut self, png: &str, alt: &str) -> &mut Self {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        if !png.is_empty() && png.bytes().all(plain) {
            self.raw("<img class=\"crop\" src=\"data:image/png;base64,");
            self.html.push_str(png);
            self.wrap("\" alt=\"", alt, "\">\n");
        }
        self
    }

    /// A number.
    pub fn number(&mut self, number: impl Into<u64>) -> &mut Self {
        let digits = number.into().to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                self.html.push('\u{202f}');
            }
            self.html.push(digit);
        }
        self
    }

    /// A text between two pieces of markup.
    pub fn wrap(&mut self, before: &'static str, text: &str, after: &'static str) -> &mut Self {
        self.raw(before).text(text).raw(after)
    }

    /// A width or position in hundredths of a per cent, inside a style attribute.
    pub fn percent(&mut self, millionths: u32) -> &mut Self {
        let _ = write!(self.html, "{}.{:02}%", millionths / 10_000, millionths / 100 % 100);
        self
    }

    /// A whole number inside markup.
    pub fn digits(&mut self, number: u64) -> &mut Self {
        let _ = write!(self.html, "{number}");
        self
    }

    /// Numbered references to the first few of these places.
    pub fn cite<'t>(&mut self, places: impl IntoIterator<Item = &'t str>) -> &mut Self {
        let places: Vec<&str> = places.into_iter().filter(|place| !place.is_empty()).collect();
        for place in places.iter().take(3) {
            let number = self.place(place);
            self.raw(" <a class=\"cite\" href=\"#place-").digits(number as u64).raw("\" title=\"place ");
            self.digits(number as u64).raw("\">").digits(number as u64).raw("</a>");
        }
        if places.len() > 3 {
            self.raw(" <span class=\"more\">+").number((places.len() - 3) as u64).raw("</span>");
        }
        self
    }

    /// The places cited so far, by number from 1.
    pub fn cited(&self) -> Vec<String> {
        self.order.clone()
    }

    /// The finished page.
    pub fn into_bytes(self) -> Vec<u8> {
        self.html.into_bytes()
    }

    fn place(&mut self, place: &str) -> usize {
        if let Some(number) = self.cited.get(place) {
            return *number;
        }
        self.order.push(place.to_owned());
        self.cited.insert(place.to_owned(), self.order.len());
        self.order.len()
    }

    fn character(&mut self, c: char) {
        match c {
            '&' => self.html.push_str("&amp;"),
            '<' => self.html.push_str("&lt;"),
            '>' => self.html.push_str("&gt;"),
            '"' => self.html.push_str("&quot;"),
            '\'' => self.html.push_str("&#39;"),
            '\n' | '\t' => self.html.push(' '),
            c if is_unseen(c) => {
                let _ = write!(self.html, "<span class=\"unseen\">U+{:04X}</span>", u32::from(c));
            }
            c => self.html.push(c),
        }
    }
}

/// Breaks what a viewer might turn into a link by itself, wherever it stands.
fn without_schemes(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut broken = text.replace("://", "[:]//");
    for scheme in ["hxxp", "hxxps"] {
        broken = broken.replace(&format!("{scheme}[:]//"), &format!("{scheme}://"));
    }
    Cow::Owned(broken)
}

/// Controls, characters that turn the reading direction, and those without width.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut page = Page::default();
        page.text(text);
        String::from_utf8(page.into_bytes()).expect("UTF-8")
    }

    #[test]
    fn hostile_text_is_shown_and_never_obeyed() {
        assert_eq!(shown("<b a='\"'>&"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
        assert_eq!(shown("a\u{202e}b"), "a<span class=\"unseen\">U+202E</span>b");
        assert_eq!(
            shown("\u{0}\u{1b}[2J"),
            "<span class=\"unseen\">U+0000</span><span class=\"unseen\">U+001B</span>[2J"
        );
        assert!(shown(&"ж".repeat(5_000)).ends_with("… [cut]"));
    }

    #[test]
    fn a_place_keeps_its_number() {
        let mut page = Page::default();
        page.cite(["a", "b"]).cite(["b", "c", "a", "d"]);
        assert_eq!(page.cited(), ["a", "b", "c"]);
    }
}
