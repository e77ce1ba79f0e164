//! Runs the requests of the case through the crate `traffic`, and makes what it
//! says of each of them queryable.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow_array::builder::{StringBuilder, TimestampMicrosecondBuilder, UInt64Builder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use casefile::{Error, Result, Session};
use serde_json::{Map, Value};
use traffic::{Declared, Ledger, Mark, Request, Verdicts};

use super::web_sites::{Place, Places};

const FILES: &str = include_str!("web_files.sql");

const FACTS: &str = "SELECT fact, subject, value,
        arrow_cast(try_cast(valid_from AS TIMESTAMP), 'Int64') / 1000 AS valid_from,
        arrow_cast(try_cast(valid_until AS TIMESTAMP), 'Int64') / 1000 AS valid_until
    FROM facts
    ORDER BY fact <> 'site', fact, subject, value, valid_from";

/// Registers `walked`, the requests that were part of an attack or a walk, and what
/// happened to the sites themselves.
pub fn walk(session: &Session) -> Result<()> {
    let rules = |error: traffic::attack::BadRules| Error::Sql(error.to_string());
    let (declared, files) = (declared(session)?, files(session)?);
    let mut ledger = Ledger::new(declared.clone()).map_err(rules)?;
    let mut sites = BTreeSet::new();
    for span in spans(session)? {
        session.stream(&stream(&format!("{span} ORDER BY time, evidence, chain, start")), &mut |batch| {
            Rows::of(&batch)?.each(&files, &declared, &mut |_, _, request| {
                if !sites.contains(request.site) {
                    sites.insert(request.site.to_owned());
                }
                ledger.observe(request);
            });
            Ok(())
        })?;
    }
    let mut verdicts = ledger.close();
    let (mut found, mut places) = (Found::default(), Places::default());
    if verdicts.wants_second_pass() {
        // What a request was part of does not depend on those before it.
        session.stream(&stream(""), &mut |batch| {
            Rows::of(&batch)?.each(&files, &declared, &mut |rows, at, request| {
                let mark = verdicts.of(request);
                let told = mark.is_some();
                if let Some(mark) = mark {
                    found.push(rows, at, request, &mark);
                }
                places.keep(verdicts.note(request, told), |path| rows.place(at, request.site, path));
            });
            Ok(())
        })?;
    }
    background(&sites, &verdicts, &mut found);
    places.register(&sites, &verdicts, session)?;
    let batch = found.finish()?;
    session.register_batches("walked", batch.schema(), vec![batch])
}

/// Requests that are sorted at a time, about: some 200 MB of them.
const SORTED_AT_ONCE: u64 = 500_000;

/// Conditions on the time that cut all requests into spans of whole minutes, in
/// order, so that the memory for sorting does not grow with the logs. Log files lie
/// in the order of time, so that a span is read without most of the others.
fn spans(session: &Session) -> Result<Vec<String>> {
    const MINUTES: &str = "
        SELECT arrow_cast(date_trunc('minute', time), 'Timestamp(Microsecond, Some(\"UTC\"))') AS minute, count(*) AS requests
        FROM web_requests WHERE time IS NOT NULL GROUP BY 1 ORDER BY 1";
    let (mut cuts, mut held) = (Vec::new(), 0);
    session.stream(MINUTES, &mut |batch| {
        let minutes = batch.column(0).as_primitive::<TimestampMicrosecondType>();
        let requests = batch.column(1).as_primitive::<arrow_array::types::Int64Type>();
        for (minute, requests) in minutes.values().iter().zip(requests.values()) {
            let requests = u64::try_from(*requests).unwrap_or(0);
            if held > 0 && held + requests > SORTED_AT_ONCE {
                cuts.push(*minute);
                held = 0;
            }
            held += requests;
        }
        Ok(())
    })?;
    let at = |cut: &i64| format!("arrow_cast({cut}, 'Timestamp(Microsecond, Some(\"UTC\"))')");
    let starts = std::iter::once(None).chain(cuts.iter().map(Some));
    let ends = cuts.iter().map(Some).chain(std::iter::once(None));
    let span = |(start, end): (Option<&i64>, Option<&i64>)| {
        let from = start.map(|start| format!(" AND time >= {}", at(start))).unwrap_or_default();
        let to = end.map(|end| format!(" AND time < {}", at(end))).unwrap_or_default();
        from + &to
    };
    Ok(starts.zip(ends).map(span).collect())
}

