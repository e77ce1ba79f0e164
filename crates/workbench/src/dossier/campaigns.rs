//! Campaigns close up: counts in SQL, a bounded number of texts, and one mail for each.
//!
//! Everything is bounded per campaign, so that the dossier of a million mails
//! is as large as that of a thousand: counts keep their largest, texts and
//! sentences are taken in the order of their places, at most so many a group.

use casefile::{Case, Limits, Session};
use findings::dossier::{Dossier, Exhibit};
use model::Locator;
use model::locator::chain_text;

use super::rows;
use crate::error::Trouble;
use crate::worker::parent::Worker;
use crate::worker::protocol::{Job, Shown, Task};

/// Values of one kind that a campaign lists.
const LISTED: usize = 12;

/// Reads everything about campaigns but the header blocks, which lie in no table.
pub fn read(session: &Session, dossier: &mut Dossier) -> Result<(), Trouble> {
    if !dossier.campaigns.is_empty() {
        for query in TALLIES {
            dossier.tallies.extend(rows(session, &largest(query))?);
        }
        dossier.check_groups = rows(session, &of_members(CHECK_GROUPS))?;
        dossier.flows = rows(session, &of_members(FLOWS))?;
        dossier.wordings = rows(session, &of_members(WORDINGS))?;
        dossier.sentences = rows(session, &of_members(SENTENCES))?;
    }
    dossier.mail_groups = rows(session, MAIL_GROUPS)?;
    Ok(())
}

/// Takes one mail of each campaign out of the evidence, for the page that explains its headers.
pub fn read_exhibits(case: &Case, limits: &Limits, dossier: &mut Dossier) -> Result<(), Trouble> {
    if dossier.campaigns.is_empty() {
        return Ok(());
    }
    let session = case.session(limits.clone())?;
    let chosen: Vec<Exhibit> = rows(&session, &of_members(EXHIBITS))?;
    add(case, &session, chosen, dossier)
}

/// The dossier of one mail that somebody asked for by its place.
pub fn one_mail(case: &Case, limits: &Limits, place: &Locator, dossier: &mut Dossier) -> Result<(), Trouble> {
    let session = case.session(limits.clone())?;
    let chosen: Vec<Exhibit> =
        rows(&session, &format!("{ONE_MAIL} WHERE {}", message_is(place, "m.evidence", "m.chain")))?;
    if chosen.is_empty() {
        return Err(Trouble::Failed(format!("{place}: no message begins there; give the place of a whole message")));
    }
    add(case, &session, chosen, dossier)
}

/// Adds mails with their header blocks, hops and checks. A block that cannot be
/// opened is an empty one: the rows about it still stand.
fn add(case: &Case, session: &Session, chosen: Vec<Exhibit>, dossier: &mut Dossier) -> Result<(), Trouble> {
    let mut worker = Worker::default();
    for mut mail in chosen {
        let Ok(place) = mail.at.parse::<Locator>() else { continue };
        mail.header = header_block(case, &place, &mut worker).unwrap_or_default();
        dossier.exhibit_hops.extend(rows(
            session,
            &format!("{HOPS} WHERE {} ORDER BY position", message_is(&place, "evidence", "message")),
        )?);
        let checks = format!(
            "{CHECKS} WHERE {} ORDER BY method, source DESC, domain, at",
            message_is(&place, "evidence", "message")
        );
        dossier.exhibit_checks.extend(rows(session, &checks)?);
        dossier.exhibits.push(mail);
    }
    Ok(())
}

/// A message up to its first empty line, parsed out of the evidence in a worker child.
fn header_block(case: &Case, place: &Locator, worker: &mut Worker) -> Option<String> {
    let file = case.open_source(&place.evidence).ok()?;
    let bytes = file.metadata().ok()?.len();
    let task = Task::Open { chain: chain_text(&place.chain) };
    let job = Job { evidence: place.evidence.to_hex(), name: String::new(), bytes, task };
    let shown: Shown = worker.ask(&job, &file).ok()?;
    let text = String::from_utf8_lossy(&shown.bytes).into_owned();
    let end = ["\r\n\r\n", "\n\n"].iter().filter_map(|empty| text.find(empty)).min().unwrap_or(text.len());
    Some(text[..end].to_owned())
}

fn message_is(place: &Locator, evidence: &str, chain: &str) -> String {
    let text = chain_text(&place.chain).replace('\'', "''");
    format!("{evidence} = '{}' AND {chain} = '{text}'", place.evidence.to_hex())
}

