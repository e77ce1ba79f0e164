-- The declared facts in force.
--
-- What case.toml says stands against no file and is the investigator's last word:
-- for a kind of fact and what it is about, it takes the place of all that notes in
-- the evidence propose. Where it says nothing, the proposals hold.
WITH declared AS (
    SELECT DISTINCT fact, coalesce(subject, '') AS subject FROM context_facts WHERE evidence IS NULL
)
SELECT c.evidence, c.chain, c.start, c.length, c.fact, c.subject, c.value, c.valid_from, c.valid_until
FROM context_facts c
LEFT JOIN declared d ON d.fact = c.fact AND d.subject = coalesce(c.subject, '')
WHERE c.evidence IS NULL OR d.fact IS NULL
UNION ALL
SELECT o.evidence, o.chain, o.start, o.length, o.fact, o.subject, o.value, o.valid_from, o.valid_until
FROM overlapping o