/// The query, its columns in the types that [`Rows`] reads. What is known of
/// files is joined by hand: a join of the engine would sort all requests.
fn stream(rest: &str) -> String {
    let text = |name: &str| format!("arrow_cast({name}, 'Utf8') AS {name}");
    let columns: Vec<String> = TEXTS.iter().map(|name| text(name)).collect();
    format!(
        "SELECT {}, arrow_cast(time, 'Timestamp(Microsecond, Some(\"UTC\"))') AS time, status, bytes, start, length, duration_ms
         FROM web_requests WHERE time IS NOT NULL{rest}",
        columns.join(", ")
    )
}

const TEXTS: [&str; 11] = [
    "peer_ip",
    "forwarded_for",
    "method",
    "path",
    "query",
    "referer",
    "user_agent",
    "cookie",
    "host",
    "evidence",
    "chain",
];

/// The site that a file's folder names, and whether a proxy stands before it.
struct File {
    folder: Option<String>,
    proxied: bool,
}

fn files(session: &Session) -> Result<HashMap<String, File>> {
    let file = |row: Map<String, Value>| {
        let text = |name: &str| row.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let proxied = row.get("proxied").and_then(Value::as_bool).unwrap_or(false);
        Some((text("evidence")?, File { folder: text("folder"), proxied }))
    };
    Ok(session.rows(FILES)?.into_iter().filter_map(file).collect())
}

fn declared(session: &Session) -> Result<Declared> {
    let mut declared = Declared::default();
    for row in session.rows(FACTS)? {
        let text = |name: &str| row.get(name).and_then(|value| value.as_str());
        let (Some(fact), Some(value)) = (text("fact"), text("value")) else { continue };
        let time = |name: &str| row.get(name).and_then(|value| value.as_i64());
        declared.fact(fact, text("subject"), value, time("valid_from"), time("valid_until"));
    }
    Ok(declared)
}

fn background(sites: &BTreeSet<String>, verdicts: &Verdicts, found: &mut Found) {
    for site in sites {
        let (attempts, addresses) = verdicts.background(site);
        if attempts > 0 {
            found.background(site, attempts, addresses as u64);
        }
    }
}

/// Columns of one batch of requests.
struct Rows<'a> {
    texts: [&'a StringArray; TEXTS.len()],
    time: &'a TimestampMicrosecondArray,
    status: &'a UInt64Array,
    bytes: &'a UInt64Array,
    start: &'a UInt64Array,
    length: &'a UInt64Array,
    duration: &'a Float64Array,
}

impl<'a> Rows<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self> {
        let missing = || Error::Sql("requests come in other types than asked for".to_owned());
        let texts: Option<Vec<&StringArray>> =
            (0..TEXTS.len()).map(|at| batch.column(at).as_string_opt::<i32>()).collect();
        let numbers = |at: usize| batch.column(at).as_primitive_opt::<UInt64Type>().ok_or_else(missing);
        Ok(Self {
            texts: texts.and_then(|texts| texts.try_into().ok()).ok_or_else(missing)?,
            time: batch.column(TEXTS.len()).as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(missing)?,
            status: numbers(TEXTS.len() + 1)?,
            bytes: numbers(TEXTS.len() + 2)?,
            start: numbers(TEXTS.len() + 3)?,
            length: numbers(TEXTS.len() + 4)?,
            duration: batch.column(TEXTS.len() + 5).as_primitive_opt::<Float64Type>().ok_or_else(missing)?,
        })
    }

    fn text(&self, column: usize, at: usize) -> &'a str {
        if self.texts[column].is_valid(at) { self.texts[column].value(at) } else { "" }
    }

    /// Gives each request of a file of the evidence.
    fn each(
        &self,
        files: &HashMap<String, File>,
        declared: &Declared,
        give: &mut dyn FnMut(&Self, usize, &Request<'_>),
    ) {
        let mut known: Option<(&str, &File)> = None;
        for at in 0..self.time.len() {
            let evidence = self.text(EVIDENCE, at);
            // Rows of one file come together, so most need no look-up.
            if known.is_none_or(|(before, _)| before != evidence) {
                known = files.get(evidence).map(|file| (evidence, file));
            }
            if let Some((_, file)) = known {
                give(self, at, &self.request(at, file, declared));
            }
        }
    }

    fn request<'r>(&'r self, at: usize, file: &'r File, declared: &'r Declared) -> Request<'r> {
        let text = |column| self.text(column, at);
        let host = text(8);
        let site = file.folder.as_deref().unwrap_or(if host.is_empty() { "site" } else { host });
        Request {
            site,
            time: self.time.value(at).saturating_sub(declared.clock(site)),
            client: declared.client(site, text(0), text(1), file.proxied),
            method: text(2),
            path: text(3),
            query: text(4),
            status: u16::try_from(self.status.value(at)).unwrap_or(0),
            bytes: self.bytes.is_valid(at).then(|| self.bytes.value(at)),
            // A cast of what is negative or endless stays within bounds.
            millis: self.duration.is_valid(at).then(|| self.duration.value(at).round() as u32),
            referer: text(5),
            user_agent: text(6),
            cookie: text(7),
            host: if host.is_empty() { declared.host_of(site) } else { host },
        }
    }
}

