//! `handprint watch`: the same judgement of web logs while they grow.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use traffic::{About, Alarm, Declared, Ledger, Request, State};

use crate::declared;
use crate::error::Trouble;
use crate::notify::Sink;
use crate::tail::{Row, Tail};

#[derive(Args)]
#[command(after_help = "\
Examples:
  handprint watch /var/log/nginx/votes --state watch.json
  handprint watch logs/access.log --facts notes/ --to http://127.0.0.1:9099/alarm
  handprint watch logs --once

A folder stands for the logs in it; the name of the folder is that of the site.
Notes beside the logs (SITE.md) say where records are looked up, what proxies
there are and who may scan; without them the look-up is guessed by its names.
Alarms are lines of JSON. They name no record.")]
pub struct Watch {
    /// Logs, or folders of logs.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Notes and tables with facts about the sites, or folders of them.
    #[arg(long, value_name = "PATH")]
    facts: Vec<PathBuf>,
    /// Where to keep what was learnt, so that a restart goes on.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Where alarms go: `-`, http://127.0.0.1:PORT/PATH, or syslog:SOCKET.
    #[arg(long, value_name = "SINK", default_value = "-")]
    to: Vec<Sink>,
    /// Read what is there, then stop.
    #[arg(long)]
    once: bool,
    /// Milliseconds between two looks at the logs.
    #[arg(long, value_name = "MS", default_value_t = 1000)]
    every: u64,
}

/// What a watch remembers between runs.
#[derive(Default, Serialize, Deserialize)]
struct Memory {
    version: u32,
    tails: Vec<Tail>,
    ledger: State,
}

const VERSION: u32 = 2;
/// Time between two savings of the state; an alarm saves at once.
const SAVE_EVERY: Duration = Duration::from_secs(30);

impl Watch {
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Trouble> {
        let declared = declared::read(&self.paths, &self.facts)?;
        let (mut tails, mut ledger) = self.begin(&declared)?;
        let mut saved = Instant::now();
        loop {
            self.find(&mut tails)?;
            let (more, alarms) = round(&mut tails, &mut ledger, &declared, &mut |alarm| self.tell(alarm, out))?;
            if alarms > 0 || saved.elapsed() >= SAVE_EVERY || (self.once && !more) {
                self.save(&tails, &ledger)?;
                saved = Instant::now();
            }
            match (more, self.once) {
                (true, _) => {}
                (false, true) => return Ok(()),
                (false, false) => std::thread::sleep(Duration::from_millis(self.every.max(10))),
            }
        }
    }

    fn begin(&self, declared: &Declared) -> Result<(Vec<Tail>, Ledger), Trouble> {
        let text = self.state.as_ref().filter(|path| path.exists()).map(fs::read_to_string).transpose()?;
        let memory: Option<Memory> = text.as_deref().map(serde_json::from_str).transpose().map_err(|error| {
            Trouble::Failed(format!("the state file is not one of this version: {error}; move it away to begin anew"))
        })?;
        let rules = |error: traffic::attack::BadRules| Trouble::Failed(error.to_string());
        match memory.filter(|memory| memory.version == VERSION) {
            Some(memory) => Ok((memory.tails, Ledger::resume(memory.ledger.with(declared.clone())).map_err(rules)?)),
            None => Ok((Vec::new(), Ledger::new(declared.clone()).map_err(rules)?)),
        }
    }

    /// Adds logs that are new.
    fn find(&self, tails: &mut Vec<Tail>) -> Result<(), Trouble> {
        for path in &self.paths {
            let mut found = if path.is_dir() { logs_in(path)? } else { vec![path.clone()] };
            found.sort();
            for path in found {
                if !tails.iter().any(|tail| tail.path == path) {
                    tails.push(Tail::new(path));
                }
            }
        }
        Ok(())
    }

    fn tell(&self, alarm: &str, out: &mut dyn Write) {
        for sink in &self.to {
            if let Err(error) = sink.send(alarm, out) {
                complain(&format!("an alarm was not delivered ({error}): {alarm}"));
            }
        }
    }

