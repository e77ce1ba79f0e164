-- Where the loaded intel has each actor's addresses, and where the benign ones of
-- the case are: the counts behind the weight of a shared network or provider.
--
-- An address that the case itself shows weighs as a match and is left out, so that
-- nothing speaks twice. All networks that the case does not touch are one place,
-- and so are all addresses of no known provider. Benign are addresses of the case
-- that no feed names and from which no mail of a campaign came. An address that
-- feeds give under several names stands once, with all of them: they may be names
-- of one actor, whose servers would seem to stand together if it counted for each.
WITH matched AS (
    SELECT DISTINCT value FROM intel_matches WHERE kind = 'ip'
),
spelled AS (
    SELECT lower(actor) AS key, min(actor) AS name FROM indicators WHERE kind = 'ip' AND actor IS NOT NULL GROUP BY 1
),
named AS (
    SELECT DISTINCT i.value, s.name
    FROM indicators i
    JOIN spelled s ON s.key = lower(i.actor)
    LEFT ANTI JOIN matched m ON m.value = i.value
    WHERE i.kind = 'ip' AND i.actor IS NOT NULL AND NOT coalesce(i.revoked, FALSE)
),
stated AS (
    SELECT value, string_agg(name, '|' ORDER BY name) AS actor FROM named GROUP BY value
),
own AS (
    SELECT DISTINCT o.origin_ip AS value
    FROM mail_origins o
    JOIN campaign_members c ON c.evidence = o.evidence AND c.chain = o.chain
    WHERE o.origin_ip IS NOT NULL
),
benign AS (
    SELECT DISTINCT o.value, o.asn, o.shared_by
    FROM address_origins o
    LEFT ANTI JOIN matched m ON m.value = o.value
    LEFT ANTI JOIN own ON own.value = o.value
),
placed AS (
    SELECT 'asn' AS kind, network_of(value) AS value, actor FROM stated
    UNION ALL
    SELECT 'provider', provider_of(value), actor FROM stated
    UNION ALL
    SELECT 'asn', 'AS' || asn, NULL FROM benign WHERE asn IS NOT NULL
    UNION ALL
    SELECT 'provider', shared_by, NULL FROM benign
)
SELECT kind, value, actor, count(*) AS addresses,
    CASE WHEN actor IS NULL THEN 'addresses of the case that no feed names' ELSE 'loaded intel' END AS counted_in
FROM placed
GROUP BY kind, value, actor
ORDER BY kind, value, actor
