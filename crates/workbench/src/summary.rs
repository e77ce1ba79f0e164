//! The closing summary: what was done, what it took, what was left out.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use model::Stage;
use serde::Serialize;

use crate::packs::Workers;

/// One stage in the summary.
#[derive(Clone, Debug, Serialize)]
pub struct StageSummary {
    pub stage: &'static str,
    /// Seconds taken; 0 for a stage that was committed before.
    pub seconds: f64,
    /// Packs, rules or products in all.
    pub parts: usize,
    /// Those among them that were finished by an earlier run.
    pub parts_kept: usize,
    /// Whether an earlier run had committed the whole stage.
    pub committed_before: bool,
}

/// A count that the summary shows.
#[derive(Clone, Debug, Serialize)]
pub struct Count {
    pub what: String,
    pub count: u64,
}

/// Everything that the summary says.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub case: PathBuf,
    pub stages: Vec<StageSummary>,
    pub counts: Vec<Count>,
    pub seconds: f64,
    /// Peak resident memory of this process in bytes.
    pub peak_bytes: Option<u64>,
    /// Peak resident memory of the largest worker child in bytes.
    pub worker_peak_bytes: u64,
    /// Which layers of confinement held in the worker children.
    pub confinement: Option<String>,
    pub custody_head: String,
    pub custody_entries: u64,
    pub report: Option<PathBuf>,
    #[serde(skip)]
    begun: Instant,
}

impl Summary {
    /// An empty summary; the clock starts.
    pub fn new(case: PathBuf) -> Self {
        Self {
            case,
            stages: Vec::new(),
            counts: Vec::new(),
            seconds: 0.0,
            peak_bytes: None,
            worker_peak_bytes: 0,
            confinement: None,
            custody_head: String::new(),
            custody_entries: 0,
            report: None,
            begun: Instant::now(),
        }
    }

    /// A stage that was done now.
    pub fn stage_done(&mut self, stage: Stage, took: Duration, parts_kept: usize, parts: usize) {
        let seconds = milliseconds(took);
        self.stages.push(StageSummary { stage: stage.word(), seconds, parts, parts_kept, committed_before: false });
    }

    /// A stage that an earlier run had committed.
    pub fn stage_kept(&mut self, stage: Stage) {
        let stage = stage.word();
        self.stages.push(StageSummary { stage, seconds: 0.0, parts: 0, parts_kept: 0, committed_before: true });
    }

    /// What the workers of a pass were like.
    pub fn workers(&mut self, workers: &Workers) {
        self.worker_peak_bytes = self.worker_peak_bytes.max(workers.peak_bytes);
        self.confinement = self.confinement.take().or_else(|| workers.confinement.clone());
    }

    /// Stops the clock and writes the summary, as text or as JSON.
    pub fn print(&mut self, json: bool, out: &mut dyn Write) -> std::io::Result<()> {
        self.seconds = milliseconds(self.begun.elapsed());
        self.peak_bytes = crate::memory::peak_of(None);
        if json {
            serde_json::to_writer_pretty(&mut *out, self)?;
            return writeln!(out);
        }
        self.print_text(out)
    }

    fn print_text(&self, out: &mut dyn Write) -> std::io::Result<()> {
        for stage in &self.stages {
            if stage.committed_before {
                writeln!(out, "{:<10} kept from an earlier run", stage.stage)?;
            } else {
                let kept = if stage.parts_kept > 0 { format!(", {} kept", stage.parts_kept) } else { String::new() };
                writeln!(out, "{:<10} {:>8.3} s  {} parts{kept}", stage.stage, stage.seconds, stage.parts)?;
            }
        }
        for count in &self.counts {
            writeln!(out, "{:>10} {}", count.count, count.what)?;
        }
        let mebibytes = |bytes: u64| bytes >> 20;
        writeln!(
            out,
            "{:.3} s, peak memory {} MiB, largest worker {} MiB",
            self.seconds,
            self.peak_bytes.map_or(0, mebibytes),
            mebibytes(self.worker_peak_bytes),
        )?;
        if let Some(confinement) = &self.confinement {
            writeln!(out, "worker confinement: {confinement}")?;
        }
        writeln!(out, "custody: {} entries, head {}", self.custody_entries, self.custody_head)?;
        if let Some(report) = &self.report {
            writeln!(out, "report: {}", report.display())?;
        }
        Ok(())
    }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}
