//! Every table of a case, in one list, grouped by what they describe.
//!
//! `docs/tables.md` is generated from this list and checked by a test.

use crate::{Column, ColumnType, Table};

mod assessment;
mod finds;
mod intel;
mod mail;
mod posts;
mod records;
mod screen;
mod source;
mod web;

pub use assessment::{CONTRIBUTIONS, HYPOTHESES};
pub use finds::{
    ADDRESS_ORIGINS, CAMPAIGN_MEMBERS, CERTIFICATE_MATCHES, CONTEXTS, IMPERSONATIONS, INTEL_MATCHES, LINKS,
    MAIL_CHECKS, MAIL_GROUPS, MAIL_HOPS, MAIL_MARKS, MAIL_ORIGINS, MAIL_PATHS, MAIL_PERSONAS, MAIL_RECEPTIONS,
    MAIL_TEXTS, MEDIA_MATCHES, NAME_MATCHES, OBSERVABLES, PERSON_OBSERVABLES, SLIPS, VALUE_FILES, VALUES,
    WARNING_MATCHES,
};
pub use intel::{
    ACTORS, BASE_RATES, CERTIFICATES, DNS_OBSERVATIONS, IMPORTED_OBJECTS, INDICATORS, KNOWN_VALUES, LISTINGS,
    PLACEMENTS, PREFIXES, SHARED_RANGES, TENANCIES, WARNINGS,
};
pub use mail::{
    BODIES, DECLARED_AUTH, ENVELOPES, HOPS, MAIL_HABITS, MAIL_PERSON_FIELDS, MAIL_SENTENCES, MAIL_SIGNATURES,
    MAIL_SKETCHES, MESSAGE_TRACES, MESSAGES,
};
pub use posts::{COORDINATED_ACCOUNTS, POSTS, SHARED_OBJECTS};
pub use records::{PERSON_RECORDS, RECORD_SETS, RECORDS};
pub use screen::{
    MEDIA, MEDIA_FINGERPRINTS, MEDIA_METADATA, RECOVERED, REDACTIONS, SCREEN_CLOCKS, SCREEN_ROWS, SCREEN_SETTINGS,
    SCREENS,
};
pub use source::{CONTEXT_FACTS, FACTS, LOSSES, SOURCES, SPLITS};
pub use web::{WEB_ACTS, WEB_ADDRESSES, WEB_CHANGES, WEB_DAYS, WEB_FLOODS, WEB_READS, WEB_REQUESTS, WEB_SESSIONS};

/// All tables, by stage, then in reading order.
pub const TABLES: &[&Table] = &[
    &SOURCES,
    &SPLITS,
    &LOSSES,
    &CONTEXT_FACTS,
    &MESSAGES,
    &HOPS,
    &DECLARED_AUTH,
    &MAIL_SIGNATURES,
    &MAIL_SKETCHES,
    &MAIL_HABITS,
    &MAIL_SENTENCES,
    &MAIL_PERSON_FIELDS,
    &ENVELOPES,
    &BODIES,
    &MESSAGE_TRACES,
    &WEB_REQUESTS,
    &MEDIA,
    &MEDIA_METADATA,
    &MEDIA_FINGERPRINTS,
    &SCREENS,
    &SCREEN_ROWS,
    &SCREEN_SETTINGS,
    &REDACTIONS,
    &RECOVERED,
    &RECORD_SETS,
    &RECORDS,
    &PERSON_RECORDS,
    &POSTS,
    &INDICATORS,
    &ACTORS,
    &LISTINGS,
    &IMPORTED_OBJECTS,
    &PREFIXES,
    &SHARED_RANGES,
    &WARNINGS,
    &TENANCIES,
    &DNS_OBSERVATIONS,
    &CERTIFICATES,
    &OBSERVABLES,
    &PERSON_OBSERVABLES,
    &CONTEXTS,
    &SLIPS,
    &FACTS,
    &VALUE_FILES,
    &VALUES,
    &KNOWN_VALUES,
    &INTEL_MATCHES,
    &CERTIFICATE_MATCHES,
    &MEDIA_MATCHES,
    &SCREEN_CLOCKS,
    &ADDRESS_ORIGINS,
    &WARNING_MATCHES,
    &MAIL_RECEPTIONS,
    &MAIL_CHECKS,
    &MAIL_HOPS,
    &MAIL_TEXTS,
    &MAIL_PATHS,
    &MAIL_ORIGINS,
    &MAIL_PERSONAS,
    &MAIL_MARKS,
    &IMPERSONATIONS,
    &MAIL_GROUPS,
    &NAME_MATCHES,
    &LINKS,
    &CAMPAIGN_MEMBERS,
    &WEB_ACTS,
    &WEB_ADDRESSES,
    &WEB_SESSIONS,
    &WEB_READS,
    &WEB_DAYS,
    &WEB_FLOODS,
    &WEB_CHANGES,
    &SHARED_OBJECTS,
    &COORDINATED_ACCOUNTS,
    &BASE_RATES,
    &PLACEMENTS,
    &HYPOTHESES,
    &CONTRIBUTIONS,
];

/// The table of that name.
pub fn by_name(name: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.name == name)
}

const fn text(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: ColumnType::Text, doc }
}

const fn count(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: ColumnType::U64, doc }
}

const fn signed(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: ColumnType::I64, doc }
}

const fn float(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: ColumnType::F64, doc }
}

const fn truth(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: ColumnType::Bool, doc }
}

const fn time(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: ColumnType::Time, doc }
}
