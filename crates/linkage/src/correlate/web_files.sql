WITH files AS (
    SELECT evidence, min(CASE WHEN strpos(name, '/') > 0 THEN substr_index(substr_index(name, '/', -2), '/', 1) END) AS folder
    FROM sources
    WHERE role = 'evidence'
    GROUP BY evidence
),
proxied AS (
    SELECT evidence
    FROM web_requests
    GROUP BY evidence
    HAVING min(peer_ip) = max(peer_ip) AND 2 * count(forwarded_for) > count(*)
)
SELECT f.evidence, f.folder, p.evidence IS NOT NULL AS proxied
FROM files f
LEFT JOIN proxied p ON p.evidence = f.evidence
