-- Where each message came from, as far as its path hangs together, which clock
-- wrote it, and whether a passed check covers the sender that its reader sees.
--
-- Apart from the paths it rests on, so that the engine works each of them out once.
WITH
-- The Date header of a mail that no check covers is its writer's to choose. It is
-- believed where a program set it on a relay against the relay's own clock, unless
-- other mail from the same address or name was written by another clock than its Date says.
-- Below a path with loose lines, and where no program on the relay wrote it, it needs
-- such a mail with a whole path that agrees, since whoever invents trace lines, or
-- hands a mail in, can invent a clock.
contradicted AS (
    SELECT DISTINCT coalesce(caller_ip, hop_ip) AS address, from_domain
    FROM mail_paths
    WHERE writer_offset <> date_offset_minutes AND spoofed IS DISTINCT FROM FALSE
),
own_clock AS (
    SELECT evidence, chain, from_domain, date_offset_minutes, by_program AND hops_kept = hops_all AS vouches
    FROM mail_paths
    WHERE hops_kept >= 2 AND date_offset_minutes <> submission_offset
        AND coalesce(caller_ip, hop_ip, '') NOT IN (SELECT address FROM contradicted WHERE address IS NOT NULL)
        AND from_domain NOT IN (SELECT from_domain FROM contradicted WHERE from_domain IS NOT NULL)
),
believed AS (
    SELECT DISTINCT o.evidence, o.chain
    FROM own_clock o
    LEFT JOIN own_clock w ON w.vouches AND w.from_domain = o.from_domain AND w.date_offset_minutes = o.date_offset_minutes
    WHERE o.vouches OR w.chain IS NOT NULL
)
SELECT s.evidence, s.chain, s.start, s.length, s.message_id, coalesce(s.caller_ip, s.hop_ip) AS origin_ip,
    CASE WHEN s.caller_ip IS NOT NULL THEN s.noted_at ELSE s.hop_at END AS origin_hop_at,
    CASE
        -- A quoted date without a quoted path is only what somebody wrote.
        WHEN s.hops_all = 0 AND regexp_like(s.chain, '(^|/)bytes:[^/]*$') THEN NULL
        WHEN s.spoofed = FALSE THEN s.date_offset_minutes
        -- The machine that handed the mail in stamped it by its own clock.
        WHEN s.writer_offset IS NOT NULL THEN s.writer_offset
        WHEN b.chain IS NOT NULL THEN s.date_offset_minutes
        WHEN s.by_program OR s.date_by_relay THEN NULL
        -- Nothing vouches for the Date header of a mail that no check covers.
        WHEN s.spoofed THEN NULL
        WHEN s.date_offset_minutes <> 0 OR s.date_offset_minutes = s.bottom_offset THEN s.date_offset_minutes
    END AS origin_offset_minutes,
    CASE WHEN s.writer_offset <> s.date_offset_minutes AND s.spoofed IS DISTINCT FROM FALSE THEN s.date_offset_minutes END
        AS masked_offset_minutes,
    CASE WHEN s.hops_kept < s.hops_all THEN s.first_position + s.hops_kept END AS loose_from,
    s.spoofed,
    s.finding || coalesce(' ' || s.from_domain, '') || coalesce(' (' || s.said || ')', '') || '; '
        || CASE
            WHEN s.hops_all = 0 THEN 'no path is on record'
            WHEN s.caller_ip IS NOT NULL THEN 'a program on ' || s.submission_host || ' wrote it, called from the address'
            WHEN s.hop_ip IS NULL THEN 'no hop of the path names a routed address'
            ELSE s.hops_kept || ' of ' || s.hops_all || ' hops hang together, the last address was written by '
                || coalesce(s.hop_by, 'an unnamed host')
        END
        || CASE WHEN s.writer_offset <> s.date_offset_minutes
            THEN '; its Message-ID was made by another clock than its Date header claims' ELSE '' END AS why
FROM mail_paths s
LEFT JOIN believed b ON b.evidence = s.evidence AND b.chain = s.chain
