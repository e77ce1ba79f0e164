-- Names that look like those of somebody else, and whose they look like.
--
-- A sender's domain is compared with the domains that the investigator declared as
-- own and with those that send checked mail in this case: the same letters to the eye
-- (homograph), one or two letters off (typosquatting), the name with a word added
-- (combosquatting), the name below another suffix. A display name that shows the
-- address of another domain is listed too, and so is a domain whose owner publishes
-- that no host may send for it, in whose name mail came all the same. A text under an
-- uncovered name that writes out the name of one of these organisations is listed with the
-- number of its mails that came in from an address of that organisation's own checked
-- mail. A resemblance may be chance; whether a check covers the sender stands beside it.
WITH senders AS (
    SELECT persona_domain, count(*) AS messages, count(*) FILTER (WHERE spoofed) AS uncovered,
        resembled(persona_domain) AS found
    FROM mail_personas
    GROUP BY persona_domain
),
domains AS (
    SELECT persona_domain, messages, uncovered, split_part(found, chr(9), 1) AS kind, split_part(found, chr(9), 2) AS impersonated,
        split_part(found, chr(9), 3) AS why
    FROM senders
    WHERE found IS NOT NULL
),
shown AS (
    SELECT persona_domain, persona_name, registered_domain(regexp_replace(persona_name, '^.*@([a-z0-9.-]+).*$', '\1')) AS domain,
        count(*) AS messages, count(*) FILTER (WHERE spoofed) AS uncovered
    FROM mail_personas
    WHERE strpos(persona_name, '@') > 0
    GROUP BY persona_domain, persona_name
),
-- What decided an SPF check is the same for all messages of a domain.
silent AS (
    SELECT registered_domain(c.domain) AS persona_domain, count(*) AS messages
    FROM mail_checks c
    WHERE c.method = 'dmarc' AND c.source = 'snapshot' AND c.result = 'fail' AND sends_no_mail(c.domain) = 'true'
    GROUP BY registered_domain(c.domain)
),
own_addresses AS (
    SELECT DISTINCT p.persona_domain AS domain, r.from_ip
    FROM mail_personas p
    JOIN mail_receptions r ON r.evidence = p.evidence AND r.message = p.chain
    WHERE p.spoofed = FALSE
),
naming AS (
    SELECT DISTINCT p.persona_domain, p.evidence, p.chain, named_organisation(b.text) AS domain
    FROM mail_personas p
    JOIN bodies b ON b.evidence = p.evidence AND b.message = p.chain
    WHERE p.spoofed
),
named AS (
    SELECT n.persona_domain, n.domain, count(*) AS messages, count(o.from_ip) AS by_own
    FROM naming n
    LEFT JOIN mail_receptions r ON r.evidence = n.evidence AND r.message = n.chain
    LEFT JOIN own_addresses o ON o.domain = n.domain AND o.from_ip = r.from_ip
    WHERE n.domain <> n.persona_domain
    GROUP BY n.persona_domain, n.domain
),
found AS (
    SELECT persona_domain, NULL AS persona_name, 'organisation-named' AS kind, domain AS impersonated,
        messages || ' texts write out the name of ' || domain || '; ' || by_own
            || ' of them came in from an address that its checked mail uses' AS why,
        messages, messages AS uncovered
    FROM named
    UNION ALL
    SELECT persona_domain, NULL AS persona_name, kind, impersonated, why, messages, uncovered FROM domains
    UNION ALL
    SELECT persona_domain, persona_name, 'display-name', domain,
        'the display name shows an address of ' || domain, messages, uncovered
    FROM shown
    WHERE domain <> persona_domain
    UNION ALL
    SELECT persona_domain, NULL, 'sends-no-mail', persona_domain AS impersonated, 'its owner publishes that no host may send for it', messages, messages AS uncovered
    FROM silent
),
firsts AS (
    SELECT evidence, chain, start, length, persona_domain, persona_name,
        row_number() OVER (PARTITION BY persona_domain ORDER BY evidence, chain) AS in_domain,
        row_number() OVER (PARTITION BY persona_domain, persona_name ORDER BY evidence, chain) AS in_name
    FROM mail_personas
)
SELECT p.evidence, p.chain, p.start, p.length, f.persona_domain, f.kind, f.impersonated, f.messages, f.uncovered, f.why
FROM found f
JOIN firsts p ON p.persona_domain = f.persona_domain
    AND (f.persona_name IS NULL AND p.in_domain = 1 OR p.persona_name = f.persona_name AND p.in_name = 1)
