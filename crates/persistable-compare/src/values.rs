//! How values of params differ.

use persistable_key::Value;

use crate::difference::{Difference, DifferenceKind};
use crate::kinds::KindFacts;
use crate::params::segment;
use crate::scalar::Scalar;

/// Compares params, or the fields of a record, by name.
pub(crate) fn fields(prefix: &str, before: &[(String, Value)], after: &[(String, Value)], found: &mut Vec<Difference>) {
    for (name, a) in before {
        let path = format!("{prefix}{}", segment(name));
        match after.iter().find(|(other, _)| other == name) {
            Some((_, b)) => values(&path, a, b, found),
            None => found.push(difference(&path, Some(a), None)),
        }
    }
    for (name, b) in after.iter().filter(|(name, _)| before.iter().all(|(other, _)| other != name)) {
        found.push(difference(&format!("{prefix}{}", segment(name)), None, Some(b)));
    }
}

/// Compares two values, and tells of the parts that differ.
fn values(path: &str, a: &Value, b: &Value, found: &mut Vec<Difference>) {
    let is_same = match (a.canonical_bytes(), b.canonical_bytes()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    if is_same {
        return;
    }
    let count = found.len();
    if KindFacts::of(a).has_compared_parts {
        parts(path, a, b, found);
    }
    if found.len() == count {
        found.push(difference(path, Some(a), Some(b)));
    }
}

/// Compares the parts of two values, if they have the same ones.
fn parts(path: &str, a: &Value, b: &Value, found: &mut Vec<Difference>) {
    match (a, b) {
        (Value::Record(a), Value::Record(b)) if a.name() == b.name() => {
            fields(&format!("{path}."), &owned(a.fields()), &owned(b.fields()), found);
        }
        (Value::Enum(a), Value::Enum(b)) if a.type_name() == b.type_name() && a.member() == b.member() => {
            match (a.data(), b.data()) {
                (Some(Value::Record(a)), Some(Value::Record(b))) if a.name() == b.name() => {
                    fields(&format!("{path}."), &owned(a.fields()), &owned(b.fields()), found);
                }
                (Some(a), Some(b)) => values(&format!("{path}.data"), a, b, found),
                _ => {}
            }
        }
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                values(&format!("{path}[{index}]"), a, b, found);
            }
        }
        (Value::Map(a), Value::Map(b)) => {
            let text = |(key, value): &(Value, Value)| match key {
                Value::Text(text) => Some((text.clone(), value.clone())),
                _ => None,
            };
            let (a, b): (Option<Vec<_>>, Option<Vec<_>>) = (a.iter().map(text).collect(), b.iter().map(text).collect());
            if let (Some(a), Some(b)) = (a, b) {
                fields(&format!("{path}."), &a, &b, found);
            }
        }
        _ => {}
    }
}

fn owned(fields: &persistable_key::Fields) -> Vec<(String, Value)> {
    fields.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

fn difference(path: &str, a: Option<&Value>, b: Option<&Value>) -> Difference {
    let (scalars, mut gap) = ((a.map(Scalar::of), b.map(Scalar::of)), 0.0);
    let kinds = (a.map(kind_name), b.map(kind_name));
    let kind = match (a, b) {
        (Some(_), Some(_)) if kinds.0 != kinds.1 && look_alike(scalars.0.as_ref(), scalars.1.as_ref()) => {
            DifferenceKind::KindOfValue
        }
        (Some(_), Some(_)) => DifferenceKind::Value,
        _ => DifferenceKind::Param,
    };
    if let (Some(a), Some(b)) = (&scalars.0, &scalars.1)
        && let (Some(a), Some(b)) = (a.as_f64(), b.as_f64())
    {
        // Infinity less infinity is not a number, and a gap has to be one to be sorted by.
        gap = match (a - b).abs() {
            _ if a == b || (a.is_nan() && b.is_nan()) => 0.0,
            apart if apart.is_nan() => f64::INFINITY,
            apart => apart,
        };
    }
    let mut shown = (a.map(shown_value), b.map(shown_value));
    if kind == DifferenceKind::KindOfValue || shown.0 == shown.1 {
        // They look the same, so their kinds tell them apart; or their typed JSON does.
        let with_kind = |value: &Value| format!("{} ({})", shown_value(value), kind_name(value));
        shown = (a.map(with_kind), b.map(with_kind));
        if shown.0 == shown.1 {
            let typed = |value: &Value| cut(&serde_json::to_string(value).unwrap_or_default());
            shown = (a.map(typed), b.map(typed));
        }
        if shown.0 == shown.1 {
            let digest = |value: &Value| {
                let bytes = value.canonical_bytes().unwrap_or_default();
                format!(
                    "{} with digest {}",
                    kind_name(value),
                    blake3::hash(&bytes).to_hex().get(..12).unwrap_or_default()
                )
            };
            shown = (a.map(digest), b.map(digest));
        }
    }
    Difference { path: path.to_owned(), before: shown.0, after: shown.1, kind, gap }
}

/// Whether two values of different kinds look the same to people.
fn look_alike(a: Option<&Scalar>, b: Option<&Scalar>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    let is_same_number = match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    is_same_number || a.to_string() == b.to_string() || a.to_json() == b.to_json()
}

/// Returns a value as people read it, with texts in quotation marks.
fn shown_value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Float(_) | Value::Float32(_) => Scalar::of(value).to_string(),
        Value::Enum(member) if member.data().is_none() => member.member().to_owned(),
        Value::Text(_) => cut(&value.natural().to_string()),
        _ => cut(&Scalar::of(value).to_string()),
    }
}

fn cut(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn kind_name(value: &Value) -> &'static str {
    KindFacts::of(value).name
}
