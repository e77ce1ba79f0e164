//! What was read clear off a screen: rows of text in fixed-pitch areas, and
//! single lines of proportional text.

use crate::redaction::STEADY_MS;
use crate::{Luma, Rect};

/// The character grid of a fixed-pitch area, a terminal window as a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// The area that follows the grid.
    pub area: Rect,
    /// Left edge of column 0, in pixels.
    pub origin_x: f32,
    /// Upper edge of row 0, in pixels.
    pub origin_y: f32,
    /// Width of a cell, in pixels; not always whole.
    pub cell_width: f32,
    /// Height of a cell, in pixels; not always whole.
    pub cell_height: f32,
    /// Brightness of the empty ground.
    pub ground: u8,
}

/// One character of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Char {
    /// As read.
    pub value: char,
    /// Share of certainty, 0 to 1, voted over frames.
    pub confidence: f32,
    /// Look-alikes that were not ruled out (`l 1 I`, `O 0`), best first.
    pub others: Vec<char>,
    /// Column in the grid; 0-based position in the text where there is no grid.
    pub column: u32,
    /// First time seen clear, in milliseconds.
    pub first_ms: u64,
    /// Last time seen clear, in milliseconds.
    pub last_ms: u64,
}

/// Who read a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// The recognition network.
    Network,
    /// Glyphs learned from the same video.
    Glyphs,
}

/// A set of the first columns of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Columns([u64; 4]);

impl Columns {
    /// Whether a column is in the set.
    pub fn holds(&self, column: u32) -> bool {
        self.0.get(column as usize / 64).is_some_and(|part| part >> (column % 64) & 1 == 1)
    }
}

impl FromIterator<usize> for Columns {
    fn from_iter<T: IntoIterator<Item = usize>>(columns: T) -> Self {
        let mut set = Self::default();
        for column in columns {
            if let Some(part) = set.0.get_mut(column / 64) {
                *part |= 1 << (column % 64);
            }
        }
        set
    }
}

/// A time during which a row stood at one line of its area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    /// Since when, in milliseconds.
    pub first_ms: u64,
    /// Until when, in milliseconds.
    pub last_ms: u64,
    /// Upper edge of the line, in pixels.
    pub y: u32,
    /// Columns that were clear when the row was last looked at there.
    pub clear: Columns,
}

/// A row of text, followed from its first frame to its last: one row however
/// often it was seen, scrolled or covered in part.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Blanks inside kept, none at the ends.
    pub text: String,
    /// The characters of `text` but blanks, from left to right.
    pub chars: Vec<Char>,
    /// Where it stood when `pixels` was taken.
    pub place: Rect,
    /// When that was, in milliseconds.
    pub taken_ms: u64,
    /// First time seen, states of its typing included, in milliseconds.
    pub first_ms: u64,
    /// Last time seen, in milliseconds.
    pub last_ms: u64,
    /// Frames in which it was seen clear.
    pub frames: u64,
    /// Where it stood when, oldest first; of a row that scrolled often, the
    /// first places.
    pub stays: Vec<Stay>,
    /// Index into [`Reading::grids`], for fixed-pitch text.
    pub grid: Option<usize>,
    /// A state of a line that was still being typed.
    pub partial: bool,
    /// Who read it.
    pub reader: Reader,
    /// The picture of `place` as it was read, for crops, and for glyphs.
    pub pixels: Luma,
}

impl Row {
    /// Whether its picture is of a time during which it stood still for long enough that
    /// coding had settled: of what runs past in a flood of output, pictures are poor.
    pub(crate) fn is_settled(&self) -> bool {
        let then = |stay: &&Stay| (stay.first_ms..=stay.last_ms).contains(&self.taken_ms);
        self.stays.iter().find(then).is_some_and(|stay| stay.last_ms - stay.first_ms >= STEADY_MS)
    }
}

/// All that was read clear off one video or image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Fixed-pitch areas, in order of first sight.
    pub grids: Vec<Grid>,
    /// Rows by first time, then place.
    pub rows: Vec<Row>,
}
