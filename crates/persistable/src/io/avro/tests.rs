#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashMap;

use apache_avro::{AvroSchema, Codec, DeflateSettings};
use serde::{Deserialize, Serialize};

use crate::io::testing::{comes_back, load, not_loaded, not_saved, saved, says_when_the_disk_is_full, survives_damage};
use crate::io::{Avro, PayloadIo};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, AvroSchema)]
enum Grade {
    Good,
    Fair,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, AvroSchema)]
struct Inner {
    x: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, AvroSchema)]
struct Record {
    id: i64,
    small: u8,
    wide: u32,
    value: f64,
    single: f32,
    flag: bool,
    text: String,
    grade: Grade,
    maybe: Option<String>,
    list: Vec<Inner>,
    by_name: HashMap<String, i32>,
}

fn record() -> Record {
    Record {
        id: i64::MIN,
        small: u8::MAX,
        wide: u32::MAX,
        value: -0.0,
        single: f32::MAX,
        flag: true,
        text: "\0 naïve 𝄞".into(),
        grade: Grade::Fair,
        maybe: Some(String::new()),
        list: vec![Inner { x: f64::INFINITY }, Inner { x: f64::from_bits(1) }],
        by_name: [("a".into(), i32::MIN)].into(),
    }
}

#[test]
fn records_come_back() {
    comes_back(&Avro, vec![record(), Record { maybe: None, list: vec![], by_name: HashMap::new(), ..record() }]);
    comes_back(&Avro, vec![record(); 2_000]);
    comes_back(&Avro, Vec::<Record>::new());
}

macro_rules! point {
    ($module:ident { $($fields:tt)* }) => {
        mod $module {
            #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize, apache_avro::AvroSchema)]
            pub(super) struct Point { $($fields)* }
        }
    };
}

point!(first { pub x: f64, pub y: f64 });
point!(shrunk { pub x: f64 });
point!(grown { pub x: f64, pub y: f64, pub z: Option<f64> });
point!(renamed { pub x: f64, pub height: f64 });
point!(retyped { pub x: f64, pub y: f32 });
point!(reordered { pub y: f64, pub x: f64 });

use first::Point;

