//! `handprint investigate`: all six stages.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::stage::{Known, Machine, open_case};
use crate::error::Trouble;
use crate::plan::Intake;

#[derive(Args)]
#[command(after_help = "\
Examples:
  handprint investigate evidence --intel intel --case case
  handprint investigate mails.mbox weblogs --intel feeds --case case --tlp green
  handprint investigate evidence --intel feeds --knowledge ~/knowledge --case case
  handprint investigate /mnt/huge --by-reference --intel feeds --case case

A run that was interrupted goes on where it stopped when the same command is
given again. Exit codes: 0 done, 1 failed, 2 integrity broken, 3 wrong usage.")]
pub struct Investigate {
    #[command(flatten)]
    handed_in: HandedIn,
    /// The case folder; made if absent.
    #[arg(long)]
    case: PathBuf,
    /// Sharing mark of the products that may be shared (TLP 2.0).
    #[arg(long, default_value = "amber", value_parser = ["clear", "green", "amber", "amber+strict", "red"])]
    tlp: String,
    #[command(flatten)]
    known: Known,
    #[command(flatten)]
    machine: Machine,
}

/// The files that an investigator hands in.
#[derive(Args)]
pub struct HandedIn {
    /// Files and folders of evidence.
    #[arg(required = true)]
    evidence: Vec<PathBuf>,
    /// Files and folders of threat intelligence.
    #[arg(long)]
    intel: Vec<PathBuf>,
    /// Point to the originals instead of copying them.
    #[arg(long)]
    by_reference: bool,
}

impl HandedIn {
    pub fn intake(&self) -> Intake {
        Intake { evidence: self.evidence.clone(), intel: self.intel.clone(), by_reference: self.by_reference }
    }
}

impl Investigate {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let case = open_case(&self.case)?;
        let mut pipeline = self.machine.pipeline(&case, &self.tlp)?;
        pipeline.knowledge = self.known.base()?;
        pipeline.investigate(&self.handed_in.intake())?;
        self.machine.close(pipeline, out)
    }
}
