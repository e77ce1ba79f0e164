//! The case on disk, from outside: one binary, since each that links the
//! engine is slow to link and large.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod bench;
mod desk;
mod opening;
mod originals;
mod sql;
mod stages;
mod tampering;
