//! Tests of linkage: each `tests/slt/*.slt` is a small case in SQL.

#![allow(clippy::unwrap_used)]

mod rules;
mod session;
