//! Slip: a user name in a path or a shell prompt.

use std::ops::Range;

use model::{Detector, Entry, Found, PlantCost, SlipKind, Text};

use super::leaked_path::{may_leak, own_paths};
use super::observable::account;

/// Sees user names below home folders, and `user@host` of prompts.
pub struct LeakedUser;

static ENTRY: Entry = Entry {
    name: "leaked_user",
    summary: "a user name of somebody's own machine, from a home folder or a prompt",
    doc: "\
# What it sees
The component below `Users`, `home` or `Documents and Settings` in a leaked path, and `user@host` where a shell prompt \
follows it. Names that systems come with (Administrator, root, ubuntu, www-data) are left out.

# Why it tells
People choose user names once and keep them across machines, forums and code; a prompt names the machine as well.

# Example
`C:\\Users\\mary\\Desktop\\out.csv` names `mary`; `mary@box-7:~$` names both.

# How it misleads
Names are common, shared and easily planted: one path with a telling name costs a keystroke.

# References
MITRE ATT&CK T1589.",
};

impl Detector for LeakedUser {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>) {
        if !may_leak(text.role) {
            return;
        }
        let paths = if account::names_homes(text.bytes) { own_paths(text.bytes) } else { Vec::new() };
        for path in paths {
            let Some(user) = account::home_user(&text.bytes[path.clone()]) else { continue };
            let user = path.start + user.start..path.start + user.end;
            let name = String::from_utf8_lossy(&text.bytes[user.clone()]).into_owned();
            if !account::is_generic(&name) {
                let why = "the name of a user on the machine on which this was made";
                found.push(slip(SlipKind::Username, user, name.clone(), name, why));
            }
        }
        for mark in memchr::memchr_iter(b'@', text.bytes) {
            prompt(text.bytes, mark, found);
        }
    }
}

fn prompt(text: &[u8], mark: usize, found: &mut Vec<Found>) {
    let Some(prompt) = account::prompt_at(text, 0, mark) else { return };
    let whole = String::from_utf8_lossy(&text[prompt.clone()]).into_owned();
    let host = String::from_utf8_lossy(&text[mark + 1..prompt.end]).into_owned();
    found.push(slip(SlipKind::Username, prompt.clone(), whole.clone(), whole, "user and machine in a shell prompt"));
    let is_name = host.contains(|c: char| c.is_ascii_alphabetic()) && host != "localhost";
    if is_name && !host.contains('.') {
        let value = host.to_ascii_lowercase();
        found.push(slip(
            SlipKind::Host,
            mark + 1..prompt.end,
            host,
            value,
            "the name of the machine in a shell prompt",
        ));
    }
}

fn slip(kind: SlipKind, place: Range<usize>, raw: String, value: String, why: &str) -> Found {
    let plant_cost = PlantCost::Trivial;
    Found { kind, raw, value, start: place.start, length: place.len(), why: why.to_owned(), plant_cost }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;

    #[test]
    fn users_of_paths_and_prompts() {
        for (bytes, expected) in [
            (r"# C:\Users\mary\Desktop\out.csv", "username mary"),
            (r"C:\Users\Public\x.csv and /home/ubuntu/x", ""),
            ("/Users/mary/lists/", "username mary"),
            ("mary@BOX-7:~$ ls", "username mary@BOX-7|host box-7"),
            ("write to mary@example.test: now", ""),
        ] {
            let mut found = Vec::new();
            let text = Text { role: Role::Document, chain: "", start: 0, bytes: bytes.as_bytes(), personal: false };
            LeakedUser.look(&text, &mut found);
            let found: Vec<String> = found.iter().map(|slip| format!("{} {}", slip.kind.word(), slip.value)).collect();
            assert_eq!(found.join("|"), expected, "{bytes}");
        }
    }
}
