//! Answers in the forms that people and programs read.

use std::io::Write;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::json::writer::{JsonArray, WriterBuilder};
use datafusion::arrow::util::pretty::pretty_format_batches_with_schema;
use datafusion::arrow::{csv, datatypes::SchemaRef};
use datafusion::parquet::arrow::ArrowWriter;

use crate::{Error, Result, Session};

/// Form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Columns drawn for reading.
    Table,
    /// RFC 4180 with a header line.
    Csv,
    /// One array of objects.
    Json,
    /// Parquet.
    Parquet,
}

impl Session {
    /// Writes the rows of a query. All forms but the drawn table, whose column
    /// widths depend on every row, are written as the rows come.
    pub fn export(&self, sql: &str, form: Form, out: &mut (dyn Write + Send)) -> Result<()> {
        match form {
            Form::Table => self.draw(sql, out),
            Form::Csv => self.csv(sql, out),
            Form::Json => self.json(sql, out),
            Form::Parquet => self.parquet(sql, out),
        }
    }

    fn draw(&self, sql: &str, out: &mut (dyn Write + Send)) -> Result<()> {
        let (schema, batches) = self.all(sql)?;
        let drawn = pretty_format_batches_with_schema(schema, &batches)?;
        writeln!(out, "{drawn}").map_err(output)
    }

    fn csv(&self, sql: &str, out: &mut (dyn Write + Send)) -> Result<()> {
        let mut writer = csv::WriterBuilder::new().with_header(true).build(&mut *out);
        let mut none = true;
        let schema = self.stream(sql, &mut |batch| {
            none = false;
            Ok(writer.write(&batch)?)
        })?;
        if none {
            writer.write(&RecordBatch::new_empty(schema))?;
        }
        Ok(())
    }

    fn json(&self, sql: &str, out: &mut (dyn Write + Send)) -> Result<()> {
        let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut *out);
        self.stream(sql, &mut |batch| Ok(writer.write(&batch)?))?;
        writer.finish()?;
        drop(writer);
        writeln!(out).map_err(output)
    }

    /// The writer needs the schema first, so the first batch opens it.
    fn parquet(&self, sql: &str, out: &mut (dyn Write + Send)) -> Result<()> {
        let mut out = Some(out);
        let mut writer: Option<ArrowWriter<&mut (dyn Write + Send)>> = None;
        let schema = self.stream(sql, &mut |batch| {
            if let Some(out) = out.take() {
                writer = Some(ArrowWriter::try_new(out, batch.schema(), None)?);
            }
            writer.as_mut().map_or(Ok(()), |writer| Ok(writer.write(&batch)?))
        })?;
        match (writer, out) {
            (Some(writer), _) => drop(writer.close()?),
            (None, Some(out)) => drop(ArrowWriter::try_new(out, schema, None)?.close()?),
            (None, None) => {}
        }
        Ok(())
    }

    fn all(&self, sql: &str) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        let mut batches = Vec::new();
        let schema = self.stream(sql, &mut |batch| {
            batches.push(batch);
            Ok(())
        })?;
        Ok((schema, batches))
    }
}

fn output(error: std::io::Error) -> Error {
    Error::Io { doing: "write", path: "the answer".into(), source: error }
}
