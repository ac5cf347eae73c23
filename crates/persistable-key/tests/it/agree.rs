//! What a key must not tell apart.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::num::NonZeroU8;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use persistable_key::{Fields, Int, Record, Value};

use crate::{bytes, value};

#[test]
fn integers_of_every_width() {
    let five = bytes(5_u8);
    for same in [
        bytes(5_i8),
        bytes(5_i16),
        bytes(5_i32),
        bytes(5_i64),
        bytes(5_i128),
        bytes(5_isize),
        bytes(5_u16),
        bytes(5_u32),
        bytes(5_u64),
        bytes(5_u128),
        bytes(5_usize),
        bytes(NonZeroU8::new(5).unwrap()),
        bytes(Int::from_sign_magnitude(false, &[0, 0, 5])),
        bytes("5".parse::<Int>().unwrap()),
    ] {
        assert_eq!(same, five);
    }
}

#[test]
fn an_integer_and_the_same_one_made_of_its_digits_at_any_size() {
    let beyond = u128::MAX;
    assert_eq!(bytes(beyond), bytes(Int::from_sign_magnitude(false, &[0xff; 16])));
    assert_eq!(bytes(i128::MIN), bytes(i128::MIN.to_string().parse::<Int>().unwrap()));
    let googol: Int = format!("1{}", "0".repeat(100)).parse().unwrap();
    let (negative, magnitude) = googol.to_sign_magnitude();
    assert_eq!(bytes(Int::from_sign_magnitude(negative, &magnitude)), bytes(googol));
}

#[test]
fn zero_of_either_sign_as_an_integer() {
    assert_eq!(bytes(Int::from_sign_magnitude(true, &[0])), bytes(0));
}

#[test]
fn floats_of_32_bits_and_the_same_number_in_64() {
    assert_eq!(bytes(0.1_f32), bytes(0.100_000_001_490_116_12_f64));
    assert_eq!(bytes(f32::INFINITY), bytes(f64::INFINITY));
}

#[test]
fn every_nan() {
    let quiet = bytes(f64::NAN);
    for bits in [0xfff8_0000_0000_0000, 0x7ff0_0000_0000_0001, u64::MAX] {
        assert_eq!(bytes(f64::from_bits(bits)), quiet);
    }
    assert_eq!(bytes(f32::NAN), quiet);
}

#[test]
fn a_value_and_pointers_to_it() {
    let text = bytes("a");
    for same in [
        bytes(String::from("a")),
        bytes('a'),
        bytes(Cow::Borrowed("a")),
        bytes(Box::<str>::from("a")),
        bytes(Rc::<str>::from("a")),
        bytes(Arc::<str>::from("a")),
        bytes(Cow::<str>::Owned(String::from("a"))),
        bytes(Ok::<_, persistable_key::ParamError>("a")),
    ] {
        assert_eq!(same, text);
    }
}

#[test]
fn a_present_value_and_the_value_itself() {
    assert_eq!(bytes(Some(5)), bytes(5));
    assert_eq!(bytes(Some(Some(5))), bytes(5));
}

#[test]
fn sequences_in_every_container() {
    let list = bytes(vec![1, 2]);
    assert_eq!(bytes([1, 2]), list);
    assert_eq!(bytes(&[1, 2][..]), list);
    assert_eq!(bytes(VecDeque::from([1, 2])), list);
}

#[test]
fn maps_and_sets_in_every_order_and_container() {
    let keys: Vec<String> = (0..100).map(|n| format!("key {n}")).collect();
    let sorted: BTreeMap<_, _> = keys.iter().cloned().zip(0..).collect();
    let hashed: HashMap<_, _> = keys.iter().cloned().zip(0..).collect();
    assert_eq!(bytes(&sorted), bytes(&hashed));

    let entries = |range: Vec<i32>| Value::Map(range.iter().map(|n| (value(*n), value(*n))).collect());
    assert_eq!(bytes(entries((0..100).collect())), bytes(entries((0..100).rev().collect())));

    let sorted: BTreeSet<_> = keys.iter().cloned().collect();
    let hashed: HashSet<_> = keys.iter().cloned().collect();
    assert_eq!(bytes(sorted), bytes(hashed));
}

#[test]
fn a_member_given_twice_and_once() {
    let once = Value::Set(vec![value(1)]);
    let twice = Value::Set(vec![value(1), value(1_u8)]);
    assert_eq!(bytes(twice), bytes(once));
}

#[test]
fn paths_that_lead_the_same_way() {
    let path = bytes(Path::new("a/b"));
    for same in ["./a/b", "a//b", "a/b/", "a/./b/."] {
        assert_eq!(bytes(PathBuf::from(same)), path, "{same}");
        assert_eq!(bytes(Value::Path(same.into())), path, "{same}");
    }
    for (path, normal) in [("", "."), ("./", "."), ("//a", "/a"), ("/.", "/"), ("../a", "../a")] {
        assert_eq!(bytes(Path::new(path)), bytes(Value::Path(normal.into())), "{path}");
        assert_eq!(value(Path::new(path)).for_people(), normal, "{path}");
    }
}

#[test]
fn fields_in_every_order() {
    let record = |names: [&'static str; 3]| {
        let mut fields = Fields::new();
        for name in names {
            fields.push(name, value(name));
        }
        Value::Record(Record::new("R", fields))
    };
    assert_eq!(bytes(record(["b", "aa", "c"])), bytes(record(["c", "b", "aa"])));
}

#[test]
fn a_renamed_field_and_the_earlier_one() {
    let mut now = Fields::new();
    now.push_renamed("learning_rate", "rate", value(0.1));
    let mut before = Fields::new();
    before.push("rate", value(0.1));
    assert_eq!(now.digest(), before.digest());
}

#[test]
fn fields_with_one_added_at_its_default_and_without_it() {
    let mut now = Fields::new();
    now.push("n", value(1));
    now.push_shown("momentum", value(0.0));
    let mut before = Fields::new();
    before.push("n", value(1));
    assert_eq!(now.digest(), before.digest());
}

#[test]
fn two_fields_that_swapped_their_names() {
    let mut now = Fields::new();
    now.push_renamed("a", "b", value(1));
    now.push_renamed("b", "a", value(2));
    let mut before = Fields::new();
    before.push("a", value(2));
    before.push("b", value(1));
    assert_eq!(now.digest(), before.digest());
}
