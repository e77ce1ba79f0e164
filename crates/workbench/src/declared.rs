//! Facts about sites for a watch, which has no case: read from notes and tables
//! as a case would read them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use evidence::ingest;
use model::{At, Cell, Format, Loss, Out, Reading, Split, Step, Table, Text, tables};
use traffic::Declared;

use crate::error::Trouble;

/// Bytes above which a file is no note.
const LONGEST: u64 = 1 << 20;

/// The facts that notes beside the logs and those named by themselves state.
pub fn read(logs: &[PathBuf], named: &[PathBuf]) -> Result<Declared, Trouble> {
    let mut facts = Facts::default();
    for path in logs {
        let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
        for note in notes_in(folder.unwrap_or(Path::new(".")))? {
            facts.take(&note)?;
        }
    }
    for path in named {
        let notes = if path.is_dir() { notes_in(path)? } else { vec![path.clone()] };
        for note in notes {
            facts.take(&note)?;
        }
    }
    // A site's host has to be known before facts name the site by it.
    facts.0.sort_by_key(|(kind, ..)| kind != "site");
    let mut declared = Declared::default();
    for (kind, subject, value, from, until) in &facts.0 {
        let micros = |time: &Option<String>| time.as_deref().and_then(ingest::instant::micros);
        declared.fact(kind, subject.as_deref(), value, micros(from), micros(until));
    }
    Ok(declared)
}

fn notes_in(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut notes = Vec::new();
    for entry in fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })? {
        let path = entry?.path();
        let suffix = path.extension().map(|suffix| suffix.to_string_lossy().to_lowercase()).unwrap_or_default();
        if path.is_file() && matches!(&*suffix, "md" | "txt" | "csv") {
            notes.push(path);
        }
    }
    notes.sort();
    Ok(notes)
}

type Fact = (String, Option<String>, String, Option<String>, Option<String>);

#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn take(&mut self, path: &Path) -> Result<(), Trouble> {
        // The name that a note goes by holds its folder, which is the site.
        let whole = fs::canonicalize(path)?;
        let name = whole.to_string_lossy().into_owned();
        if fs::metadata(path)?.len() > LONGEST {
            return Ok(());
        }
        let bytes = fs::read(path)?;
        let format: Option<&dyn Format> = ingest::sniff(&bytes[..bytes.len().min(64 << 10)], &name);
        let Some(format) = format.filter(|format| matches!(format.entry().name, "note" | "scanner-list")) else {
            return Ok(());
        };
        let split = Split::whole(bytes.len() as u64);
        Ok(format.read(&Reading { name: &name, chain: "", split: &split }, &mut &*bytes, self)?)
    }
}

impl Out for Facts {
    fn wants_rows(&self) -> bool {
        true
    }

    fn wants_texts(&self) -> bool {
        false
    }

    fn row(&mut self, table: &'static Table, _at: At<'_>, cells: &[Cell<'_>]) {
        if table.name != tables::CONTEXT_FACTS.name {
            return;
        }
        let text = |at: usize| match cells.get(at) {
            Some(Cell::Text(text)) => Some((*text).to_owned()),
            _ => None,
        };
        if let (Some(kind), Some(value)) = (text(0), text(2)) {
            self.0.push((kind, text(1), value, text(3), text(4)));
        }
    }

    fn text(&mut self, _text: &Text<'_>) {}

    fn child(&mut self, _chain: &str, _step: &Step, _name: &str, _bytes: &mut dyn Read) {}

    fn loss(&mut self, _at: At<'_>, _loss: Loss<'_>) {}

    fn begin(&mut self, _offset: u64) -> bool {
        true
    }
}
