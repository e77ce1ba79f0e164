//! Who may send in whose name: SPF, DKIM, ARC and DMARC against a frozen snapshot of the DNS.
//!
//! Nothing here opens a connection or a file. What the DNS said stands in a
//! [`Zone`] that the caller fills; a question that it was never asked stays
//! open and is named in the answer, instead of being taken for "no such
//! record". Signatures are checked in two steps, since mail is read before the
//! snapshot is known: [`signature::signatures`] hashes what was signed,
//! [`signature::verify`] compares hash and signature with a key.
//!
//! Read `zone` first, then `spf`, `signature`, `dmarc`.

pub mod dmarc;
pub mod signature;
pub mod spf;
mod tags;
mod zone;

pub use zone::{Answer, Kind, Zone};
