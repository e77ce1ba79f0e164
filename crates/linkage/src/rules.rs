//! The list of rules, in order of dependence.

use model::Stage::{Correlate, Enrich};
use model::tables;

use crate::Rule;
use crate::correlate::{
    base_rates, campaign_members, coordination, impersonations, mail_marks, name_matches, web_acts,
};
use crate::enrich::{facts, intel_matches, mail_checks, mail_texts, warning_matches};

/// All rules. A rule may read the tables of every rule above it.
pub const RULES: &[Rule] = &[
    // First, since most others ask what the investigator declared.
    Rule {
        name: "facts",
        stage: Enrich,
        table: &tables::FACTS,
        sql: include_str!("enrich/facts.sql"),
        summary: "the facts in force: case.toml overrides what notes propose, and overlapping logs tell of clocks",
        prepare: Some(facts::register_clocks),
        beside: &[],
    },
    // Before all that ask about values, and so that none of them reads logs again.
    Rule {
        name: "value_files",
        stage: Enrich,
        table: &tables::VALUE_FILES,
        sql: include_str!("enrich/value_files.sql"),
        summary: "distinct values of each evidence file, where first, how often, and when seen",
        prepare: None,
        beside: &[],
    },
    Rule {
        name: "values",
        stage: Enrich,
        table: &tables::VALUES,
        sql: include_str!("enrich/values.sql"),
        summary: "distinct values of the evidence, where first, how far spread, and when seen",
        prepare: None,
        beside: &[],
    },
    Rule {
        name: "warning_matches",
        stage: Enrich,
        table: &tables::WARNING_MATCHES,
        sql: include_str!("enrich/warning_matches.sql"),
        summary: "values that stand on a warninglist and so identify nobody",
        prepare: Some(warning_matches::register_patterns),
        beside: &[],
    },
    Rule {
        name: "address_origins",
        stage: Enrich,
        table: &tables::ADDRESS_ORIGINS,
        sql: include_str!("enrich/address_origins.sql"),
        summary: "the longest known prefix and the shared range around each address",
        prepare: None,
        beside: &[],
    },
    // After the two above: a warninglist or a shared range takes the weight from a match.
    Rule {
        name: "intel_matches",
        stage: Enrich,
        table: &tables::INTEL_MATCHES,
        sql: include_str!("enrich/intel_matches.sql"),
        summary: "values that a feed names, inside or outside the time that it speaks of",
        prepare: Some(intel_matches::register),
        beside: &[],
    },
    // After the origins of addresses: a key on a shared address names nobody.
    Rule {
        name: "certificate_matches",
        stage: Enrich,
        table: &tables::CERTIFICATE_MATCHES,
        sql: include_str!("enrich/certificate_matches.sql"),
        summary: "certificates whose key a feed names, on addresses of the case or elsewhere",
        prepare: None,
        beside: &[],
    },
    Rule {
        name: "screen_clocks",
        stage: Enrich,
        table: &tables::SCREEN_CLOCKS,
        sql: include_str!("enrich/screen_clocks.sql"),
        summary: "the time zone that clocks on a screen show, or that follows from when the container was made",
        prepare: None,
        beside: &[],
    },
    // Last in their stage because they ask about messages, not values.
    Rule {
        name: "mail_receptions",
        stage: Enrich,
        table: &tables::MAIL_RECEPTIONS,
        sql: include_str!("enrich/mail_receptions.sql"),
        summary: "the hop by which each message came in, and what the receiving host saw",
        prepare: None,
        beside: &[],
    },
    Rule {
        name: "mail_checks",
        stage: Enrich,
        table: &tables::MAIL_CHECKS,
        sql: include_str!("enrich/mail_checks.sql"),
        summary: "SPF, DKIM, ARC and DMARC of each message against the DNS snapshot of the case",
        prepare: Some(mail_checks::register),
        beside: &[],
    },
    Rule {
        name: "mail_hops",
        stage: Enrich,
        table: &tables::MAIL_HOPS,
        sql: include_str!("enrich/mail_hops.sql"),
        summary: "each hop of each path: how far it can be believed, and what speaks against it",
        prepare: None,
        beside: &[],
    },
    Rule {
        name: "mail_texts",
        stage: Enrich,
        table: &tables::MAIL_TEXTS,
        sql: include_str!("enrich/mail_texts.sql"),
        summary: "mails that say the same, names and numbers aside, in groups",
        prepare: Some(mail_texts::register),
        beside: &[],
    },
    Rule {
        name: "mail_paths",
        stage: Enrich,
        table: &tables::MAIL_PATHS,
        sql: include_str!("enrich/mail_paths.sql"),
        summary: "the path of each message as far as it hangs together, and what receivers declared",
        prepare: Some(mail_checks::register),
        beside: &[],
    },
    Rule {
        name: "mail_origins",
        stage: Enrich,
        table: &tables::MAIL_ORIGINS,
        sql: include_str!("enrich/mail_origins.sql"),
        summary: "where each message came from, and whether a check covers its visible sender",
        prepare: None,
        beside: &[],
    },
    Rule {
        name: "mail_personas",
        stage: Correlate,
        table: &tables::MAIL_PERSONAS,
        sql: include_str!("correlate/mail_personas.sql"),
        summary: "who each message claims to be from, in the form in which claims are compared",
        prepare: None,
        beside: &[],
    },
    // Before campaigns, which are tied by them.
    Rule {
        name: "mail_marks",
        stage: Correlate,
        table: &tables::MAIL_MARKS,
        sql: include_str!("correlate/mail_marks.sql"),
        summary: "what mails under uncovered names have in common besides names and words",
        prepare: Some(mail_marks::register),
        beside: &[],
    },
    // Before links, which ask which messages are a campaign's.
    Rule {
        name: "campaign_members",
        stage: Correlate,
        table: &tables::CAMPAIGN_MEMBERS,
        sql: include_str!("correlate/campaign_members.sql"),
        summary: "messages that one persona writes under a name that no check covers",
        prepare: Some(campaign_members::register),
        beside: &[],
    },
    Rule {
        name: "impersonations",
        stage: Correlate,
        table: &tables::IMPERSONATIONS,
        sql: include_str!("correlate/impersonations.sql"),
        summary: "names that look like those of somebody else, and whose",
        prepare: Some(impersonations::register),
        beside: &[],
    },
    Rule {
        name: "mail_groups",
        stage: Correlate,
        table: &tables::MAIL_GROUPS,
        sql: include_str!("correlate/mail_groups.sql"),
        summary: "groups of mails that say the same, and what kind of mailing each is",
        prepare: None,
        beside: &[],
    },
    // The one rule that reads all requests; those below it read what it kept.
    Rule {
        name: "web_acts",
        stage: Correlate,
        table: &tables::WEB_ACTS,
        sql: include_str!("correlate/web_acts.sql"),
        summary: "requests of attacks and of walks through records",
        prepare: Some(web_acts::walk),
        // One pass over the evidence gives all three.
        beside: &[
            (&tables::WEB_FLOODS, include_str!("correlate/web_floods.sql")),
            (&tables::WEB_CHANGES, include_str!("correlate/web_changes.sql")),
        ],
    },
    // Before sessions, which keep slips apart.
    Rule {
        name: "web_addresses",
        stage: Correlate,
        table: &tables::WEB_ADDRESSES,
        sql: include_str!("correlate/web_addresses.sql"),
        summary: "addresses of each actor on the web, their cover, and slips",
        prepare: None,
        beside: &[],
    },
    Rule {
        name: "web_sessions",
        stage: Correlate,
        table: &tables::WEB_SESSIONS,
        sql: include_str!("correlate/web_sessions.sql"),
        summary: "hostile activity on the web by site, actor and phase",
        prepare: None,
        beside: &[],
    },
    Rule {
        name: "web_reads",
        stage: Correlate,
        table: &tables::WEB_READS,
        sql: include_str!("correlate/web_reads.sql"),
        summary: "records that an actor read",
        prepare: None,
        beside: &[],
    },
    Rule {
        name: "web_days",
        stage: Correlate,
        table: &tables::WEB_DAYS,
        sql: include_str!("correlate/web_days.sql"),
        summary: "what each actor did on each day",
        prepare: None,
        beside: &[],
    },
    // After campaigns, in whose name mail is sent; before links, which tell of it.
    Rule {
        name: "name_matches",
        stage: Correlate,
        table: &tables::NAME_MATCHES,
        sql: include_str!("correlate/name_matches.sql"),
        summary: "names of the case that a sanctions list names too; none counts without a second identifier",
        prepare: Some(name_matches::register),
        beside: &[],
    },
    // After the web: the cover of an attacker ties nothing.
    Rule {
        name: "links",
        stage: Correlate,
        table: &tables::LINKS,
        sql: include_str!("correlate/links.sql"),
        summary: "values that tie two kinds of evidence, or evidence and intel",
        prepare: None,
        beside: &[],
    },
    // Before accounts, which are not tied by what everybody shares.
    Rule {
        name: "shared_objects",
        stage: Correlate,
        table: &tables::SHARED_OBJECTS,
        sql: include_str!("correlate/shared_objects.sql"),
        summary: "what three accounts or more shared, and what everybody shared, which ties nobody",
        prepare: Some(coordination::register_text_kinds),
        beside: &[],
    },
    // After links, which say what a campaign's mail and posts both hold.
    Rule {
        name: "coordinated_accounts",
        stage: Correlate,
        table: &tables::COORDINATED_ACCOUNTS,
        sql: include_str!("correlate/coordinated_accounts.sql"),
        summary: "accounts that act together, each with its standing, and their groups with a grade",
        prepare: Some(coordination::register_groups),
        beside: &[],
    },
    // Last: it counts what the others found.
    Rule {
        name: "base_rates",
        stage: Correlate,
        table: &tables::BASE_RATES,
        sql: include_str!("correlate/base_rates.sql"),
        summary: "how many actors, and how much that is benign, show the same",
        prepare: Some(base_rates::register),
        beside: &[],
    },
];
