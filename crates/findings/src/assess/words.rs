//! The words of ICD 203 for probabilities, and the scale of confidence.
//!
//! Likelihood says how probable a statement is; confidence says how good the
//! ground is on which the probability stands. They are two fields and two
//! sentences, never one (ICD 203, 2015, section D.6.e).

/// The word for a probability by the first row of ICD 203's table.
///
/// Below 1 % and above 99 % the outer words stay, as the table has no others.
pub fn likelihood(probability: f64) -> &'static str {
    match probability {
        p if p < 0.05 => "almost no chance",
        p if p < 0.20 => "very unlikely",
        p if p < 0.45 => "unlikely",
        p if p < 0.55 => "roughly even chance",
        p if p < 0.80 => "likely",
        p if p < 0.95 => "very likely",
        _ => "almost certain",
    }
}

/// How good the ground of a judgement is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// No ground: nobody is named.
    #[default]
    None,
    /// One thing that is costly to plant.
    Low,
    /// Two that do not depend on each other.
    Moderate,
    /// Three or more, by at least two parties.
    High,
}

impl Confidence {
    /// The word as products write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
        }
    }

    /// From the number of independent costly grounds and of the parties that state them.
    pub fn from_grounds(grounds: usize, parties: usize) -> Self {
        match (grounds, parties) {
            (0, _) => Self::None,
            (1, _) => Self::Low,
            (2, _) | (_, 0..=1) => Self::Moderate,
            _ => Self::High,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_band_has_its_word() {
        let words = [0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97].map(likelihood);
        assert_eq!(words[0], "almost no chance");
        assert_eq!(words[3], "roughly even chance");
        assert_eq!(words[6], "almost certain");
        assert_eq!(likelihood(0.8), "very likely");
    }

    #[test]
    fn one_party_alone_never_gives_high_confidence() {
        assert_eq!(Confidence::from_grounds(9, 1), Confidence::Moderate);
        assert_eq!(Confidence::from_grounds(3, 2), Confidence::High);
        assert_eq!(Confidence::from_grounds(0, 4), Confidence::None);
    }
}
