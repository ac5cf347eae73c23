//! The shape of a payload's type: what is known of it, and which changes would misread a payload.

#![allow(dead_code, reason = "the types are there for their shapes")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Debug;
use std::num::NonZeroU8;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};

use crate::io::{Json, MessagePack, PayloadIo, shape_of};

#[track_caller]
fn has_shape<P: DeserializeOwned>(expected: &str) {
    assert_eq!(shape_of::<P>(false), expected);
}

/// What `PayloadIo::reads_shape` says of a payload that was written as `Was` and is to be read as `Is`.
fn change<Was, Is>() -> Result<(), String>
where
    Was: Serialize + DeserializeOwned,
    Is: Serialize + DeserializeOwned,
{
    let recorded = PayloadIo::<Was>::payload_shape(&MessagePack).unwrap();
    let answer = PayloadIo::<Is>::reads_shape(&MessagePack, &recorded);
    let recorded = PayloadIo::<Was>::payload_shape(&Json).unwrap();
    assert_eq!(answer, PayloadIo::<Is>::reads_shape(&Json, &recorded));
    answer
}

#[track_caller]
fn may_become<Was: Serialize + DeserializeOwned, Is: Serialize + DeserializeOwned>() {
    assert_eq!(change::<Was, Is>(), Ok(()));
}

#[track_caller]
fn is_refused<Was: Serialize + DeserializeOwned, Is: Serialize + DeserializeOwned>(expected: &str) {
    assert_eq!(change::<Was, Is>(), Err(expected.to_owned()));
}

macro_rules! types {
    ($($item:item)*) => {
        $(#[derive(Debug, Serialize, Deserialize)] $item)*
    };
}

types! {
    struct Row {
        name: String,
        weight: f64,
    }

    struct Nothing;

    struct Pair<A, B>(A, B);

    struct Wrapper<T>(T);

    enum Figure {
        Point,
        Circle(f64),
        Line(i32, Option<u8>),
        Box { width: u8, label: String },
    }

    struct Node {
        value: f32,
        next: Option<Box<Node>>,
        others: Vec<Node>,
        by_name: HashMap<String, Node>,
    }

    struct Branch(Vec<Branch>);

    enum Sum {
        Add(Box<Sum>, Box<Sum>),
        Neg { of: Box<Sum> },
        All(Vec<Sum>),
        Number(i64),
        Fraction(Wrapper<f64>),
    }
}

#[test]
fn a_shape_says_what_a_type_consists_of() {
    has_shape::<f32>("f32");
    has_shape::<Vec<Option<u8>>>("[u8?]");
    has_shape::<HashSet<(char, bool)>>("[(char, bool)]");
    has_shape::<BTreeMap<String, [f64; 2]>>("<text: (f64, f64)>");
    has_shape::<[u8; 32]>("[u8]");
    has_shape::<Vec<Row>>("[{name: text, weight: f64}]");
    has_shape::<Pair<(), Nothing>>("(unit, unit)");
    has_shape::<Wrapper<i128>>("i128");
    has_shape::<Figure>("enum{Point, Circle: f64, Line: (i32, u8?), Box: {width: u8, label: text}}");
}

#[test]
fn every_variant_of_every_enum_is_seen() {
    #[derive(Deserialize)]
    enum Outer {
        One(Figure, Figure),
        Two { figures: Vec<Figure> },
    }
    let figure = shape_of::<Figure>(false);
    has_shape::<Outer>(&format!("enum{{One: ({figure}, {figure}), Two: {{figures: [{figure}]}}}}"));
}

#[test]
fn a_type_that_contains_itself_has_a_shape() {
    has_shape::<Node>("{value: f32, next: ^2?, others: [^2], by_name: <text: ^2>}");
    has_shape::<Branch>("[^1]");
    has_shape::<Sum>("enum{Add: (^2, ^2), Neg: {of: ^2}, All: [^2], Number: i64, Fraction: f64}");
    has_shape::<Wrapper<Wrapper<Pair<Pair<u8, u8>, Vec<Wrapper<u8>>>>>>("((u8, u8), [u8])");
}

#[test]
fn a_type_that_never_ends_has_what_is_known_of_it() {
    #[derive(Deserialize)]
    struct Endless {
        first: u8,
        next: Box<Endless>,
        last: f64,
    }
    has_shape::<Endless>("{first: u8, next: ^1, last: f64}");
}

#[test]
fn a_type_that_refuses_made_up_values_hides_no_other_field() {
    struct Even(u32);
    impl<'de> Deserialize<'de> for Even {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let number = u32::deserialize(deserializer)?;
            if number % 2 == 0 { Ok(Self(number)) } else { Err(D::Error::custom("it is odd")) }
        }
    }
    struct Never;
    impl<'de> Deserialize<'de> for Never {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer)?;
            Err(D::Error::custom("nothing is good enough"))
        }
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Number(f64),
        Text(String),
    }
    #[derive(Deserialize)]
    struct Hidden {
        never: Never,
        many: Vec<Never>,
        figure: Figure,
        even: Even,
        non_zero: NonZeroU8,
        address: std::net::IpAddr,
        untagged: Untagged,
        value: serde_json::Value,
        last: Vec<f64>,
    }
    let figure = shape_of::<Figure>(true);
    let others = "even: u32, non_zero: u8, address: text, untagged: any, value: any, last: [f64]";
    assert_eq!(
        shape_of::<Vec<(u8, Hidden)>>(true),
        format!("[(u8, {{never: text, many: [text], figure: {figure}, {others}}})]")
    );
}

