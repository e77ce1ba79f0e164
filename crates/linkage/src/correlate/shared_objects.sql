-- What three accounts or more shared, and whether sharing it may tie them.
--
-- A page is a link without what counts its readers; a text is known by its
-- print, and texts that say nearly the same are one (`text_kinds`). One account
-- that posts a thing twice at the same moment, as exports that overlap show it,
-- posts it once. What more than half of at least twenty accounts share explains
-- nothing about any two of them: it is left out of the counts by which accounts
-- are tied, and stands here with that reason.
WITH shares AS (
    SELECT 'page' AS way, page AS object, concat(platform, '/', account) AS account, posted, evidence, chain, start, length
    FROM posts WHERE page IS NOT NULL
    UNION ALL
    SELECT 'media', media, concat(platform, '/', account), posted, evidence, chain, start, length
    FROM posts WHERE media IS NOT NULL
    UNION ALL
    SELECT 'original', original, concat(platform, '/', account), posted, evidence, chain, start, length
    FROM posts WHERE original IS NOT NULL
    UNION ALL
    SELECT 'text', k.kind, concat(p.platform, '/', p.account), p.posted, p.evidence, p.chain, p.start, p.length
    FROM posts p JOIN text_kinds k ON k.print = p.print
),
everybody AS (
    SELECT count(DISTINCT concat(platform, '/', account)) AS accounts FROM posts
),
counted AS (
    SELECT way, object, count(*) AS posts, count(DISTINCT account) AS accounts, min(posted) AS first, max(posted) AS last,
        min(locator(evidence, chain, start, length)) AS at
    FROM shares
    GROUP BY way, object
    HAVING count(DISTINCT account) >= 3
),
places AS (
    SELECT * FROM (
        SELECT way, object, evidence, chain, start, length,
            row_number() OVER (PARTITION BY way, object ORDER BY posted, evidence, chain, start) AS place
        FROM shares
    )
    WHERE place = 1
)
SELECT p.evidence, p.chain, p.start, p.length, c.way, c.object, c.posts, c.accounts, c.first, c.last,
    NOT (c.accounts >= 20 AND c.accounts * 2 > e.accounts) AS counts,
    CASE
        WHEN c.accounts >= 20 AND c.accounts * 2 > e.accounts THEN 'shared by ' || c.accounts || ' of all '
            || e.accounts || ' accounts, so it explains nothing about any of them'
        ELSE 'shared by ' || c.accounts || ' of ' || e.accounts || ' accounts, weighed by how often chance brings two together'
    END AS why
FROM counted c
CROSS JOIN everybody e
JOIN places p ON p.way = c.way AND p.object = c.object
