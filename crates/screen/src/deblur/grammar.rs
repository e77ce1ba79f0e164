//! Forms that recovered text often has: addresses, paths, commands.
//!
//! A second reading only, reported beside the first: a form makes a string
//! likelier, it does not make it seen.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::recovery::Candidate;

/// The form of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grammar {
    /// Four numbers up to 255.
    Ipv4,
    /// Groups of hexadecimal figures.
    Ipv6,
    /// Name, at sign, domain.
    Mail,
    /// A Unix or Windows path.
    Path,
    /// A well-known command with arguments.
    Command,
    /// The name of a file or an account: words, each with figures at its end at
    /// most, joined by signs.
    Name,
}

/// Commands common enough on operators' screens to make a string likelier.
const COMMANDS: &[&str] = &[
    "cat", "cd", "cp", "curl", "find", "git", "grep", "head", "less", "ls", "mkdir", "mv", "nano", "nmap", "python",
    "python3", "rm", "rsync", "scp", "sftp", "ssh", "sudo", "tail", "tar", "unzip", "vi", "vim", "wget", "whoami",
];

/// Characters of a word cut off beside another one, at most.
const BESIDE: usize = 2;

/// The form of a string, if it has one.
pub fn of(text: &str) -> Option<Grammar> {
    if text.parse::<Ipv4Addr>().is_ok() {
        Some(Grammar::Ipv4)
    } else if text.matches(':').count() >= 2 && text.parse::<Ipv6Addr>().is_ok() {
        Some(Grammar::Ipv6)
    } else if is_mail(text) {
        Some(Grammar::Mail)
    } else if is_path(text) {
        Some(Grammar::Path)
    } else if text.split_once(' ').is_some_and(|(first, rest)| COMMANDS.contains(&first) && !rest.is_empty()) {
        Some(Grammar::Command)
    } else if is_name(text) {
        Some(Grammar::Name)
    } else {
        None
    }
}

/// The form of a text, or of a word in it that stands among parts of characters and
/// words of no more than two: covers reach into the cells beside.
pub(crate) fn within(text: &str) -> Option<Grammar> {
    let word = text.split(' ').max_by_key(|word| word.chars().count())?;
    let others = text.split(' ').filter(|other| *other != word).all(|other| other.chars().count() <= BESIDE);
    of(text).or_else(|| of(word).filter(|_| others))
}

/// The likeliest candidate that has a form.
pub(crate) fn best(candidates: &[Candidate]) -> Option<(Grammar, Candidate)> {
    candidates.iter().find_map(|candidate| of(&candidate.text).map(|form| (form, candidate.clone())))
}

fn is_mail(text: &str) -> bool {
    let name = |part: &str| {
        !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric() || "._+-".contains(letter))
    };
    text.split_once('@').is_some_and(|(user, domain)| {
        name(user) && name(domain) && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.')
    })
}

fn is_name(text: &str) -> bool {
    let is_word = |part: &str| {
        let letters = part.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let small = letters.get(1..).unwrap_or_default();
        let same = small.chars().all(|letter| letter.is_ascii_lowercase());
        !part.is_empty() && same && letters.chars().all(|letter| letter.is_ascii_alphabetic())
    };
    let parts: Vec<&str> = text.split(['.', '_', '-']).collect();
    parts.len() >= 2
        && parts.iter().all(|part| is_word(part))
        && text.chars().any(|letter| letter.is_ascii_alphabetic())
}

fn is_path(text: &str) -> bool {
    let named = |parts: &[&str]| {
        let fine = |part: &&str| part.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-+ ~".contains(letter));
        parts.len() >= 2 && parts.iter().all(fine) && parts.iter().skip(1).any(|part| part.len() > 1)
    };
    let unix: Vec<&str> = text.split('/').collect();
    let drive = text.get(1..3).is_some_and(|mark| mark == ":\\")
        && text.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let windows: Vec<&str> = text.get(2..).unwrap_or_default().split('\\').collect();
    ((text.starts_with('/') || text.starts_with("~/")) && named(&unix)) || (drive && named(&windows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_apart() {
        let cases = [
            ("203.0.113.77", Some(Grammar::Ipv4)),
            ("203.0.113.777", None),
            ("2001:db8::1", Some(Grammar::Ipv6)),
            ("h.rostami@mailbox.example", Some(Grammar::Mail)),
            ("/srv/share/rows.csv", Some(Grammar::Path)),
            ("D:\\Backups\\lists", Some(Grammar::Path)),
            ("scp a b", Some(Grammar::Command)),
            ("kofi_weekly90", Some(Grammar::Name)),
            ("Rows-2020.csv", Some(Grammar::Name)),
            ("ko7i_weekly", None),
            ("/&x/lk", None),
            ("hello", None),
        ];
        for (text, form) in cases {
            assert_eq!(of(text), form, "{text}");
        }
    }
}
