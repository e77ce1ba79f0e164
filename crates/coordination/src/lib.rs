//! Accounts that act together.
//!
//! Two accounts that post the same thing within minutes of each other may be
//! two readers of one newspaper. Two that do it again and again, more often
//! than anybody would who posts as much as they do, are tied. How often is too
//! often is taken from the data itself: [`scan`] keeps each object's times and
//! each account's activity and asks how many coincidences would be left if the
//! accounts were dealt out anew ([`chance`]). [`groups`] joins ties, finds
//! members that coincide once but were made together with the others, and
//! [`grade`] says which signs of concealment there are, if any. Acting together
//! is no offence: a newspaper's own accounts do it all day.
//!
//! [`pairs`] is the published method with a window and a threshold from
//! outside, by which this crate is held against its peers.
//!
//! What is absent: tables, clocks, and any verdict that a person did something.

pub mod chance;
pub mod grade;
pub mod groups;
pub mod names;
pub mod pairs;
pub mod scan;
pub mod similar;
pub mod spread;

/// One act of sharing: which account, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    /// Seconds since 1970.
    pub time_secs: i64,
    /// Number of the account, from 0, in an order that the caller fixes.
    pub account: u32,
}

/// Chance of a false alarm that is accepted over all that is tested together.
pub const FALSE_ALARM: f64 = 0.01;
