//! `handprint completions SHELL`.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Arguments;
use crate::error::Trouble;

#[derive(Args)]
#[command(after_help = "Example:\n  handprint completions bash > ~/.local/share/bash-completion/completions/handprint")]
pub struct Completions {
    /// The shell to write for.
    shell: Shell,
}

impl Completions {
    pub fn run(&self, mut out: &mut dyn Write) -> Result<(), Trouble> {
        clap_complete::generate(self.shell, &mut Arguments::command(), "handprint", &mut out);
        Ok(())
    }
}
