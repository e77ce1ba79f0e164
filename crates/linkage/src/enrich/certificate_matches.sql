-- Certificates of the evidence whose key or digest a feed names.
--
-- A key says who set a server up only if the server is one of the case: the
-- certificate's name has to have led, by passive DNS, to an address that is
-- active in the case, in the time of that activity. The certificate has to be
-- of the tenant who was active: one that was issued before the lease began is
-- an earlier tenant's. An address that many share, or a key under the names of
-- more than five unrelated sites, as hosters' default keys are, names nobody.
-- Of several addresses the one that speaks for the match is taken. A digest in
-- more than a thousand statements is told in one row, as in `intel_matches`.
WITH held AS (
    SELECT c.* FROM certificates c
    JOIN (SELECT DISTINCT evidence FROM sources WHERE role = 'evidence') e ON e.evidence = c.evidence
),
versions AS (
    SELECT * FROM (
        SELECT i.*, row_number() OVER (
            PARTITION BY i.ref, i.kind, i.value ORDER BY i.stated DESC NULLS LAST, i.evidence, i.chain, i.start
        ) AS place
        FROM indicators i
        LEFT SEMI JOIN (
            SELECT spki_sha256 AS digest FROM held UNION SELECT cert_sha256 FROM held
        ) d ON d.digest = i.value
        WHERE i.kind IN ('md5', 'sha1', 'sha256', 'sha512')
    )
    WHERE place = 1 AND NOT coalesce(revoked, FALSE)
),
crowded AS (
    SELECT value, count(*) AS statements FROM versions GROUP BY value HAVING count(*) > 1000
),
latest AS (
    SELECT value, evidence, chain, start, length, ref, actor, source, confidence, valid_until, NULL AS statements
    FROM versions LEFT ANTI JOIN crowded ON crowded.value = versions.value
    UNION ALL
    SELECT value, evidence, chain, start, length, NULL, NULL, NULL, NULL, NULL, statements
    FROM (
        SELECT v.*, c.statements, row_number() OVER (PARTITION BY v.value ORDER BY v.evidence, v.chain, v.start) AS first
        FROM versions v JOIN crowded c ON c.value = v.value
    )
    WHERE first = 1
),
named AS (
    SELECT 'spki' AS match_kind, c.spki_sha256 AS digest, c.evidence, c.chain, c.start, c.length, c.name, c.not_before, c.spki_sha256, i.ref, i.actor, i.source,
        i.confidence, i.valid_until, i.statements,
        locator(i.evidence, i.chain, i.start, i.length) AS indicator_at
    FROM held c JOIN latest i ON i.value = c.spki_sha256
    UNION ALL
    SELECT 'certificate', c.cert_sha256, c.evidence, c.chain, c.start, c.length, c.name, c.not_before, c.spki_sha256, i.ref, i.actor, i.source,
        i.confidence, i.valid_until, i.statements,
        locator(i.evidence, i.chain, i.start, i.length)
    FROM held c JOIN latest i ON i.value = c.cert_sha256
),
sites AS (
    SELECT spki_sha256, count(DISTINCT coalesce(registered_domain(name), name)) AS sites
    FROM certificates
    WHERE spki_sha256 IS NOT NULL
    GROUP BY spki_sha256
),
active AS (
    SELECT value, first_seen, last_seen FROM "values"
    WHERE kind = 'ip' AND first_seen IS NOT NULL AND regexp_like(topics, '(^|,)(mail|web|leak|social|video)(,|$)')
),
-- A certificate for a site covers hosts below it, so that both directions of passive DNS are asked.
led AS (
    SELECT DISTINCT n.name, d.data AS address, d.first_seen, d.last_seen
    FROM (SELECT DISTINCT name FROM named) n
    JOIN dns_observations d ON d.name = n.name
    WHERE d.type IN ('A', 'AAAA')
),
leases AS (
    SELECT a.value AS address, max(t.held_from) AS held_from
    FROM active a
    JOIN tenancies t ON t.first_ip = range_first(a.value) AND t.last_ip = t.first_ip
    WHERE t.statement = 'lease' AND t.held_from <= a.last_seen
    GROUP BY a.value
),
shared AS (
    SELECT value, shared_class, shared_by FROM address_origins WHERE shared_class IS NOT NULL
),
warned AS (
    SELECT value, min(list) AS list FROM warning_matches WHERE kind = 'ip' GROUP BY value
),
judged AS (
    SELECT n.*, l.address, a.first_seen, a.last_seen,
        CASE
            WHEN n.statements > 0 THEN 'stands in ' || n.statements || ' statements, so it tells nobody from anybody'
            WHEN n.actor IS NULL THEN 'is known, but the statement names nobody'
            WHEN n.match_kind = 'spki' AND k.sites > 5
                THEN 'the key stands under ' || k.sites || ' unrelated sites, as a hoster''s own does'
            WHEN n.valid_until < n.not_before THEN 'the statement ended on ' || to_char(n.valid_until, '%Y-%m-%d')
                || ', before the certificate was issued on ' || to_char(n.not_before, '%Y-%m-%d')
            WHEN l.address IS NULL THEN 'no passive DNS says where ' || n.name || ' was'
            WHEN a.value IS NULL THEN n.name || ' was on ' || l.address || ', which is not active in the case'
            WHEN w.list IS NOT NULL THEN n.name || ' was on ' || l.address || ', which stands on the warninglist ' || w.list
            WHEN s.shared_class IS NOT NULL THEN n.name || ' was on ' || l.address || ', which many share (' || s.shared_class || ')'
            WHEN l.last_seen < a.first_seen OR l.first_seen > a.last_seen
                THEN n.name || ' was on ' || l.address || ' at another time than the case'
            WHEN n.not_before < t.held_from THEN 'the certificate was issued on ' || to_char(n.not_before, '%Y-%m-%d')
                || ', before the present tenant of ' || l.address || ' came on ' || to_char(t.held_from, '%Y-%m-%d')
        END AS objection
    FROM named n
    LEFT JOIN sites k ON k.spki_sha256 = n.spki_sha256
    LEFT JOIN led l ON l.name = n.name
    LEFT JOIN active a ON a.value = l.address
    LEFT JOIN shared s ON s.value = l.address
    LEFT JOIN warned w ON w.value = l.address
    LEFT JOIN leases t ON t.address = l.address
),
best AS (
    SELECT *, row_number() OVER (
        PARTITION BY evidence, chain, start, name, match_kind, ref
        ORDER BY objection IS NOT NULL, first_seen IS NULL, address, objection
    ) AS place
    FROM judged
)
SELECT evidence, chain, start, length, match_kind AS kind, digest AS value, name, address, ref, actor, source, confidence,
    not_before,
    objection IS NULL AS counts,
    coalesce(objection, 'the certificate of ' || name || ' was issued on ' || to_char(not_before, '%Y-%m-%d')
        || ', and the name led to ' || address || ' while that was active in the case') AS why,
    indicator_at
FROM best
WHERE place = 1
