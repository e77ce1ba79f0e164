//! `handprint kb`: what other cases and feeds know.

use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Instant;

use casefile::Case;
use clap::{Args, Subcommand};
use evidence::ingest::indicator;
use knowledge::{Statement, Told};
use model::{ObservableKind as Kind, Stage, tables};
use serde_json::json;

use super::stage::{key_folder, today};
use super::terms::Terms;
use crate::error::Trouble;
use crate::kb::add::{Added, add, staging};
use crate::kb::lookup::{Asked, Lookup};
use crate::kb::{About, Base, closed, difference};

#[derive(Args)]
pub struct Kb {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Freeze feeds, or take in what a closed case knows.
    Add(Add),
    /// List what is in, with date, source, marks and counts.
    List(List),
    /// Ask what is known of values.
    Search(Search),
    /// Tell what a newer copy of a feed added and removed.
    Diff(Diff),
}

#[derive(Args)]
#[command(after_help = "\
Examples:
  handprint kb add ~/knowledge feeds/abuse.csv --source 'Harbour Watch' --licence CC0 --tlp green
  handprint kb add ~/knowledge cases/ferry
  handprint kb add ~/knowledge cases/ferry --include accounts --until 2032-06-30 --reason 'second wave expected'

A folder with a case.toml is a closed case: its infrastructure and the fingerprints
of its media go in, with its judgement. Names of persons and accounts go in by
decision only, as an entry of their own that is removed on its day. Beside a feed
that `handprint fetch` brought lies FEED.provenance.json, which tells source, date
and marks unless they are given here.")]
struct Add {
    /// The folder of the base; made if absent.
    base: PathBuf,
    /// Files or folders of feeds, each an entry of its own, or closed cases.
    #[arg(required = true)]
    what: Vec<PathBuf>,
    #[command(flatten)]
    terms: Terms,
    /// The day on which it was published, as 2031-05-04; today unless given.
    #[arg(long, value_parser = day)]
    date: Option<String>,
    /// What else of a closed case goes in.
    #[arg(long, value_parser = ["accounts"], requires = "until", requires = "reason")]
    include: Option<String>,
    /// Until which day it stays.
    #[arg(long, value_parser = day, requires = "include")]
    until: Option<String>,
    /// Why it goes in; custody keeps it.
    #[arg(long, requires = "include", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: Option<String>,
    /// Threads, and worker children.
    #[arg(long)]
    threads: Option<std::num::NonZeroUsize>,
}

