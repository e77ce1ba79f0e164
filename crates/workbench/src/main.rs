//! `handprint`: from a folder of evidence to a judgement that cites its places.

#![deny(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;

mod commands;
mod declared;
mod dossier;
mod error;
mod fetch;
mod forms;
mod intake;
mod judge;
mod kb;
mod memory;
mod notify;
mod packs;
mod pipeline;
mod plan;
mod progress;
mod screens;
mod summary;
mod tail;
mod worker;

fn main() -> ExitCode {
    memory::share_heaps();
    let arguments = match commands::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(refusal) => return refuse(&refusal),
    };
    match commands::run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => fail(&trouble),
    }
}

/// Help and version go to standard output with code 0, all else is misuse: code 3.
fn refuse(refusal: &clap::Error) -> ExitCode {
    let _ = refusal.print();
    ExitCode::from(if refusal.use_stderr() { 3 } else { 0 })
}

#[expect(clippy::print_stderr, reason = "the one place where errors meet the user")]
fn fail(trouble: &error::Trouble) -> ExitCode {
    if !matches!(trouble, error::Trouble::OutputClosed) {
        eprintln!("handprint: {trouble}");
    }
    ExitCode::from(trouble.exit_code())
}
