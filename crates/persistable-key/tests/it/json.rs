//! The typed JSON loses nothing, and reading it never does worse than refuse.

use persistable_key::{EnumMember, Fields, Record, Value, Zoned, parse_json};
use serde_json::{Value as Json, json};

use crate::sample::Random;

fn parse(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn values_of_every_kind_come_back_with_the_same_bytes() {
    let mut random = Random(1);
    let mut kinds = std::collections::BTreeSet::new();
    for round in 0..5_000 {
        let value = random.value(4);
        kinds.insert(value.kind());
        let text = serde_json::to_string(&value).unwrap();
        let again = Value::from_json(&parse(&text)).unwrap_or_else(|error| panic!("{round}: {error}: {text}"));
        assert_eq!(again.canonical_bytes(), value.canonical_bytes(), "{text}");
        assert_eq!(again.to_json(), parse(&text));
    }
    assert_eq!(kinds.len(), 23);
}

#[test]
fn one_change_anywhere_gives_a_value_or_an_error() {
    let mut random = Random(2);
    let mut refused = 0;
    for _ in 0..5_000 {
        let mut json = random.value(3).to_json();
        disturb(&mut json, &mut random);
        match Value::from_json(&json) {
            Ok(value) => {
                let bytes = value.canonical_bytes();
                let again = Value::from_json(&value.to_json()).unwrap();
                assert_eq!(again.canonical_bytes(), bytes, "{json}");
                value.for_people();
            }
            Err(error) => {
                refused += 1;
                assert!(!error.problem().is_empty() && !error.advice().is_empty());
            }
        }
    }
    assert!(refused > 1_000, "{refused}");
}

/// Replaces, removes or renames one thing somewhere in the JSON.
fn disturb(json: &mut Json, random: &mut Random) {
    const NAMES: [&str; 8] = ["int", "float", "list", "map", "record", "data", "zoned", "?"];
    let descend = random.below(3) != 0;
    match json {
        Json::Array(elements) if descend && !elements.is_empty() => {
            let index = random.below(elements.len() as u64) as usize;
            disturb(&mut elements[index], random);
        }
        Json::Object(members) if !members.is_empty() => {
            let index = random.below(members.len() as u64) as usize;
            let name = members.keys().nth(index).unwrap().clone();
            match random.below(6) {
                0 => drop(members.remove(&name)),
                1 => {
                    let body = members.remove(&name).unwrap();
                    members.insert(NAMES[random.below(8) as usize].into(), body);
                }
                _ => disturb(&mut members[&name], random),
            }
        }
        other => *other = hostile(random),
    }
}

fn hostile(random: &mut Random) -> Json {
    let choices = [
        json!(null),
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1.5),
        json!(1e308),
        json!(""),
        json!("-"),
        json!("99999-99-99"),
        json!("24:00:00"),
        json!("1E1E1"),
        json!("NaN"),
        json!("é\u{0}"),
        json!([]),
        json!([[]]),
        json!([1, 2, 3]),
        json!({}),
        json!({"int": []}),
        json!({"a": 1, "b": 2}),
    ];
    choices[random.below(choices.len() as u64) as usize].clone()
}

#[test]
fn each_value_has_one_form_and_others_are_refused() {
    for text in [
        r#"{"int": "5"}"#,
        r#"{"int": 9007199254740992}"#,
        r#"{"int": "-0"}"#,
        r#"{"int": "+9007199254740993"}"#,
        r#"{"int": 5.0}"#,
        r#"{"float": "NaN"}"#,
        r#"{"float": "0.1"}"#,
        r#"{"bytes": "0"}"#,
        r#"{"bytes": "FF"}"#,
        r#"{"date": "2024-2-29"}"#,
        r#"{"date": "02024-02-29"}"#,
        r#"{"date": "+2024-02-29"}"#,
        r#"{"date": "-0000-01-01"}"#,
        r#"{"time": "12:34"}"#,
        r#"{"time": "12:34:56.5"}"#,
        r#"{"time": "12:34:56.000000000"}"#,
        r#"{"datetime": "2024-02-29 12:34:56"}"#,
        r#"{"decimal": "1.50"}"#,
        r#"{"decimal": "01E0"}"#,
        r#"{"decimal": "1E-0"}"#,
        r#"{"decimal": "-NaN"}"#,
        r#"{"uuid": "67e5504410b1426f9247bb680e5fe0c8"}"#,
        r#"{"enum": {"type": "E", "member": "M", "payload": {"int": 1}}}"#,
        r#"{"enum": {"type": "E", "member": "M", "data": null}}"#,
        r#"{"record": {"type": "R"}}"#,
        r#"{"map": [[{"int": 1}]]}"#,
        r#"{"null": 0}"#,
        r#"{"int": 1, "float": 1}"#,
        "{}",
        "5",
    ] {
        assert!(Value::from_json(&parse(text)).is_err(), "{text}");
    }
}

