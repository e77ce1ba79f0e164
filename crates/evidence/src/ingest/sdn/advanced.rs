//! The advanced form: parties whose kinds, scripts and features are numbers of
//! reference tables at the head of the document.

use std::collections::BTreeMap;

use model::{Loss, Out};

use super::super::listing::Party;
use super::super::xml::{self, Element};
use super::super::{instant, whole};
use super::{Left, SOURCE, identifier};

/// Reference tables that are asked, by the name of their entries.
const TABLES: &[&str] = &["AliasType", "FeatureType", "IDRegDocType", "PartySubType", "PartyType", "SanctionsProgram"];

/// Items in the order in which the document has them.
const ITEMS: &[&str] =
    &["DateOfIssue", "ReferenceValueSets", "IDRegDocument", "DistinctParty", "SanctionsEntry", "Location"];

/// What is known before the parties come.
#[derive(Default)]
struct Known {
    words: BTreeMap<(String, String), String>,
    /// Kind and number of documents, with their place, by the identity that they are issued to.
    documents: BTreeMap<String, Vec<(String, String, usize, usize)>>,
    stated: Option<i64>,
}

impl Known {
    fn word(&self, table: &str, id: Option<&str>) -> &str {
        id.and_then(|id| self.words.get(&(table.to_owned(), id.to_owned()))).map_or("", String::as_str)
    }
}

/// Reads all parties.
pub fn parties(whole: &whole::Whole, out: &mut dyn Out) -> Result<(), usize> {
    let mut known = Known::default();
    let mut left = Left::default();
    let outcome = xml::items(&whole.text, ITEMS, &mut |item| match &*item.name {
        "DateOfIssue" => known.stated = date(item),
        "ReferenceValueSets" => words(item, &mut known),
        "IDRegDocument" => document(item, &mut known),
        "DistinctParty" => party(item, whole, &known, &mut left, out),
        _ => left.add(1),
    });
    left.close(&whole.chain, out);
    outcome
}

fn date(item: &Element) -> Option<i64> {
    let part = |name: &str| item.text_of(name);
    instant::micros(&format!("{}-{:0>2}-{:0>2}", part("Year")?, part("Month")?, part("Day")?))
}

fn words(sets: &Element, known: &mut Known) {
    for table in TABLES {
        let mut entries = Vec::new();
        sets.every(table, &mut entries);
        for entry in entries {
            if let Some(id) = entry.attribute("ID") {
                known.words.insert(((*table).to_owned(), id.to_owned()), entry.text.clone());
            }
        }
    }
}

fn document(item: &Element, known: &mut Known) {
    let (Some(identity), Some(number)) = (item.attribute("IdentityID"), item.child("IDRegistrationNo")) else { return };
    let kind = known.word("IDRegDocType", item.attribute("IDRegDocTypeID")).to_owned();
    let told = (kind, number.text.clone(), number.start, number.end);
    known.documents.entry(identity.to_owned()).or_default().push(told);
}

fn party(item: &Element, whole: &whole::Whole, known: &Known, left: &mut Left, out: &mut dyn Out) {
    let mut aliases = Vec::new();
    item.every("Alias", &mut aliases);
    let named: Vec<(&Element, String)> = aliases
        .into_iter()
        .flat_map(|alias| alias.all("DocumentedName").map(move |name| (alias, spelled(name))))
        .collect();
    let main = named.iter().find(|(alias, name)| alias.attribute("Primary") == Some("true") && !name.is_empty());
    let (Some(number), Some((_, name))) = (item.attribute("FixedRef"), main.or(named.first())) else {
        let loss = Loss { reason: "listing without a number or name", count: 1, detail: "" };
        return out.loss(whole.place(item.start, item.end), loss);
    };
    let party = Party {
        reference: &format!("ofac:{number}"),
        kind: kind(item, known),
        name: Some(name),
        source: SOURCE,
        stated: known.stated,
        ..Party::default()
    };
    names(&party, &named, whole, out);
    features(item, &party, whole, known, left, out);
    let mut identities = Vec::new();
    item.every("Identity", &mut identities);
    let documents = identities.iter().filter_map(|identity| known.documents.get(identity.attribute("ID")?)).flatten();
    for (kind, number, start, end) in documents {
        left.add(u64::from(identifier(&party, kind, number, None, whole.place(*start, *end), out).is_none()));
    }
}

/// The first name that is primary is the main one; the same name in other scripts is an alias.
fn names(party: &Party<'_>, named: &[(&Element, String)], whole: &whole::Whole, out: &mut dyn Out) {
    let mut main = false;
    for (alias, name) in named.iter().filter(|(_, name)| !name.is_empty()) {
        let what = match (alias.attribute("LowQuality"), alias.attribute("Primary")) {
            (Some("true"), _) => "weak-alias",
            (_, Some("true")) if !main && Some(&**name) == party.name => "name",
            _ => "alias",
        };
        main |= what == "name";
        party.put(what, name, None, whole.place(alias.start, alias.end), out);
    }
}

/// The parts of a name in the order in which the document has them, last name first there.
fn spelled(name: &Element) -> String {
    let mut parts = Vec::new();
    name.every("NamePartValue", &mut parts);
    let parts: Vec<&str> = parts.iter().map(|part| &*part.text).filter(|text| !text.is_empty()).collect();
    parts.join(" ")
}

fn kind(item: &Element, known: &Known) -> &'static str {
    let mut profiles = Vec::new();
    item.every("Profile", &mut profiles);
    let sub = profiles.first().and_then(|profile| profile.attribute("PartySubTypeID"));
    match known.word("PartySubType", sub) {
        "Vessel" => "vessel",
        "Aircraft" => "aircraft",
        // Only persons and organisations have a subtype without a word of its own, and OFAC numbers those 3 and 4.
        _ => match sub {
            Some("3") => "organisation",
            Some("4") => "person",
            _ => "other",
        },
    }
}

fn features(
    item: &Element,
    party: &Party<'_>,
    whole: &whole::Whole,
    known: &Known,
    left: &mut Left,
    out: &mut dyn Out,
) {
    let mut features = Vec::new();
    item.every("Feature", &mut features);
    for feature in features {
        let word = known.word("FeatureType", feature.attribute("FeatureTypeID"));
        let mut details = Vec::new();
        feature.every("VersionDetail", &mut details);
        for detail in details.into_iter().filter(|detail| !detail.text.is_empty()) {
            let at = whole.place(detail.start, detail.end);
            left.add(u64::from(identifier(party, word, &detail.text, None, at, out).is_none()));
        }
    }
}
