//! `handprint sql CASE QUERY`: the tables, as they are.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use casefile::{Case, Form};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::stage::{Machine, open_case};
use crate::error::Trouble;

#[derive(Args)]
#[command(after_help = "\
Examples:
  handprint sql case 'SELECT reason, sum(count) FROM losses GROUP BY reason'
  handprint sql case 'SELECT * FROM slips' --format csv > slips.csv
  handprint sql case 'SELECT * FROM web_requests' --format parquet --output requests.parquet
  handprint sql case 'SELECT field, count(*) FROM envelopes GROUP BY field' --private
  handprint sql case 'SELECT locator(evidence, chain, start, length), value FROM observables'

docs/tables.md describes every table. The tables of private/ hold data of
persons; they answer only with --private, and custody records the question.")]
pub struct Sql {
    /// The case folder.
    case: PathBuf,
    /// The question, in SQL.
    query: String,
    /// Form of the answer; a table unless given, JSON with --json.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write to this file instead of standard output.
    #[arg(long)]
    output: Option<PathBuf>,
    /// Let private tables answer; the question is written into custody.
    #[arg(long)]
    private: bool,
    #[command(flatten)]
    machine: Machine,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
    Parquet,
}

impl From<Format> for Form {
    fn from(format: Format) -> Self {
        match format {
            Format::Table => Self::Table,
            Format::Csv => Self::Csv,
            Format::Json => Self::Json,
            Format::Parquet => Self::Parquet,
        }
    }
}

impl Sql {
    pub fn run(&self, out: &mut (dyn Write + Send)) -> Result<(), Trouble> {
        // Only a question that is written down needs the case open for writing.
        let case = if self.private { open_case(&self.case)? } else { Case::open(&self.case)? };
        if self.private {
            case.custody().append("private tables asked", json!({"query": self.query}))?;
        }
        let session = case.session(self.machine.limits(self.private))?;
        let form = self.format.unwrap_or(if self.machine.json { Format::Json } else { Format::Table });
        match &self.output {
            None => Ok(session.export(&self.query, form.into(), out)?),
            Some(path) => {
                let file = File::create(path).map_err(Trouble::at(path.display()))?;
                let mut file = BufWriter::new(file);
                session.export(&self.query, form.into(), &mut file)?;
                Ok(file.flush()?)
            }
        }
    }
}
