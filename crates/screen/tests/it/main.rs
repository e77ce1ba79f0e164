//! Tests of the crate from outside: hostile media, and real recordings where they are at hand.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod covered;
mod material;
mod media;
mod recordings;
