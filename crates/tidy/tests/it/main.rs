//! The rules of the house, one file per subject.
#![allow(clippy::unwrap_used)]

mod checkout;
mod corpus;
mod dependencies;
mod documents;
mod layers;
mod sources;
