-- What the clocks of one video or image say of a time zone.
--
-- A clock that goes on, or was printed while the picture ran, told the local
-- time of its machine then. Where the container states when it was made, the
-- distance from that is an offset from UTC. Containers state the beginning or
-- the end of the recording, and clocks are right to about a minute; so each
-- clock fits some offsets, and something follows only if exactly one offset in
-- use fits all of them, on one of the two readings. A container's time is set
-- with one command and lost at each export, hence the chance that is named: how
-- often a time that has nothing to do with the screen would fit some zone too.
--
-- An offset that is written on the screen needs no container. Clocks of task
-- bars and those in terminals stand apart, since terminals are logged in elsewhere.
WITH
-- All offsets that a time zone has today (IANA time zone database), in minutes.
zones AS (
    SELECT arrow_cast(column1, 'Int64') AS minutes FROM (VALUES
        (-720), (-660), (-600), (-570), (-540), (-480), (-420), (-360), (-300), (-240), (-210), (-180), (-150), (-120),
        (-60), (0), (60), (120), (180), (210), (240), (270), (300), (330), (345), (360), (390), (420), (480), (525),
        (540), (570), (600), (630), (660), (720), (765), (780), (825), (840))
),
made AS (
    SELECT evidence, chain, min(to_timestamp_micros(value)) AS made
    FROM media_metadata
    WHERE regexp_like(field, '(^| )creation_time$') AND regexp_like(value, '^(19[9]|20)[0-9]{1,2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$')
    GROUP BY evidence, chain
),
settings AS (
    SELECT *, regexp_replace(chain, '/?frame:[^/]*/box:[^/]*$', '') AS medium,
        CASE WHEN form = 'desktop' THEN 'desktop' ELSE 'terminal' END AS shown
    FROM screen_settings
),
clocks AS (
    SELECT s.*, c.duration_ms, m.made,
        arrow_cast(s.seconds, 'Int64') * 1000 AS told_ms, CASE WHEN s.exact THEN 1000 ELSE 60000 END AS width_ms,
        arrow_cast(m.made, 'Int64') / 1000 + arrow_cast(s.first_ms, 'Int64') AS utc_ms
    FROM settings s
    LEFT JOIN screens c ON c.evidence = s.evidence AND c.chain = s.medium
    LEFT JOIN made m ON m.evidence = s.evidence AND m.chain = s.medium
    -- What shows how long the video has run is a counter and no clock.
    WHERE s.kind = 'clock' AND s.live
        AND NOT (s.day IS NULL AND s.exact AND abs(arrow_cast(s.seconds, 'Int64') * 1000 - arrow_cast(s.first_ms, 'Int64')) < 120000)
),
-- The container's time as that of the beginning, and as that of the end.
readings AS (
    SELECT c.*, r.ends, c.utc_ms - r.ends * arrow_cast(coalesce(c.duration_ms, 0), 'Int64') AS read_ms, h.half_ms
    FROM clocks c
    CROSS JOIN (SELECT arrow_cast(column1, 'Int64') AS ends FROM (VALUES (0), (1))) r
    CROSS JOIN (SELECT arrow_cast(column1, 'Int64') AS half_ms FROM (VALUES (0), (43200000))) h
    WHERE c.made IS NOT NULL AND (h.half_ms = 0 OR c.half_open)
),
-- By how much the clock is ahead of where the offset would put it, a minute early allowed.
fits AS (
    SELECT r.*, z.minutes,
        coalesce(r.day * 86400000, 0) + r.told_ms + r.half_ms + r.width_ms + 60000 - r.read_ms - z.minutes * 60000 AS ahead_ms
    FROM readings r
    CROSS JOIN zones z
),
fitting AS (
    SELECT DISTINCT evidence, medium, shown, ends, minutes, chain, start
    FROM fits
    WHERE CASE WHEN day IS NULL THEN (ahead_ms % 86400000 + 86400000) % 86400000 ELSE ahead_ms END
        BETWEEN 0 AND width_ms + 120000
),
counted AS (
    SELECT evidence, medium, shown, count(*) AS clocks, min(width_ms) AS width_ms, min(made) AS made,
        first_value(chain ORDER BY first_ms, chain, start) AS chain,
        first_value(start ORDER BY first_ms, chain, start) AS start,
        first_value(length ORDER BY first_ms, chain, start) AS length,
        first_value(text ORDER BY first_ms, chain, start) AS raw
    FROM clocks
    GROUP BY evidence, medium, shown
),
agreed AS (
    SELECT DISTINCT f.evidence, f.medium, f.shown, f.minutes
    FROM (SELECT evidence, medium, shown, ends, minutes, count(*) AS clocks FROM fitting
          GROUP BY evidence, medium, shown, ends, minutes) f
    JOIN counted c ON c.evidence = f.evidence AND c.medium = f.medium AND c.shown = f.shown AND c.clocks = f.clocks
),
derived AS (
    SELECT c.evidence, c.medium, c.shown, c.clocks, c.made, c.chain, c.start, c.length, c.raw, count(a.minutes) AS fitting,
        min(a.minutes) AS minutes, max(a.minutes) AS last_minutes,
        round(least(1.0, (SELECT count(*) FROM zones) * 2.0 * (c.width_ms + 120000) / 86400000.0) * 100) AS chance
    FROM counted c
    LEFT JOIN agreed a ON a.evidence = c.evidence AND a.medium = c.medium AND a.shown = c.shown
    GROUP BY c.evidence, c.medium, c.shown, c.clocks, c.made, c.chain, c.start, c.length, c.raw, c.width_ms
),
-- From one container alone no slip is made; from two that state different times, one is.
borne_out AS (
    SELECT minutes FROM derived WHERE fitting = 1 GROUP BY minutes HAVING count(DISTINCT made) > 1
),
written AS (
    SELECT evidence, medium, shown, offset_minutes AS minutes, sum(rows) AS clocks,
        first_value(chain ORDER BY first_ms, chain, start) AS chain,
        first_value(start ORDER BY first_ms, chain, start) AS start,
        first_value(length ORDER BY first_ms, chain, start) AS length,
        first_value(text ORDER BY first_ms, chain, start) AS raw
    FROM settings
    WHERE offset_minutes IS NOT NULL AND form IN ('desktop', 'date command', 'system settings')
    GROUP BY evidence, medium, shown, offset_minutes
),
stated AS (
    SELECT coalesce(w.evidence, d.evidence) AS evidence, coalesce(w.medium, d.medium) AS medium,
        coalesce(w.shown, d.shown) AS shown, coalesce(w.chain, d.chain) AS chain,
        CASE WHEN w.chain IS NULL THEN d.start ELSE w.start END AS start,
        CASE WHEN w.chain IS NULL THEN d.length ELSE w.length END AS length, coalesce(w.raw, d.raw) AS raw,
        CASE WHEN w.minutes IS NULL THEN 'container' WHEN d.minutes IS NULL THEN 'written' ELSE 'both' END AS ground,
        coalesce(w.minutes, d.minutes) AS minutes, greatest(coalesce(w.clocks, 0), coalesce(d.clocks, 0)) AS clocks,
        d.chance
    FROM written w
    FULL JOIN (SELECT * FROM derived WHERE fitting = 1) d
        ON d.evidence = w.evidence AND d.medium = w.medium AND d.shown = w.shown AND d.minutes = w.minutes
),
words AS (
    SELECT s.*,
        CASE WHEN minutes < 0 THEN '-' ELSE '+' END || lpad(arrow_cast(abs(minutes) / 60, 'Utf8'), 2, '0') AS hours,
        lpad(arrow_cast(abs(minutes) % 60, 'Utf8'), 2, '0') AS rest,
        CASE WHEN shown = 'desktop' THEN 'the machine whose task bar is shown'
            ELSE 'a machine shown in a terminal, the one recorded or one logged in to' END AS whose
    FROM stated s
)
SELECT w.evidence, w.chain, w.start, w.length, w.shown, w.ground, w.hours || w.rest AS value, w.minutes AS offset_minutes,
    w.clocks, m.made,
    CASE w.ground WHEN 'both' THEN 'moderate' WHEN 'written' THEN 'low' ELSE 'very low' END AS sure,
    w.minutes <> 0 AND (w.ground <> 'container' OR b.minutes IS NOT NULL) AS slip, w.raw,
    CASE w.ground
        WHEN 'written' THEN w.whose || ' writes its time as UTC' || w.hours || ':' || w.rest
            || '; a time zone is one setting, and anybody''s to choose'
        WHEN 'both' THEN w.whose || ' writes its time as UTC' || w.hours || ':' || w.rest
            || ', and the time at which the container says it was made agrees; both are set without cost'
        ELSE 'the clock of ' || w.whose || ' is UTC' || w.hours || ':' || w.rest
            || ' if the container says truly when it was made; that time is easily set, and an unrelated one would fit some time zone in up to '
            || arrow_cast(arrow_cast(w.chance, 'Int64'), 'Utf8') || ' of 100 cases'
    END AS why
FROM words w
LEFT JOIN made m ON m.evidence = w.evidence AND m.chain = w.medium
LEFT JOIN borne_out b ON b.minutes = w.minutes
UNION ALL
SELECT evidence, chain, start, length, shown, NULL, NULL, NULL, clocks, made, NULL, FALSE, raw,
    CASE WHEN made IS NULL THEN 'the container does not say when it was made, so the clock stands alone'
        WHEN fitting = 0 THEN 'no time zone fits all clocks and the time at which the container says it was made'
        ELSE 'more than one time zone fits, so none is named'
    END
FROM derived
WHERE fitting <> 1
    AND NOT EXISTS (SELECT 1 FROM written w WHERE w.evidence = derived.evidence AND w.medium = derived.medium
                        AND w.shown = derived.shown)
