//! Domain names, told from file names, program code and run-together sentences.
//!
//! Cleaning rule: lower case, labels of other scripts in A-label form, no
//! trailing dot. A name counts if its last label is on the public suffix list
//! or is reserved for documentation (RFC 2606), or if it is an onion name.

use std::borrow::Cow;

use model::ObservableKind as Kind;

use super::{Scene, file_name, url};

/// Last labels that are kept for examples and tests.
const RESERVED: &[&[u8]] = &[b"test", b"example", b"invalid"];
/// Last labels that are file extensions more often than top-level domains.
const FILE_LIKE: &[&[u8]] = &[b"py", b"sh", b"so", b"zip", b"ps", b"mov", b"cab", b"pm", b"md", b"rs"];
/// First labels that make `x.name` program code.
const CODE_STEMS: &[&[u8]] = &[
    b"self",
    b"this",
    b"file",
    b"user",
    b"os",
    b"sys",
    b"obj",
    b"object",
    b"document",
    b"window",
    b"event",
    b"item",
    b"node",
    b"str",
    b"req",
    b"res",
    b"request",
    b"response",
    b"config",
    b"module",
    b"package",
    b"console",
    b"math",
    b"json",
    b"process",
    b"std",
    b"ctx",
    b"args",
    b"params",
    b"socket",
    b"string",
    b"array",
    b"element",
    b"e.g",
    b"navigator",
    b"location",
    b"exports",
];
/// Names of products that read like domains.
const PRODUCTS: &[&[u8]] = &[b"asp.net", b"vb.net", b"ado.net", b"ml.net", b"paint.net", b"socket.io"];

/// What a dotted name is.
enum Verdict {
    Domain,
    File,
    Rejected(&'static str),
    Nothing,
}

/// Reads the run as a domain, with the URL it starts if a path follows, or as
/// a file name.
pub(super) fn read(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scene.text;
    let name = &text[start..end];
    match judge(scene, start, end) {
        Verdict::Domain => {
            let value = clean(name)?;
            if let Some(url_end) = url::without_scheme(scene, start, end, &value) {
                return Some(url_end);
            }
            scene.put(Kind::Domain, start, end, value);
            Some(end)
        }
        Verdict::File => file_name::read(scene, start, end),
        Verdict::Rejected(reason) => {
            scene.reject(Kind::Domain, start, end, reason);
            file_name::read(scene, start, end).or(Some(end))
        }
        Verdict::Nothing => None,
    }
}

fn judge(scene: &Scene<'_>, start: usize, end: usize) -> Verdict {
    let name = &scene.text[start..end];
    let Some(dot) = memchr::memrchr(b'.', name) else { return Verdict::Nothing };
    let (stem, last) = (&name[..dot], &name[dot + 1..]);
    let file = file_name::is_telling(last);
    if !is_known(name) || !is_well_formed(name) {
        return if file { Verdict::File } else { Verdict::Nothing };
    }
    if scene.defanged(start, end) {
        return Verdict::Domain;
    }
    let bare = memchr::memchr(b'.', stem).is_none();
    if is_in(FILE_LIKE, last) && !stem.starts_with(b"www.") && reads_like_a_file(stem, last, bare) {
        return Verdict::Rejected("a file name");
    }
    unlikely(scene, start, stem, last, bare).map_or(Verdict::Domain, Verdict::Rejected)
}

/// `.md` and `.rs` are countries as well as extensions: only names that files
/// bear are taken for files.
fn reads_like_a_file(stem: &[u8], last: &[u8], bare: bool) -> bool {
    const STEMS: &[&[u8]] =
        &[b"readme", b"changelog", b"license", b"contributing", b"main", b"lib", b"mod", b"build", b"index"];
    if last.eq_ignore_ascii_case(b"rs") || last.eq_ignore_ascii_case(b"md") {
        return bare && is_in(STEMS, stem);
    }
    bare || psl::suffix(stem).is_none_or(|suffix| !suffix.is_known())
}

fn unlikely(scene: &Scene<'_>, start: usize, stem: &[u8], last: &[u8], bare: bool) -> Option<&'static str> {
    const COMMON: &[&[u8]] = &[b"com", b"net", b"org", b"edu", b"gov"];
    let name = &scene.text[start..start + stem.len() + 1 + last.len()];
    if is_in(PRODUCTS, name) {
        return Some("the name of a product");
    }
    let before_slash = (scene.before(start) == b'/').then(|| scene.before(start - 1));
    if before_slash.is_some_and(|byte| byte != b'/' && !byte.is_ascii_digit()) {
        return Some("part of a path");
    }
    if scene.at(start + name.len()) == b'(' || (bare && !is_in(COMMON, last) && is_in(CODE_STEMS, stem)) {
        return Some("program code");
    }
    if !bare || is_in(COMMON, last) || is_in(RESERVED, last) {
        return None;
    }
    let capital = last.first().is_some_and(u8::is_ascii_uppercase);
    let rest_lower = last[1..].iter().any(u8::is_ascii_lowercase);
    let stem_lower = stem.iter().any(u8::is_ascii_lowercase);
    if capital && rest_lower {
        return Some("two sentences without a space between them");
    }
    (capital && stem_lower).then_some("letters in two cases")
}

fn is_in(list: &[&[u8]], word: &[u8]) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(word))
}

