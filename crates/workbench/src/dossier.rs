//! From the tables of a case to the dossier that judging and publishing see.

use std::collections::{BTreeMap, BTreeSet};

use casefile::{Case, Content, Limits, Session};
use findings::assess::ground::OWN_WORK;
use findings::dossier::{self, CaseFacts, Dossier, FileTie, Source};
use findings::{OUTPUTS, Weights};
use model::{Mark, tables};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::error::Trouble;
use crate::progress::StageBar;

pub mod campaigns;
mod imported;
mod infrastructure;

/// Renders and writes every product that may carry the mark, and with `imported`
/// the intel that was handed in; gives their names.
pub fn publish(
    case: &Case,
    limits: &Limits,
    mark: Mark,
    imported: bool,
    bar: &StageBar,
) -> Result<Vec<String>, Trouble> {
    let mut dossier = read(case, limits)?;
    campaigns::read_exhibits(case, limits, &mut dossier)?;
    let weights = Weights::shipped().map_err(|error| Trouble::Failed(error.to_string()))?;
    dossier.assessment = findings::assess(&dossier.assess_input(), &weights);
    let mut products = Vec::new();
    for output in OUTPUTS {
        bar.say(output.entry().name);
        let bytes = output.render(&dossier, output.mark_under(mark));
        products.push((output.file_name().to_owned(), Content::Bytes(bytes)));
        bar.add(1);
    }
    if imported {
        bar.say("imported intel");
        products.extend(imported::write(case, limits, mark, &findings::as_of(&dossier))?);
    }
    let names = products.iter().map(|(name, _)| name.clone()).collect();
    case.publish(products, json!({"tlp": mark.word()}))?;
    Ok(names)
}

/// Reads the whole dossier.
pub fn read(case: &Case, limits: &Limits) -> Result<Dossier, Trouble> {
    let session = case.session(limits.clone())?;
    let mut dossier = Dossier {
        case: facts(case)?,
        sources: rows(&session, SOURCES)?,
        losses: rows(&session, LOSSES)?,
        context_facts: rows(&session, CONTEXT_FACTS)?,
        messages: rows(&session, MESSAGES)?,
        campaigns: rows(&session, CAMPAIGNS)?,
        slips: rows(&session, SLIPS)?,
        links: rows(&session, LINKS)?,
        intel_matches: rows(&session, INTEL_MATCHES)?,
        values: rows(&session, VALUES)?,
        address_origins: rows(&session, ADDRESS_ORIGINS)?,
        actors: rows(&session, ACTORS)?,
        events: rows(&session, EVENTS)?,
        screens: rows(&session, SCREENS)?,
        known_media: rows(&session, KNOWN_MEDIA)?,
        sights: rows(&session, SIGHTS)?,
        screen_settings: rows(&session, SCREEN_SETTINGS)?,
        screen_clocks: rows(&session, SCREEN_CLOCKS)?,
        redactions: rows(&session, REDACTIONS)?,
        recovered: rows(&session, RECOVERED)?,
        masks: rows(&session, MASKS)?,
        traces: rows(&session, TRACES)?,
        web_sessions: rows(&session, WEB_SESSIONS)?,
        web_addresses: rows(&session, WEB_ADDRESSES)?,
        web_days: rows(&session, WEB_DAYS)?,
        web_reads: rows(&session, WEB_READS)?,
        web_floods: rows(&session, WEB_FLOODS)?,
        web_changes: rows(&session, WEB_CHANGES)?,
        coordinated: rows(&session, COORDINATED)?,
        shared_by_all: rows(&session, SHARED_BY_ALL)?,
        counts: counts(&session)?,
        not_examined: NOT_EXAMINED.iter().map(|&what| what.to_owned()).collect(),
        ..Dossier::default()
    };
    campaigns::read(&session, &mut dossier)?;
    infrastructure::read(&session, &mut dossier)?;
    tie_to_campaigns(&session, &mut dossier)?;
    Ok(dossier)
}

