//! JSON lines of unknown meaning: one object a line, one record each.
//!
//! The object is kept as it stands. Which keys hold person data is told from
//! the objects at the start of the source, by the rules for column names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Entry, Format, Out, Reading, Role, Step, Table, Text, tables};
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::delimited::{json_cells, person};
use super::lines::{Lines, Piece, Unfit, each_line};
use super::posts::Posts;
use super::utf16::read_up_to;

/// JSON lines.
pub struct JsonLines;

const ENTRY: Entry = Entry {
    name: "json-lines",
    summary: "JSON lines that no more particular format reads",
    doc: "\
# What it reads
One JSON object a line. A single line counts only if the file is called `.jsonl`
or `.ndjson`.

# Which tables
`posts` if the keys are those of an export of posts, nested ones joined by dots;
`person_records` if two kinds of key name people; else `records`, where `row` is
the line number. Each text in a post or a record is also given to the detectors.
One row of `record_sets` for the source.

# What is lost
Lines that are no JSON object.",
};

/// Lines that a verdict rests on.
const SAMPLE_LINES: usize = 200;

/// Lines whose nested keys say whether they are posts.
const PATH_LINES: usize = 20;

/// Keys that are told apart in `record_sets`.
const COLUMNS: usize = 4_096;

impl Format for JsonLines {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn sniff(&self, head: &[u8], name: &str) -> bool {
        let (mut fit, mut unfit) = (0, 0);
        for line in sample(head) {
            if keys_of(line).is_some() {
                fit += 1
            } else {
                unfit += 1
            }
            if unfit > SAMPLE_LINES / 2 {
                return false;
            }
        }
        let named = [".jsonl", ".ndjson"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
        fit >= if named { 1 } else { 2 } && fit > unfit
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut head = vec![0; crate::drive::HEAD_BYTES];
        let filled = read_up_to(bytes, &mut head)?;
        let mut columns = Columns::default();
        sample(&head[..filled]).filter_map(keys_of).for_each(|keys| columns.add(keys));
        let posts = Posts::of(&paths(&head[..filled]));
        let person = posts.as_ref().map_or_else(|| person::by_name(&columns.names), Posts::person_columns);
        let unfit = Unfit::new(reading.chain, "line");
        let personal = posts.is_none() && !person.is_empty();
        let mut rows = Rows { chain: reading.chain, personal, posts, columns, unfit, line: 0, records: 0 };
        let mut whole = head[..filled].chain(bytes);
        let mut lines = Lines::new(&mut whole, reading.split);
        let outcome = loop {
            match lines.next_piece() {
                Ok(Some(Piece::Run { start, bytes })) => rows.run(start, bytes, out),
                Ok(Some(Piece::Overlong { start, length })) => {
                    rows.line += 1;
                    rows.unfit.note("line is longer than 1 MiB", start, start + length, rows.line, out);
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        rows.finish(&person, out);
        outcome
    }
}

fn sample(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = memchr::memrchr(b'\n', head).map_or(head, |newline| &head[..=newline]);
    each_line(whole)
        .map(|(_, line)| object_bytes(line).trim_ascii_end())
        .filter(|line| !line.is_empty())
        .take(SAMPLE_LINES)
}

/// A line without the byte order mark and white space before the object.
fn object_bytes(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii_start()
}

/// The keys of a JSON object in their order, if the line is one.
fn keys_of(line: &[u8]) -> Option<Vec<String>> {
    struct Keys;
    impl<'de> Visitor<'de> for Keys {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<String>, A::Error> {
            let mut keys = Vec::new();
            while let Some((key, _)) = map.next_entry::<String, IgnoredAny>()? {
                keys.push(key);
            }
            Ok(keys)
        }
    }
    if line.first() != Some(&b'{') {
        return None;
    }
    let mut json = serde_json::Deserializer::from_slice(line);
    let keys = json.deserialize_map(Keys).ok()?;
    json.end().ok()?;
    Some(keys)
}

/// Keys seen so far, in the order of their first appearance.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    seen: BTreeSet<String>,
}

impl Columns {
    fn add(&mut self, keys: Vec<String>) {
        for key in keys {
            if self.names.len() < COLUMNS && !self.seen.contains(&key) {
                self.seen.insert(key.clone());
                self.names.push(key);
            }
        }
    }
}

/// Rows of one source in the making.
struct Rows<'c> {
    chain: &'c str,
    personal: bool,
    posts: Option<Posts>,
    columns: Columns,
    unfit: Unfit<'c>,
    line: u64,
    records: u64,
}

impl Rows<'_> {
    fn run(&mut self, start: u64, run: &[u8], out: &mut dyn Out) {
        if !out.begin(start) {
            self.line += memchr::memchr_iter(b'\n', run).count() as u64;
            return;
        }
        for (at, line) in each_line(run) {
            self.line += 1;
            let object = object_bytes(line);
            if !object.is_empty() {
                let before = line.len() - object.len();
                let cut = at + line.len() == run.len();
                self.object(start + (at + before) as u64, object.trim_ascii_end(), cut, out);
            }
        }
    }

