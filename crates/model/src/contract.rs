//! What formats and detectors are given, and what they give back.
//!
//! A [`Format`] is chosen by content, plans splits of fixed size, then reads
//! one split in one pass, handing rows, texts, child sources and losses to an
//! [`Out`]. A [`Detector`] sees one text at a time. Neither may panic, open a
//! socket, read a clock, or keep what it was lent.

use std::io::{self, Read, Seek, SeekFrom};

use crate::{Cell, PlantCost, SlipKind, Step, Table};

/// A list entry that documents itself: it feeds `--help` and the guide.
#[derive(Debug)]
pub struct Entry {
    /// Short name, lower case, as tables write it.
    pub name: &'static str,
    /// One line for lists.
    pub summary: &'static str,
    /// Headed text. For detectors: what it sees, why it tells, example, how it
    /// misleads, references.
    pub doc: &'static str,
}

/// A part of an evidence file that is read in one go, with the state it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// First byte of the file that belongs to the split.
    pub start: u64,
    /// First byte after it.
    pub end: u64,
    /// Items (messages, lines) before the split, so that ordinals go on.
    pub items_before: u64,
    /// What the format has to know from earlier in the file, such as the
    /// `#Fields` line in force; empty where nothing is needed.
    pub state: String,
}

impl Split {
    /// Target size of a split in bytes. It never depends on threads, memory or
    /// machines, so that the same evidence always falls into the same splits.
    pub const BYTES: u64 = 64 << 20;
    /// Items after which a split ends even if it is small.
    pub const ITEMS: u64 = 4_096;

    /// The split that covers a whole file.
    pub fn whole(length: u64) -> Self {
        Self { end: length, ..Self::default() }
    }
}

/// What a format is told about the bytes it reads.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// File as laid out, e.g. `evidence/mail/gateway.mbox`; a label only.
    pub name: &'a str,
    /// Steps from the file to these bytes; every row's chain starts with it.
    pub chain: &'a str,
    /// The range to read. `split.start` is where the reader stands.
    pub split: &'a Split,
}

/// A place, relative to the evidence file being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At<'a> {
    /// Steps from the file to the bytes counted by `start`.
    pub chain: &'a str,
    /// First byte.
    pub start: u64,
    /// Bytes; 0 stands for the whole of what `chain` gives.
    pub length: u64,
}

impl<'a> At<'a> {
    /// The whole of what `chain` gives.
    pub fn whole(chain: &'a str) -> Self {
        Self { chain, start: 0, length: 0 }
    }
}

/// Something that was skipped, cut, dropped or not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss<'a> {
    /// A short fixed phrase by which losses are counted.
    pub reason: &'a str,
    /// Items lost by it.
    pub count: u64,
    /// What is worth knowing about this one; never person data.
    pub detail: &'a str,
}

/// What part a text plays in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role<'a> {
    /// The raw value of a mail header, by name, folded lines included.
    Header(&'a str),
    /// The decoded text of a mail body or of a part of it.
    Body,
    /// The subject or body of a mail that a recipient sent in, or a note of an
    /// investigator: a declaration about the case, not the operators' words.
    Note,
    /// Whole lines of a log; values are counted per split, not per line.
    Log,
    /// A cell of a delimited or JSON record, by column or key.
    Cell(&'a str),
    /// Any other text file or document.
    Document,
    /// The name of an evidence file, archive member or attachment.
    Name,
    /// A field of document metadata, by name.
    Metadata(&'a str),
    /// A row of text on a screen, by where it stands there. What a prompt, a
    /// command or a title says is the operator's own; output may list anything.
    Screen(Surface),
    /// The same, of which the bytes from `start` to `end` were worked out from
    /// below a weak cover and not seen; only what lies in them is a find.
    Uncovered {
        /// Where the row stands.
        surface: Surface,
        /// First byte that was not seen.
        start: usize,
        /// One past the last.
        end: usize,
    },
}

impl Role<'_> {
    /// Where on a screen the text stands, if it does on one.
    pub fn surface(self) -> Option<Surface> {
        match self {
            Self::Screen(surface) | Self::Uncovered { surface, .. } => Some(surface),
            _ => None,
        }
    }
}

/// Where a row of text stands on a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Surface {
    /// A shell prompt with the command typed at it.
    Prompt,
    /// The title of a window or tab.
    Title,
    /// What a program printed, and all else.
    Output,
}

