//! RDAP answers: who held a range or a domain, and since when.

use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Cell, Entry, Format, Loss, Out, Reading, Step, address, tables};
use serde_json::Value;

use super::indicator::host;
use super::json_document::{self, Outline};
use super::{instant, whole};

/// RDAP objects.
pub struct Rdap;

const CLASSES: &[&str] = &["ip network", "domain", "entity", "autnum", "nameserver"];

impl Format for Rdap {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "rdap",
            summary: "an RDAP answer (RFC 9083) about a range, a domain or an entity",
            doc: "What it reads: JSON with `rdapConformance`, or with an `objectClassName` of RDAP.\n\nWhat it gives: \
                  one tenancy for each range of an ip network and for a domain, from its latest registration, \
                  reregistration or transfer to its expiration, with the registrant as holder; texts for name \
                  servers, handles and contacts.\n\nPerson data: an entity whose vCard says that it is an individual \
                  is named by its handle alone, and its contact data go to `private/`.\n\nLimits: \"last changed\" \
                  is not taken for a change of tenant. Entities, autonomous systems and name servers give texts only.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let outline = Outline::of(head);
        outline.has(&["rdapConformance"])
            || outline.text(&["objectClassName"]).is_some_and(|class| CLASSES.contains(&class))
                && outline.has(&["handle"])
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        let json = serde_json::from_str::<Value>(whole.text.trim_start_matches('\u{feff}')).unwrap_or_default();
        if out.wants_rows() && !json.is_null() {
            Answer { json: &json, chain: &whole.chain }.rows(out);
        }
        json_document::texts(&whole, &mut |path| is_text(path).then(|| is_of_individual(&json, path)), out);
        Ok(())
    }
}

/// Notices, links and conformance are the registry's own words in every answer.
fn is_text(path: &[String]) -> bool {
    !path.iter().any(|token| matches!(token.as_str(), "rdapConformance" | "notices" | "links" | "lang"))
}

/// Whether the path runs through an entity that is a natural person.
fn is_of_individual(json: &Value, path: &[String]) -> bool {
    let mut here = json;
    for token in path {
        let next = token.parse::<usize>().ok().and_then(|index| here.get(index)).or_else(|| here.get(token.as_str()));
        let Some(next) = next else { return false };
        if is_individual(next) {
            return true;
        }
        here = next;
    }
    false
}

fn is_individual(entity: &Value) -> bool {
    vcard(entity, "kind").is_some_and(|kind| kind.eq_ignore_ascii_case("individual"))
}

/// The text of a jCard property (RFC 7095).
fn vcard<'v>(entity: &'v Value, property: &str) -> Option<&'v str> {
    let properties = entity.get("vcardArray")?.get(1)?.as_array()?;
    let found = properties.iter().find(|one| one.get(0).and_then(Value::as_str) == Some(property))?;
    found.get(3)?.as_str().filter(|text| !text.trim().is_empty())
}

struct Answer<'v> {
    json: &'v Value,
    chain: &'v str,
}

