//! User and host names, out of home folders and shell prompts.
//!
//! Cleaning rule: as found. Names that systems come with tell nothing about
//! anybody and are left out.

use std::ops::Range;

use model::ObservableKind as Kind;

use super::{Scene, is_wordy, lossy, stretch, stretch_back};

/// Accounts that exist without anybody having chosen their name.
const GENERIC: &[&str] = &[
    "admin",
    "administrator",
    "all users",
    "apache",
    "app",
    "azureuser",
    "centos",
    "circleci",
    "container",
    "debian",
    "default",
    "default user",
    "defaultuser0",
    "defaultuser100000",
    "docker",
    "ec2-user",
    "fedora",
    "git",
    "guest",
    "home",
    "jenkins",
    "kali",
    "localadmin",
    "me",
    "mysql",
    "name",
    "nginx",
    "nobody",
    "node",
    "opc",
    "oracle",
    "owner",
    "pi",
    "postgres",
    "public",
    "root",
    "runner",
    "runneradmin",
    "sandbox",
    "shared",
    "someone",
    "system",
    "test",
    "ubuntu",
    "user",
    "user1",
    "username",
    "users",
    "vagrant",
    "wdagutilityaccount",
    "www",
    "www-data",
    "you",
    "yourname",
];

/// Whether the name is one that systems and manuals come with.
pub fn is_generic(name: &str) -> bool {
    let lower = name.to_lowercase();
    GENERIC.binary_search(&lower.as_str()).is_ok()
}

/// Folders below which each user has one.
const HOMES: [&[u8]; 3] = [b"users", b"home", b"documents and settings"];

/// Whether any path in `text` can lead below a home folder.
pub fn names_homes(text: &[u8]) -> bool {
    let ends_in = |folders: &[u8], homes: &[u8]| {
        folders.len().checked_sub(homes.len()).is_some_and(|start| folders[start..].eq_ignore_ascii_case(homes))
    };
    memchr::memchr2_iter(b'/', b'\\', text).any(|mark| {
        let folders = &text[..mark];
        matches!(folders.last(), Some(b's' | b'S' | b'e' | b'E')) && HOMES.iter().any(|homes| ends_in(folders, homes))
    })
}

/// Where the user name stands in a path below a home folder.
pub fn home_user(path: &[u8]) -> Option<Range<usize>> {
    let mut start = 0;
    let mut below_homes = false;
    for name in path.split(|&byte| matches!(byte, b'/' | b'\\')) {
        let end = start + name.len();
        if below_homes && !name.is_empty() {
            return (end < path.len() || is_account(name)).then_some(start..end).filter(|_| is_account(name));
        }
        below_homes |= HOMES.iter().any(|homes| homes.eq_ignore_ascii_case(name));
        start = end + 1;
    }
    None
}

/// Whether the component can be an account: no extension of a file, no glob.
fn is_account(name: &[u8]) -> bool {
    let extension = memchr::memrchr(b'.', name).map_or(&b""[..], |dot| &name[dot + 1..]);
    name.len() <= 64
        && !super::file_name::is_telling(extension)
        && name.iter().all(|&byte| is_wordy(byte) || matches!(byte, b'.' | b'-' | b' ' | b'~' | b'$'))
}

/// Takes the user name in the path `start..end`.
pub(super) fn home(scene: &mut Scene<'_>, start: usize, end: usize) {
    let Some(user) = home_user(&scene.text[start..end]) else { return };
    let (from, to) = (start + user.start, start + user.end);
    if !is_generic(&lossy(&scene.text[from..to])) {
        scene.put_as_is(Kind::Username, from, to);
    }
}

/// Reads `user@host:~$` and its like around the at sign at `mark`.
pub(super) fn prompt(scene: &mut Scene<'_>, floor: usize, mark: usize) -> Option<(usize, usize)> {
    let prompt = prompt_at(scene.text, floor, mark)?;
    if !is_generic(&lossy(&scene.text[prompt.start..mark])) {
        scene.put_as_is(Kind::Username, prompt.start, mark);
    }
    if scene.text[mark + 1..prompt.end].iter().any(u8::is_ascii_alphabetic) {
        scene.put_as_is(Kind::Hostname, mark + 1, prompt.end);
    }
    Some((prompt.start, prompt.end))
}

/// The `user@host` of a shell prompt around the at sign at `mark`.
pub(in crate::extract) fn prompt_at(text: &[u8], floor: usize, mark: usize) -> Option<Range<usize>> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let start = stretch_back(text, floor.max(mark.saturating_sub(33)), mark, is_name);
    let end = stretch(&text[..text.len().min(mark + 65)], mark + 1, is_name);
    let first = text.get(mark + 1)?;
    if start == mark || end == mark + 1 || !first.is_ascii_alphanumeric() || !text[start].is_ascii_alphanumeric() {
        return None;
    }
    follows_prompt(&text[end..text.len().min(end + 96)], text, start).then_some(start..end)
}

/// Whether `rest` goes on as a prompt does: `:~$`, `:/srv#`, ` dir]$`, ` ~ %`.
fn follows_prompt(rest: &[u8], text: &[u8], start: usize) -> bool {
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let in_brackets = start > 0 && text[start - 1] == b'[';
    match line {
        [b':', b'~' | b'/', place @ ..] => {
            let end = place.iter().position(|byte| matches!(byte, b'$' | b'#' | b'%' | b'>'));
            end.is_some_and(|end| {
                !place[..end].contains(&b' ') && matches!(place.get(end + 1), None | Some(b' ' | b'\r'))
            })
        }
        [b' ', place @ ..] if in_brackets => {
            memchr::memmem::find(place, b"]$").or_else(|| memchr::memmem::find(place, b"]#")).is_some()
        }
        [b' ', b'~' | b'/', place @ ..] => {
            let end = place.iter().position(|byte| matches!(byte, b'$' | b'#' | b'%'));
            end.is_some_and(|end| {
                place[..end].iter().filter(|&&byte| byte == b' ').count() <= 1
                    && matches!(place.get(end + 1), None | Some(b' '))
            })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn generic_names_are_sorted_for_the_search() {
        assert!(GENERIC.is_sorted());
        assert!(is_generic("Administrator") && is_generic("www-data") && !is_generic("mary"));
    }

    #[test]
    fn prompts_of_common_shells() {
        check(&[
            ("mary@box-7:~$ ls", "username mary; hostname box-7"),
            ("mary@box-7:/srv/x# id", "username mary; hostname box-7; unix-path /srv/x"),
            ("[mary@box-7 lists]$ ls", "username mary; hostname box-7"),
            ("mary@box-7 ~ % ls", "username mary; hostname box-7"),
            ("root@box-7:~# id", "hostname box-7"),
            ("mary@box-7: hello; mary@home", ""),
            (r"PS C:\Users\mary> dir", r"windows-path C:\Users\mary; username mary"),
            (r"C:\Users\Public\x.txt", r"windows-path C:\Users\Public\x.txt; filename x.txt"),
        ]);
    }
}
