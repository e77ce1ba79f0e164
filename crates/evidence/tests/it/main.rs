//! Corpus tests: every file in `tests/corpus` is read as the worker reads it.

#![allow(clippy::print_stdout, reason = "a skipped test says so")]
#![allow(clippy::unwrap_used)]

mod check;
mod extract;
mod fuzz_replay;
mod intel;
mod mail;
mod pdf;
mod real_mail;
mod records;
mod reissue;
mod weblog;