#[test]
fn attributes_of_serde_are_understood() {
    #[derive(Deserialize)]
    struct Inner {
        x: f64,
    }
    #[derive(Deserialize)]
    struct Flat {
        y: u8,
        #[serde(flatten)]
        inner: Inner,
    }
    #[derive(Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        One { x: f64 },
    }
    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Short(String);
    impl TryFrom<String> for Short {
        type Error = &'static str;
        fn try_from(text: String) -> Result<Self, &'static str> {
            if text.len() == 1 { Ok(Self(text)) } else { Err("it is not short") }
        }
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Renamed {
        #[serde(alias = "old_size")]
        new_size: u8,
        #[serde(skip)]
        skipped: u8,
        #[serde(default)]
        short: Option<Short>,
        flat: Option<Flat>,
        tagged: Vec<Tagged>,
    }
    let shape = shape_of::<Vec<Renamed>>(false);
    assert!(
        shape.starts_with("[{newSize: u8, ") && shape.ends_with("short: text?, flat: any?, tagged: [any]}]"),
        "{shape}"
    );
}

#[test]
fn a_type_that_panics_about_a_made_up_value_has_an_unknown_shape() {
    struct Fragile;
    impl<'de> Deserialize<'de> for Fragile {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            assert_ne!(text, "", "this is for the log of the test alone");
            Ok(Self)
        }
    }
    has_shape::<Fragile>("text");
}

#[test]
fn a_change_that_would_misread_a_payload_is_refused_with_its_place() {
    types! {
        struct Lighter { name: String, weight: f32 }
        struct Sparse { name: String, weight: Option<f64> }
    }
    #[derive(Serialize, Deserialize)]
    struct Table<R> {
        rows: Vec<R>,
    }
    is_refused::<Vec<f64>, Vec<f32>>("at `[]`: it was `f64` and is `f32`");
    is_refused::<Table<Row>, Table<Lighter>>("at `rows[].weight`: it was `f64` and is `f32`");
    is_refused::<Table<Sparse>, Table<Row>>("at `rows[].weight`: it was `f64?` and is `f64`");
    is_refused::<Option<u32>, f64>("it was `u32?` and is `f64`");
    is_refused::<u32, f64>("it was `u32` and is `f64`");
    is_refused::<f64, i64>("it was `f64` and is `i64`");
    is_refused::<bool, u8>("it was `bool` and is `u8`");
    is_refused::<String, f64>("it was `text` and is `f64`");
    is_refused::<(u8, f64), (u8, f32)>("at `[1]`: it was `f64` and is `f32`");
    is_refused::<(f64, f64), Row>("it was `(f64, f64)` and is `{name: text, weight: f64}`");
    is_refused::<HashMap<String, f64>, HashMap<String, u8>>("at `[]`: it was `f64` and is `u8`");
    is_refused::<Row, HashMap<String, String>>("at `weight`: it was `f64` and is `text`");
}

