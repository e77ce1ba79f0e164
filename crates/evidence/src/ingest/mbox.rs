//! Mailboxes in one file: mboxo, mboxrd, mboxcl and mboxcl2.
//!
//! Messages are found by their `From ` lines, which must hold a time of day
//! and a year, and must follow a blank line or be followed by a header; so a
//! sentence that begins with "From" cuts no mail in two. A `Content-Length`
//! is believed where it lands on such a line. Memory is bounded by one message.

use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Entry, Format, Loss, Out, Reading, Split, Step};

use super::compressed::length_of;
use super::mail::{grammar, message};

mod mailbox;

pub use mailbox::Mailbox;

/// A file of many messages.
pub struct Mbox;

impl Format for Mbox {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "mbox",
            summary: "a mailbox: many messages in one file, each after a From_ line",
            doc: "What it reads: mboxo and mboxrd (one `>` is taken off lines like `>From `), mboxcl and mboxcl2 \
                  (`Content-Length`, where it lands on the next From_ line).\n\nWhat it gives: as mail does, for \
                  each message; `mbox:N` counts from 0 and gives the message without its From_ line.\n\nSplits: at \
                  From_ lines, after 64 MiB or 4,096 messages.\n\nLosses: a message of more than 256 MiB; bytes \
                  before the first From_ line.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let start = head.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let line = head[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let next = head.get(start + line.len() + 1..).unwrap_or_default();
        mailbox::is_from_line(line) && (next.is_empty() || grammar::looks_like_message(next, "mbox.eml"))
    }

    fn plan(&self, input: &mut dyn model::contract::Input, length: u64) -> io::Result<Vec<Split>> {
        plan(input, length, Split::BYTES, Split::ITEMS)
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut mailbox = Mailbox::new(bytes.take(length_of(reading.split)));
        let mut position = reading.split.items_before;
        while let Some(found) = mailbox.next_message()? {
            if out.begin(found.start) {
                let chain = extend_chain(reading.chain, &Step::Mbox(position));
                match found.message {
                    Some(raw) => {
                        message::read(&raw, &message::Place { chain: &chain, name: reading.name, position }, out)
                    }
                    None => {
                        let reason = "message is over 256 MiB";
                        out.loss(At::whole(&chain), Loss { reason, count: 1, detail: "" });
                    }
                }
            }
            position += 1;
        }
        if mailbox.skipped_bytes > 0 {
            let at = At { chain: reading.chain, start: reading.split.start, length: mailbox.skipped_bytes };
            out.loss(at, Loss { reason: "bytes before the first From_ line", count: 1, detail: "" });
        }
        Ok(())
    }
}

/// Cuts at From_ lines once a split has `bytes` bytes or `items` messages.
fn plan(input: &mut dyn Read, length: u64, bytes: u64, items: u64) -> io::Result<Vec<Split>> {
    let mut mailbox = Mailbox::new(input);
    let mut splits = vec![Split::whole(length)];
    let mut count = 0;
    while let Some(found) = mailbox.next_message()? {
        let last = splits.len() - 1;
        let Split { start, items_before, .. } = splits[last];
        if found.start > start && (found.start - start >= bytes || count - items_before >= items) {
            splits[last].end = found.start;
            splits.push(Split { start: found.start, end: length, items_before: count, ..Split::default() });
        }
        count += 1;
    }
    Ok(splits)
}

/// The bytes of the `n`-th message of a mailbox.
pub fn message_bytes(bytes: impl Read, n: u64) -> io::Result<Option<Vec<u8>>> {
    let mut mailbox = Mailbox::new(bytes);
    for _ in 0..n {
        if mailbox.next_message()?.is_none() {
            return Ok(None);
        }
    }
    Ok(mailbox.next_message()?.and_then(|found| found.message.map(|raw| raw.into_owned())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn messages(bytes: &[u8]) -> Vec<String> {
        let mut mailbox = Mailbox::new(bytes);
        let mut all = Vec::new();
        while let Some(found) = mailbox.next_message().unwrap() {
            all.push(String::from_utf8_lossy(&found.message.unwrap()).into_owned());
        }
        all
    }

    const LINE: &str = "From a@b.test Fri Feb  7 13:44:51 2025\n";

    #[test]
    fn messages_are_cut_at_from_lines_alone() {
        let text =
            format!("{LINE}Subject: 1\n\nFrom here on.\n\nFrom the desk\n>From x\n>>From y\n\n{LINE}Subject: 2\n\nx\n");
        let expected = ["Subject: 1\n\nFrom here on.\n\nFrom the desk\nFrom x\n>From y\n", "Subject: 2\n\nx\n"];
        assert_eq!(messages(text.as_bytes()), expected);
    }

    #[test]
    fn a_blank_line_may_be_missing_before_a_header() {
        assert_eq!(messages(format!("{LINE}A: 1\n\nx\n{LINE}A: 2\n").as_bytes()), ["A: 1\n\nx\n", "A: 2\n"]);
        assert_eq!(messages(format!("{LINE}A: 1\n\nx\n{LINE}no header\n").as_bytes()).len(), 1);
    }

    #[test]
    fn a_content_length_is_believed_where_it_lands() {
        let body = format!("{LINE}B: inside\n\n>From z\n");
        let text = format!("{LINE}Content-Length: {}\n\n{body}\n{LINE}A: 2\n\n", body.len());
        assert_eq!(
            messages(text.as_bytes()),
            [format!("Content-Length: {}\n\n{body}", body.len()), "A: 2\n".to_owned()]
        );
        let text = format!("{LINE}Content-Length: 3\n\nlonger\n\n{LINE}A: 2\n");
        assert_eq!(messages(text.as_bytes()), ["Content-Length: 3\n\nlonger\n", "A: 2\n"]);
    }

    proptest! {
        #[test]
        fn splits_together_give_what_the_whole_gives(
            lines in proptest::collection::vec(
                prop_oneof![
                    Just(LINE), Just("\n"), Just("A: b\n"), Just(">From x\n"), Just("Content-Length: 4\n"), Just("abc\r\n")
                ],
                0..60,
            ),
            bytes in 1u64..200,
            items in 1u64..5,
        ) {
            let text = lines.concat();
            let whole = messages(text.as_bytes());
            let splits = plan(&mut text.as_bytes(), text.len() as u64, bytes, items).unwrap();
            let mut parts = Vec::new();
            for split in &splits {
                prop_assert_eq!(split.items_before, parts.len() as u64);
                parts.extend(messages(&text.as_bytes()[split.start as usize..split.end as usize]));
            }
            prop_assert_eq!(parts, whole);
        }

        #[test]
        fn arbitrary_bytes_are_survived(bytes: Vec<u8>) {
            messages(&bytes);
        }
    }

    #[test]
    fn a_message_over_the_limit_is_passed_over() {
        let text = format!("{LINE}A: 1\n\n{}\n\n{LINE}A: 2\n", "x".repeat(4 << 20));
        let mut mailbox = Mailbox::with_limit(text.as_bytes(), 1 << 20);
        assert!(mailbox.next_message().unwrap().unwrap().message.is_none());
        assert_eq!(mailbox.next_message().unwrap().unwrap().message.unwrap().as_ref(), b"A: 2\n");
        assert!(mailbox.next_message().unwrap().is_none());
    }
}
