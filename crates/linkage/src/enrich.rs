//! Enrich: what is known about the values and messages of the case.
//!
//! Each rule is a `.sql` file in this folder; a `.rs` file of the same name
//! holds what SQL alone cannot do for it.

mod crowds;
mod dns_epochs;
pub mod facts;
pub mod intel_matches;
pub mod mail_checks;
pub mod mail_texts;
mod roots;
pub mod warning_matches;
