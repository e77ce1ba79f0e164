-- Hostile activity on the web: one row per site, actor and phase, and one more
-- for addresses that are a slip.
--
-- Records count once, at their first successful read. Where identifiers were
-- gone through one by one, those missing in between were asked for in lines that
-- the logs do not have; how many of them were hits is estimated from the rest,
-- with an interval of 95 in 100.
WITH acts AS (
    SELECT a.*, w.slip
    FROM web_acts a
    JOIN web_addresses w ON w.actor = a.actor AND w.value = a.client
    WHERE a.actor IS NOT NULL
),
sums AS (
    SELECT site, actor, phase, slip, count(*) AS requests, min(time) AS first_seen, max(time) AS last_seen,
        count(DISTINCT client) AS addresses, min(manner) AS manner,
        count(DISTINCT record) FILTER (WHERE outcome = 'hit') AS records,
        count(DISTINCT record) FILTER (WHERE outcome = 'miss') AS misses,
        count(*) FILTER (WHERE outcome IN ('blocked', 'failed')) AS refused,
        first_value(evidence ORDER BY time, evidence, chain, start) AS evidence,
        first_value(chain ORDER BY time, evidence, chain, start) AS chain,
        first_value(start ORDER BY time, evidence, chain, start) AS start,
        first_value(length ORDER BY time, evidence, chain, start) AS length
    FROM acts
    GROUP BY site, actor, phase, slip
),
lists AS (
    SELECT site, actor, phase, slip, 'client' AS list, client AS entry FROM acts
    UNION
    SELECT site, actor, phase, slip, 'agent', user_agent FROM acts WHERE user_agent IS NOT NULL
    UNION
    SELECT site, actor, phase, slip, 'class', unnest(string_to_array(classes, ',')) FROM acts WHERE classes IS NOT NULL
    UNION
    SELECT site, actor, phase, slip, 'technique', unnest(string_to_array(techniques, ',')) FROM acts WHERE techniques IS NOT NULL
),
joined AS (
    SELECT site, actor, phase, slip,
        string_agg(entry, ',' ORDER BY entry) FILTER (WHERE list = 'client') AS clients,
        string_agg(entry, chr(10) ORDER BY entry) FILTER (WHERE list = 'agent') AS user_agents,
        string_agg(entry, ',' ORDER BY entry) FILTER (WHERE list = 'class') AS classes,
        string_agg(entry, ',' ORDER BY entry) FILTER (WHERE list = 'technique') AS techniques
    FROM lists
    GROUP BY site, actor, phase, slip
),
numbers AS (
    SELECT DISTINCT site, actor, phase, slip, try_cast(record AS BIGINT) AS number
    FROM acts
    WHERE regexp_like(record, '^[0-9]{1,18}$')
),
gaps AS (
    SELECT site, actor, phase, slip,
        number - lag(number) OVER (PARTITION BY site, actor, phase, slip ORDER BY number) AS gap
    FROM numbers
),
missing AS (
    SELECT site, actor, phase, slip, sum(gap - 1) FILTER (WHERE gap BETWEEN 2 AND 20) AS missing
    FROM gaps
    GROUP BY site, actor, phase, slip
    -- Only a list without holes has holes worth counting.
    HAVING 10 * count(*) FILTER (WHERE gap = 1) >= 8 * count(gap) AND count(gap) >= 20
),
estimated AS (
    SELECT s.*, coalesce(m.missing, 0) AS missing,
        arrow_cast(s.records, 'Float64') / greatest(s.records + s.misses, 1) AS share
    FROM sums s
    LEFT JOIN missing m ON m.site = s.site AND m.actor = s.actor AND m.phase = s.phase AND m.slip = s.slip
)
SELECT e.evidence, e.chain, e.start, e.length, e.site, e.actor, e.phase, e.slip, j.clients, e.addresses, e.requests,
    e.first_seen, e.last_seen, j.user_agents,
    CASE WHEN e.phase = 'scrape' THEN concat_ws(',', 'enumeration', j.classes) ELSE j.classes END AS classes,
    CASE WHEN e.phase = 'scrape' THEN concat_ws(',', 'T1119', j.techniques) ELSE j.techniques END AS techniques,
    e.manner, e.records, e.misses, e.refused, arrow_cast(e.missing, 'UInt64') AS missing,
    arrow_cast(e.records + floor(greatest(e.missing * e.share - 1.96 * sqrt(e.missing * e.share * (1 - e.share)), 0)), 'UInt64') AS records_low,
    arrow_cast(e.records + ceil(least(e.missing * e.share + 1.96 * sqrt(e.missing * e.share * (1 - e.share)), e.missing)), 'UInt64') AS records_high,
    CASE e.phase
        WHEN 'scan' THEN concat(e.requests, ' requests in quick succession look for weak places, as scanning tools do; such tools say nothing of who ran them')
        WHEN 'exploit' THEN concat(e.requests, ' requests try weak places by hand')
        ELSE concat(e.requests, ' requests walk through ', coalesce(e.manner, 'records'), ' from ', e.addresses, ' addresses; ', e.records, ' records were read')
    END AS why
FROM estimated e
JOIN joined j ON j.site = e.site AND j.actor = e.actor AND j.phase = e.phase AND j.slip = e.slip