    fn object(&mut self, start: u64, object: &[u8], cut: bool, out: &mut dyn Out) {
        let end = start + object.len() as u64;
        let text = String::from_utf8_lossy(object);
        let Some(keys) = keys_of(text.as_bytes()) else {
            let reason = if cut { "last line is cut" } else { "line is no JSON object" };
            return self.unfit.note(reason, start, end, self.line, out);
        };
        self.unfit.close(out);
        self.columns.add(keys);
        self.records += 1;
        let at = At { chain: self.chain, start, length: end - start };
        if out.wants_rows()
            && let Some(posts) = &self.posts
        {
            let leaves = leaves_of(&text);
            posts.row(&|column| leaves.get(column).map(|leaf| leaf.as_str().into()), at, out);
        } else if out.wants_rows() {
            let table: &'static Table = if self.personal { &tables::PERSON_RECORDS } else { &tables::RECORDS };
            out.row(table, at, &[self.line.into(), text.as_ref().into()]);
        }
        if out.wants_texts() && !self.personal {
            let chain = extend_chain(self.chain, &Step::Line(self.line));
            if let Ok(value) = serde_json::from_str(&text) {
                texts(&value, &chain, self.posts.as_ref(), &mut Vec::new(), out);
            }
        }
    }

    fn finish(mut self, person: &[String], out: &mut dyn Out) {
        self.unfit.close(out);
        let (columns, person) = (json_cells::array(&self.columns.names), json_cells::array(person));
        let set =
            ["jsonl".into(), "UTF-8".into(), false.into(), (&columns).into(), (&person).into(), self.records.into()];
        out.row(&tables::RECORD_SETS, At::whole(self.chain), &set);
    }
}

/// Gives each text in the value; nesting is bounded by the JSON parser's limit.
fn texts(value: &Value, chain: &str, posts: Option<&Posts>, tokens: &mut Vec<String>, out: &mut dyn Out) {
    match value {
        Value::String(_) if posts.is_some_and(|posts| posts.names_account(&dotted(tokens))) => {}
        Value::String(text) if !text.is_empty() => {
            let chain = extend_chain(chain, &Step::Json(tokens.clone()));
            let key = tokens.iter().rev().find(|token| token.parse::<usize>().is_err());
            let role = Role::Cell(key.map_or("", String::as_str));
            out.text(&Text { role, chain: &chain, start: 0, bytes: text.as_bytes(), personal: posts.is_some() });
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                within(index.to_string(), item, chain, posts, tokens, out);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                within(key.clone(), member, chain, posts, tokens, out);
            }
        }
        _ => {}
    }
}

fn within(
    token: String,
    value: &Value,
    chain: &str,
    posts: Option<&Posts>,
    tokens: &mut Vec<String>,
    out: &mut dyn Out,
) {
    tokens.push(token);
    texts(value, chain, posts, tokens, out);
    tokens.pop();
}

/// A path without the places in lists, as mappings of posts write it.
fn dotted(tokens: &[String]) -> String {
    let keys: Vec<&str> = tokens.iter().map(String::as_str).filter(|token| token.parse::<usize>().is_err()).collect();
    keys.join(".")
}

/// Texts and numbers of an object by their path; of equal paths the first.
fn leaves_of(object: &str) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    if let Ok(value) = serde_json::from_str::<Value>(object) {
        gather(&value, "", &mut leaves);
    }
    leaves
}

fn gather(value: &Value, path: &str, leaves: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                gather(member, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, leaves);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, path, leaves)),
        Value::String(text) => drop(leaves.entry(path.to_owned()).or_insert_with(|| text.clone())),
        Value::Number(number) => drop(leaves.entry(path.to_owned()).or_insert_with(|| number.to_string())),
        // A key that this object leaves empty is still a key of the source.
        Value::Null | Value::Bool(_) => drop(leaves.entry(path.to_owned()).or_default()),
    }
}

/// Paths of the objects at the start of the source.
fn paths(head: &[u8]) -> Vec<String> {
    let lines = sample(head).take(PATH_LINES);
    let all: BTreeSet<String> = lines.flat_map(|line| leaves_of(&String::from_utf8_lossy(line)).into_keys()).collect();
    all.into_iter().collect()
}
