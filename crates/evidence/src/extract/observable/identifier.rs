//! Short ids with a fixed prefix: autonomous systems, CVE, ATT&CK, trackers.
//!
//! Cleaning rule: upper case, as their registries write them; tracker ids of
//! advertising accounts keep their lower-case `pub-`.

use std::borrow::Cow;

use model::ObservableKind as Kind;

use super::{Scene, is_wordy, lossy, stretch};

/// Reads a run without dots.
pub(super) fn read(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let run = &scene.text[start..end];
    if is_wordy(scene.before(start)) {
        return None;
    }
    let kind = match run[0] {
        b'A' if is_asn(run) => Kind::Asn,
        b'C' | b'c' if is_cve(run) => Kind::Cve,
        b'T' | b'G' | b'S' if is_attack(run) => Kind::Attack,
        b'U' | b'G' | b'A' | b'p' | b'c' if is_tracker(run) => Kind::Tracker,
        b'0'..=b'9' => return pixel(scene, start, end),
        _ => return None,
    };
    let value = lossy(run);
    let value = if kind == Kind::Cve { Cow::Owned(value.to_ascii_uppercase()) } else { value };
    scene.put(kind, start, end, value);
    Some(end)
}

/// Reads a run with dots as a sub-technique of ATT&CK, such as `T1059.001`.
pub(super) fn technique(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let run = &scene.text[start..end];
    let (id, sub) = (run.get(..5)?, run.get(5..)?);
    let fits = id[0] == b'T' && is_attack(id) && sub.len() == 4 && sub[0] == b'.' && all_digits(&sub[1..]);
    (fits && !is_wordy(scene.before(start))).then(|| scene.put_as_is(Kind::Attack, start, end))?;
    Some(end)
}

fn all_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// `AS` and a 32-bit number of three digits or more: shorter ones are product
/// names far more often (AS2), as is AS400.
fn is_asn(run: &[u8]) -> bool {
    let Some(digits) = run.strip_prefix(b"ASN").or_else(|| run.strip_prefix(b"AS")) else { return false };
    all_digits(digits)
        && (3..=10).contains(&digits.len())
        && digits[0] != b'0'
        && digits != b"400"
        && std::str::from_utf8(digits).is_ok_and(|digits| digits.parse::<u32>().is_ok())
}

fn is_cve(run: &[u8]) -> bool {
    let (Some(prefix), Some(year), Some(b'-'), Some(number)) = (run.get(..4), run.get(4..8), run.get(8), run.get(9..))
    else {
        return false;
    };
    prefix.eq_ignore_ascii_case(b"CVE-") && all_digits(year) && all_digits(number) && (4..=7).contains(&number.len())
}

/// Techniques, tactics, groups and software, all numbered from 0 in four
/// digits of which the first is 0 or 1 so far.
fn is_attack(run: &[u8]) -> bool {
    let digits = match run {
        [b'T', b'A', digits @ ..] => return digits.len() == 4 && all_digits(digits) && digits[0] == b'0',
        [b'T' | b'G' | b'S', digits @ ..] => digits,
        _ => return false,
    };
    digits.len() == 4 && all_digits(digits) && matches!(digits[0], b'0' | b'1')
}

fn is_tracker(run: &[u8]) -> bool {
    let upper = |id: &[u8]| id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if let Some(id) = run.strip_prefix(b"UA-") {
        let Some(dash) = memchr::memchr(b'-', id) else { return false };
        let (account, property) = (&id[..dash], &id[dash + 1..]);
        return all_digits(account) && (4..=10).contains(&dash) && all_digits(property) && property.len() <= 4;
    }
    if let Some(id) = run.strip_prefix(b"GTM-") {
        return (5..=9).contains(&id.len()) && upper(id);
    }
    if let Some(id) = run.strip_prefix(b"G-") {
        return id.len() == 10 && upper(id) && id.iter().any(u8::is_ascii_digit);
    }
    if let Some(id) = run.strip_prefix(b"AW-") {
        return (9..=11).contains(&id.len()) && all_digits(id);
    }
    let id = run.strip_prefix(b"ca-").unwrap_or(run).strip_prefix(b"pub-");
    id.is_some_and(|id| id.len() == 16 && all_digits(id))
}

/// A number that only its call gives away: `fbq('init', '…')`, `ym(…, 'init'`.
fn pixel(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let digits = &scene.text[start..end];
    if !all_digits(digits) || !(7..=17).contains(&digits.len()) {
        return None;
    }
    let head = &scene.text[start.saturating_sub(24)..start];
    let opener =
        head.iter().rposition(|byte| !matches!(byte, b' ' | b'\'' | b'"')).map_or(head, |index| &head[..=index]);
    let facebook = digits.len() >= 14 && opener.ends_with(b",") && memchr::memmem::find(opener, b"fbq(").is_some();
    let yandex = digits.len() <= 9 && opener.ends_with(b"ym(");
    (facebook || yandex).then(|| scene.put_as_is(Kind::Tracker, start, end))?;
    Some(end)
}

/// Tracker ids in the path and query of a URL.
pub(super) fn in_query(scene: &mut Scene<'_>, start: usize, end: usize) {
    let mut here = start;
    while here < end {
        let to = stretch(&scene.text[..end], here, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_tracker(&scene.text[here..to]) {
            scene.put_as_is(Kind::Tracker, here, to);
        }
        here = to + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;

    #[test]
    fn ids_and_what_resembles_them() {
        check(&[
            ("AS64500, ASN64501; AS2 AS400 AS99999999999 CAS64500", "asn AS64500; asn ASN64501"),
            ("cve-2020-12345 (CVE-1999-0001) CVE-20-1", "cve CVE-2020-12345; cve CVE-1999-0001"),
            (
                "T1059.001, T1566; TA0001 G0007 S0154",
                "attack T1059.001; attack T1566; attack TA0001; attack G0007; attack S0154",
            ),
            ("T9999 XT1059 T10590 G7 T1059.1", ""),
            (
                "UA-12345678-1 G-AB12CD34EF GTM-ABCDEF AW-123456789",
                "tracker UA-12345678-1; tracker G-AB12CD34EF; tracker GTM-ABCDEF; tracker AW-123456789",
            ),
            ("'ca-pub-1234567890123456'", "tracker ca-pub-1234567890123456"),
            ("fbq('init', '123456789012345');", "tracker 123456789012345"),
            ("G-FORCE G-SOMETHING-ELSE UA-x-1", ""),
        ]);
    }
}
