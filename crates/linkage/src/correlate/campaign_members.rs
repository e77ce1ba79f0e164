//! Personas that belong together, through a name, a domain or a text that they share.

use std::collections::HashMap;

use casefile::{Result, Session};
use model::Groups;

use crate::columns::{self, text_column, texts};

/// Personas that no check covers, each with the texts that it sends. A text that is
/// mostly sent by senders whom a check covers is theirs, whoever copies it; a domain
/// that sends as much covered mail is borrowed by many, and ties nobody.
const PERSONAS: &str = "SELECT DISTINCT arrow_cast(p.persona_domain, 'Utf8') AS domain, \
        arrow_cast(p.persona_name, 'Utf8') AS name, arrow_cast(coalesce(t.text_group, ''), 'Utf8') AS text_group, \
        arrow_cast(coalesce(d.persona_domain, ''), 'Utf8') AS tying_domain \
    FROM mail_personas p \
    LEFT JOIN ( \
        SELECT text_group FROM mail_personas WHERE text_group IS NOT NULL GROUP BY text_group \
        HAVING count(*) FILTER (WHERE spoofed = FALSE) * 10 <= count(*) \
    ) t ON t.text_group = p.text_group \
    LEFT JOIN ( \
        SELECT persona_domain FROM mail_personas GROUP BY persona_domain \
        HAVING count(*) FILTER (WHERE spoofed = FALSE) < count(*) FILTER (WHERE spoofed) \
    ) d ON d.persona_domain = p.persona_domain \
    WHERE p.spoofed ORDER BY domain, name, text_group";

/// Registers `persona_groups`: each uncovered persona, and the first of those tied to it.
pub fn register(session: &Session) -> Result<()> {
    let [mut domains, mut names, mut text_groups, mut tying_domains] = [const { Vec::new() }; 4];
    session.stream(PERSONAS, &mut |batch| {
        let columns = texts::<4>(&batch)?;
        let lists = [&mut domains, &mut names, &mut text_groups, &mut tying_domains];
        for (list, column) in lists.into_iter().zip(&columns) {
            list.extend((0..batch.num_rows()).map(|row| column.value(row).to_owned()));
        }
        Ok(())
    })?;
    let mut groups = Groups::new(domains.len());
    for shared in [&tying_domains, &names, &text_groups] {
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
