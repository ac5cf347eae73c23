//! CSV, for records.

mod cell;
mod columns;
mod row;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::columns::{header_of, readable_names};
use self::row::RowReader;
use crate::StepResult;
use crate::io::support::error_keeper::write_as;
use crate::io::support::fit::Limits;
use crate::io::support::problem::{unreadable, unwritable};
use crate::io::{PayloadIo, Source, Target, shape_of};

/// Stores a `Vec` of structs as CSV with a header row: one column for each field, by its name.
///
/// A field is a plain value: a number, `bool`, text, a `char`, an enum without data, or an `Option` of these. Floats
/// keep all their bits, but all NaNs become the same one. If the struct does not have a column, or a field has no
/// column, the error names it. With `#[serde(default)]`, a missing field gets its default. An `Option` is then `None`.
/// A field of another type is an error too, by the same rules as with `MessagePack`.
///
/// ```
/// # use persistable::StepResult;
/// use persistable::io::{Csv, PayloadIo, Target};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Reading {
///     station: String,
///     degrees: Option<f64>,
/// }
///
/// # fn main() -> StepResult<()> {
/// let readings = vec![Reading { station: "north, upper".into(), degrees: Some(1.5) }, Reading { station: "south".into(), degrees: None }];
/// let mut file = Vec::new();
/// let mut target = Target::within(&mut file, ".csv");
/// Csv.save(&readings, &mut target)?;
/// target.finish()?;
/// assert_eq!(String::from_utf8(file)?, "station,degrees\n\"north, upper\",1.5\nsouth,\n");
/// # Ok(())
/// # }
/// ```
///
/// # What can't be kept
///
/// - An empty cell is `None`. So `Some` of an empty text is refused before it is persisted. A plain text may be empty.
/// - A cell does not say what type it has. So untagged enums and `#[serde(flatten)]` can't be read.
/// - Lists, structs in structs, and enums with data do not fit into a cell. Use [`MessagePack`](crate::io::MessagePack)
///   or `Parquet` for them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Csv;

const FORMAT: &str = "CSV";
const LIMITS: Limits = Limits {
    human_readable: true,
    non_finite_floats: true,
    empty_text: false,
    unit_structs: true,
    depth: 1,
    row: true,
};

impl<T: Serialize + DeserializeOwned> PayloadIo<Vec<T>> for Csv {
    fn name(&self) -> String {
        "csv".into()
    }

    fn suffix(&self) -> String {
        ".csv".into()
    }

    fn payload_shape(&self) -> Option<String> {
        Some(shape_of::<Vec<T>>(LIMITS.human_readable))
    }

    fn save(&self, payload: &Vec<T>, target: &mut Target<'_>) -> StepResult<()> {
        for (index, row) in payload.iter().enumerate() {
            LIMITS.check(row).map_err(|unfit| unwritable::<Vec<T>>(FORMAT, format!("row {index}: {unfit}")))?;
        }
        write_as::<Vec<T>, csv::Error>(FORMAT, target.writer()?, |writer| {
            let mut writer = csv::Writer::from_writer(writer);
            if payload.is_empty()
                && let Some(header) = header_of::<T>()
            {
                writer.write_record(&header)?;
            }
            for row in payload {
                writer.serialize(row)?;
            }
            Ok(writer.flush()?)
        })
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<Vec<T>> {
        let bytes = source.bytes()?;
        read(&bytes).map_err(|problem| unreadable::<Vec<T>>(FORMAT, problem))
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, String> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    if let Some(names) = readable_names::<T>()
        && let Some(unknown) = header.iter().find(|name| !names.contains(name))
    {
        return Err(format!("there is an unknown column `{unknown}`"));
    }
    let mut rows = Vec::new();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| error.to_string())? {
        let row = T::deserialize(RowReader::new(&header, &record));
        rows.push(row.map_err(|error| format!("row {}: {error}", rows.len()))?);
    }
    Ok(rows)
}
