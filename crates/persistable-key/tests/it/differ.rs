//! What a key must tell apart.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, SystemTime};

use persistable_key::{Decimal, EnumMember, Fields, Record, Value};

use crate::{bytes, value};

fn all_differ(all: &[Vec<u8>]) {
    let distinct: BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn one_in_every_kind() {
    all_differ(&[
        bytes(1),
        bytes(-1),
        bytes(1.0),
        bytes(true),
        bytes("1"),
        bytes(Path::new("1")),
        bytes([1]),
        bytes((1,)),
        bytes(BTreeSet::from([1])),
        bytes(Value::Bytes(vec![1])),
        bytes(Value::Duration(1)),
        bytes(Value::Complex(1.0, 0.0)),
        bytes(Value::Decimal(Decimal::new(false, "1", 0).unwrap())),
        bytes(Value::Enum(EnumMember::new("1", "1", None))),
        bytes(Value::Record(Record::new("1", Fields::new()))),
    ]);
}

#[test]
fn nothing_in_every_kind() {
    all_differ(&[
        bytes(None::<i32>),
        bytes(0),
        bytes(0.0),
        bytes(-0.0),
        bytes(false),
        bytes(""),
        bytes(()),
        bytes(Vec::<i32>::new()),
        bytes(BTreeSet::<i32>::new()),
        bytes(BTreeMap::<i32, i32>::new()),
        bytes(Value::Bytes(Vec::new())),
        bytes(Path::new("")),
        bytes(Duration::ZERO),
        bytes(SystemTime::UNIX_EPOCH),
    ]);
}

#[test]
fn absent_at_every_level_of_nesting() {
    all_differ(&[
        bytes(None::<Option<Option<i32>>>),
        bytes(Some(None::<Option<i32>>)),
        bytes(Some(Some(None::<i32>))),
        bytes(Some(Some(Some(5)))),
    ]);
}

#[test]
fn the_option_of_an_enum_that_is_named_option() {
    let own = Value::Enum(EnumMember::new("Option", "Some", Some(Value::Null)));
    all_differ(&[bytes(Some(None::<i32>)), bytes(Some(own.clone()))]);
    assert_eq!(bytes(own), bytes(Some(None::<i32>)), "which is why its option is wrapped");
}

#[test]
fn bytes_and_a_list_of_the_same_numbers() {
    assert_ne!(bytes(vec![1_u8, 2]), bytes(Value::Bytes(vec![1, 2])));
}

#[test]
fn text_with_another_normalisation_or_case() {
    all_differ(&[bytes("é"), bytes("e\u{301}"), bytes("É")]);
}

#[test]
fn values_that_move_from_one_part_to_the_next() {
    all_differ(&[
        bytes(("ab", "c")),
        bytes(("a", "bc")),
        bytes(("abc", "")),
        bytes((("ab", "c"),)),
        bytes(vec![vec![1], vec![2, 3]]),
        bytes(vec![vec![1, 2], vec![3]]),
        bytes(vec![vec![1, 2, 3]]),
    ]);
}

#[test]
fn a_key_and_a_value_that_change_places() {
    assert_ne!(bytes(BTreeMap::from([(1, 2)])), bytes(BTreeMap::from([(2, 1)])));
}

#[test]
fn decimals_by_their_trailing_zeros() {
    let decimal = |digits, exponent| bytes(Value::Decimal(Decimal::new(false, digits, exponent).unwrap()));
    all_differ(&[decimal("15", -1), decimal("150", -2), decimal("1500", -3)]);
    assert_eq!(decimal("0015", -1), decimal("15", -1));
}

#[test]
fn moments_before_and_after_1970_to_the_nanosecond() {
    let nanosecond = Duration::from_nanos(1);
    all_differ(&[
        bytes(SystemTime::UNIX_EPOCH - nanosecond),
        bytes(SystemTime::UNIX_EPOCH),
        bytes(SystemTime::UNIX_EPOCH + nanosecond),
    ]);
    let before = value(SystemTime::UNIX_EPOCH - nanosecond);
    assert_eq!(before.for_people(), "1969-12-31T23:59:59.999999999+00:00");
}

#[test]
fn records_by_name_field_names_and_values() {
    let record = |name: &'static str, field: &'static str, number: i32| {
        let mut fields = Fields::new();
        fields.push(field, value(number));
        bytes(Value::Record(Record::new(name, fields)))
    };
    all_differ(&[record("R", "a", 1), record("S", "a", 1), record("R", "b", 1), record("R", "a", 2)]);
}

#[test]
fn enum_members_by_enum_member_and_data() {
    let member =
        |name: &'static str, member: &'static str, data| bytes(Value::Enum(EnumMember::new(name, member, data)));
    all_differ(&[
        member("E", "A", None),
        member("E", "B", None),
        member("F", "A", None),
        member("E", "A", Some(Value::Null)),
        member("E", "A", Some(value(()))),
    ]);
}
