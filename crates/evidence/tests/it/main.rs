//! Corpus tests: every file in `tests/corpus` is read as the worker reads it.
#![allow(clippy::unwrap_used)]

mod check;
mod fuzz_replay;
