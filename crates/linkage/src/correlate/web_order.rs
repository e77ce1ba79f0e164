//! All requests of a case in the order of time, in bounded memory, on two threads.
//!
//! Requests are cut into spans of whole minutes that hold about as many each. One
//! thread reads a span, sorts it, and finds what each request tells by itself; the
//! caller's takes them in order. Logs are nearly sorted as they lie, so it is places
//! of rows that are sorted, by a sort that finds runs; the texts stay where they are.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, RecordBatch};
use casefile::{Error, Result, Session};
use model::tables::WEB_REQUESTS;
use traffic::{Declared, Request};

use super::web_rows::{self, COLUMNS, File, Rows};

/// Requests that are sorted at a time, about: some 150 MB of them.
const SORTED_AT_ONCE: u64 = 400_000;
/// Requests that are handed over at a time.
const HANDED_OVER: usize = 16_384;
const MINUTE: i64 = 60_000_000;

/// The requests of a case.
pub struct Requests<'s> {
    session: &'s Session,
    declared: &'s Declared,
    files: BTreeMap<String, File>,
    spans: Vec<Range<i64>>,
}

/// Requests in order, with what each tells.
struct Chunk<T> {
    span: Arc<Vec<RecordBatch>>,
    rows: Vec<(Row, T)>,
}

/// Where a request lies within its span, and by what it is sorted.
#[derive(Clone, Copy)]
struct Row {
    time: i64,
    file: u32,
    batch: u32,
    at: u32,
}

impl<'s> Requests<'s> {
    /// Looks through all requests once for what has to be known of them as a whole.
    pub fn of(session: &'s Session, declared: &'s Declared) -> Result<Self> {
        let mut files = web_rows::files(session)?;
        let mut seen = Seen::default();
        let columns = ["evidence", "time", "peer_ip", "forwarded_for"];
        session.scan(&WEB_REQUESTS, &columns, None, &mut |batch| seen.take(&batch))?;
        for (evidence, file) in &mut files {
            file.proxied = seen.peers.get(evidence).is_some_and(Peers::is_proxy);
        }
        Ok(Self { session, declared, files, spans: spans(&seen.minutes) })
    }

