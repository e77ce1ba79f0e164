//! Where something stands in the evidence, as one line of text.
//!
//! Grammar (a locator parses and prints losslessly):
//!
//! ```text
//! locator = "sha256:" 64HEX *( "/" step )
//! step    = "gzip" | "zstd" | "xz" | "base64" | "quoted-printable"
//!         | "charset:" NAME                 decoded from NAME to UTF-8
//!         | "zip:" N "=" TEXT               N-th member (from 0), its name
//!         | "tar:" N "=" TEXT
//!         | "mbox:" N                       N-th message (from 0)
//!         | "pst:" N                        item of an Outlook store by node id, written out as a mail
//!         | "msg"                           Outlook item of a compound file, written out as a mail
//!         | "tnef"                          what a winmail.dat holds, written out as a mail
//!         | "pdf:" N                        picture that object N of a PDF is, unpacked
//!         | "cfb:" TEXT                     stream of a compound file, by its path
//!         | "part:" N                       MIME part, depth first, 0 is the root
//!         | "header:" NAME "[" N "]"        N-th header of that name (from 0)
//!         | "line:" N                       N-th line (from 1)
//!         | "bytes:" A "-" B                half-open range of the decoded bytes
//!         | "csv:row:" N [ ",col:" TEXT ]   N-th record (from 1, a header counts)
//!         | "json:" TEXT *( ":" TEXT )      RFC 6901 reference tokens
//!         | "frame:" SECONDS "s"            e.g. frame:12.40s
//!         | "box:" X "," Y "," W "," H
//! TEXT    = any text with "%", "/", ":", "," and control bytes written %XX
//! ```
//!
//! The steps are read from left to right: each is applied to the bytes that
//! the one before it gives. Offsets in `bytes` count the decoded bytes.

use std::fmt;
use std::str::FromStr;

/// SHA-256 of an evidence file, as 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Sixty-four lower-case hexadecimal digits.
    pub fn to_hex(self) -> String {
        const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        let digit = |four: u8| DIGITS[usize::from(four & 15)];
        let mut hex = String::with_capacity(64);
        hex.extend(self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]));
        hex
    }

    /// Reads sixty-four hexadecimal digits.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let hex = hex.as_bytes();
        if hex.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let high = (pair[0] as char).to_digit(16)?;
            let low = (pair[1] as char).to_digit(16)?;
            *byte = (high * 16 + low) as u8;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// One step on the way from an evidence file to a place in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Inflated as gzip (RFC 1952), all members in sequence.
    Gzip,
    /// Decompressed as Zstandard (RFC 8878).
    Zstd,
    /// Decompressed as xz.
    Xz,
    /// Decoded from base64 (RFC 2045, 6.8).
    Base64,
    /// Decoded from quoted-printable (RFC 2045, 6.7).
    QuotedPrintable,
    /// Decoded from a charset, named by its WHATWG label, to UTF-8.
    Charset(String),
    /// A member of a zip file.
    Zip(u64, String),
    /// A member of a tar file.
    Tar(u64, String),
    /// A message of an mbox, counted from 0.
    Mbox(u64),
    /// An item of an Outlook store by its node id, written out as a mail.
    Pst(u64),
    /// The Outlook item that a compound file is, written out as a mail.
    Msg,
    /// What a TNEF stream holds, written out as a mail.
    Tnef,
    /// The picture that an object of a PDF is, unpacked: netpbm, or JPEG as it stands in a packed stream.
    Pdf(u64),
    /// A stream of a compound file by its path, without the leading slash.
    Cfb(String),
    /// A MIME part, counted depth first from 0, the root.
    Part(u64),
    /// A header by name and by its place among those of the name, from 0.
    Header(String, u64),
    /// A line, counted from 1.
    Line(u64),
    /// A half-open byte range.
    Bytes(u64, u64),
    /// A delimited record, counted from 1 with a header line counted, and a column.
    Csv(u64, Option<String>),
    /// A JSON value by the tokens of its RFC 6901 pointer.
    Json(Vec<String>),
    /// A video frame by time in hundredths of a second.
    Frame(u64),
    /// A rectangle in pixels: left, top, width, height.
    Box(u32, u32, u32, u32),
}

