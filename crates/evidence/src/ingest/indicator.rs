//! One row of `indicators`, and how a feed's values are cleaned.
//!
//! A value is cleaned by the observable scanner itself, so that what a feed
//! names and what the evidence holds are spelled alike and can be compared as
//! text. Where the scanner sees nothing (a user name, a name under an unknown
//! suffix) the feed's own word for the kind decides.

use std::net::IpAddr;

use model::{At, ObservableKind as Kind, Out, tables};

use crate::extract::observable::{Hit, Policy, scan};

/// Longest value that is looked at, in bytes.
const LONGEST: usize = 16 << 10;

/// What a feed says about one value.
#[derive(Clone, Debug, Default)]
pub struct Statement<'a> {
    /// Reference of the statement within the feed.
    pub reference: &'a str,
    /// Actor as spelled by the feed.
    pub actor: Option<&'a str>,
    /// STIX id or other reference of the actor.
    pub actor_ref: Option<&'a str>,
    /// Who says so.
    pub source: Option<&'a str>,
    /// Start of validity.
    pub valid_from: Option<i64>,
    /// End of validity.
    pub valid_until: Option<i64>,
    /// When the statement was made or last changed.
    pub stated: Option<i64>,
    /// STIX scale, 0 to 100.
    pub confidence: Option<u64>,
    /// Sharing mark.
    pub sharing: Option<&'a str>,
    /// Whether it was withdrawn.
    pub revoked: bool,
    /// The feed's own words.
    pub description: Option<&'a str>,
}

/// Writes one row of `indicators`.
pub fn put(out: &mut dyn Out, at: At<'_>, kind: Kind, value: &str, said: &Statement<'_>) {
    use model::Cell;
    let time = |micros: Option<i64>| micros.map_or(Cell::Null, Cell::Time);
    let cells = [
        kind.word().into(),
        value.into(),
        said.reference.into(),
        said.actor.into(),
        said.actor_ref.into(),
        said.source.into(),
        time(said.valid_from),
        time(said.valid_until),
        time(said.stated),
        said.confidence.into(),
        said.sharing.into(),
        said.revoked.into(),
        said.description.filter(|text| !text.is_empty()).into(),
    ];
    out.row(&tables::INDICATORS, at, &cells);
}

/// Cleans a value whose kind the feed names. `None` if it does not fit.
pub fn clean(kind: Kind, raw: &str) -> Option<(Kind, String)> {
    let raw = raw.trim();
    if raw.is_empty() || raw.len() > LONGEST {
        return None;
    }
    if matches!(kind, Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Sha512) {
        return digest(raw);
    }
    let wanted = |found: Kind| found == kind || (kind == Kind::Ip && found == Kind::Cidr);
    if let Some(hit) = covering(raw).into_iter().find(|hit| wanted(hit.kind)) {
        return Some((hit.kind, hit.value));
    }
    match kind {
        Kind::Ip | Kind::Cidr => address(raw),
        Kind::Domain => host(raw).map(|value| (kind, value)),
        Kind::Email => {
            raw.split_once('@').map(|(local, domain)| (kind, format!("{local}@{}", domain.to_ascii_lowercase())))
        }
        Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Sha512 => digest(raw),
        Kind::Asn => {
            let digits = raw.trim_start_matches(['a', 'A', 's', 'S', 'n', 'N', ' ']);
            digits.parse::<u32>().ok().map(|number| (kind, format!("AS{number}")))
        }
        Kind::Url => raw.contains("://").then(|| (kind, raw.to_owned())),
        Kind::WindowsPath => raw.contains('\\').then(|| (kind, raw.to_owned())),
        Kind::UnixPath => raw.starts_with('/').then(|| (kind, raw.to_owned())),
        Kind::Cve | Kind::Attack | Kind::Phone => None,
        Kind::Mac => None,
        Kind::Filename | Kind::Username | Kind::Hostname | Kind::Wallet | Kind::Tracker => Some((kind, raw.to_owned())),
    }
}

