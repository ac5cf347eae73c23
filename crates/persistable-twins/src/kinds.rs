//! Steps with params of every kind.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::civil::{Date, DateTime, Time, date, time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, Zoned};
use ndarray::{Array0, Array1, Array2, Array3, ShapeBuilder, arr0, array};
use num_bigint::BigInt;
use num_complex::Complex64;
use persistable::{ParamError, PersistableParams, Store, Value, value};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::call::{Call, Outcome, text_step};

pub(crate) fn call(call: &Call) -> Option<Outcome<()>> {
    match call.step.as_str() {
        "scalars" => call.with(|_| Ok(Scalars::example())),
        "times" => call.with(|_: &Store| times()),
        "containers" => call.with(|_| Ok(Containers::example())),
        "models" => call.with(|_| Ok(Models::example())),
        "array_params" => call.with(|_| Ok(ArrayParams::example())),
        "everything" => call.with(|_| {
            Ok(Everything {
                scalars: Scalars::example(),
                times: times()?,
                containers: Containers::example(),
                models: Models::example(),
                array_params: ArrayParams::example(),
            })
        }),
        _ => None,
    }
}

/// Each of the others' params as a record.
#[derive(PersistableParams)]
struct Everything {
    scalars: Scalars,
    times: Times,
    containers: Containers,
    models: Models,
    array_params: ArrayParams,
}

text_step!(Everything, "all of it");

#[derive(PersistableParams)]
struct Scalars {
    flag: bool,
    byte: u8,
    negative: i8,
    most: u128,
    least: i128,
    huge: BigInt,
    positive: NonZeroU32,
    float: f64,
    negative_zero: f64,
    infinite: f64,
    not_a_number: f64,
    single: f32,
    complex: Complex64,
    text: String,
    character: char,
    #[param(bytes)]
    bytes: Vec<u8>,
    absent: Option<u8>,
    present: Option<u8>,
    exact: Decimal,
    none: Decimal,
    id: Uuid,
    relative: PathBuf,
    rooted: PathBuf,
}

impl Scalars {
    fn example() -> Self {
        Self {
            flag: true,
            byte: u8::MAX,
            negative: i8::MIN,
            most: u128::MAX,
            least: i128::MIN,
            huge: -(BigInt::from(1) << 200_u32),
            positive: NonZeroU32::MIN,
            float: 0.1,
            negative_zero: -0.0,
            infinite: f64::NEG_INFINITY,
            not_a_number: -f64::NAN,
            single: 0.1,
            complex: Complex64::new(0.5, -0.0),
            text: "naïve 𝄞 \0".into(),
            character: 'ß',
            bytes: vec![0, 255],
            absent: None,
            present: Some(3),
            exact: Decimal::new(150, 2),
            none: Decimal::new(0, 3),
            id: Uuid::from_u128(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8),
            relative: "a/./b//../c/".into(),
            rooted: "/data".into(),
        }
    }
}

text_step!(Scalars, "scalars");

#[derive(PersistableParams)]
struct Times {
    day: Date,
    before_christ: Date,
    hour: Time,
    both: DateTime,
    moment: Timestamp,
    system: SystemTime,
    at_offset: Zoned,
    #[param(encode_with = in_paris)]
    in_paris: i64,
    span: Duration,
    backwards: SignedDuration,
}

text_step!(Times, "times");

fn times() -> persistable::Result<Times> {
    let moment = Timestamp::constant(1_709_210_096, 123_456_000);
    Ok(Times {
        day: date(2024, 2, 29),
        before_christ: date(1, 1, 1),
        hour: time(23, 59, 59, 999_999_000),
        both: date(1999, 12, 31).at(1, 2, 3, 4_000),
        moment,
        system: SystemTime::UNIX_EPOCH - Duration::from_micros(1),
        at_offset: moment.to_zoned(TimeZone::fixed(Offset::constant(-5))),
        in_paris: 1_720_000_000,
        span: Duration::from_millis(1_500),
        backwards: SignedDuration::from_micros(-1),
    })
}

/// What `jiff` gives where it knows the zones: a summer's day in Paris.
fn in_paris(seconds: &i64) -> Result<Value, ParamError> {
    Ok(Value::Zoned(value::Zoned::new(*seconds, 0, 7_200, "Europe/Paris")?))
}

