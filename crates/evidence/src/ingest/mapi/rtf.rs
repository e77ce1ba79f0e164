//! Bodies that are kept as compressed RTF (MS-OXRTFCP, MS-OXRTFEX).
//!
//! Outlook keeps an HTML or plain body within RTF, and often nothing else. What
//! it put there is taken out again; of true RTF the text is read.

use std::collections::BTreeMap;

use super::codepage;
use crate::ingest::mail::transfer;

/// Bytes that a body may have when it is decompressed.
const BODY_BYTES: usize = 64 << 20;

/// Groups within groups that are read.
const GROUPS: usize = 200;

/// The text with which every dictionary begins (MS-OXRTFCP, 2.1.2.1).
const DICTIONARY: &[u8; 207] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// What an RTF body holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Rtf {
    /// HTML that was put into it.
    Html(String),
    /// Text.
    Text(String),
}

/// Decompresses a body. What is cut short gives what came before.
pub fn decompress(raw: &[u8]) -> Option<Vec<u8>> {
    let (head, rest) = raw.split_at_checked(16)?;
    let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
    match &head[8..12] {
        b"MELA" => Some(rest[..rest.len().min(size)].to_vec()),
        b"LZFu" => Some(unfold(rest, size.min(BODY_BYTES))),
        _ => None,
    }
}

fn unfold(raw: &[u8], size: usize) -> Vec<u8> {
    let mut window = [0u8; 4096];
    window[..DICTIONARY.len()].copy_from_slice(DICTIONARY);
    let (mut write, mut text) = (DICTIONARY.len(), Vec::new());
    let mut bytes = raw.iter().copied();
    let mut give = |byte: u8, write: &mut usize, window: &mut [u8; 4096]| {
        text.push(byte);
        window[*write] = byte;
        *write = (*write + 1) % window.len();
        text.len() < size
    };
    'all: while let Some(control) = bytes.next() {
        for bit in 0..8 {
            let Some(first) = bytes.next() else { break 'all };
            if control >> bit & 1 == 0 {
                if !give(first, &mut write, &mut window) {
                    break 'all;
                }
                continue;
            }
            let Some(second) = bytes.next() else { break 'all };
            let reference = usize::from(first) << 8 | usize::from(second);
            let (offset, length) = (reference >> 4, (reference & 15) + 2);
            if offset == write {
                break 'all;
            }
            for step in 0..length {
                if !give(window[(offset + step) % 4096], &mut write, &mut window) {
                    break 'all;
                }
            }
        }
    }
    text
}

/// Reads RTF; `None` if it is none.
pub fn read(rtf: &[u8]) -> Option<Rtf> {
    if !rtf.starts_with(b"{\\rtf") {
        return None;
    }
    let mut reader = Reader::new(rtf);
    while reader.step() {}
    reader.flush();
    let text = reader.text;
    Some(if reader.holds_html { Rtf::Html(text) } else { Rtf::Text(text.trim_end().to_owned()) })
}

/// What holds within a group.
#[derive(Clone, Copy)]
struct Group {
    /// Nothing of it is shown.
    hidden: bool,
    /// A copy of the body for readers of RTF, which is no part of the HTML.
    for_rtf: bool,
    /// HTML source.
    is_tag: bool,
    /// The table of fonts.
    is_fonts: bool,
    /// Characters that stand for one of `\u` where that is not known.
    skip: usize,
    charset: &'static str,
}

struct Reader<'r> {
    rest: &'r [u8],
    groups: Vec<Group>,
    /// Groups too deep to be kept.
    deeper: usize,
    holds_html: bool,
    charset: &'static str,
    fonts: BTreeMap<i32, &'static str>,
    font: i32,
    /// Bytes not yet decoded, so that those of one character come together.
    narrow: Vec<u8>,
    skipping: usize,
    /// The first half of a surrogate pair.
    lead: Option<u16>,
    /// Whether the next control word names the destination of a group that may be passed over.
    starred: bool,
    text: String,
}

