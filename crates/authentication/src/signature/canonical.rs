//! The forms in which headers and body are hashed (RFC 6376, 3.4 and 3.7).
//!
//! A bare line feed counts as a line end, since files lose the carriage returns
//! that were there on the wire.

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Hash {
    /// That of `rsa-sha256`, `rsa-sha1` or `ed25519-sha256`.
    pub fn of_algorithm(algorithm: &str) -> Option<Self> {
        match algorithm {
            "rsa-sha256" | "ed25519-sha256" => Some(Self::Sha256),
            "rsa-sha1" => Some(Self::Sha1),
            _ => None,
        }
    }

    fn start(self) -> Hasher {
        match self {
            Self::Sha1 => Hasher::Sha1(Sha1::new()),
            Self::Sha256 => Hasher::Sha256(Sha256::new()),
        }
    }
}

enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    fn put(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha1(hasher) => hasher.finalize().to_vec(),
            Self::Sha256(hasher) => hasher.finalize().to_vec(),
        }
    }
}

/// How much a relay may change without breaking a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing.
    Simple,
    /// White space.
    Relaxed,
}

impl Form {
    /// By its name in c=.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "simple" => Some(Self::Simple),
            "relaxed" => Some(Self::Relaxed),
            _ => None,
        }
    }
}

/// One header as it stands, without its last line end.
pub struct Field<'m> {
    /// The whole.
    pub bytes: &'m [u8],
    /// The name, without white space around it.
    pub name: &'m [u8],
    /// What follows the colon.
    pub value: &'m [u8],
}

impl Field<'_> {
    /// Whether it has this name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    fn put(&self, form: Form, hasher: &mut Hasher) {
        self.put_value(self.value, form, hasher);
    }

    /// With b= emptied, as the signature itself is hashed.
    fn put_unsigned(&self, form: Form, hasher: &mut Hasher) {
        self.put_value(&without_signature(self.value), form, hasher);
    }

    fn put_value(&self, value: &[u8], form: Form, hasher: &mut Hasher) {
        match form {
            Form::Simple => {
                hasher.put(&self.bytes[..self.bytes.len() - self.value.len()]);
                put_lines(value, hasher);
            }
            Form::Relaxed => {
                hasher.put(&self.name.to_ascii_lowercase());
                hasher.put(b":");
                let words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
                for (n, word) in words.enumerate() {
                    if n > 0 {
                        hasher.put(b" ");
                    }
                    hasher.put(word);
                }
            }
        }
    }
}

/// Bytes with every line end as the wire has it.
fn put_lines(bytes: &[u8], hasher: &mut Hasher) {
    for (n, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if n > 0 {
            hasher.put(b"\r\n");
        }
        hasher.put(line.strip_suffix(b"\r").unwrap_or(line));
    }
}

/// A list of tags with nothing behind `b=`.
fn without_signature(value: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(value.len());
    for (n, piece) in value.split(|byte| *byte == b';').enumerate() {
        if n > 0 {
            kept.push(b';');
        }
        let equals = piece.iter().position(|byte| *byte == b'=');
        match equals.filter(|at| piece[..*at].trim_ascii() == b"b") {
            Some(at) => kept.extend_from_slice(&piece[..=at]),
            None => kept.extend_from_slice(piece),
        }
    }
    kept
}

/// A message as headers and body.
pub struct Message<'m> {
    /// Headers in order.
    pub fields: Vec<Field<'m>>,
    /// What follows the first empty line.
    pub body: &'m [u8],
}

impl<'m> Message<'m> {
    /// Splits it; lines that are no headers are passed over.
    pub fn split(raw: &'m [u8]) -> Self {
        let mut fields = Vec::new();
        let mut at = 0;
        let mut start = 0;
        let mut body: &[u8] = &[];
        let line_end =
            |from: usize| raw[from..].iter().position(|byte| *byte == b'\n').map_or(raw.len(), |n| from + n + 1);
        while at < raw.len() {
            let end = line_end(at);
            let line = &raw[at..end];
            if line == b"\r\n" || line == b"\n" {
                body = &raw[end..];
                break;
            }
            let goes_on = matches!(raw.get(end), Some(b' ' | b'\t'));
            at = end;
            if !goes_on {
                fields.extend(field(&raw[start..end]));
                start = end;
            }
        }
        Self { fields, body }
    }

    /// The hash of the headers that `names` asks for, the lowest of a name
    /// first (5.4.2), and of the signature itself.
    pub fn header_digest(&self, names: &[&str], signature: &Field<'_>, form: Form, hash: Hash) -> Vec<u8> {
        let mut hasher = hash.start();
        // Places of the fields of each name that are still to be taken, from the bottom.
        let mut waiting: std::collections::HashMap<Vec<u8>, Vec<usize>> = std::collections::HashMap::new();
        for (n, field) in self.fields.iter().enumerate() {
            waiting.entry(field.name.to_ascii_lowercase()).or_default().push(n);
        }
        for name in names {
            let taken = waiting.get_mut(&name.as_bytes().to_ascii_lowercase()).and_then(Vec::pop);
            let Some(field) = taken.and_then(|n| self.fields.get(n)) else { continue };
            field.put(form, &mut hasher);
            hasher.put(b"\r\n");
        }
        signature.put_unsigned(form, &mut hasher);
        hasher.finish()
    }

