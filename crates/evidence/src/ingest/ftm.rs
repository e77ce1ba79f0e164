//! FollowTheMoney entities, one a line, as OpenSanctions publishes them.

use std::io::{self, Read};

use model::{At, Entry, Format, ObservableKind as Kind, Out, Reading, Split};
use serde_json::Value;

use super::lines::{each_line, each_statement, splits};
use super::listing::Party;
use super::sdn::number;
use super::{instant, whole};

/// FollowTheMoney entities.
pub struct Ftm;

impl Format for Ftm {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "followthemoney",
            summary: "FollowTheMoney entities, one a line, such as OpenSanctions' entities.ftm.json",
            doc: "What it reads: JSON objects with `id`, `schema` and `properties`, one a line.\n\nWhat it gives: \
                  for persons, organisations, vessels and aircraft whose topics are sanctions, crime, debarment or \
                  export control a row of `listings` for each name, alias and identifier, with data set and date; \
                  for passports, identity papers and wallets a row under the reference of their holder; for ownership, \
                  directorship, membership and links a row that names both references. Mail \
                  addresses, sites, wallets and telephone numbers are indicators as well, which name a person by \
                  reference alone.\n\nLimits: parties of other topics (politically exposed persons, say) are left \
                  out and counted; so are entities that are no party. A line that is no such object, or is over \
                  1 MiB, is a loss.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        whole::opens_as_json(head) && each_line(head).next().and_then(|(_, line)| entity(line)).is_some()
    }

    fn plan(&self, input: &mut dyn model::contract::Input, length: u64) -> io::Result<Vec<Split>> {
        splits(input, length, Split::BYTES, &|_, _| {})
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        each_statement(reading, bytes, out, &mut |line, at, out| {
            let entity = entity(line).ok_or("line is no entity of FollowTheMoney")?;
            statements(&entity, at, out)
        })
    }
}

fn entity(line: &[u8]) -> Option<Value> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii_start();
    if !line.starts_with(b"{") || memchr::memmem::find(line, b"\"properties\"").is_none() {
        return None;
    }
    let entity: Value = serde_json::from_slice(line).ok()?;
    let is_text = |key: &str| entity.get(key).is_some_and(Value::is_string);
    (is_text("id") && is_text("schema") && entity.get("properties")?.is_object()).then_some(entity)
}

fn statements(entity: &Value, at: At<'_>, out: &mut dyn Out) -> Result<(), &'static str> {
    let schema = entity.get("schema").and_then(Value::as_str).unwrap_or_default();
    match schema {
        "Passport" | "Identification" => paper(entity, schema, at, out),
        "CryptoWallet" => wallet(entity, at, out),
        _ => match (kind(schema), RELATIONS.iter().find(|relation| relation.0 == schema)) {
            (Some(kind), _) => party(entity, kind, at, out),
            (_, Some(relation)) => related(entity, relation, at, out),
            _ => Err("entity is no party"),
        },
    }
}

/// Schemata that tie two parties: the property of the one, of the other, and what is told of the one.
const RELATIONS: &[(&str, &str, &str, &str)] = &[
    ("Ownership", "owner", "asset", "owns"),
    ("Directorship", "director", "organization", "directs"),
    ("Membership", "member", "organization", "belongs-to"),
    ("Employment", "employee", "employer", "belongs-to"),
    ("UnknownLink", "subject", "object", "linked-to"),
];

fn related(
    entity: &Value,
    (_, one, other, what): &(&str, &str, &str, &str),
    at: At<'_>,
    out: &mut dyn Out,
) -> Result<(), &'static str> {
    let told = Told::of(entity);
    for (one, other) in values(entity, one).flat_map(|one| values(entity, other).map(move |other| (one, other))) {
        told.party(one, "", None).put(what, other, None, at, out);
    }
    Ok(())
}

/// The kinds of party, by the schemata of FollowTheMoney.
fn kind(schema: &str) -> Option<&'static str> {
    match schema {
        "Person" => Some("person"),
        "Organization" | "Company" | "PublicBody" => Some("organisation"),
        // A party of which the list does not say what it is may be a person.
        "LegalEntity" => Some(""),
        "Vessel" => Some("vessel"),
        "Airplane" => Some("aircraft"),
        _ => None,
    }
}

/// The values of a property; where a dump is nested, the ids of entities.
fn values<'e>(entity: &'e Value, property: &'e str) -> impl Iterator<Item = &'e str> {
    let values = entity.get("properties").and_then(|all| all.get(property)).and_then(Value::as_array);
    values.into_iter().flatten().filter_map(|value| value.as_str().or_else(|| value.get("id")?.as_str()))
}

