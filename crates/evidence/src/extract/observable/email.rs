//! Mail addresses.
//!
//! Cleaning rule: the domain in lower case and A-label form, the local part as
//! found, since only its own server knows whether case matters there.

use std::borrow::Cow;

use model::ObservableKind as Kind;

use super::{Scene, domain, lossy, run, stretch, stretch_back};

/// Reads the address around the at sign at `mark`, no further back than `floor`.
pub(super) fn read(scene: &mut Scene<'_>, floor: usize, mark: usize) -> Option<(usize, usize)> {
    let (host_start, host_end) = host(scene, mark)?;
    let start = local_start(scene.text, floor, mark)?;
    let text = scene.text;
    let domain_value = domain::clean(&text[host_start..host_end])?;
    let local = lossy(&text[start..mark]);
    scene.put(Kind::Email, start, host_end, Cow::Owned(format!("{local}@{domain_value}")));
    scene.put(Kind::Domain, host_start, host_end, domain_value);
    Some((start, host_end))
}

fn host(scene: &Scene<'_>, mark: usize) -> Option<(usize, usize)> {
    let start = mark + 1;
    let found = stretch(scene.text, start, run::is_host_byte);
    let run = &scene.text[start..found];
    let ascii_end = if run.is_ascii() { found } else { start + letters_end(run) };
    let end = stretch_back(scene.text, start, ascii_end, |byte| matches!(byte, b'.' | b'-' | b'_'));
    let name = &scene.text[start..end];
    (domain::is_known(name) && domain::is_well_formed(name)).then_some((start, end))
}

/// Length of the part of `run` that is letters, digits, dots and hyphens.
fn letters_end(run: &[u8]) -> usize {
    let valid = run.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    valid.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))).unwrap_or(valid.len())
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'.' | b'_' | b'+' | b'-' | b'%' | b'\'' | b'~' | b'&' | b'!' | b'#' | b'$')
}

/// Start of the local part. An equals sign belongs to it in return paths
/// (`prvs=`, `bounce+name=host`), and ends it in `mail=name@host`.
fn local_start(text: &[u8], floor: usize, mark: usize) -> Option<usize> {
    // RFC 5321 allows 64 bytes; return paths take more in practice.
    let floor = floor.max(mark.saturating_sub(160));
    let mut start = stretch_back(text, floor, mark, is_local);
    if start > floor && text[start - 1] == b'=' {
        let wider = stretch_back(text, floor, start, |byte| is_local(byte) || byte == b'=');
        let key = text[wider..start].to_ascii_lowercase();
        if [&b"prvs="[..], b"srs", b"bounce", b"msprvs", b"return"].iter().any(|mark| key.starts_with(mark))
            || key.contains(&b'+')
        {
            start = wider;
        }
    }
    while start < mark && matches!(text[start], b'.' | b'\'' | b'&' | b'!' | b'#' | b'$' | b'%' | b'-' | b'~') {
        start += 1;
    }
    // What an ampersand joins to a key is the next parameter of a query.
    if let Some(joined) = memchr::memrchr(b'&', &text[start..mark]) {
        start += joined + 1;
    }
    (start < mark && text[mark - 1] != b'.').then_some(start)
}

#[cfg(test)]
mod tests {
    use super::super::check;

    #[test]
    fn addresses_in_their_usual_company() {
        check(&[
            ("Jo <Jo.Doe+tag@Mail.Example>,", "email Jo.Doe+tag@mail.example; domain mail.example"),
            ("mailto:jo@example.test.", "email jo@example.test; domain example.test"),
            ("jo[at]example[.]test", "email jo@example.test; domain example.test"),
            ("jo at example dot test", "email jo@example.test; domain example.test"),
            ("?mail=jo@example.test&x=1", "email jo@example.test; domain example.test"),
            ("bounce+jo=b.example@a.example", "email bounce+jo=b.example@a.example; domain a.example"),
            ("'jo@example.test'", "email jo@example.test; domain example.test"),
            ("a.b@c @here user@host x@y.nosuchtld", ""),
            ("jo@пример.рф.", "email jo@xn--e1afmkfd.xn--p1ai; domain xn--e1afmkfd.xn--p1ai"),
        ]);
    }
}
