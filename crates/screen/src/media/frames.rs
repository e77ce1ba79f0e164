//! The decoder's pipe, parsed: NUT with one stream of uncompressed gray
//! pictures, each with its time of presentation.
//!
//! Of the containers that carry times, this one is written without a copy of
//! each picture on the way. After the NUT Open Container Format, version 3
//! (<https://ffmpeg.org/~michael/nut.txt>); checksums are not held against the
//! bytes, which come from a child of our own and never lay on a disk.

use std::io::{ErrorKind, Read};

use super::{Limits, Loss};
use crate::{Frame, Luma};

const FILE_ID: &[u8] = b"nut/multimedia container\0";
/// First byte of every startcode, which no picture begins with.
const STARTCODE: u8 = b'N';
const MAIN: u64 = 0x4E4D_7A56_1F5F_04AD;
const STREAM: u64 = 0x4E53_1140_5BF2_F9DB;
const SYNCPOINT: u64 = 0x4E4B_E4AD_EECA_4569;
/// Bytes of a header at most; beyond so many its own beginning has a checksum.
const HEADER_AT_MOST: u64 = 1 << 16;
const UNCHECKED: u64 = 4096;
const CHECKSUM: u64 = 4;

/// What a picture's head holds beside the defaults of its code.
const CODED_PTS: u64 = 8;
const STREAM_ID: u64 = 16;
const SIZE_MSB: u64 = 32;
const HAS_CHECKSUM: u64 = 64;
const RESERVED: u64 = 128;
const HEADER_IDX: u64 = 1024;
const MATCH_TIME: u64 = 2048;
const CODED: u64 = 4096;
const INVALID: u64 = 8192;
/// Flags that shape a picture's head in a way this reader knows.
const KNOWN: u64 = 1 | CODED_PTS | STREAM_ID | SIZE_MSB | HAS_CHECKSUM | RESERVED | HEADER_IDX | MATCH_TIME | CODED;

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

impl OwnedFrame {
    /// The same without its pixels' ownership.
    pub fn borrowed(&self) -> Frame<'_> {
        Frame { index: self.index, at_ms: self.at_ms, luma: &self.luma }
    }
}

/// What one first byte of a picture's head stands for.
#[derive(Clone, Copy, Debug)]
struct Code {
    flags: u64,
    pts_delta: i64,
    size_mul: u64,
    size_lsb: u64,
    reserved: u64,
    beginning: u64,
}

const NO_CODE: Code = Code { flags: INVALID, pts_delta: 0, size_mul: 1, size_lsb: 0, reserved: 0, beginning: 0 };
/// Bytes of a picture up to which a beginning it shares with others is left out.
const SHORT: u64 = 4096;

