//! Lists of values, which have no standard of their own, written in both.
//!
//! A list is read by its format once more, record by record, and each value is
//! written at once: what grows is only the set of ids that were written. A list
//! says less than a bundle, and nothing is made up for it: where it gives no
//! date there is no indicator, only the observable.

use std::collections::HashSet;
use std::io::{self, Read, SeekFrom, Write};

use model::contract::Input;
use model::{At, Cell, Digest, Format, Locator, Loss, Mark, Out, Reading, Step, Table, Text, tables};

use super::{About, PERSON, Tally, Writer};
use crate::ingest::{indicator_list, sniff};

mod misp;
mod stix;

/// Formats whose files are lists of values.
pub const LISTS: [&str; 3] = ["indicator-table", "indicator-lines", "shared-ranges"];

/// Kinds that are a person's as a rule.
const OF_PERSONS: [&str; 3] = ["email", "phone", "username"];

const TWICE: &str = "the same statement again";
const NO_FORM: &str = "of a kind that the standard has no form for";

/// A standard that lists are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A bundle of STIX 2.1.
    Stix,
    /// A MISP event.
    Misp,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 2] = [Self::Stix, Self::Misp];

    /// The word by which jobs and products name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stix => "list.stix",
            Self::Misp => "list.misp-event",
        }
    }

    /// Reads the word back.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }
}

/// One list.
#[derive(Clone, Copy, Debug)]
pub struct List<'l> {
    /// Name of the file, or of the member of an archive.
    pub name: &'l str,
    /// Digest of the file in which it lies.
    pub digest: &'l Digest,
    /// Steps from there to the list.
    pub chain: &'l str,
    /// What is known of it beside its text.
    pub about: &'l About,
}

/// Writes a list of `length` bytes in that form, as far as `mark` allows.
///
/// # Errors
/// Those of reading and writing, and a list that no format of lists reads.
pub fn relist(
    form: Form,
    list: &List<'_>,
    input: &mut dyn Input,
    length: u64,
    mark: Mark,
    to: &mut dyn Write,
) -> io::Result<Tally> {
    let format = format_of(list.name, input)?;
    let withholds_sources = mark != Mark::Red && names_reporters(input)?;
    let mut writing = Writing {
        form,
        list,
        withholds_sources,
        to: Writer::new(list.about, mark, to),
        seen: HashSet::new(),
        last: None,
        outcome: Ok(()),
    };
    writing.open()?;
    let mut source: &mut dyn Input = input;
    for split in format.plan(&mut source, length)? {
        source.seek(SeekFrom::Start(split.start))?;
        let reading = Reading { name: list.name, chain: "", split: &split };
        format.read(&reading, &mut Read::take(&mut source, split.end.saturating_sub(split.start)), &mut writing)?;
    }
    std::mem::replace(&mut writing.outcome, Ok(()))?;
    writing.close()?;
    Ok(writing.to.tally)
}

/// The format of lists that reads it.
fn format_of(name: &str, input: &mut dyn Input) -> io::Result<&'static dyn Format> {
    let found = sniff(&head(input)?, name).filter(|format| LISTS.contains(&format.entry().name));
    found.ok_or_else(|| io::Error::other("no list of values"))
}

fn names_reporters(input: &mut dyn Input) -> io::Result<bool> {
    Ok(indicator_list::names_reporters(&head(input)?))
}

fn head(input: &mut dyn Input) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    Read::take(&mut *input, crate::drive::HEAD_BYTES as u64).read_to_end(&mut head)?;
    input.seek(SeekFrom::Start(0))?;
    Ok(head)
}

/// What a list says of one value.
#[derive(Clone, Debug, Default)]
struct Said<'a> {
    kind: &'a str,
    value: &'a str,
    actor: Option<&'a str>,
    source: Option<&'a str>,
    valid_from: Option<i64>,
    valid_until: Option<i64>,
    stated: Option<i64>,
    confidence: Option<u64>,
    sharing: Option<Mark>,
    description: Option<&'a str>,
    /// Class of a range that many share.
    shared_by: Option<&'a str>,
    /// Its place, as a locator.
    at: String,
}

impl<'a> Said<'a> {
    /// A row of `indicators` or `shared_ranges`, in the order of its columns.
    fn of(table: &Table, cells: &[Cell<'a>]) -> Option<Self> {
        let text = |column: &str| match cell(table, cells, column) {
            Cell::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        };
        let time = |column: &str| match cell(table, cells, column) {
            Cell::Time(micros) => Some(micros),
            _ => None,
        };
        if table.name == tables::SHARED_RANGES.name {
            let value = text("prefix")?;
            let kind = if value.contains('/') { "cidr" } else { "ip" };
            return Some(Self {
                kind,
                value,
                shared_by: text("class"),
                description: text("provider"),
                ..Self::default()
            });
        }
        (table.name == tables::INDICATORS.name).then_some(())?;
        Some(Self {
            kind: text("kind")?,
            value: text("value")?,
            actor: text("actor"),
            source: text("source"),
            valid_from: time("valid_from"),
            valid_until: time("valid_until"),
            stated: time("stated"),
            confidence: match cell(table, cells, "confidence") {
                Cell::U64(percent) => Some(percent),
                _ => None,
            },
            sharing: text("sharing").and_then(Mark::from_word),
            description: text("description"),
            shared_by: None,
            at: String::new(),
        })
    }
}

fn cell<'a>(table: &Table, cells: &[Cell<'a>], column: &str) -> Cell<'a> {
    let at = table.columns.iter().position(|one| one.name == column);
    at.and_then(|at| cells.get(at).copied()).unwrap_or(Cell::Null)
}

