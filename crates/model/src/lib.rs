//! The words of the domain, and nothing that does anything with them.
//!
//! Every other crate speaks in these terms: a [`Locator`] names a place in the
//! evidence down to the byte, a [`Table`] is a named list of columns that one
//! stage owns, a [`Format`] turns bytes into rows and texts, a [`Detector`]
//! turns one text into slips. Read in this order: `locator`, `table`,
//! `tables`, `contract`, `kinds`.
//!
//! What is absent: no I/O is started here, nothing is asynchronous, no SQL
//! engine is known, and no clock is read.

pub mod address;
pub mod contract;
mod groups;
pub mod kinds;
pub mod locator;
pub mod pattern;
pub mod table;
pub mod tables;

pub use contract::{At, Detector, Entry, Format, Found, Loss, Out, Reading, Role, Split, Surface, Text};
pub use groups::Groups;
pub use kinds::{Basis, Mark, ObservableKind, PlantCost, SlipKind, Stage};
pub use locator::{Digest, Locator, LocatorError, Step};
pub use table::{Batch, Cell, Column, ColumnType, Table};
