//! Covered regions: found in the stream of frames, followed in time.

use crate::{Luma, Rect};

/// One look at a covered region: the pixels around it at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// When it was seen, in milliseconds.
    pub at_ms: u64,
    /// Where the picture lies in the frame.
    pub place: Rect,
    /// The pixels of `place`.
    pub picture: Luma,
}

impl Look {
    /// The level at a place of the frame, if the look reaches there.
    pub(crate) fn level(&self, x: i64, y: i64) -> Option<u8> {
        let x = usize::try_from(x - i64::from(self.place.x)).ok()?;
        let y = usize::try_from(y - i64::from(self.place.y)).ok()?;
        (x < self.picture.width && y < self.picture.height).then(|| self.picture.pixels[y * self.picture.width + x])
    }
}
