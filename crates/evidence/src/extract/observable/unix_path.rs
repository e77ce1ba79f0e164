//! Absolute Unix paths.
//!
//! Cleaning rule: as found. A path counts if it starts at a known folder of
//! the root, or, standing free, has two components or more; paths of URLs,
//! attributes of markup, dates and media types do not.

use std::ops::Range;

use model::ObservableKind as Kind;

use super::{Scene, account, file_name, is_wordy, stretch};

/// Bytes of a path that are read; `PATH_MAX` of Linux.
const LONGEST: usize = 4_096;

/// Folders that lie in the root of Unix, macOS and Android systems.
const ROOTS: &[&[u8]] = &[
    b"home",
    b"etc",
    b"var",
    b"usr",
    b"opt",
    b"tmp",
    b"root",
    b"srv",
    b"mnt",
    b"media",
    b"dev",
    b"proc",
    b"sys",
    b"bin",
    b"sbin",
    b"lib",
    b"lib64",
    b"boot",
    b"run",
    b"Users",
    b"Applications",
    b"Library",
    b"Volumes",
    b"System",
    b"private",
    b"sdcard",
    b"storage",
    b"export",
    b"exports",
    b"nfs",
];

/// Reads the path that starts with the slash or tilde at `start`.
pub(super) fn read(scene: &mut Scene<'_>, start: usize) -> Option<usize> {
    if !scene.policy.wants(Kind::UnixPath) {
        return None;
    }
    let path = path_at(scene.text, start)?;
    scene.put_as_is(Kind::UnixPath, path.start, path.end);
    account::home(scene, path.start, path.end);
    file_name::of_path(scene, path.start, path.end);
    Some(path.end)
}

fn is_component(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'@' | b'%' | b'~' | b'=' | b'#')
        || byte >= 0x80
}

/// The path in `text` that starts with the slash or tilde at `start`.
pub(in crate::extract) fn path_at(text: &[u8], start: usize) -> Option<Range<usize>> {
    if !starts_path(text, start) {
        return None;
    }
    let roof = text.len().min(start + LONGEST);
    let end = stretch(&text[..roof], start, |byte| byte == b'/' || is_component(byte));
    let mut end = end;
    while end > start + 1 && matches!(text[end - 1], b'.' | b'#' | b'=' | b'@' | b'%') {
        end -= 1;
    }
    let path = &text[start..end];
    let rest = path.strip_prefix(b"~").unwrap_or(path);
    let names = rest.split(|&byte| byte == b'/').filter(|name| !name.is_empty()).count();
    let first = rest.split(|&byte| byte == b'/').nth(1).unwrap_or_default();
    let known = path.starts_with(b"~/") || ROOTS.contains(&first);
    if first.is_empty()
        || memchr::memmem::find(path, b"//").is_some()
        || names < 2 - usize::from(path.starts_with(b"~/"))
    {
        return None;
    }
    let has_letters = path.iter().any(u8::is_ascii_alphabetic) || !path.is_ascii();
    // Encoded data has slashes too, and plus signs with them.
    let free = || stands_free(text, start) && !rest.split(|&byte| byte == b'/').any(is_encoded);
    ((known || free()) && has_letters).then_some(start..end)
}

/// Whether a component holds what encodings are full of and names are not:
/// plus and equals signs, or small letters, capitals and digits by turns.
fn is_encoded(name: &[u8]) -> bool {
    let class = |byte: &u8| (byte.is_ascii_lowercase(), byte.is_ascii_uppercase(), byte.is_ascii_digit());
    let turns = name.windows(2).filter(|pair| class(&pair[0]) != class(&pair[1])).count();
    name.iter().any(|byte| matches!(byte, b'+' | b'=' | b'%')) || (name.len() > 7 && turns * 2 > name.len())
}

fn before(text: &[u8], index: usize) -> u8 {
    index.checked_sub(1).and_then(|index| text.get(index)).copied().unwrap_or(b'\n')
}

/// Whether what stands before `start` can come before a path of the system,
/// and is no attribute of markup, whose paths are the web site's.
fn starts_path(text: &[u8], start: usize) -> bool {
    let prior = before(text, start);
    if matches!(prior, b'"' | b'\'') && before(text, start - 1) == b'=' {
        return false;
    }
    !is_wordy(prior) && !matches!(prior, b'/' | b'.' | b'<' | b'\\' | b'-' | b'%' | b'~' | b'*' | b'?' | b'&')
}

/// Whether a path of unknown root stands by itself, and not behind the method
/// of a request.
fn stands_free(text: &[u8], start: usize) -> bool {
    const METHODS: &[&[u8]] = &[b"GET ", b"POST ", b"HEAD ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH "];
    let head = &text[start.saturating_sub(8)..start];
    matches!(before(text, start), b' ' | b'\t' | b'\n' | b'\r' | b'`')
        && !METHODS.iter().any(|method| head.ends_with(method))
}

#[cfg(test)]
mod tests {
    use super::super::check;

    #[test]
    fn paths_and_what_resembles_them() {
        check(&[
            ("# /mnt/usb_mary/exports/2024/", "unix-path /mnt/usb_mary/exports/2024/"),
            ("(/home/mary/x/run.sh)", "unix-path /home/mary/x/run.sh; username mary; filename run.sh"),
            ("in ~/lists/out.csv.", "unix-path ~/lists/out.csv; filename out.csv"),
            ("see /data/lists/a now", "unix-path /data/lists/a"),
            (" /EMT9TQDvBx8HMEhcgpd/dwWoEnoR75I", ""),
            ("path=/etc/passwd;", "unix-path /etc/passwd"),
            ("1/2/2020 text/html and/or </b> / // /a", ""),
            ("<a href=\"/home/products/x\"> GET /a/b HTTP/1.1", ""),
        ]);
    }
}
