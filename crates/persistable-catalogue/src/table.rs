//! Artifacts as a table.

use std::rc::Rc;

use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::error::Result;
use crate::index::{Cell, Column, IndexedStep, Node, neighbours, node_by_id, steps};
use crate::query::{Chosen, Query, check_known, choose, params_below, path_of, plain_path};
use crate::reading::Reading;
use crate::scalar::Scalar;
use crate::state::State;

/// So many columns are shown if none are named.
const MOST_COLUMNS: usize = 24;
/// Fewer digits of a key are never shown.
const FEWEST_DIGITS: usize = 4;
const DEPTH: usize = 3;

/// Artifacts as a table: the params that vary are columns.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The artifacts.
    pub rows: Vec<Row>,
    /// How many artifacts were selected. There are fewer rows if they are limited.
    pub selected: usize,
    /// The bytes of all that were selected.
    pub size_bytes: u64,
    /// Remarks for people, such as on a comparison that can never hold.
    pub hints: Vec<String>,
}

/// An artifact in a list.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// The payload name.
    pub name: String,
    /// The key; the first half of it if the manifest can't be read.
    pub key: String,
    /// As many digits of the key as tell it from all others in the store.
    pub short: String,
    /// How it is.
    pub state: State,
    /// The size of its payload.
    pub size_bytes: Option<u64>,
    /// When it was persisted, in milliseconds since 1970.
    pub persisted: Option<i64>,
    /// How long its generation took.
    pub generation_seconds: Option<f64>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// The values of the columns.
    pub values: Vec<Scalar>,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl Row {
    /// Returns what the names of its files begin with.
    #[must_use]
    pub fn stem(&self) -> String {
        format!("{}({})", self.name, self.key.get(..32).unwrap_or(&self.key))
    }
}

impl Catalogue {
    /// Returns the artifacts that a query selects.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Filter`](crate::ErrorKind::Filter) if the filter or a column names no param, and
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such step.
    pub fn table(&mut self, query: &Query) -> Result<Table> {
        self.prepare(query)?;
        self.read(|reading| table(reading, query))
    }
}

fn table(reading: &Reading<'_>, query: &Query) -> Result<Table> {
    let (chosen, hints) = choose(reading, query)?;
    let columns = match &query.columns {
        Some(names) => names.clone(),
        None if query.has_all_columns => all(reading, query, &chosen)?,
        None => varying(reading, &chosen)?,
    };
    let paths = columns.iter().map(|name| path_of(name)).collect::<Result<Vec<_>>>()?;
    if query.columns.is_some() {
        check_known(reading, &chosen, &paths)?;
    }
    let mut order: Vec<(Scalar, usize, usize)> = Vec::new();
    let mut size_bytes = 0_u64;
    let sort = query.sort.as_ref().map(|name| path_of(name)).transpose()?;
    check_known(reading, &chosen, sort.as_slice())?;
    for (at, part) in chosen.iter().enumerate() {
        let sizes = fact(reading, part, "size")?;
        let by = match &sort {
            Some(path) => reading.resolve(&part.step, path)?.into_iter().next(),
            None => fact(reading, part, "persisted")?,
        };
        for slot in &part.slots {
            size_bytes += sizes.as_ref().map_or(0, |sizes| int_at(sizes, *slot).unwrap_or_default().unsigned_abs());
            let cell = by.as_ref().and_then(|by| by.get(*slot)).unwrap_or_default();
            order.push((reading.scalar(cell)?, at, *slot));
        }
    }
    // Without a wish, the newest come first within each step.
    order.sort_by(|a, b| match (&sort, query.is_descending) {
        (None, _) => a.1.cmp(&b.1).then_with(|| b.0.order(&a.0)),
        (Some(_), false) => a.0.order(&b.0),
        (Some(_), true) => match (&a.0, &b.0) {
            (Scalar::Missing, Scalar::Missing) => std::cmp::Ordering::Equal,
            (Scalar::Missing, _) => std::cmp::Ordering::Greater,
            (_, Scalar::Missing) => std::cmp::Ordering::Less,
            _ => b.0.order(&a.0),
        },
    });
    let selected = order.len();
    order.truncate(query.limit.unwrap_or(usize::MAX));
    let mut rows = Vec::with_capacity(order.len());
    let mut resolved: Vec<Option<Vec<Vec<Rc<Column>>>>> = chosen.iter().map(|_| None).collect();
    for (_, at, slot) in order {
        let Some(part) = chosen.get(at) else { continue };
        let Some(columns) = resolved.get_mut(at) else { continue };
        let columns = match columns {
            Some(columns) => columns,
            None => {
                columns.insert(paths.iter().map(|path| reading.resolve(&part.step, path)).collect::<Result<Vec<_>>>()?)
            }
        };
        let values = columns.iter().map(|alternatives| joined(reading, alternatives, slot)).collect::<Result<_>>()?;
        rows.push(row(reading, part, slot, values)?);
    }
    Ok(Table { columns, rows, selected, size_bytes, hints })
}

