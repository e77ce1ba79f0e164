-- What mails under uncovered names have in common besides names and words: addresses,
-- hosts, the program that wrote them, links, tracking ids and pictures.
--
-- A mark is kept where two mails or more bear it and one of them is written under a name that no
-- check covers. How many mails under covered names bear it too stands beside it:
-- a mark that they share is a provider's, a mailing program's or a popular site's,
-- and ties nobody. `address` is where a mail came from or came in from,
-- `envelope-domain` the registered domain of its envelope, `message-id-host` the machine
-- that numbered it, `hand` the rules by which its program makes what nobody chooses,
-- `text` a group of mails that say the same, `link` an address in the body without its
-- query, `link-domain` its registered domain, `tracking-id` a part of its query such as
-- `c=812345`, and `picture` the fingerprint of an attached picture. Values in the query
-- of one mail alone stay where they are: they may name its reader.
WITH mails AS (
    SELECT m.evidence, m.chain, m.start, m.length, m.mailer, m.return_path, o.origin_ip, o.spoofed
    FROM messages m
    JOIN mail_origins o ON o.evidence = m.evidence AND o.chain = m.chain
),
links AS (
    SELECT DISTINCT o.evidence, b.message, o.value
    FROM observables o
    JOIN bodies b ON b.evidence = o.evidence AND b.chain = o.chain
    WHERE o.kind = 'url' AND o.role = 'body' AND o.status = 'accepted'
),
borne AS (
    SELECT evidence, chain AS message, 'address' AS kind, origin_ip AS value FROM mails
    UNION
    SELECT evidence, message, 'address', from_ip FROM mail_receptions
    UNION ALL
    SELECT evidence, chain, 'envelope-domain', registered_domain(split_part(return_path, '@', 2)) FROM mails
    UNION ALL
    SELECT evidence, message, 'message-id-host', message_id_host FROM mail_habits
    UNION ALL
    SELECT h.evidence, h.message, 'hand',
        concat_ws(' ', h.message_id_grammar, coalesce(h.boundary_grammar, '-'), coalesce(m.mailer, '-'), h.own_headers)
    FROM mail_habits h
    JOIN mails m ON m.evidence = h.evidence AND m.chain = h.message
    UNION ALL
    SELECT evidence, message, 'text', text_group FROM mail_texts
    UNION
    SELECT evidence, message, 'link', regexp_replace(value, '[?#].*$', '') FROM links
    UNION
    SELECT evidence, message, 'link-domain', registered_domain(regexp_replace(value, '^[a-z]+://([^/@]*@)?([^/:?#]+).*$', '\2')) FROM links
    UNION
    SELECT evidence, message, 'tracking-id', tracking_id(value, n) FROM links CROSS JOIN (VALUES ('0'), ('1'), ('2')) AS places (n)
    WHERE strpos(value, '?') > 0
    UNION
    SELECT evidence, regexp_replace(chain, '(^|/)part:[0-9]+(/[a-z0-9-]+)?$', ''), 'picture', fingerprint FROM media_fingerprints
),
counted AS (
    SELECT b.kind, b.value, count(*) AS messages, count(*) FILTER (WHERE m.spoofed = FALSE) AS covered
    FROM borne b
    JOIN mails m ON m.evidence = b.evidence AND m.chain = b.message
    WHERE b.value IS NOT NULL
    GROUP BY b.kind, b.value
    HAVING count(*) >= 2 AND count(*) FILTER (WHERE m.spoofed) >= 1
)
SELECT m.evidence, m.chain, m.start, m.length, c.kind, c.value, c.messages, c.covered
FROM counted c
JOIN borne b ON b.kind = c.kind AND b.value = c.value
JOIN mails m ON m.evidence = b.evidence AND m.chain = b.message
WHERE m.spoofed