    /// Gives each request in the order of its stamp, of its file and of its line there,
    /// with what `tell` says of it, which is asked on another thread.
    pub fn in_order<T: Send>(
        &self,
        tell: &mut (dyn FnMut(&Request<'_>) -> T + Send),
        take: &mut dyn FnMut(&Request<'_>, &T),
    ) -> Result<()> {
        std::thread::scope(|scope| {
            let (give, chunks) = sync_channel(2);
            let reading = scope.spawn(move || self.spans.iter().try_for_each(|span| self.read(span, tell, &give)));
            for chunk in chunks {
                self.take(&chunk, take)?;
            }
            reading.join().unwrap_or_else(|_| Err(Error::Sql("the thread that reads requests failed".to_owned())))
        })
    }

    /// Gives each request in the order of the files, with its row.
    pub fn as_they_lie(&self, take: &mut dyn FnMut(&Rows<'_>, usize, &Request<'_>)) -> Result<()> {
        std::thread::scope(|scope| {
            let (give, batches) = sync_channel(4);
            let reading = scope.spawn(move || {
                self.session.scan(&WEB_REQUESTS, &COLUMNS, None, &mut |batch| give.send(batch).map_err(|_| hung_up()))
            });
            for batch in batches {
                let rows = Rows::of(&batch)?;
                rows.each(&self.files, &mut |at, file| take(&rows, at, &rows.request(at, file, self.declared)));
            }
            reading.join().unwrap_or_else(|_| Err(Error::Sql("the thread that reads requests failed".to_owned())))
        })
    }

    fn read<T>(
        &self,
        span: &Range<i64>,
        tell: &mut (dyn FnMut(&Request<'_>) -> T + Send),
        give: &SyncSender<Chunk<T>>,
    ) -> Result<()> {
        let mut batches = Vec::new();
        self.session.scan(&WEB_REQUESTS, &COLUMNS, Some(("time", span.clone())), &mut |batch| {
            batches.push(batch);
            Ok(())
        })?;
        let lying = Arc::new(batches);
        let all: Result<Vec<Rows<'_>>> = lying.iter().map(Rows::of).collect();
        let (all, files) = (all?, self.files.values().collect::<Vec<_>>());
        let line = |row: &Row| (&all[row.batch as usize], row.at as usize);
        let mut rows = Vec::new();
        for (batch, of) in (0..).zip(&all) {
            of.each(&self.files, &mut |at, file| {
                rows.push(Row { time: of.time(at), file: file.rank, batch, at: at as u32 });
            });
        }
        rows.sort_by(|one, other| {
            (one.time, one.file).cmp(&(other.time, other.file)).then_with(|| {
                let ((rows, at), (others, other_at)) = (line(one), line(other));
                rows.compare(at, others, other_at)
            })
        });
        for part in rows.chunks(HANDED_OVER) {
            let telling = |row: &Row| {
                let (rows, at) = line(row);
                (*row, tell(&rows.request(at, files[row.file as usize], self.declared)))
            };
            let rows = part.iter().map(telling).collect();
            give.send(Chunk { span: lying.clone(), rows }).map_err(|_| hung_up())?;
        }
        Ok(())
    }

    fn take<T>(&self, chunk: &Chunk<T>, take: &mut dyn FnMut(&Request<'_>, &T)) -> Result<()> {
        let all: Result<Vec<Rows<'_>>> = chunk.span.iter().map(Rows::of).collect();
        let (all, files) = (all?, self.files.values().collect::<Vec<_>>());
        for (row, told) in &chunk.rows {
            let request = all[row.batch as usize].request(row.at as usize, files[row.file as usize], self.declared);
            take(&request, told);
        }
        Ok(())
    }
}

/// Whoever takes the requests has failed, and says why.
fn hung_up() -> Error {
    Error::Sql("nobody takes the requests".to_owned())
}

/// What one look at all requests shows.
#[derive(Default)]
struct Seen {
    minutes: BTreeMap<i64, u64>,
    peers: BTreeMap<String, Peers>,
}

/// Whom the requests of a file came from.
#[derive(Default)]
struct Peers {
    one: Option<String>,
    several: bool,
    requests: u64,
    forwarded: u64,
}

impl Peers {
    fn is_proxy(&self) -> bool {
        self.one.is_some() && !self.several && 2 * self.forwarded > self.requests
    }
}

impl Seen {
    fn take(&mut self, batch: &RecordBatch) -> Result<()> {
        let missing = || Error::Sql("requests come in other types than asked for".to_owned());
        let column = |name: &str| batch.column_by_name(name).ok_or_else(missing);
        let text = |name: &str| column(name)?.as_string_view_opt().ok_or_else(missing);
        let (evidence, peer, forwarded) = (text("evidence")?, text("peer_ip")?, text("forwarded_for")?);
        let time = column("time")?.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(missing)?;
        let mut at = 0;
        while at < batch.num_rows() {
            let name = evidence.value(at);
            let end = (at..batch.num_rows()).find(|other| evidence.value(*other) != name).unwrap_or(batch.num_rows());
            let peers = self.peers.entry(name.to_owned()).or_default();
            peers.requests += (end - at) as u64;
            peers.forwarded += (at..end).filter(|at| forwarded.is_valid(*at)).count() as u64;
            for value in (at..end).filter(|at| peer.is_valid(*at)).map(|at| peer.value(at)) {
                if peers.several {
                    break;
                }
                peers.several = peers.one.get_or_insert_with(|| value.to_owned()) != value;
            }
            at = end;
        }
        let mut held: Option<(i64, u64)> = None;
        for minute in (0..time.len()).filter(|at| time.is_valid(*at)).map(|at| time.value(at).div_euclid(MINUTE)) {
            match &mut held {
                Some((same, requests)) if *same == minute => *requests += 1,
                _ => self.count(held.replace((minute, 1))),
            }
        }
        self.count(held);
        Ok(())
    }

    fn count(&mut self, minute: Option<(i64, u64)>) {
        if let Some((minute, requests)) = minute {
            *self.minutes.entry(minute).or_default() += requests;
        }
    }
}

/// Spans of whole minutes that hold all requests, in order.
fn spans(minutes: &BTreeMap<i64, u64>) -> Vec<Range<i64>> {
    let (mut cuts, mut held) = (vec![i64::MIN], 0);
    for (minute, requests) in minutes {
        if held > 0 && held + requests > SORTED_AT_ONCE {
            cuts.push(minute.saturating_mul(MINUTE));
            held = 0;
        }
        held += requests;
    }
    cuts.push(i64::MAX);
    cuts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}
