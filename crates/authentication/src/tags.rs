//! Lists of `name=value` pairs with semicolons between them (RFC 6376, 3.2).

/// One pair.
pub struct Tag<'t> {
    /// The name, without white space around it.
    pub name: &'t str,
    /// The value, without white space around it.
    pub value: &'t str,
}

/// The pairs of a list in order; `None` if it is not one, or a name comes twice.
pub fn parse(list: &str) -> Option<Vec<Tag<'_>>> {
    let mut tags: Vec<Tag<'_>> = Vec::new();
    let mut pieces = list.split(';').peekable();
    while let Some(piece) = pieces.next() {
        if piece.trim().is_empty() {
            // Only the last pair may be followed by a semicolon.
            if pieces.peek().is_none() { break } else { return None }
        }
        let (name, value) = piece.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name || tags.iter().any(|tag| tag.name == name) || tags.len() > 64 {
            return None;
        }
        tags.push(Tag { name, value });
    }
    Some(tags)
}

/// The value of a pair.
pub fn get<'t>(tags: &[Tag<'t>], name: &str) -> Option<&'t str> {
    tags.iter().find(|tag| tag.name == name).map(|tag| tag.value)
}

/// A value that may be folded anywhere, as base64 may.
pub fn without_space(value: &str) -> String {
    value.split_whitespace().collect()
}
