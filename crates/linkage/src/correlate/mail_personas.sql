-- Who each message claims to be from, in the form in which two claims are compared.
--
-- A persona is a display name with a sender's registered domain; a mail without a
-- display name is known by its domain alone. With it stands whether a check covers
-- the claim, and the group of mails that say the same.
SELECT m.evidence, m.chain, m.start, m.length, m.message_id,
    coalesce(registered_domain(m.from_domain), lower(m.from_domain)) AS persona_domain,
    coalesce(
        nullif(lower(trim(regexp_replace(coalesce(m.from_name, ''), '[\s"'']+', ' ', 'g'))), ''),
        coalesce(registered_domain(m.from_domain), lower(m.from_domain))
    ) AS persona_name,
    o.spoofed, t.text_group
FROM messages m
JOIN mail_origins o ON o.evidence = m.evidence AND o.chain = m.chain
LEFT JOIN mail_texts t ON t.evidence = m.evidence AND t.message = m.chain
WHERE m.from_domain IS NOT NULL
