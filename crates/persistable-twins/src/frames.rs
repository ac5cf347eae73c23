//! Arrow record batches, as Arrow IPC and as Parquet.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float64Array,
    Int64Array, NullArray, RecordBatch, StringArray, StructArray, Time32SecondArray, TimestampMicrosecondArray,
    TimestampSecondArray, UInt8Array, UInt64Array,
};
use arrow_schema::{ArrowError, DataType, Field, TimeUnit};
use persistable::{PersistableParams, Run, Step, StepResult, io};

use crate::call::{Call, Outcome};

pub(crate) fn call(call: &Call) -> Option<Outcome<()>> {
    match call.step.as_str() {
        "arrow_frame" => call.with_shown(|_| Ok(ArrowFrame {}), shown),
        "parquet_frame" => call.with_shown(|_| Ok(ParquetFrame {}), shown),
        "arrow_rich_frame" => call.with(|_| Ok(ArrowRichFrame {})),
        "parquet_rich_frame" => call.with(|_| Ok(ParquetRichFrame {})),
        "arrow_batches" => call.with(|_| Ok(ArrowBatches {})),
        "parquet_batches" => call.with(|_| Ok(ParquetBatches {})),
        _ => None,
    }
}

macro_rules! frame_step {
    ($step:ident, $payload:ty, $io:ty, $generated:expr) => {
        #[derive(PersistableParams)]
        struct $step {}

        impl Step for $step {
            type Payload = $payload;
            type Io = $io;

            fn generate_payload(&self, _: &Run<'_>) -> StepResult<$payload> {
                Ok($generated?)
            }
        }
    };
}

frame_step!(ArrowFrame, RecordBatch, io::ArrowIpc, frame());
frame_step!(ParquetFrame, RecordBatch, io::Parquet, frame());
frame_step!(ArrowRichFrame, RecordBatch, io::ArrowIpc, rich_frame());
frame_step!(ParquetRichFrame, RecordBatch, io::Parquet, rich_frame());
frame_step!(ArrowBatches, Vec<RecordBatch>, io::ArrowIpc, batches());
frame_step!(ParquetBatches, Vec<RecordBatch>, io::Parquet, batches());

fn frame() -> Result<RecordBatch, ArrowError> {
    let kinds: DictionaryArray<Int32Type> = ["b", "a", "b"].into_iter().collect();
    let columns: [(&str, ArrayRef, bool); 10] = [
        ("number", Arc::new(Int64Array::from(vec![i64::MIN, 0, i64::MAX])), false),
        ("ratio", Arc::new(Float64Array::from(vec![0.1, -0.0, f64::INFINITY])), false),
        ("word", Arc::new(StringArray::from(vec!["naïve 𝄞", "", "c"])), false),
        ("flag", Arc::new(BooleanArray::from(vec![true, false, true])), false),
        ("count", Arc::new(Int64Array::from(vec![Some((1 << 53) + 1), None, Some(3)])), true),
        ("label", Arc::new(StringArray::from(vec![Some("x"), None, Some("")])), true),
        ("moment", Arc::new(moments([0, -1, 1_700_000_000_123_456]).with_timezone("UTC")), true),
        ("local", Arc::new(moments([1, 2, 3])), true),
        ("day", Arc::new(Date32Array::from(vec![-1, 0, 19_782])), true),
        ("kind", Arc::new(kinds), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns)
}

/// Columns of types that the libraries don't all have, most with a value missing.
fn rich_frame() -> Result<RecordBatch, ArrowError> {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append_value([Some("a"), None]);
    lists.append_null();
    lists.append_value([Some(""); 0]);
    let point = StructArray::from(vec![(
        Arc::new(Field::new("x", DataType::Int64, true)),
        Arc::new(Int64Array::from(vec![Some((1 << 53) + 1), None, Some(3)])) as ArrayRef,
    )]);
    let decimals = Decimal128Array::from(vec![Some(150), None, Some(-1)]).with_precision_and_scale(38, 2)?;
    let moments = TimestampSecondArray::from(vec![Some(0), None, Some(-1)]).with_timezone("Europe/Vienna");
    let columns: [(&str, ArrayRef); 10] = [
        ("unsigned", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None, Some(1)]))),
        ("small", Arc::new(UInt8Array::from(vec![Some(255), None, Some(1)]))),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("bytes", Arc::new(BinaryArray::from_opt_vec(vec![Some(b"\xff"), None, Some(b"")]))),
        ("decimal", Arc::new(decimals)),
        ("lists", Arc::new(lists.finish())),
        ("point", Arc::new(point)),
        ("moment", Arc::new(moments)),
        ("hour", Arc::new(Time32SecondArray::from(vec![Some(1), None, Some(86_399)]))),
        ("nothing", Arc::new(NullArray::new(3))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
}

fn moments(microseconds: [i64; 3]) -> TimestampMicrosecondArray {
    TimestampMicrosecondArray::from(microseconds.to_vec())
}

/// Batches as they come from a stream: several, some without rows.
fn batches() -> Result<Vec<RecordBatch>, ArrowError> {
    let batch = |numbers: std::ops::Range<i64>| {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(numbers));
        RecordBatch::try_from_iter([("n", numbers)])
    };
    [0..0, 0..3, 3..3, 3..1_000].into_iter().map(batch).collect()
}

/// Shows the values of a batch. The libraries have types of their own for texts, categories and moments.
fn shown(batch: &RecordBatch) -> String {
    let schema = batch.schema();
    let columns = schema.fields().iter().zip(batch.columns());
    columns.map(|(field, column)| format!("{}: {:?}\n", field.name(), cells(column))).collect()
}

fn cells(column: &dyn Array) -> Vec<Option<String>> {
    (0..column.len()).map(|row| column.is_valid(row).then(|| cell(column, row))).collect()
}

fn cell(column: &dyn Array, row: usize) -> String {
    match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => format!("{:?}", column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).to_owned(),
        DataType::Utf8View => column.as_string_view().value(row).to_owned(),
        DataType::Date32 => format!("day {}", column.as_primitive::<Date32Type>().value(row)),
        DataType::Timestamp(unit, zone) => format!("{} ns, {zone:?}", nanoseconds(column, *unit, row)),
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            let key = dictionary.normalized_keys().get(row).copied().unwrap_or_default();
            cell(dictionary.values(), key)
        }
        other => format!("a value of type {other}"),
    }
}

fn nanoseconds(column: &dyn Array, unit: TimeUnit, row: usize) -> i64 {
    match unit {
        TimeUnit::Second => column.as_primitive::<TimestampSecondType>().value(row) * 1_000_000_000,
        TimeUnit::Millisecond => column.as_primitive::<TimestampMillisecondType>().value(row) * 1_000_000,
        TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().value(row) * 1_000,
        TimeUnit::Nanosecond => column.as_primitive::<TimestampNanosecondType>().value(row),
    }
}