impl Answer<'_> {
    fn rows(&self, out: &mut dyn Out) {
        match self.text("objectClassName") {
            Some("ip network") => self.network(out),
            Some("domain") => self.domain(out),
            Some(class) if CLASSES.contains(&class) => {}
            class => {
                let detail: String = class.unwrap_or("none").chars().take(40).collect();
                let loss = Loss { reason: "RDAP object of no known class", count: 1, detail: &detail };
                out.loss(At::whole(self.chain), loss);
            }
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.json.get(key).and_then(Value::as_str)
    }

    fn network(&self, out: &mut dyn Out) {
        let ranges = self.json.get("cidr0_cidrs").and_then(Value::as_array).into_iter().flatten();
        let mut given = 0;
        for (n, range) in ranges.enumerate() {
            let prefix = ["v4prefix", "v6prefix"].iter().find_map(|key| range.get(*key)?.as_str());
            let length = range.get("length").and_then(Value::as_u64);
            let Some((prefix, length)) = prefix.zip(length) else { continue };
            let value = format!("{prefix}/{length}");
            let Some((first, last)) = address::range_keys(&value) else { continue };
            self.tenancy("cidr", &value, Some((&first, &last)), &["cidr0_cidrs", &n.to_string()], out);
            given += 1;
        }
        if given == 0 && !self.span(out) {
            out.loss(At::whole(self.chain), Loss { reason: "RDAP network without a range", count: 1, detail: "" });
        }
    }

    /// The range by its first and last address, as every answer has it.
    fn span(&self, out: &mut dyn Out) -> bool {
        let ends = self.text("startAddress").zip(self.text("endAddress"));
        let keys = ends.and_then(|(first, last)| {
            let bare = |text: &str| address::range_keys(text.split('/').next().unwrap_or(text));
            Some((bare(first)?.0, bare(last)?.1))
        });
        let (Some((start, end)), Some((first, last))) = (ends, keys) else { return false };
        let value = if start == end { start.to_owned() } else { format!("{start} - {end}") };
        let kind = if start == end { "ip" } else { "cidr" };
        self.tenancy(kind, &value, Some((&first, &last)), &["startAddress"], out);
        true
    }

    fn domain(&self, out: &mut dyn Out) {
        let key = if self.text("ldhName").is_some() { "ldhName" } else { "unicodeName" };
        match self.text(key).and_then(host) {
            Some(name) => self.tenancy("domain", &name, None, &[key], out),
            None => {
                out.loss(At::whole(self.chain), Loss { reason: "RDAP domain without a name", count: 1, detail: "" })
            }
        }
    }

    fn tenancy(&self, kind: &str, value: &str, keys: Option<(&str, &str)>, tokens: &[&str], out: &mut dyn Out) {
        let path = tokens.iter().map(ToString::to_string).collect();
        let chain = extend_chain(self.chain, &Step::Json(path));
        let holder = self.holder();
        let (first, last) = keys.unzip();
        let assigned = self.text("type").is_some_and(|kind| kind.to_uppercase().contains("ASSIGN"));
        let time = |micros: Option<i64>| micros.map_or(Cell::Null, Cell::Time);
        let cells = [
            kind.into(),
            value.into(),
            first.into(),
            last.into(),
            holder.as_deref().into(),
            if assigned { "assignment" } else { "registration" }.into(),
            time(self.latest(&["registration", "reregistration", "transfer"])),
            time(self.latest(&["expiration", "deletion"])),
            self.source().into(),
        ];
        out.row(&tables::TENANCIES, At::whole(&chain), &cells);
    }

    /// The latest event of these kinds.
    fn latest(&self, actions: &[&str]) -> Option<i64> {
        let events = self.json.get("events").and_then(Value::as_array).into_iter().flatten();
        let wanted = events.filter(|event| {
            event.get("eventAction").and_then(Value::as_str).is_some_and(|action| actions.contains(&action))
        });
        wanted.filter_map(|event| event.get("eventDate").and_then(instant::micros_of)).max()
    }

    /// The registrant's name, its handle if it is a person, else the network's name.
    fn holder(&self) -> Option<String> {
        let entities = self.json.get("entities").and_then(Value::as_array).into_iter().flatten();
        let has_role = |entity: &&Value, role: &str| {
            entity.get("roles").and_then(Value::as_array).is_some_and(|roles| roles.iter().any(|one| one == role))
        };
        let registrant = entities.into_iter().find(|entity| has_role(entity, "registrant"));
        let handle = registrant.and_then(|entity| entity.get("handle")?.as_str());
        let named = match registrant {
            Some(entity) if is_individual(entity) => handle,
            Some(entity) => vcard(entity, "fn").or_else(|| vcard(entity, "org")).or(handle),
            None => None,
        };
        named.or_else(|| self.text("name")).map(str::to_owned)
    }

    /// The registry by its WHOIS host, else what the answer calls itself.
    fn source(&self) -> &str {
        self.text("port43").unwrap_or("RDAP")
    }
}
