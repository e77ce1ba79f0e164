//! IPv4 and IPv6 addresses, with port and prefix length.
//!
//! Cleaning rule: RFC 5952 spelling; a range is written with its host bits
//! cleared. What follows an address directly as `:port` belongs to the raw
//! form alone. Versions, section numbers, OIDs and netmasks are rejected.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::ObservableKind as Kind;

use super::{Scene, is_wordy, stretch, stretch_back};

/// Words before a dotted quad that make it a version.
const VERSION_WORDS: &[&[u8]] = &[
    b"version",
    b"versions",
    b"ver",
    b"vers",
    b"v",
    b"build",
    b"release",
    b"rev",
    b"revision",
    b"firmware",
    b"update",
    b"patch",
    b"fileversion",
    b"productversion",
    b"chrome",
    b"firefox",
    b"rv",
    b"edge",
];
/// Words before a dotted quad that make it the number of a section.
const SECTION_WORDS: &[&[u8]] = &[
    b"section",
    b"sections",
    b"sec",
    b"chapter",
    b"clause",
    b"figure",
    b"fig",
    b"table",
    b"appendix",
    b"paragraph",
    b"annex",
    b"article",
    b"step",
    b"requirement",
    b"control",
    b"oid",
];

/// Reads the dotted numbers inside a run of letters, digits, dots and hyphens.
pub(super) fn in_run(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scene.text;
    let mut here = start;
    let mut reached = None;
    while here < end {
        let from = stretch(&text[..end], here, |byte| !byte.is_ascii_digit());
        let to = stretch(&text[..end], from, |byte| byte.is_ascii_digit() || byte == b'.');
        let to = stretch_back(text, from, to, |byte| byte == b'.').max(from);
        here = to.max(from + 1);
        if to > from && text[from..to].contains(&b'.') {
            reached = v4(scene, from, to).or(reached);
        }
    }
    reached.map(|reached| reached.max(end))
}

/// Reads the number groups in `start..end`, digits and dots alone, as an IPv4
/// address; returns where it and its port or prefix length end.
pub(super) fn v4(scene: &mut Scene<'_>, start: usize, end: usize) -> Option<usize> {
    match quad(&scene.text[start..end])? {
        Err(reason) => scene.reject(Kind::Ip, start, end, reason),
        Ok(ip) => match circumstances(scene, start, end, ip) {
            Some("") => return None,
            Some(reason) => scene.reject(Kind::Ip, start, end, reason),
            None => return Some(accept(scene, start, end, IpAddr::V4(ip))),
        },
    }
    Some(end)
}

/// The address in `digits`; `None` if nobody would take it for one.
pub(super) fn quad(digits: &[u8]) -> Option<Result<Ipv4Addr, &'static str>> {
    let mut octets = [0u8; 4];
    let (mut count, mut leading_zero, mut too_large) = (0, false, false);
    for group in digits.split(|&byte| byte == b'.') {
        if group.is_empty() || group.len() > 3 {
            return None;
        }
        let number = group
            .iter()
            .try_fold(0u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))?;
        leading_zero |= group.len() > 1 && group[0] == b'0';
        too_large |= number > 255;
        if let Some(octet) = octets.get_mut(count) {
            *octet = number as u8;
        }
        count += 1;
    }
    match count {
        0..=3 => None,
        4 if too_large => Some(Err("a number above 255")),
        4 if leading_zero => Some(Err("leading zeros")),
        4 => Some(Ok(Ipv4Addr::from(octets))),
        _ => Some(Err("more than four numbers")),
    }
}

