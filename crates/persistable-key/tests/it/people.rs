//! The natural JSON is what people expect to read.

use std::collections::BTreeMap;
use std::time::Duration;

use persistable_key::{Column, Date, Decimal, EnumMember, Fields, Param, Record, Value, Zoned};

use crate::value;

fn shown(value: &Value) -> String {
    value.natural().to_string()
}

#[test]
fn numbers_are_numbers_where_json_has_them() {
    assert_eq!(shown(&value((5, u64::MAX, 0.1, -0.0))), "[5,18446744073709551615,0.1,-0.0]");
    assert_eq!(shown(&value(u128::from(u64::MAX) + 1)), r#""18446744073709551616""#);
    assert_eq!(shown(&value([f64::NAN, f64::INFINITY, f64::NEG_INFINITY])), r#"["nan","inf","-inf"]"#);
}

#[test]
fn numbers_of_32_bits_are_as_people_wrote_them_and_the_same_to_a_key() {
    assert_eq!(shown(&value([0.1_f32, 16_777_216.0, -0.0])), "[0.1,16777216.0,-0.0]");
    assert_eq!(shown(&value([f32::NAN, f32::INFINITY])), r#"["nan","inf"]"#);
    assert_eq!(value(0.1_f32).for_people(), serde_json::json!(0.1));
    assert_eq!(value(0.1_f32).canonical_bytes(), value(f64::from(0.1_f32)).canonical_bytes());
    assert_eq!(value(0.1_f32).to_json(), value(f64::from(0.1_f32)).to_json());
}

#[test]
fn records_are_objects_in_the_order_declared() {
    let mut fields = Fields::new();
    fields.push("zeta", value(1));
    fields.push_renamed("alpha", "beta", value("a"));
    fields.push_shown("gamma", value(None::<i32>));
    let record = Value::Record(Record::new("R", fields));
    assert_eq!(shown(&record), r#"{"zeta":1,"alpha":"a","gamma":null}"#);
}

#[test]
fn fields_that_are_not_for_people_are_in_the_key_all_the_same() {
    let mut shown = Fields::new();
    shown.push("depth", value(3));
    let mut both = shown.clone();
    both.push_unshown("parts", value(2));
    assert_eq!(both.for_people(), shown.for_people());
    assert!(both.iter().map(|(name, _)| name).eq(["depth"]) && both.get("parts").is_none());
    assert_eq!(serde_json::to_string(&both.to_json()).unwrap(), r#"{"depth":{"int":3},"parts":{"int":2}}"#);

    let mut pushed = shown;
    pushed.push("parts", value(2));
    assert_eq!(both.digest().unwrap(), pushed.digest().unwrap());
    both.push("parts", value(2));
    assert!(both.digest().unwrap_err().to_string().contains("`parts`"), "a name in the key occurs once");
}

#[test]
fn maps_are_objects_where_their_keys_have_texts_of_their_own() {
    assert_eq!(shown(&value(BTreeMap::from([("b", 1), ("a", 2)]))), r#"{"a":2,"b":1}"#);
    assert_eq!(shown(&value(BTreeMap::from([(2, "b"), (1, "a")]))), r#"{"1":"a","2":"b"}"#);
    assert_eq!(shown(&value(BTreeMap::from([((1, 2), "a")]))), r#"[[[1,2],"a"]]"#);
    let ambiguous = Value::Map(vec![(value(1), value("int")), (value("1"), value("text"))]);
    assert_eq!(shown(&ambiguous), r#"[[1,"int"],["1","text"]]"#);
}

#[test]
fn enum_members_are_their_names() {
    assert_eq!(shown(&Value::Enum(EnumMember::new("Shape", "Point", None))), r#""Point""#);
    let circle = EnumMember::new("Shape", "Circle", Some(value((1.5,))));
    assert_eq!(shown(&Value::Enum(circle)), r#"{"Circle":[1.5]}"#);
}

#[test]
fn times_are_iso_8601() {
    assert_eq!(shown(&Value::Date(Date::new(2024, 2, 29).unwrap())), r#""2024-02-29""#);
    assert_eq!(shown(&Value::Date(Date::new(-1, 1, 1).unwrap())), r#""-0001-01-01""#);
    for (seconds, offset, zone, text) in [
        (0, 3600, "Europe/Paris", "1970-01-01T01:00:00+01:00[Europe/Paris]"),
        (-1, 0, "", "1969-12-31T23:59:59+00:00"),
        (951_782_400, -12_600, "", "2000-02-28T20:30:00-03:30"),
        (-62_135_596_800, 0, "UTC", "0001-01-01T00:00:00+00:00"),
        (0, 1_172, "", "1970-01-01T00:19:32+00:19:32"),
    ] {
        assert_eq!(Zoned::new(seconds, 0, offset, zone).unwrap().to_string(), text);
    }
}

#[test]
fn durations_are_seconds() {
    assert_eq!(shown(&value(Duration::from_millis(1500))), r#""1.5s""#);
    assert_eq!(shown(&value(Duration::from_secs(90))), r#""90s""#);
    assert_eq!(shown(&Value::Duration(-1)), r#""-0.000000001s""#);
}

#[test]
fn decimals_are_plain_unless_that_takes_many_zeros() {
    for (negative, digits, exponent, text) in [
        (false, "150", -2, "1.50"),
        (true, "5", -3, "-0.005"),
        (false, "0", -2, "0.00"),
        (true, "7", 0, "-7"),
        (false, "1", 6, "1E6"),
        (false, "1", -100, "1E-100"),
        (false, "1", i64::MIN, "1E-9223372036854775808"),
    ] {
        assert_eq!(Decimal::new(negative, digits, exponent).unwrap().to_plain(), text);
    }
}

#[test]
fn what_else_there_is_has_a_short_text() {
    assert_eq!(shown(&Value::Bytes(vec![0, 255])), r#""00ff""#);
    assert_eq!(shown(&Value::Complex(0.5, -2.0)), r#""0.5-2i""#);
    assert_eq!(shown(&Value::Uuid([0xab; 16])), r#""abababab-abab-abab-abab-abababababab""#);
}

fn elided(param: impl Param) -> serde_json::Value {
    serde_json::from_str(&value(param).natural().eliding().to_string()).unwrap()
}

#[test]
fn what_is_large_is_shown_by_its_size_and_digest_where_that_is_asked_for() {
    let text = format!("é{}", "x".repeat(5_000));
    let shown = elided(text.as_str());
    assert_eq!(shown["elided"], "text of 5002 bytes");
    assert_eq!(shown["digest"], blake3::hash(text.as_bytes()).to_string());
    assert!(text.starts_with(shown["begins"].as_str().unwrap()) && shown["begins"].as_str().unwrap().len() > 100);

    let bytes = vec![7_u8; 20_000_000];
    let shown = elided(Value::Bytes(bytes.clone()));
    assert_eq!(shown["elided"], "20000000 bytes");
    assert_eq!(shown["digest"], blake3::hash(&bytes).to_string());

    let list = vec![0.5; 10_000];
    let shown = elided(list.as_slice());
    assert_eq!(shown["elided"], "list of 10000 items");
    assert_eq!(shown["digest"], blake3::hash(&value(list.as_slice()).canonical_bytes().unwrap()).to_string());
    assert_eq!(value(list.as_slice()).for_people().as_array().unwrap().len(), 10_000, "where nobody asked");

    let map: BTreeMap<u32, u32> = (0..1_000).map(|n| (n, n)).collect();
    assert_eq!(elided(map)["elided"], "map of 1000 entries");
    let set: std::collections::BTreeSet<u32> = (0..1_000).collect();
    assert_eq!(elided(set)["elided"], "set of 1000 items");
    let column = Column::new("a", "int64", value(vec![1_u8; 1_000])).unwrap();
    let shown = elided(Value::Table(vec![column]));
    assert_eq!((&shown[0]["name"], &shown[0]["values"]["elided"]), (&"a".into(), &"list of 1000 items".into()));
    let columns = (0..1_000).map(|_| Column::new("a", "int64", value([1, 2])).unwrap());
    assert_eq!(elided(Value::Table(columns.collect()))["elided"], "table of 1000 columns and 2 rows");
}

#[test]
fn what_is_large_does_not_hide_what_stands_beside_it() {
    let mut fields = Fields::new();
    fields.push("depth", value(3));
    fields.push("weights", value((vec![1.5; 100_000], "a")));
    let record = Value::Record(Record::new("Model", fields));
    let shown = elided(record);
    assert_eq!(shown["depth"], 3);
    assert_eq!(shown["weights"][0]["elided"], "list of 100000 items");
    assert_eq!(shown["weights"][1], "a");
    let nested = elided(vec![vec![1_u8; 100]; 100]);
    assert_eq!(nested["elided"], "list of 100 items", "many small parts are large together");
}

#[test]
fn what_has_no_canonical_bytes_is_elided_without_a_digest() {
    let twice: Vec<(Value, Value)> = (0..1_000).map(|_| (Value::Null, Value::Null)).collect();
    assert_eq!(elided(Value::Map(twice)).to_string(), r#"{"elided":"map of 1000 entries"}"#);
}

#[test]
fn maps_that_are_keys_of_maps_are_written_once_each() {
    let nested =
        |levels: usize| (0..levels).fold(value(1), |inner, level| Value::Map(vec![(inner, value(level as u64))]));
    assert_eq!(shown(&nested(1)), r#"{"1":0}"#);
    assert_eq!(shown(&nested(3)), r#"[[[[{"1":0},1]],2]]"#);
    // Were each key written twice, this would not end.
    for text in [shown(&nested(120)), nested(120).natural().eliding().to_string(), nested(120).for_people().to_string()]
    {
        assert!(text.starts_with(r"[[[[") && text.ends_with(",119]]"), "{text}");
    }
}
