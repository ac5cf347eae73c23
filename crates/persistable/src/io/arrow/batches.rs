//! What the formats for record batches have in common.

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;

/// Record batches of one schema.
pub(super) struct Batches {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl Batches {
    /// Puts them together to one. It copies only where there are several.
    pub(super) fn into_one(mut self) -> Result<RecordBatch, ArrowError> {
        match (self.batches.pop(), self.batches.is_empty()) {
            (None, _) => Ok(RecordBatch::new_empty(self.schema)),
            (Some(only), true) => Ok(only),
            (Some(last), false) => {
                self.batches.push(last);
                concat_batches(&self.schema, &self.batches)
            }
        }
    }
}

/// Returns the schema that all batches have.
pub(super) fn common_schema(batches: &[RecordBatch]) -> Result<SchemaRef, String> {
    let Some(first) = batches.first() else {
        return Err("without any batch there is no schema: give it one batch without rows".into());
    };
    match batches.iter().position(|batch| batch.schema() != first.schema()) {
        None => Ok(first.schema()),
        Some(other) => Err(format!("batch {other} has another schema than batch 0")),
    }
}
