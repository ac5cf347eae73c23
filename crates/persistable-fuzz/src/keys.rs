//! Params in their JSON form, and their canonical bytes.

use persistable_key::{Fields, Key, Value, parse_json};

/// What is read has canonical bytes or is refused, is written as JSON that is read as the same, and can be shown.
pub(crate) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let _ = text.parse::<Key>();
    let Ok(json) = parse_json(text) else { return };
    // A document of vectors holds values deeper inside.
    for json in inner(&json) {
        if let Ok(value) = Value::from_json(json) {
            let _ = value.for_people().to_string();
            let _ = value.natural().eliding().to_string();
            let bytes = value.canonical_bytes();
            let again = Value::from_json(&value.to_json()).expect("what was written is read");
            let text = parse_json(&value.to_json().to_string()).expect("what was written is JSON");
            let from_text = Value::from_json(&text).expect("what was written as text is read");
            match bytes {
                Ok(bytes) => {
                    assert_eq!(again.canonical_bytes().expect("it has canonical bytes"), bytes);
                    assert_eq!(from_text.canonical_bytes().expect("it has canonical bytes"), bytes);
                }
                Err(_) => assert!(again.canonical_bytes().is_err() && from_text.canonical_bytes().is_err()),
            }
        }
        if let Ok(fields) = Fields::from_json(json) {
            let _ = fields.for_people();
            let _ = fields.digest();
        }
    }
}

fn inner(json: &serde_json::Value) -> Vec<&serde_json::Value> {
    let mut found = vec![json];
    let cases = json.get("cases").and_then(|cases| cases.as_array()).into_iter().flatten();
    found.extend(cases.filter_map(|case| case.get("value").or_else(|| case.get("step")?.get("params"))));
    found
}
