//! Pictures as this crate sees them: brightness alone, one byte a pixel.

/// A rectangle in pixels of the delivered picture, origin at its upper left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rect {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// A picture's luma plane, row by row without padding, 0 to 255.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Luma {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` bytes.
    pub pixels: Vec<u8>,
}

/// One picture of a video, or a still image at time 0.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Ordinal from 0 in the order of decoding.
    pub index: u64,
    /// Time of presentation in milliseconds from the start of the video.
    pub at_ms: u64,
    /// What is seen.
    pub luma: &'a Luma,
}
