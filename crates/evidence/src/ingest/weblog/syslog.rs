//! Headers that a syslog puts before each line, passed over.
//!
//! RFC 5424 (`<134>1 TIME HOST APP PROCID MSGID SD `), RFC 3164
//! (`<134>Feb  6 12:14:14 host tag[pid]: `), and the latter with an ISO time as
//! rsyslog writes it into files. The time of the message is the log's own, not
//! the syslog's.

use memchr::memchr;

/// What stands behind the header; the whole line where there is none.
#[inline]
pub fn message(line: &str) -> &str {
    match line.as_bytes() {
        [b'<', ..] => without_priority(line).and_then(|rest| modern(rest).or_else(|| classic(rest))).unwrap_or(line),
        [b'A'..=b'Z', b'a'..=b'z', b'a'..=b'z', b' ', ..] => classic(line).unwrap_or(line),
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', _, _, b'T', ..] => classic(line).unwrap_or(line),
        _ => line,
    }
}

/// `<0>` to `<191>`.
fn without_priority(line: &str) -> Option<&str> {
    let (number, rest) = line.strip_prefix('<')?.split_once('>')?;
    (number.len() <= 3 && number.parse::<u8>().is_ok_and(|number| number <= 191)).then_some(rest)
}

/// RFC 5424: version, five words, then data in brackets or `-`.
fn modern(line: &str) -> Option<&str> {
    let mut rest = line.strip_prefix("1 ")?;
    for _ in 0..5 {
        rest = rest.split_once(' ')?.1;
    }
    let rest = match rest.strip_prefix('-') {
        Some(rest) => rest,
        None => after_elements(rest)?,
    };
    let text = rest.strip_prefix(' ').unwrap_or(rest);
    Some(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// What follows `[id name="value" ...]...`; in values `\]` and `\"` are escapes.
fn after_elements(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let (mut at, mut quoted) = (0, false);
    while bytes.get(at) == Some(&b'[') {
        loop {
            at += 1;
            match *bytes.get(at)? {
                b'\\' => at += 1,
                b'"' => quoted = !quoted,
                b']' if !quoted => break,
                _ => {}
            }
        }
        at += 1;
    }
    (at > 0).then(|| text.get(at..)).flatten()
}

/// RFC 3164: a time, a host, and a tag that ends in a colon.
fn classic(line: &str) -> Option<&str> {
    let rest = if line.as_bytes().first()?.is_ascii_digit() { line.split_once(' ')?.1 } else { after_bsd_time(line)? };
    // A relay may leave the host out.
    let colon = memchr(b':', rest.as_bytes())?;
    let (head, text) = (rest.get(..colon)?, rest.get(colon + 1..)?.strip_prefix(' ')?);
    let tag = head.rsplit(' ').next()?;
    let is_tag = tag.starts_with(|c: char| c.is_ascii_alphabetic()) && !tag.contains(['"', ',', '=']);
    (is_tag && head.matches(' ').count() <= 1).then_some(text)
}

/// What follows `Feb  6 12:14:14 `, or the same with a year or a fraction.
fn after_bsd_time(line: &str) -> Option<&str> {
    let (_month, rest) = line.split_once(' ')?;
    let (day, mut rest) = rest.trim_start_matches(' ').split_once(' ')?;
    day.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    if rest.len() > 5 && rest.as_bytes()[4] == b' ' && rest.as_bytes()[..4].iter().all(u8::is_ascii_digit) {
        rest = rest.get(5..)?;
    }
    let (clock, rest) = rest.split_once(' ')?;
    (clock.len() >= 8 && clock.as_bytes()[2] == b':' && clock.as_bytes()[5] == b':').then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_passed_over() {
        for (line, expected) in [
            ("<134>Feb  6 12:14:14 lb1 haproxy[14389]: x [y] \"z\"", "x [y] \"z\""),
            ("Feb 16 12:14:14 web1 nginx: 192.0.2.1 - -", "192.0.2.1 - -"),
            ("Feb 16 2025 12:14:14 web1 nginx: 192.0.2.1 - -", "192.0.2.1 - -"),
            ("Feb 16 12:14:14 nginx: 192.0.2.1", "192.0.2.1"),
            ("2025-02-15T17:00:00.1+01:00 web1 nginx: 192.0.2.1", "192.0.2.1"),
            ("<13>1 2025-02-15T17:00:00Z web1 iis 7 - - #Fields: a", "#Fields: a"),
            ("<13>1 2025-02-15T17:00:00Z web1 iis 7 - [a@1 b=\"\\]\"][c] \u{feff}x", "x"),
        ] {
            assert_eq!(message(line), expected, "{line}");
        }
    }

    #[test]
    fn what_has_no_header_stays() {
        for line in [
            "",
            "<",
            "<999>x",
            "192.0.2.1 - - [21/Feb/2025:16:03:07 -0800] \"GET /a: b\"",
            "2015-05-13T23:39:43.945958Z balancer 192.0.2.1:2817 192.0.2.2:80 0.1 \"GET http://a: b\"",
            "2025-02-14 00:03:07 192.0.2.1 GET /a: b",
            "Feb 16 12:14:14 web1",
            "The cat: sat",
        ] {
            assert_eq!(message(line), line);
        }
    }
}
