//! Tables to tables: the rules of the stages enrich and correlate.
//!
//! A rule is one `.sql` file that reads the tables of earlier stages and rules
//! and gives the rows of its own table, each with the place that it rests on.
//! The comment on top of the file is its documentation. [`RULES`] lists them in
//! order of dependence; [`run`] gives a rule's rows in the exact schema of its
//! table, sorted by all columns, so that the same case always gives the same
//! bytes whatever the engine does inside.
//!
//! What is absent: rules write nothing but their table, which is private if it
//! names persons, know no format, and decide nothing about who did it; that is for `findings`.

use arrow_array::RecordBatch;
use casefile::{Result, Session};
use model::{Column, ColumnType, Stage, Table};

mod columns;
pub mod correlate;
pub mod enrich;
pub mod known;
mod rules;

pub use rules::RULES;

/// One rule: rows of earlier tables to rows of one table.
#[derive(Debug)]
pub struct Rule {
    /// Name of the rule, and of its `.sql` file.
    pub name: &'static str,
    /// The stage that runs it.
    pub stage: Stage,
    /// The table that nothing else fills.
    pub table: &'static Table,
    /// The query, without a semicolon at its end.
    pub sql: &'static str,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Registers what the query needs beyond the tables of the case.
    pub prepare: Option<fn(&Session) -> Result<()>>,
    /// Tables that it fills beside its own, each with its query.
    pub beside: &'static [(&'static Table, &'static str)],
}

impl Rule {
    /// The comment on top of the query: what the rule does, and why so.
    pub fn doc(&self) -> String {
        let lines = self.sql.lines().map_while(|line| line.strip_prefix("--"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }
}

/// A query, its columns cast to the table's and its rows in full order.
fn ordered(table: &Table, sql: &str) -> String {
    let cast: Vec<_> = table.all_columns().map(cast).collect();
    let order: Vec<_> = table.all_columns().map(|column| format!("\"{}\"", column.name)).collect();
    format!("SELECT {} FROM ({sql}\n) ORDER BY {}", cast.join(", "), order.join(", "))
}

/// Hands the rows of a rule to `each`, sorted, in the schemas of its table and of
/// those beside it.
pub fn run(
    rule: &Rule,
    session: &Session,
    each: &mut dyn FnMut(&'static Table, RecordBatch) -> Result<()>,
) -> Result<()> {
    if let Some(prepare) = rule.prepare {
        prepare(session)?;
    }
    for (table, sql) in std::iter::once((rule.table, rule.sql)).chain(rule.beside.iter().copied()) {
        let schema = table.schema();
        // The engine marks some columns as never null, which the table's schema leaves open.
        session.stream(&ordered(table, sql), &mut |batch| match RecordBatch::try_new(
            schema.clone(),
            batch.columns().to_vec(),
        ) {
            Ok(batch) if batch.num_rows() == 0 => Ok(()),
            Ok(batch) => each(table, batch),
            Err(error) => Err(casefile::Error::Sql(format!("rule {}: {error}", rule.name))),
        })?;
    }
    Ok(())
}

fn cast(column: &Column) -> String {
    let name = column.name;
    let kind = match column.kind {
        ColumnType::Text => "Utf8",
        ColumnType::U64 => "UInt64",
        ColumnType::I64 => "Int64",
        ColumnType::F64 => "Float64",
        ColumnType::Bool => "Boolean",
        ColumnType::Time => "Timestamp(Microsecond, Some(\"UTC\"))",
    };
    format!("arrow_cast(\"{name}\", '{kind}') AS \"{name}\"")
}
