//! The one way through: ingest, extract, enrich, correlate, assess, publish.
//!
//! Read this file first. Each stage is committed by a manifest that names the
//! inputs it was made from; a stage that is committed for the same inputs is
//! not done again, and within a stage a finished pack or rule is not done
//! again. Stages know of each other only through the tables of the case.

use std::time::Instant;

use casefile::{Case, Limits};
use evidence::Pass;
use model::Stage;

use crate::error::Trouble;
use crate::kb::{Base, join};
use crate::packs;
use crate::plan::{self, Intake};
use crate::progress::{StageBar, Unit};
use crate::screens::{self, Watching};
use crate::summary::Summary;
use crate::{dossier, judge};

/// What every stage needs.
pub struct Pipeline<'a> {
    pub case: &'a Case,
    pub limits: Limits,
    pub mark: model::Mark,
    /// Whether imported intel is written again beside the case's own products.
    pub imported: bool,
    pub summary: Summary,
    pub watching: Watching,
    /// What other cases and feeds know, if it shall be asked.
    pub knowledge: Option<Base>,
}

impl Pipeline<'_> {
    /// All six stages.
    pub fn investigate(&mut self, intake: &Intake) -> Result<(), Trouble> {
        self.ingest(intake)?;
        self.extract()?;
        self.enrich()?;
        self.correlate()?;
        self.assess()?;
        self.publish()
    }

    /// Takes the files in, then turns their bytes into rows.
    pub fn ingest(&mut self, intake: &Intake) -> Result<(), Trouble> {
        let sources = plan::take_in(self.case, intake, self.limits.threads)?;
        let inputs = plan::inputs(self.case, &sources, &self.watching.fingerprint());
        self.stage(Stage::Ingest, &inputs, |pipeline| {
            let planned = plan::plan(pipeline.case, &sources, &inputs, pipeline.limits.threads)?;
            let mut parts = pipeline.pass(Pass::Ingest, &inputs, vec![planned])?;
            parts.extend(screens::read_all(pipeline.case, &pipeline.limits, &pipeline.watching, &inputs[..8])?);
            Ok(parts)
        })
    }

    /// Turns the texts in the evidence into observables and slips.
    pub fn extract(&mut self) -> Result<(), Trouble> {
        let inputs = self.inputs_after(Stage::Ingest)?;
        self.stage(Stage::Extract, &inputs, |pipeline| {
            let screens = screens::extract_all(pipeline.case, &pipeline.limits, &inputs[..8])?;
            pipeline.pass(Pass::Extract, &inputs, screens)
        })
    }

    /// Holds observables against what is known, here and in the knowledge base.
    pub fn enrich(&mut self) -> Result<(), Trouble> {
        let inputs = self.inputs_after(Stage::Extract)?;
        let Some(base) = self.knowledge.take() else { return self.rules(Stage::Enrich, &inputs, &|_| Ok(Vec::new())) };
        let inputs = join::inputs(&inputs, &base)?;
        let (case, limits) = (self.case, self.limits.clone());
        // As soon as the values of the case are known, and before anything is held against them.
        let after = |rule: &str| if rule == "values" { join::join(case, &limits, &base) } else { Ok(Vec::new()) };
        self.rules(Stage::Enrich, &inputs, &after)
    }

    /// Finds what ties kinds of evidence together.
    pub fn correlate(&mut self) -> Result<(), Trouble> {
        let inputs = self.inputs_after(Stage::Enrich)?;
        self.rules(Stage::Correlate, &inputs, &|_| Ok(Vec::new()))
    }

    /// Weighs the rival explanations.
    pub fn assess(&mut self) -> Result<(), Trouble> {
        let inputs = self.inputs_after(Stage::Correlate)?;
        self.stage(Stage::Assess, &inputs, |pipeline| judge::assess(pipeline.case, &pipeline.limits))
    }

    /// Writes the products; always anew, since the sharing mark may differ.
    pub fn publish(&mut self) -> Result<(), Trouble> {
        self.inputs_after(Stage::Assess)?;
        let begun = Instant::now();
        let bar = StageBar::new(Stage::Publish, "products", findings::OUTPUTS.len() as u64, Unit::Steps);
        let products = dossier::publish(self.case, &self.limits, self.mark, self.imported, &bar)?;
        bar.done(&products.join(", "));
        self.summary.stage_done(Stage::Publish, begun.elapsed(), 0, products.len());
        Ok(())
    }

    /// Runs the work of a stage unless it is committed for these inputs.
    fn stage(
        &mut self,
        stage: Stage,
        inputs: &str,
        work: impl FnOnce(&mut Self) -> Result<Vec<String>, Trouble>,
    ) -> Result<(), Trouble> {
        let begun = Instant::now();
        if self.case.stage_committed(stage, inputs)? {
            self.summary.stage_kept(stage);
            return Ok(());
        }
        self.case.prepare_stage(stage, inputs)?;
        let kept = self.case.finished_splits(stage)?.len();
        let parts = work(self)?;
        self.case.commit_stage(stage, inputs, &parts)?;
        self.summary.stage_done(stage, begun.elapsed(), kept, parts.len());
        Ok(())
    }

    /// The inputs that a stage was committed for; an error names the verb to run first.
    fn inputs_after(&self, stage: Stage) -> Result<String, Trouble> {
        self.case.stage_inputs(stage)?.ok_or_else(|| {
            let (word, root) = (stage.word(), self.case.root().display());
            Trouble::Failed(format!("{root}: stage {word} is not done yet; run `handprint {word}` first"))
        })
    }

    fn pass(&mut self, pass: Pass, inputs: &str, mut parts: Vec<String>) -> Result<Vec<String>, Trouble> {
        let packs = packs::pack(plan::planned_splits(self.case, &self.limits)?, &inputs[..8]);
        let peak = packs::run_all(self.case, pass, &packs, self.limits.threads)?;
        self.summary.workers(&peak);
        parts.extend(packs.into_iter().map(|pack| pack.id));
        Ok(parts)
    }

    fn rules(&mut self, stage: Stage, inputs: &str, after: judge::After<'_>) -> Result<(), Trouble> {
        self.stage(stage, inputs, |pipeline| judge::run_rules(pipeline.case, &pipeline.limits, stage, after))
    }
}
