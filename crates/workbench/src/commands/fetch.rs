//! `handprint fetch`: the one verb that leaves the machine, and says so first.

use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use casefile::{Case, Session};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;

use super::stage::{Machine, open_case};
use crate::error::Trouble;
use crate::fetch::dns::{Asked, Snapshot};
use crate::fetch::permitted::{Reach, permitted};

mod feed;

#[derive(Args)]
pub struct Fetch {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Ask a resolver for the records that the mails of a case are checked with.
    Dns(Dns),
    /// Bring a feed that is one file.
    Url(feed::Feed),
    /// Bring the events of a MISP feed or instance.
    Misp(feed::Feed),
    /// Bring the objects of a TAXII 2.1 collection.
    Taxii(feed::Feed),
}

#[derive(Args)]
#[command(after_help = "\
Examples:
  handprint fetch dns case --resolver 192.0.2.53 --output evidence/mail/dns.json
  handprint fetch dns case --resolver 192.0.2.53 --list

This leaves the machine. The resolver learns every name that is asked, and who owns
a name may see that somebody asked for it. What is asked, when, and what came back
is written into the file; custody records that it was done. No address of the case
is contacted. Add the file to the evidence and run ingest again to use it.")]
struct Dns {
    /// The case folder; its mails must have been ingested.
    case: PathBuf,
    /// The recursive resolver to ask, with its port if that is not 53.
    #[arg(long, value_parser = resolver)]
    resolver: SocketAddr,
    /// Where the snapshot goes.
    #[arg(long, required_unless_present = "list")]
    output: Option<PathBuf>,
    /// Only list the names that would be asked.
    #[arg(long)]
    list: bool,
    /// Do not ask back.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    machine: Machine,
}

fn resolver(text: &str) -> Result<SocketAddr, String> {
    let alone = || text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    text.parse().or_else(|_| alone()).map_err(|_| "an address such as 192.0.2.53 or 192.0.2.53:5353".to_owned())
}

impl Fetch {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        match &self.what {
            What::Dns(dns) => dns.run(out),
            What::Url(feed) => feed.run(feed::Kind::Url, out),
            What::Misp(feed) => feed.run(feed::Kind::Misp, out),
            What::Taxii(feed) => feed.run(feed::Kind::Taxii, out),
        }
    }
}

impl Dns {
    fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let questions = {
            let case = Case::open(&self.case)?;
            questions(&case.session(self.machine.limits(false))?)?
        };
        if self.list {
            for (name, kind) in &questions {
                writeln!(out, "{kind}\t{name}")?;
            }
            return Ok(());
        }
        permitted(&Case::open(&self.case)?, Reach::Operators)?;
        let count = questions.len();
        agree(self.yes, &format!("Ask {} for {count} names of this case, and for those they lead to?", self.resolver))?;
        let path =
            self.output.as_ref().ok_or_else(|| Trouble::Usage("--output says where the snapshot goes".to_owned()))?;
        let case = open_case(&self.case)?;
        let asked = json!({"resolver": self.resolver.to_string(), "questions": questions.len(), "output": path.display().to_string()});
        case.custody().append("look-up of DNS records begun", asked)?;
        let began = Timestamp::now().to_string();
        let mut snapshot = Snapshot::new(self.resolver, questions);
        let bar = indicatif::ProgressBar::new(snapshot.waiting() as u64);
        let mut done = 0;
        while snapshot.step(&Timestamp::now().to_string()) {
            done += 1;
            bar.set_length(done + snapshot.waiting() as u64);
            bar.set_position(done);
        }
        bar.finish_and_clear();
        let text = format!("{:#}\n", snapshot.document(&began));
        std::fs::write(path, text).map_err(Trouble::at(path.display()))?;
        writeln!(out, "{done} questions; the answers are in {}", path.display())?;
        Ok(())
    }
}

/// Nothing leaves the machine before somebody has agreed.
#[expect(clippy::print_stderr, reason = "a question to the user")]
fn agree(yes: bool, question: &str) -> Result<(), Trouble> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        let say = "this would leave the machine; give --yes to agree, or --list to see what would be asked";
        return Err(Trouble::Usage(say.to_owned()));
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Trouble::Failed("nothing was asked".to_owned())),
    }
}

/// Domains of senders with their policies, and the keys of signatures.
fn questions(session: &Session) -> Result<BTreeSet<Asked>, Trouble> {
    let mut questions = BTreeSet::new();
    let senders = "SELECT DISTINCT lower(from_domain) AS name, registered_domain(from_domain) AS house FROM messages \
        WHERE from_domain IS NOT NULL UNION SELECT DISTINCT lower(split_part(return_path, '@', 2)), NULL FROM messages \
        WHERE strpos(return_path, '@') > 0 UNION SELECT DISTINCT lower(helo), NULL FROM hops WHERE strpos(helo, '.') > 0";
    for row in session.rows(senders)? {
        let text = |column: &str| row.get(column).and_then(|value| value.as_str()).filter(|name| is_asked(name));
        let Some(name) = text("name") else { continue };
        questions.extend(["TXT", "A", "MX"].map(|kind| (name.to_owned(), kind)));
        if let Some(house) = text("house") {
            questions.extend([name, house].map(|name| (format!("_dmarc.{name}"), "TXT")));
        }
    }
    let keys = "SELECT DISTINCT lower(selector || '._domainkey.' || domain) AS name FROM mail_signatures \
        WHERE selector IS NOT NULL AND domain IS NOT NULL";
    let keys = session.rows(keys)?;
    let keys = keys.iter().filter_map(|row| row.get("name")?.as_str()).filter(|name| is_asked(name));
    questions.extend(keys.map(|name| (name.to_owned(), "TXT")));
    Ok(questions)
}

/// Whether a text can be a name of the DNS; addresses and single labels are none.
fn is_asked(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(label) && name.parse::<IpAddr>().is_err()
}
