//! Whether a covered text may be of the other weight.
//!
//! Of bold text few letters stand clear, so that light ones may seem to explain it:
//! an address in bold was read as another one in light figures.

use super::recover::Worker;
use super::settle::{Settled, Stretch, decode};
use super::strings::best_text;

impl Worker<'_> {
    /// Whether what is read would be another text in the other weight, and that leaves less.
    pub(super) fn is_other_in_weight(&self, settled: &Settled, used: &[Stretch]) -> bool {
        let other = |style: usize| {
            let looks: Vec<Stretch> = used.iter().map(|look| Stretch { style, ..*look }).collect();
            let other = decode(&looks, &settled.operator, settled.tone, 120)?;
            Some(other.residual < settled.residual && best_text(&other) != best_text(settled))
        };
        self.glyphs.other_weight(settled.style).filter_map(other).any(|is_other| is_other)
    }
}
