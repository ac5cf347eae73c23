#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Decimal128Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    NullArray, RecordBatch, RecordBatchOptions, StringArray, StructArray, TimestampSecondArray, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema};

use crate::io::ArrowIpc;
#[cfg(feature = "parquet")]
use crate::io::Parquet;
use crate::io::testing::{
    comes_back, load, not_loaded, not_saved, saved, says_when_the_disk_is_full, survives_damage, through,
};
use persistable_store::Store;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let nullable = columns.into_iter().map(|(name, column)| (name, column, true));
    let batch = RecordBatch::try_from_iter_with_nullable(nullable).unwrap();
    let fields: Vec<Field> = batch
        .schema()
        .fields()
        .iter()
        .map(|field| field.as_ref().clone().with_metadata(HashMap::from([("unit".into(), "m".into())])))
        .collect();
    let metadata = HashMap::from([("made by".to_owned(), "us".to_owned()), (String::new(), "\"".to_owned())]);
    RecordBatch::try_new(Arc::new(Schema::new_with_metadata(fields, metadata)), batch.columns().to_vec()).unwrap()
}

fn rich() -> RecordBatch {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append_value([Some("a"), None]);
    lists.append_null();
    lists.append_value([Some(""); 0]);
    let point = StructArray::from(vec![(
        Arc::new(Field::new("x", DataType::Int32, true)),
        Arc::new(Int32Array::from(vec![Some(1), None, Some(3)])) as ArrayRef,
    )]);
    let decimals = Decimal128Array::from(vec![Some(i128::pow(10, 37)), None, Some(-1)]).with_precision_and_scale(38, 5);
    let words: DictionaryArray<Int32Type> = [Some("b"), None, Some("b")].into_iter().collect();
    batch(vec![
        ("float", Arc::new(Float64Array::from(vec![-0.0, f64::INFINITY, f64::from_bits(1)]))),
        ("int", Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(i64::MAX)]))),
        ("unsigned", Arc::new(UInt64Array::from(vec![u64::MAX, 0, 1]))),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("text", Arc::new(StringArray::from(vec![Some("naïve 𝄞"), None, Some("")]))),
        ("bytes", Arc::new(BinaryArray::from_opt_vec(vec![Some(b"\xff"), None, Some(b"")]))),
        ("when", Arc::new(TimestampSecondArray::from(vec![Some(0), None, Some(-1)]).with_timezone("Europe/Vienna"))),
        ("decimal", Arc::new(decimals.unwrap())),
        ("words", Arc::new(words)),
        ("lists", Arc::new(lists.finish())),
        ("point", Arc::new(point)),
        ("nothing", Arc::new(NullArray::new(3))),
    ])
}

fn numbers(range: std::ops::Range<i32>) -> RecordBatch {
    batch(vec![("n", Arc::new(Int32Array::from_iter_values(range)))])
}

