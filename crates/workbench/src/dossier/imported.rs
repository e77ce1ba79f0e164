//! Imported intel, written again from the frozen originals, document by document.
//!
//! Each document is parsed and written by a worker child, as all content is;
//! nothing is held here. `imported.json` says of each what it held, what was
//! written, and what stayed out for which reason.

use casefile::{Case, Content, Limits, hash_id};
use evidence::reissue::Tally;
use model::{Digest, Mark};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::Trouble;
use crate::worker::parent::{JobError, Worker};
use crate::worker::protocol::{Job, Task};

/// What the names of these products start with.
const PREFIX: &str = "imported";

/// One document of intel.
#[derive(Deserialize)]
struct Document {
    name: String,
    evidence: String,
    bytes: u64,
    #[serde(default)]
    chain: String,
    standard: String,
}

/// Writes every imported document; gives the products, the list of them last.
pub fn write(case: &Case, limits: &Limits, mark: Mark) -> Result<Vec<(String, Content)>, Trouble> {
    case.withdraw(PREFIX)?;
    let session = case.session(limits.clone())?;
    let documents: Vec<Document> = super::rows(&session, DOCUMENTS)?;
    let mut worker = Worker::default();
    let (mut products, mut told) = (Vec::new(), Vec::new());
    for document in &documents {
        let (path, mut file) = case.stage_product()?;
        let name = file_name(document);
        let outcome = document.write(case, mark, &mut worker, &mut file);
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
    let list = json!({"tlp": mark.word(), "documents": told});
    let list = serde_json::to_vec_pretty(&list).map_err(|error| Trouble::Failed(error.to_string()))?;
    products.push((format!("{PREFIX}.json"), Content::Bytes(list)));
    Ok(products)
}

impl Document {
    fn write(&self, case: &Case, mark: Mark, worker: &mut Worker, to: &mut std::fs::File) -> Result<Tally, JobError> {
        let digest = Digest::from_hex(&self.evidence).ok_or_else(|| JobError::Failed("no digest".to_owned()))?;
        let file = case.open_source(&digest).map_err(|error| JobError::Failed(error.to_string()))?;
        let task =
            Task::Reissue { chain: self.chain.clone(), standard: self.standard.clone(), mark: mark.word().to_owned() };
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
