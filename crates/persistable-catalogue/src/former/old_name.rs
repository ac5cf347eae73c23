//! The digest in the file names of persistable 1.x: the MD5 of what Python prints for the params tree.

use md5::{Digest, Md5};

use super::ordered::Ordered;

/// Returns the digest of a step with these params.
pub(super) fn old_digest(payload_name: &str, tree: &Ordered) -> String {
    let mut text = String::from("{");
    put_text(payload_name, &mut text);
    text.push_str(": ");
    put(tree, &mut text);
    text.push('}');
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn put(value: &Ordered, text: &mut String) {
    match value {
        Ordered::Null => text.push_str("None"),
        Ordered::Bool(true) => text.push_str("True"),
        Ordered::Bool(false) => text.push_str("False"),
        Ordered::Int(int) => text.push_str(&int.to_string()),
        Ordered::Float(float) => text.push_str(&float_of(*float)),
        Ordered::Text(value) => put_text(value, text),
        Ordered::List(values) => {
            text.push('[');
            for (index, value) in values.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                put(value, text);
            }
            text.push(']');
        }
        Ordered::Object(members) => {
            text.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                put_text(name, text);
                text.push_str(": ");
                put(value, text);
            }
            text.push('}');
        }
    }
}

/// Writes a float as Python does: with an exponent below 1e-4 and from 1e16 on.
fn float_of(float: f64) -> String {
    let plain = format!("{float:?}");
    let scientific = format!("{float:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return plain };
    let Ok(exponent) = exponent.parse::<i32>() else { return plain };
    if float != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    // Not what Rust prints, which has an exponent too early.
    let plain = format!("{float}");
    if plain.contains('.') { plain } else { format!("{plain}.0") }
}

/// Writes a text as Python does.
fn put_text(value: &str, text: &mut String) {
    let quote = if value.contains('\'') && !value.contains('"') { '"' } else { '\'' };
    text.push(quote);
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if c == quote => text.extend(['\\', c]),
            ' ' => text.push(' '),
            c if c.is_control() || c.is_whitespace() => match u32::from(c) {
                code @ ..0x100 => text.push_str(&format!("\\x{code:02x}")),
                code => text.push_str(&format!("\\u{code:04x}")),
            },
            c => text.push(c),
        }
    }
    text.push(quote);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_python_writes_them() {
        let json = r#"{"a": [1, 2.0, 1e16, 1.5e-5, 0.0001, 123456789012345680.0, -0.0], "b": {"c": "it's", "d": "\"'\n\u00a0é"}, "e": null, "f": true}"#;
        let tree: Ordered = serde_json::from_str(json).unwrap();
        let mut text = String::new();
        put(&tree, &mut text);
        let expected = r#"{'a': [1, 2.0, 1e+16, 1.5e-05, 0.0001, 1.2345678901234568e+17, -0.0], 'b': {'c': "it's", 'd': '"\'\n\xa0é'}, 'e': None, 'f': True}"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn the_digest_is_that_of_what_python_prints() {
        // hashlib.md5(str({"points": {"n": 100, "seed": 10}}).encode()).hexdigest()
        let tree: Ordered = serde_json::from_str(r#"{"n": 100, "seed": 10}"#).unwrap();
        assert_eq!(old_digest("points", &tree), DIGEST);
    }

    const DIGEST: &str = "7f35b0428657516fbf0122240442de18";
}