/// A query over the messages of campaigns; a complaint that carries one is none itself.
fn of_members(query: &str) -> String {
    format!("WITH members AS (SELECT * FROM campaign_members WHERE NOT starts_with(why, 'carries a member')) {query}")
}

/// The largest counts of each kind, and how many kinds there are.
fn largest(query: &str) -> String {
    of_members(&format!(
        "SELECT campaign, about, name, value, note, messages, kinds, at FROM (
            SELECT *, row_number() OVER (PARTITION BY campaign, about, name ORDER BY messages DESC, value, note) AS place,
                count(*) OVER (PARTITION BY campaign, about, name) AS kinds
            FROM ({query}))
         WHERE place <= {LISTED} ORDER BY campaign, about, name, messages DESC, value, note"
    ))
}

/// Each gives campaign, about, name, value, note, messages, at.
const TALLIES: &[&str] = &[
    REASONS,
    COPIES,
    PERSONAS,
    SPOOFED,
    LOOK_ALIKES,
    ENVELOPES,
    DIFFERENCES,
    HABITS,
    CLAIMS,
    RECIPIENTS,
    STATES,
    QUOTED,
    MARKS,
    LINKS,
    ATTACHMENTS,
];

const REASONS: &str = "
    SELECT campaign, 'reason' AS about, CAST(NULL AS VARCHAR) AS name, why AS value, CAST(NULL AS VARCHAR) AS note,
        count(*) AS messages, min(locator(evidence, chain, 0, 0)) AS at
    FROM (SELECT campaign, evidence, chain,
              CASE WHEN starts_with(why, 'carries a member') THEN 'carries a member of the campaign' ELSE why END AS why
          FROM campaign_members)
    GROUP BY campaign, why";

/// How many different mails the members are, and the most places that one of them stands at.
const COPIES: &str = "
    SELECT campaign, 'different' AS about, CAST(NULL AS VARCHAR) AS name, '' AS value, CAST(NULL AS VARCHAR) AS note,
        count(*) AS messages, min(at) AS at
    FROM (SELECT c.campaign, coalesce(m.copy_key, c.evidence || '/' || c.chain) AS mail,
              min(locator(c.evidence, c.chain, 0, 0)) AS at
          FROM members c JOIN messages m ON m.evidence = c.evidence AND m.chain = c.chain
          GROUP BY c.campaign, coalesce(m.copy_key, c.evidence || '/' || c.chain))
    GROUP BY campaign
    UNION ALL
    SELECT c.campaign, 'copied', NULL, m.copy_key, NULL, count(*), min(locator(c.evidence, c.chain, 0, 0))
    FROM members c JOIN messages m ON m.evidence = c.evidence AND m.chain = c.chain
    WHERE m.copy_key IS NOT NULL
    GROUP BY c.campaign, m.copy_key
    HAVING count(*) > 1";

const PERSONAS: &str = "
    SELECT c.campaign, 'persona' AS about, m.from_name AS name, coalesce(m.from_domain, '') AS value, p.finding AS note,
        count(*) AS messages, min(locator(c.evidence, c.chain, 0, 0)) AS at
    FROM members c
    JOIN messages m ON m.evidence = c.evidence AND m.chain = c.chain
    LEFT JOIN mail_paths p ON p.evidence = c.evidence AND p.chain = c.chain
    GROUP BY c.campaign, m.from_name, coalesce(m.from_domain, ''), p.finding";

/// An SPF pass for another domain beside a sender whom nothing covers, and senders that no host may send for.
const SPOOFED: &str = "
    SELECT c.campaign, 'passes-yet-spoofed' AS about, CAST(NULL AS VARCHAR) AS name, '' AS value,
        CAST(NULL AS VARCHAR) AS note, count(DISTINCT c.evidence || '/' || c.chain) AS messages,
        min(locator(k.evidence, k.chain, 0, 0)) AS at
    FROM members c
    JOIN mail_origins o ON o.evidence = c.evidence AND o.chain = c.chain AND o.spoofed
    JOIN mail_checks k ON k.evidence = c.evidence AND k.message = c.chain
        AND k.method = 'spf' AND k.result = 'pass' AND NOT k.aligned
    GROUP BY c.campaign
    UNION ALL
    SELECT c.campaign, 'sends-no-mail', NULL, p.from_domain, NULL, count(*), min(locator(c.evidence, c.chain, 0, 0))
    FROM members c
    JOIN mail_paths p ON p.evidence = c.evidence AND p.chain = c.chain
    WHERE p.from_domain IS NOT NULL AND p.finding LIKE '%no host may send%'
    GROUP BY c.campaign, p.from_domain";