/// Pictures from a decoder's pipe, in order.
#[derive(Debug)]
pub struct Frames<R> {
    from: R,
    begun: bool,
    width: u64,
    height: u64,
    codes: Box<[Code; 256]>,
    /// Beginnings that are left out where a short picture has them.
    beginnings: Vec<Vec<u8>>,
    /// Seconds of one tick of each time base, as numerator and denominator.
    bases: Vec<(u64, u64)>,
    /// Time base of the pictures, and how many bits of a time are written.
    base: usize,
    pts_shift: u32,
    pts: i64,
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
            begun: false,
            width: 0,
            height: 0,
            codes: Box::new([NO_CODE; 256]),
            beginnings: Vec::new(),
            bases: Vec::new(),
            base: 0,
            pts_shift: 0,
            pts: 0,
            count: 0,
            frames_at_most: limits.frames,
            pixels_at_most: limits.pixels,
            side_at_most: u64::from(limits.side),
        }
    }

    /// Puts the next picture into `frame`; false at the end.
    pub fn next_into(&mut self, frame: &mut OwnedFrame) -> Result<bool, Loss> {
        while let Some(first) = self.first()? {
            if !self.begun {
                self.begin(first)?;
            } else if first == STARTCODE {
                self.header()?;
            } else {
                self.picture(first, frame)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The first byte of a header or picture; `None` at a clean end.
    fn first(&mut self) -> Result<Option<u8>, Loss> {
        let mut first = [0];
        loop {
            match self.from.read(&mut first) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(first[0])),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(Loss::CutOff { index: self.count }),
            }
        }
    }

    fn begin(&mut self, first: u8) -> Result<(), Loss> {
        let mut id = [first; FILE_ID.len()];
        fill(&mut self.from, &mut id[1..]).ok_or(Loss::CutOff { index: 0 })?;
        self.begun = id == FILE_ID;
        if self.begun { Ok(()) } else { Err(Loss::Garbled("another container than asked for")) }
    }

    /// A header, whose first byte was read.
    fn header(&mut self) -> Result<(), Loss> {
        let cut = Loss::CutOff { index: self.count };
        let mut rest = [0; 7];
        fill(&mut self.from, &mut rest).ok_or(cut.clone())?;
        let startcode = rest.iter().fold(u64::from(STARTCODE), |code, byte| code << 8 | u64::from(*byte));
        let size = number(&mut self.from).ok_or(cut.clone())?;
        if !(CHECKSUM..=HEADER_AT_MOST).contains(&size) {
            return Err(Loss::Garbled("a header of an impossible size"));
        }
        let mut bytes = vec![0; (size + if size > UNCHECKED { CHECKSUM } else { 0 }) as usize];
        fill(&mut self.from, &mut bytes).ok_or(cut)?;
        let from = &mut &bytes[if size > UNCHECKED { CHECKSUM as usize } else { 0 }..(bytes.len() - CHECKSUM as usize)];
        let read = match startcode {
            MAIN => self.main_header(from),
            STREAM => self.stream_header(from),
            SYNCPOINT => self.syncpoint(from),
            _ => Some(()),
        };
        read.ok_or(Loss::Garbled("a header that says too little"))
    }

    fn main_header(&mut self, from: &mut &[u8]) -> Option<()> {
        let (_version, _streams, _distance) = (number(from)?, number(from)?, number(from)?);
        let mut half = || number(from).filter(|half| *half <= u64::from(u32::MAX));
        let bases = half()?;
        self.bases = (0..bases).map(|_| Some((half()?, half()?))).collect::<Option<_>>()?;
        let (mut at, mut pts_delta, mut size_mul) = (0, 0, 1);
        *self.codes = [NO_CODE; 256];
        while at < self.codes.len() {
            let (flags, fields) = (number(from)?, number(from)?);
            let mut field = |least| if fields > least { number(from).map(Some) } else { Some(None) };
            pts_delta = field(0)?.map_or(pts_delta, signed);
            size_mul = field(1)?.unwrap_or(size_mul);
            let _stream = field(2)?;
            let (lsb, reserved) = (field(3)?.unwrap_or(0), field(4)?.unwrap_or(0));
            let times = field(5)?.unwrap_or(size_mul.saturating_sub(lsb));
            let (_match_time, beginning) = (field(6)?, field(7)?.unwrap_or(0));
            for _ in 8..fields {
                number(from)?;
            }
            let codes = (at..self.codes.len()).filter(|code| *code != usize::from(STARTCODE));
            let mut next = at;
            for (size_lsb, code) in (lsb..lsb.saturating_add(times)).zip(codes) {
                self.codes[code] = Code { flags, pts_delta, size_mul, size_lsb, reserved, beginning };
                next = code + 1;
            }
            // Each description stands for one code at least, or it would never end.
            if next == at {
                return None;
            }
            at = if next == usize::from(STARTCODE) { next + 1 } else { next };
        }
        let others = number(from)?;
        self.beginnings = vec![Vec::new()];
        for _ in 0..others {
            self.beginnings.push(some_bytes(from)?.to_vec());
        }
        Some(())
    }

    fn stream_header(&mut self, from: &mut &[u8]) -> Option<()> {
        let (_id, _class) = (number(from)?, number(from)?);
        some_bytes(from)?;
        self.base = usize::try_from(number(from)?).ok()?;
        self.pts_shift = u32::try_from(number(from)?).ok().filter(|shift| *shift < 16)?;
        let (_distance, _delay, _flags) = (number(from)?, number(from)?, number(from)?);
        some_bytes(from)?;
        (self.width, self.height) = (number(from)?, number(from)?);
        self.bases.get(self.base).filter(|base| base.1 > 0).map(|_| ())
    }

    /// Sets the time from which those of the next pictures count.
    fn syncpoint(&mut self, from: &mut &[u8]) -> Option<()> {
        let coded = number(from)?;
        let (ticks, of) = (coded / self.bases.len().max(1) as u64, coded % self.bases.len().max(1) as u64);
        let (from, to) = (self.bases.get(of as usize)?, self.bases.get(self.base)?);
        let ticks = u128::from(ticks) * u128::from(from.0) * u128::from(to.1);
        self.pts = i64::try_from(ticks / (u128::from(from.1) * u128::from(to.0)).max(1)).ok()?;
        Some(())
    }

    fn picture(&mut self, first: u8, frame: &mut OwnedFrame) -> Result<(), Loss> {
        if self.count >= self.frames_at_most {
            return Err(Loss::TooManyFrames(self.frames_at_most));
        }
        let (width, height) = (self.width, self.height);
        let pixels = width.saturating_mul(height);
        if pixels > self.pixels_at_most || width.max(height) > self.side_at_most {
            return Err(Loss::TooLarge { width, height });
        }
        let code = self.codes[usize::from(first)];
        let head = self.picture_head(code).ok_or(Loss::CutOff { index: self.count })?;
        let Some((_, beginning)) = head.filter(|(size, _)| pixels > 0 && *size == pixels) else {
            return Err(Loss::Garbled("a picture of another size than announced"));
        };
        frame.luma.width = width as usize;
        frame.luma.height = height as usize;
        frame.luma.pixels.resize(pixels as usize, 0);
        let beginning =
            self.beginnings.get(beginning as usize).filter(|_| pixels <= SHORT).map_or(&[][..], Vec::as_slice);
        let Some((known, rest)) = frame.luma.pixels.split_at_mut_checked(beginning.len()) else {
            return Err(Loss::Garbled("a picture shorter than its beginning"));
        };
        known.copy_from_slice(beginning);
        fill(&mut self.from, rest).ok_or(Loss::CutOff { index: self.count })?;
        frame.index = self.count;
        frame.at_ms = self.bases.get(self.base).map_or(0, |base| milliseconds(self.pts, *base));
        self.count += 1;
        Ok(())
    }

    /// What stands before a picture's pixels: its time is set, its size given and
    /// which beginning is left out. The outer `None` is a pipe that ended, the
    /// inner one a head not understood.
    fn picture_head(&mut self, code: Code) -> Option<Option<(u64, u64)>> {
        let from = &mut self.from;
        let mut flags = code.flags;
        if flags & CODED != 0 {
            flags ^= number(from)?;
        }
        if flags & !KNOWN != 0 {
            return Some(None);
        }
        if flags & STREAM_ID != 0 {
            number(from)?;
        }
        self.pts = if flags & CODED_PTS != 0 {
            coded_time(number(from)?, self.pts, self.pts_shift)
        } else {
            self.pts.saturating_add(code.pts_delta)
        };
        let msb = if flags & SIZE_MSB != 0 { number(from)? } else { 0 };
        if flags & MATCH_TIME != 0 {
            number(from)?;
        }
        let beginning = if flags & HEADER_IDX != 0 { number(from)? } else { code.beginning };
        let reserved = if flags & RESERVED != 0 { number(from)? } else { code.reserved };
        for _ in 0..reserved {
            number(from)?;
        }
        if flags & HAS_CHECKSUM != 0 {
            fill(from, &mut [0; CHECKSUM as usize])?;
        }
        let size = msb.checked_mul(code.size_mul).and_then(|size| size.checked_add(code.size_lsb));
        Some(size.map(|size| (size, beginning)))
    }
}

