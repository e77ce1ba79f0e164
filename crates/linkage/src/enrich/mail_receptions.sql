-- The hop by which each message came in.
--
-- The path is read from the top, since everything below the last host that one
-- trusts can be invented: it starts at the first hop received by a declared
-- trusted host, or else at the topmost hop, which the receiving provider wrote.
-- What that host saw is what the checks of the sender are about.
WITH trusted AS (
    SELECT DISTINCT lower(value) AS host FROM facts WHERE fact = 'trusted-host'
),
path AS (
    SELECT h.*, t.host IS NOT NULL AS trusted
    FROM hops h
    LEFT JOIN trusted t ON t.host = lower(h.by_host)
),
beginnings AS (
    SELECT evidence, message, coalesce(min(position) FILTER (WHERE trusted), min(position)) AS first_position,
        max(position) AS last_position
    FROM path
    GROUP BY evidence, message
)
SELECT p.evidence, p.chain, p.start, p.length, p.message, b.first_position, b.last_position, p.trusted,
    lower(p.by_host) AS by_host, coalesce(registered_domain(p.by_host), lower(p.by_host)) AS by_domain,
    lower(p.from_host) AS from_host, lower(p.helo) AS helo, p.from_ip
FROM path p
JOIN beginnings b ON b.evidence = p.evidence AND b.message = p.message AND b.first_position = p.position