const LOOK_ALIKES: &str = "
    SELECT c.campaign, 'looks-like' AS about, i.kind AS name, i.impersonated AS value, i.why AS note,
        count(*) AS messages, min(locator(i.evidence, i.chain, 0, 0)) AS at
    FROM members c
    JOIN mail_personas p ON p.evidence = c.evidence AND p.chain = c.chain
    JOIN impersonations i ON i.persona_domain = p.persona_domain
    GROUP BY c.campaign, i.kind, i.impersonated, i.why";

const ENVELOPES: &str = "
    SELECT campaign, 'envelope' AS about, from_domain AS name, envelope AS value,
        CASE WHEN envelope = from_domain THEN 'the same'
             WHEN registered_domain(envelope) = registered_domain(from_domain) THEN 'same organisation'
             ELSE 'not aligned' END AS note,
        count(*) AS messages, min(at) AS at
    FROM (SELECT c.campaign, m.from_domain, lower(split_part(m.return_path, '@', 2)) AS envelope,
              locator(c.evidence, c.chain, 0, 0) AS at
          FROM members c JOIN messages m ON m.evidence = c.evidence AND m.chain = c.chain
          WHERE m.from_domain IS NOT NULL AND m.return_path LIKE '%@%')
    GROUP BY campaign, from_domain, envelope";

/// The same method for the same domain, or for none, with two results.
const DIFFERENCES: &str = "
    SELECT c.campaign, 'differs' AS about, d.method AS name, concat(d.result, ', ', s.result) AS value, min(s.why) AS note,
        count(DISTINCT c.evidence || '/' || c.chain) AS messages, min(locator(d.evidence, d.chain, 0, 0)) AS at
    FROM members c
    JOIN mail_checks d ON d.evidence = c.evidence AND d.message = c.chain AND d.source = 'declared'
    JOIN mail_checks s ON s.evidence = c.evidence AND s.message = c.chain AND s.source = 'snapshot'
        AND s.method = d.method AND coalesce(s.domain, '') = coalesce(d.domain, s.domain, '')
    WHERE s.result <> d.result
    GROUP BY c.campaign, d.method, d.result, s.result";

const HABITS: &str = "
    SELECT campaign, 'habit' AS about, name, value, CAST(NULL AS VARCHAR) AS note, count(*) AS messages, min(at) AS at
    FROM (
        SELECT c.campaign, x.name, x.value, locator(c.evidence, c.chain, 0, 0) AS at
        FROM members c
        JOIN (
            SELECT evidence, message, 'Message-ID before the @' AS name, message_id_grammar AS value FROM mail_habits
            UNION ALL SELECT evidence, message, 'MIME boundary', boundary_grammar FROM mail_habits
            UNION ALL SELECT evidence, message, 'Order of its own headers', own_headers FROM mail_habits
            UNION ALL SELECT evidence, message, 'Charset', charset FROM mail_habits
            UNION ALL SELECT evidence, message, 'Transfer encoding', transfer_encoding FROM mail_habits
            UNION ALL SELECT evidence, message, 'Language set', language FROM mail_habits
            UNION ALL SELECT evidence, message, 'Line ends', line_ends FROM mail_habits
            UNION ALL SELECT evidence, chain, 'Mailer named', mailer FROM messages
        ) x ON x.evidence = c.evidence AND x.message = c.chain
        WHERE x.value IS NOT NULL)
    GROUP BY campaign, name, value";

const CLAIMS: &str = "
    SELECT c.campaign, 'claim' AS about, CAST(NULL AS VARCHAR) AS name,
        coalesce(h.from_ip, h.from_host, h.helo, 'nobody') AS value,
        CASE WHEN count(DISTINCT h.by_host) = 1 THEN min(h.by_host)
             ELSE concat(count(DISTINCT h.by_host), ' host names') END AS note,
        count(DISTINCT c.evidence || '/' || c.chain) AS messages,
        min(locator(h.evidence, h.chain, h.start, h.length)) AS at
    FROM members c
    JOIN mail_hops h ON h.evidence = c.evidence AND h.message = c.chain AND h.standing = 'claim'
    GROUP BY c.campaign, coalesce(h.from_ip, h.from_host, h.helo, 'nobody')";