    fn save(&self, tails: &[Tail], ledger: &Ledger) -> Result<(), Trouble> {
        let Some(path) = &self.state else { return Ok(()) };
        let memory = json!({"version": VERSION, "tails": tails, "ledger": ledger.state()});
        let beside = path.with_extension("new");
        fs::write(&beside, memory.to_string())?;
        Ok(fs::rename(&beside, path)?)
    }
}

#[expect(clippy::print_stderr, reason = "a watch that cannot deliver an alarm has to say so and go on")]
fn complain(line: &str) {
    eprintln!("{line}");
}

/// Growing logs of a folder: what is compressed or numbered was rotated away.
fn logs_in(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let suffix = name.rsplit('.').next().unwrap_or_default();
        let rotated = matches!(suffix, "gz" | "xz" | "zst" | "bz2" | "md" | "txt" | "csv" | "conf" | "cfg")
            || suffix.bytes().all(|byte| byte.is_ascii_digit());
        if path.is_file() && !rotated && !name.starts_with('.') {
            found.push(path);
        }
    }
    Ok(found)
}

/// One look at all logs: their new requests, in the order of time.
fn round(
    tails: &mut [Tail],
    ledger: &mut Ledger,
    declared: &Declared,
    tell: &mut dyn FnMut(&str),
) -> Result<(bool, usize), Trouble> {
    let (mut more, mut requests) = (false, Vec::new());
    for (at, tail) in tails.iter_mut().enumerate() {
        let mut rows = Vec::new();
        more |= tail.read(&mut rows)?;
        let site = tail.site();
        requests.extend(rows.into_iter().map(|row| (row.time.saturating_sub(declared.clock(&site)), at, row)));
    }
    requests.sort_by_key(|(time, at, row)| (*time, *at, row.start));
    let sites: Vec<String> = tails.iter().map(Tail::site).collect();
    let mut alarms = 0;
    for (time, at, row) in &requests {
        let request = request(&sites[*at], *time, row, declared);
        if let Some(alarm) = ledger.observe(&request) {
            alarms += 1;
            tell(&line(&request, &alarm, &tails[*at], row));
        }
    }
    Ok((more, alarms))
}

fn request<'a>(site: &'a str, time: i64, row: &'a Row, declared: &'a Declared) -> Request<'a> {
    let (peer, forwarded) = (row.text("peer_ip"), row.text("forwarded_for"));
    Request {
        site,
        time,
        client: declared.client(site, peer, forwarded, peer.is_empty()),
        method: row.text("method"),
        path: row.text("path"),
        query: row.text("query"),
        status: row.status,
        bytes: row.bytes,
        millis: row.millis,
        referer: row.text("referer"),
        user_agent: row.text("user_agent"),
        cookie: row.text("cookie"),
        host: if row.text("host").is_empty() { declared.host_of(site) } else { row.text("host") },
    }
}

/// An alarm as one line of JSON. The query is left out: it may name a person.
fn line(request: &Request<'_>, alarm: &Alarm, tail: &Tail, row: &Row) -> String {
    let time = jiff::Timestamp::from_microsecond(request.time).map(|time| time.to_string()).unwrap_or_default();
    // Whoever sent the request by which a flood or a change shows has nothing to do with it.
    let actor = matches!(alarm.about, About::Act(_));
    json!({
        "format": "handprint-alarm/1",
        "time": time,
        "site": request.site,
        "phase": alarm.about.word(),
        "client": actor.then_some(request.client),
        "user_agent": actor.then_some(request.user_agent),
        "path": (alarm.about == About::Change).then_some(request.path),
        "attack_classes": alarm.classes.words().collect::<Vec<_>>(),
        "techniques": alarm.classes.techniques().collect::<Vec<_>>(),
        "why": alarm.why,
        "file": tail.path.to_string_lossy(),
        "byte": row.start,
    })
    .to_string()
}
