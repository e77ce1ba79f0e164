//! Assess: rival explanations of each campaign, weighed so that a reader can redo it.
//!
//! The rivals are every actor that the evidence names, `deception` (somebody
//! wants another to be blamed) and `unattributed` (somebody not known). The
//! way through: `ground` tells what belongs to the campaign, `items` what
//! weighs, `arithmetic` adds up, `judge` finds the words. The numbers stand in
//! `weights.toml` and `hypotheses.toml`.
//!
//! Over-claiming is the worst failure: without a campaign nobody is named, and
//! no name is spoken that would not lead without what is cheap to plant.

use std::collections::{BTreeMap, BTreeSet};

pub mod arithmetic;
pub mod base_rates;
pub mod ground;
pub mod holdings;
pub mod items;
pub mod names;
pub mod rows;
pub mod surroundings;
pub mod weights;
pub mod words;

mod judge;
mod questions;

pub use weights::{Weights, WeightsError};
pub use words::{Confidence, likelihood};

use crate::dossier::AssessInput;
use ground::{Ground, Places};
use names::Names;
use surroundings::Surroundings;

/// The explanation that somebody not known did it.
pub const UNATTRIBUTED: &str = "unattributed";
/// The explanation that somebody wants another to be blamed.
pub const DECEPTION: &str = "deception";

/// What the evidence comes to.
#[derive(Clone, Debug, Default)]
pub struct Assessment {
    /// Whether an influence operation took place, so far as the evidence shows.
    pub alarm: bool,
    /// One per campaign, in their order.
    pub judgements: Vec<Judgement>,
}

impl Assessment {
    /// Whether a slip or value is held to be planted.
    pub fn is_planted(&self, value: &str) -> bool {
        self.judgements.iter().any(|judgement| judgement.planted.contains(value))
    }
}

/// What is held about one campaign.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// Id of the campaign.
    pub campaign: String,
    /// Name that it goes by.
    pub label: String,
    /// The actor named, or `unattributed`.
    pub actor: String,
    /// Other names that feeds give to that actor.
    pub other_names: Vec<String>,
    /// Probability of the explanation spoken, in millionths.
    pub probability: u32,
    /// How good the ground is.
    pub confidence: Confidence,
    /// Whether marks were planted to point at somebody else.
    pub false_flag: bool,
    /// Values held to be planted.
    pub planted: BTreeSet<String>,
    /// All rivals, the likeliest first.
    pub hypotheses: Vec<Hypothesis>,
    /// What each piece of evidence adds, in the order of the rivals.
    pub contributions: Vec<Contribution>,
    /// What the judgement rests on, and what ties the campaign together.
    pub evidence: Vec<Evidence>,
    /// One statement per level.
    pub levels: Vec<Level>,
    /// The result without each group of evidence.
    pub sensitivity: Vec<Sensitivity>,
    /// What would change the judgement, and who could settle it.
    pub open_questions: Vec<OpenQuestion>,
}

/// One of the rival explanations; a row of `hypotheses`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hypothesis {
    /// Actor, `deception` or `unattributed`.
    pub name: String,
    /// Millionths before the evidence.
    pub prior: u32,
    /// Millionths after it.
    pub probability: u32,
    /// Millionths with nothing that is cheap to plant.
    pub probability_without_cheap: u32,
}

/// What one piece of evidence adds to one explanation; a row of `contributions`.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// Explanation that it speaks for.
    pub hypothesis: String,
    /// Kind of observable or slip.
    pub kind: String,
    /// Its value.
    pub value: String,
    /// Root cause; of those that share it the heaviest counts.
    pub root_cause: String,
    /// How much likelier the item is under the explanation than otherwise.
    pub likelihood_ratio: f64,
    /// How many actors the feeds give the value to, where more than one: it bounds the ratio.
    pub sharing: Option<base_rates::Sharing>,
    /// The counts that its ratio was made of, where it was.
    pub counts: Option<String>,
    /// Whether it is multiplied in.
    pub counted: bool,
    /// Entry of `weights.toml`.
    pub rule: &'static str,
    /// `trivial`, `low` or `high`.
    pub plant_cost: &'static str,
    /// The party that names the actor.
    pub source: Option<String>,
    /// Places that it rests on.
    pub at: Vec<String>,
}

/// One thing that a judgement rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// Kind of observable or slip.
    pub kind: String,
    /// Its value.
    pub value: String,
    /// Actor that a feed ties it to.
    pub actor: Option<String>,
    /// Places that it rests on.
    pub at: Vec<String>,
}

/// The judgement on one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// infrastructure, campaign, operator, organisation or state.
    pub level: &'static str,
    /// What is held, in whole sentences.
    pub statement: String,
    /// Low, middle and high, in millionths; none for an open level.
    pub probability: Option<[u32; 3]>,
    /// How good the ground is.
    pub confidence: Confidence,
    /// Places that it rests on.
    pub at: Vec<String>,
}

/// The result without one group of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sensitivity {
    /// What is left out.
    pub without: String,
    /// Millionths per explanation.
    pub hypotheses: BTreeMap<String, u32>,
}

/// Something that would change the judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenQuestion {
    /// The question.
    pub question: String,
    /// Who could settle it.
    pub who_could_settle_it: String,
    /// Places that it is about.
    pub at: Vec<String>,
}

/// Weighs the evidence of every campaign.
pub fn assess(input: &AssessInput<'_>, weights: &Weights) -> Assessment {
    let places = Places::new(input.messages);
    let names = Names::new(input.actors);
    let grounds = Ground::all(input, &places);
    let surroundings = Surroundings::new(input.placements, &names);
    let judge = |ground: &Ground<'_>| {
        let elsewhere =
            |hit: &_| grounds.iter().any(|other| other.campaign != ground.campaign && other.holds_match(hit, &places));
        let items = items::items(ground, &elsewhere, input, &places, &names, &surroundings, weights);
        judge::judge(input, ground, &places, &items, &names, weights)
    };
    Assessment { alarm: !input.campaigns.is_empty(), judgements: grounds.iter().map(judge).collect() }
}
