-- Values that stand on a warninglist, by the meaning that MISP gives each type
-- of list: `cidr` holds addresses, `string` is equality, `hostname` covers the
-- name and everything below it, `substring` is containment.
--
-- Ranges are found by equality: for each prefix length that occurs in the lists
-- the first address of the value's own range is looked up, so that large lists
-- cost a hash join and not a comparison of all pairs.
WITH lengths AS (
    SELECT DISTINCT CASE WHEN strpos(entry, '/') > 0 THEN '/' || split_part(entry, '/', 2) ELSE '' END AS length
    FROM warnings
    WHERE type = 'cidr' AND first_ip IS NOT NULL
),
ranges AS (
    SELECT v.kind, v.value, range_first(v.value || l.length) AS first_ip, range_last(v.value || l.length) AS last_ip
    FROM "values" v
    CROSS JOIN lengths l
    WHERE v.kind = 'ip'
),
names AS (
    SELECT kind, value, lower(value) AS host FROM "values" WHERE kind IN ('domain', 'hostname')
    UNION ALL
    SELECT kind, value, lower(regexp_replace(value, '^[a-zA-Z][a-zA-Z0-9+.-]*://([^/@]*@)?([^/:?#]*).*$', '\2'))
    FROM "values"
    WHERE kind = 'url'
    UNION ALL
    SELECT kind, value, lower(split_part(value, '@', 2)) FROM "values" WHERE kind = 'email'
),
-- A name has at most 127 labels, and lists name few of them: eight levels are looked at.
suffixes AS (
    SELECT DISTINCT n.kind, n.value, substr_index(n.host, '.', -l.labels) AS suffix
    FROM names n
    CROSS JOIN (VALUES (1), (2), (3), (4), (5), (6), (7), (8)) AS l (labels)
),
hits AS (
    SELECT r.kind, r.value, w.list, w.evidence, w.chain, w.start, w.length
    FROM ranges r
    JOIN warnings w ON w.first_ip = r.first_ip AND w.last_ip = r.last_ip
    WHERE w.type = 'cidr'
    UNION ALL
    SELECT v.kind, v.value, w.list, w.evidence, w.chain, w.start, w.length
    FROM "values" v
    JOIN warnings w ON lower(w.entry) = lower(v.value)
    WHERE w.type = 'string'
    UNION ALL
    SELECT s.kind, s.value, w.list, w.evidence, w.chain, w.start, w.length
    FROM suffixes s
    JOIN warnings w ON lower(ltrim(w.entry, '.')) = s.suffix
    WHERE w.type = 'hostname'
    UNION ALL
    SELECT v.kind, v.value, w.list, w.evidence, w.chain, w.start, w.length
    FROM "values" v
    JOIN warnings w ON strpos(lower(v.value), lower(w.entry)) > 0
    WHERE w.type = 'substring' AND w.entry <> ''
    UNION ALL
    SELECT v.kind, v.value, w.list, w.evidence, w.chain, w.start, w.length
    FROM warning_patterns p
    JOIN warnings w ON w.type = 'regex' AND w.entry = p.entry
    JOIN "values" v ON regexp_like(v.value, p.pattern)
)
SELECT v.evidence, v.chain, v.start, v.length, h.kind, h.value, h.list,
    min(locator(h.evidence, h.chain, h.start, h.length)) AS warning_at
FROM hits h
JOIN "values" v ON v.kind = h.kind AND v.value = h.value
GROUP BY v.evidence, v.chain, v.start, v.length, h.kind, h.value, h.list