/// A time of which the last bits, or all, are written; `last` is the one before.
fn coded_time(coded: u64, last: i64, shift: u32) -> i64 {
    let mask = (1i64 << shift) - 1;
    let coded = i64::try_from(coded).unwrap_or(i64::MAX);
    if coded > mask {
        return coded - mask - 1;
    }
    let least = last.saturating_sub(mask / 2);
    (coded.wrapping_sub(least) & mask).saturating_add(least)
}

/// Ticks of a time base in milliseconds, to the nearest.
fn milliseconds(ticks: i64, base: (u64, u64)) -> u64 {
    let ticks = u128::try_from(ticks).unwrap_or(0) * u128::from(base.0) * 1000;
    let of = u128::from(base.1).max(1);
    u64::try_from((ticks + of / 2) / of).unwrap_or(u64::MAX)
}

/// The next number: seven bits a byte, the highest tells that more follow.
fn number(from: &mut impl Read) -> Option<u64> {
    let mut number = 0u64;
    loop {
        let mut byte = [0];
        fill(from, &mut byte)?;
        number = number.checked_mul(128)? | u64::from(byte[0] & 127);
        if byte[0] < 128 {
            return Some(number);
        }
    }
}

/// A number that may be below zero, of one that is written.
fn signed(number: u64) -> i64 {
    let half = i64::try_from(number.div_ceil(2)).unwrap_or(i64::MAX);
    if number % 2 == 1 { half } else { -half }
}

