-- What mails under uncovered names have in common besides names and words: addresses,
-- hosts, the program that wrote them, links, tracking ids and pictures.
--
-- A mark is kept where two mails or more bear it and one of them is written under a name that no
-- check covers. How many mails under covered names bear it too stands beside it:
-- a mark that they share is a provider's, a mailing program's or a popular site's,
-- and ties nobody. `address` is where a mail came from or came in from,
-- `envelope-domain` the registered domain of its envelope, `message-id-host` the machine
-- that numbered it, `hand` a hash of the rules by which its program makes what nobody chooses,
-- `text` a group of mails that say the same, `link` an address in the body without its
-- query, `link-domain` its registered domain, `tracking-id` a part of its query such as
-- `c=812345`, and `picture` the fingerprint of an attached picture. Values in the query
-- of one mail alone stay where they are: they may name its reader.
WITH mails AS (
    SELECT m.evidence, m.chain, o.spoofed, o.origin_ip, nullif(r.from_ip, o.origin_ip) AS from_ip,
        registered_domain(split_part(m.return_path, '@', 2)) AS envelope_domain, h.message_id_host,
        CASE WHEN h.message IS NOT NULL THEN hash_id(concat_ws(' ', h.message_id_grammar, coalesce(h.boundary_grammar, '-'),
            coalesce(m.mailer, '-'), h.own_headers)) END AS hand,
        t.text_group
    FROM messages m
    JOIN mail_origins o ON o.evidence = m.evidence AND o.chain = m.chain
    LEFT JOIN mail_receptions r ON r.evidence = m.evidence AND r.message = m.chain
    LEFT JOIN mail_habits h ON h.evidence = m.evidence AND h.message = m.chain
    LEFT JOIN mail_texts t ON t.evidence = m.evidence AND t.message = m.chain
),
links AS (
    SELECT DISTINCT b.evidence, b.message, o.value
    FROM observables o
    JOIN bodies b ON b.evidence = o.evidence AND b.chain = o.chain
    WHERE o.kind = 'url' AND o.role = 'body' AND o.status = 'accepted'
),
linked AS (
    SELECT DISTINCT l.evidence, l.chain, l.spoofed, l.kind, l.value
    FROM (
        SELECT k.evidence, k.message AS chain, o.spoofed,
            unnest(make_array('link', 'link-domain', 'tracking-id', 'tracking-id', 'tracking-id')) AS kind,
            unnest(make_array(
                regexp_replace(k.value, '[?#].*$', ''),
                registered_domain(regexp_replace(k.value, '^[a-z]+://([^/@]*@)?([^/:?#]+).*$', '\2')),
                tracking_id(k.value, '0'), tracking_id(k.value, '1'), tracking_id(k.value, '2')
            )) AS value
        FROM links k
        JOIN mail_origins o ON o.evidence = k.evidence AND o.chain = k.message
    ) l
),
pictured AS (
    SELECT o.evidence, o.chain, o.spoofed, f.fingerprint
    FROM (
        SELECT DISTINCT evidence, regexp_replace(chain, '(^|/)part:[0-9]+(/[a-z0-9-]+)?$', '') AS message, fingerprint
        FROM media_fingerprints
    ) f
    JOIN mail_origins o ON o.evidence = f.evidence AND o.chain = f.message
),
borne AS (
    SELECT evidence, chain, spoofed,
        unnest(make_array('address', 'address', 'envelope-domain', 'message-id-host', 'hand', 'text')) AS kind,
        unnest(make_array(origin_ip, from_ip, envelope_domain, message_id_host, hand, text_group)) AS value
    FROM mails
    UNION ALL
    SELECT evidence, chain, spoofed, kind, value FROM linked
    UNION ALL
    SELECT evidence, chain, spoofed, 'picture', fingerprint FROM pictured
),
counted AS (
    SELECT kind, value, count(*) AS messages, count(*) FILTER (WHERE spoofed = FALSE) AS covered
    FROM borne
    WHERE value IS NOT NULL
    GROUP BY kind, value
    HAVING count(*) >= 2 AND count(*) FILTER (WHERE spoofed) >= 1
)
SELECT m.evidence, m.chain, m.start, m.length, c.kind, c.value, c.messages, c.covered
FROM counted c
JOIN borne b ON b.kind = c.kind AND b.value = c.value AND b.spoofed
JOIN messages m ON m.evidence = b.evidence AND m.chain = b.chain
