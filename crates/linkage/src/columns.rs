//! Columns that a rule takes from the engine, and those that it gives back.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use casefile::{Error, Result, Session};

/// The first `N` columns of a batch, which must be texts.
pub fn texts<const N: usize>(batch: &RecordBatch) -> Result<[StringArray; N]> {
    let mut columns = Vec::with_capacity(N);
    for n in 0..N {
        let column = batch.columns().get(n).and_then(|column| column.as_any().downcast_ref::<StringArray>());
        columns.push(column.cloned().ok_or_else(|| Error::Sql(format!("column {n} of a rule's query is no text")))?);
    }
    columns.try_into().map_err(|_| Error::Sql("a rule's query has too few columns".to_owned()))
}

/// A column of texts.
pub fn text_column<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// Makes columns queryable as a table of this session.
pub fn register(session: &Session, name: &str, columns: Vec<(&str, ArrayRef)>) -> Result<()> {
    let fields: Vec<Field> =
        columns.iter().map(|(name, column)| Field::new(*name, column.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    let batch = RecordBatch::try_new(schema.clone(), columns).map_err(|error| Error::Sql(error.to_string()))?;
    session.register_batches(name, schema, vec![batch])
}
