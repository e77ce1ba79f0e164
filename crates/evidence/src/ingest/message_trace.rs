//! Message traces: what a provider knows of mails that nobody handed in.
//!
//! Microsoft 365 and others export them as delimited text, in UTF-8 or UTF-16:
//! one row for a mail and a recipient, or for a mail and all its recipients.
//! Sender, recipients and subject may all be victims', so they go to private.

use std::io::{self, Read};

use jiff::civil::DateTime;
use model::locator::extend_chain;
use model::{At, Cell, Entry, Format, Loss, Out, Reading, Role, Step, Text, tables};

use super::table_rows::{Header, Row, header, opens_with_header, rows};
use super::{instant, whole};

/// Tables of mails by their envelopes.
pub struct MessageTrace;

impl Format for MessageTrace {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "message-trace",
            summary: "a provider's message trace: mails known by their envelope only",
            doc: "What it reads: delimited text whose header has columns for sender, recipient and Message-ID, as \
                  Get-MessageTrace and the summary and extended reports of Microsoft 365 write them, UTF-16 \
                  included. A recipient may have what became of it behind `##`.\n\nWhat it gives: one row of \
                  message_traces per record; sender, recipients and subject as envelopes; addresses and \
                  Message-IDs as cells.\n\nLimits: a date in numbers counts only if a 12-hour clock, which American \
                  settings write, or the form of ISO 8601 tells day from month. Records without a Message-ID are a \
                  loss.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        opens_with_header(head, &is_trace)
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        let Some(header) = header(&whole.text, &is_trace) else { return Ok(()) };
        let columns = Columns::of(&header);
        rows(&whole.text, &header, &mut |row| record(&whole, &columns, &row, out));
        Ok(())
    }
}

const SENDER: &[&str] = &["senderaddress", "sender_address", "sender"];
const RECIPIENT: &[&str] = &["recipientaddress", "recipient_address", "recipient_status", "recipients", "recipient"];
const MESSAGE_ID: &[&str] = &["messageid", "message_id", "internetmessageid", "internet_message_id"];
const TIME: &[&str] = &["received", "origin_timestamp_utc", "date_time_utc", "date_time", "timestamp", "date"];
const FROM_IP: &[&str] = &["fromip", "from_ip", "original_client_ip", "client_ip"];
const TO_IP: &[&str] = &["toip", "to_ip", "server_ip"];
const STATUS: &[&str] = &["status", "delivery_status", "event_id"];
const SUBJECT: &[&str] = &["subject", "message_subject"];
const SIZE: &[&str] = &["size", "total_bytes"];

fn is_trace(header: &Header) -> bool {
    [SENDER, RECIPIENT, MESSAGE_ID].iter().all(|names| header.column(names).is_some())
}

struct Columns {
    sender: Option<usize>,
    recipient: Option<usize>,
    message_id: Option<usize>,
    time: Option<usize>,
    from_ip: Option<usize>,
    to_ip: Option<usize>,
    status: Option<usize>,
    subject: Option<usize>,
    size: Option<usize>,
}

impl Columns {
    fn of(header: &Header) -> Self {
        Self {
            sender: header.column(SENDER),
            recipient: header.column(RECIPIENT),
            message_id: header.column(MESSAGE_ID),
            time: header.column(TIME),
            from_ip: header.column(FROM_IP),
            to_ip: header.column(TO_IP),
            status: header.column(STATUS),
            subject: header.column(SUBJECT),
            size: header.column(SIZE),
        }
    }
}

fn record(whole: &whole::Whole, columns: &Columns, row: &Row, out: &mut dyn Out) {
    let (start, end) = (row.place.start as u64, row.place.end as u64);
    if row.cell(columns.message_id).is_none() {
        let loss = Loss { reason: "record of a message trace has no Message-ID", count: 1, detail: "" };
        return out.loss(whole.place(row.place.start, row.place.end), loss);
    }
    for (role, column) in [("from_ip", columns.from_ip), ("to_ip", columns.to_ip), ("message_id", columns.message_id)] {
        if let Some(value) = row.cell(column) {
            let place = row.place_of(&whole.text, value);
            let bytes = whole.text.as_bytes().get(place.clone()).unwrap_or_default();
            let start = place.start as u64;
            out.text(&Text { role: Role::Cell(role), chain: &whole.chain, start, bytes, personal: true });
        }
    }
    if out.wants_rows() {
        put(&extend_chain(&whole.chain, &Step::Bytes(start, end)), columns, row, out);
    }
}

