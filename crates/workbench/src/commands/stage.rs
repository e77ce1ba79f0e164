//! The verbs of the single stages, and what all of them share.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use casefile::{Case, Limits, Settings};
use clap::Args;
use model::{Mark, Stage};
use serde_json::json;

use super::investigate::HandedIn;
use crate::error::Trouble;
use crate::kb::Base;
use crate::pipeline::Pipeline;
use crate::screens::{Watching, model_folder};
use crate::summary::{Count, Summary};

/// What a run may use of the machine, and how it reports.
#[derive(Args)]
pub struct Machine {
    /// Memory for the SQL engine, 2G or more; beyond it, it spills to disk.
    #[arg(long, default_value = "4G", value_parser = bytes)]
    memory: usize,
    /// Threads, and worker children; all cores if left out.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// Folder of the networks that read text on screens; `./x` puts them into
    /// handprint/models of the user's data folder. Characters below weak covers
    /// are drawn from the fonts (.ttf, .otf) in its folder fonts.
    #[arg(long)]
    models: Option<PathBuf>,
    /// Read text below weak covers on screens, for this reason, which custody
    /// keeps; only for material of the operators.
    #[arg(long, value_name = "REASON", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    uncover: Option<String>,
    /// Answer in JSON: the closing summary of a run, the rows of a question.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
#[command(after_help = "Example:\n  handprint ingest evidence --intel intel --case case")]
pub struct Ingest {
    #[command(flatten)]
    handed_in: HandedIn,
    /// The case folder; made if absent.
    #[arg(long)]
    case: PathBuf,
    #[command(flatten)]
    machine: Machine,
}

#[derive(Args)]
pub struct Later {
    /// The case folder.
    case: PathBuf,
    #[command(flatten)]
    machine: Machine,
}

/// What is known from other cases.
#[derive(Args)]
pub struct Known {
    /// A knowledge base to hold the values of the case against; `handprint kb` makes one.
    #[arg(long, value_name = "KB")]
    knowledge: Option<PathBuf>,
}

impl Known {
    /// The base as it is today, if one was named.
    pub fn base(&self) -> Result<Option<Base>, Trouble> {
        self.knowledge.as_deref().map(|root| Base::open(root, &today())).transpose()
    }
}

/// The day in UTC, by which knowledge expires.
pub fn today() -> String {
    jiff::Timestamp::now().to_string().chars().take(10).collect()
}

#[derive(Args)]
pub struct Enrich {
    #[command(flatten)]
    known: Known,
    #[command(flatten)]
    later: Later,
}

impl Enrich {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let case = reopen_case(&self.later.case)?;
        let mut pipeline = self.later.machine.pipeline(&case, Mark::Amber.word())?;
        pipeline.knowledge = self.known.base()?;
        pipeline.enrich()?;
        self.later.machine.close(pipeline, out)
    }
}

#[derive(Args)]
#[command(
    after_help = "Example:\n  handprint publish case --tlp green\n  handprint publish case --tlp amber --imported"
)]
pub struct Publish {
    /// The case folder.
    case: PathBuf,
    /// Sharing mark of the products that may be shared (TLP 2.0).
    #[arg(long, default_value = "amber", value_parser = ["clear", "green", "amber", "amber+strict", "red"])]
    tlp: String,
    /// Also write the imported intel again, as far as its own marks allow:
    /// STIX bundles, MISP events, galaxies and warninglists, and
    /// imported.json, which counts what stayed out.
    #[arg(long)]
    imported: bool,
    #[command(flatten)]
    machine: Machine,
}

impl Ingest {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let case = open_case(&self.case)?;
        let mut pipeline = self.machine.pipeline(&case, Mark::Amber.word())?;
        pipeline.ingest(&self.handed_in.intake())?;
        self.machine.close(pipeline, out)
    }
}

impl Later {
    pub fn run(&self, stage: Stage, out: &mut dyn Write) -> Result<(), Trouble> {
        let case = reopen_case(&self.case)?;
        let mut pipeline = self.machine.pipeline(&case, Mark::Amber.word())?;
        match stage {
            Stage::Extract => pipeline.extract(),
            Stage::Correlate => pipeline.correlate(),
            _ => pipeline.assess(),
        }?;
        self.machine.close(pipeline, out)
    }
}

impl Publish {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let case = reopen_case(&self.case)?;
        let mut pipeline = self.machine.pipeline(&case, &self.tlp)?;
        pipeline.imported = self.imported;
        pipeline.publish()?;
        self.machine.close(pipeline, out)
    }
}

