//! Documents: `docs/tables.md` is generated, and links between pages lead somewhere.
//!
//! `UPDATE_DOCS=1 cargo test -p tidy` writes the generated page.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use model::{Stage, Table, tables};

use crate::checkout::{files_below, none, root, text};

const HEAD: &str = "\
# Tables

Generated from `crates/model/src/tables` by `UPDATE_DOCS=1 cargo test -p tidy`; do not edit.

A table is a folder of Parquet files: `CASE/tables/<name>/*.parquet`, or `CASE/private/<name>/*.parquet` for those \
with person data. `handprint sql CASE` knows each by its name, private ones with `--private`. Every column may be null. \
Located tables start with the four locator columns, listed once here.
";

fn tables_page() -> String {
    let mut page = format!("{HEAD}\n## Locator columns\n\n");
    write_columns(&mut page, &model::table::LOCATOR_COLUMNS);
    for stage in Stage::ALL {
        let of_stage: Vec<_> = tables::TABLES.iter().filter(|table| table.stage == *stage).collect();
        if !of_stage.is_empty() {
            let _ = writeln!(page, "\n## Stage {}", stage.word());
        }
        of_stage.into_iter().for_each(|table| write_table(&mut page, table));
    }
    page
}

fn write_table(page: &mut String, table: &Table) {
    let located = if table.located { "located" } else { "not located" };
    let private = if table.private { "; private" } else { "" };
    let _ = writeln!(page, "\n### {}\n\n{} ({located}{private})\n", table.name, table.summary);
    write_columns(page, table.columns);
}

fn write_columns(page: &mut String, columns: &[model::Column]) {
    page.push_str("| Column | Type | Holds |\n|---|---|---|\n");
    for column in columns {
        let _ = writeln!(page, "| `{}` | {} | {} |", column.name, column.kind.word(), column.doc.replace('|', "\\|"));
    }
}

#[test]
fn the_page_of_tables_is_current() {
    let path = root().join("docs/tables.md");
    let page = tables_page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let current = fs::read_to_string(&path).unwrap_or_default();
    assert!(current == page, "docs/tables.md is stale: run `UPDATE_DOCS=1 cargo test -p tidy`");
}

#[test]
fn links_between_pages_lead_somewhere() {
    let own = |path: &Path| path.components().count() == 1 || path.starts_with("docs") || path.starts_with("samples");
    let mut pages = files_below("docs");
    pages.extend(files_below("samples"));
    pages.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(Into::into));
    pages.retain(|path| own(path) && path.extension().is_some_and(|end| end == "md"));
    let mut complaints = Vec::new();
    for page in pages {
        for target in links(&text(&page)) {
            let folder = page.parent().unwrap_or(Path::new(""));
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !root().join(folder).join(file).exists() {
                complaints.push(format!("{}: {target} leads nowhere", page.display()));
            }
        }
    }
    none(complaints);
}

/// The targets of a page's links that are no addresses of the web.
fn links(page: &str) -> Vec<String> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.to_owned()).filter(|target| !target.contains("://")).collect()
}
