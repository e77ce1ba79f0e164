//! Bytes to rows: what a file is, what stands in it, and what that lets slip.
//!
//! `ingest` holds the list of formats and one file for each; `extract` holds
//! the observable scanner and the list of slip detectors; `drive` runs both
//! over one split of one file and puts what they give into batches; `resolve`
//! goes the other way, from a locator back to the bytes.
//!
//! What is absent: SQL, network, clocks, and any knowledge of the case folder.
//! Everything here may meet hostile bytes, so it runs inside the worker child.

pub mod drive;
pub mod extract;
pub mod ingest;
pub mod reissue;
pub mod resolve;

pub use drive::{Drive, Limits, Pass, Sink};
pub use extract::DETECTORS;
pub use ingest::FORMATS;
