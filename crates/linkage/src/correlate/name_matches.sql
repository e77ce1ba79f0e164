-- Names of the case that a sanctions list names too, and whether that counts.
--
-- Looked for are the names under which campaign mails are sent, accounts and user
-- names among the slips, and holders of addresses and domains; never the names in
-- leaked lists, which are the victims'. Two spellings meet if two of their words
-- have the same consonants in any script, and are listed from a likeness of 860 in
-- a thousand on (`knowledge::name`).
--
-- A name is not unique, so alone it never counts. It does where an identifier that
-- the list gives the same party (mail address, site, wallet, telephone number,
-- number of a paper) stands in the case's own activity too, is on no warninglist,
-- is given to no other party, and is not borrowed: whoever writes a listed party's
-- name as a sender writes its address there as well. A name that is like those of more than sixteen
-- parties is told in one row.
WITH names AS (
    SELECT t.evidence, t.chain, t.start, t.length, t.holder AS name, 'holder' AS role, 'hosting' AS topic
    FROM tenancies t
    LEFT JOIN (SELECT DISTINCT evidence FROM sources WHERE role = 'evidence') e ON e.evidence = t.evidence
    LEFT JOIN (SELECT DISTINCT value FROM "values" WHERE kind IN ('ip', 'domain')) v ON v.value = t.value
    WHERE e.evidence IS NOT NULL OR v.value IS NOT NULL
    UNION ALL
    SELECT m.evidence, m.chain, m.start, m.length, m.from_name, 'sender', 'mail'
    FROM campaign_members c
    JOIN messages m ON m.evidence = c.evidence AND m.chain = c.chain
    WHERE NOT starts_with(c.why, 'carries a member')
    UNION ALL
    SELECT s.evidence, s.chain, s.start, s.length, s.value, 'slip', f.topic
    FROM slips s
    JOIN (SELECT evidence, min(topic) AS topic FROM sources WHERE role = 'evidence' GROUP BY evidence) f
        ON f.evidence = s.evidence
    WHERE s.kind IN ('username', 'handle')
),
told AS (
    SELECT name, role, topic, min(evidence) AS evidence, first_value(chain ORDER BY evidence, chain, start, length) AS chain,
        first_value(start ORDER BY evidence, chain, start, length) AS start,
        first_value(length ORDER BY evidence, chain, start, length) AS length
    FROM names
    WHERE name IS NOT NULL
    GROUP BY name, role, topic
),
keyed AS (
    SELECT name, unnest(string_to_array(name_keys(name), ' ')) AS key FROM (SELECT DISTINCT name FROM told)
),
listed AS (
    SELECT ref, what, value, source, stated, evidence, chain, start, length
    FROM listings
    WHERE what IN ('name', 'alias', 'weak-alias')
),
listed_keys AS (
    SELECT value, unnest(string_to_array(name_keys(value), ' ')) AS key FROM (SELECT DISTINCT value FROM listed)
),
alike AS (
    SELECT name, value, likeness FROM (
        SELECT k.name AS name, l.value AS value, arrow_cast(name_likeness(k.name, l.value), 'Int64') AS likeness
        FROM (SELECT DISTINCT k.name, l.value FROM keyed k JOIN listed_keys l ON l.key = k.key WHERE k.key <> '') p
        JOIN (SELECT DISTINCT name FROM keyed) k ON k.name = p.name
        JOIN (SELECT DISTINCT value FROM listed_keys) l ON l.value = p.value
    )
    WHERE likeness >= 860
),
parties AS (
    SELECT ref, max(party) AS party FROM listings GROUP BY ref
),
-- Of several spellings of one party the most like is told.
best AS (
    SELECT * FROM (
        SELECT a.name, a.likeness, l.*, row_number() OVER (
            PARTITION BY a.name, l.ref
            ORDER BY a.likeness DESC, l.what = 'weak-alias', l.stated, l.evidence, l.chain, l.start, l.value
        ) AS place, count(*) OVER (PARTITION BY a.name, l.ref) AS spellings
        FROM alike a
        JOIN listed l ON l.value = a.value
    )
    WHERE place = 1
),
crowd AS (
    SELECT name, count(*) AS parties, min(ref) AS ref FROM best GROUP BY name HAVING count(*) > 16
),
-- An identifier of two parties tells neither.
own AS (
    SELECT what, value, min(ref) AS ref
    FROM listings
    WHERE what NOT IN ('name', 'alias', 'weak-alias', 'birth-date', 'owns', 'directs', 'belongs-to', 'linked-to')
    GROUP BY what, value
    HAVING count(DISTINCT ref) = 1
),
borrowed AS (
    SELECT DISTINCT persona_domain AS domain FROM mail_personas WHERE spoofed
),
seen AS (
    SELECT o.ref AS ref, o.what AS what, locator(v.evidence, v.chain, v.start, v.length) AS at
    FROM own o
    JOIN "values" v ON v.kind = o.what AND v.value = o.value
    LEFT JOIN (SELECT DISTINCT kind, value FROM warning_matches) w ON w.kind = v.kind AND w.value = v.value
    LEFT JOIN borrowed b ON b.domain = registered_domain(CASE o.what
        WHEN 'url' THEN lower(regexp_replace(o.value, '^[a-zA-Z][a-zA-Z0-9+.-]*://([^/@]*@)?([^/:?#]*).*$', '\2'))
        WHEN 'email' THEN lower(split_part(o.value, '@', 2))
        WHEN 'domain' THEN o.value
    END)
    WHERE w.value IS NULL AND b.domain IS NULL AND regexp_like(v.topics, '(^|,)(mail|web|leak|social|video)(,|$)')
    UNION ALL
    SELECT o.ref AS ref, o.what AS what, min(locator(p.evidence, p.chain, p.start, p.length)) AS at
    FROM own o
    JOIN mail_person_fields p ON upper(regexp_replace(p.value, '[^[:alnum:]]', '', 'g')) = o.value
    JOIN campaign_members c ON c.evidence = p.evidence AND c.chain = p.message
    WHERE o.what IN ('passport', 'id-number', 'tax-number', 'registration') AND p.kind = 'number'
    GROUP BY o.ref, o.what
),
second AS (
    SELECT ref, first_value(what ORDER BY what, at) AS what, first_value(at ORDER BY what, at) AS at,
        count(*) AS identifiers
    FROM seen
    GROUP BY ref
)
SELECT t.evidence, t.chain, t.start, t.length, t.name, t.role, t.topic, b.ref, p.party, b.value AS listed_name,
    b.what AS listed_as, b.source, b.stated, b.likeness, s.what AS second_kind, s.at AS second_at,
    s.ref IS NOT NULL AS counts,
    CASE
        WHEN s.ref IS NOT NULL THEN 'the name is like one of the listed party (likeness ' || b.likeness
            || ' of 1000), and so is found its ' || replace(s.what, '-', ' ') || ', a second identifier'
        ELSE 'only the name is like one of the listed party (likeness ' || b.likeness || ' of 1000'
            || CASE WHEN b.what = 'weak-alias' THEN ', a weak alias' ELSE '' END
            || '): no second identifier of it is found in the case, and names are not unique'
    END AS why,
    locator(b.evidence, b.chain, b.start, b.length) AS listed_at
FROM told t
JOIN best b ON b.name = t.name
LEFT ANTI JOIN crowd c ON c.name = t.name
LEFT JOIN parties p ON p.ref = b.ref
LEFT JOIN second s ON s.ref = b.ref
UNION ALL
SELECT t.evidence, t.chain, t.start, t.length, t.name, t.role, t.topic, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, FALSE, 'is like the names of ' || c.parties || ' listed parties, so it tells none of them', NULL
FROM told t
JOIN crowd c ON c.name = t.name
