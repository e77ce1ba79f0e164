-- Values of the case that a feed names, and whether the match may carry weight.
--
-- Of several versions of one statement the latest is taken, and none that its
-- feed has withdrawn; statements of several feeds on one value all stay. Only
-- values in the case's activity are looked up: what stands in passive DNS or in
-- a note alone was not done by anybody in this case.
--
-- What this case exported itself is nobody else's word when it comes back.
-- A match does not count either where it names nobody in particular (warninglist,
-- shared range, no actor), where the value was seen only outside the time of
-- the statement, or where the address or name changed hands in between. A
-- statement without end is taken to end when another feed says so, or else a
-- year after it was last made: servers are rented by the month, and a feed that
-- knew better would have said it again. A value without a dated place is taken
-- as seen when the evidence was collected.
--
-- A value in more than a thousand statements (more than two feeds that repeat it
-- every day for a year) is told in one row, and ties nobody: it is what the feeds
-- have in common, and pairs of its statements would have no end.
--
-- Of statements that repeat each other (`enrich/roots.rs`) the earliest that holds
-- counts, and the others say what they repeat.
WITH collected AS (
    SELECT max(arrow_cast(try_cast(value AS TIMESTAMP), 'Timestamp(Microsecond, Some("UTC"))')) AS collected
    FROM facts
    WHERE fact = 'collected'
),
active AS (
    SELECT v.*, coalesce(v.first_seen, c.collected) AS from_time, coalesce(v.last_seen, c.collected) AS until_time
    FROM "values" v
    CROSS JOIN collected c
    WHERE regexp_like(v.topics, '(^|,)(mail|web|leak|social|video)(,|$)')
),
-- Only statements about values of the case are gone through, and about ranges. Crowds
-- are counted before (`enrich/crowds.rs`), by sketches that are about one in a hundred off.
stated AS (
    SELECT i.* FROM indicators i
    WHERE (i.kind = 'cidr' OR is_active(i.kind, i.value) = 'true') AND is_crowd(i.kind, i.value) = 'false'
),
latest AS (
    SELECT * FROM (
        SELECT i.*, row_number() OVER (
            PARTITION BY i.ref, i.kind, i.value
            ORDER BY i.stated DESC NULLS LAST, i.evidence, i.chain, i.start
        ) AS place
        FROM stated i
    )
    WHERE place = 1 AND NOT coalesce(revoked, FALSE)
),
-- Ranges by equality of first and last address, one look-up for each prefix length in use.
lengths AS (
    SELECT DISTINCT '/' || split_part(value, '/', 2) AS length
    FROM (
        SELECT value FROM stated WHERE kind = 'cidr'
        UNION ALL SELECT value FROM crowded WHERE kind = 'cidr'
        UNION ALL SELECT value FROM tenancies WHERE kind IN ('ip', 'cidr')
        UNION ALL SELECT value FROM facts WHERE fact IN ('known-reader', 'authorised-scanner')
    )
    WHERE strpos(value, '/') > 0
    UNION
    SELECT ''
),
ranges AS (
    SELECT a.value, range_first(a.value || l.length) AS first_ip, range_last(a.value || l.length) AS last_ip
    FROM active a
    CROSS JOIN lengths l
    WHERE a.kind = 'ip'
),
matched AS (
    SELECT a.kind, a.value, i.evidence, i.chain, i.start, i.length, i.value AS stated_value
    FROM active a
    JOIN latest i ON i.kind = a.kind AND i.value = a.value
    UNION
    SELECT 'ip', r.value, i.evidence, i.chain, i.start, i.length, i.value
    FROM ranges r
    JOIN latest i ON i.kind = 'cidr' AND range_first(i.value) = r.first_ip AND range_last(i.value) = r.last_ip
),
warned AS (
    SELECT kind, value, min(list) AS list FROM warning_matches GROUP BY kind, value
),
shared AS (
    SELECT value, shared_class, shared_by FROM address_origins
    -- A hoster lets each address to somebody, so that its tenancy decides.
    WHERE shared_class IS NOT NULL AND shared_class <> 'data-centre'
),
ours AS (
    SELECT r.value, min(f.fact) AS fact
    FROM ranges r
    JOIN facts f ON range_first(f.value) = r.first_ip AND range_last(f.value) = r.last_ip
    WHERE f.fact IN ('known-reader', 'authorised-scanner')
    GROUP BY r.value
),
tenures AS (
    SELECT 'ip' AS kind, r.value, t.held_from, t.held_until
    FROM ranges r
    JOIN tenancies t ON t.first_ip = r.first_ip AND t.last_ip = r.last_ip
    UNION ALL
    SELECT a.kind, a.value, t.held_from, t.held_until
    FROM active a
    JOIN tenancies t ON t.kind = 'domain' AND (t.value = a.value OR t.value = registered_domain(a.value))
    WHERE a.kind = 'domain'
),
statements AS (
    SELECT a.evidence, a.chain, a.start, a.length, a.kind, a.value, a.topics, i.ref, i.actor, i.source, i.confidence, i.stated,
        i.valid_from, i.valid_until, a.first_seen, a.last_seen, a.from_time, a.until_time,
        -- Another feed's end of the same value's use, if it lies after this statement's beginning.
        coalesce(i.valid_until, o.ended) AS ended,
        coalesce(greatest(i.valid_from, i.stated), i.stated) + INTERVAL '365 days' AS stale_from,
        locator(i.evidence, i.chain, i.start, i.length) AS indicator_at
    FROM matched m
    JOIN active a ON a.kind = m.kind AND a.value = m.value
    JOIN latest i ON i.evidence = m.evidence AND i.chain = m.chain AND i.start = m.start AND i.length = m.length
        AND i.value = m.stated_value
    LEFT JOIN (
        SELECT x.ref, x.kind, x.value, min(y.valid_until) AS ended
        FROM latest x
        JOIN (SELECT * FROM latest WHERE valid_until IS NOT NULL) y ON y.kind = x.kind AND y.value = x.value
            AND y.ref <> x.ref AND y.valid_until >= coalesce(x.valid_from, y.valid_until)
        WHERE x.valid_until IS NULL
        GROUP BY x.ref, x.kind, x.value
    ) o ON o.ref = i.ref AND o.kind = i.kind AND o.value = i.value
),
handed_over AS (
    SELECT s.kind, s.value, s.ref, max(t.held_from) AS held_from
    FROM statements s
    JOIN tenures t ON t.kind = s.kind AND t.value = s.value
    WHERE t.held_from > s.valid_from AND t.held_from <= s.until_time
        AND coalesce(t.held_until, s.until_time) >= s.from_time
    GROUP BY s.kind, s.value, s.ref
),
reasons AS (
    SELECT s.*,
        CASE
            WHEN is_own_export(s.ref, s.kind, s.value) = 'true' THEN 'is what this case itself has exported'
            WHEN w.list IS NOT NULL THEN 'stands on the warninglist ' || w.list || ', so it identifies nobody'
            WHEN h.shared_class IS NOT NULL THEN 'lies in a range that many share (' || h.shared_class
                || coalesce(' of ' || h.shared_by, '') || '), so it says nothing about who used it'
            WHEN o.fact IS NOT NULL THEN 'is declared as ' || o.fact
            WHEN s.actor IS NULL THEN 'is known as bad, but the statement names nobody'
            WHEN s.until_time < s.valid_from THEN 'was seen only before the statement begins on '
                || to_char(s.valid_from, '%Y-%m-%d') || ', last on ' || to_char(s.until_time, '%Y-%m-%d')
            WHEN s.from_time > s.valid_until THEN 'was first seen on ' || to_char(s.from_time, '%Y-%m-%d')
                || ', after the statement ended on ' || to_char(s.valid_until, '%Y-%m-%d')
            WHEN g.held_from IS NOT NULL THEN 'changed hands on ' || to_char(g.held_from, '%Y-%m-%d')
                || ': the statement of ' || to_char(s.valid_from, '%Y-%m-%d') || ' is about an earlier tenant'
            WHEN s.from_time > s.ended THEN 'was first seen on ' || to_char(s.from_time, '%Y-%m-%d')
                || '; this statement is open, but another feed ends it on ' || to_char(s.ended, '%Y-%m-%d')
            WHEN s.ended IS NULL AND s.from_time > s.stale_from THEN 'was first seen on '
                || to_char(s.from_time, '%Y-%m-%d') || '; the statement has no end and was last made a year before'
            WHEN s.from_time IS NULL THEN 'has no dated place, and no date of collection is declared'
        END AS objection
    FROM statements s
    LEFT JOIN warned w ON w.kind = s.kind AND w.value = s.value
    LEFT JOIN shared h ON h.value = s.value AND s.kind = 'ip'
    LEFT JOIN ours o ON o.value = s.value AND s.kind = 'ip'
    LEFT JOIN handed_over g ON g.kind = s.kind AND g.value = s.value AND g.ref = s.ref
),
-- Statements that hold, by what they go back to.
lines AS (
    SELECT r.*,
        row_number() OVER line AS line_place,
        first_value(r.source) OVER line AS line_source,
        first_value(r.stated) OVER line AS line_stated,
        count(*) OVER (PARTITION BY r.kind, r.value, root_of(r.indicator_at), lower(r.actor), r.objection IS NULL)
            AS line_length
    FROM reasons r
    WINDOW line AS (
        PARTITION BY r.kind, r.value, root_of(r.indicator_at), lower(r.actor), r.objection IS NULL
        ORDER BY r.stated NULLS LAST, r.indicator_at, r.ref
    )
)
SELECT evidence, chain, start, length, kind, value, ref, actor, source, confidence, valid_from, valid_until,
    first_seen AS seen_from, last_seen AS seen_until, objection IS NULL AND line_place = 1 AS counts,
    coalesce(objection, CASE
        WHEN line_place > 1 THEN 'repeats ' || coalesce(line_source, 'a feed that does not say who speaks')
            || coalesce(' of ' || to_char(line_stated, '%Y-%m-%d'), '') || ', so it counts once, there'
    END, CASE
        WHEN first_seen IS NULL THEN 'collected'
        ELSE 'seen from ' || to_char(from_time, '%Y-%m-%d') || ' to ' || to_char(until_time, '%Y-%m-%d')
    END || ' within the time of the statement, and no change of tenant is known'
        || CASE WHEN line_length > 1 THEN '; ' || (line_length - 1) || ' more repeat it, and it counts once' ELSE '' END) AS why,
    indicator_at
