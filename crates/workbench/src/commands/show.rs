//! `handprint show CASE LOCATOR`: the place itself, with what stands around it.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use casefile::{Case, Limits};
use clap::Args;
use model::locator::chain_text;
use model::{Locator, Step};

use crate::error::Trouble;
use crate::worker::parent::Worker;
use crate::worker::protocol::{Job, Shown, Task};

#[derive(Args)]
#[command(after_help = "\
Examples:
  handprint show case 'sha256:…/gzip/line:4021'
  handprint show case 'sha256:…/mbox:1042/header:Received[2]'
  handprint show case 'sha256:…/mbox:7/part:2/base64/bytes:120-145'
  handprint show case 'sha256:…/csv:row:18,col:email' --raw | xxd
  jq -r '.slips[].at[]' case/products/findings.json | handprint show case - --json

Steps of a locator, applied from left to right: gzip zstd xz base64
quoted-printable charset:NAME zip:N=NAME tar:N=NAME mbox:N part:N
header:NAME[N] line:N bytes:A-B csv:row:N,col:NAME json:TOKEN:TOKEN…
frame:SECONDSs box:X,Y,W,H, which show what was read there")]
pub struct Show {
    /// The case folder.
    case: PathBuf,
    /// The places, as products and tables write them; `-` reads one a line from standard input.
    #[arg(required = true)]
    locators: Vec<String>,
    /// Print the bytes alone, as they are.
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Show {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let case = Case::open(&self.case)?;
        let mut worker = Worker::default();
        for text in self.locators.iter().filter(|text| *text != "-") {
            self.show(&case, text, &mut worker, out)?;
        }
        if self.locators.iter().any(|text| text == "-") {
            for line in std::io::stdin().lock().lines() {
                self.show(&case, line?.trim(), &mut worker, out)?;
            }
        }
        Ok(())
    }

    fn show(&self, case: &Case, text: &str, worker: &mut Worker, out: &mut dyn Write) -> Result<(), Trouble> {
        let locator: Locator = text.parse().map_err(|error| Trouble::Usage(format!("{error}")))?;
        let shown = match on_screen(&locator) {
            Some((place, bytes)) => read_off(case, &locator, place, bytes)?,
            None => open(case, &locator, worker)?,
        };
        if self.raw {
            return Ok(out.write_all(&shown.bytes)?);
        }
        let names = case.source_names(&locator.evidence)?;
        if self.json { print_json(&names, &locator, &shown, out) } else { print_text(&names, &locator, &shown, out) }
    }
}

/// The steps to a place on a screen, and the bytes of its reading that are meant.
type OnScreen<'l> = (&'l [Step], Option<(u64, u64)>);

fn on_screen(locator: &Locator) -> Option<OnScreen<'_>> {
    let (place, bytes) = match locator.chain.split_last()? {
        (Step::Bytes(start, end), place) => (place, Some((*start, *end))),
        _ => (&locator.chain[..], None),
    };
    matches!(place.last()?, Step::Frame(_) | Step::Box(..)).then_some((place, bytes))
}

/// What was read at a place of a video; the pictures are not decoded again.
fn read_off(case: &Case, locator: &Locator, place: &[Step], bytes: Option<(u64, u64)>) -> Result<Shown, Trouble> {
    let (evidence, chain) = (locator.evidence.to_hex(), chain_text(place).replace('\'', "''"));
    let session = case.session(Limits { memory_bytes: None, threads: 1, private: true })?;
    let rows = session.rows(&format!(
        "SELECT text FROM screen_rows WHERE evidence = '{evidence}' AND chain = '{chain}' \
         UNION ALL SELECT row AS text FROM recovered WHERE evidence = '{evidence}' AND chain = '{chain}' \
         AND row IS NOT NULL \
         ORDER BY text LIMIT 1"
    ))?;
    let text = rows.first().and_then(|row| row.get("text")).and_then(|text| text.as_str());
    let text = text.ok_or_else(|| Trouble::Failed(format!("{locator}: nothing was read there")))?.as_bytes();
    let (start, end) = bytes.unwrap_or((0, text.len() as u64));
    let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let (start, end) = (within(start), within(end).max(within(start)));
    let part = |range: std::ops::Range<usize>| text[range].to_vec();
    Ok(Shown { bytes: part(start..end), before: part(0..start), after: part(end..text.len()), line: None, cut: false })
}

/// Opens a place in a worker child, since it means parsing evidence.
fn open(case: &Case, locator: &Locator, worker: &mut Worker) -> Result<Shown, Trouble> {
    let file = case.open_source(&locator.evidence)?;
    let bytes = file.metadata()?.len();
    let task = Task::Open { chain: chain_text(&locator.chain) };
    let job = Job { evidence: locator.evidence.to_hex(), name: String::new(), bytes, task };
    worker.ask(&job, &file).map_err(|error| Trouble::Failed(format!("{locator}: {error}")))
}

fn print_text(names: &[String], locator: &Locator, shown: &Shown, out: &mut dyn Write) -> Result<(), Trouble> {
    writeln!(out, "{locator}")?;
    for name in names {
        writeln!(out, "file: {name}")?;
    }
    if let Some(line) = shown.line {
        writeln!(out, "line: {line}")?;
    }
    writeln!(out, "bytes: {}{}\n", shown.bytes.len(), if shown.cut { ", cut here" } else { "" })?;
    let (before, at, after) = (plain(&shown.before), plain(&shown.bytes), plain(&shown.after));
    let (open, close) = if before.is_empty() && after.is_empty() { ("", "") } else { (">>>", "<<<") };
    Ok(writeln!(out, "{before}{open}{at}{close}{after}")?)
}

fn print_json(names: &[String], locator: &Locator, shown: &Shown, out: &mut dyn Write) -> Result<(), Trouble> {
    let place = serde_json::json!({
        "locator": locator.to_string(), "files": names, "line": shown.line, "cut": shown.cut,
        "text": String::from_utf8_lossy(&shown.bytes),
        "before": String::from_utf8_lossy(&shown.before), "after": String::from_utf8_lossy(&shown.after),
    });
    Ok(writeln!(out, "{place}")?)
}

/// Evidence on a terminal: control characters could move the cursor or retitle
/// the window, and bidirectional marks could reorder what is read.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().map(|c| if c == '\n' || c == '\t' { c } else { visible(c) }).collect()
}

fn visible(c: char) -> char {
    let reorders =
        matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}');
    if c == '\r' {
        ' '
    } else if c.is_control() || reorders {
        '\u{fffd}'
    } else {
        c
    }
}
