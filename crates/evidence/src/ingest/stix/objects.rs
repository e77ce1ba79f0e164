//! A row for each object of a bundle, whatever its type, versions included.
//!
//! Marks are defined by objects that may come last, so the few words of each
//! row are kept until the end of the bundle; the objects themselves are not.

use model::{At, Out};
use serde_json::Value;

use super::Bundle;
use super::graph::Object;
use crate::ingest::imported_object::ImportedObject;

/// What is kept of the objects.
#[derive(Default)]
pub struct Imported(Vec<Words>);

struct Words {
    index: Option<usize>,
    kind: String,
    id: String,
    name: Option<String>,
    external_id: Option<String>,
    relation: Option<[String; 3]>,
    stated: Option<i64>,
    marks: Vec<String>,
    revoked: bool,
}

impl Imported {
    /// Keeps the words of one object.
    pub fn push(&mut self, object: &Object) {
        let text = |key: &str| object.text(key).map(str::to_owned);
        let is_person = object.kind == "identity" && object.text("identity_class") == Some("individual");
        // Observables have values in place of names; values stand in `indicators`.
        let is_named = object.value.get("created").is_some() && !is_person;
        let ends = (text("relationship_type"), text("source_ref"), text("target_ref"));
        let marks = object.value.get("object_marking_refs").and_then(Value::as_array).into_iter().flatten();
        let external = object.value.get("external_references").and_then(Value::as_array).into_iter().flatten();
        self.0.push(Words {
            index: object.index,
            kind: object.kind.clone(),
            id: object.id.clone(),
            name: text("name").filter(|_| is_named),
            external_id: external.filter_map(|one| one.get("external_id")?.as_str()).next().map(str::to_owned),
            relation: if let (Some(kind), Some(from), Some(to)) = ends { Some([kind, from, to]) } else { None },
            stated: object.stated,
            marks: marks.filter_map(Value::as_str).map(str::to_owned).collect(),
            revoked: object.value.get("revoked") == Some(&Value::Bool(true)),
        });
    }

    /// Writes the rows.
    pub fn rows(&self, bundle: &Bundle<'_>, out: &mut dyn Out) {
        for words in &self.0 {
            let [relation, source_ref, target_ref] = [0, 1, 2].map(|n| words.relation.as_ref().map(|all| &*all[n]));
            let object = ImportedObject {
                standard: "stix",
                kind: &words.kind,
                reference: Some(&words.id).filter(|id| !id.is_empty()).map(String::as_str),
                name: words.name.as_deref(),
                external_id: words.external_id.as_deref(),
                relation,
                source_ref,
                target_ref,
                stated: words.stated,
                sharing: words.marks.iter().filter_map(|id| bundle.graph.mark(id)).max().map(model::Mark::word),
                revoked: words.revoked,
            };
            object.put(At::whole(&bundle.place(words.index, &[])), out);
        }
    }
}