#[test]
fn a_change_deep_in_a_type_that_contains_itself_is_noticed() {
    types! {
        struct Old { value: f64, next: Option<Box<Old>>, tail: Vec<Old> }
        struct New { value: f32, next: Option<Box<New>>, tail: Vec<New> }
        struct Unrolled { value: f64, next: Option<Box<Old>>, tail: Vec<Unrolled> }
        struct HalfNew { value: f64, next: Option<Box<New>>, tail: Vec<HalfNew> }
    }
    is_refused::<Old, New>("at `value`: it was `f64` and is `f32`");
    may_become::<Old, Unrolled>();
    may_become::<Unrolled, Old>();
    is_refused::<Old, HalfNew>("at `next.value`: it was `f64` and is `f32`");
}

#[test]
fn a_change_in_a_variant_is_noticed() {
    types! {
        enum Other { Circle(f32), Point }
        enum More { Line(i32, Option<u8>), Point, Circle(f64), Oval(f64, f64), Box { label: String, width: u16 } }
        enum Level { Low, High }
    }
    is_refused::<Figure, Other>("at `Circle`: it was `f64` and is `f32`");
    may_become::<Figure, More>();
    may_become::<Level, String>();
    may_become::<String, Level>();
}

#[test]
fn types_may_evolve_on_purpose() {
    types! {
        struct Grown { name: String, weight: Option<f64>, #[serde(default)] height: f64 }
        struct Reordered { weight: f64, name: String }
        struct Recoded { name: char, weight: serde_json::Value }
    }
    may_become::<Row, Grown>();
    may_become::<Row, Reordered>();
    may_become::<Row, HashMap<String, serde_json::Value>>();
    may_become::<Row, serde_json::Value>();
    may_become::<serde_json::Value, Row>();
    may_become::<Row, Recoded>();
    may_become::<Row, Wrapper<Row>>();
    may_become::<Vec<u8>, Vec<u64>>();
    may_become::<i64, u8>();
    may_become::<f64, Option<f64>>();
    may_become::<Option<Option<u8>>, Option<u8>>();
}

#[test]
fn a_recorded_shape_of_another_version_agrees_with_everything() {
    assert_eq!(PayloadIo::<f64>::reads_shape(&MessagePack, "f128"), Ok(()));
    assert_eq!(PayloadIo::<f64>::reads_shape(&MessagePack, ""), Ok(()));
    assert_eq!(PayloadIo::<Vec<f64>>::reads_shape(&MessagePack, "[^9]"), Ok(()));
}

#[test]
fn formats_that_tell_types_apart_themselves_record_no_shape() {
    assert_eq!(PayloadIo::<String>::payload_shape(&crate::io::Text), None);
    assert_eq!(PayloadIo::<Vec<u8>>::payload_shape(&crate::io::Bytes), None);
}

#[test]
fn an_enormous_type_has_a_shape_nevertheless() {
    fn shape<T: DeserializeOwned + Debug>() -> String {
        shape_of::<T>(true)
    }
    type Four<T> = (T, T, T, T);
    assert_eq!(shape::<Four<Four<Figure>>>().matches("Circle: f64").count(), 16);
    assert_eq!(shape::<Four<Four<Four<Four<Four<Figure>>>>>>(), "any");
}
