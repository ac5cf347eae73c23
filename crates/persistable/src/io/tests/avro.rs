use std::collections::HashMap;

use apache_avro::AvroSchema;
use serde::{Deserialize, Serialize};

use super::{comes_back, load, not_loaded, not_saved, saved, says_when_the_disk_is_full, survives_damage};
use crate::io::Avro;

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
    ($name:ident { $($fields:tt)* }) => {
        #[derive(Debug, PartialEq, Serialize, Deserialize, AvroSchema)]
        #[serde(rename = "Point")]
        struct $name { $($fields)* }
    };
}

point!(Point { x: f64, y: f64 });
point!(Shrunk { x: f64 });
point!(Grown { x: f64, y: f64, z: Option<f64> });
point!(Renamed { x: f64, height: f64 });
point!(Retyped { x: f64, y: f32 });
point!(Reordered { y: f64, x: f64 });

#[test]
fn a_changed_struct_is_an_error_that_shows_both_schemas() {
    let bytes = saved(&Avro, &vec![Point { x: 1.0, y: 2.0 }]);
    let error = not_loaded::<Vec<Renamed>, _>(&Avro, &bytes);
    assert!(error.contains(r#"{"name":"y","type":"double"}"#), "{error}");
    assert!(error.contains(r#"that of the type is {"name":"Point","type":"record""#) && error.contains("height"), "{error}");
    not_loaded::<Vec<Shrunk>, _>(&Avro, &bytes);
    not_loaded::<Vec<Grown>, _>(&Avro, &bytes);
    not_loaded::<Vec<Retyped>, _>(&Avro, &bytes);
    not_loaded::<Vec<Reordered>, _>(&Avro, &bytes);
    let empty = saved(&Avro, &Vec::<Point>::new());
    not_loaded::<Vec<Grown>, _>(&Avro, &empty);
}

#[test]
fn items_that_are_no_records_are_refused() {
    let error = not_saved(&Avro, &vec![1.0_f64]);
    assert!(error.contains("have to be records with fields") && error.contains("double"), "{error}");
}

#[test]
fn a_schema_that_does_not_fit_the_struct_is_an_error_when_it_is_persisted() {
    #[derive(Debug, Serialize, Deserialize)]
    struct Wrong {
        x: f64,
    }
    impl AvroSchema for Wrong {
        fn get_schema() -> apache_avro::Schema {
            Point::get_schema()
        }
    }
    not_saved(&Avro, &vec![Wrong { x: 1.0 }]);
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
