//! Stages: what is done, for which inputs.
//!
//! `tables/_manifest/<stage>.begun.json` says for which inputs a stage was
//! begun, `tables/_manifest/<stage>.json` for which it was completed. Between
//! the two, finished splits are kept if the inputs are still the same.

use std::path::PathBuf;

use model::{Stage, tables};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::splits::{read_json, table_folder, write_json, writer_of};
use crate::{Case, Error, Result, durable, hash};

/// A completed stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StageManifest {
    pub stage: String,
    pub inputs: String,
    pub splits: Vec<SplitDigest>,
}

/// A split of a completed stage, with the digest of its manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SplitDigest {
    pub split: String,
    pub sha256: String,
}

#[derive(Serialize, Deserialize)]
struct Begun {
    inputs: String,
}

impl Case {
    /// Makes a stage ready to be worked on for these inputs: what belongs to
    /// other inputs is removed, here and in later stages, and so are splits of
    /// any stage that have lost a file.
    pub fn prepare_stage(&self, stage: Stage, inputs: &str) -> Result<()> {
        self.writing()?;
        let begun = self.begun_path(stage);
        let same = begun.is_file() && read_json::<Begun>(&begun).is_ok_and(|begun| begun.inputs == inputs);
        if !same {
            self.reset_stage(stage)?;
            write_json(&begun, &Begun { inputs: inputs.to_owned() })?;
        }
        Stage::ALL.iter().try_for_each(|stage| self.remove_damaged(*stage))
    }

    /// Completes a stage that consists of these splits and no others. The
    /// custody entry that vouches for the manifest comes first, the manifest
    /// last.
    pub fn commit_stage(&self, stage: Stage, inputs: &str, splits: &[String]) -> Result<()> {
        self.writing()?;
        let finished = self.finished_splits(stage)?;
        if let Some(missing) = splits.iter().find(|split| !finished.contains(*split)) {
            return Err(Error::Unfinished { stage: stage.word(), split: missing.clone() });
        }
        for split in self.split_names(stage)?.iter().filter(|split| !splits.contains(split)) {
            self.remove_split(stage, split)?;
        }
        let mut splits = splits.iter().map(|split| self.split_digest(stage, split)).collect::<Result<Vec<_>>>()?;
        splits.sort_by(|a, b| a.split.cmp(&b.split));
        let manifest = StageManifest { stage: stage.word().to_owned(), inputs: inputs.to_owned(), splits };
        let path = self.stage_path(stage);
        let bytes = serde_json::to_vec(&manifest).map_err(|error| Error::io("write", &path)(error.into()))?;
        let what = json!({"stage": stage.word(), "inputs": inputs, "sha256": hash::of(&bytes).to_hex(), "splits": manifest.splits.len()});
        self.custody().append("complete stage", what)?;
        durable::write(&path, &bytes)
    }

    /// Whether a stage is complete for these inputs, with all its files.
    pub fn stage_committed(&self, stage: Stage, inputs: &str) -> Result<bool> {
        Ok(self.stage_inputs(stage)?.as_deref() == Some(inputs))
    }

    /// The inputs for which a stage is complete, with all its files.
    pub fn stage_inputs(&self, stage: Stage) -> Result<Option<String>> {
        let path = self.stage_path(stage);
        if !path.is_file() {
            return Ok(None);
        }
        let manifest: StageManifest = read_json(&path)?;
        let finished = self.finished_splits(stage)?;
        let whole = manifest.splits.iter().all(|split| finished.contains(&split.split));
        Ok(whole.then_some(manifest.inputs))
    }

    /// Removes everything that a stage and the later ones wrote into tables.
    pub fn reset_stage(&self, stage: Stage) -> Result<()> {
        self.writing()?;
        // Later stages first, so that none ever rests on rows that are gone.
        for stage in Stage::ALL.iter().rev().filter(|later| **later >= stage) {
            durable::remove(&self.stage_path(*stage))?;
            durable::remove(&self.begun_path(*stage))?;
            durable::remove_folder(&self.manifests(*stage))?;
            self.remove_files(*stage)?;
        }
        Ok(())
    }

    pub(crate) fn stage_path(&self, stage: Stage) -> PathBuf {
        self.root().join(format!("tables/_manifest/{}.json", stage.word()))
    }

    fn begun_path(&self, stage: Stage) -> PathBuf {
        self.root().join(format!("tables/_manifest/{}.begun.json", stage.word()))
    }

    fn split_digest(&self, stage: Stage, split: &str) -> Result<SplitDigest> {
        let path = self.manifest_path(stage, split);
        let bytes = std::fs::read(&path).map_err(Error::io("read", &path))?;
        Ok(SplitDigest { split: split.to_owned(), sha256: hash::of(&bytes).to_hex() })
    }

    fn remove_damaged(&self, stage: Stage) -> Result<()> {
        let finished = self.finished_splits(stage)?;
        let names = self.split_names(stage)?;
        names.iter().filter(|split| !finished.contains(*split)).try_for_each(|split| self.remove_split(stage, split))
    }

    fn remove_files(&self, stage: Stage) -> Result<()> {
        for table in tables::TABLES {
            let folder = table_folder(self.root(), table);
            for file in durable::names(&folder)?.iter().filter(|file| writer_of(table, file) == stage) {
                durable::remove(&folder.join(file))?;
            }
        }
        Ok(())
    }
}