fn fill(from: &mut impl Read, bytes: &mut [u8]) -> Option<()> {
    from.read_exact(bytes).ok()
}

/// Bytes before which their count stands.
fn some_bytes<'b>(from: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = usize::try_from(number(from)?).ok()?;
    let (bytes, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(bytes)
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
pub(super) mod tests {
    use super::*;

    /// A header with its startcode, length and a checksum that is not looked at.
    fn header(startcode: u64, says: &[u8]) -> Vec<u8> {
        [&startcode.to_be_bytes()[..], &[says.len() as u8 + 4], says, &[0; 4]].concat()
    }

    /// As a decoder writes: so many pictures of 2 by 1 pixels, the last one cut.
    /// Code 1 is a picture of two bytes, a tick of a millisecond after the last.
    pub fn pipe(pictures: u8) -> Vec<u8> {
        let main = [
            &[3, 1, 1, 1, 1, 0x87, 0x68][..],
            &[0xC0, 0, 6, 0, 1, 0, 0, 0, 1],
            &[0, 6, 1, 1, 0, 2, 0, 1],
            &[0xC0, 0, 6, 0, 1, 0, 0, 0, 0x81, 0x7D],
            &[0],
        ]
        .concat();
        let stream = [0, 0, 4, b'Y', b'8', b'0', b'0', 0, 7, 0, 0, 0, 0, 2, 1, 0, 0, 0];
        let mut bytes = b"nut/multimedia container\0".to_vec();
        bytes.extend(header(0x4E4D_7A56_1F5F_04AD, &main));
        bytes.extend(header(0x4E53_1140_5BF2_F9DB, &stream));
        (0..pictures).for_each(|at| bytes.extend([1, at, at]));
        bytes.pop();
        bytes
    }

    proptest::proptest! {
        /// Whatever comes through the pipe ends, as pictures or as a loss.
        #[test]
        fn any_pipe_ends(at in 0usize..200, bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..40)) {
            let mut pipe = pipe(20);
            let end = (at + bytes.len()).min(pipe.len());
            pipe.splice(at.min(end)..end, bytes);
            let limits = Limits { pixels: 1 << 20, ..Limits::default() };
            let frames: Vec<OwnedFrame> = Frames::new(&pipe[..], &limits).map_while(Result::ok).collect();
            proptest::prop_assert!(frames.len() <= pipe.len());
        }
    }

    #[test]
    fn times_are_told_by_their_last_bits() {
        assert_eq!([coded_time(5, 0, 7), coded_time(2, 130, 7), coded_time(120, 130, 7)], [5, 130, 120]);
        assert_eq!((coded_time(128 + 9000, 130, 7), signed(3), signed(4)), (9000, 2, -2));
        assert_eq!(milliseconds(3, (1, 48)), 63);
    }
}