/// Whether the last label is one that names end in.
pub(super) fn is_known(name: &[u8]) -> bool {
    let Some(dot) = memchr::memrchr(b'.', name) else { return false };
    let last = &name[dot + 1..];
    if last.eq_ignore_ascii_case(b"onion") {
        return is_onion(&name[..dot]);
    }
    if is_in(RESERVED, last) {
        return true;
    }
    if last.len() < 2 || last.len() > 63 {
        return false;
    }
    if last.is_ascii() && !last.starts_with(b"xn--") {
        return last.iter().all(u8::is_ascii_alphabetic) && on_list(last);
    }
    let Ok(label) = std::str::from_utf8(last) else { return false };
    // The list holds U-labels and A-labels of the same suffix or either.
    on_list(idna::domain_to_unicode(label).0.as_bytes())
        || idna::domain_to_ascii(label).is_ok_and(|ascii| on_list(ascii.as_bytes()))
}

/// Whether the public suffix list knows the label as a top-level domain.
fn on_list(label: &[u8]) -> bool {
    let mut lower = [0; 64];
    let Some(lower) = lower.get_mut(..label.len()) else { return false };
    lower.copy_from_slice(label);
    lower.make_ascii_lowercase();
    psl::suffix(lower).is_some_and(|suffix| suffix.is_known())
}

/// Whether the label before `.onion` has the length and letters of a key.
fn is_onion(stem: &[u8]) -> bool {
    let key = stem.rsplit(|&byte| byte == b'.').next().unwrap_or(stem);
    matches!(key.len(), 16 | 56) && key.iter().all(|byte| byte.is_ascii_alphabetic() || (b'2'..=b'7').contains(byte))
}

/// Whether the labels have the lengths and hyphens that DNS allows.
pub(super) fn is_well_formed(name: &[u8]) -> bool {
    name.len() <= 253
        && name.split(|&byte| byte == b'.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with(b"-")
                && !label.ends_with(b"-")
                && !label.ends_with(b"_")
        })
}

/// The cleaned name; `None` if it is not valid in any spelling.
pub(super) fn clean(name: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(name).ok()?;
    if !text.is_ascii() {
        return idna::domain_to_ascii(text).ok().filter(|ascii| ascii.contains('.')).map(Cow::Owned);
    }
    Some(if name.iter().any(u8::is_ascii_uppercase) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    })
}

#[cfg(test)]
mod tests {
    use super::super::check;

    #[test]
    fn names_and_their_defanged_spellings() {
        check(&[
            ("see www.Example.TEST, or mail.example.", "domain www.example.test; domain mail.example"),
            ("evil[.]example[.]com", "domain evil.example.com"),
            ("evil-example [dot] org", "domain evil-example.org"),
            ("„пример.рф“", "domain xn--e1afmkfd.xn--p1ai"),
            ("münchen.example!", "domain xn--mnchen-3ya.example"),
            ("xn--e1afmkfd.xn--p1ai", "domain xn--e1afmkfd.xn--p1ai"),
            ("_dmarc.example.org", "domain _dmarc.example.org"),
            ("script[.]py", "domain script.py"),
            ("a.b.example.co.uk;", "domain a.b.example.co.uk"),
        ]);
    }

    #[test]
    fn files_code_and_prose_are_no_names() {
        check(&[
            ("report.pdf", "filename report.pdf"),
            ("run script.py now", "not domain script.py: a file name; filename script.py"),
            ("e.g. this, i.e. that, 5 p.m.", ""),
            ("self.name = user.id", "not domain self.name: program code; not domain user.id: program code"),
            ("the end.In the next", "not domain end.In: two sentences without a space between them"),
            ("MSIL/Tiny.BG", "not domain Tiny.BG: part of a path"),
            ("host.local server.localhost a.b", ""),
            ("-bad-.example", ""),
        ]);
    }
}
