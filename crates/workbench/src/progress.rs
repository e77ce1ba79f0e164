//! Progress on standard error: a bar with rate and time left on a terminal,
//! one line per stage elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use model::Stage;

/// The progress of one stage.
pub struct StageBar {
    bar: ProgressBar,
    stage: Stage,
    step: String,
}

/// What the bar counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Bytes,
    Steps,
}

impl StageBar {
    /// A bar over `total` units of `step` within `stage`.
    pub fn new(stage: Stage, step: &str, total: u64, unit: Unit) -> Self {
        let bar = ProgressBar::new(total);
        let template = match unit {
            Unit::Bytes => "{prefix:>10} {bar:28} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}",
            Unit::Steps => "{prefix:>10} {bar:28} {pos}/{len}  {per_sec}  {eta} left  {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(stage.word());
        bar.set_message(step.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, stage, step: step.to_owned() }
    }

    /// Units done.
    pub fn add(&self, units: u64) {
        self.bar.inc(units);
    }

    /// What is being done now.
    pub fn say(&self, step: &str) {
        self.bar.set_message(step.to_owned());
    }

    /// Ends the bar; where there is no terminal, leaves one line behind.
    #[expect(clippy::print_stderr, reason = "progress belongs on standard error")]
    pub fn done(self, result: &str) {
        self.bar.finish_and_clear();
        if std::io::stderr().is_terminal() {
            let elapsed = HumanDuration(self.bar.elapsed());
            eprintln!("{:>10} {}: {result} ({elapsed:#})", self.stage.word(), self.step);
        } else {
            eprintln!("{} {}: {result}", self.stage.word(), self.step);
        }
    }
}