/// What the case says of itself.
pub fn facts(case: &Case) -> Result<CaseFacts, Trouble> {
    let (custody_head, custody_entries) = case.custody().head()?;
    Ok(CaseFacts {
        name: case.settings().name.clone(),
        mark: case.settings().mark.word().to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        custody_head,
        custody_entries,
    })
}

/// The files that were handed in.
pub fn sources(case: &Case, limits: &Limits) -> Result<Vec<Source>, Trouble> {
    rows(&case.session(limits.clone())?, SOURCES)
}

fn rows<T: DeserializeOwned>(session: &Session, query: &str) -> Result<Vec<T>, Trouble> {
    dossier::rows(session.rows(query)?).map_err(|error| Trouble::Failed(format!("{error} in the rows of {query}")))
}

fn counts(session: &Session) -> Result<BTreeMap<String, u64>, Trouble> {
    #[derive(Deserialize)]
    struct Count {
        n: u64,
    }
    let count = |table: &model::Table| -> Result<(String, u64), Trouble> {
        let counted: Vec<Count> = rows(session, &format!("SELECT count(*) AS n FROM \"{}\"", table.name))?;
        Ok((table.name.to_owned(), counted.first().map_or(0, |count| count.n)))
    };
    tables::TABLES.iter().map(|table| count(table)).collect()
}

/// A message of a campaign, or a place of a linked value.
#[derive(Deserialize)]
struct Place {
    /// Campaign of a message, or value at a place.
    key: String,
    evidence: String,
    #[serde(default)]
    chain: String,
    /// Topic of the file.
    topic: Option<String>,
    /// Whether a link of the value counts.
    #[serde(default)]
    counts: bool,
}

/// Notes at links and matches the campaigns whose messages hold their value, and
/// which leaks and videos share values with which campaign.
///
/// Done here and not in SQL, since a place lies within a message if its chain
/// starts with the message's, and that is no equality to join on.
fn tie_to_campaigns(session: &Session, dossier: &mut Dossier) -> Result<(), Trouble> {
    let mut campaigns: BTreeMap<(String, String), String> = BTreeMap::new();
    for place in rows::<Place>(session, MEMBER_PLACES)? {
        campaigns.insert((place.evidence, place.chain), place.key);
    }
    let mut of_value: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut own_work = Vec::new();
    for place in rows::<Place>(session, LINKED_PLACES)? {
        if let Some(campaign) = within(&campaigns, &place) {
            of_value.entry(place.key).or_default().insert(campaign.clone());
        } else if place.counts && place.topic.as_deref().is_some_and(|topic| OWN_WORK.contains(&topic)) {
            own_work.push(place);
        }
    }
    let ties = own_work.iter().flat_map(|place| {
        let campaigns = of_value.get(&place.key).into_iter().flatten();
        campaigns.map(|campaign| FileTie { file: format!("sha256:{}", place.evidence), campaign: campaign.clone() })
    });
    dossier.file_ties = ties.collect::<BTreeSet<_>>().into_iter().collect();
    let ids = |value: &str| of_value.get(value).map(|ids| ids.iter().cloned().collect()).unwrap_or_default();
    dossier.links.iter_mut().for_each(|link| link.campaigns = ids(&link.value));
    dossier.intel_matches.iter_mut().for_each(|found| found.campaigns = ids(&found.value));
    Ok(())
}

/// The campaign of the innermost message that holds the place.
fn within<'a>(campaigns: &'a BTreeMap<(String, String), String>, place: &Place) -> Option<&'a String> {
    let mut chain = place.chain.as_str();
    loop {
        if let Some(campaign) = campaigns.get(&(place.evidence.clone(), chain.to_owned())) {
            return Some(campaign);
        }
        if chain.is_empty() {
            return None;
        }
        chain = chain.rsplit_once('/').map_or("", |(outer, _)| outer);
    }
}

