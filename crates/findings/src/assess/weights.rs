//! The numbers of a judgement, read from two TOML files that people review.

use std::collections::BTreeMap;

use model::PlantCost;
use serde::Deserialize;

/// Rules that the code asks for; each must have an entry in `weights.toml`.
pub const RULES: &[&str] = &[
    "prior-activity",
    "prior-activity-doubtful",
    "prior-activity-further",
    "prior-activity-low-cost",
    "reused-key",
    "prior-activity-untied",
    "ambiguous-name",
    "mark-cheap",
    "mark-names-actor",
    "cheap-mark-if-deception",
    "marks-loud",
    "marks-contradicted",
    "shared-surroundings",
];

/// Everything that a judgement multiplies, with the source of each number.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Likelihood ratios by rule.
    pub rules: BTreeMap<String, Rule>,
    /// What planting costs, by place; the first entry that fits holds.
    pub places: Vec<Place>,
    /// Priors and thresholds.
    pub hypotheses: Hypotheses,
}

/// One likelihood ratio.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// How much likelier the evidence is under the explanation than otherwise.
    pub ratio: f64,
    /// What it applies to, for the report.
    pub summary: String,
    /// Where the number comes from.
    pub source: String,
}

/// What planting a value at a place costs.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Kind of observable.
    pub kind: String,
    /// `origin` for the start of a genuine mail path, else a topic.
    #[serde(rename = "where")]
    pub place: String,
    /// `trivial`, `low` or `high`.
    pub cost: String,
    /// Why.
    pub source: String,
}

/// The content of `hypotheses.toml`.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Hypotheses {
    /// Probabilities before the evidence.
    pub prior: Prior,
    /// Least number of actors that share their part of the prior.
    pub share: Share,
    /// What always stays with the unknown.
    pub allowance: Allowance,
    /// Largest product of ratios.
    pub ceiling: Ceiling,
    /// When a name may be spoken.
    pub naming: Naming,
    /// How sure the lower levels are.
    pub level: LevelBands,
}

/// Probabilities before the evidence; they sum to 1.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// Somebody who is not known, or not named by any evidence.
    pub unattributed: f64,
    /// Somebody who wants another to be blamed.
    pub deception: f64,
    /// All known actors together.
    pub actors: f64,
    /// Where the numbers come from.
    pub source: String,
}

/// How the actors' part of the prior is divided.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Least number of parts.
    pub at_least: u32,
    /// Where the number comes from.
    pub source: String,
}

/// The part of the result that no evidence can take from the unknown.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Its size.
    pub unattributed: f64,
    /// Where the number comes from.
    pub source: String,
}

/// The largest product of ratios.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// Its value.
    pub ratio: f64,
    /// Where the number comes from.
    pub source: String,
}

/// When a name may be spoken.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Naming {
    /// Least probability.
    pub probability: f64,
    /// Cheap marks with nothing costly beside them that count as loud.
    pub marks_for_loud: usize,
    /// Where the numbers come from.
    pub source: String,
}

/// Low, middle and high probability of the levels below the operator.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct LevelBands {
    /// That the mails of a campaign belong together.
    pub campaign: [f64; 3],
    /// That the infrastructure is one hand's, with one value that ties it.
    pub one_tie: [f64; 3],
    /// The same with more values.
    pub more_ties: [f64; 3],
    /// Where the numbers come from.
    pub source: String,
}

/// What is wrong with the weights.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// A file is not TOML of the expected form.
    #[error("{file} cannot be read: {reason}")]
    Form {
        /// Which file.
        file: &'static str,
        /// What the parser says.
        reason: String,
    },
    /// A number or word makes no sense.
    #[error("{0}")]
    Sense(String),
}

impl Weights {
    /// The weights that this version was reviewed with.
    pub fn shipped() -> Result<Self, WeightsError> {
        Self::read(include_str!("weights.toml"), include_str!("hypotheses.toml"))
    }