impl Surface {
    /// The word as tables write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Title => "title",
            Self::Output => "output",
        }
    }

    /// Reads the word back; anything else is output.
    pub fn from_word(word: &str) -> Self {
        match word {
            "prompt" => Self::Prompt,
            "title" => Self::Title,
            _ => Self::Output,
        }
    }
}

/// One text, as detectors and the observable scanner see it.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// What it is.
    pub role: Role<'a>,
    /// Steps from the evidence file to the bytes that `start` counts.
    pub chain: &'a str,
    /// Offset of the text's first byte within what `chain` gives.
    pub start: u64,
    /// The text. Bytes that are no UTF-8 have been replaced by the giver only
    /// where that keeps offsets; otherwise they are as found.
    pub bytes: &'a [u8],
    /// Whether the text may name victims: mail addresses and telephone numbers
    /// found in it go to `private/`.
    pub personal: bool,
}

/// Where a format puts what it read.
pub trait Out {
    /// Whether rows are wanted in this pass (ingest).
    fn wants_rows(&self) -> bool;

    /// Whether texts are wanted in this pass (extract).
    fn wants_texts(&self) -> bool;

    /// One row of `table`; ignored in a pass that wants none.
    fn row(&mut self, table: &'static Table, at: At<'_>, cells: &[Cell<'_>]);

    /// One text for the detectors; ignored in a pass that wants none.
    fn text(&mut self, text: &Text<'_>);

    /// A source within the source: an attachment, an archive member, an
    /// inflated stream. It is sniffed and read like any other, depth-limited;
    /// `step` leads to it from `chain`, `name` is a label.
    fn child(&mut self, chain: &str, step: &Step, name: &str, bytes: &mut dyn Read);

    /// Something that could not be taken in.
    fn loss(&mut self, at: At<'_>, loss: Loss<'_>);

    /// Says that the item at `offset` of the source is begun. Returns false if
    /// it must be left out because a worker died on it before; the loss is
    /// noted by whoever answers.
    fn begin(&mut self, offset: u64) -> bool;
}

/// Bytes that can be read from any place; what `plan` is given.
pub trait Input: Read + Seek {}

impl<T: Read + Seek> Input for T {}

/// A kind of evidence file: bytes to rows.
pub trait Format: Sync {
    /// Name, summary and documentation.
    fn entry(&self) -> &'static Entry;

    /// Whether the first bytes (up to 64 KiB) are of this kind. The first
    /// format in the list that says yes reads the source. `name` may break a
    /// tie that content leaves open, and nothing more.
    fn sniff(&self, head: &[u8], name: &str) -> bool;

    /// Cuts a file of `length` bytes into splits. Only formats whose items can
    /// be found from the middle of a file do more than the default.
    fn plan(&self, _input: &mut dyn Input, length: u64) -> io::Result<Vec<Split>> {
        Ok(vec![Split::whole(length)])
    }

    /// Reads one split to its end. Errors are those of reading alone; what the
    /// content does wrong is a loss.
    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()>;

    /// Reads one split of an evidence file, as against a source within one.
    /// Only formats with an index somewhere in the file do more than the
    /// default: they need not hold the file in memory.
    fn read_file(&self, reading: &Reading<'_>, file: &mut dyn Input, out: &mut dyn Out) -> io::Result<()> {
        let Split { start, end, .. } = *reading.split;
        file.seek(SeekFrom::Start(start))?;
        self.read(reading, &mut file.take(end.saturating_sub(start)), out)
    }
}

/// A slip that a detector found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its kind.
    pub kind: SlipKind,
    /// As it stands in the text.
    pub raw: String,
    /// After the cleaning rule of its kind.
    pub value: String,
    /// Offset of `raw` in the text given, in bytes.
    pub start: usize,
    /// Length of `raw` in the text given, in bytes.
    pub length: usize,
    /// Why it tells, in one sentence for the report.
    pub why: String,
    /// How cheaply it could be planted.
    pub plant_cost: PlantCost,
}

/// Finds slips in one text at a time.
pub trait Detector: Sync {
    /// Name, summary and documentation.
    fn entry(&self) -> &'static Entry;

    /// Appends what it finds in `text`.
    fn look(&self, text: &Text<'_>, found: &mut Vec<Found>);
}
