//! Slip: an account or a machine that somebody typed or had open on a screen.

use std::net::Ipv4Addr;
use std::ops::Range;

use model::{Detector, Entry, Found, PlantCost, Role, SlipKind, Surface, Text};

/// Sees accounts and addresses in commands at a prompt and in window titles.
pub struct TypedTarget;

static ENTRY: Entry = Entry {
    name: "typed_target",
    summary: "an account or an address in a command typed on a screen, or in the title of a window",
    doc: "\
# What it sees
In rows of text read off a screen: `user@host` in a window title, `user@host` as the target of ssh, scp, sftp and rsync, \
and addresses that a command names. Loopback and unspecified addresses are left out, and so is whatever programs print: \
lists of addresses on a screen are observables, not slips.

# Why it tells
A recording of one's own screen shows the machines that one works on and the names that one has there.

# Example
`ssh deploy@192.0.2.7` names an account and a server; a terminal's title names user and machine.

# How it misleads
A command may name somebody else's machine, the victim's first of all, and a scene can be staged: one typed line costs \
a keystroke.

# References
MITRE ATT&CK T1583, T1589 (seen from the other side).",
};

/// Commands whose first word of the form `a@b` is an account on a machine.
const REMOTE: &[&str] = &["ssh", "scp", "sftp", "rsync", "mosh", "autossh", "ssh-copy-id"];

impl Detector for TypedTarget {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>) {
        let Ok(row) = std::str::from_utf8(text.bytes) else { return };
        match text.role {
            Role::Screen(Surface::Title) => accounts(row, 0, "user and machine in the title of a window", found),
            Role::Screen(Surface::Prompt) => {
                let typed = command(row);
                if words(row, typed).any(|word| REMOTE.contains(&&row[word])) {
                    accounts(row, typed, "an account on another machine, as typed", found);
                }
                addresses(row, typed, found);
            }
            _ => {}
        }
    }
}

/// Where the typed command begins: behind the first mark that ends a prompt.
fn command(row: &str) -> usize {
    let ends = row.match_indices(['$', '#', '%', '>']).map(|(at, _)| at);
    ends.filter(|at| row[at + 1..].starts_with(' ')).map(|at| at + 2).next().unwrap_or(row.len())
}

/// Words from `start` on, without quotes around them.
fn words(row: &str, start: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_gap = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '|' | '&' | '(' | ')');
    row[start..].split(is_gap).filter(|word| !word.is_empty()).map(move |word| {
        let at = word.as_ptr() as usize - row.as_ptr() as usize;
        at..at + word.len()
    })
}

fn accounts(row: &str, start: usize, why: &str, found: &mut Vec<Found>) {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    for word in words(row, start) {
        // A path may follow the machine, as in `user@host:dir`.
        let end = row[word.clone()].find(':').map_or(word.end, |colon| word.start + colon);
        let account = word.start..end;
        let Some((user, host)) = row[account.clone()].split_once('@') else { continue };
        if !is_name(user) || !is_name(host) {
            continue;
        }
        let host_at = account.end - host.len();
        let value = row[account.clone()].to_owned();
        found.push(slip(SlipKind::Username, account.clone(), &value, value.clone(), why));
        if host.parse::<Ipv4Addr>().is_err() && !host.contains('.') && host != "localhost" {
            found.push(slip(SlipKind::Host, host_at..account.end, host, host.to_ascii_lowercase(), why));
        }
    }
}

fn addresses(row: &str, start: usize, found: &mut Vec<Found>) {
    let is_digit = |c: char| c.is_ascii_digit() || c == '.';
    for part in row[start..].split(|c| !is_digit(c)) {
        let at = part.as_ptr() as usize - row.as_ptr() as usize;
        let Ok(address) = part.parse::<Ipv4Addr>() else { continue };
        let glued = row[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        if !glued && !address.is_loopback() && !address.is_unspecified() && !address.is_broadcast() {
            let why = "an address in a command that somebody typed";
            found.push(slip(SlipKind::Ip, at..at + part.len(), part, address.to_string(), why));
        }
    }
}

fn slip(kind: SlipKind, place: Range<usize>, raw: &str, value: String, why: &str) -> Found {
    Found {
        kind,
        raw: raw.to_owned(),
        value,
        start: place.start,
        length: place.len(),
        why: why.to_owned(),
        plant_cost: PlantCost::Trivial,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(surface: Surface, row: &str, expected: &str) {
        let mut found = Vec::new();
        let bytes = row.as_bytes();
        TypedTarget
            .look(&Text { role: Role::Screen(surface), chain: "", start: 0, bytes, personal: false }, &mut found);
        let found: Vec<String> = found.iter().map(|slip| format!("{} {}", slip.kind.word(), slip.value)).collect();
        assert_eq!(found.join("|"), expected, "{row}");
    }

    #[test]
    fn what_is_typed_and_what_windows_are_called() {
        check(Surface::Title, "mary@desk-7: ~/lists", "username mary@desk-7|host desk-7");
        check(Surface::Prompt, "mary@desk-7:~$ ssh deploy@192.0.2.7", "username deploy@192.0.2.7|ip 192.0.2.7");
        check(Surface::Prompt, "mary@desk-7:~$ scp out.csv ops@relay-3:/srv", "username ops@relay-3|host relay-3");
        check(Surface::Prompt, "# curl http://192.0.2.9:8080/x", "ip 192.0.2.9");
        check(Surface::Prompt, "$ swaks --to reader@victim.test", "");
        check(Surface::Prompt, "$ ping 127.0.0.1", "");
        check(Surface::Output, "203.0.113.5 deploy@192.0.2.7", "");
    }
}
