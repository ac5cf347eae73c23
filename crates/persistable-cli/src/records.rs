//! Artifacts as programs read them.

use persistable_catalogue::{Address, Lineage, LogEntry, Row, Scalar};
use serde_json::{Map, Value, json};

use crate::people::moment;

/// Returns an artifact of a table, with the params that are its columns.
pub(crate) fn of_row(columns: &[String], row: &Row) -> Value {
    let mut params = Map::new();
    let mut facts = Map::new();
    for (name, value) in columns.iter().zip(&row.values).filter(|(_, value)| **value != Scalar::Missing) {
        let members = if name.starts_with('.') { &mut facts } else { &mut params };
        members.insert(name.clone(), value.to_json());
    }
    let mut record = json!({
        "name": row.name,
        "key": row.key,
        "short": row.short,
        "state": row.state,
        "size_bytes": row.size_bytes,
        "persisted_at": row.persisted.and_then(moment),
        "generation_seconds": row.generation_seconds,
        "tags": row.tags,
        "pinned": row.pinned,
        "params": params,
    });
    if let Some(members) = record.as_object_mut() {
        if !facts.is_empty() {
            members.insert("facts".to_owned(), facts.into());
        }
        if let Some(problem) = &row.problem {
            members.insert("problem".to_owned(), problem.clone().into());
        }
    }
    record
}

/// Returns an artifact without its params.
pub(crate) fn of_address(artifact: &Address) -> Value {
    json!({ "name": artifact.name, "key": artifact.key, "short": artifact.short, "state": artifact.state })
}

/// Returns a tree of artifacts.
pub(crate) fn of_lineage(lineage: &Lineage) -> Value {
    let mut record = of_address(&lineage.artifact);
    if let Some(members) = record.as_object_mut() {
        members.insert("next".to_owned(), lineage.next.iter().map(of_lineage).collect());
        members.insert("is_repeated".to_owned(), lineage.is_repeated.into());
    }
    record
}

/// Returns an entry of the log.
pub(crate) fn of_entry(entry: &LogEntry) -> Value {
    json!({
        "at": moment(entry.at),
        "level": entry.level,
        "name": entry.name,
        "key": entry.key,
        "process": entry.process,
        "happening": entry.happening,
        "message": entry.message,
    })
}
