//! What the DNS answered, frozen.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Aliases that are followed in a row.
const ALIASES: usize = 8;

/// Types of records that mail is checked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// IPv4 address.
    A,
    /// IPv6 address.
    Aaaa,
    /// Alias.
    Cname,
    /// Mail host: preference, space, name.
    Mx,
    /// Name of an address.
    Ptr,
    /// Text, its strings joined.
    Txt,
}

impl Kind {
    /// By the name that RFC 1035 and RFC 3596 give it, in any case.
    pub fn by_name(name: &str) -> Option<Self> {
        let kinds = [Self::A, Self::Aaaa, Self::Cname, Self::Mx, Self::Ptr, Self::Txt];
        kinds.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// Its name in upper case.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Ptr => "PTR",
            Self::Txt => "TXT",
        }
    }
}

/// What is known about one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'z> {
    /// The values, at least one.
    Records(&'z [String]),
    /// The name is there and has no such record, or there is no such name.
    Absent,
    /// The snapshot says nothing about the name.
    NotAsked,
    /// The name was asked and nobody answered in time.
    Failed,
}

/// The records of many names at one time.
#[derive(Clone, Debug, Default)]
pub struct Zone {
    names: HashMap<String, BTreeMap<Kind, Vec<String>>>,
    failed: BTreeSet<String>,
    complete: bool,
}

impl Zone {
    /// A snapshot that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One of which it is known that what it does not hold did not exist.
    pub fn complete() -> Self {
        Self { complete: true, ..Self::default() }
    }

    /// Adds a record as a zone file writes its data.
    pub fn add(&mut self, name: &str, kind: Kind, data: &str) {
        let data = if kind == Kind::Txt { data } else { data.trim_end_matches('.') };
        self.names.entry(cleaned(name)).or_default().entry(kind).or_default().push(data.to_owned());
    }

    /// Notes that a name was asked, whatever it answered.
    pub fn asked(&mut self, name: &str) {
        self.names.entry(cleaned(name)).or_default();
    }

    /// Notes that questions about a name that no record answers ran out of time.
    pub fn timed_out(&mut self, name: &str) {
        self.failed.insert(cleaned(name));
    }

    /// Whether it says anything at all.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.failed.is_empty()
    }

    /// Whether it says anything about a name.
    pub fn knows(&self, name: &str) -> bool {
        let name = cleaned(name);
        self.complete || self.names.contains_key(&name) || self.failed.contains(&name)
    }

    /// The records of one type; aliases are followed.
    pub fn lookup(&self, name: &str, kind: Kind) -> Answer<'_> {
        let mut name = cleaned(name);
        for _ in 0..ALIASES {
            let here = self.names.get(&name);
            if let Some(records) = here.and_then(|here| here.get(&kind)) {
                return Answer::Records(records);
            }
            match here.and_then(|here| here.get(&Kind::Cname)?.first()) {
                Some(alias) => name = cleaned(alias),
                None if self.failed.contains(&name) => return Answer::Failed,
                None if here.is_some() || self.complete => return Answer::Absent,
                None => return Answer::NotAsked,
            }
        }
        Answer::Failed
    }
}

/// A name as the DNS compares it.
fn cleaned(name: &str) -> String {
    name.trim().trim_end_matches('.').to_ascii_lowercase()
}
