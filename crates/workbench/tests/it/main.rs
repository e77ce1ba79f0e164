//! The program as a user runs it: whole runs over the sample case.

#![allow(clippy::print_stdout, reason = "a skipped test says so")]

mod campaign_pages;
mod citations;
mod cli;
mod determinism;
mod feeds;
mod fetch;
mod forms;
mod imported;
mod interruption;
mod kb;
mod offline;
mod program;
mod sanctions;
mod shared_cases;
mod watch;
mod worker_death;
