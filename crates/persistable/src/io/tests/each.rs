//! What holds for each payload IO: one list of them.

use std::sync::Arc;

use apache_avro::AvroSchema;
use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use arrow_schema::Schema;
use ndarray::Array1;
use persistable_store::RUN_NO_CODE;
use serde::{Deserialize, Serialize};

use crate::io::testing::{comes_back, load, not_saved, saved};
use crate::io::{ArrowIpc, Avro, Bytes, Csv, Json, MessagePack, Npy, Parquet, PayloadIo, Text, Zstd};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, AvroSchema)]
struct Row {
    x: f64,
}

/// Tries to load a file, and returns what is said when it can't be.
type Load = Box<dyn Fn(&[u8]) -> Result<(), String>>;

/// A payload IO with a file that it wrote.
struct Given {
    name: String,
    file: Vec<u8>,
    load: Load,
}

fn given<P: 'static, I: PayloadIo<P> + 'static>(io: I, payload: P) -> Given {
    let name = io.name();
    assert!(io.reads(&name, io.version()) && !io.reads(&name, io.version() + 1) && !io.reads("other", 1));
    let file = saved(&io, &payload);
    Given { name, file, load: Box::new(move |file| load(&io, file).map(drop).map_err(|error| error.to_string())) }
}

/// Those whose files say of what format they are: all but those of plain text and bytes.
fn each() -> Vec<Given> {
    let rows = vec![Row { x: 1.0 }];
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    let batch = RecordBatch::try_from_iter([("x", numbers)]).unwrap();
    vec![
        given(MessagePack, rows.clone()),
        given(Json, rows.clone()),
        given(Csv, rows.clone()),
        given(Avro, rows),
        given(Npy, Array1::from(vec![1.0])),
        given(ArrowIpc, batch.clone()),
        given(Parquet, batch),
        given(Zstd::new(Text), "x".to_owned()),
    ]
}

#[test]
fn every_format_is_here() {
    let names: Vec<String> = each().into_iter().map(|given| given.name).collect();
    // Files of these say nothing of their format, and only Python has `FolderFileIO`.
    let others = ["bytes", "text", "folder"];
    for name in RUN_NO_CODE.into_iter().filter(|name| !others.contains(name)) {
        assert!(names.iter().any(|there| there == name), "add {name} to `each`");
    }
}

#[test]
fn no_format_reads_what_another_wrote() {
    for writer in each() {
        for reader in each() {
            let is_read = (reader.load)(&writer.file).is_ok();
            assert_eq!(is_read, writer.name == reader.name, "{} reads {}", reader.name, writer.name);
        }
    }
}

#[test]
fn an_empty_file_is_an_error_that_says_so() {
    for reader in each() {
        match (reader.load)(b"") {
            Err(error) => assert!(error.contains("there are none"), "{}: {error}", reader.name),
            // Earlier versions wrote no header for no rows of some types.
            Ok(()) => assert_eq!(reader.name, "csv"),
        }
    }
}

#[test]
fn an_empty_payload_comes_back_or_is_refused_with_what_to_do() {
    comes_back(&MessagePack, Vec::<Row>::new());
    comes_back(&Json, Vec::<Row>::new());
    comes_back(&Csv, Vec::<Row>::new());
    comes_back(&Avro, Vec::<Row>::new());
    comes_back(&Npy, Array1::<f64>::from(vec![]));
    comes_back(&Bytes, Vec::<u8>::new());
    comes_back(&Zstd::new(Text), String::new());
    let (no_batches, advice) = (Vec::<RecordBatch>::new(), "give it one batch without rows");
    assert!(not_saved(&ArrowIpc, &no_batches).contains(advice) && not_saved(&Parquet, &no_batches).contains(advice));
    let no_columns = RecordBatch::new_empty(Arc::new(Schema::empty()));
    comes_back(&ArrowIpc, no_columns.clone());
    assert!(not_saved(&Parquet, &no_columns).contains("it has no columns"));
}
