-- What an entry of a knowledge base says of values, in order of their keys.
--
-- Indicators as they are; shared ranges and tenancies besides, since without
-- them a match with an indicator says more than it should. A tenancy's word
-- and a shared range's class stand in place of a description.
SELECT arrow_cast(value_key(kind, value), 'UInt64') AS key, *
FROM (
    SELECT 'indicators' AS what, kind, value, evidence, chain, start, length, ref, actor, actor_ref, source,
        valid_from, valid_until, stated, confidence, sharing, revoked, description
    FROM indicators
    UNION ALL
    SELECT 'shared_ranges', CASE WHEN strpos(prefix, '/') > 0 THEN 'cidr' ELSE 'ip' END, prefix, evidence, chain, start,
        length, NULL, provider, NULL, NULL, NULL, NULL, NULL, NULL, NULL, FALSE, class
    FROM shared_ranges
    UNION ALL
    SELECT 'tenancies', CASE WHEN strpos(value, '/') > 0 THEN 'cidr' ELSE kind END, value, evidence, chain, start, length,
        NULL, holder, NULL, source, held_from, held_until, NULL, NULL, NULL, FALSE, statement
    FROM tenancies
)
WHERE value IS NOT NULL AND kind IS NOT NULL
ORDER BY key, evidence, start, chain, length, what, kind, value, ref, actor, source
