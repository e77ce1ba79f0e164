//! The judgement as rows of `hypotheses` and `contributions`.

use model::Cell;

use super::arithmetic::number;
use super::{Assessment, Contribution, Hypothesis};

/// One row of `hypotheses`.
#[derive(Clone, Copy, Debug)]
pub struct HypothesisRow<'a> {
    campaign: &'a str,
    hypothesis: &'a Hypothesis,
}

/// One row of `contributions`.
#[derive(Clone, Debug)]
pub struct ContributionRow<'a> {
    campaign: &'a str,
    contribution: &'a Contribution,
    item: String,
}

impl Assessment {
    /// Rows of `hypotheses`, campaign by campaign, the likeliest first.
    pub fn hypothesis_rows(&self) -> Vec<HypothesisRow<'_>> {
        let rows = self.judgements.iter().flat_map(|judgement| {
            let campaign = &*judgement.campaign;
            judgement.hypotheses.iter().map(move |hypothesis| HypothesisRow { campaign, hypothesis })
        });
        rows.collect()
    }

    /// Rows of `contributions`, in the order of the explanations that they bear on.
    pub fn contribution_rows(&self) -> Vec<ContributionRow<'_>> {
        let rows = self.judgements.iter().flat_map(|judgement| {
            let campaign = &*judgement.campaign;
            judgement.contributions.iter().map(move |contribution| ContributionRow {
                campaign,
                contribution,
                item: format!("{} {}", contribution.kind, contribution.value),
            })
        });
        rows.collect()
    }

    /// The result in one line, for the closing summary.
    pub fn headline(&self) -> String {
        let named = |judgement: &super::Judgement| format!("{}: {}", judgement.label, judgement.actor);
        match self.judgements.as_slice() {
            [] => "no campaign, nobody accused".to_owned(),
            judgements => judgements.iter().map(named).collect::<Vec<_>>().join("; "),
        }
    }
}

impl HypothesisRow<'_> {
    /// Cells in the order of the table's columns.
    pub fn cells(&self) -> [Cell<'_>; 5] {
        let Hypothesis { name, prior, probability, probability_without_cheap } = self.hypothesis;
        let [prior, after, without] =
            [prior, probability, probability_without_cheap].map(|part| Cell::F64(number(*part)));
        [self.campaign.into(), name.into(), prior, after, without]
    }
}

impl ContributionRow<'_> {
    /// Cells in the order of the table's columns.
    pub fn cells(&self) -> [Cell<'_>; 8] {
        let one = self.contribution;
        [
            self.campaign.into(),
            (&one.hypothesis).into(),
            (&self.item).into(),
            (&one.root_cause).into(),
            Cell::F64(one.likelihood_ratio),
            one.counted.into(),
            one.rule.into(),
            one.at.first().into(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use model::tables::{CONTRIBUTIONS, HYPOTHESES};

    use super::*;

    #[test]
    fn a_row_has_a_cell_for_each_column() {
        let hypothesis = Hypothesis { name: "A".into(), prior: 1, probability: 2, probability_without_cheap: 3 };
        assert_eq!(HypothesisRow { campaign: "c", hypothesis: &hypothesis }.cells().len(), HYPOTHESES.columns.len());
        let contribution = Contribution {
            hypothesis: "A".into(),
            kind: "ip".into(),
            value: "192.0.2.1".into(),
            root_cause: "value".into(),
            likelihood_ratio: 2.0,
            sharing: None,
            counts: None,
            counted: true,
            rule: "mark-cheap",
            plant_cost: "trivial",
            source: None,
            at: Vec::new(),
        };
        let row = ContributionRow { campaign: "c", contribution: &contribution, item: "ip".into() };
        assert_eq!(row.cells().len(), CONTRIBUTIONS.columns.len());
    }
}