macro_rules! formats {
    ($(fn $name:ident($io:ident) $body:block)*) => {
        mod arrow_ipc {
            use super::*;
            $(#[test] fn $name() { let $io = ArrowIpc; $body })*
        }
        #[cfg(feature = "parquet")]
        mod parquet {
            use super::*;
            $(#[test] fn $name() { let $io = Parquet; $body })*
        }
    };
}

formats! {
    fn a_batch_of_every_type_comes_back_with_its_metadata(io) {
        comes_back(&io, rich());
        comes_back(&io, rich().slice(1, 2));
        comes_back(&io, rich().slice(0, 0));
        comes_back(&io, numbers(0..1_500_000));
    }

    fn batches_come_back_one_by_one(io) {
        comes_back(&io, vec![numbers(0..3), numbers(3..4), numbers(4..100)]);
        comes_back(&io, vec![numbers(0..0), numbers(0..3), numbers(0..0), numbers(0..0)]);
        comes_back(&io, vec![numbers(0..0)]);
        comes_back(&io, vec![numbers(0..1_500_000), numbers(0..1)]);
        comes_back(&io, vec![rich(), rich()]);
    }

    fn several_batches_are_put_together_where_one_is_asked_for(io) {
        let bytes = saved(&io, &vec![numbers(0..3), numbers(0..0), numbers(3..9)]);
        assert_eq!(load::<RecordBatch, _>(&io, &bytes).unwrap(), numbers(0..9));
        let bytes = saved(&io, &numbers(0..9));
        assert_eq!(load::<Vec<RecordBatch>, _>(&io, &bytes).unwrap(), [numbers(0..9)]);
    }

    fn no_batch_at_all_is_refused_and_says_what_to_do(io) {
        let error = not_saved(&io, &Vec::<RecordBatch>::new());
        assert!(error.contains("give it one batch without rows"), "{error}");
    }

    fn batches_of_different_schemas_are_refused(io) {
        let error = not_saved(&io, &vec![numbers(0..1), rich()]);
        assert!(error.contains("batch 1 has another schema than batch 0"), "{error}");
    }

    fn damage_is_never_a_panic(io) {
        let small = batch(vec![("text", Arc::new(StringArray::from(vec![Some("a"), None])))]);
        let bytes = saved(&io, &small);
        survives_damage::<RecordBatch, _>(&io, &bytes);
        survives_damage::<Vec<RecordBatch>, _>(&io, &saved(&io, &vec![numbers(0..2), numbers(0..0)]));
        not_loaded::<RecordBatch, _>(&io, b"");
        for end in 0..bytes.len() {
            not_loaded::<RecordBatch, _>(&io, &bytes[..end]);
        }
    }

    fn a_full_disk_is_an_io_error(io) {
        says_when_the_disk_is_full(&io, &vec![numbers(0..2), numbers(0..1)]);
    }
}

#[test]
fn arrow_arrays_lie_in_the_mapped_file() {
    let folder = tempfile::tempdir().unwrap();
    let loaded = through(&Store::create(folder.path()).unwrap(), &ArrowIpc, &numbers(0..1000));
    #[cfg(target_os = "linux")]
    {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let mapping = maps.lines().find(|line| line.contains(folder.to_str().unwrap())).expect("the file is mapped");
        let (start, end) = mapping.split(' ').next().unwrap().split_once('-').unwrap();
        let range = usize::from_str_radix(start, 16).unwrap()..usize::from_str_radix(end, 16).unwrap();
        assert!(range.contains(&(loaded.column(0).to_data().buffers()[0].as_ptr() as usize)));
    }
    drop(folder);
    assert_eq!(loaded, numbers(0..1000), "the mapping outlives the file's name");
}

#[test]
fn rows_without_columns_come_back_from_arrow_and_are_refused_by_parquet() {
    let options = RecordBatchOptions::new().with_row_count(Some(3));
    let rows = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options).unwrap();
    comes_back(&ArrowIpc, rows.clone());
    #[cfg(feature = "parquet")]
    assert!(not_saved(&Parquet, &rows).contains("it has no columns"));
}

#[test]
fn dictionaries_that_differ_between_batches_are_refused() {
    let words = |word: &str| {
        let words: DictionaryArray<Int32Type> = [word].into_iter().collect();
        batch(vec![("words", Arc::new(words))])
    };
    let error = not_saved(&ArrowIpc, &vec![words("a"), words("b")]);
    assert!(error.contains("ictionary"), "{error}");
    #[cfg(feature = "parquet")]
    comes_back(&Parquet, vec![words("a"), words("b")]);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_repeats_cost_no_space_and_come_back() {
    let same = batch(vec![("n", Arc::new(Int32Array::from(vec![7; 2_000_000])))]);
    assert!(saved(&Parquet, &same).len() < 10_000);
    comes_back(&Parquet, same.clone());
    comes_back(&Parquet, vec![same]);
}
