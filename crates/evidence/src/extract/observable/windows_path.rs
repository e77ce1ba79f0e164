//! Windows paths and UNC paths.
//!
//! Cleaning rule: backslashes doubled by an escape are single; the rest as
//! found. A space belongs to the path if a quote encloses both, or if another
//! backslash follows soon and nothing speaks against it.

use std::borrow::Cow;
use std::ops::Range;

use model::ObservableKind as Kind;

use super::{Scene, account, file_name, is_wordy, lossy, stretch, stretch_back};

/// Bytes of a path that are read; Windows itself long allowed 260 characters.
const LONGEST: usize = 1_024;

/// Reads the path whose first backslash stands at `mark`.
pub(super) fn read(scene: &mut Scene<'_>, floor: usize, mark: usize) -> Option<(usize, usize)> {
    if !scene.policy.wants(Kind::WindowsPath) {
        return None;
    }
    let path = path_at(scene.text, floor, mark)?;
    put(scene, path.start, path.end);
    Some((path.start, path.end))
}

/// Reads `C:/Users/...`, whose drive letter is the run `start..colon`.
pub(super) fn with_slashes(scene: &mut Scene<'_>, start: usize, colon: usize) -> Option<usize> {
    if colon != start + 1 || !scene.policy.wants(Kind::WindowsPath) {
        return None;
    }
    let path = slashed_at(scene.text, colon)?;
    put(scene, path.start, path.end);
    Some(path.end)
}

/// The path in `text` with forward slashes whose colon stands at `colon`.
pub(in crate::extract) fn slashed_at(text: &[u8], colon: usize) -> Option<Range<usize>> {
    let start = colon.checked_sub(1)?;
    let before = start.checked_sub(1).and_then(|index| text.get(index)).copied().unwrap_or(b' ');
    let leads_on =
        text.get(colon..colon + 2) == Some(b":/") && text.get(colon + 2).is_some_and(u8::is_ascii_alphanumeric);
    if !text[start].is_ascii_alphabetic() || is_wordy(before) || !leads_on {
        return None;
    }
    let roof = text.len().min(colon + LONGEST);
    let end = stretch(&text[..roof], colon + 1, |byte| byte == b'/' || is_component(byte) && byte != b' ');
    Some(start..trimmed(text, colon, end, before))
}

fn put(scene: &mut Scene<'_>, start: usize, end: usize) {
    scene.put(Kind::WindowsPath, start, end, cleaned(&scene.text[start..end]));
    account::home(scene, start, end);
    file_name::of_path(scene, start, end);
}

/// The path as Windows reads it, escapes undone.
pub(in crate::extract) fn cleaned(raw: &[u8]) -> Cow<'_, str> {
    let text = lossy(raw);
    let escaped = raw.get(1..4).is_some_and(|head| head == br":\\") || raw.starts_with(br"\\\\");
    if escaped { Cow::Owned(text.replace(r"\\", r"\")) } else { text }
}

/// The path in `text` whose first backslash stands at `mark`, after a drive,
/// a variable such as `%APPDATA%`, or another backslash.
pub(in crate::extract) fn path_at(text: &[u8], floor: usize, mark: usize) -> Option<Range<usize>> {
    let start = start_before(text, floor, mark)?;
    let opener = start.checked_sub(1).and_then(|index| text.get(index)).copied().unwrap_or(b' ');
    let end = end_after(text, mark, opener);
    let path = &text[start..end];
    let names = path.split(|&byte| byte == b'\\').filter(|name| !name.is_empty()).count();
    (names >= 2).then_some(start..end)
}

fn start_before(text: &[u8], floor: usize, mark: usize) -> Option<usize> {
    let byte_before = |index: usize| index.checked_sub(1).and_then(|index| text.get(index)).copied().unwrap_or(b' ');
    let next = text.get(mark + 1).copied().unwrap_or(b' ');
    match byte_before(mark) {
        b':' if mark >= floor + 2 && text[mark - 2].is_ascii_alphabetic() && !is_wordy(byte_before(mark - 2)) => {
            Some(mark - 2)
        }
        b'%' => {
            let name = stretch_back(text, floor, mark - 1, |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'(' | b')')
            });
            (name > floor && name < mark - 1 && text[name - 1] == b'%').then(|| name - 1)
        }
        before if next == b'\\' && !is_wordy(before) && !matches!(before, b'\\' | b'.' | b'*' | b')' | b']') => {
            let host = stretch(text, mark, |byte| byte == b'\\');
            let starts_well = text.get(host).is_some_and(u8::is_ascii_alphanumeric);
            (matches!(host - mark, 2 | 4) && starts_well).then_some(mark)
        }
        _ => None,
    }
}