/// Why a text is not a locator.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocatorError {
    /// The first part is not `sha256:` and 64 hexadecimal digits.
    #[error("a locator starts with sha256: and 64 hexadecimal digits, not with {0:?}")]
    Digest(String),
    /// A later part is no step of the grammar.
    #[error("{0:?} is no step of a locator (see `handprint show --help`)")]
    Step(String),
}

/// A place in the evidence: a file by digest, then the steps into it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locator {
    /// The evidence file.
    pub evidence: Digest,
    /// The steps from its bytes to the place.
    pub chain: Vec<Step>,
}

impl Locator {
    /// Puts a locator together from the four columns in which tables hold it.
    ///
    /// A `length` of 0 stands for the whole of what `chain` names.
    pub fn from_columns(evidence: &str, chain: &str, start: u64, length: u64) -> Result<Self, LocatorError> {
        let evidence = Digest::from_hex(evidence).ok_or_else(|| LocatorError::Digest(evidence.to_owned()))?;
        let mut steps = parse_chain(chain)?;
        if length > 0 {
            steps.push(Step::Bytes(start, start + length));
        }
        Ok(Self { evidence, chain: steps })
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.evidence)?;
        self.chain.iter().try_for_each(|step| write!(f, "/{step}"))
    }
}

impl FromStr for Locator {
    type Err = LocatorError;

    fn from_str(text: &str) -> Result<Self, LocatorError> {
        let (head, chain) = text.split_once('/').unwrap_or((text, ""));
        let evidence = head
            .strip_prefix("sha256:")
            .and_then(Digest::from_hex)
            .ok_or_else(|| LocatorError::Digest(head.to_owned()))?;
        Ok(Self { evidence, chain: parse_chain(chain)? })
    }
}

/// Reads the steps of a chain; the empty text is the empty chain.
pub fn parse_chain(chain: &str) -> Result<Vec<Step>, LocatorError> {
    if chain.is_empty() {
        return Ok(Vec::new());
    }
    chain.split('/').map(str::parse).collect()
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gzip => f.write_str("gzip"),
            Self::Zstd => f.write_str("zstd"),
            Self::Xz => f.write_str("xz"),
            Self::Base64 => f.write_str("base64"),
            Self::QuotedPrintable => f.write_str("quoted-printable"),
            Self::Charset(label) => write!(f, "charset:{}", escape(label)),
            Self::Zip(n, name) => write!(f, "zip:{n}={}", escape(name)),
            Self::Tar(n, name) => write!(f, "tar:{n}={}", escape(name)),
            Self::Mbox(n) => write!(f, "mbox:{n}"),
            Self::Pst(node) => write!(f, "pst:{node}"),
            Self::Msg => f.write_str("msg"),
            Self::Tnef => f.write_str("tnef"),
            Self::Pdf(object) => write!(f, "pdf:{object}"),
            Self::Cfb(path) => write!(f, "cfb:{}", escape(path)),
            Self::Part(n) => write!(f, "part:{n}"),
            Self::Header(name, n) => write!(f, "header:{}[{n}]", escape(name)),
            Self::Line(n) => write!(f, "line:{n}"),
            Self::Bytes(start, end) => write!(f, "bytes:{start}-{end}"),
            Self::Csv(row, None) => write!(f, "csv:row:{row}"),
            Self::Csv(row, Some(col)) => write!(f, "csv:row:{row},col:{}", escape(col)),
            Self::Json(tokens) => {
                f.write_str("json")?;
                tokens.iter().try_for_each(|token| write!(f, ":{}", escape(token)))
            }
            Self::Frame(hundredths) => write!(f, "frame:{}.{:02}s", hundredths / 100, hundredths % 100),
            Self::Box(x, y, w, h) => write!(f, "box:{x},{y},{w},{h}"),
        }
    }
}

