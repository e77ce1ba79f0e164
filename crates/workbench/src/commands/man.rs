//! `handprint man FOLDER`: one page for the program and one for each verb.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, CommandFactory};

use super::Arguments;
use crate::error::Trouble;

#[derive(Args)]
#[command(after_help = "Example:\n  handprint man ~/.local/share/man/man1")]
pub struct Man {
    /// Folder for the pages; made if absent.
    folder: PathBuf,
}

impl Man {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        std::fs::create_dir_all(&self.folder).map_err(Trouble::at(self.folder.display()))?;
        clap_mangen::generate_to(Arguments::command(), &self.folder).map_err(Trouble::at(self.folder.display()))?;
        writeln!(out, "manual pages written to {}", self.folder.display())?;
        Ok(())
    }
}
