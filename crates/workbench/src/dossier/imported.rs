//! Imported intel, written again from the frozen originals, document by document.
//!
//! Each document is parsed and written by a worker child, as all content is;
//! nothing is held here. A list, which has no standard of its own, is written in
//! both. `imported.json` says of each what it held, what was written, what
//! stayed out for which reason, and which files of intel are not written again.

use std::collections::BTreeMap;
use std::io::Read;

use casefile::{Case, Content, Limits, Session, hash_id};
use evidence::reissue::{About, Form, Tally};
use model::{Digest, Mark};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::Trouble;
use crate::fetch::provenance::Provenance;
use crate::worker::parent::{JobError, Worker};
use crate::worker::protocol::{Job, Task};

/// What the names of these products start with.
const PREFIX: &str = "imported";

/// One document of intel.
#[derive(Clone, Deserialize)]
struct Document {
    name: String,
    evidence: String,
    bytes: u64,
    #[serde(default)]
    chain: String,
    #[serde(default)]
    standard: String,
}

/// Writes every imported document; gives the products, the list of them last.
/// `as_of` is the day of the case: our own objects in them were made then.
pub fn write(case: &Case, limits: &Limits, mark: Mark, as_of: &str) -> Result<Vec<(String, Content)>, Trouble> {
    case.withdraw(PREFIX)?;
    let session = case.session(limits.clone())?;
    let mut documents: Vec<Document> = super::rows(&session, DOCUMENTS)?;
    let lists: Vec<Document> = super::rows(&session, LISTS)?;
    documents.extend(lists.iter().flat_map(|list| Form::ALL.map(|form| list.written_as(form))));
    let fetched = fetched(case, &session)?;
    let mut worker = Worker::default();
    let (mut products, mut told) = (Vec::new(), Vec::new());
    for document in &documents {
        let (path, mut file) = case.stage_product()?;
        let name = file_name(document);
        let about = fetched.get(&document.evidence).cloned().unwrap_or_default();
        let about = About { as_of: as_of.to_owned(), ..about };
        let outcome = document.write(case, mark, about, &mut worker, &mut file);
        file.sync_data()?;
        match outcome {
            Ok(tally) => {
                told.push(document.told(json!({"product": name, "tally": tally})));
                products.push((name, Content::Staged(path)));
            }
            Err(JobError::Consumer(error)) => return Err(Trouble::Failed(error.to_string())),
            Err(error) => {
                std::fs::remove_file(&path)?;
                told.push(document.told(json!({"failed": error.to_string()})));
            }
        }
    }
    let others: Vec<Value> = super::rows(&session, OTHERS)?;
    let list = json!({"tlp": mark.word(), "documents": told, "not_written_again": others});
    let list = serde_json::to_vec_pretty(&list).map_err(|error| Trouble::Failed(error.to_string()))?;
    products.push((format!("{PREFIX}.json"), Content::Bytes(list)));
    Ok(products)
}

/// What is known of files that `handprint fetch` brought, by their digest: it
/// laid a note beside each, which was handed in with them.
fn fetched(case: &Case, session: &Session) -> Result<BTreeMap<String, About>, Trouble> {
    let mut fetched = BTreeMap::new();
    for note in super::rows::<Note>(session, NOTES)? {
        let Some(digest) = Digest::from_hex(&note.evidence) else { continue };
        let mut text = Vec::new();
        case.open_source(&digest)?.take(NOTE_BYTES).read_to_end(&mut text)?;
        let Ok(said) = serde_json::from_slice::<Provenance>(&text) else { continue };
        let about = About { tlp: said.tlp, pap: said.pap, source: said.source, as_of: String::new() };
        fetched.insert(note.of, about);
    }
    Ok(fetched)
}

/// A note beside a fetched file.
#[derive(Deserialize)]
struct Note {
    evidence: String,
    of: String,
}

/// Bytes that a note may have.
const NOTE_BYTES: u64 = 64 << 10;

