//! Slip: a path on the machine that made a mail, a document, a leak or a video.

use std::ops::Range;

use model::{Detector, Entry, Found, PlantCost, Role, SlipKind, Text};

use super::observable::{unix_path, windows_path};

/// Sees file paths in bodies, documents, cells, metadata, and on a screen.
pub struct LeakedPath;

static ENTRY: Entry = Entry {
    name: "leaked_path",
    summary: "a file path of somebody's own machine in what was sent or published",
    doc: "\
# What it sees
Windows paths with a drive, UNC paths, and Unix paths below home folders, mounted disks and `/srv`, in mail bodies \
(comments of markup included), documents, cells, document metadata, and whatever a recorded screen shows. Behind the mark of a comment any absolute path \
counts. Folders that every system has, such as `C:\\Windows`, do not.

# Why it tells
Export and merge tools write the path of their input into what they make. It names folders, often the user, and by its \
form the system.

# Example
`# C:\\Users\\mary\\Desktop\\out.csv` as the first line of a published list.

# How it misleads
A path is a few typed characters, so it may be planted; manuals and bystanders quote paths too; a hacked server leaks \
its own.

# References
MITRE ATT&CK T1589, T1592 (seen from the other side).",
};

/// Folders of the root below which somebody's own files lie.
const OWN_ROOTS: &[&str] =
    &["/home/", "/Users/", "/mnt/", "/media/", "/srv/", "/root/", "/Volumes/", "/export/", "/exports/", "~/"];

/// Folders below a drive that every Windows system has.
const SYSTEM_FOLDERS: &[&str] =
    &["windows", "program files", "program files (x86)", "programdata", "winnt", "inetpub", "wamp64", "xampp"];

impl Detector for LeakedPath {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>) {
        if !may_leak(text.role) {
            return;
        }
        for path in own_paths(text.bytes) {
            let raw = String::from_utf8_lossy(&text.bytes[path.clone()]).into_owned();
            found.push(Found {
                kind: SlipKind::Path,
                value: windows_path::cleaned(&text.bytes[path.clone()]).into_owned(),
                raw,
                start: path.start,
                length: path.len(),
                why: "a path of the machine on which this was made".to_owned(),
                plant_cost: PlantCost::Trivial,
            });
        }
    }
}

/// Whether the role is one in which the makers' own words stand, or what their
/// own screen showed.
pub(super) fn may_leak(role: Role<'_>) -> bool {
    matches!(role, Role::Body | Role::Document | Role::Cell(_) | Role::Metadata(_)) || role.surface().is_some()
}

/// All paths in `text` that point to somebody's own files, in order.
pub(super) fn own_paths(text: &[u8]) -> Vec<Range<usize>> {
    let mut paths = Vec::new();
    let mut here = 0;
    while let Some(mark) = memchr::memchr2(b'\\', b'/', &text[here..]).map(|index| here + index) {
        let path = if text[mark] == b'\\' { windows_path::path_at(text, here, mark) } else { unix(text, mark) };
        here = path.as_ref().map_or(mark + 1, |path| path.end.max(mark + 1));
        paths.extend(path.filter(|path| is_own(text, path)));
    }
    paths
}

/// Whether the path leads to files of somebody's own, by its root or because
/// it stands in a comment.
fn is_own(text: &[u8], path: &Range<usize>) -> bool {
    let bytes = &text[path.clone()];
    match bytes.first() {
        Some(b'%') => false,
        Some(b'/' | b'~') => {
            OWN_ROOTS.iter().any(|root| bytes.starts_with(root.as_bytes())) || in_comment(text, path.start)
        }
        _ => !is_system(bytes),
    }
}

/// Whether the first folder of a Windows path is one that every system has.
fn is_system(path: &[u8]) -> bool {
    let cleaned = windows_path::cleaned(path);
    ['\\', '/'].into_iter().any(|separator| {
        let first = cleaned.split(separator).filter(|name| !name.is_empty()).nth(1).unwrap_or_default();
        SYSTEM_FOLDERS.iter().any(|folder| folder.eq_ignore_ascii_case(first))
    })
}

/// A Unix path, or a Windows path that a program wrote with slashes.
fn unix(text: &[u8], mark: usize) -> Option<Range<usize>> {
    if mark > 1 && text[mark - 1] == b':' {
        return windows_path::slashed_at(text, mark - 1);
    }
    let start = if mark > 0 && text[mark - 1] == b'~' { mark - 1 } else { mark };
    unix_path::path_at(text, start)
}

/// Whether the line up to `start` is the mark of a comment and a word or two.
fn in_comment(text: &[u8], start: usize) -> bool {
    const REACH: usize = 48;
    const MARKS: &[&[u8]] = &[b"#", b"--", b"//", b";", b"/*", b"<!--", b"REM ", b"%"];
    let floor = start.saturating_sub(REACH);
    let line = &text[floor..start];
    let newline = memchr::memrchr(b'\n', line);
    if newline.is_none() && floor > 0 {
        return memchr::memmem::rfind(line, b"<!--")
            .is_some_and(|mark| memchr::memmem::find(&line[mark..], b"-->").is_none());
    }
    let line = line[newline.map_or(0, |index| index + 1)..].trim_ascii_start();
    let markup = memchr::memmem::rfind(line, b"<!--").is_some_and(|mark| memchr::memchr(b'>', &line[mark..]).is_none());
    markup || MARKS.iter().any(|mark| line.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::own_paths;

    #[test]
    fn own_paths_are_told_from_the_systems_and_the_webs() {
        for (text, expected) in [
            (r"# C:\Users\mary\Desktop\out.csv", r"C:\Users\mary\Desktop\out.csv"),
            (r"<html><!-- merge: D:\x\lists\a.csv row 2 -->", r"D:\x\lists\a.csv"),
            (r"<html><body><!-- merge: /work/lists/a.csv row 2 -->", "/work/lists/a.csv"),
            ("# /mnt/usb_mary/exports/2024/\nid,name", "/mnt/usb_mary/exports/2024/"),
            ("see /home/mary/x and ~/y/z.csv.", "/home/mary/x|~/y/z.csv"),
            (r"\\files\share\x", r"\\files\share\x"),
            ("<link href=\"file:///C:/Users/MARY~1/x.xml\"> D:/Windows/x", "C:/Users/MARY~1/x.xml"),
            (r"C:\Windows\System32\cmd.exe C:\Program Files\a\b.exe %TEMP%\x\y", ""),
            ("<a href=\"/home/a/b\">https://a.example/home/a/b</a> /contact/form.php", ""),
        ] {
            let found: Vec<&str> = own_paths(text.as_bytes()).into_iter().map(|path| &text[path]).collect();
            assert_eq!(found.join("|"), expected, "{text}");
        }
    }
}
