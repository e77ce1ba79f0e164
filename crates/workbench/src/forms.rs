//! Forms of logs that are declared beside them: by small configurations and notes in
//! their folder or above it, by what these include, and by other logs of the folder.

use std::collections::BTreeSet;

use casefile::{Case, SourceRole};
use evidence::ingest::weblog::declared;

use crate::error::Trouble;
use crate::plan::Source;
use crate::worker::parent::Worker;
use crate::worker::protocol::{Declares, Task};

/// What the files of a case declare.
pub struct Forms {
    files: Vec<Declaring>,
}

/// A file that declares something.
struct Declaring {
    name: String,
    /// Whether it speaks for logs beside and below it; else only through those that include it.
    beside: bool,
    says: Declares,
}

/// Logs of a folder that are asked for their fields: the rest of a long row of rotated ones says the same.
const LENDERS: usize = 32;

impl Forms {
    /// Asks small files of the evidence, and small files that these include. A file that
    /// no worker can read declares nothing; planning tells of it.
    pub fn declared(case: &Case, sources: &[Source]) -> Result<Self, Trouble> {
        let mut worker = Worker::default();
        let small = |source: &&Source| source.role == SourceRole::Evidence && source.bytes <= declared::BYTES;
        let small: Vec<&Source> = sources.iter().filter(small).collect();
        let mut asked: BTreeSet<&str> = BTreeSet::new();
        let mut forms = Self { files: Vec::new() };
        let mut due: Vec<&Source> =
            small.iter().copied().filter(|source| declared::may_declare(&source.name)).collect();
        while !due.is_empty() {
            for source in due {
                asked.insert(&source.name);
                let says = declares(case, source, &mut worker)?;
                if !says.forms.is_empty() || !says.includes.is_empty() {
                    let beside = declared::may_declare(&source.name);
                    forms.files.push(Declaring { name: source.name.clone(), beside, says });
                }
            }
            let wanted = |source: &&Source| {
                let fits = |pattern: &String| declared::included(pattern, &source.name) > 0;
                !asked.contains(&*source.name) && forms.files.iter().any(|file| file.says.includes.iter().any(fits))
            };
            due = small.iter().copied().filter(wanted).collect();
        }
        Ok(forms)
    }

    /// Forms for a source: declared in its folder or above it, or in what is included from there.
    pub fn beside(&self, source: &Source) -> Vec<String> {
        let folder = source.folder();
        let above = |declaring: &str| {
            let declaring = declaring.rsplit_once('/').map_or("", |(folder, _)| folder);
            folder
                .strip_prefix(declaring)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || declaring.is_empty())
        };
        let near = |at: &usize| self.files[*at].beside && above(&self.files[*at].name);
        let mut taken: BTreeSet<usize> = (0..self.files.len()).filter(near).collect();
        let mut due: Vec<usize> = taken.iter().copied().collect();
        while let Some(at) = due.pop() {
            due.extend(self.included_by(at).into_iter().filter(|other| taken.insert(*other)));
        }
        let forms = taken.into_iter().flat_map(|at| &self.files[at].says.forms);
        forms.cloned().collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// Files that one includes: of those that a pattern may mean, the ones whose paths fit it best.
    fn included_by(&self, at: usize) -> Vec<usize> {
        let mut found = Vec::new();
        for pattern in &self.files[at].says.includes {
            let fit = |other: &usize| {
                let name = &self.files[*other].name;
                (declared::included(pattern, name), shared_folders(name, &self.files[at].name))
            };
            let meant = (0..self.files.len()).filter(|other| *other != at && fit(other).0 > 0);
            let best = meant.clone().map(|other| fit(&other)).max();
            found.extend(meant.filter(|other| Some(fit(other)) == best));
        }
        found
    }

    /// `#Fields` lines of the W3C logs in a folder, given the formats of its files.
    pub fn lent(case: &Case, folder: &[(&Source, Option<&str>)]) -> Result<Vec<String>, Trouble> {
        let mut worker = Worker::default();
        let mut lines = BTreeSet::new();
        let lends = |format: Option<&str>| matches!(format, Some("weblog-w3c" | "compressed"));
        for (source, _) in folder.iter().filter(|(_, format)| lends(*format)).take(LENDERS) {
            lines.extend(fields(declares(case, source, &mut worker)?));
        }
        Ok(lines.into_iter().collect())
    }

    /// `#Fields` lines that a log has further down.
    pub fn own(case: &Case, source: &Source) -> Result<Vec<String>, Trouble> {
        Ok(fields(declares(case, source, &mut Worker::default())?).collect())
    }
}

fn fields(says: Declares) -> impl Iterator<Item = String> {
    says.forms.into_iter().filter(|line| line.starts_with("#Fields:"))
}

fn declares(case: &Case, source: &Source, worker: &mut Worker) -> Result<Declares, Trouble> {
    Ok(worker.ask(&source.job(Task::Declared), &case.open_source(&source.digest)?).unwrap_or_default())
}

/// Folders at the start that two paths share.
fn shared_folders(one: &str, other: &str) -> usize {
    one.split('/').zip(other.split('/')).take_while(|(one, other)| one == other).count()
}