fn is_component(byte: u8) -> bool {
    !matches!(byte, 0..=0x1f | 0x7f | b'<' | b'>' | b'"' | b'|' | b'?' | b'*' | b':' | b'/' | b'\\' | b'`' | b';')
}

fn end_after(text: &[u8], mark: usize, opener: u8) -> usize {
    let roof = text.len().min(mark + LONGEST);
    if matches!(opener, b'"' | b'\'' | b'`') {
        let quoted = stretch(&text[..roof], mark, |byte| byte != opener && (byte == b'\\' || is_component(byte)));
        if text.get(quoted) == Some(&opener) {
            return quoted;
        }
    }
    let mut end = mark;
    loop {
        end = stretch(&text[..roof], end, |byte| byte == b'\\' || (is_component(byte) && byte != b' ' && byte != b','));
        if text.get(end) != Some(&b' ') || !goes_on_after_space(text, mark, end, roof) {
            return trimmed(text, mark, end, opener);
        }
        end += 1;
    }
}

/// Whether the component that a space interrupts goes on behind it, as in
/// `C:\Program Files\...`: a backslash follows soon, and the component has no
/// extension yet.
fn goes_on_after_space(text: &[u8], mark: usize, space: usize, roof: usize) -> bool {
    let component = text[mark..space].iter().rposition(|&byte| byte == b'\\').map_or(mark, |index| mark + index + 1);
    let extension =
        memchr::memrchr(b'.', &text[component..space]).map_or(&b""[..], |dot| &text[component + dot + 1..space]);
    if file_name::is_telling(extension) || space == component {
        return false;
    }
    let rest = &text[space..roof.min(space + 40)];
    let Some(backslash) = memchr::memchr(b'\\', rest) else { return false };
    let between = &rest[1..backslash];
    !between.is_empty()
        && !between.ends_with(b" ")
        && rest.get(backslash + 1).is_some_and(|&next| is_component(next) && next != b' ')
        && between.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'(' | b')' | b'_' | b'-'))
        && between.iter().filter(|&&byte| byte == b' ').count() < 3
}

fn trimmed(text: &[u8], from: usize, mut end: usize, opener: u8) -> usize {
    let trails = |byte: u8| matches!(byte, b'.' | b',' | b'\'' | b' ' | b'!' | b']' | b'}');
    while end > from && (trails(text[end - 1]) || (opener == b'+' && text[end - 1] == b'+')) {
        end -= 1;
    }
    let opened = memchr::memchr(b'(', &text[from..end]).is_some();
    if end > from && text[end - 1] == b')' && !opened { end - 1 } else { end }
}

#[cfg(test)]
mod tests {
    use super::super::check;

    #[test]
    fn paths_with_drives_variables_and_shares() {
        check(&[
            (
                r"<!-- C:\Users\mary\Desktop\out.csv row 1 -->",
                r"windows-path C:\Users\mary\Desktop\out.csv; username mary; filename out.csv",
            ),
            (r"D:\Backups\lists\2024-03, then", r"windows-path D:\Backups\lists\2024-03"),
            (r"C:\Program Files\Tool\a.exe runs", r"windows-path C:\Program Files\Tool\a.exe; filename a.exe"),
            (r#""C:\my files\a b.txt" "#, r"windows-path C:\my files\a b.txt; filename a b.txt"),
            (r#"{"p": "C:\\Users\\mary\\x.txt"}"#, r"windows-path C:\Users\mary\x.txt; username mary; filename x.txt"),
            (r"\\files.example\share\x.doc", r"windows-path \\files.example\share\x.doc; filename x.doc"),
            (r"%APPDATA%\Tool\x.dll.", r"windows-path %APPDATA%\Tool\x.dll; filename x.dll"),
            ("C:/Users/mary/x.txt", "windows-path C:/Users/mary/x.txt; username mary; filename x.txt"),
            (r"\d+\.\d+ a\b C:\ \\ x:\", ""),
        ]);
    }
}
