//! `handprint mail CASE LOCATOR`: one mail as a page, every header explained.

use std::io::Write;
use std::path::PathBuf;

use casefile::{Case, Limits};
use clap::Args;
use findings::dossier::Dossier;
use model::Locator;

use crate::dossier;
use crate::error::Trouble;

#[derive(Args)]
#[command(after_help = "\
Example:
  handprint mail case 'sha256:…/mbox:1042' > mail.html

The page is TLP:RED. Recipients are masked in it; `handprint show` prints the mail as it is.")]
pub struct Mail {
    /// The case folder.
    case: PathBuf,
    /// The place of a whole message, as products and tables write it.
    locator: String,
}

impl Mail {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let case = Case::open(&self.case)?;
        let place: Locator = self.locator.parse().map_err(|error| Trouble::Usage(format!("{error}")))?;
        let limits = Limits { memory_bytes: None, threads: 1, private: true };
        let mut about = Dossier { case: dossier::facts(&case)?, ..Dossier::default() };
        about.sources = dossier::sources(&case, &limits)?;
        dossier::campaigns::one_mail(&case, &limits, &place, &mut about)?;
        Ok(out.write_all(&findings::mail_page(&about))?)
    }
}