#[test]
fn a_float_that_another_writer_left_without_its_fraction_is_read() {
    let short = Value::from_json(&parse(r#"{"float": 1}"#)).unwrap();
    assert_eq!(short.to_json().to_string(), r#"{"float":1.0}"#);
    let zero = Value::from_json(&parse(r#"{"float": -0.0}"#)).unwrap();
    assert_eq!(zero.to_json().to_string(), r#"{"float":-0.0}"#);
}

#[test]
fn members_are_written_in_the_order_of_the_specification_and_fields_in_that_of_their_type() {
    let mut fields = Fields::new();
    fields.push("zeta", Value::Enum(EnumMember::new("Shape", "Circle", Some(Value::Null))));
    fields.push("alpha", Value::Zoned(Zoned::new(1, 2, 3, "").unwrap()));
    let zeta = r#"{"enum":{"type":"Shape","member":"Circle","data":{"null":null}}}"#;
    let alpha = r#"{"zoned":{"seconds":1,"nanoseconds":2,"offset_seconds":3,"zone":""}}"#;
    let written = format!(r#"{{"zeta":{zeta},"alpha":{alpha}}}"#);
    assert_eq!(serde_json::to_string(&fields).unwrap(), written);
    let record = serde_json::to_string(&Value::Record(Record::new("R", fields))).unwrap();
    assert_eq!(record, format!(r#"{{"record":{{"type":"R","fields":{written}}}}}"#));
}

#[test]
fn the_order_in_which_a_program_has_its_own_json_is_left_alone() {
    let json = parse(r#"{"b": 1, "a": 2}"#);
    assert_eq!(json.to_string(), r#"{"a":2,"b":1}"#, "`preserve_order` is on for all that use this crate");
}

#[test]
fn an_error_says_where_it_is() {
    let json =
        parse(r#"{"model": {"record": {"type": "M", "fields": {"layers": {"list": [{"int": 1}, {"real": 1}]}}}}}"#);
    let error = Fields::from_json(&json).unwrap_err();
    assert_eq!(error.path(), "model.layers[1]");
    assert!(error.to_string().contains("real"), "{error}");
}

#[test]
fn json_nested_beyond_the_limit_is_refused() {
    // The macro `json!` would follow the nesting by itself.
    let list = |inner| Json::Object([(String::from("list"), Json::Array(vec![inner]))].into_iter().collect());
    let deep = (0..2_000).fold(json!({"null": null}), |inner, _| list(inner));
    assert!(Value::from_json(&deep).is_err());
}

#[test]
fn the_deepest_value_comes_back_from_text_and_deeper_text_is_refused() {
    let records = |levels| {
        (0..levels).fold(Value::Null, |inner, _| {
            let mut fields = Fields::new();
            fields.push("{\"[", inner);
            Value::Record(Record::new("R", fields))
        })
    };
    let deepest = records(127);
    let text = deepest.to_json().to_string();
    assert!(serde_json::from_str::<Json>(&text).is_err(), "which is why it is parsed otherwise");
    let again = Value::from_json(&parse_json(&text).unwrap()).unwrap();
    assert_eq!(again.canonical_bytes(), deepest.canonical_bytes());

    let hostile = "[".repeat(1_000_000);
    assert!(parse_json(&hostile).unwrap_err().problem().contains("nested"));
    assert!(parse_json("[1, ").is_err() && parse_json("1 1").is_err() && parse_json("").is_err());
}

#[test]
fn a_map_that_is_refused_is_refused_when_it_comes_back_too() {
    let twice = Value::Map(vec![(Value::Text("a".into()), Value::Null), (Value::Text("a".into()), Value::Bool(true))]);
    assert!(twice.canonical_bytes().is_err());
    assert!(Value::from_json(&twice.to_json()).unwrap().canonical_bytes().is_err());
}
