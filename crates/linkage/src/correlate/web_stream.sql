WITH files AS (
    SELECT evidence, min(name) AS name,
        min(CASE WHEN strpos(name, '/') > 0 THEN substr_index(substr_index(name, '/', -2), '/', 1) END) AS folder
    FROM sources
    WHERE role = 'evidence'
    GROUP BY evidence
),
proxied AS (
    SELECT evidence
    FROM web_requests
    GROUP BY evidence
    HAVING count(DISTINCT peer_ip) = 1 AND 2 * count(forwarded_for) > count(*)
)
SELECT coalesce(f.folder, r.host, 'site') AS site, r.time, r.peer_ip, r.forwarded_for,
    CASE WHEN p.evidence IS NOT NULL THEN 'yes' END AS proxied, r.method, r.path, r.query, r.status, r.bytes, r.referer,
    r.user_agent, r.cookie, r.host, r.evidence, r.chain, r.start, r.length
FROM web_requests r
JOIN files f ON f.evidence = r.evidence
LEFT JOIN proxied p ON p.evidence = r.evidence
WHERE r.time IS NOT NULL
