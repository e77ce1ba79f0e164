-- Values that tie two kinds of evidence, or evidence and intel.
--
-- A mail's end of a link lies in a message of a campaign: a value that stands
-- in other people's mail ties that mail to something, not the operation, so
-- such pairs are left out. In a campaign's messages a Received header speaks
-- only for the hop that the receiver wrote and for the origin of the path;
-- below that its lines can be invented. A value that stands in more mails
-- outside the campaign than in it, or in one of twenty of all, explains nothing
-- and says so, as do values on warninglists, in shared ranges, and those that
-- belong to the investigator's own side.
--
-- Log lines and passive DNS hold most of the net, so that standing in both says
-- nothing. A provider's letter is another matter: it says who rented one address
-- from when to when, and ties to hosting those requests that fall into the lease.
-- A certificate ties hosting to intel where its key is known and its name led to
-- an address of the case (`certificate_matches`).
WITH mail_files AS (
    SELECT DISTINCT evidence FROM sources WHERE role = 'evidence' AND topic = 'mail'
),
telling AS (
    SELECT * FROM "values"
    WHERE kind IN (
        'ip', 'domain', 'url', 'email', 'md5', 'sha1', 'sha256', 'sha512', 'windows-path', 'unix-path', 'filename',
        'username', 'hostname', 'mac', 'wallet', 'tracker'
    )
),
places AS (
    SELECT o.evidence, o.chain, o.start, o.length, o.kind, o.value,
        regexp_replace(o.chain, '(^|/)(header|part|bytes|charset|line|csv|json|frame|box):.*$', '') AS outermost
    FROM observables o
    JOIN mail_files f ON f.evidence = o.evidence
    WHERE o.status = 'accepted'
),
members AS (
    SELECT c.evidence, c.chain, m.origin_ip,
        regexp_replace(c.chain, '(^|/)(header|part|bytes|charset|line|csv|json|frame|box):.*$', '') AS outermost
    FROM campaign_members c
    JOIN mail_origins m ON m.evidence = c.evidence AND m.chain = c.chain
    WHERE NOT starts_with(c.why, 'carries a member')
),
campaign_places AS (
    SELECT p.evidence, p.chain, p.start, p.length, p.kind, p.value, p.outermost
    FROM places p
    JOIN members m ON m.evidence = p.evidence AND m.outermost = p.outermost
        AND (m.chain = '' OR p.chain = m.chain OR starts_with(p.chain, m.chain || '/'))
    WHERE NOT regexp_like(p.chain, 'header:received\[[0-9]+\]', 'i')
        OR regexp_like(p.chain, 'header:received\[0\]', 'i')
        OR p.value = m.origin_ip
),
inside AS (
    SELECT kind, value, count(DISTINCT evidence || '/' || outermost) AS messages,
        min(locator(evidence, chain, start, length)) AS place
    FROM campaign_places
    GROUP BY kind, value
),
mails AS (
    SELECT count(*) AS total FROM messages WHERE depth = 0
),
everywhere AS (
    SELECT p.kind, p.value, count(DISTINCT p.evidence || '/' || p.outermost) AS messages
    FROM places p
    JOIN inside i ON i.kind = p.kind AND i.value = p.value
    GROUP BY p.kind, p.value
),
-- The first place of each value in each topic, for values that more than one topic holds.
file_topics AS (
    SELECT DISTINCT evidence, topic
    FROM sources
    WHERE role = 'evidence' AND topic IN ('mail', 'web', 'leak', 'social', 'video', 'hosting')
),
topic_places AS (
    SELECT f.topic, p.kind, p.value, p.evidence, p.chain, p.start, p.length
    FROM value_files p
    JOIN file_topics f ON f.evidence = p.evidence
    JOIN telling t ON t.kind = p.kind AND t.value = p.value
    WHERE f.topic <> 'mail' AND strpos(t.topics, ',') > 0
    UNION ALL
    SELECT 'mail', c.kind, c.value, c.evidence, c.chain, c.start, c.length
    FROM campaign_places c
    JOIN telling t ON t.kind = c.kind AND t.value = c.value
),
ends AS (
    SELECT * FROM (
        SELECT topic, kind, value, evidence, chain, start, length,
            CASE topic WHEN 'mail' THEN 1 WHEN 'web' THEN 2 WHEN 'leak' THEN 3 WHEN 'social' THEN 4 WHEN 'video' THEN 5
                ELSE 6 END AS rank,
            row_number() OVER (PARTITION BY topic, kind, value ORDER BY evidence, chain, start, length) AS place
        FROM topic_places
    )
    WHERE place = 1
),
-- Addresses and ranges of the investigator's own side, found by equality for each prefix length in use.
own_lengths AS (
    SELECT DISTINCT '/' || split_part(value, '/', 2) AS length
    FROM facts
    WHERE fact IN ('known-reader', 'authorised-scanner') AND strpos(value, '/') > 0
    UNION
    SELECT ''
),
own AS (
    SELECT 'ip' AS kind, a.value, min(f.fact) AS fact
    FROM (SELECT DISTINCT value FROM ends WHERE kind = 'ip') a
    CROSS JOIN own_lengths l
    JOIN facts f
        ON range_first(f.value) = range_first(a.value || l.length) AND range_last(f.value) = range_last(a.value || l.length)
    WHERE f.fact IN ('known-reader', 'authorised-scanner')
    GROUP BY a.value
    UNION ALL
    SELECT a.kind, a.value, min(f.fact)
    FROM (
        SELECT DISTINCT kind, value, CASE kind
            WHEN 'url' THEN lower(regexp_replace(value, '^[a-zA-Z][a-zA-Z0-9+.-]*://([^/@]*@)?([^/:?#]*).*$', '\2'))
            WHEN 'email' THEN lower(split_part(value, '@', 2))
            ELSE lower(value) END AS host
        FROM ends
        WHERE kind IN ('domain', 'hostname', 'url', 'email')
    ) a
    JOIN facts f ON a.host = lower(f.value) OR (f.fact = 'own-domain' AND ends_with(a.host, '.' || lower(f.value)))
    WHERE f.fact IN ('own-domain', 'trusted-host', 'site')
    GROUP BY a.kind, a.value
),
warned AS (
    SELECT kind, value, min(list) AS list FROM warning_matches GROUP BY kind, value
),
shared AS (
    SELECT value, shared_class, shared_by FROM address_origins
    WHERE shared_class IS NOT NULL AND shared_class <> 'data-centre'
),
cover AS (
    SELECT DISTINCT value FROM web_addresses WHERE cover
),
pairs AS (
    SELECT a.evidence, a.chain, a.start, a.length, a.kind, a.value, a.topic AS from_topic, b.topic AS to_topic,
        locator(b.evidence, b.chain, b.start, b.length) AS other_at
    FROM ends a
    JOIN ends b ON b.kind = a.kind AND b.value = a.value AND b.rank > a.rank
    -- Log lines and passive DNS name most of the net: together they say nothing without a third.
    WHERE NOT (a.topic = 'web' AND b.topic = 'hosting')
),
weighed AS (
    SELECT p.*, t.sources, t.occurrences, i.messages AS inside_messages,
        CASE
            WHEN w.list IS NOT NULL THEN 'stands on the warninglist ' || w.list || ', so it identifies nobody'
            WHEN s.shared_class IS NOT NULL THEN 'lies in a range that many share (' || s.shared_class
                || coalesce(' of ' || s.shared_by, '') || '), so it says nothing about who used it'
            WHEN o.fact IS NOT NULL THEN 'is declared as ' || o.fact
            WHEN k.value IS NOT NULL THEN 'lies in a network where an attacker used listed exits, so it is held to be cover too'
            WHEN p.from_topic = 'mail' AND e.messages - i.messages > i.messages THEN 'stands in '
                || (e.messages - i.messages) || ' mails outside the campaign and in ' || i.messages || ' of it'
            WHEN p.from_topic = 'mail' AND (e.messages - i.messages) * 20 > m.total THEN 'stands in '
                || (e.messages - i.messages) || ' of ' || m.total || ' mails outside the campaign'
        END AS objection
    FROM pairs p
    CROSS JOIN mails m
    JOIN telling t ON t.kind = p.kind AND t.value = p.value
    LEFT JOIN inside i ON i.kind = p.kind AND i.value = p.value
    LEFT JOIN everywhere e ON e.kind = p.kind AND e.value = p.value
    LEFT JOIN warned w ON w.kind = p.kind AND w.value = p.value
    LEFT JOIN shared s ON s.value = p.value AND p.kind = 'ip'
    LEFT JOIN own o ON o.kind = p.kind AND o.value = p.value
    LEFT JOIN cover k ON k.value = p.value AND p.kind = 'ip'
),
to_intel AS (
    SELECT x.*, i.place, t.topics,
        CASE
            WHEN i.value IS NOT NULL THEN 'mail'
            WHEN strpos(',' || t.topics || ',', ',web,') > 0 THEN 'web'
            WHEN strpos(',' || t.topics || ',', ',leak,') > 0 THEN 'leak'
            WHEN strpos(',' || t.topics || ',', ',social,') > 0 THEN 'social'
            WHEN strpos(',' || t.topics || ',', ',video,') > 0 THEN 'video'
            ELSE 'mail'
        END AS from_topic
    FROM intel_matches x
    JOIN "values" t ON t.kind = x.kind AND t.value = x.value
    LEFT JOIN inside i ON i.kind = x.kind AND i.value = x.value
),
-- An address that a provider says was rented, and that made requests.
rented AS (
    SELECT p.evidence, p.chain, p.start, p.length, p.value, p.first_seen, p.last_seen, t.holder, t.held_from, t.held_until,
        locator(t.evidence, t.chain, t.start, t.length) AS other_at
    FROM tenancies t
    JOIN sources h ON h.evidence = t.evidence AND h.role = 'evidence' AND h.topic = 'hosting'
    JOIN value_files p ON p.kind = 'ip' AND p.value = t.value
    JOIN file_topics f ON f.evidence = p.evidence AND f.topic = 'web'
    WHERE t.statement = 'lease' AND t.kind = 'ip' AND t.held_from IS NOT NULL AND p.first_seen IS NOT NULL
),
rentals AS (
    SELECT * FROM (
        SELECT r.*, CASE
                WHEN w.list IS NOT NULL THEN 'stands on the warninglist ' || w.list || ', so it identifies nobody'
                WHEN s.shared_class IS NOT NULL THEN 'lies in a range that many share (' || s.shared_class || ')'
                WHEN r.last_seen < r.held_from THEN 'made requests only before the lease began on '
                    || to_char(r.held_from, '%Y-%m-%d')
                WHEN r.first_seen > r.held_until THEN 'made requests only after the lease ended on '
                    || to_char(r.held_until, '%Y-%m-%d')
            END AS objection,
            row_number() OVER (
                PARTITION BY r.value, r.other_at
                ORDER BY r.last_seen < r.held_from OR coalesce(r.first_seen > r.held_until, FALSE), r.first_seen, r.evidence
            ) AS place
        FROM rented r
        LEFT JOIN warned w ON w.kind = 'ip' AND w.value = r.value
        LEFT JOIN shared s ON s.value = r.value
    )
    WHERE place = 1
)
SELECT evidence, chain, start, length, kind, value, from_topic, to_topic, NULL AS ref, NULL AS actor,
    objection IS NULL AS counts,
    coalesce(objection, 'stands in ' || CASE WHEN from_topic = 'mail' THEN inside_messages || ' of the campaign''s messages and in '
        ELSE '' END || to_topic || ', in ' || sources || ' files and ' || occurrences || ' places in all') AS why,
    other_at