#[derive(Args)]
#[command(after_help = "Example:\n  handprint kb list ~/knowledge")]
struct List {
    /// The folder of the base.
    base: PathBuf,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "\
Examples:
  handprint kb search ~/knowledge 192.0.2.7 relay.example
  handprint sql case 'SELECT kind, value FROM \"values\"' --format csv | tr , '\\t' | handprint kb search ~/knowledge -

A line of standard input is a value, or the word of its kind, a tab and the value,
which is faster. Values that nothing is known of are counted, not listed.")]
struct Search {
    /// The folder of the base.
    base: PathBuf,
    /// Values; `-` reads one a line from standard input.
    #[arg(required = true)]
    values: Vec<String>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  handprint kb diff ~/knowledge 4f0c 91ab | sort

Entries are named by the beginning of their id, or by a name or source that one
entry alone has. Lines come in no order that means anything.")]
struct Diff {
    /// The folder of the base.
    base: PathBuf,
    /// The older entry.
    older: String,
    /// The newer entry.
    newer: String,
}

fn day(text: &str) -> Result<String, String> {
    text.parse::<jiff::civil::Date>().map(|day| day.to_string()).map_err(|_| "a day such as 2031-05-04".to_owned())
}

impl Kb {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        match &self.what {
            What::Add(add) => add.run(out),
            What::List(list) => list.run(out),
            What::Search(search) => search.run(out),
            What::Diff(diff) => diff.run(out),
        }
    }
}

impl Add {
    fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, |count| count.get());
        for path in &self.what {
            let (feed, about) = self.about(path, threads)?;
            match add(&self.base, &feed, about, threads, &key_folder()?)? {
                Added::New(about) => writeln!(out, "{}", line(&about))?,
                Added::Known(id) => writeln!(out, "{id}  {} is in already", path.display())?,
            }
            if feed != *path {
                std::fs::remove_dir_all(staging(&self.base))?;
            }
        }
        Ok(())
    }

    /// What is to be read, and what is said of it.
    fn about(&self, path: &std::path::Path, threads: usize) -> Result<(PathBuf, About), Trouble> {
        let is_case = path.join("case.toml").is_file();
        if self.include.is_some() && !is_case {
            return Err(Trouble::Usage(format!(
                "{} is no closed case, so it has no accounts to include",
                path.display()
            )));
        }
        if is_case { self.of_case(path, threads) } else { self.of_feed(path) }
    }

    fn of_feed(&self, path: &std::path::Path) -> Result<(PathBuf, About), Trouble> {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let fetched = crate::fetch::provenance::beside(path)?;
        let given = |flag: &Option<String>, brought: Option<String>| flag.clone().or(brought);
        let about = About {
            source: given(&self.terms.source, fetched.source).unwrap_or_else(|| name.clone()),
            date: given(&self.date, fetched.date).unwrap_or_else(today),
            licence: given(&self.terms.licence, fetched.licence),
            tlp: given(&self.terms.tlp, fetched.tlp),
            pap: given(&self.terms.pap, fetched.pap),
            name,
            ..About::default()
        };
        Ok((path.to_owned(), about))
    }

    fn of_case(&self, path: &std::path::Path, threads: usize) -> Result<(PathBuf, About), Trouble> {
        let case = Case::open(path)?;
        let limits = casefile::Limits { memory_bytes: None, threads, private: true };
        let _lock = Base::lock(&self.base)?;
        let feed = closed::knowledge_of(&case, &limits, &self.base, self.include.is_some())?;
        let name = case.settings().name.clone();
        let about = About {
            source: format!("closed case {name}"),
            date: self.date.clone().unwrap_or_else(today),
            licence: self.terms.licence.clone(),
            tlp: Some(self.terms.tlp.clone().unwrap_or_else(|| case.settings().mark.word().to_owned())),
            pap: self.terms.pap.clone(),
            case: Some(name.clone()),
            expires: self.until.clone(),
            reason: self.reason.clone(),
            name,
            ..About::default()
        };
        Ok((feed, about))
    }
}

impl List {
    fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let base = Base::open(&self.base, &today())?;
        for held in &base.entries {
            let about = &held.about;
            writeln!(out, "{}", if self.json { json!(about).to_string() } else { line(about) })?;
        }
        let expired = base.expired.len();
        if expired > 0 && !self.json {
            writeln!(out, "{expired} past their day are not told any more; the next `kb add` removes them")?;
        }
        Ok(())
    }
}

fn line(about: &About) -> String {
    let mark =
        |name: &str, word: &Option<String>| word.as_ref().map(|word| format!("  {name}:{word}")).unwrap_or_default();
    let kind = if about.case.is_some() { "case" } else { "feed" };
    let date = about.date.get(..10).unwrap_or(&about.date);
    let mut line = format!(
        "{}  {date}  {kind}  {}  {} statements, {} values",
        about.id, about.source, about.statements, about.values
    );
    line.push_str(&mark("TLP", &about.tlp));
    line.push_str(&mark("PAP", &about.pap));
    line.push_str(&mark("licence", &about.licence));
    line.push_str(&mark("until", &about.expires));
    if about.losses > 0 {
        line.push_str(&format!("  {} losses", about.losses));
    }
    line
}

