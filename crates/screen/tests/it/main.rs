//! Tests of the crate from outside: covers over generated text, hostile media, and real recordings where they are at hand.

mod covered;
mod material;
mod media;
mod recordings;