/// Tells the kind of a bare value, such as a line of a list, and cleans it.
pub fn recognise(raw: &str) -> Option<(Kind, String)> {
    let raw = raw.trim();
    if raw.is_empty() || raw.len() > LONGEST {
        return None;
    }
    let rank = |kind: Kind| match kind {
        Kind::Url => 0,
        Kind::Email => 1,
        Kind::Cidr => 2,
        Kind::Ip => 3,
        Kind::Domain => 4,
        Kind::WindowsPath | Kind::UnixPath => 5,
        Kind::Filename => 7,
        _ => 6,
    };
    let best = covering(raw).into_iter().min_by_key(|hit| rank(hit.kind));
    best.map(|hit| (hit.kind, hit.value)).or_else(|| digest(raw)).or_else(|| address(raw))
}

/// Accepted hits that cover the whole of `raw`, but for a port and slash.
fn covering(raw: &str) -> Vec<Hit> {
    let hits = scan(raw.as_bytes(), Policy::ALL);
    hits.into_iter()
        .filter(|hit| hit.rejected.is_none() && hit.start == 0)
        .filter(|hit| raw.get(hit.end..).is_some_and(is_port))
        .collect()
}

fn is_port(rest: &str) -> bool {
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
}

fn address(raw: &str) -> Option<(Kind, String)> {
    if let Ok(ip) = raw.parse::<IpAddr>() {
        return Some((Kind::Ip, ip.to_string()));
    }
    let (ip, length) = raw.split_once('/')?;
    let ip: IpAddr = ip.parse().ok()?;
    let length: u8 = length.parse().ok()?;
    let whole = if ip.is_ipv4() { 32 } else { 128 };
    match length {
        _ if length == whole => Some((Kind::Ip, ip.to_string())),
        _ if length < whole => Some((Kind::Cidr, format!("{ip}/{length}"))),
        _ => None,
    }
}

fn digest(raw: &str) -> Option<(Kind, String)> {
    let kind = match raw.len() {
        32 => Kind::Md5,
        40 => Kind::Sha1,
        64 => Kind::Sha256,
        128 => Kind::Sha512,
        _ => return None,
    };
    raw.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| (kind, raw.to_ascii_lowercase()))
}

/// A host name in lower case and A-label form, whatever it ends in.
pub fn host(raw: &str) -> Option<String> {
    let name = raw.trim().replace("[.]", ".");
    let name = name.trim_end_matches('.').trim_start_matches("*.");
    let ascii = idna::domain_to_ascii(name).ok()?;
    let fits = ascii.contains('.')
        && ascii.len() <= 253
        && ascii.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    fits.then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_spelled_as_the_scanner_spells_them() {
        let cases = [
            ("192.0.2.7", Some((Kind::Ip, "192.0.2.7"))),
            ("192.0.2[.]7:8080", Some((Kind::Ip, "192.0.2.7"))),
            ("198.51.100.0/24", Some((Kind::Cidr, "198.51.100.0/24"))),
            ("2001:DB8::0:1", Some((Kind::Ip, "2001:db8::1"))),
            ("hxxp://Bad.example/A", Some((Kind::Url, "http://bad.example/A"))),
            ("Bad.Example", Some((Kind::Domain, "bad.example"))),
            ("d41d8cd98f00b204e9800998ecf8427e", Some((Kind::Md5, "d41d8cd98f00b204e9800998ecf8427e"))),
            ("two words", None),
            ("", None),
        ];
        for (raw, expected) in cases {
            let got = recognise(raw);
            assert_eq!(got.as_ref().map(|(kind, value)| (*kind, value.as_str())), expected, "{raw}");
        }
        assert_eq!(clean(Kind::Username, "hana"), Some((Kind::Username, "hana".to_owned())));
        assert_eq!(clean(Kind::Domain, "Bücher.example."), Some((Kind::Domain, "xn--bcher-kva.example".to_owned())));
        assert_eq!(clean(Kind::Ip, "not one"), None);
    }
}
