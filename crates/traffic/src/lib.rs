//! Traffic of web sites: who scanned, who attacked, who walked the records out;
//! which stretches of time were floods, and which pages changed under attack.
//!
//! One state machine over a stream of requests in the order of time, site by
//! site. It holds a bounded sum per visitor, look-up and walk, never the
//! requests, and so serves a batch of logs and logs that still grow alike.
//! [`Ledger::observe`] takes a request and says at once if something is afoot;
//! [`Ledger::close`] gives [`Verdicts`], which tell of any request of the same
//! stream whose it was and what it did.
//!
//! What is absent: SQL, files, networks, clocks. What the investigator knows
//! ([`Declared`]) is handed in, and is never overruled: nobody who was declared
//! a reader or an authorised scanner is accused.

pub mod attack;
pub mod declared;
pub mod decode;
pub mod drift;
pub mod flood;
pub mod key;
pub mod ledger;
pub mod lookup;
pub mod overlap;
pub mod record;
pub mod request;
pub mod season;
pub mod signs;
pub mod sketch;
pub mod tide;
mod token;
pub mod told;
pub mod trail;
pub mod verdict;
pub mod visit;

pub use declared::Declared;
pub use flood::{Flood, Grade};
pub use ledger::{About, Alarm, Ledger, State};
pub use request::{Outcome, Request};
pub use told::{Reader, Told};
pub use verdict::{Changed, Mark, Notice, Verdicts};
pub use visit::Phase;
