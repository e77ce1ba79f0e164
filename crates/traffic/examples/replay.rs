//! Replays requests from a table on standard input and prints what they were:
//! for measuring, without an engine. One request a line, tab-separated: site,
//! microseconds, client, method, path, query, status, bytes, referer, agent,
//! cookie, host, and milliseconds where there are any. Lines that start with `#` declare: `#lookup SITE PATH`,
//! `#parameter SITE NAME`, `#host SITE HOST`, `#reader RANGE`,
//! `#scanner SITE RANGE FROM UNTIL`.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use traffic::{Declared, Ledger, Request};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let mut declared = Declared::default();
    for line in text.lines().filter(|line| line.starts_with('#')) {
        match line.split('\t').collect::<Vec<_>>().as_slice() {
            ["#lookup", site, path] => declared.lookup(site, path),
            ["#parameter", site, name] => declared.parameter(site, name),
            ["#host", site, host] => declared.host(site, host),
            ["#reader", range] => declared.reader(None, range),
            ["#scanner", site, range, from, until] => {
                declared.scanner(Some(site), range, from.parse().ok(), until.parse().ok())
            }
            _ => return Err(format!("no declaration: {line}").into()),
        }
    }
    let requests: Vec<Request<'_>> = text.lines().filter_map(request).collect();
    let mut out = std::io::stdout().lock();
    let begun = std::time::Instant::now();
    let mut ledger = Ledger::new(declared)?;
    for request in &requests {
        if let Some(alarm) = ledger.observe(request) {
            writeln!(
                out,
                "alarm\t{}\t{}\t{}\t{}\t{}",
                request.site,
                request.time,
                request.client,
                alarm.about.word(),
                alarm.why
            )?;
        }
    }
    let observed = begun.elapsed();
    let mut verdicts = ledger.close();
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for request in &requests {
        let Some(mark) = verdicts.of(request) else { continue };
        let (record, outcome) =
            mark.record.map_or((String::new(), ""), |(record, outcome)| (record.into_owned(), outcome.word()));
        writeln!(
            out,
            "mark\t{}\t{}\t{}\t{}\t{:016x}\t{record}\t{outcome}",
            request.site,
            request.time,
            request.client,
            mark.phase.word(),
            mark.actor
        )?;
        *sums.entry(format!("{}\t{}", request.site, mark.phase.word())).or_default() += 1;
    }
    for (what, count) in sums {
        writeln!(out, "sum\t{what}\t{count}")?;
    }
    writeln!(out, "time\t{}\t{observed:?}\t{:?}", requests.len(), begun.elapsed())?;
    Ok(())
}

fn request(line: &str) -> Option<Request<'_>> {
    let fields: Vec<&str> = line.split('\t').collect();
    let &[site, time, client, method, path, query, status, bytes, referer, user_agent, cookie, host, ref more @ ..] =
        fields.as_slice()
    else {
        return None;
    };
    let millis = more.first().and_then(|millis| millis.parse().ok());
    let (time, status, bytes) = (time.parse().ok()?, status.parse().unwrap_or(0), bytes.parse().ok());
    Some(Request { site, time, client, method, path, query, status, bytes, millis, referer, user_agent, cookie, host })
}
