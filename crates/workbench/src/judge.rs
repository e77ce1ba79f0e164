//! The stages that work on tables: rules in order, then the weighing.

use casefile::{Case, Limits};
use findings::Weights;
use model::{Batch, Stage, tables};

use crate::dossier;
use crate::error::Trouble;
use crate::progress::{StageBar, Unit};

/// Work that follows a rule, by its name; gives the parts that it wrote.
pub type After<'a> = &'a dyn Fn(&str) -> Result<Vec<String>, Trouble>;

/// Runs the rules of a stage that are not finished, each as a part of its own.
pub fn run_rules(case: &Case, limits: &Limits, stage: Stage, after: After<'_>) -> Result<Vec<String>, Trouble> {
    let rules: Vec<_> = linkage::RULES.iter().filter(|rule| rule.stage == stage).collect();
    let finished = case.finished_splits(stage)?;
    let bar = StageBar::new(stage, "rules", rules.len() as u64, Unit::Steps);
    let mut parts = Vec::new();
    for rule in &rules {
        bar.say(rule.name);
        if !finished.contains(rule.name) {
            let mut writer = case.split_writer(stage, rule.name)?;
            // A session sees the tables that the rules before have finished.
            let session = case.session(limits.clone())?;
            linkage::run(rule, &session, &mut |table, batch| writer.write(table, batch))
                .map_err(|error| Trouble::Failed(format!("rule {}: {error}", rule.name)))?;
            writer.finish()?;
        }
        parts.push(rule.name.to_owned());
        parts.extend(after(rule.name)?);
        bar.add(1);
    }
    bar.done(&format!("{} rules", rules.len()));
    Ok(parts)
}

/// Weighs the explanations and writes them down with all that speaks for them.
pub fn assess(case: &Case, limits: &Limits) -> Result<Vec<String>, Trouble> {
    let bar = StageBar::new(Stage::Assess, "hypotheses", 1, Unit::Steps);
    let dossier = dossier::read(case, limits)?;
    let weights = Weights::shipped().map_err(|error| Trouble::Failed(error.to_string()))?;
    let assessment = findings::assess(&dossier.assess_input(), &weights);
    let mut writer = case.split_writer(Stage::Assess, PART)?;
    let (mut hypotheses, mut contributions) = (Batch::new(&tables::HYPOTHESES), Batch::new(&tables::CONTRIBUTIONS));
    for row in assessment.hypothesis_rows() {
        hypotheses.push(&[], &row.cells());
    }
    for row in assessment.contribution_rows() {
        contributions.push(&[], &row.cells());
    }
    for batch in [&mut hypotheses, &mut contributions] {
        if batch.rows() > 0 {
            let rows = batch.take().map_err(|error| Trouble::Failed(error.to_string()))?;
            writer.write(batch.table(), rows)?;
        }
    }
    writer.finish()?;
    bar.done(&assessment.headline());
    Ok(vec![PART.to_owned()])
}

const PART: &str = "weighing";
