WITH files AS (
    SELECT evidence, min(name) AS name,
        min(CASE WHEN strpos(name, '/') > 0 THEN substr_index(substr_index(name, '/', -2), '/', 1) END) AS folder
    FROM sources
    WHERE role = 'evidence'
    GROUP BY evidence
),
-- A fact about a site holds for the files below the folder that it names.
site_facts AS (
    SELECT s.evidence, f.fact, f.value
    FROM facts f
    JOIN files s ON f.subject IS NULL OR strpos('/' || s.name, '/' || f.subject || '/') > 0
    WHERE f.fact IN ('site-clock', 'client-address-field')
),
clocks AS (
    SELECT evidence, arrow_cast(max(try_cast(value AS DOUBLE)), 'Int64') AS seconds_ahead
    FROM site_facts
    WHERE fact = 'site-clock'
    GROUP BY evidence
),
declared AS (
    SELECT evidence, bool_or(strpos(lower(value), 'first') > 0) AS first_entry,
        bool_or(NOT regexp_like(value, '^(peer|peer_ip|remote_addr|c-ip)$', 'i')) AS behind
    FROM site_facts
    WHERE fact = 'client-address-field'
    GROUP BY evidence
),
proxied AS (
    SELECT evidence
    FROM web_requests
    GROUP BY evidence
    HAVING count(DISTINCT peer_ip) = 1 AND 2 * count(forwarded_for) > count(*)
)
SELECT coalesce(f.folder, r.host, 'site') AS site,
    r.time - arrow_cast(coalesce(k.seconds_ahead, 0), 'Duration(Second)') AS time,
    trim(CASE
        WHEN r.forwarded_for IS NOT NULL AND coalesce(d.behind, p.evidence IS NOT NULL)
            THEN split_part(r.forwarded_for, ',', CASE WHEN coalesce(d.first_entry, FALSE) THEN 1 ELSE -1 END)
        ELSE r.peer_ip
    END) AS client,
    r.method, r.path, r.query, r.status, r.bytes, r.referer, r.user_agent, r.cookie, r.host,
    r.evidence, r.chain, r.start, r.length
FROM web_requests r
JOIN files f ON f.evidence = r.evidence
LEFT JOIN clocks k ON k.evidence = r.evidence
LEFT JOIN declared d ON d.evidence = r.evidence
LEFT JOIN proxied p ON p.evidence = r.evidence
WHERE r.time IS NOT NULL
ORDER BY time, r.evidence, r.chain, r.start
