//! The case on disk, and SQL over it.
//!
//! A case is a folder: originals under their digest, a signed chain of what
//! was done, tables as plain Parquet, products. This is the one crate that
//! names DataFusion and Parquet. Read in this order: `case`, `store`,
//! `custody`, `splits`, `stages`, `session`, `verify`.
//!
//! What is absent: formats of evidence, terminals, arguments, the environment.
//! The clock is read in `custody` alone. Originals and tables are written
//! through the local file system, since exclusive creation, modes and renames
//! are what makes them hold; the engine reads tables through `object_store`.

mod case;
mod chain;
mod custody;
mod durable;
mod error;
mod export;
mod functions;
mod hash;
mod key;
mod keyed;
mod parquet;
mod products;
mod scan;
mod session;
mod settings;
mod splits;
mod stages;
mod store;
mod verify;

pub use case::Case;
pub use custody::{Custody, Entry, Head};
pub use error::Error;
pub use export::Form;
pub use functions::{FUNCTIONS, FunctionBody, SqlFunction, hash_id, registered_domain};
pub use keyed::Keyed;
pub use products::Content;
pub use scan::Within;
pub use session::{Limits, Session};
pub use settings::{Fact, MadeWith, Settings};
pub use splits::{SplitManifest, SplitWriter, TableFile};
pub use store::{SourceRole, Stored};
pub use verify::Verification;

/// Bytes of an original that have a digest of their own, so that damage in a
/// file of a terabyte is known to 64 MiB.
pub const CHUNK_BYTES: u64 = 64 << 20;

/// What the calls of this crate give; [`Error::is_integrity`] tells a broken case from other troubles.
pub type Result<T> = std::result::Result<T, Error>;
