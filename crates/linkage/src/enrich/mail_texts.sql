-- Mails that say the same, names, numbers and addresses aside, in groups.
--
-- Two mails agree if half of the hashes in their sketches do, which is about where
-- half of their runs of three words are the same; agreement is handed on. Only mails
-- that meet in one of sixteen bands are compared, each with the first few of its
-- band, so that the work grows with the number of mails and not with its square.
-- Groups of one are left out.
SELECT s.evidence, s.chain, s.start, s.length, s.message, g.text_group, g.messages, g.agreement
FROM (
    -- A mail may say something in a second place, such as a winmail.dat; the first counts.
    SELECT *, row_number() OVER (PARTITION BY evidence, message ORDER BY chain) AS place FROM mail_sketches
) s
JOIN text_groups g ON g.evidence = s.evidence AND g.message = s.message
WHERE g.messages > 1 AND s.place = 1
