//! Video and images to text with time, box and confidence, and how it was hidden.
//!
//! Reads rows, not frames: what did not change is not read again.
//!
//! What is absent: no case, no evidence, no SQL, no network; only `model` is
//! known. Nothing here is generative: a character is either seen, or derived
//! by comparing pictures of characters seen in the same video.

pub mod deblur;
pub mod frame;
pub mod media;
pub mod read;
pub mod redaction;
pub mod row;
pub mod tell;

pub use frame::{Frame, Luma, Rect};
pub use row::{Char, Grid, Reader, Reading, Row};