FROM weighed
UNION ALL
SELECT x.evidence, x.chain, x.start, x.length, x.kind, x.value, x.from_topic, 'intel', x.ref, x.actor,
    x.counts AND (x.from_topic <> 'mail' OR x.place IS NOT NULL),
    CASE
        WHEN x.counts AND x.from_topic = 'mail' AND x.place IS NULL
            THEN 'stands only in mails outside any campaign, or below the part of a path that holds'
        ELSE x.why
    END, x.indicator_at
FROM to_intel x
UNION ALL
SELECT evidence, chain, start, length, 'ip', value, 'web', 'hosting', NULL, NULL, objection IS NULL,
    coalesce(objection, 'was rented by ' || coalesce(holder, 'one customer') || ' from ' || to_char(held_from, '%Y-%m-%d')
        || ' on, as the provider says, and made requests in that time'),
    other_at
FROM rentals
UNION ALL
SELECT evidence, chain, start, length, kind, value, 'hosting', 'intel', ref, actor, counts, why, indicator_at
FROM certificate_matches
UNION ALL
-- A listed party is named by the list's reference alone: parties are persons too.
SELECT evidence, chain, start, length, 'name' AS kind, ref AS value, topic, 'intel', ref AS listed_ref,
    'listed party ' || ref AS actor, counts, why, listed_at
FROM name_matches
WHERE ref IS NOT NULL