impl Search {
    fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let base = Base::open(&self.base, &today())?;
        let lookup = Lookup::new(&base, &BTreeSet::new())?;
        let mut asked = Vec::new();
        let mut given = 0u64;
        for value in self.values.iter().filter(|value| *value != "-") {
            given += 1;
            asked.extend(meant(value));
        }
        if self.values.iter().any(|value| value == "-") {
            for line in std::io::stdin().lock().lines() {
                given += 1;
                asked.extend(meant(&line?));
            }
        }
        let began = Instant::now();
        let mut out = std::io::BufWriter::new(out);
        let found =
            lookup.ask(&asked, &|told| self.tell(&told, &lookup), &mut |text| Ok(out.write_all(text.as_bytes())?))?;
        out.flush()?;
        closing(given, found, began);
        Ok(())
    }

    fn tell(&self, told: &Told, lookup: &Lookup) -> String {
        if self.json {
            return told.lines(&lookup.entries).into_iter().map(|line| line + "\n").collect();
        }
        let Some((first, _)) = told.roots.first() else { return String::new() };
        if told.is_shared() {
            return format!("{} {}: {}\n", first.kind, first.value, told.shared_by());
        }
        told.roots.iter().map(|(root, repeated)| sentence(root, repeated.len(), lookup)).collect()
    }
}

/// One root as a line.
fn sentence(root: &Statement, repeated: usize, lookup: &Lookup) -> String {
    let source = root.source.as_deref().or(lookup.entries.get(root.entry).map(|entry| &*entry.source));
    let whom = root.actor.as_deref().or(root.description.as_deref().filter(|_| root.what == "shared_ranges"));
    let day = |time: &Option<String>| time.as_deref().and_then(|time| time.get(..10)).unwrap_or("?").to_owned();
    let told = root.description.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    let again = if repeated == 0 { String::new() } else { format!("; repeated {repeated} times") };
    format!(
        "{} {}: {}, says {} ({} to {}; {}){told}{again}\n",
        root.kind,
        root.value,
        whom.unwrap_or("nobody named"),
        source.unwrap_or("?"),
        day(&root.valid_from),
        day(&root.valid_until),
        root.at(),
    )
}

#[expect(clippy::print_stderr, reason = "the closing line, apart from the answers")]
fn closing(given: u64, found: u64, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    eprintln!(
        "{given} values asked, {found} found, {seconds:.3} s; memory {} MiB",
        crate::memory::peak_of(None).unwrap_or(0) >> 20
    );
}

/// What a word asks for: with its kind, by its looks, else every kind of name.
fn meant(text: &str) -> Vec<Asked> {
    let asked = |kind: Kind, value: &str| Asked { kind: kind.word().to_owned(), value: value.to_owned() };
    if let Some((kind, value)) = text.split_once('\t').and_then(|(kind, value)| Some((Kind::from_word(kind)?, value))) {
        return vec![asked(kind, value.trim_end())];
    }
    match indicator::recognise(text) {
        Some((kind, value)) => vec![asked(kind, &value)],
        None => [Kind::Username, Kind::Hostname, Kind::Filename].map(|kind| asked(kind, text.trim())).to_vec(),
    }
}

impl Diff {
    fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let base = Base::open(&self.base, &today())?;
        let open = |word: &str| -> Result<_, Trouble> {
            let held = base.named(word)?;
            Ok((held.about.id.clone(), held.case.keyed(&tables::KNOWN_VALUES, Stage::Enrich)?))
        };
        let ((older_id, older), (newer_id, newer)) = (open(&self.older)?, open(&self.newer)?);
        let mut out = std::io::BufWriter::new(out);
        let removed = difference(&older, &newer, &mut |kind, value| Ok(writeln!(out, "- {kind} {value}")?))?;
        let added = difference(&newer, &older, &mut |kind, value| Ok(writeln!(out, "+ {kind} {value}")?))?;
        writeln!(out, "# {added} values only in {newer_id}, {removed} only in {older_id}")?;
        Ok(out.flush()?)
    }
}
