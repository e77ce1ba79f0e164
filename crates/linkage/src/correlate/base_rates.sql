-- How many of the known actors, and how much that is benign, show the same.
--
-- Five kinds of rows. A value of the case that feeds name: benign are the
-- warninglists that hold it. A network with a match of the case, and a provider
-- (hoster, VPN) of ranges that its addresses lie in: actors are those to whom any
-- indicator of the loaded intel gives an address there, benign the addresses of the
-- case in it that no feed names. A clock offset of a campaign or
-- of a screen: benign are mails outside all campaigns. A technique or tool: the actors whose use of it the feeds state in
-- STIX; relationships that were withdrawn are left out.
--
-- Actors are counted by the names that feeds spell: two names of one actor
-- count twice here, so that a thing looks shared rather than telling.
WITH named_actors AS (
    SELECT count(DISTINCT lower(name)) AS actors FROM (
        SELECT name FROM actors UNION SELECT actor FROM intel_matches WHERE actor IS NOT NULL
    )
),
lists AS (
    SELECT count(DISTINCT list) AS lists FROM warnings
),
warned AS (
    SELECT kind, value, count(DISTINCT list) AS lists FROM warning_matches GROUP BY kind, value
),
named AS (
    SELECT kind, value, count(DISTINCT lower(actor)) AS actors FROM intel_matches GROUP BY kind, value
),
networks AS (
    SELECT o.asn, min(o.name) AS name, count(DISTINCT lower(m.actor)) AS actors,
        count(DISTINCT o.value) FILTER (WHERE n.value IS NULL) AS benign
    FROM address_origins o
    LEFT JOIN intel_matches m ON m.kind = 'ip' AND m.value = o.value AND m.counts
    LEFT JOIN named n ON n.kind = 'ip' AND n.value = o.value
    WHERE o.asn IS NOT NULL
    GROUP BY o.asn
    HAVING count(m.value) > 0
),
unnamed AS (
    SELECT count(DISTINCT o.value) AS addresses
    FROM address_origins o
    LEFT ANTI JOIN named n ON n.kind = 'ip' AND n.value = o.value
    WHERE o.asn IS NOT NULL
),
placed AS (
    SELECT DISTINCT network_of(value) AS network, provider_of(value) AS provider, lower(actor) AS actor
    FROM indicators
    WHERE kind = 'ip' AND actor IS NOT NULL AND NOT coalesce(revoked, FALSE)
        AND (network_of(value) IS NOT NULL OR provider_of(value) IS NOT NULL)
),
network_actors AS (
    SELECT network, count(DISTINCT actor) AS actors FROM placed WHERE network IS NOT NULL GROUP BY network
),
provider_actors AS (
    SELECT provider, count(DISTINCT actor) AS actors FROM placed WHERE provider IS NOT NULL GROUP BY provider
),
providers AS (
    SELECT o.shared_by AS provider, min(o.shared_class) AS class,
        count(DISTINCT o.value) FILTER (WHERE n.value IS NULL) AS benign
    FROM address_origins o
    LEFT JOIN named n ON n.kind = 'ip' AND n.value = o.value
    WHERE o.shared_by IS NOT NULL
    GROUP BY o.shared_by
),
clocks AS (
    SELECT o.origin_offset_minutes AS minutes, count(c.campaign) AS own, count(*) - count(c.campaign) AS other
    FROM mail_origins o
    LEFT JOIN (SELECT DISTINCT evidence, chain, campaign FROM campaign_members) c
        ON c.evidence = o.evidence AND c.chain = o.chain
    WHERE o.origin_offset_minutes IS NOT NULL
    GROUP BY o.origin_offset_minutes
),
other_mails AS (
    SELECT sum(other) AS mails FROM clocks
),
uses AS (
    SELECT DISTINCT source_ref, target_ref
    FROM imported_objects
    WHERE relation = 'uses' AND NOT coalesce(revoked, FALSE)
        AND (starts_with(source_ref, 'intrusion-set--') OR starts_with(source_ref, 'threat-actor--'))
        AND (starts_with(target_ref, 'attack-pattern--') OR starts_with(target_ref, 'malware--')
            OR starts_with(target_ref, 'tool--'))
),
users AS (
    SELECT count(DISTINCT source_ref) AS actors FROM uses
),
shown AS (
    SELECT target_ref, count(*) AS actors FROM uses GROUP BY target_ref
),
things AS (
    SELECT ref, min(external_id) AS external_id, min(name) AS name FROM imported_objects
    WHERE starts_with(ref, 'attack-pattern--') OR starts_with(ref, 'malware--') OR starts_with(ref, 'tool--')
    GROUP BY ref
)
SELECT n.kind, n.value, NULL AS name, n.actors, a.actors AS of_actors,
    CASE WHEN l.lists > 0 THEN coalesce(w.lists, 0) END AS benign, CASE WHEN l.lists > 0 THEN l.lists END AS of_benign,
    CASE WHEN l.lists > 0 THEN 'warninglists' END AS benign_things
FROM named n
CROSS JOIN named_actors a
CROSS JOIN lists l
LEFT JOIN warned w ON w.kind = n.kind AND w.value = n.value
UNION ALL
SELECT 'asn', 'AS' || n.asn, n.name, greatest(n.actors, coalesce(k.actors, 0)), greatest(a.actors, coalesce(k.actors, 0)),
    n.benign, u.addresses, 'addresses of the case that no feed names'
FROM networks n
CROSS JOIN named_actors a
CROSS JOIN unnamed u
LEFT JOIN network_actors k ON k.network = 'AS' || n.asn
UNION ALL
SELECT 'provider', p.provider, p.class, k.actors, greatest(a.actors, k.actors), p.benign, u.addresses,
    'addresses of the case that no feed names'
FROM providers p
JOIN provider_actors k ON k.provider = p.provider
CROSS JOIN named_actors a
CROSS JOIN unnamed u
UNION ALL
SELECT 'time-zone', arrow_cast(c.minutes, 'Utf8'), NULL, NULL, NULL, c.other, o.mails, 'mails outside all campaigns'
FROM clocks c
CROSS JOIN other_mails o
WHERE c.own > 0 OR c.minutes IN (SELECT offset_minutes FROM screen_clocks WHERE slip)
UNION ALL
SELECT CASE WHEN starts_with(s.target_ref, 'attack-pattern--') THEN 'technique' ELSE 'tool' END,
    coalesce(t.external_id, s.target_ref), t.name, s.actors, u.actors, NULL, NULL, NULL
FROM shown s
CROSS JOIN users u
LEFT JOIN things t ON t.ref = s.target_ref
