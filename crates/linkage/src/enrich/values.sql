-- Distinct accepted values of the evidence, each with its first place, how far
-- it spreads, and when it was seen.
--
-- Intel files are not evidence, so what they hold is no value of the case. A
-- value in a mail is dated by the topmost Received header of the innermost
-- message around it, since the Date header is the sender's to choose. A client
-- address is dated by its requests. Other values carry no date.
WITH evidence_files AS (
    SELECT evidence, array_agg(DISTINCT topic) AS topics, count(DISTINCT name) AS files
    FROM sources
    WHERE role = 'evidence'
    GROUP BY evidence
),
messages_dated AS (
    SELECT m.evidence, m.chain, m.depth, coalesce(h.date, m.date) AS seen,
        regexp_replace(m.chain, '(^|/)(header|part|bytes|charset|line|csv|json|frame|box):.*$', '') AS outermost
    FROM messages m
    LEFT JOIN hops h ON h.evidence = m.evidence AND h.message = m.chain AND h.position = 0
),
attached AS (
    SELECT * FROM messages_dated WHERE depth > 0
),
-- Only what stands in mail is asked about mail by mail.
mentions AS (
    SELECT o.evidence, o.chain, o.kind, o.value,
        regexp_replace(o.chain, '(^|/)(header|part|bytes|charset|line|csv|json|frame|box):.*$', '') AS outermost
    FROM observables o
    JOIN (SELECT DISTINCT evidence FROM messages) m ON m.evidence = o.evidence
    WHERE o.status = 'accepted' AND o.role IS DISTINCT FROM 'name'
),
dates AS (
    SELECT t.kind, t.value, a.seen AS first_seen, a.seen AS last_seen
    FROM mentions t
    JOIN attached a
        ON a.evidence = t.evidence AND a.outermost = t.outermost AND starts_with(t.chain || '/', a.chain || '/')
    UNION ALL
    SELECT t.kind, t.value, m.seen AS first_seen, m.seen AS last_seen
    FROM mentions t
    JOIN messages_dated m ON m.depth = 0 AND m.evidence = t.evidence AND m.chain = t.outermost
    WHERE NOT EXISTS (
        SELECT 1
        FROM attached a
        WHERE a.evidence = t.evidence AND a.outermost = t.outermost AND starts_with(t.chain || '/', a.chain || '/')
    )
    UNION ALL
    SELECT kind, value, first_seen, last_seen
    FROM value_files
    WHERE first_seen IS NOT NULL
),
spans AS (
    SELECT kind, value, min(first_seen) AS first_seen, max(last_seen) AS last_seen
    FROM dates
    GROUP BY kind, value
),
topics AS (
    SELECT kind, value, array_to_string(array_sort(array_agg(DISTINCT topic)), ',') AS topics
    FROM (SELECT p.kind, p.value, unnest(e.topics) AS topic FROM value_files p JOIN evidence_files e ON e.evidence = p.evidence)
    GROUP BY kind, value
),
spread AS (
    SELECT p.kind, p.value, min(p.evidence) AS evidence, first_value(p.chain ORDER BY p.evidence) AS chain,
        first_value(p.start ORDER BY p.evidence) AS start, first_value(p.length ORDER BY p.evidence) AS length,
        sum(e.files) AS sources, sum(p.occurrences) AS occurrences
    FROM value_files p
    JOIN evidence_files e ON e.evidence = p.evidence
    GROUP BY p.kind, p.value
)
SELECT s.evidence, s.chain, s.start, s.length, s.kind, s.value, t.topics, s.sources, s.occurrences,
    d.first_seen, d.last_seen
FROM spread s
JOIN topics t ON t.kind = s.kind AND t.value = s.value
LEFT JOIN spans d ON d.kind = s.kind AND d.value = s.value
