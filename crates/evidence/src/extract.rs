//! Texts to observables and slips.

use model::{At, Cell, Detector, Table, Text};

/// The slip detectors, in the order in which a report lists their finds.
pub const DETECTORS: &[&dyn Detector] = &[];

/// Takes texts and gives rows of `observables`, `contexts` and `slips`.
#[derive(Default)]
pub struct Extractor {}

impl Extractor {
    /// Scans one text.
    pub fn text(&mut self, _text: &Text<'_>, _put: &mut dyn FnMut(&'static Table, At<'_>, &[Cell<'_>])) {}

    /// Gives the rows that were gathered over the whole split.
    pub fn finish(&mut self, _put: &mut dyn FnMut(&'static Table, At<'_>, &[Cell<'_>])) {}
}
