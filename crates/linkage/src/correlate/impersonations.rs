//! Which known name a domain looks like, and whose name a text uses.
//!
//! Homographs are told by the skeletons of Unicode Technical Standard 39; one or two
//! letters off by the optimal string alignment distance (Damerau 1964, Levenshtein
//! 1966), both from libraries. Short names are like each other by chance, so the
//! distance that counts grows with their length.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use casefile::{Result, Session};
use unicode_security::confusable_detection::skeleton;

use crate::enrich::mail_checks;

/// Letters that a name needs before a word added to it, or a letter changed, says anything.
const TELLING: usize = 6;

/// Letters from which on two changes count.
const LONG: usize = 12;

/// Names that others may want to look like: declared ones, and those that send checked mail.
const KNOWN: &str = "SELECT DISTINCT registered_domain(value) AS domain FROM facts WHERE fact IN ('own-domain', 'site') \
    UNION SELECT persona_domain AS domain FROM mail_personas GROUP BY persona_domain \
    HAVING count(*) FILTER (WHERE spoofed = FALSE) >= 5 AND count(*) FILTER (WHERE spoofed) = 0";

/// Words that an organisation's name has at most.
const WORDS: usize = 6;

/// Registers `resembled`, `named_organisation`, and the checks for `sends_no_mail`.
pub fn register(session: &Session) -> Result<()> {
    mail_checks::register(session)?;
    let known = domains(session, KNOWN)?;
    let names: Vec<Name> = known.iter().filter_map(|domain| Name::of(domain)).collect();
    let written = Written::of(&names);
    session.register_function(
        "named_organisation",
        1,
        Arc::new(move |given| written.named(given.first().copied()??).map(str::to_owned)),
    )?;
    session.register_function(
        "resembled",
        1,
        Arc::new(move |given| {
            let domain = given.first().copied()??;
            if known.contains(domain) {
                return None;
            }
            let name = Name::of(domain)?;
            names.iter().find_map(|known| name.resembles(known))
        }),
    )
}

fn domains(session: &Session, sql: &str) -> Result<BTreeSet<String>> {
    let rows = session.rows(sql)?;
    Ok(rows.iter().filter_map(|row| Some(row.get("domain")?.as_str()?.to_owned())).collect())
}

/// Names of organisations as texts write them, by the letters of the name that they registered.
struct Written(BTreeMap<String, String>);

impl Written {
    fn of(names: &[Name]) -> Self {
        let letters = |name: &Name| name.label.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let told = names.iter().map(|name| (letters(name), name.domain.clone()));
        Self(told.filter(|(letters, _)| letters.chars().count() >= TELLING).collect())
    }

    /// The domain of the first organisation that a text names: two words or more that make up the
    /// name it registered, since one word alone may be any word.
    fn named(&self, text: &str) -> Option<&str> {
        let mut last: VecDeque<String> = VecDeque::new();
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            last.truncate(WORDS - 1);
            last.push_front(word.to_lowercase());
            let mut name = last.front().cloned().unwrap_or_default();
            for before in last.iter().skip(1) {
                name.insert_str(0, before);
                if let Some(domain) = self.0.get(&name) {
                    return Some(domain);
                }
            }
        }
        None
    }
}

/// A domain as its parts are compared.
struct Name {
    domain: String,
    /// The label that somebody chose, as a reader sees it.
    label: String,
    skeleton: String,
}

impl Name {
    fn of(domain: &str) -> Option<Self> {
        let (shown, _) = idna::domain_to_unicode(domain);
        let label = shown.split('.').next().filter(|label| !label.is_empty())?.to_owned();
        Some(Self { domain: domain.to_owned(), skeleton: skeleton(&label).collect(), label })
    }

    /// Kind, domain and reason, parted by tabs, where this name looks like `known`.
    fn resembles(&self, known: &Self) -> Option<String> {
        let length = known.label.chars().count();
        let changes = strsim::osa_distance(&self.label, &known.label);
        let (kind, why) = if self.label == known.label {
            (length >= TELLING).then_some(("other-suffix", "has below another suffix the name of"))?
        } else if self.skeleton == known.skeleton {
            ("homograph", "looks the same to the eye as")
        } else if length >= TELLING && changes == 1 || length >= LONG && changes == 2 {
            ("typosquatting", "is a letter or two off")
        } else if length >= TELLING && self.label.contains(&known.label) {
            ("combosquatting", "adds to the name of")
        } else {
            return None;
        };
        Some(format!("{kind}\t{}\t{} {why} {}", known.domain, self.domain, known.domain))
    }
}