const RECIPIENTS: &str = "
    SELECT c.campaign, 'recipient' AS about, CAST(NULL AS VARCHAR) AS name, split_part(e.value, '@', 2) AS value,
        CAST(NULL AS VARCHAR) AS note, count(DISTINCT e.value) AS messages, '' AS at
    FROM members c
    JOIN envelopes e ON e.evidence = c.evidence AND e.message = c.chain
        AND e.field IN ('to', 'cc', 'bcc', 'delivered-to') AND e.value LIKE '%@%'
    GROUP BY c.campaign, split_part(e.value, '@', 2)";

/// A site or an own domain is declared with the state that it belongs to; else a postal
/// address that a mail quotes tells the state of its reader, if few mails quote the same one.
const STATES: &str = "
    SELECT c.campaign, 'state' AS about, 'declared' AS name, f.subject AS value, CAST(NULL AS VARCHAR) AS note,
        count(DISTINCT e.value) AS messages, '' AS at
    FROM members c
    JOIN envelopes e ON e.evidence = c.evidence AND e.message = c.chain
        AND e.field IN ('to', 'cc', 'bcc', 'delivered-to') AND e.value LIKE '%@%'
    JOIN (SELECT DISTINCT subject, registered_domain(value) AS domain FROM facts
          WHERE fact IN ('site', 'own-domain') AND subject IS NOT NULL) f
        ON f.domain = registered_domain(split_part(e.value, '@', 2))
    GROUP BY c.campaign, f.subject
    UNION ALL
    SELECT c.campaign, 'state', 'quoted', q.state, NULL, count(DISTINCT coalesce(e.value, c.evidence || '/' || c.chain)), ''
    FROM members c
    JOIN mail_person_fields q ON q.evidence = c.evidence AND q.message = c.chain AND q.state IS NOT NULL
    JOIN (SELECT f.value FROM mail_person_fields f JOIN messages m ON m.evidence = f.evidence AND m.chain = f.message
          WHERE f.state IS NOT NULL
          GROUP BY f.value HAVING count(DISTINCT coalesce(m.copy_key, m.evidence || '/' || m.chain)) <= 3) own
        ON own.value = q.value
    LEFT JOIN envelopes e ON e.evidence = c.evidence AND e.message = c.chain AND e.field = 'to' AND e.value LIKE '%@%'
    GROUP BY c.campaign, q.state";

/// Kinds of personal data; which, never what.
const QUOTED: &str = "
    SELECT c.campaign, 'quoted' AS about, CAST(NULL AS VARCHAR) AS name, q.kind AS value, CAST(NULL AS VARCHAR) AS note,
        count(DISTINCT c.evidence || '/' || c.chain) AS messages, min(locator(q.evidence, q.chain, q.start, q.length)) AS at
    FROM members c
    JOIN mail_person_fields q ON q.evidence = c.evidence AND q.message = c.chain
    GROUP BY c.campaign, q.kind";

/// What its mails share besides names and words. Addresses, hands and links have tables of their own.
const MARKS: &str = "
    SELECT c.campaign, 'mark' AS about, k.kind AS name, k.value,
        CASE WHEN k.covered = 0 THEN 'no covered mail has it' ELSE concat(k.covered, ' covered mails of the case have it too') END AS note,
        count(*) AS messages, min(locator(c.evidence, c.chain, 0, 0)) AS at
    FROM members c
    JOIN mail_marks k ON k.evidence = c.evidence AND k.chain = c.chain
        AND k.kind IN ('message-id-host', 'link-domain', 'tracking-id', 'picture')
    GROUP BY c.campaign, k.kind, k.value, k.covered";

const LINKS: &str = "
    SELECT c.campaign, 'link' AS about, o.kind AS name, o.value, CAST(NULL AS VARCHAR) AS note,
        count(DISTINCT c.evidence || '/' || c.chain) AS messages, min(locator(o.evidence, o.chain, o.start, o.length)) AS at
    FROM members c
    JOIN bodies b ON b.evidence = c.evidence AND b.message = c.chain
    JOIN observables o ON o.evidence = b.evidence AND o.chain = b.chain
        AND o.role = 'body' AND o.status = 'accepted' AND o.kind <> 'email'
    GROUP BY c.campaign, o.kind, o.value";