/// Why the surroundings speak against an address; empty for silently no.
fn circumstances(scene: &Scene<'_>, start: usize, end: usize, ip: Ipv4Addr) -> Option<&'static str> {
    let (before, after) = (scene.before(start), scene.at(end));
    if matches!(before, b'v' | b'V') && !is_wordy(scene.before(start - 1)) {
        return Some("a version number");
    }
    if is_wordy(before) || is_wordy(after) {
        return Some("");
    }
    // Packages count from small numbers; `NET-192.0.2.0` names a network.
    let after_hyphen = before == b'-' && scene.before(start - 1).is_ascii_alphabetic() && ip.octets()[0] < 30;
    if after_hyphen || (before == b'/' && names_a_product(scene, start - 1)) {
        return Some("a version number");
    }
    if after == b'-' && scene.at(end + 1).is_ascii_alphabetic() {
        return Some("a version number");
    }
    let octets = ip.octets();
    if octets[0] == 0 && octets != [0; 4] {
        return Some("its first number is 0");
    }
    if octets[0] == 255 && octets[3] == 0 {
        return Some("a network mask");
    }
    if !scene.defanged(start, end) {
        return word_before(scene, start).or_else(|| numbers_a_line(scene, start, end, octets));
    }
    None
}

/// Whether a slash at `slash` stands between a product and its version, as in
/// `Browser/5.2.9.1`, and not in a path or URL.
fn names_a_product(scene: &Scene<'_>, slash: usize) -> bool {
    let name = stretch_back(scene.text, 0, slash, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let before = scene.before(name);
    name < slash && scene.before(slash).is_ascii_alphabetic() && !matches!(before, b'/' | b'.' | b':' | b'\\' | b'@')
}

fn word_before(scene: &Scene<'_>, start: usize) -> Option<&'static str> {
    let floor = start.saturating_sub(24);
    let gap = stretch_back(scene.text, floor, start, |byte| {
        matches!(byte, b' ' | b':' | b'=' | b'#' | b'(' | b'"' | b'\'' | b'.')
    });
    if gap == start {
        return None;
    }
    let from = stretch_back(scene.text, floor, gap, |byte| byte.is_ascii_alphabetic());
    let word = &scene.text[from..gap];
    let is_in = |list: &[&[u8]]| list.iter().any(|entry| entry.eq_ignore_ascii_case(word));
    if is_in(VERSION_WORDS) {
        Some("a version number")
    } else if is_in(SECTION_WORDS) || scene.text[floor..gap].ends_with("§".as_bytes()) {
        Some("a section number")
    } else {
        None
    }
}

/// `1.2.3.4 Title` at the start of a line: small numbers that count chapters.
fn numbers_a_line(scene: &Scene<'_>, start: usize, end: usize, octets: [u8; 4]) -> Option<&'static str> {
    let starts_line = matches!(scene.before(start), b'\n' | b' ') && (start == 0 || scene.before(start) == b'\n');
    let small = octets.iter().all(|&octet| octet < 30) && octets.iter().any(|&octet| octet != octets[0]);
    let titled =
        scene.at(end) == b' ' && scene.at(end + 1).is_ascii_uppercase() && scene.at(end + 2).is_ascii_lowercase();
    (starts_line && small && titled).then_some("a section number")
}

/// Puts the address, and the range where a prefix length follows.
fn accept(scene: &mut Scene<'_>, start: usize, end: usize, ip: IpAddr) -> usize {
    if let Some((length, range_end)) = prefix_length(scene, end, ip) {
        let network = network(ip, length);
        scene.put(Kind::Cidr, start, range_end, Cow::Owned(format!("{network}/{length}")));
        if network != ip {
            scene.put(Kind::Ip, start, end, spelling(scene, start, end, ip));
        }
        return range_end;
    }
    let raw_end = port_end(scene, end).unwrap_or(end);
    scene.put(Kind::Ip, start, raw_end, spelling(scene, start, end, ip));
    raw_end
}

/// The canonical spelling; borrowed where it stands in the text already.
fn spelling<'t>(scene: &Scene<'t>, start: usize, end: usize, ip: IpAddr) -> Cow<'t, str> {
    let text: &'t [u8] = scene.text;
    match (ip, std::str::from_utf8(&text[start..end])) {
        // Quads with leading zeros are rejected before they come here.
        (IpAddr::V4(_), Ok(as_found)) => Cow::Borrowed(as_found),
        _ => Cow::Owned(ip.to_string()),
    }
}

fn prefix_length(scene: &Scene<'_>, end: usize, ip: IpAddr) -> Option<(u32, usize)> {
    let digits_end = stretch(scene.text, (scene.at(end) == b'/').then_some(end + 1)?, |byte| byte.is_ascii_digit());
    let digits = std::str::from_utf8(&scene.text[end + 1..digits_end]).ok()?;
    let length: u32 = (digits.len() <= 3 && !digits.starts_with('0')).then(|| digits.parse().ok())??;
    let bits = if ip.is_ipv4() { 32 } else { 128 };
    let after = scene.at(digits_end);
    let goes_on = is_wordy(after) || after == b'/' || (after == b'.' && scene.at(digits_end + 1).is_ascii_digit());
    (length <= bits && !goes_on).then_some((length, digits_end))
}

fn network(ip: IpAddr, length: u32) -> IpAddr {
    match ip {
        IpAddr::V4(v4) => Ipv4Addr::from(u32::from(v4) & !u32::MAX.checked_shr(length).unwrap_or(0)).into(),
        IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) & !u128::MAX.checked_shr(length).unwrap_or(0)).into(),
    }
}