impl FromStr for Step {
    type Err = LocatorError;

    fn from_str(text: &str) -> Result<Self, LocatorError> {
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        match argument {
            None => bare_step(name),
            Some(argument) => step_with(name, argument),
        }
        .ok_or_else(|| LocatorError::Step(text.to_owned()))
    }
}

fn bare_step(name: &str) -> Option<Step> {
    Some(match name {
        "gzip" => Step::Gzip,
        "zstd" => Step::Zstd,
        "xz" => Step::Xz,
        "base64" => Step::Base64,
        "quoted-printable" => Step::QuotedPrintable,
        "json" => Step::Json(Vec::new()),
        "msg" => Step::Msg,
        "tnef" => Step::Tnef,
        _ => return None,
    })
}

fn step_with(name: &str, argument: &str) -> Option<Step> {
    let member = || {
        let (n, member) = argument.split_once('=')?;
        Some((number(n)?, unescape(member)?))
    };
    Some(match name {
        "charset" => Step::Charset(unescape(argument)?),
        "zip" => member().map(|(n, name)| Step::Zip(n, name))?,
        "tar" => member().map(|(n, name)| Step::Tar(n, name))?,
        "mbox" => Step::Mbox(number(argument)?),
        "pst" => Step::Pst(number(argument)?),
        "pdf" => Step::Pdf(number(argument)?),
        "cfb" => Step::Cfb(unescape(argument)?),
        "part" => Step::Part(number(argument)?),
        "header" => {
            let (header, n) = argument.strip_suffix(']')?.rsplit_once('[')?;
            Step::Header(unescape(header)?, number(n)?)
        }
        "line" => Step::Line(number(argument)?),
        "bytes" => {
            let (start, end) = argument.split_once('-')?;
            let (start, end) = (number(start)?, number(end)?);
            (start <= end).then_some(Step::Bytes(start, end))?
        }
        "csv" => {
            let rest = argument.strip_prefix("row:")?;
            match rest.split_once(",col:") {
                Some((row, col)) => Step::Csv(number(row)?, Some(unescape(col)?)),
                None => Step::Csv(number(rest)?, None),
            }
        }
        "json" => Step::Json(argument.split(':').map(unescape).collect::<Option<_>>()?),
        "frame" => {
            let (whole, hundredths) = argument.strip_suffix('s')?.split_once('.')?;
            (hundredths.len() == 2).then_some(())?;
            Step::Frame(number(whole)?.checked_mul(100)?.checked_add(two_digits(hundredths)?)?)
        }
        "box" => {
            let sides: Vec<u32> =
                argument.split(',').map(|side| number(side)?.try_into().ok()).collect::<Option<_>>()?;
            let [x, y, w, h] = sides.try_into().ok()?;
            Step::Box(x, y, w, h)
        }
        _ => return None,
    })
}

/// A decimal number in its one spelling: no sign, no leading zero.
fn number(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with(['0', '+']);
    canonical.then(|| text.parse().ok()).flatten()
}

fn two_digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn must_escape(c: char) -> bool {
    c.is_control() || matches!(c, '%' | '/' | ':' | ',')
}

/// Writes the characters that a step reserves as `%XX` per UTF-8 byte.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text);
    escaped
}

fn push_escaped(escaped: &mut String, text: &str) {
    use fmt::Write;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b' ' | b'.');
    if text.bytes().all(is_plain) {
        return escaped.push_str(text);
    }
    for c in text.chars() {
        if must_escape(c) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(escaped, "%{byte:02X}");
            }
        } else {
            escaped.push(c);
        }
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' {
            let (pair, tail) = tail.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// Writes a chain as tables hold it: the steps, joined by `/`.
pub fn chain_text(steps: &[Step]) -> String {
    steps.iter().map(Step::to_string).collect::<Vec<_>>().join("/")
}

