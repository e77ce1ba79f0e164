//! File names, by extensions that tell what a file is for.
//!
//! Cleaning rule: as found.

use model::ObservableKind as Kind;

use super::{Scene, is_wordy};

/// Extensions, sorted, lower case.
const EXTENSIONS: &[&str] = &[
    "7z", "aac", "ace", "ahk", "apk", "app", "arj", "asp", "aspx", "au3", "avi", "bak", "bas", "bat", "bin", "bmp",
    "bz2", "c", "cab", "cfg", "cgi", "chm", "class", "cmd", "conf", "cpl", "cpp", "crt", "crx", "cs", "csv", "dat",
    "db", "deb", "dex", "dll", "dmg", "doc", "docm", "docx", "dot", "dotm", "drv", "dylib", "elf", "eml", "exe", "gif",
    "go", "gz", "h", "hta", "htm", "html", "ics", "img", "inf", "ini", "iso", "jar", "java", "jpeg", "jpg", "js",
    "jse", "json", "jsonl", "jsp", "jspx", "key", "ko", "lnk", "log", "lua", "lzh", "m4a", "mbox", "md", "mdb", "mkv",
    "mov", "mp3", "mp4", "msc", "msg", "msi", "msix", "mui", "ocx", "odp", "ods", "odt", "one", "ost", "pdb", "pdf",
    "pem", "pfx", "php", "pif", "pkg", "pl", "plist", "pm", "png", "ppt", "pptm", "pptx", "ps", "ps1", "psd1", "psm1",
    "pst", "pub", "py", "pyc", "pyd", "pyw", "rar", "rb", "rdp", "reg", "rpm", "rs", "rtf", "scpt", "scr", "sct", "sh",
    "shtml", "so", "sql", "sqlite", "svg", "swf", "sys", "tar", "tgz", "tmp", "ts", "tsv", "txt", "url", "vbe", "vbs",
    "vhd", "vhdx", "wav", "webm", "wim", "wsc", "wsf", "xhtml", "xlam", "xll", "xls", "xlsb", "xlsm", "xlsx", "xml",
    "xpi", "xz", "yaml", "yml", "zip", "zst",
];

/// The extensions as numbers, which compare faster than texts.
static KEYS: [u64; EXTENSIONS.len()] = keys();

const fn keys() -> [u64; EXTENSIONS.len()] {
    let mut keys = [0; EXTENSIONS.len()];
    let mut i = 0;
    while i < keys.len() {
        keys[i] = key(EXTENSIONS[i].as_bytes());
        i += 1;
    }
    keys
}

/// Up to eight bytes in lower case as a number that sorts as they do.
const fn key(extension: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let mut i = 0;
    while i < extension.len() && i < bytes.len() {
        bytes[i] = extension[i].to_ascii_lowercase();
        i += 1;
    }
    u64::from_be_bytes(bytes)
}

/// Whether the extension tells what a file is for.
pub(super) fn is_telling(extension: &[u8]) -> bool {
    if extension.is_empty() || extension.len() > 6 {
        return false;
    }
    KEYS.binary_search(&key(extension)).is_ok()
}

/// Reads `start..end`, a run with dots, as a file name, together with the words
/// before it if a quote encloses them all.
pub(super) fn read(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let name = &scene.text[start..end];
    let dot = memchr::memrchr(b'.', name)?;
    if dot == 0 || !is_telling(&name[dot + 1..]) || is_variant(&name[..dot], &name[dot + 1..]) {
        return shared_object(scene, start, end);
    }
    let from = quoted_start(scene, start, end).unwrap_or(start);
    scene.put_as_is(Kind::Filename, from, end);
    Some(end)
}

/// `Injector.MD`: a name in lower case and one or two capitals are a family of
/// malware and its variant.
fn is_variant(stem: &[u8], extension: &[u8]) -> bool {
    extension.len() <= 2 && extension.iter().all(u8::is_ascii_uppercase) && stem.iter().any(u8::is_ascii_lowercase)
}

/// Where the quote opens that closes at `end`, if a name with spaces lies between.
fn quoted_start(scene: &Scene<'_>, start: usize, end: usize) -> Option<usize> {
    const REACH: usize = 120;
    let quote = scene.at(end);
    if !matches!(quote, b'"' | b'`') || scene.before(start) != b' ' {
        return None;
    }
    let head = &scene.text[start.saturating_sub(REACH)..start];
    let open = memchr::memrchr(quote, head)?;
    let words = &head[open + 1..];
    let is_name = |&byte: &u8| is_wordy(byte) || matches!(byte, b' ' | b'-' | b'(' | b')' | b'.' | b',');
    (words.first().copied().is_some_and(is_wordy) && words.iter().all(is_name)).then_some(start - words.len())
}

/// A shared library with its version: `libx.so.4.4.0`.
fn shared_object(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let name = &scene.text[start..end];
    let version = memchr::memmem::find(name, b".so.")? + 4;
    let fits = name.starts_with(b"lib") && name[version..].iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    fits.then(|| scene.put_as_is(Kind::Filename, start, end))?;
    Some(end)
}

/// Takes the last component of the path `start..end` if it is a file name.
pub(super) fn of_path(scene: &mut Scene<'_>, start: usize, end: usize) {
    let path = &scene.text[start..end];
    let name = path.iter().rposition(|byte| matches!(byte, b'/' | b'\\')).map_or(start, |index| start + index + 1);
    read(scene, name, end);
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::KEYS;

    #[test]
    fn the_list_is_sorted_and_names_are_read() {
        assert!(KEYS.is_sorted());
        check(&[
            ("see Report_2.final.PDF, out.csv", "filename Report_2.final.PDF; filename out.csv"),
            ("`Report 7 of 9.scr` in \"libx.so.4.4.0\"", "filename Report 7 of 9.scr; filename libx.so.4.4.0"),
            ("Node.js version 1.5 .bashrc a.nosuch Tiny.DB", "filename Node.js"),
        ]);
    }
}