const SOURCES: &str = "SELECT * FROM sources ORDER BY role, name, evidence";

const LOSSES: &str = "
    SELECT stage, reason, sum(count) AS count, min(detail) AS detail,
           array_agg(locator(evidence, chain, start, length) ORDER BY evidence, chain, start)
               FILTER (WHERE n <= 5 AND evidence IS NOT NULL) AS at
    FROM (SELECT *, row_number() OVER (PARTITION BY stage, reason ORDER BY evidence, chain, start, detail) AS n
          FROM (SELECT evidence, chain, start, length, stage, reason, count, detail FROM losses
                UNION ALL
                SELECT NULL, NULL, NULL, NULL, 'correlate', 'attempt on a site that aimed at nobody in particular', requests,
                       concat(site, ': from ', client)
                FROM web_acts WHERE phase = 'background'
                UNION ALL
                SELECT min(evidence), min(chain), min(start), min(length), 'correlate', 'request without a time', count(*), NULL
                FROM web_requests WHERE time IS NULL HAVING count(*) > 0))
    GROUP BY stage, reason ORDER BY stage, reason";

const CONTEXT_FACTS: &str = "
    SELECT c.fact, c.subject, c.value, c.valid_from, c.valid_until,
           locator(c.evidence, c.chain, c.start, c.length) AS at, f.fact IS NULL AS overridden
    FROM context_facts c
    LEFT JOIN facts f ON f.fact = c.fact AND coalesce(f.subject, '') = coalesce(c.subject, '') AND f.value = c.value
        AND coalesce(f.evidence, '') = coalesce(c.evidence, '') AND coalesce(f.chain, '') = coalesce(c.chain, '')
        AND coalesce(f.start, 0) = coalesce(c.start, 0)
    ORDER BY c.fact, c.subject, c.value, at";

const MESSAGES: &str = "
    SELECT s.name AS file, m.position, m.depth, m.message_id, m.date, m.from_address, m.from_name, m.from_domain,
           o.origin_ip, o.origin_offset_minutes, o.masked_offset_minutes, o.spoofed, c.campaign,
           locator(m.evidence, m.chain, 0, 0) AS at
    FROM messages m
    JOIN sources s ON s.evidence = m.evidence AND s.role = 'evidence'
    LEFT JOIN mail_origins o ON o.evidence = m.evidence AND o.chain = m.chain
    LEFT JOIN campaign_members c ON c.evidence = m.evidence AND c.chain = m.chain
    ORDER BY s.name, m.position, m.chain";

const CAMPAIGNS: &str = "
    SELECT c.campaign AS id, min(c.label) AS label, count(*) AS members, min(m.date) AS first, max(m.date) AS last,
           min(c.why) AS why,
           array_agg(locator(c.evidence, c.chain, 0, 0) ORDER BY c.evidence, c.chain) FILTER (WHERE c.n <= 5) AS at
    FROM (SELECT *, row_number() OVER (PARTITION BY campaign ORDER BY evidence, chain) AS n FROM campaign_members) c
    JOIN messages m ON m.evidence = c.evidence AND m.chain = c.chain
    GROUP BY c.campaign ORDER BY c.campaign";