/// End of `:port` after an address.
pub(super) fn port_end(scene: &Scene<'_>, end: usize) -> Option<usize> {
    let digits_end = stretch(scene.text, (scene.at(end) == b':').then_some(end + 1)?, |byte| byte.is_ascii_digit());
    let port: u32 = std::str::from_utf8(scene.text.get(end + 1..digits_end)?).ok()?.parse().ok()?;
    let after = scene.at(digits_end);
    let goes_on = is_wordy(after) || after == b':' || (after == b'.' && scene.at(digits_end + 1).is_ascii_digit());
    ((1..=65_535).contains(&port) && digits_end - end <= 6 && !goes_on).then_some(digits_end)
}

/// Reads an IPv6 address that starts at `start`.
pub(super) fn v6(scene: &mut Scene<'_>, start: usize) -> Option<usize> {
    // The longest spelling, with an embedded IPv4 address, has 45 characters.
    let roof = scene.text.len().min(start + 46);
    let mut end = stretch(&scene.text[..roof], start, |byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    while end > start && matches!(scene.text[end - 1], b'.')
        || scene.text[start..end].ends_with(b":") && !scene.text[start..end].ends_with(b"::")
    {
        end -= 1;
    }
    let address = &scene.text[start..end];
    if is_wordy(scene.before(start)) || matches!(scene.before(start), b':' | b'.') || is_wordy(scene.at(end)) {
        return None;
    }
    let colons = memchr::memchr_iter(b':', address).count();
    if !matches!(colons, 6 | 7) && memchr::memmem::find(address, b"::").is_none() {
        return None;
    }
    let ip: Ipv6Addr = std::str::from_utf8(address).ok()?.parse().ok()?;
    is_telling(address).then(|| accept_v6(scene, start, end, ip))
}

/// Names of program code such as `abc::def` parse as addresses too.
fn is_telling(address: &[u8]) -> bool {
    let groups = address.split(|&byte| byte == b':').filter(|group| !group.is_empty()).count();
    groups > 0 && (address.iter().any(u8::is_ascii_digit) || groups > 3)
}

fn accept_v6(scene: &mut Scene<'_>, start: usize, end: usize, ip: Ipv6Addr) -> usize {
    let in_brackets = scene.before(start) == b'[' && scene.at(end) == b']';
    if in_brackets && let Some(raw_end) = port_end(scene, end + 1) {
        scene.put(Kind::Ip, start, end, Cow::Owned(ip.to_string()));
        return raw_end;
    }
    accept(scene, start, end, IpAddr::V6(ip))
}

#[cfg(test)]
mod tests {
    use super::super::check;

    #[test]
    fn addresses_ports_and_ranges() {
        check(&[
            ("from 192.0.2.17, then", "ip 192.0.2.17"),
            ("(192.0.2.17:8080)", "ip 192.0.2.17"),
            ("192[.]0[.]2[.]17 and 198.51.100(.)3", "ip 192.0.2.17; ip 198.51.100.3"),
            ("192.0.2.0/24;", "cidr 192.0.2.0/24"),
            ("192.0.2.5/24", "ip 192.0.2.5; cidr 192.0.2.0/24"),
            ("192.0.2.1-192.0.2.9", "ip 192.0.2.1; ip 192.0.2.9"),
            ("ip=192.0.2.1,203.0.113.7.", "ip 192.0.2.1; ip 203.0.113.7"),
            ("via [2001:DB8::1]:443", "ip 2001:db8::1"),
            ("2001:db8:0:0:0:0:0:2/32.", "ip 2001:db8::2; cidr 2001:db8::/32"),
            ("::ffff:192.0.2.1 end", "ip ::ffff:192.0.2.1"),
            ("2001:db8::", "ip 2001:db8::"),
        ]);
    }

    #[test]
    fn what_resembles_addresses_is_rejected_with_its_reason() {
        check(&[
            ("v1.2.3.4", "not ip 1.2.3.4: a version number"),
            ("Version: 10.0.19041.1", ""),
            ("version 5.2.9.1", "not ip 5.2.9.1: a version number"),
            ("Tool/5.2.9.1", "not ip 5.2.9.1: a version number"),
            ("tool-5.2.9.1 ", "not ip 5.2.9.1: a version number"),
            ("NET-192.0.2.208 rv:1.8.1.17)", "ip 192.0.2.208; not ip 1.8.1.17: a version number"),
            ("1.3.6.1.4.1.311", "not ip 1.3.6.1.4.1.311: more than four numbers"),
            ("192.0.2.300", "not ip 192.0.2.300: a number above 255"),
            ("192.000.002.001", "not ip 192.000.002.001: leading zeros"),
            ("see section 4.1.2.3 of", "not ip 4.1.2.3: a section number"),
            ("\n4.1.2.3 Scope\n", "not ip 4.1.2.3: a section number"),
            ("mask 255.255.255.0", "not ip 255.255.255.0: a network mask"),
            ("on 1.2.2020 at 12:30:15", ""),
            ("std::string abc::def ::", ""),
        ]);
    }
}
