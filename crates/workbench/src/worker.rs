//! The worker child: the only process that parses evidence.
//!
//! A parent thread owns one child each. It passes an open descriptor and a
//! job over a socket and gets frames back: begun items, Arrow batches, an
//! end. The child has no file system, no network and bounded memory; if it
//! dies or falls silent, the parent knows the item begun last.

pub mod child;
pub mod parent;
pub mod protocol;
#[cfg(target_os = "linux")]
mod sandbox;
mod watch;