/// A host that only an invented trace line names is nobody's, and a relay's
/// clock is no operator's: such slips stay in their table.
const SLIPS: &str = "
    SELECT x.kind, x.value, x.raw, x.detector, x.why, x.plant_cost, s.name AS file, s.topic, c.before, c.after,
           locator(x.evidence, x.chain, x.start, x.length) AS at
    FROM (SELECT *, CASE WHEN regexp_like(value, '^[+-][0-9]{4}$')
              THEN (try_cast(substr(value, 2, 2) AS BIGINT) * 60 + try_cast(substr(value, 4, 2) AS BIGINT))
                  * CASE WHEN starts_with(value, '-') THEN -1 ELSE 1 END END AS minutes
          FROM (SELECT evidence, chain, start, length, kind, value, raw, detector, why, plant_cost FROM slips
                UNION ALL
                SELECT evidence, chain, start, length, 'ip', value, value AS raw, 'left_cover', why, 'high'
                FROM web_addresses WHERE slip
                UNION ALL
                SELECT evidence, chain, start, length, 'tz', value, raw, 'screen_clock', why, 'trivial'
                FROM screen_clocks WHERE slip)) x
    JOIN (SELECT evidence, min(name) AS name, min(topic) AS topic FROM sources WHERE role = 'evidence'
          GROUP BY evidence) s ON s.evidence = x.evidence
    LEFT JOIN (SELECT evidence, chain, start, length, min(before) AS before, min(after) AS after FROM contexts
               GROUP BY evidence, chain, start, length) c
           ON c.evidence = x.evidence AND c.chain = x.chain AND c.start = x.start AND c.length = x.length
    LEFT JOIN hops h ON h.evidence = x.evidence AND h.chain = x.chain
    LEFT JOIN mail_origins o ON o.evidence = x.evidence AND o.chain = regexp_replace(x.chain, '/?header:.*$', '')
    -- An exit that many share is the operators' cover, and tells nothing of them.
    LEFT JOIN (SELECT value FROM address_origins WHERE shared_class IS NOT NULL
               UNION SELECT value FROM web_addresses WHERE cover) shared ON shared.value = x.value AND x.kind = 'ip'
    -- On a screen: what is the beginning of a longer value that was read as often is a row cut short, and a
    -- path below `~` is told by its long form; an account of a log has to come again.
    LEFT ANTI JOIN (
        WITH shown AS (
            SELECT evidence, kind, value, detector, count(*) AS rows FROM slips WHERE regexp_like(chain, '(^|/)frame:')
            GROUP BY evidence, kind, value, detector
        )
        SELECT DISTINCT a.evidence, a.kind, a.value
        FROM shown a
        JOIN shown b ON b.evidence = a.evidence AND b.kind = a.kind AND b.value <> a.value
        WHERE (starts_with(b.value, a.value) AND b.rows >= a.rows
                AND regexp_like(substr(b.value, length(a.value), 2), '^[A-Za-z0-9_]{2}$'))
            OR (starts_with(a.value, '~/') AND ends_with(b.value, substr(a.value, 2))
                AND regexp_like(substr(b.value, 1, length(b.value) - length(a.value) + 1), '^/(home|Users)/[^/]+$'))
        UNION
        SELECT evidence, kind, value FROM shown WHERE detector = 'logged_account' AND rows < 3
    ) cut ON cut.evidence = x.evidence AND cut.kind = x.kind AND cut.value = x.value
    WHERE NOT (x.detector = 'header_host' AND coalesce(h.position >= o.loose_from, FALSE))
        AND (shared.value IS NULL OR x.detector = 'left_cover')
        AND (x.detector <> 'tz_offset' OR o.chain IS NULL
             OR x.minutes IN (o.origin_offset_minutes, o.masked_offset_minutes))
    ORDER BY x.kind, x.value, s.name, at";

const LINKS: &str = "
    SELECT kind, value, from_topic, to_topic, ref, actor, counts, why,
           locator(evidence, chain, start, length) AS at, other_at
    FROM links ORDER BY kind, value, from_topic, to_topic, ref, actor, at";

const INTEL_MATCHES: &str = "
    SELECT kind, value, NULL AS address, ref, actor, source, confidence, valid_from, valid_until, seen_from, seen_until, counts, why,
           locator(evidence, chain, start, length) AS at, indicator_at
    FROM intel_matches
    UNION ALL
    -- A key or certificate says as much of the address that its name led to.
    SELECT kind, value, address, ref, actor, source, confidence, not_before, NULL, NULL, NULL, counts, why,
           locator(evidence, chain, start, length), indicator_at
    FROM certificate_matches ORDER BY kind, value, ref, at";

