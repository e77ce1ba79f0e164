//! The headers of a message with their places, and who they may name.

use std::borrow::Cow;
use std::collections::HashMap;

use mail_parser::{Header, HeaderName};

use super::transfer;

/// One header.
pub struct HeaderAt<'m> {
    /// As the parser has it, with its value read where it has a grammar.
    pub parsed: &'m Header<'m>,
    /// Its place among those of the name, from 0.
    pub ordinal: u64,
    /// The raw value, without the white space around it.
    pub value: &'m [u8],
}

impl<'m> HeaderAt<'m> {
    /// The name in its registered spelling, or as written if there is none.
    pub fn name(&self) -> &'m str {
        self.parsed.name.as_str()
    }

    /// The value on one line where it holds bytes that are no UTF-8, read in the
    /// charset that they look like.
    pub fn repaired(&self) -> Option<String> {
        let other = transfer::other_charset(None, self.value)?.to_ascii_lowercase();
        Some(transfer::charset(&other, self.value).replace(['\r', '\n'], ""))
    }

    /// The value as text on one line.
    pub fn unfolded(&self) -> Cow<'m, str> {
        unfold(self.value)
    }
}

/// Headers up to which each is compared with all before it.
const FEW_HEADERS: usize = 128;

/// The headers in order. `raw` is what the parser was given.
pub fn headers<'m>(raw: &'m [u8], parsed: &'m [Header<'m>]) -> Vec<HeaderAt<'m>> {
    // Looked up by name only, never walked through, so its order shows nowhere.
    let mut counts: HashMap<&HeaderName<'_>, u64> = HashMap::new();
    parsed
        .iter()
        .enumerate()
        .map(|(n, header)| {
            // Comparing with the few headers before is much cheaper than hashing.
            let ordinal = if parsed.len() <= FEW_HEADERS {
                parsed[..n].iter().filter(|before| before.name == header.name).count() as u64
            } else {
                let count = counts.entry(&header.name).or_default();
                std::mem::replace(count, *count + 1)
            };
            HeaderAt { parsed: header, ordinal, value: value_of(raw, header).1 }
        })
        .collect()
}

/// Offset and bytes of a header's value, without the white space around it.
pub fn value_of<'m>(raw: &'m [u8], header: &Header<'_>) -> (usize, &'m [u8]) {
    let (from, to) = (header.offset_start as usize, header.offset_end as usize);
    let whole = raw.get(from..to.min(raw.len())).unwrap_or_default();
    let value = whole.trim_ascii_start();
    (from + (whole.len() - value.len()), value.trim_ascii_end())
}

/// The name as it stands in the message.
pub fn written_name<'m>(raw: &'m [u8], header: &Header<'_>) -> &'m [u8] {
    let field = raw.get(header.offset_field as usize..header.offset_start as usize).unwrap_or_default();
    field.strip_suffix(b":").unwrap_or(field).trim_ascii()
}

/// Takes line ends out; what is no UTF-8 becomes U+FFFD.
pub fn unfold(value: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(value);
    if text.contains(['\r', '\n']) { text.replace(['\r', '\n'], "").into() } else { text }
}

/// Headers that name the sending side and nobody else. In all others a mail
/// address may be a recipient's, as in the `for` of Received, the `smtp.rcpttodomain`
/// of checks, and the links of List-Unsubscribe.
const SENDER_SIDE: [&str; 16] = [
    "From",
    "Sender",
    "Reply-To",
    "Return-Path",
    "Resent-From",
    "Resent-Sender",
    "Message-ID",
    "Errors-To",
    "Disposition-Notification-To",
    "X-Sender",
    "X-Mailer",
    "User-Agent",
    "X-Originating-IP",
    "X-Originating-Email",
    "X-PHP-Originating-Script",
    "X-PHP-Script",
];

/// Whether mail addresses in a header of that name may be victims'.
pub fn may_name_victims(name: &str) -> bool {
    !SENDER_SIDE.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The field of `envelopes` that a header of that name fills.
pub fn envelope_field(name: &str) -> Option<&'static str> {
    const FIELDS: [(&str, &str); 10] = [
        ("To", "to"),
        ("Cc", "cc"),
        ("Bcc", "bcc"),
        ("Delivered-To", "delivered-to"),
        ("X-Delivered-To", "delivered-to"),
        ("X-Original-To", "delivered-to"),
        ("Envelope-To", "delivered-to"),
        ("X-Envelope-To", "delivered-to"),
        ("Apparently-To", "to"),
        ("Resent-To", "to"),
    ];
    FIELDS.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, field)| *field)
}