const ATTACHMENTS: &str = "
    SELECT c.campaign, 'attachment' AS about, o.kind AS name, o.value, CAST(NULL AS VARCHAR) AS note,
        count(DISTINCT c.evidence || '/' || c.chain) AS messages, min(locator(o.evidence, o.chain, o.start, o.length)) AS at
    FROM members c
    JOIN (SELECT *, regexp_replace(chain, '(^|/)(part:[0-9]+/)?header:.*$', '') AS message FROM observables
          WHERE kind = 'filename' AND status = 'accepted'
              AND role IN ('header:Content-Type', 'header:Content-Disposition')) o
        ON o.evidence = c.evidence AND o.message = c.chain
    GROUP BY c.campaign, o.kind, o.value";

const CHECK_GROUPS: &str = "
    SELECT * FROM (
        SELECT *, row_number() OVER (PARTITION BY campaign, method ORDER BY messages DESC, source, result, domain) AS place
        FROM (
            SELECT c.campaign, k.source, k.method, k.result, k.domain, k.aligned, min(k.why) AS why,
                count(DISTINCT c.evidence || '/' || c.chain) AS messages, min(locator(k.evidence, k.chain, 0, 0)) AS at
            FROM members c
            JOIN mail_checks k ON k.evidence = c.evidence AND k.message = c.chain
            GROUP BY c.campaign, k.source, k.method, k.result, k.domain, k.aligned))
    WHERE place <= 14 ORDER BY campaign, method DESC, domain, source, result, aligned";

const FLOWS: &str = "
    SELECT * FROM (
        SELECT *, row_number() OVER (PARTITION BY campaign ORDER BY messages DESC, receiver, relay_ip, origin_ip) AS place
        FROM (
            SELECT c.campaign, o.origin_ip, r.from_ip AS relay_ip, coalesce(r.from_host, r.helo) AS relay_host,
                coalesce(p.by_program, FALSE) AS by_program, r.by_host AS receiver, count(*) AS messages,
                coalesce(bool_or(registered_domain(coalesce(r.from_host, r.helo)) = r.by_domain), FALSE)
                    OR coalesce(bool_or(regexp_like(r.from_ip,
                        '^(127[.]|10[.]|192[.]168[.]|172[.](1[6-9]|2[0-9]|3[01])[.]|169[.]254[.]|::1$|fe[89ab]|f[cd])')), FALSE)
                    AS inside,
                min(locator(r.evidence, r.chain, r.start, r.length)) AS at
            FROM members c
            JOIN mail_receptions r ON r.evidence = c.evidence AND r.message = c.chain
            LEFT JOIN mail_origins o ON o.evidence = c.evidence AND o.chain = c.chain
            LEFT JOIN mail_paths p ON p.evidence = c.evidence AND p.chain = c.chain
            GROUP BY c.campaign, o.origin_ip, r.from_ip, coalesce(r.from_host, r.helo), coalesce(p.by_program, FALSE), r.by_host))
    WHERE place <= 200 ORDER BY campaign, place";

/// One text a message, the plain one where there is a choice, and its subject. To
/// know a word that many got from one that few got, some hundreds are enough.
const WORDINGS: &str = ",
    readers AS (
        SELECT e.evidence, e.message, string_agg(e.value, ',' ORDER BY e.field = 'to' DESC, e.value) AS recipients
        FROM (SELECT DISTINCT evidence, message, field, value FROM envelopes WHERE field IN ('to', 'cc', 'bcc', 'delivered-to')) e
        GROUP BY e.evidence, e.message),
    said AS (
        SELECT evidence, message, chain, content_type AS kind, substr(text, 1, 6000) AS text,
            row_number() OVER (PARTITION BY evidence, message ORDER BY content_type = 'text/plain' DESC, chain) AS nth
        FROM bodies
        UNION ALL
        SELECT evidence, message, chain, 'subject', value, 1 FROM envelopes WHERE field = 'subject'),
    placed AS (
        SELECT c.campaign, t.text_group, s.kind, s.text, r.recipients, locator(s.evidence, s.chain, 0, 0) AS at,
            row_number() OVER (PARTITION BY c.campaign, s.kind = 'subject', t.text_group ORDER BY s.evidence, s.chain) AS place,
            row_number() OVER (PARTITION BY c.campaign, s.kind = 'subject' ORDER BY c.message_id, s.evidence, s.chain) AS overall
        FROM members c
        JOIN said s ON s.evidence = c.evidence AND s.message = c.chain AND s.nth = 1
        LEFT JOIN readers r ON r.evidence = c.evidence AND r.message = c.chain
        LEFT JOIN mail_texts t ON t.evidence = c.evidence AND t.message = c.chain)
    SELECT campaign, text_group, kind, text, recipients, at FROM placed
    WHERE place <= 100 AND overall <= 1000 ORDER BY campaign, at, kind";