const VALUES: &str = "
    SELECT v.kind, v.value, v.topics, v.first_seen, v.last_seen, locator(v.evidence, v.chain, v.start, v.length) AS at
    FROM \"values\" v JOIN (SELECT DISTINCT kind, value FROM links) l ON l.kind = v.kind AND l.value = v.value
    ORDER BY v.kind, v.value";

const ADDRESS_ORIGINS: &str = "
    SELECT value, asn, name, shared_class, shared_by, locator(evidence, chain, start, length) AS at
    FROM address_origins WHERE value IN (SELECT value FROM links) ORDER BY value, at";

/// Sets and groups; whom a feed says that they work for is another level.
const ACTORS: &str = "
    SELECT DISTINCT name, alias, source FROM actors WHERE NOT starts_with(coalesce(actor_ref, ''), 'identity--')
    ORDER BY name, alias, source";

const EVENTS: &str = "
    SELECT held_from AS time, concat(value, ': held by ', coalesce(holder, 'somebody'), ' from here on, says ', source) AS what,
           locator(evidence, chain, start, length) AS at
    FROM tenancies WHERE statement = 'lease' AND held_from IS NOT NULL ORDER BY time, what, at";

/// Clocks that contradict the machine behind them, and invented trace lines that
/// name an address of somebody's.
const MASKS: &str = "
    SELECT c.campaign, 'tz' AS kind, NULL AS value, o.masked_offset_minutes AS offset_minutes, NULL AS actor,
           count(*) AS messages, min(locator(c.evidence, c.chain, 0, 0)) AS at
    FROM campaign_members c
    JOIN mail_origins o ON o.evidence = c.evidence AND o.chain = c.chain
    WHERE o.masked_offset_minutes IS NOT NULL
    GROUP BY c.campaign, o.masked_offset_minutes
    UNION ALL
    SELECT c.campaign, 'ip', h.from_ip, NULL, x.actor, count(DISTINCT c.evidence || '/' || c.chain),
           min(locator(h.evidence, h.chain, h.start, h.length))
    FROM campaign_members c
    JOIN mail_origins o ON o.evidence = c.evidence AND o.chain = c.chain
    JOIN hops h ON h.evidence = c.evidence AND h.message = c.chain AND h.position >= o.loose_from
    JOIN (SELECT DISTINCT value, actor FROM intel_matches WHERE kind = 'ip' AND actor IS NOT NULL) x ON x.value = h.from_ip
    WHERE h.from_ip NOT IN (SELECT origin_ip FROM mail_origins WHERE origin_ip IS NOT NULL)
    GROUP BY c.campaign, h.from_ip, x.actor
    ORDER BY campaign, kind, value, offset_minutes, actor";

/// The lines of `MASKS` that name an address, one by one.
const TRACES: &str = "
    SELECT 'ip' AS kind, h.from_ip AS value, h.from_ip AS raw, 'invented_trace' AS detector,
           'stands in a line of the path below the part that holds, and a feed knows the address' AS why,
           'trivial' AS plant_cost, s.name AS file, s.topic, locator(h.evidence, h.chain, h.start, h.length) AS at
    FROM campaign_members c
    JOIN mail_origins o ON o.evidence = c.evidence AND o.chain = c.chain
    JOIN hops h ON h.evidence = c.evidence AND h.message = c.chain AND h.position >= o.loose_from
    JOIN (SELECT evidence, min(name) AS name, min(topic) AS topic FROM sources WHERE role = 'evidence'
          GROUP BY evidence) s ON s.evidence = h.evidence
    WHERE h.from_ip IN (SELECT value FROM intel_matches WHERE kind = 'ip' AND actor IS NOT NULL)
        AND h.from_ip NOT IN (SELECT origin_ip FROM mail_origins WHERE origin_ip IS NOT NULL)
    ORDER BY value, s.name, at";

