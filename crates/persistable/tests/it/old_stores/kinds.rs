//! A step with params of every kind, and one whose params have changed since.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::{Date, DateTime, Time, date, time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use ndarray::{Array1, Array2, array};
use num_bigint::BigInt;
use num_complex::Complex64;
use persistable::value::Column;
use persistable::{Param, ParamError, PersistableParams, Run, Step, StepResult, Value, io, value};
use rust_decimal::Decimal;
use uuid::Uuid;

#[derive(PersistableParams)]
enum Shape {
    Point,
    Circle { radius: f64 },
    Segment(i32, i32),
}

#[derive(PersistableParams)]
struct Layer {
    size: u32,
    dropout: Option<f64>,
}

#[derive(PersistableParams)]
pub struct EveryKind {
    absent: Option<u8>,
    flag: bool,
    small: u8,
    large: BigInt,
    ratio: f64,
    not_a_number: f64,
    negative_zero: f64,
    text: String,
    #[param(bytes)]
    bytes: Vec<u8>,
    list: Vec<Option<i64>>,
    pair: (i32, String),
    set: BTreeSet<String>,
    map: BTreeMap<i32, Vec<f64>>,
    day: Date,
    hour: Time,
    both: DateTime,
    moment: Timestamp,
    at_offset: Zoned,
    #[param(encode_with = in_paris)]
    in_paris: i64,
    span: Duration,
    exact: Decimal,
    id: Uuid,
    path: PathBuf,
    complex: Complex64,
    member: Shape,
    named: Shape,
    positional: Shape,
    layer: Layer,
    layers: Vec<Layer>,
    matrix: Array2<f64>,
    flags: Array1<bool>,
    objects: Array1<String>,
    table: Value,
}

/// A summer's day in Paris.
fn in_paris(seconds: &i64) -> Result<Value, ParamError> {
    Ok(Value::Zoned(value::Zoned::new(*seconds, 0, 7_200, "Europe/Paris")?))
}

impl EveryKind {
    pub fn example() -> Self {
        let moment = Timestamp::constant(1_709_210_096, 123_456_000);
        Self {
            absent: None,
            flag: true,
            small: 5,
            large: -(BigInt::from(1) << 200_u32),
            ratio: 0.1,
            not_a_number: f64::NAN,
            negative_zero: -0.0,
            text: "naïve 𝄞 \0".into(),
            bytes: vec![0, 255],
            list: vec![Some(3), None, Some(i64::MIN)],
            pair: (-2, "two".into()),
            set: ["b".into(), String::new(), "aa".into()].into(),
            map: [(2, vec![0.5]), (-1, vec![])].into(),
            day: date(2024, 2, 29),
            hour: time(23, 59, 59, 999_999_000),
            both: date(1999, 12, 31).at(1, 2, 3, 4_000),
            moment,
            at_offset: moment.to_zoned(TimeZone::fixed(Offset::constant(-5))),
            in_paris: 1_720_000_000,
            span: Duration::from_millis(1_500),
            exact: Decimal::new(150, 2),
            id: Uuid::from_u128(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8),
            path: "a/./b//../c/".into(),
            complex: Complex64::new(0.5, -0.0),
            member: Shape::Point,
            named: Shape::Circle { radius: 1.5 },
            positional: Shape::Segment(-1, 2),
            layer: Layer { size: 64, dropout: None },
            layers: vec![Layer { size: 8, dropout: Some(0.25) }],
            matrix: array![[0.1, -0.0, f64::INFINITY], [f64::NAN, 1e-300, 2.0]],
            flags: array![true, false, true],
            objects: array!["a".to_owned(), "ß".to_owned()],
            table: table(),
        }
    }
}

fn table() -> Value {
    let columns = [
        Column::new("n", "int64", array![1_i64, 2].to_value().unwrap()),
        Column::new("word", "text", vec![Some("a".to_owned()), None].to_value().unwrap()),
    ];
    Value::Table(columns.map(Result::unwrap).into())
}

/// Params that were added, renamed and left out of the key since they were first persisted.
#[derive(PersistableParams)]
pub struct Evolved {
    #[param(renamed_from = "epochs")]
    most_epochs: u32,
    #[param(added_with_default = 0.5)]
    momentum: f64,
    #[param(untracked)]
    _threads: usize,
}

impl Evolved {
    pub fn example() -> Self {
        Self { most_epochs: 10, momentum: 0.5, _threads: 3 }
    }
}

macro_rules! text_step {
    ($step:ident, $text:literal) => {
        impl Step for $step {
            type Payload = String;
            type Io = io::Text;

            fn generate_payload(&self, _: &Run<'_>) -> StepResult<String> {
                Ok($text.to_owned())
            }
        }
    };
}

text_step!(EveryKind, "every kind");
text_step!(Evolved, "evolved");
