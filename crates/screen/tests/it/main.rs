//! Tests of the crate from outside: hostile media, and real recordings where they are at hand.

mod material;
mod media;
mod recordings;
