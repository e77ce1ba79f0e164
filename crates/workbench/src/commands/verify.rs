//! `handprint verify CASE`: does everything still hold?

use std::io::Write;
use std::path::PathBuf;

use casefile::Case;
use clap::Args;
use serde_json::json;

use crate::error::Trouble;

#[derive(Args)]
#[command(after_help = "\
Examples:
  handprint verify case
  handprint verify case --head 3f0c…   compare with a head hash kept elsewhere

A key that was made on this machine cannot show that entries were cut from the
end of the chain; keep the head hash in another place and pass it as --head.
Exit code 2 means that something does not hold; the first such thing is named.")]
pub struct Verify {
    /// The case folder.
    case: PathBuf,
    /// Head hash of the custody chain as it was noted elsewhere.
    #[arg(long)]
    head: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let case = Case::open(&self.case)?;
        let found = case.verify(self.head.as_deref())?;
        if self.json {
            let checked = json!({
                "head": found.head.hash, "entries": found.head.entries, "keys": found.keys,
                "originals": found.originals, "original_bytes": found.original_bytes,
                "table_files": found.table_files, "products": found.products, "notes": found.notes,
            });
            return Ok(writeln!(out, "{checked}")?);
        }
        writeln!(out, "{} originals ({} bytes) re-hashed", found.originals, found.original_bytes)?;
        writeln!(out, "{} table files, {} products re-hashed", found.table_files, found.products)?;
        for note in &found.notes {
            writeln!(out, "note: {note}")?;
        }
        writeln!(out, "custody: {} entries, head {}", found.head.entries, found.head.hash)?;
        Ok(writeln!(out, "everything holds")?)
    }
}
