-- Each hop of each message's path: how far it can be believed, and what speaks against it.
--
-- A hop holds while the host that received it is the one that the hop above names as
-- its sender; the first that does not, and all below it, are claims. Doubts are signs
-- that a hop was invented, each a reason to look and none a proof: a clock that runs
-- backwards by more than ten minutes against the hop below, a name given that is of
-- another house than the name looked up, an id that the server named does not make.
WITH path AS (
    SELECT h.evidence, h.message, h.position, h.chain, h.start, h.length, h.from_ip, h.date, h.date_offset_minutes,
        h.software, h.own_id, lower(h.from_host) AS from_host, lower(h.helo) AS helo, lower(h.by_host) AS by_host,
        coalesce(registered_domain(h.by_host), lower(h.by_host)) AS by_domain, b.first_position
    FROM hops h
    JOIN mail_receptions b ON b.evidence = h.evidence AND b.message = h.message
),
neighbours AS (
    SELECT p.*,
        lag(p.from_host) OVER above AS sender_host, lag(p.helo) OVER above AS sender_helo,
        lag(p.by_domain) OVER above AS receiver_domain,
        coalesce(lag(p.from_ip) OVER above, '10.0.0.0') AS sender_ip,
        lead(p.date) OVER above AS date_below
    FROM path p
    WINDOW above AS (PARTITION BY p.evidence, p.message ORDER BY p.position)
),
-- A machine that hands mail on inside its own house shows no address that is
-- routed; there the next hop may be received under the same house's name.
torn AS (
    SELECT n.*,
        CASE
            WHEN position <= first_position THEN 0
            WHEN by_host IS NULL THEN CASE WHEN from_ip IS NULL THEN 0 ELSE 1 END
            WHEN by_host IN (sender_host, sender_helo) THEN 0
            WHEN by_domain IN (registered_domain(sender_host), registered_domain(sender_helo)) THEN 0
            WHEN split_part(by_host, '.', 1) IN (sender_host, sender_helo) THEN 0
            WHEN by_domain = receiver_domain AND is_unrouted(sender_ip) = 'true' THEN 0
            ELSE 1
        END AS gap
    FROM neighbours n
),
reached AS (
    SELECT t.*, sum(gap) OVER (PARTITION BY evidence, message ORDER BY position) AS gaps,
        arrow_cast(date_part('epoch', date) - date_part('epoch', date_below), 'Int64') AS seconds_since_below
    FROM torn t
)
SELECT evidence, chain, start, length, message, position, helo, from_host, from_ip, by_host, by_domain, date,
    date_offset_minutes, seconds_since_below, software,
    CASE
        WHEN position < first_position THEN 'delivery'
        WHEN position = first_position THEN 'reception'
        WHEN gaps = 0 THEN 'whole'
        ELSE 'claim'
    END AS standing,
    nullif(concat_ws('; ',
        CASE WHEN gap = 1 THEN 'no hop above names ' || coalesce(by_host, 'its host') || ' as its sender' END,
        CASE WHEN seconds_since_below < -600
            THEN 'its clock is ' || -seconds_since_below || ' s before that of the hop below' END,
        CASE WHEN registered_domain(helo) <> registered_domain(from_host)
            THEN 'the sending side called itself ' || helo || ', its address is called ' || from_host END,
        CASE WHEN NOT own_id THEN 'its id is none that ' || software || ' makes' END
    ), '') AS doubts
FROM reached
