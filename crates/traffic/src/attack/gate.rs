//! Which texts are worth the rules: most requests hold nothing but names and
//! plain values, and are passed over.

/// Whether a path holds what no page's name holds.
pub fn odd_path(path: &str) -> bool {
    let mut before = 0;
    path.bytes().any(|byte| {
        let doubled = byte == before && matches!(byte, b'.' | b'/');
        before = byte;
        let sign = matches!(
            byte,
            b'\'' | b'"' | b'<' | b'>' | b'(' | b'{' | b'|' | b';' | b'$' | b'`' | b'\\' | b'*' | 0..=31
        );
        sign || doubled
    })
}

/// Whether a decoded query holds more than names and plain values.
pub fn odd_query(query: &str) -> bool {
    const SIGNS: &[u8] = b"'\"<>()[{|;$`\\*#!@^~/:";
    let bytes = query.as_bytes();
    let (mut before, mut spaced, mut dotted) = (0, false, false);
    let odd = bytes.iter().any(|&byte| {
        let doubled = byte == before && matches!(byte, b'.' | b'-' | b'_' | b'=');
        (before, spaced, dotted) = (byte, spaced | (byte == b' '), dotted | (byte == b'.'));
        doubled || !byte.is_ascii_alphanumeric() && (SIGNS.contains(&byte) || byte.is_ascii_control())
    });
    odd || spaced && (bytes.iter().any(u8::is_ascii_digit) || query.len() > 48 || speaks(query, &SPOKEN))
        || dotted && speaks(query, &CODED)
        || query.split('&').any(|pair| has_suffix(pair.rsplit('=').next().unwrap_or(pair)))
}

/// Whether one of the words of a query is in the list, which is in order.
fn speaks(query: &str, list: &[&str]) -> bool {
    let mut words = query.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| (2..=14).contains(&word.len()));
    words.any(|word| list.binary_search(&word.to_ascii_lowercase().as_str()).is_ok())
}

/// What names of classes and objects begin with, in order.
const CODED: [&str; 16] = [
    "apache",
    "class",
    "classloader",
    "com",
    "constructor",
    "groovy",
    "java",
    "javax",
    "module",
    "org",
    "process",
    "processbuilder",
    "proto",
    "prototype",
    "require",
    "runtime",
];

/// Words of SQL and of shells, in order.
const SPOKEN: [&str; 44] = [
    "alias",
    "alter",
    "and",
    "apt",
    "bash",
    "cat",
    "create",
    "curl",
    "declare",
    "delete",
    "drop",
    "echo",
    "env",
    "except",
    "exec",
    "execute",
    "exist",
    "for",
    "from",
    "glob",
    "grant",
    "having",
    "if",
    "insert",
    "intersect",
    "like",
    "ls",
    "nc",
    "npm",
    "or",
    "order",
    "ping",
    "pip",
    "python",
    "select",
    "sh",
    "sudo",
    "time",
    "union",
    "update",
    "waitfor",
    "wget",
    "where",
    "xor",
];

/// Whether a value looks like the name of a file.
fn has_suffix(value: &str) -> bool {
    value.rsplit_once('.').is_some_and(|(name, suffix)| {
        !name.is_empty() && (2..=7).contains(&suffix.len()) && suffix.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}
