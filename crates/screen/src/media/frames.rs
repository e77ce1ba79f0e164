//! The decoder's pipe, parsed: Matroska with one track of uncompressed gray
//! pictures, each with its time of presentation.

use std::io::{ErrorKind, Read};

use super::{Limits, Loss};
use crate::Luma;

const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1F43_B675;
const TRACKS: u32 = 0x1654_AE6B;
const TRACK_ENTRY: u32 = 0xAE;
const VIDEO: u32 = 0xE0;
const PIXEL_WIDTH: u32 = 0xB0;
const PIXEL_HEIGHT: u32 = 0xBA;
const TIMESTAMP: u32 = 0xE7;
const SIMPLE_BLOCK: u32 = 0xA3;
const BLOCK_GROUP: u32 = 0xA0;
const BLOCK: u32 = 0xA1;

/// Elements that hold others; all others are values or skipped.
const HOLDERS: &[u32] = &[SEGMENT, CLUSTER, TRACKS, TRACK_ENTRY, VIDEO, BLOCK_GROUP];

/// One decoded picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedFrame {
    /// Ordinal from 0.
    pub index: u64,
    /// Milliseconds from the start.
    pub at_ms: u64,
    /// What is seen.
    pub luma: Luma,
}

/// Pictures from a decoder's pipe, in order.
#[derive(Debug)]
pub struct Frames<R> {
    from: R,
    width: u64,
    height: u64,
    cluster_ms: u64,
    count: u64,
    frames_at_most: u64,
    pixels_at_most: u64,
    side_at_most: u64,
}

impl<R: Read> Frames<R> {
    /// Reads what [`super::Decoder`] writes.
    pub fn new(from: R, limits: &Limits) -> Self {
        Self {
            from,
            width: 0,
            height: 0,
            cluster_ms: 0,
            count: 0,
            frames_at_most: limits.frames,
            pixels_at_most: limits.pixels,
            side_at_most: u64::from(limits.side),
        }
    }

    /// Puts the next picture into `frame`; false at the end.
    pub fn next_into(&mut self, frame: &mut OwnedFrame) -> Result<bool, Loss> {
        while let Some((id, size)) = self.element()? {
            match id {
                PIXEL_WIDTH => self.width = self.number(size)?,
                PIXEL_HEIGHT => self.height = self.number(size)?,
                TIMESTAMP => self.cluster_ms = self.number(size)?,
                SIMPLE_BLOCK | BLOCK => {
                    self.picture(size, frame)?;
                    return Ok(true);
                }
                id if HOLDERS.contains(&id) => {}
                _ => self.skip(size)?,
            }
        }
        Ok(false)
    }

    fn picture(&mut self, size: u64, frame: &mut OwnedFrame) -> Result<(), Loss> {
        if self.count >= self.frames_at_most {
            return Err(Loss::TooManyFrames(self.frames_at_most));
        }
        let (width, height) = (self.width, self.height);
        let pixels = width.saturating_mul(height);
        if pixels > self.pixels_at_most || width.max(height) > self.side_at_most {
            return Err(Loss::TooLarge { width, height });
        }
        if pixels == 0 || size != pixels + 4 {
            return Err(Loss::Garbled("a picture of another size than announced"));
        }
        let mut head = [0; 4];
        self.fill(&mut head)?;
        let offset_ms = i64::from(i16::from_be_bytes([head[1], head[2]]));
        frame.luma.width = width as usize;
        frame.luma.height = height as usize;
        frame.luma.pixels.resize(pixels as usize, 0);
        self.from.read_exact(&mut frame.luma.pixels).map_err(|_| Loss::CutOff { index: self.count })?;
        frame.index = self.count;
        frame.at_ms = self.cluster_ms.saturating_add_signed(offset_ms);
        self.count += 1;
        Ok(())
    }

    /// The next element's id and size; `None` at a clean end.
    fn element(&mut self) -> Result<Option<(u32, u64)>, Loss> {
        let mut first = [0];
        loop {
            match self.from.read(&mut first) {
                Ok(0) => return Ok(None),
                Ok(_) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Loss::CutOff { index: self.count }),
            }
        }
        let length = first[0].leading_zeros() as usize;
        if length > 3 {
            return Err(Loss::Garbled("an element without a name"));
        }
        let id = self.rest(u64::from(first[0]), length)? as u32;
        let mut first = [0];
        self.fill(&mut first)?;
        let length = first[0].leading_zeros() as usize;
        if length > 7 {
            return Err(Loss::Garbled("an element without a size"));
        }
        let mask = 0x7Fu64 >> length;
        Ok(Some((id, self.rest(u64::from(first[0]) & mask, length)?)))
    }

    fn rest(&mut self, first: u64, length: usize) -> Result<u64, Loss> {
        let mut bytes = [0; 8];
        let rest = bytes.get_mut(..length).ok_or(Loss::Garbled("a number too long"))?;
        self.from.read_exact(rest).map_err(|_| Loss::CutOff { index: self.count })?;
        Ok(rest.iter().fold(first, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn number(&mut self, size: u64) -> Result<u64, Loss> {
        if size > 8 {
            return Err(Loss::Garbled("a number too long"));
        }
        self.rest(0, size as usize)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Loss> {
        self.from.read_exact(bytes).map_err(|_| Loss::CutOff { index: self.count })
    }

    fn skip(&mut self, size: u64) -> Result<(), Loss> {
        let skipped = std::io::copy(&mut self.from.by_ref().take(size), &mut std::io::sink());
        if skipped.ok() == Some(size) { Ok(()) } else { Err(Loss::CutOff { index: self.count }) }
    }
}

impl<R: Read> Iterator for Frames<R> {
    type Item = Result<OwnedFrame, Loss>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut frame = OwnedFrame::default();
        match self.next_into(&mut frame) {
            Ok(true) => Some(Ok(frame)),
            Ok(false) => None,
            Err(loss) => Some(Err(loss)),
        }
    }
}
