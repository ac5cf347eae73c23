//! Parquet.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::{Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

use super::batches::{Batches, common_schema};
use crate::StepResult;
use crate::io::support::error_keeper::write_as;
use crate::io::support::guard;
use crate::io::support::problem::{not_empty, unreadable, unwritable};
use crate::io::{PayloadIo, Source, Target};

/// Keeps Arrow record batches as Parquet, compressed with Snappy, which every reader knows.
///
/// The file carries the Arrow schema beside Parquet's own, so that types and metadata come back as they were. Columns
/// of types that Parquet has no place for are an error when they are to be persisted.
///
/// The payload is one `RecordBatch`, or a `Vec<RecordBatch>`, which comes back batch by batch: each is a row group. So
/// few large batches serve better than many small ones. A `Vec` has to have at least one batch, since an empty one has no
/// schema.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parquet;

const NAME: &str = "parquet";
const SUFFIX: &str = ".parquet";
const FORMAT: &str = "Parquet";
/// Says how many rows each batch has, where some have none: a row group has at least one.
const BATCH_ROWS: &str = "persistable.batch_rows";
/// A row takes at least so much of a byte, in the sense that memory may be reserved for it before it is seen.
const ROWS_PER_BYTE: usize = 8;

impl PayloadIo<RecordBatch> for Parquet {
    fn name(&self) -> String {
        NAME.into()
    }

    fn suffix(&self) -> String {
        SUFFIX.into()
    }

    fn save(&self, payload: &RecordBatch, target: &mut Target<'_>) -> StepResult<()> {
        save::<RecordBatch>(std::slice::from_ref(payload), properties(), target)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<RecordBatch> {
        let batches = load::<RecordBatch>(source)?;
        batches.into_one().map_err(|error| unreadable::<RecordBatch>(FORMAT, error))
    }
}

impl PayloadIo<Vec<RecordBatch>> for Parquet {
    fn name(&self) -> String {
        NAME.into()
    }

    fn suffix(&self) -> String {
        SUFFIX.into()
    }

    fn save(&self, payload: &Vec<RecordBatch>, target: &mut Target<'_>) -> StepResult<()> {
        let mut properties = properties().set_max_row_group_row_count(None);
        if payload.iter().any(|batch| batch.num_rows() == 0) {
            let rows: Vec<String> = payload.iter().map(|batch| batch.num_rows().to_string()).collect();
            let rows = KeyValue::new(BATCH_ROWS.to_owned(), rows.join(","));
            properties = properties.set_key_value_metadata(Some(vec![rows]));
        }
        save::<Vec<RecordBatch>>(payload, properties, target)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<Vec<RecordBatch>> {
        Ok(load::<Vec<RecordBatch>>(source)?.batches)
    }
}

fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_compression(Compression::SNAPPY)
}

fn save<P>(batches: &[RecordBatch], properties: WriterPropertiesBuilder, target: &mut Target<'_>) -> StepResult<()> {
    let schema = common_schema(batches).map_err(|problem| unwritable::<P>(FORMAT, problem))?;
    if schema.fields().is_empty() {
        return Err(unwritable::<P>(FORMAT, "it has no columns"));
    }
    write_as::<P, ParquetError>(FORMAT, target.writer()?, |writer| {
        let mut writer = ArrowWriter::try_new(writer, schema, Some(properties.build()))?;
        for batch in batches {
            writer.write(batch)?;
            writer.flush()?;
        }
        writer.close()?;
        Ok(())
    })
}

fn load<P>(source: &mut Source<'_>) -> StepResult<Batches> {
    let file = not_empty::<P, _>(FORMAT, source.bytes()?)?;
    guard::decode(|| read(Bytes::from_owner(file))).map_err(|problem| unreadable::<P>(FORMAT, problem))
}

fn read(file: Bytes) -> Result<Batches, ParquetError> {
    let metadata = ArrowReaderMetadata::load(&file, Default::default())?;
    let (schema, batch_rows) = without_batch_rows(metadata.schema());
    let mut groups = Vec::new();
    for index in 0..metadata.metadata().num_row_groups() {
        groups.push(read_group(&file, &metadata, index, &schema)?);
    }
    let batches = match batch_rows {
        Some(rows) => among_empty(groups, &rows, &schema)?,
        None => groups,
    };
    Ok(Batches { schema, batches })
}

fn read_group(
    file: &Bytes,
    metadata: &ArrowReaderMetadata,
    index: usize,
    schema: &SchemaRef,
) -> Result<RecordBatch, ParquetError> {
    let rows = usize::try_from(metadata.metadata().row_group(index).num_rows())?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file.clone(), metadata.clone())
        .with_row_groups(vec![index])
        .with_batch_size(rows.clamp(1, file.len().saturating_mul(ROWS_PER_BYTE)))
        .build()?;
    let mut batches = Vec::new();
    for batch in reader {
        let batch = batch?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        batches.push(RecordBatch::try_new_with_options(Arc::clone(schema), batch.columns().to_vec(), &options)?);
    }
    Ok(Batches { schema: Arc::clone(schema), batches }.into_one()?)
}

/// Takes the note about batches out of the schema's metadata, where the reader puts all notes.
fn without_batch_rows(schema: &SchemaRef) -> (SchemaRef, Option<String>) {
    if !schema.metadata().contains_key(BATCH_ROWS) {
        return (Arc::clone(schema), None);
    }
    let mut metadata = schema.metadata().clone();
    let rows = metadata.remove(BATCH_ROWS);
    (Arc::new(Schema::new_with_metadata(schema.fields().clone(), metadata)), rows)
}

/// Puts the batches without rows back among the others.
fn among_empty(groups: Vec<RecordBatch>, rows: &str, schema: &SchemaRef) -> Result<Vec<RecordBatch>, ParquetError> {
    let contradiction = || ParquetError::General("its row groups are not those that it says it has".to_owned());
    let mut groups = groups.into_iter();
    let mut batches = Vec::new();
    for rows in rows.split(',') {
        let rows: usize = rows.parse().map_err(|_| contradiction())?;
        batches.push(match rows {
            0 => RecordBatch::new_empty(Arc::clone(schema)),
            _ => groups.next().filter(|group| group.num_rows() == rows).ok_or_else(contradiction)?,
        });
    }
    if groups.next().is_some() { Err(contradiction()) } else { Ok(batches) }
}
