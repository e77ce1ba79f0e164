//! A text as those read it for whom an attack is meant: databases, shells, and
//! our own memory, to which the numbers in a path are all alike.

use std::borrow::Cow;

/// Long numbers do not change what a path is, and would make every record's page
/// new. Short ones are part of names, and sixteen digits may be a text in hex.
pub fn numberless(path: &str) -> Cow<'_, str> {
    let (mut length, mut long) = (0, false);
    for byte in path.bytes() {
        length = if byte.is_ascii_digit() { length + 1 } else { 0 };
        long |= length == 4;
    }
    if !long {
        return path.into();
    }
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(from) = rest.find(|c: char| c.is_ascii_digit()) {
        let number = rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        out.push_str(&rest[..from]);
        match number {
            0..4 => out.push_str(&rest[from..from + number]),
            4..16 => out.push_str("0000"),
            _ => out.push_str("0000000000000000"),
        }
        rest = &rest[from + number..];
    }
    out.push_str(rest);
    out.into()
}

/// Comments are blanks to a database; they are put between words to hide them.
pub fn without_comments(text: &str) -> Cow<'_, str> {
    let lines = text.contains('\n') && (text.contains('#') || text.contains("--"));
    if !text.contains("/*") && !lines {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['/', '#', '-']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let Some((kept, beyond)) = comment(from) else {
            out.push_str(&from[..1]);
            rest = &from[1..];
            continue;
        };
        out.push(' ');
        if !kept.is_empty() {
            out.push_str(kept);
            out.push(' ');
        }
        rest = beyond;
    }
    out.push_str(rest);
    out.into()
}

/// What runs of the comment at the start of a text, and what follows it. A
/// comment that nothing follows hides nothing, and stays to be seen.
fn comment(text: &str) -> Option<(&str, &str)> {
    if let Some(block) = text.strip_prefix("/*") {
        let Some((inside, beyond)) = block.split_once("*/") else { return Some(("", block)) };
        // What stands in `/*! */` runs.
        let run = inside.strip_prefix('!').unwrap_or_default();
        return Some((run.trim_start_matches(|c: char| c.is_ascii_digit()), beyond));
    }
    let line = text.strip_prefix('#').or_else(|| text.strip_prefix("--"))?;
    line.split_once('\n').map(|(_, beyond)| ("", beyond))
}

/// Quotes within words, carets, and variables that nobody set are nothing to a
/// shell; they are put between letters to hide them.
pub fn without_quoting(text: &str) -> Cow<'_, str> {
    if !text.contains(['$', '`', '\\', '^']) && !text.contains("\"\"") && !text.contains("''") {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let nothing = nothing_to_shells(rest);
        if nothing == 0 {
            out.push(c);
        }
        rest = &rest[if nothing == 0 { c.len_utf8() } else { nothing }..];
    }
    out.into()
}

/// Bytes at the start of a text that a shell drops.
fn nothing_to_shells(text: &str) -> usize {
    for empty in ["''", "\"\"", "``", "$()", "<()", ">()", "${}"] {
        if text.starts_with(empty) {
            return empty.len();
        }
    }
    match *text.as_bytes() {
        [b'\\' | b'^', next, ..] if next.is_ascii_alphanumeric() => 1,
        [b'$', b'!' | b'?' | b'-' | b'_' | b'$' | b'@' | b'*' | b'#', next, ..] if next != b'{' && next != b'[' => 2,
        // A variable of one or two lower-case letters is hardly one of the system.
        [b'$', a, next, ..] if a.is_ascii_lowercase() && !next.is_ascii_alphanumeric() && next != b'=' => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_put_between_letters_is_taken_away() {
        for (text, expected) in [
            ("un/**/ion/*!50000select*/1", "un ion select 1"),
            ("union#a\nselect--b\n1", "union select 1"),
            ("1 -- ", "1 -- "),
            ("a/*b", "a b"),
        ] {
            assert_eq!(without_comments(text), expected, "{text}");
        }
        for (text, expected) in [
            ("c''at /e\\tc/pass$@wd", "cat /etc/passwd"),
            ("p^i^n^g $()x", "ping x"),
            ("cat$u /etc$u/x $HOME ${ifs} $x=1", "cat /etc/x $HOME ${ifs} $x=1"),
            ("O'Brien & \u{e9}", "O'Brien & \u{e9}"),
        ] {
            assert_eq!(without_quoting(text), expected, "{text}");
        }
    }

    #[test]
    fn long_numbers_are_alike_and_names_stay() {
        assert_eq!(numberless("/c99.php/20500358/7"), "/c99.php/0000/7");
        assert_eq!(numberless("/0x12345678901234567"), "/0x0000000000000000");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(/\\*!?|\\*/|#|--|\n|''|\"\"|\\$[(){}@!a-z]?|[\\\\^`0-9 \u{e9}]){0,24}", any: String) {
            for text in [&text, &any] {
                without_comments(text);
                without_quoting(text);
                numberless(text);
            }
        }
    }
}
