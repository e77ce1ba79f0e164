//! Whether a covered text may be of the other weight.
//!
//! Of bold text few letters stand clear, so that light ones may seem to explain it:
//! an address in bold was read as another one in light figures.

use super::recover::Worker;
use super::settle::{Settled, Stretch, decode};
use super::strings::best_text;

/// The other weight leaves less than so many times what one does: on recordings measured
/// five times and more where the text was of that one, and one and a half times where it
/// was not.
const NOT_TOLD: f32 = 1.8;

impl Worker<'_> {
    /// Whether what is read would be another text in the other weight, and the picture does
    /// not tell the weights apart.
    pub(super) fn is_other_in_weight(&self, settled: &Settled, used: &[Stretch]) -> bool {
        let other = |style: usize| {
            let looks: Vec<Stretch> = used.iter().map(|look| Stretch { style, ..*look }).collect();
            let other = decode(&looks, &settled.operator, settled.tone, 120)?;
            Some(other.residual < NOT_TOLD * settled.residual && best_text(&other) != best_text(settled))
        };
        self.glyphs.other_weight(settled.style).filter_map(other).any(|is_other| is_other)
    }
}
