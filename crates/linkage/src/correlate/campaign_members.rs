//! Personas that belong together, through a name, a domain, or a text sent from the same address.

use std::collections::HashMap;

use casefile::{Result, Session};
use model::Groups;

use crate::columns::{self, text_column, texts};

/// Personas that no check covers, each with the texts that it sends and the addresses
/// that it sends them from. A text alone ties nobody, since whoever gets it can copy
/// it. A text that is mostly sent by senders whom a check covers is theirs, whoever
/// copies it; a domain that sends as much covered mail is borrowed by many, and ties
/// nobody either.
const PERSONAS: &str = "
    WITH sent AS (
        SELECT p.persona_domain, p.persona_name, p.text_group, o.origin_ip, r.from_ip
        FROM mail_personas p
        JOIN mail_origins o ON o.evidence = p.evidence AND o.chain = p.chain
        LEFT JOIN mail_receptions r ON r.evidence = p.evidence AND r.message = p.chain
        WHERE p.spoofed
    ),
    places AS (
        SELECT DISTINCT persona_domain, persona_name, text_group, origin_ip AS address FROM sent
        UNION
        SELECT DISTINCT persona_domain, persona_name, text_group, from_ip FROM sent
    )
    SELECT DISTINCT arrow_cast(p.persona_domain, 'Utf8') AS domain, arrow_cast(p.persona_name, 'Utf8') AS name,
        arrow_cast(coalesce(t.text_group || ' from ' || p.address, ''), 'Utf8') AS text_from,
        arrow_cast(coalesce(d.persona_domain, ''), 'Utf8') AS tying_domain
    FROM places p
    LEFT JOIN (
        SELECT text_group FROM mail_personas WHERE text_group IS NOT NULL GROUP BY text_group
        HAVING count(*) FILTER (WHERE spoofed = FALSE) * 10 <= count(*)
    ) t ON t.text_group = p.text_group
    LEFT JOIN (
        SELECT persona_domain FROM mail_personas GROUP BY persona_domain
        HAVING count(*) FILTER (WHERE spoofed = FALSE) < count(*) FILTER (WHERE spoofed)
    ) d ON d.persona_domain = p.persona_domain
    ORDER BY domain, name, text_from";

/// Registers `persona_groups`: each uncovered persona, and the first of those tied to it.
pub fn register(session: &Session) -> Result<()> {
    let [mut domains, mut names, mut texts_from, mut tying_domains] = [const { Vec::new() }; 4];
    session.stream(PERSONAS, &mut |batch| {
        let columns = texts::<4>(&batch)?;
        let lists = [&mut domains, &mut names, &mut texts_from, &mut tying_domains];
        for (list, column) in lists.into_iter().zip(&columns) {
            list.extend((0..batch.num_rows()).map(|row| column.value(row).to_owned()));
        }
        Ok(())
    })?;
    let mut groups = Groups::new(domains.len());
    for shared in [&tying_domains, &names, &texts_from] {
        // Looked up by key only, never walked through, so its order shows nowhere.
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (n, value) in shared.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            groups.join(*first.entry(value).or_insert(n), n);
        }
    }
    // A persona with several texts stands in several rows, which its name has tied.
    let persona = |n: usize| (&domains[n], &names[n]);
    let distinct: Vec<usize> = (0..domains.len()).filter(|n| *n == 0 || persona(*n) != persona(n - 1)).collect();
    let heads: Vec<usize> = (0..domains.len()).map(|n| groups.head(n)).collect();
    let component = |n: &usize| format!("{}|{}", names[heads[*n]], domains[heads[*n]]);
    let columns = vec![
        ("domain", text_column(distinct.iter().map(|n| &domains[*n]))),
        ("name", text_column(distinct.iter().map(|n| &names[*n]))),
        ("component", text_column(distinct.iter().map(component))),
    ];
    columns::register(session, "persona_groups", columns)
}
