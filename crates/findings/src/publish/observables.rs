//! `observables.csv`: infrastructure and operators' values to search for or block.
//!
//! Only what the operation used: values in links that count, addresses from
//! which its mails came, slips that are infrastructure, values that a feed
//! names and that are tied to it. A visitor's address in a log is a person's
//! and never stands here, nor does anything held to be planted.

use std::collections::{BTreeMap, BTreeSet};

use model::{Entry, Mark};

use super::own::Own;
use super::{Output, defang};
use crate::dossier::Dossier;

/// The output.
#[derive(Debug)]
pub struct Observables;

const ENTRY: Entry = Entry {
    name: "observables",
    summary: "Infrastructure and operators' values as CSV, for searching and blocking.",
    doc: "# What it holds\n\nOne line per value with its kind, window, topics, why it is here and where it stands. Values are live, not defanged: machines read them.\n\n# How it misleads\n\nA relay or a hacked host stands here beside the operators' own servers: read `why` before blocking.\n",
};

/// Kinds that are infrastructure or an operator's, never a voter's.
const KINDS: [&str; 15] = [
    "ip", "cidr", "domain", "url", "md5", "sha1", "sha256", "sha512", "host", "hostname", "asn", "wallet", "tracker",
    "path", "username",
];

impl Output for Observables {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn file_name(&self) -> &'static str {
        "observables.csv"
    }

    fn media_type(&self) -> &'static str {
        "text/csv"
    }

    fn marks(&self) -> &'static [Mark] {
        Mark::ALL
    }

    fn render(&self, dossier: &Dossier, _mark: Mark) -> Vec<u8> {
        let mut csv = String::from("kind,value,first_seen,last_seen,topics,counts-as,why,at\r\n");
        let windows: BTreeMap<_, _> =
            dossier.values.iter().map(|value| ((&*value.kind, &*value.value), value)).collect();
        for ((kind, value), row) in rows(&Own::new(dossier)) {
            let seen = windows.get(&(kind, value));
            let cells = [
                kind.to_owned(),
                defang::without_query(kind, value),
                seen.and_then(|seen| seen.first_seen.clone()).unwrap_or_default(),
                seen.and_then(|seen| seen.last_seen.clone()).unwrap_or_default(),
                seen.map(|seen| seen.topics.join(" ")).unwrap_or_default(),
                row.roles.into_iter().collect::<Vec<_>>().join(" "),
                row.why.into_iter().collect::<Vec<_>>().join(" "),
                row.at.to_owned(),
            ];
            csv.push_str(&cells.map(|cell| guard(&cell)).join(","));
            csv.push_str("\r\n");
        }
        csv.into_bytes()
    }
}

/// Why a value stands here.
#[derive(Default)]
pub(super) struct Row<'a> {
    pub(super) roles: BTreeSet<&'static str>,
    pub(super) why: BTreeSet<&'a str>,
    pub(super) at: &'a str,
}

pub(super) fn rows<'a>(own: &Own<'a>) -> BTreeMap<(&'a str, &'a str), Row<'a>> {
    let mut rows: BTreeMap<(&str, &str), Row<'_>> = BTreeMap::new();
    let mut add = |kind: &'a str, value: &'a str, role: &'static str, why: &'a str, at: &'a str| {
        if KINDS.contains(&kind) && !value.contains('@') && !own.dossier.assessment.is_planted(value) {
            let row = rows.entry((kind, value)).or_default();
            row.roles.insert(role);
            row.why.insert(why);
            row.at = if row.at.is_empty() { at } else { row.at };
        }
    };
    for (ip, message) in own.origins() {
        add("ip", ip, "origin", "Mail of the campaign came from it; it may be a relay or a hacked host.", &message.at);
    }
    for link in own.grounds.iter().flat_map(|ground| &ground.ties) {
        add(&link.kind, &link.value, "link", &link.why, &link.at);
    }
    for slip in own.slips() {
        add(&slip.first.kind, &slip.first.value, "slip", &slip.first.why, &slip.first.at);
    }
    for hit in own.matches() {
        add(&hit.kind, &hit.value, "intel", &hit.why, &hit.at);
    }
    rows
}

/// One cell after RFC 4180, that no spreadsheet takes for a formula.
fn guard(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '|', '%']);
    let cell: String = cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let guarded = if formula { format!("'{cell}") } else { cell };
    if guarded.contains(['"', ',']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

#[cfg(test)]
mod tests {
    use super::guard;

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(guard("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
        assert_eq!(guard("+0330"), "'+0330");
        assert_eq!(guard("a\r\nb"), "a  b");
        assert_eq!(guard("192.0.2.1"), "192.0.2.1");
    }
}
