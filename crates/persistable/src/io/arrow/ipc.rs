//! The Arrow IPC file format.

use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use arrow_schema::ArrowError;

use super::batches::{Batches, common_schema};
use super::ipc_decode;
use crate::StepResult;
use crate::io::support::error_keeper::write_as;
use crate::io::support::guard;
use crate::io::support::problem::{not_empty, unreadable, unwritable};
use crate::io::{PayloadIo, Source, Target};

/// Keeps Arrow record batches in the Arrow IPC file format (also known as Feather 2), uncompressed.
///
/// On load the file is mapped into memory and the arrays lie in it, without a copy. Schemas come back with their metadata.
///
/// The payload is a `Vec<RecordBatch>`, which comes back batch by batch, or one `RecordBatch`. A file of several batches
/// that is loaded as one is put together to one. Batches have to have the same schema and, where columns are dictionaries,
/// the same dictionaries; and a `Vec` has to have at least one batch, since an empty one has no schema.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArrowIpc;

const NAME: &str = "arrow-ipc";
const SUFFIX: &str = ".arrow";
const FORMAT: &str = "Arrow IPC";

impl PayloadIo<RecordBatch> for ArrowIpc {
    fn name(&self) -> String {
        NAME.into()
    }

    fn suffix(&self) -> String {
        SUFFIX.into()
    }

    fn save(&self, payload: &RecordBatch, target: &mut Target<'_>) -> StepResult<()> {
        save::<RecordBatch>(std::slice::from_ref(payload), target)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<RecordBatch> {
        let batches = load::<RecordBatch>(source)?;
        batches.into_one().map_err(|error| unreadable::<RecordBatch>(FORMAT, error))
    }
}

impl PayloadIo<Vec<RecordBatch>> for ArrowIpc {
    fn name(&self) -> String {
        NAME.into()
    }

    fn suffix(&self) -> String {
        SUFFIX.into()
    }

    fn save(&self, payload: &Vec<RecordBatch>, target: &mut Target<'_>) -> StepResult<()> {
        save::<Vec<RecordBatch>>(payload, target)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<Vec<RecordBatch>> {
        Ok(load::<Vec<RecordBatch>>(source)?.batches)
    }
}

fn save<P>(batches: &[RecordBatch], target: &mut Target<'_>) -> StepResult<()> {
    let schema = common_schema(batches).map_err(|problem| unwritable::<P>(FORMAT, problem))?;
    write_as::<P, ArrowError>(FORMAT, target.writer()?, |writer| {
        let mut writer = FileWriter::try_new(writer, &schema)?;
        for batch in batches {
            writer.write(batch)?;
        }
        writer.finish()
    })
}

fn load<P>(source: &mut Source<'_>) -> StepResult<Batches> {
    let file = not_empty::<P, _>(FORMAT, source.map()?)?;
    guard::decode(|| ipc_decode::read(file)).map_err(|problem| unreadable::<P>(FORMAT, problem))
}