impl<'r> Reader<'r> {
    fn new(rest: &'r [u8]) -> Self {
        let charset = "windows-1252";
        let group = Group { hidden: false, for_rtf: false, is_tag: false, is_fonts: false, skip: 1, charset };
        Self {
            rest,
            groups: vec![group],
            deeper: 0,
            holds_html: false,
            charset,
            fonts: BTreeMap::new(),
            font: 0,
            narrow: Vec::new(),
            skipping: 0,
            lead: None,
            starred: false,
            text: String::new(),
        }
    }

    fn group(&mut self) -> &mut Group {
        let last = self.groups.len() - 1;
        &mut self.groups[last]
    }

    /// Reads one token; false at the end.
    fn step(&mut self) -> bool {
        let Some((first, after)) = self.rest.split_first() else { return false };
        self.rest = after;
        match first {
            b'{' if self.groups.len() < GROUPS => {
                self.flush();
                let group = *self.group();
                self.groups.push(group);
            }
            b'{' => self.deeper += 1,
            b'}' if self.deeper > 0 => self.deeper -= 1,
            b'}' => {
                self.flush();
                if self.groups.len() > 1 {
                    self.groups.pop();
                }
            }
            b'\\' => self.control(),
            b'\r' | b'\n' => {}
            byte => self.narrow(*byte),
        }
        true
    }

