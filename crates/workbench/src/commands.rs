//! The verbs, one file each. A verb owns its arguments and its effect.

use clap::{Parser, Subcommand};

use crate::error::Trouble;

mod completions;
mod fetch;
mod formats;
mod investigate;
mod kb;
mod mail;
mod man;
mod show;
mod sql;
pub mod stage;
mod terms;
mod verify;
mod watch;

/// Finds whose hand was behind an influence operation, and shows its work.
#[derive(Parser)]
#[command(name = "handprint", version, about, long_about = None, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  handprint investigate evidence --intel intel --case case
  handprint show case 'sha256:…/mbox:7/header:Received[2]'
  handprint sql case 'SELECT reason, sum(count) FROM losses GROUP BY reason'
  handprint verify case

Exit codes: 0 done, 1 failed, 2 integrity broken, 3 wrong usage.
Nothing but `handprint fetch` leaves this machine.";

#[derive(Subcommand)]
pub enum Command {
    /// All six stages: from a folder of evidence to a cited report.
    Investigate(investigate::Investigate),
    /// Stage 1: take files in and turn their bytes into rows.
    Ingest(stage::Ingest),
    /// Stage 2: find observables and slips in the texts.
    Extract(stage::Later),
    /// Stage 3: hold observables against what is known.
    Enrich(stage::Enrich),
    /// Stage 4: find what ties kinds of evidence together.
    Correlate(stage::Later),
    /// Stage 5: weigh the rival explanations.
    Assess(stage::Later),
    /// Stage 6: write the products.
    Publish(stage::Publish),
    /// Print the place that a locator names, with context.
    Show(show::Show),
    /// Explain one mail header by header, as a page.
    Mail(mail::Mail),
    /// Ask the tables of a case.
    Sql(sql::Sql),
    /// Follow growing web logs and raise an alarm when a scan or a walk begins.
    Watch(watch::Watch),
    /// Re-hash everything and check the chain of custody.
    Verify(verify::Verify),
    /// Ask the outside world, and freeze what it says; the one verb that leaves the machine.
    Fetch(fetch::Fetch),
    /// A knowledge base across cases: frozen feeds and closed cases.
    Kb(kb::Kb),
    /// List what can be read and which slips are looked for.
    Formats(formats::Formats),
    /// Write a completion script for a shell.
    Completions(completions::Completions),
    /// Write the manual pages into a folder.
    Man(man::Man),
    /// The confined child that parses evidence; started by the other verbs.
    #[command(hide = true)]
    Worker,
}

/// Runs a verb.
pub fn run(command: Command) -> Result<(), Trouble> {
    let mut out = std::io::stdout();
    match command {
        Command::Investigate(verb) => verb.run(&mut out),
        Command::Ingest(verb) => verb.run(&mut out),
        Command::Extract(verb) => verb.run(model::Stage::Extract, &mut out),
        Command::Enrich(verb) => verb.run(&mut out),
        Command::Correlate(verb) => verb.run(model::Stage::Correlate, &mut out),
        Command::Assess(verb) => verb.run(model::Stage::Assess, &mut out),
        Command::Publish(verb) => verb.run(&mut out),
        Command::Show(verb) => verb.run(&mut out),
        Command::Mail(verb) => verb.run(&mut out),
        Command::Sql(verb) => verb.run(&mut out),
        Command::Watch(verb) => verb.run(&mut out),
        Command::Verify(verb) => verb.run(&mut out),
        Command::Fetch(verb) => verb.run(&mut out),
        Command::Kb(verb) => verb.run(&mut out),
        Command::Formats(verb) => verb.run(&mut out),
        Command::Completions(verb) => verb.run(&mut out),
        Command::Man(verb) => verb.run(&mut out),
        Command::Worker => Ok(crate::worker::child::run()?),
    }
}