    /// The hash of an ARC seal: all sets up to its own, each as results,
    /// message signature and seal (RFC 8617, 5.1.1).
    pub fn seal_digest(&self, index: usize, instance: u64, hash: Hash, flaws: &mut Vec<String>) -> Vec<u8> {
        const NAMES: [&str; 3] = ["arc-authentication-results", "arc-message-signature", "arc-seal"];
        let mut hasher = hash.start();
        let numbered: Vec<Vec<(u64, &Field<'_>)>> = NAMES
            .iter()
            .map(|name| {
                let named = self.fields.iter().filter(|field| field.is(name));
                named.map(|field| (instance_of(field.value), field)).collect()
            })
            .collect();
        for set in 1..=instance {
            for (name, fields) in NAMES.iter().zip(&numbered) {
                let mut of_set = fields.iter().filter(|(number, _)| *number == set);
                let (Some((_, field)), None) = (of_set.next(), of_set.next()) else {
                    flaws.push(format!("covers set {set}, which has not exactly one {name}"));
                    return Vec::new();
                };
                let is_last = set == instance && *name == "arc-seal";
                match is_last {
                    true => self.fields[index].put_unsigned(Form::Relaxed, &mut hasher),
                    false => {
                        field.put(Form::Relaxed, &mut hasher);
                        hasher.put(b"\r\n");
                    }
                }
            }
        }
        hasher.finish()
    }
}

/// The number in i=, wherever it stands in the list; 0 if there is none.
fn instance_of(value: &[u8]) -> u64 {
    let pieces = value.split(|byte| *byte == b';');
    let numbers = pieces.filter_map(|piece| {
        let at = piece.iter().position(|byte| *byte == b'=')?;
        let is_instance = piece[..at].trim_ascii() == b"i";
        std::str::from_utf8(&piece[at + 1..]).ok().filter(|_| is_instance)?.trim().parse().ok()
    });
    numbers.into_iter().next().unwrap_or(0)
}

fn field(bytes: &[u8]) -> Option<Field<'_>> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let name = bytes[..colon].trim_ascii_end();
    (!name.is_empty() && !name.contains(&b'\n')).then(|| Field { bytes, name, value: &bytes[colon + 1..] })
}

/// A body to be hashed.
pub struct Body<'b> {
    /// As it stands in the message.
    pub bytes: &'b [u8],
    /// Its form.
    pub form: Form,
    /// l=: bytes of the canonical form that count.
    pub limit: Option<u64>,
}

/// The hash of a body.
pub struct Made {
    /// The hash.
    pub digest: Vec<u8>,
    /// Bytes of the whole canonical form.
    pub length: u64,
}

impl Body<'_> {
    /// Hashes it.
    pub fn hash(&self, hash: Hash) -> Made {
        let buffer = Vec::with_capacity(BUFFER + 1_024);
        let mut out = Limited { hasher: hash.start(), buffer, left: self.limit.unwrap_or(u64::MAX), length: 0 };
        // Empty lines count only if another line follows them.
        let mut empty = 0u64;
        let mut any = false;
        let mut rest = self.bytes;
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == b'\n');
            let line = &rest[..end.unwrap_or(rest.len())];
            rest = end.map_or(&[], |end| &rest[end + 1..]);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let bare = match self.form {
                Form::Simple => line,
                Form::Relaxed => trim_blanks_end(line),
            };
            if bare.is_empty() {
                empty += 1;
                continue;
            }
            for _ in 0..empty {
                out.put(b"\r\n");
            }
            empty = 0;
            any = true;
            match self.form {
                Form::Simple => out.put(bare),
                Form::Relaxed => put_relaxed(bare, &mut out),
            }
            out.put(b"\r\n");
        }
        if !any && self.form == Form::Simple {
            out.put(b"\r\n");
        }
        out.hasher.put(&out.buffer);
        Made { digest: out.hasher.finish(), length: out.length }
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn trim_blanks_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
    &line[..end]
}

/// A line with every run of blanks as one space.
fn put_relaxed(line: &[u8], out: &mut Limited) {
    let mut rest = line;
    while !rest.is_empty() {
        let word = rest.iter().position(|byte| is_blank(*byte)).unwrap_or(rest.len());
        out.put(&rest[..word]);
        rest = &rest[word..];
        let blanks = rest.iter().position(|byte| !is_blank(*byte)).unwrap_or(rest.len());
        if blanks > 0 {
            out.put(b" ");
            rest = &rest[blanks..];
        }
    }
}

/// Bytes that are gathered before they are hashed: words one by one cost more than their hash.
const BUFFER: usize = 8_192;

struct Limited {
    hasher: Hasher,
    buffer: Vec<u8>,
    left: u64,
    length: u64,
}

impl Limited {
    fn put(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        let taken = (bytes.len() as u64).min(self.left);
        self.left -= taken;
        self.buffer.extend_from_slice(&bytes[..taken as usize]);
        if self.buffer.len() >= BUFFER {
            self.hasher.put(&self.buffer);
            self.buffer.clear();
        }
    }
}
