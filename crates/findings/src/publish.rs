//! Publish: a dossier and a sharing mark to the bytes of one product.
//!
//! [`OUTPUTS`] is the one list. An output reads nothing but the dossier, says
//! which marks it may carry, and gives the same bytes for the same dossier.
//! Text out of the evidence is hostile: each output escapes it for its format.

pub use exchange::as_of;
use model::{Entry, Mark};

use crate::dossier::Dossier;

mod actors;
mod attribution;
pub mod campaigns;
mod coordinated;
pub mod defang;
mod exchange;
pub mod findings;
mod infrastructure;
pub mod knowledge;
mod masks;
pub mod misp;
pub mod observables;
pub mod own;
pub mod report;
pub mod shared;
mod sites;
pub mod stix;
mod web;

/// One product for readers or machines.
pub trait Output: Sync {
    /// Name, summary and documentation.
    fn entry(&self) -> &'static Entry;

    /// Name of the file below `products/`.
    fn file_name(&self) -> &'static str;

    /// Media type of the bytes.
    fn media_type(&self) -> &'static str;

    /// Sharing marks that it may carry; with any other it is not made.
    fn marks(&self) -> &'static [Mark];

    /// The bytes.
    fn render(&self, dossier: &Dossier, mark: Mark) -> Vec<u8>;

    /// The mark that a product of a case under `wanted` carries.
    ///
    /// What may only be red stays red, whatever the case shares otherwise; what
    /// has no person in it may be shared as widely as the case allows.
    fn mark_under(&self, wanted: Mark) -> Mark {
        if self.marks().contains(&wanted) { wanted } else { self.marks().last().copied().unwrap_or(Mark::Red) }
    }
}

/// Every output, in the order in which a run writes them.
pub const OUTPUTS: &[&dyn Output] = &[
    // The full result first: all others say less.
    &findings::Findings,
    &shared::Shared,
    &observables::Observables,
    // The same for platforms, which want a standard.
    &stix::Stix,
    &misp::Misp,
    &campaigns::Campaigns,
    &infrastructure::Infrastructure,
    &actors::Actors,
    // The report last, so that a reader who finds it finds the rest beside it.
    &report::Report,
];

/// Whether a product under this mark may quote private text and message ids.
pub fn may_quote(mark: Mark) -> bool {
    mark == Mark::Red
}

/// How a mark is written on a product, as TLP 2.0 spells it.
pub fn label(mark: Mark) -> String {
    format!("TLP:{}", mark.word().to_uppercase())
}
