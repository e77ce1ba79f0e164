-- What each actor did on each day, for the course of an attack.
--
-- A record counts on the day of its first read, so the days add up to the whole.
-- Days are those of UTC.
WITH firsts AS (
    SELECT site, actor, date_trunc('day', min(time)) AS day
    FROM web_acts
    WHERE actor IS NOT NULL AND outcome = 'hit'
    GROUP BY site, actor, record
),
records AS (
    SELECT site, actor, day, count(*) AS records FROM firsts GROUP BY site, actor, day
),
acts AS (
    SELECT site, actor, phase, date_trunc('day', time) AS day, count(*) AS requests
    FROM web_acts
    WHERE actor IS NOT NULL
    GROUP BY site, actor, phase, date_trunc('day', time)
)
SELECT a.site, a.actor, a.phase, a.day, a.requests,
    CASE WHEN a.phase = 'scrape' THEN coalesce(r.records, 0) ELSE 0 END AS records
FROM acts a
LEFT JOIN records r ON r.site = a.site AND r.actor = a.actor AND r.day = a.day
