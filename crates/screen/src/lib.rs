//! Video and images to text with time, box and confidence, and how it was hidden.
//!
//! Reads rows, not frames: what did not change is not read again.
//!
//! What is absent: no case, no evidence, no SQL, no network; only `model` is
//! known. Nothing here is generative: a character is either seen, or derived
//! by comparing pictures of characters seen in the same video.
//!
//! The way through: [`media::about`] tells what a container says of itself;
//! [`media::Decoder::open`] starts the decoder, whose pipe goes, in a sandbox
//! if wanted, to [`media::Frames`] and [`watch`]; [`tell::tell`] takes
//! the rows apart, [`settings::settings`] what they say of the machine;
//! [`known::Fingerprint`] knows a picture again.

mod cut;
pub mod deblur;
pub mod frame;
pub mod known;
pub mod media;
pub mod read;
pub mod redaction;
pub mod row;
pub mod settings;
pub mod tell;
mod watch;

pub use frame::{Frame, Luma, Rect};
pub use row::{Char, Columns, Grid, Reader, Reading, Row, Stay};
pub use watch::{Seen, watch};
