//! What is looked for in which text, and which table it goes to.

use std::borrow::Cow;

use model::ObservableKind as Kind;
use model::{Role, Table, Text, tables};

use super::observable::Policy;

/// Kinds that mean something in a log, where paths, names of pages and session
/// ids of the site itself stand on every line.
pub(super) const LOG: Policy = Policy::NONE.with(&[
    Kind::Ip,
    Kind::Cidr,
    Kind::Domain,
    Kind::Url,
    Kind::Email,
    Kind::Cve,
    Kind::WindowsPath,
    Kind::Username,
]);

/// Headers hold ids, boundaries and signatures that resemble digests, wallets
/// and numbers.
const HEADER: Policy = Policy::ALL.without(&[
    Kind::Md5,
    Kind::Sha1,
    Kind::Sha256,
    Kind::Sha512,
    Kind::Wallet,
    Kind::Phone,
    Kind::Attack,
    Kind::Asn,
    Kind::Tracker,
    Kind::Mac,
]);

/// Ids that are formed like mail addresses.
const ID_HEADER: Policy = Policy::NONE.with(&[Kind::Domain, Kind::Ip]);

/// Signatures and verdicts, of which the names of domains mean something; the
/// rest is base64.
const SIGNATURE_HEADER: Policy = Policy::NONE.with(&[Kind::Domain, Kind::Ip, Kind::Email]);

/// What the name of a file may say.
const NAME: Policy = Policy::NONE.with(&[Kind::Filename]);

/// What media types and dispositions may say.
const PART_HEADER: Policy = Policy::NONE.with(&[Kind::Filename, Kind::WindowsPath, Kind::UnixPath, Kind::Username]);

/// The kinds to look for in a text.
pub(super) fn of(text: &Text<'_>) -> Policy {
    match text.role {
        Role::Log => LOG,
        Role::Name => NAME,
        Role::Header(name) => of_header(name),
        Role::Cell(column) if counts_serials(column) => {
            Policy::ALL.without(&[Kind::Md5, Kind::Sha1, Kind::Sha256, Kind::Sha512])
        }
        Role::Cell(_) if text.personal => Policy::ALL.without(&[Kind::Attack, Kind::Asn]),
        _ => Policy::ALL,
    }
}

fn of_header(name: &str) -> Policy {
    const NONE: &[&str] = &["Date", "MIME-Version", "Content-Transfer-Encoding", "Resent-Date", "X-Priority"];
    const IDS: &[&str] =
        &["Message-ID", "In-Reply-To", "References", "Content-ID", "Resent-Message-ID", "Thread-Index"];
    const PARTS: &[&str] = &["Content-Type", "Content-Disposition", "Content-Location"];
    const WORDS: &[&str] = &["Subject", "Comments", "Keywords", "Thread-Topic"];
    let is_in = |list: &[&str]| list.iter().any(|entry| entry.eq_ignore_ascii_case(name));
    match () {
        () if is_in(NONE) => Policy::NONE,
        () if is_in(IDS) => ID_HEADER,
        () if is_signature(name) => SIGNATURE_HEADER,
        () if is_in(PARTS) => PART_HEADER,
        () if is_in(WORDS) => Policy::ALL,
        () => HEADER,
    }
}

fn is_signature(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with("signature")
        || lower.starts_with("arc-")
        || lower.ends_with("authentication-results")
        || lower == "received-spf"
}

/// Columns of numbers that are written like digests.
fn counts_serials(column: &str) -> bool {
    let lower = column.to_ascii_lowercase();
    ["serial", "uuid", "session", "nonce"].iter().any(|word| lower.contains(word))
}

/// The role as the `role` column writes it.
pub(super) fn role_word(role: Role<'_>) -> Cow<'static, str> {
    match role {
        Role::Header(name) => Cow::Owned(format!("header:{name}")),
        Role::Body => Cow::Borrowed("body"),
        Role::Note => Cow::Borrowed("note"),
        Role::Log => Cow::Borrowed("log"),
        Role::Cell(name) => Cow::Owned(format!("cell:{name}")),
        Role::Document => Cow::Borrowed("document"),
        Role::Name => Cow::Borrowed("name"),
        Role::Metadata(name) => Cow::Owned(format!("metadata:{name}")),
        Role::Screen(surface) => Cow::Owned(format!("screen:{}", surface.word())),
        Role::Uncovered { surface, .. } => Cow::Owned(format!("uncovered:{}", surface.word())),
    }
}

/// The table for a value of that kind: `person_observables` for what may name
/// a victim, which is a mail address, a telephone number, and whatever holds a
/// mail address.
pub(super) fn table(text: &Text<'_>, kind: Kind, value: &str) -> &'static Table {
    let names_somebody = match kind {
        Kind::Email | Kind::Phone => true,
        Kind::Url | Kind::WindowsPath | Kind::UnixPath | Kind::Filename => holds_address(value),
        _ => false,
    };
    if text.personal && names_somebody { &tables::PERSON_OBSERVABLES } else { &tables::OBSERVABLES }
}

fn holds_address(value: &str) -> bool {
    value.contains('@') || value.contains("%40")
}
