//! Payloads of every type that a payload IO takes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use apache_avro::AvroSchema;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use ndarray::{Array2, ShapeBuilder, array};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub enum Choice {
    Bare,
    One(f64),
    Two(i8, String),
    Named { depth: u32 },
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Tree {
    flag: bool,
    most: u64,
    least: i64,
    float: f64,
    whole: f64,
    negative_zero: f64,
    text: String,
    absent: Option<u8>,
    pair: (i32, String),
    choices: Vec<Choice>,
    map: BTreeMap<String, Vec<u8>>,
}

pub fn tree() -> Tree {
    Tree {
        flag: true,
        most: u64::MAX,
        least: i64::MIN,
        float: 0.1,
        whole: 2.0,
        negative_zero: -0.0,
        text: "naïve 𝄞 \"\\\n\u{1}".into(),
        absent: None,
        pair: (-2, "two".into()),
        choices: vec![Choice::Bare, Choice::One(1.5), Choice::Two(-1, "b".into()), Choice::Named { depth: 2 }],
        map: [("a".into(), vec![1, 255]), (String::new(), vec![])].into(),
    }
}

pub fn matrix() -> Array2<f64> {
    array![[0.1, -0.0, f64::INFINITY], [f64::NAN, 5e-324, 2.0]]
}

pub fn columns() -> Array2<u16> {
    Array2::from_shape_fn((2, 3).f(), |(row, column)| (3 * row + column) as u16)
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    id: i64,
    ratio: f64,
    word: String,
    flag: bool,
    note: Option<String>,
}

pub fn rows() -> Vec<Row> {
    let row = |id, ratio, word: &str, flag, note: Option<&str>| Row {
        id,
        ratio,
        word: word.into(),
        flag,
        note: note.map(String::from),
    };
    vec![
        row(i64::MIN, 0.1, "naïve 𝄞", true, None),
        row(0, f64::NEG_INFINITY, "a, \"b\"\r\nc\n", false, Some(" x ")),
        row(i64::MAX, 5e-324, "12", true, Some("true")),
    ]
}

#[derive(Debug, Serialize, Deserialize, AvroSchema)]
enum Grade {
    Good,
    Fair,
}

#[derive(Debug, Serialize, Deserialize, AvroSchema)]
pub struct Reading {
    id: i64,
    value: f64,
    flag: bool,
    text: String,
    grade: Grade,
    maybe: Option<String>,
    list: Vec<f64>,
    by_name: HashMap<String, i32>,
}

pub fn readings() -> Vec<Reading> {
    let reading = |id, grade, maybe: Option<&str>, list| Reading {
        id,
        value: -0.0,
        flag: true,
        text: "naïve 𝄞 \0".into(),
        grade,
        maybe: maybe.map(String::from),
        list,
        by_name: [("a".into(), i32::MIN)].into(),
    };
    vec![
        reading(i64::MIN, Grade::Fair, Some(""), vec![f64::INFINITY, 5e-324]),
        reading(i64::MAX, Grade::Good, None, vec![]),
    ]
}

pub fn batch() -> RecordBatch {
    let moments = TimestampMicrosecondArray::from(vec![0, -1, 1_700_000_000_123_456]);
    let columns: [(&str, ArrayRef); 6] = [
        ("number", Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some((1 << 53) + 1)]))),
        ("ratio", Arc::new(Float64Array::from(vec![0.1, -0.0, f64::INFINITY]))),
        ("word", Arc::new(StringArray::from(vec![Some("naïve 𝄞"), None, Some("")]))),
        ("flag", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("moment", Arc::new(moments.with_timezone("UTC"))),
        ("day", Arc::new(Date32Array::from(vec![-1, 0, 19_782]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}
