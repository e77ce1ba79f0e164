//! A knowledge base across cases: a folder of frozen feeds and closed cases.
//!
//! Each entry is a case of its own, with nothing but intel in it: originals
//! under their digests, a signed chain of custody that says where they came
//! from, tables. One table more, `known_values`, is sorted by a key of the
//! value, and is all that a look-up reads. Entries are added and never changed.

mod actors;
pub mod add;
pub mod base;
pub mod closed;
pub mod join;
pub mod lookup;
mod media;
mod statements;

pub use base::{About, Base};
pub use lookup::difference;
