//! Imported intel, written out again for others.
//!
//! The frozen original is read once more and written in its own standard: a
//! STIX bundle, a MISP event, a galaxy, a warninglist. What stays out is
//! counted with its reason, so that what went in is what came out and the
//! losses together. Three things stay out: what is marked above the mark that
//! the product carries, values of persons (unless the product is for named
//! recipients alone), and what the reference libraries could not read. What
//! carries no mark goes no wider than [`UNMARKED`], or than the mark under which
//! the document was fetched. Lists have no standard of their own and go out in
//! both ([`relist`]).

use std::collections::BTreeMap;
use std::io::{self, Write};

use model::Mark;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ingest::stix::graph::tlp_word;
use crate::ingest::whole::Whole;

pub use listed::{Form, List, relist};

pub mod listed;
mod lists;
mod misp;
mod persons;
mod stix;
mod upgrade;

/// How widely a statement goes that nobody has marked: TLP leaves that open,
/// and a feed may have been given to one reader alone.
pub const UNMARKED: Mark = Mark::Amber;

/// Why something stays in.
const MARKED: &str = "marked above the sharing mark of the product";
const UNMARKED_WIDER: &str = "carries no sharing mark, and so goes no wider than TLP:AMBER";
const PERSON: &str = "a person's value";

/// What became of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Things that the document holds: objects, attributes, clusters, entries.
    pub read: u64,
    /// Those that were written.
    pub kept: u64,
    /// Those that were not, by reason.
    pub lost: BTreeMap<String, u64>,
    /// Properties that were taken off things that were written, by reason.
    pub trimmed: BTreeMap<String, u64>,
    /// Changes of form among those that were written, by kind.
    pub changed: BTreeMap<String, u64>,
}

impl Tally {
    fn keep(&mut self, count: u64) {
        self.read += count;
        self.kept += count;
    }

    fn lose(&mut self, reason: &str, count: u64) {
        if count > 0 {
            self.read += count;
            *self.lost.entry(reason.to_owned()).or_default() += count;
        }
    }

    /// Counts as lost for that reason, or as kept without one.
    fn count(&mut self, reason: Option<&str>, count: u64) {
        match reason {
            Some(reason) => self.lose(reason, count),
            None => self.keep(count),
        }
    }

    fn trim(&mut self, reason: &str, count: u64) {
        if count > 0 {
            *self.trimmed.entry(reason.to_owned()).or_default() += count;
        }
    }

    fn change(&mut self, kind: &str) {
        *self.changed.entry(kind.to_owned()).or_default() += 1;
    }
}

/// The standards that can be written, by the name of the format that reads them.
pub const STANDARDS: [&str; 4] = ["stix", "misp-event", "misp-galaxy", "warninglist"];

/// What is known of a document beside its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Sharing mark of what bears none of its own, as TLP word.
    pub tlp: Option<String>,
    /// Permissible actions (PAP): they bind what readers do, not who reads.
    pub pap: Option<String>,
    /// Who publishes it.
    pub source: Option<String>,
    /// Day of the case, RFC 3339: when objects were made that are not the document's own.
    pub as_of: String,
}

/// Writes the document `whole`, which the format called `standard` reads, as far
/// as `mark` allows. `seed` is the digest of the file: ids that a document must
/// have and the original has not come from it.
///
/// # Errors
/// Those of writing, and a standard that is none.
pub fn reissue(
    standard: &str,
    whole: &Whole,
    about: &About,
    mark: Mark,
    seed: &[u8; 32],
    to: &mut dyn Write,
) -> io::Result<Tally> {
    let mut writer = Writer::new(about, mark, to);
    match standard {
        "stix" => stix::write(&whole.text, seed, &mut writer)?,
        "misp-event" => misp::write(&whole.text, &mut writer)?,
        "misp-galaxy" => lists::write(&whole.text, &lists::GALAXY, &mut writer)?,
        "warninglist" => lists::write(&whole.text, &lists::WARNINGLIST, &mut writer)?,
        _ => return Err(io::Error::other(format!("{standard} is no standard that is written again"))),
    }
    Ok(writer.tally)
}

/// Where the document goes, and what became of it so far.
struct Writer<'w> {
    to: &'w mut dyn Write,
    mark: Mark,
    /// Mark of what bears none.
    unmarked: Option<Mark>,
    tally: Tally,
    /// Members of the list at hand that are written.
    written: u64,
}

impl<'w> Writer<'w> {
    fn new(about: &About, mark: Mark, to: &'w mut dyn Write) -> Self {
        let unmarked = about.tlp.as_deref().and_then(tlp_word);
        Self { to, mark, unmarked, tally: Tally::default(), written: 0 }
    }

    /// Whether the product may carry values of persons.
    fn names_persons(&self) -> bool {
        self.mark == Mark::Red
    }

    /// Why a statement under this mark stays out, if it does.
    fn above(&self, mark: Option<Mark>) -> Option<&'static str> {
        match mark.or(self.unmarked) {
            Some(mark) if mark > self.mark => Some(MARKED),
            None if UNMARKED > self.mark => Some(UNMARKED_WIDER),
            _ => None,
        }
    }

    fn raw(&mut self, text: &str) -> io::Result<()> {
        self.to.write_all(text.as_bytes())
    }

    /// Writes the next member of the list at hand, on a line of its own.
    fn member(&mut self, opens: &str, value: &Value) -> io::Result<()> {
        let before = if self.written == 0 { opens } else { ",\n" };
        self.written += 1;
        self.to.write_all(before.as_bytes())?;
        serde_json::to_writer(&mut *self.to, value).map_err(io::Error::other)
    }
}
