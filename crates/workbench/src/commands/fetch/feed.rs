//! `handprint fetch url|misp|taxii`: a feed, frozen under its hash with where it came from.

use std::io::Write;
use std::path::PathBuf;

use casefile::Case;
use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::agree;
use crate::commands::stage::open_case;
use crate::commands::terms::Terms;
use crate::error::Trouble;
use crate::fetch::curl::{Address, Bounds, Credential};
use crate::fetch::feeds::{Asking, Files};
use crate::fetch::permitted::{Reach, permitted};
use crate::fetch::provenance::{Provenance, freeze};

#[derive(Args)]
#[command(after_help = "\
Examples:
  handprint fetch url https://feeds.example/list.csv --output feeds --source 'Harbour Watch' --tlp green --yes
  handprint fetch misp https://misp.example --credentials env:MISP_KEY --output feeds
  handprint fetch misp https://feeds.example/osint/manifest.json --output feeds
  handprint fetch taxii https://taxii.example/api/collections/91a7…/ --credentials ~/.taxii --output feeds

This leaves the machine, by `curl`; the server learns that somebody asks. Nothing of
a case is sent. Credentials are a file or a variable of the environment that holds
USER:PASSWORD, a token, or a whole header line; they are written down nowhere. The
feed lies in OUTPUT/<sha256>/ with its provenance beside it, for `--intel` or `kb add`.")]
pub struct Feed {
    /// Address of the file, of manifest.json or of the MISP instance, or of the collection.
    #[arg(value_parser = Address::parse)]
    address: Address,
    /// Folder below which the feed is frozen.
    #[arg(long, required_unless_present = "list")]
    output: Option<PathBuf>,
    #[command(flatten)]
    terms: Terms,
    /// File with the credentials, or env:NAME.
    #[arg(long, value_name = "FILE")]
    credentials: Option<String>,
    /// The case for which it is fetched: its PAP mark may forbid it, and its custody records it.
    #[arg(long)]
    case: Option<PathBuf>,
    /// Bytes that may be taken in all.
    #[arg(long, default_value_t = 1 << 30)]
    max_bytes: u64,
    /// Seconds that one answer may take.
    #[arg(long, default_value_t = 300)]
    timeout: u64,
    /// Only say where this would connect.
    #[arg(long)]
    list: bool,
    /// Do not ask back.
    #[arg(long)]
    yes: bool,
}

/// How the feed is offered.
#[derive(Clone, Copy)]
pub enum Kind {
    Url,
    Misp,
    Taxii,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Misp => "misp",
            Self::Taxii => "taxii",
        }
    }

    /// What stands before a bare token: MISP takes its key alone.
    fn scheme(self) -> &'static str {
        if matches!(self, Self::Misp) { "" } else { "Bearer " }
    }
}

impl Feed {
    pub fn run(&self, kind: Kind, out: &mut dyn Write) -> Result<(), Trouble> {
        writeln!(out, "connects to {} ({})", self.address.host(), self.address)?;
        if self.list {
            return Ok(());
        }
        if let Some(case) = &self.case {
            permitted(&Case::open(case)?, Reach::Feed)?;
        }
        let credential = self.credential(kind)?;
        agree(self.yes, &format!("Ask {} for this feed?", self.address.host()))?;
        self.record(kind)?;
        let date = Timestamp::now().to_string();
        let bounds = Bounds { seconds: self.timeout, bytes: self.max_bytes };
        let mut asking = Asking { credential: credential.as_ref(), bounds, asked: Vec::new() };
        let files = match kind {
            Kind::Url => asking.url(&self.address),
            Kind::Misp => asking.misp(&self.address),
            Kind::Taxii => asking.taxii(&self.address),
        }?;
        self.keep(kind, &files, date, asking.asked, out)
    }

    fn keep(
        &self,
        kind: Kind,
        files: &Files,
        date: String,
        asked: Vec<String>,
        out: &mut dyn Write,
    ) -> Result<(), Trouble> {
        if files.is_empty() {
            return Err(Trouble::Failed(format!("{}: the feed is empty", self.address)));
        }
        let about = Provenance {
            sha256: None,
            source: Some(self.terms.source.clone().unwrap_or_else(|| self.address.host().to_owned())),
            date: Some(date),
            licence: self.terms.licence.clone(),
            tlp: self.terms.tlp.clone(),
            pap: self.terms.pap.clone(),
            asked,
        };
        let folder = self.output.as_ref().ok_or_else(|| Trouble::Usage("--output says where it goes".to_owned()))?;
        let place = freeze(folder, kind.word(), files, about)?;
        Ok(writeln!(out, "{} files, frozen as {}", files.len(), place.display())?)
    }

    /// Read before anything is asked, and kept nowhere.
    fn credential(&self, kind: Kind) -> Result<Option<Credential>, Trouble> {
        let Some(place) = &self.credentials else { return Ok(None) };
        let text = match place.strip_prefix("env:") {
            Some(name) => std::env::var(name).map_err(|_| Trouble::Usage(format!("the variable {name} is not set")))?,
            None => std::fs::read_to_string(place).map_err(Trouble::at(place))?,
        };
        Credential::read(&text, kind.scheme()).map(Some).map_err(|why| Trouble::Usage(format!("{place}: {why}")))
    }

    fn record(&self, kind: Kind) -> Result<(), Trouble> {
        let Some(case) = &self.case else { return Ok(()) };
        let what = json!({"kind": kind.word(), "address": self.address.to_string()});
        open_case(case)?.custody().append("look-up of a feed begun", what)?;
        Ok(())
    }
}
