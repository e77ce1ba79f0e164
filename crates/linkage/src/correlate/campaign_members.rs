//! Personas that belong together, and through what.
//!
//! One thing in common is seldom enough: a name is borrowed by many, whoever gets a mail
//! can copy its text and its links, a mailing program is used by many, and a hacked relay
//! serves more than one. What ties is what two of different kinds have in common
//! (docs/decisions/0015).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use casefile::{Result, Session};
use model::Groups;

use crate::columns::{self, text_column, texts};

/// Messages from which on a group of personas can be an operation of its own.
const OWN: u64 = 5;

/// Reasons that are told for one persona.
const TOLD: usize = 3;

/// Personas that no check covers, with the number of their messages, and their domain if it
/// ties. A domain that sends as much covered mail is borrowed by many, and ties nobody.
const PERSONAS: &str = "
    SELECT arrow_cast(p.persona_domain, 'Utf8') AS domain, arrow_cast(p.persona_name, 'Utf8') AS name,
        arrow_cast(count(DISTINCT coalesce(m.copy_key, m.evidence || '/' || m.chain)), 'Utf8') AS messages,
        arrow_cast(coalesce(min(d.persona_domain), ''), 'Utf8') AS tying_domain
    FROM mail_personas p
    JOIN messages m ON m.evidence = p.evidence AND m.chain = p.chain
    LEFT JOIN (
        SELECT persona_domain FROM mail_personas GROUP BY persona_domain
        HAVING count(*) FILTER (WHERE spoofed = FALSE) < count(*) FILTER (WHERE spoofed)
    ) d ON d.persona_domain = p.persona_domain
    WHERE p.spoofed
    GROUP BY p.persona_domain, p.persona_name
    ORDER BY domain, name";

/// What personas have in common, one after the other. A mark that one covered mail in ten or
/// more bears too is not theirs. What a reader can copy (name, text, link, picture) counts with
/// the machine that sent it; name and text count with a hand, which alone is a program's.
const TIES: &str = "
    WITH marks AS (
        SELECT DISTINCT p.persona_domain AS domain, p.persona_name AS name, p.evidence, p.chain, m.kind, m.value
        FROM mail_marks m
        JOIN mail_personas p ON p.evidence = m.evidence AND p.chain = m.chain
        WHERE p.spoofed AND m.covered * 10 <= m.messages
            AND NOT (m.kind = 'message-id-host' AND starts_with(m.value, 'localhost'))
            AND NOT (m.kind = 'link-domain' AND m.value IN (SELECT value FROM warning_matches))
    ),
    keys AS (
        SELECT DISTINCT domain, name, 'display name and ' || replace(kind, '-', ' ') AS kinds, concat(name, ' ', value) AS key
        FROM marks
        WHERE kind IN ('address', 'envelope-domain', 'message-id-host')
        UNION ALL
        SELECT DISTINCT a.domain, a.name, 'display name, text and hand', concat(a.name, ' ', a.value, ' ', b.value)
        FROM marks a
        JOIN marks b ON b.evidence = a.evidence AND b.chain = a.chain AND b.kind = 'hand'
        WHERE a.kind = 'text'
        UNION ALL
        SELECT DISTINCT a.domain, a.name, replace(concat(a.kind, ' and ', b.kind), '-', ' '), concat(a.value, ' ', b.value)
        FROM marks a
        JOIN marks b ON b.evidence = a.evidence AND b.chain = a.chain AND b.kind IN ('address', 'message-id-host')
        WHERE a.kind IN ('text', 'link', 'link-domain', 'tracking-id', 'picture')
    )
    SELECT arrow_cast(k.domain, 'Utf8') AS domain, arrow_cast(k.name, 'Utf8') AS name,
        arrow_cast(k.kinds, 'Utf8') AS kinds, arrow_cast(k.key, 'Utf8') AS key
    FROM keys k
    JOIN (SELECT kinds, key FROM keys GROUP BY kinds, key HAVING count(*) > 1) s ON s.kinds = k.kinds AND s.key = k.key
    ORDER BY kinds, key, domain, name";

