//! Payload IOs: bytes that are of the format, nearly of the format, or of no format at all.

use std::collections::BTreeMap;

use apache_avro::AvroSchema;
use arrow_array::RecordBatch;
use ndarray::{Array2, ArrayD};
use persistable::io::{
    ArrowIpc, Avro, Bytes, Csv, Json, MappedArray, MessagePack, Npy, Parquet, PayloadIo, Source, Target, Zstd,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, AvroSchema)]
pub(crate) struct Inner {
    pub(crate) x: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, AvroSchema)]
pub(crate) struct Record {
    pub(crate) id: i64,
    pub(crate) value: f64,
    pub(crate) flag: bool,
    pub(crate) text: String,
    pub(crate) maybe: Option<String>,
    pub(crate) list: Vec<Inner>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) value: f64,
    pub(crate) text: String,
    pub(crate) maybe: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Tree {
    Leaf(f64),
    Text(String),
    Named(BTreeMap<String, Tree>),
    Many(Vec<Tree>),
    Nothing,
}

/// Loads bytes; what was loaded can be saved, and loads again.
fn load<P>(io: &impl PayloadIo<P>, input: &[u8]) {
    let suffix = io.suffix();
    let Ok(payload) = io.load(&mut Source::within(|| Ok(input.to_vec()), &*suffix)) else { return };
    let saved = save(io, &payload);
    if let Some(saved) = saved {
        assert!(io.load(&mut Source::within(|| Ok(saved.clone()), &*suffix)).is_ok(), "what it saved it does not load");
    }
}

pub(crate) fn save<P>(io: &impl PayloadIo<P>, payload: &P) -> Option<Vec<u8>> {
    let mut written = Vec::new();
    let mut target = Target::within(&mut written, io.suffix());
    io.save(payload, &mut target).ok()?;
    target.finish().ok()?;
    Some(written)
}

pub(crate) fn npy(input: &[u8]) {
    load::<ArrayD<f64>>(&Npy, input);
    load::<Array2<u8>>(&Npy, input);
    load::<ArrayD<bool>>(&Npy, input);
    load::<MappedArray<f64, ndarray::IxDyn>>(&Npy, input);
}

pub(crate) fn msgpack(input: &[u8]) {
    load::<Vec<Record>>(&MessagePack, input);
    load::<Tree>(&MessagePack, input);
    load::<(u8, i128, Option<char>, [f32; 2])>(&MessagePack, input);
}

pub(crate) fn json(input: &[u8]) {
    load::<Vec<Record>>(&Json, input);
    load::<Tree>(&Json, input);
}

pub(crate) fn csv(input: &[u8]) {
    load::<Vec<Row>>(&Csv, input);
}

pub(crate) fn avro(input: &[u8]) {
    load::<Vec<Record>>(&Avro, input);
}

pub(crate) fn arrow_ipc(input: &[u8]) {
    load::<Vec<RecordBatch>>(&ArrowIpc, input);
}

pub(crate) fn parquet(input: &[u8]) {
    load::<Vec<RecordBatch>>(&Parquet, input);
    load::<RecordBatch>(&Parquet, input);
}

pub(crate) fn zstd(input: &[u8]) {
    load::<Vec<u8>>(&Zstd::new(Bytes), input);
}
