#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde::{Deserialize, Serialize};

use crate::io::Csv;
use crate::io::testing::{comes_back, load, not_loaded, not_saved, saved, says_when_the_disk_is_full, survives_damage};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Grade {
    Good,
    #[serde(rename = "so, so")]
    Fair,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Metres(f64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    id: u64,
    big: i128,
    value: f64,
    single: f32,
    height: Metres,
    flag: bool,
    letter: char,
    text: String,
    grade: Grade,
    maybe: Option<String>,
    maybe_number: Option<f64>,
    maybe_grade: Option<Grade>,
    nothing: (),
}

fn row(text: &str) -> Row {
    Row {
        id: u64::MAX,
        big: i128::MIN,
        value: 0.1 + 0.2,
        single: 0.1,
        height: Metres(-0.0),
        flag: true,
        letter: ',',
        text: text.into(),
        grade: Grade::Fair,
        maybe: Some(" ".into()),
        maybe_number: Some(f64::NEG_INFINITY),
        maybe_grade: None,
        nothing: (),
    }
}

#[test]
fn rows_come_back() {
    let texts = ["", " padded ", "a,b", "\"q\"", "line\nbreak", "\r\n", "\r", "#", "\u{feff}", "𝄞", "NaN", "1"];
    comes_back(&Csv, texts.map(row).to_vec());
    let without =
        Row { maybe: None, maybe_number: None, grade: Grade::Good, maybe_grade: Some(Grade::Good), ..row("") };
    comes_back(&Csv, vec![without, row("x")]);
}

#[test]
fn no_rows_come_back_and_still_have_their_columns() {
    comes_back(&Csv, Vec::<Row>::new());
    let text = String::from_utf8(saved(&Csv, &Vec::<Row>::new())).unwrap();
    assert!(text.starts_with("id,big,value,single,height,flag") && text.ends_with("nothing\n"), "{text}");
    let error = not_loaded::<Vec<One>, _>(&Csv, text.as_bytes());
    assert!(error.contains("unknown column `id`"), "{error}");
}

#[test]
fn no_rows_have_the_header_that_rows_have() {
    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Renamed {
        #[serde(alias = "a_name", alias = "zz_name")]
        full_name: String,
        #[serde(rename = "degrees", alias = "celsius")]
        heat: Option<f64>,
        #[serde(rename(serialize = "written"), alias = "written")]
        read: bool,
        #[serde(skip_serializing, default)]
        not_written: u8,
        #[serde(skip)]
        neither: u8,
    }
    let header = |rows: Vec<Renamed>| {
        let text = String::from_utf8(saved(&Csv, &rows)).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(header(vec![]), "fullName,degrees,written");
    assert_eq!(header(vec![]), header(vec![Renamed::default()]));
    comes_back(&Csv, Vec::<Renamed>::new());
    let loaded: Vec<Renamed> = load(&Csv, b"zz_name,celsius,read\nx,1.5,true\n").unwrap();
    assert_eq!(loaded, [Renamed { full_name: "x".into(), heat: Some(1.5), read: true, ..Renamed::default() }]);
}

#[test]
fn what_earlier_versions_wrote_for_no_rows_of_a_struct_with_aliases_loads() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Aliased {
        #[serde(alias = "old")]
        new: u8,
    }
    assert_eq!(load::<Vec<Aliased>, _>(&Csv, b"new,old\n").unwrap(), []);
}

#[test]
fn no_rows_of_a_type_that_refuses_all_that_is_made_up_have_the_names_that_it_reads() {
    #[derive(Debug, PartialEq, Serialize)]
    struct Picky(u8);
    impl<'de> Deserialize<'de> for Picky {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            match u8::deserialize(deserializer)? {
                77 => Ok(Self(77)),
                _ => Err(serde::de::Error::custom("it is not 77")),
            }
        }
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct OfPicky {
        picky: Picky,
        other: u8,
    }
    assert_eq!(saved(&Csv, &Vec::<OfPicky>::new()), b"picky,other\n");
    comes_back(&Csv, Vec::<OfPicky>::new());
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct One {
    only: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Two {
    only: String,
    more: f64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct OneAndMaybe {
    only: String,
    more: Option<f64>,
    #[serde(default)]
    most: u8,
}

#[test]
fn a_single_empty_cell_is_a_row() {
    comes_back(&Csv, ["", "a", ""].map(|only| One { only: only.into() }).to_vec());
}

#[test]
fn every_float_comes_back_to_the_bit() {
    let floats = [f64::MAX, f64::MIN_POSITIVE, f64::from_bits(1), -0.0, 1e23, 9.007_199_254_740_993e15, f64::INFINITY];
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Float {
        double: f64,
        single: f32,
    }
    let rows: Vec<Float> = floats.iter().map(|&double| Float { double, single: double as f32 }).collect();
    let loaded: Vec<Float> = load(&Csv, &saved(&Csv, &rows)).unwrap();
    for (loaded, row) in loaded.iter().zip(&rows) {
        assert_eq!((loaded.double.to_bits(), loaded.single.to_bits()), (row.double.to_bits(), row.single.to_bits()));
    }
    let nan = saved(&Csv, &vec![Float { double: f64::NAN, single: f32::NAN }]);
    assert!(load::<Vec<Float>, _>(&Csv, &nan).unwrap()[0].double.is_nan());
}

#[test]
fn a_column_too_many_or_too_few_is_an_error_that_names_it() {
    let one = saved(&Csv, &vec![One { only: "a".into() }]);
    let error = not_loaded::<Vec<Two>, _>(&Csv, &one);
    assert!(error.contains("row 0: missing field `more`"), "{error}");
    let two = saved(&Csv, &vec![Two { only: "a".into(), more: 1.0 }]);
    let error = not_loaded::<Vec<One>, _>(&Csv, &two);
    assert!(error.contains("unknown column `more`"), "{error}");
    assert!(not_loaded::<Vec<Two>, _>(&Csv, b"only,only\na,b\n").contains("duplicate field `only`"));
    assert_eq!(
        load::<Vec<OneAndMaybe>, _>(&Csv, &one).unwrap()[0],
        OneAndMaybe { only: "a".into(), more: None, most: 0 }
    );
    assert_eq!(load::<Vec<Two>, _>(&Csv, b"more,only\n1,a\n").unwrap(), [Two { only: "a".into(), more: 1.0 }]);
}

#[test]
fn a_cell_that_does_not_fit_is_an_error_with_its_place() {
    let error = not_loaded::<Vec<Two>, _>(&Csv, b"only,more\na,1\nb,x\n");
    assert!(error.contains("row 1: column `more`: \"x\" is not a number"), "{error}");
    let error = not_loaded::<Vec<Two>, _>(&Csv, b"only,more\na\n");
    assert!(error.contains("found record with 1 fields"), "{error}");
    assert!(not_loaded::<Vec<One>, _>(&Csv, b"only\n\xff\n").contains("invalid utf-8"));
}

#[test]
fn some_of_an_empty_text_is_refused_since_it_would_come_back_as_none() {
    let error = not_saved(&Csv, &vec![row("a"), Row { maybe: Some(String::new()), ..row("a") }]);
    assert!(error.contains("row 1: at maybe: it is Some of an empty value"), "{error}");
}

#[test]
fn what_has_no_place_in_a_cell_is_refused_before_it_is_written() {
    #[derive(Serialize, Deserialize)]
    struct Nested {
        one: One,
    }
    #[derive(Serialize, Deserialize)]
    struct NestedLater {
        one: Option<One>,
    }
    #[derive(Serialize, Deserialize)]
    struct List {
        list: Vec<u8>,
    }
    #[derive(Serialize, Deserialize)]
    enum Data {
        With(u8),
    }
    #[derive(Serialize, Deserialize)]
    struct WithData {
        data: Data,
    }
    #[derive(Serialize, Deserialize)]
    struct NoColumns {}
    let one = || One { only: "a".into() };
    assert!(not_saved(&Csv, &vec![Nested { one: one() }]).contains("at one: a cell holds one plain value"));
    assert!(
        not_saved(&Csv, &vec![NestedLater { one: None }, NestedLater { one: Some(one()) }]).contains("row 1: at one")
    );
    assert!(not_saved(&Csv, &vec![List { list: vec![] }]).contains("at list: a cell holds"));
    assert!(not_saved(&Csv, &vec![WithData { data: Data::With(1) }]).contains("at data: an enum's member with data"));
    assert!(not_saved(&Csv, &vec![(1, 2)]).contains("a row is a struct"));
    assert!(not_saved(&Csv, &vec![vec![1]]).contains("a row is a struct"));
    assert!(not_saved(&Csv, &vec![1]).contains("a row is a struct"));
    assert!(not_saved(&Csv, &vec![Some(1)]).contains("a row is a struct"));
    assert!(not_saved(&Csv, &vec![NoColumns {}]).contains("has no columns"));
}

#[test]
fn what_a_cell_can_not_tell_is_refused_and_not_guessed() {
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u8),
        Text(String),
    }
    #[derive(Debug, Serialize, Deserialize)]
    struct Loose {
        either: Either,
    }
    let bytes = saved(&Csv, &vec![Loose { either: Either::Text("1".into()) }]);
    assert!(not_loaded::<Vec<Loose>, _>(&Csv, &bytes).contains("untagged"));
    assert!(matches!(Either::Number(1), Either::Number(_)));
}

#[test]
fn damage_is_never_a_panic() {
    survives_damage::<Vec<Row>, _>(&Csv, &saved(&Csv, &vec![row("a"), row("\"")]));
    assert_eq!(load::<Vec<One>, _>(&Csv, b"").unwrap(), []);
}

#[test]
fn a_full_disk_is_an_io_error() {
    says_when_the_disk_is_full(&Csv, &vec![row("a"), row("b")]);
    says_when_the_disk_is_full(&Csv, &Vec::<Row>::new());
}
