//! Pictures as this crate sees them: brightness alone, one byte a pixel.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

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

impl Rect {
    /// Whether a pixel lies in it.
    pub(crate) fn contains(&self, x: i64, y: i64) -> bool {
        let (left, top) = (i64::from(self.x), i64::from(self.y));
        (left..left + i64::from(self.width)).contains(&x) && (top..top + i64::from(self.height)).contains(&y)
    }
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

impl Luma {
    /// The picture as a PNG file (RFC 2083) in shades of gray; nothing for a picture without pixels.
    pub fn to_png(&self) -> Vec<u8> {
        let sides = (u32::try_from(self.width), u32::try_from(self.height));
        let (Ok(width @ 1..), Ok(height @ 1..)) = sides else { return Vec::new() };
        let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
        // Eight bits, gray, deflate, filter by row, not interlaced.
        header.extend([8, 0, 0, 0, 0]);
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut file, b"IHDR", &header);
        chunk(&mut file, b"IDAT", &self.deflated());
        chunk(&mut file, b"IEND", &[]);
        file
    }

    /// Rows behind a byte each that says that they are as they are.
    fn deflated(&self) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        for row in self.pixels.chunks_exact(self.width) {
            // Writing into memory does not fail.
            let _ = encoder.write_all(&[0]).and_then(|()| encoder.write_all(row));
        }
        encoder.finish().unwrap_or_default()
    }
}

fn chunk(file: &mut Vec<u8>, name: &[u8; 4], bytes: &[u8]) {
    let mut checksum = flate2::Crc::new();
    checksum.update(name);
    checksum.update(bytes);
    file.extend((bytes.len() as u32).to_be_bytes());
    file.extend(name);
    file.extend(bytes);
    file.extend(checksum.sum().to_be_bytes());
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
