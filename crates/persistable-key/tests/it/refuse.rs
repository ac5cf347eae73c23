//! What has no canonical form is refused, with where it stands and what to do.

use std::collections::HashMap;
use std::path::Path;

use persistable_key::{Array, Column, Date, Dtype, EnumMember, Fields, Param, ParamError, Record, Time, Value, Zoned};

use crate::{bytes, value};

fn lists(levels: usize) -> Value {
    (0..levels).fold(Value::Null, |inner, _| Value::List(vec![inner]))
}

#[test]
fn nesting_deeper_than_128() {
    assert!(lists(127).canonical_bytes().is_ok());
    let error = lists(128).canonical_bytes().unwrap_err();
    assert!(error.to_string().contains("is nested more than 128 deep"), "{error}");
}

#[test]
fn nesting_so_deep_that_following_it_would_overflow_the_stack() {
    let deep = lists(10_000);
    assert!(deep.canonical_bytes().is_err());
    assert!(Value::from_json(&deep.to_json()).is_err());
    assert!(deep.for_people().to_string().contains('…'));
    assert!(deep.natural().eliding().to_string().contains('…'));
    assert!(deep.nests_deeper_than(128) && !lists(127).nests_deeper_than(128) && lists(128).nests_deeper_than(128));
}

struct Node(Option<Box<Node>>);

impl Param for Node {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Tuple(vec![self.0.to_value()?]))
    }
}

fn nodes(levels: usize) -> Node {
    (0..levels).fold(Node(None), |inner, _| Node(Some(Box::new(inner))))
}

#[test]
fn types_that_hold_themselves_too_deep_to_be_followed() {
    assert!(nodes(100).to_value().unwrap().canonical_bytes().is_ok());
    let deep = nodes(10_000);
    assert!(deep.to_value().is_err());
    assert!(nodes(1).to_value().is_ok(), "the next value is judged by its own depth");
}

#[test]
fn a_map_with_two_keys_that_are_one_value() {
    let map = HashMap::from([(Path::new("a/b").to_owned(), 1), (Path::new("./a/b").to_owned(), 2)]);
    let error = value((0, map)).canonical_bytes().unwrap_err();
    assert_eq!(error.path(), "[1][\"a/b\"]");
    assert_eq!(error.problem(), "has a key that occurs twice");
}

#[test]
fn a_record_with_a_name_that_occurs_twice() {
    let mut fields = Fields::new();
    fields.push("a", value(1));
    fields.push_renamed("b", "a", value(2));
    assert_eq!(fields.digest().unwrap_err().path(), "b");
    assert!(Value::Record(Record::new("R", fields)).canonical_bytes().is_err());
}

#[test]
fn a_value_far_inside_with_its_whole_path() {
    let twice = Value::Map(vec![(value("k"), value(1)), (value("k"), value(2))]);
    let mut layer = Fields::new();
    layer.push("weights", Value::Enum(EnumMember::new("W", "Some", Some(twice))));
    let layer = Value::Record(Record::new("Layer", layer));
    let mut model = Fields::new();
    model.push("layers", value(vec![value(1), layer]));
    let mut fields = Fields::new();
    fields.push_renamed("model", "old_model", Value::Record(Record::new("Model", model)));

    let error = fields.digest().unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter `model.layers[1].weights[\"k\"]` of type `map` has a key that occurs twice: \
         give each entry a key of its own; keys that differ in a program may be one value"
    );
}

#[test]
fn an_encoder_that_fails_with_its_own_words() {
    let failed: Result<i32, _> = Err(ParamError::new("Socket", "is not a value", "give the address"));
    let error = vec![vec![failed]].to_value().unwrap_err();
    assert_eq!(error.to_string(), "parameter `[0][0]` of type `Socket` is not a value: give the address");
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_unicode() {
    use std::os::unix::ffi::OsStrExt;

    let path = Path::new(std::ffi::OsStr::from_bytes(b"a/\xff"));
    let error = HashMap::from([("input", path)]).to_value().unwrap_err();
    assert_eq!(error.path(), "[\"input\"]");
    assert_eq!(error.problem(), "is not valid Unicode");
}

#[test]
fn days_and_times_that_do_not_exist() {
    assert!(Date::new(1900, 2, 29).is_err());
    assert!(Date::new(2000, 2, 29).is_ok());
    assert!(Date::new(-4, 2, 29).is_ok());
    assert!(Date::new(2024, 0, 1).is_err() && Date::new(2024, 13, 1).is_err());
    assert!(Date::new(2024, 4, 31).is_err() && Date::new(2024, 4, 0).is_err());
    assert!(Time::from_nanoseconds(86_400_000_000_000).is_err());
    assert!(Zoned::new(0, 1_000_000_000, 0, "").is_err());
}

#[test]
fn a_column_that_is_neither_a_list_nor_an_array_of_one_dimension() {
    assert!(Column::new("a", "int64", value(1)).is_err());
    assert!(Column::new("a", "int64", value([1])).is_ok());
    let of = |dtype, shape| Value::Array(Array::new(dtype, shape, [0; 32]));
    assert!(Column::new("a", "int64", of(Dtype::Int64, vec![3])).is_ok());
    assert!(Column::new("a", "int64", of(Dtype::Int64, vec![3, 1])).is_err());
    assert!(Column::new("a", "str", of(Dtype::Object, vec![3])).is_err());
}

#[test]
fn a_table_whose_columns_differ_in_length() {
    let numbers = |length| Value::Array(Array::new(Dtype::Int64, vec![length], [0; 32]));
    let column = |name: &str, values| Column::new(name, "int64", values).unwrap();
    let table = |second| Value::Table(vec![column("a", numbers(2)), column("b", second)]);
    assert!(table(numbers(2)).canonical_bytes().is_ok());
    assert!(table(value([Some(1), None])).canonical_bytes().is_ok());
    assert_eq!(table(numbers(3)).canonical_bytes().unwrap_err().path(), "b");
    assert!(table(value([1])).canonical_bytes().is_err());
}

#[test]
fn nothing_of_what_is_only_large() {
    assert_eq!(bytes("a".repeat(1 << 20)).len(), 9 + (1 << 20));
    assert_eq!(bytes(vec![0_u8; 10_000]).len(), 9 + 10_000 * 10);
}
