-- What was checked of each message's sender: by the host that received it, as it
-- declared, and by us against the DNS snapshot of the case.
--
-- A declared check counts if the host that received the message declared it; of
-- several results of one method the topmost counts, since receivers write above
-- what they were given. Ours are SPF (RFC 7208) for the address that the receiving
-- host saw, DKIM (RFC 6376) and ARC (RFC 8617) with the keys of the snapshot,
-- and DMARC (RFC 7489) over both, each as the DNS was when the receiving host got the
-- message by its own clock, as far as changes are known. A name that the snapshot was
-- not asked for gives "unknown", never "none". Without a snapshot there are only declared checks.
WITH received AS (
    SELECT m.evidence, m.chain, m.start, m.length, m.from_domain, m.return_path, r.chain AS hop_chain, r.start AS hop_start,
        r.length AS hop_length, r.from_ip, coalesce(r.helo, r.from_host) AS helo,
        dns_epoch(CAST(arrow_cast(coalesce(h.date, m.date), 'Int64') AS VARCHAR)) AS epoch
    FROM messages m
    LEFT JOIN mail_receptions r ON r.evidence = m.evidence AND r.message = m.chain
    LEFT JOIN hops h ON h.evidence = r.evidence AND h.message = r.message AND h.position = r.first_position
),
declared AS (
    SELECT * FROM (
        SELECT a.*, rank() OVER (
                PARTITION BY a.evidence, a.message, a.method ORDER BY length(a.chain), a.chain
            ) AS place
        FROM declared_auth a
        LEFT JOIN mail_receptions r ON r.evidence = a.evidence AND r.message = a.message
        WHERE r.message IS NULL
            OR lower(a.authserv_id) = r.by_host
            OR coalesce(registered_domain(a.authserv_id), lower(a.authserv_id)) = r.by_domain
            -- Exchange Online writes no authserv-id, which RFC 8601 asks for.
            OR (a.authserv_id IS NULL AND r.by_domain IN ('outlook.com', 'office365.us', 'outlook.cn'))
    )
    WHERE place = 1 AND method IN ('spf', 'dkim', 'dmarc', 'arc')
),
-- Each question is asked once, however many messages ask it.
routes AS (
    SELECT from_ip, helo, return_path, epoch, spf_answer(from_ip, helo, return_path, epoch) AS answer
    FROM (SELECT DISTINCT from_ip, helo, return_path, epoch FROM received WHERE from_ip IS NOT NULL AND return_path IS NOT NULL)
),
spf AS (
    SELECT r.evidence, r.chain, r.hop_chain, r.hop_start, r.hop_length, split_part(s.answer, chr(9), 1) AS result,
        split_part(s.answer, chr(9), 2) AS domain, split_part(s.answer, chr(9), 3) AS why
    FROM received r
    JOIN routes s ON s.from_ip = r.from_ip AND s.return_path = r.return_path AND s.epoch = r.epoch
        AND s.helo IS NOT DISTINCT FROM r.helo
    WHERE s.answer IS NOT NULL
),
signatures AS (
    SELECT evidence, message, chain, start, length, kind, instance, domain, split_part(answer, chr(9), 1) AS result,
        split_part(answer, chr(9), 3) AS why
    FROM (
        SELECT s.*,
            dkim_answer(s.domain, s.selector, s.identity, s.algorithm, s.digest, s.signature, s.body_holds, s.flaws, r.epoch) AS answer
        FROM mail_signatures s
        JOIN received r ON r.evidence = s.evidence AND r.chain = s.message
    )
    WHERE answer IS NOT NULL
),
-- RFC 8617, 5.2: every seal of the chain holds, and so does the newest signature over the message.
sets AS (
    SELECT s.*, max(instance) OVER (PARTITION BY evidence, message) AS newest
    FROM signatures s
    WHERE kind <> 'dkim'
),
chains AS (
    SELECT evidence, message, newest,
        count(DISTINCT instance) FILTER (WHERE kind = 'arc-seal') AS seals,
        count(DISTINCT instance) FILTER (WHERE kind = 'arc-message') AS signatures,
        bool_and(result = 'pass') FILTER (WHERE kind = 'arc-seal' OR instance = newest) AS holds,
        bool_or(result IN ('unknown', 'temperror')) AS open,
        min(why) FILTER (WHERE result <> 'pass' AND (kind = 'arc-seal' OR instance = newest)) AS flaw
    FROM sets
    GROUP BY evidence, message, newest
),
sealed AS (
    SELECT s.evidence, s.chain, s.start, s.length, s.message, s.domain,
        CASE
            WHEN c.seals <> c.newest OR c.signatures <> c.newest THEN 'fail'
            WHEN c.holds THEN 'pass'
            WHEN c.open THEN 'unknown'
            ELSE 'fail'
        END AS result,
        CASE
            WHEN c.seals <> c.newest OR c.signatures <> c.newest THEN 'sets of the chain are missing'
            ELSE coalesce(c.flaw, c.newest || ' sets hold; what they say is its word who sealed them')
        END AS why
    FROM chains c
    JOIN sets s ON s.evidence = c.evidence AND s.message = c.message AND s.kind = 'arc-seal' AND s.instance = c.newest
),
signers AS (
    SELECT evidence, message, string_agg(DISTINCT domain, ',' ORDER BY domain) FILTER (WHERE result = 'pass') AS domains,
        string_agg(DISTINCT domain, ',' ORDER BY domain) FILTER (WHERE result IN ('unknown', 'temperror')) AS open
    FROM signatures
    WHERE kind = 'dkim'
    GROUP BY evidence, message
),
policies AS (
    SELECT evidence, chain, start, length, from_domain, split_part(answer, chr(9), 1) AS result, split_part(answer, chr(9), 3) AS why
    FROM (
        -- Without an address SPF is open for the envelope's domain; what a body quotes shows neither
        -- envelope nor signatures, so that anything may have covered it.
        SELECT r.*, dmarc_answer(
                r.from_domain, coalesce(s.result, 'unknown'),
                coalesce(s.domain, nullif(lower(split_part(r.return_path, '@', 2)), '')),
                g.domains, CASE WHEN regexp_like(r.chain, '(^|/)bytes:[^/]*$') THEN '*' ELSE g.open END, r.epoch
            ) AS answer
        FROM received r
        LEFT JOIN spf s ON s.evidence = r.evidence AND s.chain = r.chain
        LEFT JOIN signers g ON g.evidence = r.evidence AND g.message = r.chain
        WHERE r.from_domain IS NOT NULL
    )
    WHERE answer IS NOT NULL
),
checks AS (
    SELECT evidence, chain, start, length, message, 'declared' AS source, method, result, domain,
        'declared by ' || coalesce(authserv_id, 'an unnamed host') AS why
    FROM declared
    UNION ALL
    SELECT evidence, hop_chain, hop_start, hop_length, chain AS message, 'snapshot', 'spf', result, nullif(domain, ''), why FROM spf
    UNION ALL
    SELECT evidence, chain, start, length, message, 'snapshot', 'dkim', result, domain, why FROM signatures WHERE kind = 'dkim'
    UNION ALL
    SELECT evidence, chain, start, length, message, 'snapshot', 'arc', result, domain, why FROM sealed
    UNION ALL
    SELECT evidence, chain, start, length, chain AS message, 'snapshot', 'dmarc', result, from_domain, why FROM policies
)
SELECT c.evidence, c.chain, c.start, c.length, c.message, c.source, c.method, c.result, c.domain,
    coalesce(registered_domain(c.domain) = registered_domain(m.from_domain) OR lower(c.domain) = lower(m.from_domain),
        c.method = 'dmarc') AS aligned,
    c.why
FROM checks c
JOIN messages m ON m.evidence = c.evidence AND m.chain = c.message