/// Registers `persona_groups`: each uncovered persona, the first of those tied to it, and through what.
pub fn register(session: &Session) -> Result<()> {
    let mut personas = Personas::read(session)?;
    personas.tie_domains();
    personas.tie_marks(session)?;
    personas.tie_names();
    let heads: Vec<usize> = (0..personas.names.len()).map(|n| personas.groups.head(n)).collect();
    let component = |head: &usize| format!("{}|{}", personas.names[*head], personas.domains[*head]);
    let columns = vec![
        ("domain", text_column(&personas.domains)),
        ("name", text_column(&personas.names)),
        ("component", text_column(heads.iter().map(component))),
        ("tie", text_column(personas.reasons.iter().map(told))),
    ];
    columns::register(session, "persona_groups", columns)
}

/// Columns of equal length, one place for each persona.
struct Personas {
    domains: Vec<String>,
    names: Vec<String>,
    messages: Vec<u64>,
    tying_domains: Vec<String>,
    reasons: Vec<BTreeSet<String>>,
    groups: Groups,
}

impl Personas {
    fn read(session: &Session) -> Result<Self> {
        let [mut domains, mut names, mut messages, mut tying_domains] = [const { Vec::new() }; 4];
        session.stream(PERSONAS, &mut |batch| {
            let columns = texts::<4>(&batch)?;
            let lists = [&mut domains, &mut names, &mut messages, &mut tying_domains];
            for (list, column) in lists.into_iter().zip(&columns) {
                list.extend((0..batch.num_rows()).map(|row| column.value(row).to_owned()));
            }
            Ok(())
        })?;
        let count = domains.len();
        let messages = messages.iter().map(|count: &String| count.parse().unwrap_or(0)).collect();
        let reasons = vec![BTreeSet::new(); count];
        Ok(Self { domains, names, messages, tying_domains, reasons, groups: Groups::new(count) })
    }

    /// Personas of one domain stand one after the other.
    fn tie_domains(&mut self) {
        for n in 1..self.domains.len() {
            if !self.tying_domains[n].is_empty() && self.tying_domains[n] == self.tying_domains[n - 1] {
                self.tie(n - 1, n, "one domain");
            }
        }
    }

    fn tie_marks(&mut self, session: &Session) -> Result<()> {
        let personas = self.domains.iter().zip(&self.names).enumerate();
        // Looked up by key only, never walked through, so its order shows nowhere.
        let place: HashMap<(String, String), usize> =
            personas.map(|(n, (domain, name))| ((domain.clone(), name.clone()), n)).collect();
        let mut last: Option<(String, String, usize)> = None;
        session.stream(TIES, &mut |batch| {
            let [domains, names, kinds, keys] = texts::<4>(&batch)?;
            for row in 0..batch.num_rows() {
                let persona = (domains.value(row).to_owned(), names.value(row).to_owned());
                let Some(&n) = place.get(&persona) else { continue };
                match &last {
                    Some((kind, key, before)) if kind == kinds.value(row) && key == keys.value(row) => {
                        self.tie(*before, n, kind);
                    }
                    _ => last = Some((kinds.value(row).to_owned(), keys.value(row).to_owned(), n)),
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// A name alone ties what cannot stand by itself. Where two groups that can have nothing else in
    /// common, the name is borrowed twice, and a small one that fits both belongs to neither.
    fn tie_names(&mut self) {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (n, name) in self.names.iter().enumerate() {
            by_name.entry(name.clone()).or_default().push(n);
        }
        let mut sizes: BTreeMap<usize, u64> = BTreeMap::new();
        for n in 0..self.names.len() {
            *sizes.entry(self.groups.head(n)).or_default() += self.messages[n];
        }
        for members in by_name.into_values() {
            let heads: BTreeSet<usize> = members.iter().map(|n| self.groups.head(*n)).collect();
            let own = heads.iter().filter(|head| sizes.get(head).is_some_and(|size| *size >= OWN)).count();
            if heads.len() > 1 && own <= 1 {
                members.windows(2).for_each(|pair| self.tie(pair[0], pair[1], "display name alone"));
                let size = heads.iter().filter_map(|head| sizes.get(head)).sum();
                sizes.insert(self.groups.head(members[0]), size);
            }
        }
    }

    fn tie(&mut self, a: usize, b: usize, reason: &str) {
        self.groups.join(a, b);
        for n in [a, b] {
            if !self.reasons[n].contains(reason) {
                self.reasons[n].insert(reason.to_owned());
            }
        }
    }
}

/// The first few reasons; empty for a persona by itself.
fn told(reasons: &BTreeSet<String>) -> String {
    let told: Vec<&str> = reasons.iter().take(TOLD).map(String::as_str).collect();
    told.join(", by ")
}
