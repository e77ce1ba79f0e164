-- The longest known prefix around each address of the case, and the shared
-- range around it if there is one.
--
-- A catch-all row of a prefix table is just a short prefix: it answers only
-- where nothing longer does. Of two systems that announce the same prefix the
-- later announcement is taken, then the lower number.
--
-- A database of countries alone has longer prefixes than one of systems: it gives
-- the country where the other has none, and never the system. Where a hoster's
-- range holds an exit, the exit is what is told.
--
-- Lists of exits have holes. Where at least two listed exits of one provider, and
-- most addresses of all, have names under one registered domain in passive DNS,
-- that domain is the provider's, and an address with such a name is an exit too.
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
    WHERE p.asn IS NOT NULL
),
located AS (
    SELECT r.value, p.prefix, p.country,
        row_number() OVER (PARTITION BY r.value ORDER BY p.first_ip DESC, p.last_ip, p.country, p.prefix) AS place
    FROM ranges r
    JOIN prefixes p ON p.first_ip = r.first_ip AND p.last_ip = r.last_ip
    WHERE p.asn IS NULL AND p.country IS NOT NULL
),
shared AS (
    SELECT r.value, s.class, s.provider,
        row_number() OVER (
            PARTITION BY r.value ORDER BY s.class IS NOT DISTINCT FROM 'data-centre', s.first_ip DESC, s.last_ip, s.class NULLS LAST, s.provider NULLS LAST
        ) AS place
    FROM ranges r
    JOIN shared_ranges s ON s.first_ip = r.first_ip AND s.last_ip = r.last_ip
),
listed AS (
    SELECT a.*, s.class, s.provider, s.value IS NOT NULL AS listed
    FROM addresses a
    LEFT JOIN shared s ON s.value = a.value AND s.place = 1
),
named AS (
    SELECT DISTINCT l.value, l.listed, l.class, l.provider, d.name, registered_domain(d.name) AS domain
    FROM listed l
    JOIN dns_observations d ON d.data = l.value
    WHERE d.type IN ('A', 'AAAA') AND registered_domain(d.name) IS NOT NULL
),
exit_domains AS (
    SELECT domain, min(class) AS class, min(provider) AS provider
    FROM named
    GROUP BY domain
    HAVING count(DISTINCT value) FILTER (WHERE class IN ('vpn-exit', 'tor-exit', 'proxy')) >= 2
        AND 2 * count(DISTINCT value) FILTER (WHERE class IN ('vpn-exit', 'tor-exit', 'proxy')) > count(DISTINCT value)
        AND count(DISTINCT provider) <= 1
),
by_name AS (
    SELECT n.value, min(e.class) AS class, min(coalesce(e.provider || ' ', '') || 'by its name ' || n.name) AS provider
    FROM named n
    JOIN exit_domains e ON e.domain = n.domain
    WHERE NOT n.listed
    GROUP BY n.value
)
SELECT a.evidence, a.chain, a.start, a.length, a.value, coalesce(p.prefix, g.prefix) AS prefix, p.asn, p.name,
    coalesce(p.country, g.country) AS country,
    CASE WHEN a.listed THEN coalesce(a.class, 'shared') ELSE n.class END AS shared_class,
    coalesce(a.provider, n.provider) AS shared_by
FROM listed a
LEFT JOIN routed p ON p.value = a.value AND p.place = 1
LEFT JOIN located g ON g.value = a.value AND g.place = 1
LEFT JOIN by_name n ON n.value = a.value
WHERE p.value IS NOT NULL OR g.value IS NOT NULL OR a.listed OR n.value IS NOT NULL
