-- Mails that belong together because they are written under names that no check
-- covers, by one persona or with one text and path.
--
-- Personas are one campaign if they share a sender's domain, or marks of different
-- kinds: a display name with an address, an envelope's domain or a host; a display name
-- with a text and the habits of a program; or what can be copied (text, link, tracking
-- id, picture) from one machine.
-- A display name alone ties what is too small to stand by itself. Through what a
-- persona is tied to others stands in the reason of each of its messages.
-- A campaign has at least five different messages and shows effort beyond one sender:
-- two envelope domains, two addresses, or ten messages. It also comes back to the
-- hosts that it has, with five messages or more for each two of them: ordinary
-- spam under a borrowed name takes a new host for nearly every message.
-- A persona's mail that nobody checked, such as one attached to a complaint,
-- belongs to it too, and so does unchecked mail with a text of the campaign, unless
-- it declares itself bulk mail; mail that a check covers does not, since that is the
-- party whose name is borrowed, or somebody who quotes. A message that carries a
-- member, such as a complaint, is listed with it.
WITH written AS (
    SELECT m.evidence, m.chain, m.start, m.length, m.depth, m.message_id, m.from_name, m.bulk, p.spoofed, o.origin_ip,
        coalesce(registered_domain(split_part(m.return_path, '@', 2)), '') AS envelope_domain,
        p.persona_domain, p.persona_name, p.text_group, r.component, r.tie,
        coalesce(m.copy_key, m.evidence || '/' || m.chain) AS identity,
        regexp_replace(m.chain, '(^|/)(header|part|bytes|charset|line|csv|json|frame|box):.*$', '') AS outermost
    FROM messages m
    JOIN mail_personas p ON p.evidence = m.evidence AND p.chain = m.chain
    JOIN mail_origins o ON o.evidence = m.evidence AND o.chain = m.chain
    LEFT JOIN persona_groups r ON r.domain = p.persona_domain AND r.name = p.persona_name
),
-- A text belongs to the campaign that sends it most, and to none if covered senders send it too.
texts AS (
    SELECT text_group, component FROM (
        SELECT text_group, component, row_number() OVER (PARTITION BY text_group ORDER BY count(*) DESC, component) AS place
        FROM written
        WHERE spoofed AND text_group IS NOT NULL
        GROUP BY text_group, component
    )
    WHERE place = 1 AND text_group NOT IN (SELECT text_group FROM written WHERE spoofed = FALSE AND text_group IS NOT NULL)
),
grouped AS (
    SELECT w.evidence, w.chain, w.start, w.length, w.depth, w.message_id, w.from_name, w.spoofed, w.origin_ip,
        w.envelope_domain, w.persona_domain, w.identity, w.outermost, w.text_group,
        coalesce(w.component, t.component) AS component, w.component IS NULL AS by_text, nullif(w.tie, '') AS tie
    FROM written w
    LEFT JOIN texts t ON t.text_group = w.text_group
    WHERE coalesce(w.spoofed, NOT coalesce(w.bulk, FALSE)) AND coalesce(w.component, t.component) IS NOT NULL
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
            SELECT component, coalesce(nullif(trim(from_name), ''), persona_domain) AS label, count(*) AS uses
            FROM grouped
            WHERE spoofed
            GROUP BY component, coalesce(nullif(trim(from_name), ''), persona_domain)
        )
    )
    WHERE place = 1
),
campaigns AS (
    -- Two campaigns may go by one name.
    SELECT s.component, n.label,
        'c-' || hash_id(CASE WHEN count(*) OVER (PARTITION BY n.label) = 1 THEN n.label ELSE n.label || '|' || s.component END) AS campaign,
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
        CASE WHEN g.spoofed THEN 'no check covers its sender; ' ELSE 'nobody checked its sender; ' END
            || CASE WHEN g.by_text THEN 'it says what the campaign says; ' ELSE '' END
            || coalesce('tied to other senders by ' || g.tie || '; ', '') || c.size AS why
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
