//! What a knowledge base says of a value.
//!
//! [`key`] turns values into numbers by which a base is sorted and looked up;
//! [`origin`] tells which statements only repeat others; [`told`] chooses what
//! is said of one value, so that a value on which everybody has something to
//! say costs one line; [`Statement::line`] writes it as a feed of its own, the
//! extract that a case keeps. [`name`] compares spellings. [`export`] tells a case's own words when they
//! come back.
//!
//! What is absent: files, SQL, clocks. Where statements lie is the business of
//! whoever asks.

pub mod export;
pub mod key;
pub mod name;
pub mod origin;
pub mod statement;
pub mod told;

pub use statement::{Entry, Statement};
pub use told::{Told, tell};
