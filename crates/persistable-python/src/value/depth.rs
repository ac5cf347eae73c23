//! How deep a value nests.

use persistable::Value;

/// Tells whether a value nests deeper than `levels`; looks no deeper than that.
pub(super) fn exceeds(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else { return true };
    match value {
        Value::List(parts) | Value::Tuple(parts) | Value::Set(parts) => parts.iter().any(|part| exceeds(part, below)),
        Value::Map(entries) => entries.iter().any(|(key, value)| exceeds(key, below) || exceeds(value, below)),
        Value::Enum(member) => member.data().is_some_and(|data| exceeds(data, below)),
        Value::Record(record) => record.fields().iter().any(|(_, value)| exceeds(value, below)),
        Value::Table(columns) => columns.iter().any(|column| exceeds(column.values(), below)),
        _ => false,
    }
}