#[test]
fn a_changed_struct_is_an_error_that_shows_both_schemas() {
    let bytes = saved(&Avro, &vec![Point { x: 1.0, y: 2.0 }]);
    let error = not_loaded::<Vec<renamed::Point>, _>(&Avro, &bytes);
    assert!(error.contains(r#"{"name":"y","type":"double"}"#), "{error}");
    assert!(
        error.contains(r#"that of the type is {"name":"Point","type":"record""#) && error.contains("height"),
        "{error}"
    );
    not_loaded::<Vec<shrunk::Point>, _>(&Avro, &bytes);
    not_loaded::<Vec<grown::Point>, _>(&Avro, &bytes);
    not_loaded::<Vec<retyped::Point>, _>(&Avro, &bytes);
    not_loaded::<Vec<reordered::Point>, _>(&Avro, &bytes);
    not_loaded::<Vec<grown::Point>, _>(&Avro, &saved(&Avro, &Vec::<Point>::new()));
}

#[test]
fn items_that_are_no_records_are_refused() {
    let error = not_saved(&Avro, &vec![1.0_f64]);
    assert!(error.contains("have to be records with fields, and not \"double\""), "{error}");
}

/// A struct with a schema of its own making.
macro_rules! with_schema {
    ($schema:expr; $($fields:tt)*) => {{
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Handmade { $($fields)* }
        impl apache_avro::AvroSchema for Handmade {
            fn get_schema() -> apache_avro::Schema {
                let fields = $schema.map(|(name, kind)| serde_json::json!({"name": name, "type": kind}));
                let schema = serde_json::json!({"type": "record", "name": "Handmade", "fields": fields.to_vec()});
                apache_avro::Schema::parse(&schema).unwrap()
            }
        }
        |fields: &str| vec![serde_json::from_str::<Handmade>(fields).unwrap(), serde_json::from_str(fields).unwrap()]
    }};
}

#[test]
fn records_come_back_where_the_schema_has_another_order_or_wider_types() {
    comes_back(&Avro, with_schema!([("y", "double"), ("x", "double")]; x: f64, y: f64)(r#"{"x": 1.0, "y": 2.0}"#));
    comes_back(&Avro, with_schema!([("x", "double"), ("y", "long")]; x: f32, y: i32)(r#"{"x": 0.1, "y": -2}"#));
}

#[test]
fn a_type_that_changed_under_a_schema_that_did_not_is_noticed() {
    #[derive(Serialize, Deserialize)]
    struct Single {
        x: f32,
    }
    impl AvroSchema for Single {
        fn get_schema() -> apache_avro::Schema {
            Inner::get_schema()
        }
    }
    let recorded = PayloadIo::<Vec<Inner>>::payload_shape(&Avro).unwrap();
    let refusal = PayloadIo::<Vec<Single>>::reads_shape(&Avro, &recorded).unwrap_err();
    assert_eq!(refusal, "at `[].x`: it was `f64` and is `f32`");
}

#[test]
fn a_schema_that_does_not_fit_the_struct_is_an_error_when_it_is_persisted() {
    let error = not_saved(&Avro, &with_schema!([("x", "double"), ("y", "double")]; x: f64)(r#"{"x": 1.0}"#));
    assert!(error.contains("record 0: it does not fit the type's schema"), "{error}");
    not_saved(&Avro, &with_schema!([("x", "double")]; x: f64, y: f64)(r#"{"x": 1.0, "y": 2.0}"#));
    not_saved(&Avro, &with_schema!([("x", "float")]; x: f64)(r#"{"x": 0.1}"#));
    not_saved(&Avro, &with_schema!([("x", "int")]; x: i64)(r#"{"x": 1}"#));
    not_saved(&Avro, &with_schema!([("x", "long")]; x: u64)(r#"{"x": 18446744073709551615}"#));
    not_saved(&Avro, &with_schema!([("x", "string")]; x: i64)(r#"{"x": 1}"#));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, AvroSchema)]
struct Chain {
    next: Option<Box<Chain>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, AvroSchema)]
struct Twice {
    first: Inner,
    second: Option<Vec<Inner>>,
}

#[test]
fn records_within_their_own_kind_are_refused_and_a_type_may_be_used_twice() {
    assert!(not_saved(&Avro, &vec![Chain { next: None }]).contains("records of their own type"));
    comes_back(&Avro, vec![Twice { first: Inner { x: 1.0 }, second: Some(vec![Inner { x: 2.0 }]) }]);
}

#[test]
fn damage_is_never_a_panic() {
    let bytes = saved(&Avro, &vec![record()]);
    survives_damage::<Vec<Record>, _>(&Avro, &bytes);
    assert!(load::<Vec<Record>, _>(&Avro, b"").is_err());
}

#[test]
fn a_full_disk_is_an_io_error() {
    says_when_the_disk_is_full(&Avro, &vec![record()]);
}

/// A file of inner records in a block that says of itself whatever is asked for.
fn block_of(count: i64, size: i64, data: &[u8]) -> Vec<u8> {
    let mut file = saved(&Avro, &Vec::<Lists>::new());
    let sync = file[file.len() - 16..].to_vec();
    let schema = apache_avro::Schema::Long;
    for number in [count, size] {
        file.extend(apache_avro::to_avro_datum(&schema, number).unwrap());
    }
    [file, data.to_vec(), sync].concat()
}

#[derive(Debug, PartialEq, Serialize, Deserialize, AvroSchema)]
struct Lists {
    numbers: Vec<f64>,
    by_name: HashMap<String, i32>,
}

/// Zigzag, as Avro has it: about half a billion, which its reader would reserve memory for.
const MANY: [u8; 5] = [0x80, 0xca, 0xb5, 0xee, 0x03];

#[test]
fn counts_and_lengths_that_a_file_has_no_room_for_are_not_believed() {
    assert!(load::<Vec<Lists>, _>(&Avro, &block_of(1, 2, &[0, 0])).is_ok());
    for data in [[&MANY[..], &[0]].concat(), [&[0], &MANY[..], &[0]].concat(), [&[0, 2], &MANY[..], &[0]].concat()] {
        let message = not_loaded::<Vec<Lists>, _>(&Avro, &block_of(1, data.len() as i64, &data));
        assert!(message.contains("claims more than it has bytes"), "{message}");
    }
    for (count, size) in [(500_000_000, 2), (1, 500_000_000), (-1, 2), (1, -2), (i64::MAX, 2), (2, 2)] {
        assert!(load::<Vec<Lists>, _>(&Avro, &block_of(count, size, &[0, 0])).is_err(), "{count} {size}");
    }
    let header = [b"Obj\x01", &MANY[..], b"\0"].concat();
    let message = not_loaded::<Vec<Lists>, _>(&Avro, &header);
    assert!(message.contains("claims more than it has bytes"), "{message}");
}

/// A file of a thousand records as a writer with this codec makes it.
fn packed(codec: Codec) -> (Vec<Inner>, Vec<u8>) {
    let schema = Inner::get_schema();
    let mut writer = apache_avro::Writer::with_codec(&schema, Vec::new(), codec);
    let payload = vec![Inner { x: 1.0 }; 1000];
    for inner in &payload {
        writer.append_ser(inner).unwrap();
    }
    (payload, writer.into_inner().unwrap())
}

/// Where a file has the count of its first block, a thousand in two bytes: after the header, which ends with the marker.
fn first_count(file: &[u8]) -> usize {
    let sync = &file[file.len() - 16..];
    file.windows(16).position(|bytes| bytes == sync).unwrap() + 16
}

#[test]
fn files_that_another_writer_packed_are_read() {
    for codec in [Codec::Deflate(DeflateSettings::default()), Codec::Snappy] {
        let (payload, file) = packed(codec);
        assert!(file.len() < 2000, "{codec:?}");
        assert_eq!(load::<Vec<Inner>, _>(&Avro, &file).unwrap(), payload, "{codec:?}");
    }
}

#[test]
fn records_that_packed_blocks_have_no_room_for_are_not_believed() {
    for codec in [Codec::Null, Codec::Deflate(DeflateSettings::default()), Codec::Snappy] {
        let (_, mut file) = packed(codec);
        let count = first_count(&file);
        file.splice(count..count + 2, MANY);
        let message = not_loaded::<Vec<Inner>, _>(&Avro, &file);
        assert!(message.contains("claims more than it has bytes"), "{codec:?}: {message}");
    }
}

#[test]
fn a_length_that_snappy_has_no_room_for_is_not_believed() {
    let (_, mut file) = packed(Codec::Snappy);
    // After the count and the block's size come the bytes of the block, and its length first.
    let length = (first_count(&file) + 2..).find(|&at| file[at] & 0x80 == 0).unwrap() + 1;
    for claim in [[0xff, 0xff, 0xff, 0xff, 0x0f], [0xff; 5]] {
        file.splice(length..length + 5, claim);
        let message = not_loaded::<Vec<Inner>, _>(&Avro, &file);
        assert!(message.contains("claims more than it has bytes"), "{message}");
    }
}

#[test]
fn a_codec_that_is_not_there_is_named() {
    let (_, file) = packed(Codec::Null);
    let at = file.windows(5).position(|bytes| bytes == b"\x08null").unwrap();
    let file = [&file[..at], b"\x0abzip2", &file[at + 5..]].concat();
    let message = not_loaded::<Vec<Inner>, _>(&Avro, &file);
    assert!(message.contains("bzip2") && !message.contains("claims more"), "{message}");
}