const WEB_SESSIONS: &str = "
    SELECT site, actor, phase, slip, clients, requests, first_seen, last_seen, user_agents, classes, techniques, records,
           misses, refused, missing, records_low, records_high, why, locator(evidence, chain, start, length) AS at
    FROM web_sessions ORDER BY first_seen, site, actor, phase, slip";

/// A holder counts if the address was its while the actor came from it.
const WEB_ADDRESSES: &str = "
    SELECT w.actor, w.value, w.requests, w.first_seen, w.last_seen, w.network, w.shared_class, w.shared_by, w.slip, w.why,
           h.held_by, locator(w.evidence, w.chain, w.start, w.length) AS at
    FROM web_addresses w
    LEFT JOIN (SELECT a.actor, a.value, min(t.holder) AS held_by
               FROM web_addresses a
               JOIN tenancies t ON t.value = a.value AND t.statement = 'lease'
               WHERE t.held_from <= a.last_seen AND (t.held_until IS NULL OR t.held_until >= a.first_seen)
               GROUP BY a.actor, a.value) h ON h.actor = w.actor AND h.value = w.value
    ORDER BY w.actor, w.value";

const WEB_DAYS: &str = "SELECT * FROM web_days ORDER BY site, actor, phase, day";

const WEB_READS: &str = "
    SELECT site, actor, record, first_read, last_read, locator(evidence, chain, start, length) AS at
    FROM web_reads ORDER BY site, actor, record";

/// Expected requests are null where a log is too short; such a row has no place.
const WEB_FLOODS: &str = "
    SELECT site, grade, kind, first_seen, last_seen, requests, expected, bytes, addresses, few, path, one_path, failed,
           for_flood, for_crowd, why, CASE WHEN evidence IS NOT NULL THEN locator(evidence, chain, start, length) END AS at
    FROM web_floods ORDER BY first_seen, site, grade";

const WEB_CHANGES: &str = "
    SELECT site, path, grade, changed, undone, size_before, size_after, answers_before, together, after, after_at, actor,
           why, locator(evidence, chain, start, length) AS at
    FROM web_changes ORDER BY changed, site, path";

const SCREENS: &str = "
    SELECT s.name AS file, x.width, x.height, x.frames, x.duration_ms, x.rows, locator(x.evidence, x.chain, 0, 0) AS at
    FROM screens x
    JOIN (SELECT evidence, min(name) AS name FROM sources WHERE role = 'evidence' GROUP BY evidence) s
        ON s.evidence = x.evidence
    WHERE x.rows > 0
    ORDER BY s.name, at";

const KNOWN_MEDIA: &str = "
    SELECT s.name AS file, m.source, m.medium, m.pictures, m.of, locator(m.evidence, m.chain, 0, 0) AS at, m.known_at
    FROM media_matches m
    JOIN (SELECT evidence, min(name) AS name FROM sources WHERE role = 'evidence' GROUP BY evidence) s
        ON s.evidence = m.evidence
    ORDER BY s.name, at, m.source, m.medium";

const SIGHTS: &str = "
    SELECT s.name AS file, r.text, r.surface, r.first_ms, r.last_ms, r.confidence, r.crop,
           locator(r.evidence, r.chain, 0, 0) AS at
    FROM screen_rows r
    JOIN (SELECT evidence, min(name) AS name FROM sources WHERE role = 'evidence' GROUP BY evidence) s
        ON s.evidence = r.evidence
    JOIN (SELECT evidence, chain FROM slips UNION SELECT evidence, chain FROM screen_clocks WHERE slip) x
        ON x.evidence = r.evidence AND x.chain = r.chain
    ORDER BY s.name, r.first_ms, r.chain, r.text";

