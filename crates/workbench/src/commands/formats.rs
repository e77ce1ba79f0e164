//! `handprint formats`: the lists of formats and slip detectors.

use std::io::Write;

use clap::Args;
use model::Entry;

use crate::error::Trouble;

#[derive(Args)]
#[command(after_help = "Examples:\n  handprint formats\n  handprint formats weblog\n  handprint formats --json")]
pub struct Formats {
    /// Show the full text of this entry alone.
    name: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Formats {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let entries: Vec<(&str, &Entry)> = lists()
            .into_iter()
            .filter(|(_, entry)| self.name.as_deref().is_none_or(|name| name == entry.name))
            .collect();
        if let (Some(name), true) = (&self.name, entries.is_empty()) {
            return Err(Trouble::Usage(format!("nothing is called {name:?}; `handprint formats` lists all names")));
        }
        if self.json {
            let list: Vec<_> = entries.iter().map(|(kind, entry)| as_json(kind, entry)).collect();
            return Ok(writeln!(out, "{}", serde_json::Value::from(list))?);
        }
        for (kind, entry) in entries {
            writeln!(out, "{kind:<9} {:<20} {}", entry.name, entry.summary)?;
            if self.name.is_some() {
                writeln!(out, "\n{}", entry.doc.trim())?;
            }
        }
        Ok(())
    }
}

fn lists() -> Vec<(&'static str, &'static Entry)> {
    let formats = evidence::FORMATS.iter().map(|format| ("format", format.entry()));
    let detectors = evidence::DETECTORS.iter().map(|detector| ("detector", detector.entry()));
    formats.chain(detectors).collect()
}

fn as_json(kind: &str, entry: &Entry) -> serde_json::Value {
    serde_json::json!({"kind": kind, "name": entry.name, "summary": entry.summary, "doc": entry.doc})
}
