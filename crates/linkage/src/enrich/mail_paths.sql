-- What the path and the declared checks of each message say, before anything is
-- concluded from them.
--
-- The origin is the lowest address in the part of the path that holds, of those that could be routed.
--
-- Checks that pass for another domain than the visible sender's are no cover, unless
-- the message says that it is bulk mail or that somebody forwarded it.
WITH whole AS (
    SELECT * FROM mail_hops WHERE standing IN ('reception', 'whole')
),
origins AS (
    SELECT * FROM (
        SELECT w.*, row_number() OVER (PARTITION BY evidence, message ORDER BY position DESC) AS place
        FROM whole w
        WHERE is_unrouted(from_ip) = 'false'
    )
    WHERE place = 1
),
reach AS (
    SELECT evidence, message, count(*) AS hops_kept FROM whole GROUP BY evidence, message
),
receivers AS (
    SELECT evidence, message, by_host, by_domain, registered_domain(from_host) AS verified_domain FROM mail_receptions
),
-- The lowest hop that holds: where it names no sender at all, a program on that host wrote the mail.
submissions AS (
    SELECT * FROM (
        SELECT w.evidence, w.message, w.by_host, w.date_offset_minutes,
            w.from_ip IS NULL AND w.from_host IS NULL AND w.helo IS NULL AS by_program,
            row_number() OVER (PARTITION BY w.evidence, w.message ORDER BY w.position DESC) AS place
        FROM whole w
    )
    WHERE place = 1
),
lowest AS (
    SELECT * FROM (
        SELECT w.evidence, w.message, w.helo, w.from_host,
            row_number() OVER (PARTITION BY w.evidence, w.message ORDER BY w.position DESC) AS place
        FROM whole w
    )
    WHERE place = 1
),
-- Such a host may note who called the program; two different notes cancel each other.
callers AS (
    SELECT evidence, message, min(caller) AS ip, min(locator(evidence, chain, start, length)) AS noted_at
    FROM (
        SELECT evidence, chain, start, length, value AS caller,
            regexp_replace(chain, '/?header:[^/]*$', '') AS message
        FROM observables
        WHERE kind = 'ip' AND status = 'accepted'
            AND regexp_like(role, '^header:(x-php-script|x-originating-ip|x-source-ip|x-sender-ip)$', 'i')
    )
    GROUP BY evidence, message
    HAVING count(DISTINCT caller) = 1
),
-- A Message-ID that begins with a time of day shows the clock of the machine that
-- made it: its minutes ahead of the instant in the Date header, where they are a
-- zone's offset give or take a minute.
stamps AS (
    SELECT evidence, chain, maker, arrow_cast(round(ahead / 900.0), 'Int64') * 15 AS minutes
    FROM (
        SELECT evidence, chain, lower(regexp_replace(message_id, '^.*@([^@>]*)>?$', '\1')) AS maker,
            arrow_cast(date_part('epoch', try_cast(regexp_replace(message_id,
                '^<([0-9]{4})([0-9]{2})([0-9]{2})T?([0-9]{2})([0-9]{2})([0-9]{2})[.-].*$', '\1-\2-\3T\4:\5:\6Z'
            ) AS TIMESTAMP)) - date_part('epoch', date), 'Int64') AS ahead
        FROM messages
        WHERE date IS NOT NULL AND regexp_like(message_id, '^<[0-9]{8}T?[0-9]{6}[.-]')
    )
    WHERE abs(ahead) <= 50400 AND abs(ahead - round(ahead / 900.0) * 900) <= 60
),
bottoms AS (
    SELECT p.evidence, p.message, p.date_offset_minutes
    FROM mail_hops p
    JOIN mail_receptions b ON b.evidence = p.evidence AND b.message = p.message AND b.last_position = p.position
),
-- What the receiving host declared at the time weighs more than a later look at the
-- DNS, so ours count where it declared nothing; but a signature that holds today is one.
checks AS (
    SELECT c.message, c.evidence, c.method, c.result, c.aligned, c.source,
        CASE WHEN c.source = 'snapshot' THEN 'by the snapshot ' ELSE '' END
            || c.method || '=' || c.result || coalesce(' for ' || c.domain, '') AS words
    FROM mail_checks c
    LEFT ANTI JOIN (
        SELECT DISTINCT evidence, message, method FROM mail_checks WHERE source = 'declared'
    ) d ON d.evidence = c.evidence AND d.message = c.message AND d.method = c.method
        AND c.source = 'snapshot' AND c.result <> 'unknown' AND NOT (c.method = 'dkim' AND c.result = 'pass')
),
cover AS (
    SELECT m.evidence, m.chain, count(c.method) FILTER (WHERE c.result <> 'unknown') AS checked,
        string_agg(DISTINCT c.words, ', ' ORDER BY c.words) FILTER (WHERE c.result <> 'unknown') AS said,
        coalesce(bool_or(c.method IN ('spf', 'dkim', 'dmarc') AND c.result = 'pass' AND c.aligned), FALSE) AS covered,
        coalesce(bool_or(c.method IN ('spf', 'dmarc') AND c.result = 'fail'), FALSE) AS refused,
        coalesce(bool_or(c.method = 'arc' AND c.result = 'pass' AND c.source = 'declared'), FALSE) AS sealed,
        coalesce(bool_or(c.method = 'arc' AND c.result = 'pass' AND c.source = 'snapshot'), FALSE) AS sealed_by_anybody,
        coalesce(bool_or(c.method = 'dmarc' AND c.source = 'snapshot' AND c.result = 'unknown'), FALSE) AS unheard
    FROM messages m
    LEFT JOIN checks c ON c.evidence = m.evidence AND c.message = m.chain
    GROUP BY m.evidence, m.chain
),
judged AS (
    SELECT m.evidence, m.chain, m.start, m.length, m.message_id, m.from_domain, m.date_offset_minutes,
        o.from_ip AS hop_ip, o.by_host AS hop_by, locator(o.evidence, o.chain, o.start, o.length) AS hop_at,
        CASE WHEN s.by_program THEN k.ip END AS caller_ip, k.noted_at,
        CASE WHEN t.maker IN (w.helo, w.from_host) AND t.maker <> s.by_host THEN t.minutes END AS writer_offset,
        t.maker = s.by_host AND t.minutes = m.date_offset_minutes AS date_by_relay, s.by_host AS submission_host,
        coalesce(r.hops_kept, 0) AS hops_kept, coalesce(b.last_position - b.first_position + 1, 0) AS hops_all,
        b.first_position,
        e.date_offset_minutes AS bottom_offset, s.date_offset_minutes AS submission_offset,
        coalesce(s.by_program, FALSE) AS by_program, c.said,
        CASE
            WHEN m.from_domain IS NULL THEN 'no sender is named'
            WHEN c.covered THEN 'a passed check covers'
            WHEN v.verified_domain = registered_domain(m.from_domain) THEN 'the sending host bears the name of'
            -- Whoever sent it, it was not the domain's owner, who says that no host of theirs sends mail.
            WHEN sends_no_mail(m.from_domain) = 'true' THEN 'the owner publishes that no host may send for'
            WHEN c.checked = 0 THEN 'no check is on record for'
            WHEN m.bulk THEN 'declared bulk or list mail shows'
            WHEN c.sealed THEN 'a forwarder sealed the mail of'
            -- Anybody can seal; only the receiving host could say whether it trusts who did.
            WHEN c.sealed_by_anybody THEN 'a seal that nobody vouched for holds over the mail of'
            WHEN regexp_like(m.return_path, '^srs[01][=+-]', 'i')
                AND strpos(lower(m.return_path), '=' || lower(m.from_domain) || '=') > 0
                THEN 'a forwarder rewrote the envelope of'
            -- Where a snapshot was made and knows no record of the domain, nobody's name is borrowed:
            -- spam makes up such domains and uses them in the envelope too.
            WHEN c.unheard AND registered_domain(split_part(m.return_path, '@', 2)) = registered_domain(m.from_domain)
                THEN 'the snapshot of the DNS knows nothing of'
            WHEN c.refused
                OR registered_domain(split_part(m.return_path, '@', 2)) <> registered_domain(m.from_domain)
                THEN 'no passed check covers'
            ELSE 'no check speaks for or against'
        END AS finding
    FROM messages m
    JOIN cover c ON c.evidence = m.evidence AND c.chain = m.chain
    LEFT JOIN receivers v ON v.evidence = m.evidence AND v.message = m.chain
    LEFT JOIN submissions s ON s.evidence = m.evidence AND s.message = m.chain
    LEFT JOIN callers k ON k.evidence = m.evidence AND k.message = m.chain
    LEFT JOIN origins o ON o.evidence = m.evidence AND o.message = m.chain
    LEFT JOIN reach r ON r.evidence = m.evidence AND r.message = m.chain
    LEFT JOIN mail_receptions b ON b.evidence = m.evidence AND b.message = m.chain
    LEFT JOIN bottoms e ON e.evidence = m.evidence AND e.message = m.chain
    LEFT JOIN stamps t ON t.evidence = m.evidence AND t.chain = m.chain
    LEFT JOIN lowest w ON w.evidence = m.evidence AND w.message = m.chain
),
spoofing AS (
    SELECT j.*,
        CASE
            WHEN finding IN ('no passed check covers', 'the owner publishes that no host may send for') THEN TRUE
            WHEN finding IN (
                'no sender is named', 'no check is on record for', 'no check speaks for or against',
                'the snapshot of the DNS knows nothing of', 'a seal that nobody vouched for holds over the mail of'
            ) THEN NULL
            ELSE FALSE
        END AS spoofed
    FROM judged j
)
SELECT evidence, chain, start, length, message_id, from_domain, date_offset_minutes, hop_ip, hop_by, hop_at, caller_ip, noted_at, writer_offset,
    date_by_relay, submission_host, hops_kept, hops_all, first_position, bottom_offset, submission_offset, by_program, said, finding, spoofed
FROM spoofing
