-- Groups of mails that say the same, and what kind of mailing each is.
--
-- A group is a campaign where most of its mails are a campaign's. Where checks cover
-- most of its senders it is a mailing that somebody answers for: bulk or list mail if
-- it says so, else correspondence. Where no check covers most of its senders, names
-- are borrowed, as ordinary spam and campaigns that never come back to a host both do;
-- that alone is not called hostile. What is left is alike and unexplained. A mail that
-- fifty people reported is one mail: copies, as `messages.copy_key` tells them, are counted once.
WITH mails AS (
    SELECT t.evidence, t.chain, t.start, t.length, t.text_group, m.date, m.bulk, p.persona_domain, p.spoofed, o.origin_ip,
        coalesce(m.copy_key, t.evidence || '/' || t.chain) AS identity, c.campaign, c.label
    FROM mail_texts t
    JOIN messages m ON m.evidence = t.evidence AND m.chain = t.message
    LEFT JOIN mail_personas p ON p.evidence = t.evidence AND p.chain = t.message
    LEFT JOIN mail_origins o ON o.evidence = t.evidence AND o.chain = t.message
    LEFT JOIN campaign_members c ON c.evidence = t.evidence AND c.chain = t.message
),
groups AS (
    SELECT text_group, count(*) AS copies, count(DISTINCT identity) AS messages, count(DISTINCT persona_domain) AS domains,
        count(DISTINCT origin_ip) AS addresses,
        count(DISTINCT identity) FILTER (WHERE spoofed = FALSE) AS covered,
        count(DISTINCT identity) FILTER (WHERE spoofed) AS uncovered,
        count(DISTINCT identity) FILTER (WHERE bulk) AS bulk,
        count(DISTINCT identity) FILTER (WHERE campaign IS NOT NULL) AS in_campaign,
        min(campaign) AS campaign, min(date) AS first_sent, max(date) AS last_sent
    FROM mails
    GROUP BY text_group
),
firsts AS (
    SELECT * FROM (
        SELECT text_group, evidence, chain, start, length,
            row_number() OVER (PARTITION BY text_group ORDER BY evidence, chain) AS place
        FROM mails
    )
    WHERE place = 1
)
SELECT f.evidence, f.chain, f.start, f.length, g.text_group, g.copies, g.messages, g.domains, g.addresses, g.covered,
    g.uncovered, g.bulk, g.first_sent, g.last_sent,
    CASE WHEN in_campaign * 2 > messages THEN campaign END AS campaign,
    CASE
        WHEN in_campaign * 2 > messages THEN 'campaign'
        WHEN covered * 2 > messages AND bulk * 2 > messages THEN 'bulk'
        WHEN covered * 2 > messages THEN 'correspondence'
        WHEN uncovered * 2 > messages THEN 'uncovered'
        ELSE 'unexplained'
    END AS kind,
    covered || ' of ' || messages || ' messages are covered by a check, ' || uncovered || ' are not; ' || bulk
        || ' declare themselves bulk or list mail; ' || domains || ' domains, ' || addresses || ' addresses' AS why
FROM groups g
JOIN firsts f ON f.text_group = g.text_group
WHERE g.messages >= 3
