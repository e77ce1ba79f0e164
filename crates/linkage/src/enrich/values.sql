-- Distinct accepted values of the evidence, each with its first place, how far
-- it spreads, and when it was seen.
--
-- Intel files are not evidence, so what they hold is no value of the case. A
-- value in a mail is dated by the topmost Received header of the innermost
-- message around it, since the Date header is the sender's to choose. A client
-- address is dated by its requests, with the declared error of the site's clock
-- taken off. Other values carry no date.
WITH evidence_files AS (
    SELECT evidence, array_agg(DISTINCT topic) AS topics, count(DISTINCT name) AS files
    FROM sources
    WHERE role = 'evidence'
    GROUP BY evidence
),
-- A fact about a site holds for the files below the folder that it names.
site_facts AS (
    SELECT s.evidence, f.fact, f.value
    FROM context_facts f
    JOIN sources s ON f.subject IS NULL OR strpos('/' || s.name, '/' || f.subject || '/') > 0
    WHERE f.fact IN ('site-clock', 'client-address-field') AND s.role = 'evidence'
),
clocks AS (
    SELECT evidence, arrow_cast(max(try_cast(value AS DOUBLE)), 'Int64') AS seconds_ahead
    FROM site_facts
    WHERE fact = 'site-clock'
    GROUP BY evidence
),
forwarded AS (
    SELECT evidence, bool_or(strpos(lower(value), 'first') > 0) AS first_entry
    FROM site_facts
    WHERE fact = 'client-address-field' AND NOT regexp_like(value, '^(peer|peer_ip|remote_addr|c-ip)$', 'i')
    GROUP BY evidence
),
-- Aggregated before anything is joined, since logs are by far the largest table.
clients AS (
    SELECT evidence, chain, peer_ip AS value, count(*) AS requests, min(start) AS start,
        first_value(length ORDER BY start) AS length, min(time) AS first_seen, max(time) AS last_seen
    FROM web_requests
    WHERE peer_ip IS NOT NULL
    GROUP BY evidence, chain, peer_ip
    UNION ALL
    SELECT evidence, chain, value, count(*), min(start), first_value(length ORDER BY start), min(time), max(time)
    FROM (
        SELECT r.evidence, r.chain, r.start, r.length, r.time,
            trim(split_part(r.forwarded_for, ',', CASE WHEN f.first_entry THEN 1 ELSE -1 END)) AS value
        FROM web_requests r
        JOIN forwarded f ON f.evidence = r.evidence
        WHERE r.forwarded_for IS NOT NULL
    )
    GROUP BY evidence, chain, value
),
mentions AS (
    SELECT o.evidence, o.chain, o.start, o.length, o.kind, o.value, o.count,
        regexp_replace(o.chain, '(^|/)(header|part|bytes|charset|line|csv|json|frame|box):.*$', '') AS outermost
    FROM observables o
    WHERE o.status = 'accepted' AND o.role IS DISTINCT FROM 'name'
),
-- A log line is read twice, once as text and once as a request: the larger count is the true one.
per_file AS (
    SELECT kind, value, evidence, min(chain) AS chain, first_value(start ORDER BY chain, start) AS start,
        first_value(length ORDER BY chain, start, length) AS length,
        greatest(coalesce(sum(in_text), 0), coalesce(sum(as_client), 0)) AS occurrences
    FROM (
        SELECT kind, value, evidence, chain, start, length, arrow_cast(count, 'Int64') AS in_text, arrow_cast(NULL, 'Int64') AS as_client
        FROM mentions
        UNION ALL
        SELECT 'ip', value, evidence, chain, start, length, NULL, requests
        FROM clients
        WHERE ip_key(value) IS NOT NULL
    )
    GROUP BY kind, value, evidence
),
messages_dated AS (
    SELECT m.evidence, m.chain, m.depth, coalesce(h.date, m.date) AS seen,
        regexp_replace(m.chain, '(^|/)(header|part|bytes|charset|line|csv|json|frame|box):.*$', '') AS outermost
    FROM messages m
    LEFT JOIN hops h ON h.evidence = m.evidence AND h.message = m.chain AND h.position = 0
),
attached AS (
    SELECT * FROM messages_dated WHERE depth > 0
),
dates AS (
    SELECT t.kind, t.value, a.seen AS first_seen, a.seen AS last_seen
    FROM mentions t
    JOIN attached a
        ON a.evidence = t.evidence AND a.outermost = t.outermost AND starts_with(t.chain || '/', a.chain || '/')
    UNION ALL
    SELECT t.kind, t.value, m.seen AS first_seen, m.seen AS last_seen
    FROM mentions t
    JOIN messages_dated m ON m.depth = 0 AND m.evidence = t.evidence AND m.chain = t.outermost
    WHERE NOT EXISTS (
        SELECT 1
        FROM attached a
        WHERE a.evidence = t.evidence AND a.outermost = t.outermost AND starts_with(t.chain || '/', a.chain || '/')
    )
    UNION ALL
    SELECT 'ip', c.value,
        c.first_seen - arrow_cast(coalesce(k.seconds_ahead, 0), 'Duration(Second)'),
        c.last_seen - arrow_cast(coalesce(k.seconds_ahead, 0), 'Duration(Second)')
    FROM clients c
    LEFT JOIN clocks k ON k.evidence = c.evidence
),
spans AS (
    SELECT kind, value, min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM dates
    GROUP BY kind, value
),
topics AS (
    SELECT kind, value, array_to_string(array_sort(array_agg(DISTINCT topic)), ',') AS topics
    FROM (SELECT p.kind, p.value, unnest(e.topics) AS topic FROM per_file p JOIN evidence_files e ON e.evidence = p.evidence)
    GROUP BY kind, value
),
spread AS (
    SELECT p.kind, p.value, min(p.evidence) AS evidence, first_value(p.chain ORDER BY p.evidence) AS chain,
        first_value(p.start ORDER BY p.evidence) AS start, first_value(p.length ORDER BY p.evidence) AS length,
        sum(e.files) AS sources, sum(p.occurrences) AS occurrences
    FROM per_file p
    JOIN evidence_files e ON e.evidence = p.evidence
    GROUP BY p.kind, p.value
)
SELECT s.evidence, s.chain, s.start, s.length, s.kind, s.value, t.topics, s.sources, s.occurrences,
    d.first_seen, d.last_seen
FROM spread s
JOIN topics t ON t.kind = s.kind AND t.value = s.value
LEFT JOIN spans d ON d.kind = s.kind AND d.value = s.value
