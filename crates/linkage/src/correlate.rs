//! Correlate: what ties messages to each other, and kinds of evidence together.
//!
//! Each rule is a `.sql` file in this folder; a `.rs` file holds what SQL alone
//! cannot do. Values are indexed by the stage before; pairs are made only for
//! values that at least two kinds of evidence hold, so that nothing grows with the
//! square of the case.

pub mod base_rates;
pub mod campaign_members;
pub mod coordination;
pub mod impersonations;
pub mod mail_marks;
pub mod name_matches;
pub mod web_acts;
mod web_order;
pub(crate) mod web_rows;
pub mod web_sites;