/// Clocks last, since there is one for each minute.
const SCREEN_SETTINGS: &str = "
    SELECT s.name AS file, x.kind, x.value, x.text, x.form, x.rows, x.first_ms, x.last_ms, x.confidence,
           coalesce(r.crop, '') AS crop, locator(x.evidence, x.chain, x.start, x.length) AS at
    FROM screen_settings x
    JOIN (SELECT evidence, min(name) AS name FROM sources WHERE role = 'evidence' GROUP BY evidence) s
        ON s.evidence = x.evidence
    LEFT JOIN (SELECT evidence, chain, min(crop) AS crop FROM screen_rows GROUP BY evidence, chain) r
        ON r.evidence = x.evidence AND r.chain = x.chain
    ORDER BY x.kind = 'clock', s.name, x.kind, x.first_ms, x.form, x.value, x.chain, x.start";

const SCREEN_CLOCKS: &str = "
    SELECT s.name AS file, x.value, x.clocks, x.sure, x.why, locator(x.evidence, x.chain, x.start, x.length) AS at
    FROM screen_clocks x
    JOIN (SELECT evidence, min(name) AS name FROM sources WHERE role = 'evidence' GROUP BY evidence) s
        ON s.evidence = x.evidence
    ORDER BY s.name, x.chain, x.start, x.value";

/// What was covered for less than a fifth of a second is a moment of a scroll.
const REDACTIONS: &str = "
    SELECT s.name AS file, r.kind, r.strength, r.first_ms, r.last_ms, r.failure, r.outcome, r.why, r.shown_at,
           locator(r.evidence, r.chain, 0, 0) AS at
    FROM redactions r
    JOIN (SELECT evidence, min(name) AS name FROM sources WHERE role = 'evidence' GROUP BY evidence) s
        ON s.evidence = r.evidence
    WHERE r.last_ms - r.first_ms >= 200 OR r.outcome IN ('read', 'candidate')
    ORDER BY s.name, r.first_ms, r.chain";

const RECOVERED: &str = "
    SELECT text, rank, status, odds, measured_rate, measured_of, grammar, crop, locator(evidence, chain, 0, 0) AS at
    FROM recovered ORDER BY evidence, chain, rank, text";

const COORDINATED: &str = "
    SELECT group_id, account, standing, ties, first_spreader, why, grade, hostile, tied_by, group_why, group_ties,
           window_secs, objects, later_sharers, locator(evidence, chain, start, length) AS at
    FROM coordinated_accounts ORDER BY group_id, standing, account, at";

const SHARED_BY_ALL: &str = "
    SELECT way, object, why, locator(evidence, chain, start, length) AS at
    FROM shared_objects WHERE NOT counts ORDER BY posts DESC, way, object LIMIT 100";

const MEMBER_PLACES: &str = "SELECT campaign AS key, evidence, chain FROM campaign_members ORDER BY evidence, chain";

const LINKED_PLACES: &str = "
    SELECT DISTINCT o.value AS key, o.evidence, o.chain, s.topic, l.counts FROM observables o
    JOIN (SELECT kind, value, bool_or(counts) AS counts FROM links GROUP BY kind, value) l
        ON l.kind = o.kind AND l.value = o.value
    JOIN (SELECT evidence, min(topic) AS topic FROM sources WHERE role = 'evidence' GROUP BY evidence) s
        ON s.evidence = o.evidence
    WHERE o.status = 'accepted' ORDER BY key, evidence, chain";

/// What this version leaves unasked, said in every product.
const NOT_EXAMINED: &[&str] = &[
    "Video and images: text is read off them, and nothing else; pictures inside PDF files are not looked for.",
    "Web logs: forms sent in the body of a request are not in logs, so records asked for that way are not seen.",
    "Which database a leak came from.",
    "Claims of the parties.",
    "Mail whose senders' records are not in a DNS snapshot of the evidence: its checks are taken as the receiving hosts declared them.",
];