#[derive(PersistableParams)]
struct Containers {
    list: Vec<i64>,
    empty: Vec<i64>,
    array: [u16; 2],
    queue: VecDeque<bool>,
    boxed: Box<str>,
    shared: Arc<[f64]>,
    pair: (i32, String),
    single: (u8,),
    unit: (),
    set: HashSet<String>,
    members: BTreeSet<(u8, Option<bool>)>,
    map: HashMap<String, f64>,
    by_place: BTreeMap<(i32, i32), Vec<Option<u8>>>,
    deep: Vec<BTreeMap<String, Vec<Option<BTreeSet<i8>>>>>,
}

impl Containers {
    fn example() -> Self {
        Self {
            list: vec![3, -1, i64::MIN],
            empty: vec![],
            array: [1, 65_535],
            queue: [true, false].into(),
            boxed: "boxed".into(),
            shared: [0.5, -0.5].into(),
            pair: (-2, "two".into()),
            single: (7,),
            unit: (),
            set: ["b".into(), String::new(), "aa".into()].into(),
            members: [(2, None), (1, Some(true))].into(),
            map: [("b".into(), 1.0), ("aa".into(), -0.0)].into(),
            by_place: [((1, 2), vec![Some(1), None]), ((-1, 0), vec![])].into(),
            deep: vec![[("x".into(), vec![Some([2, -3].into()), None])].into(), [].into()],
        }
    }
}

text_step!(Containers, "containers");

#[derive(PersistableParams)]
enum Kernel {
    Linear,
    #[param(name = "Cubic")]
    OfThirdDegree,
}

#[derive(PersistableParams)]
enum Shape {
    Circle { radius: f64 },
    Segment(i32, i32),
}

#[derive(PersistableParams)]
struct Layer {
    size: u32,
    dropout: Option<f64>,
}

#[derive(PersistableParams)]
struct Pair<A, B> {
    left: A,
    right: B,
}

#[derive(PersistableParams)]
struct Point(f64, f64);

#[derive(PersistableParams)]
#[param(transparent)]
struct Seconds(f64);

#[derive(PersistableParams)]
#[param(name = "Earlier")]
struct Later {
    #[param(renamed_from = "epochs")]
    most_epochs: u32,
    #[param(added_with_default = 0.5)]
    momentum: f64,
    #[param(untracked)]
    _threads: usize,
}

#[derive(PersistableParams)]
struct Models {
    kernel: Kernel,
    kernels: HashMap<String, Kernel>,
    circle: Shape,
    segment: Shape,
    layers: Vec<Layer>,
    pair: Pair<u8, String>,
    point: Point,
    seconds: Seconds,
    later: Later,
    changed: Later,
}

impl Models {
    fn example() -> Self {
        Self {
            kernel: Kernel::Linear,
            kernels: [("third".into(), Kernel::OfThirdDegree)].into(),
            circle: Shape::Circle { radius: 1.5 },
            segment: Shape::Segment(-1, 2),
            layers: vec![Layer { size: 64, dropout: None }, Layer { size: 8, dropout: Some(0.25) }],
            pair: Pair { left: 1, right: "r".into() },
            point: Point(0.0, 1.0),
            seconds: Seconds(2.5),
            later: Later { most_epochs: 10, momentum: 0.5, _threads: 4 },
            changed: Later { most_epochs: 10, momentum: 0.9, _threads: 8 },
        }
    }
}

text_step!(Models, "models");

#[derive(PersistableParams)]
struct ArrayParams {
    matrix: Array2<f64>,
    fortran: Array2<u8>,
    turned: Array2<i32>,
    integers: Array1<i64>,
    flags: Array1<bool>,
    complexes: Array1<Complex64>,
    scalar: Array0<f32>,
    empty: Array3<i16>,
    not_numbers: Array1<f32>,
}

impl ArrayParams {
    fn example() -> Self {
        Self {
            matrix: array![[0.1, -0.0], [f64::INFINITY, 1e-300]],
            fortran: Array2::from_shape_fn((2, 3).f(), |(row, column)| (3 * row + column) as u8),
            turned: array![[1, 2, 3], [4, 5, 6]].reversed_axes(),
            integers: array![i64::MIN, i64::MAX],
            flags: array![true, false, true],
            complexes: array![Complex64::new(1.0, -1.0)],
            scalar: arr0(0.1),
            empty: Array3::zeros((2, 0, 3)),
            not_numbers: array![f32::NAN, -f32::NAN, f32::from_bits(0x7fa0_0001)],
        }
    }
}

text_step!(ArrayParams, "array params");
