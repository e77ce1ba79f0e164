-- Addresses of each actor on the web, what they hide behind, and the one that
-- hides behind nothing.
--
-- An actor's cover is the exits of VPNs and the like that it used. Lists of
-- exits have holes, so an address in the same announced prefix or network as a
-- listed exit of the same actor is held to be cover too. What is left is a slip
-- if the actor otherwise nearly always kept to its cover and used this address
-- in one site and phase alone and rarely, or if other evidence knows the
-- address. An address that was used as often as the exits may just be missing
-- from the lists, and says so.
WITH uses AS (
    SELECT actor, client AS value, count(*) AS requests, count(DISTINCT site || ' ' || phase) AS places,
        min(time) AS first_seen, max(time) AS last_seen,
        first_value(evidence ORDER BY time, evidence, chain, start) AS evidence,
        first_value(chain ORDER BY time, evidence, chain, start) AS chain,
        first_value(start ORDER BY time, evidence, chain, start) AS start,
        first_value(length ORDER BY time, evidence, chain, start) AS length
    FROM web_acts
    WHERE actor IS NOT NULL
    GROUP BY actor, client
),
origins AS (
    SELECT value, min(prefix) AS prefix, min(asn) AS asn, min(name) AS network, min(shared_class) AS shared_class,
        min(shared_by) AS shared_by
    FROM address_origins
    GROUP BY value
),
known AS (
    SELECT u.*, o.prefix, o.asn, o.network, o.shared_class, o.shared_by
    FROM uses u
    LEFT JOIN origins o ON o.value = u.value
),
exits AS (
    SELECT actor, prefix, asn FROM known WHERE shared_class IN ('vpn-exit', 'tor-exit', 'proxy', 'relay')
),
exit_prefixes AS (
    SELECT DISTINCT actor, prefix FROM exits WHERE prefix IS NOT NULL
),
exit_networks AS (
    SELECT DISTINCT actor, asn FROM exits WHERE asn IS NOT NULL
),
covered AS (
    SELECT k.*, coalesce(k.shared_class IN ('vpn-exit', 'tor-exit', 'proxy', 'relay'), FALSE) AS listed,
        coalesce(k.shared_class IN ('vpn-exit', 'tor-exit', 'proxy', 'relay'), FALSE)
            OR p.prefix IS NOT NULL OR n.asn IS NOT NULL AS cover
    FROM known k
    LEFT JOIN exit_prefixes p ON p.actor = k.actor AND p.prefix = k.prefix
    LEFT JOIN exit_networks n ON n.actor = k.actor AND n.asn = k.asn
),
sums AS (
    SELECT actor, count(*) FILTER (WHERE cover) AS exits, count(*) AS addresses,
        coalesce(sum(requests) FILTER (WHERE cover), 0) AS covered_requests, sum(requests) AS all_requests
    FROM covered
    GROUP BY actor
),
elsewhere AS (
    SELECT value, bool_or(strpos(topics, 'mail') > 0 OR strpos(topics, 'video') > 0 OR strpos(topics, 'leak') > 0
        OR strpos(topics, 'hosting') > 0) AS known_elsewhere
    FROM "values"
    WHERE kind = 'ip'
    GROUP BY value
),
judged AS (
    SELECT c.*, s.exits, coalesce(e.known_elsewhere, FALSE) AS known_elsewhere,
        NOT c.cover AND s.exits >= 2 AND 10 * s.covered_requests >= 8 * s.all_requests AS outside,
        c.places = 1 AND 2 * c.requests * s.exits < s.covered_requests AS rare
    FROM covered c
    JOIN sums s ON s.actor = c.actor
    LEFT JOIN elsewhere e ON e.value = c.value
)
SELECT evidence, chain, start, length, actor, value, requests, first_seen, last_seen, asn, network, prefix,
    shared_class, shared_by, cover, outside AND (rare OR known_elsewhere) AS slip,
    CASE
        WHEN listed THEN concat('an exit of ', coalesce(shared_by, 'a shared service'), ': whoever used it, many others did too')
        WHEN cover THEN 'in no list, but in a network where this actor used listed exits: held to be cover'
        WHEN outside AND known_elsewhere THEN concat('the same actor, who otherwise came from ', exits, ' addresses behind VPN exits, came from here without cover; other evidence knows the address too')
        WHEN outside AND rare THEN concat('the same actor, who otherwise came from ', exits, ' addresses behind VPN exits, came from here for ', requests, ' requests without cover')
        WHEN outside THEN 'in no list of exits, but used as often as they were: the list may lack it'
        ELSE 'no cover is known for this actor, so this address stands out in nothing'
    END AS why
FROM judged
