//! One pass over a video: what stands in it, and where something was hidden.

use std::io::Read;

use crate::Reading;
use crate::media::{Frames, Loss, OwnedFrame};
use crate::read::{Effort, Models, read_beside};
use crate::redaction::{Redaction, Redactions};

/// All that one pass gives.
#[derive(Debug)]
pub struct Seen {
    /// The text that was seen.
    pub reading: Reading,
    /// Regions that hide something.
    pub redactions: Vec<Redaction>,
    /// Figures on how it was read.
    pub effort: Effort,
    /// The last picture, if there was one.
    pub last: OwnedFrame,
    /// What kept the decoder's pipe from its end.
    pub loss: Option<Loss>,
}

/// Reads a decoder's pipe to its end. Covers are looked for on the thread that
/// takes pictures in, and `each` sees every picture after it was read.
pub fn watch(frames: &mut Frames<impl Read + Send>, models: Option<&Models>, each: impl FnMut(&OwnedFrame)) -> Seen {
    let mut redactions = Redactions::default();
    let (reading, effort, last, loss) = read_beside(frames, models, |frame| redactions.frame(&frame.borrowed()), each);
    let redactions = redactions.finish(&reading);
    Seen { reading, redactions, effort, last, loss }
}
