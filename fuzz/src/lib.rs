//! What each fuzz target does, with the promises that it holds the code to.
//!
//! `./x fuzz` runs these on a nightly compiler with new inputs. The same file
//! is a module of the tests of `evidence`, which replay every seed on stable.
//!
//! Not reached from here: frames between parent and worker child, which both
//! ends of one binary write, and SQL, which reads our own tables alone.

use std::io::Cursor;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use evidence::extract::Extractor;
use evidence::reissue::{About, Form, List, STANDARDS, relist};
use evidence::{Drive, Limits, Pass, Sink, ingest, resolve};
use model::locator::parse_chain;
use model::{Digest, Format, Locator, Mark, Role, Table, Text, tables};

/// Tight, so that an input which unfolds ends soon.
const LIMITS: Limits = Limits { depth: 5, ratio: 100, free_bytes: 4 << 20 };

/// Runs the target of that name.
pub fn run(target: &str, input: &[u8]) {
    match target {
        "locator" => locator(input),
        "resolve" => resolve_chain(input),
        "extract" => extract(input),
        "reissue" => reissue(input),
        "any_format" => read(ingest::sniff(&input[..input.len().min(64 << 10)], "seed"), input),
        _ => read(format_of(target), input),
    }
}

/// The format that a target named `format_NAME` is for.
pub fn format_of(target: &str) -> Option<&'static dyn Format> {
    let name = target.strip_prefix("format_")?.replace('_', "-");
    ingest::by_name(&name)
}

/// A locator that parses prints as something that parses to the same.
fn locator(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(locator) = text.parse::<Locator>() {
        assert_eq!(locator.to_string().parse(), Ok(locator));
    }
    let _ = parse_chain(text);
}

/// The first line is a chain, the rest the file: any place in any bytes is
/// opened or refused.
fn resolve_chain(input: &[u8]) {
    let end_of_line = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (chain, file) = input.split_at(end_of_line);
    let file = file.get(1..).unwrap_or_default();
    if let Some(steps) = std::str::from_utf8(chain).ok().and_then(|chain| parse_chain(chain).ok()) {
        let _ = resolve::open(&mut Cursor::new(file), &steps);
    }
}

/// Whatever is written is JSON, and what was held was kept or lost.
fn reissue(input: &[u8]) {
    let Some((choice, document)) = input.split_first() else { return };
    let mark = Mark::ALL[usize::from(*choice >> 4) % Mark::ALL.len()];
    let about = About::default();
    let mut written = Vec::new();
    let choice = usize::from(*choice & 15) % (STANDARDS.len() + Form::ALL.len());
    let tally = match STANDARDS.get(choice) {
        Some(standard) => {
            let whole = ingest::whole::decode("", document.to_vec());
            evidence::reissue::reissue(standard, &whole, &about, mark, &[0; 32], &mut written)
        }
        None => {
            let form = Form::ALL[choice - STANDARDS.len()];
            let list = List { name: "list.csv", digest: &model::Digest([0; 32]), chain: "", about: &about };
            relist(form, &list, &mut Cursor::new(document), document.len() as u64, mark, &mut written)
        }
    };
    let Ok(tally) = tally else { return };
    assert_eq!(tally.read, tally.kept + tally.lost.values().sum::<u64>());
    assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&written).is_ok());
}

/// The first byte chooses the role, the rest is the text. Whatever is found
/// lies within the text.
fn extract(input: &[u8]) {
    let Some((role, bytes)) = input.split_first() else { return };
    let role = match role % 7 {
        0 => Role::Body,
        1 => Role::Header("Date"),
        2 => Role::Header("X-PHP-Script"),
        3 => Role::Log,
        4 => Role::Cell("value"),
        5 => Role::Name,
        _ => Role::Document,
    };
    let text = Text { role, chain: "", start: 1_000, bytes, personal: input.len().is_multiple_of(2) };
    let end = text.start + bytes.len() as u64;
    let mut extractor = Extractor::default();
    let mut within = |table: &'static Table, at: model::At<'_>, _: &[model::Cell<'_>]| {
        let inside = at.start >= text.start && at.start.saturating_add(at.length) <= end;
        assert!(inside || at.length == 0, "{}: {at:?} is not within {}..{end}", table.name, text.start);
    };
    extractor.text(&text, &mut within);
    extractor.finish(&mut within);
}

/// Plans the splits, then reads them in both passes.
fn read(format: Option<&dyn Format>, input: &[u8]) {
    let length = input.len() as u64;
    let whole = vec![model::Split::whole(length)];
    let splits = format.map_or(whole, |format| format.plan(&mut Cursor::new(input), length).unwrap_or_default());
    for pass in [Pass::Ingest, Pass::Extract] {
        for split in &splits {
            let mut sink = Strict { input };
            let drive = Drive::new(pass, Digest([0; 32]), length, LIMITS, &mut sink);
            drive.read(format, "seed", split, &mut Cursor::new(input));
        }
    }
}

/// Accepts rows whose places are well formed, and no reader that panicked.
struct Strict<'a> {
    input: &'a [u8],
}

impl Sink for Strict<'_> {
    fn batch(&mut self, table: &'static Table, batch: RecordBatch) {
        if table.name == tables::LOSSES.name {
            refuse_panics(&batch);
        }
        let Some(chains) = batch.column_by_name("chain").filter(|_| table.located) else { return };
        let chains = chains.as_string::<i32>();
        for row in (0..batch.num_rows()).filter(|row| chains.is_valid(*row)).take(64) {
            let chain = chains.value(row);
            let steps = parse_chain(chain).unwrap_or_else(|error| panic!("{}: {chain:?}: {error}", table.name));
            let _ = resolve::open(&mut Cursor::new(self.input), &steps);
        }
    }

    fn begin(&mut self, _ordinal: u64) -> bool {
        true
    }
}

/// `Drive` turns a panic into a loss; here it has to be seen.
fn refuse_panics(losses: &RecordBatch) {
    if let Some(reasons) = losses.column_by_name("reason") {
        let panicked =
            reasons.as_string::<i32>().iter().any(|reason| reason == Some("the reader of this format failed"));
        assert!(!panicked, "a format panicked");
    }
}