/// Appends one step to a chain in text form.
pub fn extend_chain(chain: &str, step: &Step) -> String {
    let mut text = String::with_capacity(chain.len() + STEP_BYTES);
    text.push_str(chain);
    if !chain.is_empty() {
        text.push('/');
    }
    // The steps of which there is one for each header and part of each mail,
    // or each string of a document, are written without the detour of `fmt`.
    match step {
        Step::Part(n) => {
            text.push_str("part:");
            push_number(&mut text, *n);
        }
        Step::Header(name, n) => {
            text.push_str("header:");
            push_escaped(&mut text, name);
            text.push('[');
            push_number(&mut text, *n);
            text.push(']');
        }
        Step::Json(tokens) => {
            text.push_str("json");
            for token in tokens {
                text.push(':');
                push_escaped(&mut text, token);
            }
        }
        _ => {
            use fmt::Write;
            let _ = write!(text, "{step}");
        }
    }
    text
}

/// Bytes that most steps need at most.
const STEP_BYTES: usize = 40;

fn push_number(text: &mut String, number: u64) {
    match u8::try_from(number) {
        Ok(digit @ 0..=9) => text.push(char::from(b'0' + digit)),
        _ => text.push_str(&number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HASH: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn the_examples_of_the_grammar_print_as_they_were_read() {
        for chain in [
            "gzip/line:4021",
            "mbox:1042/header:Received[2]",
            "mbox:7/part:2/base64/bytes:120-145",
            "csv:row:18,col:email",
            "csv:row:18",
            "json:objects:12:pattern",
            "json",
            "frame:12.40s/box:10,20,300,16",
            "zip:0=a%2Fb.txt/tar:3=x/xz",
            "part:1/quoted-printable/charset:windows-1251/bytes:0-4",
            "pst:2097188/part:1",
            "part:2/base64/tnef/part:1",
            "msg/header:Received[0]",
            "pdf:12/frame:0.00s/box:1,2,3,4",
            "cfb:__attach_version1.0_#00000000%2F__substg1.0_37010102",
        ] {
            let text = format!("{HASH}/{chain}");
            assert_eq!(text.parse::<Locator>().map(|locator| locator.to_string()), Ok(text));
        }
    }

    #[test]
    fn a_text_outside_the_grammar_is_refused() {
        for chain in
            ["", "gzip:1", "line:", "line:01", "bytes:9-3", "header:X", "csv:18", "frame:1.4s", "box:1,2,3", "zip:a"]
        {
            assert!(format!("{HASH}/{chain}/x").parse::<Locator>().is_err(), "{chain}");
        }
        assert!("sha256:12/line:1".parse::<Locator>().is_err());
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::Gzip),
            any::<String>().prop_map(Step::Charset),
            (any::<u64>(), any::<String>()).prop_map(|(n, name)| Step::Zip(n, name)),
            (any::<u64>(), any::<String>()).prop_map(|(n, name)| Step::Tar(n, name)),
            (any::<String>(), any::<u64>()).prop_map(|(name, n)| Step::Header(name, n)),
            (any::<u32>(), any::<u32>()).prop_map(|(a, b)| Step::Bytes(a.into(), u64::from(a) + u64::from(b))),
            (any::<u64>(), proptest::option::of(any::<String>())).prop_map(|(row, col)| Step::Csv(row, col)),
            proptest::collection::vec(any::<String>(), 1..4).prop_map(Step::Json),
            any::<u64>().prop_map(Step::Pdf),
            any::<u32>().prop_map(|hundredths| Step::Frame(hundredths.into())),
            (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(x, y, w, h)| Step::Box(x, y, w, h)),
        ]
    }

    proptest! {
        #[test]
        fn every_locator_survives_printing(bytes: [u8; 32], chain in proptest::collection::vec(any_step(), 0..6)) {
            let locator = Locator { evidence: Digest(bytes), chain };
            prop_assert_eq!(locator.to_string().parse::<Locator>(), Ok(locator));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text: String) {
            let _ = text.parse::<Locator>();
            let _ = parse_chain(&text);
        }
    }
}
