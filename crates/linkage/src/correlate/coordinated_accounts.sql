-- Accounts that act together, each with its standing in its group, and the
-- group with its grade.
--
-- Which accounts are tied is worked out beside this query (`coordination`):
-- ties are coincidences that chance does not give to accounts as busy as these
-- on objects as popular as these, over all windows, ways of sharing and pairs
-- that were tried. Acting together is no offence, so a group is graded:
-- `declared` if all its names carry the name of the site that they share;
-- `concealed` if, without that, its accounts were made in one go, or it was the
-- first to share a link that stands in a campaign's mail too; `unexplained`
-- otherwise. Only a concealed group is called hostile. Accounts that shared the
-- same later are counted and not listed.
WITH first_posts AS (
    SELECT * FROM (
        SELECT p.evidence, p.chain, p.start, p.length, p.posted, concat(p.platform, '/', p.account) AS account_key,
            p.account,
            row_number() OVER (
                PARTITION BY p.platform, p.account
                ORDER BY o.object IS NULL, p.posted, p.evidence, p.chain, p.start
            ) AS place
        FROM posts p
        JOIN coordination_members m ON m.account_key = concat(p.platform, '/', p.account)
        LEFT JOIN coordination_objects o ON o.group_number = m.group_number AND o.way = 'page' AND o.object = p.page
    )
    WHERE place = 1
),
members AS (
    SELECT m.*, f.evidence, f.chain, f.start, f.length, f.account, f.posted
    FROM coordination_members m
    JOIN first_posts f ON f.account_key = m.account_key
),
ids AS (
    SELECT group_number, 'g-' || hash_id(first_value(locator(evidence, chain, start, length) ORDER BY posted, account_key))
        AS group_id
    FROM members
    GROUP BY group_number
),
-- A link of the mail and a page of posts are one if the link stands so in a post that shares the page.
written AS (
    SELECT DISTINCT o.group_number, p.link
    FROM coordination_objects o
    JOIN posts p ON p.page = o.object
    WHERE o.way = 'page' AND o.group_first
    UNION
    SELECT group_number, scheme || object
    FROM coordination_objects CROSS JOIN (VALUES ('https://'), ('http://')) AS schemes (scheme)
    WHERE way = 'page' AND group_first
),
mailed AS (
    SELECT w.group_number, min(l.value) AS tied_by
    FROM written w
    JOIN links l ON l.value = w.link
    WHERE l.kind = 'url' AND l.counts AND l.from_topic = 'mail' AND l.to_topic = 'social'
    GROUP BY w.group_number
),
graded AS (
    SELECT m.*, i.group_id, t.tied_by,
        CASE
            WHEN m.declared THEN 'declared'
            WHEN t.tied_by IS NOT NULL OR m.made_together IS NOT NULL THEN 'concealed'
            ELSE 'unexplained'
        END AS grade
    FROM members m
    JOIN ids i ON i.group_number = m.group_number
    LEFT JOIN mailed t ON t.group_number = m.group_number
)
SELECT evidence, chain, start, length, group_id, account, standing, ties, occasions, first_spreader, why, grade,
    grade = 'concealed' AS hostile, tied_by,
    concat_ws('; ',
        CASE grade
            WHEN 'declared' THEN 'all names carry the name of the site that they share, so they act together openly'
            WHEN 'unexplained' THEN 'they act together, and nothing shows that they hide it'
        END,
        CASE WHEN tied_by IS NOT NULL THEN 'they were the first to share ' || tied_by || ', which a campaign''s mail holds too' END,
        made_together, named_alike, basis
    ) AS group_why,
    group_accounts, group_ties, window_secs, objects, later_sharers
FROM graded
