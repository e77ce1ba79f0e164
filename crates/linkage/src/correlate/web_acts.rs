//! Runs the requests of the case through the crate `traffic`, and makes what it
//! says of each of them queryable.

use std::sync::Arc;

use arrow_array::builder::{StringBuilder, TimestampMicrosecondBuilder, UInt64Builder};
use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use casefile::{Error, Result, Session};
use traffic::{Declared, Ledger, Mark, Request, Verdicts};

const STREAM: &str = include_str!("web_stream.sql");

const FACTS: &str = "SELECT fact, subject, value,
        arrow_cast(try_cast(valid_from AS TIMESTAMP), 'Int64') / 1000 AS valid_from,
        arrow_cast(try_cast(valid_until AS TIMESTAMP), 'Int64') / 1000 AS valid_until
    FROM facts
    ORDER BY fact <> 'site', fact, subject, value, valid_from";

/// Registers `walked`: the requests that were part of an attack or a walk.
pub fn walk(session: &Session) -> Result<()> {
    let rules = |error: traffic::attack::BadRules| Error::Sql(error.to_string());
    let declared = declared(session)?;
    let mut ledger = Ledger::new(declared.clone()).map_err(rules)?;
    let mut sites = std::collections::BTreeSet::new();
    session.stream(&stream(), &mut |batch| {
        let rows = Rows::of(&batch)?;
        for at in 0..batch.num_rows() {
            let request = rows.request(at, &declared);
            if !sites.contains(request.site) {
                sites.insert(request.site.to_owned());
            }
            ledger.observe(&request);
        }
        Ok(())
    })?;
    let mut verdicts = ledger.close();
    let mut found = Found::default();
    if !verdicts.is_empty() {
        session.stream(&stream(), &mut |batch| {
            let rows = Rows::of(&batch)?;
            for at in 0..batch.num_rows() {
                let request = rows.request(at, &declared);
                if let Some(mark) = verdicts.of(&request) {
                    found.push(&rows, at, &request, &mark);
                }
            }
            Ok(())
        })?;
    }
    background(&sites, &verdicts, &mut found);
    let batch = found.finish()?;
    session.register_batches("walked", batch.schema(), vec![batch])
}

/// The query, its columns in the types that [`Rows`] reads.
fn stream() -> String {
    let text = |name: &str| format!("arrow_cast({name}, 'Utf8') AS {name}");
    let columns: Vec<String> = TEXTS.iter().map(|name| text(name)).collect();
    format!(
        "SELECT {}, arrow_cast(time, 'Timestamp(Microsecond, Some(\"UTC\"))') AS time, status, bytes, start, length FROM ({STREAM})
         ORDER BY time, evidence, chain, start",
        columns.join(", ")
    )
}

const TEXTS: [&str; 13] = [
    "site",
    "peer_ip",
    "forwarded_for",
    "proxied",
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

fn background(sites: &std::collections::BTreeSet<String>, verdicts: &Verdicts, found: &mut Found) {
    for site in sites {
        let (attempts, addresses) = verdicts.background(site);
        if attempts > 0 {
            found.background(site, attempts, addresses as u64);
        }
    }
}

/// Columns of one batch of requests.
struct Rows<'a> {
    texts: [&'a StringArray; 13],
    time: &'a TimestampMicrosecondArray,
    status: &'a UInt64Array,
    bytes: &'a UInt64Array,
    start: &'a UInt64Array,
    length: &'a UInt64Array,
}

impl<'a> Rows<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self> {
        let missing = || Error::Sql("requests come in other types than asked for".to_owned());
        let texts: Option<Vec<&StringArray>> = (0..13).map(|at| batch.column(at).as_string_opt::<i32>()).collect();
        let numbers = |at: usize| batch.column(at).as_primitive_opt::<UInt64Type>().ok_or_else(missing);
        Ok(Self {
            texts: texts.and_then(|texts| texts.try_into().ok()).ok_or_else(missing)?,
            time: batch.column(13).as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(missing)?,
            status: numbers(14)?,
            bytes: numbers(15)?,
            start: numbers(16)?,
            length: numbers(17)?,
        })
    }

    fn text(&self, column: usize, at: usize) -> &'a str {
        if self.texts[column].is_valid(at) { self.texts[column].value(at) } else { "" }
    }

    fn request(&self, at: usize, declared: &'a Declared) -> Request<'a> {
        let text = |column| self.text(column, at);
        let site = text(0);
        Request {
            site,
            time: self.time.value(at).saturating_sub(declared.clock(site)),
            client: declared.client(site, text(1), text(2), !text(3).is_empty()),
            method: text(4),
            path: text(5),
            query: text(6),
            status: u16::try_from(self.status.value(at)).unwrap_or(0),
            bytes: self.bytes.is_valid(at).then(|| self.bytes.value(at)),
            referer: text(7),
            user_agent: text(8),
            cookie: text(9),
            host: if text(10).is_empty() { declared.host_of(site) } else { text(10) },
        }
    }
}

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
            Some(rows.text(11, at)),
            Some(rows.text(12, at)),
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
