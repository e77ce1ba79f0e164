-- Where the loaded intel has each actor's addresses, and where the benign ones of
-- the case are: the counts behind the weight of a shared network or provider.
--
-- An address that the case itself shows weighs as a match and is left out, so that
-- nothing speaks twice. All networks that the case does not touch are one place,
-- and so are all addresses of no known provider. Benign are addresses of the case
-- that no feed names and from which no mail of a campaign came.
WITH matched AS (
    SELECT DISTINCT value FROM intel_matches WHERE kind = 'ip'
),
stated AS (
    SELECT DISTINCT lower(i.actor) AS actor, i.value
    FROM indicators i
    LEFT ANTI JOIN matched m ON m.value = i.value
    WHERE i.kind = 'ip' AND i.actor IS NOT NULL AND NOT coalesce(i.revoked, FALSE)
),
spelled AS (
    SELECT lower(actor) AS key, min(actor) AS name FROM indicators WHERE kind = 'ip' AND actor IS NOT NULL GROUP BY 1
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
),
counted AS (
    SELECT kind, value, actor AS key, count(*) AS addresses FROM placed GROUP BY kind, value, actor
)
SELECT c.kind, c.value, s.name AS actor, c.addresses,
    CASE WHEN c.key IS NULL THEN 'addresses of the case that no feed names' ELSE 'loaded intel' END AS counted_in
FROM counted c
LEFT JOIN spelled s ON s.key = c.key
ORDER BY c.kind, c.value, c.key
