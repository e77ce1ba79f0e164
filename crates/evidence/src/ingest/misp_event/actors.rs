//! Who a MISP event is about, by galaxy clusters, by tags, or by its title.

use model::Mark;
use serde_json::Value;

use crate::ingest::stix::graph::tlp_word;

/// An actor that an event or attribute names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// As spelled in the feed.
    pub name: String,
    /// Path of the text that names it, below the event.
    pub path: Vec<String>,
    /// How the feed names it, for the description.
    pub how: &'static str,
    /// Country that the cluster ties it to.
    pub country: Option<String>,
    /// Other names in the cluster, with their paths.
    pub synonyms: Vec<(String, Vec<String>)>,
}

/// Galaxies whose clusters are actors.
fn is_of_actors(galaxy: &str) -> bool {
    ["threat-actor", "intrusion-set", "activity-group", "tidal-groups", "adversary"]
        .iter()
        .any(|word| galaxy.contains(word))
}

/// The actors that an event or attribute names by galaxy or tag.
pub fn of(holder: &Value) -> Vec<Named> {
    let mut actors = clusters(holder);
    for (index, tag) in list(holder, "Tag").enumerate() {
        let Some(name) = tag.get("name").and_then(Value::as_str).and_then(actor_of_tag) else { continue };
        if !actors.iter().any(|known| known.name.eq_ignore_ascii_case(&name)) {
            let path = path(&["Tag", &index.to_string(), "name"]);
            actors.push(Named { name, path, how: "tag", country: None, synonyms: Vec::new() });
        }
    }
    actors
}

fn clusters(holder: &Value) -> Vec<Named> {
    let mut actors = Vec::new();
    for (g, galaxy) in list(holder, "Galaxy").enumerate() {
        if !galaxy.get("type").and_then(Value::as_str).is_some_and(is_of_actors) {
            continue;
        }
        for (c, cluster) in list(galaxy, "GalaxyCluster").enumerate() {
            let Some(name) = cluster.get("value").and_then(Value::as_str) else { continue };
            let at = |rest: &[&str]| {
                let mut path = path(&["Galaxy", &g.to_string(), "GalaxyCluster", &c.to_string()]);
                path.extend(rest.iter().map(ToString::to_string));
                path
            };
            let country = cluster.pointer("/meta/country");
            let country = country.and_then(|value| value.as_str().or_else(|| value.get(0)?.as_str()));
            let synonyms = cluster.pointer("/meta/synonyms").and_then(Value::as_array).into_iter().flatten();
            let synonyms = synonyms
                .enumerate()
                .filter_map(|(n, name)| Some((name.as_str()?.to_owned(), at(&["meta", "synonyms", &n.to_string()]))));
            actors.push(Named {
                name: without_group_id(name).to_owned(),
                path: at(&["value"]),
                how: "galaxy",
                country: country.map(str::to_owned),
                synonyms: synonyms.collect(),
            });
        }
    }
    actors
}

/// `misp-galaxy:threat-actor="NAME"` and its kin.
fn actor_of_tag(tag: &str) -> Option<String> {
    let (galaxy, name) = tag.split_once('=')?;
    is_of_actors(galaxy.strip_prefix("misp-galaxy:")?).then(|| without_group_id(name.trim_matches('"')).to_owned())
}

/// ATT&CK clusters are called `NAME - G0001`.
fn without_group_id(name: &str) -> &str {
    match name.rsplit_once(" - G") {
        Some((short, digits)) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => short,
        _ => name,
    }
}

/// The part of a title before a colon, if it reads like a name: at most three
/// words, each with a capital or digit, and none that speaks of reporting.
pub fn of_title(info: &str) -> Option<Named> {
    const REPORTING: &[&str] = &[
        "osint",
        "report",
        "iocs",
        "ioc",
        "analysis",
        "operation",
        "campaign",
        "malware",
        "phishing",
        "ransomware",
        "new",
        "update",
        "alert",
        "advisory",
        "blog",
        "blogpost",
        "feed",
        "malspam",
        "botnet",
        "trojan",
        "backdoor",
        "apt",
        "threat",
        "research",
        "investigation",
        "daily",
        "weekly",
        "monthly",
        "spam",
        "scan",
        "scanning",
        "list",
    ];
    let name = info.split_once(": ")?.0.trim();
    let words: Vec<&str> = name.split_whitespace().collect();
    let capital = |word: &&str| word.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit());
    let plain = |word: &&str| !REPORTING.contains(&word.to_lowercase().as_str());
    let fits =
        (1..=3).contains(&words.len()) && name.len() <= 40 && words.iter().all(|word| capital(word) && plain(word));
    fits.then(|| Named {
        name: name.to_owned(),
        path: path(&["info"]),
        how: "title of the event alone",
        country: None,
        synonyms: Vec::new(),
    })
}

/// Names that a text says others use: "Also called NAME by SOMEBODY."
pub fn also_called(text: &str) -> Vec<(String, usize, usize)> {
    const PHRASES: &[&str] = &["also called ", "also known as ", "also tracked as ", "tracked as ", "aka ", "a.k.a. "];
    let lower = text.to_ascii_lowercase();
    let mut names = Vec::new();
    let mut from = 0;
    while let Some((start, phrase)) =
        PHRASES.iter().filter_map(|phrase| lower.get(from..)?.find(phrase).map(|at| (from + at, *phrase))).min()
    {
        from = start + phrase.len();
        let rest = text.get(from..).unwrap_or("");
        let ends = [" by ", " in ", " and ", ", ", ". ", "; ", ".\n", "\n", " ("];
        let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or("").trim_end_matches('.').trim_end();
        let capital = name.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit());
        if capital && name.len() <= 60 {
            names.push((name.to_owned(), from, from + name.len()));
        }
    }
    names
}

/// The sharing word of an event or attribute, by its strictest tag.
pub fn sharing(holder: &Value) -> Option<&'static str> {
    let tags = list(holder, "Tag").filter_map(|tag| tag.get("name")?.as_str());
    tags.filter(|tag| tag.to_ascii_lowercase().starts_with("tlp:")).filter_map(tlp_word).max().map(Mark::word)
}

/// The members of a list property.
pub fn list<'v>(holder: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    holder.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn path(tokens: &[&str]) -> Vec<String> {
    tokens.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_that_read_like_names() {
        let name = |info: &str| of_title(info).map(|named| named.name);
        assert_eq!(name("G12-Basalt: servers and habits").as_deref(), Some("G12-Basalt"));
        assert_eq!(name("Amber Heron: letters").as_deref(), Some("Amber Heron"));
        for info in ["OSINT: something", "Amber Heron letters", "New Malware: x", "how they work: a study", ""] {
            assert_eq!(name(info), None, "{info}");
        }
    }

    #[test]
    fn names_that_others_use() {
        let names = |text: &str| also_called(text).into_iter().map(|(name, ..)| name).collect::<Vec<_>>();
        assert_eq!(names("Also called Amber Heron by Example Lab."), ["Amber Heron"]);
        assert_eq!(names("Tracked as UNC-1, also known as Grey Vole."), ["UNC-1", "Grey Vole"]);
        assert!(names("Names used by others unknown. It is also called on by many.").is_empty());
        let text = "ä also called Übel.";
        assert!(also_called(text).iter().all(|(name, start, end)| text.get(*start..*end) == Some(name)));
    }
}
