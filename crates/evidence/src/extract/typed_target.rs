//! Slip: an account or a machine that somebody typed or had open on a screen.

use std::net::Ipv4Addr;
use std::ops::Range;

use model::{Detector, Entry, Found, PlantCost, SlipKind, Surface, Text};

/// Sees accounts and addresses in commands at a prompt and in window titles.
pub struct TypedTarget;

static ENTRY: Entry = Entry {
    name: "typed_target",
    summary: "an account or an address in a command typed on a screen, or in the title of a window",
    doc: "\
# What it sees
In rows of text read off a screen: `user@host` in a window title and in a prompt, `user@host` as the target of ssh, scp, \
sftp and rsync, the account that a command signs in with (`--user`, `-U` of PostgreSQL, `-u` of MySQL and curl, `-l` of ssh), \
and addresses that a command names. Of what programs print only what they say of the session itself: the machine in the \
banner of Linux, where the last login came from, as whom and to where a connection is made, and an account alone in a line \
of settings. Loopback and unspecified addresses are left out, and so is the rest of what programs print: lists of addresses \
and of users on a screen are observables, not slips.

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

/// Options whose next word is an account, in a command that names a machine.
const ACCOUNT: &[&str] = &["--user", "--username", "--login", "--db-user", "--dbuser"];

/// Short options of the same meaning, and the commands in which they have it.
const SHORT_ACCOUNT: &[(&str, &[&str])] = &[
    ("-U", &["psql", "pg_dump", "pg_dumpall", "pg_restore", "smbclient"]),
    ("-u", &["mysql", "mysqldump", "mariadb", "mongosh", "curl"]),
    ("-l", &["ssh", "mosh", "rlogin"]),
];

/// Words that may follow an account in what programs say of a connection.
const BEHIND_ACCOUNT: &[&str] = &["at", "from", "in", "on", "over", "through", "to", "using", "via", "with"];

/// Accounts that every system has.
const COMMON: &[&str] = &["root", "admin", "user", "nobody", "none", "null", "true", "false"];

/// Commands whose first word of the form `a@b` is an account on a machine.
const REMOTE: &[&str] = &["ssh", "scp", "sftp", "rsync", "mosh", "autossh", "ssh-copy-id"];

impl Detector for TypedTarget {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>) {
        let Ok(row) = std::str::from_utf8(text.bytes) else { return };
        match text.role.surface() {
            Some(Surface::Title) => accounts(row, 0..row.len(), "user and machine in the title of a window", found),
            Some(Surface::Prompt) => {
                let typed = command(row);
                accounts(row, 0..typed, "user and machine in a prompt", found);
                if words(row, typed..row.len()).any(|word| REMOTE.contains(&&row[word])) {
                    accounts(row, typed..row.len(), "an account on another machine, as typed", found);
                }
                signed_in(row, typed, found);
                addresses(row, typed, "an address in a command that somebody typed", found);
            }
            Some(Surface::Output) => session(row, found),
            None => {}
        }
    }
}

/// The account of an option that says as whom to sign in.
fn signed_in(row: &str, typed: usize, found: &mut Vec<Found>) {
    let all: Vec<Range<usize>> = words(row, typed..row.len()).collect();
    let has = |name: &str| all.iter().any(|word| &row[word.clone()] == name);
    let reaches = |word: &Range<usize>| {
        let word = &row[word.clone()];
        word.starts_with("--host") || word.contains("://") || word.parse::<Ipv4Addr>().is_ok()
    };
    for pair in all.windows(2) {
        let option = &row[pair[0].clone()];
        let short = SHORT_ACCOUNT.iter().any(|(short, of)| *short == option && of.iter().any(|name| has(name)));
        if short || ACCOUNT.contains(&option) && all.iter().any(reaches) {
            named(row, pair[1].clone(), "an account that a typed command signs in with", found);
        }
    }
    for word in all.iter().filter(|_| all.iter().any(reaches)) {
        let Some((option, _)) = row[word.clone()].split_once('=').filter(|(option, _)| ACCOUNT.contains(option)) else {
            continue;
        };
        named(row, word.start + option.len() + 1..word.end, "an account that a typed command signs in with", found);
    }
}

/// What programs print of the session that they run in.
fn session(row: &str, found: &mut Vec<Found>) {
    let all: Vec<Range<usize>> = words(row, 0..row.len()).collect();
    let text = |at: usize| all.get(at).map_or("", |word| &row[word.clone()]);
    let lower = row.to_ascii_lowercase();
    let numbered = text(2).split('.').filter(|part| part.starts_with(|c: char| c.is_ascii_digit())).count() >= 2;
    if text(0) == "Linux" && is_name(text(1)) && text(1) != "localhost" && numbered {
        let host = text(1);
        let why = "the machine in the banner of a login";
        found.push(slip(SlipKind::Host, all[1].clone(), host, host.to_ascii_lowercase(), why));
    }
    if row.starts_with("Last login: ") {
        addresses(row, 0, "where the last login came from", found);
    }
    let connects = ["connecting to ", "connected to ", "logged in ", "logging in ", "authenticated "];
    if let Some(at) = connects.iter().find_map(|words| lower.find(words)) {
        addresses(row, at, "where a program says that it connects to", found);
        // A bare word behind the name may be the rest of it, where a stroke was not read.
        let is_whole = |pair: &&[Range<usize>]| match all.iter().find(|word| word.start > pair[1].start) {
            Some(next) => BEHIND_ACCOUNT.contains(&&row[next.clone()]) || &row[pair[1].end..next.start] != " ",
            None => true,
        };
        let account = all.windows(2).filter(is_whole).find(|pair| pair[0].start >= at && &row[pair[0].clone()] == "as");
        account
            .into_iter()
            .for_each(|pair| named(row, pair[1].clone(), "as whom a program says that it signs in", found));
    }
    let is_setting =
        ["user", "username", "login", "db_user", "dbuser", "account"].contains(&&*text(0).to_ascii_lowercase());
    if is_setting && text(1) == "=" && all.len() == 3 {
        named(row, all[2].clone(), "an account in settings shown on a screen", found);
    }
}