FROM lines
UNION ALL
SELECT a.evidence, a.chain, a.start, a.length, a.kind, a.value, NULL AS ref, NULL AS actor,
    CASE WHEN c.source = c.last_source THEN c.source END AS source, NULL AS confidence, c.valid_from, c.valid_until,
    a.first_seen AS seen_from, a.last_seen AS seen_until, FALSE AS counts,
    'stands in ' || c.rows || ' rows of feeds (sources: about ' || c.sources || ', actors: about ' || c.actors
        || '), so it tells nobody from anybody' AS why,
    -- A digest has 64 digits; the steps to the statement follow it.
    locator(substr(c.place, 1, 64), substr(c.place, 65), 0, 0) AS indicator_at
FROM (
    SELECT a.kind AS kind, a.value AS value, c.kind AS stated_kind, c.value AS stated_value
    FROM active a
    JOIN crowded c ON c.kind = a.kind AND c.value = a.value
    UNION
    SELECT 'ip' AS kind, r.value AS value, c.kind AS stated_kind, c.value AS stated_value
    FROM ranges r
    JOIN crowded c ON c.kind = 'cidr' AND range_first(c.value) = r.first_ip AND range_last(c.value) = r.last_ip
) h
JOIN active a ON a.kind = h.kind AND a.value = h.value
JOIN crowded c ON c.kind = h.stated_kind AND c.value = h.stated_value