/// Topics under which somebody is kept from something, rather than merely known.
fn is_listed(entity: &Value) -> bool {
    let listed = ["sanction", "crime", "debarment", "export", "wanted"];
    values(entity, "topics").any(|topic| listed.iter().any(|word| topic.split('.').next() == Some(word)))
}

/// What the statements of an entity have in common, in texts of their own.
struct Told {
    programs: String,
    source: String,
    stated: Option<i64>,
}

impl Told {
    fn of(entity: &Value) -> Self {
        let join = |values: Vec<&str>| values.join(",");
        let sets = entity.get("datasets").and_then(Value::as_array);
        let sets = join(sets.into_iter().flatten().filter_map(Value::as_str).collect());
        // A list says all of it again each day that it is published.
        let day = ["last_seen", "last_change", "first_seen"].iter().find_map(|key| entity.get(*key)?.as_str());
        Self {
            programs: join(values(entity, "topics").collect()),
            source: if sets.is_empty() { "FollowTheMoney".to_owned() } else { sets },
            stated: day.and_then(instant::micros),
        }
    }

    fn party<'t>(&'t self, reference: &'t str, kind: &'t str, name: Option<&'t str>) -> Party<'t> {
        let Self { programs, source, stated } = self;
        Party { reference, kind, name, programs, source, stated: *stated }
    }
}

/// Properties that are names, with what each is.
const NAMES: &[(&str, &str)] =
    &[("name", "name"), ("alias", "alias"), ("previousName", "alias"), ("weakAlias", "weak-alias")];

/// Properties that evidence can show.
const OBSERVABLES: &[(&str, Kind)] =
    &[("email", Kind::Email), ("website", Kind::Url), ("phone", Kind::Phone), ("cryptoWallets", Kind::Wallet)];

/// Properties that are numbers.
const NUMBERS: &[(&str, &str)] = &[
    ("passportNumber", "passport"),
    ("idNumber", "id-number"),
    ("socialSecurityNumber", "id-number"),
    ("taxNumber", "tax-number"),
    ("innCode", "tax-number"),
    ("vatCode", "tax-number"),
    ("registrationNumber", "registration"),
    ("ogrnCode", "registration"),
    ("imoNumber", "imo"),
];

fn party(entity: &Value, kind: &str, at: At<'_>, out: &mut dyn Out) -> Result<(), &'static str> {
    if !is_listed(entity) {
        return Err("party is not listed for sanctions or crime");
    }
    let reference = entity.get("id").and_then(Value::as_str).unwrap_or_default();
    let caption = entity.get("caption").and_then(Value::as_str).or_else(|| values(entity, "name").next());
    let told = Told::of(entity);
    let party = told.party(reference, kind, caption);
    let country =
        ["nationality", "citizenship", "country", "jurisdiction"].iter().find_map(|key| values(entity, key).next());
    for (property, what) in NAMES {
        values(entity, property).for_each(|name| party.put(what, name, country, at, out));
    }
    for (property, kind) in OBSERVABLES {
        values(entity, property).for_each(|raw| {
            party.observable(*kind, raw, true, at, out);
        });
    }
    for (property, what) in NUMBERS {
        values(entity, property).filter_map(number).for_each(|number| party.put(what, &number, None, at, out));
    }
    values(entity, "birthDate").for_each(|date| party.put("birth-date", date, None, at, out));
    Ok(())
}

/// A paper says whose it is by reference alone.
fn paper(entity: &Value, schema: &str, at: At<'_>, out: &mut dyn Out) -> Result<(), &'static str> {
    let told = Told::of(entity);
    let what = if schema == "Passport" { "passport" } else { "id-number" };
    let country = values(entity, "country").next();
    let holder = values(entity, "holder").next().ok_or("paper names no holder")?;
    let party = told.party(holder, "", None);
    values(entity, "number").filter_map(number).for_each(|number| party.put(what, &number, country, at, out));
    Ok(())
}

fn wallet(entity: &Value, at: At<'_>, out: &mut dyn Out) -> Result<(), &'static str> {
    let told = Told::of(entity);
    let own = entity.get("id").and_then(Value::as_str).unwrap_or_default();
    let party = told.party(values(entity, "holder").next().unwrap_or(own), "", None);
    for key in values(entity, "publicKey") {
        party.observable(Kind::Wallet, key, is_listed(entity), at, out);
    }
    Ok(())
}