/// A list on its way out.
struct Writing<'w> {
    form: Form,
    list: &'w List<'w>,
    /// Whether what it calls its sources may be persons, who do not go out.
    withholds_sources: bool,
    to: Writer<'w>,
    /// The first half of each id that was written.
    seen: HashSet<u64>,
    /// The last time that the list names.
    last: Option<i64>,
    outcome: io::Result<()>,
}

impl Writing<'_> {
    fn open(&mut self) -> io::Result<()> {
        match self.form {
            Form::Stix => stix::open(self),
            Form::Misp => self.to.raw("{\"Event\":{\"Attribute\":[\n"),
        }
    }

    fn close(&mut self) -> io::Result<()> {
        match self.form {
            Form::Stix => stix::close(self),
            Form::Misp => misp::close(self),
        }
    }

    /// Writes one value, or counts why not.
    fn put(&mut self, said: &Said<'_>) -> io::Result<()> {
        let personal = OF_PERSONS.contains(&said.kind) && !self.to.names_persons();
        if let Some(reason) = personal.then_some(PERSON).or(self.to.above(said.sharing)) {
            self.to.tally.lose(reason, 1);
            return Ok(());
        }
        self.last = self.last.max(said.stated).max(said.valid_until).max(said.valid_from);
        let lost = match self.form {
            Form::Stix => stix::put(self, said)?,
            Form::Misp => misp::put(self, said)?,
        };
        self.to.tally.count(lost, 1);
        Ok(())
    }

    /// An id of ours that stays the same when the list comes again.
    fn id(&self, kind: &str, name: &str) -> String {
        knowledge::export::id(file_name(self.list.name), kind, name)
    }

    /// Whether the id is new.
    fn is_new(&mut self, id: &str) -> bool {
        let uuid = id.rsplit_once("--").map_or(id, |(_, uuid)| uuid);
        let half: String = uuid.chars().filter(|c| *c != '-').take(16).collect();
        self.seen.insert(u64::from_str_radix(&half, 16).unwrap_or_default())
    }

    /// The mark that a statement goes out under: its own, else that of its list, else that of the product.
    fn mark_of(&self, said: &Said<'_>) -> Mark {
        said.sharing.or(self.to.unmarked).unwrap_or(self.to.mark)
    }

    /// Who says so; never a person, unless the product is for named recipients alone.
    fn source_of<'s>(&mut self, said: &Said<'s>) -> Option<&'s str> {
        let source = said.source.filter(|source| *source != file_name(self.list.name))?;
        if self.withholds_sources || source.contains('@') && !self.to.names_persons() {
            self.to.tally.trim("names of reporters, who may be persons", 1);
            return None;
        }
        Some(source)
    }

    /// The publisher of the list, else its name.
    fn publisher(&self) -> String {
        self.list.about.source.clone().unwrap_or_else(|| file_name(self.list.name).to_owned())
    }

    /// End of the window, unless it lies before its start.
    fn until(&mut self, said: &Said<'_>) -> Option<i64> {
        let until = said.valid_until?;
        if said.valid_from.or(said.stated).is_some_and(|from| until <= from) {
            self.to.tally.trim("ends of windows that lie before their start", 1);
            return None;
        }
        Some(until)
    }
}

impl Out for Writing<'_> {
    fn wants_rows(&self) -> bool {
        true
    }

    fn wants_texts(&self) -> bool {
        false
    }

    fn row(&mut self, table: &'static Table, at: At<'_>, cells: &[Cell<'_>]) {
        if self.outcome.is_err() {
            return;
        }
        if let Some(said) = Said::of(table, cells) {
            let at = Locator::from_columns(&self.list.digest.to_hex(), self.list.chain, at.start, at.length);
            let at = at.map(|at| at.to_string()).unwrap_or_default();
            self.outcome = self.put(&Said { at, ..said });
        }
    }

    fn text(&mut self, _: &Text<'_>) {}

    fn child(&mut self, _: &str, _: &Step, _: &str, _: &mut dyn Read) {}

    fn loss(&mut self, _: At<'_>, loss: Loss<'_>) {
        self.to.tally.lose(loss.reason, loss.count);
    }

    fn begin(&mut self, _: u64) -> bool {
        true
    }
}

fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// A time as both standards write it, to the millisecond.
fn instant(micros: i64) -> Option<String> {
    let stamp = jiff::Timestamp::from_microsecond(micros).ok()?;
    Some(stamp.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
}