fn put(chain: &str, columns: &Columns, row: &Row, out: &mut dyn Out) {
    let sender = row.cell(columns.sender);
    let recipients = recipients(row.cell(columns.recipient).unwrap_or(""));
    let address = |column| row.cell(column).and_then(|ip| Some(ip.parse::<std::net::IpAddr>().ok()?.to_canonical()));
    let (from_ip, to_ip) = (address(columns.from_ip), address(columns.to_ip));
    let (from_ip, to_ip) = (from_ip.map(|ip| ip.to_string()), to_ip.map(|ip| ip.to_string()));
    let domain = sender.and_then(|sender| Some(sender.rsplit_once('@')?.1.trim_end_matches('>').to_ascii_lowercase()));
    let status = row.cell(columns.status).or_else(|| recipients.iter().find_map(|(_, status)| *status));
    let cells = [
        row.cell(columns.message_id).into(),
        row.cell(columns.time).and_then(time).map_or(Cell::Null, Cell::Time),
        row.cell(columns.time).into(),
        domain.as_ref().into(),
        from_ip.as_ref().into(),
        to_ip.as_ref().into(),
        status.into(),
        (recipients.len() as u64).into(),
        row.cell(columns.size).and_then(|size| size.parse::<u64>().ok()).into(),
    ];
    out.row(&tables::MESSAGE_TRACES, At::whole(chain), &cells);
    let mut envelope = |field: &str, value: &str| {
        out.row(&tables::ENVELOPES, At::whole(chain), &[chain.into(), field.into(), value.into()]);
    };
    sender.into_iter().for_each(|sender| envelope("from", &lower_domain(sender)));
    recipients.iter().for_each(|(recipient, _)| envelope("to", &lower_domain(recipient)));
    row.cell(columns.subject).into_iter().for_each(|subject| envelope("subject", subject));
}

/// Addresses, each with what became of the mail where that is stated.
fn recipients(cell: &str) -> Vec<(&str, Option<&str>)> {
    let each = cell.split(';').map(|one| one.split_once("##").map_or((one, None), |(one, status)| (one, Some(status))));
    each.map(|(one, status)| (one.trim(), status.map(str::trim))).filter(|(one, _)| one.contains('@')).collect()
}

fn lower_domain(address: &str) -> String {
    let bare = address.trim_matches(['<', '>', ' ']);
    bare.rsplit_once('@')
        .map_or_else(|| bare.to_owned(), |(local, domain)| format!("{local}@{}", domain.to_ascii_lowercase()))
}

/// A time in UTC, which is what traces are in.
fn time(text: &str) -> Option<i64> {
    let american = || instant::at_utc(DateTime::strptime("%m/%d/%Y %I:%M:%S %p", text).ok()?);
    instant::micros(text).or_else(american)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_only_where_day_and_month_are_certain() {
        let expected = instant::micros("2026-05-11T19:00:05Z");
        assert_eq!(time("5/11/2026 7:00:05 PM"), expected);
        assert_eq!(time("2026-05-11T19:00:05.0000000Z"), expected);
        assert_eq!(time("11/05/2026 19:00:05"), None);
    }

    #[test]
    fn recipients_are_told_from_what_became_of_them() {
        let cell = "a@Town.test##Receive, Deliver;b@town.test##Fail; ";
        assert_eq!(recipients(cell), [("a@Town.test", Some("Receive, Deliver")), ("b@town.test", Some("Fail"))]);
        assert_eq!(lower_domain("<a@Town.test>"), "a@town.test");
    }
}
