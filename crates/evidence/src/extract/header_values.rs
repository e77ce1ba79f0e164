//! The values of a header, where it stands as one and where it was pasted.
//!
//! People who complain about a mail often paste its full source into theirs.
//! What a header of that source lets slip stands in a body then. A body counts
//! as holding a source if a line of it starts with `Received: `, which nobody
//! writes by hand.

use model::{Role, Text};

/// Where in the text the values of the headers of these names start, and the
/// values, folded lines included.
pub(super) fn of<'t>(text: &Text<'t>, names: &[&str]) -> Vec<(&'t str, usize, &'t [u8])> {
    let bytes: &'t [u8] = text.bytes;
    match text.role {
        Role::Header(name) if is_in(names, name.as_bytes()) => vec![(name, 0, bytes)],
        Role::Body if holds_source(bytes) => pasted(bytes, names),
        _ => Vec::new(),
    }
}

fn is_in(names: &[&str], name: &[u8]) -> bool {
    names.iter().any(|entry| entry.as_bytes().eq_ignore_ascii_case(name))
}

fn holds_source(body: &[u8]) -> bool {
    memchr::memmem::find_iter(body, b"Received: ").any(|start| {
        let line = memchr::memrchr(b'\n', &body[..start]).map_or(0, |newline| newline + 1);
        is_quoting(&body[line..start])
    })
}

/// Whether the start of a line is nothing but the marks of a quotation.
fn is_quoting(start: &[u8]) -> bool {
    start.len() <= 8 && start.iter().all(|byte| matches!(byte, b'>' | b' ' | b'|'))
}

fn pasted<'t>(body: &'t [u8], names: &[&str]) -> Vec<(&'t str, usize, &'t [u8])> {
    let mut values = Vec::new();
    let mut start = 0;
    while start < body.len() {
        let end = line_end(body, start);
        let quote = body[start..end].iter().position(|byte| !matches!(byte, b'>' | b' ' | b'|')).unwrap_or(0);
        let line = &body[start + quote..end];
        let colon = memchr::memchr(b':', &line[..line.len().min(64)]);
        if let Some(colon) = colon.filter(|&colon| is_in(names, &line[..colon])) {
            let value = start + quote + colon + 1;
            let name = std::str::from_utf8(&line[..colon]).unwrap_or_default();
            values.push((name, value, &body[value..folded_end(body, end)]));
        }
        start = end + 1;
    }
    values
}

fn line_end(body: &[u8], start: usize) -> usize {
    memchr::memchr(b'\n', &body[start..]).map_or(body.len(), |length| start + length)
}

/// End of the lines that continue the one that ends at `end`.
fn folded_end(body: &[u8], mut end: usize) -> usize {
    while matches!(body.get(end + 1), Some(b' ' | b'\t')) {
        end = line_end(body, end + 1);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(role: Role<'_>, bytes: &str) -> Vec<(usize, String)> {
        let text = Text { role, chain: "", start: 0, bytes: bytes.as_bytes(), personal: true };
        let found = of(&text, &["Message-ID", "Received"]);
        found.into_iter().map(|(_, start, value)| (start, String::from_utf8_lossy(value).into_owned())).collect()
    }

    #[test]
    fn headers_count_by_role_or_as_part_of_a_pasted_source() {
        assert_eq!(values(Role::Header("message-id"), "<1@x>"), [(0, "<1@x>".to_owned())]);
        assert!(values(Role::Header("Subject"), "<1@x>").is_empty());
        assert!(values(Role::Body, "Message-ID: <1@x>\n").is_empty());
        let source = "See:\n> Received: from x\n\tby y\n> message-id: <1@x>\n";
        let expected = [(16, " from x\n\tby y".to_owned()), (43, " <1@x>".to_owned())];
        assert_eq!(values(Role::Body, source), expected);
    }
}
