//! Lists of addresses that many share: VPN and Tor exits, proxies, hosting, CDNs.

use std::io::{self, Read};

use model::{Entry, Format, Loss, Out, Reading, address, tables};

use super::whole;

/// Lists of shared addresses and ranges.
pub struct SharedRangeList;

impl Format for SharedRangeList {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "shared-ranges",
            summary: "a list of addresses or ranges that many parties share",
            doc: "What it reads: one address or CIDR range a line, its provider after it (spaces, tabs, comma, \
                  semicolon or bar between), comments after `#` or `;`.\n\nWhat it gives: one shared range for each \
                  line. The class comes from the comments and column names, then from the file's name: vpn-exit, \
                  tor-exit, hosting, cdn, nat; `shared` where nothing says it.\n\nTie-break by name: a bare list of \
                  addresses whose comments say nothing is one of these only if its name has such a word; else it is \
                  a list of indicators.\n\nLimits: a line that starts with no address is a loss.",
        }
    }

    fn sniff(&self, head: &[u8], name: &str) -> bool {
        let comments = comments(whole::head_lines(head));
        let told = class_of(&comments).or_else(|| class_of(file_name(name))).is_some();
        if !told && !comments.to_lowercase().contains("provider") {
            return false;
        }
        let text = whole::head_text(head);
        let (mut fit, mut unfit, mut with_provider) = (0u32, 0u32, 0u32);
        let complete = if head.len() < crate::drive::HEAD_BYTES { text.len() } else { text.rfind('\n').unwrap_or(0) };
        for (_, line) in lines(text.get(..complete).unwrap_or("")) {
            match entry(line) {
                Some((_, "")) => fit += 1,
                Some((_, provider)) if is_provider(provider) => (fit, with_provider) = (fit + 1, with_provider + 1),
                _ => unfit += 1,
            }
        }
        fit > 0
            && unfit * 20 <= fit + 20
            && (with_provider == fit || with_provider * 10 <= fit)
            && !(unfit > 1 && fit < 20)
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_rows() {
            ranges(&whole, reading.name, out);
        }
        Ok(())
    }
}

fn ranges(whole: &whole::Whole, name: &str, out: &mut dyn Out) {
    let class = class_of(&comments(whole.text.lines())).or_else(|| class_of(file_name(name))).unwrap_or("shared");
    for (n, (start, line)) in lines(&whole.text).enumerate() {
        let keys = entry(line).and_then(|(prefix, provider)| Some((prefix, provider, address::range_keys(prefix)?)));
        let Some((prefix, provider, (first, last))) = keys else {
            if n > 0 || !is_title(line) {
                let at = whole.place(start, start + line.len());
                out.loss(at, Loss { reason: "line names no address", count: 1, detail: "" });
            }
            continue;
        };
        let provider = Some(provider).filter(|provider| is_provider(provider));
        let cells = [prefix.into(), (&first).into(), (&last).into(), class.into(), provider.into()];
        out.row(&tables::SHARED_RANGES, whole.place(start, start + line.len()), &cells);
    }
}

/// Lines that are neither empty nor comments, with their offsets, trimmed.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = at + line.len() - line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
        at += line.len();
        let line = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        (!line.is_empty() && !line.starts_with(['#', ';']) && !line.starts_with("//")).then_some((start, line))
    })
}

/// The address of a line and what stands after it.
fn entry(line: &str) -> Option<(&str, &str)> {
    let end = line.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|')).unwrap_or(line.len());
    let (prefix, rest) = line.split_at(end);
    let prefix = prefix.trim_matches('"');
    address::range_keys(prefix)?;
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|'));
    let provider = rest.split(['#', ',', ';', '|', '\t']).next().unwrap_or("").trim().trim_matches('"');
    Some((prefix, provider))
}

fn is_provider(text: &str) -> bool {
    text.starts_with(char::is_alphanumeric)
        && text.chars().any(char::is_alphabetic)
        && text.len() <= 80
        && !text.contains(['[', '{', '='])
}

fn is_title(line: &str) -> bool {
    if line.is_ascii() && !line.starts_with(['a', 'i', 'c', 'p', 'r', 'n', 'A', 'I', 'C', 'P', 'R', 'N']) {
        return false;
    }
    let starts_with = |word: &str| {
        let mut letters = line.chars().flat_map(char::to_lowercase);
        word.chars().all(|letter| letters.next() == Some(letter))
    };
    ["address", "ip", "cidr", "prefix", "range", "network"].into_iter().any(starts_with)
}

/// The comment lines and the title line, which say what the list is.
fn comments<L: AsRef<str>>(lines: impl Iterator<Item = L>) -> String {
    let mut said = String::new();
    for line in lines.take(200) {
        let line = line.as_ref().trim();
        if line.starts_with(['#', ';']) || line.starts_with("//") || is_title(line) {
            said.push_str(line);
            said.push('\n');
        }
    }
    said
}

fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or("")
}

/// The class that a text speaks of; the more particular words first.
fn class_of(text: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("tor", "tor-exit"),
        ("vpn", "vpn-exit"),
        ("vpns", "vpn-exit"),
        ("proxy", "vpn-exit"),
        ("proxies", "vpn-exit"),
        ("anonymizer", "vpn-exit"),
        ("anonymiser", "vpn-exit"),
        ("cdn", "cdn"),
        ("cdns", "cdn"),
        ("cgnat", "nat"),
        ("nat", "nat"),
        ("hosting", "hosting"),
        ("datacenter", "hosting"),
        ("datacentre", "hosting"),
        ("cloud", "hosting"),
    ];
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    WORDS.iter().find(|(word, _)| words.contains(word)).map(|(_, class)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_told_by_words_and_addresses() {
        let sniff = |text: &str, name: &str| SharedRangeList.sniff(text.as_bytes(), name);
        assert!(sniff("# address  provider\n192.0.2.1  Example Veil\n", "a.txt"));
        assert!(sniff("192.0.2.0/24\n2001:db8::/32\n", "vpn-ipv4.txt"));
        assert!(!sniff("192.0.2.0/24\n2001:db8::/32\n", "list.txt"));
        assert!(!sniff("192.0.2.1 - - [10/Feb/2025:00:00:00 +0000] \"GET /\"\n", "tor.log"));
        assert!(!sniff("the vpn was slow\n", "notes.txt"));
        assert_eq!(class_of("Tor exit nodes"), Some("tor-exit"));
        assert_eq!(class_of("history of storage"), None);
    }
}