    fn control(&mut self) {
        let Some((first, after)) = self.rest.split_first() else { return };
        if first.is_ascii_alphabetic() {
            return self.word();
        }
        self.rest = after;
        match first {
            b'\'' => {
                let digits = self.rest.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
                if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    self.rest = &self.rest[2..];
                    self.narrow(byte);
                }
            }
            b'*' => self.starred = true,
            b'~' => self.wide('\u{a0}'),
            b'_' => self.wide('\u{2011}'),
            b'\r' | b'\n' => self.line(),
            b'{' | b'}' | b'\\' => self.narrow(*first),
            _ => {}
        }
    }

    fn word(&mut self) {
        let letters = self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count().min(32);
        let (word, after) = self.rest.split_at(letters);
        let sign = usize::from(after.first() == Some(&b'-'));
        let digits = after[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count().min(10);
        let number = std::str::from_utf8(&after[..sign + digits]).ok().and_then(|number| number.parse().ok());
        self.rest = &after[if digits > 0 { sign + digits } else { 0 }..];
        self.rest = self.rest.strip_prefix(b" ").unwrap_or(self.rest);
        let starred = std::mem::take(&mut self.starred);
        self.act(word, number, starred);
    }

    fn act(&mut self, word: &[u8], number: Option<i32>, starred: bool) {
        match word {
            b"fromhtml" => self.holds_html = true,
            b"htmltag" => {
                self.flush();
                self.group().is_tag = true;
            }
            b"htmlrtf" => {
                self.flush();
                self.group().for_rtf = number != Some(0);
            }
            b"fonttbl" => (self.group().is_fonts, self.group().hidden) = (true, true),
            b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"header" | b"footer" | b"mhtmltag" => {
                self.group().hidden = true;
            }
            b"ansicpg" => {
                self.charset = number.and_then(|page| codepage::label(page.into())).unwrap_or(self.charset);
                self.group().charset = self.charset;
            }
            b"f" => self.choose(number.unwrap_or(0)),
            b"fcharset" if self.group().is_fonts => {
                if let Some(charset) = number.filter(|number| *number > 0).and_then(codepage::of_font) {
                    self.fonts.insert(self.font, charset);
                }
            }
            b"plain" => (self.font, self.group().charset) = (0, self.charset),
            b"uc" => self.group().skip = number.and_then(|count| usize::try_from(count).ok()).unwrap_or(1).min(8),
            b"u" => self.code_unit(number.unwrap_or(0)),
            _ if starred => self.group().hidden = true,
            _ => self.symbol(word),
        }
    }

    fn symbol(&mut self, word: &[u8]) {
        match word {
            b"par" | b"line" | b"row" | b"sect" | b"page" => self.line(),
            b"tab" | b"cell" => self.wide('\t'),
            b"lquote" => self.wide('\u{2018}'),
            b"rquote" => self.wide('\u{2019}'),
            b"ldblquote" => self.wide('\u{201c}'),
            b"rdblquote" => self.wide('\u{201d}'),
            b"bullet" => self.wide('\u{2022}'),
            b"endash" => self.wide('\u{2013}'),
            b"emdash" => self.wide('\u{2014}'),
            _ => {}
        }
    }

    fn choose(&mut self, font: i32) {
        self.flush();
        self.font = font;
        let charset = self.fonts.get(&font).copied().unwrap_or(self.charset);
        self.group().charset = charset;
    }

    /// A UTF-16 unit as a signed number; of a pair the first half waits.
    fn code_unit(&mut self, number: i32) {
        let (unit, lead) = (number as u16, self.lead.take());
        if (0xd800..0xdc00).contains(&unit) {
            self.lead = Some(unit);
        } else {
            let units = lead.into_iter().chain([unit]);
            let character = char::decode_utf16(units).last().and_then(Result::ok);
            self.wide(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.skipping = self.group().skip;
    }

    fn is_shown(&mut self) -> bool {
        let holds_html = self.holds_html;
        let group = self.group();
        !(group.hidden || holds_html && group.for_rtf)
    }

    fn narrow(&mut self, byte: u8) {
        if self.skipping > 0 {
            self.skipping -= 1;
        } else if self.is_shown() {
            self.narrow.push(byte);
        }
    }

    fn wide(&mut self, character: char) {
        self.flush();
        if self.is_shown() {
            self.text.push(character);
        }
    }

    fn line(&mut self) {
        self.wide('\r');
        self.wide('\n');
    }

    fn flush(&mut self) {
        self.skipping = 0;
        if !self.narrow.is_empty() {
            let charset = self.group().charset;
            self.text.push_str(&transfer::charset(charset, &self.narrow));
            self.narrow.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Examples 1 and 2 of MS-OXRTFCP, 3.1 and 3.2.
    #[test]
    fn compressed_text_is_unfolded() {
        let raw = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B2\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        let text = decompress(raw).unwrap_or_default();
        assert_eq!(String::from_utf8_lossy(&text), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        let raw = b"\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4KQA\0\x04 WXYZ\x0dn}\x01\x0e\xb0";
        assert_eq!(decompress(raw).unwrap_or_default(), b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
        assert_eq!(decompress(b"short"), None);
    }

    #[test]
    fn html_and_text_are_taken_out() {
        for (rtf, expected) in [
            (
                r"{\rtf1\ansi\ansicpg1251\fromhtml1 {\fonttbl{\f0 Arial;}}{\*\htmltag64 <p title=\{1\}>}\htmlrtf {\htmlrtf0 \'cf\'f0 \u1090?\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}}",
                Rtf::Html("<p title={1}>Пр т</p>".to_owned()),
            ),
            (r"{\rtf1\ansi{\fonttbl{\f0\fcharset204 A;}}\f0 \'cf\par b\tab c}", Rtf::Text("П\r\nb\tc".to_owned())),
            (r"{\rtf1 \u-10179?\u-8704? {\*\generator x;}a}", Rtf::Text("😀 a".to_owned())),
            (r"{\rtf1\uc0 \u-10179\u-8704 a", Rtf::Text("😀a".to_owned())),
        ] {
            assert_eq!(read(rtf.as_bytes()), Some(expected), "{rtf}");
        }
        assert_eq!(read(b"plain"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_end_it(bytes: Vec<u8>, tokens in proptest::collection::vec(prop_oneof![
            Just("{"), Just("}"), Just("\\u-10179"), Just("\\'c"), Just("\\htmlrtf"), Just("\\*"), Just("\\f9"), Just("x")
        ], 0..60)) {
            let head = [b"\0\0\0\0\xff\xff\0\0LZFu\0\0\0\0".as_slice(), &bytes].concat();
            let _ = decompress(&head);
            let _ = read(&[b"{\\rtf1".as_slice(), tokens.concat().as_bytes(), &bytes].concat());
        }
    }
}