const SENTENCES: &str = ",
    readers AS (
        SELECT evidence, message, string_agg(value, ',' ORDER BY value) AS recipients
        FROM (SELECT DISTINCT evidence, message, value FROM envelopes WHERE field IN ('to', 'cc', 'bcc', 'delivered-to'))
        GROUP BY evidence, message)
    SELECT campaign, kind, text, recipients, at FROM (
        SELECT c.campaign, s.kind, s.sentence AS text, r.recipients, locator(s.evidence, s.chain, s.start, s.length) AS at,
            row_number() OVER (PARTITION BY c.campaign, s.kind ORDER BY s.evidence, s.chain, s.start) AS place
        FROM members c
        JOIN mail_sentences s ON s.evidence = c.evidence AND s.message = c.chain
        LEFT JOIN readers r ON r.evidence = c.evidence AND r.message = c.chain)
    WHERE place <= 400 ORDER BY campaign, kind, at";

/// The mail with the most on record: hops, checks, claims; among equals the first place.
const EXHIBITS: &str = ",
    evident AS (
        SELECT c.campaign, c.evidence, c.chain,
            (SELECT count(*) FROM mail_hops h WHERE h.evidence = c.evidence AND h.message = c.chain) AS hops,
            (SELECT count(*) FROM mail_checks k WHERE k.evidence = c.evidence AND k.message = c.chain) AS checks
        FROM members c)
    SELECT x.campaign, s.value AS subject, o.why, locator(x.evidence, x.chain, 0, 0) AS at, r.recipients
    FROM (SELECT *, row_number() OVER (PARTITION BY campaign ORDER BY hops + checks DESC, evidence, chain) AS place FROM evident) x
    LEFT JOIN mail_origins o ON o.evidence = x.evidence AND o.chain = x.chain
    LEFT JOIN (SELECT evidence, message, min(value) AS value FROM envelopes WHERE field = 'subject' GROUP BY evidence, message) s
        ON s.evidence = x.evidence AND s.message = x.chain
    LEFT JOIN (SELECT evidence, message, string_agg(value, ',' ORDER BY value) AS recipients
               FROM (SELECT DISTINCT evidence, message, value FROM envelopes WHERE field IN ('to', 'cc', 'bcc', 'delivered-to'))
               GROUP BY evidence, message) r ON r.evidence = x.evidence AND r.message = x.chain
    WHERE x.place = 1 ORDER BY x.campaign";

const ONE_MAIL: &str = "
    SELECT '' AS campaign, o.why, locator(m.evidence, m.chain, 0, 0) AS at, r.recipients
    FROM messages m
    LEFT JOIN mail_origins o ON o.evidence = m.evidence AND o.chain = m.chain
    LEFT JOIN (SELECT evidence, message, string_agg(value, ',' ORDER BY value) AS recipients
               FROM (SELECT DISTINCT evidence, message, value FROM envelopes WHERE field IN ('to', 'cc', 'bcc', 'delivered-to'))
               GROUP BY evidence, message) r ON r.evidence = m.evidence AND r.message = m.chain";

const HOPS: &str = "
    SELECT locator(evidence, message, 0, 0) AS mail, position, helo, from_host, from_ip, by_host, date, date_offset_minutes,
        seconds_since_below, standing, doubts, locator(evidence, chain, start, length) AS at
    FROM mail_hops";

const CHECKS: &str = "
    SELECT locator(evidence, message, 0, 0) AS mail, source, method, result, domain, aligned, why,
        locator(evidence, chain, 0, 0) AS at
    FROM mail_checks";

/// What is no campaign comes first, since that is what the page lists.
const MAIL_GROUPS: &str = "
    SELECT text_group, kind, messages, domains, first_sent, last_sent, why, locator(evidence, chain, 0, 0) AS at
    FROM mail_groups ORDER BY kind = 'campaign', messages DESC, text_group LIMIT 2000";