/// An account by its name alone; a password may follow behind a colon.
fn named(row: &str, word: Range<usize>, why: &str, found: &mut Vec<Found>) {
    let name = row[word.clone()].split(':').next().unwrap_or_default();
    if tells(name) {
        let place = word.start..word.start + name.len();
        found.push(slip(SlipKind::Username, place, name, name.to_owned(), why));
    }
}

/// Whether an account's name tells anything: not one that every system has, and more than a number.
pub fn tells(name: &str) -> bool {
    let telling = is_name(name) && name.contains(|c: char| c.is_ascii_alphabetic()) && name.len() >= 3;
    telling && !COMMON.contains(&&*name.to_ascii_lowercase())
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// Where the typed command begins: behind the first mark that ends a prompt.
fn command(row: &str) -> usize {
    let ends = row.match_indices(['$', '#', '%', '>']).map(|(at, _)| at);
    ends.filter(|at| row[at + 1..].starts_with(' ')).map(|at| at + 2).next().unwrap_or(row.len())
}

/// Words of a part, without quotes and brackets around them.
fn words(row: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_gap = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '|' | '&' | '(' | ')' | '[' | ']');
    row[part].split(is_gap).filter(|word| !word.is_empty()).map(move |word| {
        let at = word.as_ptr() as usize - row.as_ptr() as usize;
        at..at + word.len()
    })
}

fn accounts(row: &str, part: Range<usize>, why: &str, found: &mut Vec<Found>) {
    for word in words(row, part) {
        // A path may follow the machine, as in `user@host:dir`.
        let end = row[word.clone()].find(':').map_or(word.end, |colon| word.start + colon);
        let account = word.start..end;
        let Some((user, host)) = row[account.clone()].split_once('@') else { continue };
        // Typing cut short or covered in part: `203.0.11` is no machine.
        let broken = host.chars().all(|c| c.is_ascii_digit() || c == '.') && host.parse::<Ipv4Addr>().is_err();
        if !is_name(user) || !is_name(host) || broken {
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

fn addresses(row: &str, start: usize, why: &str, found: &mut Vec<Found>) {
    let is_digit = |c: char| c.is_ascii_digit() || c == '.';
    for part in row[start..].split(|c| !is_digit(c)) {
        let at = part.as_ptr() as usize - row.as_ptr() as usize;
        let Ok(address) = part.parse::<Ipv4Addr>() else { continue };
        let glued = row[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        if !glued && !address.is_loopback() && !address.is_unspecified() && !address.is_broadcast() {
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
    use model::Role;

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
        check(
            Surface::Prompt,
            "mary@desk-7:~$ ssh deploy@192.0.2.7",
            "username mary@desk-7|host desk-7|username deploy@192.0.2.7|ip 192.0.2.7",
        );
        check(
            Surface::Prompt,
            "mary@desk-7:~$ scp out.csv ops@relay-3:/srv",
            "username mary@desk-7|host desk-7|username ops@relay-3|host relay-3",
        );
        check(Surface::Prompt, "$ ssh deploy@192.0.2", "");
        check(Surface::Prompt, "[mary@desk-7 ~]$", "username mary@desk-7|host desk-7");
        check(Surface::Prompt, "$ ./fetch --host 192.0.2.9 --user lists_ro", "username lists_ro|ip 192.0.2.9");
        check(Surface::Prompt, "$ ./fetch --user=lists_ro https://host.test/x", "username lists_ro");
        check(Surface::Prompt, "$ psql -h db-2 -U svc_lists x", "username svc_lists");
        check(Surface::Prompt, "$ curl -u mary.k:hunter https://host.test", "username mary.k");
        check(Surface::Prompt, "$ systemctl --user status thing", "");
        check(Surface::Prompt, "$ grep -u word file", "");
        check(Surface::Prompt, "# curl http://192.0.2.9:8080/x", "ip 192.0.2.9");
        check(Surface::Prompt, "$ swaks --to reader@victim.test", "");
        check(Surface::Prompt, "$ ping 127.0.0.1", "");
    }

    #[test]
    fn what_programs_say_of_their_session() {
        check(Surface::Output, "203.0.113.5 deploy@192.0.2.7", "");
        check(Surface::Output, "Linux relay-3 6.1.0-18-amd64 #1 SMP x86_64", "host relay-3");
        check(Surface::Output, "Linux kernel sources", "");
        check(Surface::Output, "Last login: Tue Mar 12 21:50:03 2024 from 192.0.2.77", "ip 192.0.2.77");
        check(Surface::Output, "[+] connecting to 192.0.2.9:5432 as svc_lists", "ip 192.0.2.9|username svc_lists");
        check(Surface::Output, "[+] connecting to 192.0.2.9:5432 as svc lists", "ip 192.0.2.9");
        check(Surface::Output, "connected to 192.0.2.9 as svc_lists (TLS)", "ip 192.0.2.9|username svc_lists");
        check(Surface::Output, "connected to 192.0.2.9 as svc_lists over TLS", "ip 192.0.2.9|username svc_lists");
        check(Surface::Output, "user = svc_lists", "username svc_lists");
        check(Surface::Output, "user = root", "");
        check(Surface::Output, "GET /row/7 192.0.2.9 user=mary_k 200", "");
    }
}
