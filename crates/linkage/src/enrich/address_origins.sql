-- The longest known prefix around each address of the case, and the shared
-- range around it if there is one.
--
-- A catch-all row of a prefix table is just a short prefix: it answers only
-- where nothing longer does. Of two systems that announce the same prefix the
-- later announcement is taken, then the lower number.
WITH addresses AS (
    SELECT evidence, chain, start, length, value FROM "values" WHERE kind = 'ip'
),
lengths AS (
    SELECT DISTINCT CASE WHEN strpos(prefix, '/') > 0 THEN '/' || split_part(prefix, '/', 2) ELSE '' END AS length
    FROM (SELECT prefix FROM prefixes UNION ALL SELECT prefix FROM shared_ranges)
),
ranges AS (
    SELECT a.value, range_first(a.value || l.length) AS first_ip, range_last(a.value || l.length) AS last_ip
    FROM addresses a
    CROSS JOIN lengths l
),
routed AS (
    SELECT r.value, p.prefix, p.asn, p.name, p.country,
        row_number() OVER (
            PARTITION BY r.value
            ORDER BY p.first_ip DESC, p.last_ip, p.first_seen DESC NULLS LAST, p.asn, p.name, p.country, p.prefix
        ) AS place
    FROM ranges r
    JOIN prefixes p ON p.first_ip = r.first_ip AND p.last_ip = r.last_ip
),
shared AS (
    SELECT r.value, s.class, s.provider,
        row_number() OVER (
            PARTITION BY r.value ORDER BY s.first_ip DESC, s.last_ip, s.class NULLS LAST, s.provider NULLS LAST
        ) AS place
    FROM ranges r
    JOIN shared_ranges s ON s.first_ip = r.first_ip AND s.last_ip = r.last_ip
)
SELECT a.evidence, a.chain, a.start, a.length, a.value, p.prefix, p.asn, p.name, p.country,
    CASE WHEN s.value IS NOT NULL THEN coalesce(s.class, 'shared') END AS shared_class, s.provider AS shared_by
FROM addresses a
LEFT JOIN routed p ON p.value = a.value AND p.place = 1
LEFT JOIN shared s ON s.value = a.value AND s.place = 1
WHERE p.value IS NOT NULL OR s.value IS NOT NULL
