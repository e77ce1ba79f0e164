-- Mails that belong together because one persona writes them under a name that
-- no check covers.
--
-- A persona is a display name with a sender's domain. Personas that share
-- either are one campaign; the smallest name among them is handed on in fixed
-- rounds, which reaches everything at most eight steps away. A campaign has at
-- least five different messages and shows effort beyond one sender: two
-- envelope domains, two addresses, or ten messages. It also comes back to the
-- hosts that it has, with five messages or more for each two of them: ordinary
-- spam under a borrowed name takes a new host for nearly every message.
-- A persona's mail that nobody checked, such as one attached to a complaint,
-- belongs to it too, unless it declares itself bulk mail; its mail that a check
-- covers does not, since that is the party whose name is borrowed. A message
-- that carries a member, such as a complaint, is listed with it.
WITH written AS (
    SELECT m.evidence, m.chain, m.start, m.length, m.depth, m.message_id, m.from_name, m.from_domain, m.bulk, o.spoofed,
        o.origin_ip, coalesce(registered_domain(split_part(m.return_path, '@', 2)), '') AS envelope_domain,
        coalesce(registered_domain(m.from_domain), lower(m.from_domain)) AS domain,
        nullif(lower(trim(regexp_replace(coalesce(m.from_name, ''), '[\s"'']+', ' ', 'g'))), '') AS name,
        coalesce(m.message_id, m.evidence || '/' || m.chain) AS identity,
        regexp_replace(m.chain, '(^|/)(header|part|bytes|charset|line|csv|json|frame|box):.*$', '') AS outermost
    FROM messages m
    JOIN mail_origins o ON o.evidence = m.evidence AND o.chain = m.chain
    WHERE m.from_domain IS NOT NULL
),
-- A mail without a display name is known by its domain alone.
round_0 AS (
    SELECT DISTINCT domain, coalesce(name, domain) AS name, coalesce(name, domain) || '|' || domain AS label
    FROM written
    WHERE spoofed
),
round_1 AS (SELECT domain, name, min(label) OVER (PARTITION BY name) AS label FROM round_0),
round_2 AS (SELECT domain, name, min(label) OVER (PARTITION BY domain) AS label FROM round_1),
round_3 AS (SELECT domain, name, min(label) OVER (PARTITION BY name) AS label FROM round_2),
round_4 AS (SELECT domain, name, min(label) OVER (PARTITION BY domain) AS label FROM round_3),
round_5 AS (SELECT domain, name, min(label) OVER (PARTITION BY name) AS label FROM round_4),
round_6 AS (SELECT domain, name, min(label) OVER (PARTITION BY domain) AS label FROM round_5),
round_7 AS (SELECT domain, name, min(label) OVER (PARTITION BY name) AS label FROM round_6),
round_8 AS (SELECT domain, name, min(label) OVER (PARTITION BY domain) AS label FROM round_7),
grouped AS (
    SELECT w.*, r.label AS component
    FROM written w
    JOIN round_8 r ON r.domain = w.domain AND r.name = coalesce(w.name, w.domain)
    WHERE coalesce(w.spoofed, NOT coalesce(w.bulk, FALSE))
),
sized AS (
    SELECT component, count(DISTINCT identity) AS messages,
        count(DISTINCT nullif(envelope_domain, '')) AS envelope_domains, count(DISTINCT origin_ip) AS relays
    FROM grouped
    WHERE spoofed
    GROUP BY component
),
names AS (
    SELECT component, label FROM (
        SELECT component, label, row_number() OVER (PARTITION BY component ORDER BY uses DESC, label) AS place
        FROM (
            SELECT component, coalesce(nullif(trim(from_name), ''), domain) AS label, count(*) AS uses
            FROM grouped
            WHERE spoofed
            GROUP BY component, coalesce(nullif(trim(from_name), ''), domain)
        )
    )
    WHERE place = 1
),
campaigns AS (
    SELECT s.component, 'c-' || hash_id(n.label) AS campaign, n.label,
        s.messages || ' messages under this persona from ' || s.envelope_domains || ' envelope domains and '
            || s.relays || ' addresses' AS size
    FROM sized s
    JOIN names n ON n.component = s.component
    WHERE s.messages >= 5
        AND (s.envelope_domains >= 2 OR s.relays >= 2 OR s.messages >= 10)
        AND s.messages * 2 >= 5 * CASE WHEN s.envelope_domains = 0 THEN s.relays ELSE s.envelope_domains END
),
members AS (
    SELECT g.evidence, g.chain, g.start, g.length, g.depth, g.outermost, g.message_id, c.campaign, c.label,
        CASE WHEN g.spoofed THEN 'no check covers its sender; ' ELSE 'nobody checked its sender; ' END || c.size AS why
    FROM grouped g
    JOIN campaigns c ON c.component = g.component
),
carriers AS (
    SELECT DISTINCT w.evidence, w.chain, w.start, w.length, w.message_id, i.campaign, i.label,
        'carries a member, message ' || coalesce(i.message_id, 'without id') AS why
    FROM members i
    JOIN messages m ON m.evidence = i.evidence AND m.depth < i.depth
        AND starts_with(i.chain || '/', CASE WHEN m.chain = '' THEN '' ELSE m.chain || '/' END)
    JOIN written w ON w.evidence = m.evidence AND w.chain = m.chain AND w.outermost = i.outermost
    LEFT ANTI JOIN members n ON n.evidence = m.evidence AND n.chain = m.chain
)
SELECT evidence, chain, start, length, campaign, label, message_id, why FROM members
UNION ALL
SELECT evidence, chain, start, length, campaign, label, message_id, min(why) AS why
FROM carriers
GROUP BY evidence, chain, start, length, campaign, label, message_id
