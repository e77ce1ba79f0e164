//! A case without files for `.slt` tests: INSERT puts rows into the tables that
//! the model declares, `run RULE` fills a rule's table, queries read. Digests
//! are written as their first two digits; sixty-two zeros follow.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use casefile::{Case, Error, Limits, Session, Settings};
use model::{ColumnType, Table, tables};
use sqllogictest::{DB, DBOutput, DefaultColumnType};

pub struct Fixture {
    session: Session,
    inserted: BTreeMap<&'static str, Vec<RecordBatch>>,
    _folder: tempfile::TempDir,
}

impl Fixture {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let case =
            Case::open_or_create(&folder.path().join("case"), &Settings::new("slt"), &folder.path().join("keys"))
                .unwrap();
        let session = case.session(Limits { memory_bytes: None, threads: 2, private: true }).unwrap();
        Self { session, inserted: BTreeMap::new(), _folder: folder }
    }

    /// `INSERT INTO table (columns) VALUES ...`: columns that are not named become null.
    fn insert(&mut self, sql: &str) -> Result<(), Error> {
        let statement = sql.strip_prefix("INSERT INTO").unwrap();
        let (name, rest) = statement.split_once('(').unwrap();
        let (columns, values) = rest.split_once(')').unwrap();
        let table = tables::by_name(name.trim().trim_matches('"')).expect("a table of the model");
        let named: Vec<_> = columns.split(',').map(str::trim).collect();
        let select: Vec<_> = table
            .all_columns()
            .map(|column| {
                let given = named.contains(&column.name);
                let value = match column.name {
                    "evidence" => "rpad(evidence, 64, '0')".to_owned(),
                    name if given => format!("\"{name}\""),
                    _ => "NULL".to_owned(),
                };
                format!("arrow_cast({value}, '{}') AS \"{}\"", arrow_type(column.kind), column.name)
            })
            .collect();
        let quoted: Vec<_> = named.iter().map(|name| format!("\"{name}\"")).collect();
        let query = format!("SELECT {} FROM ({values}) AS t ({})", select.join(", "), quoted.join(", "));
        let batches = self.session.query(&query)?;
        self.add(table, batches)
    }

    fn run_rule(&mut self, name: &str) -> Result<(), Error> {
        let rule = linkage::RULES.iter().find(|rule| rule.name == name).expect("a rule");
        let mut batches = Vec::new();
        linkage::run(rule, &self.session, &mut |table, batch| {
            batches.push((table, batch));
            Ok(())
        })?;
        for table in std::iter::once(rule.table).chain(rule.beside.iter().map(|(table, _)| *table)) {
            let own = batches.iter().filter(|(of, _)| of.name == table.name);
            self.add(table, own.map(|(_, batch)| batch.clone()).collect())?;
        }
        Ok(())
    }

    fn add(&mut self, table: &'static Table, batches: Vec<RecordBatch>) -> Result<(), Error> {
        let held = self.inserted.entry(table.name).or_default();
        held.extend(
            batches.iter().map(|batch| RecordBatch::try_new(table.schema(), batch.columns().to_vec()).unwrap()),
        );
        self.session.register_batches(table.name, table.schema(), held.clone())
    }

    fn query(&self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Error> {
        let mut names = Vec::new();
        self.session
            .stream(&format!("SELECT * FROM ({sql}) LIMIT 0"), &mut |_| Ok(()))?
            .fields()
            .iter()
            .for_each(|field| names.push(field.name().clone()));
        let rows = self.session.rows(sql)?;
        let cell = |value: Option<&serde_json::Value>| match value {
            None | Some(serde_json::Value::Null) => "NULL".to_owned(),
            Some(serde_json::Value::String(text)) if text.is_empty() => "(empty)".to_owned(),
            Some(serde_json::Value::String(text)) => text.replace(&"0".repeat(62), ""),
            Some(other) => other.to_string(),
        };
        let rows = rows.iter().map(|row| names.iter().map(|name| cell(row.get(name))).collect()).collect();
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Any; names.len()], rows })
    }
}

impl DB for Fixture {
    type Error = Error;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Error> {
        if let Some(rule) = sql.strip_prefix("run ") {
            self.run_rule(rule.trim())?;
            return Ok(DBOutput::StatementComplete(0));
        }
        if sql.starts_with("INSERT INTO") {
            self.insert(sql)?;
            return Ok(DBOutput::StatementComplete(0));
        }
        self.query(sql)
    }
}

fn arrow_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "Utf8",
        ColumnType::U64 => "UInt64",
        ColumnType::I64 => "Int64",
        ColumnType::F64 => "Float64",
        ColumnType::Bool => "Boolean",
        ColumnType::Time => "Timestamp(Microsecond, Some(\"UTC\"))",
    }
}
