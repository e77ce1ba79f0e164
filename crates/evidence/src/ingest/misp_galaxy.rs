//! MISP galaxy clusters of actors: the names that different parties use.

use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Cell, Entry, Format, Loss, Out, Reading, Step, tables};
use serde_json::Value;

use super::imported_object::ImportedObject;
use super::json_document::{Outline, broken, elements, pointer};
use super::whole;

/// MISP galaxy clusters.
pub struct MispGalaxy;

impl Format for MispGalaxy {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "misp-galaxy",
            summary: "a MISP galaxy cluster file",
            doc: "What it reads: JSON with `values`, each with `value` and `meta`, as misp-galaxy publishes it.\n\n\
                  What it gives: for clusters of actors and groups one row for each name and synonym, with the \
                  country that the cluster names. Synonyms are claims: nothing is merged.\n\nLimits: clusters of \
                  other things (sectors, techniques, countries) give a row that says what they are, and name nobody.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let outline = Outline::of(head);
        outline.text(&["values", "0", "value"]).is_some()
            && (outline.text(&["type"]).is_some() || outline.has(&["uuid"]))
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_rows() {
            rows(&whole, reading.name, out);
        }
        Ok(())
    }
}

fn rows(whole: &whole::Whole, name: &str, out: &mut dyn Out) {
    let json = whole.text.as_bytes();
    let field = |key: &str| {
        pointer(json, &[key.to_owned()]).map(|bytes| String::from_utf8_lossy(&bytes).to_lowercase()).unwrap_or_default()
    };
    let kind = field("type");
    let of_actors = ["actor", "group", "intrusion-set"].iter().any(|word| kind.contains(word));
    let source = format!("MISP galaxy {}", if kind.is_empty() { name } else { &kind });
    let mut left = 0;
    let outcome = elements(json, &["values"], &mut |index, raw| {
        let cluster = serde_json::from_str::<Value>(raw.get()).ok();
        if let (Some(cluster), Some(index)) = (&cluster, index) {
            object(cluster, index, &kind, &whole.chain, out);
        }
        match (cluster.filter(|_| of_actors), index) {
            (Some(cluster), Some(index)) => names(&cluster, index, &source, &whole.chain, out),
            _ => left += 1,
        }
    });
    if let Err(error) = outcome {
        broken(&whole.chain, &error, out);
    }
    if left > 0 {
        out.loss(
            At::whole(&whole.chain),
            Loss { reason: "galaxy cluster is not of actors", count: left, detail: &kind },
        );
    }
}

fn object(cluster: &Value, index: usize, kind: &str, chain: &str, out: &mut dyn Out) {
    let chain = extend_chain(chain, &Step::Json(vec!["values".to_owned(), index.to_string()]));
    let text = |path: &str| cluster.pointer(path).and_then(Value::as_str);
    let object = ImportedObject {
        standard: "misp-galaxy",
        kind,
        reference: text("/uuid"),
        name: text("/value"),
        external_id: text("/meta/external_id"),
        ..ImportedObject::default()
    };
    object.put(At::whole(&chain), out);
}

fn names(cluster: &Value, index: usize, source: &str, chain: &str, out: &mut dyn Out) {
    let Some(name) = cluster.get("value").and_then(Value::as_str) else { return };
    let text = |path: &str| cluster.pointer(path).and_then(Value::as_str);
    let country = text("/meta/country").or_else(|| text("/meta/cfr-suspected-state-sponsor"));
    let mut put = |tokens: &[&str], alias: &str| {
        let path = ["values", &index.to_string()].iter().chain(tokens).map(ToString::to_string).collect();
        let chain = extend_chain(chain, &Step::Json(path));
        let cells = [text("/uuid").into(), name.into(), alias.into(), country.into(), source.into(), Cell::Null];
        out.row(&tables::ACTORS, At::whole(&chain), &cells);
    };
    put(&["value"], name);
    for (n, alias) in cluster.pointer("/meta/synonyms").and_then(Value::as_array).into_iter().flatten().enumerate() {
        if let Some(alias) = alias.as_str().filter(|alias| *alias != name) {
            put(&["meta", "synonyms", &n.to_string()], alias);
        }
    }
}