/// Returns a value; several dependencies of a name have several.
fn joined(reading: &Reading<'_>, alternatives: &[Rc<Column>], slot: usize) -> Result<Scalar> {
    let mut found = Vec::new();
    for column in alternatives {
        let scalar = reading.scalar(column.get(slot).unwrap_or_default())?;
        if scalar != Scalar::Missing {
            found.push(scalar);
        }
    }
    Ok(match found.len() {
        0 => Scalar::Missing,
        1 => found.swap_remove(0),
        _ => Scalar::text(&found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    })
}

/// Returns what is known of an artifact.
pub(crate) fn row(reading: &Reading<'_>, part: &Chosen, slot: usize, values: Vec<Scalar>) -> Result<Row> {
    let nodes = reading.column(&part.step, "@node")?;
    let id = nodes.and_then(|nodes| int_at(&nodes, slot)).unwrap_or_default();
    row_of(reading, part, slot, &node_by_id(reading.db, id)?, values)
}

fn row_of(reading: &Reading<'_>, part: &Chosen, slot: usize, node: &Node, values: Vec<Scalar>) -> Result<Row> {
    let cell =
        |name: &str| -> Result<Option<Cell>> { Ok(fact(reading, part, name)?.and_then(|column| column.get(slot))) };
    let tags = reading.resolve(&part.step, &plain_path(&["tag"], true))?;
    let mut words = Vec::new();
    for column in tags {
        if let Scalar::Other(tag) = reading.scalar(column.get(slot).unwrap_or_default())? {
            words.push(tag.text().to_owned());
        }
    }
    let pinned = match cell("pinned")? {
        Some(cell) => reading.scalar(cell)? == Scalar::Bool(true),
        None => false,
    };
    let seconds = cell("seconds")?.map(|cell| reading.scalar(cell)).transpose()?;
    Ok(Row {
        name: part.step.name.clone(),
        key: node.key.clone(),
        short: short(reading, &node.key)?,
        state: node.state,
        size_bytes: cell("size")?.and_then(Cell::as_int).and_then(|size| u64::try_from(size).ok()),
        persisted: cell("persisted")?.and_then(Cell::as_int),
        generation_seconds: seconds.and_then(|seconds| seconds.as_f64()),
        tags: words,
        pinned,
        values,
        problem: node.problem.clone(),
    })
}

/// Returns as many digits of a key as tell it from all others.
pub(crate) fn short(reading: &Reading<'_>, key: &str) -> Result<String> {
    let shared = |other: &String| key.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let needed = neighbours(reading.db, key)?.iter().flatten().map(shared).max().map_or(0, |shared| shared + 1);
    Ok(key.get(..needed.max(FEWEST_DIGITS)).unwrap_or(key).to_owned())
}

fn fact(reading: &Reading<'_>, part: &Chosen, name: &str) -> Result<Option<Rc<Column>>> {
    Ok(reading.resolve(&part.step, &plain_path(&[name], true))?.into_iter().next())
}

fn int_at(column: &Column, slot: usize) -> Option<i64> {
    column.get(slot).and_then(Cell::as_int)
}

/// Lists each param of the steps that were selected, and of the steps below them. If nothing was selected, those of all steps among
/// which it could have been.
fn all(reading: &Reading<'_>, query: &Query, chosen: &[Chosen]) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let mut asked: Vec<IndexedStep> = chosen.iter().map(|part| part.step.clone()).collect();
    if asked.is_empty() {
        asked = steps(reading.db)?;
        asked.retain(|step| query.step.as_ref().is_none_or(|name| *name == step.name));
    }
    for step in &asked {
        for name in params_below(reading, step, DEPTH)? {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Ok(names)
}

/// Lists the params that are not the same for all artifacts that were selected of a step. If none varies, all own params.
fn varying(reading: &Reading<'_>, chosen: &[Chosen]) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for part in chosen {
        let known = params_below(reading, &part.step, DEPTH)?;
        let mut found = 0;
        for name in &known {
            if varies(&reading.resolve(&part.step, &path_of(name)?)?, &part.slots) {
                found += 1;
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        if found == 0 && part.slots.len() == 1 {
            // What holds others, such as a record, tells less than these.
            let own = params_below(reading, &part.step, 0)?;
            let holds =
                |name: &str| own.iter().any(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
            names.extend(own.iter().filter(|name| !holds(name)).cloned());
        }
    }
    names.dedup();
    // The digest of an input file tells people less than its name.
    names.sort_by_key(|name| name == "content" || name.ends_with(".content"));
    names.truncate(MOST_COLUMNS);
    Ok(names)
}

fn varies(alternatives: &[Rc<Column>], slots: &[usize]) -> bool {
    alternatives.iter().any(|column| {
        let mut cells = slots.iter().map(|slot| column.get(*slot));
        let first = cells.next();
        cells.any(|cell| Some(cell) != first)
    })
}