impl Rows<'_> {
    fn place(&self, at: usize, site: &str, path: String) -> Place {
        Place {
            evidence: self.text(EVIDENCE, at).to_owned(),
            chain: self.text(CHAIN, at).to_owned(),
            start: self.start.value(at),
            length: self.length.value(at),
            site: site.to_owned(),
            path,
        }
    }
}

/// Places of the last two of [`TEXTS`].
const EVIDENCE: usize = 9;
const CHAIN: usize = 10;

/// Rows of `walked` in the making.
#[derive(Default)]
struct Found {
    texts: [StringBuilder; 12],
    time: TimestampMicrosecondBuilder,
    start: UInt64Builder,
    length: UInt64Builder,
    requests: UInt64Builder,
}

const FOUND: [&str; 12] = [
    "evidence",
    "chain",
    "site",
    "client",
    "user_agent",
    "actor",
    "phase",
    "classes",
    "techniques",
    "manner",
    "record",
    "outcome",
];

impl Found {
    fn push(&mut self, rows: &Rows<'_>, at: usize, request: &Request<'_>, mark: &Mark<'_>) {
        let words: Vec<_> = mark.classes.words().collect();
        let techniques: Vec<_> = mark.classes.techniques().collect();
        let (record, outcome) = match &mark.record {
            Some((record, outcome)) => (Some(&**record), Some(outcome.word())),
            None => (None, None),
        };
        let (classes, techniques) = (words.join(","), techniques.join(","));
        self.row([
            Some(rows.text(EVIDENCE, at)),
            Some(rows.text(CHAIN, at)),
            Some(request.site),
            Some(request.client),
            Some(request.user_agent).filter(|agent| !agent.is_empty()),
            Some(&format!("{:016x}", mark.actor)),
            Some(mark.phase.word()),
            Some(&*classes).filter(|words| !words.is_empty()),
            Some(&*techniques).filter(|words| !words.is_empty()),
            mark.manner.map(traffic::trail::Manner::words),
            record,
            outcome,
        ]);
        self.time.append_value(request.time);
        self.start.append_value(rows.start.value(at));
        self.length.append_value(rows.length.value(at));
        self.requests.append_value(1);
    }

    fn background(&mut self, site: &str, attempts: u64, addresses: u64) {
        let mut cells = [None; 12];
        let many = format!("{addresses} addresses");
        (cells[2], cells[3], cells[6]) = (Some(site), Some(&*many), Some("background"));
        self.row(cells);
        self.time.append_null();
        self.start.append_null();
        self.length.append_null();
        self.requests.append_value(attempts);
    }

    fn row(&mut self, cells: [Option<&str>; 12]) {
        self.texts.iter_mut().zip(cells).for_each(|(column, cell)| column.append_option(cell));
    }

    fn finish(mut self) -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = Vec::new();
        for column in &mut self.texts {
            columns.push(Arc::new(column.finish()));
        }
        columns.push(Arc::new(self.time.finish().with_timezone("UTC")));
        for column in [&mut self.start, &mut self.length, &mut self.requests] {
            columns.push(Arc::new(column.finish()));
        }
        RecordBatch::try_new(schema(), columns).map_err(|error| Error::Sql(error.to_string()))
    }
}

fn schema() -> SchemaRef {
    let mut fields: Vec<Field> = FOUND.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
    fields.push(Field::new("time", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true));
    fields.extend(["start", "length", "requests"].map(|name| Field::new(name, DataType::UInt64, true)));
    Arc::new(Schema::new(fields))
}