impl Machine {
    /// The limits that the flags set.
    pub fn limits(&self, private: bool) -> Limits {
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        Limits { memory_bytes: Some(self.memory), threads, private }
    }

    pub fn pipeline<'a>(&self, case: &'a Case, mark: &str) -> Result<Pipeline<'a>, Trouble> {
        let mark = Mark::from_word(mark).ok_or_else(|| Trouble::Usage(format!("{mark} is no TLP mark")))?;
        // The pipeline reads private tables to keep victims' values out of
        // products; nothing of them is printed.
        let limits = self.limits(true);
        let watching = Watching { models: model_folder(self.models.as_deref()), uncover: self.uncover.clone() };
        let settings = json!({
            "threads": limits.threads, "memory_bytes": self.memory, "tlp": mark.word(), "uncover": watching.uncover,
        });
        case.custody().append("run begun", settings)?;
        let summary = Summary::new(case.root().to_owned());
        Ok(Pipeline { case, limits, mark, imported: false, summary, watching, knowledge: None })
    }

    /// Writes the end of the run into custody and prints the summary.
    pub fn close(&self, pipeline: Pipeline<'_>, out: &mut dyn Write) -> Result<(), Trouble> {
        let Pipeline { case, mut summary, .. } = pipeline;
        case.custody().append("run ended", json!({"stages": summary.stages}))?;
        (summary.custody_head, summary.custody_entries) = case.custody().head()?;
        summary.counts = counts(case, &self.limits(true))?;
        let report = case.root().join("products/report.html");
        summary.report = report.exists().then_some(report);
        Ok(summary.print(self.json, out)?)
    }
}

/// Counts of the rows that a reader asks for first.
fn counts(case: &Case, limits: &Limits) -> Result<Vec<Count>, Trouble> {
    let session = case.session(limits.clone())?;
    COUNTED
        .iter()
        .map(|(what, query)| {
            let rows = session.rows(query)?;
            let count = rows.first().and_then(|row| row.get("n")).and_then(serde_json::Value::as_u64).unwrap_or(0);
            Ok(Count { what: (*what).to_owned(), count })
        })
        .collect()
}

const COUNTED: &[(&str, &str)] = &[
    ("sources", "SELECT count(*) AS n FROM sources"),
    ("messages", "SELECT count(*) AS n FROM messages"),
    ("web requests", "SELECT count(*) AS n FROM web_requests"),
    ("indicators", "SELECT count(*) AS n FROM indicators"),
    ("observables", "SELECT count(*) AS n FROM observables WHERE status = 'accepted'"),
    ("slips", "SELECT count(*) AS n FROM slips"),
    ("links that count", "SELECT count(*) AS n FROM links WHERE counts"),
    ("losses", "SELECT sum(count) AS n FROM losses"),
];

/// Opens a case for a run that takes files in, or makes it.
pub fn open_case(root: &Path) -> Result<Case, Trouble> {
    let name = root.file_name().map_or_else(|| "case".to_owned(), |name| name.to_string_lossy().into_owned());
    Ok(Case::open_or_create(root, &Settings::new(&name), &key_folder()?)?)
}

/// Opens a case that must be there already, for writing.
fn reopen_case(root: &Path) -> Result<Case, Trouble> {
    Case::open(root)?;
    open_case(root)
}

/// Where the signing key lies: the user's configuration folder.
pub fn key_folder() -> Result<PathBuf, Trouble> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CONFIG_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".config")))
        .map(|config| config.join("handprint"))
        .ok_or_else(|| {
            Trouble::Failed("neither HOME nor XDG_CONFIG_HOME is set, so the signing key has no place".to_owned())
        })
}

/// Below this the share of a single operator is too small to hold one batch.
const LEAST_BYTES: usize = 2 << 30;

/// A size such as `1500M`: a number and K, M, G or T for powers of 1024.
fn bytes(text: &str) -> Result<usize, String> {
    let (number, shift) = match text.char_indices().last() {
        Some((at, 'K' | 'k')) => (&text[..at], 10),
        Some((at, 'M' | 'm')) => (&text[..at], 20),
        Some((at, 'G' | 'g')) => (&text[..at], 30),
        Some((at, 'T' | 't')) => (&text[..at], 40),
        _ => (text, 0),
    };
    let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(1 << shift));
    match bytes {
        Some(bytes) if bytes >= LEAST_BYTES => Ok(bytes),
        Some(_) => Err("the rules need 2G or more".to_owned()),
        None => Err(format!("{text:?} is no size; write 1500M or 4G")),
    }
}
