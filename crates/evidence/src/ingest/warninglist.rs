//! MISP warninglists: values that appear in much traffic and identify nobody.

use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Entry, Format, Loss, Out, Reading, Step, address, pattern, tables};
use regex_automata::meta::Regex;
use serde_json::Value;

use super::json_document::{Outline, broken, elements};
use super::whole;

/// MISP warninglists.
pub struct Warninglist;

impl Format for Warninglist {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "warninglist",
            summary: "a MISP warninglist",
            doc: "What it reads: JSON with `name`, `type` and `list`, as misp-warninglists publishes it.\n\nWhat it \
                  gives: one warning for each entry, under the list's own type (cidr, string, hostname, substring, \
                  regex). Nothing is deleted by it: values that match are marked.\n\nLimits: an entry of a cidr list \
                  that is no range, or of a regex list that is no pattern, is kept as written and counted as a loss.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let outline = Outline::of(head);
        if outline.text(&["list", "0"]).is_none() || !outline.keys().all(|key| KEYS.contains(&key)) {
            return false;
        }
        let typed = outline.text(&["type"]).is_some_and(|kind| TYPES.contains(&kind));
        // With its keys sorted, a long list hides its name and type behind it.
        let hidden = outline.keys().last() == Some("list") && outline.has(&["description"]);
        typed && outline.has(&["name"]) || outline.has(&["matching_attributes"]) || hidden
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_rows() {
            rows(&whole, out);
        }
        Ok(())
    }
}

const KEYS: &[&str] = &["name", "type", "description", "version", "list", "matching_attributes", "icon", "source"];

const TYPES: &[&str] = &["cidr", "string", "hostname", "substring", "regex"];

fn rows(whole: &whole::Whole, out: &mut dyn Out) {
    let json = whole.text.as_bytes();
    let field = |key: &str| {
        let bytes = super::json_document::pointer(json, &[key.to_owned()]);
        bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let name = field("name").unwrap_or_default();
    let kind = field("type").unwrap_or_else(|| "string".to_owned());
    let mut unfit = 0;
    let outcome = elements(json, &["list"], &mut |index, raw| {
        let Ok(Value::String(entry)) = serde_json::from_str::<Value>(raw.get()) else {
            unfit += 1;
            return;
        };
        let keys = (kind == "cidr").then(|| address::range_keys(entry.trim())).flatten();
        let unusable = match &*kind {
            "cidr" => keys.is_none(),
            "regex" => Regex::new(&pattern::inner(&entry)).is_err(),
            _ => false,
        };
        unfit += u64::from(unusable);
        let (first, last) = keys.unzip();
        let path = vec!["list".to_owned(), index.unwrap_or(0).to_string()];
        let chain = extend_chain(&whole.chain, &Step::Json(path));
        let cells = [
            name.as_str().into(),
            kind.as_str().into(),
            entry.as_str().into(),
            first.as_deref().into(),
            last.as_deref().into(),
        ];
        out.row(&tables::WARNINGS, At::whole(&chain), &cells);
    });
    if let Err(error) = outcome {
        broken(&whole.chain, &error, out);
    }
    if unfit > 0 {
        out.loss(
            At::whole(&whole.chain),
            Loss { reason: "warninglist entry not understood", count: unfit, detail: "" },
        );
    }
}
