-- Records that an actor read, each with its first and last time.
--
-- A row rests on the first successful read. Identifiers are as in the request,
-- and so are those of people: the table is private.
SELECT first_value(evidence ORDER BY time, evidence, chain, start) AS evidence,
    first_value(chain ORDER BY time, evidence, chain, start) AS chain,
    first_value(start ORDER BY time, evidence, chain, start) AS start,
    first_value(length ORDER BY time, evidence, chain, start) AS length,
    site, actor, record, count(*) AS reads, min(time) AS first_read, max(time) AS last_read
FROM web_acts
WHERE actor IS NOT NULL AND outcome = 'hit'
GROUP BY site, actor, record