    /// Reads and checks the two files.
    pub fn read(weights: &str, hypotheses: &str) -> Result<Self, WeightsError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            rule: BTreeMap<String, Rule>,
            place: Vec<Place>,
        }
        let form = |file| move |error: toml::de::Error| WeightsError::Form { file, reason: error.to_string() };
        let file: File = toml::from_str(weights).map_err(form("weights.toml"))?;
        let hypotheses = toml::from_str(hypotheses).map_err(form("hypotheses.toml"))?;
        let weights = Self { rules: file.rule, places: file.place, hypotheses };
        weights.check()?;
        Ok(weights)
    }

    /// The ratio of a rule; 1, which says nothing, if there is no such rule.
    pub fn ratio(&self, rule: &str) -> f64 {
        self.rules.get(rule).map_or(1.0, |rule| rule.ratio)
    }

    /// What it costs to make a value of `kind` appear at `place` falsely.
    pub fn plant_cost(&self, kind: &str, place: &str) -> PlantCost {
        let entry = self.places.iter().find(|entry| entry.kind == kind && entry.place == place);
        entry.and_then(|entry| PlantCost::from_word(&entry.cost)).unwrap_or(PlantCost::Trivial)
    }

    fn check(&self) -> Result<(), WeightsError> {
        let wrong = |what: String| Err(WeightsError::Sense(what));
        if let Some(rule) = RULES.iter().find(|rule| !self.rules.contains_key(**rule)) {
            return wrong(format!("weights.toml has no rule {rule}"));
        }
        let known = |rule: &&String| !RULES.contains(&rule.as_str());
        if let Some(rule) = self.rules.keys().find(known) {
            return wrong(format!("nothing uses rule {rule} of weights.toml"));
        }
        let sound = |rule: &Rule| rule.ratio.is_finite() && rule.ratio >= 1.0 && !rule.source.is_empty();
        if let Some((name, _)) = self.rules.iter().find(|(_, rule)| !sound(rule)) {
            return wrong(format!("rule {name} of weights.toml needs a ratio of at least 1 and a source"));
        }
        if let Some(place) = self.places.iter().find(|place| PlantCost::from_word(&place.cost).is_none()) {
            return wrong(format!("{:?} is no cost of planting", place.cost));
        }
        let Hypotheses { prior, share, allowance, ceiling, naming, level } = &self.hypotheses;
        let bands = [level.campaign, level.one_tie, level.more_ties];
        if !bands.iter().all(|[low, middle, high]| 0.0 < *low && low <= middle && middle <= high && *high < 1.0) {
            return wrong("a band of hypotheses.toml must rise and lie between 0 and 1".to_owned());
        }
        let parts = [prior.unattributed, prior.deception, prior.actors];
        if parts.iter().any(|part| part.is_nan() || *part <= 0.0) || (parts.iter().sum::<f64>() - 1.0).abs() > 1e-9 {
            return wrong("the priors of hypotheses.toml must be positive and sum to 1".to_owned());
        }
        let within = (0.0..1.0).contains(&allowance.unattributed) && (0.5..1.0).contains(&naming.probability);
        if !within || share.at_least == 0 || ceiling.ratio.is_nan() || ceiling.ratio < 1.0 || naming.marks_for_loud == 0
        {
            return wrong("a limit of hypotheses.toml is out of range".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_weights_make_sense() {
        Weights::shipped().expect("weights.toml and hypotheses.toml are well formed");
    }

    #[test]
    fn a_missing_rule_and_a_prior_that_does_not_sum_are_refused() {
        let weights = include_str!("weights.toml");
        let hypotheses = include_str!("hypotheses.toml");
        assert!(Weights::read(&weights.replace("[rule.marks-loud]", "[rule.other]"), hypotheses).is_err());
        assert!(Weights::read(weights, &hypotheses.replace("0.60", "0.70")).is_err());
        assert!(Weights::read(weights, "").is_err());
    }
}
