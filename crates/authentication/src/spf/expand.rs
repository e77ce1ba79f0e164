//! Macros (RFC 7208, 7).

use std::net::IpAddr;

/// Longest name.
const NAME_BYTES: usize = 253;

/// What letters stand for, `p` excepted.
pub struct Letters<'l> {
    /// Address of the sending side.
    pub ip: IpAddr,
    /// The envelope sender.
    pub sender: &'l str,
    /// HELO.
    pub helo: &'l str,
    /// The receiving host.
    pub receiver: &'l str,
    /// The domain whose record is read.
    pub domain: &'l str,
}

impl Letters<'_> {
    /// The value of a letter in lower case; empty for letters that stand for nothing.
    pub fn value(&self, letter: char) -> String {
        let (local, domain) = self.sender.rsplit_once('@').unwrap_or(("postmaster", self.sender));
        match letter {
            's' => self.sender.to_owned(),
            'l' => local.to_owned(),
            'o' => domain.to_owned(),
            'd' => self.domain.to_owned(),
            'i' => dotted(self.ip),
            'c' => self.ip.to_string(),
            'h' => self.helo.to_owned(),
            'v' => if self.ip.is_ipv4() { "in-addr" } else { "ip6" }.to_owned(),
            'r' => self.receiver.to_owned(),
            // The time of the check; a snapshot has none that matters to anybody.
            't' => "0".to_owned(),
            _ => String::new(),
        }
    }
}

/// IPv6 as nibbles with dots, in capitals as the suite of openspf.org has them; IPv4 as usual (7.3).
fn dotted(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => nibbles(ip.to_bits()).collect::<Vec<_>>().join(".").to_ascii_uppercase(),
    }
}

fn nibbles(bits: u128) -> impl DoubleEndedIterator<Item = String> {
    (0..32u32).rev().map(move |n| format!("{:x}", (bits >> (4 * n)) & 0xf))
}

/// The name under which the names of an address stand.
pub fn reverse_name(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(ip) => format!("{}.ip6.arpa", nibbles(ip.to_bits()).rev().collect::<Vec<_>>().join(".")),
    }
}

/// One piece of a macro-string.
enum Piece<'p> {
    Literal(&'p str),
    Macro { letter: char, keep: usize, reverse: bool, delimiters: &'p str },
}

/// Takes a macro-string apart; `None` if it is none.
fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        if at > 0 {
            pieces.push(Piece::Literal(&rest[..at]));
        }
        let after = &rest[at + 1..];
        match after.as_bytes().first()? {
            b'%' => pieces.push(Piece::Literal("%")),
            b'_' => pieces.push(Piece::Literal(" ")),
            b'-' => pieces.push(Piece::Literal("%20")),
            b'{' => {
                let end = after.find('}')?;
                pieces.push(macro_expand(after.get(1..end)?)?);
                rest = &after[end + 1..];
                continue;
            }
            _ => return None,
        }
        rest = &after[1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    Some(pieces)
}

fn macro_expand(inner: &str) -> Option<Piece<'_>> {
    let letter = inner.chars().next().filter(|letter| "slodiphcrtvSLODIPHCRTV".contains(*letter))?;
    let rest = &inner[1..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    // 7.1: a number of zero is an error; one too large keeps everything.
    let keep = match &rest[..digits] {
        "" => usize::MAX,
        number => number.parse().unwrap_or(usize::MAX),
    };
    let rest = &rest[digits..];
    let reverse = rest.starts_with(['r', 'R']);
    let delimiters = if reverse { &rest[1..] } else { rest };
    let is_known = delimiters.bytes().all(|byte| b".-+,/_=".contains(&byte));
    (keep > 0 && is_known).then_some(Piece::Macro { letter, keep, reverse, delimiters })
}

/// Whether a text is a macro-string; the letters c, r and t only where `explains`.
pub fn is_macro_string(text: &str, explains: bool) -> bool {
    let allowed = |piece: &Piece<'_>| match piece {
        Piece::Macro { letter, .. } => explains || !"crtCRT".contains(*letter),
        Piece::Literal(text) => explains || text.bytes().all(|byte| byte.is_ascii_graphic() || *text == " "),
    };
    pieces(text).is_some_and(|pieces| pieces.iter().all(allowed))
}

/// Whether a text is a domain-spec: it ends in a macro, or in a label that is no number.
pub fn is_domain_spec(text: &str) -> bool {
    if text.is_empty() || !is_macro_string(text, false) {
        return false;
    }
    let Some(pieces) = pieces(text) else { return false };
    match pieces.last() {
        Some(Piece::Macro { .. }) => true,
        Some(Piece::Literal(_)) if text.ends_with("%%") || text.ends_with("%_") || text.ends_with("%-") => true,
        Some(Piece::Literal(end)) => {
            let end = end.strip_suffix('.').unwrap_or(end);
            end.rsplit_once('.').is_some_and(|(_, label)| is_top_label(label))
        }
        None => false,
    }
}

fn is_top_label(label: &str) -> bool {
    let has_letter = label.bytes().any(|byte| byte.is_ascii_alphabetic());
    let parts = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    parts && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && (has_letter || label.contains('-'))
}

/// Fills a macro-string in; what is no macro-string stays as it is.
pub fn expand(text: &str, value: &mut dyn FnMut(char) -> String) -> String {
    let Some(pieces) = pieces(text) else { return text.to_owned() };
    let mut filled = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => filled.push_str(text),
            Piece::Macro { letter, keep, reverse, delimiters } => {
                let whole = value(letter.to_ascii_lowercase());
                let delimiters = if delimiters.is_empty() { "." } else { delimiters };
                let mut parts: Vec<&str> = whole.split(|c| delimiters.contains(c)).collect();
                if reverse {
                    parts.reverse();
                }
                let kept = parts[parts.len().saturating_sub(keep)..].join(".");
                filled.push_str(&if letter.is_ascii_uppercase() { escaped(&kept) } else { kept });
            }
        }
    }
    filled
}

/// RFC 3986 escapes for all but unreserved characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => escaped.push(char::from(byte)),
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// Labels are taken off the left until the name is short enough (7.3).
pub fn shortened(name: &str) -> String {
    let mut name = name.strip_suffix('.').unwrap_or(name);
    while name.len() > NAME_BYTES {
        let Some((_, rest)) = name.split_once('.') else { break };
        name = rest;
    }
    name.to_owned()
}
