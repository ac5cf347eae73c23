//! Reading the Arrow IPC file format where it lies.

use std::sync::Arc;

use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::{Block, root_as_footer};
use arrow_schema::ArrowError;
use persistable_store::PayloadBytes;

use super::batches::Batches;

/// The footer's length and the format's magic word.
const TAIL_BYTES: usize = 10;

/// Reads all batches, as arrays that lie in the file.
pub(super) fn read(file: PayloadBytes) -> Result<Batches, ArrowError> {
    let file = Buffer::from(bytes::Bytes::from_owner(file));
    let (rest, tail) = file.split_last_chunk::<TAIL_BYTES>().ok_or_else(|| corrupt("it is too short"))?;
    let footer_start = rest.len().checked_sub(read_footer_length(*tail)?).ok_or_else(|| corrupt("it is too short"))?;
    let footer = root_as_footer(rest.get(footer_start..).unwrap_or_default())
        .map_err(|error| corrupt(&format!("its footer is damaged: {error}")))?;
    let schema = footer.schema().ok_or_else(|| corrupt("it has no schema"))?;
    if !schema.endianness().equals_to_target_endianness() {
        return Err(corrupt("it was written on a machine of another byte order"));
    }
    let schema = Arc::new(try_fb_to_schema(schema)?);
    let mut decoder = FileDecoder::new(Arc::clone(&schema), footer.version());
    for block in footer.dictionaries().iter().flatten() {
        decoder.read_dictionary(block, &slice(&file, block)?)?;
    }
    let mut batches = Vec::new();
    for block in footer.recordBatches().iter().flatten() {
        let batch = decoder.read_record_batch(block, &slice(&file, block)?)?;
        batches.push(batch.ok_or_else(|| corrupt("a block has no record batch"))?);
    }
    Ok(Batches { schema, batches })
}

/// Returns a block of the file, once what the footer says of it fits the file.
fn slice(file: &Buffer, block: &Block) -> Result<Buffer, ArrowError> {
    let range = || {
        let start = usize::try_from(block.offset()).ok()?;
        let metadata = usize::try_from(block.metaDataLength()).ok()?;
        let len = metadata.checked_add(usize::try_from(block.bodyLength()).ok()?)?;
        (start.checked_add(len)? <= file.len()).then_some((start, len))
    };
    let (start, len) = range().ok_or_else(|| corrupt("a block lies outside of it"))?;
    Ok(file.slice_with_length(start, len))
}

fn corrupt(problem: &str) -> ArrowError {
    ArrowError::ParseError(problem.to_owned())
}
