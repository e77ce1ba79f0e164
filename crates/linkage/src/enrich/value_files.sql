-- Distinct accepted values of each evidence file, with their first place there
-- and how often they stand in it.
--
-- A client address is a value of a log and is dated by its requests, with the
-- declared error of the site's clock taken off. Logs are by far the largest
-- tables, so they are counted down to distinct values here, once, and no later
-- rule reads them for it.
WITH evidence_files AS (
    SELECT DISTINCT evidence FROM sources WHERE role = 'evidence'
),
-- A fact about a site holds for the files below the folder that it names.
site_facts AS (
    SELECT s.evidence, f.fact, f.value
    FROM facts f
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
-- Aggregated before anything is joined, since logs are by far the largest table. A line is
-- shorter than 1 MiB, so one number holds its place and its length, and the smallest is the first.
counted AS (
    SELECT evidence, chain, peer_ip AS value, count(*) AS requests,
        min(start * arrow_cast(1048576, 'UInt64') + length) AS place, min(time) AS first_seen, max(time) AS last_seen
    FROM web_requests
    WHERE peer_ip IS NOT NULL
    GROUP BY evidence, chain, peer_ip
    UNION ALL
    SELECT evidence, chain, value, count(*), min(start * arrow_cast(1048576, 'UInt64') + length), min(time), max(time)
    FROM (
        SELECT r.evidence, r.chain, r.start, r.length, r.time,
            trim(split_part(r.forwarded_for, ',', CASE WHEN f.first_entry THEN 1 ELSE -1 END)) AS value
        FROM web_requests r
        JOIN forwarded f ON f.evidence = r.evidence
        WHERE r.forwarded_for IS NOT NULL
    )
    GROUP BY evidence, chain, value
),
clients AS (
    SELECT evidence, chain, value, requests, place / arrow_cast(1048576, 'UInt64') AS start,
        place % arrow_cast(1048576, 'UInt64') AS length, first_seen, last_seen
    FROM counted
),
found AS (
    SELECT kind, value, evidence, chain, start, length, arrow_cast(count, 'Int64') AS in_text,
        arrow_cast(NULL, 'Int64') AS as_client, NULL AS first_seen, NULL AS last_seen
    FROM observables
    WHERE status = 'accepted' AND role IS DISTINCT FROM 'name'
    UNION ALL
    SELECT 'ip', c.value, c.evidence, c.chain, c.start, c.length, NULL, c.requests,
        c.first_seen - arrow_cast(coalesce(k.seconds_ahead, 0), 'Duration(Second)'),
        c.last_seen - arrow_cast(coalesce(k.seconds_ahead, 0), 'Duration(Second)')
    FROM clients c
    LEFT JOIN clocks k ON k.evidence = c.evidence
    WHERE ip_key(c.value) IS NOT NULL
)
-- A log line is read twice, once as text and once as a request: the larger count is the true one.
SELECT f.evidence, min(f.chain) AS chain, first_value(f.start ORDER BY f.chain, f.start) AS start,
    first_value(f.length ORDER BY f.chain, f.start, f.length) AS length, f.kind, f.value,
    greatest(coalesce(sum(f.in_text), 0), coalesce(sum(f.as_client), 0)) AS occurrences,
    min(f.first_seen) AS first_seen, max(f.last_seen) AS last_seen
FROM found f
JOIN evidence_files e ON e.evidence = f.evidence
GROUP BY f.kind, f.value, f.evidence
