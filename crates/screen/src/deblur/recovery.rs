//! What is given of covers: each with its strings and what they are worth.

use super::again::Stands;
use super::grammar::Grammar;
use super::operator::Operator;
use crate::Rect;

/// Why somebody may read below covers. There is no reading without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warrant {
    /// In words, for the custody log.
    pub reason: String,
}

/// What a reading from below a cover is worth.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The self-test read at least 95 % of known strings exactly, and the
    /// picture fits as well as theirs did.
    Read,
    /// May be among the candidates; not to be used as a fact.
    Candidate(String),
    /// Nothing is claimed, and why.
    Refused(String),
}

/// One string that may lie below a cover.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The string; blanks at its ends cut off.
    pub text: String,
    /// Its share of the odds among all strings considered, by the picture
    /// alone. Far too sure on coded video: see the measured rate.
    pub odds: f32,
    /// Covered cells before its first character.
    pub lead: usize,
}

/// A reading held to a form, or by how names are written, with a self-test of its
/// own.
#[derive(Clone, Debug, PartialEq)]
pub struct Formed {
    /// The form.
    pub grammar: Grammar,
    /// The best string of that form.
    pub candidate: Candidate,
    /// What it is worth; never refused.
    pub verdict: Verdict,
    /// Strings read exactly in the self-test, of so many: made-up ones of the form of
    /// an address, known strings of the video otherwise.
    pub exact: usize,
    /// Strings in the self-test that were as clear-cut as this one.
    pub trials: usize,
    /// Root mean square that it leaves, in levels.
    pub residual: f32,
}

/// What lies below one cover, or several covers of the same text.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovery {
    /// Indexes of the redactions read together.
    pub redactions: Vec<usize>,
    /// The one of them by which cover and place were settled.
    pub settled_by: usize,
    /// Times of the pictures used, in milliseconds.
    pub looks_ms: Vec<u64>,
    /// The rectangle as estimated, of the first look.
    pub rect: Rect,
    /// The cover as estimated.
    pub operator: Option<Operator>,
    /// Upper left corner of the first cell covered, in pixels.
    pub first_cell: (f32, f32),
    /// Number of cells covered.
    pub cells: usize,
    /// What it is worth.
    pub verdict: Verdict,
    /// Best first, by the picture alone.
    pub candidates: Vec<Candidate>,
    /// The best candidate that has the form of an address, path or command,
    /// if that is not the first.
    pub by_grammar: Option<(Grammar, Candidate)>,
    /// What is read if the text is held to the form of an address, or by how names
    /// are written, where the free reading is not sure.
    pub held: Option<Formed>,
    /// A text of the video that lies there, where nothing is sure to be read.
    pub stands: Option<Stands>,
    /// Root mean square that the best string leaves, in levels.
    pub residual: f32,
    /// The same for clear text of the same video.
    pub clear_residual: f32,
    /// Known strings read exactly in the self-test, of so many.
    pub exact: usize,
    /// Strings in the self-test that were as clear-cut as this one.
    pub trials: usize,
    /// Strings put to the test that stand in another colour or weight in the video, and were
    /// painted with its characters of the covered text's.
    pub painted: usize,
    /// Whether the self-test coded its pictures by an encoder.
    pub coded: bool,
}

impl Recovery {
    /// The reading held to a form, if its own self-test bears it out.
    pub fn sure_by_form(&self) -> Option<&Formed> {
        self.held.as_ref().filter(|held| held.verdict == Verdict::Read)
    }

    /// The one text that may be taken for what lies below, if there is one.
    pub fn read(&self) -> Option<&Candidate> {
        let free = self.candidates.first().filter(|_| self.verdict == Verdict::Read);
        free.or(self.sure_by_form().map(|held| &held.candidate))
    }
}

/// All recoveries of a reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recovered {
    /// By first redaction.
    pub recoveries: Vec<Recovery>,
    /// Regions left covered because their neighbours are person records.
    pub left_covered: usize,
}

impl Recovered {
    /// The texts known to lie below covers, by index of the redaction: those read,
    /// and those that were told among the texts of the video.
    pub fn known(&self) -> Vec<(usize, String)> {
        let text = |recovery: &Recovery| {
            let read = recovery.read().map(|best| best.text.clone());
            read.or(recovery.stands.as_ref().map(|stands| stands.text.clone()))
        };
        let known = self.recoveries.iter().filter_map(|recovery| Some((recovery, text(recovery)?)));
        known.flat_map(|(own, text)| own.redactions.iter().map(move |at| (*at, text.clone()))).collect()
    }
}
