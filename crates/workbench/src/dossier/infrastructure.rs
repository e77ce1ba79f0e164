//! What is known of the addresses, names and actors that a case touches.

use casefile::Session;
use findings::Dossier;

use super::rows;
use crate::error::Trouble;

/// Fills the parts of the dossier that pages on infrastructure and actors show.
pub fn read(session: &Session, dossier: &mut Dossier) -> Result<(), Trouble> {
    dossier.holdings = rows(session, &format!("WITH {SUBJECTS} {HOLDINGS}"))?;
    dossier.resolutions = rows(session, &format!("WITH {SUBJECTS} {RESOLUTIONS}"))?;
    dossier.actor_statements = rows(session, ACTOR_STATEMENTS)?;
    dossier.base_rates = rows(session, BASE_RATES)?;
    dossier.placements = rows(session, PLACEMENTS)?;
    dossier.settled = rows(session, SETTLED)?;
    dossier.name_matches = rows(session, NAME_MATCHES)?;
    Ok(())
}

/// Addresses and names that feeds or links know, or that an attacker came from.
const SUBJECTS: &str = "
    subjects AS (
        SELECT DISTINCT kind, value FROM (
            SELECT kind, value FROM links
            UNION SELECT kind, value FROM intel_matches
            UNION SELECT 'ip' AS kind, address AS value FROM certificate_matches WHERE address IS NOT NULL
            UNION SELECT 'ip' AS kind, value FROM web_addresses
        )
        WHERE kind IN ('ip', 'domain')
    )";

/// Ranges by equality of first and last address, one look-up for each prefix length in use.
const HOLDINGS: &str = "
    , lengths AS (
        SELECT DISTINCT CASE WHEN strpos(value, '/') > 0 THEN '/' || split_part(value, '/', 2) ELSE '' END AS length
        FROM tenancies WHERE kind IN ('ip', 'cidr')
    ),
    ranges AS (
        SELECT s.value, range_first(s.value || l.length) AS first_ip, range_last(s.value || l.length) AS last_ip
        FROM subjects s CROSS JOIN lengths l WHERE s.kind = 'ip'
    )
    SELECT DISTINCT value, range, kind, holder, statement, held_from, held_until, source, at FROM (
        SELECT r.value AS value, t.value AS range, t.kind AS kind, t.holder AS holder, t.statement AS statement,
               t.held_from AS held_from, t.held_until AS held_until, t.source AS source,
               locator(t.evidence, t.chain, t.start, t.length) AS at
        FROM ranges r JOIN tenancies t ON t.first_ip = r.first_ip AND t.last_ip = r.last_ip
        UNION ALL
        SELECT s.value, t.value, t.kind, t.holder, t.statement, t.held_from, t.held_until, t.source,
               locator(t.evidence, t.chain, t.start, t.length)
        FROM subjects s
        JOIN tenancies t ON t.kind = 'domain' AND (t.value = s.value OR t.value = registered_domain(s.value))
        WHERE s.kind = 'domain'
    )
    ORDER BY value, held_from, range, holder, source, at";

/// The latest few records of each; what was asked for was not seen in passing.
const RESOLUTIONS: &str = "
    SELECT value, other, first_seen, last_seen, others, at FROM (
        SELECT value, other, first_seen, last_seen, at, count(*) OVER (PARTITION BY value) AS others,
               row_number() OVER (PARTITION BY value ORDER BY last_seen DESC NULLS LAST, other, at) AS n
        FROM (
            SELECT s.value AS value, d.name AS other, d.first_seen AS first_seen, d.last_seen AS last_seen,
                   locator(d.evidence, d.chain, d.start, d.length) AS at
            FROM subjects s JOIN dns_observations d ON d.data = s.value
            WHERE s.kind = 'ip' AND d.type IN ('A', 'AAAA') AND NOT coalesce(d.asked, FALSE)
            UNION ALL
            SELECT s.value, d.data, d.first_seen, d.last_seen, locator(d.evidence, d.chain, d.start, d.length)
            FROM subjects s JOIN dns_observations d ON d.name = s.value
            WHERE s.kind = 'domain' AND d.type IN ('A', 'AAAA') AND d.data IS NOT NULL AND NOT coalesce(d.asked, FALSE)
        )
    )
    WHERE n <= 12
    ORDER BY value, n";

/// A feed of a million events says the same a million times: it is told once, with the number.
/// Persons are no actors: an identity goes out only if its import gave it a name, which persons have not.
const ACTOR_STATEMENTS: &str = "
    SELECT a.name, a.alias, a.country, a.source, max(a.stated) AS stated, count(*) AS times,
           min(locator(a.evidence, a.chain, a.start, a.length)) AS at
    FROM (
        SELECT * FROM actors WHERE NOT starts_with(coalesce(actor_ref, ''), 'identity--')
        UNION ALL
        SELECT i.* FROM actors i
        JOIN (SELECT DISTINCT evidence, ref FROM imported_objects WHERE type = 'identity' AND name IS NOT NULL) o
            ON o.evidence = i.evidence AND o.ref = i.actor_ref
        WHERE starts_with(i.actor_ref, 'identity--')
    ) a
    GROUP BY a.name, a.alias, a.country, a.source
    ORDER BY a.name, a.alias, a.source, a.country";

/// Techniques and tools that only feeds speak of are left in their table.
const BASE_RATES: &str = "
    SELECT b.* FROM base_rates b
    LEFT JOIN (SELECT DISTINCT value FROM \"values\" WHERE kind = 'attack') v ON v.value = b.value
    WHERE b.kind NOT IN ('technique', 'tool') OR v.value IS NOT NULL
    ORDER BY b.kind, b.actors DESC NULLS LAST, b.value";

const PLACEMENTS: &str = "SELECT kind, value, actor, addresses FROM placements ORDER BY kind, value, actor";

/// The network of an address that many share is its provider's, and says no more than the provider.
const SETTLED: &str = "
    SELECT campaign, kind, value, address, min(at) AS at
    FROM (
        SELECT c.campaign, o.origin_ip AS address, locator(o.evidence, o.chain, o.start, o.length) AS at,
               CASE WHEN a.shared_by IS NULL THEN 'asn' ELSE 'provider' END AS kind,
               coalesce(a.shared_by, 'AS' || a.asn) AS value
        FROM campaign_members c
        JOIN mail_origins o ON o.evidence = c.evidence AND o.chain = c.chain
        JOIN address_origins a ON a.value = o.origin_ip
    )
    WHERE value IS NOT NULL
    GROUP BY campaign, kind, value, address
    ORDER BY campaign, kind, value, address";

const NAME_MATCHES: &str = "
    SELECT name, role, ref AS reference, party, listed_name, source, stated, likeness, counts, why,
           locator(evidence, chain, start, length) AS at, listed_at, second_at
    FROM name_matches
    ORDER BY counts DESC, likeness DESC NULLS LAST, name, role, ref, at";
