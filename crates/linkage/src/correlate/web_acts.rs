//! Runs the requests of the case through the crate `traffic`, and makes what it
//! says of each of them queryable.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::builder::{StringBuilder, TimestampMicrosecondBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use casefile::{Error, Result, Session};
use traffic::{Declared, Ledger, Mark, Reader, Request, Verdicts};

use super::web_order::Requests;
use super::web_rows::Rows;
use super::web_sites::Places;

const FACTS: &str = "SELECT fact, subject, value,
        arrow_cast(try_cast(valid_from AS TIMESTAMP), 'Int64') / 1000 AS valid_from,
        arrow_cast(try_cast(valid_until AS TIMESTAMP), 'Int64') / 1000 AS valid_until
    FROM facts
    ORDER BY fact <> 'site', fact, subject, value, valid_from";

/// Registers `walked`, the requests that were part of an attack or a walk, and what
/// happened to the sites themselves.
pub fn walk(session: &Session) -> Result<()> {
    let rules = |error: traffic::attack::BadRules| Error::Sql(error.to_string());
    let declared = declared(session)?;
    let mut ledger = Ledger::new(declared.clone()).map_err(rules)?;
    let mut reader = Reader::new(declared.clone()).map_err(rules)?;
    let requests = Requests::of(session, &declared)?;
    let mut sites = BTreeSet::new();
    requests.in_order(&mut |request| reader.tell(request), &mut |request, told| {
        if !sites.contains(request.site) {
            sites.insert(request.site.to_owned());
        }
        ledger.take(request, told);
    })?;
    let mut verdicts = ledger.close();
    let (mut found, mut places) = (Found::default(), Places::default());
    if verdicts.wants_second_pass() {
        // What a request was part of does not depend on those before it.
        requests.as_they_lie(&mut |rows, at, request| {
            let mark = verdicts.of(request);
            let told = mark.is_some();
            if let Some(mark) = mark {
                found.push(rows, at, request, &mark);
            }
            places.keep(verdicts.note(request, told), |path| rows.place(at, request.site, path));
        })?;
    }
    background(&sites, &verdicts, &mut found);
    places.register(&sites, &verdicts, session)?;
    let batch = found.finish()?;
    session.register_batches("walked", batch.schema(), vec![batch])
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
            Some(rows.evidence(at)),
            Some(rows.chain(at)),
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
        self.start.append_value(rows.start(at));
        self.length.append_value(rows.length(at));
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
