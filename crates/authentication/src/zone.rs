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
    /// Zones known whole, and names at which a part of one was handed on.
    zones: BTreeSet<String>,
    cuts: BTreeSet<String>,
    /// Records seen in passing, which say nothing of what was not seen.
    seen: HashMap<String, BTreeMap<Kind, Vec<String>>>,
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

    /// Notes that a zone is known whole: what it does not hold below its name did not exist.
    pub fn whole(&mut self, origin: &str) {
        self.zones.insert(cleaned(origin));
    }

    /// Notes that a zone handed a name on to other servers (RFC 1034, 4.2.1).
    pub fn cut(&mut self, name: &str) {
        self.cuts.insert(cleaned(name));
    }

    /// Adds a record that was seen in passing. It answers only where nobody asked.
    pub fn saw(&mut self, name: &str, kind: Kind, data: &str) {
        let records = self.seen.entry(cleaned(name)).or_default().entry(kind).or_default();
        if !records.iter().any(|known| known == data) {
            records.push(data.to_owned());
        }
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
        let policies = || self.seen.values().any(|seen| seen.contains_key(&Kind::Txt));
        self.names.is_empty() && self.failed.is_empty() && !policies()
    }

    /// Whether a name is known from what was seen in passing alone.
    pub fn only_seen(&self, name: &str) -> bool {
        let name = cleaned(name);
        self.seen.contains_key(&name) && !self.names.contains_key(&name)
    }

    /// Whether it says anything about a name.
    pub fn knows(&self, name: &str) -> bool {
        let name = cleaned(name);
        self.complete
            || self.names.contains_key(&name)
            || self.failed.contains(&name)
            || self.unasked(&name, Kind::Txt) != Answer::NotAsked
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
                None => return self.unasked(&name, kind),
            }
        }
        Answer::Failed
    }

    /// Of a name that has no record of its own and that nobody asked for.
    fn unasked(&self, name: &str, kind: Kind) -> Answer<'_> {
        if let Some(records) = self.seen.get(name).and_then(|seen| seen.get(&kind)) {
            return Answer::Records(records);
        }
        let cut = |name: &str| self.cuts.contains(name) && !self.zones.contains(name);
        let above = ancestors(name).take_while(|above| !cut(above));
        let (mut wildcard, mut within) = (None, false);
        for above in above {
            let star = || self.names.get(&format!("*.{above}"));
            // RFC 4592, 2.2.1: the wildcard below the closest name that is there answers, and no other.
            if above != name && wildcard.is_none() && (star().is_some() || self.names.contains_key(above)) {
                wildcard = Some(star().and_then(|records| records.get(&kind)));
            }
            within |= self.zones.contains(above);
        }
        match (within, wildcard.flatten()) {
            (false, _) => Answer::NotAsked,
            (true, Some(records)) => Answer::Records(records),
            (true, None) => Answer::Absent,
        }
    }
}

/// A name, and those that it lies below, the nearest first.
fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, above)| above))
}

/// A name as the DNS compares it.
fn cleaned(name: &str) -> String {
    name.trim().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_zone_knows_what_it_does_not_hold() {
        let mut zone = Zone::new();
        zone.whole("town.test");
        zone.add("town.test", Kind::Mx, "10 mx.town.test");
        zone.add("*.lists.town.test", Kind::Txt, "v=spf1 -all");
        zone.add("a.lists.town.test", Kind::A, "192.0.2.1");
        zone.cut("own.town.test");
        let table = [
            ("nobody.town.test", Kind::Txt, "none"),
            ("b.lists.town.test", Kind::Txt, "v=spf1 -all"),
            // The wildcard stands in for names that are not there alone, and only for its types.
            ("a.lists.town.test", Kind::Txt, "none"),
            ("x.a.lists.town.test", Kind::Txt, "none"),
            ("b.lists.town.test", Kind::Mx, "none"),
            ("own.town.test", Kind::Txt, "?"),
            ("x.own.town.test", Kind::Txt, "?"),
            ("city.test", Kind::Txt, "?"),
        ];
        for (name, kind, expected) in table {
            let answer = match zone.lookup(name, kind) {
                Answer::Records(records) => records.join(" "),
                Answer::Absent => "none".to_owned(),
                Answer::NotAsked | Answer::Failed => "?".to_owned(),
            };
            assert_eq!(answer, expected, "{name} {kind:?}");
        }
    }

    #[test]
    fn what_was_seen_in_passing_answers_for_itself_alone() {
        let mut zone = Zone::new();
        zone.saw("town.test", Kind::Txt, "v=spf1 -all");
        zone.add("city.test", Kind::A, "192.0.2.1");
        zone.saw("city.test", Kind::Txt, "v=spf1 -all");
        assert_eq!(zone.lookup("town.test", Kind::Txt), Answer::Records(&["v=spf1 -all".to_owned()]));
        assert_eq!(zone.lookup("town.test", Kind::Mx), Answer::NotAsked);
        assert_eq!(zone.lookup("city.test", Kind::Txt), Answer::Absent);
    }
}
