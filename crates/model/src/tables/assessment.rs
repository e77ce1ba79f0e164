//! Rival explanations and what speaks for each.

use super::{float, text, truth};
use crate::{Stage, Table};

/// One explanation of the case.
pub const HYPOTHESES: Table = Table {
    name: "hypotheses",
    stage: Stage::Assess,
    private: false,
    located: false,
    summary: "One of the rival explanations, with its probability; together they sum to 1.",
    columns: &[
        text("campaign", "id of the campaign that it would explain"),
        text("hypothesis", "actor name, deception, or unattributed"),
        float("prior", "probability before the evidence, six decimals"),
        float("probability", "probability after it, six decimals"),
        float("probability_without_cheap", "the same with nothing that is cheap to plant, six decimals"),
    ],
};

/// One piece of evidence for or against an explanation.
pub const CONTRIBUTIONS: Table = Table {
    name: "contributions",
    stage: Stage::Assess,
    private: false,
    located: false,
    summary: "What one piece of evidence adds to one explanation; a reader can redo the sum.",
    columns: &[
        text("campaign", "id of the campaign that is explained"),
        text("hypothesis", "explanation that it bears on"),
        text("item", "kind and value of the evidence"),
        text("root_cause", "items with the same root cause count once"),
        float("likelihood_ratio", "how much likelier the item is under the explanation than otherwise"),
        truth("counted", "false where another item of the same root cause counts already"),
        text("rule", "entry of weights.toml that gives the ratio"),
        text("at", "locator of the item"),
    ],
};