impl Document {
    fn written_as(&self, form: Form) -> Self {
        Self { standard: form.word().to_owned(), ..self.clone() }
    }

    fn write(
        &self,
        case: &Case,
        mark: Mark,
        about: About,
        worker: &mut Worker,
        to: &mut std::fs::File,
    ) -> Result<Tally, JobError> {
        let digest = Digest::from_hex(&self.evidence).ok_or_else(|| JobError::Failed("no digest".to_owned()))?;
        let file = case.open_source(&digest).map_err(|error| JobError::Failed(error.to_string()))?;
        let (chain, standard) = (self.chain.clone(), self.standard.clone());
        let task = Task::Reissue { chain, standard, mark: mark.word().to_owned(), about };
        worker.write(
            &Job { evidence: self.evidence.clone(), name: self.name.clone(), bytes: self.bytes, task },
            &file,
            to,
        )
    }

    fn told(&self, mut what: Value) -> Value {
        what["name"] = json!(self.name);
        what["standard"] = json!(self.standard);
        what["sha256"] = json!(self.evidence);
        what["chain"] = json!(self.chain);
        what
    }
}

/// A name that tells the standard and stays the same from run to run.
fn file_name(document: &Document) -> String {
    let id = hash_id(&[Some(&document.evidence), Some(&document.chain)]);
    format!("{PREFIX}-{}.{}.json", &id[..12], document.standard)
}

/// Documents of intel, by where they begin; a place within one starts with its chain.
const DOCUMENTS: &str = "
    SELECT s.name, s.bytes, d.evidence, d.chain, d.standard
    FROM (SELECT evidence, regexp_replace(chain, '(^|/)json:.*$', '') AS chain, standard FROM imported_objects
          UNION SELECT evidence, regexp_replace(chain, '(^|/)json:.*$', '') AS chain, 'warninglist' FROM warnings
          WHERE NOT regexp_like(chain, '/warnings/|:warnings:')) d
    JOIN (SELECT evidence, min(name) AS name, min(bytes) AS bytes FROM sources WHERE role = 'intel' GROUP BY evidence) s
        ON s.evidence = d.evidence
    ORDER BY s.name, d.evidence, d.chain, d.standard";

/// Lists of values, likewise: what has values and is no such document. What a
/// knowledge base told of the case stays, since it is the feeds' of the base.
const LISTS: &str = "
    SELECT s.name, s.bytes, d.evidence, d.chain
    FROM (SELECT evidence, chain FROM indicators UNION SELECT evidence, chain FROM shared_ranges) d
    JOIN (SELECT evidence, min(name) AS name, min(bytes) AS bytes FROM sources
          WHERE role = 'intel' AND coalesce(format, '') NOT IN ('knowledge', 'mmdb') GROUP BY evidence) s
        ON s.evidence = d.evidence
    WHERE NOT regexp_like(d.chain, '(^|/)json:')
    ORDER BY s.name, d.evidence, d.chain";

/// Files of intel of which nothing is written again.
const OTHERS: &str = "
    SELECT DISTINCT s.name, s.evidence AS sha256, s.format
    FROM sources s
    LEFT ANTI JOIN (SELECT evidence FROM imported_objects UNION SELECT evidence FROM warnings) o
        ON o.evidence = s.evidence
    LEFT ANTI JOIN (SELECT evidence FROM indicators UNION SELECT evidence FROM shared_ranges) l
        ON l.evidence = s.evidence AND coalesce(s.format, '') NOT IN ('knowledge', 'mmdb')
    WHERE s.role = 'intel' AND NOT s.name LIKE '%.provenance.json'
    ORDER BY s.name";

/// Notes beside fetched files: the file is named as the note without its ending.
const NOTES: &str = "
    SELECT n.evidence, min(f.evidence) AS of
    FROM sources n JOIN sources f ON n.name = concat(f.name, '.provenance.json')
    WHERE n.role = 'intel' AND f.role = 'intel' GROUP BY n.evidence ORDER BY n.evidence";
