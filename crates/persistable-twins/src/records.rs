//! Records, as CSV and as Avro.

use std::collections::HashMap;

use apache_avro::AvroSchema;
use persistable::{PersistableParams, Run, Step, StepResult, io};
use serde::{Deserialize, Serialize};

use crate::call::{Call, Outcome};

pub(crate) fn call(call: &Call) -> Option<Outcome<()>> {
    match call.step.as_str() {
        "csv_rows" => call.with(|_| Ok(CsvRows {})),
        "csv_notes" => call.with(|_| Ok(CsvNotes {})),
        "csv_codes" => call.with(|_| Ok(CsvCodes {})),
        "avro_records" => call.with(|_| Ok(AvroRecords {})),
        "plain_avro_records" => call.with(|_| Ok(PlainAvroRecords {})),
        _ => None,
    }
}

#[derive(Debug, Serialize, Deserialize, AvroSchema)]
enum Grade {
    Good,
    Fair,
}

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    id: i64,
    ratio: f64,
    word: String,
    flag: bool,
    grade: Grade,
    note: Option<String>,
    score: Option<f64>,
}

#[derive(PersistableParams)]
struct CsvRows {}

impl Step for CsvRows {
    type Payload = Vec<Row>;
    type Io = io::Csv;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<Row>> {
        let row = |id, ratio, word: &str, flag, grade, note: Option<&str>, score| Row {
            id,
            ratio,
            word: word.into(),
            flag,
            grade,
            note: note.map(String::from),
            score,
        };
        Ok(vec![
            row(i64::MIN, 0.1, "naïve 𝄞", true, Grade::Good, None, Some(-0.0)),
            row(0, f64::NEG_INFINITY, "a, \"b\"\r\nc\n", false, Grade::Fair, Some(" x "), None),
            row(i64::MAX, 5e-324, "12", true, Grade::Good, Some("true"), Some(1e300)),
        ])
    }
}

/// One column, of whose cells some are empty: a file with lines of nothing but quotes.
#[derive(PersistableParams)]
struct CsvNotes {}

#[derive(Debug, Serialize, Deserialize)]
struct Note {
    note: Option<String>,
}

impl Step for CsvNotes {
    type Payload = Vec<Note>;
    type Io = io::Csv;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<Note>> {
        Ok([None, Some("first"), None].map(|note| Note { note: note.map(String::from) }).into())
    }
}

/// What is all digits and yet no number that Python's libraries hold.
#[derive(PersistableParams)]
struct CsvCodes {}

#[derive(Debug, Serialize, Deserialize)]
struct Code {
    code: String,
    large: u64,
}

impl Step for CsvCodes {
    type Payload = Vec<Code>;
    type Io = io::Csv;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<Code>> {
        Ok(vec![Code { code: "007".into(), large: u64::MAX }, Code { code: "12".into(), large: 1 }])
    }
}

#[derive(Debug, Serialize, Deserialize, AvroSchema)]
struct Inner {
    x: f64,
}

#[derive(Debug, Serialize, Deserialize, AvroSchema)]
struct Reading {
    id: i64,
    small: i32,
    single: f32,
    value: f64,
    flag: bool,
    text: String,
    grade: Grade,
    maybe: Option<String>,
    list: Vec<Inner>,
    by_name: HashMap<String, i32>,
}

#[derive(PersistableParams)]
struct AvroRecords {}

impl Step for AvroRecords {
    type Payload = Vec<Reading>;
    type Io = io::Avro;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<Reading>> {
        let reading = |id, maybe: Option<&str>, list: &[f64]| Reading {
            id,
            small: -5,
            single: 0.5,
            value: -0.0,
            flag: true,
            text: "naïve 𝄞 \0".into(),
            grade: Grade::Fair,
            maybe: maybe.map(String::from),
            list: list.iter().map(|&x| Inner { x }).collect(),
            by_name: [("a".into(), i32::MIN)].into(),
        };
        Ok(vec![reading(i64::MIN, Some(""), &[f64::INFINITY, 5e-324]), reading(i64::MAX, None, &[])])
    }
}

/// What Python's payload IO takes records for that it is given without a schema.
#[derive(Debug, Serialize, Deserialize, AvroSchema)]
struct Record {
    id: i64,
    value: f64,
    text: Option<String>,
    flags: Vec<bool>,
    inner: Record2,
}

#[derive(Debug, Serialize, Deserialize, AvroSchema)]
struct Record2 {
    x: f64,
}

#[derive(PersistableParams)]
struct PlainAvroRecords {}

impl Step for PlainAvroRecords {
    type Payload = Vec<Record>;
    type Io = io::Avro;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<Record>> {
        let record = |id, text: Option<&str>| Record {
            id,
            value: 0.1,
            text: text.map(String::from),
            flags: vec![true, false],
            inner: Record2 { x: 1.5 },
        };
        Ok(vec![record(1, Some("one")), record(2, None)])
    }
}
